//! Sets of rows: a bit a row, from which counts, runs and the n-th member are read a word at a time.

use std::iter;

use serde::{Deserialize, Serialize};

use super::codes::Codes;

const WORD: u32 = u64::BITS;

/// A set of the first `len` rows of an index. Rows that came later are not in it, so it is a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bits {
    /// Bits behind `len` are 0.
    words: Vec<u64>,
    len: u32,
}

impl Bits {
    /// No row of `len`.
    pub(crate) fn none(len: u32) -> Self {
        Self {
            words: vec![0; len.div_ceil(WORD) as usize],
            len,
        }
    }

    /// Every row of `len`.
    pub(crate) fn all(len: u32) -> Self {
        let mut bits = Self::none(len);
        bits.words.fill(u64::MAX);
        bits.clear_tail();
        bits
    }

    /// The rows whose value satisfies `is_wanted`, a word of them at a time.
    pub(crate) fn of_values<T: Copy>(values: &[T], is_wanted: impl Fn(T) -> bool) -> Self {
        let word = |rows: &[T]| {
            rows.iter().enumerate().fold(0, |word, (i, &value)| {
                word | u64::from(is_wanted(value)) << i
            })
        };
        Self {
            words: values.chunks(WORD as usize).map(word).collect(),
            len: u32::try_from(values.len()).unwrap_or(u32::MAX),
        }
    }

    /// The rows whose code is one of those marked in `wanted`; codes beyond its end are not.
    pub(crate) fn of_codes(codes: Codes<'_>, wanted: &[bool]) -> Self {
        let mut marked = wanted.iter().enumerate().filter(|(_, w)| **w);
        let (first, second) = (marked.next(), marked.next());
        match (first, second) {
            (None, _) => Self::none(codes.len()),
            // One code, the usual question, is compared without a table.
            (Some((code, _)), None) => codes
                .each(
                    |c| u8::try_from(code).map(|code| Self::of_values(c, |v| v == code)),
                    |c| u16::try_from(code).map(|code| Self::of_values(c, |v| v == code)),
                    |c| u32::try_from(code).map(|code| Self::of_values(c, |v| v == code)),
                )
                .unwrap_or_else(|_| Self::none(codes.len())),
            _ => {
                let is_wanted = |code: usize| wanted.get(code).copied().unwrap_or(false);
                codes.each(
                    |c| Self::of_values(c, |v| is_wanted(usize::from(v))),
                    |c| Self::of_values(c, |v| is_wanted(usize::from(v))),
                    |c| Self::of_values(c, |v| is_wanted(v as usize)),
                )
            }
        }
    }

    /// How many rows there are, in the set or not.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// Whether `row` is in the set.
    pub(crate) fn contains(&self, row: u32) -> bool {
        row < self.len && self.words[(row / WORD) as usize] >> (row % WORD) & 1 == 1
    }

    /// Puts `row` in; a row beyond the set's length is left out.
    pub(crate) fn insert(&mut self, row: u32) {
        if row < self.len {
            self.words[(row / WORD) as usize] |= 1 << (row % WORD);
        }
    }

    /// One more row, in the set or not.
    pub(crate) fn push(&mut self, is_in: bool) {
        if self.len.is_multiple_of(WORD) {
            self.words.push(0);
        }
        self.len += 1;
        if is_in {
            self.insert(self.len - 1);
        }
    }

    /// Whether it is made as one of `len` rows is: one that came from elsewhere might not be.
    pub(crate) fn is_sound(&self, len: u32) -> bool {
        self.len == len && self.words.len() == len.div_ceil(WORD) as usize
    }

    /// Which of `rows` are in the set, by their places among them.
    pub(crate) fn only(&self, rows: &[u32]) -> Self {
        Self::of_values(rows, |row| self.contains(row))
    }

    /// Puts in those of `rows` whose places are in `places`.
    pub(crate) fn insert_those(&mut self, rows: &[u32], places: &Self) {
        for (place, &row) in (0..).zip(rows) {
            if places.contains(place) {
                self.insert(row);
            }
        }
    }

