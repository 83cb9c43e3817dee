//! A case: the files that were opened together, judged, and asked about.

use std::cell::RefCell;
use std::ops::ControlFlow;

use crate::error::Error;
use crate::examine::completeness::Examined;
use crate::finding::{Finding, Locator, Severity};
use crate::host::{Advance, Alone, Crew, Observer};
use crate::ingest::companions;
use crate::ingest::{self, Note};
use crate::query::{Answers, PathColumns};
use crate::source::{ByteSource, Input, Watch};
use crate::units::{RowIdx, SourceIdx};
use crate::verify::{Judge, Times};
use crate::view::{
    EntryRow, EntryView, FindingView, OpenOptions, Progress, SourceView, Totals, Verdict,
};

mod asked;
mod cells;
mod compare;
mod drill;
mod examine;
mod explore;
mod export;
mod helper;
mod notes;
mod render;
mod scan;
mod slice;
mod source;
mod sql;
mod sql_export;
mod sql_tables;
mod written;

pub use compare::Comparing;
pub use examine::Examining;
pub(crate) use examine::check_pair;
pub use export::{Export, ExportState};
pub use helper::Helper;
pub use scan::Scanning;
pub use slice::Slicing;
pub use sql::SqlRows;
pub use sql_export::{SqlExport, SqlExportState};

use source::{Run, Source, input_index};

/// Files opened together.
///
/// [`Case::open`] recognises them, [`Case::verify`] judges every entry once, and the rest answers from what was kept.
pub struct Case {
    sources: Vec<Source>,
    judge: Judge,
    times: Times,
    /// Details paths that were asked for, as columns.
    paths: RefCell<PathColumns>,
    /// The verification, while it is under way.
    run: Option<Box<Run>>,
    /// What was asked of entries, and what they answered.
    answers: RefCell<Answers>,
    /// What was examined last: after how many entries, by which pairs, and what was found.
    examined: RefCell<Option<(u32, Option<String>, Examined)>>,
}

impl Case {
    /// Recognises every file by its content and puts the files in order: by the least timestamp among their first entries,
    /// as text, so that it matters neither how they are called nor in which order they were given.
    ///
    /// A file that is no log becomes a source with an error, behind the others, which are opened all the same.
    #[must_use]
    pub fn open(inputs: Vec<Input>) -> Self {
        Self::open_with(inputs, OpenOptions::default())
    }

    /// The same, with what can be chosen.
    #[must_use]
    pub fn open_with(inputs: Vec<Input>, options: OpenOptions) -> Self {
        let sources = source::open_all(companions::group(inputs, options));
        Self {
            sources,
            judge: Judge::default(),
            times: Times::default(),
            paths: RefCell::default(),
            run: None,
            answers: RefCell::default(),
            examined: RefCell::default(),
        }
    }

    /// The same, telling `seen` how many bytes were read so far, of all that the files have: an archive, a packed database
    /// or many files take their time. Opening reads much less than all of most files, and some of it twice.
    #[must_use]
    pub fn open_watched(
        mut inputs: Vec<Input>,
        options: OpenOptions,
        mut seen: impl FnMut(&Progress) + 'static,
    ) -> Self {
        let mut progress = Progress {
            bytes_total: inputs.iter().map(|input| input.bytes.len()).sum(),
            ..Progress::default()
        };
        let tell = move |read: u64| {
            progress.bytes_done = read.min(progress.bytes_total);
            seen(&progress);
        };
        let watch = Watch::over(&mut inputs, Box::new(tell));
        let case = Self::open_with(inputs, options);
        watch.end();
        case
    }

    /// Judges every entry of every source, in order, on this thread alone. To be called once.
    ///
    /// # Errors
    ///
    /// Only if the observer breaks off ([`Error::is_cancelled`]); whatever is wrong with the files becomes findings.
    pub fn verify(&mut self, observer: &mut dyn Observer) -> Result<(), Error> {
        self.verify_with(observer, &Alone)
    }

    /// The same, sharing work out to the host's threads. What is found, and in which order it is told, is the same.
    ///
    /// # Errors
    ///
    /// As [`Case::verify`].
    pub fn verify_with(
        &mut self,
        observer: &mut dyn Observer,
        crew: &dyn Crew,
    ) -> Result<(), Error> {
        while self.verify_step(observer, crew)? != Advance::Done {}
        Ok(())
    }

