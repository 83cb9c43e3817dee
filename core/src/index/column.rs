//! One field of every entry: a code a row, and what the codes stand for.

use super::codes::{CodeStore, Codes};
use super::dictionary::{Dictionary, MISSING};

/// A field of every entry.
#[derive(Debug, Default)]
pub(crate) struct Column {
    codes: CodeStore,
    dictionary: Dictionary,
    /// Rows per code.
    totals: Vec<u32>,
}

impl Column {
    /// Appends a row with this value, given as canonical JSON text; empty for none. `None` beyond 2³¹ − 1 values.
    #[inline]
    pub(crate) fn push(&mut self, json: &[u8]) -> Option<()> {
        let code = self.intern(json)?;
        self.push_code(code);
        Some(())
    }

    /// The code of a value that rows may have; `None` beyond 2³¹ − 1 of them.
    #[inline]
    pub(crate) fn intern(&mut self, json: &[u8]) -> Option<u32> {
        self.dictionary.intern(json).map(|(code, _)| code)
    }

    /// Appends a row with a value of this code.
    #[inline]
    pub(crate) fn push_code(&mut self, code: u32) {
        self.codes.push(code);
        match self.totals.get_mut(code as usize) {
            Some(total) => *total += 1,
            None => {
                self.totals.resize(code as usize, 0);
                self.totals.push(1);
            }
        }
    }

    /// The code of every row.
    pub(crate) fn codes(&self) -> Codes<'_> {
        self.codes.codes()
    }

    /// What the codes stand for.
    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Rows per code, of all rows; codes beyond its end have none.
    pub(crate) fn totals(&self) -> &[u32] {
        &self.totals
    }

    /// The canonical JSON text of a row's value; empty where there is none that can be read.
    pub(crate) fn json(&self, row: u32) -> &str {
        self.dictionary
            .text(self.codes().get(row).unwrap_or(MISSING))
    }

    /// Makes room for so many more rows.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.codes.reserve(rows);
    }

    pub(crate) fn shrink(&mut self) {
        self.codes.shrink();
        self.dictionary.shrink();
        self.totals.shrink_to_fit();
    }

    /// Bytes reserved for the rows, and for the dictionary.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let totals = self.totals.capacity() * size_of::<u32>();
        (self.codes.bytes(), self.dictionary.bytes() + totals)
    }
}
