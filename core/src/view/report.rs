//! What a report says: three answers with their evidence, and differences from an earlier export.
//!
//! One model, written out by `report` in several forms and shown by the page. Nothing in it comes from a clock.

use serde::{Deserialize, Serialize};

use super::{SourceView, Totals};
use crate::finding::Locator;
use crate::units::RowIdx;

/// What a checksum of this scheme says, and what it does not.
pub const CHECKSUM_LIMITS: [&str; 4] = [
    "A checksum covers timestamp, entry_id, event_type, actor, resource_type, resource_id, action and details of its own entry. It does not cover written_at, the order of the entries, or that an entry is there at all.",
    "It has no key: whoever can edit an entry can compute its checksum anew.",
    "It has no chain: an entry that was removed leaves no broken link.",
    "It has 64 bits: whoever writes entries can prepare two different ones with the same checksum at about 2^32 work.",
];

/// Whether a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is so, as far as was asked.
    Confirmed,
    /// It is not so, or there is evidence against it.
    NotConfirmed,
    /// Nothing in this file can say.
    CannotBeKnown,
}

impl Answer {
    /// The words used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::NotConfirmed => "not confirmed",
            Self::CannotBeKnown => "cannot be known from this file",
        }
    }
}

/// How much a piece of evidence weighs against the completeness of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Worth knowing; usually something harmless.
    Weak,
    /// Somebody should find out.
    Moderate,
    /// Hard to explain but by what it looks like.
    Strong,
}

impl Strength {
    /// The lower-case word used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
        }
    }
}

/// An entry that is named in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRef {
    /// Its place in the case.
    pub row: RowIdx,
    /// The name of its source.
    pub source: String,
    /// Where in that source.
    pub locator: Locator,
    /// Its id, as text, cut.
    pub entry_id: String,
}

/// Something that speaks for or against an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// A stable code, listed in `docs/reports.md`.
    pub code: String,
    /// How much it weighs.
    pub strength: Strength,
    /// What was found, as one sentence.
    pub message: String,
    /// What else explains it, harmless things first.
    pub explanations: Vec<String>,
    /// How many entries, holes, … there are of it.
    pub count: u64,
    /// The source that it is about, if it is one alone.
    pub source: Option<String>,
    /// The first entries concerned, ten at most.
    pub entries: Vec<EntryRef>,
    /// An expression of the query language that selects the entries concerned, if one does.
    pub filter: Option<String>,
}

/// One of the three answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Why, as one plain sentence.
    pub sentence: String,
    /// What it rests on, the strongest first.
    pub evidence: Vec<Evidence>,
}

/// The three answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Do the entries match their own checksums?
    pub consistency: Answered,
    /// Are all entries there that there should be?
    pub completeness: Answered,
    /// Is this the log as it was written?
    pub authenticity: Answered,
}

/// One field of an entry that differs from an earlier export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name, or a path in the details.
    pub path: String,
    /// Its value in the earlier export as it is shown, cut; `None` if it was not there.
    pub before: Option<String>,
    /// Its value now as it is shown, cut; `None` if it is gone.
    pub after: Option<String>,
}

/// An entry that differs from an earlier export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryChange {
    /// `removed`, `added`, or `changed`.
    pub what: String,
    /// Its id as text, cut.
    pub entry_id: String,
    /// Where it is in the earlier export.
    pub old: Option<EntryRef>,
    /// Where it is now.
    pub new: Option<EntryRef>,
    /// What differs, for a changed entry; fields that no checksum covers among them.
    pub fields: Vec<FieldChange>,
    /// Whether the entry now matches its own checksum: changed and re-hashed.
    pub is_rehashed: bool,
}

/// A comparison with an earlier export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The earlier export's files.
    pub old: Vec<SourceView>,
    /// Its entries per verdict.
    pub old_totals: Totals,
    /// Entries that are the same in both.
    pub unchanged: u64,
    /// Entries that are only in the earlier one.
    pub removed: u64,
    /// Entries that are only in the later one.
    pub added: u64,
    /// Entries of which a hashed field or the checksum differs.
    pub changed: u64,
    /// Entries of which only fields differ that no checksum covers.
    pub uncovered: u64,
    /// Whether every entry of the earlier export is in the later one unchanged.
    pub is_append_only: bool,
    /// The first differences, 1,000 of each sort at most: removed, changed, added.
    pub changes: Vec<EntryChange>,
}

/// What told that a log was altered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// `finding`, `evidence` or `comparison`.
    pub by: String,
    /// The code of the finding or of the evidence; of a comparison `removed`, `changed`, `uncovered` or `added`.
    pub code: String,
    /// How much it weighs: a finding's severity, or the strength of evidence.
    pub weight: String,
    /// What was told, as one sentence.
    pub message: String,
}

/// Whether an exercise was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The altered log alone tells it.
    Alone,
    /// Only the comparison with an earlier export tells it.
    Compared,
    /// Nothing tells it.
    Nowhere,
    /// It cannot be done in this log.
    NotTried,
}

impl Outcome {
    /// The words used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alone => "found in the log alone",
            Self::Compared => "found only with an earlier export",
            Self::Nowhere => "not found",
            Self::NotTried => "not possible",
        }
    }
}

/// One way to falsify a log, tried on a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exercise {
    /// A stable code, listed in `docs/reports.md`.
    pub code: String,
    /// Its name, in a few words.
    pub title: String,
    /// What was done, as one sentence; or why it could not be done.
    pub done: String,
    /// The entries of the open log that it was done to, ten at most.
    pub entries: Vec<EntryRef>,
    /// Whether it was noticed.
    pub outcome: Outcome,
    /// What the altered copy alone tells, beyond what the unaltered copy tells.
    pub alone: Vec<Trace>,
    /// What its comparison with the earlier export tells, beyond that of the unaltered copy; without an earlier export,
    /// its comparison with the unaltered copy.
    pub compared: Vec<Trace>,
    /// Why something was not found.
    pub remarks: Vec<String>,
}

/// What would be noticed if the log were altered: exercises on a copy in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// How the log was copied, as one sentence.
    pub copy: String,
    /// The names of the earlier export's files, if one was given.
    pub baseline: Option<Vec<String>>,
    /// The exercises, in a fixed order.
    pub exercises: Vec<Exercise>,
}
