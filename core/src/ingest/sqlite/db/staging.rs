//! A connection to a database in memory on which the statements of a SQL dump are run, and what they have a right to.
//! This file is made for `unsafe`.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::rc::Rc;
use std::slice;

use memchr::memmem;
use rusqlite::ffi;

use super::{Db, MAX_LENGTH, SqlError, TICK, Watch, tick};

/// What `replace` may make in one statement, as a multiple of the statement's length. The sqlite3 shell writes at most two
/// of them, one in the other, around each text, and each makes less than it is given.
const REPLACED: usize = 8;
/// The same for a short statement.
const REPLACED_LEAST: usize = 64 * 1024;

/// What the statement that is being compiled has a right to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest::sqlite) enum Rights {
    /// It is one of ours.
    #[default]
    Own,
    /// It defines a table.
    Define,
    /// It inserts one row of values.
    Insert,
}

/// What watches over foreign statements.
#[derive(Default)]
pub(super) struct Guard {
    rights: Cell<Rights>,
    /// What was refused last, for people.
    refused: RefCell<Option<String>>,
    /// Bytes that `replace` may still make.
    replaced: Cell<usize>,
}

impl Db {
    /// Opens a connection to an empty database in memory that runs foreign statements within their rights.
    pub(in crate::ingest::sqlite) fn staging() -> Result<Rc<Self>, SqlError> {
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_MEMORY;
        let db = Self::connect(c":memory:", flags, None, None)?;
        for (what, on) in [
            (ffi::SQLITE_DBCONFIG_DEFENSIVE, true),
            (ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_FKEY, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
            // Whoever restores a dump takes "text" for a text where no column has that name.
            (ffi::SQLITE_DBCONFIG_DQS_DDL, true),
            (ffi::SQLITE_DBCONFIG_DQS_DML, true),
        ] {
            db.configure(what, on)?;
        }
        let longest = c_int::try_from(MAX_LENGTH).unwrap_or(c_int::MAX);
        for (what, limit) in [
            (ffi::SQLITE_LIMIT_LENGTH, longest),
            (ffi::SQLITE_LIMIT_SQL_LENGTH, longest),
            (ffi::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (ffi::SQLITE_LIMIT_COMPOUND_SELECT, 2),
            (ffi::SQLITE_LIMIT_VDBE_OP, 100_000),
            (ffi::SQLITE_LIMIT_ATTACHED, 0),
            (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64),
            (ffi::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
            (ffi::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            db.limit(what, limit);
        }
        db.prepare(b"PRAGMA temp_store=MEMORY")?.step()?;
        let watch = Rc::as_ptr(&db.watch).cast_mut().cast::<c_void>();
        let kind = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
        // SAFETY: the watch is owned by `db` and so outlives the connection; the name ends in NUL.
        let code = unsafe {
            ffi::sqlite3_progress_handler(db.raw, TICK, Some(tick), watch);
            ffi::sqlite3_set_authorizer(db.raw, Some(authorize), watch);
            let (name, call) = (
                c"replace".as_ptr(),
                Some(replace as unsafe extern "C" fn(_, _, _)),
            );
            ffi::sqlite3_create_function_v2(db.raw, name, 3, kind, watch, call, None, None, None)
        };
        if code == ffi::SQLITE_OK {
            Ok(db)
        } else {
            Err(db.failure(code))
        }
    }

    /// Runs one foreign statement, which must be the whole of `sql` and must yield nothing.
    pub(in crate::ingest::sqlite) fn run(
        self: &Rc<Self>,
        sql: &[u8],
        rights: Rights,
    ) -> Result<(), SqlError> {
        let guard = &self.watch.guard;
        guard.rights.set(rights);
        guard
            .replaced
            .set(sql.len().saturating_mul(REPLACED).max(REPLACED_LEAST));
        let result = self.compile(sql, 0).and_then(|(mut stmt, len)| {
            let rest = sql.get(len..).unwrap_or_default();
            if !rest.trim_ascii().is_empty() {
                return Err(SqlError {
                    code: ffi::SQLITE_ERROR,
                    message: "it is more than one statement".to_owned(),
                });
            }
            stmt.step()
        });
        guard.rights.set(Rights::Own);
        let refused = guard.refused.borrow_mut().take();
        match (result, refused) {
            (Ok(_), _) => Ok(()),
            // SQLite itself calls a function that is refused an error like any other.
            (Err(_), Some(message)) => Err(SqlError {
                code: ffi::SQLITE_AUTH,
                message,
            }),
            (Err(error), None) => Err(error),
        }
    }

    /// The database in memory as the file that it would be.
    pub(in crate::ingest::sqlite) fn serialized(&self) -> Result<Vec<u8>, SqlError> {
        let mut len = 0;
        // SAFETY: the connection is open, the name ends in NUL, `len` is writable; without flags SQLite makes a copy of
        // `len` bytes, which is ours until it is freed.
        unsafe {
            let data = ffi::sqlite3_serialize(self.raw, c"main".as_ptr(), &raw mut len, 0);
            if data.is_null() {
                return Err(SqlError::from_code(ffi::SQLITE_NOMEM));
            }
            let bytes = slice::from_raw_parts(data, usize::try_from(len).unwrap_or(0)).to_vec();
            ffi::sqlite3_free(data.cast::<c_void>());
            Ok(bytes)
        }
    }
}

/// Lets a foreign statement do what it has a right to, and remembers what was refused.
///
/// A row of values may call the functions that dumpers write; all three take time linear in what they are given. It may
/// hold no query: without one nothing in an expression repeats, so that its cost is that of its text.
unsafe extern "C" fn authorize(
    watch: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    database: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: it is the watch that `staging` registered.
    let guard = unsafe { &(*watch.cast_const().cast::<Watch>()).guard };
    let text = |text: *const c_char| {
        if text.is_null() {
            return String::new();
        }
        // SAFETY: SQLite passes names that end in NUL.
        unsafe { CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned()
    };
    let is_allowed = match (guard.rights.get(), action) {
        (Rights::Own, _)
        | (
            Rights::Define,
            ffi::SQLITE_CREATE_TABLE
            | ffi::SQLITE_CREATE_INDEX
            | ffi::SQLITE_REINDEX
            | ffi::SQLITE_INSERT
            | ffi::SQLITE_UPDATE
            | ffi::SQLITE_READ
            | ffi::SQLITE_FUNCTION,
        )
        | (Rights::Insert, ffi::SQLITE_INSERT) => true,
        (Rights::Insert, ffi::SQLITE_FUNCTION) => {
            let name = text(second);
            ["char", "replace", "unistr"].contains(&name.to_ascii_lowercase().as_str())
        }
        _ => false,
    };
    // A temporary table would not be restored.
    let is_temporary = guard.rights.get() == Rights::Define && text(database) == "temp";
    if is_allowed && !is_temporary {
        return ffi::SQLITE_OK;
    }
    let what = match action {
        ffi::SQLITE_FUNCTION => format!("it calls the function {}", text(second)),
        ffi::SQLITE_SELECT => "it holds a query".to_owned(),
        ffi::SQLITE_RECURSIVE => "it holds a recursive query".to_owned(),
        ffi::SQLITE_READ => format!("it reads the table {}", text(first)),
        ffi::SQLITE_CREATE_TEMP_TABLE => "it makes a temporary table".to_owned(),
        _ => "it does what is not allowed here".to_owned(),
    };
    if let Ok(mut refused) = guard.refused.try_borrow_mut() {
        refused.get_or_insert(what);
    }
    ffi::SQLITE_DENY
}

/// SQLite's `replace(text, pattern, with)`, to the byte, but in linear time and within what the statement may make: theirs
/// compares a long pattern anew at every place.
unsafe extern "C" fn replace(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    arguments: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite passes three arguments, and the watch that `staging` registered; a text stays as long as its value
    // is asked for nothing else.
    let (guard, [text, pattern, with]) = unsafe {
        let watch = ffi::sqlite3_user_data(context).cast_const().cast::<Watch>();
        let argument = |i| text_of(*arguments.add(i));
        (&(*watch).guard, [argument(0), argument(1), argument(2)])
    };
    // One that is NULL makes the result NULL, which is what a function gives that says nothing.
    let (Some(text), Some(pattern)) = (text, pattern) else {
        return;
    };
    let mut made = Vec::new();
    let result = if matches!(pattern, [] | [0, ..]) {
        text
    } else if let Some(with) = with {
        let mut rest = 0;
        let budget = guard.replaced.get();
        for at in memmem::find_iter(text, pattern) {
            made.extend_from_slice(&text[rest..at]);
            made.extend_from_slice(with);
            rest = at + pattern.len();
            if made.len() > budget {
                const WHY: &CStr = c"replace() makes a text far longer than the statement";
                // SAFETY: SQLite passes its context and copies the text.
                unsafe { ffi::sqlite3_result_error(context, WHY.as_ptr(), -1) };
                return;
            }
        }
        made.extend_from_slice(&text[rest..]);
        guard.replaced.set(budget.saturating_sub(made.len()));
        &made
    } else {
        return;
    };
    let encoding = u8::try_from(ffi::SQLITE_UTF8).unwrap_or(1);
    // SAFETY: SQLite passes its context and copies the text.
    unsafe {
        ffi::sqlite3_result_text64(
            context,
            result.as_ptr().cast::<c_char>(),
            result.len() as u64,
            ffi::SQLITE_TRANSIENT(),
            encoding,
        );
    };
}

/// The value as text; `None` if it is NULL.
///
/// # Safety
///
/// The value must live for `'v` and be asked for nothing else meanwhile.
unsafe fn text_of<'v>(value: *mut ffi::sqlite3_value) -> Option<&'v [u8]> {
    // SAFETY: the caller's promise; `sqlite3_value_bytes` tells the bytes behind the pointer.
    unsafe {
        let data = ffi::sqlite3_value_text(value);
        if data.is_null() {
            return None;
        }
        let len = usize::try_from(ffi::sqlite3_value_bytes(value)).unwrap_or(0);
        Some(slice::from_raw_parts(data, len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SQLite's own `replace` and ours make of the same arguments.
    #[test]
    fn replace_is_as_sqlite_has_it() {
        let theirs = rusqlite::Connection::open_in_memory().unwrap();
        let ours = Db::staging().unwrap();
        ours.prepare(b"CREATE TABLE t (a BLOB)")
            .unwrap()
            .step()
            .unwrap();
        let values = [
            "''",
            "'a'",
            "'aa'",
            "'aaa'",
            "'ab'",
            "'aab'",
            "'abababa'",
            "NULL",
            "12",
            "1.5",
            "-0.0",
            "x''",
            "x'00'",
            "x'6100'",
            "x'ff61'",
            "char(0)",
            "char(97,0,98)",
            "'é'",
            "'\\n'",
        ];
        let mut compared = 0;
        for text in values {
            for pattern in values {
                for with in values {
                    let call = format!("replace({text}, {pattern}, {with})");
                    ours.prepare(b"DELETE FROM t").unwrap().step().unwrap();
                    ours.run(
                        format!("INSERT INTO t VALUES ({call})").as_bytes(),
                        Rights::Insert,
                    )
                    .unwrap();
                    let mut stmt = ours.prepare(b"SELECT typeof(a) || hex(a) FROM t").unwrap();
                    let got = stmt.step().map(|_| stmt.text(0).to_vec());
                    let sql = format!("SELECT typeof(r) || hex(r) FROM (SELECT {call} AS r)");
                    let expected: String = theirs.query_row(&sql, [], |row| row.get(0)).unwrap();
                    assert_eq!(got, Ok(expected.into_bytes()), "{call}");
                    compared += 1;
                }
            }
        }
        assert_eq!(compared, values.len().pow(3));
    }

    #[test]
    fn a_foreign_statement_keeps_within_its_rights() {
        let db = Db::staging().unwrap();
        db.prepare(b"CREATE TABLE t (a)").unwrap().step().unwrap();
        let refused = |sql: &str, rights, why: &str| {
            let error = db.run(sql.as_bytes(), rights).expect_err(sql);
            assert!(error.to_string().contains(why), "{sql}: {error}");
        };
        for (value, why) in [
            ("(SELECT 1)", "query"),
            ("(SELECT a FROM t)", "the table t"),
            ("(VALUES (1))", "query"),
            ("EXISTS (SELECT 1)", "query"),
            ("1 IN (SELECT 1)", "query"),
            ("1 IN t", "t"),
            (
                "(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i FROM n) SELECT i FROM n)",
                "",
            ),
            ("random()", "random"),
            ("zeroblob(1000000000)", "zeroblob"),
            ("printf('%1000000d', 1)", "printf"),
            ("CURRENT_TIMESTAMP", "current_timestamp"),
            ("'a' LIKE '%a%'", "like"),
            ("load_extension('x')", "load_extension"),
            ("readfile('x')", "readfile"),
            ("a", ""),
            ("count(*)", ""),
        ] {
            refused(
                &format!("INSERT INTO t VALUES ({value})"),
                Rights::Insert,
                why,
            );
        }
        for sql in [
            "ATTACH 'x' AS y",
            "PRAGMA writable_schema=ON",
            "DELETE FROM t",
            "UPDATE t SET a = 1",
            "DROP TABLE t",
            "CREATE TABLE u (a)",
            "INSERT INTO t VALUES (1); DELETE FROM t",
        ] {
            refused(sql, Rights::Insert, "");
        }
        for sql in [
            "CREATE TABLE u AS SELECT 1",
            "CREATE TEMP TABLE u (a)",
            "CREATE TABLE temp.u (a)",
            "CREATE VIRTUAL TABLE u USING fts5(a)",
            "CREATE VIEW u AS SELECT 1",
            "CREATE TRIGGER u AFTER INSERT ON t BEGIN SELECT 1; END",
            "DROP TABLE t",
            "ATTACH 'x' AS y",
        ] {
            refused(sql, Rights::Define, "");
        }
        db.run(
            b"INSERT INTO t VALUES (unistr('a\\u000a') || CAST(x'62' AS TEXT))",
            Rights::Insert,
        )
        .unwrap();
        let mut stmt = db.prepare(b"SELECT hex(a) FROM t").unwrap();
        assert_eq!(stmt.step().map(|_| stmt.text(0)), Ok(&b"610A62"[..]));
        assert_eq!(stmt.step(), Ok(false), "only one row was inserted");
    }

    #[test]
    fn replace_cannot_blow_up() {
        let db = Db::staging().unwrap();
        db.prepare(b"CREATE TABLE t (a)").unwrap().step().unwrap();
        let (text, with) = ("a".repeat(10_000), "b".repeat(10_000));
        let sql = format!("INSERT INTO t VALUES (replace('{text}', 'a', '{with}'))");
        let error = db.run(sql.as_bytes(), Rights::Insert).unwrap_err();
        assert!(error.to_string().contains("far longer"), "{error}");
    }
}
