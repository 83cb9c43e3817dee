//! Each signal with a log that shows it and one that does not.

mod clean;
mod database;
mod form;
mod logs;
mod pairs;
mod segments;

use rusqlite::Connection;

use crate::case::Case;
use crate::host::Quiet;
use crate::source::Input;
use crate::view::Selection;

/// An id and a time, in seconds since midnight or as text.
type Row = (String, String);

fn at(second: usize) -> String {
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    format!("2026-10-{:02}T{:02}:{m:02}:{s:02}", 20 + h / 24, h % 24)
}

/// A UUID-like id that does not count.
fn random(i: usize) -> String {
    let hash = crate::digest::sha256(&i.to_le_bytes());
    crate::digest::hex(&hash, 32)
}

fn rows(count: usize, id: impl Fn(usize) -> String) -> Vec<Row> {
    (0..count).map(|i| (id(i), at(i * 60))).collect()
}

fn judged(name: &str, bytes: Vec<u8>) -> Case {
    logs::opened(vec![(name, bytes)])
}

fn judged_inputs(inputs: Vec<Input>) -> Case {
    let mut case = Case::open(inputs);
    case.verify(&mut Quiet).expect("nobody breaks off");
    case
}

fn json(rows: &[Row]) -> Case {
    let entry = |(id, time): &Row| {
        format!(
            r#"{{"timestamp":"{time}","entry_id":"{id}","event_type":"t","actor":"a","resource_type":"r","resource_id":"d","action":"a","details":{{}},"checksum":"0"}}"#
        )
    };
    let entries: Vec<_> = rows.iter().map(entry).collect();
    judged("log.json", format!("[{}]", entries.join(",")).into_bytes())
}

/// A database into which the rows were inserted in this order, and which was then changed by some SQL.
fn database(rows: &[Row], then: &str) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = OFF; BEGIN")
        .unwrap();
    connection
        .execute_batch("CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, event_type TEXT NOT NULL, actor TEXT NOT NULL, resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, action TEXT NOT NULL, details TEXT NOT NULL, checksum TEXT NOT NULL, written_at TEXT NOT NULL)")
        .unwrap();
    for (id, time) in rows {
        connection
            .execute(
                "INSERT OR IGNORE INTO audit_log VALUES (?1, ?2, 't', 'a', 'r', 'd', 'a', '{}', '0', ?2)",
                [id, time],
            )
            .unwrap();
    }
    connection.execute_batch(then).unwrap();
    connection.execute_batch("COMMIT").unwrap();
    drop(connection);
    judged("log.db", std::fs::read(path).unwrap())
}

#[track_caller]
fn check(case: &Case, expected: &[&str]) {
    let evidence = case.completeness();
    let told: Vec<_> = evidence
        .iter()
        .map(|e| format!("{} {} {}", e.strength.as_str(), e.code, e.count))
        .collect();
    assert_eq!(told, expected, "{evidence:#?}");
}

#[test]
fn a_log_that_is_only_appended_to_shows_nothing() {
    check(&database(&rows(2_000, random), ""), &[]);
    check(&json(&rows(2_000, random)), &[]);
    check(&database(&rows(300, |i| format!("evt-{i:06}")), ""), &[]);
    // Entries that the reference drops silently use up no rowid.
    let mut twice = rows(300, random);
    twice.extend(rows(310, random));
    twice.sort_by(|a, b| a.1.cmp(&b.1));
    check(&database(&twice, ""), &[]);
}

#[test]
fn a_row_that_was_deleted_leaves_a_hole_in_the_rowids() {
    let deleted = "DELETE FROM audit_log WHERE rowid IN (17, 18, 40)";
    let case = database(&rows(300, random), deleted);
    check(&case, &["moderate rowid-holes 3"]);
    let evidence = &case.completeness()[0];
    assert!(
        evidence.message.contains("17 to 18, 40"),
        "{}",
        evidence.message
    );
    assert_eq!(evidence.entries[0].entry_id, random(15));
    // Cut at either end it leaves none.
    check(
        &database(
            &rows(300, random),
            "DELETE FROM audit_log WHERE rowid < 20 OR rowid > 280",
        ),
        &[],
    );
    // Rowids that somebody else gave are no count; these are in the reverse order of time besides.
    check(
        &database(
            &rows(300, random),
            "UPDATE audit_log SET rowid = -rowid * 7",
        ),
        &["weak not-in-order-of-time 299", "weak free-pages 1"],
    );
}

#[test]
fn ids_that_count_have_holes() {
    let mut some = rows(300, |i| format!("evt-{i:06}"));
    some.remove(100);
    let case = json(&some);
    check(&case, &["strong id-holes 1"]);
    let evidence = &case.completeness()[0];
    assert!(evidence.message.contains("evt-100"), "{}", evidence.message);
    assert_eq!(evidence.entries[0].entry_id, "evt-000099");
    // Every other number is no count that lost some.
    check(&json(&rows(300, |i| format!("evt-{}", i * 2))), &[]);
    check(&json(&rows(300, |i| format!("{i}-{i}"))), &[]);
}

#[test]
fn the_default_limit_shows_in_the_shape_of_an_export() {
    let mut newest_first = rows(1_000, random);
    newest_first.reverse();
    check(&json(&newest_first), &["strong default-limit 1"]);
    check(&json(&rows(1_000, random)), &[]);
    newest_first.pop();
    check(&json(&newest_first), &[]);
}

#[test]
fn a_back_dated_row_stands_out() {
    let mut late = rows(300, random);
    late[200].1 = at(150 * 60);
    check(&database(&late, ""), &["moderate inserted-late 1"]);
    // A little jitter does not.
    let mut jitter = rows(300, random);
    jitter[200].1 = at(199 * 60 - 5);
    check(&database(&jitter, ""), &[]);
}

#[test]
fn several_back_dated_rows_are_no_clock_step() {
    let mut late = rows(300, random);
    for (i, row) in late.iter_mut().enumerate().skip(200).take(5) {
        row.1 = at((i - 150) * 60);
    }
    let case = database(&late, "");
    check(&case, &["moderate inserted-late 5"]);
    let filter = case.completeness()[0].filter.clone().unwrap_or_default();
    let selection = Selection { filter, sort: None };
    let mut search = case.select(&selection).unwrap();
    case.finish(&mut search).unwrap();
    assert_eq!(search.matched(), 5);
    // The last row, behind which nothing goes on.
    let mut last = rows(300, random);
    last[299].1 = at(100 * 60);
    check(&database(&last, ""), &["moderate inserted-late 1"]);
    // A table that was filled newest first.
    let mut reversed = rows(300, random);
    reversed.reverse();
    check(&database(&reversed, ""), &["weak not-in-order-of-time 299"]);
}

#[test]
fn a_clock_that_was_set_back_is_a_step() {
    let mut stepped = rows(300, random);
    for (i, row) in stepped.iter_mut().enumerate().skip(200) {
        row.1 = at((i - 59) * 60);
    }
    let case = database(&stepped, "");
    check(&case, &["weak clock-step 1"]);
    let evidence = &case.completeness()[0];
    assert!(evidence.explanations[0].contains("daylight saving"));
}

#[test]
fn a_silence_is_told_against_the_rhythm_of_the_log() {
    let mut quiet = rows(600, random);
    for (i, row) in quiet.iter_mut().enumerate().skip(300) {
        row.1 = at(i * 60 + 40 * 3600);
    }
    check(&json(&quiet), &["weak silence 1"]);
}

#[test]
fn an_empty_log_shows_nothing() {
    check(&judged("empty.json", b"[]".to_vec()), &[]);
}
