//! A JSON document, or several in a row: the logs in them, wherever they stand, streamed element by element; or a sequence of
//! values that are the entries themselves. `region` reads a log and finds the way on behind a break; here is what leads from
//! one log to the next.

mod opening;

use std::ops::ControlFlow;
use std::rc::Rc;

use super::element::{ALL_FIELDS, raw_entry};
use super::extent::{self, Extent};
use super::refusal::FIELDS;
use super::region::{Cursor, Expected, Recovery, Skip};
use super::resync::Resync;
use super::walk::{Found, LOG_LIMIT, Walked, Walker};
use super::window::Window;
use super::{bytes_from, names_missing, not_reached, notes};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::finding::Locator;
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

pub(super) use opening::{open, salvage, sequence};

/// Bytes handed on per step.
pub(super) const STEP: u64 = 1 << 20;

/// How far the first entry is looked for in a file that is no whole document, in bytes.
const SALVAGE: u64 = 16 << 20;

pub(super) struct JsonDocument {
    kind: &'static str,
    /// Whether the file is no document, but a sequence of entries.
    pub(super) is_sequence: bool,
    /// Commas between the values of a sequence, and where the first stands.
    pub(super) commas: Option<(u64, u64)>,
    pub(super) source: Rc<Cached>,
    pub(super) window: Window,
    walker: Walker,
    pub(super) phase: Phase,
    pub(super) parts: Vec<PartInfo>,
    pub(super) notes: Vec<Note>,
    /// Where the document that is read begins, and which one it is.
    start: u64,
    ordinal: u32,
    /// Parts found before it.
    pub(super) parts_before: usize,
    /// Where its structure breaks off, and whether that is because the file ends.
    broke: Option<(u64, bool)>,
    /// Why the first document is no log, if it is none; where it ends, if it is the first entry of many.
    failure: Option<Error>,
    first_of_many: Option<u64>,
    /// Where the run of bytes begins that is being read as entries: a log, or what was found behind a break.
    pub(super) region: Option<u64>,
    /// The end of the last such run.
    region_end: u64,
    /// Bytes of this document that lie in such runs.
    in_regions: u64,
    /// Bytes that were walked and lie in none.
    beside: u64,
    pub(super) left_out: Accounting,
}

pub(super) enum Phase {
    /// Between logs.
    Walk,
    /// In a log.
    Log(Cursor),
    /// Behind a break, looking for the next entry.
    Recover(Box<Recovery>),
    /// In an element that is too long.
    Skip(Box<Skip>),
    /// The document is one entry, which begins here.
    Single(u64),
    Done,
}

impl JsonDocument {
    fn new(
        source: Rc<Cached>,
        mut window: Window,
        start: u64,
        notes: Vec<Note>,
    ) -> Result<Self, Error> {
        let is_array = window.byte(start)? == Some(b'[');
        Ok(Self {
            kind: if is_array {
                "json-array"
            } else {
                "json-object"
            },
            is_sequence: false,
            commas: None,
            source,
            window,
            walker: Walker::new(start),
            phase: Phase::Walk,
            parts: Vec::new(),
            notes,
            start,
            ordinal: 1,
            parts_before: 0,
            broke: None,
            failure: None,
            first_of_many: None,
            region: None,
            region_end: start,
            in_regions: 0,
            beside: 0,
            left_out: Accounting::default(),
        })
    }

    fn be_sequence(&mut self) {
        self.kind = "json-sequence";
        self.is_sequence = true;
    }

    /// Walks on to the next log, the end of the document, or a break.
    fn walk_on(&mut self, budget: u64) -> Result<(), Error> {
        if self.broke.is_some() {
            match self.walker.conclude() {
                Some(found) => self.enter(&found),
                None => self.recover_rest(),
            }
            return Ok(());
        }
        self.window.release(self.walker.at());
        match self.walker.walk(&mut self.window, budget)? {
            None => {}
            Some(Walked::Log(found)) => self.enter(&found),
            Some(Walked::End { end, next }) => self.end_document(end, next)?,
            Some(Walked::Broken { at, is_end_of_file }) => {
                self.broke = Some((at, is_end_of_file));
                if self.failure.is_none() {
                    self.failure = Some(broken_without_log(at, is_end_of_file));
                }
            }
        }
        Ok(())
    }

