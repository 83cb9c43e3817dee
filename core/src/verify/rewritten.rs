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

/// Bytes hashed at most to explain one entry, and all of a case: nobody is to wait for it.
const EACH: usize = 256 << 10;
const ALL: usize = 64 << 20;

/// What is left of the bytes to be hashed.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(ALL)
    }
}

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
pub(super) fn explain(
    fields: [&[u8]; 8],
    claimed: &[u8],
    Budget(left): &mut Budget,
) -> Option<String> {
    if claimed.len() != REFERENCE.checksum_digits || fields.iter().any(|f| f.is_empty()) {
        return None;
    }
    let len: usize = fields.iter().map(|f| f.len()).sum();
    let mut tries = (*left).min(EACH) / len;
    let fields = fields.map(<[u8]>::to_vec);
    let changes: Vec<_> = CHANGES.iter().filter(|c| undo(c, &fields).1 != 0).collect();
    let [times, details] = [
        (
            REFERENCE.timestamp,
            time::others(&fields[REFERENCE.timestamp]),
        ),
        (
            REFERENCE.details,
            numbers::others(&fields[REFERENCE.details]),
        ),
    ]
    .map(|(field, others)| others.into_iter().map(|o| (field, o)).collect::<Vec<_>>());
    // None of these, one, or one of either kind.
    let one = times.iter().chain(&details).map(|other| vec![other]);
    let both = times
        .iter()
        .flat_map(|t| details.iter().map(move |d| vec![t, d]));
    let others = [vec![Vec::new()], one.collect(), both.collect()];
    // As few changes as possible first.
    for count in 1..changes.len() + others.len() {
        for subset in 0..1_u32 << changes.len() {
            let of_others = count.checked_sub(subset.count_ones() as usize);
            let Some(others) = of_others.and_then(|n| others.get(n)) else {
                continue;
            };
            let (mut base, mut whats) = (fields.clone(), Vec::new());
            for (_, change) in (0..).zip(&changes).filter(|(i, _)| subset & 1 << i != 0) {
                let (undone, mask) = undo(change, &base);
                base = undone;
                whats.push(format!("{} {}", names(mask), change.what));
            }
            for others in others {
                if tries == 0 {
                    return rounded(&fields);
                }
                (tries, *left) = (tries - 1, left.saturating_sub(len));
                let mut changed = base.clone();
                for (field, other) in others {
                    changed[*field].clone_from(&other.json);
                }
                if holds(&changed, claimed) {
                    whats.extend(others.iter().map(|(_, other)| other.what.clone()));
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
