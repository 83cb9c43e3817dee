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
    Period, ReportFormat, ReportFound, Retention, Scan, Selection, SignOff, Slice, SourceView,
    Totals, Verdict,
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
pub(crate) struct ReportOptions {
    /// How many entries there should be, by the auditor's own count.
    pub(crate) expect_count: Option<u64>,
    /// What [`Case::period`] found, if a part of the log is asked about: consistency and the expected count are of it.
    pub(crate) period: Option<Period>,
    /// What [`Case::control_totals`] found, if there are counts from elsewhere.
    pub(crate) control_totals: Option<ControlTotals>,
    /// What [`Case::completeness_with`] paired.
    pub(crate) pairing: Option<Pairing>,
    /// What [`Case::notes`] read.
    pub(crate) notes: Notes,
    /// The evidence slice, if one is written beside the report.
    pub(crate) slice: Option<Slice>,
    /// What [`Case::retention`] found, if a policy is asked about.
    pub(crate) retention: Option<Retention>,
    /// What [`Case::scan`] saw, if it is asked for.
    pub(crate) scan: Option<Scan>,
    /// The command that makes this report again: what stands before its form, and behind it.
    pub(crate) command: [String; 2],
    /// SHA-256 of the files in the order in which they were given, as 64 hex digits; `None` where one could not be had.
    pub(crate) hashes: Vec<Option<String>>,
    /// The same of the earlier export's files.
    pub(crate) earlier_hashes: Vec<Option<String>>,
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
    /// What stands before the form in the command, and behind it.
    #[serde(skip)]
    repeated: [String; 2],
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
    /// The files of the earlier export.
    earlier: Vec<EarlierFile>,
    retention: Option<Retention>,
    scan: Option<Scan>,
    findings: Vec<FindingView>,
    /// Read again from here by [`Case::notes`].
    notes: Vec<Note>,
    sign_off: Option<SignOff>,
}

/// A file of an earlier export.
#[derive(Serialize)]
struct EarlierFile {
    name: String,
    bytes: u64,
    entries: u64,
    sha256: Option<String>,
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

/// What is hashed, in words.
const SCHEME: &str = "the first 16 hex digits of SHA-256 over the entry's eight fields as CPython's json.dumps(entry, sort_keys=True) writes them";

impl Document {
    /// Puts together what is known of a verified case, the evidence of [`Case::completeness`], and of its
    /// comparison with an earlier export if there is one.
    ///
    /// # Errors
    ///
    /// If the entries that failed cannot be read again.
    pub(crate) fn new(
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
            command: String::new(),
            repeated: options.command.clone(),
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
            earlier: comparison.map_or_else(Vec::new, |c| earlier(c, &options.earlier_hashes)),
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

    /// Written out. The same files and options give the same bytes, wherever that is done.
    #[must_use]
    pub fn write(&mut self, format: ReportFormat) -> String {
        let [front, files] = &self.repeated;
        self.command = match format {
            ReportFormat::Html => format!("{front} {files}"),
            other => format!("{front} --format {} {files}", other.as_str()),
        };
        match format {
            ReportFormat::Html => html::write(&blocks::blocks(self)),
            ReportFormat::Markdown => markdown::write(&blocks::blocks(self)),
            ReportFormat::Csv => csv::write(self),
            ReportFormat::Json => {
                let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
                text.push('\n');
                text
            }
        }
    }

    /// What was found of what was asked, for a page that shows it.
    #[must_use]
    pub fn found(&self) -> ReportFound {
        ReportFound {
            answers: self.answers.clone(),
            period: self.period.clone(),
            control_totals: self.control_totals.clone(),
            pairing: self.pairing.clone(),
            retention: self.retention.clone(),
            scan: self.scan.clone(),
            slice: self.slice.clone(),
            notes: self.notes.clone(),
        }
    }
}

fn earlier(comparison: &Comparison, hashes: &[Option<String>]) -> Vec<EarlierFile> {
    let file = |source: &SourceView| EarlierFile {
        name: source.name.clone(),
        bytes: source.bytes,
        entries: source.entries,
        sha256: hashes.get(source.input as usize).cloned().flatten(),
    };
    comparison.old.iter().map(file).collect()
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
