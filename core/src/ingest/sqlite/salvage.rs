//! Reading a table whose tree is damaged: page by page, each leaf shown to SQLite as if it were the whole table.
//!
//! The walk of `btree` finds the pages in the order in which SQLite's own cursor would take them. A second connection (a
//! lens) is shown the table's root page with the content of one leaf, so that SQLite still reads every value, and reads
//! rows that no search by rowid would find. A cell that it cannot read costs that cell, a page that is lost costs what
//! lies below it. Leaves that no page leads to any more are found by their content.

use std::collections::BTreeMap;
use std::io;

use super::btree::{Lost, Page, PageSet, Tree, Visit, Walk, varint, word};
use super::db::{Db, SqlError, Stmt};
use super::image::Image;
use super::record::Values;
use super::table::{Columns, Key, LogTable};
use crate::error::Error;

/// Pages that are passed over in one go.
const BATCH: u32 = 256;

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
        self.orphans
            .as_ref()
            .map_or((0, 0), |o| (o.rows, o.next as u64))
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
                Orphan::Leaf => {}
            }
            (self.next, self.end) = (0, self.page.cells);
        } else {
            match self.walk.next(image)? {
                None => {
                    if self.lost == 0 || table.tree() == Tree::Index {
                        return Ok(Found::End);
                    }
                    self.orphans = Some(Orphans::default());
                    return Ok(Found::Nothing);
                }
                Some(Visit::Lost(lost)) => {
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

/// Pages that cannot be an orphan: those of the list of free pages, on which stands what was deleted, and those to which
/// some table's tree leads.
#[derive(Default)]
pub(super) struct Taken {
    pages: PageSet,
    /// Tables whose trees have still to be walked, and the walk of one.
    roots: Vec<u32>,
    walk: Option<Walk>,
    has_free_list: bool,
    /// Orphans, and the root of the table that they were counted to.
    adopted: BTreeMap<u32, u32>,
}

impl Taken {
    /// Of a database whose tables have these roots.
    pub(super) fn new(roots: Vec<u32>) -> Self {
        Self {
            roots,
            ..Self::default()
        }
    }

    /// Goes on finding them; false when all were found.
    fn step(&mut self, image: &Image) -> Result<bool, Error> {
        if !std::mem::replace(&mut self.has_free_list, true) {
            self.pages.extend(&free_list(image)?);
        }
        for _ in 0..BATCH {
            let walk = match &mut self.walk {
                Some(walk) => walk,
                None => match self.roots.pop() {
                    Some(root) => self.walk.insert(Walk::new(Tree::Table, root)),
                    None => return Ok(false),
                },
            };
            if walk.next(image)?.is_none() {
                self.pages.extend(walk.seen());
                self.walk = None;
            }
        }
        Ok(true)
    }
}

/// The list of free pages (*Database File Format*, section 1.5), as far as it leads.
pub(super) fn free_list(image: &Image) -> io::Result<PageSet> {
    let mut pages = PageSet::default();
    let mut trunk = word(&image.header()?, 32);
    let mut bytes = vec![0; image.page_size()];
    while trunk != 0 && u64::from(trunk) <= image.pages_there() && pages.insert(trunk) {
        image.read_at(u64::from(trunk - 1) * bytes.len() as u64, &mut bytes)?;
        let leaves = (word(&bytes, 4) as usize).min(bytes.len() / 4 - 2);
        for i in 0..leaves {
            pages.insert(word(&bytes, 8 + 4 * i));
        }
        trunk = word(&bytes, 0);
    }
    Ok(pages)
}

/// Leaves that no page leads to any more.
#[derive(Default)]
struct Orphans {
    /// The page that was looked at last.
    at: u32,
    /// Their first rowids and numbers; sorted once all were found.
    leaves: Vec<(i64, u32)>,
    is_sorted: bool,
    next: usize,
    rows: u64,
}

enum Orphan {
    Leaf,
    Searching,
    End,
}

impl Orphans {
    fn next(
        &mut self,
        image: &Image,
        table: &LogTable,
        seen: &PageSet,
        taken: &mut Taken,
        page: &mut Page,
    ) -> Result<Orphan, Error> {
        if self.is_sorted {
            let Some((_, number)) = self.leaves.get(self.next) else {
                return Ok(Orphan::End);
            };
            self.next += 1;
            if !page.load_any(image, Tree::Table, *number)? {
                return Ok(Orphan::Searching);
            }
            self.rows += u64::from(page.cells);
            return Ok(Orphan::Leaf);
        }
        if taken.step(image)? {
            return Ok(Orphan::Searching);
        }
        for _ in 0..BATCH {
            let fragment = image.fragment().map_or(0, |(page, _)| u64::from(page));
            if u64::from(self.at) >= image.pages_there().max(fragment) {
                self.leaves.sort_unstable();
                self.is_sorted = true;
                break;
            }
            self.at += 1;
            let is_adopted = |root: &u32| *root != table.root;
            if !seen.contains(self.at)
                && !taken.pages.contains(self.at)
                && !taken.adopted.get(&self.at).is_some_and(is_adopted)
                && page.load_any(image, Tree::Table, self.at)?
                && let Some(first) = first_rowid(page, table)
            {
                if let Some(whole) = page.load_fragment(image, Tree::Table, self.at)? {
                    image.examine_fragment(whole);
                }
                taken.adopted.insert(self.at, table.root);
                self.leaves.push((first, self.at));
            }
        }
        Ok(Orphan::Searching)
    }
}

/// The first rowid of a page that can only be a leaf of this table: its rowids ascend, and its records have the table's
/// values, a checksum of 16 digits among them.
fn first_rowid(page: &Page, table: &LogTable) -> Option<i64> {
    if page.number == 1 || !page.is_leaf || page.cells == 0 {
        return None;
    }
    let mut last = None;
    for cell in 0..page.cells {
        let rowid = page.rowid(cell)?;
        if last.is_some_and(|last| rowid <= last) {
            return None;
        }
        last = Some(rowid);
    }
    let is_like_a_row = |cell: u16| -> Option<bool> {
        let at = page.cell(cell);
        let (length, n) = varint(page.bytes.get(at..)?)?;
        let (_, m) = varint(page.bytes.get(at + n..)?)?;
        let from = at + n + m;
        let length = usize::try_from(length).ok()?;
        let payload = page
            .bytes
            .get(from..from.saturating_add(length).min(page.bytes.len()))?;
        let kinds: Vec<u64> = Values::kinds(payload).collect();
        let has_checksum = table.stored_checksum.is_none_or(|at| {
            // Text of 16 characters, in one byte each or in two.
            kinds.get(at).is_some_and(|kind| [45, 77].contains(kind))
        });
        Some(kinds.len() == table.stored && has_checksum)
    };
    let like = (0..page.cells)
        .filter(|&cell| is_like_a_row(cell) == Some(true))
        .count();
    (like * 2 > usize::from(page.cells)).then(|| page.rowid(0))?
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
