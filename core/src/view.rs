//! What the façade hands out to be shown: owned, bounded, serialisable.
//!
//! Texts meant for a table are cut to [`CELL_LIMIT`] characters; a panel's texts to [`TEXT_LIMIT`]. Whatever was cut says
//! so, and nothing that is compared or hashed passes through these types.

use serde::{Deserialize, Serialize};

use crate::finding::{Locator, Severity};
use crate::units::{RowIdx, SourceIdx};

mod account;
mod ask;
mod asked;
mod explore;
mod notes;
mod report;
mod retention;
mod scan;
mod sql;

pub use account::{Accounting, Unexamined};
pub use ask::{Attached, ReportAsk, ReportFormat, ReportFound, RetentionPolicy};
pub use asked::{ControlLine, ControlTotals, Pairing, Period};
pub use explore::{
    Completion, Condition, ExportFormat, Facet, FacetAsk, FacetOrder, FacetValue, FilterError,
    Selection, Series, Sort, Survey, SurveyAsk, Timeline, TimelineAsk,
};
pub use notes::{Note, Notes, SignOff, Slice};
pub use report::{
    Answer, Answered, Answers, CHECKSUM_LIMITS, Comparison, Drill, EntryChange, EntryRef, Evidence,
    Exercise, FieldChange, Outcome, Strength, Trace,
};
pub use retention::{Dated, Retention};
pub use scan::{Scan, Sighting};
pub use sql::{SqlCell, SqlColumn, SqlError, SqlLimits, SqlPage, SqlTable};

/// Characters of a table cell.
pub const CELL_LIMIT: usize = 256;
/// Characters of a value in the entry panel.
pub const TEXT_LIMIT: usize = 64 * 1024;
/// Nodes of a details tree.
pub const NODE_LIMIT: usize = 5_000;

/// What can be chosen when files are opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenOptions {
    /// Roll a database back by its hot rollback journal, as SQLite would when it opens it; otherwise it is read as it
    /// stands.
    pub roll_back_journal: bool,
}

/// What was found about one entry. Exactly one holds for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Verdict {
    /// The recomputed checksum equals the claimed one.
    Verified = 0,
    /// It does not.
    Mismatched = 1,
    /// No checksum is claimed.
    Unchecksummed = 2,
    /// No canonical form can be made of a hashed field.
    Unreadable = 3,
}

impl Verdict {
    /// All four, in the order in which they are counted and shown.
    pub const ALL: [Self; 4] = [
        Self::Verified,
        Self::Mismatched,
        Self::Unchecksummed,
        Self::Unreadable,
    ];

    /// The lower-case word used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Mismatched => "mismatched",
            Self::Unchecksummed => "unchecksummed",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Entries per verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// All of them; the sum of the other four.
    pub entries: u64,
    /// See [`Verdict::Verified`].
    pub verified: u64,
    /// See [`Verdict::Mismatched`].
    pub mismatched: u64,
    /// See [`Verdict::Unchecksummed`].
    pub unchecksummed: u64,
    /// See [`Verdict::Unreadable`].
    pub unreadable: u64,
}

impl Totals {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        self.entries += 1;
        match verdict {
            Verdict::Verified => self.verified += 1,
            Verdict::Mismatched => self.mismatched += 1,
            Verdict::Unchecksummed => self.unchecksummed += 1,
            Verdict::Unreadable => self.unreadable += 1,
        }
    }

    /// How many have this verdict.
    #[must_use]
    pub const fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Verified => self.verified,
            Verdict::Mismatched => self.mismatched,
            Verdict::Unchecksummed => self.unchecksummed,
            Verdict::Unreadable => self.unreadable,
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRow {
    /// Its place in the case.
    pub row: RowIdx,
    /// The source it lies in.
    pub source: SourceIdx,
    /// Its verdict.
    pub verdict: Verdict,
    /// One for each column asked for, in that order: the value as text, cut to [`CELL_LIMIT`].
    pub cells: Vec<String>,
}

/// What kind of value a field or a node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// The field is not there.
    Missing,
    /// JSON null or SQL NULL.
    Null,
    /// true or false.
    Bool,
    /// An integer or a float.
    Number,
    /// Text.
    Text,
    /// Bytes that are no text.
    Bytes,
    /// A JSON object.
    Object,
    /// A JSON array.
    Array,
}

