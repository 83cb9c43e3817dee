//! Going through a dump: statements, the rows of a COPY, those of an INSERT.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::sql::{Piece, Reading, piece};
use super::{Log, PostgresScan, REMEMBERED, Rows, STYLE, rows};
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::csv::entry::broken;
use crate::ingest::csv::next::{Next, next};
use crate::ingest::csv::record::Record;
use crate::ingest::dump::accounts::{BESIDE, NOT_RUN};
use crate::ingest::json::{ENTRY_LIMIT, Window, lost_tail};
use crate::ingest::{Note, PartInfo, Scan, Sink, Step};
use crate::source::ByteSource;
use crate::view::Accounting;

/// Bytes handed on per step.
const STEP: u64 = 1 << 20;

/// Statements that leave rows alone, or are what makes a table before them.
const HARMLESS: [&[u8]; 16] = [
    b"SET",
    b"SELECT",
    b"ALTER",
    b"CREATE",
    b"COMMENT",
    b"GRANT",
    b"REVOKE",
    b"DROP",
    b"BEGIN",
    b"COMMIT",
    b"START",
    b"RESET",
    b"REFRESH",
    b"SECURITY",
    b"ANALYZE",
    b"INSERT",
];

const ASK: &str = "A dump holds tables and rows. Ask who wrote this, and why.";

type Entries<'s> = dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()> + 's;

impl PostgresScan {
    /// Reads the next statement or the next row.
    pub(super) fn go_on(&mut self, sink: &mut Entries<'_>) -> Result<ControlFlow<()>, Error> {
        match self.rows {
            Some(Rows::Copy(part)) => self.copied(part, sink),
            Some(Rows::Insert { part, end }) => Ok(self.inserted((part, end), sink)),
            None => {
                self.statement()?;
                Ok(ControlFlow::Continue(()))
            }
        }
    }

    fn statement(&mut self) -> Result<(), Error> {
        let mut is_whole = false;
        let found = loop {
            let bytes = self.window.bytes(self.at);
            match piece(bytes, self.is_standard) {
                // Comments may go on behind what is in memory.
                Piece::Unfinished | Piece::End if !is_whole && bytes.len() <= ENTRY_LIMIT => {
                    is_whole = !self.window.grow()?;
                }
                found => break found,
            }
        };
        let before = match found {
            Piece::Statement(from, _) | Piece::Meta(from, _) => from,
            Piece::Unfinished | Piece::End => self.window.bytes(self.at).len(),
        };
        let comments = &self.window.bytes(self.at)[..before];
        let (has_begun, has_ended) = super::said(comments);
        self.has_begun |= has_begun;
        self.has_ended |= has_ended;
        let from = self.at;
        match found {
            Piece::End => {
                self.pass(before);
                self.end();
            }
            Piece::Unfinished if is_whole => self.cut(before),
            Piece::Unfinished => {
                let message = format!(
                    "a statement longer than {} MB was not read, nor what follows it",
                    ENTRY_LIMIT >> 20
                );
                self.note("entry-too-long", Severity::Error, message, None);
                self.is_done = true;
            }
            Piece::Meta(start, end) => {
                self.pass(start);
                let line = &self.window.bytes(self.at)[..end - start];
                let word = line
                    .split(u8::is_ascii_whitespace)
                    .next()
                    .unwrap_or_default();
                let is_known =
                    [&b"\\restrict"[..], b"\\unrestrict", b"\\connect", b"\\."].contains(&word);
                if !is_known {
                    let what = String::from_utf8_lossy(&word[..word.len().min(40)]).into_owned();
                    self.note(
                        "statement-refused",
                        Severity::Warning,
                        format!("{what} was not run"),
                        Some(ASK),
                    );
                }
                self.pass(end - start);
                self.accounts.fate = Some(if is_known { BESIDE } else { NOT_RUN });
                self.accounts.close(from, self.at);
            }
            Piece::Statement(start, end) => {
                self.pass(start);
                let text = self.window.bytes(self.at)[..end - start].to_vec();
                self.accounts.fate = Some(BESIDE);
                let len = self.understand(&text);
                self.pass(len);
                if self.accounts.fate.is_some() {
                    self.accounts.close(from, self.at);
                } else {
                    self.accounts.close(from, from);
                }
            }
        }
        Ok(())
    }

