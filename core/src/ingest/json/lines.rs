//! JSON Lines: one entry a line, split on `\n` only, so that a raw U+2028 stays inside its string. A record separator (RFC
//! 7464) or a byte order mark may stand before it.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::element::{hashed_fields, no_object, object, raw_entry};
use super::extent::{self, Extent};
use super::region::{EntrySink, judge_again};
use super::resync::Resync;
use super::walk::LIKE_AN_ENTRY;
use super::window::{ENTRY_LIMIT, Window};
use super::{BOM, RECORD_SEPARATOR, not_reached, notes};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::finding::Locator;
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::json::{Ignore, Reader};
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// Bytes handed on per step.
const STEP: u64 = 1 << 20;

pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'))
}

/// How many bytes of separators and byte order marks a line begins with, blanks before them included.
pub(super) fn behind_marks(line: &[u8]) -> usize {
    let mut marks = 0;
    let mut at = 0;
    loop {
        at += match line.get(at) {
            Some(b' ' | b'\t' | b'\r') => 1,
            Some(&RECORD_SEPARATOR) => {
                marks = at + 1;
                1
            }
            Some(0xEF) if line[at..].starts_with(BOM) => {
                marks = at + BOM.len();
                BOM.len()
            }
            _ => return marks,
        };
    }
}

/// An opened JSON Lines file.
pub(super) struct JsonLines {
    source: Rc<Cached>,
    window: Window,
    at: u64,
    /// The number of the line at `at`, from 1.
    line: u64,
    parts: [PartInfo; 1],
    notes: Vec<Note>,
    /// Lines that hold an entry and are no JSON, and which is the first.
    untidy: Option<(u64, Place)>,
    left_out: Accounting,
}

impl JsonLines {
    pub(super) fn new(source: Rc<Cached>, start: u64, notes: Vec<Note>) -> Self {
        let window = Window::new(Rc::clone(&source));
        Self {
            source,
            window,
            at: start,
            line: 1,
            parts: [PartInfo { name: "$".into() }],
            notes,
            untidy: None,
            left_out: Accounting::default(),
        }
    }

    /// The end of the line at `at`: its length and whether a line break ends it; `None` if it is too long.
    fn line_end(window: &mut Window, at: u64) -> Result<Option<(usize, bool)>, Error> {
        let mut searched = 0;
        loop {
            let bytes = window.bytes(at);
            if let Some(i) = memchr::memchr(b'\n', &bytes[searched..]) {
                return Ok(Some((searched + i, true)));
            }
            searched = bytes.len();
            if searched > ENTRY_LIMIT {
                return Ok(None);
            }
            if !window.grow()? {
                return Ok(Some((searched, false)));
            }
        }
    }