/// One field of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ValueKind,
    /// Its value as text; text without quotes, bytes as hex; cut to [`TEXT_LIMIT`].
    pub text: String,
    /// Whether the checksum covers it.
    pub hashed: bool,
}

/// One node of the details tree, in document order; children follow their parent with `depth + 1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeNode {
    /// 0 for the members of the details value itself.
    pub depth: u32,
    /// The member's key, or the element's index in brackets: `[3]`.
    pub key: String,
    /// What it holds.
    pub kind: ValueKind,
    /// A scalar's text as Python writes it (text with quotes and escapes undone); empty for containers.
    pub text: String,
    /// Members or elements of a container.
    pub children: u32,
}

/// One entry, as the panel shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// Its place in the case.
    pub row: RowIdx,
    /// The source it lies in.
    pub source: SourceIdx,
    /// The table or the JSON path it lies in.
    pub part: String,
    /// Where it lies.
    pub locator: Locator,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why it is not verified.
    pub reason: Option<String>,
    /// The checksum it claims; `None` if absent or null.
    pub claimed_checksum: Option<String>,
    /// The checksum recomputed; `None` if unreadable.
    pub recomputed_checksum: Option<String>,
    /// All fields but details: the hashed ones in the reference's column order, then the others.
    pub fields: Vec<FieldView>,
    /// The details, flattened; cut to [`NODE_LIMIT`] nodes.
    pub details: Vec<TreeNode>,
    /// How many nodes were left out of `details`.
    pub details_omitted: u64,
    /// The details as they stand in the source; only where they could not be read as JSON.
    pub details_raw: Option<String>,
    /// The exact bytes hashed (ASCII); `None` if unreadable.
    pub canonical: Option<String>,
    /// The full SHA-256 over them, 64 hex digits.
    pub sha256: Option<String>,
    /// What was noticed about this entry.
    pub findings: Vec<FindingView>,
}

/// A [`crate::Finding`] in a form that travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// The stable code.
    pub code: String,
    /// Its weight.
    pub severity: Severity,
    /// The name of its source.
    pub source: String,
    /// Where in that source.
    pub locator: Locator,
    /// The entry it concerns.
    pub row: Option<RowIdx>,
    /// The entry's id as JSON, cut.
    pub entry_id: Option<String>,
    /// What was found.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// A source as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceView {
    /// Its base name, or its path in the folder in which it was found; made unique within the case.
    pub name: String,
    /// Which of the files given it is, from 0.
    pub input: u32,
    /// `csv`, `json-array`, `json-object`, `json-lines`, `json-sequence`, `sqlite`, `sql-dump` or `zip`; empty if it could not be read as a log.
    pub kind: String,
    /// Its length, companions not included.
    pub bytes: u64,
    /// Entries judged.
    pub entries: u64,
    /// Its parts: tables, or the paths of JSON arrays, each with its entries.
    pub parts: Vec<PartView>,
    /// Companions that belong to it (`-wal`, `-journal`, `-shm`).
    pub companions: Vec<CompanionView>,
    /// What became of its bytes, companions included; `None` until it was read to its end.
    pub accounting: Option<Accounting>,
    /// Whether it was found in a folder and is no log; then `error` says what it is, and nothing is wrong with the case.
    pub is_passed_over: bool,
    /// Why it could not be read as a log, with what to try.
    pub error: Option<ErrorView>,
}

/// A file that belongs to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanionView {
    /// Its base name.
    pub name: String,
    /// Which of the files given it is, from 0.
    pub input: u32,
    /// Its length.
    pub bytes: u64,
}

/// A part of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartView {
    /// A table's name or a JSON path.
    pub name: String,
    /// Entries judged.
    pub entries: u64,
}

/// An error in a form that travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorView {
    /// What is wrong.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Bytes behind the reader.
    pub bytes_done: u64,
    /// Bytes in all.
    pub bytes_total: u64,
    /// Entries judged so far, per verdict.
    pub totals: Totals,
}

/// A text cut to so many characters; one that was cut says so.
#[cfg(feature = "engine")]
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
