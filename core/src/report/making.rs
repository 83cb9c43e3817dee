//! A report in the making: everything that it asks is found out, some thousand entries at a time.

use super::document::{Document, ReportOptions};
use crate::case::{Case, Examining, Scanning, Slicing, check_pair};
use crate::error::Error;
use crate::examine::retention::RetentionAsk;
use crate::view::{Comparison, Notes, ReportAsk, SourceView};

/// The files of an export, as a report names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Their base names, or those of the folders that they were found in: what the command that repeats it is given.
    pub names: Vec<String>,
    /// Their SHA-256 in the order in which they were opened, as 64 hex digits; `None` where one could not be had.
    pub hashes: Vec<Option<String>>,
}

impl Files {
    /// The files behind these sources.
    #[must_use]
    pub fn behind(sources: &[SourceView], hashes: Vec<Option<String>>) -> Self {
        // The members of an archive are one file, and the archive itself is the last of them.
        let files = sources.chunk_by(|a, b| a.input == b.input);
        let last = files.filter_map(|of_one| of_one.last());
        Self {
            names: last.map(|source| source.name.clone()).collect(),
            hashes,
        }
    }
}

/// A report in the making. A host steps it to its end, and may do other things between two steps.
pub struct Making {
    ask: ReportAsk,
    found: ReportOptions,
    examining: Option<Examining>,
    scanning: Option<Scanning>,
    slicing: Option<Slicing>,
    /// Entries read by what has ended.
    read: u64,
    /// Entries to be read in all.
    of: u64,
}

impl Making {
    /// Begins: what needs no entry to be read again is found out at once.
    ///
    /// # Errors
    ///
    /// If something that is asked cannot be understood; it is said what, in the words of the command line.
    pub fn begin(case: &Case, ask: ReportAsk) -> Result<Self, Error> {
        check_pair(ask.pair.as_deref())?;
        let retention = match &ask.retention {
            Some(r) => Some(case.retention(&RetentionAsk::new(&r.policy, &r.as_of)?)),
            None => None,
        };
        let (from, to) = (ask.from.as_deref(), ask.to.as_deref());
        let has_period = from.is_some() || to.is_some();
        let period = has_period.then(|| case.period(from, to)).transpose()?;
        let within = period.as_ref().map_or("", |p| &p.filter);
        let control = ask.control_totals.as_ref();
        let control = control.map(|file| case.control_totals(&file.text, within));
        let notes = ask.notes.as_ref().map(|file| case.notes(&file.text));
        let found = ReportOptions {
            expect_count: ask.expect_count,
            control_totals: control.transpose()?,
            notes: notes.transpose()?.unwrap_or_default(),
            retention,
            period,
            ..ReportOptions::default()
        };
        let scan = ask
            .scan
            .then(|| case.begin_scan(found.period.as_ref()))
            .transpose()?;
        let slicing = ask.evidence_slice.as_ref();
        let slicing = slicing.map(|_| case.begin_slice()).transpose()?;
        let is_examined = case.is_examined(ask.pair.as_deref());
        let examining = (!is_examined).then(|| case.begin_examination(ask.pair.as_deref()));
        let to_examine = examining.as_ref().map_or(0, |_| case.totals().entries);
        let to_scan = scan.as_ref().map_or(0, |s| s.read().1);
        let to_write = slicing.as_ref().map_or(0, |s| s.written().1);
        Ok(Self {
            ask,
            found,
            examining,
            scanning: scan,
            slicing,
            read: 0,
            of: to_examine + to_scan + to_write,
        })
    }

