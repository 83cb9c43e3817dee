//! The b-trees of a database, walked by their pages: which there are, in which order, and which are lost.
//!
//! This finds out where rows lie, for whoever reads them there, and goes on where SQLite gives up. It follows SQLite's
//! document *Database File Format*, section 1.6, is iterative, visits no page twice, and goes no deeper than SQLite.

use std::collections::BTreeMap;
use std::io;

use super::image::Image;

mod cell;

pub(super) use cell::local;

/// Pages from a root to a leaf at most, as in SQLite's own cursor.
pub(super) const MAX_DEPTH: usize = 20;

/// What a tree's pages hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// Rows by rowid: keys on interior pages are only signposts.
    Table,
    /// The entries of an index, or the rows of a table WITHOUT ROWID: interior pages hold some of them.
    Index,
}

/// A page of a b-tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// Counted from 1.
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
    /// Cells that its header tells.
    pub(super) cells: u16,
    pub(super) is_leaf: bool,
    /// Where the array of pointers to the cells begins.
    pointers: usize,
}

impl Page {
    /// The type byte of a leaf.
    pub(super) const fn leaf_type(tree: Tree) -> u8 {
        match tree {
            Tree::Table => 0x0d,
            Tree::Index => 0x0a,
        }
    }

    /// Where the header begins: on page 1 behind the file's own header.
    pub(super) fn header(&self) -> usize {
        if self.number == 1 { 100 } else { 0 }
    }

    /// Reads page `number` into this one's buffer; why it is no page of such a tree, if it is none.
    pub(super) fn load(
        &mut self,
        image: &Image,
        tree: Tree,
        number: u32,
    ) -> io::Result<Result<(), Why>> {
        self.number = number;
        if number == 0 || u64::from(number) > image.pages() {
            return Ok(Err(Why::NoSuchPage));
        }
        self.bytes.resize(image.page_size(), 0);
        image.read_at(
            u64::from(number - 1) * image.page_size() as u64,
            &mut self.bytes,
        )?;
        Ok(self.parse(tree).map_err(|why| match why {
            Why::NoPageOfTheTree if image.is_missing(number) => Why::Missing,
            why => why,
        }))
    }

    /// Reads the page within which the file ends, with those of its cells that are there whole; how many bytes they go
    /// up to. `None` if it is another one, or has nothing to read.
    pub(super) fn load_fragment(
        &mut self,
        image: &Image,
        tree: Tree,
        number: u32,
    ) -> io::Result<Option<usize>> {
        let Some((_, there)) = image.fragment().filter(|(page, _)| *page == number) else {
            return Ok(None);
        };
        self.number = number;
        self.bytes.clear();
        self.bytes.resize(image.page_size(), 0);
        image.read_fragment(&mut self.bytes[..there])?;
        if number == 1 || self.parse(tree).is_err() {
            return Ok(None);
        }
        let usable = image.usable(&image.header()?);
        let cells_at = self.pointers + 2 * usize::from(self.cells);
        let mut whole = cells_at;
        let mut kept = 0;
        for cell in 0..self.cells {
            let start = self.cell(cell);
            let end = self.extent(tree, usable, cell).map(|(end, _)| end);
            let Some(end) = end.filter(|end| start >= cells_at && *end <= there) else {
                continue;
            };
            whole = whole.max(end);
            let pointer = u16::try_from(start).unwrap_or(0).to_be_bytes();
            let at = self.pointers + 2 * usize::from(kept);
            self.bytes[at..at + 2].copy_from_slice(&pointer);
            kept += 1;
        }
        self.cells = kept;
        self.bytes[3..5].copy_from_slice(&kept.to_be_bytes());
        Ok((kept > 0 && cells_at <= there).then_some(whole))
    }

    /// The same as [`Page::load`], or else [`Page::load_fragment`]; false if it is neither.
    pub(super) fn load_any(&mut self, image: &Image, tree: Tree, number: u32) -> io::Result<bool> {
        Ok(self.load(image, tree, number)?.is_ok()
            || self.load_fragment(image, tree, number)?.is_some())
    }

