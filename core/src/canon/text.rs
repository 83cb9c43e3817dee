//! Strings as `json.dumps(ensure_ascii=True)` writes them: ASCII, short escapes, lower-case `\uxxxx`.

use crate::json::Str;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` (generalised UTF-8) as a quoted JSON string.
pub(crate) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    if !write_plain(text, out) {
        write_escaped(text, out);
    }
}

/// The same, only for a text that needs no escape, as most do; false, and nothing appended, for any other.
#[inline]
pub(crate) fn write_plain(text: &[u8], out: &mut Vec<u8>) -> bool {
    let is_plain = crate::json::skip_plain(text, 0) == text.len();
    if is_plain {
        out.reserve(text.len() + 2);
        out.push(b'"');
        out.extend_from_slice(text);
        out.push(b'"');
    }
    is_plain
}

/// The same for a text in which something does need one.
pub(crate) fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut at = 0;
    while at < text.len() {
        at = write_run(text, at, out);
        let Some(&b) = text.get(at) else { break };
        at += if b < 0x80 {
            write_ascii(b, out);
            1
        } else {
            write_character(&text[at..], out)
        };
    }
    out.push(b'"');
}

/// Appends a string token, re-escaping it.
pub(crate) fn write_token(string: Str<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    write_part(string, 0, string.raw.len(), out);
    out.push(b'"');
}

/// Appends the characters of a string token from `at` on, which no escape and no character may span, up to about `to`;
/// returns where it stopped.
pub(super) fn write_part(string: Str<'_>, mut at: usize, to: usize, out: &mut Vec<u8>) -> usize {
    let raw = string.raw;
    if string.is_plain {
        out.extend_from_slice(&raw[at..to]);
        return to;
    }
    while at < to {
        at = write_run(&raw[..to], at, out);
        let Some(&b) = raw[..to].get(at) else { break };
        at += match b {
            b'\\' => write_escape(&raw[at..], out),
            0x00..0x80 => {
                write_ascii(b, out);
                1
            }
            _ => write_character(&raw[at..], out),
        };
    }
    at
}

/// Copies what needs no escape and returns where that ends.
#[inline]
fn write_run(text: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let end = crate::json::skip_plain(text, at);
    out.extend_from_slice(&text[at..end]);
    end
}

fn write_ascii(b: u8, out: &mut Vec<u8>) {
    match b {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0C => out.extend_from_slice(b"\\f"),
        0x20..=0x7E => out.push(b),
        _ => write_unit(u32::from(b), out),
    }
}

/// Re-writes one checked escape sequence; returns its length.
fn write_escape(raw: &[u8], out: &mut Vec<u8>) -> usize {
    match raw.get(1) {
        Some(b'u') => {
            let unit = raw[2..]
                .iter()
                .take(4)
                .fold(0, |n, &d| n << 4 | (d as char).to_digit(16).unwrap_or(0));
            // Two escapes of a surrogate pair are written as the same two escapes.
            if let Ok(ascii @ 0..0x80) = u8::try_from(unit) {
                write_ascii(ascii, out);
            } else {
                write_unit(unit, out);
            }
            6
        }
        Some(b'/') => {
            out.push(b'/');
            2
        }
        Some(&b) => {
            out.extend_from_slice(&[b'\\', b]);
            2
        }
        None => 1,
    }
}

/// Writes one character beyond ASCII, surrogates included; returns its length in bytes.
fn write_character(text: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = |i: usize| u32::from(text.get(i).copied().unwrap_or(0) & 0x3F);
    match text[0] {
        0xF0.. => {
            let code = u32::from(text[0] & 0x07) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3);
            let above = code.wrapping_sub(0x1_0000);
            write_unit(0xD800 | (above >> 10 & 0x3FF), out);
            write_unit(0xDC00 | (above & 0x3FF), out);
            4
        }
        0xE0.. => {
            write_unit(
                u32::from(text[0] & 0x0F) << 12 | byte(1) << 6 | byte(2),
                out,
            );
            3
        }
        first => {
            write_unit(u32::from(first & 0x1F) << 6 | byte(1), out);
            2
        }
    }
}

fn write_unit(unit: u32, out: &mut Vec<u8>) {
    let digit = |shift: u32| HEX[(unit >> shift & 0xF) as usize];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}
