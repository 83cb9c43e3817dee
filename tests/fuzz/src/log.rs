//! Whole entries to stand between what the fuzzer makes up.

use crate::judged::judge_one;

/// The fields of the reference's table, without the checksum and what follows.
const COLUMNS: [&str; 8] = [
    "entry_id",
    "timestamp",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "details",
];

/// The header line of a CSV export.
pub fn header(delimiter: char) -> String {
    let mut line = COLUMNS.join(&delimiter.to_string());
    line.push(delimiter);
    line.push_str("checksum");
    line
}

/// An entry with the right checksum as a line of JSON; it takes no escape.
pub fn json(id: &str) -> String {
    let text = |checksum: &str| {
        format!(
            r#"{{"timestamp": "2025-03-01T12:00:00", "entry_id": "{id}", "event_type": "data_access", "actor": "ada", "resource_type": "dataset", "resource_id": "d1", "action": "read", "details": {{}}, "checksum": "{checksum}"}}"#
        )
    };
    text(&checksum(text("0").as_bytes()))
}

/// An entry with the right checksum as a record of CSV without quotes and line break.
pub fn record(id: &str, delimiter: char) -> String {
    let fields = [
        id,
        "2025-03-01T12:00:00",
        "data_access",
        "ada",
        "dataset",
        "d1",
        "read",
        "{}",
    ];
    let mut line = fields.join(&delimiter.to_string());
    line.push(delimiter);
    let text = format!("{}\n{line}0\n", header(delimiter));
    line + &checksum(text.as_bytes())
}

/// What the only entry of a log should have as its checksum.
fn checksum(log: &[u8]) -> String {
    let judged = judge_one("log", log);
    let entry = judged.entries.first().expect("an entry");
    entry.recomputed.clone().expect("a readable entry")
}

/// The engine reads by blocks of this length.
const BLOCK: usize = 256 * 1024;

/// Text of one byte that is so much shorter than a block; what follows it then lies across the edge.
pub fn filling(byte: u8, shorter: usize) -> Vec<u8> {
    vec![byte; BLOCK - shorter.min(BLOCK)]
}
