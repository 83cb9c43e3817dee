//! The machine-readable renderings.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::case::Case;
use crate::finding::Locator;
use crate::host::JudgedEntry;
use crate::view::{Accounting, ErrorView, PartView, Totals};

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    sources: Vec<SourceOut>,
    totals: Totals,
    findings: Vec<FindingOut<'a>>,
}

#[derive(Serialize)]
pub(super) struct SourceOut {
    pub(super) name: String,
    pub(super) kind: Option<String>,
    pub(super) bytes: u64,
    pub(super) sha256: Option<String>,
    pub(super) entries: u64,
    parts: Vec<PartView>,
    companions: Vec<CompanionOut>,
    accounting: Option<Accounting>,
    passed_over: bool,
    error: Option<ErrorView>,
}

#[derive(Serialize)]
struct CompanionOut {
    name: String,
    bytes: u64,
    sha256: Option<String>,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    code: &'a str,
    severity: &'a str,
    source: String,
    locator: &'a Locator,
    entry_id: Option<&'a RawValue>,
    message: &'a str,
    hint: Option<&'a str>,
}

/// The whole report as one JSON object with a final line break.
///
/// `hashes` are the SHA-256 of the files in the order in which they were given; `None` where one could not be had.
#[must_use]
pub fn json(case: &Case, hashes: &[Option<String>]) -> String {
    let names: Vec<_> = case.sources().into_iter().map(|s| s.name).collect();
    let findings = case
        .findings()
        .iter()
        .map(|f| FindingOut {
            code: f.code,
            severity: f.severity.as_str(),
            source: names.get(f.source.0 as usize).cloned().unwrap_or_default(),
            locator: &f.locator,
            entry_id: f
                .entry_id
                .as_deref()
                .and_then(|id| serde_json::from_str(id).ok()),
            message: &f.message,
            hint: f.hint,
        })
        .collect();
    let report = Report {
        schema: "auditglass.verify/1",
        sources: sources(case, hashes),
        totals: case.totals(),
        findings,
    };
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// The sources of a case as they stand in reports.
pub(super) fn sources(case: &Case, hashes: &[Option<String>]) -> Vec<SourceOut> {
    let hash = |input: u32| hashes.get(input as usize).cloned().flatten();
    case.sources()
        .into_iter()
        .map(|s| SourceOut {
            kind: (!s.kind.is_empty()).then_some(s.kind),
            name: s.name,
            bytes: s.bytes,
            sha256: hash(s.input),
            entries: s.entries,
            parts: s.parts,
            companions: s
                .companions
                .into_iter()
                .map(|c| CompanionOut {
                    name: c.name,
                    bytes: c.bytes,
                    sha256: hash(c.input),
                })
                .collect(),
            accounting: s.accounting,
            passed_over: s.is_passed_over,
            error: s.error,
        })
        .collect()
}

#[derive(Serialize)]
struct EntryOut<'a> {
    source: &'a str,
    locator: &'a Locator,
    entry_id: Option<&'a RawValue>,
    claimed: Option<&'a RawValue>,
    recomputed: Option<&'a str>,
    verdict: &'a str,
    reason: Option<&'a str>,
}

/// One judged entry as a line of JSON with its line break.
#[must_use]
pub fn json_line(entry: &JudgedEntry<'_>) -> String {
    let out = EntryOut {
        source: entry.source,
        locator: entry.locator,
        entry_id: serde_json::from_str(entry.entry_id).ok(),
        claimed: serde_json::from_str(entry.claimed_checksum).ok(),
        recomputed: entry.recomputed_checksum,
        verdict: entry.verdict.as_str(),
        reason: entry.reason,
    };
    let mut text = serde_json::to_string(&out).unwrap_or_default();
    text.push('\n');
    text
}
