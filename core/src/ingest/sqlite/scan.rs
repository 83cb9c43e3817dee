//! Reading all rows of the log tables, in order, and past what is damaged.

use std::ops::ControlFlow;

use super::SqliteScan;
use super::books;
use super::console::{Console, ConsoleError};
use super::db::{SqlError, Stmt};
use super::entry::{Row, unreadable_row, with_entry};
use super::leaves::{Leaves, Next};
use super::orphans::free_list;
use super::reread::gone;
use super::salvage::Salvage;
use super::table::{Columns, Key};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::{Books, ManySink, Note, PartInfo, Scan, Sink, Step};
use crate::view::Accounting;

/// Rows that one step yields at most.
const STEP_ROWS: u32 = 4096;
/// Bytes of fields after which a step ends.
const STEP_BYTES: usize = 1 << 18;
/// What going around a damage costs, in rows.
const DETOUR_ROWS: u32 = 64;
/// The code of a note on damage.
const CORRUPT: &str = "database-corrupt";

mod damage;

/// The place of a scan within its table.
pub(super) struct Cursor {
    reader: Reader,
    /// The rowid of the last row.
    last: Option<i64>,
    /// Rows read.
    rows: u64,
    /// Of these, those that SQLite has yet to pass, where it reads the table anew.
    to_pass: u64,
    /// Damages met.
    damages: u64,
    /// Pages lost beyond those that were told one by one.
    more_lost: Vec<u32>,
}

/// How the rows of a table are read.
enum Reader {
    /// Where they lie.
    Leaves(Box<Leaves>),
    /// By SQLite.
    Stmt(Stmt),
    /// Page by page, once the tree turned out to be damaged.
    Salvage(Box<Salvage>),
    /// Not any more.
    None,
}

/// What a row turned out to be.
pub(super) enum Met {
    Row(Place),
    /// A row that is there but cannot be read.
    Unreadable(Place, SqlError),
    /// Something was told or passed; there may be rows behind it.
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

