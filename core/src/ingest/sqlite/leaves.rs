//! The rows of a table, read where they lie: from the leaves of its tree, in the order of the rowids.
//!
//! For a table of plain columns in which everything is as SQLite writes it. It takes the way that SQLite's own cursor
//! takes, and looks at what that looks at; where anything is otherwise, nothing is guessed: a row is asked of SQLite, and
//! for a page the table is read by SQLite from its beginning (`scan`). It saves an eighth of the command's time.

use std::io;

use super::btree::{Visit, Walk};
use super::db::{Db, Stmt};
use super::image::Image;
use super::record::{Encoding, Shape, gather};
use super::salvage::Lens;
use super::table::{Columns, InRecord, LogTable};
use crate::entry::RawValue;
use crate::error::Error;

/// Payloads that are longer are SQLite's to read. No more than the least limit that its connection has for a row.
const LONGEST: usize = 1_000_000;

/// A table that is being read so.
pub(super) struct Leaves {
    walk: Walk,
    usable: usize,
    /// The cell whose turn is next, of so many on the leaf.
    next: u16,
    cells: u16,
    /// Which of a record's values stands for the rowid, and is NULL.
    rowid_at: Option<usize>,
    /// The row that was met last: its rowid, where its payload lies on the leaf, and its record's values.
    rowid: i64,
    payload: (usize, usize),
    shape: Shape,
    /// The payload where it goes on in overflow pages.
    gathered: Vec<u8>,
    is_gathered: bool,
    /// What SQLite is asked by, and whether it was for the row that was met last.
    lens: Option<Lens>,
    is_asked: bool,
}

/// What comes next in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A row, which can be asked for its values.
    Row(i64),
    /// A row for whose values SQLite must be asked.
    Odd(i64),
    /// A page that SQLite would not take, or may not.
    Unsound,
    /// The end.
    End,
}

impl Leaves {
    /// Begins at the first row; `None` for a table that is not read so.
    pub(super) fn new(table: &LogTable, encoding: Encoding, usable: usize) -> Option<Self> {
        // The first page is the list of tables.
        let columns = table.in_record.as_ref()?;
        if encoding != Encoding::Utf8 || table.root < 2 {
            return None;
        }
        Some(Self {
            walk: Walk::with_sound_pages(table.root, usable),
            usable,
            next: 0,
            cells: 0,
            rowid_at: columns.iter().find_map(|column| match column {
                InRecord::Rowid(at) => Some(*at),
                InRecord::Value(_) | InRecord::Nowhere => None,
            }),
            rowid: 0,
            payload: (0, 0),
            shape: Shape::default(),
            gathered: Vec::new(),
            is_gathered: false,
            lens: None,
            is_asked: false,
        })
    }

    /// Moves on to the next row.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn next(&mut self, image: &Image, table: &LogTable) -> io::Result<Next> {
        self.is_asked = false;
        while self.next >= self.cells {
            match self.walk.next(image)? {
                None => return Ok(Next::End),
                Some(Visit::Leaf(page)) => (self.next, self.cells) = (0, page.cells),
                Some(Visit::Key(..) | Visit::Lost(_)) => return Ok(Next::Unsound),
            }
        }
        let page = self.walk.leaf();
        let Some(row) = page.row(self.usable, page.cell(self.next)) else {
            return Ok(Next::Unsound);
        };
        self.next += 1;
        self.rowid = row.rowid;
        self.is_gathered = row.local < row.length;
        self.payload = (row.at, row.at + row.local);
        if self.is_gathered {
            let place = (page, row.at, row.local);
            if row.length > LONGEST
                || !gather(image, self.usable, place, row.length, &mut self.gathered)?
            {
                return Ok(Next::Odd(row.rowid));
            }
        }
        let payload = match self.is_gathered {
            true => &self.gathered[..],
            false => page
                .bytes
                .get(row.at..row.at + row.local)
                .unwrap_or_default(),
        };
        let is_plain = self.shape.read(payload, table.stored)
            && self
                .rowid_at
                .is_none_or(|at| self.shape.value(payload, at) == RawValue::Null);
        Ok(match is_plain {
            true => Next::Row(row.rowid),
            false => Next::Odd(row.rowid),
        })
    }

    /// Shows SQLite the cell of the row that was met last, and returns the rowid that it reads there; `None` if it cannot.
    /// A search by rowid could come to another cell.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn ask(&mut self, db: &Db, table: &LogTable) -> Result<Option<i64>, Error> {
        let mut lens = match self.lens.take() {
            Some(lens) => lens,
            None => match Lens::open(db, table, Columns::Stored) {
                Ok(lens) => lens,
                Err(_) => return Ok(None),
            },
        };
        let image = db.vfs().image();
        // Somebody reads forward, and this is read aside.
        let position = image.position();
        lens.show(self.walk.leaf(), self.next - 1);
        self.is_asked = lens.stmt.step().unwrap_or(false);
        image.set_position(position);
        if let Some(error) = lens.stmt.db().host_error() {
            return Err(error);
        }
        let rowid = self.is_asked.then(|| lens.stmt.integer(0));
        self.lens = Some(lens);
        Ok(rowid)
    }

    /// The statement of SQLite that has the row that was met last, if it was asked for it.
    pub(super) fn asked(&self) -> Option<&Stmt> {
        let lens = self.lens.as_ref().filter(|_| self.is_asked)?;
        Some(&lens.stmt)
    }

    /// The value of a column of the row that was met last.
    pub(super) fn value(&self, table: &LogTable, column: usize) -> RawValue<'_> {
        let payload = match self.is_gathered {
            true => &self.gathered[..],
            false => {
                let (from, to) = self.payload;
                self.walk.leaf().bytes.get(from..to).unwrap_or_default()
            }
        };
        let place = table.in_record.as_ref().and_then(|c| c.get(column));
        match place {
            Some(InRecord::Value(at)) => self.shape.value(payload, *at),
            Some(InRecord::Rowid(_)) => RawValue::Integer(self.rowid),
            Some(InRecord::Nowhere) | None => RawValue::Null,
        }
    }
}
