//! What is asked of a verified case, and what it answers: a selection of entries, its facets, its timeline.

use serde::{Deserialize, Serialize};

use super::Totals;

/// Which entries, and in which order. Entries of equal rank stay in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Selection {
    /// An expression of the query language (`docs/query.md`); empty for all entries.
    pub filter: String,
    /// By what to sort; `None` for source order.
    pub sort: Option<Sort>,
}

/// By what entries are sorted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// A field's name (`timestamp`, `actor`, `verdict`, `source` …) or a details path (`details.score`).
    pub column: String,
    /// From the greatest to the least.
    pub descending: bool,
}

/// Why a filter cannot be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterError {
    /// Bytes of the filter before the place.
    pub start: u32,
    /// Bytes of the filter up to the end of the place; equal to `start` where something is missing.
    pub end: u32,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What was expected there, in words or as it would be typed.
    pub expected: Vec<String>,
    /// What would be right and looks most like what stands there.
    pub nearest: Option<String>,
}

/// One of the conditions that a filter asks for together: a part of its outermost AND.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Bytes of the filter before it.
    pub start: u32,
    /// Bytes of the filter up to its end.
    pub end: u32,
    /// The field that all of it is about; `time` for conditions on the time; empty for text anywhere and for several fields.
    pub field: String,
    /// Whether it asks for what does not match.
    pub negated: bool,
    /// Its alternatives, each as [`FacetValue::term`] would be written.
    pub terms: Vec<String>,
}

/// What is to be counted of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyAsk {
    /// The facets that are shown.
    pub facets: Vec<FacetAsk>,
    /// The timeline, if it is shown.
    pub timeline: Option<TimelineAsk>,
}

/// The counts of a selection. All are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Entries that match, per verdict.
    pub totals: Totals,
    /// As asked, in the same order.
    pub facets: Vec<Facet>,
    /// As asked.
    pub timeline: Option<Timeline>,
}

/// Which values of a field are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FacetAsk {
    /// `verdict`, `event_type`, `actor`, `resource_type`, `resource_id`, `action`, `source`, or a details path.
    pub field: String,
    /// Only values that contain this text, whatever the case of its letters; empty for all.
    pub search: String,
    /// Their order.
    pub order: FacetOrder,
    /// The first wanted, from 0.
    pub start: u64,
    /// How many.
    pub limit: u32,
}

/// The order of a facet's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FacetOrder {
    /// The most frequent first; by name where they are equal.
    #[default]
    Count,
    /// By name, compared by code point.
    Name,
}

/// The values of a field among the entries that match everything in the filter but its conditions on this field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// The field, as asked.
    pub field: String,
    /// As many as were wanted and are there.
    pub values: Vec<FacetValue>,
    /// How many different values there are that contain the text searched for.
    pub distinct: u64,
    /// Entries that have no such field, or no readable value in it.
    pub missing: u64,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// The value as text; cut to [`super::CELL_LIMIT`].
    pub value: String,
    /// The condition that selects it, as it would be typed: `actor:"Zoë Müller"`.
    pub term: String,
    /// How many entries have it.
    pub count: u64,
}

/// Which part of time is wanted, and how finely.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimelineAsk {
    /// The least instant to show, in microseconds since 1970-01-01T00:00:00 as written; `None` for the first of the case.
    pub from: Option<i64>,
    /// The first instant no longer shown; `None` for just behind the last of the case.
    pub to: Option<i64>,
    /// About how many buckets; their step becomes a round one.
    pub buckets: u32,
    /// The field by whose values a bucket is divided, as in [`FacetAsk::field`]; `verdict` by default.
    pub stack: String,
}

/// A histogram over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The beginning of the first bucket, in microseconds since 1970-01-01T00:00:00 as written.
    pub start: i64,
    /// Microseconds of a bucket: 1, 2, 5, 10 … microseconds, then round clock times, days, and so on.
    pub step: u64,
    /// How many buckets.
    pub buckets: u32,
    /// The first and the last instant of all entries of the case that can be placed.
    pub extent: Option<(i64, i64)>,
    /// What the buckets are divided by, the most frequent value first; beyond nine, the last one is everything else.
    pub series: Vec<Series>,
    /// Entries that match and whose time cannot be read: they are beside the timeline, not on it.
    pub untimed: u64,
}

/// One value's share of every bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The value as text; empty for everything else.
    pub label: String,
    /// The condition that selects it; empty for everything else.
    pub term: String,
    /// Entries per bucket.
    pub counts: Vec<u32>,
}

/// Something that could be typed next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Bytes of the filter before what it replaces.
    pub start: u32,
    /// Bytes of the filter up to the end of what it replaces.
    pub end: u32,
    /// What would stand there.
    pub text: String,
    /// What it is: `field`, `value`, `keyword`.
    pub kind: String,
    /// How many entries have it, where that is known.
    pub count: Option<u64>,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated values with a header line (RFC 4180); cells that a spreadsheet would run are neutralised.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// One JSON array.
    Json,
}
