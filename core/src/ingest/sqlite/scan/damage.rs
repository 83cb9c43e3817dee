//! Reading on past what is damaged, and telling what it costs.

use super::{CORRUPT, Cursor, Met, Reader};
use crate::entry::Place;
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::Note;
use crate::ingest::sqlite::btree::{Lost, Why};
use crate::ingest::sqlite::salvage::{Found, Run, Salvage};
use crate::ingest::sqlite::table::Key;
use crate::ingest::sqlite::{SqliteScan, UNFINISHED};

/// Damages of a table that are told one by one.
const TOLD: u64 = 100;
/// Page numbers in one sentence.
const PAGES_TOLD: usize = 100;

impl SqliteScan {
    /// The same in a table that is read page by page.
    pub(super) fn advance_past_damage(
        &mut self,
        part: usize,
        cursor: &mut Cursor,
    ) -> Result<Met, Error> {
        match std::mem::replace(&mut cursor.reader, Reader::None) {
            Reader::Salvage(mut salvage) => {
                let met = self.salvage(part, cursor, &mut salvage);
                cursor.reader = Reader::Salvage(salvage);
                met
            }
            Reader::Leaves(_) | Reader::Stmt(_) | Reader::None => Ok(Met::End),
        }
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
    pub(super) fn tell(
        &mut self,
        part: usize,
        cursor: &mut Cursor,
        code: &'static str,
        what: &str,
    ) {
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
    pub(super) fn stop(&mut self, part: usize, cursor: &Cursor, why: &str) {
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
