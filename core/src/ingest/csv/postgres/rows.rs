//! Rows of a dump as entries.

use std::ops::ControlFlow;

use super::sql::{Literal, Reading};
use crate::entry::{Place, RawEntry, RawValue};
use crate::ingest::csv::entry::{broken, nothing};
use crate::ingest::csv::layout::{Column, Layout};
use crate::ingest::csv::record::{Form, Record};

/// Why a row of an INSERT is not read.
const NO_LITERALS: &str = "a row with a value that is no literal";
const WRONG_COUNT: &str = "a row with another number of values than columns";

/// Hands on the row of a COPY that was read.
pub(super) fn copied(
    layout: &Layout,
    record: &Record,
    bytes: &[u8],
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let values = record.fields(bytes).map(|(text, form)| match form {
        Form::Null => RawValue::Null,
        Form::Bare | Form::Quoted => RawValue::Text(text),
    });
    hand_on(layout, values, place, sink)
}

/// Hands on the row of an INSERT that begins at `from`; returns where it ends, if it does.
pub(super) fn inserted(
    layout: &Layout,
    (text, from): (&[u8], usize),
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> (Option<usize>, ControlFlow<()>) {
    let mut texts = Vec::new();
    let mut reading = Reading::new(text, from);
    let row = reading.row(&mut texts);
    let ends = text.get(reading.at.wrapping_sub(1)) == Some(&b')');
    let flow = match row {
        None => sink(broken(place, NO_LITERALS)),
        Some(row) if row.len() != layout.columns.len() => sink(broken(place, WRONG_COUNT)),
        Some(row) => {
            let values = row.iter().map(|literal| match *literal {
                Literal::Null => RawValue::Null,
                Literal::Boolean(true) => RawValue::Json(b"true"),
                Literal::Boolean(false) => RawValue::Json(b"false"),
                Literal::Integer(i) => RawValue::Integer(i),
                Literal::Real(r) => RawValue::Real(r),
                Literal::Text(from, to) => RawValue::Text(&texts[from..to]),
            });
            hand_on(layout, values, place, sink)
        }
    };
    (ends.then_some(reading.at), flow)
}

fn hand_on<'v>(
    layout: &'v Layout,
    values: impl Iterator<Item = RawValue<'v>>,
    place: Place,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut entry = nothing(place);
    let mut extras = Vec::new();
    for ((column, name), value) in layout.columns.iter().zip(&layout.names).zip(values) {
        match column {
            Column::Hashed(i) => entry.fields[*i] = value,
            Column::Checksum => entry.claimed_checksum = value,
            Column::Extra => extras.push((name.as_str(), value)),
        }
    }
    let entry = RawEntry {
        extras: &extras,
        ..entry
    };
    sink(entry)
}
