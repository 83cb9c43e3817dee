//! Exports of one log against each other, in several containers.

use crate::case::Case;
use crate::digest::{hex, sha256};
use crate::host::Quiet;
use crate::source::{Input, Memory};

/// What an entry says, with its checksum.
fn entry(id: &str, score: &str, written_at: &str) -> String {
    let details = format!(r#"{{"score": {score}, "top": [1, 2]}}"#);
    let text = format!(
        r#"{{"action": "a", "actor": "x", "details": {details}, "entry_id": "{id}", "event_type": "t", "resource_id": "d", "resource_type": "r", "timestamp": "2026-01-01T00:00:00"}}"#
    );
    let checksum = hex(&sha256(text.as_bytes()), 16);
    let text = &text[..text.len() - 1];
    format!(r#"{text}, "checksum": "{checksum}", "written_at": "{written_at}"}}"#)
}

fn judged(log: String) -> Case {
    let mut case = Case::open(vec![Input {
        name: "log".into(),
        bytes: Box::new(Memory::new(log.into_bytes())),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody breaks off");
    case
}

fn lines(entries: &[String]) -> Case {
    judged(entries.join("\n"))
}

#[track_caller]
fn check(old: &Case, new: &Case, counts: [u64; 5], changes: &[&str]) {
    let found = new.compare(old).expect("they can be read");
    let told: Vec<_> = found
        .changes
        .iter()
        .map(|c| {
            let text = |v: &Option<String>| v.clone().unwrap_or_else(|| "nothing".into());
            let fields = c
                .fields
                .iter()
                .filter(|f| f.path != "checksum")
                .map(|f| format!(" {}: {} > {}", f.path, text(&f.before), text(&f.after)));
            let fields: String = fields.collect();
            let anew = if c.is_rehashed { " anew" } else { "" };
            format!("{} {}{anew}{fields}", c.what, c.entry_id)
        })
        .collect();
    assert_eq!(told, changes);
    let c = &found;
    let all = [c.unchanged, c.removed, c.changed, c.uncovered, c.added];
    assert_eq!(all, counts);
    assert_eq!(c.is_append_only, counts[1..4] == [0; 3]);
}

fn three() -> Vec<String> {
    ["a", "b", "c"].map(|id| entry(id, "1.0", "w")).to_vec()
}

#[test]
fn what_was_only_appended_to_is_append_only_in_any_container_and_order() {
    let mut more = three();
    more.reverse();
    more.push(entry("d", "2", "w"));
    check(&lines(&three()), &lines(&three()), [3, 0, 0, 0, 0], &[]);
    let array = judged(format!("{{\"entries\": [{}]}}", more.join(",")));
    check(&lines(&three()), &array, [3, 0, 0, 0, 1], &["added d"]);
    // The same details as a JSON text, without the field that no checksum covers.
    let plain = three();
    let as_text = plain.iter().map(|e| {
        e.replace(
            r#"{"score": 1.0, "top": [1, 2]}"#,
            r#""{\"top\":[1,2],\"score\":1.0}""#,
        )
        .replace(r#", "written_at": "w""#, "")
    });
    let as_text = lines(&as_text.collect::<Vec<_>>());
    assert_eq!(as_text.totals().verified, 3);
    check(&lines(&three()), &as_text, [3, 0, 0, 0, 0], &[]);
}

#[test]
fn what_was_removed_or_changed_is_named_field_by_field() {
    let mut less = three();
    less.remove(1);
    check(
        &lines(&three()),
        &lines(&less),
        [2, 1, 0, 0, 0],
        &["removed b"],
    );
    let mut edited = three();
    edited[1] = edited[1].replace("1.0", "1.5");
    check(
        &lines(&three()),
        &lines(&edited),
        [2, 0, 1, 0, 0],
        &["changed b details.score: 1.0 > 1.5"],
    );
    let mut anew = three();
    anew[1] = entry("b", "1.5", "w");
    check(
        &lines(&three()),
        &lines(&anew),
        [2, 0, 1, 0, 0],
        &["changed b anew details.score: 1.0 > 1.5"],
    );
    let mut later = three();
    later[2] = entry("c", "1.0", "v");
    check(
        &lines(&three()),
        &lines(&later),
        [2, 0, 0, 1, 0],
        &["changed c written_at: w > v"],
    );
}

#[test]
fn entries_that_cannot_be_read_are_compared_as_they_stand() {
    let broken = |what: &str| {
        let mut entries = three();
        entries[0] = entries[0].replace(r#"{"score": 1.0, "top": [1, 2]}"#, what);
        lines(&entries)
    };
    check(&broken("\"{\""), &broken("\"{\""), [3, 0, 0, 0, 0], &[]);
    check(
        &broken("\"{\""),
        &broken("\"{{\""),
        [2, 0, 1, 0, 0],
        &["changed a details: { > {{"],
    );
}

#[test]
fn nothing_can_be_said_against_an_empty_export() {
    let empty = judged("[]".into());
    assert!(lines(&three()).compare(&empty).is_err());
    let found = empty.compare(&lines(&three())).expect("it can be read");
    assert_eq!((found.removed, found.is_append_only), (3, false));
}

#[test]
fn a_checksum_that_is_not_there_is_the_same_in_every_container() {
    let without = |checksum: &str| {
        let entries = three().into_iter().map(|e| {
            let (before, rest) = e.split_once(r#", "checksum": ""#).expect("it has one");
            let (_, after) = rest.split_once('"').expect("it ends");
            format!("{before}{checksum}{after}")
        });
        lines(&entries.collect::<Vec<_>>())
    };
    let null = without(r#", "checksum": null"#);
    check(&null, &without(""), [3, 0, 0, 0, 0], &[]);
    check(&without(r#", "checksum": """#), &null, [3, 0, 0, 0, 0], &[]);
}

#[test]
fn a_field_that_only_one_export_has_is_no_change_of_an_entry() {
    let mut plain: Vec<String> = three();
    plain[1] = entry("b", "1.5", "w");
    for entry in &mut plain {
        *entry = entry.replace(r#", "written_at": "w""#, "");
    }
    check(
        &lines(&three()),
        &lines(&plain),
        [2, 0, 1, 0, 0],
        &["changed b anew details.score: 1.0 > 1.5"],
    );
}
