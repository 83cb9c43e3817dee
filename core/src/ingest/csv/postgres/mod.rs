//! SQL dumps of PostgreSQL databases in their plain format: the rows of log tables, as `COPY … FROM stdin` and `INSERT` hold
//! them.
//!
//! `sql` tells statements and literals apart, `scan` hands on the rows. Nothing is run: what is neither a row of a log nor
//! known to leave the rows alone is told.

mod rows;
mod scan;
mod sql;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use self::sql::{Piece, Reading, piece};
use super::layout::{Layout, TABLE};
use super::record::{Record, Style};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::dump::accounts::Accounts;
use crate::ingest::json::Window;
use crate::ingest::{Note, PartInfo};
use crate::source::{ByteSource, Cached};

/// Names of tables that are remembered, with their columns, and names that an error lists.
const REMEMBERED: usize = 10_000;
const LISTED: usize = 20;
/// The most tables and lists of columns with rows of a log.
const LOGS: usize = 10_000;

/// How the rows of a COPY are written.
const STYLE: Style = Style {
    delimiter: b'\t',
    quotes: false,
    escapes: true,
};

/// An opened dump; each log table in it is a part, for each list of columns.
pub(crate) struct PostgresScan {
    source: Rc<Cached>,
    window: Window,
    start: u64,
    at: u64,
    /// The number of the line at `at`, from 1.
    line: u64,
    /// The columns of tables by name.
    tables: BTreeMap<String, Vec<String>>,
    logs: Vec<Log>,
    /// The same, as somebody found who read ahead.
    scouted: RefCell<Vec<Log>>,
    parts: Vec<PartInfo>,
    notes: Vec<Note>,
    accounts: Accounts,
    /// What the rows that follow belong to.
    rows: Option<Rows>,
    record: Record,
    /// Whether a backslash in a plain string is a character like others.
    is_standard: bool,
    /// Whether the dump says that it begins, and that it is complete.
    has_begun: bool,
    has_ended: bool,
    /// The last table and list of columns that rows were inserted into, and their part.
    last: Option<(String, Option<Vec<String>>, Option<usize>)>,
    is_done: bool,
}

/// A table's rows by one list of columns.
#[derive(Clone)]
struct Log {
    table: String,
    layout: Rc<Layout>,
}

/// Rows that are being read.
#[derive(Clone, Copy, Debug)]
enum Rows {
    /// Of a COPY: the part, or none if the table is no log.
    Copy(Option<usize>),
    /// Of an INSERT that ends there.
    Insert { part: usize, end: u64 },
}

/// Whether comments say that a dump begins, and that one is complete.
fn said(comments: &[u8]) -> (bool, bool) {
    let (mut begins, mut ends) = (false, false);
    for (i, banner) in memchr::memmem::find_iter(comments, b"-- PostgreSQL database ")
        .map(|i| (i, &comments[i + 23..]))
    {
        let is_line = i == 0 || comments[i - 1] == b'\n' || comments[..i] == *super::BOM;
        let what = banner.strip_prefix(b"cluster ").unwrap_or(banner);
        begins |= is_line && what.starts_with(b"dump") && !what.starts_with(b"dump complete");
        ends |= is_line && what.starts_with(b"dump complete");
    }
    (begins, ends)
}

/// Whether a file is such a dump: by what it says in its first lines, or by its first statement.
///
/// # Errors
///
/// If the host's bytes fail.
pub(crate) fn is_dump(source: &Rc<Cached>) -> Result<bool, Error> {
    let mut sample = vec![0; 1 << 14];
    let n = source.read_at(0, &mut sample)?;
    sample.truncate(n);
    let mut rest = sample.strip_prefix(super::BOM).unwrap_or(&sample);
    if said(&rest[..rest.len().min(256)]).0 {
        return Ok(true);
    }
    loop {
        match piece(rest, true) {
            Piece::Meta(from, _) if rest[from..].starts_with(b"\\restrict ") => return Ok(true),
            Piece::Meta(_, to) => rest = &rest[to..],
            Piece::Statement(from, to) => {
                let mut reading = Reading::new(&rest[..to], from);
                let word = reading.word();
                return Ok(match &word.to_ascii_uppercase()[..] {
                    b"COPY" => {
                        let _ = (reading.table(), reading.columns());
                        reading.accept(b"FROM") && reading.accept(b"stdin")
                    }
                    b"SET" => SETTINGS.contains(&reading.word()),
                    _ => false,
                });
            }
            Piece::Unfinished | Piece::End => return Ok(false),
        }
    }
}

/// What a dump sets first.
const SETTINGS: [&[u8]; 7] = [
    b"statement_timeout",
    b"lock_timeout",
    b"idle_in_transaction_session_timeout",
    b"transaction_timeout",
    b"client_encoding",
    b"standard_conforming_strings",
    b"search_path",
];

