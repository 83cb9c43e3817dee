//! A window that slides over a source: one slice, or as much as one entry needs.

use std::rc::Rc;

use crate::entry::Place;
use crate::error::Error;
use crate::source::{ByteSource, Cached};

/// Bytes fetched at a time.
const SLICE: usize = 256 * 1024;

/// Bytes fetched at a time to read one entry again.
const NARROW: usize = 4 * 1024;

/// Bytes asked of the source at once while more are fetched.
const PIECE: usize = 1 << 20;

/// Bytes above which a window no longer grows by doubling: it makes room for the longest entry. Room that is not used costs
/// nothing, and the old bytes are not copied time and again, nor holes left where they were.
const LARGE: usize = 8 << 20;

/// The longest single entry (and so the most memory that the window takes), in bytes.
pub(crate) const ENTRY_LIMIT: usize = 256 << 20;

/// Bytes of a source from a moving start on. Positions are absolute offsets in the source.
pub(crate) struct Window {
    source: Rc<Cached>,
    /// The offset of `buffer[0]`.
    base: u64,
    buffer: Vec<u8>,
    slice: usize,
}

impl Window {
    pub(crate) fn new(source: Rc<Cached>) -> Self {
        Self {
            source,
            base: 0,
            buffer: Vec::new(),
            slice: SLICE,
        }
    }

    /// A window for one entry at `at`, which is probably short.
    pub(crate) fn narrow(source: Rc<Cached>, at: u64) -> Self {
        Self {
            source,
            base: at,
            buffer: Vec::new(),
            slice: NARROW,
        }
    }

    /// A window for entries at these places, in ascending order: as wide as they lie close together.
    pub(crate) fn for_many(source: Rc<Cached>, places: &[Place]) -> Self {
        let (first, last) = match places {
            [] => (0, 0),
            [first, .., last] => (first.key, last.key),
            [one] => (one.key, one.key),
        };
        let apart = last.saturating_sub(first) / places.len().max(1) as u64;
        let mut window = Self::narrow(source, first);
        if places.len() > 1 && apart < (NARROW as u64) * 4 {
            window.slice = SLICE;
        }
        window
    }

    /// The bytes from `at` on that are in memory; `at` must not lie before the last [`Window::release`].
    pub(crate) fn bytes(&self, at: u64) -> &[u8] {
        debug_assert!(at >= self.base, "these bytes were released");
        let from = usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.buffer.get(from..).unwrap_or(&[])
    }

    /// Fetches more behind what is in memory; `false` at the end of the source.
    pub(crate) fn grow(&mut self) -> Result<bool, Error> {
        // Doubling keeps the re-scans of one long entry linear in all.
        let from = self.buffer.len();
        let most = (ENTRY_LIMIT + self.slice).saturating_sub(from);
        let goal = from + from.min(most).max(self.slice);
        if goal > LARGE {
            let rest = self.source.len().saturating_sub(self.base);
            let rest = usize::try_from(rest).unwrap_or(usize::MAX);
            let room = rest.min(ENTRY_LIMIT + self.slice) + PIECE;
            self.buffer.reserve_exact(room.saturating_sub(from));
        }
        while self.buffer.len() < goal {
            let from = self.buffer.len();
            let wanted = PIECE.min(goal - from);
            self.buffer.resize(from + wanted, 0);
            let at = self.base + from as u64;
            let result = self.source.read_at(at, &mut self.buffer[from..]);
            let read = *result.as_ref().unwrap_or(&0);
            self.buffer.truncate(from + read);
            result?;
            if read < wanted {
                break;
            }
        }
        Ok(self.buffer.len() > from)
    }

    /// Forgets what lies before `at`, and starts there if `at` is not in memory.
    pub(crate) fn release(&mut self, at: u64) {
        let end = self.base + self.buffer.len() as u64;
        if at < self.base || at > end {
            self.buffer.clear();
            self.base = at;
            return;
        }
        let passed = usize::try_from(at - self.base).unwrap_or(0);
        // Moving the rest to the front only when it is the smaller part keeps the cost of moving linear.
        if passed * 2 >= self.buffer.len() {
            self.buffer.drain(..passed);
            self.base = at;
        }
        if self.buffer.capacity() > 8 * SLICE && self.buffer.len() < SLICE {
            self.buffer.shrink_to(SLICE);
        }
    }

    /// The byte at `at`, fetched if need be; `None` at the end of the source.
    pub(crate) fn byte(&mut self, at: u64) -> Result<Option<u8>, Error> {
        loop {
            if let Some(&b) = self.bytes(at).first() {
                return Ok(Some(b));
            }
            if !self.grow()? {
                return Ok(None);
            }
        }
    }

    /// The first position from `at` on that holds no JSON whitespace; the length of the source if there is none.
    pub(crate) fn skip_whitespace(&mut self, mut at: u64) -> Result<u64, Error> {
        loop {
            let bytes = self.bytes(at);
            let blank = bytes
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\n' | b'\t' | b'\r'))
                .count();
            let found = blank < bytes.len();
            at += blank as u64;
            if found {
                return Ok(at);
            }
            self.release(at);
            if !self.grow()? {
                return Ok(at);
            }
        }
    }
}