    /// Goes on by some thousand entries; false once everything is found out. `write` is handed the lines of the evidence
    /// slice, if one is asked for.
    ///
    /// # Errors
    ///
    /// If the entries can no longer be read, or what `write` says.
    pub fn step(
        &mut self,
        case: &Case,
        write: &mut dyn FnMut(&str) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        if let Some(mut examining) = self.examining.take() {
            if case.examine_step(&mut examining) {
                self.examining = Some(examining);
            } else {
                self.read += examining.read();
                case.end_examination(examining);
            }
        } else if let Some(mut scanning) = self.scanning.take() {
            if case.scan_step(&mut scanning)? {
                self.scanning = Some(scanning);
            } else {
                self.read += scanning.read().0;
                self.found.scan = Some(case.end_scan(scanning));
            }
        } else if let Some(mut slicing) = self.slicing.take() {
            if case.slice_step(&mut slicing, write)? {
                self.slicing = Some(slicing);
            } else {
                self.read += slicing.written().0;
                let name = self.ask.evidence_slice.clone().unwrap_or_default();
                self.found.slice = Some(slicing.end(name));
            }
        }
        Ok(self.examining.is_some() || self.scanning.is_some() || self.slicing.is_some())
    }

    /// Entries read so far, and all that are to be; one that several questions are about counts for each.
    #[must_use]
    pub fn read(&self) -> (u64, u64) {
        let examined = self.examining.as_ref().map_or(0, Examining::read);
        let scanned = self.scanning.as_ref().map_or(0, |s| s.read().0);
        let written = self.slicing.as_ref().map_or(0, |s| s.written().0);
        (self.read + examined + scanned + written, self.of)
    }

    /// The notes and the signature, put beside their entries.
    #[must_use]
    pub fn notes(&self) -> &Notes {
        &self.found.notes
    }

    /// The report, once [`Making::step`] has come to its end: of these files, and compared with those of an earlier export.
    ///
    /// # Errors
    ///
    /// If the entries that failed cannot be read again.
    pub fn end(
        mut self,
        case: &Case,
        comparison: Option<&Comparison>,
        files: &Files,
        earlier: &Files,
    ) -> Result<Document, Error> {
        let (evidence, pairing) = case.completeness_with(self.ask.pair.as_deref())?;
        self.found.pairing = pairing;
        self.found.command = command(&self.ask, files, earlier);
        self.found.hashes.clone_from(&files.hashes);
        self.found.earlier_hashes.clone_from(&earlier.hashes);
        Document::new(case, evidence, comparison, &self.found)
    }
}

/// A report made in one go, without an evidence slice.
///
/// # Errors
///
/// Those of [`Making::begin`], [`Making::step`] and [`Making::end`].
pub fn make(
    case: &Case,
    ask: ReportAsk,
    comparison: Option<&Comparison>,
    files: &Files,
) -> Result<Document, Error> {
    let mut making = Making::begin(case, ask)?;
    while making.step(case, &mut |_| Ok(()))? {}
    making.end(case, comparison, files, &Files::default())
}

/// The command that makes the same report, without its form: files by their base names, so that the report does not depend
/// on where they lay.
fn command(ask: &ReportAsk, files: &Files, earlier: &Files) -> [String; 2] {
    let mut words = vec!["auditglass report".to_owned()];
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{name} {}", quoted(&value))));
    };
    for name in &earlier.names {
        option("--baseline", Some(name.clone()));
    }
    option(
        "--expect-count",
        ask.expect_count.map(|count| count.to_string()),
    );
    option("--from", ask.from.clone());
    option("--to", ask.to.clone());
    option("--pair", ask.pair.clone());
    let name = |file: &crate::view::Attached| file.name.clone();
    option("--control-totals", ask.control_totals.as_ref().map(name));
    option("--notes", ask.notes.as_ref().map(name));
    option("--evidence-slice", ask.evidence_slice.clone());
    if let Some(r) = &ask.retention {
        option("--retention", Some(r.policy.clone()));
        option("--as-of", Some(r.as_of.clone()));
    }
    words.extend(ask.scan.then(|| "--scan".to_owned()));
    let files = files.names.iter().map(|name| quoted(name));
    [words.join(" "), files.collect::<Vec<_>>().join(" ")]
}

/// A text as a shell takes it, and as the command does not take it for an option.
fn quoted(text: &str) -> String {
    let front = if text.starts_with('-') { "./" } else { "" };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+/".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return format!("{front}{text}");
    }
    format!("'{front}{}'", text.replace('\'', r"'\''"))
}
