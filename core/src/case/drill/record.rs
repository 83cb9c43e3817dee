//! Entries taken out of their container as they stand in it, so that they can be altered and put into a copy.

use std::ops::Range;

use crate::canon::{EntryCanonicalizer, write_string};
use crate::case::Case;
use crate::case::written::Writer;
use crate::digest::{hex, sha256};
use crate::entry::{Fields, Place, RawEntry, RawValue};
use crate::error::Error;
use crate::query::{Entries, PathFinder};
use crate::scheme::REFERENCE;
use crate::verify::settled;

/// Bytes of entries that are copied at most.
const BUDGET: usize = 64 << 20;

/// A value that is kept.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Missing,
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
    Json(Vec<u8>),
}

impl Value {
    fn of(raw: RawValue<'_>) -> Self {
        match raw {
            RawValue::Missing => Self::Missing,
            // What is empty was settled before.
            RawValue::Null | RawValue::Bare => Self::Null,
            RawValue::Blank => Self::Text(Vec::new()),
            RawValue::Integer(i) => Self::Integer(i),
            RawValue::Real(r) => Self::Real(r),
            RawValue::Text(text) => Self::Text(text.to_vec()),
            RawValue::Blob(bytes) => Self::Blob(bytes.to_vec()),
            RawValue::Json(token) => Self::Json(token.to_vec()),
        }
    }

    fn raw(&self) -> RawValue<'_> {
        match self {
            Self::Missing => RawValue::Missing,
            Self::Null => RawValue::Null,
            Self::Integer(i) => RawValue::Integer(*i),
            Self::Real(r) => RawValue::Real(*r),
            Self::Text(text) => RawValue::Text(text),
            Self::Blob(bytes) => RawValue::Blob(bytes),
            Self::Json(token) => RawValue::Json(token),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(bytes) | Self::Blob(bytes) | Self::Json(bytes) => bytes.len(),
            _ => 8,
        }
    }
}

/// An entry that is kept.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Its row in the case.
    pub(super) row: u32,
    /// As `Place::key`: its rowid, if it comes from a table that has them.
    pub(super) key: i64,
    fields: [Value; 8],
    claimed: Value,
    extras: Vec<(String, Value)>,
}

impl Record {
    fn of(row: u32, raw: &RawEntry<'_>) -> Self {
        let raw = settled(raw);
        let extras = raw.extras.iter();
        Self {
            row,
            key: raw.place.key.cast_signed(),
            fields: raw.fields.map(Value::of),
            claimed: Value::of(raw.claimed_checksum),
            extras: extras
                .map(|(name, value)| ((*name).to_owned(), Value::of(*value)))
                .collect(),
        }
    }

    fn bytes(&self) -> usize {
        let extras = self.extras.iter().map(|(n, v)| n.len() + v.len());
        let fields = self.fields.iter().map(Value::len);
        fields.chain(extras).sum::<usize>() + self.claimed.len()
    }

