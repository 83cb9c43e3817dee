//! A CSV file as a stream of entries.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::dialect::{Column, Dialect};
use super::next::{Next, next};
use super::record::{Form, Record, Style};
use crate::entry::{Fields, NotAnEntry, Place, RawEntry, RawValue};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::json::{ENTRY_LIMIT, Window, lost_tail, not_reached};
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::scheme::REFERENCE;
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// Bytes handed on per step.
const STEP: u64 = 1 << 20;

/// An opened CSV file.
pub(super) struct Csv {
    source: Rc<Cached>,
    window: Window,
    at: u64,
    /// The number of the line at `at`, from 1.
    line: u64,
    dialect: Dialect,
    record: Record,
    /// Whether the first record, which is the header, is still to come.
    before_header: bool,
    parts: [PartInfo; 1],
    notes: Vec<Note>,
    left_out: Accounting,
}

impl Csv {
    pub(super) fn new(source: Rc<Cached>, start: u64, dialect: Dialect, notes: Vec<Note>) -> Self {
        Self {
            window: Window::new(Rc::clone(&source)),
            source,
            at: start,
            line: 1,
            record: Record::new(dialect.columns.len()),
            before_header: dialect.has_header,
            dialect,
            parts: [PartInfo {
                name: "records".into(),
            }],
            notes,
            left_out: Accounting::default(),
        }
    }

    fn shape(&self) -> (Style, usize) {
        (self.dialect.style, self.dialect.columns.len())
    }

    /// The line of the byte `i` of the record.
    fn place_in_record(&self, bytes: &[u8], i: usize) -> Locator {
        let breaks = memchr::memchr_iter(b'\n', &bytes[..i]).count() as u64;
        Locator::Line {
            offset: self.at + i as u64,
            line: self.line + breaks,
        }
    }

    /// Reads the record at `place` again; whether it is there.
    fn again(&self, window: &mut Window, place: Place, sink: &mut Sink<'_>) -> Result<bool, Error> {
        let mut record = Record::new(self.dialect.columns.len());
        let _ = match next(window, place.key, self.shape(), &mut record)? {
            Next::Record(len) => {
                let bytes = &window.bytes(place.key)[..len];
                hand_on(&self.dialect, &record, bytes, place, sink)
            }
            Next::Broken(_, why) => sink(broken(place, why)),
            _ => return Ok(false),
        };
        Ok(true)
    }

    fn is_header(&self, bytes: &[u8]) -> bool {
        let names = self.dialect.names.iter().map(String::as_bytes);
        self.record.fields(bytes).map(|f| f.0).eq(names)
    }

    /// Notes what is odd in a record that was read all the same.
    fn note_oddities(&mut self, len: usize) {
        let bytes = &self.window.bytes(self.at)[..len];
        let mut found = Vec::new();
        if let Some(i) = self.record.odd_quote {
            found.push((
                "quote-out-of-place",
                i,
                "a quote stands inside a field without quotes, or text behind a closing one",
                "It was taken as it stands, as Python's csv takes it. No CSV writer writes it so.",
            ));
        }
        if let Some(i) = self.record.lone_return {
            found.push((
                "lone-carriage-return",
                i,
                "a carriage return stands inside a field without quotes",
                "It was taken as a part of the field. Some readers take it for the end of the record.",
            ));
        }
        if let Some(i) = memchr::memchr(0, bytes) {
            found.push((
                "nul-byte",
                i,
                "a field holds a NUL byte",
                "It was taken as the character U+0000. Many programs stop reading there.",
            ));
        }
        for (code, i, message, hint) in found {
            let locator = self.place_in_record(&self.window.bytes(self.at)[..len], i);
            self.notes.push(Note {
                code,
                severity: Severity::Warning,
                locator,
                message: message.into(),
                hint: Some(hint),
            });
        }
    }

    fn note(&mut self, code: &'static str, message: &str, hint: &'static str) {
        self.notes.push(Note {
            code,
            severity: Severity::Info,
            locator: Locator::Line {
                offset: self.at,
                line: self.line,
            },
            message: message.into(),
            hint: Some(hint),
        });
    }

    /// Passes over a record of `len` bytes.
    fn pass(&mut self, len: usize) {
        let bytes = &self.window.bytes(self.at)[..len];
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.at += len as u64;
    }

    /// Notes a line beyond the limit and passes over it.
    fn pass_long_line(&mut self) -> Result<(), Error> {
        let offset = self.at;
        self.notes.push(Note {
            code: "entry-too-long",
            severity: Severity::Error,
            locator: Locator::Line {
                offset: self.at,
                line: self.line,
            },
            message: format!(
                "line {} is longer than {} MB and was not read",
                self.line,
                ENTRY_LIMIT >> 20
            ),
            hint: None,
        });
        loop {
            let bytes = self.window.bytes(self.at);
            let end = memchr::memchr(b'\n', bytes);
            self.pass(end.map_or(bytes.len(), |i| i + 1));
            self.window.release(self.at);
            if end.is_some() || !self.window.grow()? {
                break;
            }
        }
        let length = self.at - offset;
        let place = Locator::Range { offset, length };
        self.left_out
            .leave_out("entry-too-long", length, place, "a line that is too long");
        Ok(())
    }

