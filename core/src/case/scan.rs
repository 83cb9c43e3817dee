//! A look through all fields of all entries for what a log should perhaps not hold.

use super::Case;
use crate::entry::Fields;
use crate::error::Error;
use crate::examine::scan::{Scanner, is_anything};
use crate::query::Entries;
use crate::units::RowIdx;
use crate::view::{EntryRef, Period, Scan, Sighting};

/// Entries read at a time.
const RUN: usize = 2_048;

/// A scan under way: see [`Case::begin_scan`].
pub struct Scanning {
    scanner: Scanner,
    rows: Vec<u32>,
    /// How many of them were read.
    read: usize,
}

impl Scanning {
    /// Entries looked through, and all that are to be.
    #[must_use]
    pub fn read(&self) -> (u64, u64) {
        (self.read as u64, self.rows.len() as u64)
    }
}

impl Case {
    /// Looks for personal data, secrets, proprietary detail and guessable hashes in all fields of all entries, which are
    /// read again for it. No value is handed out in clear.
    ///
    /// # Errors
    ///
    /// If the entries can no longer be read.
    pub fn scan(&self) -> Result<Scan, Error> {
        let mut scanning = self.begin_scan(None)?;
        while self.scan_step(&mut scanning)? {}
        Ok(self.end_scan(scanning))
    }

    /// Begins what [`Case::scan`] does, for a host that has other things to do meanwhile; of the entries of a period if
    /// one is given.
    ///
    /// # Errors
    ///
    /// If the period's filter is none.
    pub fn begin_scan(&self, period: Option<&Period>) -> Result<Scanning, Error> {
        let rows = match period {
            None => (0..self.judge.index.len()).collect(),
            Some(period) => self.bits_of(&period.filter)?.iter().collect(),
        };
        Ok(Scanning {
            scanner: Scanner::default(),
            rows,
            read: 0,
        })
    }

    /// Goes on by some thousand entries; false once all were read. [`Case::end_scan`] is then due.
    ///
    /// # Errors
    ///
    /// If they can no longer be read.
    pub fn scan_step(&self, scanning: &mut Scanning) -> Result<bool, Error> {
        let rest = scanning.rows.get(scanning.read..).unwrap_or_default();
        let run = rest.get(..RUN).unwrap_or(rest);
        let scanner = &mut scanning.scanner;
        let mut is_whole = true;
        self.read_again(run, Fields::All, &mut |row, entry| match entry {
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
        scanning.read += run.len();
        Ok(scanning.read < scanning.rows.len())
    }

    /// What was seen.
    #[must_use]
    pub fn end_scan(&self, scanning: Scanning) -> Scan {
        let outcome = scanning.scanner.finish();
        let sightings = outcome.seen.into_iter().map(|seen| Sighting {
            group: seen.group.to_owned(),
            kind: seen.kind.to_owned(),
            path: seen.path,
            count: seen.count,
            entries: seen.entries,
            examples: seen.examples,
            first: self.shown_ref(RowIdx(seen.first)),
        });
        Scan {
            entries: outcome.entries,
            unparsed: outcome.unparsed,
            is_coarse: outcome.is_coarse,
            sightings: sightings.collect(),
        }
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
