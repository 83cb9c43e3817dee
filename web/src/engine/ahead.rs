//! Reading ahead of a sequential reader, while the worker is at work: the browser fetches the next pieces of the file
//! beside it, where a synchronous read would have it wait.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::blob::exact;

/// Bytes of a piece.
const PIECE: u64 = 1 << 20;
/// Pieces that are on their way or waiting, at most.
const PIECES: usize = 4;

/// The next pieces of a file.
#[derive(Clone, Default)]
pub(super) struct Ahead {
    pieces: Rc<RefCell<VecDeque<Piece>>>,
}

struct Piece {
    start: u64,
    end: u64,
    /// Its bytes, once they are there.
    bytes: Option<Uint8Array>,
}

impl Ahead {
    /// Copies what stands at `offset` to `buf`, if all of it is there already.
    pub(super) fn read(&self, offset: u64, buf: &mut [u8]) -> bool {
        let pieces = self.pieces.borrow();
        let end = offset + buf.len() as u64;
        let mut at = offset;
        let mut parts = Vec::new();
        for piece in pieces.iter() {
            if at < end && piece.start <= at && at < piece.end {
                let Some(bytes) = &piece.bytes else {
                    return false;
                };
                let to = piece.end.min(end);
                parts.push((bytes, at - piece.start, to - piece.start));
                at = to;
            }
        }
        if at < end {
            return false;
        }
        let mut rest = buf;
        for (bytes, from, to) in parts {
            // Within a piece, so small.
            #[expect(clippy::cast_possible_truncation)]
            let part = bytes.subarray(from as u32, to as u32);
            let (target, after) = rest.split_at_mut(part.length() as usize);
            part.copy_to(target);
            rest = after;
        }
        true
    }

    /// Fetches the pieces behind `offset`, which a sequential reader has come to, and drops those before it. They come
    /// when the worker next hears messages.
    pub(super) fn fetch(&self, file: &File, offset: u64, len: u64) {
        let mut pieces = self.pieces.borrow_mut();
        let is_near = pieces
            .front()
            .is_some_and(|p| p.start <= offset && offset <= p.start + PIECE * (PIECES as u64 + 1));
        if !is_near {
            pieces.clear();
        }
        while pieces.front().is_some_and(|p| p.end <= offset) {
            pieces.pop_front();
        }
        let mut start = pieces.back().map_or(offset, |p| p.end);
        while pieces.len() < PIECES && start < len {
            let end = (start + PIECE).min(len);
            let Ok(slice) = file.slice_with_f64_and_f64(exact(start), exact(end)) else {
                return;
            };
            pieces.push_back(Piece {
                start,
                end,
                bytes: None,
            });
            let ahead = self.clone();
            spawn_local(async move {
                let buffer = JsFuture::from(slice.array_buffer()).await;
                let bytes = buffer.ok().and_then(|b| b.dyn_into::<ArrayBuffer>().ok());
                ahead.arrived(start, end, bytes.map(|b| Uint8Array::new(&b)));
            });
            start = end;
        }
    }

    /// A piece that could not be had, or not whole, is left to be read when it is needed: then the error has its place.
    fn arrived(&self, start: u64, end: u64, bytes: Option<Uint8Array>) {
        let mut pieces = self.pieces.borrow_mut();
        let bytes = bytes.filter(|b| u64::from(b.length()) == end - start);
        if let Some(piece) = pieces.iter_mut().find(|p| p.start == start && p.end == end) {
            piece.bytes = bytes;
        }
    }
}
