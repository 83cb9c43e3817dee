//! Whether an index says the same as its table: a sum over all entries of either side, which no order changes.
//!
//! Each row and each entry of an index adds one number, made of its rowid and its key values, to one of a few thousand
//! buckets; the index takes away what the table adds. Where a bucket is not zero in the end, they disagree about a row in
//! it, and only such rows are looked at one by one (`differences`). 32 KB an index, whatever the size of the log.
//!
//! The function is ours because it must be quick on short texts in WebAssembly too, where the engine's SHA-256 would cost
//! as much as judging. It need not withstand an adversary: whoever can write index pages would write the right value.

use std::rc::Rc;

use super::db::{Db, SqlError};
use super::record::{Encoding, Values};
use super::table::{Key, LogTable, as_string, quote};
use crate::entry::{RawEntry, RawValue};

/// Buckets of an index; a power of two.
const BUCKETS: usize = 1 << 12;

/// An index of a log table over plain columns.
pub(super) struct LogIndex {
    /// Its name, for people.
    pub(super) name: String,
    /// The first page of its tree.
    pub(super) root: u32,
    /// The names of its columns, for people.
    pub(super) columns: Vec<String>,
    /// Where an entry has them.
    slots: Vec<Slot>,
    /// What the table has that the index has not, per bucket.
    sums: Vec<u64>,
    /// Entries that were taken away.
    pub(super) entries: u64,
}

/// Where a [`RawEntry`] of a table's scan has a column's value.
#[derive(Clone, Copy)]
enum Slot {
    Field(usize),
    Checksum,
    Extra(usize),
}

impl LogIndex {
    /// The indexes of a table that can be compared with it: those over plain stored columns of all rows. A table WITHOUT
    /// ROWID has none here: it is its own primary key.
    pub(super) fn all_of(db: &Rc<Db>, table: &LogTable) -> Result<Vec<Self>, SqlError> {
        let mut indexes = Vec::new();
        if !matches!(table.key, Key::Rowid(_)) {
            return Ok(indexes);
        }
        let mut names = Vec::new();
        let mut list = db.prepare(&[b"PRAGMA index_list(", table.quoted(), b")"].concat())?;
        while list.step()? {
            let is_partial = list.integer(4) != 0;
            if !is_partial {
                names.push(list.text(1).to_vec());
            }
        }
        drop(list);
        let mut roots = db.prepare(
            b"SELECT CAST(name AS TEXT), rootpage FROM sqlite_schema WHERE lower(type) = 'index'",
        )?;
        while roots.step()? {
            let Some(at) = names.iter().position(|n| n == roots.text(0)) else {
                continue;
            };
            let (name, Ok(root)) = (names.swap_remove(at), u32::try_from(roots.integer(1))) else {
                continue;
            };
            let mut info =
                db.prepare(&[b"PRAGMA index_xinfo(", &quote(&name)[..], b")"].concat())?;
            let (mut columns, mut slots) = (Vec::new(), Vec::new());
            let mut keys = 0;
            while info.step()? {
                // What is no key is the rowid at the end.
                if info.integer(5) == 0 {
                    continue;
                }
                keys += 1;
                // An expression has no column, and a generated one that is not stored has no value in a scan.
                let column = usize::try_from(info.integer(1)).ok();
                if let Some((column, slot)) = column.and_then(|c| Some((c, Slot::of(table, c)?))) {
                    columns.push(table.columns[column].clone());
                    slots.push(slot);
                }
            }
            if keys == slots.len() && keys > 0 {
                indexes.push(Self {
                    name: as_string(&name),
                    root,
                    columns,
                    slots,
                    sums: vec![0; BUCKETS],
                    entries: 0,
                });
            }
        }
        indexes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(indexes)
    }

