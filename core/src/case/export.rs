//! Writing out all entries of a search, as they stand in their source, with their verdicts: some hundred at a time.

use super::Case;
use super::cells::Columns;
use super::written::{COLUMNS, VERDICT, Writer, write_cell};
use crate::entry::{Fields, RawValue};
use crate::error::Error;
use crate::query::{Entries, PathFinder, Search};
use crate::verify::settled;
use crate::view::ExportFormat;

/// Entries written in one step.
const STEP_ROWS: u32 = 500;
/// Further fields that become columns of a table.
const MOST_EXTRAS: usize = 200;

/// An export under way ([`Case::export`]).
pub struct Export {
    format: ExportFormat,
    /// Empty for whole entries.
    names: Vec<String>,
    columns: Columns,
    finder: PathFinder,
    limit: u64,
    done: u64,
    is_begun: bool,
    is_over: bool,
    unread: u64,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportState {
    /// There is more.
    More {
        /// Entries written so far.
        written: u64,
    },
    /// Everything is written.
    Done {
        /// Entries written in all.
        written: u64,
        /// How many of them could not be read again: only their verdict is there.
        unread: u64,
    },
}

impl Case {
    /// Begins to write out what `search` has found, in its order: whole entries, or the `columns` named (as in
    /// [`Case::selected_rows`]); all of them, or the first `limit`.
    ///
    /// Whole entries as JSON or JSON Lines have the verdict that they have here when they are opened again.
    #[must_use]
    pub fn export(
        &self,
        search: &Search,
        format: ExportFormat,
        columns: &[String],
        limit: Option<u64>,
    ) -> Export {
        let ready = Columns::new(columns);
        Export {
            format,
            names: columns.to_vec(),
            finder: PathFinder::new(&ready.paths),
            columns: ready,
            limit: limit.unwrap_or(u64::MAX).min(search.matched()),
            done: 0,
            is_begun: false,
            is_over: false,
            unread: 0,
        }
    }

    /// The names of the fields that no checksum covers, in these rows.
    fn extra_names(&self, rows: &[u32]) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = Vec::new();
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        self.read_again(&rows, Fields::All, &mut |_, entry| {
            for (name, _) in entry.map_or(&[][..], |e| e.extras) {
                let is_known = *name == VERDICT || names.iter().any(|n| n == name);
                if !is_known && names.len() < MOST_EXTRAS {
                    names.push((*name).to_owned());
                }
            }
        })?;
        Ok(names)
    }
}

impl Export {
    /// Appends some more entries to `out`, which the caller empties. `search` is the one that the export was begun with.
    ///
    /// # Errors
    ///
    /// If the sources can no longer be read.
    pub fn step(
        &mut self,
        case: &Case,
        search: &Search,
        out: &mut Vec<u8>,
    ) -> Result<ExportState, Error> {
        if !self.is_over {
            let left = u32::try_from(self.limit - self.done).unwrap_or(STEP_ROWS);
            let rows = case.rows_of(search, self.done, left.min(STEP_ROWS));
            if !self.is_begun {
                self.begin(case, &rows, out)?;
                self.is_begun = true;
            }
            self.write(case, &rows, out)?;
            self.done += rows.len() as u64;
            if !rows.is_empty() && self.done < self.limit {
                return Ok(ExportState::More { written: self.done });
            }
            self.is_over = true;
            if self.format == ExportFormat::Json {
                out.extend_from_slice(if self.done == 0 { b"]\n" } else { b"\n]\n" });
            }
        }
        Ok(ExportState::Done {
            written: self.done,
            unread: self.unread,
        })
    }

    fn begin(&mut self, case: &Case, rows: &[u32], out: &mut Vec<u8>) -> Result<(), Error> {
        match self.format {
            ExportFormat::Json => out.push(b'['),
            ExportFormat::Jsonl => {}
            ExportFormat::Csv => {
                if self.names.is_empty() {
                    // A table has one header, written before its lines: the further fields of the first entries.
                    self.names = COLUMNS.map(str::to_owned).to_vec();
                    self.names.extend(case.extra_names(rows)?);
                    self.names.push(VERDICT.to_owned());
                    self.columns = Columns::new(&self.names);
                    self.finder = PathFinder::new(&self.columns.paths);
                }
                for (i, name) in self.names.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    write_cell(RawValue::Text(name.as_bytes()), out);
                }
                out.extend_from_slice(b"\r\n");
            }
        }
        Ok(())
    }

    fn write(&mut self, case: &Case, rows: &[u32], out: &mut Vec<u8>) -> Result<(), Error> {
        // Read in the order of the source, written in the order of the search.
        let mut sorted = rows.to_vec();
        sorted.sort_unstable();
        let mut texts = Vec::new();
        let mut spans: Vec<(u32, usize, usize)> = Vec::with_capacity(rows.len());
        let (names, columns, finder) = (&self.names, &self.columns, &mut self.finder);
        let (format, unread) = (self.format, &mut self.unread);
        case.read_again(&sorted, Fields::All, &mut |row, entry| {
            *unread += u64::from(entry.is_none());
            let from = texts.len();
            let entry = entry.map(settled);
            let mut writer = Writer {
                case,
                row,
                entry: entry.as_ref(),
                finder: &mut *finder,
                out: &mut texts,
            };
            match format {
                ExportFormat::Csv => writer.line(columns),
                _ if names.is_empty() => writer.whole(),
                _ => writer.members(names, columns),
            }
            spans.push((row, from, texts.len()));
        })?;
        let mut is_first = self.done == 0;
        for row in rows {
            let Ok(place) = spans.binary_search_by_key(row, |(r, ..)| *r) else {
                continue;
            };
            if format == ExportFormat::Json {
                out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
                is_first = false;
            }
            let (_, from, to) = spans[place];
            out.extend_from_slice(&texts[from..to]);
            if format == ExportFormat::Jsonl {
                out.push(b'\n');
            }
        }
        Ok(())
    }
}
