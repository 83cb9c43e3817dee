//! The report of a case that an auditor takes along: one model, written out as JSON, Markdown, HTML or CSV.
//!
//! The same case and options give the same bytes on every machine. No clock is read.

use serde::Serialize;

use super::json::{SourceOut, sources};
use crate::case::Case;
use crate::error::Error;
use crate::finding::Severity;
use crate::units::RowIdx;
use crate::view::{
    Answers, Comparison, ControlTotals, EntryRef, Evidence, FindingView, Note, Notes, Pairing,
    Period, Retention, Scan, Selection, SignOff, Slice, SourceView, Totals, Verdict,
};

mod answers;
mod asked;
mod blocks;
mod csv;
mod html;
mod markdown;
mod notes;
mod retention;
mod scan;

pub use answers::answers;
use answers::answers_to;
pub(super) use blocks::Block;
pub(super) use markdown::write as write_markdown;

/// Entries that are listed because they failed; the others are counted.
const FAILING: u32 = 1_000;
/// Findings that a document for people lists; JSON and CSV list all.
const LISTED: usize = 200;

/// What a report is made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportOptions {
    /// How many entries there should be, by the auditor's own count.
    pub expect_count: Option<u64>,
    /// What [`Case::period`] found, if a part of the log is asked about: consistency and the expected count are of it.
    pub period: Option<Period>,
    /// What [`Case::control_totals`] found, if there are counts from elsewhere.
    pub control_totals: Option<ControlTotals>,
    /// What [`Case::completeness_with`] paired.
    pub pairing: Option<Pairing>,
    /// What [`Case::notes`] read.
    pub notes: Notes,
    /// The evidence slice, if one is written beside the report.
    pub slice: Option<Slice>,
    /// What [`Case::retention`] found, if a policy is asked about.
    pub retention: Option<Retention>,
    /// What [`Case::scan`] saw, if it is asked for.
    pub scan: Option<Scan>,
    /// The command that makes this report again.
    pub command: String,
    /// SHA-256 of the files in the order in which they were given, as 64 hex digits; `None` where one could not be had.
    pub hashes: Vec<Option<String>>,
}

/// The report on a case.
#[derive(Serialize)]
pub struct Document {
    schema: &'static str,
    version: &'static str,
    /// What it was built from, where the build says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'static str>,
    command: String,
    scheme: &'static str,
    sources: Vec<SourceOut>,
    totals: Totals,
    /// The least and the greatest timestamp, compared as text.
    span: Option<(String, String)>,
    period: Option<Period>,
    answers: Answers,
    control_totals: Option<ControlTotals>,
    pairing: Option<Pairing>,
    failing: Vec<Failing>,
    slice: Option<Slice>,
    comparison: Option<Comparison>,
    retention: Option<Retention>,
    scan: Option<Scan>,
    findings: Vec<FindingView>,
    /// Read again from here by [`Case::notes`].
    notes: Vec<Note>,
    sign_off: Option<SignOff>,
}

/// An entry that is not verified.
#[derive(Serialize)]
struct Failing {
    entry: EntryRef,
    verdict: Verdict,
    claimed: Option<String>,
    recomputed: Option<String>,
    reason: String,
}

/// The command that makes the report on a case again, files by their base names: the files themselves lie where they lie.
#[must_use]
pub fn command(case: &Case, comparison: Option<&Comparison>) -> String {
    let mut words = vec!["auditglass report".to_owned()];
    for name in comparison.map_or_else(Vec::new, |c| file_names(&c.old)) {
        words.push(format!("--baseline {name}"));
    }
    words.extend(file_names(&case.sources()));
    words.join(" ")
}

/// The names of the files behind sources, as a shell takes them.
fn file_names(sources: &[SourceView]) -> Vec<String> {
    // The members of an archive are one file, and the archive itself is the last of them.
    let files = sources.chunk_by(|a, b| a.input == b.input);
    files
        .filter_map(|of_one| of_one.last())
        .map(|source| quoted(&source.name))
        .collect()
}

/// A file's name as a shell takes it, and as the command does not take it for an option.
#[must_use]
pub fn quoted(name: &str) -> String {
    let front = if name.starts_with('-') { "./" } else { "" };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+/".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        return format!("{front}{name}");
    }
    format!("'{front}{}'", name.replace('\'', r"'\''"))
}

/// What is hashed, in words.
const SCHEME: &str = "the first 16 hex digits of SHA-256 over the entry's eight fields as CPython's json.dumps(entry, sort_keys=True) writes them";

/// What a checksum of this scheme says, and what it does not.
const LIMITS: [&str; 4] = [
    "A checksum covers timestamp, entry_id, event_type, actor, resource_type, resource_id, action and details of its own entry. It does not cover written_at, the order of the entries, or that an entry is there at all.",
    "It has no key: whoever can edit an entry can compute its checksum anew.",
    "It has no chain: an entry that was removed leaves no broken link.",
    "It has 64 bits: whoever writes entries can prepare two different ones with the same checksum at about 2^32 work.",
];

impl Document {
    /// Puts together what is known of a verified case, the evidence of [`Case::completeness`], and of its
    /// comparison with an earlier export if there is one.
    ///
    /// # Errors
    ///
    /// If the entries that failed cannot be read again.
    pub fn new(
        case: &Case,
        evidence: Vec<Evidence>,
        comparison: Option<&Comparison>,
        options: &ReportOptions,
    ) -> Result<Self, Error> {
        let failing = failing(case)?;
        let findings = case.findings().iter().map(|f| case.finding_view(f));
        Ok(Self {
            schema: "auditglass.report/1",
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("AUDITGLASS_COMMIT").filter(|c| !c.is_empty()),
            command: options.command.clone(),
            scheme: SCHEME,
            sources: sources(case, &options.hashes),
            totals: case.totals(),
            span: case.span(),
            period: options.period.clone(),
            answers: answers_to(case, evidence, comparison, options),
            control_totals: options.control_totals.clone(),
            pairing: options.pairing.clone(),
            failing,
            slice: options.slice.clone(),
            comparison: comparison.cloned(),
            retention: options.retention.clone(),
            scan: options.scan.clone(),
            findings: findings.collect(),
            notes: options.notes.notes.clone(),
            sign_off: options.notes.sign_off.clone(),
        })
    }

    /// The three answers.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// As one JSON object, schema `auditglass.report/1`.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::write(&blocks::blocks(self))
    }

    /// As one HTML page with everything inside, without scripts.
    #[must_use]
    pub fn html(&self) -> String {
        html::write(&blocks::blocks(self))
    }

    /// Findings, failing entries and evidence, a line each, as CSV.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::write(self)
    }
}

fn failing(case: &Case) -> Result<Vec<Failing>, Error> {
    let selection = Selection {
        filter: "-verdict:verified".to_owned(),
        sort: None,
    };
    let no_filter = |_| Error::unsupported("the filter for failing entries is not understood");
    let mut search = case.select(&selection).map_err(no_filter)?;
    case.finish(&mut search)?;
    let rows = case.selected_rows(&search, 0, FAILING, &[])?;
    rows.iter().map(|row| one(case, row.row)).collect()
}

fn one(case: &Case, row: RowIdx) -> Result<Failing, Error> {
    let view = case.entry(row)?;
    Ok(Failing {
        entry: case.entry_ref(row),
        verdict: view.verdict,
        claimed: view.claimed_checksum,
        recomputed: view.recomputed_checksum,
        reason: view.reason.unwrap_or_default(),
    })
}

fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "·",
        Severity::Warning => "!",
        Severity::Error => "✗",
    }
}

#[cfg(test)]
mod tests;