impl PostgresScan {
    /// Opens a dump. It is read up to the first table with rows of a log.
    ///
    /// # Errors
    ///
    /// If there is none, or the host's bytes fail.
    pub(crate) fn open(source: Rc<Cached>) -> Result<Self, Error> {
        let mut mark = [0; 3];
        let n = source.read_at(0, &mut mark)?;
        let start = if mark[..n] == *super::BOM { 3 } else { 0 };
        let mut scout = Self::new(Rc::clone(&source), start);
        scout.read_on(0)?;
        if scout.logs.is_empty() {
            return Err(scout.no_log());
        }
        Ok(Self::new(source, start))
    }

    fn new(source: Rc<Cached>, start: u64) -> Self {
        Self {
            window: Window::new(Rc::clone(&source)),
            source,
            start,
            at: start,
            line: 1,
            tables: BTreeMap::new(),
            logs: Vec::new(),
            scouted: RefCell::default(),
            parts: Vec::new(),
            notes: Vec::new(),
            accounts: Accounts::default(),
            rows: None,
            record: Record::new(0),
            is_standard: true,
            has_begun: false,
            has_ended: false,
            last: None,
            is_done: false,
        }
    }

    /// Reads on to the rows of `part`, and hands nothing on.
    fn read_on(&mut self, part: usize) -> Result<(), Error> {
        while self.logs.len() <= part && !self.is_done {
            let _ = self.go_on(&mut |_, _| std::ops::ControlFlow::Continue(()))?;
            self.notes.truncate(100);
        }
        Ok(())
    }

    /// The log of a part, if somebody came to it or comes to it now.
    fn log(&self, part: usize) -> Result<Option<Log>, Error> {
        if let Some(log) = self.logs.get(part) {
            return Ok(Some(log.clone()));
        }
        if part >= self.scouted.borrow().len() {
            let mut scout = Self::new(Rc::clone(&self.source), self.start);
            scout.read_on(part)?;
            self.scouted.replace(scout.logs);
        }
        Ok(self.scouted.borrow().get(part).cloned())
    }

    fn no_log(&self) -> Error {
        let names: Vec<&str> = self
            .tables
            .keys()
            .take(LISTED)
            .map(String::as_str)
            .collect();
        let more = match self.tables.len() - names.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let tables = match &names[..] {
            [] => "no table".to_owned(),
            names => format!("of the tables {}{more} none", names.join(", ")),
        };
        Error::not_a_log(format!(
            "this is a dump of a PostgreSQL database, but {tables} has rows of an audit log in it"
        ))
        .with_hint(super::super::dump::POSTGRES)
    }

    fn place(&self) -> Locator {
        Locator::Line {
            offset: self.at,
            line: self.line,
        }
    }

    fn note(
        &mut self,
        code: &'static str,
        severity: Severity,
        message: String,
        hint: Option<&'static str>,
    ) {
        let locator = self.place();
        self.notes.push(Note {
            code,
            severity,
            locator,
            message,
            hint,
        });
    }

    /// The part of a table's rows by these columns; none if it is no log.
    fn part_of(&mut self, table: &str, columns: Option<Vec<String>>) -> Option<usize> {
        if let Some((last, with, part)) = &self.last
            && last == table
            && *with == columns
        {
            return *part;
        }
        let part = self.new_part_of(table, columns.clone());
        self.last = Some((table.to_owned(), columns, part));
        part
    }

    fn new_part_of(&mut self, table: &str, columns: Option<Vec<String>>) -> Option<usize> {
        let columns = match columns.or_else(|| self.tables.get(table).cloned()) {
            Some(columns) => columns,
            None if table.rsplit('.').next() == Some("audit_log") => {
                let message = format!(
                    "the dump does not define {table}; its columns were taken to be those of the reference's table, in their order"
                );
                let hint = "If the columns are others, no entry can match its checksum.";
                self.note("columns-assumed", Severity::Info, message, Some(hint));
                TABLE.map(str::to_owned).to_vec()
            }
            None => return None,
        };
        let layout = Layout::named(columns)?;
        let known = self
            .logs
            .iter()
            .position(|log| log.table == table && *log.layout == layout);
        if let Some(part) = known {
            return Some(part);
        }
        if self.logs.len() == LOGS {
            let message = format!("{table} is one audit log too many: {LOGS} were read");
            self.note("too-many-logs", Severity::Error, message, None);
            return None;
        }
        self.logs.push(Log {
            table: table.to_owned(),
            layout: Rc::new(layout),
        });
        self.parts.push(PartInfo {
            name: table.to_owned(),
        });
        Some(self.logs.len() - 1)
    }

    /// Passes over bytes in memory.
    fn pass(&mut self, len: usize) {
        let bytes = self.window.bytes(self.at);
        let bytes = &bytes[..len.min(bytes.len())];
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.at += len as u64;
        self.window.release(self.at);
    }
}
