//! Walks the outermost structure of a JSON document and finds the arrays that are logs.
//!
//! An array is a log if more than half of the objects in it have all hashed fields. That is known when it closes, or as
//! soon as [`PROBE`] of its objects were seen and most of them are entries, so that a large log starts at once. Of nested
//! candidates the outermost counts, and none inside the `details` of an entry, which are its own content. Objects that look
//! like entries and lie in no log are counted: nothing hides beside one.

use super::element::{ALL_FIELDS, field_bit};
use super::extent::{self, Extent};
use super::window::{ENTRY_LIMIT, Window};
use crate::error::Error;
use crate::json::{Ignore, Reader, scan_string};

/// Objects of an array after which it may be decided.
const PROBE: u32 = 1024;

/// Nested containers beyond which a document is not walked.
const DEPTH_LIMIT: usize = 1 << 20;

/// Logs in one document beyond which no more are taken.
const LOG_LIMIT: usize = 10_000;

/// Hashed fields that make an object look like an entry.
const LIKE_AN_ENTRY: u32 = 6;

/// Members whose empty array is an empty log.
const LOG_NAMES: [&str; 10] = [
    "entries",
    "audit_log",
    "rows",
    "records",
    "events",
    "log",
    "logs",
    "data",
    "items",
    "results",
];

/// An array that is a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where its `[` stands.
    pub(super) open: u64,
    /// Its path: `$`, `$.data.rows`, `$[3].entries`.
    pub(super) path: String,
    /// Whether the walk stands inside it still, and not behind it.
    pub(super) is_open: bool,
}

/// What a walk came to.
pub(super) enum Walked {
    /// A log; stream its elements, then go on with [`Walker::resume_after`].
    Log(Found),
    /// The end of the document, and the next position behind it that holds something.
    End { end: u64, next: u64 },
    /// Something that is not JSON, or the end of the file inside the document.
    Broken { at: u64, is_end_of_file: bool },
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    open: u64,
    is_object: bool,
    /// Inside a member named `details`.
    in_details: bool,
    /// An object: the hashed fields it has. An array: unused.
    mask: u8,
    /// An array: its objects, those that are entries, its elements.
    objects: u32,
    entries: u32,
    elements: u32,
    /// Where the current member's key begins in `path`.
    key: usize,
    /// What was noticed before: inside a log it is the entries' own affair.
    candidates: usize,
    strays: u64,
    not_strict: Option<u64>,
}

/// The walk, which can be left for a log and taken up again behind it.
pub(super) struct Walker {
    at: u64,
    frames: Vec<Frame>,
    /// How many of the frames are arrays.
    open_arrays: usize,
    /// The current members' keys, end to end (each cut to 64 bytes).
    keys: Vec<u8>,
    candidates: Vec<Found>,
    /// The first array that would be an empty log.
    pub(super) empty_log: Option<Found>,
    /// The fields of the object that came nearest to an entry, and the path of its array.
    pub(super) nearest: Option<(u8, String)>,
    /// Whether the document itself is an entry.
    pub(super) root_is_entry: bool,
    /// Whether logs were left out because there are too many.
    pub(super) has_too_many: bool,
    /// Objects that look like entries and lie in no log, and where the first of them begins.
    pub(super) strays: u64,
    pub(super) first_stray: u64,
    /// Where something outside the logs is no JSON, although its extent is clear.
    pub(super) not_strict: Option<u64>,
    reader: Reader,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    AfterValue,
    Key,
}

