//! Rows of a table: a cell for each column asked for, from the index where it has the text, else from the entry itself.

use std::borrow::Cow;

use super::Case;
use super::render;
use crate::entry::{Fields, RawEntry};
use crate::error::Error;
use crate::index::{self, decoded};
use crate::query::{Entries, Path, PathFinder, parse_path};
use crate::scheme::{REFERENCE, field_index};
use crate::units::RowIdx;
use crate::view::{CELL_LIMIT, EntryRow, cut};

/// Columns that were asked for.
pub(super) struct Columns {
    pub(super) all: Vec<Column>,
    pub(super) paths: Vec<Path>,
}

/// One of them.
pub(super) enum Column {
    Verdict,
    Source,
    Finding,
    /// A hashed field, by its place in the scheme.
    Field(usize),
    Checksum,
    /// The value at a details path, by its place among the paths.
    Path(usize),
    /// A field that no checksum covers.
    Other(String),
}

impl Columns {
    pub(super) fn new(names: &[String]) -> Self {
        let mut columns = Self {
            all: Vec::new(),
            paths: Vec::new(),
        };
        for name in names {
            let column = columns.column(name);
            columns.all.push(column);
        }
        columns
    }

    fn column(&mut self, name: &str) -> Column {
        match name {
            "verdict" => Column::Verdict,
            "source" => Column::Source,
            "finding" => Column::Finding,
            name if name == REFERENCE.checksum_field => Column::Checksum,
            name => match (field_index(name.as_bytes()), parse_path(name)) {
                (Some(field), _) => Column::Field(field),
                (None, Some(path)) => {
                    self.paths.push(path);
                    Column::Path(self.paths.len() - 1)
                }
                (None, None) => Column::Other(name.to_owned()),
            },
        }
    }
}

impl Case {
    /// The rows with their cells.
    pub(super) fn with_cells(
        &self,
        rows: &[u32],
        columns: &mut Columns,
    ) -> Result<Vec<EntryRow>, Error> {
        let mut made = Vec::with_capacity(rows.len());
        let mut again = Vec::new();
        for row in rows {
            let origin = self.origin(RowIdx(*row))?;
            let known = |c: &Column| self.known(*row, c, CELL_LIMIT);
            let cells: Option<Vec<String>> = columns.all.iter().map(known).collect();
            if cells.is_none() {
                again.push(*row);
            }
            made.push(EntryRow {
                row: RowIdx(*row),
                source: origin.source,
                verdict: origin.verdict,
                cells: cells.unwrap_or_default(),
            });
        }
        if again.is_empty() {
            return Ok(made);
        }
        // Reading is quickest in the order of the source, whatever the order of the rows.
        again.sort_unstable();
        let mut finder = PathFinder::new(&columns.paths);
        let mut read: Vec<(u32, Vec<String>)> = Vec::with_capacity(again.len());
        self.read_again(&again, Fields::All, &mut |row, entry| {
            let cells = match entry {
                Some(entry) => {
                    if !columns.paths.is_empty() {
                        finder.read(entry.fields[REFERENCE.details]);
                    }
                    let cell = |c: &Column| self.cell(row, entry, c, &finder);
                    columns.all.iter().map(cell).collect()
                }
                None => vec![String::new(); columns.all.len()],
            };
            read.push((row, cells));
        })?;
        for row in &mut made {
            if let Ok(place) = read.binary_search_by_key(&row.row.0, |(r, _)| *r)
                && row.cells.is_empty()
            {
                row.cells = std::mem::take(&mut read[place].1);
            }
        }
        Ok(made)
    }

    fn cell(&self, row: u32, entry: &RawEntry<'_>, column: &Column, finder: &PathFinder) -> String {
        match column {
            Column::Field(field) => render::shown(entry.fields[*field], CELL_LIMIT).1,
            Column::Checksum => render::shown(entry.claimed_checksum, CELL_LIMIT).1,
            Column::Path(path) => {
                let texts: Vec<_> = finder.values(*path).map(shown_json).collect();
                cut(&texts.join(", "), CELL_LIMIT)
            }
            Column::Other(name) => {
                let mut extras = entry.extras.iter().rev();
                let value = extras.find(|(n, _)| n == name).map(|(_, value)| *value);
                value.map_or_else(String::new, |v| render::shown(v, CELL_LIMIT).1)
            }
            Column::Verdict | Column::Source | Column::Finding => {
                self.known(row, column, CELL_LIMIT).unwrap_or_default()
            }
        }
    }

    /// A cell that the index has as it would be shown, cut to so many characters; `None` if it has not.
    pub(super) fn known(&self, row: u32, column: &Column, limit: usize) -> Option<String> {
        let index = &self.judge.index;
        let mut json = String::new();
        match column {
            Column::Verdict => json.push_str(index.column(index::Field::Verdict).json(row)),
            Column::Source => json.push_str(index.column(index::Field::Source).json(row)),
            Column::Finding => {
                let codes: Vec<&str> = index.finding_codes(RowIdx(row)).collect();
                return Some(codes.join(", "));
            }
            Column::Field(field) => {
                let name = REFERENCE.hashed_fields[*field];
                match index::Field::of_name(name) {
                    Some(field) => json.push_str(index.column(field).json(row)),
                    None if *field == REFERENCE.timestamp => {
                        index.write_timestamp(RowIdx(row), &mut json);
                    }
                    None if *field == REFERENCE.entry_id => {
                        index.write_entry_id(RowIdx(row), &mut json);
                    }
                    None => return None,
                }
            }
            Column::Checksum | Column::Path(_) | Column::Other(_) => return None,
        }
        // What is no text, the index has only as Python would write it.
        json.starts_with('"')
            .then(|| render::lossy(&decoded(&json), limit))
    }
}

/// A value at a path as it is shown; an object or an array by its brackets.
fn shown_json(json: &str) -> Cow<'_, str> {
    match json {
        "{}" => Cow::Borrowed("{…}"),
        "[]" => Cow::Borrowed("[…]"),
        _ => match decoded(json) {
            Cow::Borrowed(text) => String::from_utf8_lossy(text),
            Cow::Owned(text) => Cow::Owned(String::from_utf8_lossy(&text).into_owned()),
        },
    }
}
