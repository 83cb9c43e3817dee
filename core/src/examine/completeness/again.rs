//! What only the entries themselves say: all of them are read once more, and of each a few bytes are kept.

use super::Part;
use super::form::{Former, OrderId, Orders, Trait};
use super::pairs::Collector;
use crate::entry::{Fields, RawEntry, RawValue};
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
    /// In which of the orders their keys stand.
    pub(super) order_ids: Vec<OrderId>,
    /// The orders; there once all was read.
    pub(super) orders: Orders,
}

/// An examination under way.
pub(crate) struct Reading {
    pub(super) parts: Vec<Part>,
    pub(super) pairs: Collector,
    pub(super) again: Again,
    pub(super) former: Former,
    /// The part that is being read, and the next row.
    part: usize,
    next: u32,
    /// Rows read so far.
    pub(crate) read: u64,
    /// Why no more could be read.
    pub(super) failed: Option<Error>,
}

impl Reading {
    /// Begins with these parts, which are the whole case. `pair`: the path in the details by which requests and responses
    /// belong together, instead of the usual ones.
    pub(crate) fn begin(index: &Index, parts: Vec<Part>, pair: Option<&str>) -> Self {
        let len = index.len() as usize;
        Self {
            pairs: Collector::new(index, pair),
            again: Again {
                written: vec![UNPLACED; len],
                forms: vec![Trait::default(); len],
                order_ids: vec![0; len],
                orders: Orders::default(),
            },
            former: Former::default(),
            next: parts.first().map_or(0, |part| part.rows.start),
            parts,
            part: 0,
            read: 0,
            failed: None,
        }
    }

    /// Reads some thousand entries again; false once all were read, or no more can be. A row that can no longer be read
    /// says nothing.
    pub(crate) fn step(&mut self, index: &Index, entries: &dyn Entries) -> bool {
        let Some(part) = self.parts.get(self.part) else {
            return false;
        };
        let end = part.rows.end.min(self.next.saturating_add(RUN));
        let rows: Vec<u32> = (self.next..end).collect();
        let (again, former, pairs) = (&mut self.again, &mut self.former, &mut self.pairs);
        let read = entries.read_again(&rows, Fields::All, &mut |row, entry| {
            if let Some(entry) = entry {
                again.take(row, entry, former);
                pairs.take(index, row, entry);
            }
        });
        if let Err(error) = read {
            self.failed = Some(error);
            return false;
        }
        self.read += rows.len() as u64;
        self.next = end;
        if end >= part.rows.end {
            self.part += 1;
            self.next = self.parts.get(self.part).map_or(0, |next| next.rows.start);
        }
        self.part < self.parts.len()
    }
}

impl Again {
    fn take(&mut self, row: u32, entry: &RawEntry<'_>, former: &mut Former) {
        let row = row as usize;
        let written = entry.extras.iter().rev().find(|(n, _)| *n == WRITTEN_AT);
        if let (Some((_, value)), Some(kept)) = (written, self.written.get_mut(row)) {
            *kept = instant(*value);
        }
        let (form, order) = former.form(entry);
        if let Some(kept) = self.forms.get_mut(row) {
            *kept = form;
        }
        if let Some(kept) = self.order_ids.get_mut(row) {
            *kept = order;
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
