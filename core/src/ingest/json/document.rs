//! A JSON document: the logs in it, wherever they stand, streamed element by element.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::element::{ALL_FIELDS, raw_entry};
use super::extent::{self, Extent};
use super::lines::JsonLines;
use super::walk::{Found, Walked, Walker};
use super::window::{ENTRY_LIMIT, Window};
use super::{bytes_from, lost_tail, names_missing, not_reached};
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// Bytes handed on per step.
const STEP: u64 = 1 << 20;

/// Opens a document whose first character is a bracket.
pub(super) fn open(
    source: Rc<Cached>,
    start: u64,
    notes: Vec<Note>,
) -> Result<Box<dyn Scan>, Error> {
    let mut window = Window::new(Rc::clone(&source));
    let mut walker = Walker::new(start);
    let walked = loop {
        if let Some(walked) = walker.walk(&mut window, u64::MAX)? {
            break walked;
        }
    };
    let root = window_start(&mut window, start)?;
    let mut document = JsonDocument {
        kind: if root.1 == Some(b'[') {
            "json-array"
        } else {
            "json-object"
        },
        source: Rc::clone(&source),
        window,
        walker,
        phase: Phase::Done,
        parts: Vec::new(),
        notes: notes.clone(),
        start: root.0,
        judged: 0,
        log_from: 0,
        rest: None,
        end: None,
    };
    match walked {
        Walked::Log(found) => document.enter(&found),
        Walked::End { end, next } if document.walker.root_is_entry => {
            if document.window.byte(next)?.is_some() {
                return Ok(Box::new(JsonLines::new(source, start, notes)));
            }
            document.parts.push(PartInfo { name: "$".into() });
            document.phase = Phase::Single(root.0);
            document.judged = end - root.0;
            document.end = Some(end);
        }
        Walked::End { end, next } => {
            let Some(found) = document.walker.empty_log.take() else {
                return Err(document.no_log());
            };
            document.name_part(&found);
            document.judged = match found.path.as_str() {
                "$" => end - root.0,
                _ => 2,
            };
            document.note_trailing(end, next)?;
        }
        Walked::Broken { at, is_end_of_file } => match document.walker.conclude() {
            Some(found) => document.enter(&found),
            None => return Err(document.broken_without_log(at, is_end_of_file)),
        },
    }
    Ok(Box::new(document))
}

fn window_start(window: &mut Window, start: u64) -> Result<(u64, Option<u8>), Error> {
    window.release(start);
    let at = window.skip_whitespace(start)?;
    Ok((at, window.byte(at)?))
}

struct JsonDocument {
    kind: &'static str,
    source: Rc<Cached>,
    window: Window,
    walker: Walker,
    phase: Phase,
    parts: Vec<PartInfo>,
    notes: Vec<Note>,
    /// Where the document's first bracket stands.
    start: u64,
    /// Bytes of logs, brackets included; and where the log that is being read begins.
    judged: u64,
    log_from: u64,
    /// From where on nothing was examined, and why.
    rest: Option<(u64, &'static str, &'static str)>,
    /// The end of what was walked or read, once that is known.
    end: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Between logs.
    Walk,
    /// Before an element of the last part, or before its closing bracket.
    Element {
        at: u64,
        is_first: bool,
        is_open: bool,
    },
    /// The document is one entry, which begins here.
    Single(u64),
    Done,
}

impl JsonDocument {
    fn name_part(&mut self, found: &Found) {
        if found.path != "$" {
            self.notes.push(Note {
                code: "log-found-at",
                severity: Severity::Info,
                locator: Locator::Offset { offset: found.open },
                message: format!("the entries are the array at {}", found.path),
                hint: None,
            });
        }
        self.parts.push(PartInfo {
            name: found.path.clone(),
        });
    }

    fn enter(&mut self, found: &Found) {
        self.name_part(found);
        self.log_from = found.open;
        self.phase = Phase::Element {
            at: found.open + 1,
            is_first: true,
            is_open: found.is_open,
        };
    }

    fn no_log(&self) -> Error {
        let error = match &self.walker.nearest {
            Some((ALL_FIELDS, path)) => Error::not_a_log(format!(
                "no array in this document is an audit log; nearest is {path}, of whose objects half or fewer are entries"
            )),
            Some((mask, path)) => Error::not_a_log(format!(
                "no array in this document is an audit log; nearest is {path}, whose objects lack {}",
                names_missing(*mask)
            )),
            None => Error::not_a_log("no array of audit entries was found in this JSON document"),
        };
        error.with_hint("An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.")
    }

