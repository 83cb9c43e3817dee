//! A period, counts from elsewhere, notes, and the failing entries with their bytes.

use super::{
    CannotBeKnown, Confirmed, Csv, HOSTILE, Html, Json, Markdown, NotConfirmed, case, check,
};
use crate::case::Case;
use crate::report::document::Document;
use crate::report::{Files, make};
use crate::view::{Attached, Notes, ReportAsk, SignOff};

fn document(case: &Case, ask: ReportAsk) -> Document {
    make(case, ask, None, &Files::default()).expect("it can be made")
}

fn attached(text: &str) -> Option<Attached> {
    Some(Attached {
        name: "file".into(),
        text: text.into(),
    })
}

/// The entries of `case` are a second apart from 2026-01-01T00:00:00 on.
fn of_period(case: &Case, from: Option<&str>, to: Option<&str>) -> Document {
    let ask = ReportAsk {
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
        ..ReportAsk::default()
    };
    document(case, ask)
}

#[test]
fn a_period_is_from_the_start_of_one_date_to_the_end_of_the_other() {
    let log = case(&[("a", true), ("b", true), ("c", true)]);
    let found = |from, to| {
        let period = log.period(from, to).expect("they are dates");
        (period.totals.entries, period.span.map(|s| s.1))
    };
    let last = |text: &str| Some(text.to_owned());
    assert_eq!(found(None, None), (3, last("2026-01-01T00:00:02")));
    assert_eq!(found(Some("2026"), Some("2026")).0, 3);
    assert_eq!(found(Some("2026-01-01T00:00:01"), None).0, 2);
    assert_eq!(
        found(None, Some("2026-01-01 00:00:01")),
        (2, last("2026-01-01T00:00:01"))
    );
    assert_eq!(found(Some("2027"), None), (0, None));
    for wrong in ["March", "2026-13", "2026-01\" OR actor:\"a", ""] {
        assert!(log.period(Some(wrong), None).is_err(), "{wrong}");
    }
}

#[test]
fn a_period_is_confirmed_by_what_is_in_it_and_around_it() {
    let right = case(&[("a", true), ("b", true)]);
    let mut asked = of_period(&right, Some("2026-01-01T00:00:01"), Some("2026"));
    check(&asked, [Confirmed, CannotBeKnown, CannotBeKnown]);
    let text = asked.write(Markdown);
    assert!(
        text.contains("from the start of 2026-01-01T00:00:01 to the end of 2026"),
        "{text}"
    );
    assert!(asked.write(Json).contains("\"filter\": \"after:"));
    assert!(asked.write(Csv).contains("period,asked,"));
    check(
        &of_period(&right, Some("2025"), Some("2025")),
        [NotConfirmed, NotConfirmed, CannotBeKnown],
    );
    // One that fails elsewhere may have named another time before.
    let wrong = case(&[("a", false), ("b", true)]);
    let asked = of_period(&wrong, Some("2026-01-01T00:00:01"), None);
    check(&asked, [NotConfirmed, CannotBeKnown, CannotBeKnown]);
}

#[track_caller]
fn counted(csv: &str, expected: crate::view::Answer, sentence: &str) {
    let log = case(&[("a", true), ("b", true)]);
    let ask = ReportAsk {
        control_totals: attached(csv),
        ..ReportAsk::default()
    };
    let mut document = document(&log, ask);
    check(&document, [Confirmed, expected, CannotBeKnown]);
    let text = document.write(Markdown);
    assert!(text.contains(sentence), "{text}");
}

#[test]
fn counts_from_elsewhere_confirm_what_they_cover() {
    counted(
        "period,count\n2026-01,2\n2025,0",
        Confirmed,
        "2 entries that were expected",
    );
    counted(
        "period,event_type,count\n2026-01-01,t,2",
        Confirmed,
        "| 2026-01-01 | t | 2 | 2 | met |",
    );
    counted(
        "period,count\n2026-01-01T00:00:00,1",
        CannotBeKnown,
        "1 entry are in none",
    );
    counted(
        "period,count\n2026-01,3",
        NotConfirmed,
        "3 entries were expected in 2026-01 and 2 are there",
    );
    counted(
        "period,event_type,count\n,\"u\"\"x\",1\n2026,,2",
        NotConfirmed,
        "of type",
    );
}

#[test]
fn notes_are_kept_in_the_report_and_read_again_from_it() {
    let log = case(&[("a", true), ("b", false)]);
    let json = format!(
        r#"{{"notes": [{{"entry_id": "b1", "note": {HOSTILE:?}, "author": "<i>"}}, {{"entry_id": "gone", "note": "n"}}],
            "sign_off": {{"name": "Zoë", "date": "2026-11-24", "text": "<b>checked</b>"}}}}"#
    );
    let json = json.replace(r"\u{202e}", "").replace(r"\\u202e", "");
    let notes = log.notes(&json).expect("they are notes");
    assert_eq!(notes.notes[0].entry.as_ref().map(|e| e.row.0), Some(1));
    assert_eq!(notes.notes[1].entry, None);
    let ask = ReportAsk {
        notes: attached(&json),
        ..ReportAsk::default()
    };
    let mut document = document(&log, ask);
    assert_eq!(
        log.notes(&document.write(Json))
            .expect("a report holds them"),
        notes
    );
    let html = document.write(Html);
    assert!(
        !html.contains("<i>") && !html.contains("<b>checked") && !html.contains("<script>alert")
    );
    assert!(html.contains("&lt;b&gt;checked") && html.contains("Zoë"));
    assert!(document.write(Markdown).contains("no entry with this id"));
    assert!(
        document
            .write(Csv)
            .contains("sign-off,Zoë,,,2026-11-24,,<b>checked</b>")
    );
    assert!(!document.write(Markdown).contains("<script>alert"));
    // A report that nobody has written on gives none.
    let mut bare = super::document(&log, None, None);
    assert_eq!(
        log.notes(&bare.write(Json)).expect("it is a report"),
        Notes::default()
    );
    assert_eq!(Notes::default().sign_off, None::<SignOff>);
    for wrong in ["", "[]", r#"{"notes": [{"note": "n"}]}"#, r#"{"notes": 1}"#] {
        assert!(log.notes(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_slice_holds_what_was_hashed() {
    let log = case(&[("Zoë", false), ("a", true), ("b", false)]);
    let mut slice = String::new();
    let mut slicing = log.begin_slice().expect("the columns tell");
    let mut write = |line: &str| {
        slice.push_str(line);
        Ok(())
    };
    while log
        .slice_step(&mut slicing, &mut write)
        .expect("it can be read")
    {}
    let told = slicing.end("slice".into());
    assert_eq!(told.entries, 2);
    assert_eq!(
        told.sha256,
        crate::digest::hex(&crate::digest::sha256(slice.as_bytes()), 64)
    );
    let lines: Vec<serde_json::Value> = slice
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let text = line["hashed_text"].as_str().unwrap();
        assert_eq!(
            line["sha256"],
            crate::digest::hex(&crate::digest::sha256(text.as_bytes()), 64)
        );
        assert_eq!(line["hashed_hex"], crate::digest::hex_of(text.as_bytes()));
        assert_eq!(line["claimed"], "=1+1");
        assert!(
            line["sha256"]
                .as_str()
                .unwrap()
                .starts_with(line["recomputed"].as_str().unwrap())
        );
    }
    assert!(
        lines[0]["hashed_text"]
            .as_str()
            .unwrap()
            .contains(r"Zo\u00eb")
    );
}
