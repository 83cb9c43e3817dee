//! The messages between the page and its engine worker. Version and meaning: `docs/protocol.md`.
//!
//! A message is a JavaScript array: the JSON text of a [`Request`] or [`Reply`], then the `File`, `Blob` or
//! `MessagePort` objects that it speaks of, in order. JSON text carries 64-bit numbers whole, which a JavaScript number would not. The first message that a
//! worker receives is the compiled module itself (see `web/js/engine_worker.js`); it answers [`Reply::Ready`].

use auditglass::{
    Answers, Comparison, Completion, Drill, EntryRow, EntryView, ErrorView, ExportFormat,
    FilterError, FindingView, OpenOptions, Progress, ReportAsk, ReportFormat, ReportFound, RowIdx,
    Selection, SourceIdx, SourceView, SqlCell, SqlError, SqlLimits, SqlTable, Survey, SurveyAsk,
    Totals,
};
use serde::{Deserialize, Serialize};

/// Raised with every change of a message's shape.
pub const VERSION: u32 = 9;

/// What the page asks. Answers come in order; `generation` is echoed so that late ones can be dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Open the files that travel with this message as one case, verify it, keep it. Answers: [`Reply::Opening`] and
    /// [`Reply::Progress`] many times, then [`Reply::Opened`]. Whatever was open before is dropped.
    Open {
        /// The page's counter of opened cases.
        generation: u32,
        /// For each file that was found in a folder its path, from the folder's own name on; may be shorter than the files.
        paths: Vec<Option<String>>,
        /// How they shall be read.
        options: OpenOptions,
    },
    /// Find the entries that a selection means. Answers: [`Reply::Selecting`] any number of times, then one of
    /// [`Reply::Selected`], [`Reply::Refused`] and [`Reply::Unselected`]; none at all if another `Select` comes before it
    /// is done.
    Select {
        /// Of the case.
        generation: u32,
        /// The page's counter of searches: what is asked about the outcome names it.
        search: u32,
        /// Which entries, in which order.
        selection: Selection,
    },
    /// Count the latest selection. Answer: [`Reply::Surveyed`].
    Survey {
        /// Of the case.
        generation: u32,
        /// Of the selection.
        search: u32,
        /// Echoed, so that the page can tell its questions apart.
        question: u32,
        /// What is to be counted.
        counts: SurveyAsk,
    },
    /// Rows of the latest selection. Answer: [`Reply::Rows`].
    Rows {
        /// Of the case.
        generation: u32,
        /// Of the selection.
        search: u32,
        /// Echoed, so that the page can tell its questions apart.
        question: u32,
        /// The first wanted, counted from 0 in the selection's order.
        start: u64,
        /// How many.
        count: u32,
        /// The fields and details paths wanted of each.
        columns: Vec<String>,
    },
    /// Where an entry stands in the latest selection. Answer: [`Reply::Position`].
    Position {
        /// Of the case.
        generation: u32,
        /// Of the selection.
        search: u32,
        /// The entry's place in the case.
        row: RowIdx,
    },
    /// What could be typed next. Answer: [`Reply::Completions`].
    Complete {
        /// Of the case.
        generation: u32,
        /// What has been typed.
        filter: String,
        /// Bytes of it before the cursor.
        cursor: u32,
    },
    /// Write all entries of the latest selection. Answers: [`Reply::Exported`] again and again, the last one with
    /// `done`, or [`Reply::ExportFailed`]. One at a time: another `Export` ends the one before it.
    Export {
        /// Of the case.
        generation: u32,
        /// Of the selection; the export goes on when another one is made.
        search: u32,
        /// The page's counter of exports.
        export: u32,
        /// The form.
        format: ExportFormat,
        /// The fields and details paths wanted of each entry; empty for entries whole.
        columns: Vec<String>,
    },
    /// End the export under way, if there is one. No answer.
    StopExport {
        /// Of the case.
        generation: u32,
    },
    /// One entry, whole. Answer: [`Reply::Entry`].
    Entry {
        /// Of the case.
        generation: u32,
        /// Its place.
        row: RowIdx,
    },
    /// Findings, in order. Answer: [`Reply::Findings`].
    Findings {
        /// Of the case.
        generation: u32,
        /// The first wanted.
        start: u64,
        /// How many.
        count: u32,
    },
    /// What the case says beyond its verdicts. Answer: [`Reply::Answered`].
    Answer {
        /// Of the case.
        generation: u32,
    },
    /// Make a report, and keep it; whatever was made before is forgotten. Answers: [`Reply::Reporting`] any number of
    /// times, then [`Reply::Reported`].
    Report {
        /// Of the case.
        generation: u32,
        /// The page's counter of reports.
        report: u32,
        /// What is asked.
        asked: Box<ReportAsk>,
        /// SHA-256 of the files, in the order in which they were given, where they are known.
        hashes: Vec<Option<String>>,
        /// The same of the earlier export that is compared with.
        earlier_hashes: Vec<Option<String>>,
    },
    /// End the report under way. No answer.
    StopReport {
        /// Of the case.
        generation: u32,
    },
    /// Write the report that was made. Answer: [`Reply::ReportWritten`], or none if there is no report.
    WriteReport {
        /// Of the case.
        generation: u32,
        /// The form.
        format: ReportFormat,
    },
    /// Compare the case with the files that travel with this message, an earlier export of the same log, and keep them.
    /// Answers: [`Reply::Comparing`] many times, then [`Reply::Compared`] and [`Reply::Answered`].
    Compare {
        /// Of the case.
        generation: u32,
        /// The page's counter of comparisons.
        comparison: u32,
    },
    /// End a comparison under way and forget the earlier export. Answer: [`Reply::Answered`].
    StopCompare {
        /// Of the case.
        generation: u32,
    },
    /// Alter a copy of the case in all the ways in which a log is falsified, and tell what notices it. Answer:
    /// [`Reply::Drilled`].
    Drill {
        /// Of the case.
        generation: u32,
    },
    /// The SHA-256 of each file that travels with this message; asked of a worker of its own. Answers, for each:
    /// [`Reply::Hashing`] any number of times, then [`Reply::Hashed`].
    Hash {
        /// Of the case.
        generation: u32,
        /// Whose files they are.
        of: WhichExport,
    },
    /// Keep the files that travel with this message as one case for queries in SQL, unjudged; asked of a worker of its own,
    /// which is ended to end a query. Answer: [`Reply::SqlReady`].
    SqlOpen {
        /// Of the case.
        generation: u32,
        /// As in [`Request::Open`].
        paths: Vec<Option<String>>,
        /// As in [`Request::Open`].
        options: OpenOptions,
    },
    /// Run a query in SQL on one of the databases. Answers: [`Reply::SqlRows`] any number of times, then
    /// [`Reply::SqlDone`].
    Sql {
        /// Of the case.
        generation: u32,
        /// The page's counter of queries.
        query: u32,
        /// The database.
        source: SourceIdx,
        /// The query.
        text: String,
        /// How far it may go.
        limits: SqlLimits,
    },
    /// Run a query in SQL and write what it yields. Answers: [`Reply::SqlExported`], the last one with an outcome.
    SqlExport {
        /// Of the case.
        generation: u32,
        /// The page's counter of queries.
        query: u32,
        /// The database.
        source: SourceIdx,
        /// The query.
        text: String,
        /// The form.
        format: ExportFormat,
        /// How far it may go.
        limits: SqlLimits,
    },
    /// Take on the workers at the other ends of the ports that travel with this message. No answer.
    Crew,
    /// Help the engine at the other end of the port that travels with this message. No answer.
    Help,
    /// Judge the file that travels with this message a few times and forget it: a browser makes a program faster that has
    /// run for a moment. No answer.
    WarmUp {
        /// Milliseconds that it may take.
        budget_ms: u32,
    },
    /// Are you there? Answer: [`Reply::Pong`].
    Ping {
        /// Echoed.
        generation: u32,
    },
}

