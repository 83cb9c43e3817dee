//! Measures the command and the page beside the Python oracle, on the same log in the same run.
//!
//! Every figure is the wall time of a whole piece of work, as somebody who waits for it would measure it: the processes
//! with their start, the page from the file's choice to the verdicts on the screen. Rivals take turns, so that a busy
//! machine is busy for all of them; what is printed is the median of the turns, and the ratio of medians.
//! `cargo xtask bench` builds what is measured and calls this.

#[path = "../e2e/server.rs"]
mod server;
#[path = "../e2e/webdriver.rs"]
mod webdriver;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use auditglass::{Case, Input, Memory, Quiet, RowIdx};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use webdriver::{Browser, wait_for};

const TURNS: usize = 7;
const COMMAND_ENTRIES: u32 = 30_000;
const PAGE_ENTRIES: u32 = 100_000;
const REPORT_ENTRIES: u32 = 1_000_000;

fn main() {
    let command = PathBuf::from(std::env::args_os().nth(1).expect("the command's path"));
    let folder = std::env::temp_dir().join("auditglass-bench");
    std::fs::create_dir_all(&folder).expect("a folder for the logs");
    println!(
        "{TURNS} turns each, medians; load average before: {}\n",
        load_average()
    );

    let log = make_log(&folder, COMMAND_ENTRIES);
    let (python, ours) = take_turns(|| time(oracle(&log)), || time(verify(&command, &log)));
    print_row(
        &format!("auditglass verify, {COMMAND_ENTRIES} entries, SQLite"),
        ours,
        python,
        25.0,
    );

    let log = make_log(&folder, PAGE_ENTRIES);
    let (python, ours) = take_turns(|| time(oracle(&log)), || time(verify(&command, &log)));
    print_row(
        &format!("auditglass verify, {PAGE_ENTRIES} entries, SQLite"),
        ours,
        python,
        25.0,
    );

    let canonical = canonical(&log);
    let (alone, ours) = take_turns(|| hash(&canonical), || time(verify(&command, &log)));
    print_beside(
        &format!("auditglass verify, {PAGE_ENTRIES} entries, SQLite"),
        ours,
        ("SHA-256 alone", alone),
        None,
    );

    let page = Page::open();
    let (alone, ours) = take_turns(|| hash(&canonical), || page.verify(&log, PAGE_ENTRIES));
    print_beside(
        &format!("the page in Chromium, {PAGE_ENTRIES} entries, SQLite"),
        ours,
        ("SHA-256 alone", alone),
        None,
    );
    let (python, ours) = take_turns(|| time(oracle(&log)), || page.verify(&log, PAGE_ENTRIES));
    print_row(
        &format!("the page in Chromium, {PAGE_ENTRIES} entries, SQLite"),
        ours,
        python,
        15.0,
    );

    let log = make_log(&folder, REPORT_ENTRIES);
    let (verified, reported) = take_turns(
        || time(verify(&command, &log)),
        || time(report(&command, &log)),
    );
    print_beside(
        &format!("auditglass report, {REPORT_ENTRIES} entries, SQLite"),
        reported,
        ("auditglass verify", verified),
        Some(3.0),
    );

    println!("\nload average after: {}", load_average());
}

fn print_row(what: &str, ours: Duration, python: Duration, aim: f64) {
    let ratio = python.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{what:<52} {:>8.1} ms   Python oracle {:>8.1} ms   {ratio:>5.1} times (aim {aim})",
        ours.as_secs_f64() * 1e3,
        python.as_secs_f64() * 1e3,
    );
}

/// How much longer something takes than what is needed for it in any case.
fn print_beside(what: &str, ours: Duration, (rival, theirs): (&str, Duration), aim: Option<f64>) {
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "{what:<52} {:>8.1} ms   {rival:<17} {:>7.1} ms   {ratio:>5.2} times as long{}",
        ours.as_secs_f64() * 1e3,
        theirs.as_secs_f64() * 1e3,
        aim.map_or_else(String::new, |aim| format!(" (aim {aim})")),
    );
}

