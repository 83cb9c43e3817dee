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

/// The host's threads, lent to a verification.
pub trait Crew {
    /// Runs `here` on this thread and `helper` beside it, on as many other threads as the host likes; returns when all
    /// are done. `helper` takes work from a common store until there is none, so the outcome is the same with any number
    /// of threads, none included: `here` ends by helping.
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync));
}

/// No other thread: what a worker in a browser has.
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
