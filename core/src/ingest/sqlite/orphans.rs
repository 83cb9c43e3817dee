//! Pages of a table that no page leads to any more, found by their content, and those that cannot be any.
//!
//! Nothing is taken for a row that could be a deleted one or another tree's: not what the list of free pages names, not
//! what a table or an index leads to, and no page but one whose keys are in order and most of whose records have the
//! table's values. Of a table with rowids only leaves hold rows; of one WITHOUT ROWID interior pages do as well.

use std::collections::BTreeMap;
use std::io;

use super::btree::{Page, PageSet, Tree, Walk, varint, word};
use super::image::Image;
use super::record::Values;
use super::table::{Collation, LogTable};
use crate::entry::RawValue;
use crate::error::Error;

/// Pages that are passed over in one go.
const BATCH: u32 = 256;

/// Pages that cannot be an orphan: those of the list of free pages, on which stands what was deleted, and those to which
/// some tree leads.
#[derive(Default)]
pub(super) struct Taken {
    /// The roots of all trees.
    roots: Vec<u32>,
    free: Option<PageSet>,
    by_tables: Led,
    by_indexes: Led,
    /// Orphans, and the root of the table that they were counted to.
    adopted: BTreeMap<u32, u32>,
}

/// Pages to which the trees of one kind lead, as far as they were walked.
#[derive(Default)]
struct Led {
    /// Roots that were begun.
    begun: usize,
    walk: Option<Walk>,
    pages: PageSet,
}

impl Taken {
    /// Of a database whose trees have these roots.
    pub(super) fn new(roots: Vec<u32>) -> Self {
        Self {
            roots,
            ..Self::default()
        }
    }

    /// Goes on finding them; false when all were found that could be a page of such a tree.
    fn step(&mut self, image: &Image, tree: Tree) -> Result<bool, Error> {
        if self.free.is_none() {
            self.free = Some(free_list(image)?);
        }
        let led = match tree {
            Tree::Table => &mut self.by_tables,
            Tree::Index => &mut self.by_indexes,
        };
        for _ in 0..BATCH {
            let walk = match &mut led.walk {
                Some(walk) => walk,
                None => {
                    let Some(root) = self.roots.get(led.begun) else {
                        return Ok(false);
                    };
                    led.begun += 1;
                    led.walk.insert(Walk::new(tree, *root))
                }
            };
            if walk.next(image)?.is_none() {
                led.pages.extend(walk.seen());
                led.walk = None;
            }
        }
        Ok(true)
    }

