//! Entries on their way from raw to judged: many canonical forms in one buffer, hashed together.

use std::ops::Range;

use crate::canon::{Canonical, Canonicalizer, EntryCanonicalizer, Unreadable};
use crate::digest::{Sha256Digest, sha256_batch};
use crate::entry::{Place, RawEntry, RawValue};
use crate::index::{Stamp, read_timestamp};
use crate::scheme::REFERENCE;

use super::blanks::{self, Blanks};
use super::claim::{Claim, write_json};
use super::collected::{Collected, Entry};
use super::long::Long;

mod packed;

/// A range of [`Batch::arena`].
pub(crate) type Span = (usize, usize);

/// An entry that waits for its digest.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) part: usize,
    pub(crate) place: Place,
    /// The canonical bytes; `None` if there are none.
    pub(crate) message: Option<Span>,
    pub(crate) claim: Claim,
    /// The entry's id as JSON text (canonical where it can be).
    pub(crate) id: Span,
    /// Whether there is an id that is not null.
    pub(crate) has_id: bool,
    /// Each hashed field as canonical JSON text, in the scheme's order; empty where it cannot be read.
    pub(crate) values: [Span; 8],
    /// What the timestamp says.
    pub(crate) stamp: Stamp,
    /// The claimed checksum as JSON text; filled only where somebody wants it.
    pub(crate) claimed_json: Span,
    /// The indices of hashed fields other than details that are NULL or null, as a bit mask.
    pub(crate) null_fields: u8,
    pub(crate) depth: usize,
    /// What few entries have, apart, so that the others stay small to move.
    pub(crate) odd: Option<Box<Odd>>,
}

/// What is wrong with an entry's own bytes.
#[derive(Debug, Default)]
pub(crate) struct Odd {
    /// Why there are no canonical bytes.
    pub(crate) unreadable: Option<Unreadable>,
    pub(crate) duplicate_key: Option<String>,
    /// An uncovered field that could not be read.
    pub(crate) bad_extra: Option<String>,
    /// Fields that are NULL or empty text, nobody knows which.
    pub(crate) blanks: Option<Blanks>,
}

/// Some entries, their canonical bytes end to end.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) arena: Vec<u8>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) digests: Vec<Sha256Digest>,
    messages: Vec<Span>,
    /// Digests that are known already, and which of the messages they are of.
    known: Vec<(usize, Sha256Digest)>,
    entry: EntryCanonicalizer,
    value: Canonicalizer,
    /// Whether `claimed_json` is to be filled.
    pub(crate) wants_claims: bool,
}

impl Batch {
    fn clear(&mut self) {
        self.arena.clear();
        self.pending.clear();
        self.digests.clear();
        self.messages.clear();
        self.known.clear();
        if self.arena.capacity() > 16 << 20 {
            self.arena.shrink_to(1 << 20);
        }
    }

    /// Makes the canonical bytes of the collected entries and hashes them.
    pub(crate) fn fill(&mut self, collected: &Collected, range: Range<usize>) {
        self.clear();
        for entry in collected.entries(range) {
            self.push(&entry);
        }
        sha256_batch(&self.arena, &self.messages, &mut self.digests);
        for (message, digest) in &self.known {
            self.digests[*message] = *digest;
        }
        self.settle_blanks();
    }

    /// Reads empty fields in the other way where only then the checksum holds.
    fn settle_blanks(&mut self) {
        let hashed = self.pending.iter_mut().filter(|p| p.message.is_some());
        for (pending, digest) in hashed.zip(&mut self.digests) {
            let (Some(message), Claim::Text(from, to)) = (pending.message, pending.claim) else {
                continue;
            };
            let Some(blanks) = pending.odd.as_mut().and_then(|odd| odd.blanks.as_mut()) else {
                continue;
            };
            let values = pending.values.map(|(a, b)| (a - message.0, b - message.0));
            let (text, claimed) = (&self.arena[message.0..message.1], &self.arena[from..to]);
            let found = blanks.settle(text, &values, digest, claimed);
            let Some((read, with_nulls)) = found else {
                continue;
            };
            *digest = with_nulls;
            pending.null_fields = pending.null_fields & !blanks.fields | blanks.nulls;
            let at = self.arena.len();
            self.arena.extend_from_slice(&read);
            pending.message = Some((at, self.arena.len()));
            for (i, value) in pending.values.iter_mut().enumerate() {
                if blanks.fields & 1 << i != 0 {
                    let from = self.arena.len();
                    self.arena.extend_from_slice(blanks::value(blanks.nulls, i));
                    *value = (from, self.arena.len());
                }
            }
            if blanks.fields & 1 << REFERENCE.entry_id != 0 {
                pending.id = pending.values[REFERENCE.entry_id];
                pending.has_id = blanks.nulls & 1 << REFERENCE.entry_id == 0;
            }
            let (from, to) = pending.values[REFERENCE.timestamp];
            pending.stamp = read_timestamp(&self.arena[from..to]);
        }
    }