    fn broken_without_log(&self, at: u64, is_end_of_file: bool) -> Error {
        let what = if is_end_of_file {
            "ends inside a value"
        } else {
            "is no JSON"
        };
        Error::corrupt(format!(
            "the document {what} (byte {at}), and no audit entry was found before that"
        ))
        .with_hint("Was the export finished? Ask for the file again.")
    }

    fn note_trailing(&mut self, document_end: u64, end: u64) -> Result<(), Error> {
        self.end = Some(document_end);
        if self.window.byte(end)?.is_some() {
            let rest = bytes_from(&self.source, end);
            self.rest = Some((end, "trailing-data", "trailing data"));
            self.notes.push(Note {
                code: "trailing-data",
                severity: Severity::Error,
                locator: Locator::Offset { offset: end },
                message: format!("{rest} follow the end of the JSON document and were not examined"),
                hint: Some("Python's json.load refuses such a file. Look at what is there: entries may hide in it."),
            });
        }
        if self.walker.strays > 0 {
            self.notes.push(Note {
                code: "entries-beside-the-log",
                severity: Severity::Error,
                locator: Locator::Offset {
                    offset: self.walker.first_stray,
                },
                message: format!(
                    "objects that look like entries stand outside every log and were not judged: {}, the first at byte {}",
                    self.walker.strays, self.walker.first_stray
                ),
                hint: Some("A log is an array most of whose objects have all hashed fields. Look at what stands there."),
            });
        }
        if let Some(offset) = self.walker.not_strict {
            self.notes.push(Note {
                code: "not-strict-json",
                severity: Severity::Error,
                locator: Locator::Offset { offset },
                message: format!("what stands at byte {offset}, outside the entries, is no JSON"),
                hint: Some("Python's json.load refuses the whole file for it. Every entry was judged all the same."),
            });
        }
        if self.walker.has_too_many {
            self.notes.push(Note {
                code: "too-many-logs",
                severity: Severity::Error,
                locator: Locator::Whole {},
                message: "the document holds more than 10,000 arrays of entries; the others were not read".into(),
                hint: None,
            });
        }
        Ok(())
    }

    fn note_broken(&mut self, at: u64, is_end_of_file: bool) {
        if matches!(self.phase, Phase::Element { .. }) {
            self.judged += at.saturating_sub(self.log_from);
        }
        self.phase = Phase::Done;
        let rest = bytes_from(&self.source, at);
        self.end = Some(at);
        self.rest = Some(match is_end_of_file {
            true => (at, "lost-tail", "a cut off value"),
            false => (at, "json-broken", "what follows a break"),
        });
        self.notes.push(if is_end_of_file {
            lost_tail(at, format!("the document is cut off: it ends inside the value that begins at byte {at}"))
        } else {
            Note {
                code: "json-broken",
                severity: Severity::Error,
                locator: Locator::Offset { offset: at },
                message: format!(
                    "the JSON is broken at byte {at}; {rest} from there on were not examined"
                ),
                hint: Some("A quote, a bracket or a comma is missing or too many there. Entries behind it were not judged."),
            }
        });
    }

