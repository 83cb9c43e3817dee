//! Comparing the indexes of the log tables with their rows, after all rows were read, and naming each difference.
//!
//! SQLite changes both sides together. Where they disagree something else wrote the file: an edit with another program
//! leaves the old value in the index, a row that was cut out leaves its entry. First come the sums of `fingerprint`; only
//! where they differ are both sides read again, the rows concerned picked out, and then shown.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::btree::{Lost, Page, Tree, Visit, Walk};
use super::entry::with_entry;
use super::fingerprint::LogIndex;
use super::image::Image;
use super::record::{Values, index_payload};
use super::scan::{Cursor, Met};
use super::sweep::Sweep;
use super::table::Columns;
use super::{SqliteScan, UNFINISHED};
use crate::entry::RawValue;
use crate::error::Error;
use crate::finding::{Locator, Severity, shown};
use crate::ingest::{Note, Step};

mod sum;

/// Pages of an index that one step reads.
const STEP_PAGES: u32 = 64;
/// Rows that one step reads again.
const STEP_ROWS: u32 = 4096;
/// Rows that are picked out of either side of an index, 24 bytes each.
const PICKED: usize = 1 << 20;
/// Rows of a table that are told one by one, where it is not damaged and where it is.
const TOLD: usize = 1000;
const TOLD_OF_DAMAGED: u64 = 100;

/// The comparison of one table with its indexes.
pub(super) struct Comparison {
    stage: Stage,
    /// For each index.
    sides: Vec<Side>,
    /// For each row concerned what to tell of it.
    found: BTreeMap<i64, Found>,
    /// Rows of the table for which an index holds something else.
    there: BTreeSet<i64>,
    /// Rows that were not noted any more.
    more: u64,
}

enum Stage {
    /// Adds up the entries of all indexes.
    Sum(Box<Sum>),
    /// Picks out an index's entries that may differ.
    Pick(usize, Entries),
    /// Finds the same rows in the table.
    Rows(Box<Cursor>),
    /// Reads again what the entries without a row say.
    Show(usize, Entries),
    Tell,
}

/// Adding up, under way.
struct Sum {
    sweep: Sweep,
    buffer: Vec<u8>,
    /// As in [`Entries`].
    budget: u64,
}

/// What is known of an index's side.
#[derive(Default)]
struct Side {
    /// The first page that cannot be read.
    lost: Option<Lost>,
    broken: u64,
    picked: Vec<Picked>,
    /// Rows in some of the disputed buckets were not picked.
    is_partial: bool,
    /// Of those that should have been picked some were left out.
    is_cut: bool,
}

/// An entry of an index that may differ from its row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Picked {
    rowid: i64,
    number: u64,
    has_row: bool,
}

/// What is known of a row: for each index the values on either side.
#[derive(Default)]
struct Found {
    in_table: Vec<(usize, Vec<String>)>,
    in_index: Vec<(usize, Vec<String>)>,
}

/// The entries of an index, page by page.
pub(super) struct Entries {
    walk: Walk,
    buffer: Vec<u8>,
    /// Bytes of overflow pages that may still be read: damaged chains could lead round in circles.
    budget: u64,
}

impl Entries {
    fn new(image: &Image, root: u32) -> Self {
        Self {
            walk: Walk::new(Tree::Index, root),
            buffer: Vec::new(),
            budget: image.size().saturating_mul(2),
        }
    }

    /// Hands the records of some pages to `f`, `None` for one that cannot be read; false at the end.
    fn step(
        &mut self,
        image: &Image,
        usable: usize,
        f: &mut dyn FnMut(Option<&[u8]>),
    ) -> io::Result<bool> {
        for _ in 0..STEP_PAGES {
            let (buffer, budget) = (&mut self.buffer, &mut self.budget);
            let mut record = |page: &Page, cell| {
                let payload = index_payload(image, usable, page, cell, buffer, budget)?;
                f(payload);
                io::Result::Ok(())
            };
            match self.walk.next(image)? {
                None => return Ok(false),
                Some(Visit::Key(page, cell)) => record(page, cell)?,
                Some(Visit::Leaf(page)) => {
                    for cell in 0..page.cells {
                        record(page, cell)?;
                    }
                }
                // It was told when the sums were made.
                Some(Visit::Lost(_)) => {}
            }
        }
        Ok(true)
    }
}

