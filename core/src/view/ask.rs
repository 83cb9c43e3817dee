//! What a report is asked for: the same on the command line and on the page.

use serde::{Deserialize, Serialize};

use super::{Answers, ControlTotals, Note, Pairing, Period, Retention, Scan, Slice};

/// How a report is written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportFormat {
    /// One page with everything inside, to be read and printed.
    #[default]
    Html,
    /// One object, schema `auditglass.report/1`.
    Json,
    /// Markdown.
    #[serde(rename = "md")]
    Markdown,
    /// Findings, failing entries and evidence, a line each.
    Csv,
}

impl ReportFormat {
    /// Each form once.
    pub const ALL: [Self; 4] = [Self::Html, Self::Json, Self::Markdown, Self::Csv];

    /// The word for it on the command line, and the ending of its files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }
}

/// A text that was given as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The file's base name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A retention policy, and the day from which it counts back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPolicy {
    /// A preset's name, or days, months or years: `hipaa`, `400d`, `18m`, `5y`.
    pub policy: String,
    /// Such as `2026-11-24`.
    pub as_of: String,
}

/// What a report is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportAsk {
    /// From the start of this date on.
    pub from: Option<String>,
    /// To the end of this date.
    pub to: Option<String>,
    /// How many entries there should be, by a count from elsewhere; of the period, if one is asked about.
    pub expect_count: Option<u64>,
    /// Counts per period and type, as CSV.
    pub control_totals: Option<Attached>,
    /// The path in the details by which requests and responses belong together, where it is not one of the usual ones.
    pub pair: Option<String>,
    /// How far the log should reach.
    pub retention: Option<RetentionPolicy>,
    /// Whether to look for what a log should perhaps not hold.
    pub scan: bool,
    /// An auditor's notes and signature, as JSON.
    pub notes: Option<Attached>,
    /// The base name of the file that the failing entries are written to, with their hashed bytes.
    pub evidence_slice: Option<String>,
}

/// What was found of what a report was asked for: the part of it that a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFound {
    /// The three answers to what was asked.
    pub answers: Answers,
    /// If a period was asked about.
    pub period: Option<Period>,
    /// If counts from elsewhere were given.
    pub control_totals: Option<ControlTotals>,
    /// `None` where there are not both requests and responses.
    pub pairing: Option<Pairing>,
    /// If a policy was named.
    pub retention: Option<Retention>,
    /// If it was asked for.
    pub scan: Option<Scan>,
    /// If one was written.
    pub slice: Option<Slice>,
    /// The notes, each with its entry.
    pub notes: Vec<Note>,
}
