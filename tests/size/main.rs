//! Judges sources of any size, with the command and in Chromium, and tells the time and the memory that it took.
//!
//! `size make KIND BYTES FILE` writes one source. `size run FOLDER COMMAND [KIND…]` makes each kind at its full size,
//! judges it and removes it again. It is no test of the default run: it writes up to 8 GB and takes minutes.

mod make;
mod memory;
mod page;
#[path = "../e2e/server.rs"]
mod server;
#[path = "../e2e/webdriver.rs"]
mod webdriver;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use make::Kind;

const HELP: &str = "\
Usage: size make KIND BYTES FILE
       size run FOLDER COMMAND [KIND…]

KIND is lines, array, sqlite, dump, gzip or single. Sizes of a run, unless SIZE_DIVISOR divides
them: 4 GB, 4 GB, 8 GB (sparse), 2 GB, 1 GB, and one entry of 256 MB.
";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["make", kind, bytes, file] => {
            let bytes = bytes.parse().expect("a number of bytes");
            let entries =
                make::make(kind_of(kind).1, bytes, Path::new(file)).expect("it can be written");
            println!("{entries} entries");
        }
        ["run", folder, command, kinds @ ..] => {
            std::fs::create_dir_all(folder).expect("a folder for the sources");
            println!(
                "what             bytes      entries   first verdict      all       rate   peak memory"
            );
            for (name, ..) in Kind::ALL {
                if kinds.is_empty() || kinds.contains(&name) {
                    run(name, Path::new(folder), Path::new(command));
                }
            }
        }
        _ => {
            eprint!("{HELP}");
            std::process::exit(2);
        }
    }
}

fn kind_of(name: &str) -> (&'static str, Kind, u64) {
    let found = Kind::ALL.into_iter().find(|(n, ..)| *n == name);
    found.unwrap_or_else(|| panic!("{name} is no kind\n{HELP}"))
}

fn run(name: &str, folder: &Path, command: &Path) {
    let (_, kind, bytes) = kind_of(name);
    let divisor = std::env::var("SIZE_DIVISOR").map_or(1, |d| d.parse().expect("a number"));
    let file = folder.join(name);
    let entries = make::make(kind, bytes / divisor, &file).expect("the source can be written");
    let bytes = std::fs::metadata(&file).expect("it is there").len();
    Measured::of_command(command, &file, entries).print(
        &format!("{name}, command"),
        bytes,
        entries,
    );
    page::measure(&dist(), &file, entries).print(&format!("{name}, page"), bytes, entries);
    std::fs::remove_file(&file).expect("it can be removed");
}

fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("dist")
}

/// What one source took.
struct Measured {
    /// From the start to the first entry with a verdict.
    first: Duration,
    /// From the start to the last.
    all: Duration,
    /// The most memory at any moment until then, in bytes.
    peak: u64,
    /// From the start until the page has nothing more to do, and the most memory from the last verdict on.
    then: Option<(Duration, u64)>,
}

impl Measured {
    fn of_command(command: &Path, file: &Path, entries: u64) -> Self {
        let start = Instant::now();
        let mut child = Command::new(command)
            .args(["verify", "--format", "jsonl"])
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let watch = memory::Watch::of(vec![child.id()]);
        let mut out =
            BufReader::with_capacity(1 << 20, child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("its output can be read");
        let first = start.elapsed();
        let mut lines = u64::from(!line.is_empty());
        let mut buffer = vec![0; 1 << 20];
        loop {
            match out.read(&mut buffer).expect("its output can be read") {
                0 => break,
                n => lines += buffer[..n].iter().filter(|b| **b == b'\n').count() as u64,
            }
        }
        let status = child.wait().expect("it ends");
        let all = start.elapsed();
        assert!(status.success(), "{}: {status}", file.display());
        assert_eq!(
            lines,
            entries,
            "{}: every entry is judged once",
            file.display()
        );
        Self {
            first,
            all,
            peak: watch.peak(),
            then: None,
        }
    }

    fn print(&self, what: &str, bytes: u64, entries: u64) {
        let seconds = self.all.as_secs_f64();
        println!(
            "{what:<16} {:>8.2} GB {entries:>9}   {:>8.0} ms {:>8.1} s {:>7.0} MB/s {:>8.0} MB",
            bytes as f64 / 1e9,
            self.first.as_secs_f64() * 1e3,
            seconds,
            bytes as f64 / 1e6 / seconds,
            self.peak as f64 / 1e6,
        );
        if let Some((all, peak)) = self.then {
            println!(
                "{:<16} {:>68.1} s {:>22.0} MB",
                "  and its answers",
                all.as_secs_f64(),
                peak as f64 / 1e6
            );
        }
    }
}