    /// Reads the page's header.
    fn parse(&mut self, tree: Tree) -> Result<(), Why> {
        let header = self.header();
        let kind = self.bytes[header];
        self.is_leaf = kind == Self::leaf_type(tree);
        if !self.is_leaf && kind != Self::leaf_type(tree) & 0x07 {
            return Err(Why::NoPageOfTheTree);
        }
        self.cells = u16::from_be_bytes([self.bytes[header + 3], self.bytes[header + 4]]);
        self.pointers = header + if self.is_leaf { 8 } else { 12 };
        // The most that SQLite believes: six bytes each.
        if usize::from(self.cells) > (self.bytes.len() - 8) / 6 {
            return Err(Why::TooManyCells);
        }
        Ok(())
    }

    /// Where a cell ends on this page, and the page on which it goes on if it does.
    pub(super) fn extent(
        &self,
        tree: Tree,
        usable: usize,
        cell: u16,
    ) -> Option<(usize, Option<u32>)> {
        let mut at = self.cell(cell) + if self.is_leaf { 0 } else { 4 };
        let (length, n) = varint(self.bytes.get(at..)?)?;
        at += n;
        if tree == Tree::Table {
            if !self.is_leaf {
                // What was read is the key.
                return Some((at, None));
            }
            at += varint(self.bytes.get(at..)?)?.1;
        }
        let length = usize::try_from(length).ok()?;
        let local = local(tree, usable, length);
        if local == length {
            return Some((at + length, None));
        }
        let end = at + local + 4;
        self.bytes.get(..end)?;
        Some((end, Some(word(&self.bytes, end - 4))))
    }

    /// Where cell `index` begins. As in SQLite a pointer beyond the page is taken modulo its size.
    pub(super) fn cell(&self, index: u16) -> usize {
        let at = self.pointers + 2 * usize::from(index);
        let pointer = self
            .bytes
            .get(at..at + 2)
            .map_or(0, |b| usize::from(u16::from_be_bytes([b[0], b[1]])));
        pointer & (self.bytes.len() - 1)
    }

    /// The page left of cell `index`, or the rightmost one behind the last cell.
    pub(super) fn child(&self, index: u16) -> u32 {
        let at = if index < self.cells {
            self.cell(index)
        } else {
            self.header() + 8
        };
        word(&self.bytes, at)
    }

    /// Whether the numbers with which a cell begins lie within the page. SQLite reads them beyond its end.
    pub(super) fn has_head(&self, tree: Tree, index: u16) -> bool {
        let at = self.cell(index) + if self.is_leaf { 0 } else { 4 };
        let after = |at: usize| Some(at + varint(self.bytes.get(at..)?)?.1);
        match tree {
            Tree::Table => after(at).and_then(after).is_some(),
            Tree::Index => after(at).is_some(),
        }
    }

    /// The same page as a leaf that holds only the cells from `from` on, up to one whose head is not on the page; of an
    /// interior page that one alone, without its pointer to the left.
    pub(super) fn as_leaf(&self, tree: Tree, from: u16) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let to = (from..self.cells).find(|cell| !self.has_head(tree, *cell));
        let to = to.unwrap_or(self.cells);
        if self.is_leaf && from == 0 && to == self.cells && self.header() == 0 {
            return bytes;
        }
        let (cells, skipped) = match self.is_leaf {
            true => (from..to, 0),
            false if to == from => (from..from, 0),
            false => (from..from + 1, 4),
        };
        bytes[..8].fill(0);
        bytes[0] = Self::leaf_type(tree);
        let count = u16::try_from(cells.len()).unwrap_or(0);
        bytes[3..5].copy_from_slice(&count.to_be_bytes());
        for (i, cell) in cells.enumerate() {
            let pointer = u16::try_from(self.cell(cell) + skipped).unwrap_or(u16::MAX);
            if let Some(place) = bytes.get_mut(8 + 2 * i..10 + 2 * i) {
                place.copy_from_slice(&pointer.to_be_bytes());
            }
        }
        bytes
    }

    /// The rowid of a cell of a table's leaf, if one can be read.
    pub(super) fn rowid(&self, index: u16) -> Option<i64> {
        let at = self.cell(index);
        if at < self.pointers + 2 * usize::from(self.cells) {
            return None;
        }
        let (_, n) = varint(self.bytes.get(at..)?)?;
        let (rowid, _) = varint(self.bytes.get(at + n..)?)?;
        Some(rowid.cast_signed())
    }
}

