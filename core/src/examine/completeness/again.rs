//! What only the entries themselves say: all of them are read once more, and of each a few bytes are kept.

use super::Part;
use super::form::{Former, Trait};
use super::pairs::Collector;
use crate::entry::{RawEntry, RawValue};
use crate::error::Error;
use crate::index::{Index, UNPLACED, read_time, read_timestamp};
use crate::query::Entries;

/// Entries read at a time.
const RUN: u32 = 2_048;
/// The field in which the reference notes when it wrote an entry.
const WRITTEN_AT: &str = "written_at";

/// What was read, by rows.
#[derive(Default)]
pub(super) struct Again {
    /// The instant of `written_at`; [`UNPLACED`] where there is none that can be read.
    pub(super) written: Vec<i64>,
    /// How the details are spelled.
    pub(super) forms: Vec<Trait>,
}

impl Again {
    /// Reads all entries of these parts. A row that can no longer be read says nothing.
    ///
    /// # Errors
    ///
    /// If a source as a whole can no longer be read.
    pub(super) fn read(
        index: &Index,
        parts: &[Part],
        entries: &dyn Entries,
        pairs: &mut Collector,
    ) -> Result<Self, Error> {
        let len = index.len() as usize;
        let mut again = Self {
            written: vec![UNPLACED; len],
            forms: vec![Trait::default(); len],
        };
        let mut former = Former::default();
        for part in parts {
            let mut start = part.rows.start;
            while start < part.rows.end {
                let end = part.rows.end.min(start.saturating_add(RUN));
                let rows: Vec<u32> = (start..end).collect();
                entries.read_again(&rows, &mut |row, entry| {
                    if let Some(entry) = entry {
                        again.take(row, entry, &mut former);
                        pairs.take(index, row, entry);
                    }
                })?;
                start = end;
            }
        }
        Ok(again)
    }

    fn take(&mut self, row: u32, entry: &RawEntry<'_>, former: &mut Former) {
        let row = row as usize;
        let written = entry.extras.iter().rev().find(|(n, _)| *n == WRITTEN_AT);
        if let (Some((_, value)), Some(kept)) = (written, self.written.get_mut(row)) {
            *kept = instant(*value);
        }
        if let Some(kept) = self.forms.get_mut(row) {
            *kept = former.form(entry);
        }
    }
}

fn instant(value: RawValue<'_>) -> i64 {
    match value {
        RawValue::Text(text) => read_time(text).micros,
        RawValue::Json(token) => read_timestamp(token).micros,
        _ => UNPLACED,
    }
}
