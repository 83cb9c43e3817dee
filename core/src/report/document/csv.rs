//! Findings, failing entries and evidence as CSV (RFC 4180), a line each.

use super::Document;
use crate::report::human::printable;

pub(super) fn write(document: &Document) -> String {
    let mut out = String::from("what,code,weight,source,place,entry_id,message\r\n");
    for f in &document.failing {
        let entry = &f.entry;
        line(
            &mut out,
            [
                "entry",
                f.verdict.as_str(),
                "error",
                &entry.source,
                &entry.locator.to_string(),
                &entry.entry_id,
                &f.reason,
            ],
        );
    }
    for e in &document.answers.completeness.evidence {
        line(
            &mut out,
            [
                "evidence",
                &e.code,
                e.strength.as_str(),
                e.source.as_deref().unwrap_or(""),
                "",
                "",
                &e.message,
            ],
        );
    }
    if let Some(period) = &document.period {
        let found = format!(
            "{} {} entries, {} verified.",
            super::asked::sentence(period),
            period.totals.entries,
            period.totals.verified
        );
        line(&mut out, ["period", "asked", "", "", "", "", &found]);
    }
    for note in &document.notes {
        let (source, place) = match &note.entry {
            Some(entry) => (entry.source.as_str(), entry.locator.to_string()),
            None => ("", String::new()),
        };
        let cells = [
            "note",
            &note.author,
            "",
            source,
            &place,
            &note.entry_id,
            &note.note,
        ];
        line(&mut out, cells);
    }
    if let Some(s) = &document.sign_off {
        line(
            &mut out,
            ["sign-off", &s.name, &s.role, "", &s.date, "", &s.text],
        );
    }
    if let Some(retention) = &document.retention {
        for sentence in super::retention::sentences(retention) {
            line(
                &mut out,
                ["retention", &retention.policy, "", "", "", "", &sentence],
            );
        }
    }
    if let Some(scan) = &document.scan {
        for s in &scan.sightings {
            line(
                &mut out,
                [
                    "scan",
                    &s.kind,
                    &s.group,
                    &s.first.source,
                    &s.path,
                    &s.first.entry_id,
                    &super::scan::sentence(s, scan.entries),
                ],
            );
        }
    }
    for f in &document.findings {
        line(
            &mut out,
            [
                "finding",
                &f.code,
                f.severity.as_str(),
                &f.source,
                &f.locator.to_string(),
                f.entry_id.as_deref().unwrap_or(""),
                &f.message,
            ],
        );
    }
    out
}

fn line(out: &mut String, cells: [&str; 7]) {
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        let mut cell = printable(cell);
        // A spreadsheet runs what begins like this as a formula.
        if cell.starts_with(['=', '+', '-', '@']) {
            cell.insert(0, '\'');
        }
        if cell.contains(['"', ',', '\n', '\r', '\'']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}
