//! One element of a JSON log, as a raw entry.

use std::ops::ControlFlow;

use super::extent::{self, Extent};
use crate::entry::{NotAnEntry, Place, RawEntry, RawValue};
use crate::json::{Ignore, Reader, Str, decode_string, scan_string};
use crate::scheme::{REFERENCE, field_index};

/// All eight hashed fields, as the mask that [`hashed_fields`] returns.
pub(super) const ALL_FIELDS: u8 = 0xFF;

/// Hands the element `text` (one JSON value, or a line that should be one) to `sink`.
pub(super) fn raw_entry(
    text: &[u8],
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    object(text, place, sink).unwrap_or_else(|| no_object(text, place, sink))
}

fn blank(place: Place) -> RawEntry<'static> {
    RawEntry {
        fields: [RawValue::Missing; 8],
        claimed_checksum: RawValue::Missing,
        extras: &[],
        place,
        not_an_entry: None,
        duplicate_key: None,
    }
}

/// Hands on a text that is no object as an entry that cannot be read, with the reason.
pub(super) fn no_object(
    text: &[u8],
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let reason = match Reader::default().read(text, &mut Ignore) {
        Ok(_) => {
            return sink(RawEntry {
                not_an_entry: Some(NotAnEntry::Kind(kind(text))),
                ..blank(place)
            });
        }
        Err(e) => e.explain(text),
    };
    sink(RawEntry {
        not_an_entry: Some(NotAnEntry::NotJson(&reason)),
        ..blank(place)
    })
}

/// Hands on a text that is one object, as far as its outermost structure shows; `None` if it is not.
pub(super) fn object(
    text: &[u8],
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> Option<ControlFlow<()>> {
    let members = Members::of(text)?;
    let mut entry = blank(place);
    let mut extra_spans: Vec<(&str, RawValue<'_>)> = Vec::new();
    let mut decoded_names: Vec<(String, RawValue<'_>)> = Vec::new();
    let mut duplicate = None;
    for (key, value) in members {
        let mut name = Vec::new();
        let plain: &[u8] = if key.is_plain {
            key.raw
        } else {
            decode_string(key, &mut name);
            &name
        };
        let slot = match field_index(plain) {
            Some(i) => Some(&mut entry.fields[i]),
            None if plain == REFERENCE.checksum_field.as_bytes() => {
                Some(&mut entry.claimed_checksum)
            }
            None => None,
        };
        if let Some(slot) = slot {
            if *slot != RawValue::Missing && duplicate.is_none() {
                duplicate = Some(String::from_utf8_lossy(plain).into_owned());
            }
            *slot = RawValue::Json(value);
        } else if let (true, Ok(name)) = (key.is_plain, std::str::from_utf8(key.raw)) {
            extra_spans.push((name, RawValue::Json(value)));
        } else {
            decoded_names.push((
                String::from_utf8_lossy(plain).into_owned(),
                RawValue::Json(value),
            ));
        }
    }
    extra_spans.extend(decoded_names.iter().map(|(n, v)| (n.as_str(), *v)));
    if duplicate.is_none() && extra_spans.len() > 1 {
        let mut names: Vec<_> = extra_spans.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        duplicate = twice.map(|pair| pair[0].to_owned());
    }
    entry.extras = &extra_spans;
    entry.duplicate_key = duplicate.as_deref();
    Some(sink(entry))
}

/// Which hashed fields an object has, as a bit mask in the scheme's order; `None` if the text is no object.
pub(super) fn hashed_fields(text: &[u8]) -> Option<u8> {
    fields(text).map(|(mask, _)| mask)
}

/// The same, and which of the fields hold an object or an array.
pub(super) fn fields(text: &[u8]) -> Option<(u8, u8)> {
    Some(
        Members::of(text)?.fold((0, 0), |(mask, containers), (key, value)| {
            let bit = field_bit(key);
            let is_container = matches!(value.first(), Some(b'{' | b'['));
            (mask | bit, containers | if is_container { bit } else { 0 })
        }),
    )
}

/// The bit of the hashed field that `key` names, or 0.
pub(super) fn field_bit(key: Str<'_>) -> u8 {
    let index = if key.is_plain {
        field_index(key.raw)
    } else {
        let mut name = Vec::new();
        decode_string(key, &mut name);
        field_index(&name)
    };
    index.map_or(0, |i| 1 << i)
}

/// The members of an object: keys checked, values known by their extent only.
struct Members<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Members<'t> {
    /// `None` unless `text` is one whole object, as far as its outermost structure shows.
    fn of(text: &'t [u8]) -> Option<Self> {
        let start = skip_whitespace(text, 0);
        if text.get(start) != Some(&b'{') {
            return None;
        }
        let at = skip_whitespace(text, start + 1);
        // A trial run makes sure that the iterator ends at the object's end, not at an error.
        let mut trial = Self { text, at };
        if text.get(at) == Some(&b'}') {
            trial.at = at;
        } else {
            while trial.next().is_some() {}
        }
        let closed = text.get(trial.at) == Some(&b'}');
        (closed && skip_whitespace(text, trial.at + 1) == text.len()).then_some(Self { text, at })
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = (Str<'t>, &'t [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.get(self.at) != Some(&b'"') {
            return None;
        }
        let (key, end) = scan_string(self.text, self.at).ok()?;
        let colon = skip_whitespace(self.text, end);
        if self.text.get(colon) != Some(&b':') {
            return None;
        }
        let start = skip_whitespace(self.text, colon + 1);
        let Extent::Complete(end) = extent::value(self.text, start) else {
            return None;
        };
        let value = &self.text[start..end];
        let after = skip_whitespace(self.text, end);
        match self.text.get(after) {
            Some(b',') => {
                let next = skip_whitespace(self.text, after + 1);
                // A comma must be followed by a key: otherwise stop on the comma, which is no closing bracket.
                self.at = if self.text.get(next) == Some(&b'"') {
                    next
                } else {
                    after
                };
            }
            Some(b'}') => self.at = after,
            _ => return None,
        }
        Some((key, value))
    }
}

fn skip_whitespace(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// What a JSON value is, for people.
fn kind(text: &[u8]) -> &'static str {
    match text.get(skip_whitespace(text, 0)) {
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "true or false",
        _ => "a number",
    }
}