    /// The values of its columns in a row.
    pub(super) fn values<'a>(
        &'a self,
        entry: &'a RawEntry<'_>,
    ) -> impl Iterator<Item = RawValue<'a>> + 'a {
        self.slots.iter().map(|slot| match *slot {
            Slot::Field(i) => entry.fields[i],
            Slot::Checksum => entry.claimed_checksum,
            Slot::Extra(i) => entry.extras.get(i).map_or(RawValue::Missing, |e| e.1),
        })
    }

    /// The number of a row.
    pub(super) fn of_row(&self, rowid: i64, entry: &RawEntry<'_>) -> u64 {
        let mut sum = Fingerprint::default();
        for value in self.values(entry) {
            sum.value(value);
        }
        sum.finish(rowid)
    }

    /// The rowid and the number of an entry of the index; `None` if its record is damaged.
    pub(super) fn of_record(
        &self,
        record: &[u8],
        encoding: Encoding,
        buffer: &mut Vec<u8>,
    ) -> Option<(i64, u64)> {
        let mut sum = Fingerprint::default();
        let mut values = Values::of(record);
        for _ in &self.slots {
            match values.next()? {
                RawValue::Text(text) => sum.value(RawValue::Text(encoding.to_utf8(text, buffer))),
                value => sum.value(value),
            }
        }
        match (values.next()?, values.next()) {
            (RawValue::Integer(rowid), None) => Some((rowid, sum.finish(rowid))),
            _ => None,
        }
    }

    /// Adds a row of the table.
    pub(super) fn add(&mut self, rowid: i64, number: u64) {
        let bucket = &mut self.sums[bucket(rowid)];
        *bucket = bucket.wrapping_add(number);
    }

    /// Takes an entry of the index away.
    pub(super) fn take_away(&mut self, rowid: i64, number: u64) {
        let bucket = &mut self.sums[bucket(rowid)];
        *bucket = bucket.wrapping_sub(number);
        self.entries += 1;
    }

    /// Whether table and index disagree about a row that shares its bucket with this one.
    pub(super) fn is_disputed(&self, rowid: i64) -> bool {
        self.sums[bucket(rowid)] != 0
    }

    /// Buckets that are not zero.
    pub(super) fn disputed(&self) -> usize {
        self.sums.iter().filter(|sum| **sum != 0).count()
    }

    /// Forgets all disputed buckets but so many that about `rows` rows are in them, and at least one; whether any was
    /// forgotten.
    pub(super) fn keep_disputed(&mut self, rows: u64) -> bool {
        let keep = rows / (self.entries / BUCKETS as u64 + 1);
        let keep = usize::try_from(keep).unwrap_or(usize::MAX).max(1);
        let rest = self.sums.iter_mut().filter(|sum| **sum != 0).skip(keep);
        rest.map(|sum| *sum = 0).count() > 0
    }
}

impl Slot {
    fn of(table: &LogTable, column: usize) -> Option<Self> {
        if let Some(i) = table.fields.iter().position(|&c| c == column) {
            return Some(Self::Field(i));
        }
        if table.checksum == Some(column) {
            return Some(Self::Checksum);
        }
        let i = table.stored_extras.iter().position(|&c| c == column)?;
        Some(Self::Extra(i))
    }
}

fn bucket(rowid: i64) -> usize {
    let mixed = rowid.cast_unsigned().wrapping_mul(FACTOR) >> (u64::BITS - BUCKETS.ilog2());
    usize::try_from(mixed).unwrap_or(0)
}

/// Odd, with bits all over: 2⁶⁴ divided by the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number made of values, eight bytes at a time.
#[derive(Default)]
struct Fingerprint(u64);

impl Fingerprint {
    fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(FACTOR);
        self.0 = mixed ^ mixed >> 29;
    }

    fn bytes(&mut self, kind: u64, bytes: &[u8]) {
        self.word(kind ^ (bytes.len() as u64) << 3);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(last));
        }
    }

    /// Takes a value in. A whole number is the same whether it is stored as INTEGER or REAL: an index may store it in
    /// another of the two ways than its table.
    fn value(&mut self, value: RawValue<'_>) {
        match value {
            RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Bare => self.word(1),
            RawValue::Integer(n) => self.bytes(2, &n.to_le_bytes()),
            RawValue::Real(x) => match whole(x) {
                Some(n) => self.bytes(2, &n.to_le_bytes()),
                None => self.bytes(3, &x.to_bits().to_le_bytes()),
            },
            RawValue::Text(text) | RawValue::Json(text) => self.bytes(4, text),
            RawValue::Blob(blob) => self.bytes(5, blob),
        }
    }

    fn finish(mut self, rowid: i64) -> u64 {
        self.word(rowid.cast_unsigned());
        self.word(0);
        self.0
    }
}

/// The integer that a real is, if it is one.
fn whole(x: f64) -> Option<i64> {
    // Two to the 63rd, from which on no `i64` is left.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if x.trunc() != x || !(-END..END).contains(&x) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it was just found to be a whole number in range"
    )]
    Some(x as i64)
}
