//! Adding up the entries of the indexes, beside the table's scan as far as possible.

use super::{Side, Stage, Sum};
use crate::error::Error;
use crate::ingest::sqlite::SqliteScan;
use crate::ingest::sqlite::record::index_payload;

/// Pages that are added up after each step through the table: above the leaves, which must be fetched, and leaves that
/// are at hand.
const BESIDE_INNER: u32 = 16;
const BESIDE_LEAVES: u32 = 512;

impl SqliteScan {
    /// Adds up what lies where the table has just been read: every byte of the file is then had from the host once.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(in crate::ingest::sqlite) fn sum_beside(&mut self, part: usize) -> Result<(), Error> {
        if self.indexes[part].is_empty() {
            return Ok(());
        }
        let mut comparison = self.comparison(part);
        let offset = self.db.vfs().image().position();
        if let Stage::Sum(sum) = &mut comparison.stage {
            for _ in 0..BESIDE_INNER {
                if sum.sweep.is_at_leaves() || self.db.vfs().image().is_fetching() {
                    break;
                }
                self.sum(part, sum, &mut comparison.sides, offset, 1)?;
            }
            for _ in 0..BESIDE_LEAVES {
                if !sum.sweep.is_at_hand(self.db.vfs().image(), offset) {
                    break;
                }
                self.sum(part, sum, &mut comparison.sides, offset, 1)?;
            }
        }
        self.db.vfs().image().set_position(offset);
        self.comparisons[part] = Some(comparison);
        Ok(())
    }

    /// Adds up the entries on some pages; true at the end. `offset`: where the table is being read, which is not where the
    /// last page of an index was.
    pub(super) fn sum(
        &mut self,
        part: usize,
        sum: &mut Sum,
        sides: &mut [Side],
        offset: u64,
        pages: u32,
    ) -> Result<bool, Error> {
        let (usable, encoding) = (self.usable, self.encoding);
        let indexes = &mut self.indexes[part];
        let mut text = Vec::new();
        let image = self.db.vfs().image();
        for _ in 0..pages {
            let mut lost = |i: usize, page| {
                sides[i].lost.get_or_insert(page);
            };
            let Some((i, page)) = sum.sweep.next(image, offset, &mut lost)? else {
                return Ok(true);
            };
            for cell in 0..page.cells {
                let (buffer, budget) = (&mut sum.buffer, &mut sum.budget);
                let payload = index_payload(image, usable, page, cell, buffer, budget)?;
                match payload.and_then(|r| indexes[i].of_record(r, encoding, &mut text)) {
                    Some((rowid, number)) => indexes[i].take_away(rowid, number),
                    None => sides[i].broken += 1,
                }
            }
        }
        Ok(false)
    }
}
