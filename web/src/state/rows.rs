//! The rows that the page holds at the moment: windows of a list that may be millions long.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use auditglass::EntryRow;

/// Rows asked for at a time.
pub(crate) const CHUNK: u64 = 100;
/// Chunks kept; the ones farthest from what is looked at go first.
const KEPT: usize = 60;
/// Questions on their way at a time: what is asked is decided as late as possible, so that a fling asks only for where
/// it ends.
const IN_FLIGHT: usize = 2;

/// Rows by their position in the filtered list.
#[derive(Debug, Default)]
pub(crate) struct RowCache {
    chunks: BTreeMap<u64, Vec<Arc<EntryRow>>>,
    asked: BTreeSet<u64>,
    /// Chunks that are shown until they come again: the list has grown since.
    stale: BTreeSet<u64>,
    wanted: Range<u64>,
}

impl RowCache {
    /// Forgets everything: another case is open.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets the rows, but not where the reader looks: another list is shown there.
    pub(crate) fn relist(&mut self) {
        let wanted = self.wanted.clone();
        *self = Self {
            wanted,
            ..Self::default()
        };
    }

    /// The list has grown at its end: what was not full is asked for again, and shown until it comes. Answers on their way
    /// are not waited for.
    pub(crate) fn grow(&mut self) {
        self.asked.clear();
        let chunks = self.chunks.iter();
        let parts = chunks.filter(|(_, rows)| (rows.len() as u64) < CHUNK);
        self.stale = parts.map(|(chunk, _)| *chunk).collect();
    }

    /// The positions that are looked at.
    pub(crate) fn want(&mut self, positions: Range<u64>) {
        self.wanted = positions;
    }

    /// The row at `position`, if it is here.
    pub(crate) fn get(&self, position: u64) -> Option<Arc<EntryRow>> {
        let chunk = self.chunks.get(&(position / CHUNK))?;
        chunk.get(usize::try_from(position % CHUNK).ok()?).cloned()
    }

    /// The first position of a chunk that is to be asked for now; call until `None`.
    pub(crate) fn next_question(&mut self) -> Option<u64> {
        if self.asked.len() >= IN_FLIGHT || self.wanted.is_empty() {
            return None;
        }
        let chunks = self.wanted.start / CHUNK..=(self.wanted.end - 1) / CHUNK;
        let missing = |c: &u64| {
            (!self.chunks.contains_key(c) || self.stale.contains(c)) && !self.asked.contains(c)
        };
        let chunk = chunks.into_iter().find(missing)?;
        self.asked.insert(chunk);
        Some(chunk * CHUNK)
    }

    /// Takes in rows that nobody asked for here.
    pub(crate) fn put(&mut self, start: u64, rows: Vec<EntryRow>) {
        self.asked.insert(start / CHUNK);
        self.accept(start, rows);
    }

    /// Takes in the answer to a question; an answer that holds nothing is remembered as such and not asked again.
    pub(crate) fn accept(&mut self, start: u64, rows: Vec<EntryRow>) {
        let chunk = start / CHUNK;
        if !self.asked.remove(&chunk) {
            return;
        }
        self.stale.remove(&chunk);
        self.chunks
            .insert(chunk, rows.into_iter().map(Arc::new).collect());
        let middle = self.wanted.start.midpoint(self.wanted.end) / CHUNK;
        while self.chunks.len() > KEPT {
            let (first, last) = match (self.chunks.first_key_value(), self.chunks.last_key_value())
            {
                (Some((first, _)), Some((last, _))) => (*first, *last),
                _ => return,
            };
            let farthest = if middle.abs_diff(first) > middle.abs_diff(last) {
                first
            } else {
                last
            };
            self.chunks.remove(&farthest);
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use auditglass::{RowIdx, SourceIdx, Verdict};

    use super::*;

    fn rows(start: u64, n: u64) -> Vec<EntryRow> {
        let row = |i: u64| EntryRow {
            row: RowIdx(u32::try_from(i).unwrap()),
            source: SourceIdx(0),
            verdict: Verdict::Verified,
            cells: Vec::new(),
        };
        (start..start + n).map(row).collect()
    }

    #[test]
    fn asks_for_what_is_looked_at_and_no_more() {
        let mut cache = RowCache::default();
        assert_eq!(cache.next_question(), None);
        cache.want(150..420);
        assert_eq!(cache.next_question(), Some(100));
        assert_eq!(cache.next_question(), Some(200));
        assert_eq!(cache.next_question(), None, "two are on their way");
        // The reader has moved on: what is asked next is where he is now.
        cache.want(9_990..10_010);
        cache.accept(100, rows(100, 100));
        assert_eq!(cache.next_question(), Some(9_900));
        assert_eq!(cache.get(150).unwrap().row, RowIdx(150));
        assert_eq!(cache.get(250), None);
    }

    #[test]
    fn an_answer_to_a_question_of_before_is_dropped() {
        let mut cache = RowCache::default();
        cache.want(0..10);
        assert_eq!(cache.next_question(), Some(0));
        cache.clear();
        cache.accept(0, rows(0, 100));
        assert_eq!(cache.get(0), None);
    }

    #[test]
    fn a_list_that_grows_keeps_what_it_shows() {
        let mut cache = RowCache::default();
        cache.want(90..150);
        for (start, n) in [(0, 100), (100, 20)] {
            assert_eq!(cache.next_question(), Some(start));
            cache.accept(start, rows(start, n));
        }
        assert_eq!(cache.next_question(), None);
        cache.grow();
        assert!(cache.get(99).is_some() && cache.get(119).is_some());
        assert_eq!(cache.next_question(), Some(100), "it was not full");
        cache.accept(100, rows(100, 80));
        assert!(cache.get(179).is_some());
        assert_eq!(cache.next_question(), None);
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_near() {
        let mut cache = RowCache::default();
        for i in 0..500 {
            cache.want(i * CHUNK..i * CHUNK + 30);
            assert_eq!(cache.next_question(), Some(i * CHUNK));
            cache.accept(i * CHUNK, rows(i * CHUNK, CHUNK));
        }
        assert!(cache.chunks.len() <= KEPT);
        assert!(cache.get(499 * CHUNK).is_some());
        assert!(cache.get(0).is_none());
    }
}
