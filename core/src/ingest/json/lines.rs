//! JSON Lines: one entry a line, split on `\n` only, so that a raw U+2028 stays inside its string.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::element::{ALL_FIELDS, hashed_fields, raw_entry};
use super::extent::{self, Extent};
use super::window::{ENTRY_LIMIT, Window};
use super::{lost_tail, names_missing, not_reached};
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// Bytes handed on per step.
const STEP: u64 = 1 << 20;

/// Whether a sample looks like JSON Lines.
pub(super) enum Recognised {
    /// Most lines are entries, or most of the objects are and it can be no document.
    Log,
    /// Most of the objects are entries, but it begins like a document.
    Perhaps,
    /// Most lines are objects of another kind.
    OtherObjects {
        /// Fields that most of them lack.
        missing: String,
    },
    /// It is something else.
    No,
}

/// Looks at the whole lines of a sample; its last line counts only if the sample is the whole file.
pub(super) fn recognise(sample: &[u8], is_whole: bool) -> Recognised {
    let (mut lines, mut objects, mut entries, mut lacking) = (0, 0, 0, [0_u32; 8]);
    let mut rest = sample;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = &rest[end.map_or(rest.len(), |e| e + 1)..];
        if end.is_none() && !is_whole || is_blank(line) {
            continue;
        }
        lines += 1;
        if let Some(mask) = hashed_fields(line) {
            objects += 1;
            entries += u32::from(mask == ALL_FIELDS);
            for (i, count) in lacking.iter_mut().enumerate() {
                *count += u32::from(mask & (1 << i) == 0);
            }
        }
    }
    // A line that is no object says nothing about the objects; but the lines of a document may be objects by chance.
    let first = sample.trim_ascii_start().first();
    let is_like_document = matches!(first, Some(b'{' | b'['));
    if entries * 2 > lines || entries * 2 > objects && !is_like_document {
        return Recognised::Log;
    }
    if entries * 2 > objects {
        return Recognised::Perhaps;
    }
    if objects > 1 && objects * 2 > lines {
        let missing = lacking
            .iter()
            .enumerate()
            .filter(|(_, count)| **count * 2 > objects);
        let missing = missing.fold(0, |mask, (i, _)| mask | 1 << i);
        return Recognised::OtherObjects {
            missing: names_missing(!missing),
        };
    }
    Recognised::No
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'))
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

    /// Notes a line beyond the limit and passes over it.
    fn pass_long_line(&mut self) -> Result<(), Error> {
        let offset = self.at;
        self.pass_line()?;
        let length = self.at - offset;
        self.left_out.leave_out(
            "entry-too-long",
            length,
            Locator::Range { offset, length },
            "a line that is too long",
        );
        self.notes.push(Note {
            code: "entry-too-long",
            severity: Severity::Error,
            locator: Locator::Line {
                offset,
                line: self.line - 1,
            },
            message: format!(
                "line {} is longer than {} MB and was not read",
                self.line - 1,
                ENTRY_LIMIT >> 20
            ),
            hint: None,
        });
        Ok(())
    }

    fn pass_line(&mut self) -> Result<(), Error> {
        loop {
            let bytes = self.window.bytes(self.at);
            if let Some(i) = memchr::memchr(b'\n', bytes) {
                self.at += i as u64 + 1;
                self.line += 1;
                return Ok(());
            }
            self.at += bytes.len() as u64;
            self.window.release(self.at);
            if !self.window.grow()? {
                self.line += 1;
                return Ok(());
            }
        }
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
                self.pass_long_line()?;
                continue;
            };
            if len == 0 && !has_break {
                return Ok(Step::End);
            }
            let line = &self.window.bytes(self.at)[..len];
            let place = Place {
                key: self.at,
                line: self.line,
            };
            if !is_blank(line) {
                // A last line that ends inside its value was cut off; one that is merely wrong is judged.
                let begin = line
                    .iter()
                    .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
                    .count();
                let is_cut = !has_break
                    && matches!(line[begin], b'{' | b'[' | b'"')
                    && extent::value(line, begin) == Extent::Open;
                if is_cut {
                    let place = Locator::Range {
                        offset: self.at,
                        length: len as u64,
                    };
                    self.left_out
                        .leave_out("lost-tail", len as u64, place, "a cut off line");
                    self.notes.push(lost_tail(
                        self.at,
                        format!(
                            "the last line (line {}, {len} bytes) is cut off and was not judged",
                            self.line
                        ),
                    ));
                } else if raw_entry(line, place, &mut |e| sink(0, e)).is_break() {
                    return Ok(Step::End);
                }
            }
            self.at += len as u64 + u64::from(has_break);
            self.line += 1;
            if !has_break {
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
        let _ = raw_entry(&window.bytes(place.key)[..len], place, sink);
        Ok(())
    }

    fn reread_all(
        &self,
        _part: usize,
        places: &[Place],
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
            let line = &window.bytes(place.key)[..len];
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
