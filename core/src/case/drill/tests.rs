//! The drill on small logs, in text and in a database, with and without an earlier export.

use crate::case::Case;
use crate::digest::{hex, sha256};
use crate::entry::RawValue;
use crate::host::Quiet;
use crate::ingest::sqlite::copy;
use crate::source::{Input, Memory};
use crate::view::{Drill, Outcome};

/// The n-th entry, an hour after the one before it, as its fields and its checksum.
fn entry(n: usize) -> [(&'static str, String); 9] {
    let (day, hour) = (1 + n / 24, n % 24);
    let time = format!("2026-01-{day:02}T{hour:02}:00:00");
    let (id, details) = (format!("e-{n:04}"), format!(r#"{{"score": {n}.0}}"#));
    let text = format!(
        r#"{{"action": "a", "actor": "x", "details": {details}, "entry_id": "{id}", "event_type": "t", "resource_id": "d", "resource_type": "r", "timestamp": "{time}"}}"#
    );
    [
        ("action", "a".into()),
        ("actor", "x".into()),
        ("details", details),
        ("entry_id", id),
        ("event_type", "t".into()),
        ("resource_id", "d".into()),
        ("resource_type", "r".into()),
        ("timestamp", time),
        ("checksum", hex(&sha256(text.as_bytes()), 16)),
    ]
}

fn line(n: usize) -> String {
    let members = entry(n).map(|(name, value)| match name {
        "details" => format!(r#""{name}": {value}"#),
        _ => format!(r#""{name}": "{value}""#),
    });
    format!("{{{}}}\n", members.join(", "))
}

fn opened(bytes: impl Into<Vec<u8>>) -> Case {
    let mut case = Case::open(vec![Input {
        name: "log".into(),
        bytes: Box::new(Memory::new(bytes)),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody breaks off");
    case
}

fn lines(range: std::ops::Range<usize>) -> Case {
    opened(range.map(line).collect::<String>())
}

/// A table; with a counter, and a column that refuses an id twice, if that is wanted.
fn table(len: usize, is_strict: bool) -> Case {
    let entries: Vec<_> = (0..len).map(entry).collect();
    let names = entries[0].each_ref().map(|(name, _)| (*name).to_owned());
    let mut columns = names.to_vec();
    columns.push("id".into());
    let rows = (11..).zip(&entries).map(|(rowid, e)| {
        let values = e.iter().map(|(_, v)| RawValue::Text(v.as_bytes()));
        let id = [RawValue::Integer(rowid)];
        (rowid, values.chain(id).collect::<Vec<_>>())
    });
    let table = copy::Table {
        name: "audit_log",
        columns: &columns,
        unique: is_strict.then_some(3),
        counted: is_strict.then_some((9, 10 + i64::try_from(len).unwrap_or(0))),
    };
    opened(table.database(rows).expect("a sound table"))
}

/// An exercise a line: its code, its outcome, what told it, what was altered.
fn told(drill: &Drill) -> String {
    let lines = drill.exercises.iter().map(|e| {
        let outcome = match e.outcome {
            Outcome::Alone => "alone",
            Outcome::Compared => "compared",
            Outcome::Nowhere => "nowhere",
            Outcome::NotTried => "not tried",
        };
        let codes = |traces: &[crate::Trace]| {
            let codes: Vec<_> = traces.iter().map(|t| t.code.as_str()).collect();
            codes.join(" ")
        };
        let ids: Vec<_> = e.entries.iter().map(|e| e.entry_id.as_str()).collect();
        format!(
            "{} {}: {outcome} [{}] [{}]\n",
            e.code,
            ids.join(" "),
            codes(&e.alone),
            codes(&e.compared)
        )
    });
    lines.collect()
}

#[track_caller]
fn check(log: &Case, baseline: Option<&Case>, expected: &str) {
    let drill = log.drill(baseline).expect("it can be copied");
    assert_eq!(told(&drill), expected);
}

#[test]
fn in_a_text_holes_in_ids_tell_and_the_order_tells_nothing() {
    check(
        &lines(0..40),
        None,
        "\
edit e-0020: alone [checksum-mismatch] [changed]
edit-rehash e-0020: compared [] [changed]
delete e-0020: alone [id-holes] [removed]
cut-tail e-0036 e-0037 e-0038 e-0039: compared [] [removed]
duplicate e-0020: alone [duplicate-id] []
swap e-0020 e-0016: nowhere [] []
back-date e-0020: alone [checksum-mismatch] [changed]
back-date-rehash e-0020: compared [] [changed]
",
    );
}

#[test]
fn in_a_table_rowids_tell_too() {
    check(
        &table(40, false),
        None,
        "\
edit e-0020: alone [checksum-mismatch] [changed]
edit-rehash e-0020: compared [] [changed]
delete e-0020: alone [id-holes rowid-holes] [removed]
cut-tail e-0036 e-0037 e-0038 e-0039: compared [] [removed]
duplicate e-0020: alone [duplicate-id inserted-late] []
swap e-0020 e-0016: alone [inserted-late] []
back-date e-0020: alone [checksum-mismatch inserted-late] [changed]
back-date-rehash e-0020: alone [inserted-late] [changed]
",
    );
}

#[test]
fn a_table_that_counts_and_refuses_does_so_in_the_copy() {
    check(
        &table(40, true),
        None,
        "\
edit e-0020: alone [checksum-mismatch] [changed]
edit-rehash e-0020: compared [] [changed]
delete e-0020: alone [id-holes rowid-holes] [removed]
cut-tail e-0036 e-0037 e-0038 e-0039: alone [sequence-ahead] [removed]
duplicate : not tried [] []
swap e-0020 e-0016: alone [inserted-late] [uncovered]
back-date e-0020: alone [checksum-mismatch inserted-late] [changed]
back-date-rehash e-0020: alone [inserted-late] [changed]
",
    );
}

#[test]
fn what_is_newer_than_the_earlier_export_is_compared_with_nothing() {
    let expected = "\
edit e-0007: alone [checksum-mismatch] [changed]
edit-rehash e-0007: compared [] [changed]
delete e-0007: alone [id-holes] [removed]
cut-tail e-0036 e-0037 e-0038 e-0039: nowhere [] []
duplicate e-0007: alone [duplicate-id] []
swap e-0007 e-0003: nowhere [] []
back-date e-0007: alone [checksum-mismatch] [changed]
back-date-rehash e-0007: compared [] [changed]
";
    let (log, earlier) = (lines(0..40), lines(0..15));
    check(&log, Some(&earlier), expected);
    let drill = log.drill(Some(&earlier)).expect("as before");
    assert_eq!(drill.baseline, Some(vec!["log".to_owned()]));
    let remarks = drill.exercises[3].remarks.join(" ");
    assert!(
        remarks.contains("does not hold what was altered"),
        "{remarks}"
    );
}

#[test]
fn an_export_of_another_log_tells_nothing() {
    let drill = lines(0..40)
        .drill(Some(&lines(100..140)))
        .expect("it can be copied");
    assert_eq!(drill.exercises[1].outcome, Outcome::Nowhere);
    assert!(drill.exercises[1].remarks[1].contains("does not hold"));
}

#[test]
fn a_large_log_is_copied_in_part_and_says_so() {
    let drill = lines(0..4_500).drill(None).expect("it can be copied");
    assert!(
        drill.copy.starts_with("2,000 of 4,500 entries"),
        "{}",
        drill.copy
    );
    let at = |i: usize| drill.exercises[i].entries[0].entry_id.as_str();
    assert_eq!([at(0), at(3)], ["e-2250", "e-4490"]);
    assert_eq!(drill.exercises[2].outcome, Outcome::Alone);
}

#[test]
fn what_was_wrong_before_is_no_discovery() {
    // One entry edited, one without a checksum, one that is no entry, one gone.
    let mut log: Vec<String> = (0..40).filter(|n| *n != 9).map(line).collect();
    log[3] = log[3].replace(r#""actor": "x""#, r#""actor": "y""#);
    log[5] = log[5].replace("checksum", "sum");
    log[7] = "7\n".into();
    let log = opened(log.concat());
    assert_eq!(log.totals().verified, 36);
    let drill = log.drill(None).expect("it can be copied");
    let outcomes = drill.exercises.iter().map(|e| e.outcome);
    use Outcome::{Alone, Compared, Nowhere};
    let expected = [
        Alone, Compared, Alone, Compared, Alone, Nowhere, Alone, Compared,
    ];
    assert_eq!(outcomes.collect::<Vec<_>>(), expected);
}

#[test]
fn a_single_entry_can_be_deleted_and_not_swapped() {
    check(
        &lines(0..1),
        None,
        "\
edit e-0000: alone [checksum-mismatch] [changed]
edit-rehash e-0000: compared [] [changed]
delete e-0000: alone [not-a-log] [removed]
cut-tail e-0000: alone [not-a-log] [removed]
duplicate e-0000: alone [duplicate-id] []
swap : not tried [] []
back-date : not tried [] []
back-date-rehash : not tried [] []
",
    );
}

#[test]
fn where_nothing_is_verified_nothing_is_tried() {
    let log = opened(line(0).replace("\"a\"", "\"b\""));
    assert!(log.drill(None).is_err_and(|e| e.is_unsupported()));
}
