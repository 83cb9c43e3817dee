//! Strings: finding their end, and undoing their escapes.

use super::error::{JsonError, Refusal};

/// A checked string token without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Str<'a> {
    /// The characters between the quotes, escapes still in place.
    pub(crate) raw: &'a [u8],
    /// Whether `raw` is printable ASCII without escapes: then Python writes it back as it stands.
    pub(crate) is_plain: bool,
}

/// Scans the string whose opening quote is at `start`; returns it and the position after its closing quote.
pub(crate) fn scan_string(text: &[u8], start: usize) -> Result<(Str<'_>, usize), JsonError> {
    let mut at = start + 1;
    let mut is_plain = true;
    loop {
        at = skip_plain(text, at);
        let error = |kind, at| Err(JsonError { kind, at });
        match text.get(at) {
            None => return error(Refusal::UnterminatedString, start),
            Some(b'"') => {
                return Ok((
                    Str {
                        raw: &text[start + 1..at],
                        is_plain,
                    },
                    at + 1,
                ));
            }
            Some(0x00..=0x1F) => return error(Refusal::InvalidControlCharacter, at),
            Some(b'\\') => {
                is_plain = false;
                match text.get(at + 1) {
                    None => return error(Refusal::UnterminatedString, start),
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                    Some(b'u') => {
                        // CPython asks for a character after the four digits too, before it looks at them.
                        let is_hex = text
                            .get(at + 2..at + 6)
                            .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit));
                        if !is_hex || at + 6 >= text.len() {
                            return error(Refusal::InvalidUnicodeEscape, at + 1);
                        }
                        at += 6;
                    }
                    Some(_) => return error(Refusal::InvalidEscape, at),
                }
            }
            Some(_) => {
                // DEL or the first byte of a character beyond ASCII.
                is_plain = false;
                at += 1;
            }
        }
    }
}

/// Skips bytes that are printable ASCII and neither quote nor backslash, eight at a time.
#[inline]
pub(crate) fn skip_plain(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The classic zero-byte test; exact for the *lowest* flagged byte, which is the one that is used.
    let has_zero = |v: u64| v.wrapping_sub(ONES) & !v & HIGH;
    while let Some(chunk) = text.get(at..at + 8) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(chunk);
        let v = u64::from_le_bytes(bytes);
        let below_space = v.wrapping_sub(ONES * 0x20) & !v & HIGH;
        let stop = (v & HIGH)
            | below_space
            | has_zero(v ^ (ONES * u64::from(b'"')))
            | has_zero(v ^ (ONES * u64::from(b'\\')))
            | has_zero(v ^ (ONES * 0x7F));
        if stop != 0 {
            return at + stop.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(&b) = text.get(at) {
        if !matches!(b, 0x20..=0x7E) || b == b'"' || b == b'\\' {
            break;
        }
        at += 1;
    }
    at
}

/// Appends the string's characters, escapes undone, as generalised UTF-8.
///
/// As in CPython, a high surrogate's escape joins the low one's that follows it *immediately as an escape*; any other
/// surrogate stays alone.
pub(crate) fn decode_string(string: Str<'_>, out: &mut Vec<u8>) {
    if string.is_plain {
        out.extend_from_slice(string.raw);
        return;
    }
    let raw = string.raw;
    let mut at = 0;
    while at < raw.len() {
        let run = memchr::memchr(b'\\', &raw[at..]).map_or(raw.len(), |i| at + i);
        out.extend_from_slice(&raw[at..run]);
        let Some(&escape) = raw.get(run + 1) else {
            return;
        };
        at = run + 2;
        match escape {
            b'b' => out.push(0x08),
            b'f' => out.push(0x0C),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let mut code = hex4(&raw[at..]);
                at += 4;
                if (0xD800..0xDC00).contains(&code) && raw[at..].starts_with(b"\\u") {
                    let low = hex4(&raw[at + 2..]);
                    if (0xDC00..0xE000).contains(&low) {
                        code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                        at += 6;
                    }
                }
                encode_code_point(code, out);
            }
            itself => out.push(itself),
        }
    }
}

/// Four hex digits, already checked.
fn hex4(digits: &[u8]) -> u32 {
    digits
        .iter()
        .take(4)
        .fold(0, |n, &d| n << 4 | (d as char).to_digit(16).unwrap_or(0))
}

/// Appends one code point, surrogates included, as generalised UTF-8.
#[expect(
    clippy::cast_possible_truncation,
    reason = "each byte is masked to its bits"
)]
pub(crate) fn encode_code_point(code: u32, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend([0xC0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xE0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xF0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}
