//! Reading the rows of the log tables: all of them in order, or one of them again.

use std::cell::RefCell;
use std::ops::ControlFlow;

use super::SqliteScan;
use super::db::{SqlError, Stmt};
use super::schema::{Key, LogTable};
use crate::entry::{NotAnEntry, Place, RawEntry, RawValue};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::{Note, PartInfo, Scan, Sink, Step};

/// Rows that one step yields at most.
const STEP_ROWS: u32 = 4096;
/// Bytes of fields after which a step ends.
const STEP_BYTES: usize = 1 << 20;
/// Columns beyond the hashed ones that need no allocation.
const FEW: usize = 8;
/// Rows that are stepped over rather than counted off anew when a table without rowids is read again.
const NEAR: u64 = 256;

/// The place of a scan within its table.
pub(super) struct Cursor {
    stmt: Stmt,
    /// The rowid of the last row.
    last: Option<i64>,
    /// Rows read.
    rows: u64,
    /// Rows that could not be read.
    damaged: u64,
}

/// The statements with which rows are read again; each is taken out while it is in use.
#[derive(Default)]
pub(super) struct Rereads {
    /// For each part with rowids.
    by_rowid: RefCell<Vec<Option<Stmt>>>,
    /// For the last part without: the part, the ordinal of the next row, and the statement.
    by_ordinal: RefCell<Option<(usize, u64, Stmt)>>,
}

impl Scan for SqliteScan {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn parts(&self) -> &[PartInfo] {
        &self.parts
    }

    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    fn bytes_done(&self) -> u64 {
        if self.current == self.tables.len() {
            return self.bytes_total();
        }
        self.db.vfs().image().bytes_done()
    }

    fn bytes_total(&self) -> u64 {
        self.db.vfs().image().bytes_total()
    }

    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        let (mut rows, mut bytes) = (0, 0);
        while let Some(table) = self.tables.get(self.current) {
            let part = self.current;
            let mut cursor = match self.cursor.take() {
                Some(cursor) => cursor,
                None => match self.start(table) {
                    Ok(cursor) => cursor,
                    Err(error) => {
                        self.end_early(part, None, &error)?;
                        continue;
                    }
                },
            };
            loop {
                if rows == STEP_ROWS || bytes >= STEP_BYTES {
                    self.cursor = Some(cursor);
                    return Ok(Step::More);
                }
                match cursor.stmt.step() {
                    Ok(true) => {}
                    Ok(false) => {
                        self.current += 1;
                        break;
                    }
                    Err(error) => {
                        if let Some(error) = self.db.host_error() {
                            return Err(error);
                        }
                        let Some(rowid) = self.step_over(table, &mut cursor, &error) else {
                            self.end_early(part, Some(&cursor), &error)?;
                            break;
                        };
                        if cursor.damaged == 1 {
                            self.notes.push(damaged_row(table, rowid, &error));
                        }
                        rows += 1;
                        if sink(part, unreadable_row(rowid, &error)).is_break() {
                            self.cursor = Some(cursor);
                            return Ok(Step::More);
                        }
                        continue;
                    }
                }
                let place = match cursor.advance(table, self.most_rows) {
                    Ok(place) => place,
                    Err(why) => {
                        self.stop(part, Some(&cursor), why);
                        break;
                    }
                };
                rows += 1;
                let flow = with_entry(table, &cursor.stmt, place, |entry, size| {
                    bytes += size;
                    if cursor.stmt.is_out_of_memory() {
                        return Err(());
                    }
                    Ok(sink(part, entry))
                });
                match flow {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => {
                        self.cursor = Some(cursor);
                        return Ok(Step::More);
                    }
                    Err(()) => {
                        self.stop(part, Some(&cursor), "there is not enough memory for a row");
                        break;
                    }
                }
            }
        }
        Ok(Step::End)
    }

    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(table) = self.tables.get(part) else {
            return Err(gone());
        };
        match table.key {
            Key::Rowid(_) => self.reread_by_rowid(part, table, place, sink),
            Key::Ordinal(_) => self.reread_by_ordinal(part, table, place, sink),
        }
    }

    fn locator(&self, part: usize, place: Place) -> Locator {
        let Some(table) = self.tables.get(part) else {
            return Locator::Whole {};
        };
        let name = table.name.clone();
        match table.key {
            Key::Rowid(_) => Locator::Row {
                table: name,
                rowid: place.key.cast_signed(),
            },
            Key::Ordinal(_) => Locator::Ordinal {
                table: name,
                ordinal: place.key,
            },
        }
    }
}

