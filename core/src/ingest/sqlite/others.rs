//! Tables and indexes that hold no entry, and which pages are theirs.
//!
//! Their rows are nobody's business here. All leaves of a tree lie equally deep, so that its interior pages tell them
//! all; leaves are read only for the overflow pages that they lead to. It is read for no longer than [`READS`].

use std::io;
use std::rc::Rc;

use super::btree::{MAX_DEPTH, Page, PageSet, Tree, word};
use super::db::Db;
use super::image::Image;
use super::table::LogTable;
use crate::finding::shown;

/// Pages that are read for it in one database; what they do not tell stays untold.
const READS: u32 = 2048;

/// A table or an index that is no log.
pub(super) struct Other {
    /// What it is: `the table users`.
    pub(super) what: String,
    /// The name of the table that it is, or belongs to.
    pub(super) table: String,
    /// The first page of its tree.
    pub(super) root: u32,
}

/// The tables and indexes of the database but for `logs`, at most a thousand; none where their list cannot be read.
pub(super) fn others(db: &Rc<Db>, logs: &[LogTable]) -> Vec<Other> {
    let mut others = Vec::new();
    let Ok(mut stmt) = db.prepare(
        b"SELECT lower(type), CAST(name AS TEXT), CAST(tbl_name AS TEXT), rootpage FROM sqlite_schema \
          WHERE lower(type) IN ('table', 'index') AND rootpage > 0 ORDER BY rowid LIMIT 1000",
    ) else {
        return others;
    };
    while stmt.step().unwrap_or(false) {
        let Ok(root) = u32::try_from(stmt.integer(3)) else {
            continue;
        };
        if logs.iter().any(|log| log.root == root) {
            continue;
        }
        let (name, table) = (shown(stmt.text(1)), shown(stmt.text(2)));
        let what = match stmt.text(0) {
            b"index" => format!("the index {name} of the table {table}"),
            _ => format!("the table {name}"),
        };
        others.push(Other { what, table, root });
    }
    others
}

/// A search for the pages of trees, each told once.
pub(super) struct Search<'i> {
    image: &'i Image,
    usable: usize,
    told: PageSet,
    page: Page,
    tree: Tree,
    reads: u32,
}

impl<'i> Search<'i> {
    pub(super) fn new(image: &'i Image) -> Self {
        let usable = image.header().map_or(480, |header| image.usable(&header));
        Self {
            image,
            usable,
            told: PageSet::default(),
            page: Page::default(),
            tree: Tree::Table,
            reads: 0,
        }
    }

    /// Whether everything could be read that had to be.
    pub(super) fn is_complete(&self) -> bool {
        self.reads < READS
    }

    /// Tells `found` the pages of the tree at `root`, as far as none was told before.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn walk(&mut self, root: u32, found: &mut dyn FnMut(u32)) -> io::Result<()> {
        let mut level = Vec::new();
        self.tell(root, found, &mut level);
        for _ in 0..MAX_DEPTH {
            // In the order in which they lie in the file.
            level.sort_unstable();
            let mut is_bottom = None;
            for number in &level {
                if self.load(*number)? {
                    is_bottom = Some(self.page.is_leaf);
                    break;
                }
            }
            match is_bottom {
                Some(false) => {}
                Some(true) => return self.leaves(&level, found),
                None => return Ok(()),
            }
            let mut below = Vec::new();
            for number in level {
                if !self.load(number)? || self.page.is_leaf {
                    continue;
                }
                for cell in 0..=self.page.cells {
                    self.tell(self.page.child(cell), found, &mut below);
                }
                // The rows of a table lie on its leaves alone.
                if self.tree == Tree::Index {
                    self.overflow(found)?;
                }
            }
            level = below;
        }
        Ok(())
    }

    /// Tells a page, if it is one and was not told before, and puts it down.
    fn tell(&mut self, page: u32, found: &mut dyn FnMut(u32), level: &mut Vec<u32>) {
        let is_page = page > 1 && u64::from(page) <= self.image.pages_there();
        if is_page && self.told.insert(page) {
            found(page);
            level.push(page);
        }
    }

    /// Reads a page of either kind of tree; false if it is none, or enough was read.
    fn load(&mut self, number: u32) -> io::Result<bool> {
        if self.reads >= READS {
            return Ok(false);
        }
        self.reads += 1;
        for tree in [Tree::Table, Tree::Index] {
            self.tree = tree;
            if self.page.load(self.image, tree, number)?.is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tells the overflow pages of leaves.
    fn leaves(&mut self, level: &[u32], found: &mut dyn FnMut(u32)) -> io::Result<()> {
        for number in level {
            if self.load(*number)? && self.page.is_leaf {
                self.overflow(found)?;
            }
        }
        Ok(())
    }

    /// Tells the overflow pages of the cells of the page at hand.
    fn overflow(&mut self, found: &mut dyn FnMut(u32)) -> io::Result<()> {
        for cell in 0..self.page.cells {
            let extent = self.page.extent(self.tree, self.usable, cell);
            let mut next = extent.and_then(|(_, next)| next).unwrap_or(0);
            while next > 1 && u64::from(next) <= self.image.pages_there() && self.told.insert(next)
            {
                found(next);
                if self.reads >= READS {
                    return Ok(());
                }
                self.reads += 1;
                let mut number = [0; 4];
                let at = u64::from(next - 1) * self.image.page_size() as u64;
                self.image.read_at(at, &mut number)?;
                next = word(&number, 0);
            }
        }
        Ok(())
    }
}
