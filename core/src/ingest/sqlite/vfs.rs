//! A read-only SQLite VFS over one [`Image`]. One is registered for each opened database and removed with it.
//!
//! SQLite is given no other file: no journal, no log, no temporary file, no clock and no entropy. A failing host does
//! not get lost in an error number: its error is kept here. This file is made for `unsafe`.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use rusqlite::ffi;

use super::db::SqlError;
use super::image::Image;

/// The one file there is.
pub(super) const MAIN: &CStr = c"main";

/// A registered VFS. It must outlive every connection that was opened with it.
pub(super) struct Vfs {
    /// Made by `Box::into_raw` and freed on drop; SQLite links it into its list of VFSes.
    raw: *mut ffi::sqlite3_vfs,
    /// Made by `Box::into_raw` and freed on drop; `pAppData` of `raw`.
    host: *mut Host,
    name: CString,
}

/// What the callbacks need.
struct Host {
    image: Rc<Image>,
    /// Set where one page is shown with another content than it has.
    lens: Option<RefCell<Shown>>,
    error: RefCell<Option<io::Error>>,
}

/// A page as it is shown in place of its own content.
#[derive(Default)]
struct Shown {
    /// The page's number; 0 if none is shown.
    page: u32,
    content: Vec<u8>,
    /// Goes up with each content, so that SQLite does not go by what it remembers.
    version: u32,
}

/// An open file, as SQLite allocates it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    host: *const Host,
}

