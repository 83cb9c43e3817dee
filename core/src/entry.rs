//! One audit record as it stands in its container, before any judgement.

use serde::{Deserialize, Serialize};

/// A value as it stands in its container.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RawValue<'a> {
    /// The field is not there at all (JSON), or the table has no such column.
    Missing,
    /// SQL NULL.
    Null,
    /// An empty field of a text format in which NULL and empty text look alike.
    Blank,
    /// An empty field of a text format that seems to write NULL so, and empty text otherwise.
    Bare,
    /// A SQL INTEGER.
    Integer(i64),
    /// A SQL REAL.
    Real(f64),
    /// A SQL TEXT: the bytes that `sqlite3_column_text` gives, valid UTF-8 or not; or a field of a text format.
    Text(&'a [u8]),
    /// A SQL BLOB.
    Blob(&'a [u8]),
    /// A JSON value, as its text in the source (its encoding and syntax unchecked but for its extent).
    Json(&'a [u8]),
}

/// One entry as it stands in its container.
#[derive(Clone, Debug)]
pub(crate) struct RawEntry<'a> {
    /// In the order of `Scheme::hashed_fields`.
    pub(crate) fields: [RawValue<'a>; 8],
    /// The checksum that the entry claims.
    pub(crate) claimed_checksum: RawValue<'a>,
    /// Fields that no checksum covers, `written_at` among them, as name and value in container order.
    pub(crate) extras: &'a [(&'a str, RawValue<'a>)],
    /// Where the entry lies; what `Scan::reread` takes.
    pub(crate) place: Place,
    /// Set where the element is no object at all: why it is no entry. Then every field is [`RawValue::Missing`].
    pub(crate) not_an_entry: Option<NotAnEntry<'a>>,
    /// A key of the entry's own JSON object that occurs more than once (the last one counts, as in Python).
    pub(crate) duplicate_key: Option<&'a str>,
}

/// Why an element of a log is no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAnEntry<'a> {
    /// It is JSON, but of this kind instead of an object.
    Kind(&'static str),
    /// It is a row that cannot be read, for this reason.
    Damaged(&'static str),
    /// It is not JSON, for a reason in CPython's words.
    NotJson(&'a str),
}

/// Which fields somebody needs who has entries read again. The others may be missing, where that is quicker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fields {
    All,
    Details,
}

/// Where an entry lies in its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// A rowid (as its two's complement bits), an ordinal, or a byte offset: the part knows which.
    pub(crate) key: u64,
    /// The line's number from 1 in JSON Lines and CSV; in a SQL dump how far behind its statement the row begins, 0 for the first
    /// one; else 0.
    pub(crate) line: u64,
}