    /// What a statement says; returns how much of it was read: of an INSERT into a log up to its rows.
    fn understand(&mut self, text: &[u8]) -> usize {
        let mut reading = Reading::new(text, 0);
        let verb = reading.word().to_ascii_uppercase();
        match &verb[..] {
            b"COPY" => {
                let table = reading.table();
                let columns = reading.columns();
                let is_rows = reading.accept(b"FROM") && reading.accept(b"stdin");
                let is_plain = reading.symbol(b';');
                let name = table.unwrap_or_default();
                if !is_rows {
                    self.refuse(text, &format!("COPY {name}"));
                    return text.len();
                }
                let mut part = self.part_of(&name, columns);
                if !is_plain {
                    let what = format!("COPY {name} in another format than the plain one");
                    self.refuse(text, &what);
                    part = None;
                } else if part.is_some() {
                    self.accounts.fate = None;
                }
                let width = part
                    .and_then(|p| self.logs.get(p))
                    .map_or(0, |l| l.layout.columns.len());
                self.record = Record::new(width);
                self.rows = Some(Rows::Copy(part));
            }
            b"INSERT" => {
                let table = if reading.accept(b"INTO") {
                    reading.table()
                } else {
                    None
                };
                let columns = reading.columns();
                if reading.accept(b"OVERRIDING") {
                    let _ = (reading.word(), reading.accept(b"VALUE"));
                }
                let Some(part) = table.and_then(|t| self.part_of(&t, columns)) else {
                    return text.len();
                };
                if !self.is_standard || !reading.accept(b"VALUES") {
                    let what = format!(
                        "INSERT INTO {} of other than plain values",
                        self.logs[part].table
                    );
                    self.refuse(text, &what);
                    return text.len();
                }
                let end = self.at + text.len() as u64;
                self.rows = Some(Rows::Insert { part, end });
                self.accounts.fate = None;
                return reading.at;
            }
            b"CREATE" => {
                let _ = reading.accept(b"UNLOGGED");
                if reading.accept(b"TABLE") {
                    let _ = reading.accept(b"IF")
                        && reading.accept(b"NOT")
                        && reading.accept(b"EXISTS");
                    if let (Some(table), Some(columns)) = (reading.table(), reading.definition())
                        && self.tables.len() < REMEMBERED
                    {
                        self.tables.insert(table, columns);
                        self.last = None;
                    }
                }
            }
            b"SET" if reading.accept(b"standard_conforming_strings") => {
                let _ = reading.symbol(b'=') || reading.accept(b"TO");
                let _ = reading.symbol(b'\'');
                self.is_standard = !reading.accept(b"off");
            }
            verb if HARMLESS.contains(&verb) => {}
            verb => {
                let what = String::from_utf8_lossy(&verb[..verb.len().min(40)]).into_owned();
                self.refuse(text, &what);
            }
        }
        text.len()
    }

    fn refuse(&mut self, text: &[u8], what: &str) {
        let concerns_log = self.logs.iter().any(|log| {
            let name = log.table.rsplit('.').next().unwrap_or_default();
            memchr::memmem::find(text, name.as_bytes()).is_some()
        });
        let severity = if concerns_log {
            Severity::Error
        } else {
            Severity::Warning
        };
        self.accounts.fate = Some(NOT_RUN);
        self.note(
            "statement-refused",
            severity,
            format!("{what} was not run"),
            Some(ASK),
        );
    }

