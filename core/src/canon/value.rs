//! One JSON text to its canonical bytes, in one pass and without a tree.
//!
//! Members are written in document order; an object whose keys turn out not to be sorted leaves a note of the right
//! order, and `order` re-arranges all of them in a single copy at the end. So an object costs nothing extra when it is
//! sorted, and every byte is moved once however deep the nesting is.

use std::cmp::Ordering;

use super::float::{is_canonical, write_float};
use super::order::Unsorted;
use super::pass::{Absorb, Passing};
use super::text::write_token;
use crate::json::{JsonError, Reader, Sink, Str, decode_string};

/// Bytes of a buffer above which it is given back when it is done with.
pub(super) const KEPT: usize = 16 << 20;

/// Turns JSON texts into canonical bytes; kept between them for its buffers.
#[derive(Debug, Default)]
pub(crate) struct Canonicalizer {
    reader: Reader,
    writer: Writer,
}

/// What was noticed on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noticed {
    /// The greatest depth of nested containers.
    pub(crate) depth: usize,
    /// A key that occurs more than once in its object (generalised UTF-8); the last occurrence was written.
    pub(crate) duplicate_key: Option<Vec<u8>>,
}

impl Canonicalizer {
    /// Appends `json.dumps(json.loads(text), sort_keys=True)` to `out`.
    ///
    /// # Errors
    ///
    /// Where `json.loads` raises; then nothing is appended.
    pub(crate) fn write(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<Noticed, JsonError> {
        self.writer.clear();
        let depth = self.reader.read(text, &mut self.writer)?;
        let Writer { flat, unsorted, .. } = &mut self.writer;
        out.reserve(flat.len());
        unsorted.emit(flat, |part| out.extend_from_slice(part));
        Ok(self.writer.noticed(depth))
    }

    /// Hands the same bytes to `absorb`, piece by piece, and keeps them only if the members of an object must change
    /// places: for a text so long that one does not want a copy of it.
    ///
    /// # Errors
    ///
    /// Where `json.loads` raises; then `absorb` is as it was.
    pub(crate) fn pass<A: Absorb>(
        &mut self,
        text: &[u8],
        absorb: &mut A,
    ) -> Result<Noticed, JsonError> {
        self.writer.clear();
        let mut passing = Passing::new(&mut self.writer, absorb.clone());
        let depth = self.reader.read(text, &mut passing)?;
        if let Some(done) = passing.finish() {
            *absorb = done;
            return Ok(self.writer.noticed(depth));
        }
        self.writer.clear();
        // Numbers and separators seldom make it longer; growing by doubling would take twice as much.
        self.writer.flat.reserve_exact(text.len() + text.len() / 16);
        self.reader.read(text, &mut self.writer)?;
        let Writer { flat, unsorted, .. } = &mut self.writer;
        unsorted.emit(flat, |part| absorb.absorb(part));
        Ok(self.writer.noticed(depth))
    }

    /// `json.dumps(json.loads(text))`, which keeps the order of the keys. Of a key that occurs twice both are there.
    ///
    /// # Errors
    ///
    /// Where `json.loads` raises.
    pub(crate) fn in_order(&mut self, text: &[u8]) -> Result<&[u8], JsonError> {
        self.writer.clear();
        self.reader.read(text, &mut self.writer)?;
        Ok(&self.writer.flat)
    }
}

/// Writes what a reader tells.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// The canonical bytes but for the order of members.
    pub(super) flat: Vec<u8>,
    /// How many stood before them and were handed on.
    pub(super) passed: usize,
    /// The decoded keys of all open objects, end to end.
    keys: Vec<u8>,
    members: Vec<Member>,
    frames: Vec<Frame>,
    pub(super) unsorted: Unsorted,
    duplicate_key: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    is_object: bool,
    is_empty: bool,
    is_sorted: bool,
    /// Where the opening bracket stands in `flat`.
    open: usize,
    /// Where its members and their keys begin.
    members: usize,
    keys: usize,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    /// The first eight bytes of the key, big-endian: most comparisons need no more.
    prefix: u64,
    key: (usize, usize),
    /// `"key": value` in `flat`.
    text: (usize, usize),
}

impl Member {
    fn key<'k>(&self, keys: &'k [u8]) -> &'k [u8] {
        &keys[self.key.0..self.key.1]
    }

    /// By code point, as Python compares `str`; bytes of generalised UTF-8 compare alike.
    fn compare(&self, other: &Self, keys: &[u8]) -> Ordering {
        self.prefix
            .cmp(&other.prefix)
            .then_with(|| self.key(keys).cmp(other.key(keys)))
    }
}

