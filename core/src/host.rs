//! What a host brings to a verification: somebody who follows it, and perhaps threads.

use std::ops::ControlFlow;

use crate::finding::Locator;
use crate::units::RowIdx;
use crate::view::{Progress, Verdict};

/// Follows a verification; the host's way to show progress, to write entries out, and to cancel.
pub trait Observer {
    /// Called after every chunk (about 1 MB or a few thousand entries); breaks to cancel.
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()>;

    /// Whether [`Observer::judged`] is to be called.
    fn wants_entries(&self) -> bool {
        false
    }

    /// Called for every entry, in source order; breaks to cancel.
    fn judged(&mut self, entry: &JudgedEntry<'_>) -> ControlFlow<()> {
        let _ = entry;
        ControlFlow::Continue(())
    }
}

/// The host's threads or workers, lent to a case.
///
/// Threads see this memory and help by [`Crew::join`]. Workers that do not, as in a browser, are sent tasks as bytes, carry
/// them out by [`Helper::work`](crate::Helper::work), and send back what that gave. Whoever does what, the outcome is the
/// same: verdicts are given on the caller's thread, in the order of the source.
pub trait Crew {
    /// Runs `here` on this thread and `helper` beside it, on as many other threads as the host likes; returns when all
    /// are done. `helper` takes work from a common store until there is none, so the outcome is the same with any number
    /// of threads, none included: `here` ends by helping.
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync));

    /// How many workers there are that are sent tasks.
    fn workers(&self) -> usize {
        0
    }

    /// Whether a worker, counted from 0, would take a task now.
    fn is_free(&self, worker: usize) -> bool {
        let _ = worker;
        false
    }

    /// Sends a task to a worker, and returns a ticket that no other task has or had. To be called only after
    /// [`Crew::is_free`] said so.
    fn send(&self, worker: usize, task: Vec<u8>) -> u64 {
        let _ = (worker, task);
        0
    }

    /// What the worker gave back for the task with this ticket, once it is there; given out once.
    fn receive(&self, ticket: u64) -> Option<Vec<u8>> {
        let _ = ticket;
        None
    }
}

/// What a task is about: its last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Entries are to be made canonical and hashed.
    Hash,
    /// Entries are to be read again, and asked for a search.
    Ask,
}

impl Task {
    /// A task of this kind.
    pub(crate) fn of(self, mut body: Vec<u8>) -> Vec<u8> {
        body.push(self as u8);
        body
    }
}

/// What a step of a verification leaves to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// There is more, and it can be gone on with at once.
    More,
    /// There is nothing to do before a worker of the [`Crew`] has answered.
    Waiting,
    /// Every entry is judged.
    Done,
}

/// Nobody else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Crew for Alone {
    fn join(&self, here: &mut dyn FnMut(), _: &(dyn Fn() + Sync)) {
        here();
    }
}

/// An observer that only lets the verification run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Observer for Quiet {
    fn progress(&mut self, _: &Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// One entry and its verdict.
#[derive(Clone, Copy, Debug)]
pub struct JudgedEntry<'a> {
    /// Its place in the case.
    pub row: RowIdx,
    /// The name of its source.
    pub source: &'a str,
    /// Where it lies.
    pub locator: &'a Locator,
    /// The id found, as JSON text; `null` if there is none.
    pub entry_id: &'a str,
    /// The claimed checksum found, as JSON text; `null` if there is none.
    pub claimed_checksum: &'a str,
    /// 16 hex digits; `None` if unreadable.
    pub recomputed_checksum: Option<&'a str>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why it is not verified.
    pub reason: Option<&'a str>,
}
