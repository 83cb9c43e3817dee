//! Walks the outermost structure of a JSON document and finds the arrays that are logs.
//!
//! `logs` says which of them are.

use super::extent::{self, Extent};
use super::refusal::{Near, name_bit};
use super::window::{ENTRY_LIMIT, Window};
use crate::error::Error;
use crate::json::{Ignore, Reader};

/// Nested containers beyond which a document is not walked.
const DEPTH_LIMIT: usize = 1 << 20;

/// Logs in one document beyond which no more are taken.
pub(super) const LOG_LIMIT: usize = 10_000;

/// Hashed fields that make an object look like an entry.
pub(super) const LIKE_AN_ENTRY: u32 = 6;

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
pub(super) struct Frame {
    pub(super) open: u64,
    pub(super) is_object: bool,
    /// Inside a member named `details`.
    pub(super) in_details: bool,
    /// An object: the hashed fields it has. An array: those that its strings name.
    pub(super) mask: u8,
    /// An object: the hashed fields that hold a container, and those whose names are written otherwise.
    pub(super) containers: u8,
    pub(super) renamed: u8,
    /// An object: whether it has a checksum.
    pub(super) has_checksum: bool,
    /// An array: its objects, those that are entries, its elements.
    pub(super) objects: u32,
    pub(super) entries: u32,
    pub(super) elements: u32,
    /// An array: its arrays that are long enough for an entry's values.
    pub(super) lists: u32,
    /// Where the current member's key begins in `path`.
    pub(super) key: usize,
    /// What was noticed before: inside a log it is the entries' own affair.
    pub(super) candidates: usize,
    pub(super) strays: u64,
    pub(super) not_strict: Option<u64>,
}

/// The walk, which can be left for a log and taken up again behind it.
pub(super) struct Walker {
    pub(super) at: u64,
    pub(super) frames: Vec<Frame>,
    /// How many of the frames are arrays.
    pub(super) open_arrays: usize,
    /// The current members' keys, end to end (each cut to 64 bytes).
    pub(super) keys: Vec<u8>,
    pub(super) candidates: Vec<Found>,
    /// The first array that would be an empty log.
    pub(super) empty_log: Option<Found>,
    /// The fields of the object that came nearest to an entry, and the path of its array.
    pub(super) nearest: Option<(u8, String)>,
    /// What is no log and looks as if it had been meant for one.
    pub(super) near: Near,
    /// Whether the document itself is an entry, or looks like one that lacks something.
    pub(super) root_is_entry: bool,
    pub(super) root_is_like_one: bool,
    /// Whether logs were left out because there are too many.
    pub(super) has_too_many: bool,
    /// Objects that look like entries and lie in no log, and where the first of them begins.
    pub(super) strays: u64,
    pub(super) first_stray: u64,
    /// Where something outside the logs is no JSON, although its extent is clear.
    pub(super) not_strict: Option<u64>,
    reader: Reader,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
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
            near: Near::default(),
            root_is_entry: false,
            root_is_like_one: false,
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
                    let next = std::mem::replace(&mut self.at, before);
                    Walked::End { end: before, next }
                } else {
                    Walked::Broken {
                        at: self.at,
                        is_end_of_file: true,
                    }
                }));
            };
            if self.state == State::AfterValue && self.frames.is_empty() {
                let next = std::mem::replace(&mut self.at, before);
                return Ok(Some(Walked::End { end: before, next }));
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
                        let token = &window.bytes(self.at)[..len];
                        self.check_strictly(token);
                        if let Some(array) = self.frames.last_mut().filter(|f| !f.is_object) {
                            array.mask |= name_bit(token);
                        }
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
}

fn bytes_first_is_scalar(window: &Window, at: u64) -> bool {
    window
        .bytes(at)
        .first()
        .is_some_and(|b| !matches!(b, b'"' | b'{' | b'['))
}
