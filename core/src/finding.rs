//! Findings: everything that the engine has to tell beyond the verdicts.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(feature = "engine")]
use crate::units::{RowIdx, SourceIdx};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Unusual: somebody should look.
    Warning,
    /// Something failed its check, or is known to be lost.
    Error,
}

impl Severity {
    /// The lower-case word used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where in its source a finding or an entry lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Locator {
    /// The row of a SQLite table, by its rowid.
    Row {
        /// The table's name.
        table: String,
        /// The rowid, as SQLite's `rowid` pseudo-column gives it.
        rowid: i64,
    },
    /// The n-th row, in key order and from 0, of a table WITHOUT ROWID.
    Ordinal {
        /// The table's name.
        table: String,
        /// Rows before this one.
        ordinal: u64,
    },
    /// A SQLite table as a whole.
    Table {
        /// The table's name.
        table: String,
    },
    /// A page of a SQLite file, counted from 1 as in the file format.
    Page {
        /// The page's number.
        page: u32,
    },
    /// A line of a JSON Lines file.
    Line {
        /// Bytes before the line.
        offset: u64,
        /// The line's number, from 1.
        line: u64,
    },
    /// A run of bytes.
    Range {
        /// Bytes before it.
        offset: u64,
        /// Bytes in it.
        length: u64,
    },
    /// An element of a JSON array, or any other place in a text.
    Offset {
        /// Bytes before it.
        offset: u64,
    },
    /// The source as a whole.
    Whole {},
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { table, rowid } => write!(f, "{table} rowid {rowid}"),
            Self::Ordinal { table, ordinal } => write!(f, "{table} row {}", ordinal + 1),
            Self::Table { table } => write!(f, "table {table}"),
            Self::Page { page } => write!(f, "page {page}"),
            Self::Line { offset, line } => write!(f, "line {line} (byte {offset})"),
            Self::Range { offset, length } => write!(f, "bytes {offset} to {}", offset + length),
            Self::Offset { offset } => write!(f, "byte {offset}"),
            Self::Whole {} => f.write_str("the whole file"),
        }
    }
}

/// One thing that the engine noticed: a stable code for machines, a sentence for people.
#[cfg(feature = "engine")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable, lower-case, with hyphens: `checksum-mismatch`. Listed in `docs/checksums.md` and `docs/formats.md`.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The source it was found in.
    pub source: SourceIdx,
    /// Where in that source.
    pub locator: Locator,
    /// The entry it concerns, if it concerns one.
    pub row: Option<RowIdx>,
    /// The entry's id as a JSON value, cut to a bounded length, if it has one.
    pub entry_id: Option<String>,
    /// What was found, as one sentence.
    pub message: String,
    /// What to try or to think of, if there is something.
    pub hint: Option<&'static str>,
}

/// Text from the log inside a message: cut, and without control or direction-changing characters.
#[cfg(feature = "engine")]
pub(crate) fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(400)]).into_owned();
    let mut shown: String = text
        .chars()
        .take(80)
        .map(|c| match c {
            '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                '\u{FFFD}'
            }
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect();
    if shown.is_empty() {
        shown.push_str("nothing");
    } else if text.chars().count() > 80 {
        shown.push('…');
    }
    shown
}
