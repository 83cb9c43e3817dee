//! How far a JSON value extends, by its structure alone; what is inside is judged later.
//!
//! The structure is: brackets that match, with a comma or a colon before a nested one; strings whose quotes stand where a
//! string can stand; no raw line break and no zero byte in them. Words and numbers may be anything. A lost quote or
//! bracket is so noticed where it is, mostly, and not at the end of the file. `machine` reads the same, byte by byte.

use crate::json::skip_plain;

/// The end of a value, or why it was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// It ends before this position.
    Complete(usize),
    /// The text ends inside it.
    Open,
    /// No value begins here, or the structure is broken at this position.
    Broken(usize),
}

/// What stands before, blanks aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// The bracket that opens the container.
    Bracket,
    Comma,
    Colon,
    /// A piece of a number or a word.
    Scalar,
    /// A string or a container, which has ended.
    Value,
}

impl Before {
    /// Whether a string can begin here.
    pub(super) fn allows_string(self) -> bool {
        matches!(self, Self::Bracket | Self::Comma | Self::Colon)
    }

    /// Whether a container can begin here, inside an object or an array.
    pub(super) fn allows_container(self, in_object: bool) -> bool {
        match self {
            Self::Colon => in_object,
            Self::Bracket | Self::Comma => !in_object,
            Self::Scalar | Self::Value => false,
        }
    }

    /// Whether a number or a word can begin, or go on, with this byte.
    pub(super) fn allows_scalar(self, b: u8) -> bool {
        self != Self::Value && b != b'\\' && b >= b' '
    }
}

/// Finds the end of the value that begins at `start`, in one pass.
pub(super) fn value(text: &[u8], start: usize) -> Extent {
    match text.get(start) {
        None => Extent::Open,
        Some(b'"') => string(text, start),
        Some(b'{' | b'[') => container(text, start),
        Some(b',' | b':' | b']' | b'}') => Extent::Broken(start),
        Some(_) => scalar(text, start),
    }
}

fn container(text: &[u8], start: usize) -> Extent {
    let mut brackets = Brackets::default();
    brackets.push(text[start] == b'{');
    let mut before = Before::Bracket;
    let mut at = start + 1;
    while let Some(&b) = text.get(at) {
        match b {
            b'"' if before.allows_string() => match string(text, at) {
                Extent::Complete(end) => {
                    at = end;
                    before = Before::Value;
                    continue;
                }
                other => return other,
            },
            b'{' | b'[' if before.allows_container(brackets.in_object()) => {
                brackets.push(b == b'{');
                before = Before::Bracket;
            }
            b'}' | b']' if brackets.in_object() == (b == b'}') => {
                brackets.pop();
                if brackets.depth == 0 {
                    return Extent::Complete(at + 1);
                }
                before = Before::Value;
            }
            b',' => before = Before::Comma,
            b':' => before = Before::Colon,
            b' ' | b'\n' | b'\t' | b'\r' => {}
            b'"' | b'{' | b'[' | b'}' | b']' => return Extent::Broken(at),
            _ if before.allows_scalar(b) => before = Before::Scalar,
            _ => return Extent::Broken(at),
        }
        at += 1;
    }
    Extent::Open
}

/// Finds the end of the string whose opening quote is at `start`.
pub(super) fn string(text: &[u8], start: usize) -> Extent {
    let mut at = start + 1;
    loop {
        at = skip_plain(text, at);
        match text.get(at) {
            None => return Extent::Open,
            Some(b'"') => return Extent::Complete(at + 1),
            Some(b'\\') => at += 2,
            Some(0 | b'\n') => return Extent::Broken(at),
            Some(_) => at += 1,
        }
    }
}

/// A number or a word: up to whatever can follow a value.
fn scalar(text: &[u8], start: usize) -> Extent {
    let is_end = |b: &u8| {
        matches!(
            b,
            b',' | b':' | b']' | b'}' | b'[' | b'{' | b'"' | b'\\' | 0..=b' '
        )
    };
    match text[start..].iter().position(is_end) {
        Some(0) => Extent::Broken(start),
        Some(n) => Extent::Complete(start + n),
        None => Extent::Open,
    }
}

/// The open brackets, a bit each: the innermost 64 at hand, the others put away.
#[derive(Default)]
struct Brackets {
    depth: usize,
    bits: u64,
    outer: Vec<u64>,
}

impl Brackets {
    fn in_object(&self) -> bool {
        self.bits & 1 == 1
    }

    fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(is_object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.bits >>= 1;
        self.depth -= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.bits = self.outer.pop().unwrap_or(0);
        }
    }
}
