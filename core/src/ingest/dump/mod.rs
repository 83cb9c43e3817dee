//! SQL dumps of SQLite databases: as the sqlite3 shell's `.dump` and Python's `iterdump` write them.
//!
//! `lexer` tells the tokens apart, `statement` reads what a statement is, `tables` keeps the definitions, `walk` goes
//! through all statements, and `scan` has SQLite run the rows of log tables, one at a time and in memory
//! (`sqlite::staging`); `peek` looks ahead. Nothing else is run: what a restore would do beyond that is told.

pub(in crate::ingest) mod accounts;
mod lexer;
mod peek;
mod scan;
mod settings;
mod statement;
mod tables;
#[cfg(test)]
mod tests;
mod walk;

use std::cell::RefCell;
use std::rc::Rc;

use self::accounts::Accounts;
use self::lexer::{Kind, Lexer};
use self::scan::Rows;
use self::statement::Statement;
use self::tables::Tables;
use super::json::{BOM, byte_order_mark};
use super::sqlite::staging::Staging;
use super::{Note, PartInfo};
use crate::error::Error;
use crate::source::{ByteSource, Cached};

/// How far into a file its first statement is looked for.
const SAMPLE: u64 = 1 << 20;

/// An opened dump; each log table in it is a part.
pub(crate) struct DumpScan {
    source: Rc<Cached>,
    lexer: Lexer,
    staging: Staging,
    /// What reads rows again, on a connection of its own; taken out while it is in use.
    rereads: RefCell<Option<Staging>>,
    tables: Tables,
    /// The same, from a reading ahead.
    scouted: RefCell<Tables>,
    parts: Vec<PartInfo>,
    notes: Vec<Note>,
    /// The INSERT whose rows are being read.
    rows: Option<Rows>,
    /// The statement that is being passed over.
    passing: Option<u64>,
    accounts: Accounts,
    in_transaction: bool,
    /// The list of tables was opened for the table of counters, and for nothing else.
    is_open_for_counters: bool,
    is_done: bool,
}

/// Whether a file is a SQL dump: its first words are those of a statement that a dump can begin with.
///
/// # Errors
///
/// If the host's bytes fail.
pub(crate) fn is_dump(source: &Rc<Cached>) -> Result<bool, Error> {
    let mut sample = vec![0; 64];
    let n = source.read_at(0, &mut sample)?;
    let start = after_mark(&sample[..n]);
    let blanks = sample[start..n]
        .iter()
        .take_while(|b| b.is_ascii_whitespace());
    // Anything else cannot begin a statement; most files are told by this alone.
    if !matches!(sample.get(start + blanks.count()), Some(b) if b.is_ascii_alphabetic() || b"-/. \t\r\n".contains(b))
    {
        return Ok(false);
    }
    let mut sample = vec![0; usize::try_from(SAMPLE).unwrap_or(0)];
    let n = source.read_at(0, &mut sample)?;
    sample.truncate(n);
    let sample = crate::source::Memory::new(sample);
    let mut lexer = Lexer::new(Rc::new(Cached::new(Box::new(sample))), start as u64);
    lexer.keep_next()?;
    let mut first = lexer.next()?;
    // Commands of the sqlite3 shell may stand before it.
    while first.kind == Kind::Symbol(b'.') {
        statement::head(&mut lexer, first)?;
        lexer.keep_next()?;
        first = lexer.next()?;
    }
    if first.kind != Kind::Word {
        return Ok(false);
    }
    let statement = statement::head(&mut lexer, first)?;
    let next = lexer.next()?;
    let word = lexer
        .text(next.from, next.to.min(next.from + 16))
        .to_ascii_uppercase();
    // A word or two of prose could be some of these: what follows must not be more prose.
    Ok(match statement {
        Statement::Insert { .. } | Statement::View(_) | Statement::Trigger { .. } => true,
        Statement::Pragma(_) | Statement::Change("DELETE" | "DROP TABLE", _) => true,
        Statement::Change("UPDATE", _) => word == b"SET",
        Statement::Change(..) => [&b"ADD"[..], b"RENAME", b"DROP"].contains(&&word[..]),
        Statement::Table(_) => next.kind == Kind::Symbol(b'(') || word == b"AS",
        Statement::Begin | Statement::Commit | Statement::Rollback => {
            let words = [&b"TRANSACTION"[..], b"IMMEDIATE", b"DEFERRED", b"EXCLUSIVE"];
            next.kind == Kind::Symbol(b';') || words.contains(&&word[..])
        }
        Statement::Refused(verb) if verb == "ATTACH" => {
            next.kind == Kind::Quoted || word == b"DATABASE"
        }
        Statement::Refused(verb) => verb.starts_with("CREATE "),
        Statement::Harmless | Statement::ShellCommand(_) | Statement::Unknown => false,
    })
}

