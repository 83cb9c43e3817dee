//! Entry ids seen so far, to find the ones that occur twice.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use hashbrown::HashTable;

use crate::digest::sha256;
use crate::units::RowIdx;

/// Ids in 16 bytes each: a UUID is kept as it is, anything else as a truncated SHA-256 (two different ids would have to
/// collide in 128 bits to be taken for one).
#[derive(Default)]
pub(crate) struct Ids {
    keys: Vec<[u64; 2]>,
    rows: Vec<RowIdx>,
    uuids: HashTable<Slot>,
    others: HashTable<Slot>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

/// A place in `keys`, with enough of its hash that a growing table need not hash again.
#[derive(Clone, Copy)]
struct Slot {
    index: u32,
    hash: u32,
}

impl Ids {
    /// Remembers the id of `row`, given as its canonical JSON text; returns the first row that had it already.
    pub(crate) fn insert(&mut self, id: &[u8], row: RowIdx) -> Option<RowIdx> {
        let (key, table) = match parse_uuid(id) {
            Some(uuid) => (uuid, &mut self.uuids),
            None => (first_16_bytes(&sha256(id)), &mut self.others),
        };
        // SipHash: an id is the log's to choose, and a weaker hash would let it choose collisions.
        let hash = (self.hasher.hash_one(key) >> 32) as u32;
        let keys = &self.keys;
        let entry = table.entry(
            spread(hash),
            |slot| slot.hash == hash && keys[slot.index as usize] == key,
            |slot| spread(slot.hash),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(seen) => {
                Some(self.rows[seen.get().index as usize])
            }
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert(Slot {
                    index: u32::try_from(self.keys.len()).ok()?,
                    hash,
                });
                self.keys.push(key);
                self.rows.push(row);
                None
            }
        }
    }
}

/// 32 bits of hash as the 64 that the table wants: it looks at both ends.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

fn first_16_bytes(digest: &[u8; 32]) -> [u64; 2] {
    let word = |at: usize| {
        digest[at..at + 8]
            .iter()
            .fold(0, |n, b| n << 8 | u64::from(*b))
    };
    [word(0), word(8)]
}

/// A quoted UUID in its usual form, lower case (any other spelling is another text, and so another id).
fn parse_uuid(id: &[u8]) -> Option<[u64; 2]> {
    let [b'"', uuid @ .., b'"'] = id else {
        return None;
    };
    let uuid: &[u8; 36] = uuid.try_into().ok()?;
    if [8, 13, 18, 23].into_iter().any(|i| uuid[i] != b'-') {
        return None;
    }
    let mut bad = 0;
    let mut group = |from: usize, to: usize| {
        uuid[from..to].iter().fold(0_u64, |n, &b| {
            let digit = HEX_VALUE[usize::from(b)];
            bad |= digit;
            n << 4 | u64::from(digit & 0xF)
        })
    };
    let high = group(0, 8) << 32 | group(9, 13) << 16 | group(14, 18);
    let low = group(19, 23) << 48 | group(24, 36);
    (bad & 0x80 == 0).then_some([high, low])
}

/// The value of a lower-case hex digit; 0x80 for any other byte.
const HEX_VALUE: [u8; 256] = {
    let mut table = [0x80; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_again_and_spelling_counts() {
        let mut ids = Ids::default();
        let uuid = br#""0b5ad0f0-6e1c-4d86-b2a3-5d3f4a1b9c0e""#;
        assert_eq!(ids.insert(uuid, RowIdx(0)), None);
        assert_eq!(ids.insert(&uuid.to_ascii_uppercase(), RowIdx(1)), None);
        assert_eq!(ids.insert(b"\"e1\"", RowIdx(2)), None);
        assert_eq!(ids.insert(b"1", RowIdx(3)), None);
        assert_eq!(ids.insert(uuid, RowIdx(4)), Some(RowIdx(0)));
        assert_eq!(ids.insert(b"\"e1\"", RowIdx(5)), Some(RowIdx(2)));
        assert_eq!(ids.insert(b"\"1\"", RowIdx(6)), None);
    }
}