    /// Whether a page cannot be an orphan of this table.
    fn contains(&self, page: u32, table: &LogTable) -> bool {
        let led = match table.tree() {
            Tree::Table => &self.by_tables,
            Tree::Index => &self.by_indexes,
        };
        let is_free = self.free.as_ref().is_some_and(|free| free.contains(page));
        let by_another = |root: &u32| *root != table.root;
        is_free || led.pages.contains(page) || self.adopted.get(&page).is_some_and(by_another)
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

/// The orphans of one table.
#[derive(Default)]
pub(super) struct Orphans {
    /// The page that was looked at last.
    at: u32,
    /// Their ranks and numbers; sorted once all were found.
    pages: Vec<(i64, u32)>,
    is_sorted: bool,
    next: usize,
    /// Of an interior page that is shown cell by cell, the next one.
    cell: u16,
    rows: u64,
}

/// What a search for orphans comes to.
pub(super) enum Orphan {
    /// A leaf, with all its cells.
    Leaf,
    /// A cell of an interior page.
    Key(u16),
    Searching,
    End,
}

impl Orphans {
    /// Rows found, and the pages on which they lie.
    pub(super) fn found(&self) -> (u64, u64) {
        (self.rows, self.pages.len() as u64)
    }

    /// Moves on; what comes next is then in `page`.
    pub(super) fn next(
        &mut self,
        image: &Image,
        table: &LogTable,
        seen: &PageSet,
        taken: &mut Taken,
        page: &mut Page,
    ) -> Result<Orphan, Error> {
        if self.is_sorted {
            return self.show(image, table.tree(), page);
        }
        if taken.step(image, table.tree())? {
            return Ok(Orphan::Searching);
        }
        let usable = image.usable(&image.header()?);
        for _ in 0..BATCH {
            let fragment = image.fragment().map_or(0, |(page, _)| u64::from(page));
            if u64::from(self.at) >= image.pages_there().max(fragment) {
                self.pages.sort_unstable();
                self.is_sorted = true;
                break;
            }
            self.at += 1;
            if !seen.contains(self.at)
                && !taken.contains(self.at, table)
                && page.load_any(image, table.tree(), self.at)?
                && let Some(rank) = rank(page, table, usable)
            {
                if let Some(whole) = page.load_fragment(image, table.tree(), self.at)? {
                    image.examine_fragment(whole);
                }
                taken.adopted.insert(self.at, table.root);
                self.pages.push((rank, self.at));
            }
        }
        Ok(Orphan::Searching)
    }

    fn show(&mut self, image: &Image, tree: Tree, page: &mut Page) -> Result<Orphan, Error> {
        let Some((_, number)) = self.pages.get(self.next) else {
            return Ok(Orphan::End);
        };
        let is_there = self.cell > 0 || page.load_any(image, tree, *number)?;
        if is_there && !page.is_leaf && self.cell < page.cells {
            self.cell += 1;
            self.rows += 1;
            return Ok(Orphan::Key(self.cell - 1));
        }
        self.next += 1;
        self.cell = 0;
        if !is_there || !page.is_leaf {
            return Ok(Orphan::Searching);
        }
        self.rows += u64::from(page.cells);
        Ok(Orphan::Leaf)
    }
}

/// Where a page that can only be one of this table's with rows on it comes among its orphans: by its first rowid, or the
/// beginning of its first key.
fn rank(page: &Page, table: &LogTable, usable: usize) -> Option<i64> {
    if page.number == 1 || page.cells == 0 {
        return None;
    }
    let rank = match table.tree() {
        Tree::Table if page.is_leaf => first_rowid(page)?,
        Tree::Table => return None,
        Tree::Index => first_key(page, table, usable)?,
    };
    let is_like_a_row = |cell: u16| {
        let Some(payload) = payload(page, table.tree(), usable, cell) else {
            return false;
        };
        let kinds: Vec<u64> = Values::kinds(payload).collect();
        let has_checksum = table.stored_checksum.is_none_or(|at| {
            // Text of 16 characters, in one byte each or in two.
            kinds.get(at).is_some_and(|kind| [45, 77].contains(kind))
        });
        kinds.len() == table.stored && has_checksum
    };
    let like = (0..page.cells).filter(|&cell| is_like_a_row(cell)).count();
    (like * 2 > usize::from(page.cells)).then_some(rank)
}

/// The first rowid, if they ascend.
fn first_rowid(page: &Page) -> Option<i64> {
    let mut last = None;
    for cell in 0..page.cells {
        let rowid = page.rowid(cell)?;
        if last.is_some_and(|last| rowid <= last) {
            return None;
        }
        last = Some(rowid);
    }
    page.rowid(0)
}

/// A number for the first key, if no key comes before the one that it follows.
fn first_key(page: &Page, table: &LogTable, usable: usize) -> Option<i64> {
    let mut last: Option<&[u8]> = None;
    for cell in 0..page.cells {
        let Some(payload) = payload(page, Tree::Index, usable, cell) else {
            continue;
        };
        if last.is_some_and(|last| is_before(payload, last, &table.order)) {
            return None;
        }
        last = Some(payload);
    }
    let first = payload(page, Tree::Index, usable, 0).and_then(|p| Values::of(p).next());
    Some(match first {
        Some(RawValue::Integer(n)) => n,
        Some(RawValue::Text(bytes) | RawValue::Blob(bytes)) => {
            let mut start = [0; 8];
            for (to, byte) in start.iter_mut().zip(bytes) {
                *to = *byte;
            }
            // Half of the range, so that the numbers are in the order of the bytes.
            (u64::from_be_bytes(start) >> 1).cast_signed()
        }
        _ => 0,
    })
}

/// Whether one key surely comes before another, as far as both are on the page.
fn is_before(key: &[u8], other: &[u8], order: &[Collation]) -> bool {
    for ((ours, theirs), collation) in Values::of(key).zip(Values::of(other)).zip(order) {
        let ordering = match (ours, theirs) {
            (RawValue::Text(ours), RawValue::Text(theirs)) => ours.cmp(theirs),
            (RawValue::Integer(ours), RawValue::Integer(theirs)) => ours.cmp(&theirs),
            _ => return false,
        };
        match collation {
            Collation::Binary { .. } if ordering.is_eq() => {}
            Collation::Binary { is_descending } => return ordering.is_lt() != *is_descending,
            Collation::Other => return false,
        }
    }
    false
}

/// What of a cell's record lies on the page.
fn payload(page: &Page, tree: Tree, usable: usize, cell: u16) -> Option<&[u8]> {
    let start = page.cell(cell);
    let (end, overflow) = page.extent(tree, usable, cell)?;
    let mut from = start + if page.is_leaf { 0 } else { 4 };
    from += varint(page.bytes.get(from..)?)?.1;
    if tree == Tree::Table {
        from += varint(page.bytes.get(from..)?)?.1;
    }
    let end = if overflow.is_some() { end - 4 } else { end };
    page.bytes.get(from..end)
}
