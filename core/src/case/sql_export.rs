//! Writing out what a query in SQL yields: every value whole, some rows at a time.

use std::collections::BTreeSet;

use super::sql::Next;
use super::written::write_cell;
use super::{Case, SqlRows};
use crate::canon::{write_float, write_string};
use crate::entry::RawValue;
use crate::units::SourceIdx;
use crate::view::{ExportFormat, SqlError, SqlLimits};

/// Rows written in one step.
const STEP_ROWS: u64 = 500;
/// Bytes after which a step ends.
const STEP_BYTES: usize = 1 << 20;

/// An export of a query under way ([`Case::sql_export`]).
pub struct SqlExport {
    rows: SqlRows,
    format: ExportFormat,
    /// The columns' names, in JSON as its texts, each of them once.
    names: Vec<Vec<u8>>,
    written: u64,
    /// Once all is written: whether there were more rows than the limit allows.
    end: Option<bool>,
    is_begun: bool,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlExportState {
    /// There is more.
    More {
        /// Rows written so far.
        written: u64,
    },
    /// Everything is written.
    Done {
        /// Rows written in all.
        written: u64,
        /// Whether more rows were there than the limit allows.
        is_cut: bool,
    },
}

impl Case {
    /// Runs a query as [`Case::sql`] does, to be written out: CSV with a header, or a JSON object for each row.
    ///
    /// A spreadsheet runs no cell of the CSV as a formula. In JSON, bytes are hex digits, numbers that JSON does not know are texts, and a
    /// column that is called as one before it has `_2` and so on behind its name.
    ///
    /// # Errors
    ///
    /// As [`Case::sql`].
    pub fn sql_export(
        &self,
        source: SourceIdx,
        query: &str,
        format: ExportFormat,
        limits: SqlLimits,
    ) -> Result<SqlExport, SqlError> {
        let rows = self.sql(source, query, limits)?;
        let names = rows.columns().to_vec();
        let names = match format {
            ExportFormat::Csv => names.into_iter().map(String::into_bytes).collect(),
            ExportFormat::Json | ExportFormat::Jsonl => distinct(names),
        };
        Ok(SqlExport {
            rows,
            format,
            names,
            written: 0,
            end: None,
            is_begun: false,
        })
    }
}

impl SqlExport {
    /// Appends some more rows to `out`, which the caller empties.
    ///
    /// # Errors
    ///
    /// If a row cannot be computed or read, or the limits are used up. What was written is not whole then.
    pub fn step(&mut self, out: &mut Vec<u8>) -> Result<SqlExportState, SqlError> {
        if !self.is_begun {
            self.is_begun = true;
            self.begin(out);
        }
        let (first, bytes) = (self.written, out.len());
        while self.end.is_none()
            && self.written - first < STEP_ROWS
            && out.len() - bytes < STEP_BYTES
        {
            self.row(out)?;
        }
        let written = self.written;
        Ok(match self.end {
            None => SqlExportState::More { written },
            Some(is_cut) => SqlExportState::Done { written, is_cut },
        })
    }

    fn begin(&self, out: &mut Vec<u8>) {
        match self.format {
            ExportFormat::Jsonl => {}
            ExportFormat::Json => out.push(b'['),
            ExportFormat::Csv => {
                for (i, name) in self.names.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    write_cell(RawValue::Text(name), out);
                }
                out.extend_from_slice(b"\r\n");
            }
        }
    }

    fn row(&mut self, out: &mut Vec<u8>) -> Result<(), SqlError> {
        let start = out.len();
        if self.format == ExportFormat::Json {
            let between: &[u8] = if self.written == 0 { b"\n" } else { b",\n" };
            out.extend_from_slice(between);
        }
        let (format, names) = (self.format, &self.names);
        let mut column = 0;
        let next = self.rows.next(|value| {
            if format == ExportFormat::Csv {
                if column > 0 {
                    out.push(b',');
                }
                write_cell(value, out);
            } else {
                out.extend_from_slice(if column == 0 { b"{" } else { b", " });
                out.extend_from_slice(names.get(column).map_or(b"\"\"", Vec::as_slice));
                out.extend_from_slice(b": ");
                write_json(value, out);
            }
            column += 1;
        })?;
        match (next, self.format) {
            (Next::Row, format) => {
                self.written += 1;
                out.extend_from_slice(match format {
                    ExportFormat::Csv => b"\r\n",
                    ExportFormat::Json => b"}",
                    ExportFormat::Jsonl => b"}\n",
                });
            }
            (Next::Cut | Next::End, format) => {
                out.truncate(start);
                self.end = Some(next == Next::Cut);
                if format == ExportFormat::Json {
                    out.extend_from_slice(if self.written == 0 { b"]\n" } else { b"\n]\n" });
                }
            }
        }
        Ok(())
    }
}

