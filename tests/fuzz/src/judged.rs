//! Files judged through the whole case, and what must hold whatever their bytes are.

use std::ops::ControlFlow;

use auditglass::{
    Case, Input, JudgedEntry, Locator, Memory, Observer, OpenOptions, Progress, RowIdx, Verdict,
};

/// Entries that are read again, of each case.
const READ_AGAIN: usize = 40;

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub locator: Locator,
    pub id: String,
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub recomputed: Option<String>,
}

impl Entry {
    /// All but where it lies.
    pub fn said(&self) -> (&str, Verdict, Option<&str>) {
        (&self.id, self.verdict, self.recomputed.as_deref())
    }
}

/// What became of some files.
pub struct Judged {
    pub case: Case,
    pub entries: Vec<Entry>,
}

impl Judged {
    /// The entries without their places.
    pub fn said(&self) -> Vec<(&str, Verdict, Option<&str>)> {
        self.entries.iter().map(Entry::said).collect()
    }

    /// Whether every file could be read as a log.
    pub fn is_log(&self) -> bool {
        self.case.sources().iter().all(|s| s.error.is_none())
    }

    /// Whether there is a finding of this code.
    pub fn has(&self, code: &str) -> bool {
        self.case.findings().iter().any(|f| f.code == code)
    }
}

#[derive(Default)]
struct Entries(Vec<Entry>);

impl Observer for Entries {
    fn progress(&mut self, _: &Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_entries(&self) -> bool {
        true
    }

    fn judged(&mut self, entry: &JudgedEntry<'_>) -> ControlFlow<()> {
        self.0.push(Entry {
            locator: entry.locator.clone(),
            id: entry.entry_id.to_string(),
            verdict: entry.verdict,
            reason: entry.reason.as_ref().map(ToString::to_string),
            recomputed: entry.recomputed_checksum.as_ref().map(ToString::to_string),
        });
        ControlFlow::Continue(())
    }
}

/// Judges files. All bytes must be accounted for, the totals must add up, and entries read again must be as they were.
pub fn judge(files: &[(&str, &[u8])], options: OpenOptions) -> Judged {
    let inputs = files
        .iter()
        .map(|(name, bytes)| Input {
            name: (*name).to_owned(),
            bytes: Box::new(Memory::new(*bytes)),
            is_found: false,
        })
        .collect();
    let mut case = Case::open_with(inputs, options);
    let mut entries = Entries::default();
    case.verify(&mut entries).expect("nobody cancels");
    let judged = Judged {
        case,
        entries: entries.0,
    };
    check(&judged);
    judged
}

/// The same of one file.
pub fn judge_one(name: &str, bytes: &[u8]) -> Judged {
    judge(&[(name, bytes)], OpenOptions::default())
}

fn check(judged: &Judged) {
    let case = &judged.case;
    for source in case.sources() {
        let companions: u64 = source.companions.iter().map(|c| c.bytes).sum();
        let accounting = source.accounting.expect("accounts of what was read");
        match accounting.packed {
            None => assert_eq!(
                accounting.total(),
                source.bytes + companions,
                "{accounting:?}"
            ),
            Some(packed) => assert_eq!(packed, source.bytes),
        }
        assert!(
            accounting.unexamined.iter().all(|u| u.bytes > 0),
            "{accounting:?}"
        );
    }
    let totals = case.totals();
    let of_verdicts: u64 = Verdict::ALL.iter().map(|v| totals.of(*v)).sum();
    assert_eq!(totals.entries, of_verdicts);
    assert_eq!(totals.entries, judged.entries.len() as u64);
    // In a damaged tree a scan and a search for one row can disagree.
    let is_steady = case.sources().iter().all(|s| s.kind != "sqlite");
    for (row, entry) in (0..).zip(&judged.entries).take(READ_AGAIN) {
        match case.entry(RowIdx(row)) {
            Ok(again) if is_steady => {
                assert_eq!(again.verdict, entry.verdict, "{:?}", entry.locator);
                assert_eq!(again.recomputed_checksum, entry.recomputed);
            }
            Ok(_) => {}
            Err(error) => assert!(!is_steady, "{:?}: {error}", entry.locator),
        }
    }
    let _ = case.rows(None, 0, 50);
}
