//! Entry ids seen so far, to find the ones that occur twice.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use hashbrown::HashTable;

use crate::digest::sha256;
use crate::units::RowIdx;

/// Ids in 16 bytes each: a UUID is kept as it is, anything else as a truncated SHA-256 (two different ids would have to
/// collide in 128 bits to be taken for one).
#[derive(Default)]
pub(crate) struct Ids {
    keys: Vec<(u128, RowIdx)>,
    uuids: HashTable<u32>,
    others: HashTable<u32>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Ids {
    /// Remembers the id of `row`, given as its canonical JSON text; returns the first row that had it already.
    pub(crate) fn insert(&mut self, id: &[u8], row: RowIdx) -> Option<RowIdx> {
        let (key, table) = match parse_uuid(id) {
            Some(uuid) => (uuid, &mut self.uuids),
            None => {
                let [digest @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = sha256(id);
                (u128::from_be_bytes(digest), &mut self.others)
            }
        };
        let (keys, hasher) = (&mut self.keys, &self.hasher);
        let entry = table.entry(
            hasher.hash_one(key),
            |&i| keys[i as usize].0 == key,
            |&i| hasher.hash_one(keys[i as usize].0),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(seen) => Some(keys[*seen.get() as usize].1),
            hashbrown::hash_table::Entry::Vacant(slot) => {
                slot.insert(u32::try_from(keys.len()).ok()?);
                keys.push((key, row));
                None
            }
        }
    }
}

/// A quoted UUID in its usual form, lower case (any other spelling is another text, and so another id).
fn parse_uuid(id: &[u8]) -> Option<u128> {
    let [b'"', uuid @ .., b'"'] = id else { return None };
    if uuid.len() != 36 {
        return None;
    }
    let mut value = 0;
    for (i, &b) in uuid.iter().enumerate() {
        match (i, b) {
            (8 | 13 | 18 | 23, b'-') => {}
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => value = value << 4 | u128::from(b - b'0'),
            (_, b'a'..=b'f') => value = value << 4 | u128::from(b - b'a' + 10),
            _ => return None,
        }
    }
    Some(value)
}

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
