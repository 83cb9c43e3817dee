//! Empty fields of which the container cannot tell whether they are NULL or empty text.
//!
//! They are hashed first as what they seem to be: NULL where the file seems to write that without quotes and empty text with
//! them, else empty text. Where that does not give the claimed checksum, every other reading is tried: an entry that holds under
//! one of them was not changed. Which one it was is told with the entry.

use crate::canon::EntryCanonicalizer;
use crate::digest::{Sha256Digest, is_hex_of, sha256};
use crate::entry::{RawEntry, RawValue};
use crate::scheme::REFERENCE;

/// Bytes hashed at most to find the reading of one entry; above that only *all NULL* and *all empty text* are tried.
const BUDGET: usize = 64 << 20;

/// The empty fields of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blanks {
    /// The hashed fields, `details` left out (which is unreadable either way), as a bit mask.
    pub(crate) fields: u8,
    /// Those among them that seem to be NULL.
    pub(crate) bare: u8,
    /// Those among them that are read as NULL.
    pub(crate) nulls: u8,
    /// Whether the checksum is empty: then it claims nothing that can be told.
    pub(crate) checksum: bool,
}

impl Blanks {
    /// The empty fields of an entry; `None` if there are none.
    pub(crate) fn of(raw: &RawEntry<'_>) -> Option<Self> {
        let mask = |wanted: RawValue<'_>| {
            let fields = raw.fields.iter().enumerate();
            fields
                .filter(|(i, value)| **value == wanted && *i != REFERENCE.details)
                .fold(0, |mask, (i, _)| mask | 1 << i)
        };
        let bare = mask(RawValue::Bare);
        let fields = mask(RawValue::Blank) | bare;
        let checksum = raw.claimed_checksum == RawValue::Blank;
        (fields != 0 || checksum).then_some(Self {
            fields,
            bare,
            nulls: bare,
            checksum,
        })
    }

    /// Finds the reading under which `message`, the canonical bytes with all of them as what they seem to be and the digest
    /// `first`, hashes to `claimed`; returns its bytes and digest, or `None` if it is the first or there is none.
    pub(crate) fn settle(
        &mut self,
        message: &[u8],
        canonical: &[(usize, usize); 8],
        first: &Sha256Digest,
        claimed: &[u8],
    ) -> Option<(Vec<u8>, Sha256Digest)> {
        let holds = |digest: &Sha256Digest| is_hex_of(digest, REFERENCE.checksum_digits, claimed);
        // Nothing else can be equal to sixteen hex digits.
        if self.fields == 0 || holds(first) || claimed.len() != REFERENCE.checksum_digits {
            return None;
        }
        let is_affordable = message.len() << self.fields.count_ones() <= BUDGET;
        let mut nulls = self.fields;
        loop {
            if nulls != self.bare {
                let read = self.read(message, canonical, nulls);
                let digest = sha256(&read);
                if holds(&digest) {
                    self.nulls = nulls;
                    return Some((read, digest));
                }
            }
            if nulls == 0 {
                return None;
            }
            // The next smaller set of these fields.
            nulls = if is_affordable {
                (nulls - 1) & self.fields
            } else {
                0
            };
        }
    }

    /// The message with these of its empty fields as NULL and the others as empty text.
    fn read(&self, message: &[u8], canonical: &[(usize, usize); 8], nulls: u8) -> Vec<u8> {
        let mut out = Vec::with_capacity(message.len() + 16);
        let mut done = 0;
        for (i, (from, to)) in canonical.iter().enumerate() {
            if self.fields & 1 << i != 0 {
                out.extend_from_slice(&message[done..*from]);
                out.extend_from_slice(value(nulls, i));
                done = *to;
            }
        }
        out.extend_from_slice(&message[done..]);
        out
    }
}

/// The canonical form of empty field `i`.
pub(crate) fn value(nulls: u8, i: usize) -> &'static [u8] {
    if nulls & 1 << i != 0 {
        b"null"
    } else {
        b"\"\""
    }
}

/// The entry as it was judged: each empty field as what it was read as, so that nobody has to choose again.
pub(crate) fn settled<'a>(raw: &RawEntry<'a>) -> RawEntry<'a> {
    let mut entry = raw.clone();
    let Some(mut blanks) = Blanks::of(raw) else {
        return entry;
    };
    let mut message = Vec::new();
    if let (Ok(canonical), RawValue::Text(claimed)) = (
        EntryCanonicalizer::default().write(raw, &mut message),
        raw.claimed_checksum,
    ) {
        let _ = blanks.settle(&message, &canonical.values, &sha256(&message), claimed);
    }
    for (i, field) in entry.fields.iter_mut().enumerate() {
        if blanks.fields & 1 << i != 0 || *field == RawValue::Blank {
            *field = if blanks.nulls & 1 << i != 0 {
                RawValue::Null
            } else {
                RawValue::Text(b"")
            };
        }
    }
    if blanks.checksum {
        entry.claimed_checksum = RawValue::Null;
    }
    entry
}

/// The names of the fields in a mask, for people.
pub(crate) fn names(mask: u8) -> String {
    let names: Vec<_> = REFERENCE
        .hashed_fields
        .iter()
        .enumerate()
        .filter(|(i, _)| mask & 1 << i != 0)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    names.join(", ")
}