impl Walker {
    pub(super) fn new(start: u64) -> Self {
        Self {
            at: start,
            frames: Vec::new(),
            open_arrays: 0,
            keys: Vec::new(),
            candidates: Vec::new(),
            empty_log: None,
            nearest: None,
            root_is_entry: false,
            has_too_many: false,
            strays: 0,
            first_stray: 0,
            not_strict: None,
            reader: Reader::default(),
            state: State::Value,
        }
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Goes on behind the log whose closing bracket ends before `at`.
    pub(super) fn resume_after(&mut self, at: u64) {
        self.at = at;
        self.pop();
        self.state = State::AfterValue;
    }

    /// Walks on to the next log. Progress is at most about `budget` bytes; `None` asks to be called again.
    pub(super) fn walk(
        &mut self,
        window: &mut Window,
        budget: u64,
    ) -> Result<Option<Walked>, Error> {
        if let Some(found) = self.next_candidate() {
            return Ok(Some(Walked::Log(found)));
        }
        let stop = self.at.saturating_add(budget);
        while self.at < stop {
            let before = self.at;
            self.at = window.skip_whitespace(self.at)?;
            window.release(self.at);
            let Some(b) = window.byte(self.at)? else {
                let is_done = self.frames.is_empty() && self.state == State::AfterValue;
                return Ok(Some(if is_done {
                    Walked::End {
                        end: before,
                        next: self.at,
                    }
                } else {
                    Walked::Broken {
                        at: self.at,
                        is_end_of_file: true,
                    }
                }));
            };
            if self.state == State::AfterValue && self.frames.is_empty() {
                return Ok(Some(Walked::End {
                    end: before,
                    next: self.at,
                }));
            }
            let broken = Walked::Broken {
                at: self.at,
                is_end_of_file: false,
            };
            match (self.state, b) {
                (State::Value, b'{' | b'[') => {
                    if self.frames.len() >= DEPTH_LIMIT {
                        return Ok(Some(broken));
                    }
                    self.push(b == b'{');
                    self.at = window.skip_whitespace(self.at + 1)?;
                    let close = if b == b'{' { b'}' } else { b']' };
                    let is_empty = window.byte(self.at)? == Some(close);
                    self.state = match (is_empty, b) {
                        (true, _) => State::AfterValue,
                        (false, b'{') => State::Key,
                        (false, _) => State::Value,
                    };
                }
                (State::Value, b']' | b'}' | b',' | b':') => return Ok(Some(broken)),
                (State::Value, _) => match self.extent(window)? {
                    Extent::Complete(len) => {
                        self.check_strictly(&window.bytes(self.at)[..len]);
                        self.at += len as u64;
                        self.state = State::AfterValue;
                        self.count_element(None);
                    }
                    Extent::Open => {
                        return Ok(Some(Walked::Broken {
                            at: self.at,
                            is_end_of_file: true,
                        }));
                    }
                    Extent::Broken(_) => return Ok(Some(broken)),
                },
                (State::Key, b'"') => {
                    let Extent::Complete(len) = self.extent(window)? else {
                        return Ok(Some(broken));
                    };
                    if !self.enter_member(&window.bytes(self.at)[..len]) {
                        return Ok(Some(broken));
                    }
                    let colon = window.skip_whitespace(self.at + len as u64)?;
                    match window.byte(colon)? {
                        Some(b':') => self.at = colon + 1,
                        None => {
                            return Ok(Some(Walked::Broken {
                                at: colon,
                                is_end_of_file: true,
                            }));
                        }
                        Some(_) => {
                            return Ok(Some(Walked::Broken {
                                at: colon,
                                is_end_of_file: false,
                            }));
                        }
                    }
                    self.state = State::Value;
                }
                (State::AfterValue, b',') => {
                    self.at += 1;
                    let in_object = self.frames.last().is_some_and(|f| f.is_object);
                    self.state = if in_object { State::Key } else { State::Value };
                }
                (State::AfterValue, b'}' | b']') => {
                    if self
                        .frames
                        .last()
                        .is_some_and(|f| f.is_object != (b == b'}'))
                    {
                        return Ok(Some(broken));
                    }
                    self.at += 1;
                    if let Some(found) = self.close() {
                        return Ok(Some(Walked::Log(found)));
                    }
                }
                _ => return Ok(Some(broken)),
            }
        }
        Ok(None)
    }

    /// Notes a scalar that Python would refuse; its extent is clear all the same, and the walk goes on.
    fn check_strictly(&mut self, token: &[u8]) {
        let is_json =
            std::str::from_utf8(token).is_ok() && self.reader.read(token, &mut Ignore).is_ok();
        if !is_json && self.not_strict.is_none() {
            self.not_strict = Some(self.at);
        }
    }

    /// The extent of the scalar or key at the current position, as a length.
    fn extent(&self, window: &mut Window) -> Result<Extent, Error> {
        loop {
            let bytes = window.bytes(self.at);
            let len = bytes.len();
            let extent = extent::value(bytes, 0);
            if extent != Extent::Open || len > ENTRY_LIMIT {
                return Ok(extent);
            }
            if !window.grow()? {
                // At the end of a file a number or a word is whole as it is.
                let is_scalar = len > 0 && bytes_first_is_scalar(window, self.at);
                return Ok(if is_scalar {
                    Extent::Complete(len)
                } else {
                    extent
                });
            }
        }
    }

    fn push(&mut self, is_object: bool) {
        let parent = self.frames.last();
        let in_details = parent
            .is_some_and(|f| f.in_details || f.is_object && self.keys[f.key..] == *b"details");
        self.open_arrays += usize::from(!is_object);
        self.frames.push(Frame {
            open: self.at,
            is_object,
            in_details,
            mask: 0,
            objects: 0,
            entries: 0,
            elements: 0,
            key: self.keys.len(),
            candidates: self.candidates.len(),
            strays: self.strays,
            not_strict: self.not_strict,
        });
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.open_arrays -= usize::from(!frame.is_object);
        self.keys.truncate(frame.key);
        Some(frame)
    }

    fn enter_member(&mut self, token: &[u8]) -> bool {
        let Ok((key, _)) = scan_string(token, 0) else {
            return false;
        };
        let Some(frame) = self.frames.last_mut() else {
            return false;
        };
        frame.mask |= field_bit(key);
        self.keys.truncate(frame.key);
        self.keys
            .extend_from_slice(&key.raw[..key.raw.len().min(64)]);
        true
    }

    fn add_stray(&mut self, open: u64) {
        if self.strays == 0 {
            self.first_stray = open;
        }
        self.strays += 1;
    }

    /// Counts an element of the array on top; an object with the fields that it has.
    fn count_element(&mut self, object: Option<u8>) {
        let Some(array) = self.frames.last_mut().filter(|f| !f.is_object) else {
            return;
        };
        array.elements = array.elements.saturating_add(1);
        if let Some(mask) = object {
            array.objects = array.objects.saturating_add(1);
            array.entries = array.entries.saturating_add(u32::from(mask == ALL_FIELDS));
            let fields = mask.count_ones();
            if fields > self.nearest.as_ref().map_or(0, |(m, _)| m.count_ones()) {
                self.nearest = Some((mask, self.path()));
            }
        }
    }

    /// Closes the container on top; returns a log that is decided by it.
    fn close(&mut self) -> Option<Found> {
        let frame = *self.frames.last()?;
        let is_log = !frame.is_object && frame.entries * 2 > frame.objects;
        let is_empty = !frame.is_object && frame.elements == 0 && self.empty_log.is_none();
        let path = if is_log || is_empty {
            self.path()
        } else {
            String::new()
        };
        self.pop();
        self.state = State::AfterValue;
        if frame.is_object {
            if frame.mask.count_ones() >= LIKE_AN_ENTRY {
                // What lies inside it is its own content.
                self.candidates.truncate(frame.candidates);
                self.strays = frame.strays;
                self.add_stray(frame.open);
            }
            self.count_element(Some(frame.mask));
            if self.frames.is_empty() {
                self.root_is_entry = frame.mask == ALL_FIELDS;
            }
        } else {
            self.count_element(None);
            if is_log {
                self.candidates.truncate(frame.candidates);
                self.strays = frame.strays;
                self.not_strict = frame.not_strict;
                self.candidates.push(Found {
                    open: frame.open,
                    path,
                    is_open: false,
                });
            } else if is_empty {
                let name = self.frames.last().map(|f| &self.keys[f.key..]);
                if name.is_none_or(|n| LOG_NAMES.iter().any(|l| l.as_bytes() == n)) {
                    self.empty_log = Some(Found {
                        open: frame.open,
                        path,
                        is_open: false,
                    });
                }
            }
        }
        if self.candidates.len() > LOG_LIMIT {
            self.candidates.truncate(LOG_LIMIT);
            self.has_too_many = true;
        }
        self.decide_early().or_else(|| self.next_candidate())
    }

    /// The array on top, if enough of it was seen and no array around it could still claim it.
    fn decide_early(&mut self) -> Option<Found> {
        let array = self
            .frames
            .last()
            .copied()
            .filter(|f| !f.is_object && !f.in_details)?;
        let is_decided =
            array.objects >= PROBE && array.entries * 2 > array.objects && self.open_arrays == 1;
        if !is_decided {
            return None;
        }
        self.candidates.truncate(array.candidates);
        self.strays = array.strays;
        self.not_strict = array.not_strict;
        Some(Found {
            open: array.open,
            path: self.path(),
            is_open: true,
        })
    }

    /// The first log of a document that breaks off here: the complete ones, then the outermost open array that is one by
    /// what was seen of it. Behind it the walk cannot go on.
    pub(super) fn conclude(&mut self) -> Option<Found> {
        let is_log = |i: usize| {
            let f = self.frames[i];
            // The element that is being walked counts too, as far as it is known.
            let open = self.frames.get(i + 1).filter(|e| e.is_object);
            let open = open.map_or(0, |e| u32::from(e.mask.count_ones() >= LIKE_AN_ENTRY));
            !f.is_object && !f.in_details && (f.entries + open) * 2 > f.objects + open
        };
        if let Some(i) = (0..self.frames.len()).find(|&i| is_log(i)) {
            let array = self.frames[i];
            self.frames.truncate(i + 1);
            self.keys.truncate(array.key);
            let path = self.path();
            self.candidates.truncate(array.candidates);
            self.candidates.push(Found {
                open: array.open,
                path,
                is_open: false,
            });
            self.strays = array.strays;
            self.not_strict = array.not_strict;
        }
        self.frames.clear();
        self.open_arrays = 0;
        self.next_candidate()
    }

    /// The next candidate that no open array can claim any more.
    fn next_candidate(&mut self) -> Option<Found> {
        let in_details = self
            .frames
            .last()
            .is_some_and(|f| f.in_details || f.is_object && self.keys[f.key..] == *b"details");
        if self.open_arrays > 0 || in_details || self.candidates.is_empty() {
            return None;
        }
        // In document order: the ones found while an array was open were pushed in that order.
        Some(self.candidates.remove(0))
    }

    /// The path of the container on top.
    fn path(&self) -> String {
        let mut path = String::from("$");
        for (i, frame) in self
            .frames
            .iter()
            .enumerate()
            .take(self.frames.len().saturating_sub(1))
        {
            if i == 32 {
                path.push('…');
                break;
            }
            if frame.is_object {
                let end = self
                    .frames
                    .get(i + 1)
                    .map_or(self.keys.len(), |next| next.key);
                path.push('.');
                path.push_str(&String::from_utf8_lossy(&self.keys[frame.key..end]));
            } else {
                path.push_str(&format!("[{}]", frame.elements));
            }
        }
        path
    }
}

fn bytes_first_is_scalar(window: &Window, at: u64) -> bool {
    window
        .bytes(at)
        .first()
        .is_some_and(|b| !matches!(b, b'"' | b'{' | b'['))
}