impl SqliteScan {
    /// Goes on comparing; [`Step::End`] when all tables were compared.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn compare(&mut self) -> Result<Step, Error> {
        let part = self.compared;
        if part >= self.tables.len() {
            return Ok(Step::End);
        }
        if self.indexes[part].is_empty() {
            self.compared += 1;
            return Ok(Step::More);
        }
        let mut comparison = self.comparison(part);
        if matches!(comparison.stage, Stage::Tell) {
            self.tell_differences(part, comparison);
            self.indexes[part].clear();
            self.compared += 1;
            return Ok(Step::More);
        }
        let Comparison {
            stage,
            sides,
            found,
            there,
            more,
        } = &mut comparison;
        let is_over = match stage {
            Stage::Sum(sum) => {
                let offset = self.db.vfs().image().position();
                self.sum(part, sum, sides, offset, STEP_PAGES)?
            }
            Stage::Pick(i, entries) => self.pick(part, *i, entries, &mut sides[*i])?,
            Stage::Rows(cursor) => {
                // What there is to tell of damage was told when the rows were read first.
                let notes = self.notes.len();
                let is_over = self.pick_rows(part, cursor, sides, (found, there), more)?;
                self.notes.truncate(notes);
                is_over
            }
            Stage::Show(i, entries) => self.show(part, *i, entries, &sides[*i], found, more)?,
            Stage::Tell => true,
        };
        if is_over {
            comparison.stage = self.next_stage(part, &mut comparison);
        }
        self.comparisons[part] = Some(comparison);
        Ok(Step::More)
    }

    /// The comparison of a table with its indexes, as far as it is.
    fn comparison(&mut self, part: usize) -> Comparison {
        let indexes = &self.indexes[part];
        self.comparisons[part].take().unwrap_or_else(|| Comparison {
            stage: Stage::Sum(Box::new(Sum {
                sweep: Sweep::new(indexes.iter().map(|index| index.root)),
                buffer: Vec::new(),
                budget: (self.db.vfs().image().size()).saturating_mul(2 * indexes.len() as u64),
            })),
            sides: indexes.iter().map(|_| Side::default()).collect(),
            found: BTreeMap::new(),
            there: BTreeSet::new(),
            more: 0,
        })
    }

    fn entries(&self, index: &LogIndex) -> Entries {
        Entries::new(self.db.vfs().image(), index.root)
    }

    fn next_stage(&mut self, part: usize, comparison: &mut Comparison) -> Stage {
        // Whether an index of the part is still to be picked from, from the i-th on.
        let disputed = |scan: &Self, from: usize| {
            (from..scan.indexes[part].len()).find(|&i| scan.indexes[part][i].disputed() > 0)
        };
        let to_show = |comparison: &Comparison, from: usize| {
            (from..comparison.sides.len())
                .find(|&i| comparison.sides[i].picked.iter().any(|p| !p.has_row))
        };
        match comparison.stage {
            Stage::Sum(..) | Stage::Pick(..) => {
                let from = match comparison.stage {
                    Stage::Pick(i, _) => i + 1,
                    _ => 0,
                };
                if let Some(i) = disputed(self, from) {
                    let index = &mut self.indexes[part][i];
                    comparison.sides[i].is_partial = index.keep_disputed(PICKED as u64 / 2);
                    return Stage::Pick(i, self.entries(&self.indexes[part][i]));
                }
                for side in &mut comparison.sides {
                    side.picked.sort_unstable();
                }
                if disputed(self, 0).is_none() {
                    return Stage::Tell;
                }
                let notes = self.notes.len();
                let cursor = self.start(part);
                self.notes.truncate(notes);
                match cursor {
                    Ok(Some(cursor)) => Stage::Rows(Box::new(cursor)),
                    _ => Stage::Tell,
                }
            }
            Stage::Rows(_) | Stage::Show(..) => {
                let from = match comparison.stage {
                    Stage::Show(i, _) => i + 1,
                    _ => 0,
                };
                match to_show(comparison, from) {
                    Some(i) => Stage::Show(i, self.entries(&self.indexes[part][i])),
                    None => Stage::Tell,
                }
            }
            Stage::Tell => Stage::Tell,
        }
    }

    fn pick(
        &self,
        part: usize,
        i: usize,
        entries: &mut Entries,
        side: &mut Side,
    ) -> Result<bool, Error> {
        let index = &self.indexes[part][i];
        let mut buffer = Vec::new();
        let image = self.db.vfs().image();
        let more = entries.step(image, self.usable, &mut |record| {
            let entry = record.and_then(|r| index.of_record(r, self.encoding, &mut buffer));
            let Some((rowid, number)) = entry.filter(|(rowid, _)| index.is_disputed(*rowid)) else {
                return;
            };
            if side.picked.len() < PICKED {
                side.picked.push(Picked {
                    rowid,
                    number,
                    has_row: false,
                });
            } else {
                side.is_cut = true;
            }
        })?;
        Ok(!more)
    }

    fn pick_rows(
        &mut self,
        part: usize,
        cursor: &mut Cursor,
        sides: &mut [Side],
        (found, there): (&mut BTreeMap<i64, Found>, &mut BTreeSet<i64>),
        more: &mut u64,
    ) -> Result<bool, Error> {
        for _ in 0..STEP_ROWS {
            let place = match self.advance(part, cursor)? {
                Met::End => return Ok(true),
                Met::Damage => continue,
                Met::Unreadable(place, _) => {
                    let rowid = place.key.cast_signed();
                    // Nothing can be said about a row that cannot be read.
                    for side in &mut *sides {
                        let same = side.picked.iter_mut().filter(|p| p.rowid == rowid);
                        same.for_each(|p| p.has_row = true);
                    }
                    continue;
                }
                Met::Row(place) => place,
            };
            let rowid = place.key.cast_signed();
            let indexes = &self.indexes[part];
            if !indexes.iter().any(|index| index.is_disputed(rowid)) {
                continue;
            }
            let Some(row) = cursor.row() else { continue };
            let table = &self.tables[part];
            with_entry(table, Columns::Stored, row, place, |entry, _| {
                for (i, (index, side)) in indexes.iter().zip(&mut *sides).enumerate() {
                    if !index.is_disputed(rowid) {
                        continue;
                    }
                    let number = index.of_row(rowid, &entry);
                    let key = |p: &Picked| (p.rowid, p.number);
                    let from = side.picked.partition_point(|p| p.rowid < rowid);
                    let same = side.picked[from..].iter().take_while(|p| p.rowid == rowid);
                    if same.clone().any(|p| p.number != number) {
                        there.insert(rowid);
                    }
                    match side.picked.binary_search_by_key(&(rowid, number), key) {
                        Ok(at) => side.picked[at].has_row = true,
                        // Where not all of the index could be read, its silence says nothing.
                        Err(_) => {
                            let values = index.values(&entry).map(text_of).collect();
                            match note(found, rowid) {
                                Some(found) => found.in_table.push((i, values)),
                                None => *more += 1,
                            }
                        }
                    }
                }
            });
        }
        Ok(false)
    }

    fn show(
        &self,
        part: usize,
        i: usize,
        entries: &mut Entries,
        side: &Side,
        found: &mut BTreeMap<i64, Found>,
        more: &mut u64,
    ) -> Result<bool, Error> {
        let index = &self.indexes[part][i];
        let (mut buffer, mut text) = (Vec::new(), Vec::new());
        let image = self.db.vfs().image();
        let goes_on = entries.step(image, self.usable, &mut |record| {
            let Some(record) = record else { return };
            let Some((rowid, number)) = index.of_record(record, self.encoding, &mut buffer) else {
                return;
            };
            let key = |p: &Picked| (p.rowid, p.number);
            let picked = side.picked.binary_search_by_key(&(rowid, number), key);
            if !picked.is_ok_and(|at| !side.picked[at].has_row) {
                return;
            }
            let values = Values::of(record).take(index.columns.len());
            let values = values.map(|value| match value {
                RawValue::Text(t) => text_of(RawValue::Text(self.encoding.to_utf8(t, &mut text))),
                value => text_of(value),
            });
            match note(found, rowid) {
                Some(found) => found.in_index.push((i, values.collect())),
                None => *more += 1,
            }
        })?;
        Ok(!goes_on)
    }

    fn tell_differences(&mut self, part: usize, comparison: Comparison) {
        let Comparison {
            sides,
            found,
            there,
            more,
            ..
        } = comparison;
        for (index, side) in self.indexes[part].iter().zip(&sides) {
            if side.lost.is_none() && side.broken == 0 {
                continue;
            }
            let table = self.tables[part].name.clone();
            let what = match &side.lost {
                Some(lost) => format!("page {}: {}", lost.page, lost.why.as_str()),
                None => format!("{} of its entries cannot be read", side.broken),
            };
            self.notes.push(Note {
                code: "index-damaged",
                severity: Severity::Warning,
                locator: Locator::Table { table },
                message: format!(
                    "the index {} is damaged ({what}) and was compared with its table only as far as it can be read",
                    index.name
                ),
                hint: Some("No entry is lost with it: entries are read from the table."),
            });
        }
        let is_whole =
            |i: usize| sides[i].lost.is_none() && sides[i].broken == 0 && !sides[i].is_cut;
        let (mut told, mut more) = (0, more);
        for (rowid, found) in &found {
            if told >= TOLD_OF_DAMAGED && self.damaged[part] {
                more += 1;
                continue;
            }
            let is_there = there.contains(rowid) || !found.in_table.is_empty();
            let notes = self.differences_of(part, (*rowid, is_there), found, &is_whole);
            told += u64::from(!notes.is_empty());
            self.notes.extend(notes);
        }
        if told > 0 && (more > 0 || sides.iter().any(|side| side.is_partial || side.is_cut)) {
            let table = self.tables[part].name.clone();
            self.notes.push(Note {
                code: "index-differences-omitted",
                severity: Severity::Error,
                message: format!(
                    "{table} and its indexes disagree about more rows than the {told} that are listed"
                ),
                locator: Locator::Table { table },
                hint: None,
            });
        }
    }

    /// What to tell of one row.
    fn differences_of(
        &self,
        part: usize,
        (rowid, is_there): (i64, bool),
        found: &Found,
        is_whole: &dyn Fn(usize) -> bool,
    ) -> Vec<Note> {
        let indexes = &self.indexes[part];
        let (mut disagreeing, mut gone, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
        for (i, theirs) in &found.in_index {
            let index = &indexes[*i];
            let row = found.in_table.iter().find(|(j, _)| j == i);
            for (at, column) in index.columns.iter().enumerate() {
                let Some(value) = theirs.get(at) else {
                    continue;
                };
                match row.and_then(|(_, ours)| ours.get(at)) {
                    Some(now) if now != value => disagreeing.push(format!(
                        "{column}: the index {} still holds {value}, the row says {now}",
                        index.name
                    )),
                    Some(_) => {}
                    None => gone.push(format!("{column} {value}")),
                }
            }
            // Values that differ only beyond what is shown.
            if row.is_some_and(|(_, ours)| ours == theirs) {
                disagreeing.push(format!(
                    "the index {} holds another value than the row",
                    index.name
                ));
            }
        }
        let is_in_index = |i: &usize| found.in_index.iter().any(|(j, _)| j == i);
        for (i, _) in &found.in_table {
            if !is_in_index(i) && is_whole(*i) {
                lacking.push(indexes[*i].name.clone());
            }
        }
        // A row that other indexes agree with is there, though one index has a further entry for it.
        gone.dedup();
        let table = &self.tables[part].name;
        let note = |code, message| Note {
            code,
            severity: Severity::Error,
            locator: Locator::Row {
                table: table.clone(),
                rowid,
            },
            message,
            hint: Some(if code == "row-lost" {
                "Look for it in another copy of the file, or a backup."
            } else if self.is_unfinished {
                UNFINISHED
            } else {
                "SQLite always changes a table and its indexes together: something else wrote the file."
            }),
        };
        let mut notes = Vec::new();
        if !disagreeing.is_empty() {
            notes.push(note("index-disagrees", disagreeing.join("; ")));
        }
        if !gone.is_empty() {
            let gone = gone.join(", ");
            notes.push(if is_there {
                let message = format!(
                    "an index holds a second entry for this row, which says otherwise: {gone}"
                );
                note("index-disagrees", message)
            } else {
                let (code, what) = if self.damaged[part] {
                    ("row-lost", "this entry is lost in the damage")
                } else {
                    ("index-row-gone", "this entry was removed from the table")
                };
                let message = format!("{what}; the indexes of {table} still hold: {gone}");
                note(code, message)
            });
        }
        if !lacking.is_empty() {
            let message = format!("this row is not in the index {}", lacking.join(", nor in "));
            notes.push(note("index-lacks-row", message));
        }
        notes
    }
}

/// The place to note about a row, unless there are too many already.
fn note(found: &mut BTreeMap<i64, Found>, rowid: i64) -> Option<&mut Found> {
    if found.len() >= TOLD && !found.contains_key(&rowid) {
        return None;
    }
    Some(found.entry(rowid).or_default())
}

/// A value as it is told.
fn text_of(value: RawValue<'_>) -> String {
    match value {
        RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Bare => "NULL".to_owned(),
        RawValue::Integer(n) => n.to_string(),
        RawValue::Real(x) => x.to_string(),
        RawValue::Text(text) | RawValue::Json(text) => format!("\"{}\"", shown(text)),
        RawValue::Blob(blob) => format!("a blob of {} bytes", blob.len()),
    }
}