impl SqliteScan {
    /// Starts at the first row of a table.
    fn start(&self, table: &LogTable) -> Result<Cursor, SqlError> {
        let mut stmt = self.db.prepare(&table.select_from())?;
        stmt.restart_with(table.first())?;
        Ok(Cursor {
            stmt,
            last: None,
            rows: 0,
            damaged: 0,
        })
    }

    /// After an error: finds the rowid of the row that could not be read and moves the cursor behind it. `None` if
    /// there is no going on.
    fn step_over(&self, table: &LogTable, cursor: &mut Cursor, error: &SqlError) -> Option<i64> {
        if !(error.is_corrupt() || error.is_too_big()) {
            return None;
        }
        let from = match cursor.last {
            Some(last) => last.checked_add(1)?,
            None => i64::MIN,
        };
        let mut next = self.db.prepare(&table.select_next_rowid()?).ok()?;
        next.restart_with(from).ok()?;
        if !next.step().ok()? {
            return None;
        }
        let rowid = next.integer(0);
        if rowid < from {
            return None;
        }
        match rowid.checked_add(1) {
            Some(after) => cursor.stmt.restart_with(after).ok()?,
            None => return None,
        }
        cursor.last = Some(rowid);
        cursor.rows += 1;
        cursor.damaged += 1;
        Some(rowid)
    }

    /// Gives up the rest of a table after an error of SQLite.
    ///
    /// # Errors
    ///
    /// If the host's bytes failed: then there is nothing to be said about the table.
    fn end_early(
        &mut self,
        part: usize,
        cursor: Option<&Cursor>,
        error: &SqlError,
    ) -> Result<(), Error> {
        if let Some(error) = self.db.host_error() {
            return Err(error);
        }
        self.stop(part, cursor, &error.to_string());
        Ok(())
    }

    /// Gives up the rest of a table and tells why.
    fn stop(&mut self, part: usize, cursor: Option<&Cursor>, why: &str) {
        self.current += 1;
        let Some(table) = self.tables.get(part) else {
            return;
        };
        let name = &table.name;
        let (locator, after) = match cursor {
            Some(Cursor {
                last: Some(rowid), ..
            }) => (
                Locator::Row {
                    table: name.clone(),
                    rowid: *rowid,
                },
                format!("after rowid {rowid}"),
            ),
            Some(Cursor { rows, .. }) if *rows > 0 => (
                Locator::Ordinal {
                    table: name.clone(),
                    ordinal: rows - 1,
                },
                format!("after row {rows}"),
            ),
            _ => (
                Locator::Table {
                    table: name.clone(),
                },
                "before its first row".to_owned(),
            ),
        };
        self.notes.push(Note {
            code: "database-corrupt",
            severity: Severity::Error,
            locator,
            message: format!("{name}: {after}: {why}. The rest of this table was not read."),
            hint: Some("Entries may be lost. Compare with another copy of the file, or a backup."),
        });
    }

    fn reread_by_rowid(
        &self,
        part: usize,
        table: &LogTable,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let rowid = place.key.cast_signed();
        let kept = self.rereads.by_rowid.try_borrow_mut().ok();
        let kept = kept.and_then(|mut slots| slots.get_mut(part).and_then(Option::take));
        let mut stmt = match kept {
            Some(stmt) => stmt,
            None => self
                .db
                .prepare(&table.select_one())
                .map_err(|e| self.failed(&e))?,
        };
        stmt.restart_with(rowid).map_err(|e| self.failed(&e))?;
        let found = match stmt.step() {
            Ok(found) => found,
            Err(error) if error.is_corrupt() || error.is_too_big() => {
                if let Some(error) = self.db.host_error() {
                    return Err(error);
                }
                let _ = sink(unreadable_row(rowid, &error));
                return Ok(());
            }
            Err(error) => return Err(self.failed(&error)),
        };
        if !found {
            return Err(gone());
        }
        self.hand_over(table, &stmt, place, sink)?;
        stmt.reset();
        if let Ok(mut slots) = self.rereads.by_rowid.try_borrow_mut() {
            if slots.len() <= part {
                slots.resize_with(part + 1, || None);
            }
            slots[part] = Some(stmt);
        }
        Ok(())
    }

    /// A table without rowids is read again by counting rows off, so a run of rows costs little more than its first.
    fn reread_by_ordinal(
        &self,
        part: usize,
        table: &LogTable,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let kept = self
            .rereads
            .by_ordinal
            .try_borrow_mut()
            .ok()
            .and_then(|mut slot| slot.take());
        let kept = kept.filter(|(of, next, _)| {
            *of == part && (*next..next.saturating_add(NEAR)).contains(&place.key)
        });
        let (mut next, mut stmt) = match kept {
            Some((_, next, stmt)) => (next, stmt),
            None => {
                let mut stmt = self
                    .db
                    .prepare(&table.select_from())
                    .map_err(|e| self.failed(&e))?;
                let offset = i64::try_from(place.key).map_err(|_| gone())?;
                stmt.restart_with(offset).map_err(|e| self.failed(&e))?;
                (place.key, stmt)
            }
        };
        while next <= place.key {
            if !stmt.step_unbounded().map_err(|e| self.failed(&e))? {
                return Err(gone());
            }
            next += 1;
        }
        self.hand_over(table, &stmt, place, sink)?;
        if let Ok(mut slot) = self.rereads.by_ordinal.try_borrow_mut() {
            *slot = Some((part, next, stmt));
        }
        Ok(())
    }

