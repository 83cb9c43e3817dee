//! A connection and its statements, as far as reading needs them. This file is made for `unsafe`.
//!
//! rusqlite's own types would cost a check and a copy for each value; here a row's values are borrowed from SQLite
//! until the statement moves on, which the borrow checker enforces.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::fmt;
use std::ptr;
use std::rc::Rc;
use std::slice;

use rusqlite::ffi;

pub(super) use self::console::OPERATIONS;
pub(super) use self::staging::Rights;

use self::staging::Guard;
use super::vfs::{MAIN, Vfs};
use crate::entry::RawValue;
use crate::error::Error;

mod console;
mod staging;

/// The longest text, blob or row that is read, in bytes.
const MAX_LENGTH: u64 = 300_000_000;
/// Operations of SQLite's virtual machine between two looks at the budget.
const TICK: c_int = 1000;
/// Ticks that one step may take. A row takes a few dozen operations; 50 million are a runaway.
const STEP_TICKS: u64 = 50_000;

/// What SQLite answered in place of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SqlError {
    code: c_int,
    message: String,
}

impl SqlError {
    /// An error of which only the number is known.
    pub(super) fn from_code(code: c_int) -> Self {
        // SAFETY: `sqlite3_errstr` gives a static text that ends in NUL for every number.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errstr(code)) };
        Self {
            code,
            message: message.to_string_lossy().into_owned(),
        }
    }

    fn primary(&self) -> c_int {
        self.code & 0xff
    }

    /// A statement does what it has no right to.
    pub(super) fn is_refusal(&self) -> bool {
        self.primary() == ffi::SQLITE_AUTH
    }

    /// A value or a row is longer than the limit.
    pub(super) fn is_too_big(&self) -> bool {
        self.primary() == ffi::SQLITE_TOOBIG
    }

    /// The bytes contradict themselves.
    pub(super) fn is_corrupt(&self) -> bool {
        matches!(self.primary(), ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB)
    }