/// The names as JSON texts, none of them twice: most readers of JSON would keep one of two.
fn distinct(names: Vec<String>) -> Vec<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let unique = names.into_iter().map(|name| {
        let mut own = name.clone();
        let mut number = 1_u32;
        while !seen.insert(own.clone()) {
            number += 1;
            own = format!("{name}_{number}");
        }
        own
    });
    unique
        .map(|name| {
            let mut json = Vec::new();
            write_string(name.as_bytes(), &mut json);
            json
        })
        .collect()
}

fn write_json(value: RawValue<'_>, out: &mut Vec<u8>) {
    match value {
        RawValue::Integer(i) => out.extend_from_slice(i.to_string().as_bytes()),
        RawValue::Real(r) if r.is_finite() => write_float(r, out),
        RawValue::Real(r) => write_string(r.to_string().as_bytes(), out),
        RawValue::Text(text) | RawValue::Json(text) => {
            write_string(String::from_utf8_lossy(text).as_bytes(), out);
        }
        RawValue::Blob(bytes) => {
            let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            write_string(digits.as_bytes(), out);
        }
        RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Bare => {
            out.extend_from_slice(b"null");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::sql::tests::opened_with;

    const QUERY: &str =
        "VALUES (1, 'a, b', NULL), (2.5, '=1+1', x'00ff'), (9e999, 'Zo\u{eb} \"x\"', '')";

    /// Everything that is written, with how it ended.
    fn check(query: &str, format: ExportFormat, rows: u64, expected: &str, cut: bool) {
        let case = opened_with("");
        let limits = SqlLimits {
            rows,
            ..SqlLimits::default()
        };
        let mut export = case
            .sql_export(SourceIdx(0), query, format, limits)
            .unwrap();
        let mut out = Vec::new();
        loop {
            if let SqlExportState::Done { is_cut, .. } = export.step(&mut out).unwrap() {
                assert_eq!(is_cut, cut);
                break;
            }
        }
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_table_runs_nothing_in_a_spreadsheet() {
        check(
            QUERY,
            ExportFormat::Csv,
            10,
            "column1,column2,column3\r\n1,\"a, b\",\r\n2.5,'=1+1,00ff\r\nInfinity,\"Zo\u{eb} \"\"x\"\"\",\"\"\r\n",
            false,
        );
        check(
            "SELECT 1 AS \"=cmd\" WHERE 0",
            ExportFormat::Csv,
            10,
            "'=cmd\r\n",
            false,
        );
    }

    #[test]
    fn a_row_is_an_object() {
        check(
            QUERY,
            ExportFormat::Jsonl,
            2,
            "{\"column1\": 1, \"column2\": \"a, b\", \"column3\": null}\n{\"column1\": 2.5, \"column2\": \"=1+1\", \"column3\": \"00ff\"}\n",
            true,
        );
        check(
            "SELECT 9e999 AS a, 1 AS a, 2 AS a_2, 3 AS a",
            ExportFormat::Json,
            10,
            "[\n{\"a\": \"inf\", \"a_2\": 1, \"a_2_2\": 2, \"a_3\": 3}\n]\n",
            false,
        );
        check("SELECT 1 WHERE 0", ExportFormat::Json, 10, "[]\n", false);
    }

    #[test]
    fn texts_are_whole_however_long() {
        let text = "x".repeat(100_000);
        check(
            "SELECT replace(hex(zeroblob(50000)), '0', 'x') AS t",
            ExportFormat::Jsonl,
            10,
            &format!("{{\"t\": \"{text}\"}}\n"),
            false,
        );
    }
}
