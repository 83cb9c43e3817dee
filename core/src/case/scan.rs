//! A look through all fields of all entries for what a log should perhaps not hold.

use super::Case;
use crate::error::Error;
use crate::examine::scan::{Scanner, is_anything};
use crate::query::Entries;
use crate::units::RowIdx;
use crate::view::{EntryRef, Scan, Sighting};

/// Entries read at a time.
const RUN: u32 = 2_048;

impl Case {
    /// Looks for personal data, secrets, proprietary detail and guessable hashes in all fields of all entries, which are
    /// read again for it. No value is handed out in clear.
    ///
    /// # Errors
    ///
    /// If the entries can no longer be read.
    pub fn scan(&self) -> Result<Scan, Error> {
        let len = self.judge.index.len();
        let mut scanner = Scanner::default();
        let mut start = 0;
        while start < len {
            let end = len.min(start.saturating_add(RUN));
            let rows: Vec<u32> = (start..end).collect();
            let mut is_whole = true;
            self.read_again(&rows, &mut |row, entry| match entry {
                Some(entry) => scanner.entry(row, entry),
                None => is_whole = false,
            })?;
            if !is_whole {
                return Err(
                    Error::unavailable("an entry can no longer be read").with_hint(
                        "The file may have been moved or changed while it was open. Open it again.",
                    ),
                );
            }
            start = end;
        }
        let outcome = scanner.finish();
        let sightings = outcome.seen.into_iter().map(|seen| Sighting {
            group: seen.group.to_owned(),
            kind: seen.kind.to_owned(),
            path: seen.path,
            count: seen.count,
            entries: seen.entries,
            examples: seen.examples,
            first: self.shown_ref(RowIdx(seen.first)),
        });
        Ok(Scan {
            entries: outcome.entries,
            unparsed: outcome.unparsed,
            is_coarse: outcome.is_coarse,
            sightings: sightings.collect(),
        })
    }

    /// An entry, without its id where that is what should not be shown.
    fn shown_ref(&self, row: RowIdx) -> EntryRef {
        let mut entry = self.entry_ref(row);
        if is_anything(entry.entry_id.as_bytes()) {
            entry.entry_id.clear();
        }
        entry
    }
}
