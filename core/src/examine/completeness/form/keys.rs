//! The outermost keys of a JSON text, without a copy of all the rest.

use super::order::MOST_BYTES;
use crate::canon::write_token;
use crate::json::{Reader, Sink, Str};

/// Bytes that are more than keys whose order is looked at can take, however short each is.
const ENOUGH: usize = 4 * MOST_BYTES;

/// An object of the same keys, as the reference writes it, whose values are all 0; empty where the text is no object.
#[derive(Default)]
pub(super) struct Keys {
    text: Vec<u8>,
    depth: usize,
    is_object: bool,
}

impl Keys {
    /// Those of `text`; none if it is not JSON.
    pub(super) fn of(text: &[u8], reader: &mut Reader) -> Self {
        let mut keys = Self::default();
        match reader.read(text, &mut keys) {
            Ok(_) => keys,
            Err(_) => Self::default(),
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

impl Sink for Keys {
    fn null(&mut self) {}
    fn boolean(&mut self, _: bool) {}
    fn integer(&mut self, _: &[u8]) {}
    fn float(&mut self, _: &[u8]) {}
    fn constant(&mut self, _: &'static str) {}
    fn string(&mut self, _: Str<'_>) {}

    fn begin_array(&mut self) {
        self.depth += 1;
    }

    fn end_array(&mut self) {
        self.depth -= 1;
    }

    fn begin_object(&mut self) {
        self.is_object |= self.depth == 0;
        self.depth += 1;
    }

    fn key(&mut self, key: Str<'_>) {
        if self.depth == 1 && self.is_object && self.text.len() <= ENOUGH {
            let before: &[u8] = if self.text.is_empty() { b"{" } else { b", " };
            self.text.extend_from_slice(before);
            write_token(key, &mut self.text);
            self.text.extend_from_slice(b": 0");
        }
    }

    fn end_object(&mut self) {
        self.depth -= 1;
    }
}
