//! The id of every entry, and which ids were seen before.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use hashbrown::{HashTable, hash_table::Entry};

use super::bits::Bits;
use super::dictionary::{Dictionary, MISSING, spread};
use crate::units::RowIdx;

/// Ids in 16 bytes each, where they are UUIDs in their usual form; any other is a text of a dictionary.
#[derive(Default)]
pub(crate) struct EntryIds {
    /// A UUID, or the code of a text.
    keys: Vec<[u64; 2]>,
    /// The rows whose key is a text's code.
    texts: Bits,
    dictionary: Dictionary,
    /// The first row of each code.
    first_rows: Vec<u32>,
    /// The rows of the UUIDs that were seen.
    seen: HashTable<Slot>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

/// A row, with enough of its id's hash that a growing table need not hash again.
#[derive(Clone, Copy)]
struct Slot {
    row: u32,
    hash: u32,
}

/// The id of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKey {
    /// A UUID.
    Uuid([u64; 2]),
    /// The code of a text.
    Text(u32),
}

impl EntryIds {
    /// Appends the id of `row`, which must be the next one, given as canonical JSON text, empty for none; returns the
    /// first row that had it already (nothing and null are no ids). `None` beyond 2³¹ − 1 different texts.
    pub(crate) fn push(&mut self, id: &[u8], row: RowIdx) -> Option<Option<RowIdx>> {
        let uuid = parse_uuid(id);
        self.texts.push(uuid.is_none());
        let Some(uuid) = uuid else {
            let (code, is_new) = self.dictionary.intern(id)?;
            self.keys.push([u64::from(code), 0]);
            let code = code as usize;
            if self.first_rows.len() <= code {
                self.first_rows.resize(code + 1, row.0);
            }
            let is_seen = !is_new && !id.is_empty() && id != b"null";
            return Some(is_seen.then(|| RowIdx(self.first_rows[code])));
        };
        self.keys.push(uuid);
        // SipHash: an id is the log's to choose, and a weaker hash would let it choose collisions.
        let hash = (self.hasher.hash_one(uuid) >> 32) as u32;
        let keys = &self.keys;
        let entry = self.seen.entry(
            spread(hash),
            |slot| slot.hash == hash && keys[slot.row as usize] == uuid,
            |slot| spread(slot.hash),
        );
        Some(match entry {
            Entry::Occupied(seen) => Some(RowIdx(seen.get().row)),
            Entry::Vacant(vacant) => {
                vacant.insert(Slot { row: row.0, hash });
                None
            }
        })
    }

    /// The id of `row`.
    pub(crate) fn key(&self, row: u32) -> IdKey {
        match self.keys.get(row as usize) {
            Some(&[code, _]) if self.texts.contains(row) => {
                IdKey::Text(u32::try_from(code).unwrap_or(MISSING))
            }
            Some(&uuid) => IdKey::Uuid(uuid),
            None => IdKey::Text(MISSING),
        }
    }

    /// The ids that are no UUIDs.
    pub(crate) fn texts(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Appends the id of `row` as canonical JSON text to `out`; nothing where there is none.
    pub(crate) fn write(&self, row: u32, out: &mut String) {
        match self.key(row) {
            IdKey::Text(code) => out.push_str(self.dictionary.text(code)),
            IdKey::Uuid(uuid) => {
                out.push('"');
                write_uuid(uuid, out);
                out.push('"');
            }
        }
    }

    /// The rows, of the first `len`, whose id satisfies `is_wanted`, which is given its canonical JSON text; asked once
    /// for each different text and each UUID.
    pub(crate) fn rows(&self, len: u32, mut is_wanted: impl FnMut(&str) -> bool) -> Bits {
        let codes = 0..self.dictionary.len();
        let wanted: Vec<_> = codes.map(|c| is_wanted(self.dictionary.text(c))).collect();
        let mut rows = Bits::none(len);
        let mut id = String::with_capacity(38);
        for row in 0..len.min(self.texts.len()) {
            let is_wanted = match self.key(row) {
                IdKey::Text(code) => wanted[code as usize],
                IdKey::Uuid(_) => {
                    id.clear();
                    self.write(row, &mut id);
                    is_wanted(&id)
                }
            };
            if is_wanted {
                rows.insert(row);
            }
        }
        rows
    }

    /// The rows, of the first `len`, with this id, given as canonical JSON text.
    pub(crate) fn rows_of(&self, len: u32, id: &str) -> Bits {
        let uuid = parse_uuid(id.as_bytes());
        let key = uuid.or_else(|| Some([u64::from(self.dictionary.code_of(id)?), 0]));
        let keys = &self.keys[..self.keys.len().min(len as usize)];
        let mut rows = key.map_or_else(
            || Bits::none(len),
            |key| Bits::of_values(keys, |k| k == key),
        );
        if uuid.is_some() {
            rows.and_not(&self.texts);
        } else {
            rows.and(&self.texts);
        }
        rows
    }

    /// Makes room for so many more rows.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.keys.reserve_exact(rows);
        if !self.seen.is_empty() {
            self.seen.reserve(rows, |slot| spread(slot.hash));
        }
    }