/// The big-endian word at `at`; 0 where there is none.
pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

/// A variable-length integer and its length: seven bits a byte, eight in the ninth.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (i, &byte) in bytes.iter().take(9).enumerate() {
        if i == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, i + 1));
        }
    }
    None
}

/// Why a page that a tree leads to cannot be read as its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The file has no page of this number.
    NoSuchPage,
    /// The file was cut off before it.
    Missing,
    /// The file was cut off within it.
    Cut,
    /// Its type is another one's, or none.
    NoPageOfTheTree,
    /// It claims more cells than there is room for.
    TooManyCells,
    /// It holds nothing, which no page below another does.
    Empty,
    /// Another page leads to it too.
    SeenBefore,
    /// More pages lie above it than in any tree that SQLite writes.
    TooDeep,
    /// Its cells do not lie as they must. Only a walk that is to meet no such page looks at that.
    Unsound,
}

impl Why {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchPage => "there is no page of this number",
            Self::Missing => "the file was cut off before it",
            Self::Cut => "the file was cut off within it",
            Self::NoPageOfTheTree => "it does not begin as a page of this tree",
            Self::TooManyCells => "it claims more cells than it has room for",
            Self::Empty => "it holds nothing",
            Self::SeenBefore => "another page leads to it too",
            Self::TooDeep => "it lies too deep",
            Self::Unsound => "its cells do not lie within it",
        }
    }
}

/// A page that a tree leads to and that cannot be read, with all that lies below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) page: u32,
    pub(super) why: Why,
}

/// What a walk comes to.
pub(super) enum Visit<'w> {
    /// A leaf, with all its cells.
    Leaf(&'w Page),
    /// A cell on an interior page of an index: its turn has come.
    Key(&'w Page, u16),
    /// A page that cannot be read.
    Lost(Lost),
}

/// A walk through a tree in the order of its keys, as SQLite's cursor takes it.
pub(super) struct Walk {
    tree: Tree,
    root: Option<u32>,
    stack: Vec<Frame>,
    seen: PageSet,
    /// The leaf that was visited last.
    leaf: Page,
    spare: Vec<Page>,
    /// Whether the page within which the file ends is visited too, after it was told as lost.
    takes_fragment: bool,
    fragment: Option<Page>,
    /// Set where each page must be sound: how many of its bytes are used.
    usable: Option<usize>,
}

/// An interior page, and what comes next on it: twice the cell's number for its left child, one more for itself.
struct Frame {
    page: Page,
    next: u32,
}

/// What one move of a walk came to.
enum Step {
    Descended,
    Leaf,
    Key(u16),
    Lost(Lost),
    End,
}

impl Walk {
    /// Begins at a root.
    pub(super) fn new(tree: Tree, root: u32) -> Self {
        Self {
            tree,
            root: Some(root),
            stack: Vec::new(),
            seen: PageSet::default(),
            leaf: Page::default(),
            spare: Vec::new(),
            takes_fragment: false,
            fragment: None,
            usable: None,
        }
    }

    /// The same that takes a page of a table for lost where SQLite might.
    pub(super) fn with_sound_pages(root: u32, usable: usize) -> Self {
        Self {
            usable: Some(usable),
            ..Self::new(Tree::Table, root)
        }
    }

    /// The same that takes whole cells of the page within which the file ends, after it told it as lost.
    pub(super) fn with_fragment(tree: Tree, root: u32) -> Self {
        Self {
            takes_fragment: true,
            ..Self::new(tree, root)
        }
    }

    /// The leaf that was visited last.
    pub(super) fn leaf(&self) -> &Page {
        &self.leaf
    }

    /// The pages that were visited.
    pub(super) fn seen(&self) -> &PageSet {
        &self.seen
    }

    /// Moves on; `None` at the end.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(super) fn next(&mut self, image: &Image) -> io::Result<Option<Visit<'_>>> {
        loop {
            match self.advance(image)? {
                Step::Descended => {}
                Step::End => return Ok(None),
                Step::Leaf => return Ok(Some(Visit::Leaf(&self.leaf))),
                Step::Lost(lost) => return Ok(Some(Visit::Lost(lost))),
                Step::Key(index) => {
                    let key = self.stack.last().map(|f| Visit::Key(&f.page, index));
                    return Ok(key);
                }
            }
        }
    }

    fn advance(&mut self, image: &Image) -> io::Result<Step> {
        if let Some(page) = self.fragment.take() {
            return Ok(self.enter(page));
        }
        let child = loop {
            if let Some(root) = self.root.take() {
                break root;
            }
            let Some(frame) = self.stack.last_mut() else {
                return Ok(Step::End);
            };
            let (index, is_cell) = (frame.next / 2, frame.next % 2 == 1);
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            let is_over = index > frame.page.cells || (is_cell && index == frame.page.cells);
            if is_over {
                if let Some(frame) = self.stack.pop() {
                    self.spare.push(frame.page);
                }
                continue;
            }
            frame.next += 1;
            if !is_cell {
                break frame.page.child(index);
            }
            if self.tree == Tree::Index {
                return Ok(Step::Key(index));
            }
        };
        let lost = |why| Ok(Step::Lost(Lost { page: child, why }));
        if self.stack.len() >= MAX_DEPTH {
            return lost(Why::TooDeep);
        }
        // Page 1 is the root of the list of tables, and below no other.
        if child == 1 && !self.stack.is_empty() {
            return lost(Why::SeenBefore);
        }
        let mut page = self
            .spare
            .pop()
            .unwrap_or_else(|| std::mem::take(&mut self.leaf));
        if let Err(why) = page.load(image, self.tree, child)? {
            if self.takes_fragment
                && let Some(whole) = page.load_fragment(image, self.tree, child)?
                && self.seen.insert(child)
            {
                image.examine_fragment(whole);
                self.fragment = Some(page);
                return lost(Why::Cut);
            }
            self.spare.push(page);
            image.note_damaged(child, why);
            return lost(why);
        }
        if page.cells == 0 && !self.stack.is_empty() {
            self.spare.push(page);
            image.note_damaged(child, Why::Empty);
            return lost(Why::Empty);
        }
        if !self.seen.insert(child) {
            self.spare.push(page);
            return lost(Why::SeenBefore);
        }
        if let Some(usable) = self.usable
            && (!page.is_sound(usable) || image.is_lock_page(child))
        {
            self.spare.push(page);
            return lost(Why::Unsound);
        }
        if self.usable.is_some() && !page.is_leaf {
            image.fetch_ahead((0..=page.cells).map(|cell| page.child(cell)));
        }
        Ok(self.enter(page))
    }

    fn enter(&mut self, page: Page) -> Step {
        if page.is_leaf {
            let before = std::mem::replace(&mut self.leaf, page);
            if !before.bytes.is_empty() {
                self.spare.push(before);
            }
            return Step::Leaf;
        }
        self.stack.push(Frame { page, next: 0 });
        Step::Descended
    }
}

