//! From the current row of a statement to a raw entry, without an allocation.

use super::db::{SqlError, Stmt};
use super::table::{Columns, LogTable};
use crate::entry::{NotAnEntry, Place, RawEntry, RawValue};
use crate::scheme::REFERENCE;

/// Columns beyond the hashed ones that need no allocation.
const FEW: usize = 8;

/// Makes the entry of the current row and hands it to `f`, with the bytes of its hashed fields.
pub(super) fn with_entry<R>(
    table: &LogTable,
    columns: Columns,
    stmt: &Stmt,
    place: Place,
    f: impl FnOnce(RawEntry<'_>, usize) -> R,
) -> R {
    let leading = table.leading();
    let wanted = table.extras(columns);
    let mut few = [("", RawValue::Missing); FEW];
    let mut many;
    let extras = match few.get_mut(..wanted.len()) {
        Some(extras) => extras,
        None => {
            many = vec![("", RawValue::Missing); wanted.len()];
            &mut many[..]
        }
    };
    for (extra, &column) in extras.iter_mut().zip(wanted) {
        *extra = (&table.columns[column], stmt.value(leading + column));
    }
    let mut size = 0;
    let mut field = |column| {
        let value = stmt.value(leading + column);
        if let RawValue::Text(bytes) | RawValue::Blob(bytes) = value {
            size += bytes.len();
        }
        value
    };
    let fields = match columns {
        Columns::Stored | Columns::All => table.fields.map(field),
        Columns::Details => {
            let mut fields = [RawValue::Missing; 8];
            fields[REFERENCE.details] = field(table.fields[REFERENCE.details]);
            fields
        }
    };
    let claimed_checksum = match table.checksum {
        Some(column) if columns != Columns::Details => stmt.value(leading + column),
        _ => RawValue::Missing,
    };
    let entry = RawEntry {
        fields,
        claimed_checksum,
        extras,
        place,
        not_an_entry: None,
        duplicate_key: None,
    };
    f(entry, size)
}

/// A row that is there but cannot be read.
pub(super) fn unreadable_row(place: Place, error: &SqlError) -> RawEntry<'static> {
    let why = if error.is_corrupt() {
        "a damaged row"
    } else if error.is_too_big() {
        "a row too large to be read"
    } else {
        "a row that cannot be computed"
    };
    RawEntry {
        fields: [RawValue::Missing; 8],
        claimed_checksum: RawValue::Missing,
        extras: &[],
        place,
        not_an_entry: Some(NotAnEntry::Damaged(why)),
        duplicate_key: None,
    }
}
