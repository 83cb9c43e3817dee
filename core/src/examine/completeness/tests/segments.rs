//! Several files as one log.

use super::logs::{Entry, entries, json_lines, opened};
use super::{at, check};

/// Files of 50 entries each, an hour apart.
fn segments(names: &[&str]) -> Vec<(String, Vec<Entry>)> {
    let all = entries(names.len() * 50);
    let chunks = all.chunks(50).map(<[Entry]>::to_vec);
    names.iter().map(|n| (*n).to_owned()).zip(chunks).collect()
}

#[track_caller]
fn told(segments: &[(String, Vec<Entry>)], expected: &[&str]) {
    let files = segments
        .iter()
        .map(|(name, entries)| (name.as_str(), json_lines(entries)));
    check(&opened(files.collect()), expected);
}

#[test]
fn segments_that_follow_each_other_show_nothing() {
    told(&segments(&["a.1.jsonl", "a.2.jsonl", "a.3.jsonl"]), &[]);
    told(&segments(&["a.1.jsonl", "b.9.jsonl", "a.3.jsonl"]), &[]);
}

#[test]
fn a_missing_segment_shows_in_the_names_and_in_time() {
    told(
        &segments(&["a.1.jsonl", "a.2.jsonl", "a.4.jsonl"]),
        &["moderate segment-missing 1"],
    );
    // Days without a file are weekends.
    told(
        &segments(&[
            "a-2026-03-06.jsonl",
            "a-2026-03-09.jsonl",
            "a-2026-03-10.jsonl",
        ]),
        &["weak segment-missing 2"],
    );
    let mut late = segments(&["x.jsonl", "y.jsonl"]);
    for (i, entry) in late[1].1.iter_mut().enumerate() {
        entry.time = at(3 * 86_400 + i * 60);
        entry.written.clone_from(&entry.time);
    }
    told(&late, &["weak segments-gap 1"]);
}

#[test]
fn overlapping_segments_are_told() {
    let mut twice = segments(&["x.jsonl", "y.jsonl"]);
    let again = twice[0].1[45..].to_vec();
    twice[1].1.splice(0..0, again);
    told(&twice, &["weak segments-overlap 1"]);
}

#[test]
fn a_type_that_is_missing_in_one_segment_is_told() {
    let mut some = segments(&["x.jsonl", "y.jsonl", "z.jsonl"]);
    some[1].1.retain(|e| e.event == "data_access");
    told(&some, &["weak type-absent 1"]);
}
