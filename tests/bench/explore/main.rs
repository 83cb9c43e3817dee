//! Measures how fast entries are found, counted and scrolled on the shipped page in Chromium, beside SQLite and DuckDB as
//! WebAssembly in the same run: `explore DIST PACKAGES FOLDER CHART [ENTRIES…]`. `cargo xtask bench --explore` builds and
//! installs what is measured and calls this. It is no test: nothing fails when a machine is slow.

mod chart;
mod figures;
mod page;
mod print;
mod questions;
mod rivals;
mod server;
#[path = "../../e2e/webdriver.rs"]
mod webdriver;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::figures::Row;
use crate::rivals::Rival;

/// Entries of the logs, unless told otherwise.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let mut path =
        |what: &str| PathBuf::from(arguments.next().unwrap_or_else(|| panic!("no {what}")));
    let (dist, packages) = (path("folder of the page"), path("folder of the packages"));
    let (folder, drawn) = (path("folder for the logs"), path("name for the chart"));
    let mut sizes: Vec<u64> = arguments
        .map(|n| {
            n.to_str()
                .and_then(|n| n.parse().ok())
                .expect("a number of entries")
        })
        .collect();
    if sizes.is_empty() {
        sizes = SIZES.to_vec();
    }
    std::fs::create_dir_all(&folder).expect("a folder for the logs");
    println!("load average before: {}\n", load_average());
    let all: Vec<(u64, Vec<Row>)> = sizes
        .into_iter()
        .map(|entries| (entries, measure(&dist, &packages, &folder, entries)))
        .collect();
    if all.len() > 1 {
        print::print_growth(&all);
        std::fs::write(&drawn, chart::svg(&all)).expect("the chart can be written");
        println!("\ndrawn in {}", drawn.display());
    }
    println!("load average after: {}", load_average());
}

fn measure(dist: &Path, packages: &Path, folder: &Path, entries: u64) -> Vec<Row> {
    let log = make_log(folder, entries);
    let bytes = std::fs::metadata(&log).map_or(0, |m| m.len());
    println!("{entries} entries, SQLite, {} MB", bytes / 1_000_000);
    let ours = page::measure(dist.to_owned(), &log, entries);
    let theirs: Vec<_> = Rival::ALL
        .into_iter()
        .map(|rival| {
            let name = rival.names().0;
            match rivals::measure(rival, packages, &log) {
                Ok(theirs) => {
                    print::print_differences(name, &ours.found, &theirs.found);
                    Some(theirs)
                }
                Err(why) => {
                    println!("  {name} is left out: {why}");
                    None
                }
            }
        })
        .collect();
    rivals::clean_up(&log);
    let rows = figures::rows(&ours, &theirs);
    print::print_table(&rows);
    print::print_own(&ours, entries);
    println!();
    rows
}

/// The log of this length; made once.
fn make_log(folder: &Path, entries: u64) -> PathBuf {
    let log = folder.join(format!("{entries}.db"));
    if !log.is_file() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/make_log.py");
        let status = Command::new("python3")
            .arg(script)
            .arg(&log)
            .arg(entries.to_string())
            .status()
            .expect("Python runs");
        assert!(status.success(), "the log cannot be made");
    }
    log
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(1).collect()
}