/// The canonical bytes of all entries, end to end.
fn canonical(log: &Path) -> Vec<u8> {
    let mut case = Case::open(vec![Input {
        name: "log.db".into(),
        bytes: Box::new(Memory::new(std::fs::read(log).expect("the log"))),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody cancels");
    let entries = u32::try_from(case.totals().entries).expect("not so many");
    let text = |row| {
        let entry = case.entry(RowIdx(row)).expect("it is there");
        entry.canonical.expect("it can be read")
    };
    (0..entries).map(text).collect::<String>().into_bytes()
}

/// Hashes them in one go on one core: the least that somebody has to do who verifies them there.
fn hash(canonical: &[u8]) -> Duration {
    let start = Instant::now();
    std::hint::black_box(Sha256::digest(std::hint::black_box(canonical)));
    start.elapsed()
}

/// The medians of two pieces of work that take turns; one turn of each first is not counted.
fn take_turns(
    mut first: impl FnMut() -> Duration,
    mut second: impl FnMut() -> Duration,
) -> (Duration, Duration) {
    first();
    second();
    let (mut a, mut b): (Vec<_>, Vec<_>) = (0..TURNS).map(|_| (first(), second())).unzip();
    a.sort_unstable();
    b.sort_unstable();
    (a[TURNS / 2], b[TURNS / 2])
}

fn time(mut command: Command) -> Duration {
    let start = Instant::now();
    let status = command
        .stdout(Stdio::null())
        .status()
        .expect("the program runs");
    let elapsed = start.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    elapsed
}

fn verify(command: &Path, log: &Path) -> Command {
    let mut verify = Command::new(command);
    verify.arg("verify").arg(log);
    verify
}

fn report(command: &Path, log: &Path) -> Command {
    let mut report = Command::new(command);
    report.arg("report").arg(log);
    report
}

fn oracle(log: &Path) -> Command {
    let mut python = Command::new("python3");
    python
        .arg(beside("differential/oracle.py"))
        .arg("--fast")
        .arg(log);
    python
}

fn make_log(folder: &Path, entries: u32) -> PathBuf {
    let log = folder.join(format!("{entries}.db"));
    let mut python = Command::new("python3");
    python
        .arg(beside("bench/make_log.py"))
        .arg(&log)
        .arg(entries.to_string());
    time(python);
    log
}

fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The hosted page, open and with its engine loaded.
struct Page {
    browser: Browser,
}

/// Notes when a file is chosen and when the verdicts are painted after that.
const WATCH: &str = "
    window.measured = null;
    let chosen = null;
    document.addEventListener('change', () => { chosen = performance.now(); window.measured = null; }, true);
    const wanted = arguments[0];
    const look = () => {
        const total = document.querySelector('[data-testid=\"facet-value\"][data-value=\"verified\"]')?.dataset.count;
        if (chosen !== null && total === wanted && document.querySelector('[data-testid=\"row\"]')) {
            const from = chosen;
            chosen = null;
            requestAnimationFrame(() => { window.measured = performance.now() - from; });
        }
        requestAnimationFrame(look);
    };
    look();";

impl Page {
    fn open() -> Self {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("dist");
        let browser = Browser::start();
        browser.open(&server::serve(dist));
        wait_for("the page", || {
            browser.find("[data-testid=\"open-input\"]").pop()
        });
        Self { browser }
    }

    fn verify(&self, log: &Path, entries: u32) -> Duration {
        // A fresh page each time: what was verified before must not be on the screen when the clock starts.
        let address = self.browser.run("return location.href;", &json!([]));
        self.browser.open(address.as_str().expect("an address"));
        let input = wait_for("the file input", || {
            self.browser.find("[data-testid=\"open-input\"]").pop()
        });
        // The engine loads while a person looks for a file.
        std::thread::sleep(Duration::from_millis(1500));
        self.browser.run(WATCH, &json!([entries.to_string()]));
        self.browser.choose(&input, &[log]);
        let ms = wait_for("the verdicts", || {
            self.browser
                .run("return window.measured;", &json!([]))
                .as_f64()
        });
        Duration::from_secs_f64(ms / 1e3)
    }
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(1).collect()
}
