//! Signals that only a database gives: its counter, its free pages, and when its rows were written.

use super::logs::{counted, entries, kept, table};
use super::{at, check};

#[test]
fn the_counter_of_a_table_tells_of_a_cut_tail() {
    let cut = "DELETE FROM audit_log WHERE n > 290";
    check(&kept(&counted(false), &entries(300), ""), &[]);
    check(
        &kept(&counted(false), &entries(300), cut),
        &["strong sequence-ahead 10"],
    );
    check(
        &kept(&counted(true), &entries(300), cut),
        &["moderate sequence-ahead 10"],
    );
}

#[test]
fn rows_that_were_ignored_are_no_strong_sign() {
    let mut twice = entries(300);
    twice.insert(100, twice[5].clone());
    twice.push(twice[299].clone());
    check(
        &kept(&counted(true), &twice, ""),
        &["weak rowid-holes 1", "weak sequence-ahead 1"],
    );
    // Where nothing refuses an id, nothing is ignored either.
    check(
        &kept(
            &counted(false),
            &entries(300),
            "DELETE FROM audit_log WHERE n = 50",
        ),
        &["moderate rowid-holes 1"],
    );
    // The reference's table uses none up.
    check(&kept(&table(""), &twice, ""), &[]);
}

#[test]
fn free_pages_tell_of_what_was_deleted() {
    let case = kept(
        &table(""),
        &entries(600),
        "DELETE FROM audit_log WHERE rowid > 300",
    );
    let evidence = case.completeness();
    assert_eq!(evidence.len(), 1, "{evidence:#?}");
    assert_eq!(evidence[0].code, "free-pages");
    assert_eq!(evidence[0].strength.as_str(), "weak");
}

#[test]
fn an_entry_that_was_written_long_after_its_time_stands_out() {
    let mut late = entries(300);
    late[299].time = at(298 * 60);
    late[200].written = at(60 * 3600);
    late.remove(0);
    check(
        &kept(&table(""), &late, ""),
        &["moderate written-out-of-order 1"],
    );
    // Its time was put back, and all else left as it was.
    let mut dated = entries(300);
    dated[0].time = "2026-10-01T00:00:00".into();
    check(
        &kept(&table(""), &dated, ""),
        &["moderate written-apart 1", "weak silence 1"],
    );
    // Half of the log in another zone, or a late flush of all of it, is no sign.
    let mut zones = entries(300);
    for (i, entry) in zones.iter_mut().enumerate().skip(150) {
        entry.written = at((i + 120) * 60);
    }
    check(&kept(&table(""), &zones, ""), &[]);
    let mut at_once = entries(300);
    for entry in &mut at_once {
        entry.written = at(60 * 300);
    }
    check(&kept(&table(""), &at_once, ""), &[]);
}
