//! The three answers, from what was verified, examined and compared. What is not known is never called good.

use crate::case::Case;
use crate::report::human::{entries, grouped};
use crate::view::{Answer, Answered, Answers, Comparison, Evidence, Strength, Totals, Verdict};

/// The three answers of a verified case: from its verdicts, the evidence of [`Case::completeness`] and the number of entries
/// that somebody expected, and its comparison with an earlier export.
#[must_use]
pub fn answers(
    case: &Case,
    evidence: Vec<Evidence>,
    comparison: Option<&Comparison>,
    expect_count: Option<u64>,
) -> Answers {
    let totals = case.totals();
    Answers {
        consistency: consistency(case, totals),
        completeness: completeness(totals, evidence, expect_count),
        authenticity: authenticity(totals, comparison),
    }
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

fn completeness(totals: Totals, mut evidence: Vec<Evidence>, expected: Option<u64>) -> Answered {
    if let Some(expected) = expected.filter(|n| *n != totals.entries) {
        evidence.push(Evidence {
            code: "control-total".into(),
            strength: Strength::Strong,
            message: format!(
                "{} were expected and {} are there",
                entries(expected),
                grouped(totals.entries)
            ),
            explanations: vec![
                "The count may be of another period, or of another log than this export.".into(),
            ],
            count: expected.abs_diff(totals.entries),
            source: None,
            entries: Vec::new(),
            filter: None,
        });
    }
    evidence.sort_by_key(|e| std::cmp::Reverse(e.strength));
    let heavy = evidence.iter().filter(|e| e.strength > Strength::Weak);
    let heavy = heavy.count();
    let (answer, sentence) = match (totals.entries, heavy, expected) {
        (0, ..) => (
            Answer::NotConfirmed,
            "There is no entry; an empty log is not a complete one.".to_owned(),
        ),
        (_, 1, _) => (
            Answer::NotConfirmed,
            "There is one sign that entries are missing or were not written when they say.".to_owned(),
        ),
        (_, 2.., _) => (
            Answer::NotConfirmed,
            format!("There are {heavy} signs that entries are missing or were not written when they say."),
        ),
        (n, 0, Some(_)) => (
            Answer::Confirmed,
            format!(
                "The log holds the {} that were expected, and nothing speaks against it.",
                entries(n)
            ),
        ),
        (_, 0, None) => (
            Answer::CannotBeKnown,
            "No sign of a missing entry was found, but one that was removed need not leave any; counts from elsewhere would tell.".to_owned(),
        ),
    };
    Answered {
        answer,
        sentence,
        evidence,
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