/// Why a dump of another database than SQLite is not read, by what it says of itself in its first lines; `None` if it is none.
///
/// # Errors
///
/// If the host's bytes fail.
pub(crate) fn foreign(source: &Rc<Cached>) -> Result<Option<Error>, Error> {
    const BANNERS: [(&[u8], &str, &str); 4] = [
        (b"-- MySQL dump ", "MySQL", MYSQL),
        (b"-- MariaDB dump ", "MariaDB", MYSQL),
        (b"-- phpMyAdmin SQL Dump", "MySQL or MariaDB", MYSQL),
        (b"-- mysqldump", "MySQL", MYSQL),
    ];
    let mut sample = [0; 256];
    let n = source.read_at(0, &mut sample)?;
    let sample = &sample[..n];
    if sample.starts_with(b"PGDMP") {
        return Ok(Some(
            Error::not_a_log("this is an archive of PostgreSQL's pg_dump, which is not read")
                .with_hint(POSTGRES_ARCHIVE),
        ));
    }
    if !matches!(
        sample[after_mark(sample)..].trim_ascii_start(),
        [b'-', b'-', ..] | [b'/', b'*', ..]
    ) {
        return Ok(None);
    }
    let said = |banner: &[u8]| {
        memchr::memmem::find(sample, banner).is_some_and(|i| {
            // At the beginning of a line.
            i == after_mark(sample) || sample[i - 1] == b'\n'
        })
    };
    Ok(BANNERS.iter().find(|b| said(b.0)).map(|(_, whose, hint)| {
        Error::not_a_log(format!("this is a dump of a {whose} database, which is not read: its strings and types are others than SQLite's"))
            .with_hint(*hint)
    }))
}

pub(in crate::ingest) const POSTGRES: &str = "Export the table instead, in psql: \\copy audit_log TO 'audit_log.csv' WITH (FORMAT csv, HEADER). Nothing is lost that way.";
const POSTGRES_ARCHIVE: &str =
    "Make a plain dump of it (pg_restore -f audit_log.sql ARCHIVE), or export the table as CSV.";
const MYSQL: &str = "Export the table as JSON or CSV instead, with a header line and in UTF-8, for instance by a few lines of Python's csv.";

fn after_mark(text: &[u8]) -> usize {
    if text.starts_with(BOM) { BOM.len() } else { 0 }
}

impl DumpScan {
    /// Opens a dump. It is read up to the first table that is an audit log.
    ///
    /// # Errors
    ///
    /// If there is none, or the host's bytes fail.
    pub(crate) fn open(source: Rc<Cached>) -> Result<Self, Error> {
        let mut start = [0; 3];
        let n = source.read_at(0, &mut start)?;
        let at = after_mark(&start[..n]) as u64;
        let scout = Self::scout(Rc::clone(&source), at, 0)?;
        if scout.parts.is_empty() {
            return Err(scout.tables.no_log(&scout.notes));
        }
        let mut scan = Self::new(source, at)?;
        if at > 0 {
            scan.notes.push(byte_order_mark());
        }
        scan.scouted = RefCell::new(scout.tables);
        Ok(scan)
    }

    /// Reads a dump up to the definition of a part, running nothing.
    fn scout(source: Rc<Cached>, at: u64, part: usize) -> Result<Self, Error> {
        let mut scout = Self::new(source, at)?;
        while scout.parts.len() <= part && !scout.is_done {
            scout.statement(u64::MAX)?;
            // What is left of a statement is passed over as one that means nothing.
            scout.rows = None;
            scout.notes.truncate(100);
        }
        Ok(scout)
    }

    /// Reads the definitions up to that of `part`, if a scan has not come to it: rows of a dump are read again by a scan
    /// that was opened for that alone.
    fn look_ahead(&self, part: usize) -> Result<(), Error> {
        if part < self.tables.logs.len() || part < self.scouted.borrow().logs.len() {
            return Ok(());
        }
        let mut start = [0; 3];
        let n = self.source.read_at(0, &mut start)?;
        let at = after_mark(&start[..n]) as u64;
        let scout = Self::scout(Rc::clone(&self.source), at, part)?;
        self.scouted.replace(scout.tables);
        Ok(())
    }

    fn new(source: Rc<Cached>, at: u64) -> Result<Self, Error> {
        let staging = || Staging::open().map_err(|e| Error::unsupported(e.to_string()));
        Ok(Self {
            lexer: Lexer::new(Rc::clone(&source), at),
            source,
            staging: staging()?,
            rereads: RefCell::new(None),
            tables: Tables::default(),
            scouted: RefCell::default(),
            parts: Vec::new(),
            notes: Vec::new(),
            rows: None,
            passing: None,
            accounts: Accounts::default(),
            in_transaction: false,
            is_open_for_counters: false,
            is_done: false,
        })
    }
}

/// Where the statements of a SQL dump end, behind their semicolons.
#[cfg(feature = "fuzzing")]
#[must_use]
pub fn statement_ends(text: &[u8]) -> Vec<usize> {
    let text = crate::source::Memory::new(text);
    let mut lexer = Lexer::new(Rc::new(Cached::new(Box::new(text))), 0);
    let mut ends = Vec::new();
    while let Ok(ending) = statement::next(&mut lexer) {
        match ending {
            Some(statement::Ending::Whole) => ends.extend(usize::try_from(lexer.at())),
            Some(_) => {}
            None => break,
        }
    }
    ends
}
