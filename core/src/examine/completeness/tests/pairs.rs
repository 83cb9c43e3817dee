//! Requests and responses.

use super::logs::{Entry, entries, kept, table};
use crate::case::Case;

/// A request every two minutes, its response a minute later; `name` is where they keep the identity.
fn pairs(count: usize, name: &str) -> Vec<Entry> {
    let mut all = entries(count * 2);
    for (i, pair) in all.chunks_mut(2).enumerate() {
        for (entry, event) in pair
            .iter_mut()
            .zip(["inference_request", "inference_response"])
        {
            entry.event = event;
            entry.details = format!(r#"{{"{name}": "r{i}", "score": 0.5}}"#);
        }
    }
    all
}

#[track_caller]
fn check(entries: &[Entry], pair: Option<&str>, expected: &str, signs: &[&str]) {
    let case: Case = kept(&table(""), entries, "");
    let (evidence, pairing) = case.completeness_with(pair).expect("it is a path");
    let told = pairing.map_or_else(String::new, |p| {
        let path = p.path.unwrap_or_else(|| "none".into());
        format!(
            "{path} {}/{} -{} -{}",
            p.requests, p.responses, p.unanswered, p.unasked
        )
    });
    let found: Vec<_> = evidence
        .iter()
        .map(|e| format!("{} {} {}", e.strength.as_str(), e.code, e.count))
        .collect();
    assert_eq!(
        (told.as_str(), found),
        (expected, signs.iter().map(|s| (*s).to_owned()).collect())
    );
}

#[test]
fn what_belongs_together_is_found_and_what_lacks_its_other_half() {
    let whole = pairs(100, "request_id");
    check(&whole, None, "details.request_id 100/100 -0 -0", &[]);
    let mut cut = whole.clone();
    cut.remove(101);
    cut.remove(40);
    check(
        &cut,
        None,
        "details.request_id 99/99 -1 -1",
        &[
            "moderate response-without-request 1",
            "weak request-without-response 1",
        ],
    );
    // What is under way where the log begins and ends is no sign.
    check(&whole[1..199], None, "details.request_id 99/99 -0 -0", &[]);
    // More than a few: they are not kept together.
    let few: Vec<_> = (whole.iter().enumerate())
        .filter(|(i, _)| i % 2 == 1 || i % 4 == 0)
        .map(|(_, e)| e.clone())
        .collect();
    check(
        &few,
        None,
        "details.request_id 50/100 -0 -49",
        &["weak response-without-request 49"],
    );
}

#[test]
fn a_path_is_given_or_found_or_there_is_none() {
    check(&pairs(50, "job"), None, "none 50/50 -0 -0", &[]);
    check(
        &pairs(50, "job"),
        Some("details.job"),
        "details.job 50/50 -0 -0",
        &[],
    );
    check(&entries(50), None, "", &[]);
    // A response that names the entry of its request.
    let mut named = pairs(50, "request_id");
    for pair in named.chunks_mut(2) {
        let id = pair[0].id.clone();
        pair[0].details = "{}".into();
        pair[1].details = format!(r#"{{"request_id": "{id}"}}"#);
    }
    check(&named, None, "details.request_id 50/50 -0 -0", &[]);
    let case = kept(&table(""), &entries(30), "");
    assert!(case.completeness_with(Some("actor")).is_err());
}
