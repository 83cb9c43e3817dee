//! Anything among the entries of JSON Lines, an array, or an array within an object: whole entries are judged, once, in
//! order, and the same across the edge of a block.
#![no_main]

use std::sync::OnceLock;

use auditglass::{Locator, Verdict};
use auditglass_fuzz::judged::{Judged, judge_one};
use auditglass_fuzz::log;
use libfuzzer_sys::fuzz_target;

/// Whole entries.
fn whole(which: usize) -> &'static str {
    static WHOLE: OnceLock<Vec<String>> = OnceLock::new();
    &WHOLE.get_or_init(|| ["a", "b", "c", "d"].map(log::json).to_vec())[which]
}

/// What stands around entries: before, between and behind.
const FORMS: [[&str; 3]; 5] = [
    ["", "\n", "\n"],
    ["[", ",", "]"],
    ["[\n  ", ",\n  ", "\n]\n"],
    ["{\"rows\":[", ",", "]}"],
    ["{\"a\":{\"n\":1,\"rows\":[", ", ", "]},\"b\":[]}"],
];

/// Offsets of what was judged; they must ascend within each part.
fn offsets(judged: &Judged) -> Vec<u64> {
    let offset = |l: &Locator| match l {
        Locator::Offset { offset } | Locator::Range { offset, .. } => Some(*offset),
        _ => None,
    };
    judged
        .entries
        .iter()
        .filter_map(|e| offset(&e.locator))
        .collect()
}

fuzz_target!(|data: &[u8]| {
    let [kind, before, body @ ..] = data else {
        return;
    };
    let [open, comma, close] = FORMS[usize::from(kind % 5)];
    // Three whole entries in a row, so that they are most of what is there; what is made up stands behind the first.
    let mut text = open.as_bytes().to_vec();
    let mut starts = Vec::new();
    for which in 0..4 {
        if which > 0 {
            text.extend(comma.as_bytes());
        }
        starts.push(text.len() as u64);
        text.extend(whole(which).as_bytes());
        if which == usize::from(kind / 5 % 4) {
            if kind & 64 == 64 {
                text.extend(comma.as_bytes());
            }
            text.extend(body);
        }
    }
    text.extend(close.as_bytes());
    let judged = judge_one("log", &text);
    let found = offsets(&judged);
    assert!(
        found.is_sorted_by(|a, b| a < b),
        "not in order, or twice: {found:?}"
    );
    if kind & 128 == 128 && !body.is_empty() {
        let before = 1 + usize::from(*before) * 4 % text.len();
        let moved = judge_one("log", &[&log::filling(b' ', before), &text[..]].concat());
        assert_eq!(moved.said(), judged.said());
    }
    // What is not mostly entries is no log, and what was made up may hold many objects or a log of its own.
    if !judged.is_log() || body.iter().any(|b| matches!(b, b'{' | b'[' | b'"')) {
        return;
    }
    for (which, id) in ["\"a\"", "\"b\"", "\"c\"", "\"d\""].into_iter().enumerate() {
        // The line or the element to which something was added may be broken.
        if which == usize::from(kind / 5 % 4) {
            continue;
        }
        let is_judged =
            |e: &auditglass_fuzz::judged::Entry| e.id == id && e.verdict == Verdict::Verified;
        assert!(judged.entries.iter().any(is_judged), "{id} was not judged");
    }
});