    /// Goes on with the verification by a chunk of some hundred to some thousand entries. For a host that has other things
    /// to do in between: everything else can be asked of the entries judged so far.
    ///
    /// # Errors
    ///
    /// As [`Case::verify`]; it must not be called again then.
    pub fn verify_step(
        &mut self,
        observer: &mut dyn Observer,
        crew: &dyn Crew,
    ) -> Result<Advance, Error> {
        let mut run = self.run.take().unwrap_or_else(|| {
            let bytes_total = self.sources.iter().map(Source::bytes_total).sum();
            Box::new(Run::new(observer.wants_entries(), bytes_total))
        });
        let index = SourceIdx(input_index(run.source));
        let Some(source) = self.sources.get_mut(run.source) else {
            self.note_zones_across_sources();
            self.judge.index.seal();
            return Ok(Advance::Done);
        };
        if !run.has_begun {
            self.judge.index.begin_source(&source.name);
            source.begin(&mut run);
            run.has_begun = true;
        }
        let advance = source.step(index, &mut run, &mut self.judge, observer, crew)?;
        if advance == Advance::Done {
            source.account();
            self.close_source(index);
            run.source += 1;
            run.has_begun = false;
        }
        self.run = Some(run);
        Ok(match advance {
            Advance::Waiting => Advance::Waiting,
            Advance::More | Advance::Done => Advance::More,
        })
    }

    fn close_source(&mut self, index: SourceIdx) {
        let Some(source) = self.sources.get(index.0 as usize) else {
            return;
        };
        let whole = |code, severity, message: String, hint| Note {
            code,
            severity,
            locator: Locator::Whole {},
            message,
            hint,
        };
        let mut notes = Vec::new();
        let is_database = source.scan().is_ok_and(|scan| scan.kind() == "sqlite");
        for companion in source.group.companions() {
            let why = match (&companion.unavailable, is_database) {
                (Some(error), _) => error.to_string(),
                (None, false) if companion.len() > 0 => {
                    "by its name it belongs to a database, and the file it belongs to is none"
                        .into()
                }
                _ => continue,
            };
            notes.push(whole(
                "companion-not-read",
                Severity::Error,
                format!("{} was not read: {why}", companion.name),
                Some("Give it another name to have it judged as a file of its own."),
            ));
        }
        if source.opened.is_ok() && source.group.main.bytes.has_changed() {
            notes.push(whole(
                "source-changed",
                Severity::Error,
                "the file changed while it was read".into(),
                Some("The verdicts mix two states of it. Open a copy that nobody writes to."),
            ));
        }
        if source.times.zoned > 0 && source.times.local > 0 {
            notes.push(whole(
                "mixed-time-zones",
                Severity::Warning,
                format!(
                    "some timestamps name a time zone ({}) and some do not ({})",
                    source.times.zoned, source.times.local
                ),
                Some("They cannot be put in one order with certainty: local times are taken as written."),
            ));
        }
        self.times.merge(&source.times);
        for note in notes {
            self.judge.findings.push(note.into_finding(index));
        }
        self.judge.findings.close_source(index);
    }

    /// Sources that are each of one kind, but not of the same.
    fn note_zones_across_sources(&mut self) {
        let is_mixed = |t: &Times| t.zoned > 0 && t.local > 0;
        if !is_mixed(&self.times) || self.sources.iter().any(|s| is_mixed(&s.times)) {
            return;
        }
        let zoned = self
            .sources
            .iter()
            .position(|s| s.times.zoned > 0)
            .unwrap_or(0);
        let local = self
            .sources
            .iter()
            .position(|s| s.times.local > 0)
            .unwrap_or(0);
        let note = Note {
            code: "mixed-time-zones",
            severity: Severity::Warning,
            locator: Locator::Whole {},
            message: format!(
                "timestamps in {} name a time zone, those in {} do not",
                self.sources[zoned].name, self.sources[local].name
            ),
            hint: Some(
                "They cannot be put in one order with certainty: local times are taken as written.",
            ),
        };
        let at = SourceIdx(u32::try_from(zoned.max(local)).unwrap_or(u32::MAX));
        self.judge.findings.push(note.into_finding(at));
    }

    /// The sources, in order: see [`Case::open`].
    #[must_use]
    pub fn sources(&self) -> Vec<SourceView> {
        self.sources.iter().map(Source::view).collect()
    }

