//! `auditglass query --sql`: a query in SQL on a log that is a SQLite database. Nothing is judged.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use auditglass::{
    Case, ExportFormat, SourceIdx, SqlError, SqlExportState, SqlLimits, SqlPage, report,
};

use crate::args::{QueryFormat, QueryOptions};
use crate::explore::{Failure, exit_code};
use crate::inputs::open_all;
use crate::query::{line, shown};

/// Rows taken at a time.
const PAGE: u32 = 500;

/// Opens the files, runs the query on the one database among them, and tells the exit code.
pub(crate) fn run(options: &QueryOptions, sql: &str) -> ExitCode {
    let case = Case::open(
        open_all(&options.files)
            .into_iter()
            .map(|f| f.input)
            .collect(),
    );
    let sources = case.sources().into_iter().zip(0..);
    let mut databases = sources.filter(|(source, _)| source.kind == "sqlite");
    let source = match (databases.next(), databases.next()) {
        (Some((_, source)), None) => SourceIdx(source),
        (None, _) => {
            let error = case.sources().into_iter().find_map(|s| s.error);
            let why = error.map_or_else(String::new, |e| format!(": {}", e.message));
            let why = report::printable(&why);
            eprintln!("auditglass: --sql needs a log that is a SQLite database{why}");
            return ExitCode::from(2);
        }
        (Some(_), Some(_)) => {
            eprintln!("auditglass: --sql asks one database; name one file");
            return ExitCode::from(2);
        }
    };
    let limits = SqlLimits {
        rows: options.limit.unwrap_or(u64::MAX),
        kilo_operations: u64::MAX,
    };
    let written = match options.format {
        QueryFormat::Table => table(&case, source, sql, limits),
        QueryFormat::Csv => export(&case, source, sql, ExportFormat::Csv, limits),
        QueryFormat::Jsonl => export(&case, source, sql, ExportFormat::Jsonl, limits),
        QueryFormat::Json => export(&case, source, sql, ExportFormat::Json, limits),
    };
    match written {
        Ok(rows) => exit_code(&case, Ok(()), rows > 0),
        Err(Stop::Output(error)) => exit_code(&case, Err(Failure::Output(error)), true),
        Err(Stop::Query(error)) => {
            eprint!("{}", explain(sql, &error));
            ExitCode::from(2)
        }
    }
}

enum Stop {
    Output(io::Error),
    Query(SqlError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<SqlError> for Stop {
    fn from(error: SqlError) -> Self {
        Self::Query(error)
    }
}

fn export(
    case: &Case,
    source: SourceIdx,
    sql: &str,
    format: ExportFormat,
    limits: SqlLimits,
) -> Result<u64, Stop> {
    let mut export = case.sql_export(source, sql, format, limits)?;
    let mut out = io::stdout().lock();
    let mut buffer = Vec::new();
    loop {
        let state = export.step(&mut buffer)?;
        out.write_all(&buffer)?;
        buffer.clear();
        if let SqlExportState::Done { written, .. } = state {
            out.flush()?;
            return Ok(written);
        }
    }
}

/// A table with a header, as wide as its first rows need.
fn table(case: &Case, source: SourceIdx, sql: &str, limits: SqlLimits) -> Result<u64, Stop> {
    let mut found = case.sql(source, sql, limits)?;
    let names: Vec<String> = found.columns().iter().map(|name| shown(name)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut written, mut widths) = (0, None);
    loop {
        let SqlPage {
            rows,
            is_done,
            is_cut,
        } = found.page(PAGE)?;
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|c| shown(&c.text)).collect())
            .collect();
        if widths.is_none() {
            let widest = |(i, name): (usize, &String)| {
                let cells = rows.iter().filter_map(|row| row.get(i));
                let cells = cells.map(|cell| cell.chars().count());
                cells.chain([name.chars().count()]).max().unwrap_or(0)
            };
            let first: Vec<usize> = names.iter().enumerate().map(widest).collect();
            line(&mut out, &names, &first)?;
            widths = Some(first);
        }
        for row in &rows {
            line(&mut out, row, widths.as_deref().unwrap_or_default())?;
        }
        written += rows.len() as u64;
        if is_done {
            out.flush()?;
            let rows = if written == 1 { "row" } else { "rows" };
            let more = if is_cut { ", and there are more" } else { "" };
            eprintln!("{written} {rows}{more}");
            return Ok(written);
        }
    }
}

/// What is wrong with a query, under its line.
fn explain(sql: &str, error: &SqlError) -> String {
    let mut text = format!("auditglass: {}\n", report::printable(&error.message));
    let parts = error
        .offset
        .and_then(|at| Some((sql.get(..at as usize)?, sql.get(at as usize..)?)));
    if let Some((head, tail)) = parts {
        let before = report::printable(head.rsplit('\n').next().unwrap_or_default());
        let behind = report::printable(tail.lines().next().unwrap_or_default());
        let blanks = " ".repeat(before.chars().count());
        text.push_str(&format!("  {before}{behind}\n  {blanks}^\n"));
    }
    text
}
