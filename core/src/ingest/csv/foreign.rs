//! Files with the columns of a log that are written in a way that is not read, so that every record would fail for the same
//! reason: they are refused, with what to do.

use std::ops::ControlFlow;

use memchr::{memchr, memmem};

use super::dialect::{DELIMITERS, Dialect, each, is_time};
use super::layout::{Column, Layout, is_checksum};
use super::record::Style;
use crate::scheme::REFERENCE;

/// Records that are looked at.
const RECORDS: u32 = 1_000;

/// Why a file is not read, and what to do.
pub(super) type Reason = (&'static str, &'static str);

const ESCAPES: Reason = (
    "this is CSV in which quotes or separators are escaped with backslashes, which is not read",
    "Export it once more with quotes doubled, as Python's csv does by itself (no `escapechar`, `doublequote=True`).",
);
const APOSTROPHES: Reason = (
    "this is text whose fields stand in apostrophes, which is not read",
    "Export it once more as CSV with double quotes: `.mode csv` of the sqlite3 shell, or Python's csv with its own `quotechar`.",
);
const PADDED: Reason = (
    "this is a table for people: its fields are padded with blanks, which cannot be told from what they hold",
    "Export it once more as CSV: `.mode csv` of the sqlite3 shell, `psql --csv`.",
);

pub(super) const RETURNS: Reason = (
    "this is CSV whose lines end with a carriage return alone, which is not read",
    "Export it once more with line feeds. Converting them (tr '\\r' '\\n') also changes the texts that hold a carriage return.",
);
pub(super) const BARE: Reason = (
    "this is CSV without a header line, and its columns are not those of the reference's table in their order",
    "Put a line before it that names its columns as they stand, such as timestamp,entry_id,event_type,actor,resource_type,resource_id,action,details,checksum.",
);

/// Whether most records of a sample without a header line have what a record of a log has, wherever it stands.
pub(super) fn is_bare(sample: &[u8], is_whole: bool) -> bool {
    DELIMITERS.into_iter().any(|delimiter| {
        let style = Style {
            delimiter,
            quotes: true,
            escapes: false,
        };
        let (mut all, mut rows) = (0_u32, 0_u32);
        each(sample, is_whole, style, |record, bytes, _| {
            all += 1;
            let has = |what: &dyn Fn(&[u8]) -> bool| record.fields(bytes).any(|f| what(f.0));
            let is_row = record.count >= REFERENCE.hashed_fields.len()
                && has(&is_time)
                && has(&is_checksum)
                && has(&|text| text.starts_with(b"{") && text.ends_with(b"}"));
            rows += u32::from(is_row);
            if all < RECORDS {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        rows * 2 > all
    })
}

/// Whether a quote behind a brace is escaped: a writer that doubles quotes has two of them there, others have no backslash.
fn is_escaped(line: &[u8]) -> bool {
    memmem::find_iter(line, br#"{\""#).any(|i| line.get(i + 3) != Some(&b'"'))
}

/// Why the records of a sample, which begins with the header line if there is one, cannot be read.
pub(super) fn reason(sample: &[u8], is_whole: bool, dialect: &Dialect) -> Option<Reason> {
    let layout = &dialect.layout;
    let (mut all, mut bad, mut escaped, mut quoted, mut padded) =
        (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    each(sample, is_whole, dialect.style, |record, bytes, _| {
        let line = &bytes[..memchr(b'\n', bytes).unwrap_or(bytes.len())];
        if all == 0 && dialect.has_header && Layout::of(record, bytes).is_some() {
            return ControlFlow::Continue(());
        }
        all += 1;
        let is_bad = record.count != layout.columns.len();
        bad += u32::from(is_bad);
        let details = layout
            .columns
            .iter()
            .position(|c| *c == Column::Hashed(REFERENCE.details));
        let details = details
            .and_then(|i| record.field(bytes, i))
            .map_or(&b""[..], |f| f.0);
        escaped += u32::from(if is_bad {
            is_escaped(line)
        } else {
            details.starts_with(b"{\\")
        });
        let opening = [dialect.style.delimiter, b'\'', b'{'];
        quoted += u32::from(memmem::find(line, &opening).is_some());
        let mut fields = layout.columns.iter().zip(record.fields(bytes));
        padded += u32::from(fields.any(|(column, (text, _))| {
            let ends = [text.first(), text.last()];
            *column == Column::Hashed(REFERENCE.timestamp) && ends.contains(&Some(&b' '))
        }));
        if all < RECORDS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let most = |n: u32| n * 2 > all;
    let spelling = layout.misspelt.as_deref().unwrap_or_default();
    if most(escaped) {
        Some(ESCAPES)
    } else if (most(bad) || spelling.contains('\'')) && quoted * 2 > bad {
        Some(APOSTROPHES)
    } else if spelling.trim() != spelling && most(padded) {
        Some(PADDED)
    } else {
        None
    }
}
