//! Reading one row again, for the table and the panel of the page: statements are kept, so that it is quick.

use std::cell::RefCell;
use std::ops::ControlFlow;

use super::SqliteScan;
use super::btree::Page;
use super::db::{SqlError, Stmt};
use super::entry::{Row, unreadable_row, with_entry};
use super::salvage::Lens;
use super::table::{Columns, LogTable};
use crate::entry::Place;
use crate::error::Error;
use crate::ingest::{ManySink, Sink};

/// Rows that are stepped over rather than counted off anew.
const NEAR: u64 = 256;

/// Rowids that are stepped over rather than sought anew.
const NEAR_ROWID: u32 = 16;

/// The statements with which rows are read again; each is taken out while it is in use, so that a reread in the sink of
/// another finds none and makes its own.
#[derive(Default)]
pub(super) struct Rereads {
    /// For each part with rowids.
    by_rowid: RefCell<Vec<Option<Stmt>>>,
    /// For the part without rowids that was read last.
    by_ordinal: RefCell<Option<Run>>,
    /// For the damaged part that was read last.
    by_page: RefCell<Option<(usize, Lens)>>,
}

/// A run through a table without rowids.
struct Run {
    part: usize,
    /// The ordinal of the row that the statement comes to next.
    next: u64,
    stmt: Stmt,
}

impl Rereads {
    fn take_by_rowid(&self, part: usize) -> Option<Stmt> {
        self.by_rowid.try_borrow_mut().ok()?.get_mut(part)?.take()
    }

    fn keep_by_rowid(&self, part: usize, stmt: Stmt) {
        if let Ok(mut slots) = self.by_rowid.try_borrow_mut() {
            if slots.len() <= part {
                slots.resize_with(part + 1, || None);
            }
            slots[part] = Some(stmt);
        }
    }

    /// The kept run, if it comes to this row soon.
    fn take_by_ordinal(&self, part: usize, ordinal: u64) -> Option<Run> {
        let run = self.by_ordinal.try_borrow_mut().ok()?.take()?;
        let soon = run.next..run.next.saturating_add(NEAR);
        (run.part == part && soon.contains(&ordinal)).then_some(run)
    }
}

impl SqliteScan {
    pub(super) fn reread_by_rowid(
        &self,
        part: usize,
        table: &LogTable,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let rowid = place.key.cast_signed();
        let mut stmt = match self.rereads.take_by_rowid(part) {
            Some(stmt) => stmt,
            None => {
                let sql = table.select_one(Columns::All);
                self.db.prepare(&sql).map_err(|e| self.failed(&e))?
            }
        };
        stmt.restart_with(rowid).map_err(|e| self.failed(&e))?;
        match stmt.step() {
            Ok(true) => self.hand_over(table, Columns::All, &stmt, place, sink)?,
            Ok(false) => return Err(gone()),
            Err(error) => {
                return match self.db.host_error() {
                    Some(error) => Err(error),
                    None if error.concerns_a_row() => self.reread_stored(table, place, sink),
                    None => Err(self.failed(&error)),
                };
            }
        }
        stmt.reset();
        self.rereads.keep_by_rowid(part, stmt);
        Ok(())
    }

    /// Rows of a table with rowids in ascending order: stepped through where they lie near each other, sought where not.
    pub(super) fn reread_rows(
        &self,
        part: usize,
        (table, columns): (&LogTable, Columns),
        places: &[Place],
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        let sql = table.select_from(columns);
        let mut stmt = self.db.prepare(&sql).map_err(|e| self.failed(&e))?;
        // Whether the statement stands on a row, and then on which.
        let mut at: Option<i64> = None;
        for (i, place) in places.iter().enumerate() {
            let wanted = place.key.cast_signed();
            let mut steps = 0;
            let mut is_sought = false;
            let is_here = loop {
                match at {
                    Some(rowid) if rowid == wanted => break true,
                    Some(rowid) if rowid < wanted && steps < NEAR_ROWID && !is_sought => steps += 1,
                    _ if is_sought => break false,
                    _ => {
                        is_sought = true;
                        if stmt.restart_with(wanted).is_err() {
                            break false;
                        }
                    }
                }
                at = match stmt.step() {
                    Ok(true) => Some(stmt.integer(0)),
                    Ok(false) => None,
                    Err(_) => {
                        if let Some(error) = self.db.host_error() {
                            return Err(error);
                        }
                        // Damage: what can be had of this row alone, is.
                        is_sought = true;
                        None
                    }
                };
            };
            let mut is_told = false;
            if is_here {
                with_entry(table, columns, Row::Of(&stmt), *place, |entry, _| {
                    is_told = !stmt.is_out_of_memory();
                    if is_told {
                        sink(i, Some(&entry));
                    }
                });
            } else {
                at = None;
                let read = self.reread_by_rowid(part, table, *place, &mut |entry| {
                    is_told = true;
                    sink(i, Some(&entry));
                    ControlFlow::Continue(())
                });
                if let (Err(_), Some(error)) = (read, self.db.host_error()) {
                    return Err(error);
                }
            }
            if !is_told {
                sink(i, None);
            }
        }
        Ok(())
    }

