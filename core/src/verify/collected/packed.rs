//! A chunk of raw entries as bytes.

use super::{Collected, Stored, StoredValue};
use crate::entry::Place;
use crate::verify::wire::{Reader, Spans, put, put_len};

const MISSING: u8 = 0;
const NULL: u8 = 1;
const INTEGER: u8 = 2;
const REAL: u8 = 3;
const TEXT: u8 = 4;
const BLOB: u8 = 5;
const JSON: u8 = 6;

impl Collected {
    /// The entries as bytes; `None` if one of them is odd in a way that has no such form: it is best looked at here.
    pub(crate) fn pack(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(self.arena.len() + self.entries.len() * 80 + 16);
        put_len(&mut out, self.arena.len())?;
        out.extend_from_slice(&self.arena);
        put_len(&mut out, self.entries.len())?;
        // The values of an entry follow one another in the arena, so that their lengths tell where they lie.
        let mut spans = Spans::of(self.arena.len());
        for stored in &self.entries {
            let is_odd = stored.not_an_entry.is_some()
                || stored.duplicate_key.is_some()
                || stored.bad_extra.is_some()
                || stored.long.is_some();
            if is_odd {
                return None;
            }
            put_len(&mut out, stored.part)?;
            put(&mut out, stored.place.key);
            put(&mut out, stored.place.line);
            for value in stored.fields.iter().chain([&stored.claimed_checksum]) {
                let (tag, span) = match *value {
                    StoredValue::Missing => (MISSING, None),
                    StoredValue::Null => (NULL, None),
                    StoredValue::Blank | StoredValue::Bare => return None,
                    StoredValue::Integer(i) => {
                        out.push(INTEGER);
                        put(&mut out, i.cast_unsigned());
                        continue;
                    }
                    StoredValue::Real(r) => {
                        out.push(REAL);
                        put(&mut out, r.to_bits());
                        continue;
                    }
                    StoredValue::Text(span) => (TEXT, Some(span)),
                    StoredValue::Blob(span) => (BLOB, Some(span)),
                    StoredValue::Json(span) => (JSON, Some(span)),
                };
                out.push(tag);
                if let Some((from, to)) = span {
                    put_len(&mut out, to - from)?;
                    debug_assert_eq!(spans.next(to - from), Some((from, to)));
                }
            }
        }
        Some(out)
    }

    /// What [`Collected::pack`] gave.
    pub(crate) fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let arena_len = reader.len()?;
        let mut chunk = Self {
            arena: reader.bytes(arena_len)?.to_vec(),
            ..Self::default()
        };
        let mut spans = Spans::of(arena_len);
        for _ in 0..reader.len()? {
            let part = reader.len()?;
            let place = Place {
                key: reader.number()?,
                line: reader.number()?,
            };
            let mut values = [StoredValue::Missing; 9];
            for value in &mut values {
                *value = match reader.byte()? {
                    MISSING => StoredValue::Missing,
                    NULL => StoredValue::Null,
                    INTEGER => StoredValue::Integer(reader.number()?.cast_signed()),
                    REAL => StoredValue::Real(f64::from_bits(reader.number()?)),
                    TEXT => StoredValue::Text(spans.next(reader.len()?)?),
                    BLOB => StoredValue::Blob(spans.next(reader.len()?)?),
                    JSON => StoredValue::Json(spans.next(reader.len()?)?),
                    _ => return None,
                };
            }
            let [fields @ .., claimed_checksum] = values;
            chunk.entries.push(Stored {
                part,
                fields,
                claimed_checksum,
                place,
                not_an_entry: None,
                duplicate_key: None,
                bad_extra: None,
                long: None,
            });
        }
        Some(chunk)
    }
}