    /// Keeps what is in `other` too.
    pub(crate) fn and(&mut self, other: &Self) {
        self.combine(other, |a, b| a & b);
    }

    /// Takes in what is in `other`.
    pub(crate) fn or(&mut self, other: &Self) {
        self.combine(other, |a, b| a | b);
    }

    /// Keeps what is not in `other`.
    pub(crate) fn and_not(&mut self, other: &Self) {
        self.combine(other, |a, b| a & !b);
    }

    /// Puts in what was not, and the reverse.
    pub(crate) fn not(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.clear_tail();
    }

    /// Rows that `other` does not reach are not in it.
    fn combine(&mut self, other: &Self, op: impl Fn(u64, u64) -> u64) {
        let others = other.words.iter().copied().chain(iter::repeat(0));
        for (word, other) in self.words.iter_mut().zip(others) {
            *word = op(*word, other);
        }
        self.clear_tail();
    }

    fn clear_tail(&mut self) {
        let used = self.len % WORD;
        if let Some(last) = self.words.last_mut()
            && used != 0
        {
            *last &= (1 << used) - 1;
        }
    }

    /// How many rows are in the set.
    pub(crate) fn count(&self) -> u32 {
        self.words.iter().map(|w| w.count_ones()).sum()
    }

    /// Whether every row is.
    pub(crate) fn is_all(&self) -> bool {
        self.count() == self.len
    }

    /// The rows in the set, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.iter_words(0)
    }

    fn iter_words(&self, first: usize) -> impl Iterator<Item = u32> + '_ {
        let words = self.words.get(first..).unwrap_or_default();
        words.iter().zip(first..).flat_map(|(&word, i)| {
            let base = u32::try_from(i).unwrap_or(u32::MAX).saturating_mul(WORD);
            ones(word).map(move |bit| base + bit)
        })
    }

    /// The words, each of 64 rows, the first row in the lowest bit.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }
}

/// The places of the bits that are set.
pub(crate) fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros());
        word &= word.wrapping_sub(1);
        bit
    })
}

/// Words per running count.
const BLOCK: usize = 8;

/// A set of rows whose n-th member is found at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranked {
    bits: Bits,
    /// Members before each block.
    before: Vec<u32>,
    count: u32,
}

impl Ranked {
    /// Counts the members once.
    pub(crate) fn new(bits: Bits) -> Self {
        let mut count = 0;
        let before = bits.words.chunks(BLOCK).map(|block| {
            let before = count;
            count += block.iter().map(|w| w.count_ones()).sum::<u32>();
            before
        });
        Self {
            before: before.collect(),
            bits,
            count,
        }
    }

    /// The set itself.
    pub(crate) fn bits(&self) -> &Bits {
        &self.bits
    }

    /// How many members there are.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// How many members stand before `row`.
    pub(crate) fn rank(&self, row: u32) -> u32 {
        if row >= self.bits.len {
            return self.count;
        }
        let word = (row / WORD) as usize;
        let block = word / BLOCK;
        let whole = &self.bits.words[block * BLOCK..word];
        let below = self.bits.words[word] & ((1 << (row % WORD)) - 1);
        self.before[block] + whole.iter().map(|w| w.count_ones()).sum::<u32>() + below.count_ones()
    }

    /// The members from the `n`-th on, counted from 0.
    pub(crate) fn iter_from(&self, n: u32) -> impl Iterator<Item = u32> + '_ {
        let block = self.before.partition_point(|b| *b <= n).saturating_sub(1);
        let mut skip = n - self.before.get(block).map_or(0, |b| (*b).min(n));
        let mut word = block * BLOCK;
        while let Some(w) = self.bits.words.get(word)
            && skip >= w.count_ones()
        {
            skip -= w.count_ones();
            word += 1;
        }
        self.bits.iter_words(word).skip(skip as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(rows: &[bool]) -> Bits {
        Bits::of_values(rows, |is_in| is_in)
    }

    /// Rows that are neither regular nor all alike: a linear congruential generator, with long runs of either kind.
    fn rows(len: usize, seed: u64) -> Vec<bool> {
        let mut state = seed;
        let mut row = |i: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            match i / 700 % 3 {
                0 => state >> 63 == 1,
                1 => state >> 57 == 1,
                _ => (i / 2100).is_multiple_of(2),
            }
        };
        (0..len).map(&mut row).collect()
    }

