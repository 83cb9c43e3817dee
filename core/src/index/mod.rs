//! What is kept of every entry: its verdict and where it lies, in columns.
//!
//! 13 bytes an entry. Everything else is read again from the source when somebody looks.

use crate::entry::Place;
use crate::units::{RowIdx, SourceIdx};
use crate::view::Verdict;

/// Rows per block of the running counts.
const BLOCK: usize = 4096;

/// The entries of a case, in source order.
#[derive(Debug, Default)]
pub(crate) struct Index {
    verdicts: Vec<Verdict>,
    keys: Vec<u64>,
    lines: Vec<u32>,
    runs: Vec<Run>,
    /// Before each block: how many rows of each verdict came earlier.
    before_block: Vec<[u32; 4]>,
    counts: [u32; 4],
}

/// Consecutive rows of one part.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u32,
    source: SourceIdx,
    part: usize,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) source: SourceIdx,
    pub(crate) part: usize,
    pub(crate) place: Place,
    pub(crate) verdict: Verdict,
}

impl Index {
    /// Appends a row and returns its place in the case; `None` beyond 2³² − 1 rows.
    pub(crate) fn push(
        &mut self,
        source: SourceIdx,
        part: usize,
        place: Place,
        verdict: Verdict,
    ) -> Option<RowIdx> {
        let row = u32::try_from(self.keys.len())
            .ok()
            .filter(|r| *r < u32::MAX)?;
        if self
            .runs
            .last()
            .is_none_or(|r| (r.source, r.part) != (source, part))
        {
            self.runs.push(Run {
                first: row,
                source,
                part,
            });
        }
        if self.keys.len().is_multiple_of(BLOCK) {
            self.before_block.push(self.counts);
        }
        self.verdicts.push(verdict);
        self.keys.push(place.key);
        self.lines
            .push(u32::try_from(place.line).unwrap_or(u32::MAX));
        self.counts[verdict as usize] += 1;
        Some(RowIdx(row))
    }

    /// Where a row comes from.
    pub(crate) fn origin(&self, row: RowIdx) -> Option<Origin> {
        let i = row.0 as usize;
        let run = self.runs[..self.runs.partition_point(|r| r.first <= row.0)].last()?;
        Some(Origin {
            source: run.source,
            part: run.part,
            place: Place {
                key: *self.keys.get(i)?,
                line: u64::from(*self.lines.get(i)?),
            },
            verdict: *self.verdicts.get(i)?,
        })
    }

    /// The rows with this verdict (or all), from the `start`-th on.
    pub(crate) fn rows(
        &self,
        verdict: Option<Verdict>,
        start: u64,
    ) -> impl Iterator<Item = RowIdx> + '_ {
        let (from, skip) = match verdict {
            None => (usize::try_from(start).unwrap_or(usize::MAX), 0),
            Some(v) => {
                let block = self
                    .before_block
                    .partition_point(|b| u64::from(b[v as usize]) <= start)
                    .saturating_sub(1);
                let before = self
                    .before_block
                    .get(block)
                    .map_or(0, |b| u64::from(b[v as usize]));
                (
                    block * BLOCK,
                    usize::try_from(start - before).unwrap_or(usize::MAX),
                )
            }
        };
        let from = from.min(self.verdicts.len());
        let matching = move |v: Verdict| verdict.is_none_or(|wanted| wanted == v);
        (from..self.verdicts.len())
            .filter(move |&i| matching(self.verdicts[i]))
            .skip(skip)
            .filter_map(|i| u32::try_from(i).ok().map(RowIdx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_verdict_are_found_from_any_start() {
        let mut index = Index::default();
        let mut expected = Vec::new();
        for i in 0..20_000_u32 {
            let verdict = if i % 7 == 3 || (9000..9500).contains(&i) {
                expected.push(i);
                Verdict::Mismatched
            } else {
                Verdict::Verified
            };
            index.push(
                SourceIdx(i / 15_000),
                0,
                Place {
                    key: u64::from(i),
                    line: 0,
                },
                verdict,
            );
        }
        for start in [
            0,
            1,
            584,
            585,
            586,
            1300,
            1900,
            expected.len() - 1,
            expected.len(),
        ] {
            let found: Vec<_> = index
                .rows(Some(Verdict::Mismatched), start as u64)
                .map(|r| r.0)
                .collect();
            assert_eq!(found, expected[start..]);
        }
        assert_eq!(index.rows(None, 19_998).count(), 2);
        assert_eq!(index.rows(None, 30_000).count(), 0);
        assert_eq!(
            index.origin(RowIdx(15_000)).map(|o| o.source),
            Some(SourceIdx(1))
        );
        assert_eq!(
            index.origin(RowIdx(14_999)).map(|o| o.source),
            Some(SourceIdx(0))
        );
    }
}
