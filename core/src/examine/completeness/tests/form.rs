//! How details are spelled.

use super::check;
use super::logs::{Entry, entries, kept, table};

/// Entries of which some were rewritten: the text of the details, not their value.
fn rewritten(is_one: impl Fn(usize) -> bool, how: impl Fn(&str) -> String) -> Vec<Entry> {
    let mut all = entries(300);
    for (_, entry) in all.iter_mut().enumerate().filter(|(i, _)| is_one(*i)) {
        entry.details = how(&entry.details);
    }
    all
}

fn compact(details: &str) -> String {
    details.replace(": ", ":").replace(", ", ",")
}

#[test]
fn an_entry_that_a_tool_has_rewritten_stands_out() {
    let case = kept(&table(""), &rewritten(|i| i == 100, compact), "");
    check(&case, &["moderate stored-form 1"]);
    let evidence = &case.completeness()[0];
    assert!(
        evidence.message.ends_with(": 1 in spacing"),
        "{}",
        evidence.message
    );
    assert!(evidence.filter.is_some());
    let raw = |d: &str| d.replace(r"\u00eb", "ë");
    check(
        &kept(&table(""), &rewritten(|i| i == 100, raw), ""),
        &["moderate stored-form 1"],
    );
    // Numbers alone are weak: Python's own decimals are spelled as they came.
    let number = |d: &str| d.replace("0.5", "0.50");
    check(
        &kept(&table(""), &rewritten(|i| i == 100, number), ""),
        &["weak stored-form 1"],
    );
    // SQLite's own functions.
    let case = kept(
        &table(""),
        &entries(300),
        "UPDATE audit_log SET details = json(details) WHERE rowid = 7",
    );
    check(&case, &["moderate stored-form 1"]);
}

#[test]
fn another_writer_is_no_sign_of_a_change() {
    check(
        &kept(&table(""), &rewritten(|_| true, compact), ""),
        &["weak other-writer 300"],
    );
    // One that writes all entries of a type, of an actor, or all from some time on.
    let of_type = rewritten(|i| i % 2 == 1, compact);
    check(&kept(&table(""), &of_type, ""), &["weak stored-form 150"]);
    let mut of_actor = rewritten(|i| i % 20 == 1, compact);
    for entry in of_actor.iter_mut().skip(1).step_by(20) {
        entry.actor = "node";
    }
    check(&kept(&table(""), &of_actor, ""), &["weak stored-form 15"]);
    check(
        &kept(&table(""), &rewritten(|i| i >= 275, compact), ""),
        &["weak stored-form 25"],
    );
    // A change by nobody's hand: too many.
    check(
        &kept(&table(""), &rewritten(|i| i % 5 == 0, compact), ""),
        &["weak stored-form 60"],
    );
}

#[test]
fn keys_that_a_tool_has_sorted_are_told_and_weigh_little() {
    let mut all = entries(300);
    for (i, entry) in all.iter_mut().enumerate() {
        entry.details = match i {
            70 | 200 => r#"{"a": 1, "z": 2}"#.into(),
            i => format!(r#"{{"z": 2, "a": {i}}}"#),
        };
    }
    let case = kept(&table(""), &all, "");
    check(&case, &["weak stored-form 2"]);
    let message = &case.completeness()[0].message;
    assert!(message.ends_with(": 2 in the order of keys"), "{message}");
}
