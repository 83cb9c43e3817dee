//! All renderings of one case, made in memory: what the native test and the browser's compare with one file.

use std::ops::ControlFlow;

use auditglass::report::{Files, make};
use auditglass::{
    Case, Input, JudgedEntry, Memory, Observer, Progress, ReportAsk, ReportFormat, RetentionPolicy,
    report, sha256_hex,
};

/// Samples of every container and most findings, with a file that is no log among them.
const FILES: [(&str, &[u8]); 7] = [
    ("tampered.db", include_bytes!("../../examples/tampered.db")),
    ("wal.db", include_bytes!("../../examples/wal.db")),
    ("wal.db-wal", include_bytes!("../../examples/wal.db-wal")),
    (
        "wrapped.json",
        include_bytes!("../../examples/wrapped.json"),
    ),
    (
        "export.jsonl",
        include_bytes!("../../examples/export.jsonl"),
    ),
    ("export.json", include_bytes!("../../examples/export.json")),
    ("notes.txt", b"No log, but a note.\n"),
];

#[derive(Default)]
struct Lines(String);

impl Observer for Lines {
    fn progress(&mut self, _: &Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_entries(&self) -> bool {
        true
    }

    fn judged(&mut self, entry: &JudgedEntry<'_>) -> ControlFlow<()> {
        self.0.push_str(&report::json_line(entry));
        ControlFlow::Continue(())
    }
}

/// A verification as text, JSON and JSON Lines, and the report in its four forms, one after the other.
pub(crate) fn render() -> String {
    let inputs = FILES.iter().map(|(name, bytes)| Input {
        name: (*name).to_owned(),
        bytes: Box::new(Memory::new(*bytes)),
        is_found: false,
    });
    let hashes: Vec<_> = FILES
        .iter()
        .map(|(_, bytes)| {
            sha256_hex(&Memory::new(*bytes), &mut |_| ControlFlow::Continue(()))
                .ok()
                .flatten()
        })
        .collect();
    let mut case = Case::open(inputs.collect());
    let mut lines = Lines::default();
    case.verify(&mut lines).expect("nobody cancels");
    let ask = ReportAsk {
        retention: Some(RetentionPolicy {
            policy: "eu-ai-act".into(),
            as_of: "2024-08-31".into(),
        }),
        scan: true,
        ..ReportAsk::default()
    };
    let files = Files::behind(&case.sources(), hashes.clone());
    let document = make(&case, ask, None, &files);
    let mut document = document.expect("the entries are still there");
    [
        report::human(&case, &hashes),
        report::json(&case, &hashes),
        lines.0,
        document.write(ReportFormat::Markdown),
        document.write(ReportFormat::Html),
        document.write(ReportFormat::Json),
        document.write(ReportFormat::Csv),
    ]
    .concat()
}

/// Drills on a table, with a text of the same log for an earlier export, and on a text without one.
pub(crate) fn drills() -> String {
    let judged = |names: &[&str]| {
        let files = FILES.iter().filter(|(name, _)| names.contains(name));
        let inputs = files.map(|(name, bytes)| Input {
            name: (*name).to_owned(),
            bytes: Box::new(Memory::new(*bytes)),
            is_found: false,
        });
        let mut case = Case::open(inputs.collect());
        case.verify(&mut Lines::default()).expect("nobody cancels");
        case
    };
    let (table, text) = (judged(&["tampered.db"]), judged(&["export.jsonl"]));
    let earlier = judged(&["wrapped.json"]);
    let of_table = table.drill(Some(&earlier)).expect("it can be copied");
    let of_text = text.drill(None).expect("it can be copied");
    [
        report::drill_human(&of_table),
        report::drill_markdown(&of_text),
        report::drill_json(&of_text),
    ]
    .concat()
}
