//! The codes of the findings that concern entries: few entries have any.

use super::bits::Bits;

/// Finding codes by row, in the order of rows.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    rows: Vec<u32>,
    /// For each of `rows`, a place in `names`.
    codes: Vec<u8>,
    names: Vec<&'static str>,
    /// Rows and codes that came out of the order of rows, until they are put into it.
    late: Vec<(u32, u8)>,
}

impl Notes {
    /// Notes that `row`, no less than any before it, has a finding of this code; more of them count as one.
    pub(crate) fn push(&mut self, row: u32, name: &'static str) {
        let code = self.code(name);
        self.push_code(row, code);
    }

    /// The same of any row, which is told of it only after [`Notes::settle`].
    pub(crate) fn push_late(&mut self, row: u32, name: &'static str) {
        let code = self.code(name);
        self.late.push((row, code));
    }

    /// Puts in order what came late.
    pub(crate) fn settle(&mut self) {
        if self.late.is_empty() {
            return;
        }
        let mut late = std::mem::take(&mut self.late);
        late.sort_by_key(|(row, _)| *row);
        let mut late = late.into_iter().peekable();
        let in_time = std::mem::take(&mut self.rows);
        let codes = std::mem::take(&mut self.codes);
        let mut in_time = in_time.into_iter().zip(codes).peekable();
        loop {
            let is_late = match (in_time.peek(), late.peek()) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some((row, _)), Some((late, _))) => late < row,
            };
            let next = if is_late { late.next() } else { in_time.next() };
            let Some((row, code)) = next else { break };
            self.push_code(row, code);
        }
    }

    fn code(&mut self, name: &'static str) -> u8 {
        let code = match self.names.iter().position(|n| *n == name) {
            Some(code) => code,
            None => {
                self.names.push(name);
                self.names.len() - 1
            }
        };
        u8::try_from(code).expect("the engine has fewer codes than that")
    }

    fn push_code(&mut self, row: u32, code: u8) {
        let own = self.rows.iter().rev().take_while(|r| **r == row).count();
        if !self.codes[self.codes.len() - own..].contains(&code) {
            self.rows.push(row);
            self.codes.push(code);
        }
    }

    /// The codes of a row, in the order in which they were found.
    pub(crate) fn of(&self, row: u32) -> impl Iterator<Item = &'static str> + '_ {
        let from = self.rows.partition_point(|r| *r < row);
        let to = self.rows.partition_point(|r| *r <= row);
        let codes = &self.codes[from..to];
        codes.iter().map(|code| self.names[usize::from(*code)])
    }

    /// The codes found, in the order in which they were found first.
    pub(crate) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The rows, of the first `len`, that have a finding whose code is wanted.
    pub(crate) fn rows(&self, len: u32, is_wanted: impl Fn(&str) -> bool) -> Bits {
        let wanted: Vec<_> = self.names.iter().map(|name| is_wanted(name)).collect();
        let mut rows = Bits::none(len);
        for (row, code) in self.rows.iter().zip(&self.codes) {
            if wanted[usize::from(*code)] {
                rows.insert(*row);
            }
        }
        rows
    }

    pub(crate) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.codes.shrink_to_fit();
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<u32>()
            + self.codes.capacity()
            + self.late.capacity() * size_of::<(u32, u8)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_row_and_rows_by_code() {
        let mut notes = Notes::default();
        for (row, name) in [(1, "a"), (1, "b"), (1, "a"), (4, "b"), (9, "c")] {
            notes.push(row, name);
        }
        assert_eq!(notes.of(1).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(notes.of(2).count(), 0);
        assert_eq!(notes.of(9).collect::<Vec<_>>(), ["c"]);
        let rows = |len, name: &str| {
            let rows = notes.rows(len, |n| n == name);
            rows.iter().collect::<Vec<_>>()
        };
        assert_eq!(rows(10, "b"), [1, 4]);
        assert_eq!(rows(10, "c"), [9]);
        assert!(rows(9, "c").is_empty());
        assert_eq!(notes.names(), ["a", "b", "c"]);
        for (row, name) in [(9, "d"), (0, "a"), (4, "b"), (4, "a")] {
            notes.push_late(row, name);
        }
        assert_eq!(notes.of(9).collect::<Vec<_>>(), ["c"]);
        notes.settle();
        let all = [0, 1, 4, 9].map(|row| notes.of(row).collect::<Vec<_>>().join(" "));
        assert_eq!(all, ["a", "a b", "b a", "c d"]);
    }
}
