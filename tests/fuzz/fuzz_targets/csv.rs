//! Anything between a header line and a whole record: that record is judged, and the same across the edge of a block.
#![no_main]

use std::sync::OnceLock;

use auditglass::Verdict;
use auditglass_fuzz::judged::judge_one;
use auditglass_fuzz::log;
use libfuzzer_sys::fuzz_target;

const DELIMITERS: [char; 4] = [',', '\t', ';', '|'];

/// For each delimiter the header line and a record without quotes.
fn lines(which: usize) -> &'static (String, String) {
    static LINES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let all = LINES.get_or_init(|| {
        let of = |d: &char| (log::header(*d), log::record("whole", *d));
        DELIMITERS.iter().map(of).collect()
    });
    &all[which]
}

fuzz_target!(|data: &[u8]| {
    let [kind, before, body @ ..] = data else {
        return;
    };
    let (header, record) = lines(usize::from(kind % 4));
    if kind & 4 == 4 {
        // No header, or one of the fuzzer's own.
        judge_one("log.csv", body);
        return;
    }
    let text = [header.as_bytes(), b"\n", body, b"\n", record.as_bytes()].concat();
    let judged = judge_one("log.csv", &text);
    let last = judged.entries.last().expect("the record at the end");
    assert_eq!(
        (last.id.as_str(), last.verdict),
        ("\"whole\"", Verdict::Verified)
    );
    if kind & 56 == 56 {
        // A record of one long field; what is behind it lies across the edge of a block.
        let before = usize::from(*before) % (text.len() - header.len());
        let long = log::filling(b'x', header.len() + before);
        let (head, rest) = text.split_at(header.len() + 1);
        let moved = judge_one("log.csv", &[head, &long, b"\n", rest].concat());
        assert_eq!(moved.said()[1..], judged.said());
    }
});