impl Writer {
    fn clear(&mut self) {
        self.flat.clear();
        if self.flat.capacity() > KEPT {
            self.flat = Vec::new();
        }
        self.passed = 0;
        self.keys.clear();
        self.members.clear();
        self.frames.clear();
        self.unsorted.clear();
        self.duplicate_key = None;
    }

    /// What was noticed in a text that was read to its end.
    fn noticed(&mut self, depth: usize) -> Noticed {
        if self.flat.capacity() > KEPT {
            self.flat = Vec::new();
        }
        Noticed {
            depth,
            duplicate_key: self.duplicate_key.take(),
        }
    }

    /// How many bytes were written.
    fn position(&self) -> usize {
        self.passed + self.flat.len()
    }

    /// Writes the separator before an array's element; a member's stands before its key.
    pub(super) fn before_value(&mut self) {
        if let Some(frame) = self.frames.last_mut()
            && !frame.is_object
            && !std::mem::take(&mut frame.is_empty)
        {
            self.flat.extend_from_slice(b", ");
        }
    }

    fn begin(&mut self, is_object: bool) {
        self.before_value();
        self.frames.push(Frame {
            is_object,
            is_empty: true,
            is_sorted: true,
            open: self.position(),
            members: self.members.len(),
            keys: self.keys.len(),
        });
        self.flat.push(if is_object { b'{' } else { b'[' });
    }

    fn end_member(&mut self) {
        let end = self.position();
        if let Some(member) = self.members.last_mut() {
            member.text.1 = end;
        }
    }

    /// Notes the right order of an object that is complete but for its closing bracket.
    fn note_order(&mut self, frame: &Frame) {
        let close = self.position();
        let keys = &self.keys;
        let members = &mut self.members[frame.members..];
        members.sort_by(|a, b| a.compare(b, keys));
        let mut noted = self.unsorted.note(frame.open, close);
        for (i, member) in members.iter().enumerate() {
            // The sort is stable: of equal keys the last one in the document comes last, and wins.
            let next = members.get(i + 1);
            if next.is_some_and(|next| member.compare(next, keys) == Ordering::Equal) {
                self.duplicate_key
                    .get_or_insert_with(|| member.key(keys).to_vec());
            } else {
                noted.push(member.text);
            }
        }
    }
}

impl Sink for Writer {
    fn null(&mut self) {
        self.before_value();
        self.flat.extend_from_slice(b"null");
    }

    fn boolean(&mut self, value: bool) {
        self.before_value();
        self.flat
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, token: &[u8]) {
        self.before_value();
        self.flat
            .extend_from_slice(if token == b"-0" { b"0" } else { token });
    }

    fn float(&mut self, token: &[u8]) {
        self.before_value();
        if is_canonical(token) {
            self.flat.extend_from_slice(token);
            return;
        }
        // The reader's grammar is a part of Rust's, and both round correctly (IEEE 754, ties to even); too large is
        // infinite and too small is zero in both.
        let value = std::str::from_utf8(token)
            .ok()
            .and_then(|t| t.parse().ok())
            .unwrap_or(f64::NAN);
        write_float(value, &mut self.flat);
    }

    fn constant(&mut self, token: &'static str) {
        self.before_value();
        self.flat.extend_from_slice(token.as_bytes());
    }

    fn string(&mut self, string: Str<'_>) {
        self.before_value();
        write_token(string, &mut self.flat);
    }

    fn begin_array(&mut self) {
        self.begin(false);
    }

    fn end_array(&mut self) {
        self.frames.pop();
        self.flat.push(b']');
    }

    fn begin_object(&mut self) {
        self.begin(true);
    }

    fn key(&mut self, key: Str<'_>) {
        let from = self.keys.len();
        decode_string(key, &mut self.keys);
        let decoded = &self.keys[from..];
        let mut prefix = [0; 8];
        let n = decoded.len().min(8);
        prefix[..n].copy_from_slice(&decoded[..n]);
        let mut member = Member {
            prefix: u64::from_be_bytes(prefix),
            key: (from, self.keys.len()),
            text: (0, 0),
        };
        if let Some(frame) = self.frames.last_mut()
            && !std::mem::take(&mut frame.is_empty)
        {
            if let Some(last) = self.members.last() {
                frame.is_sorted &= last.compare(&member, &self.keys) == Ordering::Less;
            }
            self.end_member();
            self.flat.extend_from_slice(b", ");
        }
        member.text.0 = self.position();
        self.members.push(member);
        write_token(key, &mut self.flat);
        self.flat.extend_from_slice(b": ");
    }

    fn end_object(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if !frame.is_empty {
            self.end_member();
        }
        if !frame.is_sorted {
            self.note_order(&frame);
        }
        self.members.truncate(frame.members);
        self.keys.truncate(frame.keys);
        self.flat.push(b'}');
    }
}
