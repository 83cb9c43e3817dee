//! What a console for queries in SQL shows.

use serde::{Deserialize, Serialize};

use super::ValueKind;

/// How far a query may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlLimits {
    /// Rows that are handed out; [`SqlPage::is_cut`] tells that there were more.
    pub rows: u64,
    /// Operations of SQLite's virtual machine in all, in thousands: some ten thousand of these take a second. A host that
    /// wants to end a query by the clock takes its rows in small pages and stops asking.
    pub kilo_operations: u64,
}

impl Default for SqlLimits {
    fn default() -> Self {
        Self {
            rows: 10_000,
            kilo_operations: 1_000_000,
        }
    }
}

/// Some rows of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlPage {
    /// Each row a cell for each column.
    pub rows: Vec<Vec<SqlCell>>,
    /// Whether there are no more to come.
    pub is_done: bool,
    /// Whether more rows were there than the limit allows.
    pub is_cut: bool,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlCell {
    /// What it is: null, a number, text or bytes.
    pub kind: ValueKind,
    /// Its text, as an entry's fields have it: bytes as hex, cut to [`super::TEXT_LIMIT`].
    pub text: String,
}

/// Why a query was not run, or ended before its last row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlError {
    /// What is wrong, mostly in SQLite's words.
    pub message: String,
    /// The byte of the query at which it lies, if it lies at one.
    pub offset: Option<u32>,
}

/// A table or view of a database, as a console offers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlTable {
    /// Its name; cut to [`super::CELL_LIMIT`].
    pub name: String,
    /// The name as it would be typed in a query: `audit_log`, `"my table"`; empty if it is too long to be offered.
    pub term: String,
    /// Whether it is a view.
    pub is_view: bool,
    /// Its columns in their order, the first 200 of them.
    pub columns: Vec<SqlColumn>,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlColumn {
    /// Its name; cut to [`super::CELL_LIMIT`].
    pub name: String,
    /// The name as it would be typed; empty if it is too long to be offered.
    pub term: String,
    /// The type that it was declared with; often empty, and binding for nothing.
    pub declared: String,
}
