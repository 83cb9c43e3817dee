//! A database made anew: one table with given rows, at given rowids, as the bytes of a file. For copies that are altered.

use std::fmt::Write as _;
use std::rc::Rc;

use super::db::{Db, SqlError};
use super::table::quote;
use crate::entry::RawValue;

/// A table to be made. No column but the counted one has a type, so that every value is stored as it is given.
pub(crate) struct Table<'t> {
    pub(crate) name: &'t str,
    pub(crate) columns: &'t [String],
    /// A column that refuses a value which it has.
    pub(crate) unique: Option<usize>,
    /// The column that is the rowid's other name in a table with AUTOINCREMENT, and the highest rowid that was ever given
    /// out.
    pub(crate) counted: Option<(usize, i64)>,
}

impl Table<'_> {
    /// A database with this table alone: its rows are `rows`, each with its rowid and a value for each column.
    ///
    /// # Errors
    ///
    /// In SQLite's words, if a value is too long, or a row is refused.
    pub(crate) fn database<'v>(
        &self,
        rows: impl Iterator<Item = (i64, Vec<RawValue<'v>>)>,
    ) -> Result<Vec<u8>, String> {
        self.made(rows).map_err(|error| error.to_string())
    }

    fn made<'v>(
        &self,
        rows: impl Iterator<Item = (i64, Vec<RawValue<'v>>)>,
    ) -> Result<Vec<u8>, SqlError> {
        let db = Db::staging()?;
        let table = quote(self.name.as_bytes());
        let names: Vec<_> = self.columns.iter().map(|c| quote(c.as_bytes())).collect();
        let definitions = names.iter().enumerate().map(|(i, name)| {
            let kind = match (self.counted, self.unique) {
                (Some((counted, _)), _) if counted == i => " INTEGER PRIMARY KEY AUTOINCREMENT",
                (_, Some(unique)) if unique == i => " UNIQUE",
                _ => "",
            };
            [&name[..], kind.as_bytes()].concat()
        });
        let definitions = definitions.collect::<Vec<_>>().join(&b", "[..]);
        run(
            &db,
            &[b"CREATE TABLE ", &table[..], b" (", &definitions, b")"].concat(),
        )?;
        run(&db, b"BEGIN")?;
        let front = [b"INSERT INTO ", &table[..], b" (", self.rowid(), b", "].concat();
        let front = [&front[..], &names.join(&b", "[..]), b") VALUES ("].concat();
        for (rowid, mut values) in rows {
            if let Some(value) = self.counted.and_then(|(i, _)| values.get_mut(i)) {
                *value = RawValue::Integer(rowid);
            }
            let mut literals = rowid.to_string();
            for value in values {
                literals.push_str(", ");
                literal(value, &mut literals);
            }
            literals.push(')');
            run(&db, &[&front[..], literals.as_bytes()].concat())?;
        }
        if let Some((_, sequence)) = self.counted {
            let mut name = String::new();
            literal(RawValue::Text(self.name.as_bytes()), &mut name);
            run(&db, b"DELETE FROM sqlite_sequence")?;
            let sql =
                format!("INSERT INTO sqlite_sequence (name, seq) VALUES ({name}, {sequence})");
            run(&db, sql.as_bytes())?;
        }
        run(&db, b"COMMIT")?;
        db.serialized()
    }

    /// The rowid's name; a column of that name hides it, and there are two more.
    fn rowid(&self) -> &'static [u8] {
        let is_free = |alias: &&str| !self.columns.iter().any(|c| c.eq_ignore_ascii_case(alias));
        let alias = ["rowid", "_rowid_", "oid"].into_iter().find(is_free);
        alias.unwrap_or("rowid").as_bytes()
    }
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
        RawValue::Missing
        | RawValue::Null
        | RawValue::Blank
        | RawValue::Bare
        | RawValue::Json(_) => {
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
