//! A record of a CSV file as an entry.

use std::ops::ControlFlow;

use super::dialect::Dialect;
use super::layout::{Column, Layout};
use super::record::{Form, Record};
use crate::entry::{NotAnEntry, Place, RawEntry, RawValue};
use crate::scheme::REFERENCE;

/// Hands a record of the right number of fields to `sink`.
pub(super) fn hand_on(
    (dialect, layout): (&Dialect, &Layout),
    record: &Record,
    bytes: &[u8],
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut entry = nothing(place);
    let mut extras = Vec::new();
    let fields = record.fields(bytes);
    for ((column, name), (text, form)) in layout.columns.iter().zip(&layout.names).zip(fields) {
        let value = match form {
            Form::Null => RawValue::Null,
            _ if !text.is_empty() || dialect.has_nulls => RawValue::Text(text),
            Form::Quoted if dialect.tells_null => RawValue::Text(text),
            Form::Bare if dialect.tells_null => match column {
                Column::Hashed(i) if *i != REFERENCE.details => RawValue::Bare,
                _ => RawValue::Null,
            },
            _ => RawValue::Blank,
        };
        match column {
            Column::Hashed(i) => entry.fields[*i] = value,
            Column::Checksum => entry.claimed_checksum = value,
            Column::Extra => extras.push((name.as_str(), value)),
        }
    }
    entry.extras = &extras;
    sink(entry)
}

pub(super) fn nothing(place: Place) -> RawEntry<'static> {
    RawEntry {
        fields: [RawValue::Missing; 8],
        claimed_checksum: RawValue::Missing,
        extras: &[],
        place,
        not_an_entry: None,
        duplicate_key: None,
    }
}

pub(super) fn broken(place: Place, why: &'static str) -> RawEntry<'static> {
    RawEntry {
        not_an_entry: Some(NotAnEntry::Damaged(why)),
        ..nothing(place)
    }
}
