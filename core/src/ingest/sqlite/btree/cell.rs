//! The cells of a table's pages as SQLite's own cursor sees them, for whoever reads rows where they lie.

use super::{Page, Tree, varint};

/// A cell of a table's leaf.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest::sqlite) struct RowCell {
    pub(in crate::ingest::sqlite) rowid: i64,
    /// Bytes of its payload.
    pub(in crate::ingest::sqlite) length: usize,
    /// Where that begins on the page.
    pub(in crate::ingest::sqlite) at: usize,
    /// How many bytes of it stand there; if not all, the number of the first overflow page follows.
    pub(in crate::ingest::sqlite) local: usize,
}

impl RowCell {
    fn end(&self) -> usize {
        self.at + self.local + if self.local < self.length { 4 } else { 0 }
    }
}

/// How many bytes of a payload stand on the page of its cell: all, or those before the number of its first overflow page.
pub(in crate::ingest::sqlite) fn local(tree: Tree, usable: usize, length: usize) -> usize {
    let most = match tree {
        Tree::Table => usable - 35,
        Tree::Index => (usable - 12) * 64 / 255 - 23,
    };
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let local = least + (length - least) % (usable - 4);
    if local <= most { local } else { least }
}

impl Page {
    /// Whether SQLite takes the page, of a table with so many usable bytes a page, as it stands: what
    /// `btreeCellSizeCheck` and `moveToRoot` look at, with numbers that are no longer than need be.
    pub(in crate::ingest::sqlite) fn is_sound(&self, usable: usize) -> bool {
        let first = self.pointers + 2 * usize::from(self.cells);
        let last = usable - if self.is_leaf { 4 } else { 5 };
        if self.cells == 0 && !self.is_leaf {
            return false;
        }
        let Some(pointers) = self.bytes.get(self.pointers..first) else {
            return false;
        };
        let (pointers, _) = pointers.as_chunks::<2>();
        pointers.iter().all(|pointer| {
            let at = usize::from(u16::from_be_bytes(*pointer));
            if !(first..=last).contains(&at) {
                return false;
            }
            let end = match self.is_leaf {
                true => self.row(usable, at).map(|row| row.end().max(at + 4)),
                false => varint(&self.bytes[at + 4..]).map(|(_, n)| at + 4 + n),
            };
            end.is_some_and(|end| end <= usable)
        })
    }

    /// The row whose cell begins at `at` on this leaf of a table; `None` if its head is not as SQLite writes it.
    pub(in crate::ingest::sqlite) fn row(&self, usable: usize, at: usize) -> Option<RowCell> {
        let (length, n) = varint(self.bytes.get(at..)?)?;
        let (rowid, m) = varint(&self.bytes[at + n..])?;
        let length = u32::try_from(length).ok().filter(|_| n <= 5)? as usize;
        Some(RowCell {
            rowid: rowid.cast_signed(),
            length,
            at: at + n + m,
            local: local(Tree::Table, usable, length),
        })
    }
}
