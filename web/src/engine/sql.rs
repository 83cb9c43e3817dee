//! Queries in SQL, in a worker of their own. It hears nothing while one runs: the page ends it to end a query.

use auditglass::{
    Case, ExportFormat, Input, OpenOptions, SourceIdx, SqlCell, SqlError, SqlExportState, SqlLimits,
};

use super::explore::{Sink, blob};
use super::worker::now_ms;
use crate::protocol::{Reply, SqlDatabase, SqlEnd};

/// Rows that travel together.
const BUNDLE_ROWS: usize = 200;
/// Bytes that travel together, about.
const BUNDLE_BYTES: usize = 1 << 18;
/// Milliseconds after which rows are told, however few.
const BUNDLE_MS: f64 = 60.0;
/// Bytes of rows that the page is given at most; each cell counts a few for itself.
const MOST_BYTES: usize = 32 << 20;
/// What a cell counts for itself.
const CELL_BYTES: usize = 32;
/// Bytes of an export that travel together.
const PIECE: usize = 1 << 20;

/// The files that can be asked.
#[derive(Default)]
pub(super) struct Console {
    case: Option<(u32, Case)>,
}

/// The database, the query, how far it may go.
pub(super) type Question<'a> = (SourceIdx, &'a str, SqlLimits);

impl Console {
    /// Opens the files and tells which can be asked about what.
    pub(super) fn open(
        &mut self,
        generation: u32,
        inputs: Vec<Input>,
        options: OpenOptions,
        sink: Sink<'_>,
    ) {
        let case = Case::open_with(inputs, options);
        let sources = case.sources().into_iter().zip(0..);
        let databases = sources
            .filter(|(source, _)| source.kind == "sqlite")
            .map(|(_, index)| SqlDatabase {
                source: SourceIdx(index),
                tables: case.sql_tables(SourceIdx(index)),
            })
            .collect();
        self.case = Some((generation, case));
        let ready = Reply::SqlReady {
            generation,
            databases,
        };
        sink(&ready, None);
    }

    /// Runs a query to its end.
    pub(super) fn run(&self, generation: u32, query: u32, question: Question<'_>, sink: Sink<'_>) {
        let started = now_ms();
        let outcome = self.tell_rows(generation, query, question, sink);
        let done = Reply::SqlDone {
            generation,
            query,
            outcome,
            elapsed_ms: now_ms() - started,
        };
        sink(&done, None);
    }

    fn tell_rows(
        &self,
        generation: u32,
        query: u32,
        (source, text, limits): Question<'_>,
        sink: Sink<'_>,
    ) -> Result<SqlEnd, SqlError> {
        let mut found = self.case(generation)?.sql(source, text, limits)?;
        let columns = found.columns().to_vec();
        let tell = |rows: Vec<Vec<SqlCell>>| {
            let reply = Reply::SqlRows {
                generation,
                query,
                columns: columns.clone(),
                rows,
            };
            sink(&reply, None);
        };
        let (mut rows, mut bytes, mut told) = (Vec::new(), 0, 0);
        let mut since = now_ms();
        let outcome = loop {
            let page = match found.page(1) {
                Ok(page) => page,
                Err(error) => break Err(error),
            };
            let cells = page.rows.iter().flatten();
            bytes += cells.map(|c| c.text.len() + CELL_BYTES).sum::<usize>();
            rows.extend(page.rows);
            if page.is_done {
                break Ok(if page.is_cut {
                    SqlEnd::Cut
                } else {
                    SqlEnd::Whole
                });
            }
            if told + bytes > MOST_BYTES {
                break Ok(SqlEnd::Full);
            }
            let is_due = rows.len() >= BUNDLE_ROWS || bytes >= BUNDLE_BYTES;
            if is_due || now_ms() - since >= BUNDLE_MS {
                tell(std::mem::take(&mut rows));
                told += std::mem::take(&mut bytes);
                since = now_ms();
            }
        };
        // The columns are told even where there is no row.
        tell(rows);
        outcome
    }

    /// Runs a query and writes what it yields.
    pub(super) fn export(
        &self,
        generation: u32,
        query: u32,
        question: Question<'_>,
        format: ExportFormat,
        sink: Sink<'_>,
    ) {
        let mut rows = 0;
        if let Err(error) = self.write(generation, query, question, format, &mut rows, sink) {
            let failed = Reply::SqlExported {
                generation,
                query,
                rows,
                outcome: Some(Err(error)),
            };
            sink(&failed, None);
        }
    }

    fn write(
        &self,
        generation: u32,
        query: u32,
        (source, text, limits): Question<'_>,
        format: ExportFormat,
        rows: &mut u64,
        sink: Sink<'_>,
    ) -> Result<(), SqlError> {
        let case = self.case(generation)?;
        let mut export = case.sql_export(source, text, format, limits)?;
        let mut bytes = Vec::new();
        loop {
            let end = match export.step(&mut bytes)? {
                SqlExportState::More { written } => {
                    *rows = written;
                    None
                }
                SqlExportState::Done { written, is_cut } => {
                    *rows = written;
                    Some(if is_cut { SqlEnd::Cut } else { SqlEnd::Whole })
                }
            };
            if end.is_some() || bytes.len() >= PIECE {
                let piece = blob(&bytes).map_err(|error| refused(error.message))?;
                bytes.clear();
                let reply = Reply::SqlExported {
                    generation,
                    query,
                    rows: *rows,
                    outcome: end.map(Ok),
                };
                sink(&reply, Some(&piece));
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn case(&self, generation: u32) -> Result<&Case, SqlError> {
        let open = self.case.as_ref().filter(|(open, _)| *open == generation);
        open.map(|(_, case)| case)
            .ok_or_else(|| refused("these files are no longer open".to_owned()))
    }
}

fn refused(message: String) -> SqlError {
    SqlError {
        message,
        offset: None,
    }
}