    pub(super) fn name_part(&mut self, path: &str, offset: u64) {
        if path != "$" {
            self.notes.push(notes::found_at(offset, path));
        }
        self.parts.push(PartInfo {
            name: match self.ordinal {
                1 => path.to_owned(),
                n => format!("{path} ({n})"),
            },
        });
    }

    fn enter(&mut self, found: &Found) {
        self.name_part(&found.path, found.open);
        self.region = Some(found.open);
        self.phase = Phase::Log(Cursor {
            at: found.open + 1,
            expected: Expected::FirstOrEnd,
            is_open: found.is_open,
        });
    }

    /// Leaves a log whose closing bracket ends before `end`.
    pub(super) fn leave(&mut self, end: u64, is_open: bool) {
        self.end_region(end);
        if is_open {
            self.walker.resume_after(end);
        }
        self.phase = Phase::Walk;
    }

    fn end_region(&mut self, end: u64) {
        if let Some(from) = self.region.take() {
            self.in_regions += end.saturating_sub(from);
            self.region_end = end;
        }
    }

    /// Looks for entries from `from` on. `is_cut`: what begins there is known to end with the file.
    pub(super) fn recover(&mut self, from: u64, is_cut: bool, is_open: bool) {
        self.region.get_or_insert(from);
        self.phase = Phase::Recover(Box::new(Recovery {
            resync: Resync::new(from),
            from,
            is_cut,
            is_told: false,
            is_open,
        }));
    }

    /// Looks for entries behind the last log of a document whose structure is broken.
    fn recover_rest(&mut self) {
        let (at, is_cut) = self.broke.unwrap_or((self.start, false));
        let has_logs = self.region_end > self.start;
        let from = if has_logs {
            at.max(self.region_end)
        } else {
            // What was taken for something beside a log is looked at again.
            self.walker = Walker::new(self.start);
            self.start
        };
        self.recover(from, is_cut, false);
        if let Phase::Recover(recovery) = &mut self.phase {
            // A break inside a log was told there.
            recovery.is_told = has_logs && at < self.region_end;
        }
    }

