//! The structure of one object or array, read byte by byte: the rules of `extent`, for whoever cannot hold all of it.

use super::element::field_bit;
use super::extent::Before;
use crate::json::scan_string;

/// Nested containers beyond which a structure is given up.
const DEPTH_LIMIT: usize = 1 << 20;

/// Bytes of a key that are kept: enough for the longest name of a hashed field, every character of it escaped.
const KEY_LIMIT: usize = 96;

/// A container that is open.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Where its bracket stands.
    start: u64,
    is_object: bool,
    /// The hashed fields that it has.
    mask: u8,
    /// Objects among the open containers up to this one.
    objects: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// Behind a backslash.
    Escape,
}

/// What a byte did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fed {
    /// Nothing worth telling.
    On,
    /// An object ended with it, which began at `start` and has these hashed fields.
    Object { start: u64, mask: u8 },
    /// An array ended with it.
    Array,
    /// The structure is broken here.
    Broken,
}

/// Reads one container; idle until it is started.
#[derive(Debug)]
pub(super) struct Machine {
    frames: Vec<Frame>,
    before: Before,
    text: Text,
    /// The string that is read, if it is a key, with its quotes and cut.
    key: Vec<u8>,
    is_key: bool,
    /// The hashed field that the last key names.
    bit: u8,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            frames: Vec::new(),
            before: Before::Bracket,
            text: Text::Outside,
            key: Vec::new(),
            is_key: false,
            bit: 0,
        }
    }
}

impl Machine {
    /// Begins with the bracket at `start`.
    pub(super) fn start(&mut self, start: u64, is_object: bool) {
        self.stop();
        self.push(start, is_object);
    }

    /// Forgets everything.
    pub(super) fn stop(&mut self) {
        self.frames.clear();
        self.text = Text::Outside;
        self.bit = 0;
    }

    /// Whether a container is open.
    pub(super) fn is_alive(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Whether it stands in a string.
    pub(super) fn is_in_string(&self) -> bool {
        self.text != Text::Outside
    }

    /// Whether one of the open objects begins at or behind `from` and before `to`.
    pub(super) fn has_open_object(&self, from: u64, to: u64) -> bool {
        let objects = |before: u64| match self.frames.partition_point(|f| f.start < before) {
            0 => 0,
            n => self.frames[n - 1].objects,
        };
        objects(to) > objects(from)
    }

    fn push(&mut self, start: u64, is_object: bool) {
        let objects = self.frames.last().map_or(0, |f| f.objects) + u32::from(is_object);
        self.frames.push(Frame {
            start,
            is_object,
            mask: 0,
            objects,
        });
        self.before = Before::Bracket;
    }

    /// Reads the byte `b` at `at`. Once broken, or once the outermost container has ended, it is idle again.
    pub(super) fn feed(&mut self, b: u8, at: u64) -> Fed {
        let fed = match self.text {
            Text::Outside => self.outside(b, at),
            Text::Inside => self.inside(b),
            Text::Escape => {
                self.keep(b);
                self.text = Text::Inside;
                Fed::On
            }
        };
        if fed == Fed::Broken {
            self.stop();
        }
        fed
    }

    fn outside(&mut self, b: u8, at: u64) -> Fed {
        let Some(frame) = self.frames.last_mut() else {
            return Fed::Broken;
        };
        match b {
            b'"' if self.before.allows_string() => {
                self.is_key = frame.is_object && self.before != Before::Colon;
                self.key.clear();
                self.keep(b);
                self.text = Text::Inside;
            }
            b'{' | b'[' if self.before.allows_container(frame.is_object) => {
                if self.frames.len() >= DEPTH_LIMIT {
                    return Fed::Broken;
                }
                self.push(at, b == b'{');
            }
            b'}' | b']' if frame.is_object == (b == b'}') => {
                let ended = *frame;
                self.frames.pop();
                self.before = Before::Value;
                return match ended.is_object {
                    true => Fed::Object {
                        start: ended.start,
                        mask: ended.mask,
                    },
                    false => Fed::Array,
                };
            }
            b',' => self.before = Before::Comma,
            b':' => {
                frame.mask |= std::mem::take(&mut self.bit);
                self.before = Before::Colon;
            }
            b' ' | b'\n' | b'\t' | b'\r' => return Fed::On,
            b'"' | b'{' | b'[' | b'}' | b']' => return Fed::Broken,
            _ if self.before.allows_scalar(b) => self.before = Before::Scalar,
            _ => return Fed::Broken,
        }
        if b != b'"' {
            self.bit = 0;
        }
        Fed::On
    }

    fn inside(&mut self, b: u8) -> Fed {
        self.keep(b);
        match b {
            b'"' => {
                self.text = Text::Outside;
                self.before = Before::Value;
                self.bit = match scan_string(&self.key, 0) {
                    Ok((key, _)) if self.is_key => field_bit(key),
                    _ => 0,
                };
            }
            b'\\' => self.text = Text::Escape,
            0 | b'\n' => return Fed::Broken,
            _ => {}
        }
        Fed::On
    }

    fn keep(&mut self, b: u8) {
        if self.is_key && self.key.len() < KEY_LIMIT {
            self.key.push(b);
        }
    }
}
