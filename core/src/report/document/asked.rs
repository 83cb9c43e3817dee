//! What was asked beyond the log as a whole: a period, counts per period and type, pairs of requests and responses.

use super::Document;
use super::blocks::Block;
use crate::report::human::{entries, grouped};
use crate::view::{ControlTotals, Evidence, Pairing, Period, Strength};

/// Counts that differ and are told one by one; all stand in the table.
const TOLD: usize = 10;

/// A piece of evidence for each count that the log does not meet.
pub(super) fn differing(control: &ControlTotals) -> Vec<Evidence> {
    let differing: Vec<_> = (control.lines.iter())
        .filter(|line| line.expected != line.found)
        .collect();
    let mut all: Vec<Evidence> = (differing.iter().take(TOLD))
        .map(|line| {
            let what = line
                .event_type
                .as_deref()
                .map_or_else(String::new, |t| format!(" of type {t}"));
            let when = match line.period.as_str() {
                "" => "in all".to_owned(),
                period => format!("in {period}"),
            };
            let message = format!(
                "{}{what} were expected {when} and {} are there",
                entries(line.expected),
                grouped(line.found)
            );
            let mut told = evidence(message, line.expected.abs_diff(line.found));
            told.filter = (!line.filter.is_empty()).then(|| line.filter.clone());
            told
        })
        .collect();
    if differing.len() > TOLD {
        let rest = &differing[TOLD..];
        let count = rest.iter().map(|l| l.expected.abs_diff(l.found)).sum();
        all.push(evidence(
            format!("{} more counts from elsewhere are not met", rest.len()),
            count,
        ));
    }
    all
}

fn evidence(message: String, count: u64) -> Evidence {
    Evidence {
        code: "control-total".into(),
        strength: Strength::Strong,
        message,
        explanations: vec![
            "The count may be of another log, or a day of it may end at another hour, in another time zone.".into(),
        ],
        count,
        source: None,
        entries: Vec::new(),
        filter: None,
    }
}

/// The period, behind the verdicts of the whole log.
pub(super) fn period(document: &Document, out: &mut Vec<Block>) {
    let Some(period) = &document.period else {
        return;
    };
    out.push(Block::Heading("The period asked about".into()));
    out.push(Block::Text(sentence(period)));
    out.push(verdicts(period));
}

/// What was asked, and what was found.
pub(super) fn sentence(period: &Period) -> String {
    let asked = |date: &Option<String>| date.clone().unwrap_or_else(|| "the log".into());
    let found = match &period.span {
        Some((first, last)) => format!("{first} to {last}"),
        None => "nothing".to_owned(),
    };
    format!(
        "Asked: from the start of {} to the end of {}. Found: {found}.",
        asked(&period.from),
        asked(&period.to)
    )
}

fn verdicts(period: &Period) -> Block {
    let totals = period.totals;
    let rows = [
        ("verified", totals.verified),
        ("mismatched", totals.mismatched),
        ("unchecksummed", totals.unchecksummed),
        ("unreadable", totals.unreadable),
        ("in all", totals.entries),
    ];
    let row = |(name, n): (&str, u64)| vec![name.to_owned(), grouped(n)];
    Block::Table(vec!["verdict", "entries"], rows.map(row).to_vec())
}

/// Counts from elsewhere, and pairs.
pub(super) fn counts(document: &Document, out: &mut Vec<Block>) {
    if let Some(control) = &document.control_totals {
        out.push(Block::Heading("Counts from elsewhere".into()));
        let rows = control.lines.iter().map(|line| {
            vec![
                if line.period.is_empty() {
                    "all".into()
                } else {
                    line.period.clone()
                },
                line.event_type.clone().unwrap_or_else(|| "all".into()),
                grouped(line.expected),
                grouped(line.found),
                if line.expected == line.found {
                    "met"
                } else {
                    "not met"
                }
                .to_owned(),
            ]
        });
        out.push(Block::Table(
            vec!["period", "event type", "expected", "found", ""],
            rows.collect(),
        ));
        if control.uncovered > 0 {
            out.push(Block::Text(format!(
                "{} are in none of these counts.",
                entries(control.uncovered)
            )));
        }
    }
    if let Some(pairing) = &document.pairing {
        out.push(Block::Text(paired(pairing)));
    }
}

fn paired(pairing: &Pairing) -> String {
    match &pairing.path {
        None => format!(
            "{} inference requests and {} responses were not paired: no value in their details is known to be in both. `--pair` names one.",
            grouped(pairing.requests),
            grouped(pairing.responses)
        ),
        Some(path) => format!(
            "By {path} {} inference requests and {} responses were paired: {} without a response, {} without a request, those at either end of the log left aside.",
            grouped(pairing.requests),
            grouped(pairing.responses),
            grouped(pairing.unanswered),
            grouped(pairing.unasked)
        ),
    }
}
