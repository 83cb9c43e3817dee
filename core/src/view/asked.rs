//! What was asked of a log, and what was found: a period, counts from elsewhere, pairs of requests and responses.

use serde::{Deserialize, Serialize};

use super::Totals;

/// The period that was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// From the start of this date on.
    pub from: Option<String>,
    /// To the end of this date.
    pub to: Option<String>,
    /// Selects its entries.
    pub filter: String,
    /// Its entries per verdict.
    pub totals: Totals,
    /// The least and the greatest timestamp in it, compared as text.
    pub span: Option<(String, String)>,
}

/// An auditor's own count against the log's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlLine {
    /// A date, for all of its stretch; empty for the whole log.
    pub period: String,
    /// Entries of this type only.
    pub event_type: Option<String>,
    /// How many there should be.
    pub expected: u64,
    /// How many there are.
    pub found: u64,
    /// Selects them.
    pub filter: String,
}

/// Counts from elsewhere, all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotals {
    /// In the order in which they were given.
    pub lines: Vec<ControlLine>,
    /// Entries, of those asked about, that no line counts.
    pub uncovered: u64,
}

/// Requests for an inference and the responses to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// The path in the details by which they belong together; `None` if there is none in both.
    pub path: Option<String>,
    /// Requests and responses that have it.
    pub requests: u64,
    /// The same of responses.
    pub responses: u64,
    /// Requests without a response.
    pub unanswered: u64,
    /// Responses without a request.
    pub unasked: u64,
}
