//! `auditglass query`: the entries that an expression selects.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use auditglass::{Case, ExportFormat, ExportState, Search, Selection, report};

use crate::args::{QueryFormat, QueryOptions};
use crate::{explore, sql};

/// Rows asked for at a time.
const PAGE: u32 = 500;
/// Characters of a cell in a table.
const CELL: usize = 60;

/// Columns of a table unless others are asked for.
const COLUMNS: [&str; 7] = [
    "timestamp",
    "verdict",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
];

/// Opens the files, selects, writes what was asked for, and tells the exit code.
pub(crate) fn run(options: &QueryOptions) -> ExitCode {
    if let Some(query) = &options.sql {
        return sql::run(options, query);
    }
    let selection = Selection {
        filter: options.filter.clone(),
        sort: options.sort.clone(),
    };
    let (case, search) = match explore::begin(&options.files, &selection) {
        Ok(begun) => begun,
        Err(code) => return code,
    };
    let written = match options.format {
        QueryFormat::Table => table(&case, &search, options),
        QueryFormat::Csv => export(&case, &search, ExportFormat::Csv, options),
        QueryFormat::Jsonl => export(&case, &search, ExportFormat::Jsonl, options),
        QueryFormat::Json => export(&case, &search, ExportFormat::Json, options),
    };
    let code = explore::exit_code(&case, written, search.matched() > 0);
    std::mem::forget(case);
    code
}

fn export(
    case: &Case,
    search: &Search,
    format: ExportFormat,
    options: &QueryOptions,
) -> Result<(), explore::Failure> {
    let mut out = io::stdout().lock();
    let mut export = case.export(search, format, &options.columns, options.limit);
    let mut buffer = Vec::new();
    loop {
        let state = export.step(case, search, &mut buffer)?;
        out.write_all(&buffer)?;
        buffer.clear();
        if let ExportState::Done { unread, .. } = state {
            out.flush()?;
            if unread > 0 {
                eprintln!(
                    "auditglass: {unread} entries could not be read again; only their verdicts were written"
                );
            }
            return Ok(());
        }
    }
}

/// A table with a header, as wide as its first rows need.
fn table(case: &Case, search: &Search, options: &QueryOptions) -> Result<(), explore::Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let names: Vec<String> = if options.columns.is_empty() {
        COLUMNS.map(str::to_owned).to_vec()
    } else {
        options.columns.clone()
    };
    let limit = options.limit.unwrap_or(u64::MAX).min(search.matched());
    let (mut start, mut widths) = (0, Vec::new());
    while start < limit {
        let count = u32::try_from(limit - start).unwrap_or(PAGE).min(PAGE);
        let rows = case.selected_rows(search, start, count, &names)?;
        if rows.is_empty() {
            break;
        }
        start += rows.len() as u64;
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.cells.iter().map(|c| shown(c)).collect())
            .collect();
        if widths.is_empty() {
            let width = |i: usize| {
                let cells = rows.iter().map(|r| r[i].chars().count());
                cells.chain([names[i].chars().count()]).max().unwrap_or(0)
            };
            widths = (0..names.len()).map(width).collect();
            line(&mut out, &names, &widths)?;
        }
        for row in &rows {
            line(&mut out, row, &widths)?;
        }
    }
    out.flush()?;
    let all = search.matched();
    if start < all {
        eprintln!("{start} of {all} matching entries");
    } else {
        eprintln!(
            "{all} matching {}",
            if all == 1 { "entry" } else { "entries" }
        );
    }
    Ok(())
}

/// One line of a table.
pub(crate) fn line(out: &mut impl Write, cells: &[String], widths: &[usize]) -> io::Result<()> {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let padding = width.saturating_sub(cell.chars().count());
        text.push_str(cell);
        text.push_str(&" ".repeat(padding + 2));
    }
    writeln!(out, "{}", text.trim_end())
}

/// A cell that is safe for a terminal, cut.
pub(crate) fn shown(cell: &str) -> String {
    let cell = report::printable(cell);
    match cell.char_indices().nth(CELL) {
        None => cell,
        Some((end, _)) => format!("{}…", &cell[..end]),
    }
}
