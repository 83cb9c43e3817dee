//! Every text of an entry that was read again: what a word without a field is looked for in.

use super::details::details_text;
use super::matcher::Matcher;
use crate::canon::write_float;
use crate::entry::{RawEntry, RawValue};
use crate::json::{Reader, Sink, Str, decode_string};
use crate::scheme::REFERENCE;

/// Looks for texts in entries; kept between them for its buffers.
#[derive(Default)]
pub(crate) struct TextSearch {
    reader: Reader,
    buffer: Vec<u8>,
}

impl TextSearch {
    /// Whether some text of the entry contains it: a field's, the claimed checksum, or a key or value in the details or
    /// in a field that no checksum covers.
    pub(crate) fn anywhere(&mut self, entry: &RawEntry<'_>, wanted: &Matcher) -> bool {
        let fields = entry.fields.iter().enumerate();
        let hashed = fields
            .filter(|(i, _)| *i != REFERENCE.details)
            .map(|(_, v)| *v);
        let others = entry.extras.iter().map(|(_, value)| *value);
        let mut values = hashed.chain([entry.claimed_checksum]).chain(others);
        values.any(|value| self.value(value, wanted)) || self.details(entry, wanted)
    }

    /// Whether a key or a value in the details contains it.
    pub(crate) fn details(&mut self, entry: &RawEntry<'_>, wanted: &Matcher) -> bool {
        let value = entry.fields[REFERENCE.details];
        match details_text(value) {
            Some(json) => self.json(&json, wanted),
            None => self.value(value, wanted),
        }
    }

    fn value(&mut self, value: RawValue<'_>, wanted: &Matcher) -> bool {
        match value {
            RawValue::Missing | RawValue::Blob(_) => false,
            RawValue::Null | RawValue::Bare => wanted.is_in(b"null"),
            RawValue::Integer(i) => wanted.is_in(i.to_string().as_bytes()),
            RawValue::Real(r) => {
                self.buffer.clear();
                write_float(r, &mut self.buffer);
                wanted.is_in(&self.buffer)
            }
            RawValue::Text(text) => wanted.is_in(text),
            RawValue::Blank => wanted.is_in(b""),
            RawValue::Json(token) => self.json(token, wanted),
        }
    }

    /// Looks in every key and value of a JSON text; in a text that is no JSON, as it stands.
    fn json(&mut self, json: &[u8], wanted: &Matcher) -> bool {
        if let Some(is_in) = wanted.is_in_json(json) {
            return is_in;
        }
        let mut sink = Looking {
            wanted,
            is_found: false,
            buffer: &mut self.buffer,
        };
        match self.reader.read(json, &mut sink) {
            Ok(_) => sink.is_found,
            Err(_) => wanted.is_in(json),
        }
    }
}

struct Looking<'l> {
    wanted: &'l Matcher,
    is_found: bool,
    buffer: &'l mut Vec<u8>,
}

impl Looking<'_> {
    fn text(&mut self, string: Str<'_>) {
        if self.is_found {
            return;
        }
        if string.is_plain {
            self.is_found = self.wanted.is_in(string.raw);
        } else {
            self.buffer.clear();
            decode_string(string, self.buffer);
            self.is_found = self.wanted.is_in(self.buffer);
        }
    }

    fn scalar(&mut self, token: &[u8]) {
        self.is_found = self.is_found || self.wanted.is_in(token);
    }
}

impl Sink for Looking<'_> {
    fn null(&mut self) {
        self.scalar(b"null");
    }

    fn boolean(&mut self, value: bool) {
        self.scalar(if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, token: &[u8]) {
        self.scalar(token);
    }

    fn float(&mut self, token: &[u8]) {
        self.scalar(token);
    }

    fn constant(&mut self, token: &'static str) {
        self.scalar(token.as_bytes());
    }

    fn string(&mut self, string: Str<'_>) {
        self.text(string);
    }

    fn begin_array(&mut self) {}

    fn end_array(&mut self) {}

    fn begin_object(&mut self) {}

    fn key(&mut self, key: Str<'_>) {
        self.text(key);
    }

    fn end_object(&mut self) {}
}
