//! CSV as the sqlite3 shell and Python's `csv` write it: a record an entry, every field text.
//!
//! A record ends with its line break, outside quotes. One that cannot be read so is cut down to its first line, and the
//! next record begins with the next line: what is broken costs one record, never the ones behind it.

mod dialect;
mod entry;
mod escape;
mod foreign;
mod layout;
mod next;
pub(crate) mod postgres;
mod record;
mod scan;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::json::names_missing;
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::{Note, Scan};
use crate::source::{ByteSource, Cached};
use dialect::{Dialect, Recognised};
use layout::Layout;

/// How much of a file is looked at to tell its columns and its dialect.
const SAMPLE: usize = 1 << 20;

const BOM: &[u8] = "\u{FEFF}".as_bytes();

/// Opens a CSV file; `None` if it is none.
///
/// # Errors
///
/// If its header line shows that it holds something else, or the host's bytes fail.
pub(crate) fn open(source: &Rc<Cached>) -> Result<Option<Box<dyn Scan>>, Error> {
    let mut sample = vec![0; SAMPLE];
    let n = source.read_at(0, &mut sample)?;
    let is_whole = n < SAMPLE;
    sample.truncate(n);
    let start = if sample.starts_with(BOM) {
        BOM.len()
    } else {
        0
    };
    match dialect::recognise(&sample[start..], is_whole) {
        Recognised::No => Ok(None),
        Recognised::Foreign((message, hint)) => Err(Error::not_a_log(message).with_hint(hint)),
        Recognised::Lacking(mask) => Err(Error::not_a_log(format!(
            "this is a CSV file, but its header line lacks {}",
            names_missing(!mask)
        ))
        .with_hint("An entry has the columns action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.")),
        Recognised::Log(dialect) => {
            let notes = notes(&dialect, start as u64);
            let preamble = sample[start..start + dialect.preamble].to_vec();
            let scan = scan::Csv::new(Rc::clone(source), start as u64, &preamble, dialect, notes);
            Ok(Some(Box::new(scan)))
        }
    }
}

/// What the first lines show.
fn notes(dialect: &Dialect, start: u64) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, severity, message: String, hint| {
        notes.push(Note {
            code,
            severity,
            locator: Locator::Offset { offset: 0 },
            message,
            hint: Some(hint),
        });
    };
    if start > 0 {
        note(
            "byte-order-mark",
            Severity::Info,
            "the file begins with a UTF-8 byte order mark".into(),
            "It was skipped. Python reads it as a part of the first column's name unless the file is opened as utf-8-sig.",
        );
    }
    if !dialect.has_header {
        note(
            "no-header",
            Severity::Info,
            "the file has no header line; its columns were taken to be those of the reference's table, in their order".into(),
            "If the columns are others, no entry can match its checksum.",
        );
    }
    if dialect.style.escapes {
        note(
            "backslash-escapes",
            Severity::Info,
            "backslashes in this file begin escapes (`\\\\`, `\\t`, `\\n`, …, and `\\N` for NULL), as PostgreSQL's COPY, `jq @tsv` and Miller \
             write them".into(),
            "They were undone. The sqlite3 shell's `.mode tabs` has no escapes; which of the two a file is, its first megabyte tells.",
        );
    }
    notes.extend(layout_notes(
        &dialect.layout,
        &Locator::Offset { offset: 0 },
    ));
    notes
}

/// What is odd in a header line.
fn layout_notes(layout: &Layout, locator: &Locator) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, severity, message: String, hint| {
        notes.push(Note {
            code,
            severity,
            locator: locator.clone(),
            message,
            hint: Some(hint),
        });
    };
    if let Some(name) = &layout.misspelt {
        let name: String = name.chars().take(80).collect();
        note(
            "column-spelled",
            Severity::Info,
            format!(
                "the header spells columns otherwise than the reference: `{}`",
                name.escape_debug()
            ),
            "They were taken for the same: upper case, blanks, quotes, a byte order mark and a table's name before them do not count.",
        );
    }
    if let Some(name) = &layout.duplicate {
        let name: String = name.chars().take(80).collect();
        note(
            "duplicate-column",
            Severity::Warning,
            format!("the header names the column `{name}` more than once"),
            "The last one was taken, as Python's csv.DictReader takes it.",
        );
    }
    notes
}
