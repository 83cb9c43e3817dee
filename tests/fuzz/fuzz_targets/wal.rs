//! A database with its write-ahead log is judged as the database that a simple reader makes of the two.
#![no_main]

use std::ops::ControlFlow;
use std::sync::OnceLock;

use auditglass::{Case, Input, JudgedEntry, Memory, Observer, Progress};
use auditglass_fuzz::wal;
use libfuzzer_sys::fuzz_target;

/// A log of 60 entries with pages of 4096 bytes.
static DATABASE: &[u8] = include_bytes!("../../../examples/wal.db");

#[derive(Default)]
struct Lines(Vec<String>);

impl Observer for Lines {
    fn progress(&mut self, _: &Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_entries(&self) -> bool {
        true
    }

    fn judged(&mut self, e: &JudgedEntry<'_>) -> ControlFlow<()> {
        self.0.push(format!(
            "{} {} {:?} {:?} {:?}",
            e.locator, e.entry_id, e.recomputed_checksum, e.verdict, e.reason
        ));
        ControlFlow::Continue(())
    }
}

fn judge(files: &[(&str, &[u8])]) -> (Vec<String>, bool) {
    let inputs = files
        .iter()
        .map(|(name, bytes)| Input {
            name: (*name).to_owned(),
            bytes: Box::new(Memory::new(*bytes)),
            is_found: false,
        })
        .collect();
    let mut case = Case::open(inputs);
    let mut lines = Lines::default();
    case.verify(&mut lines).expect("nobody cancels");
    let is_log = case.sources().first().is_some_and(|s| s.error.is_none());
    (lines.0, is_log)
}

fn without_log() -> &'static (Vec<String>, bool) {
    static JUDGED: OnceLock<(Vec<String>, bool)> = OnceLock::new();
    JUDGED.get_or_init(|| judge(&[("log.db", DATABASE)]))
}

fuzz_target!(|data: &[u8]| {
    // The first byte tells whether the rest is a recipe or the log itself.
    let log = match data.split_first() {
        Some((0..=239, recipe)) => wal::build(DATABASE, recipe),
        Some((_, raw)) => raw.to_vec(),
        None => return,
    };
    let got = judge(&[("log.db", DATABASE), ("log.db-wal", &log)]);
    match wal::apply(DATABASE, &log) {
        Some(whole) => assert_eq!(got, judge(&[("log.db", &whole)])),
        None => assert_eq!(&got, without_log()),
    }
});
