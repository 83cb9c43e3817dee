//! Damaged JSON: every entry whose bytes are whole is judged, once, in order and rightly, whatever stands around it.
//!
//! Logs are made at random from a fixed seed, with the right checksums, and damaged at random. Which entries are still whole is
//! known from where each byte came from.

mod damage;
mod log;
mod recovery;

use auditglass::{Case, Severity, Verdict};
use auditglass_tests::{Judged, judge, memory_input};
use damage::{Damaged, damage};
use log::{Form, Log, Random};

/// Judges one file; every byte of it must be accounted for.
fn open(name: &str, bytes: &[u8]) -> (Case, Vec<(u64, Verdict)>) {
    let (case, judged) = judge(vec![memory_input(name, bytes)]);
    for source in case.sources() {
        let accounting = source.accounting.expect("accounts");
        assert_eq!(accounting.total(), bytes.len() as u64, "{accounting:?}");
    }
    let offset = |j: &Judged| {
        let locator: serde_json::Value = serde_json::from_str(&j.locator).expect("a locator");
        locator["offset"].as_u64().expect("an offset")
    };
    let judged = judged.iter().map(|j| (offset(j), j.verdict)).collect();
    (case, judged)
}

/// What is wrong with how a damaged log was judged.
fn complaint(log: &Log, damaged: &Damaged) -> Option<String> {
    let whole = damaged.whole(&log.entries);
    let (case, judged) = open("log", &damaged.bytes);
    // Where no more than half of what is left are entries it is no log, as an intact file would be none.
    if whole.len() * 2 <= log.entries.len() && case.sources().iter().any(|s| s.error.is_some()) {
        return None;
    }
    if !judged.is_sorted_by(|a, b| a.0 < b.0) {
        return Some(format!("not in order, or twice: {judged:?}"));
    }
    for (offset, number) in &whole {
        match judged.binary_search_by_key(offset, |j| j.0) {
            Err(_) => return Some(format!("entry {number} at {offset} was not judged")),
            Ok(i) if judged[i].1 != Verdict::Verified => {
                return Some(format!("entry {number} at {offset} is {:?}", judged[i].1));
            }
            Ok(_) => {}
        }
    }
    let is_told = case
        .findings()
        .iter()
        .any(|f| f.severity == Severity::Error)
        || case.sources().iter().any(|s| s.error.is_some());
    if whole.len() < log.entries.len() && !is_told && judged.len() < log.entries.len() {
        return Some("entries are missing, and not a word".into());
    }
    None
}

#[test]
fn whole_entries_are_judged() {
    let rounds = std::env::var("AUDITGLASS_RESYNC_ROUNDS");
    let rounds = rounds.ok().and_then(|n| n.parse().ok()).unwrap_or(1_500);
    let (mut whole, mut entries, mut failures) = (0, 0, Vec::new());
    for round in 0..rounds {
        let mut random = Random::new(round);
        let log = Log::new(&mut random);
        let damaged = damage(&log.bytes, &mut random);
        whole += damaged.whole(&log.entries).len();
        entries += log.entries.len();
        if let Some(complaint) = complaint(&log, &damaged) {
            failures.push(format!(
                "round {round}, {:?}, {:?}: {complaint}\n{}",
                log.form,
                damaged.how,
                String::from_utf8_lossy(&damaged.bytes)
            ));
        }
    }
    println!("{rounds} logs, {entries} entries, {whole} of them whole");
    assert!(
        whole * 2 > entries,
        "the damage leaves nothing to be tested"
    );
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Entries of several lines without an array around them. Where what is left is nothing but whole values, as after a cut
/// between two entries, nobody can tell that there were more.
#[test]
fn whole_entries_of_sequences_are_judged() {
    let mut traceless = 0;
    for round in 0..600 {
        let mut random = Random::new(round);
        let log = Log::of_form(&mut random, Form::Sequence);
        let (case, judged) = open("log", &log.bytes);
        assert_eq!(judged.len(), log.entries.len());
        assert!(case.is_consistent(), "{:?}", case.findings());
        let damaged = damage(&log.bytes, &mut random);
        let mut values = serde_json::Deserializer::from_slice(&damaged.bytes)
            .into_iter::<serde_json::Map<String, serde_json::Value>>();
        match complaint(&log, &damaged) {
            None => {}
            Some(complaint) if complaint.ends_with("not a word") && values.all(|v| v.is_ok()) => {
                traceless += 1;
            }
            Some(complaint) => panic!(
                "round {round}, {:?}: {complaint}\n{}",
                damaged.how,
                String::from_utf8_lossy(&damaged.bytes)
            ),
        }
    }
    assert!(traceless < 10, "{traceless}");
}

/// Intact logs of the same making: nothing is lost and nothing is found.
#[test]
fn intact_logs_are_intact() {
    for round in 0..300 {
        let log = Log::new(&mut Random::new(round));
        let (case, judged) = open("log", &log.bytes);
        let text = || String::from_utf8_lossy(&log.bytes).into_owned();
        assert_eq!(judged.len(), log.entries.len(), "{}", text());
        assert!(case.is_consistent(), "{:?} {}", case.findings(), text());
    }
}

/// Two exports in one file, and a file that begins or ends in the middle of an entry.
#[test]
fn pieces_of_logs() {
    for round in 0..200 {
        let mut random = Random::new(round);
        let (first, second) = (
            Log::of_form(&mut random, Form::Array),
            Log::of_form(&mut random, Form::Array),
        );
        let glue = ["", "\n", " ", "\0\0"][random.below(4)];
        let (from, to) = (
            random.below(first.bytes.len()),
            random.below(second.bytes.len()),
        );
        let bytes = [&first.bytes[from..], glue.as_bytes(), &second.bytes[..to]].concat();
        let behind = first.bytes.len() - from + glue.len();
        let kept = first
            .entries
            .iter()
            .filter(|e| e.start >= from)
            .map(|e| e.start - from);
        let kept = kept.chain(
            second
                .entries
                .iter()
                .filter(|e| e.end <= to)
                .map(|e| e.start + behind),
        );
        let (_, judged) = open("log", &bytes);
        for offset in kept {
            assert!(
                judged.contains(&(offset as u64, Verdict::Verified)),
                "round {round}: {offset} of {judged:?} in {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}
