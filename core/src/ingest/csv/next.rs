//! The next record of a file, and how reading goes on behind one that is broken.

use memchr::memchr;

use super::record::{Parsed, Record, Style};
use crate::error::Error;
use crate::ingest::json::{ENTRY_LIMIT, Window};

/// What stands at a place of the file. Lengths are in bytes, line breaks included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: the file ends.
    End,
    Blank(usize),
    /// A record that was read, perhaps with something odd in it.
    Record(usize),
    /// A record that cannot be read, for this reason.
    Broken(usize, &'static str),
    /// The file ends within the record.
    Cut(usize),
    /// A line beyond the limit, of which nothing was kept.
    TooLong,
}

/// Reads what stands at `at`, the beginning of a line; `columns` is how many fields a record has.
///
/// A record that holds line breaks and is broken is cut down to its first line, if another record may begin within it.
/// So no line is read more than a few times, whatever the file holds: with a quote that is never closed, the next line
/// with an odd number of quotes ends the search.
pub(super) fn next(
    window: &mut Window,
    at: u64,
    (style, columns): (Style, usize),
    record: &mut Record,
) -> Result<Next, Error> {
    let mut is_whole = false;
    loop {
        let bytes = window.bytes(at);
        if bytes.is_empty() && is_whole {
            return Ok(Next::End);
        }
        let parsed = match bytes {
            [] => Parsed::Unfinished,
            bytes => record.read(bytes, is_whole, style),
        };
        match parsed {
            Parsed::Complete(len) => return Ok(complete(bytes, len, (style, columns), record)),
            Parsed::Unfinished if !is_whole => {
                let is_long = bytes.len() > ENTRY_LIMIT;
                if !is_long {
                    is_whole = !window.grow()?;
                } else if memchr(b'\n', bytes).is_none() {
                    return Ok(Next::TooLong);
                } else {
                    return Ok(first_line(bytes, style, record));
                }
            }
            Parsed::Unfinished => return Ok(unclosed(bytes, (style, columns), record)),
            Parsed::Fault(_) => {
                if memchr(b'\n', bytes).is_some() || is_whole {
                    return Ok(faulty(bytes, (style, columns), record));
                }
                if bytes.len() > ENTRY_LIMIT {
                    return Ok(Next::TooLong);
                }
                is_whole = !window.grow()?;
            }
        }
    }
}

/// A record that is well-formed, of whatever number of fields.
fn complete(
    bytes: &[u8],
    len: usize,
    (style, columns): (Style, usize),
    record: &mut Record,
) -> Next {
    if record.is_blank() {
        return Next::Blank(len);
    }
    if record.count == columns && record.has_bad_escape {
        return Next::Broken(len, "a record with a backslash that begins no escape");
    }
    if record.count == columns {
        return Next::Record(len);
    }
    let first = memchr(b'\n', &bytes[..len]).map_or(len, |i| i + 1);
    if first < len && holds_record(&bytes[first..len], (style, columns)) {
        return first_line(bytes, style, record);
    }
    if record.count < columns && !record.has_break {
        return Next::Cut(len);
    }
    Next::Broken(len, wrong_count(record.count, columns))
}

fn wrong_count(count: usize, columns: usize) -> &'static str {
    if count < columns {
        "a record with too few fields"
    } else {
        "a record with too many fields"
    }
}

/// A quote is open at the end of the file.
fn unclosed(bytes: &[u8], shape: (Style, usize), record: &mut Record) -> Next {
    match memchr(b'\n', bytes) {
        Some(first) if holds_record(&bytes[first + 1..], shape) => {
            first_line(bytes, shape.0, record)
        }
        _ => Next::Cut(bytes.len()),
    }
}

/// A quote stands out of place: in the first line it is taken as it stands, behind it the first line is broken.
fn faulty(bytes: &[u8], (style, columns): (Style, usize), record: &mut Record) -> Next {
    let line = memchr(b'\n', bytes);
    let len = line.map_or(bytes.len(), |i| i + 1);
    record.read_line(&bytes[..line.unwrap_or(len)], style);
    record.has_break = line.is_some();
    if record.is_open {
        return match line {
            Some(_) => Next::Broken(len, OPEN),
            None => Next::Cut(len),
        };
    }
    match (record.count == columns, record.has_break) {
        (true, _) => Next::Record(len),
        (false, false) if record.count < columns => Next::Cut(len),
        (false, _) => Next::Broken(len, wrong_count(record.count, columns)),
    }
}

const OPEN: &str = "a record with a quote that is not closed";

/// The first line as a broken record: its quote is closed nowhere that fits.
fn first_line(bytes: &[u8], style: Style, record: &mut Record) -> Next {
    let line = memchr(b'\n', bytes);
    let len = line.map_or(bytes.len(), |i| i + 1);
    record.read_line(&bytes[..line.unwrap_or(len)], style);
    record.has_break = line.is_some();
    Next::Broken(len, OPEN)
}

/// Whether a line within a broken record is a record of its own.
fn holds_record(bytes: &[u8], (style, columns): (Style, usize)) -> bool {
    let mut record = Record::new(0);
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
        if matches!(record.read(&rest[..len], true, style), Parsed::Complete(n) if n == len)
            && record.count == columns
        {
            return true;
        }
        rest = &rest[len..];
    }
    false
}
