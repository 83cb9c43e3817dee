//! All pages of several index trees, level by level, each level in the order in which its pages lie in the file.
//!
//! A walk by key goes back and forth: the pages of an index over random values lie anywhere, and each step off the path
//! costs a read of the host. Who only adds up need not know the order, and reads each level of all trees in one go
//! through the file. Eight bytes are kept for each page of the level at hand and of the one below it.

use std::io;

use super::btree::{Lost, MAX_DEPTH, Page, PageSet, Tree, Why};
use super::image::Image;

/// A page's number, and which tree leads to it.
type Reference = (u32, u32);

/// The sweep, and how far it is.
pub(super) struct Sweep {
    /// Pages of the level being read, the next one last.
    level: Vec<Reference>,
    below: Vec<Reference>,
    depth: usize,
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
            below,
            depth: 0,
            page: Page::default(),
        }
    }

    /// The next page, all of whose cells are entries of the tree told with it; `None` at the end. What cannot be read
    /// goes to `lost`.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn next(
        &mut self,
        image: &Image,
        lost: &mut dyn FnMut(usize, Lost),
    ) -> io::Result<Option<(usize, &Page)>> {
        loop {
            let Some((number, tree)) = self.level.pop() else {
                if self.below.is_empty() {
                    return Ok(None);
                }
                std::mem::swap(&mut self.level, &mut self.below);
                self.level.sort_unstable_by(|a, b| b.cmp(a));
                self.depth += 1;
                continue;
            };
            let i = tree as usize;
            let mut lose = |page, why| lost(i, Lost { page, why });
            if let Err(why) = self.page.load(image, Tree::Index, number)? {
                lose(number, why);
                continue;
            }
            if self.depth == 1 {
                self.seen[i].insert(number);
            } else if self.page.cells == 0 {
                lose(number, Why::Empty);
                continue;
            }
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
