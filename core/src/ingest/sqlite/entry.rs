//! From a row, of a statement or read where it lies, to a raw entry, without an allocation.

use super::db::{SqlError, Stmt};
use super::leaves::Leaves;
use super::table::{Columns, LogTable};
use crate::entry::{NotAnEntry, Place, RawEntry, RawValue};
use crate::scheme::REFERENCE;

/// Columns beyond the hashed ones that need no allocation.
const FEW: usize = 8;

/// A row that can be asked for its values.
#[derive(Clone, Copy)]
pub(super) enum Row<'r> {
    /// The current one of a statement.
    Of(&'r Stmt),
    /// One that was read where it lies.
    On(&'r Leaves),
}

impl<'r> Row<'r> {
    fn value(self, table: &LogTable, column: usize) -> RawValue<'r> {
        match self {
            Self::Of(stmt) => stmt.value(table.leading() + column),
            Self::On(leaves) => leaves.value(table, column),
        }
    }

    /// Whether there was not enough memory for a value that was asked for.
    pub(super) fn is_out_of_memory(self) -> bool {
        match self {
            Self::Of(stmt) => stmt.is_out_of_memory(),
            Self::On(_) => false,
        }
    }
}

/// Makes the entry of a row and hands it to `f`, with the bytes of its hashed fields.
pub(super) fn with_entry<R>(
    table: &LogTable,
    columns: Columns,
    row: Row<'_>,
    place: Place,
    f: impl FnOnce(RawEntry<'_>, usize) -> R,
) -> R {
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
        *extra = (&table.columns[column], row.value(table, column));
    }
    let mut size = 0;
    let mut field = |column| {
        let value = row.value(table, column);
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
        Some(column) if columns != Columns::Details => row.value(table, column),
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
