//! The messages between the page and its engine worker. Version and meaning: `docs/protocol.md`.
//!
//! A message is a JavaScript array: the JSON text of a [`Request`] or [`Reply`], then the `File` objects that it speaks
//! of, in order. JSON text carries 64-bit numbers whole, which a JavaScript number would not. The first message that a
//! worker receives is the compiled module itself (see `web/js/engine_worker.js`); it answers [`Reply::Ready`].

use auditglass::{
    EntryRow, EntryView, ErrorView, FindingView, Progress, RowIdx, SourceView, Totals, Verdict,
};
use serde::{Deserialize, Serialize};

/// Raised with every change of a message's shape.
pub const VERSION: u32 = 1;

/// What the page asks. Answers come in order; `generation` is echoed so that late ones can be dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Open the files that travel with this message as one case, verify it, keep it. Answers: [`Reply::Progress`] many
    /// times, then [`Reply::Opened`]. Whatever was open before is dropped.
    Open {
        /// The page's counter of opened cases.
        generation: u32,
    },
    /// Rows of the table. Answer: [`Reply::Rows`].
    Rows {
        /// Of the case.
        generation: u32,
        /// Only entries with this verdict, if given.
        verdict: Option<Verdict>,
        /// The first wanted, counted from 0 among those that match.
        start: u64,
        /// How many.
        count: u32,
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
    /// The SHA-256 of each file that travels with this message; asked of a worker of its own. Answers, for each:
    /// [`Reply::Hashing`] any number of times, then [`Reply::Hashed`].
    Hash {
        /// Of the case.
        generation: u32,
    },
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
    /// Rows of the table.
    Rows {
        /// Of the case.
        generation: u32,
        /// As asked.
        verdict: Option<Verdict>,
        /// As asked.
        start: u64,
        /// As many as there are, or why they could not be read again.
        rows: Result<Vec<EntryRow>, ErrorView>,
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
    /// A file's SHA-256 is on its way.
    Hashing {
        /// Of the case.
        generation: u32,
        /// The file's place in the message.
        file: u32,
        /// Bytes behind the reader.
        bytes_done: u64,
    },
    /// A file's SHA-256 is ready.
    Hashed {
        /// Of the case.
        generation: u32,
        /// The file's place in the message.
        file: u32,
        /// 64 hex digits, or why it could not be read.
        sha256: Result<String, ErrorView>,
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
    /// Whether every entry is verified, there is at least one, and nothing is known to be lost.
    pub consistent: bool,
    /// From the request to this reply, as the engine's clock (`performance.now`) tells it.
    pub elapsed_ms: f64,
}
