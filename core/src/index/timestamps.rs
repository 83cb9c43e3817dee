//! The timestamp of every entry: an instant, and how it was written.

use super::dictionary::{Dictionary, MISSING};
use super::iso::{self, Layout, Stamp, UNPLACED};

/// The highest bit of a layout marks the code of a text that is kept as it is.
const TEXT: u32 = 1 << 31;

/// Timestamps in 12 bytes each; one that cannot be rebuilt from its instant is a text of a dictionary too.
#[derive(Debug, Default)]
pub(crate) struct Timestamps {
    micros: Vec<i64>,
    layouts: Vec<u32>,
    texts: Dictionary,
    extent: Option<(i64, i64)>,
    unplaced: u32,
}

impl Timestamps {
    /// Appends a timestamp, given as canonical JSON text and as what was read in it; `None` beyond 2³¹ − 1 different
    /// texts.
    #[inline]
    pub(crate) fn push(&mut self, json: &[u8], stamp: Stamp) -> Option<()> {
        self.layouts.push(match stamp.layout {
            Some(layout) => layout.bits(),
            None => TEXT | self.texts.intern(json)?.0,
        });
        self.micros.push(stamp.micros);
        if stamp.micros == UNPLACED {
            self.unplaced += 1;
        } else {
            let (first, last) = self.extent.unwrap_or((stamp.micros, stamp.micros));
            self.extent = Some((first.min(stamp.micros), last.max(stamp.micros)));
        }
        Some(())
    }

    /// The instants: microseconds since 1970-01-01T00:00:00 as written; `i64::MIN` where the time cannot be read.
    pub(crate) fn micros(&self) -> &[i64] {
        &self.micros
    }

    /// The first and the last instant.
    pub(crate) fn extent(&self) -> Option<(i64, i64)> {
        self.extent
    }

    /// How many times cannot be read.
    pub(crate) fn unplaced(&self) -> u32 {
        self.unplaced
    }

    /// The code of a row's text where it is kept as one, else [`MISSING`].
    pub(crate) fn text_code(&self, row: u32) -> u32 {
        let layout = self.layouts.get(row as usize).copied();
        layout
            .filter(|l| l & TEXT != 0)
            .map_or(MISSING, |l| l & !TEXT)
    }

    /// The texts that are kept.
    pub(crate) fn texts(&self) -> &Dictionary {
        &self.texts
    }

    /// Appends the timestamp of a row as canonical JSON text to `out`; nothing where there is none.
    pub(crate) fn write(&self, row: u32, out: &mut String) {
        let row = row as usize;
        match (self.layouts.get(row), self.micros.get(row)) {
            (Some(layout), _) if layout & TEXT != 0 => {
                out.push_str(self.texts.text(layout & !TEXT));
            }
            (Some(layout), Some(micros)) => {
                out.push('"');
                iso::write(*micros, Layout::from_bits(*layout), out);
                out.push('"');
            }
            _ => {}
        }
    }

    /// Makes room for so many more rows.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.micros.reserve_exact(rows);
        self.layouts.reserve_exact(rows);
    }

    pub(crate) fn shrink(&mut self) {
        self.micros.shrink_to_fit();
        self.layouts.shrink_to_fit();
        self.texts.shrink();
    }

    /// Bytes reserved for the rows, and for texts.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let micros = self.micros.capacity() * size_of::<i64>();
        let layouts = self.layouts.capacity() * size_of::<u32>();
        (micros + layouts, self.texts.bytes())
    }
}

/// What is written in a timestamp that is given as canonical JSON text.
pub(crate) fn read_json(json: &[u8]) -> Stamp {
    match json {
        [b'"', text @ .., b'"'] => iso::read(text),
        _ => Stamp {
            micros: UNPLACED,
            layout: None,
        },
    }
}