    /// No more rows will come: forgets which ids were seen.
    pub(crate) fn seal(&mut self) {
        self.seen = HashTable::new();
        self.keys.shrink_to_fit();
        self.dictionary.shrink();
        self.first_rows = Vec::new();
    }

    /// Bytes reserved for the rows, and for texts.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let keys = self.keys.capacity() * size_of::<[u64; 2]>();
        let texts = size_of_val(self.texts.words());
        let first_rows = self.first_rows.capacity() * size_of::<u32>();
        (
            keys + texts + self.seen.allocation_size(),
            self.dictionary.bytes() + first_rows,
        )
    }
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

fn write_uuid([high, low]: [u64; 2], out: &mut String) {
    for (place, word) in [high, low].into_iter().enumerate() {
        for digit in 0..16 {
            if matches!((place, digit), (0, 8 | 12) | (1, 0 | 4)) {
                out.push('-');
            }
            let value = word >> (60 - 4 * digit) & 0xF;
            out.push(char::from(b"0123456789abcdef"[value as usize]));
        }
    }
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

    const UUID: &str = r#""0b5ad0f0-6e1c-4d86-b2a3-5d3f4a1b9c0e""#;

    fn ids(texts: &[&str]) -> (EntryIds, Vec<Option<u32>>) {
        let mut ids = EntryIds::default();
        let seen = texts.iter().zip(0..).map(|(text, row)| {
            let first = ids.push(text.as_bytes(), RowIdx(row));
            first.expect("there is room").map(|r| r.0)
        });
        let seen = seen.collect();
        (ids, seen)
    }

    #[test]
    fn an_id_is_found_again_and_spelling_counts() {
        let upper = UUID.to_uppercase();
        let (ids, seen) = ids(&[UUID, &upper, "\"e1\"", "1", UUID, "\"e1\"", "\"1\""]);
        assert_eq!(seen, [None, None, None, None, Some(0), Some(2), None]);
        let rows = |id: &str| ids.rows_of(7, id).iter().collect::<Vec<_>>();
        assert_eq!(rows(UUID), [0, 4]);
        assert_eq!(rows(&upper), [1]);
        assert_eq!(rows("\"e1\""), [2, 5]);
        assert_eq!(rows("1"), [3]);
        assert!(rows("\"none\"").is_empty());
        let ones = ids.rows(7, |id| id.contains('1'));
        assert_eq!(ones.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn ids_are_written_back_as_they_were() {
        let texts = [
            UUID,
            "\"ffffffff-0000-0001-8000-00000000000f\"",
            "\"Z\\ud800\"",
            "",
            "null",
            "1.0",
        ];
        let (ids, _) = ids(&texts);
        for (text, row) in texts.iter().zip(0..) {
            let mut out = String::new();
            ids.write(row, &mut out);
            assert_eq!(out, *text);
        }
    }

    #[test]
    fn what_is_no_id_is_no_duplicate_and_a_key_is_not_taken_for_a_code() {
        let (ids, seen) = ids(&[
            "null",
            "null",
            "",
            "",
            "\"00000000-0000-0000-0000-000000000000\"",
            "\"00000000-0000-0001-0000-000000000000\"",
        ]);
        assert_eq!(seen, [None; 6]);
        assert_eq!(ids.rows_of(6, "null").iter().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(ids.rows_of(6, "").iter().collect::<Vec<_>>(), [2, 3]);
    }
}
