//! The engine of Auditglass: opens an exported audit log and judges every entry in it.
//!
//! ```
//! use auditglass::{Case, Input, Memory, Quiet};
//!
//! let log = br#"[{"timestamp": "2026-01-01T00:00:00", "entry_id": "e1", "event_type": "data_access", "actor": "a",
//!     "resource_type": "dataset", "resource_id": "d", "action": "read", "details": {"rows": 1.0},
//!     "checksum": "0000000000000000"}]"#;
//! let mut case = Case::open(vec![Input { name: "log.json".into(), bytes: Box::new(Memory::new(*log)), is_found: false }]);
//! case.verify(&mut Quiet).unwrap();
//! assert_eq!(case.totals().mismatched, 1);
//! ```
//!
//! The stations, each of which knows those before it and none after it: `source`, `json`, `entry`, `ingest`, `canon`,
//! `digest`, `verify`, `index`, and this façade. See `docs/architecture.md`.
//!
//! The crate reads no clock, no environment and no network, and starts no thread: those are the host's.

#[cfg(feature = "engine")]
mod canon;
#[cfg(feature = "engine")]
mod case;
#[cfg(feature = "engine")]
mod digest;
#[cfg(feature = "engine")]
mod entry;
#[cfg(feature = "engine")]
mod error;
#[cfg(feature = "engine")]
mod examine;
mod finding;
#[cfg(feature = "engine")]
mod host;
#[cfg(feature = "engine")]
mod index;
#[cfg(feature = "engine")]
mod ingest;
#[cfg(feature = "engine")]
mod json;
#[cfg_attr(
    not(feature = "engine"),
    allow(dead_code, reason = "a page reads filters and does not run them")
)]
pub mod query;
#[cfg(feature = "engine")]
pub mod report;
#[cfg(feature = "engine")]
mod scheme;
#[cfg(feature = "engine")]
mod source;
mod units;
#[cfg(feature = "engine")]
mod verify;
mod view;

#[cfg(feature = "engine")]
pub use {
    case::{
        Case, Comparing, Examining, Export, ExportState, Helper, Scanning, Slicing, SqlExport,
        SqlExportState, SqlRows,
    },
    digest::{Hashing, sha256_hex},
    error::Error,
    examine::retention::RetentionAsk,
    finding::Finding,
    host::{Advance, Alone, Crew, JudgedEntry, Observer, Quiet},
    ingest::companions::companion_of,
    query::{ReferenceQuery, Search, SearchState},
    source::{ByteSource, Input, Memory},
};

pub use finding::{Locator, Severity};
pub use units::{RowIdx, SourceIdx};
pub use view::{
    Accounting, Answer, Answered, Answers, CELL_LIMIT, CompanionView, Comparison, Completion,
    Condition, ControlLine, ControlTotals, Dated, EntryChange, EntryRef, EntryRow, EntryView,
    ErrorView, Evidence, ExportFormat, Facet, FacetAsk, FacetOrder, FacetValue, FieldChange,
    FieldView, FilterError, FindingView, NODE_LIMIT, Note, Notes, OpenOptions, Pairing, PartView,
    Period, Progress, Retention, Scan, Selection, Series, Sighting, SignOff, Slice, Sort,
    SourceView, SqlCell, SqlColumn, SqlError, SqlLimits, SqlPage, SqlTable, Strength, Survey,
    SurveyAsk, TEXT_LIMIT, Timeline, TimelineAsk, Totals, TreeNode, Unexamined, ValueKind, Verdict,
};
pub use view::{
    Attached, CHECKSUM_LIMITS, Drill, Exercise, Outcome, ReportAsk, ReportFormat, ReportFound,
    RetentionPolicy, Trace,
};

/// The version of the SQLite inside, the same in the command and on the page: `3.54.1`.
#[cfg(feature = "engine")]
#[must_use]
pub fn sqlite_version() -> &'static str {
    ingest::sqlite::sqlite_version()
}

#[doc(hidden)]
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