    /// Whether a whole entry begins not far behind `start`.
    fn is_salvageable(&mut self, start: u64) -> Result<bool, Error> {
        let mut window = Window::new(Rc::clone(&self.source));
        let mut resync = Resync::new(start);
        while resync.at() < start + SALVAGE {
            window.release(resync.at());
            if window.bytes(resync.at()).is_empty() && !window.grow()? {
                while let Some(span) = resync.finish() {
                    if span.mask == ALL_FIELDS {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            if let Some(span) = resync.feed(window.bytes(resync.at()))
                && span.mask == ALL_FIELDS
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn end_document(&mut self, end: u64, next: u64) -> Result<(), Error> {
        let (has_next, next) = self.behind_marks(next)?;
        // What lacks a field stays an entry where it is all that there is.
        let is_alone = has_next.is_none() && self.ordinal == 1;
        if self.walker.root_is_entry || is_alone && self.walker.root_is_like_one {
            if has_next.is_some() && self.ordinal == 1 {
                self.first_of_many = Some(end);
                self.phase = Phase::Done;
                return Ok(());
            }
            self.name_part("$", self.start);
            self.region = Some(self.start);
            self.walker.root_is_entry = false;
            self.walker.root_is_like_one = false;
            // What was noticed in it is its own affair, and so is it itself.
            self.walker.strays = 0;
            self.walker.not_strict = None;
            self.phase = Phase::Single(self.start);
            return Ok(());
        }
        if self.parts.len() == self.parts_before
            && let Some(found) = self.walker.empty_log.take()
        {
            self.name_part(&found.path, found.open);
            self.in_regions += match found.path.as_str() {
                "$" => end - self.start,
                _ => 2,
            };
        }
        self.note_beside();
        if self.parts.len() > self.parts_before {
            self.beside += (end - self.start).saturating_sub(self.in_regions);
        } else if self.ordinal == 1 {
            self.failure = Some(self.no_log());
            self.beside += end - self.start;
        } else {
            let length = end - self.start;
            let place = Locator::Range {
                offset: self.start,
                length,
            };
            self.left_out
                .leave_out("trailing-data", length, place, "trailing data");
        }
        self.begin_document(next);
        let Some(b) = has_next else {
            self.phase = Phase::Done;
            return Ok(());
        };
        if self.ordinal == 1 {
            let rest = bytes_from(&self.source, next);
            self.notes.push(notes::trailing(next, &rest));
        }
        self.ordinal = self.ordinal.saturating_add(1);
        if self.parts.len() >= LOG_LIMIT {
            self.notes.push(notes::too_many_logs());
            self.phase = Phase::Done;
        } else if matches!(b, b'{' | b'[') {
            self.phase = Phase::Walk;
        } else {
            self.broke = Some((next, false));
            self.recover(next, false, false);
            if let Phase::Recover(recovery) = &mut self.phase {
                recovery.is_told = true;
            }
        }
        Ok(())
    }

    /// What stands behind separators and byte order marks, and where.
    fn behind_marks(&mut self, mut at: u64) -> Result<(Option<u8>, u64), Error> {
        loop {
            let byte = self.window.byte(at)?;
            match byte {
                Some(b) if b != b',' => match self.before_value(at, b)? {
                    Some(next) => at = self.window.skip_whitespace(next)?,
                    None => return Ok((byte, at)),
                },
                _ => return Ok((byte, at)),
            }
        }
    }

    fn begin_document(&mut self, start: u64) {
        self.walker = Walker::new(start);
        self.start = start;
        self.region_end = start;
        self.in_regions = 0;
        self.parts_before = self.parts.len();
        self.broke = None;
    }

    /// Ends everything at the end of the file.
    pub(super) fn finish(&mut self, end: u64) {
        self.end_region(end);
        self.note_beside();
        self.beside += (end - self.start).saturating_sub(self.in_regions);
        self.begin_document(end);
        self.phase = Phase::Done;
    }

    fn no_log(&self) -> Error {
        let is_entry = matches!(self.walker.nearest, Some((ALL_FIELDS, _)));
        if !is_entry && let Some(error) = self.walker.near.explain() {
            return error;
        }
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
        error.with_hint(FIELDS)
    }

    fn note_beside(&mut self) {
        if self.walker.strays > 0 {
            self.notes.push(notes::beside_the_log(
                self.walker.strays,
                self.walker.first_stray,
            ));
        }
        if let Some(offset) = self.walker.not_strict {
            self.notes.push(notes::not_strict(offset));
        }
        if self.walker.has_too_many {
            self.notes.push(notes::too_many_logs());
        }
    }
}

fn broken_without_log(at: u64, is_end_of_file: bool) -> Error {
    let what = if is_end_of_file {
        "ends inside a value"
    } else {
        "is no JSON"
    };
    Error::corrupt(format!(
        "the document {what} (byte {at}), and no whole audit entry was found in it"
    ))
    .with_hint("Was the export finished? Ask for the file again.")
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
        match &self.phase {
            Phase::Walk => self.walker.at(),
            Phase::Log(cursor) => cursor.at,
            Phase::Recover(recovery) => recovery.resync.at(),
            Phase::Skip(skip) => skip.at,
            Phase::Single(at) => *at,
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
        let flow = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Done => return Ok(Step::End),
            Phase::Log(cursor) => {
                self.phase = Phase::Log(cursor);
                self.elements(cursor, sink)?
            }
            Phase::Recover(recovery) => self.go_on_behind(recovery, sink)?,
            Phase::Skip(skip) => {
                self.skip(skip)?;
                ControlFlow::Continue(())
            }
            Phase::Single(at) => {
                self.phase = Phase::Log(Cursor {
                    at,
                    expected: Expected::Single,
                    is_open: false,
                });
                ControlFlow::Continue(())
            }
            Phase::Walk => {
                self.phase = Phase::Walk;
                self.walk_on(STEP)?;
                ControlFlow::Continue(())
            }
        };
        if flow.is_break() {
            self.phase = Phase::Done;
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
        let mut accounting = self.left_out.clone();
        let at = match self.phase {
            Phase::Done => self.start,
            _ => self.bytes_done(),
        };
        let in_regions = self.in_regions + self.region.map_or(0, |from| at.saturating_sub(from));
        let beside = at.saturating_sub(self.start).saturating_sub(in_regions);
        accounting.leave_out(
            "beside-the-log",
            self.beside + beside,
            Locator::Whole {},
            "other parts of the document",
        );
        let len = self.source.known_len().unwrap_or(at);
        not_reached(&mut accounting, at, len);
        accounting
    }
}
