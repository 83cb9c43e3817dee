//! Raw entries copied out of their container, so that the next ones can be read while these are made canonical.

use std::ops::Range;

use crate::canon::Canonicalizer;
use crate::entry::{NotAnEntry, Place, RawEntry, RawValue};
use crate::ingest::Note;
use crate::scheme::REFERENCE;

use super::long::Long;

mod packed;

/// A range of the arena.
type Span = (usize, usize);

/// Some raw entries, and what their container noted while they were read.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    arena: Vec<u8>,
    entries: Vec<Stored>,
    pub(crate) notes: Vec<Note>,
    value: Canonicalizer,
}

#[derive(Clone, Copy, Debug)]
enum StoredValue {
    Missing,
    Null,
    Blank,
    Bare,
    Integer(i64),
    Real(f64),
    Text(Span),
    Blob(Span),
    Json(Span),
}

#[derive(Debug)]
struct Stored {
    part: usize,
    fields: [StoredValue; 8],
    claimed_checksum: StoredValue,
    place: Place,
    not_an_entry: Option<StoredReason>,
    duplicate_key: Option<Span>,
    bad_extra: Option<Span>,
    /// Set where the details are long: then they are not here.
    long: Option<Box<Long>>,
}

#[derive(Clone, Copy, Debug)]
enum StoredReason {
    Kind(&'static str),
    Damaged(&'static str),
    NotJson(Span),
}

/// An entry as it was collected.
pub(crate) struct Entry<'a> {
    pub(crate) part: usize,
    /// Without its uncovered fields, of which only what follows was kept.
    pub(crate) raw: RawEntry<'a>,
    /// The first uncovered field whose value cannot be read.
    pub(crate) bad_extra: Option<&'a str>,
    /// What was found where the details are long and were not kept.
    pub(super) long: Option<&'a Long>,
}

impl Collected {
    pub(crate) fn clear(&mut self) {
        self.arena.clear();
        self.entries.clear();
        self.notes.clear();
        if self.arena.capacity() > 16 << 20 {
            self.arena.shrink_to(2 << 20);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Copies an entry of the container's part `part`.
    pub(crate) fn push(&mut self, part: usize, raw: &RawEntry<'_>) {
        let (bad_extra, duplicate) = self.look_at_extras(raw);
        let duplicate_key = raw.duplicate_key.or(duplicate.as_deref());
        let long = Long::of(raw);
        let mut fields = raw.fields;
        if long.is_some() {
            fields[REFERENCE.details] = RawValue::Missing;
        }
        let stored = Stored {
            part,
            fields: fields.map(|value| self.store(value)),
            claimed_checksum: self.store(raw.claimed_checksum),
            place: raw.place,
            not_an_entry: raw.not_an_entry.map(|reason| match reason {
                NotAnEntry::Kind(kind) => StoredReason::Kind(kind),
                NotAnEntry::Damaged(why) => StoredReason::Damaged(why),
                NotAnEntry::NotJson(why) => StoredReason::NotJson(self.copy(why.as_bytes())),
            }),
            duplicate_key: duplicate_key.map(|key| self.copy(key.as_bytes())),
            bad_extra: bad_extra.map(|name| self.copy(name.as_bytes())),
            long,
        };
        self.entries.push(stored);
    }

    /// The entries of a range of places, which must lie within them.
    pub(crate) fn entries(&self, range: Range<usize>) -> impl Iterator<Item = Entry<'_>> {
        self.entries[range].iter().map(|stored| Entry {
            part: stored.part,
            raw: RawEntry {
                fields: stored.fields.map(|value| self.load(value)),
                claimed_checksum: self.load(stored.claimed_checksum),
                extras: &[],
                place: stored.place,
                not_an_entry: stored.not_an_entry.map(|reason| match reason {
                    StoredReason::Kind(kind) => NotAnEntry::Kind(kind),
                    StoredReason::Damaged(why) => NotAnEntry::Damaged(why),
                    StoredReason::NotJson(why) => NotAnEntry::NotJson(self.text(why)),
                }),
                duplicate_key: stored.duplicate_key.map(|key| self.text(key)),
            },
            bad_extra: stored.bad_extra.map(|name| self.text(name)),
            long: stored.long.as_deref(),
        })
    }

    /// Makes one of the entries what it would be with long details.
    #[cfg(test)]
    pub(super) fn make_long(&mut self, i: usize, long: Long) {
        self.entries[i].fields[REFERENCE.details] = StoredValue::Missing;
        self.entries[i].long = Some(Box::new(long));
    }

    fn copy(&mut self, bytes: &[u8]) -> Span {
        let from = self.arena.len();
        self.arena.extend_from_slice(bytes);
        (from, self.arena.len())
    }

    fn store(&mut self, value: RawValue<'_>) -> StoredValue {
        match value {
            RawValue::Missing => StoredValue::Missing,
            RawValue::Null => StoredValue::Null,
            RawValue::Blank => StoredValue::Blank,
            RawValue::Bare => StoredValue::Bare,
            RawValue::Integer(i) => StoredValue::Integer(i),
            RawValue::Real(r) => StoredValue::Real(r),
            RawValue::Text(text) => StoredValue::Text(self.copy(text)),
            RawValue::Blob(bytes) => StoredValue::Blob(self.copy(bytes)),
            RawValue::Json(token) => StoredValue::Json(self.copy(token)),
        }
    }

    fn load(&self, value: StoredValue) -> RawValue<'_> {
        let bytes = |(from, to): Span| &self.arena[from..to];
        match value {
            StoredValue::Missing => RawValue::Missing,
            StoredValue::Null => RawValue::Null,
            StoredValue::Blank => RawValue::Blank,
            StoredValue::Bare => RawValue::Bare,
            StoredValue::Integer(i) => RawValue::Integer(i),
            StoredValue::Real(r) => RawValue::Real(r),
            StoredValue::Text(span) => RawValue::Text(bytes(span)),
            StoredValue::Blob(span) => RawValue::Blob(bytes(span)),
            StoredValue::Json(span) => RawValue::Json(bytes(span)),
        }
    }

    /// Spans that were copied from a `str` are one again.
    fn text(&self, (from, to): Span) -> &str {
        std::str::from_utf8(&self.arena[from..to]).unwrap_or("")
    }

    /// Looks at the uncovered fields: the first that cannot be read, and a key that occurs twice inside one.
    fn look_at_extras<'a>(&mut self, raw: &RawEntry<'a>) -> (Option<&'a str>, Option<String>) {
        let (mut bad, mut duplicate) = (None, None);
        for (name, value) in raw.extras {
            let is_bad = match value {
                RawValue::Text(text) => !text.is_ascii() && std::str::from_utf8(text).is_err(),
                RawValue::Json(token) => match self.value.pass(token, &mut ()) {
                    Ok(noticed) => {
                        let key = noticed.duplicate_key.as_deref();
                        duplicate =
                            duplicate.or(key.map(|k| String::from_utf8_lossy(k).into_owned()));
                        std::str::from_utf8(token).is_err()
                    }
                    Err(_) => true,
                },
                _ => false,
            };
            if is_bad {
                bad = bad.or(Some(*name));
            }
        }
        (bad, duplicate)
    }
}
