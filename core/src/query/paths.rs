//! Details paths that became columns, because a filter, an order or a count named them.

use super::path::Path;
use super::piece::Values;
use super::values::{ARRAY, OBJECT};
use crate::index::{Bits, Column, MISSING};

/// Bytes of one path's column. A path whose values take more is read again each time.
const COLUMN_BYTES: usize = 96 << 20;
/// Bytes of all of them; the one that was not used for longest goes first.
const ALL_BYTES: usize = 192 << 20;

/// The values at one path, for the first rows of a case.
#[derive(Debug, Default)]
pub(crate) struct PathColumn {
    /// Objects and arrays are missing in it: their texts are not kept.
    pub(crate) column: Column,
    /// The rows in which the value is an object or an array.
    pub(crate) containers: Bits,
}

impl PathColumn {
    pub(crate) fn len(&self) -> u32 {
        self.containers.len()
    }

    /// Appends rows; false if that is one value too many.
    #[must_use]
    pub(super) fn append(&mut self, values: &Values) -> bool {
        // The codes here of the values' numbers; none for objects and arrays.
        let mut codes = vec![Some(MISSING)];
        for text in values.texts() {
            let code = match text {
                OBJECT | ARRAY => None,
                _ => match self.column.intern(text.as_bytes()) {
                    Some(code) => Some(code),
                    None => return false,
                },
            };
            codes.push(code);
        }
        for number in values.codes() {
            let Some(&code) = codes.get(*number as usize) else {
                return false;
            };
            self.containers.push(code.is_none());
            self.column.push_code(code.unwrap_or(MISSING));
        }
        self.bytes() < COLUMN_BYTES
    }

    fn bytes(&self) -> usize {
        let (rows, dictionary) = self.column.bytes();
        rows + dictionary + size_of_val(self.containers.words())
    }
}

/// The columns of a case's details paths, the one used last at the end.
#[derive(Debug, Default)]
pub(crate) struct PathColumns {
    columns: Vec<(Path, std::rc::Rc<PathColumn>)>,
    /// Paths with more different values than are kept.
    too_large: Vec<Path>,
}

impl PathColumns {
    /// The column of a path, if it is there and has at least `len` rows.
    pub(crate) fn get(&mut self, path: &Path, len: u32) -> Option<std::rc::Rc<PathColumn>> {
        let place = self
            .columns
            .iter()
            .position(|(p, column)| p == path && column.len() >= len)?;
        let used = self.columns.remove(place);
        let column = std::rc::Rc::clone(&used.1);
        self.columns.push(used);
        Some(column)
    }

    /// Whether a column of this path would take too much memory.
    pub(crate) fn is_too_large(&self, path: &Path) -> bool {
        self.too_large.contains(path)
    }

    /// Keeps a column.
    pub(crate) fn keep(&mut self, path: Path, mut column: PathColumn) {
        column.column.shrink();
        self.columns.retain(|(p, _)| *p != path);
        self.columns.push((path, std::rc::Rc::new(column)));
        let bytes = |columns: &[(Path, std::rc::Rc<PathColumn>)]| {
            columns.iter().map(|(_, c)| c.bytes()).sum::<usize>()
        };
        while self.columns.len() > 1 && bytes(&self.columns) > ALL_BYTES {
            self.columns.remove(0);
        }
    }

    /// Remembers that a path's values are too many.
    pub(crate) fn give_up(&mut self, path: Path) {
        if !self.too_large.contains(&path) {
            self.too_large.push(path);
        }
    }
}