    /// The entry, as a container would hand it on.
    fn with_raw<R>(&self, then: impl FnOnce(&RawEntry<'_>) -> R) -> R {
        let extras: Vec<_> = self
            .extras
            .iter()
            .map(|(n, v)| (n.as_str(), v.raw()))
            .collect();
        then(&RawEntry {
            fields: std::array::from_fn(|i| self.fields[i].raw()),
            claimed_checksum: self.claimed.raw(),
            extras: &extras,
            place: Place {
                key: self.key.cast_unsigned(),
                line: 0,
            },
            not_an_entry: None,
            duplicate_key: None,
        })
    }

    /// Gives a hashed field another text, in the way in which its container writes texts.
    pub(super) fn set_text(&mut self, field: usize, text: &str) {
        let Some(value) = self.fields.get_mut(field) else {
            return;
        };
        *value = written_as(value, text);
    }

    /// Whether a hashed field is this text.
    pub(super) fn has_text(&self, field: usize, text: &str) -> bool {
        self.fields
            .get(field)
            .is_some_and(|value| *value == written_as(value, text))
    }

    /// Gives it a hashed field of another entry.
    pub(super) fn take(&mut self, field: usize, other: &Self) {
        if let (Some(value), Some(theirs)) = (self.fields.get_mut(field), other.fields.get(field)) {
            *value = theirs.clone();
        }
    }

    /// Computes the checksum anew, as whoever can edit the entry can; false if it has no canonical form.
    pub(super) fn rehash(&mut self) -> bool {
        let mut message = Vec::new();
        let written = self.with_raw(|raw| {
            EntryCanonicalizer::default()
                .write(raw, &mut message)
                .is_ok()
        });
        if written {
            let digest = hex(&sha256(&message), REFERENCE.checksum_digits);
            self.claimed = written_as(&self.claimed, &digest);
        }
        written
    }

    /// The names of the fields that no checksum covers.
    pub(super) fn extra_names(&self) -> impl Iterator<Item = &str> {
        self.extras.iter().map(|(name, _)| name.as_str())
    }

    /// Whether this field is another name of its rowid.
    pub(super) fn is_key(&self, name: &str) -> bool {
        let mut extras = self.extras.iter();
        extras.any(|(n, value)| n == name && *value == Value::Integer(self.key))
    }

    /// Its values in the order of these columns: the hashed fields, the checksum, then the others.
    pub(super) fn cells(&self, others: &[String]) -> Vec<RawValue<'_>> {
        let mut cells: Vec<_> = self.fields.iter().map(Value::raw).collect();
        cells.push(self.claimed.raw());
        for name in others {
            let value = self.extras.iter().find(|(n, _)| n == name);
            cells.push(value.map_or(RawValue::Missing, |(_, v)| v.raw()));
        }
        cells
    }

    /// Appends it as a line of JSON Lines.
    pub(super) fn write_line(&self, case: &Case, out: &mut Vec<u8>) {
        let mut finder = PathFinder::new(&[]);
        self.with_raw(|raw| {
            let mut writer = Writer {
                case,
                row: self.row,
                entry: Some(raw),
                finder: &mut finder,
                out: &mut *out,
            };
            writer.bare();
        });
        out.push(b'\n');
    }
}

/// A text in the form of the value that it replaces.
fn written_as(value: &Value, text: &str) -> Value {
    match value {
        Value::Json(_) | Value::Missing => {
            let mut token = Vec::new();
            write_string(text.as_bytes(), &mut token);
            Value::Json(token)
        }
        Value::Blob(_) => Value::Blob(text.as_bytes().to_vec()),
        _ => Value::Text(text.as_bytes().to_vec()),
    }
}

/// The entries of these rows, `None` if they are too large to be copied.
///
/// # Errors
///
/// If they can no longer be read.
pub(super) fn records(case: &Case, rows: &[u32]) -> Result<Option<Vec<Record>>, Error> {
    let mut records = Vec::with_capacity(rows.len());
    let (mut bytes, mut is_whole) = (0, true);
    case.read_again(rows, Fields::All, &mut |row, entry| match entry {
        Some(_) if bytes > BUDGET => {}
        Some(entry) => {
            let record = Record::of(row, entry);
            bytes += record.bytes();
            records.push(record);
        }
        None => is_whole = false,
    })?;
    if !is_whole {
        return Err(
            Error::unavailable("an entry can no longer be read").with_hint(
                "The file may have been moved or changed while it was open. Open it again.",
            ),
        );
    }
    Ok((bytes <= BUDGET).then_some(records))
}

/// The entries around one, as many as may be copied, in the order of the source: at most `most`, from `within`.
///
/// # Errors
///
/// If they can no longer be read, or a few of them are too large already.
pub(super) fn window(
    case: &Case,
    within: &Range<u32>,
    around: u32,
    most: u32,
) -> Result<Vec<Record>, Error> {
    let mut most = most;
    while most > 1 {
        let first = around
            .saturating_sub(most / 2)
            .min(within.end.saturating_sub(most));
        let first = first.max(within.start);
        let last = within.end.min(first.saturating_add(most));
        let rows: Vec<u32> = (first..last).collect();
        if let Some(mut records) = records(case, &rows)? {
            records.sort_by_key(|r| r.row);
            return Ok(records);
        }
        most /= 4;
    }
    Err(Error::unsupported(
        "the entries of this log are too large to be copied in memory",
    ))
}