impl Vfs {
    /// Registers a VFS under a name that nobody else has. `is_lens`: one that can show a page with another content.
    pub(super) fn register(image: Rc<Image>, is_lens: bool) -> Result<Self, SqlError> {
        let host = Box::into_raw(Box::new(Host {
            image,
            lens: is_lens.then(RefCell::default),
            error: RefCell::new(None),
        }));
        // The address is nobody else's for as long as the VFS lives.
        let name = CString::new(format!("auditglass-{:x}", host.addr())).unwrap_or_default();
        let raw = Box::into_raw(Box::new(ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX),
            mxPathname: 64,
            pNext: ptr::null_mut(),
            zName: name.as_ptr(),
            pAppData: host.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: Some(dl_open),
            xDlError: Some(dl_error),
            xDlSym: None,
            xDlClose: Some(dl_close),
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(get_last_error),
            xCurrentTimeInt64: Some(current_time_int64),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        let vfs = Self { raw, host, name };
        // SAFETY: `raw` is a complete VFS; it and all it points to live until `drop` has unregistered it.
        let code = unsafe { ffi::sqlite3_vfs_register(raw, 0) };
        if code == ffi::SQLITE_OK {
            Ok(vfs)
        } else {
            Err(SqlError::from_code(code))
        }
    }

    pub(super) fn name(&self) -> &CStr {
        &self.name
    }

    pub(super) fn image(&self) -> &Rc<Image> {
        &self.host().image
    }

    fn host(&self) -> &Host {
        // SAFETY: `host` lives until `drop`, and nobody has a mutable reference to it.
        unsafe { &*self.host }
    }

    /// Whether a page can be shown with another content.
    pub(super) fn is_lens(&self) -> bool {
        self.host().lens.is_some()
    }

    /// Shows `content` as the content of `page` from the next statement on.
    pub(super) fn show(&self, page: u32, content: Vec<u8>) {
        if let Some(lens) = &self.host().lens
            && let Ok(mut lens) = lens.try_borrow_mut()
        {
            lens.page = page;
            lens.content = content;
            lens.version = lens.version.wrapping_add(1);
        }
    }

    /// The host's error since the last call, if it had one.
    pub(super) fn take_host_error(&self) -> Option<io::Error> {
        self.host().error.try_borrow_mut().ok()?.take()
    }
}

impl Drop for Vfs {
    fn drop(&mut self) {
        // SAFETY: `raw` and `host` came from `Box::into_raw` and are freed only here. No connection uses them any more
        // (the owner closes its own first), and once unregistered SQLite does not know them. Unregistering what was
        // never registered does nothing.
        unsafe {
            ffi::sqlite3_vfs_unregister(self.raw);
            drop(Box::from_raw(self.raw));
            drop(Box::from_raw(self.host));
        }
    }
}

impl Host {
    fn read(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.image.read_at(offset, buf)?;
        if let Some(lens) = &self.lens
            && let Ok(lens) = lens.try_borrow()
            && lens.page > 0
        {
            // The change counter, and the number that vouches for the size in the header as long as it is the same.
            let header = self.image.header()?;
            let version = lens.version.to_be_bytes();
            lay_over(buf, offset, 24, &version);
            if header[24..28] == header[92..96] {
                lay_over(buf, offset, 92, &version);
            }
            let start = u64::from(lens.page - 1) * self.image.page_size() as u64;
            lay_over(buf, offset, start, &lens.content);
        }
        Ok(n)
    }
}

/// Lays the bytes that belong at `at` over those of `buf`, which begins at `offset`.
fn lay_over(buf: &mut [u8], offset: u64, at: u64, bytes: &[u8]) {
    let end = offset + buf.len() as u64;
    let (from, to) = (at.max(offset), (at + bytes.len() as u64).min(end));
    if from >= to {
        return;
    }
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    buf[index(from - offset)..index(to - offset)]
        .copy_from_slice(&bytes[index(from - at)..index(to - at)]);
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes the VFS that was registered, `szOsFile` writable bytes for the file, a name that is null or
    // ends in NUL, and `out_flags` that is null or writable.
    unsafe {
        // Null tells SQLite not to call `xClose` if this fails.
        (*file).pMethods = ptr::null();
        let is_main = flags & ffi::SQLITE_OPEN_MAIN_DB != 0;
        if !is_main || name.is_null() || CStr::from_ptr(name) != MAIN {
            return ffi::SQLITE_CANTOPEN;
        }
        let host = (*vfs).pAppData.cast_const().cast::<Host>();
        file.cast::<File>().write(File {
            base: ffi::sqlite3_file { pMethods: &METHODS },
            host,
        });
        if !out_flags.is_null() {
            *out_flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_MAIN_DB;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buf: *mut c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(amount), Ok(offset)) = (usize::try_from(amount), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: `file` was filled by `open`, the host lives as long as the VFS, and SQLite passes `amount` bytes to write
    // to. They need not be initialised, hence the zeros before a slice is made of them.
    let (host, buf) = unsafe {
        ptr::write_bytes(buf.cast::<u8>(), 0, amount);
        (
            &*(*file.cast::<File>()).host,
            std::slice::from_raw_parts_mut(buf.cast::<u8>(), amount),
        )
    };
    // The host's own code runs here; a panic in it must not unwind into C.
    let result = catch_unwind(AssertUnwindSafe(|| host.read(offset, buf)))
        .unwrap_or_else(|_| Err(io::Error::other("the reader failed")));
    match result {
        Ok(n) if n == amount => ffi::SQLITE_OK,
        Ok(_) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(error) => {
            if let Ok(mut slot) = host.error.try_borrow_mut() {
                slot.get_or_insert(error);
            }
            ffi::SQLITE_IOERR_READ
        }
    }
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `file` was filled by `open`; `size` is writable.
    unsafe {
        let host = &*(*file.cast::<File>()).host;
        *size = i64::try_from(host.image.size()).unwrap_or(i64::MAX);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn write(
    _: *mut ffi::sqlite3_file,
    _: *const c_void,
    _: c_int,
    _: ffi::sqlite3_int64,
) -> c_int {
    ffi::SQLITE_READONLY
}

unsafe extern "C" fn truncate(_: *mut ffi::sqlite3_file, _: ffi::sqlite3_int64) -> c_int {
    ffi::SQLITE_READONLY
}

unsafe extern "C" fn sync(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes a writable place.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// Immutable: SQLite then looks for no journal and no log, and takes no lock. Not so where what is shown changes: there it
/// looks at the change counter before each statement, and is told that there is no journal.
unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: `file` was filled by `open`, and the host lives as long as the VFS.
    let host = unsafe { &*(*file.cast::<File>()).host };
    match host.lens {
        Some(_) => 0,
        None => ffi::SQLITE_IOCAP_IMMUTABLE,
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, _: *const c_char, _: c_int) -> c_int {
    ffi::SQLITE_IOERR_DELETE
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    _: *const c_char,
    _: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a writable place.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    len: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes a name that ends in NUL and `len` writable bytes.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes_with_nul();
        if usize::try_from(len).is_ok_and(|len| name.len() <= len) {
            ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len());
            return ffi::SQLITE_OK;
        }
    }
    ffi::SQLITE_CANTOPEN
}

unsafe extern "C" fn dl_open(_: *mut ffi::sqlite3_vfs, _: *const c_char) -> *mut c_void {
    ptr::null_mut()
}

unsafe extern "C" fn dl_error(_: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) {
    if len > 0 {
        // SAFETY: SQLite passes `len` writable bytes.
        unsafe { *out = 0 };
    }
}

unsafe extern "C" fn dl_close(_: *mut ffi::sqlite3_vfs, _: *mut c_void) {}

/// Nothing that only reads needs entropy, and the same file shall give the same answers.
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    if let Ok(n) = usize::try_from(len) {
        // SAFETY: SQLite passes `len` writable bytes.
        unsafe { ptr::write_bytes(out, 0, n) };
    }
    len
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, _: c_int) -> c_int {
    0
}

/// 1970-01-01 as a Julian day.
const EPOCH_DAYS: f64 = 2_440_587.5;
/// The same in milliseconds.
const EPOCH_MS: i64 = 210_866_760_000_000;

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite passes a writable place.
    unsafe { *out = EPOCH_DAYS };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_int64(
    _: *mut ffi::sqlite3_vfs,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes a writable place.
    unsafe { *out = EPOCH_MS };
    ffi::SQLITE_OK
}

unsafe extern "C" fn get_last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