/// A set of page numbers: a bit each, in blocks that are made when one is needed.
#[derive(Clone, Debug, Default)]
pub(super) struct PageSet {
    blocks: BTreeMap<u32, Box<[u64; 64]>>,
}

impl PageSet {
    /// Puts a page in; false if it was there.
    pub(super) fn insert(&mut self, page: u32) -> bool {
        let block = self
            .blocks
            .entry(page / 4096)
            .or_insert_with(|| Box::new([0; 64]));
        let (word, bit) = ((page % 4096 / 64) as usize, 1 << (page % 64));
        let is_new = block[word] & bit == 0;
        block[word] |= bit;
        is_new
    }

    /// The pages in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.blocks.iter().flat_map(|(number, block)| {
            let pages = (number * 4096)..=(number * 4096 + 4095);
            pages.filter(|page| block[(page % 4096 / 64) as usize] & (1 << (page % 64)) != 0)
        })
    }

    /// Puts all pages of another set in.
    pub(super) fn extend(&mut self, other: &Self) {
        for (number, theirs) in &other.blocks {
            let block = self
                .blocks
                .entry(*number)
                .or_insert_with(|| Box::new([0; 64]));
            for (ours, theirs) in block.iter_mut().zip(theirs.iter()) {
                *ours |= theirs;
            }
        }
    }

    pub(super) fn contains(&self, page: u32) -> bool {
        self.blocks
            .get(&(page / 4096))
            .is_some_and(|block| block[(page % 4096 / 64) as usize] & (1 << (page % 64)) != 0)
    }
}