    /// The next row of a COPY, or its end.
    fn copied(
        &mut self,
        part: Option<usize>,
        sink: &mut Entries<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        // What follows the statement on its line.
        while self.window.bytes(self.at).len() < 4 && self.window.grow()? {}
        let bytes = self.window.bytes(self.at);
        if let [b'\\', b'.', b'\n', ..] | [b'\\', b'.', b'\r', b'\n', ..] | [b'\\', b'.'] = bytes {
            let len = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |i| i + 1);
            let from = self.at;
            self.pass(len);
            self.accounts.fate = part.is_none().then_some(BESIDE);
            self.accounts.close(from, self.at);
            self.rows = None;
            return Ok(ControlFlow::Continue(()));
        }
        let Some(part) = part else {
            return self.pass_row();
        };
        let columns = self.record.limit;
        let place = Place {
            key: self.at,
            line: self.line,
        };
        let mut flow = ControlFlow::Continue(());
        let len = match next(
            &mut self.window,
            self.at,
            (STYLE, columns),
            &mut self.record,
        )? {
            Next::End => {
                self.cut(0);
                return Ok(flow);
            }
            Next::Cut(len) => {
                self.cut(len);
                return Ok(flow);
            }
            // The line break behind the statement; a row of one empty field is none of a log.
            Next::Blank(len) => len,
            Next::Record(len) => {
                let bytes = &self.window.bytes(self.at)[..len];
                let layout = &self.logs[part].layout;
                flow = rows::copied(layout, &self.record, bytes, place, &mut |e| sink(part, e));
                len
            }
            Next::Broken(len, why) => {
                flow = sink(part, broken(place, why));
                len
            }
            Next::TooLong => {
                let message = format!(
                    "line {} is longer than {} MB and was not read, nor what follows it",
                    self.line,
                    ENTRY_LIMIT >> 20
                );
                self.note("entry-too-long", Severity::Error, message, None);
                self.is_done = true;
                return Ok(flow);
            }
        };
        self.pass(len);
        Ok(flow)
    }

    /// Passes over a line of rows that are those of another table.
    fn pass_row(&mut self) -> Result<ControlFlow<()>, Error> {
        let from = self.at;
        loop {
            let bytes = self.window.bytes(self.at);
            let end = memchr::memchr(b'\n', bytes);
            self.pass(end.map_or(bytes.len(), |i| i + 1));
            if end.is_some() {
                break;
            }
            if !self.window.grow()? {
                self.cut(0);
                break;
            }
        }
        self.accounts.fate = Some(BESIDE);
        self.accounts.close(from, self.at);
        Ok(ControlFlow::Continue(()))
    }

    /// The next row of an INSERT, all of which is in memory.
    fn inserted(&mut self, (part, end): (usize, u64), sink: &mut Entries<'_>) -> ControlFlow<()> {
        let len = usize::try_from(end - self.at).unwrap_or(usize::MAX);
        let bytes = self.window.bytes(self.at);
        let bytes = &bytes[..len.min(bytes.len())];
        let blanks = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let place = Place {
            key: self.at + blanks as u64,
            line: 0,
        };
        let layout = Rc::clone(&self.logs[part].layout);
        let (behind, flow) =
            rows::inserted(&layout, (bytes, blanks), place, &mut |e| sink(part, e));
        let mut reading = Reading::new(bytes, behind.unwrap_or(bytes.len()));
        if reading.symbol(b',') {
            let len = reading.at;
            self.pass(len);
            return flow;
        }
        let is_end = reading.symbol(b';');
        self.rows = None;
        if !is_end {
            // `ON CONFLICT DO NOTHING` and the like, or something that cannot be read.
            let is_skip = reading.accept(b"ON")
                && reading.accept(b"CONFLICT")
                && reading.accept(b"DO")
                && reading.accept(b"NOTHING");
            if !is_skip || !reading.symbol(b';') {
                let what = format!(
                    "what follows a row of INSERT INTO {}",
                    self.logs[part].table
                );
                self.note(
                    "statement-refused",
                    Severity::Error,
                    format!("{what} was not run"),
                    Some(ASK),
                );
            }
        }
        self.pass(len);
        flow
    }

    /// Tells of what does not end, of which `len` bytes are left.
    fn cut(&mut self, len: usize) {
        let message = "the dump is cut off in the statement or row that begins here".to_owned();
        self.notes.push(lost_tail(self.at, message));
        let from = self.at;
        self.pass(len);
        self.accounts.leave_out("lost-tail", from, self.at);
        self.is_done = true;
    }

    fn end(&mut self) {
        self.is_done = true;
        if self.has_begun && !self.has_ended {
            let message = "the dump does not end with PostgreSQL's line that it is complete: the end of it is missing".to_owned();
            self.notes.push(lost_tail(self.at, message));
        }
    }
}

impl Scan for PostgresScan {
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
        self.at
    }

    fn bytes_total(&self) -> u64 {
        self.source.len()
    }

    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        let stop = self.at + STEP;
        while self.at < stop && !self.is_done {
            if self.go_on(sink)?.is_break() {
                return Ok(Step::End);
            }
        }
        Ok(if self.is_done { Step::End } else { Step::More })
    }

    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Log { layout, .. } = self.log(part)?.ok_or_else(gone)?;
        let mut window = Window::narrow(Rc::clone(&self.source), place.key);
        if place.line == 0 {
            loop {
                let bytes = window.bytes(place.key);
                let mut texts = Vec::new();
                let mut reading = Reading::new(bytes, 0);
                let _ = reading.row(&mut texts);
                let is_whole = bytes.get(reading.at.wrapping_sub(1)) == Some(&b')');
                if is_whole && bytes.len() > reading.at
                    || bytes.len() > ENTRY_LIMIT
                    || !window.grow()?
                {
                    let bytes = window.bytes(place.key);
                    let _ = rows::inserted(&layout, (bytes, 0), place, sink);
                    return Ok(());
                }
            }
        }
        let columns = layout.columns.len();
        let mut record = Record::new(columns);
        let _ = match next(&mut window, place.key, (STYLE, columns), &mut record)? {
            Next::Record(len) => {
                let bytes = &window.bytes(place.key)[..len];
                rows::copied(&layout, &record, bytes, place, sink)
            }
            Next::Broken(_, why) => sink(broken(place, why)),
            _ => return Err(gone()),
        };
        Ok(())
    }

    fn locator(&self, _part: usize, place: Place) -> Locator {
        match place.line {
            0 => Locator::Offset { offset: place.key },
            line => Locator::Line {
                offset: place.key,
                line,
            },
        }
    }

    fn account(&self) -> Accounting {
        self.accounts
            .of(self.at, self.source.known_len().unwrap_or(self.at))
    }
}

fn gone() -> Error {
    Error::unavailable("the row is no longer there")
        .with_hint("The file may have been changed. Open it again.")
}
