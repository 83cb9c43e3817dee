//! Reading all rows of the log tables, in order, and past what is damaged.

use std::ops::ControlFlow;

use super::books;
use super::btree::{Lost, Why};
use super::console::{Console, ConsoleError};
use super::db::{SqlError, Stmt};
use super::entry::{unreadable_row, with_entry};
use super::orphans::free_list;
use super::reread::gone;
use super::salvage::{Found, Run, Salvage};
use super::table::{Columns, Key};
use super::{SqliteScan, UNFINISHED};
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
/// Damages of a table that are told one by one.
const TOLD: u64 = 100;
/// Page numbers in one sentence.
const PAGES_TOLD: usize = 100;

/// The place of a scan within its table.
pub(super) struct Cursor {
    stmt: Stmt,
    /// The rowid of the last row.
    last: Option<i64>,
    /// Rows read.
    rows: u64,
    /// Damages met.
    damages: u64,
    /// Pages lost beyond those that were told one by one.
    more_lost: Vec<u32>,
    /// Set once the tree turned out to be damaged.
    salvage: Option<Box<Salvage>>,
}

/// What a row turned out to be.
pub(super) enum Met {
    Row(Place),
    /// A row that is there but cannot be read.
    Unreadable(Place, SqlError),
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
                        let stmt = cursor.stmt();
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
                more_lost: Vec::new(),
                salvage: None,
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
        if cursor.salvage.is_some() {
            return self.advance_past_damage(part, cursor);
        }
        let (code, why) = match cursor.stmt.step() {
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
                    // A damaged tree may lead back to where one came from, and without end.
                    (CORRUPT, "its rows are out of order".to_owned())
                }
                Key::Ordinal(_) if cursor.rows < self.most_rows => {
                    cursor.rows += 1;
                    return Ok(Met::Row(Place {
                        key: cursor.rows - 1,
                        line: 0,
                    }));
                }
                // The same where nothing but their number tells it.
                Key::Ordinal(_) => (
                    CORRUPT,
                    "it has more rows than the file has room for".to_owned(),
                ),
            },
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
        cursor.stmt.reset();
        match Salvage::new(&self.db, &self.tables[part], cursor.rows) {
            Ok(salvage) => {
                let why = format!("{why}. From here on it was read page by page");
                self.tell(part, cursor, code, &why);
                cursor.salvage = Some(Box::new(salvage));
                Ok(Met::Damage)
            }
            Err(_) => {
                self.stop(part, cursor, &why);
                Ok(Met::End)
            }
        }
    }

    /// The same in a table that is read page by page.
    fn advance_past_damage(&mut self, part: usize, cursor: &mut Cursor) -> Result<Met, Error> {
        let Some(mut salvage) = cursor.salvage.take() else {
            return Ok(Met::End);
        };
        let met = self.salvage(part, cursor, &mut salvage);
        cursor.salvage = Some(salvage);
        met
    }

    fn salvage(
        &mut self,
        part: usize,
        cursor: &mut Cursor,
        salvage: &mut Salvage,
    ) -> Result<Met, Error> {
        while !salvage.is_showing() {
            let image = self.db.vfs().image();
            match salvage.advance(image, &self.tables[part], &mut self.taken)? {
                Found::Shown(run) => self.keep(part, run),
                Found::Lost | Found::Nothing => return Ok(Met::Damage),
                Found::End => {
                    self.tell_lost(part, cursor, salvage, None);
                    self.tell_end(part, cursor, salvage);
                    return Ok(Met::End);
                }
            }
        }
        if !salvage.can_be_shown() {
            let page = salvage.page.number;
            salvage.pass();
            if salvage.is_showing() {
                let run = salvage.show();
                self.keep(part, run);
            }
            let why = format!("a row on page {page} is lost (it does not begin within the page)");
            self.tell(part, cursor, CORRUPT, &why);
            return Ok(Met::Damage);
        }
        let step = salvage.lens.stmt.step();
        let (rowid, key) = match (&self.tables[part].key, &step) {
            (Key::Rowid(_), Ok(true)) => {
                let rowid = salvage.lens.stmt.integer(0);
                (Some(rowid), rowid.cast_unsigned())
            }
            (Key::Rowid(_), _) => {
                let rowid = salvage.rowid();
                (rowid, rowid.unwrap_or(0).cast_unsigned())
            }
            (Key::Ordinal(_), _) => (None, cursor.rows),
        };
        let place = Place {
            key,
            line: u64::from(salvage.cells) + 1,
        };
        match step {
            Ok(true) => {
                self.tell_lost(part, cursor, salvage, rowid);
                salvage.pass();
                cursor.last = rowid;
                cursor.rows += 1;
                Ok(Met::Row(place))
            }
            // It shows fewer rows than the page has cells.
            Ok(false) => {
                while salvage.is_showing() {
                    salvage.pass();
                }
                Ok(Met::Damage)
            }
            Err(error) => {
                if let Some(error) = salvage.lens.stmt.db().host_error() {
                    return Err(error);
                }
                self.damaged[part] = true;
                let page = salvage.page.number;
                salvage.pass();
                if salvage.is_showing() {
                    let run = salvage.show();
                    self.keep(part, run);
                }
                if rowid.is_none() && matches!(self.tables[part].key, Key::Rowid(_)) {
                    let why = format!("a row on page {page} is lost ({error})");
                    self.tell(part, cursor, CORRUPT, &why);
                    return Ok(Met::Damage);
                }
                cursor.rows += 1;
                Ok(Met::Unreadable(place, error))
            }
        }
    }

    /// Keeps where the rows of a run lie, unless it is known from an earlier pass.
    fn keep(&mut self, part: usize, run: Run) {
        let runs = &mut self.runs[part];
        if runs.last().is_none_or(|last| last.first < run.first) {
            runs.push(run);
        }
    }

    /// Tells the pages that were lost before the row `next`, or before the end.
    fn tell_lost(
        &mut self,
        part: usize,
        cursor: &mut Cursor,
        salvage: &mut Salvage,
        next: Option<i64>,
    ) {
        for Lost { page, why } in std::mem::take(&mut salvage.untold) {
            cursor.damages += 1;
            self.damaged[part] = true;
            if cursor.damages > TOLD {
                cursor.more_lost.push(page);
                continue;
            }
            let (_, after) = self.whereabouts(part, cursor);
            let until = match (next, cursor.last) {
                (Some(next), Some(last)) if next > last => {
                    format!(": at most rowid {} to {}", last + 1, next - 1)
                }
                (Some(next), None) => format!(": those before rowid {next}"),
                _ => String::new(),
            };
            let name = &self.tables[part].name;
            let message = match why {
                Why::Cut => format!(
                    "{name}, {after}: page {page} is there only in part ({}); what is whole on it was read",
                    why.as_str()
                ),
                _ => format!(
                    "{name}, {after}: page {page} is lost ({}), with the rows on it and below it{until}",
                    why.as_str()
                ),
            };
            self.note("page-lost", Locator::Page { page }, message);
        }
    }

    /// Tells what there is to tell at the end of a table that was read page by page.
    fn tell_end(&mut self, part: usize, cursor: &mut Cursor, salvage: &Salvage) {
        let table = self.tables[part].name.clone();
        if !cursor.more_lost.is_empty() {
            let pages = &mut cursor.more_lost;
            pages.sort_unstable();
            let listed: Vec<String> = pages.iter().take(PAGES_TOLD).map(u32::to_string).collect();
            let more = match pages.len() > PAGES_TOLD {
                true => ", …",
                false => "",
            };
            let message = format!(
                "{table}: {} further pages are lost: {}{more}",
                pages.len(),
                listed.join(", ")
            );
            let locator = Locator::Page { page: pages[0] };
            self.note("page-lost", locator, message);
        }
        let (rows, pages) = salvage.orphaned();
        if rows > 0 {
            let message = format!(
                "{table}: {rows} rows lie on {pages} pages to which no page leads any more; they were judged behind the others, and some may have been deleted before the damage"
            );
            self.note("pages-orphaned", Locator::Table { table }, message);
        }
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
            hint: Some(if self.is_unfinished {
                UNFINISHED
            } else {
                "Entries may be lost. Compare with another copy of the file, or a backup."
            }),
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
        match &self.salvage {
            Some(salvage) => &salvage.lens.stmt,
            None => &self.stmt,
        }
    }
}
