//! A CSV file as a stream of entries.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::dialect::Dialect;
use super::entry::{broken, hand_on};
use super::layout::{Layout, mask};
use super::layout_notes;
use super::next::{Next, next};
use super::record::{Record, Style};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::json::{ENTRY_LIMIT, Window, lost_tail, not_reached};
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// Bytes handed on per step.
const STEP: u64 = 1 << 20;

/// The most arrangements of columns in one file.
const LAYOUTS: usize = 100;

/// An opened CSV file.
pub(super) struct Csv {
    source: Rc<Cached>,
    window: Window,
    at: u64,
    /// The number of the line at `at`, from 1.
    line: u64,
    /// Where the first record begins, and on which line.
    start: (u64, u64),
    dialect: Dialect,
    /// By part: the columns under each header, a new one for each that is another than those before.
    layouts: Vec<Layout>,
    /// The same, as somebody found who read ahead.
    scouted: RefCell<Vec<Layout>>,
    /// The part whose header stands above the record.
    part: usize,
    record: Record,
    /// Whether the first record, which is the header, is still to come.
    before_header: bool,
    parts: Vec<PartInfo>,
    notes: Vec<Note>,
    left_out: Accounting,
    is_done: bool,
}

impl Csv {
    /// A scan of a file whose text begins at `from` with `preamble`, lines that are no records.
    pub(super) fn new(
        source: Rc<Cached>,
        from: u64,
        preamble: &[u8],
        dialect: Dialect,
        notes: Vec<Note>,
    ) -> Self {
        let length = preamble.len() as u64;
        let mut left_out = Accounting::default();
        if !preamble.iter().all(|b| matches!(b, b'\r' | b'\n')) {
            let place = Locator::Range {
                offset: from,
                length,
            };
            left_out.leave_out("beside-the-log", length, place, "lines before the header");
        }
        let lines = memchr::memchr_iter(b'\n', preamble).count() as u64;
        let start = (from + length, 1 + lines);
        let mut scan = Self::resume(source, start, dialect);
        scan.notes = notes;
        scan.left_out = left_out;
        scan
    }

    fn resume(source: Rc<Cached>, start: (u64, u64), dialect: Dialect) -> Self {
        Self {
            window: Window::new(Rc::clone(&source)),
            source,
            at: start.0,
            line: start.1,
            start,
            record: Record::new(dialect.layout.columns.len()),
            before_header: dialect.has_header,
            layouts: vec![dialect.layout.clone()],
            scouted: RefCell::default(),
            part: 0,
            dialect,
            parts: vec![PartInfo {
                name: "records".into(),
            }],
            notes: Vec::new(),
            left_out: Accounting::default(),
            is_done: false,
        }
    }

    fn layout(&self) -> &Layout {
        &self.layouts[self.part]
    }

    fn shape(&self) -> (Style, usize) {
        (self.dialect.style, self.layout().columns.len())
    }

    /// Reads on to the header of `part`, if nobody has come to it: records are read again by a scan that was opened for that
    /// alone.
    fn layout_of(&self, part: usize) -> Result<Option<Layout>, Error> {
        if let Some(layout) = self.layouts.get(part) {
            return Ok(Some(layout.clone()));
        }
        if part >= self.scouted.borrow().len() {
            let mut scout = Self::resume(Rc::clone(&self.source), self.start, self.dialect.clone());
            while scout.layouts.len() <= part
                && scout.step(&mut |_, _| ControlFlow::Continue(()))? == Step::More
            {
                scout.notes.clear();
            }
            self.scouted.replace(scout.layouts);
        }
        Ok(self.scouted.borrow().get(part).cloned())
    }

    /// The line of the byte `i` of the record.
    fn place_in_record(&self, bytes: &[u8], i: usize) -> Locator {
        let breaks = memchr::memchr_iter(b'\n', &bytes[..i]).count() as u64;
        Locator::Line {
            offset: self.at + i as u64,
            line: self.line + breaks,
        }
    }

