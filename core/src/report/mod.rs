//! What a verification found, written out: for people, as one JSON object, or a line per entry.
//!
//! The same case gives the same bytes on every machine: nothing here reads a clock, a locale or an order that is not the
//! case's own. The schema of the JSON is `auditglass.verify/1`, described in `docs/reports.md`.

mod diff;
mod document;
mod drill;
mod human;
mod json;
mod making;

pub use diff::{diff_human, diff_json};
pub use document::{Document, answers};
pub use drill::{drill_human, drill_json, drill_markdown};
pub use human::{human, printable};
pub use json::{json, json_line};
pub use making::{Files, Making, make};
