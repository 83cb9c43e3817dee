//! What a log holds that it perhaps should not: by field and kind, with masked examples and never a value in clear.

use serde::{Deserialize, Serialize};

use super::EntryRef;

/// One kind of thing in one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// `personal`, `secret`, `proprietary` or `hash`.
    pub group: String,
    /// A stable code, listed in `docs/reports.md`, such as `email`.
    pub kind: String,
    /// The field's name, or a path in the details, `[]` for every index. What in a key looks like data stands as `{key}`.
    pub path: String,
    /// How often it was seen.
    pub count: u64,
    /// In how many entries.
    pub entries: u64,
    /// The first different ones as they look when letters and digits are masked, three at most.
    pub examples: Vec<String>,
    /// The first entry; without its id where that is a sighting itself.
    pub first: EntryRef,
}

/// What a scan of all fields of all entries saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// Entries that were looked through.
    pub entries: u64,
    /// Entries among them whose details are no JSON, and were looked through as text.
    pub unparsed: u64,
    /// Whether there were more different paths than are told apart; the rest is counted under `…`.
    pub is_coarse: bool,
    /// What was seen: secrets first, then personal data, proprietary detail and hashes, by kind and path.
    pub sightings: Vec<Sighting>,
}