    /// The same for a row of which not all can be had: what a scan sees of it.
    fn reread_stored(
        &self,
        table: &LogTable,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let rowid = place.key.cast_signed();
        let sql = table.select_one(Columns::Stored);
        let mut stmt = self.db.prepare(&sql).map_err(|e| self.failed(&e))?;
        stmt.restart_with(rowid).map_err(|e| self.failed(&e))?;
        match stmt.step() {
            Ok(true) => self.hand_over(table, Columns::Stored, &stmt, place, sink),
            Ok(false) => Err(gone()),
            Err(error) if error.concerns_a_row() => {
                if let Some(error) = self.db.host_error() {
                    return Err(error);
                }
                let _ = sink(unreadable_row(place, &error));
                Ok(())
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// A table without rowids is read again by counting rows off, so a run of rows costs little more than its first.
    pub(super) fn reread_by_ordinal(
        &self,
        part: usize,
        table: &LogTable,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        // Skipping rows must not run the expressions of virtual columns, so those are left out here.
        let columns = Columns::Stored;
        let mut run = match self.rereads.take_by_ordinal(part, place.key) {
            Some(run) => run,
            None => {
                let offset = i64::try_from(place.key).map_err(|_| gone())?;
                let sql = table.select_from(columns);
                let mut stmt = self.db.prepare(&sql).map_err(|e| self.failed(&e))?;
                stmt.restart_with(offset).map_err(|e| self.failed(&e))?;
                Run {
                    part,
                    next: place.key,
                    stmt,
                }
            }
        };
        while run.next <= place.key {
            if !run.stmt.step_unbounded().map_err(|e| self.failed(&e))? {
                return Err(gone());
            }
            run.next += 1;
        }
        self.hand_over(table, columns, &run.stmt, place, sink)?;
        if let Ok(mut slot) = self.rereads.by_ordinal.try_borrow_mut() {
            *slot = Some(run);
        }
        Ok(())
    }

    /// A row that was found by its page: that page is shown again.
    pub(super) fn reread_by_page(
        &self,
        part: usize,
        table: &LogTable,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let runs = self.runs.get(part).ok_or_else(gone)?;
        let cell = u32::try_from(place.line - 1).map_err(|_| gone())?;
        let at = runs.partition_point(|run| run.first <= cell);
        let run = at.checked_sub(1).map(|at| runs[at]).ok_or_else(gone)?;
        let mut page = Page::default();
        let image = self.db.vfs().image();
        if !page.load_any(image, table.tree(), run.page)? {
            return Err(gone());
        }
        let cell = u16::try_from(u32::from(run.cell) + (cell - run.first)).map_err(|_| gone())?;
        if cell >= page.cells {
            return Err(gone());
        }
        let kept = self.rereads.by_page.try_borrow_mut().ok();
        let kept = kept.and_then(|mut kept| kept.take());
        let mut lens = match kept.filter(|(of, _)| *of == part) {
            Some((_, lens)) => lens,
            None => Lens::open(&self.db, table, Columns::Stored).map_err(|e| self.failed(&e))?,
        };
        lens.show(&page, cell);
        match lens.stmt.step() {
            Ok(true) => self.hand_over(table, Columns::Stored, &lens.stmt, place, sink)?,
            Ok(false) => return Err(gone()),
            Err(error) => {
                if let Some(error) = lens.stmt.db().host_error() {
                    return Err(error);
                }
                let _ = sink(unreadable_row(place, &error));
            }
        }
        if let Ok(mut slot) = self.rereads.by_page.try_borrow_mut() {
            *slot = Some((part, lens));
        }
        Ok(())
    }

    fn hand_over(
        &self,
        table: &LogTable,
        columns: Columns,
        stmt: &Stmt,
        place: Place,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        with_entry(table, columns, Row::Of(stmt), place, |entry, _| {
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

pub(super) fn gone() -> Error {
    Error::unavailable("the row is no longer there")
        .with_hint("The file may have been changed. Open it again.")
}
