//! Reading all rows of the log tables, in order, and past what is damaged.

use std::ops::ControlFlow;

use super::SqliteScan;
use super::db::{SqlError, Stmt};
use super::entry::{unreadable_row, with_entry};
use super::reread::gone;
use super::table::{Columns, Key};
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::{ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::view::Accounting;

/// Rows that one step yields at most.
const STEP_ROWS: u32 = 4096;
/// Bytes of fields after which a step ends.
const STEP_BYTES: usize = 1 << 18;
/// What going around a damage costs, in rows.
const DETOUR_ROWS: u32 = 64;
/// The code of a note on damage.
const CORRUPT: &str = "database-corrupt";
/// Damages of a table that are told one by one.
const TOLD: u64 = 10;

/// The place of a scan within its table.
pub(super) struct Cursor {
    stmt: Stmt,
    /// The rowid of the last row.
    last: Option<i64>,
    /// Rows read.
    rows: u64,
    /// Damages met.
    damages: u64,
    /// Whether the statement was just told to start behind `last`.
    restarted: bool,
}

/// What a row turned out to be.
pub(super) enum Met {
    Row(Place),
    /// A row that is there but cannot be read.
    Unreadable(i64, SqlError),
    /// Something was told; there may be rows behind it.
    Damage,
    /// The end of the table.
    End,
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
        if self.compared == self.tables.len() {
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
        while self.current < self.tables.len() {
            let part = self.current;
            let cursor = match self.cursor.take() {
                Some(cursor) => Some(cursor),
                None => self.start(part)?,
            };
            let Some(mut cursor) = cursor else {
                self.current += 1;
                continue;
            };
            loop {
                if rows >= STEP_ROWS || bytes >= STEP_BYTES {
                    self.cursor = Some(cursor);
                    return Ok(Step::More);
                }
                let flow = match self.advance(part, &mut cursor)? {
                    Met::End => {
                        self.current += 1;
                        break;
                    }
                    Met::Damage => {
                        rows += DETOUR_ROWS;
                        continue;
                    }
                    Met::Unreadable(rowid, error) => {
                        rows += DETOUR_ROWS;
                        sink(part, unreadable_row(rowid, &error))
                    }
                    Met::Row(place) => {
                        rows += 1;
                        let table = &self.tables[part];
                        let indexes = &mut self.indexes[part];
                        let stmt = &cursor.stmt;
                        let flow = with_entry(table, Columns::Stored, stmt, place, |entry, n| {
                            bytes += n;
                            // Values that could not be had must not be judged.
                            if stmt.is_out_of_memory() {
                                return None;
                            }
                            for index in indexes {
                                let rowid = place.key.cast_signed();
                                let number = index.of_row(rowid, &entry);
                                index.add(rowid, number);
                            }
                            Some(sink(part, entry))
                        });
                        match flow {
                            Some(flow) => flow,
                            None => {
                                self.stop(part, &cursor, "there is not enough memory for a row");
                                self.current += 1;
                                break;
                            }
                        }
                    }
                };
                if flow.is_break() {
                    self.cursor = Some(cursor);
                    return Ok(Step::More);
                }
            }
        }
        self.compare()
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

    fn reread_all(
        &self,
        part: usize,
        places: &[Place],
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        let Some(table) = self.tables.get(part) else {
            return Err(gone());
        };
        match table.key {
            Key::Rowid(_) => self.reread_rows(part, table, places, sink)?,
            Key::Ordinal(_) => self.reread_each(part, places, sink),
        }
        Ok(())
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

    fn account(&self) -> Accounting {
        let mut accounting = self.db.vfs().image().account();
        accounting.leave_out(
            "journal",
            self.journal_len,
            Locator::Whole {},
            "the rollback journal",
        );
        accounting
    }
}

impl SqliteScan {
    /// Starts at the first row of a table; `None` if it cannot be read, which is then told.
    pub(super) fn start(&mut self, part: usize) -> Result<Option<Cursor>, Error> {
        let table = &self.tables[part];
        let stmt = self
            .db
            .prepare(&table.select_from(Columns::Stored))
            .and_then(|mut stmt| {
                stmt.restart_with(table.first())?;
                Ok(stmt)
            });
        match stmt {
            Ok(stmt) => Ok(Some(Cursor {
                stmt,
                last: None,
                rows: 0,
                damages: 0,
                restarted: false,
            })),
            Err(error) => {
                if let Some(error) = self.db.host_error() {
                    return Err(error);
                }
                self.notes.push(Note {
                    code: "table-not-read",
                    severity: Severity::Error,
                    locator: Locator::Table {
                        table: table.name.clone(),
                    },
                    message: format!("{} cannot be read: {error}", table.name),
                    hint: None,
                });
                self.damaged[part] = true;
                Ok(None)
            }
        }
    }

    /// Moves on by one row.
    ///
    /// # Errors
    ///
    /// If the host's bytes fail.
    pub(super) fn advance(&mut self, part: usize, cursor: &mut Cursor) -> Result<Met, Error> {
        let restarted = std::mem::take(&mut cursor.restarted);
        let error = match cursor.stmt.step() {
            Ok(false) => return Ok(Met::End),
            Ok(true) => match self.tables[part].key {
                Key::Rowid(_) => {
                    let rowid = cursor.stmt.integer(0);
                    if cursor.last.is_none_or(|last| rowid > last) {
                        cursor.last = Some(rowid);
                        cursor.rows += 1;
                        return Ok(Met::Row(Place {
                            key: rowid.cast_unsigned(),
                            line: 0,
                        }));
                    }
                    // A damaged tree may lead back to where one came from, and without end. Whoever starts anew behind
                    // the last row and is led back at once goes no further.
                    if !restarted && cursor.restart_behind_last() {
                        self.tell(
                            part,
                            cursor,
                            CORRUPT,
                            "rows are out of order; those were left out",
                        );
                        return Ok(Met::Damage);
                    }
                    self.stop(part, cursor, "its rows are out of order");
                    return Ok(Met::End);
                }
                Key::Ordinal(_) if cursor.rows < self.most_rows => {
                    cursor.rows += 1;
                    return Ok(Met::Row(Place {
                        key: cursor.rows - 1,
                        line: 0,
                    }));
                }
                Key::Ordinal(_) => {
                    self.stop(part, cursor, "it has more rows than the file has room for");
                    return Ok(Met::End);
                }
            },
            Err(error) => error,
        };
        if let Some(error) = self.db.host_error() {
            return Err(error);
        }
        if error.concerns_a_row()
            && let Some(sql) = self.tables[part].select_next_rowid()
            && let Ok(mut next) = self.db.prepare(&sql)
        {
            let from = cursor
                .last
                .map_or(Some(i64::MIN), |last| last.checked_add(1));
            match from.map(|from| first_rowid(&mut next, from)) {
                Some(Ok(Some(rowid))) => {
                    // The row is there: only its content cannot be had.
                    cursor.last = Some(rowid);
                    if cursor.restart_behind_last() || rowid == i64::MAX {
                        cursor.rows += 1;
                        let why = format!("rowid {rowid} cannot be read ({error})");
                        let code = if error.is_corrupt() {
                            CORRUPT
                        } else {
                            "row-not-read"
                        };
                        self.tell(part, cursor, code, &why);
                        return Ok(Met::Unreadable(rowid, error));
                    }
                }
                Some(Err(_)) if error.is_corrupt() => {
                    if let Some(rowid) = behind_the_damage(&mut next, from) {
                        let why = format!("rows before rowid {rowid} are lost ({error})");
                        self.tell(part, cursor, CORRUPT, &why);
                        cursor.last = Some(rowid - 1);
                        if cursor.restart_behind_last() {
                            return Ok(Met::Damage);
                        }
                    }
                }
                _ => {}
            }
        }
        if let Some(error) = self.db.host_error() {
            return Err(error);
        }
        self.stop(part, cursor, &error.to_string());
        Ok(Met::End)
    }

    /// Tells a damage that was gone around.
    fn tell(&mut self, part: usize, cursor: &mut Cursor, code: &'static str, what: &str) {
        cursor.damages += 1;
        self.damaged[part] = true;
        let (locator, after) = self.whereabouts(part, cursor);
        let name = &self.tables[part].name;
        let message = match cursor.damages {
            ..=TOLD => format!("{name}, {after}: {what}"),
            n if n == TOLD + 1 => {
                format!("{name}, {after}: {what}. Further damage of this table is not listed.")
            }
            _ => return,
        };
        self.note(code, locator, message);
    }

    /// Tells that the rest of a table is given up.
    fn stop(&mut self, part: usize, cursor: &Cursor, why: &str) {
        self.damaged[part] = true;
        let (locator, after) = self.whereabouts(part, cursor);
        let name = &self.tables[part].name;
        let message = format!("{name}, {after}: {why}. The rest of this table was not read.");
        self.note(CORRUPT, locator, message);
    }

    fn note(&mut self, code: &'static str, locator: Locator, message: String) {
        self.notes.push(Note {
            code,
            severity: Severity::Error,
            locator,
            message,
            hint: Some("Entries may be lost. Compare with another copy of the file, or a backup."),
        });
    }

    fn whereabouts(&self, part: usize, cursor: &Cursor) -> (Locator, String) {
        let table = self.tables[part].name.clone();
        match (&self.tables[part].key, cursor.last) {
            (Key::Rowid(_), Some(rowid)) => (
                Locator::Row { table, rowid },
                format!("after rowid {rowid}"),
            ),
            (Key::Ordinal(_), _) if cursor.rows > 0 => {
                let ordinal = cursor.rows - 1;
                (
                    Locator::Ordinal { table, ordinal },
                    format!("after row {}", cursor.rows),
                )
            }
            _ => (Locator::Table { table }, "at its beginning".to_owned()),
        }
    }
}

impl Cursor {
    /// The statement, which stands at the row that was met last.
    pub(super) fn stmt(&self) -> &Stmt {
        &self.stmt
    }

    /// Seeks the first row behind `last` anew; false if there can be none.
    fn restart_behind_last(&mut self) -> bool {
        let from = self.last.map_or(Some(i64::MIN), |last| last.checked_add(1));
        self.restarted = from.is_some_and(|from| self.stmt.restart_with(from).is_ok());
        self.restarted
    }
}

/// The first rowid from `from` on.
fn first_rowid(next: &mut Stmt, from: i64) -> Result<Option<i64>, SqlError> {
    next.restart_with(from)?;
    // A damaged tree may give a row that was not asked for.
    Ok(if next.step()? {
        Some(next.integer(0)).filter(|&rowid| rowid >= from)
    } else {
        None
    })
}

/// The first rowid that can be found behind a damage at `from`, by seeking at growing and then at shrinking distances: a
/// page that cannot be read hides only its own rows.
fn behind_the_damage(next: &mut Stmt, from: Option<i64>) -> Option<i64> {
    let from = from?;
    let mut bad = 0_u64;
    let mut distance = 1_u64;
    let mut found = loop {
        let at = from.checked_add_unsigned(distance)?;
        match first_rowid(next, at) {
            Ok(Some(rowid)) => break rowid,
            Ok(None) => return None,
            Err(_) => bad = distance,
        }
        distance = distance.checked_mul(2)?;
    };
    // Between `bad`, where seeking fails, and `distance`, where it does not.
    while distance - bad > 1 {
        let middle = bad + (distance - bad) / 2;
        match first_rowid(next, from.checked_add_unsigned(middle)?) {
            Ok(Some(rowid)) => {
                found = rowid;
                distance = middle;
            }
            _ => bad = middle,
        }
    }
    Some(found)
}