    /// Hands on a record that was read; at its end the record is passed.
    fn record(
        &mut self,
        len: usize,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let bytes = &self.window.bytes(self.at)[..len];
        if self.dialect.has_header && self.is_header(bytes) {
            if !std::mem::take(&mut self.before_header) {
                self.note(
                    "header-repeated",
                    "the header line stands here once more",
                    "It was passed over. Files that were written one after the other into one look so.",
                );
            }
            self.pass(len);
            return ControlFlow::Continue(());
        }
        self.note_oddities(len);
        if !self.record.has_break {
            self.note(
                "no-final-line-break",
                "the last record is not ended by a line break",
                "Its last field may be cut off. Every CSV writer ends its last record, too.",
            );
        }
        let bytes = &self.window.bytes(self.at)[..len];
        let place = Place {
            key: self.at,
            line: self.line,
        };
        hand_on(&self.dialect, &self.record, bytes, place, &mut |e| {
            sink(0, e)
        })?;
        self.pass(len);
        ControlFlow::Continue(())
    }
}

/// Hands a record of the right number of fields to `sink`.
fn hand_on(
    dialect: &Dialect,
    record: &Record,
    bytes: &[u8],
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut entry = nothing(place);
    let mut extras = Vec::new();
    let fields = record.fields(bytes);
    for ((column, name), (text, form)) in dialect.columns.iter().zip(&dialect.names).zip(fields) {
        let value = match form {
            Form::Null => RawValue::Null,
            _ if !text.is_empty() || dialect.has_nulls => RawValue::Text(text),
            Form::Quoted if dialect.tells_null => RawValue::Text(text),
            Form::Bare if dialect.tells_null => match column {
                Column::Hashed(i) if *i != REFERENCE.details => RawValue::Bare,
                _ => RawValue::Null,
            },
            _ => RawValue::Blank,
        };
        match column {
            Column::Hashed(i) => entry.fields[*i] = value,
            Column::Checksum => entry.claimed_checksum = value,
            Column::Extra => extras.push((name.as_str(), value)),
        }
    }
    entry.extras = &extras;
    sink(entry)
}

fn nothing(place: Place) -> RawEntry<'static> {
    RawEntry {
        fields: [RawValue::Missing; 8],
        claimed_checksum: RawValue::Missing,
        extras: &[],
        place,
        not_an_entry: None,
        duplicate_key: None,
    }
}

fn broken(place: Place, why: &'static str) -> RawEntry<'static> {
    RawEntry {
        not_an_entry: Some(NotAnEntry::Damaged(why)),
        ..nothing(place)
    }
}

impl Scan for Csv {
    fn kind(&self) -> &'static str {
        "csv"
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
        while self.at < stop {
            self.window.release(self.at);
            let shape = self.shape();
            match next(&mut self.window, self.at, shape, &mut self.record)? {
                Next::End => return Ok(Step::End),
                Next::Blank(len) => self.pass(len),
                Next::Record(len) => {
                    if self.record(len, sink).is_break() {
                        return Ok(Step::End);
                    }
                }
                Next::Broken(len, why) => {
                    let place = Place {
                        key: self.at,
                        line: self.line,
                    };
                    if sink(0, broken(place, why)).is_break() {
                        return Ok(Step::End);
                    }
                    self.pass(len);
                }
                Next::Cut(len) => {
                    let message = format!(
                        "the last record (line {}, {len} bytes) is cut off and was not judged",
                        self.line
                    );
                    self.notes.push(lost_tail(self.at, message));
                    let (offset, length) = (self.at, len as u64);
                    let place = Locator::Range { offset, length };
                    self.left_out
                        .leave_out("lost-tail", length, place, "a cut off record");
                    self.pass(len);
                }
                Next::TooLong => self.pass_long_line()?,
            }
        }
        Ok(Step::More)
    }

    fn reread(&self, _part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let mut window = Window::narrow(Rc::clone(&self.source), place.key);
        if self.again(&mut window, place, sink)? {
            Ok(())
        } else {
            Err(Error::unavailable("the record is not what it was"))
        }
    }

    fn can_be_shared(&self, _part: usize) -> bool {
        true
    }

    fn reread_all(
        &self,
        _part: usize,
        places: &[Place],
        _fields: Fields,
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        let mut window = Window::for_many(Rc::clone(&self.source), places);
        for (i, place) in places.iter().enumerate() {
            window.release(place.key);
            let is_there = self.again(&mut window, *place, &mut |entry| {
                sink(i, Some(&entry));
                ControlFlow::Continue(())
            })?;
            if !is_there {
                sink(i, None);
            }
        }
        Ok(())
    }

    fn account(&self) -> Accounting {
        let mut accounting = self.left_out.clone();
        let len = self.source.known_len().unwrap_or(self.at);
        not_reached(&mut accounting, self.at, len);
        accounting
    }

    fn locator(&self, _part: usize, place: Place) -> Locator {
        Locator::Line {
            offset: place.key,
            line: place.line,
        }
    }
}
