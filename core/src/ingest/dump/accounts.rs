//! Which bytes of a dump were not examined: statements that hold no row of a log, or that were not run.

use crate::finding::Locator;
use crate::ingest::json::not_reached;
use crate::view::Accounting;

/// What has nothing to do with a log.
pub(in crate::ingest) const BESIDE: &str = "beside-the-log";
/// What was refused or failed.
pub(in crate::ingest) const NOT_RUN: &str = "statement-not-run";

/// The accounts so far.
#[derive(Default)]
pub(in crate::ingest) struct Accounts {
    left_out: Accounting,
    /// Statements that follow one another and were left out for one reason: from where to where.
    run: Option<(&'static str, u64, u64)>,
    /// Why the statement that is being read will be left out, if it will.
    pub(in crate::ingest) fate: Option<&'static str>,
}

impl Accounts {
    /// A statement was read, or the part of it that has the fate.
    pub(in crate::ingest) fn close(&mut self, from: u64, to: u64) {
        match (self.fate, &mut self.run) {
            (Some(code), Some((same, _, end))) if code == *same => *end = to,
            (Some(code), _) => {
                self.flush();
                self.run = Some((code, from, to));
            }
            (None, _) => self.flush(),
        }
    }

    /// What is left out whatever its statement is.
    pub(in crate::ingest) fn leave_out(&mut self, code: &'static str, from: u64, to: u64) {
        self.flush();
        put(&mut self.left_out, code, from, to);
    }

    fn flush(&mut self) {
        if let Some((code, from, to)) = self.run.take() {
            put(&mut self.left_out, code, from, to);
        }
    }

    /// The accounts of a text of `len` bytes that was read up to `at`.
    pub(in crate::ingest) fn of(&self, at: u64, len: u64) -> Accounting {
        let mut accounting = self.left_out.clone();
        if let Some((code, from, to)) = self.run {
            put(&mut accounting, code, from, to);
        }
        not_reached(&mut accounting, at, len);
        accounting
    }
}

fn put(accounting: &mut Accounting, code: &'static str, from: u64, to: u64) {
    let what = match code {
        BESIDE => "tables that are no logs, indexes, views and triggers",
        NOT_RUN => "statements that were not run",
        "lost-tail" => "a statement that is cut off",
        "trailing-data" => "what follows the last statement",
        _ => "a row that was not read",
    };
    let length = to.saturating_sub(from);
    let place = Locator::Range {
        offset: from,
        length,
    };
    accounting.leave_out(code, length, place, what);
}