    /// Judges the entries in a line that is not one object, and tells of what stands between them. Nothing is told if there
    /// is none. `is_long`: the line does not fit in memory; `marks`: what it begins with and is passed over. Returns how many
    /// there are, and the line's end.
    fn pieces(
        &mut self,
        is_long: bool,
        marks: usize,
        sink: &mut EntrySink<'_>,
    ) -> Result<ControlFlow<(), (u64, u64)>, Error> {
        let (mut from, mut found) = (self.at + marks as u64, 0);
        let mut resync = Resync::new(from);
        // Where the line ends, once that is known; up to where it does not.
        let (mut end, mut checked) = (None, from);
        loop {
            let at = resync.at();
            if is_long {
                self.window.release(at);
            }
            if self.window.bytes(at).is_empty() && !self.window.grow()? {
                end = Some(at);
            }
            let bytes = self.window.bytes(at);
            if end.is_none() {
                let skip = usize::try_from(checked - at).unwrap_or(0);
                checked = at + bytes.len() as u64;
                end = memchr::memchr(b'\n', &bytes[skip..]).map(|i| at + (skip + i) as u64);
            }
            let len = end.map_or(bytes.len(), |end| {
                bytes
                    .len()
                    .min(usize::try_from(end - at).unwrap_or(usize::MAX))
            });
            let span = match len {
                0 => resync.finish(),
                _ => resync.feed(&bytes[..len]),
            };
            match span {
                Some(span) => {
                    found += 1;
                    // That a line holds two entries is told once.
                    let is_told = found != 2;
                    self.gap(from, span.start, is_told)?;
                    from = span.end;
                    let sink = &mut |e: RawEntry<'_>| sink(0, e);
                    if judge_again(&self.source, span, self.line, sink)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                None if len == 0 => break,
                None => {}
            }
        }
        let end = end.unwrap_or(resync.at());
        if found > 0 {
            self.gap(from, end, true)?;
        }
        Ok(ControlFlow::Continue((found, end)))
    }

    fn gap(&mut self, from: u64, to: u64, is_told: bool) -> Result<(), Error> {
        let JsonLines {
            source,
            notes,
            left_out,
            ..
        } = self;
        notes::tell_gap(source, (notes, left_out), from, to, is_told)
    }

    /// Tells what is told of all lines at once.
    fn finish(&mut self) {
        if let Some((count, first)) = self.untidy.take() {
            self.notes
                .push(notes::untidy_lines(count, first.key, first.line));
        }
    }

    fn leave_out(&mut self, code: &'static str, length: u64, what: &str) {
        let place = Locator::Range {
            offset: self.at,
            length,
        };
        self.left_out.leave_out(code, length, place, what);
    }

    /// Reads the line at `at`, which does not fit in memory.
    fn long_line(&mut self, sink: &mut EntrySink<'_>) -> Result<ControlFlow<()>, Error> {
        let (found, end) = match self.pieces(true, 0, sink)? {
            ControlFlow::Continue(pieces) => pieces,
            ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
        };
        if found == 0 {
            let place = Locator::Line {
                offset: self.at,
                line: self.line,
            };
            let what = format!("line {}", self.line);
            self.notes.push(notes::too_long(place, &what, ENTRY_LIMIT));
            self.leave_out("entry-too-long", end - self.at, "a line that is too long");
        }
        self.at = end + u64::from(self.window.byte(end)?.is_some());
        self.line += 1;
        Ok(ControlFlow::Continue(()))
    }

    /// Reads the line of `len` bytes at `at`; `has_break`: a line break ends it.
    fn line(
        &mut self,
        len: usize,
        has_break: bool,
        sink: &mut EntrySink<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let place = Place {
            key: self.at,
            line: self.line,
        };
        let text = &self.window.bytes(self.at)[..len];
        let marks = behind_marks(text);
        let text = &text[marks..];
        if memchr::memmem::find(&self.window.bytes(self.at)[..marks], BOM).is_some() {
            self.notes.push(notes::inner_byte_order_mark(self.at));
        }
        if is_blank(text) {
            return Ok(ControlFlow::Continue(()));
        }
        if let Some(flow) = object(text, place, &mut |e| sink(0, e)) {
            return Ok(flow);
        }
        if memchr::memchr(b'{', text).is_some() {
            let told = self.notes.len();
            match self.pieces(false, marks, sink)? {
                ControlFlow::Continue((0, _)) => {}
                ControlFlow::Continue(_) => {
                    let text = &self.window.bytes(self.at)[marks..len];
                    let is_json = Reader::default().read(text, &mut Ignore).is_ok();
                    if self.notes.len() == told && !is_json {
                        self.untidy.get_or_insert((0, place)).0 += 1;
                    }
                    return Ok(ControlFlow::Continue(()));
                }
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
            }
        }
        let text = &self.window.bytes(self.at)[marks..len];
        if text.iter().all(|b| matches!(b, 0 | b' ' | b'\t' | b'\r')) {
            // Zeros are what a file system gives for blocks that were never written.
            self.notes.push(notes::gap(self.at, len as u64));
            self.leave_out("json-gap", len as u64, "a gap");
            return Ok(ControlFlow::Continue(()));
        }
        // A last line that ends inside its value was cut off; one that is merely wrong is judged.
        let begin = text
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
            .count();
        let is_cut = !has_break
            && matches!(text[begin], b'{' | b'[' | b'"')
            && extent::value(text, begin) == Extent::Open;
        if is_cut {
            self.notes.push(notes::lost_tail(
                self.at,
                format!(
                    "the last line (line {}, {len} bytes) is cut off and was not judged",
                    self.line
                ),
            ));
            self.leave_out("lost-tail", len as u64, "a cut off line");
            return Ok(ControlFlow::Continue(()));
        }
        Ok(no_object(text, place, &mut |e| sink(0, e)))
    }
}

impl Scan for JsonLines {
    fn kind(&self) -> &'static str {
        "json-lines"
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
            let Some((len, has_break)) = Self::line_end(&mut self.window, self.at)? else {
                if self.long_line(sink)?.is_break() {
                    return Ok(Step::End);
                }
                continue;
            };
            if len == 0 && !has_break {
                self.finish();
                return Ok(Step::End);
            }
            if self.line(len, has_break, sink)?.is_break() {
                return Ok(Step::End);
            }
            self.at += len as u64 + u64::from(has_break);
            self.line += 1;
            if !has_break {
                self.window.release(self.at);
                self.finish();
                return Ok(Step::End);
            }
        }
        Ok(Step::More)
    }

    fn reread(&self, _part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let mut window = Window::narrow(Rc::clone(&self.source), place.key);
        let Some((len, _)) = Self::line_end(&mut window, place.key)? else {
            return Err(Error::unavailable("the line is not what it was"));
        };
        let text = &window.bytes(place.key)[..len];
        let _ = raw_entry(entry_or_line(text), place, sink);
        Ok(())
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
            let line = Self::line_end(&mut window, place.key)?;
            let Some((len, _)) = line.filter(|(len, _)| *len > 0) else {
                sink(i, None);
                continue;
            };
            let line = entry_or_line(&window.bytes(place.key)[..len]);
            let _ = raw_entry(line, *place, &mut |entry| {
                sink(i, Some(&entry));
                ControlFlow::Continue(())
            });
        }
        Ok(())
    }

    fn locator(&self, _part: usize, place: Place) -> Locator {
        Locator::Line {
            offset: place.key,
            line: place.line,
        }
    }

    fn account(&self) -> Accounting {
        let mut accounting = self.left_out.clone();
        let len = self.source.known_len().unwrap_or(self.at);
        not_reached(&mut accounting, self.at, len);
        accounting
    }
}

/// What was judged of the line from here on: the entry with which it begins, where more follows, or else all of it.
fn entry_or_line(text: &[u8]) -> &[u8] {
    let text = &text[behind_marks(text)..];
    let Extent::Complete(end) = extent::value(text, 0) else {
        return text;
    };
    let (entry, rest) = text.split_at(end);
    let fields = hashed_fields(entry).map_or(0, u8::count_ones);
    if fields >= LIKE_AN_ENTRY && !is_blank(rest) {
        entry
    } else {
        text
    }
}
