//! What `json.loads` says when it refuses a text, in CPython 3.11's words.

/// A refusal, with the byte position it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) kind: Refusal,
    pub(crate) at: usize,
}

/// Why. All but [`Refusal::IntegerTooLong`] are `JSONDecodeError` in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    ExpectingValue,
    ExpectingPropertyName,
    ExpectingColon,
    ExpectingComma,
    ExtraData,
    UnterminatedString,
    InvalidControlCharacter,
    InvalidEscape,
    InvalidUnicodeEscape,
    ByteOrderMark,
    /// An integer of this many digits, more than `sys.int_info.default_max_str_digits`: a `ValueError`.
    IntegerTooLong(usize),
}

impl JsonError {
    /// Python's exception as text: class and message, with line, column and character counted as Python counts them.
    pub(crate) fn explain(&self, text: &[u8]) -> String {
        let what = match self.kind {
            Refusal::ExpectingValue => "Expecting value",
            Refusal::ExpectingPropertyName => "Expecting property name enclosed in double quotes",
            Refusal::ExpectingColon => "Expecting ':' delimiter",
            Refusal::ExpectingComma => "Expecting ',' delimiter",
            Refusal::ExtraData => "Extra data",
            Refusal::UnterminatedString => "Unterminated string starting at",
            Refusal::InvalidControlCharacter => "Invalid control character at",
            Refusal::InvalidEscape => "Invalid \\escape",
            Refusal::InvalidUnicodeEscape => "Invalid \\uXXXX escape",
            Refusal::ByteOrderMark => "Unexpected UTF-8 BOM (decode using utf-8-sig)",
            Refusal::IntegerTooLong(digits) => {
                return format!(
                    "ValueError: Exceeds the limit (4300 digits) for integer string conversion: \
                     value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
                );
            }
        };
        let before = &text[..self.at.min(text.len())];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
        let column = 1 + code_points(&before[line_start..]);
        let char = code_points(before);
        format!("JSONDecodeError: {what}: line {line} column {column} (char {char})")
    }
}

/// Code points in generalised UTF-8: every byte but the continuation bytes begins one.
fn code_points(text: &[u8]) -> usize {
    text.iter().filter(|&&b| b & 0xC0 != 0x80).count()
}
