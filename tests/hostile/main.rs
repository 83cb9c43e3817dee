//! No panic and no hang on any bytes. Each input is opened, judged, and asked everything that a page asks, in a thread of
//! its own under a watchdog.

mod csv;
mod database;
mod dump;
mod mutate;
mod packed;
mod text;

use std::sync::mpsc;
use std::time::Duration;

use auditglass::{Case, Input, Verdict};
use auditglass_tests::{Judged, judge, memory_input};

/// Files as names and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// What a test asks about afterwards.
struct Outcome {
    is_consistent: bool,
    entries: u64,
    /// Sources that are no logs.
    refused: usize,
    codes: Vec<&'static str>,
    judged: Vec<Judged>,
}

impl Outcome {
    fn has(&self, code: &str) -> bool {
        self.codes.contains(&code)
    }
}

/// Runs `what` in a thread of its own; fails if it panics or takes longer than `seconds`.
fn watched<T: Send + 'static>(
    name: &str,
    seconds: u64,
    what: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _ = sender.send(what());
        })
        .expect("a thread");
    match receiver.recv_timeout(Duration::from_secs(seconds)) {
        Ok(outcome) => outcome,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: still at work after {seconds} s"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let message = thread.join().err().map(|e| {
                e.downcast_ref::<String>()
                    .cloned()
                    .or_else(|| e.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            });
            panic!("{name}: the engine panicked: {:?}", message.flatten())
        }
    }
}

/// Opens files and asks everything. `is_steady`: the bytes stay what they are, so that an entry read again is the same.
fn examine(inputs: Vec<Input>, is_steady: bool) -> Outcome {
    let (case, judged) = judge(inputs);
    let totals = case.totals();
    assert_eq!(
        totals.entries,
        Verdict::ALL.iter().map(|v| totals.of(*v)).sum::<u64>()
    );
    assert_eq!(totals.entries, judged.len() as u64);
    for entry in &judged {
        let is_json =
            |text: &str| serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
        assert!(is_json(&entry.entry_id), "no JSON: {}", entry.entry_id);
        assert!(is_json(&entry.claimed), "no JSON: {}", entry.claimed);
        assert_eq!(
            entry.verdict == Verdict::Unreadable,
            entry.recomputed.is_none()
        );
        assert_eq!(entry.verdict == Verdict::Verified, entry.reason.is_none());
    }
    for finding in case.findings() {
        let view = case.finding_view(finding);
        assert!(!view.code.is_empty() && !view.message.is_empty());
    }
    for source in case.sources() {
        let companions: u64 = source.companions.iter().map(|c| c.bytes).sum();
        let accounting = source.accounting.expect("accounts");
        assert!(
            accounting.packed.is_some() || accounting.total() == source.bytes + companions,
            "{accounting:?}"
        );
    }
    // In a damaged tree a scan and a search for one row can disagree.
    let is_steady = is_steady && !case.findings().iter().any(|f| f.code == "database-corrupt");
    look_at(&case, is_steady);
    let sources = case.sources();
    Outcome {
        is_consistent: case.is_consistent(),
        entries: totals.entries,
        refused: sources.iter().filter(|s| s.error.is_some()).count(),
        codes: case.findings().iter().map(|f| f.code).collect(),
        judged,
    }
}

/// Reads rows and some entries again, as the table and the panel do.
fn look_at(case: &Case, is_steady: bool) {
    let _ = case.span();
    for verdict in [None].into_iter().chain(Verdict::ALL.map(Some)) {
        let count = verdict.map_or(case.totals().entries, |v| case.totals().of(v));
        let Ok(rows) = case.rows(verdict, 0, 50) else {
            assert!(!is_steady, "the rows cannot be read again");
            continue;
        };
        assert_eq!(rows.len() as u64, count.min(50));
        for row in rows.iter().take(8) {
            let view = case.entry(row.row);
            if is_steady {
                assert_eq!(
                    view.expect("an entry that was read once").verdict,
                    row.verdict
                );
            }
        }
        let _ = case.rows(verdict, count.saturating_sub(3), 10);
        assert!(
            case.rows(verdict, count, 10)
                .is_ok_and(|rows| rows.is_empty())
        );
    }
}

/// [`examine`], watched.
fn examine_files(name: &str, seconds: u64, files: Files) -> Outcome {
    watched(name, seconds, move || {
        examine(
            files
                .into_iter()
                .map(|(n, b)| memory_input(&n, b))
                .collect(),
            true,
        )
    })
}

/// [`examine_files`] for one file.
fn examine_one(name: &str, bytes: impl Into<Vec<u8>>) -> Outcome {
    examine_files(name, 60, vec![(name.to_owned(), bytes.into())])
}

fn example(name: &str) -> Vec<u8> {
    let path = auditglass_tests::root().join("examples").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
