//! Reading the rows of log tables: each is run by SQLite, and can be again.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::DumpScan;
use super::accounts::NOT_RUN;
use super::lexer::{Kind, Lexer};
use super::statement::{self, Statement};
use super::walk::code;
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::json::window::ENTRY_LIMIT;
use crate::ingest::sqlite::staging::{Failure, Staging};
use crate::ingest::{Note, PartInfo, Scan, Sink, Step};
use crate::source::ByteSource;
use crate::view::Accounting;

/// Rows that one step yields at most.
const STEP_ROWS: u32 = 4096;
/// Bytes of fields after which a step ends.
const STEP_BYTES: usize = 1 << 18;
/// Bytes of text after which a step ends.
const STEP_TEXT: u64 = 1 << 20;
/// The most tokens of a row. SQLite takes some hundred bytes for each; 2,000 columns of the longest calls that a dumper
/// writes have half as many.
const ROW_TOKENS: u64 = 100_000;

/// An INSERT into a log table whose rows are being read.
pub(super) struct Rows {
    pub(super) part: usize,
    /// Where the statement begins.
    pub(super) statement: u64,
    pub(super) columns: Option<Vec<u8>>,
    pub(super) is_first: bool,
}

impl DumpScan {
    /// Runs the next row of an INSERT; `None` if there was none that could be run.
    fn row<R>(
        &mut self,
        mut rows: Rows,
        stop: u64,
        sink: impl FnOnce(usize, RawEntry<'_>, usize) -> R,
    ) -> Result<Option<R>, Error> {
        let begin = self.lexer.keep_next()?;
        let Some(row) = statement::parenthesis(&mut self.lexer)? else {
            let token = self.lexer.next()?;
            if token.kind == Kind::End {
                self.cut(rows.statement, begin);
                return Ok(None);
            }
            self.lexer.go_to(token.from);
            let message = "no row stands where one was expected".to_owned();
            self.note("statement-failed", Severity::Error, token.from, message);
            self.pass(begin, false, stop)?;
            return Ok(None);
        };
        let place = if rows.is_first {
            Place {
                key: rows.statement,
                line: 0,
            }
        } else {
            Place {
                key: row.from,
                line: row.from - rows.statement,
            }
        };
        rows.is_first = false;
        let mut result = None;
        if self.lexer.is_too_long() || place.line > u64::from(u32::MAX) {
            let message = if self.lexer.is_too_long() {
                format!("a row longer than {} MB was not read", ENTRY_LIMIT >> 20)
            } else {
                "a row more than 4 GB behind the beginning of its statement was not read".to_owned()
            };
            self.note("entry-too-long", Severity::Error, row.from, message);
            self.accounts.leave_out("entry-too-long", row.from, row.to);
        } else if row.tokens > ROW_TOKENS {
            let message = format!("a row of more than {ROW_TOKENS} tokens was not run");
            self.note("statement-failed", Severity::Error, place.key, message);
            self.accounts.leave_out(NOT_RUN, row.from, row.to);
        } else {
            let values = self.lexer.text(row.from, row.to);
            let columns = rows.columns.as_deref();
            let part = rows.part;
            let ran = self.staging.run(part, columns, values, place, |entry, n| {
                sink(part, entry, n)
            });
            match ran {
                Ok(r) => result = Some(r),
                Err(failure) => {
                    let name = &self.tables.logs[part].name;
                    let message = format!("a row of {name} was not judged: {failure}");
                    self.note(code(&failure), Severity::Error, place.key, message);
                    self.accounts.leave_out(NOT_RUN, row.from, row.to);
                }
            }
        }
        self.lexer.let_go();
        let token = self.lexer.next()?;
        match token.kind {
            Kind::Symbol(b',') => self.rows = Some(rows),
            Kind::Symbol(b';') | Kind::End => {}
            _ => {
                self.lexer.go_to(token.from);
                let name = self.tables.logs[rows.part].name.clone();
                let what = format!("what follows the rows of INSERT INTO {name}");
                self.refuse(token.from, &what, Severity::Error);
                self.pass(token.from, false, stop)?;
            }
        }
        Ok(result)
    }
}

impl Scan for DumpScan {
    fn kind(&self) -> &'static str {
        "sql-dump"
    }

    fn parts(&self) -> &[PartInfo] {
        &self.parts
    }

    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    fn bytes_done(&self) -> u64 {
        self.lexer.at()
    }

    fn bytes_total(&self) -> u64 {
        self.source.len()
    }

    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        let stop = self.lexer.at() + STEP_TEXT;
        let (mut rows, mut bytes) = (0, 0);
        while !self.is_done {
            if rows >= STEP_ROWS || bytes >= STEP_BYTES || self.lexer.at() >= stop {
                return Ok(Step::More);
            }
            let Some(open) = self.rows.take() else {
                self.statement(stop)?;
                continue;
            };
            rows += 1;
            let flow = self.row(open, stop, |part, entry, n| {
                bytes += n;
                sink(part, entry)
            })?;
            if flow.is_some_and(|f| f.is_break()) {
                return Ok(Step::More);
            }
        }
        Ok(Step::End)
    }

    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let statement = place.key.checked_sub(place.line).ok_or_else(gone)?;
        let mut lexer = Lexer::narrow(Rc::clone(&self.source), statement);
        lexer.keep_next()?;
        let first = lexer.next()?;
        let Statement::Insert { columns, .. } = statement::head(&mut lexer, first)? else {
            return Err(gone());
        };
        let columns = columns.map(|c| lexer.text(c.from, c.to).to_vec());
        if place.line > 0 {
            lexer.let_go();
            lexer.go_to(place.key);
        }
        lexer.keep_next()?;
        let Some(row) = statement::parenthesis(&mut lexer)? else {
            return Err(gone());
        };
        let failed = |failure: &Failure| {
            Error::corrupt(format!("the row could not be read again: {failure}"))
        };
        let kept = self
            .rereads
            .try_borrow_mut()
            .ok()
            .and_then(|mut slot| slot.take());
        let mut staging = match kept {
            Some(staging) => staging,
            None => Staging::open().map_err(|e| failed(&e))?,
        };
        self.look_ahead(part)?;
        {
            let scouted = self.scouted.borrow();
            let logs = if part < self.tables.logs.len() {
                &self.tables.logs
            } else {
                &scouted.logs
            };
            for log in logs.iter().skip(staging.len()) {
                staging.add(&log.definition).map_err(|e| failed(&e))?;
            }
        }
        let values = lexer.text(row.from, row.to);
        staging
            .run(part, columns.as_deref(), values, place, |entry, _| {
                let _ = sink(entry);
            })
            .map_err(|e| failed(&e))?;
        if let Ok(mut slot) = self.rereads.try_borrow_mut() {
            *slot = Some(staging);
        }
        Ok(())
    }

    fn locator(&self, _part: usize, place: Place) -> Locator {
        Locator::Offset { offset: place.key }
    }

    fn account(&self) -> Accounting {
        let at = self.lexer.at();
        self.accounts.of(at, self.source.known_len().unwrap_or(at))
    }
}

fn gone() -> Error {
    Error::unavailable("the row is no longer there")
        .with_hint("The file may have been changed. Open it again.")
}
