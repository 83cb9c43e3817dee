//! The three answers, from what was verified, examined and compared. What is not known is never called good.

use super::ReportOptions;
use crate::case::Case;
use crate::report::human::{entries, grouped};
use crate::view::{
    Answer, Answered, Answers, Comparison, ControlTotals, Evidence, Period, Strength, Totals,
    Verdict,
};

/// The three answers of a verified case: from its verdicts, the evidence of [`Case::completeness`] and the number of entries
/// that somebody expected, and its comparison with an earlier export.
#[must_use]
pub fn answers(
    case: &Case,
    evidence: Vec<Evidence>,
    comparison: Option<&Comparison>,
    expect_count: Option<u64>,
) -> Answers {
    let options = ReportOptions {
        expect_count,
        ..ReportOptions::default()
    };
    answers_to(case, evidence, comparison, &options)
}

/// The same of what was asked: a period, counts per period and type.
pub(super) fn answers_to(
    case: &Case,
    evidence: Vec<Evidence>,
    comparison: Option<&Comparison>,
    options: &ReportOptions,
) -> Answers {
    let totals = case.totals();
    let asked = options.period.as_ref().map_or(totals, |p| p.totals);
    Answers {
        consistency: match &options.period {
            Some(period) if totals.entries > 0 => of_period(case, period),
            _ => consistency(case, totals),
        },
        completeness: completeness(asked, evidence, options),
        authenticity: authenticity(totals, comparison),
    }
}

/// An entry that fails elsewhere may have named another time before, so the answer about a period needs all of them.
fn of_period(case: &Case, period: &Period) -> Answered {
    let asked = period.totals;
    if asked.entries == 0 {
        return plain(
            Answer::NotConfirmed,
            "There is no entry in the period asked about; that confirms nothing.",
        );
    }
    if case.is_consistent() {
        return plain(
            Answer::Confirmed,
            format!(
                "All {} of the period asked about match their own checksums, and so do those before and after.",
                entries(asked.entries)
            ),
        );
    }
    let of_all = consistency(case, case.totals()).sentence;
    plain(
        Answer::NotConfirmed,
        format!(
            "Of {} in the period asked about, {} verified. An entry that fails elsewhere may have named a time in it. In all: {of_all}",
            entries(asked.entries),
            grouped(asked.verified)
        ),
    )
}

fn plain(answer: Answer, sentence: impl Into<String>) -> Answered {
    Answered {
        answer,
        sentence: sentence.into(),
        evidence: Vec::new(),
    }
}

fn consistency(case: &Case, totals: Totals) -> Answered {
    if totals.entries == 0 {
        return plain(
            Answer::NotConfirmed,
            "There is no entry to check; an empty log confirms nothing.",
        );
    }
    if case.is_consistent() {
        return plain(
            Answer::Confirmed,
            format!("All {} match their own checksums.", entries(totals.entries)),
        );
    }
    let mut wrong = Vec::new();
    for verdict in &Verdict::ALL[1..] {
        if totals.of(*verdict) > 0 {
            wrong.push(format!(
                "{} {}",
                grouped(totals.of(*verdict)),
                verdict.as_str()
            ));
        }
    }
    let sentence = if wrong.is_empty() {
        "What was read matches its checksums, but a file could not be read as a log or a part of the log is known to be lost.".to_owned()
    } else {
        format!(
            "Of {}, {} verified, {}.",
            entries(totals.entries),
            grouped(totals.verified),
            wrong.join(", ")
        )
    };
    plain(Answer::NotConfirmed, sentence)
}

fn completeness(asked: Totals, mut evidence: Vec<Evidence>, options: &ReportOptions) -> Answered {
    let expected = options.expect_count;
    if let Some(expected) = expected.filter(|n| *n != asked.entries) {
        evidence.push(Evidence {
            code: "control-total".into(),
            strength: Strength::Strong,
            message: format!(
                "{} were expected and {} are there",
                entries(expected),
                grouped(asked.entries)
            ),
            explanations: vec![
                "The count may be of another period, or of another log than this export.".into(),
            ],
            count: expected.abs_diff(asked.entries),
            source: None,
            entries: Vec::new(),
            filter: None,
        });
    }
    let control = options.control_totals.as_ref();
    evidence.extend(control.map_or_else(Vec::new, super::asked::differing));
    // Counts that leave entries out say nothing about those.
    let is_counted = expected.is_some() || control.is_some_and(|c| c.uncovered == 0);
    evidence.sort_by_key(|e| std::cmp::Reverse(e.strength));
    let heavy = evidence.iter().filter(|e| e.strength > Strength::Weak);
    let heavy = heavy.count();
    let (answer, sentence) = match (asked.entries, heavy, is_counted) {
        (0, ..) => (
            Answer::NotConfirmed,
            match options.period {
                Some(_) => "There is no entry in the period asked about.".to_owned(),
                None => "There is no entry; an empty log is not a complete one.".to_owned(),
            },
        ),
        (_, 1, _) => (
            Answer::NotConfirmed,
            "There is one sign that entries are missing or were not written when they say."
                .to_owned(),
        ),
        (_, 2.., _) => (
            Answer::NotConfirmed,
            format!(
                "There are {heavy} signs that entries are missing or were not written when they say."
            ),
        ),
        (n, 0, true) => (
            Answer::Confirmed,
            format!(
                "The log holds the {} that were expected, and nothing speaks against it.",
                entries(n)
            ),
        ),
        (_, 0, false) => (Answer::CannotBeKnown, not_counted(control)),
    };
    Answered {
        answer,
        sentence,
        evidence,
    }
}

fn not_counted(control: Option<&ControlTotals>) -> String {
    match control {
        Some(control) => format!(
            "The counts from elsewhere are met, but {} are in none of them; no sign of a missing entry was found.",
            entries(control.uncovered)
        ),
        None => "No sign of a missing entry was found, but one that was removed need not leave any; counts from elsewhere would tell.".to_owned(),
    }
}

fn authenticity(totals: Totals, comparison: Option<&Comparison>) -> Answered {
    let Some(c) = comparison else {
        return plain(
            Answer::CannotBeKnown,
            "The checksum has no key, so whoever can edit an entry can compute it anew; an earlier export of the log would tell.",
        );
    };
    if totals.entries == 0 || c.old_totals.entries == 0 {
        return plain(
            Answer::NotConfirmed,
            "One of the two exports holds no entry; there is nothing to compare.",
        );
    }
    if c.is_append_only {
        return plain(
            Answer::Confirmed,
            format!(
                "All {} of the earlier export are here unchanged; the {} added since have nothing to be compared with.",
                entries(c.old_totals.entries),
                entries(c.added)
            ),
        );
    }
    plain(
        Answer::NotConfirmed,
        format!(
            "Against the earlier export, {} removed, {} changed, and {} differ in a field that no checksum covers.",
            entries(c.removed),
            entries(c.changed),
            entries(c.uncovered)
        ),
    )
}
