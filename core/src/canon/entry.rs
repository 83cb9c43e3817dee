//! The canonical bytes of a whole entry: eight fields, sorted, as the reference hashes them.

use std::borrow::Cow;

use super::float::write_float;
use super::pass::Absorb;
use super::text::{write_escaped, write_plain};
use super::value::{Canonicalizer, KEPT, Noticed};
use crate::entry::{NotAnEntry, RawEntry, RawValue};
use crate::json::{JsonError, Refusal, Str, decode_bytes, decode_string, scan_string};
use crate::scheme::REFERENCE;

/// Makes the canonical bytes of entries; kept between them for its buffers.
#[derive(Debug, Default)]
pub(crate) struct EntryCanonicalizer {
    value: Canonicalizer,
    text: Vec<u8>,
}

/// What was noticed while the canonical bytes were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Canonical {
    /// Where each field's value stands, counted from the message's first byte, in the scheme's order.
    pub(crate) values: [(usize, usize); 8],
    /// The greatest depth of nested containers in a field.
    pub(crate) depth: usize,
    /// A duplicate key inside a field (generalised UTF-8).
    pub(crate) duplicate_key: Option<Vec<u8>>,
}

/// Why an entry has no canonical form: the reference would raise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// One sentence, with CPython's exception where there is one.
    pub(crate) reason: String,
}

impl Unreadable {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl EntryCanonicalizer {
    /// Appends the canonical bytes of `entry` to `out`.
    ///
    /// # Errors
    ///
    /// If a hashed field has no canonical form; `out` is then as it was.
    pub(crate) fn write(
        &mut self,
        entry: &RawEntry<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Canonical, Unreadable> {
        let start = out.len();
        let result = self.write_fields(entry, out, Canonicalizer::write);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// Hands the canonical bytes of `entry` to `absorb`, and appends them to `out` but for those of its details.
    ///
    /// # Errors
    ///
    /// As [`EntryCanonicalizer::write`]; what `absorb` was handed is then of no use.
    pub(crate) fn pass<A: Absorb>(
        &mut self,
        entry: &RawEntry<'_>,
        absorb: &mut A,
        out: &mut Vec<u8>,
    ) -> Result<Canonical, Unreadable> {
        let start = out.len();
        let mut passed = start;
        let result = self.write_fields(entry, out, |value, text, out| {
            absorb.absorb(&out[passed..]);
            passed = out.len();
            value.pass(text, absorb)
        });
        match &result {
            Ok(_) => absorb.absorb(&out[passed..]),
            Err(_) => out.truncate(start),
        }
        result
    }

    fn write_fields(
        &mut self,
        entry: &RawEntry<'_>,
        out: &mut Vec<u8>,
        mut write: impl FnMut(&mut Canonicalizer, &[u8], &mut Vec<u8>) -> Result<Noticed, JsonError>,
    ) -> Result<Canonical, Unreadable> {
        match entry.not_an_entry {
            Some(NotAnEntry::Kind(kind)) => {
                return Err(Unreadable::new(format!(
                    "this element is {kind}, not an object"
                )));
            }
            Some(NotAnEntry::Damaged(why)) => {
                return Err(Unreadable::new(format!("this is {why}")));
            }
            Some(NotAnEntry::NotJson(reason)) => {
                return Err(Unreadable::new(format!(
                    "this element is not JSON: {reason}"
                )));
            }
            None => {}
        }
        let start = out.len();
        let mut canonical = Canonical::default();
        for (i, (name, value)) in REFERENCE
            .hashed_fields
            .iter()
            .zip(&entry.fields)
            .enumerate()
        {
            out.extend_from_slice(REFERENCE.before_value[i].as_bytes());
            let from = out.len() - start;
            let noticed = if i == REFERENCE.details {
                let text = details_text(name, *value, &mut self.text)?;
                write(&mut self.value, &text, out).map_err(|e| not_json(name, e, &text))?
            } else {
                self.write_field(name, *value, out)?
            };
            canonical.values[i] = (from, out.len() - start);
            canonical.depth = canonical.depth.max(noticed.depth);
            canonical.duplicate_key = canonical.duplicate_key.or(noticed.duplicate_key);
        }
        if let RawValue::Json(token) = entry.claimed_checksum {
            self.check_claim(token)?;
        }
        out.push(b'}');
        Ok(canonical)
    }

    /// What is claimed is not hashed, but where `json.loads` refuses its text, Python has no entry at all.
    fn check_claim(&mut self, token: &[u8]) -> Result<(), Unreadable> {
        if token.first() == Some(&b'"') {
            return scan_token(REFERENCE.checksum_field, token).map(|_| ());
        }
        let mut unused = Vec::new();
        let read = self.value.write(token, &mut unused);
        read.map(|_| ())
            .map_err(|e| not_json(REFERENCE.checksum_field, e, token))
    }

    /// A field that is hashed as the value it is.
    pub(crate) fn write_field(
        &mut self,
        name: &str,
        value: RawValue<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Noticed, Unreadable> {
        match value {
            RawValue::Missing => return Err(missing(name)),
            // Of what is empty, whoever knows the claimed checksum may try the other reading.
            RawValue::Null | RawValue::Bare => out.extend_from_slice(b"null"),
            RawValue::Blank => out.extend_from_slice(b"\"\""),
            RawValue::Integer(i) => out.extend_from_slice(i.to_string().as_bytes()),
            RawValue::Real(r) => write_float(r, out),
            RawValue::Text(text) => {
                // What needs no escape is ASCII.
                if !write_plain(text, out) {
                    write_escaped(check_cell(name, text)?, out);
                }
            }
            RawValue::Blob(_) => {
                return Err(Unreadable::new(format!(
                    "`{name}` is a BLOB: TypeError: Object of type bytes is not JSON serializable"
                )));
            }
            RawValue::Json(text) => {
                return self
                    .value
                    .write(check_utf8(name, text)?, out)
                    .map_err(|e| not_json(name, e, text));
            }
        }
        Ok(Noticed::default())
    }
}

/// `details`: JSON text, to be read and written again; in a JSON container it may be the value itself. `buffer` holds it
/// where its escapes must be undone.
fn details_text<'t>(
    name: &str,
    value: RawValue<'t>,
    buffer: &'t mut Vec<u8>,
) -> Result<Cow<'t, [u8]>, Unreadable> {
    let wrong_type = |python: &str| {
        Err(Unreadable::new(format!(
            "`{name}` is not text: TypeError: the JSON object must be str, bytes or bytearray, not {python}"
        )))
    };
    let text = match value {
        RawValue::Missing => return Err(missing(name)),
        RawValue::Null | RawValue::Bare => return wrong_type("NoneType"),
        RawValue::Integer(_) => return wrong_type("int"),
        RawValue::Real(_) => return wrong_type("float"),
        RawValue::Text(text) => check_cell(name, text)?,
        RawValue::Blank => b"",
        RawValue::Json(token) if token.first() == Some(&b'"') => {
            let token = check_utf8(name, token)?;
            let string = scan_token(name, token)?;
            buffer.clear();
            if string.raw.len() > KEPT {
                buffer.reserve_exact(string.raw.len());
            } else if buffer.capacity() > KEPT {
                *buffer = Vec::new();
            }
            decode_string(string, buffer);
            buffer
        }
        RawValue::Json(text) => return check_utf8(name, text).map(Cow::Borrowed),
        RawValue::Blob(bytes) => {
            return decode_bytes(bytes).map(Cow::Owned).map_err(|e| {
                Unreadable::new(format!(
                    "`{name}` is a BLOB that is not text: UnicodeDecodeError: not {} at byte {}",
                    e.encoding, e.at
                ))
            });
        }
    };
    // `json.loads(str)` refuses a byte order mark before it reads; `json.loads(bytes)` has removed it.
    if text.starts_with("\u{FEFF}".as_bytes()) {
        return Err(not_json(
            name,
            JsonError {
                kind: Refusal::ByteOrderMark,
                at: 0,
            },
            text,
        ));
    }
    Ok(Cow::Borrowed(text))
}

fn missing(name: &str) -> Unreadable {
    Unreadable::new(format!("the field `{name}` is missing"))
}

fn scan_token<'t>(name: &str, token: &'t [u8]) -> Result<Str<'t>, Unreadable> {
    let (string, end) = scan_string(token, 0).map_err(|e| not_json(name, e, token))?;
    if end == token.len() {
        return Ok(string);
    }
    Err(not_json(
        name,
        JsonError {
            kind: Refusal::ExtraData,
            at: end,
        },
        token,
    ))
}