    #[test]
    fn sets_agree_with_plain_loops() {
        for len in [0, 1, 63, 64, 65, 511, 512, 513, 5000] {
            let (a, b) = (rows(len, 1), rows(len, 2));
            let combined = |op: fn(bool, bool) -> bool| {
                let both = a.iter().zip(&b).map(|(a, b)| op(*a, *b));
                bits(&both.collect::<Vec<_>>())
            };
            let with = |op: fn(&mut Bits, &Bits)| {
                let mut result = bits(&a);
                op(&mut result, &bits(&b));
                result
            };
            assert_eq!(with(Bits::and), combined(|a, b| a && b));
            assert_eq!(with(Bits::or), combined(|a, b| a || b));
            assert_eq!(with(Bits::and_not), combined(|a, b| a && !b));
            assert_eq!(with(|a, _| a.not()), combined(|a, _| !a));
            let members: Vec<u32> = (0..).zip(&a).filter(|(_, a)| **a).map(|(i, _)| i).collect();
            let set = bits(&a);
            assert_eq!(set.iter().collect::<Vec<_>>(), members);
            assert_eq!(set.count() as usize, members.len());
            let mut pushed = Bits::default();
            a.iter().for_each(|is_in| pushed.push(*is_in));
            assert_eq!(pushed, set);
            let len = u32::try_from(len).expect("it is small");
            assert!(Bits::all(len).is_all());
            assert_eq!(Bits::all(len).count(), len);
            assert_eq!(Bits::none(len).count(), 0);

            let ranked = Ranked::new(set);
            for row in 0..=len + 1 {
                let before = members.iter().filter(|m| **m < row).count();
                assert_eq!(ranked.rank(row) as usize, before);
                assert_eq!(ranked.bits().contains(row), members.contains(&row));
            }
            let count = ranked.count();
            assert_eq!(count as usize, members.len());
            for n in (0..count + 2).chain([u32::MAX]) {
                assert_eq!(ranked.iter_from(n).next(), members.get(n as usize).copied());
            }
            if count > 3 {
                assert!(
                    ranked
                        .iter_from(count - 3)
                        .eq(members[members.len() - 3..].iter().copied())
                );
            }
        }
    }

    #[test]
    fn a_shorter_set_has_no_later_rows() {
        let mut set = Bits::all(200);
        set.and(&Bits::all(70));
        assert_eq!(set.count(), 70);
        let mut set = Bits::none(70);
        set.or(&Bits::all(200));
        assert!(set.is_all());
        let mut set = Bits::none(70);
        set.insert(70);
        assert_eq!(set.count(), 0);
    }

    #[test]
    fn codes_of_every_width_are_found() {
        for greatest in [200_u32, 60_000, 100_000] {
            let mut store = super::super::codes::CodeStore::default();
            let codes: Vec<u32> = (0..1000).map(|i| i * 7919 % 13 * greatest / 13).collect();
            codes.iter().for_each(|code| store.push(*code));
            for wanted in [&codes[..0], &codes[..1], &codes[..4]] {
                let mut table = vec![false; greatest as usize / 2];
                for code in wanted {
                    if let Some(place) = table.get_mut(*code as usize) {
                        *place = true;
                    }
                }
                let is_wanted = |code: u32| table.get(code as usize) == Some(&true);
                let found = Bits::of_codes(store.codes(), &table);
                assert_eq!(found, Bits::of_values(&codes, is_wanted));
            }
            assert_eq!(store.codes().get(999), Some(codes[999]));
            assert_eq!(store.codes().first(10).len(), 10);
        }
    }
}