    /// Entries per verdict.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.judge.totals
    }

    /// Everything that was noticed, in order; of one code at most 10,000 in each source are listed.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.judge.findings.findings()
    }

    /// How many findings were made, listed or not: info, warning, error.
    #[must_use]
    pub fn finding_counts(&self) -> [u64; 3] {
        self.judge.findings.counts()
    }

    /// How many of the mismatched entries look as if an export tool had rewritten their values; of a source with more than
    /// 10,000 mismatched entries only the first so many are looked at.
    #[must_use]
    pub fn rewritten(&self) -> u64 {
        self.judge.findings.count_of("rewritten-on-export")
    }

    /// Bytes that are kept of the entries, unused room included: for the rows themselves, and for the different values
    /// of their fields.
    #[must_use]
    pub fn index_bytes(&self) -> (usize, usize) {
        let footprint = self.judge.index.footprint();
        (footprint.rows, footprint.dictionaries)
    }

    /// A finding in a form that travels.
    #[must_use]
    pub fn finding_view(&self, finding: &Finding) -> FindingView {
        FindingView {
            code: finding.code.to_owned(),
            severity: finding.severity,
            source: self.source_name(finding.source).to_owned(),
            locator: finding.locator.clone(),
            row: finding.row,
            entry_id: finding.entry_id.clone(),
            message: finding.message.clone(),
            hint: finding.hint.map(str::to_owned),
        }
    }

    fn source_name(&self, index: SourceIdx) -> &str {
        self.sources.get(index.0 as usize).map_or("", |s| &s.name)
    }

    /// The least and the greatest timestamp, compared as text.
    #[must_use]
    pub fn span(&self) -> Option<(String, String)> {
        self.times.span.clone()
    }

    /// How many timestamps name a time zone, and how many do not.
    #[must_use]
    pub fn zones(&self) -> (u64, u64) {
        (self.times.zoned, self.times.local)
    }

    /// Whether there is an entry, every entry is verified, every file was read as a log, and nothing is known to be lost.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let totals = self.judge.totals;
        totals.entries > 0
            && totals.verified == totals.entries
            && !self.judge.findings.has_error()
            && self
                .sources
                .iter()
                .all(|s| s.opened.is_ok() || s.is_passed_over())
    }

    /// Up to `count` rows of the table from the `start`-th on, of those with this verdict or of all.
    ///
    /// # Errors
    ///
    /// If a source can no longer be read.
    pub fn rows(
        &self,
        verdict: Option<Verdict>,
        start: u64,
        count: u32,
    ) -> Result<Vec<EntryRow>, Error> {
        self.judge
            .index
            .rows(verdict, start, count)
            .into_iter()
            .map(|row| self.row(row))
            .collect()
    }

    fn row(&self, row: RowIdx) -> Result<EntryRow, Error> {
        let origin = self.origin(row)?;
        let cells = match render::indexed_fields(&self.judge.index, row) {
            Some(fields) => fields,
            None => self.fields_again(row)?,
        };
        Ok(EntryRow {
            row,
            source: origin.source,
            verdict: origin.verdict,
            cells: cells.to_vec(),
        })
    }

    /// The fields of a row whose text the index does not have as it stands in the source.
    fn fields_again(&self, row: RowIdx) -> Result<[String; 6], Error> {
        let mut found = None;
        self.reread(row, &mut |raw| {
            found = Some(render::row_fields(&raw));
            ControlFlow::Continue(())
        })?;
        found.ok_or_else(|| Error::unavailable("the entry is no longer there"))
    }

    /// One entry, whole, read again from its source.
    ///
    /// # Errors
    ///
    /// If there is no such row, or its source can no longer be read.
    pub fn entry(&self, row: RowIdx) -> Result<EntryView, Error> {
        let mut view = None;
        let origin = self.reread(row, &mut |raw| {
            view = Some(render::entry(&raw));
            ControlFlow::Continue(())
        })?;
        let mut view = view.ok_or_else(|| Error::unavailable("the entry is no longer there"))?;
        let source = &self.sources[origin.source.0 as usize];
        let scan = source.scan()?;
        if view.verdict != origin.verdict {
            // Only a damaged database can be read in two ways; the table and the counts go by the first.
            view.reason = Some(format!(
                "this entry was {} when the log was read, and is {} when it is read again alone: the file is damaged here",
                origin.verdict.as_str(),
                view.verdict.as_str()
            ));
            view.verdict = origin.verdict;
        }
        view.row = row;
        view.source = origin.source;
        view.part = scan
            .parts()
            .get(origin.part)
            .map_or_else(String::new, |p| p.name.clone());
        view.locator = scan.locator(origin.part, origin.place);
        view.findings = self
            .findings()
            .iter()
            .filter(|f| f.row == Some(row))
            .map(|f| self.finding_view(f))
            .collect();
        Ok(view)
    }

    fn origin(&self, row: RowIdx) -> Result<crate::index::Origin, Error> {
        let origin = self.judge.index.origin(row);
        origin.ok_or_else(|| Error::unavailable("there is no such entry"))
    }

    fn reread(
        &self,
        row: RowIdx,
        sink: &mut ingest::Sink<'_>,
    ) -> Result<crate::index::Origin, Error> {
        let origin = self.origin(row)?;
        self.sources[origin.source.0 as usize]
            .scan()?
            .reread(origin.part, origin.place, sink)?;
        Ok(origin)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::host::Quiet;
    use crate::source::Memory;

    #[test]
    fn opening_tells_what_is_read_and_nothing_afterwards() {
        let line = r#"{"timestamp":"2026-01-01T00:00:00","entry_id":"e","event_type":"t","actor":"a","resource_type":"r","resource_id":"i","action":"x","details":{},"checksum":"0"}"#;
        let input = |name: &str| Input {
            name: name.to_owned(),
            bytes: Box::new(Memory::new(format!("{line}\n").repeat(20_000))),
            is_found: false,
        };
        let told = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&told);
        let inputs = vec![input("a"), input("b")];
        let mut case = Case::open_watched(inputs, OpenOptions::default(), move |p| {
            seen.borrow_mut().push((p.bytes_done, p.bytes_total));
        });
        let total = 2 * 20_000 * (line.len() as u64 + 1);
        let while_opening = told.borrow().clone();
        assert!(
            while_opening
                .iter()
                .all(|(done, of)| *done > 0 && done <= of && *of == total)
        );
        assert!(while_opening.is_sorted() && !while_opening.is_empty());
        case.verify(&mut Quiet).unwrap();
        assert_eq!(*told.borrow(), while_opening);
        assert_eq!(case.totals().entries, 40_000);
    }

    #[test]
    fn a_row_reads_the_same_from_the_index_and_from_the_source() {
        let long = "é".repeat(300);
        let actors = [
            r#""plain""#,
            r#""Zo\u00eb \"M\"\n""#,
            r#""\ud800 alone""#,
            r#""\ud83d\ude00""#,
            &format!("\"{long}\""),
            r#""""#,
            "1.10",
            "-0",
            "null",
            "true",
            r#"{"b":1,"a":2}"#,
            "[1,2]",
            "12345678901234567890123",
        ];
        let stamps = [
            r#""2026-01-01T00:00:00""#,
            r#""2026-01-01 00:00:00.120000+05:30""#,
            r#""2026-01-01T00:00:60""#,
            r#""""#,
            "5",
        ];
        let entries = (0..actors.len() * stamps.len()).map(|i| {
            let (actor, stamp) = (actors[i % actors.len()], stamps[i % stamps.len()]);
            // Every seventh is unreadable, for its details or for want of a field.
            let details = if i % 7 == 3 { r#""{""# } else { "{}" };
            let action = if i % 14 == 3 { "" } else { r#","action":"a""# };
            format!(
                r#"{{"timestamp":{stamp},"entry_id":"e{i}","event_type":"t","actor":{actor},"resource_type":{actor},"resource_id":"d"{action},"details":{details},"checksum":"0"}}"#
            )
        });
        let log = entries.collect::<Vec<_>>().join("\n");
        let mut case = Case::open(vec![Input {
            name: "log.jsonl".into(),
            bytes: Box::new(Memory::new(log.into_bytes())),
            is_found: false,
        }]);
        case.verify(&mut Quiet).expect("nobody breaks off");
        let mut from_index = 0;
        for row in (0..65).map(RowIdx) {
            let again = case.fields_again(row).expect("it is there");
            if let Some(fields) = render::indexed_fields(&case.judge.index, row) {
                assert_eq!(fields, again);
                from_index += 1;
            }
        }
        assert_eq!(case.totals().entries, 65);
        assert!(from_index > 10, "{from_index}");
    }

    #[test]
    fn between_two_steps_the_entries_judged_so_far_can_be_asked_for() {
        let line = |i: u32| {
            format!(
                r#"{{"timestamp":"2026-01-01T00:00:00","entry_id":"e{i}","event_type":"t","actor":"{i}","resource_type":"r","resource_id":"d","action":"a","details":{{}},"checksum":"0"}}"#
            )
        };
        let log = (0..30_000).map(line).collect::<Vec<_>>().join("\n");
        let input = |name: &str| Input {
            name: name.into(),
            bytes: Box::new(Memory::new(log.clone().into_bytes())),
            is_found: false,
        };
        let mut case = Case::open(vec![input("a"), input("b")]);
        let mut partial = 0;
        while case
            .verify_step(&mut Quiet, &Alone)
            .expect("nobody breaks off")
            != Advance::Done
        {
            let judged = case.totals().entries;
            if let Some(last) = judged.checked_sub(1) {
                let rows = case.rows(None, last, 10).expect("they can be read");
                assert_eq!(rows.len(), 1);
                assert_eq!(rows[0].cells[2], (last % 30_000).to_string());
                partial += u32::from(judged < 60_000);
            }
        }
        assert_eq!(case.totals().entries, 60_000);
        assert!(partial > 4, "{partial}");
    }
}
