//! What an auditor adds to a report: notes about entries, and a signature.

use serde::{Deserialize, Serialize};

use super::EntryRef;

/// A note about one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The entry's id, as text.
    pub entry_id: String,
    /// What there is to say.
    pub note: String,
    /// Who says it.
    #[serde(default)]
    pub author: String,
    /// The first entry with this id, if there is one in the log; whatever a file says here is looked up anew.
    #[serde(default)]
    pub entry: Option<EntryRef>,
}

/// Who stands for the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// Their name.
    #[serde(default)]
    pub name: String,
    /// As what they examined the log.
    #[serde(default)]
    pub role: String,
    /// When, in their own words: no clock is read.
    #[serde(default)]
    pub date: String,
    /// What they conclude.
    #[serde(default)]
    pub text: String,
}

/// Notes and a signature, as a file holds them: one of their own, or a report in JSON, which holds more besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// In the order in which they were written.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// `None` while nobody has signed.
    #[serde(default)]
    pub sign_off: Option<SignOff>,
}

/// The failing entries with their exact hashed bytes, in a file beside the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The file's base name.
    pub name: String,
    /// Its lines.
    pub entries: u64,
    /// Its SHA-256, as 64 hex digits.
    pub sha256: String,
}
