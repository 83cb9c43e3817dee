//! What there is to tell about a JSON container.

use super::RECORD_SEPARATOR;
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::Note;
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// Gaps up to this length are looked at for whether anything but structure stands in them.
const SMALL_GAP: u64 = 4096;

fn error(
    code: &'static str,
    locator: Locator,
    message: String,
    hint: Option<&'static str>,
) -> Note {
    Note {
        code,
        severity: Severity::Error,
        locator,
        message,
        hint,
    }
}

pub(crate) fn byte_order_mark() -> Note {
    Note {
        code: "byte-order-mark",
        severity: Severity::Info,
        locator: Locator::Offset { offset: 0 },
        message: "the file begins with a UTF-8 byte order mark".into(),
        hint: Some(
            "It was skipped. Python's json.load refuses such a file unless it is opened as utf-8-sig.",
        ),
    }
}

/// A byte order mark where another file began once.
pub(super) fn inner_byte_order_mark(offset: u64) -> Note {
    Note {
        code: "byte-order-mark",
        severity: Severity::Warning,
        locator: Locator::Offset { offset },
        message: format!("a UTF-8 byte order mark stands between two entries, at byte {offset}"),
        hint: Some(
            "It was passed over. Files were probably joined there; Python's json.loads refuses a text that begins with it.",
        ),
    }
}

/// Lines that hold an entry and something else, which costs nothing.
pub(super) fn untidy_lines(count: u64, offset: u64, line: u64) -> Note {
    let message = match count {
        1 => format!("line {line} is no JSON as it stands: a comma or a bracket is too many"),
        _ => format!(
            "{count} lines are no JSON as they stand, the first is line {line}: a comma or a bracket is too many"
        ),
    };
    error(
        "json-broken",
        Locator::Line { offset, line },
        message,
        Some("Python's json.loads refuses such a line. The entry in it was judged all the same."),
    )
}

/// Commas between the values of a sequence.
pub(super) fn commas(count: u64, offset: u64) -> Note {
    let are = if count == 1 {
        "a comma stands"
    } else {
        "commas stand"
    };
    error(
        "json-broken",
        Locator::Offset { offset },
        format!("{are} between the entries, outside an array: {count}, the first at byte {offset}"),
        Some(
            "The brackets of the array are missing, or the commas are too many. Every entry was judged all the same.",
        ),
    )
}

pub(super) fn found_at(offset: u64, path: &str) -> Note {
    Note {
        code: "log-found-at",
        severity: Severity::Info,
        locator: Locator::Offset { offset },
        message: format!("the entries are the array at {path}"),
        hint: None,
    }
}

/// What a container lost at its end.
pub(crate) fn lost_tail(offset: u64, message: String) -> Note {
    error(
        "lost-tail",
        Locator::Offset { offset },
        message,
        Some(
            "The export was cut off, or is still being written. Entries after this place are lost; ask for a complete export.",
        ),
    )
}

/// Bytes that could not be read as entries, before the next entry or the end.
pub(super) fn gap(offset: u64, length: u64) -> Note {
    error(
        "json-gap",
        Locator::Range { offset, length },
        format!("the JSON is broken at byte {offset}: {length} bytes could not be read as entries"),
        Some(
            "Entries may be lost here. Whatever can be read behind it was judged. Compare with another copy, or export again.",
        ),
    )
}

/// A break that cost no byte.
pub(super) fn broken(offset: u64) -> Note {
    error(
        "json-broken",
        Locator::Offset { offset },
        format!("the JSON is broken at byte {offset}, between two entries"),
        Some(
            "A comma or a bracket is missing or too many there. Python's json.load refuses the whole file for it. \
             Every entry was judged all the same.",
        ),
    )
}

pub(super) fn too_long(locator: Locator, what: &str, limit: usize) -> Note {
    error(
        "entry-too-long",
        locator,
        format!("{what} is longer than {} MB and was not read", limit >> 20),
        None,
    )
}

pub(super) fn trailing(offset: u64, rest: &str) -> Note {
    error(
        "trailing-data",
        Locator::Offset { offset },
        format!("{rest} follow the end of the JSON document"),
        Some(
            "Python's json.load refuses such a file. Whatever entries stand there were judged, as parts of their own.",
        ),
    )
}

pub(super) fn beside_the_log(count: u64, offset: u64) -> Note {
    error(
        "entries-beside-the-log",
        Locator::Offset { offset },
        format!(
            "objects that look like entries stand outside every log and were not judged: {count}, the first at byte {offset}"
        ),
        Some(
            "A log is an array most of whose objects have all hashed fields. Look at what stands there.",
        ),
    )
}

pub(super) fn not_strict(offset: u64) -> Note {
    error(
        "not-strict-json",
        Locator::Offset { offset },
        format!("what stands at byte {offset}, outside the entries, is no JSON"),
        Some(
            "Python's json.load refuses the whole file for it. Every entry was judged all the same.",
        ),
    )
}

pub(super) fn too_many_logs() -> Note {
    error(
        "too-many-logs",
        Locator::Whole {},
        "the document holds more than 10,000 arrays of entries; the others were not read".into(),
        None,
    )
}

/// Tells of what stands between two entries, at `from` and before `to`: a gap, or only that something is missing between
/// them, unless that `is_told`.
pub(super) fn tell_gap(
    source: &Cached,
    (notes, left_out): (&mut Vec<Note>, &mut Accounting),
    from: u64,
    to: u64,
    is_told: bool,
) -> Result<(), Error> {
    if !is_structure(source, from, to)? {
        let (offset, length) = (from, to - from);
        notes.push(gap(offset, length));
        left_out.leave_out(
            "json-gap",
            length,
            Locator::Range { offset, length },
            "a gap",
        );
    } else if !is_told {
        notes.push(broken(from));
    }
    Ok(())
}

/// Whether nothing but blanks, commas and the brackets of arrays and their wrappers stands there.
pub(super) fn is_structure(source: &Cached, from: u64, to: u64) -> Result<bool, Error> {
    if to - from > SMALL_GAP {
        return Ok(false);
    }
    let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(0)];
    let n = source.read_at(from, &mut bytes)?;
    let is_structure = |b: &u8| {
        matches!(
            b,
            b' ' | b'\t' | b'\r' | b'\n' | &RECORD_SEPARATOR | b',' | b'[' | b']' | b'}'
        )
    };
    Ok(bytes[..n].iter().all(is_structure))
}
