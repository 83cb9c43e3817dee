//! How far a log reaches, measured by a retention policy. Figures, never a judgement on a duty.

use serde::{Deserialize, Serialize};

use super::EntryRef;

/// An entry that marks an end of the log, with its time as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// Its timestamp as it stands in the log.
    pub time: String,
    /// The entry.
    pub entry: EntryRef,
}

/// What a log holds of the time for which a policy asks. Times without a zone count as written, those with one in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// The policy as it was asked for, such as `hipaa` or `400d`.
    pub policy: String,
    /// How long it asks to keep entries, in words, with where that is said.
    pub asks: String,
    /// The day from which it counts back.
    pub as_of: String,
    /// The first day whose entries it asks for.
    pub since: String,
    /// The oldest entry whose time can be read.
    pub oldest: Option<Dated>,
    /// The newest one.
    pub newest: Option<Dated>,
    /// Whole days from the oldest to the newest.
    pub span_days: u64,
    /// Entries from before `since`: older than the policy asks to keep.
    pub older: u64,
    /// Entries from `since` to the end of `as_of`.
    pub within: u64,
    /// Entries from after `as_of`.
    pub later: u64,
    /// Entries whose time cannot be read.
    pub undated: u64,
    /// Days from `since` on, up to `as_of`, that lie before the day of the oldest entry.
    pub unreached_days: u64,
    /// Days after that of the newest entry, up to `as_of`.
    pub silent_days: u64,
    /// An expression of the query language that selects the older entries.
    pub older_filter: String,
}