    fn push(&mut self, entry: &Entry<'_>) {
        let raw = &entry.raw;
        let from = self.arena.len();
        let mut pending = Pending {
            part: entry.part,
            place: raw.place,
            message: None,
            claim: Claim::Absent,
            id: (0, 0),
            has_id: false,
            values: [(0, 0); 8],
            stamp: read_timestamp(b""),
            claimed_json: (0, 0),
            null_fields: 0,
            depth: 0,
            odd: None,
        };
        let mut odd = Odd {
            unreadable: None,
            duplicate_key: raw.duplicate_key.map(str::to_owned),
            bad_extra: entry.bad_extra.map(str::to_owned),
            blanks: Blanks::of(raw),
        };
        let written = match entry.long {
            None => self.entry.write(raw, &mut self.arena),
            Some(long) => self.take_over(long),
        };
        match written {
            Ok(canonical) => {
                // Of one that was hashed elsewhere there is nothing to hash.
                let to = match entry.long {
                    None => self.arena.len(),
                    Some(_) => from,
                };
                pending.message = Some((from, to));
                self.messages.push((from, to));
                pending.values = canonical.values.map(|(a, b)| (from + a, from + b));
                pending.id = pending.values[REFERENCE.entry_id];
                if self.arena[pending.id.0] != b'"' {
                    // Canonical is what Python writes, and that need not be strict JSON.
                    pending.id = self.report_id(raw);
                }
                pending.depth = canonical.depth;
                if let Some(key) = canonical.duplicate_key {
                    odd.duplicate_key = Some(String::from_utf8_lossy(&key).into_owned());
                }
            }
            Err(unreadable) => {
                odd.unreadable = Some(unreadable);
                pending.id = self.report_id(raw);
                pending.values = self.readable_fields(raw);
                let id = &mut pending.values[REFERENCE.entry_id];
                if id.0 == id.1 && raw.fields[REFERENCE.entry_id] != RawValue::Missing {
                    // What has no canonical form still has one that is shown, and may occur twice.
                    *id = pending.id;
                }
            }
        }
        pending.stamp = read_timestamp(self.text(pending.values[REFERENCE.timestamp]));
        let is_odd = odd.unreadable.is_some()
            || odd.duplicate_key.is_some()
            || odd.bad_extra.is_some()
            || odd.blanks.is_some();
        if is_odd {
            pending.odd = Some(Box::new(odd));
        }
        pending.has_id = &self.arena[pending.id.0..pending.id.1] != b"null";
        pending.null_fields = null_fields(raw);
        pending.claim = Claim::read(raw.claimed_checksum, &mut self.arena);
        if self.wants_claims {
            let at = self.arena.len();
            write_json(raw.claimed_checksum, &mut self.value, &mut self.arena);
            pending.claimed_json = (at, self.arena.len());
        }
        self.pending.push(pending);
    }

    /// Takes over what was found where the entry lies, as [`EntryCanonicalizer::write`] would give it.
    fn take_over(&mut self, long: &Long) -> Result<Canonical, Unreadable> {
        let (canonical, digest) = long.outcome.clone()?;
        self.arena.extend_from_slice(&long.kept);
        self.known.push((self.messages.len(), digest));
        Ok(canonical)
    }

    fn report_id(&mut self, raw: &RawEntry<'_>) -> Span {
        let at = self.arena.len();
        write_json(
            raw.fields[REFERENCE.entry_id],
            &mut self.value,
            &mut self.arena,
        );
        (at, self.arena.len())
    }

    /// The fields but details of an entry that has no canonical form: those that have one of their own.
    fn readable_fields(&mut self, raw: &RawEntry<'_>) -> [Span; 8] {
        std::array::from_fn(|i| {
            let from = self.arena.len();
            let is_readable = i != REFERENCE.details
                && self
                    .entry
                    .write_field("", raw.fields[i], &mut self.arena)
                    .is_ok();
            if !is_readable {
                self.arena.truncate(from);
            }
            (from, self.arena.len())
        })
    }

    pub(crate) fn text(&self, span: Span) -> &[u8] {
        &self.arena[span.0..span.1]
    }
}

fn null_fields(raw: &RawEntry<'_>) -> u8 {
    raw.fields.iter().enumerate().fold(0, |mask, (i, value)| {
        let is_null = matches!(
            value,
            RawValue::Null | RawValue::Bare | RawValue::Json(b"null")
        );
        if is_null && i != REFERENCE.details {
            mask | 1 << i
        } else {
            mask
        }
    })
}
