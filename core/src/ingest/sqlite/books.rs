//! What a database notes about a log table beside its rows: the counter of rowids, and pages that nothing uses.

use std::rc::Rc;

use super::db::{Db, SqlError};
use super::image::Image;
use super::table::{Key, LogTable, as_string};
use crate::ingest::Books;

/// Rows of `sqlite_sequence` that are looked through; a database has one for each of its tables at most.
const MOST_COUNTERS: usize = 10_000;

/// Where the header tells how many pages are free.
const FREE_PAGES: std::ops::Range<usize> = 36..40;

/// Reads what is noted about `table`.
///
/// # Errors
///
/// If SQLite cannot describe the table, or its file can no longer be read.
pub(super) fn read(db: &Rc<Db>, table: &LogTable, image: &Image) -> Result<Books, SqlError> {
    let pages = image.pages();
    let header = image.header();
    let free = header.ok().and_then(|h| h[FREE_PAGES].try_into().ok());
    let free_pages = free.map_or(0, |f| u64::from(u32::from_be_bytes(f)));
    Ok(Books {
        // Only a database in which a table is AUTOINCREMENT has the counters.
        sequence: sequence(db, &table.name).unwrap_or_default(),
        is_unique: is_unique(db, table)?,
        // A damaged header may tell anything.
        free_pages: if free_pages < pages { free_pages } else { 0 },
        pages,
    })
}

/// How many rows a table has if no rowid is left out: two ways down its tree. `None` where rows have none, or are damaged.
pub(super) fn rows_expected(db: &Rc<Db>, table: &LogTable) -> Option<u64> {
    let Key::Rowid(rowid) = &table.key else {
        return None;
    };
    let of = |which: &[u8]| {
        [
            b"(SELECT ",
            which,
            b"(",
            rowid.as_bytes(),
            b") FROM ",
            table.quoted(),
            b")",
        ]
        .concat()
    };
    let mut stmt = db
        .prepare(&[b"SELECT ", &of(b"min")[..], b", ", &of(b"max")].concat())
        .ok()?;
    let (first, last) = stmt
        .step()
        .ok()?
        .then(|| (stmt.integer(0), stmt.integer(1)))?;
    Some(last.abs_diff(first).saturating_add(1))
}

fn sequence(db: &Rc<Db>, name: &str) -> Result<Option<i64>, SqlError> {
    let mut stmt = db.prepare(b"SELECT name, seq FROM sqlite_sequence")?;
    for _ in 0..MOST_COUNTERS {
        if !stmt.step()? {
            break;
        }
        if as_string(stmt.text(0)) == name {
            return Ok(Some(stmt.integer(1)));
        }
    }
    Ok(None)
}

fn is_unique(db: &Rc<Db>, table: &LogTable) -> Result<bool, SqlError> {
    let mut stmt = db.prepare(&[b"PRAGMA index_list(", table.quoted(), b")"].concat())?;
    while stmt.step()? {
        if stmt.integer(2) == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}