    /// The length of the element at `at`; notes what is wrong and ends the walk if there is none.
    fn element(&mut self, at: u64) -> Result<Option<usize>, Error> {
        loop {
            let bytes = self.window.bytes(at);
            let len = bytes.len();
            match extent::value(bytes, 0) {
                Extent::Complete(len) => return Ok(Some(len)),
                Extent::Broken(i) => {
                    self.note_broken(at + i as u64, false);
                    return Ok(None);
                }
                Extent::Open if len > ENTRY_LIMIT => {
                    self.note_broken(at, false);
                    return Ok(None);
                }
                Extent::Open => {
                    if !self.window.grow()? {
                        self.note_broken(at, true);
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Hands on elements until about `STEP` bytes have passed or the array ends.
    fn elements(
        &mut self,
        (mut at, mut is_first, is_open): (u64, bool, bool),
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let stop = at + STEP;
        let part = self.parts.len() - 1;
        while at < stop {
            self.window.release(at);
            at = self.window.skip_whitespace(at)?;
            if is_first && self.window.byte(at)? == Some(b']') {
                self.leave(at + 1, is_open);
                return Ok(());
            }
            let Some(len) = self.element(at)? else {
                return Ok(());
            };
            let place = Place { key: at, line: 0 };
            if raw_entry(&self.window.bytes(at)[..len], place, &mut |e| sink(part, e)).is_break() {
                self.phase = Phase::Done;
                return Ok(());
            }
            is_first = false;
            at = self.window.skip_whitespace(at + len as u64)?;
            match self.window.byte(at)? {
                Some(b',') => at += 1,
                Some(b']') => {
                    self.leave(at + 1, is_open);
                    return Ok(());
                }
                other => {
                    self.note_broken(at, other.is_none());
                    return Ok(());
                }
            }
        }
        self.phase = Phase::Element {
            at,
            is_first,
            is_open,
        };
        Ok(())
    }

    fn leave(&mut self, end: u64, is_open: bool) {
        self.judged += end - self.log_from;
        if is_open {
            self.walker.resume_after(end);
        }
        self.phase = Phase::Walk;
    }
}

impl Scan for JsonDocument {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn parts(&self) -> &[PartInfo] {
        &self.parts
    }

    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    fn bytes_done(&self) -> u64 {
        match self.phase {
            Phase::Walk => self.walker.at(),
            Phase::Element { at, .. } | Phase::Single(at) => at,
            Phase::Done => self.source.len(),
        }
    }

    fn bytes_total(&self) -> u64 {
        self.source.len()
    }

    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        match self.phase {
            Phase::Done => return Ok(Step::End),
            Phase::Element {
                at,
                is_first,
                is_open,
            } => self.elements((at, is_first, is_open), sink)?,
            Phase::Single(at) => {
                self.window.release(at);
                if let Some(len) = self.element(at)? {
                    let place = Place { key: at, line: 0 };
                    let _ = raw_entry(&self.window.bytes(at)[..len], place, &mut |e| sink(0, e));
                    self.phase = Phase::Done;
                }
            }
            Phase::Walk => {
                self.window.release(self.walker.at());
                match self.walker.walk(&mut self.window, STEP)? {
                    None => {}
                    Some(Walked::Log(found)) => self.enter(&found),
                    Some(Walked::End { end, next }) => {
                        self.phase = Phase::Done;
                        self.note_trailing(end, next)?;
                    }
                    Some(Walked::Broken { at, is_end_of_file }) => match self.walker.conclude() {
                        Some(found) => self.enter(&found),
                        None => self.note_broken(at, is_end_of_file),
                    },
                }
            }
        }
        Ok(Step::More)
    }

    fn reread(&self, _part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let mut window = Window::narrow(Rc::clone(&self.source), place.key);
        loop {
            if let Extent::Complete(len) = extent::value(window.bytes(place.key), 0) {
                let _ = raw_entry(&window.bytes(place.key)[..len], place, sink);
                return Ok(());
            }
            if !window.grow()? {
                return Err(Error::unavailable("the entry is not where it was"));
            }
        }
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
            let len = loop {
                match extent::value(window.bytes(place.key), 0) {
                    Extent::Complete(len) => break Some(len),
                    Extent::Broken(_) => break None,
                    Extent::Open => {
                        if !window.grow()? {
                            break None;
                        }
                    }
                }
            };
            let Some(len) = len else {
                sink(i, None);
                continue;
            };
            let text = &window.bytes(place.key)[..len];
            let _ = raw_entry(text, *place, &mut |entry| {
                sink(i, Some(&entry));
                ControlFlow::Continue(())
            });
        }
        Ok(())
    }

    fn locator(&self, _part: usize, place: Place) -> Locator {
        Locator::Offset { offset: place.key }
    }

    fn account(&self) -> Accounting {
        let mut accounting = Accounting::default();
        let end = match self.phase {
            Phase::Element { at, .. } => at,
            _ => self.end.unwrap_or(self.walker.at()),
        };
        let len = self.source.known_len().unwrap_or(end);
        let judged = match self.phase {
            Phase::Element { at, .. } => self.judged + at - self.log_from,
            _ => self.judged,
        };
        accounting.leave_out(
            "beside-the-log",
            end.saturating_sub(self.start).saturating_sub(judged),
            Locator::Whole {},
            "other parts of the document",
        );
        if let Some((offset, code, what)) = self.rest {
            let length = len.saturating_sub(offset);
            let place = Locator::Range { offset, length };
            accounting.leave_out(code, length, place, what);
        }
        let read = if self.end.is_some() { len } else { end };
        not_reached(&mut accounting, read, len);
        accounting
    }
}
