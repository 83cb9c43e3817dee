//! What export tools do to values on their way, undone.
//!
//! A mismatched entry stays mismatched: its values are not those that were hashed. But where its checksum holds once some
//! well-known changes are undone, that is told, since it points to a program rather than to a person. All is tried on the
//! canonical bytes, and nothing counts but a checksum that holds.

use super::blanks::names;
use crate::digest::{is_hex_of, sha256};
use crate::scheme::REFERENCE;

mod numbers;
mod text;
mod time;

/// Bytes hashed at most to explain one entry.
const BUDGET: usize = 1 << 20;

/// The fields of an entry, each as canonical JSON.
type Fields = [Vec<u8>; 8];

/// Something that tools do to texts, and how it is undone.
struct Change {
    /// What the text was when it was hashed, and who changes it.
    what: &'static str,
    /// The text as it may have been; `None` where there is no trace of the change.
    undo: fn(&[u8]) -> Option<Vec<u8>>,
}

const CHANGES: [Change; 5] = [
    Change {
        what: "has line feeds alone (in a text file of Windows carriage returns stand before them)",
        undo: text::line_feeds,
    },
    Change {
        what: "is the text of its number (tools that guess types make numbers of such texts)",
        undo: numbers::as_text,
    },
    Change {
        what: "is the text of its number without the fraction (pandas makes such numbers in a column with gaps)",
        undo: numbers::as_whole_text,
    },
    Change {
        what: "has control characters for ^ and a letter (the sqlite3 shell writes them so from version 3.50 on)",
        undo: text::control_characters,
    },
    Change {
        what: "is decoded as UTF-8 (it seems to have been read as Windows-1252)",
        undo: text::utf8,
    },
];

/// A field as it may have been, and who changes it so.
struct Other {
    json: Vec<u8>,
    what: String,
}

/// With what in place of what stands there now the checksum of a mismatched entry holds, if that is what export tools
/// change; or what else looks like their work. The fields are canonical JSON; one that was not kept is empty.
pub(super) fn explain(fields: [&[u8]; 8], claimed: &[u8]) -> Option<String> {
    if claimed.len() != REFERENCE.checksum_digits || fields.iter().any(|f| f.is_empty()) {
        return None;
    }
    let len: usize = fields.iter().map(|f| f.len()).sum();
    let fields = fields.map(<[u8]>::to_vec);
    let changes: Vec<_> = CHANGES.iter().filter(|c| undo(c, &fields).1 != 0).collect();
    let times = time::others(&fields[REFERENCE.timestamp]);
    let details = numbers::others(&fields[REFERENCE.details]);
    let mut hashed = 0;
    // Every subset of the changes, with each time and each form of the details.
    for subset in 0..1_u32 << changes.len() {
        let (mut base, mut whats) = (fields.clone(), Vec::new());
        for (_, change) in (0..).zip(&changes).filter(|(i, _)| subset & 1 << i != 0) {
            let (changed, mask) = undo(change, &base);
            base = changed;
            whats.push(format!("{} {}", names(mask), change.what));
        }
        for time in none_and(&times) {
            for details in none_and(&details) {
                let mut changed = base.clone();
                let mut whats = whats.clone();
                for (field, other) in [(REFERENCE.timestamp, time), (REFERENCE.details, details)] {
                    if let Some(other) = other {
                        changed[field].clone_from(&other.json);
                        whats.push(other.what.clone());
                    }
                }
                hashed += len;
                if hashed > BUDGET {
                    return rounded(&fields);
                }
                if !whats.is_empty() && holds(&changed, claimed) {
                    return Some(format!("the checksum holds if {}", whats.join(" and ")));
                }
            }
        }
    }
    rounded(&fields)
}

/// What was hashed cannot be found out where a number was rounded.
fn rounded(fields: &Fields) -> Option<String> {
    let number = numbers::rounded(&fields[REFERENCE.details])?;
    Some(format!(
        "a whole number of `details` looks rounded (JavaScript, jq and pandas keep 15 to 17 digits): {number}"
    ))
}

fn none_and(others: &[Other]) -> impl Iterator<Item = Option<&Other>> {
    std::iter::once(None).chain(others.iter().map(Some))
}

/// The fields without a change, and which fields showed it; the details never do.
fn undo(change: &Change, fields: &Fields) -> (Fields, u8) {
    let (mut undone, mut mask) = (fields.clone(), 0);
    for (i, field) in undone.iter_mut().enumerate() {
        let before = (change.undo)(field).filter(|_| i != REFERENCE.details);
        if let Some(before) = before {
            *field = before;
            mask |= 1 << i;
        }
    }
    (undone, mask)
}

fn holds(fields: &Fields, claimed: &[u8]) -> bool {
    let mut message = Vec::new();
    for (before, value) in REFERENCE.before_value.iter().zip(fields) {
        message.extend_from_slice(before.as_bytes());
        message.extend_from_slice(value);
    }
    message.push(b'}');
    is_hex_of(&sha256(&message), REFERENCE.checksum_digits, claimed)
}

#[cfg(test)]
mod tests;
