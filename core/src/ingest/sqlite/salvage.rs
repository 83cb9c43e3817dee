//! Reading a table whose tree is damaged: page by page, each leaf shown to SQLite as if it were the whole table.
//!
//! The walk of `btree` finds the pages in the order in which SQLite's own cursor would take them. A second connection (a
//! lens) is shown the table's root page with the content of one leaf, so that SQLite still reads every value, and reads
//! rows that no search by rowid would find. A cell that it cannot read costs that cell, a page that is lost costs what
//! lies below it. Pages that no page leads to any more are found by their content (`orphans`).

use std::io;

use super::btree::{Lost, MAX_DEPTH, Page, Tree, Visit, Walk, Why};
use super::db::{Db, SqlError, Stmt};
use super::image::Image;
use super::orphans::{Orphan, Orphans, Taken};
use super::table::{Columns, Key, LogTable};
use crate::error::Error;

/// A second connection that shows single leaves as the table.
pub(super) struct Lens {
    pub(super) stmt: Stmt,
    root: u32,
    tree: Tree,
}

impl Lens {
    /// Opens it for a table.
    pub(super) fn open(db: &Db, table: &LogTable, columns: Columns) -> Result<Self, SqlError> {
        let lens = db.open_lens()?;
        Ok(Self {
            stmt: lens.prepare(&table.select_all(columns))?,
            root: table.root,
            tree: table.tree(),
        })
    }

    /// Shows the cells of `page` from `from` on; of an interior page that one alone.
    pub(super) fn show(&mut self, page: &Page, from: u16) {
        self.stmt.reset();
        let content = page.as_leaf(self.tree, from);
        self.stmt.db().vfs().show(self.root, content);
    }
}

/// Cells that follow one another on a page, by which a row is found again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// How many cells came before, since the salvage began.
    pub(super) first: u32,
    pub(super) page: u32,
    pub(super) cell: u16,
}

/// A table that is being read page by page.
pub(super) struct Salvage {
    pub(super) lens: Lens,
    walk: Walk,
    /// Cells that were read before the damage was met.
    skip: u64,
    /// The page that is shown.
    pub(super) page: Page,
    /// The cell whose turn is next, and behind the last one that is shown.
    pub(super) next: u16,
    end: u16,
    /// Cells read.
    pub(super) cells: u32,
    /// Pages that were lost and have not been told yet.
    pub(super) untold: Vec<Lost>,
    /// Pages lost in all.
    pub(super) lost: u64,
    orphans: Option<Orphans>,
}

/// What a salvage comes to.
pub(super) enum Found {
    /// A run of cells is shown.
    Shown(Run),
    /// A page is lost.
    Lost,
    /// Nothing yet.
    Nothing,
    /// The end.
    End,
}

impl Salvage {
    /// Begins at the table's root, behind so many cells.
    pub(super) fn new(db: &Db, table: &LogTable, skip: u64) -> Result<Self, SqlError> {
        Ok(Self {
            lens: Lens::open(db, table, Columns::Stored)?,
            walk: Walk::with_fragment(table.tree(), table.root),
            skip,
            page: Page::default(),
            next: 0,
            end: 0,
            cells: 0,
            untold: Vec::new(),
            lost: 0,
            orphans: None,
        })
    }

    /// Whether a cell of the page that is shown has not been read.
    pub(super) fn is_showing(&self) -> bool {
        self.next < self.end
    }

    /// Rows found on pages that no page leads to, and those pages.
    pub(super) fn orphaned(&self) -> (u64, u64) {
        self.orphans.as_ref().map_or((0, 0), Orphans::found)
    }

    /// The rowid of the cell whose turn is next, if it can be told.
    pub(super) fn rowid(&self) -> Option<i64> {
        match self.lens.tree {
            Tree::Table => self.page.rowid(self.next),
            Tree::Index => None,
        }
    }

    /// Whether SQLite can be shown the cell whose turn is next.
    pub(super) fn can_be_shown(&self) -> bool {
        self.page.has_head(self.lens.tree, self.next)
    }

    /// Counts off the cell whose turn it was.
    pub(super) fn pass(&mut self) {
        self.next += 1;
        self.cells = self.cells.saturating_add(1);
    }

    /// Shows the cells from the next one on.
    pub(super) fn show(&mut self) -> Run {
        self.lens.show(&self.page, self.next);
        Run {
            first: self.cells,
            page: self.page.number,
            cell: self.next,
        }
    }

    /// Moves on to the next cells.
    pub(super) fn advance(
        &mut self,
        image: &Image,
        table: &LogTable,
        taken: &mut Taken,
    ) -> Result<Found, Error> {
        if let Some(orphans) = &mut self.orphans {
            match orphans.next(image, table, self.walk.seen(), taken, &mut self.page)? {
                Orphan::Searching => return Ok(Found::Nothing),
                Orphan::End => return Ok(Found::End),
                Orphan::Leaf => (self.next, self.end) = (0, self.page.cells),
                Orphan::Key(cell) => (self.next, self.end) = (cell, cell + 1),
            }
        } else {
            match self.walk.next(image)? {
                None => {
                    if self.lost == 0 || !table.has_recognisable_pages {
                        return Ok(Found::End);
                    }
                    self.orphans = Some(Orphans::default());
                    return Ok(Found::Nothing);
                }
                Some(Visit::Lost(lost)) => {
                    if lost.why == Why::SeenBefore && self.skip > 0 {
                        self.skip -= read_again(image, table.tree(), lost.page, self.skip)?;
                    }
                    self.lost += 1;
                    self.untold.push(lost);
                    return Ok(Found::Lost);
                }
                Some(Visit::Leaf(page)) => {
                    let cells = u64::from(page.cells);
                    let passed = self.skip.min(cells);
                    self.skip -= passed;
                    if passed == cells {
                        return Ok(Found::Nothing);
                    }
                    self.page.clone_from(page);
                    self.next = u16::try_from(passed).unwrap_or(u16::MAX);
                    self.end = page.cells;
                }
                Some(Visit::Key(page, cell)) => {
                    if self.skip > 0 {
                        self.skip -= 1;
                        return Ok(Found::Nothing);
                    }
                    self.page.clone_from(page);
                    (self.next, self.end) = (cell, cell + 1);
                }
            }
        }
        Ok(Found::Shown(self.show()))
    }
}

/// Cells below a page to which the tree led before, `most` at most: SQLite, which does not notice that, read them again
/// until it met a page that is none.
fn read_again(image: &Image, tree: Tree, page: u32, most: u64) -> io::Result<u64> {
    let mut walks = vec![Walk::new(tree, page)];
    let mut cells = 0;
    while cells < most
        && let Some(walk) = walks.last_mut()
    {
        match walk.next(image)? {
            None => _ = walks.pop(),
            Some(Visit::Leaf(page)) => cells += u64::from(page.cells),
            Some(Visit::Key(..)) => cells += 1,
            Some(Visit::Lost(lost)) => {
                if lost.why != Why::SeenBefore || walks.len() >= MAX_DEPTH {
                    return Ok(most);
                }
                walks.push(Walk::new(tree, lost.page));
            }
        }
    }
    Ok(cells.min(most))
}

impl LogTable {
    /// What its tree holds.
    pub(super) fn tree(&self) -> Tree {
        match self.key {
            Key::Rowid(_) => Tree::Table,
            Key::Ordinal(_) => Tree::Index,
        }
    }
}
