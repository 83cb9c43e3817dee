//! What the document says, and that nothing from a log becomes anything but text in it.

use super::Document;
use crate::case::Case;
use crate::digest::{hex, sha256};
use crate::host::Quiet;
use crate::report::{Files, Making, make};
use crate::source::{Input, Memory};
use crate::view::{Answer, Comparison, ReportAsk, ReportFormat, Totals};

mod asked;

const HOSTILE: &str = r"<script>alert(1)</script>|`*[x](http://evil)\u202e";

/// A log of entries about these actors, each with its checksum unless told otherwise.
fn case(actors: &[(&str, bool)]) -> Case {
    let lines = actors.iter().enumerate().map(|(i, (actor, is_right))| {
        let id = format!("{actor}{i}");
        let text = format!(
            r#"{{"action": "a", "actor": "{actor}", "details": {{}}, "entry_id": "{id}", "event_type": "t", "resource_id": "d", "resource_type": "r", "timestamp": "2026-01-01T00:00:0{i}"}}"#
        );
        let checksum = if *is_right {
            hex(&sha256(text.as_bytes()), 16)
        } else {
            "=1+1".to_owned()
        };
        format!(
            r#"{}, "checksum": "{checksum}"}}"#,
            &text[..text.len() - 1]
        )
    });
    let log = lines.collect::<Vec<_>>().join("\n");
    let mut case = Case::open(vec![Input {
        name: "log<b>.jsonl".into(),
        bytes: Box::new(Memory::new(log.into_bytes())),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody breaks off");
    case
}

fn document(case: &Case, comparison: Option<&Comparison>, expect_count: Option<u64>) -> Document {
    let ask = ReportAsk {
        expect_count,
        ..ReportAsk::default()
    };
    let files = Files {
        names: vec!["log.jsonl".into()],
        hashes: vec![Some("00".repeat(32))],
    };
    make(case, ask, comparison, &files).expect("it can be made")
}

fn compared(removed: u64) -> Comparison {
    Comparison {
        old: Vec::new(),
        old_totals: Totals {
            entries: 2,
            verified: 2,
            ..Totals::default()
        },
        unchanged: 2 - removed,
        removed,
        added: 0,
        changed: 0,
        uncovered: 0,
        is_append_only: removed == 0,
        changes: Vec::new(),
    }
}

#[track_caller]
fn check(document: &Document, expected: [Answer; 3]) {
    let answers = document.answers();
    let [a, b, c] = [
        &answers.consistency,
        &answers.completeness,
        &answers.authenticity,
    ];
    assert_eq!([a.answer, b.answer, c.answer], expected);
}

use Answer::{CannotBeKnown, Confirmed, NotConfirmed};
use ReportFormat::{Csv, Html, Json, Markdown};

#[test]
fn each_question_is_answered_by_what_is_known() {
    let good = case(&[("a", true), ("b", true)]);
    check(
        &document(&good, None, None),
        [Confirmed, CannotBeKnown, CannotBeKnown],
    );
    check(
        &document(&good, None, Some(2)),
        [Confirmed, Confirmed, CannotBeKnown],
    );
    check(
        &document(&good, None, Some(3)),
        [Confirmed, NotConfirmed, CannotBeKnown],
    );
    check(
        &document(&good, Some(&compared(0)), None),
        [Confirmed, CannotBeKnown, Confirmed],
    );
    check(
        &document(&good, Some(&compared(1)), None),
        [Confirmed, CannotBeKnown, NotConfirmed],
    );
    let bad = case(&[("a", true), ("b", false)]);
    check(
        &document(&bad, None, None),
        [NotConfirmed, CannotBeKnown, CannotBeKnown],
    );
}

#[test]
fn an_empty_log_confirms_nothing() {
    let mut empty = Case::open(vec![Input {
        name: "empty.json".into(),
        bytes: Box::new(Memory::new(*b"[]")),
        is_found: false,
    }]);
    empty.verify(&mut Quiet).expect("nobody breaks off");
    check(
        &document(&empty, Some(&compared(0)), Some(0)),
        [NotConfirmed, NotConfirmed, NotConfirmed],
    );
}

#[test]
fn every_rendering_names_the_entries_that_fail() {
    let bad = case(&[("adam", true), ("zoe", false)]);
    let mut document = document(&bad, None, None);
    for text in [
        document.write(Json),
        document.write(Markdown),
        document.write(Html),
        document.write(Csv),
    ] {
        assert!(text.contains("zoe1"), "{text}");
        assert!(!text.contains("adam"), "{text}");
    }
}

#[test]
fn nothing_from_a_log_becomes_markup_or_a_formula() {
    let mut document = document(&case(&[(HOSTILE, false)]), None, None);
    let html = document.write(Html);
    assert!(
        !html.contains("<script") && !html.contains("<b>.jsonl"),
        "{html}"
    );
    assert!(!html.contains('\u{202e}'));
    let markdown = document.write(Markdown);
    assert!(
        !markdown.replace("\\<", "").contains('<') && !markdown.contains("](http:"),
        "{markdown}"
    );
    assert!(!markdown.contains("http://"), "{markdown}");
    let csv = document.write(Csv);
    assert!(csv.lines().skip(1).all(|l| !l.contains(",=")), "{csv}");
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    let make = || document(&case(&[("a", true), ("b", false)]), None, None);
    assert_eq!(make().write(Html), make().write(Html));
    assert_eq!(make().write(Json), make().write(Json));
}

#[test]
fn the_command_that_repeats_it_names_files_so_that_a_shell_takes_them() {
    let log = case(&[("a", true)]);
    let earlier = Files {
        names: vec!["it's".into()],
        hashes: Vec::new(),
    };
    let ask = ReportAsk {
        from: Some("2026".into()),
        expect_count: Some(1),
        scan: true,
        ..ReportAsk::default()
    };
    for (name, expected) in [("log.jsonl", "log.jsonl"), ("a b", "'a b'"), ("-x", "./-x")] {
        let files = Files {
            names: vec![name.into()],
            hashes: Vec::new(),
        };
        let mut making = Making::begin(&log, ask.clone()).expect("it is understood");
        while making
            .step(&log, &mut |_| Ok(()))
            .expect("it can be read again")
        {}
        let (read, of) = making.read();
        assert_eq!(read, of, "everything was read that was to be");
        let document = making.end(&log, None, &files, &earlier);
        let mut document = document.expect("it can be made");
        let command = "auditglass report --baseline 'it'\\''s' --expect-count 1 --from 2026 --scan --format json";
        let json: serde_json::Value =
            serde_json::from_str(&document.write(Json)).expect("it is JSON");
        assert_eq!(json["command"], format!("{command} {expected}"));
    }
}
