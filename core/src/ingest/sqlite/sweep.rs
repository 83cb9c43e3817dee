//! All pages of several index trees, level by level, each level in the order in which its pages lie in the file.
//!
//! A walk by key goes back and forth: the pages of an index over random values lie anywhere, and each step off the path
//! costs a read of the host. Who only adds up need not know the order, and reads each level of all trees in one go
//! through the file; the leaves, which are nearly all, beside whoever reads the table, while their bytes are in memory anyway. Eight bytes are kept for each page of the level at hand and of the one below it.

use std::io;

use super::btree::{Lost, MAX_DEPTH, Page, PageSet, Tree, Why};
use super::image::Image;

/// A page's number, and which tree leads to it.
type Reference = (u32, u32);

/// Pages behind the one that was read last which the cache may still hold, as bytes.
const CACHED: u64 = 2 << 20;

/// The sweep, and how far it is.
pub(super) struct Sweep {
    /// Pages of the level being read, in the order of the file, and the place of the next one: reading may begin in the
    /// middle and come to the beginning last.
    level: Vec<Reference>,
    next: usize,
    left: usize,
    below: Vec<Reference>,
    depth: usize,
    /// Whether the pages of the level seem to be leaves.
    is_at_leaves: bool,
    /// For each tree its pages: none is read twice.
    seen: Vec<PageSet>,
    page: Page,
}

impl Sweep {
    /// Begins at the roots of the trees.
    pub(super) fn new(roots: impl Iterator<Item = u32>) -> Self {
        let mut below: Vec<Reference> = Vec::new();
        for (tree, root) in (0..).zip(roots) {
            below.push((root, tree));
        }
        Self {
            seen: vec![PageSet::default(); below.len()],
            level: Vec::new(),
            next: 0,
            left: 0,
            below,
            depth: 0,
            is_at_leaves: false,
            page: Page::default(),
        }
    }

    /// Whether the next page lies at `offset` or before it, where somebody else has just read, so that it costs nothing.
    /// Pages that are no leaves are few, and lie nowhere in particular: for them the answer is no.
    pub(super) fn is_at_hand(&self, image: &Image, offset: u64) -> bool {
        let next = self.level.get(self.next).filter(|_| self.left > 0);
        let reaches = |page: u32| u64::from(page) * image.page_size() as u64 <= offset;
        self.is_at_leaves && next.is_some_and(|(page, _)| reaches(*page))
    }

    /// Whether leaves are being read, or the end was reached.
    pub(super) fn is_at_leaves(&self) -> bool {
        self.is_at_leaves
    }

    /// The next page, all of whose cells are entries of the tree told with it; `None` at the end. What cannot be read
    /// goes to `lost`. `offset`: where somebody else reads the same file, going forward.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn next(
        &mut self,
        image: &Image,
        offset: u64,
        lost: &mut dyn FnMut(usize, Lost),
    ) -> io::Result<Option<(usize, &Page)>> {
        loop {
            if self.left == 0 {
                if self.below.is_empty() {
                    self.is_at_leaves = true;
                    return Ok(None);
                }
                std::mem::swap(&mut self.level, &mut self.below);
                self.below.clear();
                self.level.sort_unstable();
                image.fetch_ahead(self.level.iter().map(|(page, _)| *page));
                let from = offset.saturating_sub(CACHED) / image.page_size() as u64;
                self.next = self.level.partition_point(|(p, _)| u64::from(*p) < from);
                self.left = self.level.len();
                self.depth += 1;
                self.is_at_leaves = false;
            }
            let Some(&(number, tree)) = self.level.get(self.next) else {
                self.next = 0;
                continue;
            };
            self.next += 1;
            self.left -= 1;
            let i = tree as usize;
            let mut lose = |page, why| lost(i, Lost { page, why });
            if let Err(why) = self.page.load(image, Tree::Index, number)? {
                image.note_damaged(number, why);
                lose(number, why);
                continue;
            }
            if self.depth == 1 {
                self.seen[i].insert(number);
            } else if self.page.cells == 0 {
                image.note_damaged(number, Why::Empty);
                lose(number, Why::Empty);
                continue;
            }
            self.is_at_leaves = self.page.is_leaf;
            if !self.page.is_leaf {
                for child in (0..=self.page.cells).map(|cell| self.page.child(cell)) {
                    // What is wrong with a reference is told at once, so that no more are kept than there are pages.
                    if child == 0 || u64::from(child) > image.pages() {
                        lose(child, Why::NoSuchPage);
                    } else if self.depth >= MAX_DEPTH {
                        lose(child, Why::TooDeep);
                    } else if child == 1 || !self.seen[i].insert(child) {
                        lose(child, Why::SeenBefore);
                    } else {
                        self.below.push((child, tree));
                    }
                }
            }
            return Ok(Some((i, &self.page)));
        }
    }
}
