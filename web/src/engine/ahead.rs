//! Reading ahead of a sequential reader, while the worker is at work: the browser streams the next pieces of the file
//! beside it, where a synchronous read would have it wait.
//!
//! Whoever works in slices ends one where a piece that comes next is still on its way ([`is_behind`]), and is woken when it
//! has come ([`wake_by`]): to read it at once, synchronously, would be to read it twice.
//!
//! The stream fills buffers of ours, which go round: fresh ones for every piece cost the system as much again as the reading.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, ReadableStreamByobReader};

use super::blob::exact;
use crate::engine::size_of;

/// Bytes of a piece.
const PIECE: u32 = 1 << 20;
/// Pieces that wait, at most.
const PIECES: usize = 4;
/// What is to be there before a slice goes on: what it may read in one step, in reads of up to a megabyte.
const NEEDED: u64 = 2 * PIECE as u64;
/// A reader that is farther from the stream than this has left it.
const NEAR: u64 = PIECE as u64 * (PIECES as u64 + 1);

thread_local! {
    /// Streams of this worker that a reader waits for.
    static BEHIND: Cell<u32> = const { Cell::new(0) };
    /// To be called when one of them has caught up.
    static WAKE: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Whether a sequential reader of this worker has come to what is still on its way.
pub(super) fn is_behind() -> bool {
    BEHIND.get() > 0
}

/// Calls `wake` from now on when that has come.
pub(super) fn wake_by(wake: Rc<dyn Fn()>) {
    WAKE.set(Some(wake));
}

/// The next pieces of a file.
#[derive(Clone, Default)]
pub(super) struct Ahead(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    stream: Option<Stream>,
    /// Those that are there, in order and without a gap.
    pieces: VecDeque<Piece>,
    /// Buffers of pieces that were used.
    spare: Vec<ArrayBuffer>,
    /// Where the reader is, and where the file ends.
    wanted: u64,
    len: u64,
    /// What it needs next is on its way: counted in `BEHIND`.
    is_behind: bool,
    /// A browser that lends no stream of this kind is not asked again.
    is_unavailable: bool,
}

impl State {
    /// Sees whether the reader has to wait; to be called after every change.
    fn look(&mut self) {
        let is_reading = self.stream.as_ref().is_some_and(|s| s.is_reading);
        let needed = (self.wanted + NEEDED).min(self.len);
        let is_there = self.pieces.back().is_some_and(|p| p.end() >= needed);
        self.count(is_reading && !is_there);
    }

    fn count(&mut self, is_behind: bool) {
        match (std::mem::replace(&mut self.is_behind, is_behind), is_behind) {
            (false, true) => BEHIND.set(BEHIND.get() + 1),
            (true, false) => BEHIND.set(BEHIND.get().saturating_sub(1)),
            _ => {}
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.count(false);
    }
}

struct Stream {
    reader: ReadableStreamByobReader,
    /// Where the next piece begins.
    next: u64,
    /// A piece is on its way.
    is_reading: bool,
}

struct Piece {
    start: u64,
    bytes: Uint8Array,
}

impl Piece {
    fn end(&self) -> u64 {
        self.start + u64::from(self.bytes.length())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let cancelled = self.reader.cancel();
        spawn_local(async move {
            // Whether it fails is of no interest, but is not to be reported as an error that nobody handled.
            let _ = JsFuture::from(cancelled).await;
        });
    }
}

impl Ahead {
    /// Copies what stands at `offset` to `buf`, if all of it is there already.
    pub(super) fn read(&self, offset: u64, buf: &mut [u8]) -> bool {
        let state = self.0.borrow();
        let end = offset + buf.len() as u64;
        let is_there = |p: &&Piece| p.end() > offset && p.start < end;
        let pieces: Vec<&Piece> = state.pieces.iter().filter(is_there).collect();
        let is_whole = pieces.first().is_some_and(|p| p.start <= offset)
            && pieces.last().is_some_and(|p| p.end() >= end);
        if !is_whole {
            return false;
        }
        let (mut rest, mut at) = (buf, offset);
        for piece in pieces {
            let to = piece.end().min(end);
            // Within a piece, so small.
            #[expect(clippy::cast_possible_truncation)]
            let (from, until) = ((at - piece.start) as u32, (to - piece.start) as u32);
            let part = piece.bytes.subarray(from, until);
            let (target, after) = rest.split_at_mut(part.length() as usize);
            part.copy_to(target);
            (rest, at) = (after, to);
        }
        true
    }

    /// Has the pieces behind `offset` fetched, which a sequential reader has come to, and drops those before it. They come
    /// when the worker next hears messages.
    pub(super) fn fetch(&self, file: &File, offset: u64, len: u64) {
        let mut state = self.0.borrow_mut();
        if state.is_unavailable {
            return;
        }
        while state.pieces.front().is_some_and(|p| p.end() <= offset) {
            let used = state.pieces.pop_front();
            state
                .spare
                .extend(used.map(|p| p.bytes.buffer().unchecked_into()));
        }
        let first = state.pieces.front().map(|p| p.start);
        let is_near = state.stream.as_ref().is_some_and(|stream| {
            let first = first.unwrap_or(stream.next);
            first <= offset + NEAR && offset <= stream.next + NEAR
        });
        if !is_near {
            state.pieces.clear();
            state.stream = open(file, offset);
            state.is_unavailable = state.stream.is_none();
        }
        (state.wanted, state.len) = (offset, len);
        drop(state);
        self.go_on();
        self.0.borrow_mut().look();
    }

    /// Reads the next piece if there is room for it and none is on its way; and so on.
    fn go_on(&self) {
        let mut state = self.0.borrow_mut();
        let State {
            stream: Some(stream),
            pieces,
            spare,
            len,
            ..
        } = &mut *state
        else {
            return;
        };
        if stream.is_reading || pieces.len() >= PIECES || stream.next >= *len {
            return;
        }
        stream.is_reading = true;
        let (reader, start) = (stream.reader.clone(), stream.next);
        let buffer = spare.pop().unwrap_or_else(|| ArrayBuffer::new(PIECE));
        // The last piece is shorter.
        let wanted = u32::try_from(*len - start).unwrap_or(PIECE).min(PIECE);
        let ahead = self.clone();
        spawn_local(async move {
            let bytes = fill(&reader, buffer, wanted).await;
            ahead.arrived(&reader, start, bytes);
            ahead.go_on();
            ahead.0.borrow_mut().look();
            if !is_behind()
                && let Some(wake) = WAKE.with_borrow(Clone::clone)
            {
                wake();
            }
        });
    }

    /// Takes in what a stream has brought, if it is the one that is read from. What could not be had is left to be read when
    /// it is needed: then the error has its place.
    fn arrived(&self, reader: &ReadableStreamByobReader, start: u64, bytes: Option<Uint8Array>) {
        let mut state = self.0.borrow_mut();
        let State { stream, pieces, .. } = &mut *state;
        let Some(current) = stream.as_mut().filter(|s| s.reader == *reader) else {
            return;
        };
        match bytes {
            Some(bytes) => {
                current.is_reading = false;
                current.next = start + u64::from(bytes.length());
                pieces.push_back(Piece { start, bytes });
            }
            None => *stream = None,
        }
    }
}

/// A file from its beginning on, piece by piece, in one buffer: for whoever can wait for it.
pub(super) struct Pieces {
    stream: Option<Stream>,
    buffer: Option<ArrayBuffer>,
    len: u64,
}

impl Pieces {
    pub(super) fn of(file: &File) -> Self {
        Self {
            stream: open(file, 0),
            buffer: None,
            len: size_of(file),
        }
    }

    /// The next piece, which is gone when the one after it is asked for; `None` at the end, and where no more can be had.
    pub(super) async fn next(&mut self) -> Option<Uint8Array> {
        let stream = self.stream.as_mut()?;
        let rest = self.len.saturating_sub(stream.next);
        // The last piece is shorter.
        let wanted = u32::try_from(rest).unwrap_or(PIECE).min(PIECE);
        let buffer = self
            .buffer
            .take()
            .unwrap_or_else(|| ArrayBuffer::new(PIECE));
        let bytes = match wanted {
            0 => None,
            _ => fill(&stream.reader, buffer, wanted).await,
        };
        let Some(bytes) = bytes else {
            self.stream = None;
            return None;
        };
        stream.next += u64::from(bytes.length());
        self.buffer = Some(bytes.buffer().unchecked_into());
        Some(bytes)
    }
}

/// A stream of a file from `offset` on; `None` where the browser lends none of this kind.
fn open(file: &File, offset: u64) -> Option<Stream> {
    let rest = file.slice_with_f64(exact(offset)).ok()?;
    Some(Stream {
        reader: ReadableStreamByobReader::new(&rest.stream()).ok()?,
        next: offset,
        is_reading: false,
    })
}

/// The next `wanted` bytes of a stream, in this buffer; `None` if it has fewer.
async fn fill(
    reader: &ReadableStreamByobReader,
    mut buffer: ArrayBuffer,
    wanted: u32,
) -> Option<Uint8Array> {
    let mut filled = 0;
    while filled < wanted {
        let room = Uint8Array::new_with_byte_offset_and_length(&buffer, filled, wanted - filled);
        let step = JsFuture::from(reader.read_with_array_buffer_view(&room))
            .await
            .ok()?;
        let is_done = Reflect::get(&step, &JsValue::from_str("done")).ok()?;
        let bytes: Uint8Array = Reflect::get(&step, &JsValue::from_str("value"))
            .ok()?
            .dyn_into()
            .ok()?;
        // The buffer that was lent is another object now.
        buffer = bytes.buffer();
        filled += bytes.length();
        if is_done.is_truthy() {
            return None;
        }
    }
    Some(Uint8Array::new_with_byte_offset_and_length(
        &buffer, 0, filled,
    ))
}
