//! A second connection to a database, for the queries of whoever looks at it. This file is made for `unsafe`.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::rc::Rc;

use rusqlite::ffi;

use super::{Db, MAIN, MAX_LENGTH, SqlError, Stmt, TICK, tick};

/// Operations of SQLite's virtual machine that one tick of the budget stands for.
pub(in crate::ingest::sqlite) const OPERATIONS: u64 = TICK.unsigned_abs() as u64;

/// Pragmas that describe what is there, and change nothing whatever they are given.
const PRAGMAS: [&[u8]; 7] = [
    b"table_info",
    b"table_xinfo",
    b"table_list",
    b"index_list",
    b"index_info",
    b"index_xinfo",
    b"foreign_key_list",
];
/// Pragmas that tell a number or a name, and change it if they are given one.
const ASKED: [&[u8]; 6] = [
    b"page_count",
    b"page_size",
    b"freelist_count",
    b"encoding",
    b"user_version",
    b"application_id",
];

impl Db {
    /// A connection to the same database that runs any query and nothing else.
    pub(in crate::ingest::sqlite) fn console(self: &Rc<Self>) -> Result<Rc<Self>, SqlError> {
        let below = Some(Rc::clone(self));
        let db = Self::connect(MAIN, ffi::SQLITE_OPEN_READONLY, None, below)?;
        for (what, on) in [
            (ffi::SQLITE_DBCONFIG_DEFENSIVE, true),
            (ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
            (ffi::SQLITE_DBCONFIG_DQS_DML, false),
        ] {
            db.configure(what, on)?;
        }
        for (what, limit) in [
            (
                ffi::SQLITE_LIMIT_LENGTH,
                c_int::try_from(MAX_LENGTH).unwrap_or(c_int::MAX),
            ),
            (ffi::SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
            (ffi::SQLITE_LIMIT_EXPR_DEPTH, 500),
            (ffi::SQLITE_LIMIT_COMPOUND_SELECT, 500),
            (ffi::SQLITE_LIMIT_ATTACHED, 0),
            (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
            (ffi::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            db.limit(what, limit);
        }
        for pragma in [
            &b"PRAGMA temp_store=MEMORY"[..],
            b"PRAGMA cell_size_check=ON",
            b"PRAGMA query_only=ON",
            b"PRAGMA mmap_size=0",
        ] {
            db.prepare(pragma)?.step()?;
        }
        if self.is_tolerant.get() {
            db.tolerate_damaged_schema()?;
        }
        // SAFETY: the watch is owned by `db` and so outlives the connection; `authorize` needs no data.
        unsafe {
            let watch = Rc::as_ptr(&db.watch).cast_mut().cast::<c_void>();
            ffi::sqlite3_progress_handler(db.raw, TICK, Some(tick), watch);
            ffi::sqlite3_set_authorizer(db.raw, Some(authorize), ptr::null_mut());
        }
        Ok(db)
    }

    /// Compiles one query; how many bytes of `sql` it took.
    pub(in crate::ingest::sqlite) fn query(
        self: &Rc<Self>,
        sql: &[u8],
    ) -> Result<(Stmt, usize), SqlError> {
        self.compile(sql, 0)
    }

    /// The byte of the text at which the last error lies, if it lies at one.
    pub(in crate::ingest::sqlite) fn error_offset(&self) -> Option<u32> {
        // SAFETY: the connection is open.
        u32::try_from(unsafe { ffi::sqlite3_error_offset(self.raw) }).ok()
    }

    /// The host's error, if it is what lies behind the last error of SQLite.
    pub(in crate::ingest::sqlite) fn below_host_error(&self) -> Option<crate::error::Error> {
        self.below.as_ref()?.host_error()
    }

    /// How many ticks the steps to come may take.
    pub(in crate::ingest::sqlite) fn set_budget(&self, ticks: u64) {
        self.watch.ticks_left.set(ticks);
    }
}

impl Stmt {
    /// Moves on to the next row within what is left of the budget.
    pub(in crate::ingest::sqlite) fn step_within(&mut self) -> Result<bool, SqlError> {
        self.step_on()
    }

    /// The names of the columns.
    pub(in crate::ingest::sqlite) fn column_names(&self) -> Vec<String> {
        // SAFETY: the statement is ours; a name ends in NUL, is null only for lack of memory, and is copied at once.
        unsafe {
            (0..ffi::sqlite3_column_count(self.raw))
                .map(|i| ffi::sqlite3_column_name(self.raw, i))
                .map(|name| {
                    if name.is_null() {
                        return String::new();
                    }
                    CStr::from_ptr(name).to_string_lossy().into_owned()
                })
                .collect()
        }
    }
}

impl SqlError {
    /// The budget is used up.
    pub(in crate::ingest::sqlite) fn is_interrupted(&self) -> bool {
        self.primary() == ffi::SQLITE_INTERRUPT
    }
}

/// Lets queries pass, with all functions but the one that loads code, and pragmas that describe.
unsafe extern "C" fn authorize(
    _: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    let bytes = |text: *const c_char| {
        if text.is_null() {
            return None;
        }
        // SAFETY: SQLite passes names that end in NUL.
        Some(unsafe { CStr::from_ptr(text) }.to_bytes())
    };
    let is_allowed = match action {
        ffi::SQLITE_SELECT | ffi::SQLITE_READ | ffi::SQLITE_RECURSIVE => true,
        ffi::SQLITE_FUNCTION => {
            bytes(second).is_some_and(|name| !name.eq_ignore_ascii_case(b"load_extension"))
        }
        ffi::SQLITE_PRAGMA => {
            let name = bytes(first).unwrap_or_default().to_ascii_lowercase();
            PRAGMAS.contains(&&name[..]) || (second.is_null() && ASKED.contains(&&name[..]))
        }
        _ => false,
    };
    if is_allowed {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_DENY
    }
}
