//! The checksum that an entry claims, and what is odd about it.

use crate::canon::{Canonicalizer, write_string};
use crate::digest::{Sha256Digest, hex};
use crate::entry::RawValue;
use crate::json::{decode_string, scan_string};
use crate::scheme::REFERENCE;

/// What stands where the checksum should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nothing, null, or what cannot be told from it.
    Absent,
    /// Text: a range of the arena that it was written to (generalised UTF-8, or whatever bytes the cell holds).
    Text(usize, usize),
    /// A value that is no text and so can equal no checksum: what it is.
    NotText(&'static str),
}

impl Claim {
    /// Reads a claim, writing its text to `arena`.
    pub(crate) fn read(value: RawValue<'_>, arena: &mut Vec<u8>) -> Self {
        let from = arena.len();
        match value {
            RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Bare => {
                return Self::Absent;
            }
            RawValue::Integer(_) => return Self::NotText("an integer"),
            RawValue::Real(_) => return Self::NotText("a floating-point number"),
            RawValue::Blob(_) => return Self::NotText("a BLOB"),
            RawValue::Text(text) => arena.extend_from_slice(text),
            RawValue::Json(b"null") => return Self::Absent,
            RawValue::Json(token) => match (token.first(), scan_string(token, 0)) {
                (Some(b'"'), Ok((string, _))) => decode_string(string, arena),
                (Some(b'"'), Err(_)) => return Self::NotText("a broken string"),
                (Some(b'{'), _) => return Self::NotText("an object"),
                (Some(b'['), _) => return Self::NotText("an array"),
                (Some(b't' | b'f'), _) => return Self::NotText("true or false"),
                _ => return Self::NotText("a number"),
            },
        }
        Self::Text(from, arena.len())
    }
}

/// An oddity of a claimed checksum that does not match: a finding's code and message.
pub(crate) fn oddity(
    claimed: &[u8],
    digest: Option<&Sha256Digest>,
) -> Option<(&'static str, String)> {
    let digits = REFERENCE.checksum_digits;
    let recomputed = digest.map(|d| hex(d, digits));
    let same = |text: &[u8]| {
        recomputed
            .as_ref()
            .is_some_and(|r| text.eq_ignore_ascii_case(r.as_bytes()))
    };
    let trimmed = claimed.trim_ascii();
    if claimed.len() == digits && claimed.iter().all(u8::is_ascii_hexdigit) {
        let is_upper = claimed.iter().any(u8::is_ascii_uppercase);
        return is_upper.then(|| {
            let note = if same(claimed) {
                "in lower case it would match"
            } else {
                "in lower case it would not match either"
            };
            (
                "checksum-uppercase",
                format!("the checksum is in upper case; {note}"),
            )
        });
    }
    if trimmed.len() != claimed.len() && trimmed.len() == digits {
        let note = if same(trimmed) {
            "without them it would match"
        } else {
            "without them it would not match either"
        };
        return Some((
            "checksum-whitespace",
            format!("the checksum has blanks around it; {note}"),
        ));
    }
    if claimed.len() == 64 && claimed.iter().all(u8::is_ascii_hexdigit) {
        let full = digest.is_some_and(|d| claimed.eq_ignore_ascii_case(hex(d, 64).as_bytes()));
        let note = if full {
            "it is the whole SHA-256 of this entry, not its first 16 digits"
        } else {
            "it is not the SHA-256 of this entry"
        };
        return Some((
            "checksum-full-length",
            format!("the checksum has 64 digits; {note}"),
        ));
    }
    let what = if claimed.is_empty() {
        "the checksum is empty text".to_owned()
    } else {
        format!(
            "the checksum is not {digits} lower-case hex digits ({} bytes)",
            claimed.len()
        )
    };
    Some(("checksum-malformed", what))
}

/// Appends `value` as a JSON value for a report; what JSON cannot say (bytes, broken text) becomes a string.
pub(crate) fn write_json(
    value: RawValue<'_>,
    canonicalizer: &mut Canonicalizer,
    out: &mut Vec<u8>,
) {
    match value {
        RawValue::Missing | RawValue::Null | RawValue::Bare => out.extend_from_slice(b"null"),
        RawValue::Blank => out.extend_from_slice(b"\"\""),
        RawValue::Integer(i) => out.extend_from_slice(i.to_string().as_bytes()),
        RawValue::Real(r) if r.is_finite() => crate::canon::write_float(r, out),
        RawValue::Real(r) => write_string(r.to_string().as_bytes(), out),
        RawValue::Text(text) => write_string(String::from_utf8_lossy(text).as_bytes(), out),
        RawValue::Blob(bytes) => {
            let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            write_string(format!("x'{digits}'").as_bytes(), out);
        }
        RawValue::Json(token) => {
            let is_utf8 = std::str::from_utf8(token).is_ok();
            if token.first() == Some(&b'"')
                && let Ok((string, _)) = scan_string(token, 0)
            {
                let mut text = Vec::new();
                decode_string(string, &mut text);
                if !is_utf8 {
                    text = String::from_utf8_lossy(&text).into_owned().into_bytes();
                }
                return write_string(&text, out);
            }
            let from = out.len();
            let is_json = is_utf8 && canonicalizer.write(token, out).is_ok();
            // NaN and Infinity are JSON to Python only: strict readers of a report would stumble.
            let is_strict = memchr::memmem::find(&out[from..], b"NaN").is_none()
                && memchr::memmem::find(&out[from..], b"Infinity").is_none();
            if !is_json || !is_strict {
                out.truncate(from);
                write_string(String::from_utf8_lossy(token).as_bytes(), out);
            }
        }
    }
}
