//! Canonical bytes that are handed on as they are written, so that of a long text there is no second copy.

use super::text::write_part;
use super::value::Writer;
use crate::json::{Sink, Str};

/// Bytes handed on at once, and of a string written at once.
const PIECE: usize = 64 << 10;

/// Takes bytes piece by piece. It is cloned before a text whose bytes may turn out to stand in another order.
pub(crate) trait Absorb: Clone {
    /// Takes the bytes that follow.
    fn absorb(&mut self, bytes: &[u8]);
}

/// Nobody wants them.
impl Absorb for () {
    fn absorb(&mut self, _: &[u8]) {}
}

/// A writer that does not keep what it has written, as long as every object is sorted.
pub(super) struct Passing<'w, A> {
    writer: &'w mut Writer,
    absorb: A,
    is_sorted: bool,
}

impl<'w, A: Absorb> Passing<'w, A> {
    /// Writes by `writer`, which is empty, and hands on to `absorb`.
    pub(super) fn new(writer: &'w mut Writer, absorb: A) -> Self {
        Self {
            writer,
            absorb,
            is_sorted: true,
        }
    }

    /// Who took all bytes; `None` if they were in the wrong order.
    pub(super) fn finish(mut self) -> Option<A> {
        self.hand_on(0);
        self.is_sorted.then_some(self.absorb)
    }

    fn hand_on(&mut self, from: usize) {
        let writer = &mut *self.writer;
        if !writer.unsorted.is_empty() {
            self.is_sorted = false;
            writer.unsorted.clear();
        }
        if writer.flat.len() >= from {
            if self.is_sorted {
                self.absorb.absorb(&writer.flat);
            }
            writer.passed += writer.flat.len();
            writer.flat.clear();
        }
    }

    fn written(&mut self) {
        self.hand_on(PIECE);
    }
}

impl<A: Absorb> Sink for Passing<'_, A> {
    fn null(&mut self) {
        self.writer.null();
        self.written();
    }

    fn boolean(&mut self, value: bool) {
        self.writer.boolean(value);
        self.written();
    }

    fn integer(&mut self, token: &[u8]) {
        self.writer.integer(token);
        self.written();
    }

    fn float(&mut self, token: &[u8]) {
        self.writer.float(token);
        self.written();
    }

    fn constant(&mut self, token: &'static str) {
        self.writer.constant(token);
        self.written();
    }

    fn string(&mut self, string: Str<'_>) {
        self.writer.before_value();
        self.writer.flat.push(b'"');
        let (mut at, end) = (0, string.raw.len());
        while at < end {
            at = write_part(string, at, (at + PIECE).min(end), &mut self.writer.flat);
            self.written();
        }
        self.writer.flat.push(b'"');
        self.written();
    }

    fn begin_array(&mut self) {
        self.writer.begin_array();
    }

    fn end_array(&mut self) {
        self.writer.end_array();
        self.written();
    }

    fn begin_object(&mut self) {
        self.writer.begin_object();
    }

    fn key(&mut self, key: Str<'_>) {
        self.writer.key(key);
        self.written();
    }

    fn end_object(&mut self) {
        self.writer.end_object();
        self.written();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Canonicalizer;
    use super::*;

    impl Absorb for Vec<u8> {
        fn absorb(&mut self, bytes: &[u8]) {
            self.extend_from_slice(bytes);
        }
    }

    /// What is handed on is what is written.
    #[track_caller]
    fn check(text: &str) {
        let mut canon = Canonicalizer::default();
        let (mut written, mut passed) = (b"before".to_vec(), b"before".to_vec());
        let expected = canon.write(text.as_bytes(), &mut written);
        assert_eq!(canon.pass(text.as_bytes(), &mut passed), expected);
        assert!(passed == written, "{}", text.get(..200).unwrap_or(text));
        // A buffer that served for one way serves for the other.
        assert_eq!(canon.pass(text.as_bytes(), &mut ()), expected);
    }

    #[test]
    fn short_texts() {
        for text in [
            "1",
            "\"a\\/\"",
            "[]",
            "{}",
            "{\"b\": 1, \"a\": [true, null, NaN, 1e3]}",
            "{\"a\": 1, \"b\": {\"d\": 1, \"c\": {}}, \"e\": 1}",
            "{\"a\": 1, \"a\": 2}",
            "{\"a\": 1",
            "[1] 2",
            "",
        ] {
            check(text);
        }
    }

    #[test]
    fn texts_of_many_pieces() {
        let numbers = "0.5, ".repeat(3 * PIECE / 4) + "1";
        check(&format!("[{numbers}]"));
        check(&format!(
            "{{\"a\": [{numbers}], \"b\": {{\"c\": [{numbers}]}}}}"
        ));
        check(&format!(
            "{{\"b\": [{numbers}], \"a\": {{\"c\": [{numbers}]}}}}"
        ));
        check(&format!(
            "{{\"a\": [{numbers}], \"b\": [{{\"d\": 1, \"c\": 2}}], \"e\": [{numbers}]}}"
        ));
        check(&format!(
            "{{\"a\": [{numbers}], \"b\": 1, \"b\": [{numbers}]}}"
        ));
        check(&format!("[{numbers}}}"));
    }

    #[test]
    fn long_strings_with_everything_at_the_seams() {
        for unit in [
            "a",
            "é",
            "€",
            "😀",
            "\\n",
            "\\u00E9",
            "\\ud83d\\ude00",
            "\u{7f}x",
        ] {
            for shift in 0..7 {
                let text = "x".repeat(shift) + &unit.repeat(2 * PIECE / unit.len() + 5);
                check(&format!("{{\"k\": \"{text}\", \"l\": \"{text}\"}}"));
            }
        }
    }
}