/// What the engine answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// The module runs.
    Ready {
        /// [`VERSION`] of the engine.
        version: u32,
        /// The version of the SQLite inside.
        sqlite: String,
    },
    /// The worker holds the lock of its own name, which the browser gives to the page when the worker is gone. Sent by
    /// `engine_worker.js`, before or after [`Reply::Ready`], and not at all where there are no locks.
    Holding,
    /// The files are being opened: so many bytes of them were read.
    Opening {
        /// Of the case.
        generation: u32,
        /// How far.
        progress: Progress,
    },
    /// Verification goes on.
    Progress {
        /// Of the case.
        generation: u32,
        /// How far.
        progress: Progress,
    },
    /// Verification ended, whatever it found.
    Opened {
        /// Of the case.
        generation: u32,
        /// What was opened.
        opened: Opened,
    },
    /// A search that takes its time goes on.
    Selecting {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// Entries read.
        read: u64,
        /// Entries to be read: those that the columns alone cannot judge.
        of: u64,
        /// Entries found so far.
        matched: u64,
    },
    /// A search has ended.
    Selected {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// The entries that match, per verdict.
        totals: Totals,
    },
    /// A filter cannot be understood.
    Refused {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// Why, and where.
        error: FilterError,
    },
    /// A search could not be carried through: a source can no longer be read.
    Unselected {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// Why.
        error: ErrorView,
    },
    /// Counts of a selection.
    Surveyed {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// As asked.
        question: u32,
        /// The counts.
        survey: Survey,
        /// What could not be counted, by its field, and why.
        failures: Vec<(String, ErrorView)>,
    },
    /// Rows of a selection.
    Rows {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// As asked.
        question: u32,
        /// As asked.
        start: u64,
        /// As many as there are, or why they could not be read again.
        rows: Result<Vec<EntryRow>, ErrorView>,
    },
    /// Where an entry stands in a selection.
    Position {
        /// Of the case.
        generation: u32,
        /// As asked.
        search: u32,
        /// As asked.
        row: RowIdx,
        /// Counted from 0 in the selection's order; nothing if the entry does not match.
        position: Option<u64>,
    },
    /// What could be typed next.
    Completions {
        /// Of the case.
        generation: u32,
        /// As asked.
        filter: String,
        /// As asked.
        cursor: u32,
        /// The best first.
        completions: Vec<Completion>,
    },
    /// A piece of an export. The bytes travel behind this text, as a `Blob`.
    Exported {
        /// Of the case.
        generation: u32,
        /// As asked.
        export: u32,
        /// Entries written so far.
        entries: u64,
        /// With the last piece: how many of them could not be read again and are there by their verdict alone.
        unread: u64,
        /// Whether this is the last piece.
        done: bool,
    },
    /// An export could not be carried through; what came of it is not whole.
    ExportFailed {
        /// Of the case.
        generation: u32,
        /// As asked.
        export: u32,
        /// Why.
        error: ErrorView,
    },
    /// One entry.
    Entry {
        /// Of the case.
        generation: u32,
        /// As asked.
        row: RowIdx,
        /// The entry, or why it could not be read again.
        entry: Result<Box<EntryView>, ErrorView>,
    },
    /// Findings.
    Findings {
        /// Of the case.
        generation: u32,
        /// As asked.
        start: u64,
        /// As many as there are.
        findings: Vec<FindingView>,
    },
    /// The three answers.
    Answered {
        /// Of the case.
        generation: u32,
        /// What they are, and what they rest on.
        answers: Answers,
    },
    /// A report goes on.
    Reporting {
        /// Of the case.
        generation: u32,
        /// As asked.
        report: u32,
        /// Entries read.
        done: u64,
        /// Of how many; one that several questions are about counts for each. 0 while that is not known.
        of: u64,
    },
    /// A report was made. Its evidence slice travels behind this text, as a `Blob`, if one was asked for.
    Reported {
        /// Of the case.
        generation: u32,
        /// As asked.
        report: u32,
        /// What was found, or why it cannot be told.
        found: Result<Box<ReportFound>, ErrorView>,
    },
    /// The report as a text.
    ReportWritten {
        /// Of the case.
        generation: u32,
        /// As asked.
        format: ReportFormat,
        /// The text.
        text: String,
    },
    /// A comparison goes on.
    Comparing {
        /// Of the case.
        generation: u32,
        /// As asked.
        comparison: u32,
        /// Whether the earlier export is still being verified; else the entries of both are matched.
        is_reading: bool,
        /// Bytes of the earlier export that were read, or entries of both.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// A comparison has ended.
    Compared {
        /// Of the case.
        generation: u32,
        /// As asked.
        comparison: u32,
        /// What differs, or why that cannot be told.
        found: Result<Box<Comparison>, ErrorView>,
    },
    /// A drill was carried out.
    Drilled {
        /// Of the case.
        generation: u32,
        /// What noticed what, or why it could not be tried.
        drill: Result<Box<Drill>, ErrorView>,
    },
    /// A file's SHA-256 is on its way.
    Hashing {
        /// Of the case.
        generation: u32,
        /// As asked.
        of: WhichExport,
        /// The file's place in the message.
        file: u32,
        /// Bytes behind the reader.
        bytes_done: u64,
    },
    /// A file's SHA-256 is ready.
    Hashed {
        /// Of the case.
        generation: u32,
        /// As asked.
        of: WhichExport,
        /// The file's place in the message.
        file: u32,
        /// 64 hex digits, or why it could not be read.
        sha256: Result<String, ErrorView>,
    },
    /// The databases can be asked.
    SqlReady {
        /// Of the case.
        generation: u32,
        /// Each source that is one.
        databases: Vec<SqlDatabase>,
    },
    /// Rows of a query in SQL.
    SqlRows {
        /// Of the case.
        generation: u32,
        /// As asked.
        query: u32,
        /// The columns' names, the same in every message.
        columns: Vec<String>,
        /// The next rows.
        rows: Vec<Vec<SqlCell>>,
    },
    /// A query in SQL has ended.
    SqlDone {
        /// Of the case.
        generation: u32,
        /// As asked.
        query: u32,
        /// Whether all rows were told, or what went wrong.
        outcome: Result<SqlEnd, SqlError>,
        /// What it took, as the worker's clock tells it.
        elapsed_ms: f64,
    },
    /// A piece of what a query in SQL yields. The bytes travel behind this text, as a `Blob`.
    SqlExported {
        /// Of the case.
        generation: u32,
        /// As asked.
        query: u32,
        /// Rows written so far.
        rows: u64,
        /// With the last piece: whether all rows were written, or what went wrong; nothing stands behind an error.
        outcome: Option<Result<SqlEnd, SqlError>>,
    },
    /// The engine panicked and will not answer again: the page replaces it.
    Fatal {
        /// What it said.
        message: String,
    },
    /// I am here.
    Pong {
        /// Echoed.
        generation: u32,
    },
}

