//! A database made anew: one table with given rows, at given rowids, as the bytes of a file. For copies that are altered.

use std::fmt::Write as _;
use std::rc::Rc;

use super::db::{Db, SqlError};
use super::table::quote;
use crate::entry::RawValue;

/// A database with one table: its columns are those named, its rows are `rows`, each with its rowid and a value for
/// each column. No column has a type, so that every value is stored as it is given; there is no key and no constraint.
///
/// # Errors
///
/// In SQLite's words, if a value is too long, or two rows have one rowid.
pub(crate) fn database<'v>(
    table: &str,
    columns: &[String],
    rows: impl Iterator<Item = (i64, Vec<RawValue<'v>>)>,
) -> Result<Vec<u8>, String> {
    made(table, columns, rows).map_err(|error| error.to_string())
}

fn made<'v>(
    table: &str,
    columns: &[String],
    rows: impl Iterator<Item = (i64, Vec<RawValue<'v>>)>,
) -> Result<Vec<u8>, SqlError> {
    let db = Db::staging()?;
    let table = quote(table.as_bytes());
    let names: Vec<_> = columns.iter().map(|c| quote(c.as_bytes())).collect();
    let names = names.join(&b", "[..]);
    run(
        &db,
        &[b"CREATE TABLE ", &table[..], b" (", &names, b")"].concat(),
    )?;
    run(&db, b"BEGIN")?;
    // A column of that name hides the rowid, which has two more names.
    let is_free = |alias: &&str| !columns.iter().any(|c| c.eq_ignore_ascii_case(alias));
    let alias = ["rowid", "_rowid_", "oid"].into_iter().find(is_free);
    let alias = alias.unwrap_or("rowid").as_bytes();
    let front = [b"INSERT INTO ", &table[..], b" (", alias, b", ", &names].concat();
    let front = [&front[..], b") VALUES ("].concat();
    for (rowid, values) in rows {
        let mut literals = rowid.to_string();
        for value in values {
            literals.push_str(", ");
            literal(value, &mut literals);
        }
        literals.push(')');
        run(&db, &[&front[..], literals.as_bytes()].concat())?;
    }
    run(&db, b"COMMIT")?;
    db.serialized()
}

fn run(db: &Rc<Db>, sql: &[u8]) -> Result<(), SqlError> {
    db.prepare(sql)?.step().map(|_| ())
}

/// A value as SQL has it. Texts are written in hex digits, since they may hold anything, NUL included.
fn literal(value: RawValue<'_>, out: &mut String) {
    // Writing to a `String` cannot fail; the results are dropped for that reason only.
    match value {
        RawValue::Integer(i) => {
            let _ = write!(out, "{i}");
        }
        // Of a REAL column there is no NaN; an infinity is written as what overflows to it.
        RawValue::Real(r) if r.is_infinite() => {
            out.push_str(if r > 0.0 { "9e999" } else { "-9e999" });
        }
        RawValue::Real(r) => {
            let _ = write!(out, "{r:?}");
        }
        RawValue::Text(text) => {
            out.push_str("CAST(");
            blob(text, out);
            out.push_str(" AS TEXT)");
        }
        RawValue::Blob(bytes) => blob(bytes, out),
        RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Json(_) => {
            out.push_str("NULL");
        }
    }
}

fn blob(bytes: &[u8], out: &mut String) {
    out.push_str("x'");
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('\'');
}