/// A TEXT cell as Python's `sqlite3` decodes it, or a field of a text file: strict UTF-8.
fn check_cell<'t>(name: &str, text: &'t [u8]) -> Result<&'t [u8], Unreadable> {
    // Most cells are short and ASCII, for which this test is several times quicker than the full one.
    if text.is_ascii() {
        return Ok(text);
    }
    match std::str::from_utf8(text) {
        Ok(_) => Ok(text),
        Err(e) => Err(Unreadable::new(format!(
            "`{name}` is not valid text (byte {} of the cell): Python could not decode it as UTF-8",
            e.valid_up_to()
        ))),
    }
}

/// A JSON value's text in a file: strict UTF-8.
fn check_utf8<'t>(name: &str, text: &'t [u8]) -> Result<&'t [u8], Unreadable> {
    match std::str::from_utf8(text) {
        Ok(_) => Ok(text),
        Err(e) => Err(Unreadable::new(format!(
            "`{name}` is not valid UTF-8 (byte {} of its value): UnicodeDecodeError",
            e.valid_up_to()
        ))),
    }
}

fn not_json(name: &str, error: JsonError, text: &[u8]) -> Unreadable {
    match (error.kind, text.is_empty()) {
        (_, true) => Unreadable::new(format!("`{name}` is empty: {}", error.explain(text))),
        (Refusal::IntegerTooLong(_), _) => Unreadable::new(format!(
            "`{name}` holds an integer that is too long: {}",
            error.explain(text)
        )),
        _ => {
            let looks = if is_repr(text) {
                " (it looks like Python's repr of a dict, which json.dumps would have written otherwise)"
            } else {
                ""
            };
            Unreadable::new(format!(
                "`{name}` is not JSON: {}{looks}",
                error.explain(text)
            ))
        }
    }
}

/// Whether a text begins as `repr` writes a dict with a text for its first key.
fn is_repr(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"{'")
}
