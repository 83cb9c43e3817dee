//! The reader: CPython's `_json` scanner as a loop with a stack of one byte per open container.

use super::error::{JsonError, Refusal};
use super::string::{Str, scan_string};

/// Digits of an integer beyond which CPython raises `ValueError` (`sys.int_info.default_max_str_digits`; the sign does
/// not count). Floats have no such limit.
const INT_MAX_STR_DIGITS: usize = 4300;

/// What the reader tells, in document order. Tokens are slices of the text, already checked.
pub(crate) trait Sink {
    /// `null`.
    fn null(&mut self);
    /// `true` or `false`.
    fn boolean(&mut self, value: bool);
    /// A number without fraction and exponent: a Python `int`.
    fn integer(&mut self, token: &[u8]);
    /// A number with fraction or exponent: a Python `float`.
    fn float(&mut self, token: &[u8]);
    /// `NaN`, `Infinity` or `-Infinity`: a Python `float` too.
    fn constant(&mut self, token: &'static str);
    /// A string value.
    fn string(&mut self, string: Str<'_>);
    /// `[`.
    fn begin_array(&mut self);
    /// `]`.
    fn end_array(&mut self);
    /// `{`.
    fn begin_object(&mut self);
    /// A member's key; its value follows.
    fn key(&mut self, key: Str<'_>);
    /// `}`.
    fn end_object(&mut self);
}

/// A sink that only wants to know whether the text is JSON.
pub(crate) struct Ignore;

impl Sink for Ignore {
    fn null(&mut self) {}
    fn boolean(&mut self, _: bool) {}
    fn integer(&mut self, _: &[u8]) {}
    fn float(&mut self, _: &[u8]) {}
    fn constant(&mut self, _: &'static str) {}
    fn string(&mut self, _: Str<'_>) {}
    fn begin_array(&mut self) {}
    fn end_array(&mut self) {}
    fn begin_object(&mut self) {}
    fn key(&mut self, _: Str<'_>) {}
    fn end_object(&mut self) {}
}

/// Reads JSON texts; kept between them for its stack.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    stack: Vec<Container>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

impl Reader {
    /// Reads one text, all of it, and returns the greatest depth of nested containers.
    ///
    /// # Errors
    ///
    /// Where `json.loads` raises `JSONDecodeError` or `ValueError`; never for depth, which only Python's stack limits.
    pub(crate) fn read<S: Sink>(&mut self, text: &[u8], sink: &mut S) -> Result<usize, JsonError> {
        self.stack.clear();
        let mut deepest = 0;
        let mut at = skip_whitespace(text, 0);
        'value: loop {
            match text.get(at) {
                Some(b'"') => {
                    let (string, end) = scan_string(text, at)?;
                    sink.string(string);
                    at = end;
                }
                Some(b'{') => {
                    self.stack.push(Container::Object);
                    deepest = deepest.max(self.stack.len());
                    sink.begin_object();
                    at = skip_whitespace(text, at + 1);
                    if text.get(at) != Some(&b'}') {
                        at = read_key(text, at, sink)?;
                        continue 'value;
                    }
                }
                Some(b'[') => {
                    self.stack.push(Container::Array);
                    deepest = deepest.max(self.stack.len());
                    sink.begin_array();
                    at = skip_whitespace(text, at + 1);
                    if text.get(at) != Some(&b']') {
                        continue 'value;
                    }
                }
                Some(b'-' | b'0'..=b'9' | b'n' | b't' | b'f' | b'N' | b'I') => {
                    at = read_word_or_number(text, at, sink)?;
                }
                _ => {
                    return Err(JsonError {
                        kind: Refusal::ExpectingValue,
                        at,
                    });
                }
            }
            loop {
                at = skip_whitespace(text, at);
                let close = match self.stack.last() {
                    None if at == text.len() => return Ok(deepest),
                    None => {
                        return Err(JsonError {
                            kind: Refusal::ExtraData,
                            at,
                        });
                    }
                    Some(Container::Array) => b']',
                    Some(Container::Object) => b'}',
                };
                match text.get(at) {
                    Some(b',') => {
                        at = skip_whitespace(text, at + 1);
                        if close == b'}' {
                            at = read_key(text, at, sink)?;
                        }
                        continue 'value;
                    }
                    Some(&b) if b == close => {
                        self.stack.pop();
                        if close == b'}' {
                            sink.end_object();
                        } else {
                            sink.end_array();
                        }
                        at += 1;
                    }
                    _ => {
                        return Err(JsonError {
                            kind: Refusal::ExpectingComma,
                            at,
                        });
                    }
                }
            }
        }
    }
}

/// JSON's own four whitespace characters; CPython's reader knows no other.
#[inline]
fn skip_whitespace(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// Reads `"key" :` and returns where its value must begin.
fn read_key<S: Sink>(text: &[u8], at: usize, sink: &mut S) -> Result<usize, JsonError> {
    if text.get(at) != Some(&b'"') {
        return Err(JsonError {
            kind: Refusal::ExpectingPropertyName,
            at,
        });
    }
    let (key, end) = scan_string(text, at)?;
    sink.key(key);
    let at = skip_whitespace(text, end);
    if text.get(at) != Some(&b':') {
        return Err(JsonError {
            kind: Refusal::ExpectingColon,
            at,
        });
    }
    Ok(skip_whitespace(text, at + 1))
}

fn read_word_or_number<S: Sink>(text: &[u8], at: usize, sink: &mut S) -> Result<usize, JsonError> {
    let rest = &text[at..];
    let word = match rest[0] {
        b'n' if rest.starts_with(b"null") => {
            sink.null();
            4
        }
        b't' if rest.starts_with(b"true") => {
            sink.boolean(true);
            4
        }
        b'f' if rest.starts_with(b"false") => {
            sink.boolean(false);
            5
        }
        b'N' if rest.starts_with(b"NaN") => {
            sink.constant("NaN");
            3
        }
        b'I' if rest.starts_with(b"Infinity") => {
            sink.constant("Infinity");
            8
        }
        b'-' if rest.starts_with(b"-Infinity") => {
            sink.constant("-Infinity");
            9
        }
        b'-' | b'0'..=b'9' => return read_number(text, at, sink),
        _ => {
            return Err(JsonError {
                kind: Refusal::ExpectingValue,
                at,
            });
        }
    };
    Ok(at + word)
}

/// `_match_number_unicode`: the longest prefix that is a number; what follows is somebody else's error.
fn read_number<S: Sink>(text: &[u8], start: usize, sink: &mut S) -> Result<usize, JsonError> {
    let digits_from = start + usize::from(text[start] == b'-');
    let mut at = match text.get(digits_from) {
        Some(b'0') => digits_from + 1,
        Some(b'1'..=b'9') => skip_digits(text, digits_from + 1),
        _ => {
            return Err(JsonError {
                kind: Refusal::ExpectingValue,
                at: start,
            });
        }
    };
    let integer_end = at;
    if text.get(at) == Some(&b'.') && matches!(text.get(at + 1), Some(b'0'..=b'9')) {
        at = skip_digits(text, at + 2);
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = at + 1 + sign;
        let end = skip_digits(text, exponent);
        if end > exponent {
            at = end;
        }
    }
    let token = &text[start..at];
    if at > integer_end {
        sink.float(token);
    } else {
        let digits = integer_end - digits_from;
        if digits > INT_MAX_STR_DIGITS {
            return Err(JsonError {
                kind: Refusal::IntegerTooLong(digits),
                at: start,
            });
        }
        sink.integer(token);
    }
    Ok(at)
}

fn skip_digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}