    /// One row or page is at fault: those around it may be in order. An expression that fails is such a case.
    pub(super) fn concerns_a_row(&self) -> bool {
        self.is_corrupt() || self.is_too_big() || self.primary() == ffi::SQLITE_ERROR
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Ends a step that runs away.
struct Watch {
    ticks_left: Cell<u64>,
    guard: Guard,
}

/// A connection: a read-only one to the database of a [`Vfs`], or one to a database in memory that stages statements.
pub(super) struct Db {
    raw: *mut ffi::sqlite3,
    watch: Rc<Watch>,
    is_tolerant: Cell<bool>,
    /// Dropped after `drop` has closed the connection.
    vfs: Option<Vfs>,
    /// The connection whose VFS this one reads through.
    below: Option<Rc<Db>>,
}

impl Db {
    /// Opens a connection and takes from it every right but to read.
    pub(super) fn open(vfs: Vfs) -> Result<Rc<Self>, SqlError> {
        // No value can be longer than the file that holds it; UTF-16 grows by half on its way out. The smaller limit
        // keeps the functions of a hostile schema small too.
        let longest = vfs.image().size().saturating_mul(2);
        let db = Self::connect(MAIN, ffi::SQLITE_OPEN_READONLY, Some(vfs), None)?;
        db.restrict(longest.clamp(1_000_000, MAX_LENGTH))?;
        Ok(db)
    }

    /// Opens a file of this VFS, of the VFS of another connection, or of SQLite's own.
    fn connect(
        file: &CStr,
        flags: c_int,
        vfs: Option<Vfs>,
        below: Option<Rc<Self>>,
    ) -> Result<Rc<Self>, SqlError> {
        let mut raw = ptr::null_mut();
        let flags = flags | ffi::SQLITE_OPEN_NOMUTEX | ffi::SQLITE_OPEN_EXRESCODE;
        let shared = below.as_ref().and_then(|db| db.vfs.as_ref());
        let name = vfs.as_ref().or(shared);
        let name = name.map_or(ptr::null(), |v| v.name().as_ptr());
        // SAFETY: the names end in NUL or are null; the VFS is registered; `raw` is writable.
        let code = unsafe { ffi::sqlite3_open_v2(file.as_ptr(), &raw mut raw, flags, name) };
        let watch = Rc::new(Watch {
            ticks_left: Cell::new(STEP_TICKS),
            guard: Guard::default(),
        });
        // From here on `drop` closes `raw`, which may be open even after a failure.
        let db = Rc::new(Self {
            raw,
            watch,
            is_tolerant: Cell::new(false),
            vfs,
            below,
        });
        if code == ffi::SQLITE_OK {
            Ok(db)
        } else {
            Err(db.failure(code))
        }
    }

    fn restrict(self: &Rc<Self>, longest: u64) -> Result<(), SqlError> {
        for (what, on) in [
            (ffi::SQLITE_DBCONFIG_DEFENSIVE, true),
            (ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
            (ffi::SQLITE_DBCONFIG_DQS_DML, false),
        ] {
            self.configure(what, on)?;
        }
        let longest = c_int::try_from(longest).unwrap_or(c_int::MAX);
        for (what, limit) in [
            (ffi::SQLITE_LIMIT_LENGTH, longest),
            (ffi::SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
            (ffi::SQLITE_LIMIT_EXPR_DEPTH, 500),
            (ffi::SQLITE_LIMIT_COMPOUND_SELECT, 500),
            (ffi::SQLITE_LIMIT_VDBE_OP, 100_000),
            (ffi::SQLITE_LIMIT_ATTACHED, 0),
            (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64),
            (ffi::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
            (ffi::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            self.limit(what, limit);
        }
        for pragma in [
            &b"PRAGMA temp_store=MEMORY"[..],
            // Where pages are looked at one by one, each cell stands for itself.
            if self.vfs.as_ref().is_some_and(Vfs::is_lens) {
                &b"PRAGMA cell_size_check=OFF"[..]
            } else {
                b"PRAGMA cell_size_check=ON"
            },
            b"PRAGMA query_only=ON",
            b"PRAGMA mmap_size=0",
        ] {
            self.prepare(pragma)?.step()?;
        }
        for (name, arguments) in SLOW_FUNCTIONS {
            let kind = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
            // SAFETY: the name ends in NUL, and `refuse` needs no data.
            let code = unsafe {
                let (name, none) = (name.as_ptr(), ptr::null_mut());
                let refuse = Some(refuse as unsafe extern "C" fn(_, _, _));
                ffi::sqlite3_create_function_v2(
                    self.raw, name, arguments, kind, none, refuse, None, None, None,
                )
            };
            if code != ffi::SQLITE_OK {
                return Err(self.failure(code));
            }
        }
        // SAFETY: the watch is owned by `self` and so outlives the connection; `authorize` needs no data.
        unsafe {
            let watch = Rc::as_ptr(&self.watch).cast_mut().cast::<c_void>();
            ffi::sqlite3_progress_handler(self.raw, TICK, Some(tick), watch);
            ffi::sqlite3_set_authorizer(self.raw, Some(authorize), ptr::null_mut());
        }
        Ok(())
    }

    fn limit(&self, what: c_int, limit: c_int) {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_limit(self.raw, what, limit) };
    }

    fn configure(&self, what: c_int, on: bool) -> Result<(), SqlError> {
        // SAFETY: all the switches used here take an int and a pointer to an int, which may be null.
        let code = unsafe {
            ffi::sqlite3_db_config(self.raw, what, c_int::from(on), ptr::null_mut::<c_int>())
        };
        if code == ffi::SQLITE_OK {
            Ok(())
        } else {
            Err(self.failure(code))
        }
    }

    /// Lets SQLite read a schema of which some entries are damaged, leaving those out. Nothing can be written anyway.
    pub(super) fn tolerate_damaged_schema(&self) -> Result<(), SqlError> {
        self.is_tolerant.set(true);
        self.configure(ffi::SQLITE_DBCONFIG_DEFENSIVE, false)?;
        self.configure(ffi::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)
    }

    /// A second connection to the same database, which shows one page with another content ([`Vfs::show`]).
    pub(super) fn open_lens(&self) -> Result<Rc<Self>, SqlError> {
        let lens = Self::open(Vfs::register(Rc::clone(self.vfs().image()), true)?)?;
        if self.is_tolerant.get() {
            lens.tolerate_damaged_schema()?;
        }
        Ok(lens)
    }

    /// The VFS below. Only a staging connection has none, and nobody asks that for it.
    pub(super) fn vfs(&self) -> &Vfs {
        self.vfs.as_ref().expect("a connection to a file")
    }

    /// Compiles one statement.
    pub(super) fn prepare(self: &Rc<Self>, sql: &[u8]) -> Result<Stmt, SqlError> {
        Ok(self.compile(sql, ffi::SQLITE_PREPARE_PERSISTENT)?.0)
    }

    /// Compiles the first statement; how many bytes it is long.
    fn compile(self: &Rc<Self>, sql: &[u8], flags: c_uint) -> Result<(Stmt, usize), SqlError> {
        self.watch.ticks_left.set(STEP_TICKS);
        let mut raw = ptr::null_mut();
        let mut tail = ptr::null();
        let len =
            c_int::try_from(sql.len()).map_err(|_| SqlError::from_code(ffi::SQLITE_TOOBIG))?;
        let flags = flags | ffi::SQLITE_PREPARE_NO_VTAB;
        let text = sql.as_ptr().cast::<c_char>();
        // SAFETY: the connection is open, `sql` has `len` bytes, `raw` and `tail` are writable.
        let code = unsafe {
            ffi::sqlite3_prepare_v3(self.raw, text, len, flags, &raw mut raw, &raw mut tail)
        };
        if code != ffi::SQLITE_OK {
            return Err(self.failure(code));
        }
        if raw.is_null() {
            return Err(SqlError::from_code(ffi::SQLITE_MISUSE));
        }
        let stmt = Stmt {
            raw,
            db: Rc::clone(self),
            out_of_memory: Cell::new(false),
        };
        // `tail` points into `sql` or to its end.
        Ok((stmt, tail.addr().saturating_sub(text.addr())))
    }

    /// The error of the call that just returned `code`.
    fn failure(&self, code: c_int) -> SqlError {
        if self.raw.is_null() {
            return SqlError::from_code(code);
        }
        // SAFETY: the connection is open or at least allocated; the text ends in NUL and is copied at once.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.raw)) };
        SqlError {
            code,
            message: message.to_string_lossy().into_owned(),
        }
    }

    /// The host's error, if it is what lies behind the last error of SQLite.
    pub(super) fn host_error(&self) -> Option<Error> {
        self.vfs.as_ref()?.take_host_error().map(Error::from)
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // SAFETY: every statement holds an `Rc` of this, so none is left; null does nothing. The VFS goes afterwards.
        unsafe { ffi::sqlite3_close(self.raw) };
    }
}

/// Functions that can take longer than their arguments are long, and how many arguments they have. Only a hashed column
/// that is generated could call them here, and in one call of them no budget is looked at.
const SLOW_FUNCTIONS: [(&CStr, c_int); 8] = [
    (c"like", 2),
    (c"like", 3),
    (c"glob", 2),
    (c"replace", 3),
    (c"instr", 2),
    (c"trim", 2),
    (c"ltrim", 2),
    (c"rtrim", 2),
];

unsafe extern "C" fn refuse(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    _: *mut *mut ffi::sqlite3_value,
) {
    const WHY: &CStr = c"a generated column uses a function that is not run here";
    // SAFETY: SQLite passes its context and copies the text.
    unsafe { ffi::sqlite3_result_error(context, WHY.as_ptr(), -1) };
}

unsafe extern "C" fn tick(watch: *mut c_void) -> c_int {
    // SAFETY: it is the watch that `restrict` registered.
    let watch = unsafe { &*watch.cast_const().cast::<Watch>() };
    let left = watch.ticks_left.get();
    watch.ticks_left.set(left.saturating_sub(1));
    c_int::from(left == 0)
}

/// Lets through what this folder does: reading tables, and three pragmas that describe them. Functions occur only in a
/// table's own defaults and generated columns; denying one would deny the table.
unsafe extern "C" fn authorize(
    _: *mut c_void,
    action: c_int,
    detail: *const c_char,
    _: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    match action {
        ffi::SQLITE_SELECT | ffi::SQLITE_READ | ffi::SQLITE_FUNCTION => ffi::SQLITE_OK,
        ffi::SQLITE_PRAGMA if !detail.is_null() => {
            // SAFETY: SQLite passes a pragma's name that ends in NUL.
            let name = unsafe { CStr::from_ptr(detail) }.to_bytes();
            if [&b"table_xinfo"[..], b"index_list", b"index_xinfo"].contains(&name) {
                ffi::SQLITE_OK
            } else {
                ffi::SQLITE_DENY
            }
        }
        _ => ffi::SQLITE_DENY,
    }
}

/// A compiled statement.
pub(super) struct Stmt {
    raw: *mut ffi::sqlite3_stmt,
    db: Rc<Db>,
    out_of_memory: Cell<bool>,
}

impl Stmt {
    /// The connection.
    pub(super) fn db(&self) -> &Rc<Db> {
        &self.db
    }

    /// Starts anew with `value` as its first parameter.
    pub(super) fn restart_with(&mut self, value: i64) -> Result<(), SqlError> {
        self.reset();
        // SAFETY: the statement is ours.
        let code = unsafe { ffi::sqlite3_bind_int64(self.raw, 1, value) };
        if code == ffi::SQLITE_OK {
            Ok(())
        } else {
            Err(self.db.failure(code))
        }
    }

    /// Lets go of the row and of the pages under it.
    pub(super) fn reset(&mut self) {
        // SAFETY: the statement is ours. The code returned is that of the last step, which was told then.
        unsafe { ffi::sqlite3_reset(self.raw) };
        self.out_of_memory.set(false);
    }

    /// Moves on to the next row; false if there is none.
    pub(super) fn step(&mut self) -> Result<bool, SqlError> {
        self.db.watch.ticks_left.set(STEP_TICKS);
        self.step_on()
    }

    /// The same without a budget, for skipping many rows.
    pub(super) fn step_unbounded(&mut self) -> Result<bool, SqlError> {
        self.db.watch.ticks_left.set(u64::MAX);
        self.step_on()
    }

    fn step_on(&mut self) -> Result<bool, SqlError> {
        // SAFETY: the statement is ours.
        match unsafe { ffi::sqlite3_step(self.raw) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(self.db.failure(code)),
        }
    }

    /// The value of a column of the current row, as it is stored; TEXT as UTF-8, whatever the database's encoding.
    pub(super) fn value(&self, column: usize) -> RawValue<'_> {
        let Ok(column) = c_int::try_from(column) else {
            return RawValue::Missing;
        };
        // SAFETY: the statement is ours. The pointers stay valid until it steps, is reset or dropped, all of which need
        // `&mut self` or `self`; no value is asked for in a second type, which might move it. A column that does not
        // exist reads as NULL. `sqlite3_column_bytes` is never negative and tells the bytes behind the pointer.
        unsafe {
            match ffi::sqlite3_column_type(self.raw, column) {
                ffi::SQLITE_INTEGER => {
                    RawValue::Integer(ffi::sqlite3_column_int64(self.raw, column))
                }
                ffi::SQLITE_FLOAT => RawValue::Real(ffi::sqlite3_column_double(self.raw, column)),
                ffi::SQLITE_TEXT => {
                    let data = ffi::sqlite3_column_text(self.raw, column);
                    if data.is_null() {
                        self.out_of_memory.set(true);
                        return RawValue::Text(&[]);
                    }
                    let len = ffi::sqlite3_column_bytes(self.raw, column);
                    RawValue::Text(slice::from_raw_parts(
                        data,
                        usize::try_from(len).unwrap_or(0),
                    ))
                }
                ffi::SQLITE_BLOB => {
                    let data = ffi::sqlite3_column_blob(self.raw, column).cast::<u8>();
                    let len = ffi::sqlite3_column_bytes(self.raw, column);
                    let len = usize::try_from(len).unwrap_or(0);
                    if data.is_null() || len == 0 {
                        self.out_of_memory.set(len > 0);
                        return RawValue::Blob(&[]);
                    }
                    RawValue::Blob(slice::from_raw_parts(data, len))
                }
                _ => RawValue::Null,
            }
        }
    }

    /// The value of an integer column of the current row; 0 if it is none.
    pub(super) fn integer(&self, column: usize) -> i64 {
        match self.value(column) {
            RawValue::Integer(n) => n,
            _ => 0,
        }
    }

    /// The bytes of a text column of the current row; none if it is no text.
    pub(super) fn text(&self, column: usize) -> &[u8] {
        match self.value(column) {
            RawValue::Text(text) => text,
            _ => &[],
        }
    }

    /// Whether a value of the current row could not be had for lack of memory: then the row must not be judged.
    pub(super) fn is_out_of_memory(&self) -> bool {
        self.out_of_memory.get()
    }
}

impl Drop for Stmt {
    fn drop(&mut self) {
        // SAFETY: the statement is ours and finalised only here; its connection is still open.
        unsafe { ffi::sqlite3_finalize(self.raw) };
    }
}

/// The version of SQLite inside.
pub(super) fn version() -> &'static str {
    // SAFETY: a static text that ends in NUL.
    unsafe { CStr::from_ptr(ffi::sqlite3_libversion()) }
        .to_str()
        .unwrap_or("unknown")
}