    fn rows_expected(&self) -> Option<u64> {
        let image = self.db.vfs().image();
        // Somebody reads forward, and this is read aside.
        let position = image.position();
        let mut tables = self.tables.iter();
        // The rowids of a table may be as far apart as numbers can be.
        let expected = tables.try_fold(0_u64, |sum, table| {
            Some(sum.saturating_add(books::rows_expected(&self.db, table)?))
        });
        image.set_position(position);
        expected
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
                    self.sum_beside(part)?;
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
                    Met::Unreadable(place, error) => {
                        rows += DETOUR_ROWS;
                        sink(part, unreadable_row(place, &error))
                    }
                    Met::Row(place) => {
                        rows += 1;
                        let table = &self.tables[part];
                        let indexes = &mut self.indexes[part];
                        let Some(row) = cursor.row() else { continue };
                        let flow = with_entry(table, Columns::Stored, row, place, |entry, n| {
                            bytes += n;
                            // Values that could not be had must not be judged.
                            if row.is_out_of_memory() {
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
            _ if place.line > 0 => self.reread_by_page(part, table, place, sink),
            Key::Rowid(_) => self.reread_by_rowid(part, table, place, sink),
            Key::Ordinal(_) => self.reread_by_ordinal(part, table, place, sink),
        }
    }

    fn can_be_shared(&self, part: usize) -> bool {
        // Where damage was met, what was learnt about it is needed to read a row again.
        let is_whole = self.damaged.get(part) == Some(&false);
        let table = self.tables.get(part);
        is_whole && table.is_some_and(|table| matches!(table.key, Key::Rowid(_)))
    }

    fn reread_all(
        &self,
        part: usize,
        places: &[Place],
        fields: Fields,
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        let Some(table) = self.tables.get(part) else {
            return Err(gone());
        };
        match table.key {
            Key::Rowid(_) => {
                let columns = match fields {
                    Fields::All => Columns::Stored,
                    Fields::Details => Columns::Details,
                };
                self.reread_rows(part, (table, columns), places, sink)?;
            }
            Key::Ordinal(_) => self.reread_each(part, places, sink),
        }
        Ok(())
    }

    fn books(&self, part: usize) -> Option<Books> {
        let image = self.db.vfs().image();
        let table = self.tables.get(part)?;
        books::read(&self.db, table, image).ok()
    }

    fn console(&self) -> Option<Result<Console, ConsoleError>> {
        Some(Console::open(&self.db))
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
        let image = self.db.vfs().image();
        // Where the bytes fail no page counts as free.
        let free = free_list(image).unwrap_or_default();
        let mut accounting = image.account(&free, &self.others);
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
        let leaves = Leaves::new(table, self.encoding, self.usable).filter(|_| self.reads_leaves);
        let reader = match leaves {
            Some(leaves) => Ok(Reader::Leaves(Box::new(leaves))),
            None => self.select(part).map(Reader::Stmt),
        };
        match reader {
            Ok(reader) => Ok(Some(Cursor {
                reader,
                last: None,
                rows: 0,
                to_pass: 0,
                damages: 0,
                more_lost: Vec::new(),
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

    /// A statement before the first row of a table.
    fn select(&self, part: usize) -> Result<Stmt, SqlError> {
        let table = &self.tables[part];
        let mut stmt = self.db.prepare(&table.select_from(Columns::Stored))?;
        stmt.restart_with(table.first())?;
        Ok(stmt)
    }

    /// Moves on by one row.
    ///
    /// # Errors
    ///
    /// If the host's bytes fail.
    pub(super) fn advance(&mut self, part: usize, cursor: &mut Cursor) -> Result<Met, Error> {
        match &mut cursor.reader {
            Reader::Leaves(leaves) => {
                let image = self.db.vfs().image();
                let rowid = match leaves.next(image, &self.tables[part])? {
                    Next::End => return Ok(Met::End),
                    Next::Row(rowid) => Some(rowid),
                    // Where the first one is odd, they may all be.
                    Next::Odd(rowid) if cursor.rows > 0 => {
                        let found = leaves.ask(&self.db, &self.tables[part])?;
                        found.filter(|found| *found == rowid)
                    }
                    Next::Odd(_) | Next::Unsound => None,
                };
                match rowid {
                    Some(rowid) if cursor.comes_to(rowid) => Ok(Met::row(rowid)),
                    _ => self.begin_anew(part, cursor),
                }
            }
            Reader::Stmt(_) => self.advance_by_sqlite(part, cursor),
            Reader::Salvage(_) => self.advance_past_damage(part, cursor),
            Reader::None => Ok(Met::End),
        }
    }

    /// Lets SQLite read a table from its beginning, past the rows that were read already, and moves on by one row. What it
    /// finds wrong is then what it would have found if it had read them all.
    fn begin_anew(&mut self, part: usize, cursor: &mut Cursor) -> Result<Met, Error> {
        match self.select(part) {
            Ok(stmt) => {
                cursor.reader = Reader::Stmt(stmt);
                cursor.to_pass = cursor.rows;
                self.advance_by_sqlite(part, cursor)
            }
            Err(error) => {
                cursor.reader = Reader::None;
                self.go_around(part, cursor, Err(error))
            }
        }
    }

    fn advance_by_sqlite(&mut self, part: usize, cursor: &mut Cursor) -> Result<Met, Error> {
        let Reader::Stmt(stmt) = &mut cursor.reader else {
            return Ok(Met::End);
        };
        for _ in 0..cursor.to_pass.min(DETOUR_ROWS.into()) {
            match stmt.step() {
                Ok(true) => cursor.to_pass -= 1,
                Ok(false) => return Ok(Met::End),
                Err(error) => return self.go_around(part, cursor, Err(error)),
            }
        }
        if cursor.to_pass > 0 {
            return Ok(Met::Damage);
        }
        let why = match stmt.step() {
            Ok(false) => return Ok(Met::End),
            Ok(true) => match self.tables[part].key {
                Key::Rowid(_) => {
                    let rowid = stmt.integer(0);
                    if cursor.comes_to(rowid) {
                        return Ok(Met::row(rowid));
                    }
                    // A damaged tree may lead back to where one came from, and without end.
                    Ok("its rows are out of order")
                }
                Key::Ordinal(_) if cursor.rows < self.most_rows => {
                    cursor.rows += 1;
                    return Ok(Met::Row(Place {
                        key: cursor.rows - 1,
                        line: 0,
                    }));
                }
                // The same where nothing but their number tells it.
                Key::Ordinal(_) => Ok("it has more rows than the file has room for"),
            },
            Err(error) => Err(error),
        };
        self.go_around(part, cursor, why)
    }

    /// Goes on page by page where SQLite found something wrong, or its rows are.
    fn go_around(
        &mut self,
        part: usize,
        cursor: &mut Cursor,
        wrong: Result<&str, SqlError>,
    ) -> Result<Met, Error> {
        let (code, why) = match wrong {
            Ok(why) => (CORRUPT, why.to_owned()),
            Err(error) => {
                if let Some(error) = self.db.host_error() {
                    return Err(error);
                }
                if !error.concerns_a_row() {
                    self.stop(part, cursor, &error.to_string());
                    return Ok(Met::End);
                }
                let code = if error.is_corrupt() {
                    CORRUPT
                } else {
                    "row-not-read"
                };
                (code, error.to_string())
            }
        };
        cursor.reader = Reader::None;
        match Salvage::new(&self.db, &self.tables[part], cursor.rows) {
            Ok(salvage) => {
                let why = format!("{why}. From here on it was read page by page");
                self.tell(part, cursor, code, &why);
                cursor.reader = Reader::Salvage(Box::new(salvage));
                Ok(Met::Damage)
            }
            Err(_) => {
                self.stop(part, cursor, &why);
                Ok(Met::End)
            }
        }
    }
}

impl Met {
    fn row(rowid: i64) -> Self {
        Self::Row(Place {
            key: rowid.cast_unsigned(),
            line: 0,
        })
    }
}

impl Cursor {
    /// Takes a row for the next one, unless its rowid is not behind that of the last one.
    fn comes_to(&mut self, rowid: i64) -> bool {
        let is_behind = self.last.is_none_or(|last| rowid > last);
        if is_behind {
            self.last = Some(rowid);
            self.rows += 1;
        }
        is_behind
    }

    /// The row that was met last.
    pub(super) fn row(&self) -> Option<Row<'_>> {
        match &self.reader {
            Reader::Leaves(leaves) => Some(leaves.asked().map_or(Row::On(leaves), Row::Of)),
            Reader::Stmt(stmt) => Some(Row::Of(stmt)),
            Reader::Salvage(salvage) => Some(Row::Of(&salvage.lens.stmt)),
            Reader::None => None,
        }
    }
}