    fn hand_over(
        &self,
        table: &LogTable,
        stmt: &Stmt,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        with_entry(table, stmt, place, |entry, _| {
            if stmt.is_out_of_memory() {
                return Err(Error::unsupported(
                    "there is not enough memory for this row",
                ));
            }
            let _ = sink(entry);
            Ok(())
        })
    }

    fn failed(&self, error: &SqlError) -> Error {
        self.db
            .host_error()
            .unwrap_or_else(|| Error::corrupt(format!("the row could not be read again: {error}")))
    }
}

impl Cursor {
    /// The place of the row that the statement has just reached; why it cannot be, if the tree is damaged in a way that
    /// SQLite does not see.
    fn advance(&mut self, table: &LogTable, most_rows: u64) -> Result<Place, &'static str> {
        let key = match table.key {
            Key::Rowid(_) => {
                let rowid = self.stmt.integer(0);
                // Pages that lead back to pages before them would never end.
                if self.last.is_some_and(|last| rowid <= last) {
                    return Err("its rows are not in order");
                }
                self.last = Some(rowid);
                rowid.cast_unsigned()
            }
            Key::Ordinal(_) => {
                if self.rows >= most_rows {
                    return Err("it has more rows than the file has room for");
                }
                self.rows
            }
        };
        self.rows += 1;
        Ok(Place { key, line: 0 })
    }
}

impl LogTable {
    /// The parameter of `select_from` that begins at the first row.
    fn first(&self) -> i64 {
        match self.key {
            Key::Rowid(_) => i64::MIN,
            Key::Ordinal(_) => 0,
        }
    }
}

/// Makes the entry of the current row and hands it to `f`, with the bytes of its hashed fields.
fn with_entry<R>(
    table: &LogTable,
    stmt: &Stmt,
    place: Place,
    f: impl FnOnce(RawEntry<'_>, usize) -> R,
) -> R {
    let leading = table.leading();
    let mut few = [("", RawValue::Missing); FEW];
    let mut many;
    let extras = match few.get_mut(..table.extras.len()) {
        Some(extras) => extras,
        None => {
            many = vec![("", RawValue::Missing); table.extras.len()];
            &mut many[..]
        }
    };
    for (extra, &column) in extras.iter_mut().zip(&table.extras) {
        *extra = (&table.columns[column], stmt.value(leading + column));
    }
    let mut size = 0;
    let fields = table.fields.map(|column| {
        let value = stmt.value(leading + column);
        if let RawValue::Text(bytes) | RawValue::Blob(bytes) = value {
            size += bytes.len();
        }
        value
    });
    let claimed_checksum = match table.checksum {
        Some(column) => stmt.value(leading + column),
        None => RawValue::Missing,
    };
    let entry = RawEntry {
        fields,
        claimed_checksum,
        extras,
        place,
        not_an_entry: None,
        duplicate_key: None,
    };
    f(entry, size)
}

/// A row that is there but cannot be read.
fn unreadable_row(rowid: i64, error: &SqlError) -> RawEntry<'static> {
    let why = if error.is_too_big() {
        "a row too large to be read"
    } else {
        "a damaged row"
    };
    RawEntry {
        fields: [RawValue::Missing; 8],
        claimed_checksum: RawValue::Missing,
        extras: &[],
        place: Place {
            key: rowid.cast_unsigned(),
            line: 0,
        },
        not_an_entry: Some(NotAnEntry::Kind(why)),
        duplicate_key: None,
    }
}

fn damaged_row(table: &LogTable, rowid: i64, error: &SqlError) -> Note {
    Note {
        code: "database-corrupt",
        severity: Severity::Error,
        locator: Locator::Row {
            table: table.name.clone(),
            rowid,
        },
        message: format!(
            "{}: rowid {rowid} cannot be read: {error}. It counts as unreadable, as does every \
             further row of which this is true.",
            table.name
        ),
        hint: Some("Compare with another copy of the file, or a backup."),
    }
}

fn gone() -> Error {
    Error::unavailable("the row is no longer there")
        .with_hint("The file may have been changed. Open it again.")
}
