//! Lone places of a file that will be read soon, fetched while the worker is at work.
//!
//! One synchronous read of a few kilobytes holds the worker up for a millisecond and more. Asked for together, and without
//! waiting, they cost it a third of that.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::blob::exact;

/// What was fetched and what is on its way.
#[derive(Clone, Default)]
pub(super) struct Fetched(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    /// The bytes, by where they begin.
    there: BTreeMap<u64, Vec<u8>>,
    /// How many places are on their way.
    away: usize,
}

impl Fetched {
    /// Begins to fetch `len` bytes from `offset` on. What cannot be had is left to be read when it is needed: then the error
    /// has its place.
    pub(super) fn fetch(&self, file: &File, offset: u64, len: usize) {
        let end = exact(offset + len as u64);
        let Ok(slice) = file.slice_with_f64_and_f64(exact(offset), end) else {
            return;
        };
        self.0.borrow_mut().away += 1;
        let (fetched, coming) = (self.clone(), slice.array_buffer());
        spawn_local(async move {
            let bytes = JsFuture::from(coming).await;
            let mut state = fetched.0.borrow_mut();
            state.away -= 1;
            if let Ok(bytes) = bytes.and_then(JsCast::dyn_into::<ArrayBuffer>) {
                state.there.insert(offset, Uint8Array::new(&bytes).to_vec());
            }
        });
    }

    /// Copies what stands at `offset` to `buf`, if it has come; then it is no longer here.
    pub(super) fn take(&self, offset: u64, buf: &mut [u8]) -> bool {
        let mut state = self.0.borrow_mut();
        let is_there = state
            .there
            .get(&offset)
            .is_some_and(|bytes| bytes.len() == buf.len());
        if is_there && let Some(bytes) = state.there.remove(&offset) {
            buf.copy_from_slice(&bytes);
        }
        is_there
    }

    /// Whether something is still on its way.
    pub(super) fn is_fetching(&self) -> bool {
        self.0.borrow().away > 0
    }
}