/// Whose files are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhichExport {
    /// Those of the open case.
    Open,
    /// Those of the earlier export that it is compared with.
    Earlier,
}

/// A source that can be asked in SQL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SqlDatabase {
    /// Which.
    pub source: SourceIdx,
    /// Its tables and views, or why its schema cannot be read.
    pub tables: Result<Vec<SqlTable>, SqlError>,
}

/// How the rows of a query in SQL ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SqlEnd {
    /// All were told.
    Whole,
    /// There are more than the limit allows.
    Cut,
    /// There may be more than a page has room for.
    Full,
}

/// A verified case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The sources, in the order in which they were given.
    pub sources: Vec<SourceView>,
    /// Entries per verdict.
    pub totals: Totals,
    /// How many findings there are, per severity: info, warning, error.
    pub findings: [u64; 3],
    /// The earliest and latest timestamp as written (compared as text), if any is text.
    pub span: Option<(String, String)>,
    /// How many timestamps name a time zone, and how many do not.
    pub zones: (u64, u64),
    /// Whether every entry is verified, there is at least one, and nothing is known to be lost.
    pub consistent: bool,
    /// How many of the mismatched entries look as if an export tool had rewritten their values.
    pub rewritten: u64,
    /// From the request to this reply, as the engine's clock (`performance.now`) tells it.
    pub elapsed_ms: f64,
}
