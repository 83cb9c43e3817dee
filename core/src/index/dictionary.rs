//! Every different value of a column once, numbered in the order in which they came.
//!
//! A value is its canonical JSON text (ASCII): so the number 1 is told from the text "1", and a lone surrogate survives.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use hashbrown::{HashTable, hash_table::Entry};

/// The code of "no readable value"; its text is empty, as no JSON is.
pub(crate) const MISSING: u32 = 0;

/// Values that were looked up of late, by a quick hash.
const RECENT: usize = 256;

/// Texts and their codes.
pub(crate) struct Dictionary {
    /// The texts end to end.
    texts: String,
    /// Where each ends.
    ends: Vec<usize>,
    table: HashTable<Slot>,
    /// The code last found for each quick hash: most values are found here, without the slow one. What a log chooses to
    /// collide here costs it no more than the slow one.
    recent: Box<[u32; RECENT]>,
    /// SipHash: a value is the log's to choose, and a weaker hash would let it choose collisions.
    hasher: BuildHasherDefault<DefaultHasher>,
}

/// A code, with enough of its text's hash that a growing table need not hash again.
#[derive(Clone, Copy)]
struct Slot {
    code: u32,
    hash: u32,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            texts: String::new(),
            ends: vec![0],
            table: HashTable::new(),
            recent: Box::new([MISSING; RECENT]),
            hasher: BuildHasherDefault::default(),
        }
    }
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries((0..self.len()).map(|code| self.text(code)))
            .finish()
    }
}

impl Dictionary {
    /// How many codes there are, [`MISSING`] among them.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    /// The canonical JSON text of a code; empty for [`MISSING`] and for a code that was not given out.
    pub(crate) fn text(&self, code: u32) -> &str {
        let code = code as usize;
        match (code.checked_sub(1), self.ends.get(code)) {
            (Some(before), Some(&end)) => &self.texts[self.ends[before]..end],
            _ => "",
        }
    }

    /// The text of a code, without a look at where its characters begin.
    #[inline]
    fn bytes_of(&self, code: u32) -> &[u8] {
        let code = code as usize;
        match self.ends.get(code.wrapping_sub(1)..=code) {
            Some(&[from, to]) => self.texts.as_bytes().get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The code of a canonical JSON text.
    pub(crate) fn code_of(&self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(MISSING);
        }
        let hash = self.hash(text.as_bytes());
        let found = self.table.find(spread(hash), |slot| {
            slot.hash == hash && self.text(slot.code) == text
        });
        found.map(|slot| slot.code)
    }

    /// The code of a canonical JSON text, a new one if need be, and whether it is new; `None` beyond 2³¹ − 1 of them.
    #[inline]
    pub(crate) fn intern(&mut self, text: &[u8]) -> Option<(u32, bool)> {
        if text.is_empty() {
            return Some((MISSING, false));
        }
        let quick = quick_hash(text);
        let recent = self.recent[quick];
        if self.bytes_of(recent) == text {
            return Some((recent, false));
        }
        let found = self.intern_slowly(text)?;
        self.recent[quick] = found.0;
        Some(found)
    }

    fn intern_slowly(&mut self, text: &[u8]) -> Option<(u32, bool)> {
        let hash = self.hash(text);
        let Self {
            texts, ends, table, ..
        } = self;
        let is_same = |slot: &Slot| {
            let code = slot.code as usize;
            slot.hash == hash && &texts.as_bytes()[ends[code - 1]..ends[code]] == text
        };
        match table.entry(spread(hash), is_same, |slot| spread(slot.hash)) {
            Entry::Occupied(seen) => Some((seen.get().code, false)),
            Entry::Vacant(vacant) => {
                let code = u32::try_from(ends.len()).ok().filter(|c| *c < 1 << 31)?;
                vacant.insert(Slot { code, hash });
                texts.push_str(&String::from_utf8_lossy(text));
                ends.push(texts.len());
                Some((code, true))
            }
        }
    }

    fn hash(&self, text: &[u8]) -> u32 {
        (self.hasher.hash_one(text) >> 32) as u32
    }

    pub(crate) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.table.allocation_size()
            + RECENT * size_of::<u32>()
    }
}

/// 32 bits of hash as the 64 that the table wants: it looks at both ends.
pub(crate) fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// A place in [`Dictionary::recent`], by length and last bytes: first ones are often alike.
#[inline]
fn quick_hash(text: &[u8]) -> usize {
    let word = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
    let tail = match text.last_chunk::<8>() {
        Some(tail) => u64::from_le_bytes(*tail),
        None => word(text),
    };
    let head = text
        .first_chunk::<8>()
        .map_or(0, |h| u64::from_le_bytes(*h));
    let mixed =
        (tail ^ head.rotate_left(29) ^ text.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_codes_however_many_there_are() {
        let mut dictionary = Dictionary::default();
        let text = |i: u32| format!("\"customer-{i}\"");
        for i in 0..100_000 {
            assert_eq!(dictionary.intern(text(i).as_bytes()), Some((i + 1, true)));
        }
        for i in (0..100_000).step_by(37) {
            assert_eq!(dictionary.intern(text(i).as_bytes()), Some((i + 1, false)));
            assert_eq!(dictionary.code_of(&text(i)), Some(i + 1));
            assert_eq!(dictionary.text(i + 1), text(i));
        }
        assert_eq!(dictionary.code_of("\"nobody\""), None);
        assert_eq!(dictionary.len(), 100_001);
    }

    #[test]
    fn what_is_missing_is_no_text_and_a_number_is_not_its_digits() {
        let mut dictionary = Dictionary::default();
        assert_eq!(dictionary.intern(b""), Some((MISSING, false)));
        assert_eq!(dictionary.intern(b"1"), Some((1, true)));
        assert_eq!(dictionary.intern(b"\"1\""), Some((2, true)));
        assert_eq!(dictionary.text(MISSING), "");
        assert_eq!(dictionary.text(99), "");
        assert_eq!(dictionary.code_of(""), Some(MISSING));
    }
}