    /// Reads the record at `place` under these columns again; whether it is there.
    fn again(
        &self,
        window: &mut Window,
        layout: &Layout,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<bool, Error> {
        let columns = layout.columns.len();
        let mut record = Record::new(columns);
        let _ = match next(
            window,
            place.key,
            (self.dialect.style, columns),
            &mut record,
        )? {
            Next::Record(len) => {
                let bytes = &window.bytes(place.key)[..len];
                hand_on((&self.dialect, layout), &record, bytes, place, sink)
            }
            Next::Broken(_, why) => sink(broken(place, why)),
            _ => return Ok(false),
        };
        Ok(true)
    }

    /// If a header stands here, its columns hold from here on; whether one does.
    fn header(&mut self) -> bool {
        let bytes = self.window.bytes(self.at);
        let Some((layout, len)) = Layout::at(bytes, self.dialect.style) else {
            return false;
        };
        if std::mem::take(&mut self.before_header) {
            self.pass(len);
            return true;
        }
        let known = self.layouts.iter().position(|l| l.columns_are(&layout));
        let part = known.unwrap_or(self.layouts.len());
        if part == LAYOUTS {
            let message = format!(
                "line {} is the header line of one arrangement of columns too many: {LAYOUTS} were read",
                self.line
            );
            self.notes.push(Note {
                code: "too-many-logs",
                severity: Severity::Error,
                locator: self.place_in_record(b"", 0),
                message,
                hint: None,
            });
            self.is_done = true;
            return true;
        }
        let locator = self.place_in_record(b"", 0);
        if part == self.part {
            let message = if self.dialect.has_header {
                "the header line stands here once more"
            } else {
                "a header line stands here, behind records without one"
            };
            self.note(
                "header-repeated",
                message,
                "It was passed over. Files that were written one after the other into one look so.",
            );
        } else {
            self.note(
                "header-changed",
                "a header line stands here that names the columns in another order, or others",
                "What follows was read by it. Files that were written one after the other into one look so.",
            );
            self.notes.extend(layout_notes(&layout, &locator));
        }
        if known.is_none() {
            self.parts.push(PartInfo {
                name: format!("records from line {}", self.line),
            });
            self.layouts.push(layout);
        }
        if part != self.part {
            self.part = part;
            self.record = Record::new(self.layout().columns.len());
        }
        self.pass(len);
        true
    }

    /// Whether the line of `len` bytes here says how many rows stand above it, as psql's does.
    fn is_count_of_rows(&self, len: usize) -> bool {
        let bytes = self.window.bytes(self.at);
        let text = bytes[..len].trim_ascii();
        let number = text
            .strip_prefix(b"(")
            .and_then(|t| t.strip_suffix(b" rows)").or(t.strip_suffix(b" row)")));
        number.is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit))
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
        let part = self.part;
        let how = (&self.dialect, &self.layouts[part]);
        hand_on(how, &self.record, bytes, place, &mut |e| sink(part, e))?;
        self.pass(len);
        ControlFlow::Continue(())
    }
}

fn gone() -> Error {
    Error::unavailable("the record is not what it was")
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
        while self.at < stop && !self.is_done {
            self.window.release(self.at);
            let shape = self.shape();
            match next(&mut self.window, self.at, shape, &mut self.record)? {
                Next::End => return Ok(Step::End),
                Next::Blank(len) => self.pass(len),
                Next::Record(len) => {
                    let bytes = &self.window.bytes(self.at)[..len];
                    let is_entry = self.layout().has_checksum(&self.record, bytes);
                    if !is_entry && mask(&self.record, bytes) == u8::MAX && self.header() {
                        continue;
                    }
                    if self.record(len, sink).is_break() {
                        return Ok(Step::End);
                    }
                }
                Next::Broken(..) if self.header() => {}
                Next::Broken(len, _) if self.is_count_of_rows(len) => {
                    let (offset, length) = (self.at, len as u64);
                    let place = Locator::Range { offset, length };
                    self.left_out.leave_out(
                        "beside-the-log",
                        length,
                        place,
                        "psql's count of rows",
                    );
                    self.pass(len);
                }
                Next::Broken(len, why) => {
                    let place = Place {
                        key: self.at,
                        line: self.line,
                    };
                    if sink(self.part, broken(place, why)).is_break() {
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
        Ok(if self.is_done { Step::End } else { Step::More })
    }

    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let mut window = Window::narrow(Rc::clone(&self.source), place.key);
        let layout = self.layout_of(part)?.ok_or_else(gone)?;
        if self.again(&mut window, &layout, place, sink)? {
            Ok(())
        } else {
            Err(gone())
        }
    }

    fn can_be_shared(&self, part: usize) -> bool {
        // Others would have to look for the header of a later part.
        part == 0
    }

    fn reread_all(
        &self,
        part: usize,
        places: &[Place],
        _fields: Fields,
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        let layout = self.layout_of(part)?.ok_or_else(gone)?;
        let mut window = Window::for_many(Rc::clone(&self.source), places);
        for (i, place) in places.iter().enumerate() {
            window.release(place.key);
            let is_there = self.again(&mut window, &layout, *place, &mut |entry| {
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
