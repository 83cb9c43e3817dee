//! A browser `File` as a source of bytes: read by slices, synchronously, inside a worker.

use std::cell::Cell;
use std::io;

use auditglass::{ByteSource, Input};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, File, FileReaderSync};

use super::ahead::Ahead;
use super::fetched::Fetched;
use super::litter;
use super::worker::describe;
use crate::engine::size_of;

/// The bytes of a `File`. A read costs milliseconds whatever its size, so a cache belongs over it.
pub struct BlobSource {
    file: File,
    reader: FileReaderSync,
    len: u64,
    changed: Cell<bool>,
    ahead: Ahead,
    /// Where the sequential reader is that was served last, and where the last lone read ended: it may be the first of
    /// another.
    expected: Cell<[u64; 2]>,
    fetched: Fetched,
}

impl BlobSource {
    /// Takes a file as it is now.
    ///
    /// # Errors
    ///
    /// Outside a worker, where `FileReaderSync` does not exist.
    pub fn new(file: File) -> Result<Self, JsValue> {
        let reader = FileReaderSync::new()?;
        let len = size_of(&file);
        Ok(Self {
            file,
            reader,
            len,
            changed: Cell::new(false),
            ahead: Ahead::default(),
            expected: Cell::new([0; 2]),
            fetched: Fetched::default(),
        })
    }
}

impl ByteSource for BlobSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let start = offset.min(self.len);
        let end = start.saturating_add(buf.len() as u64).min(self.len);
        if start == end {
            return Ok(0);
        }
        // No larger than `buf`.
        #[expect(clippy::cast_possible_truncation)]
        let wanted = (end - start) as usize;
        if self.fetched.take(start, &mut buf[..wanted]) {
            return Ok(wanted);
        }
        let is_next = self.is_next(start, end);
        // A lone read may be of what is about to come, too.
        if self.ahead.read(start, &mut buf[..wanted]) {
            if is_next {
                self.ahead.fetch(&self.file, end, self.len);
            }
            return Ok(wanted);
        }
        let slice = self
            .file
            .slice_with_f64_and_f64(exact(start), exact(end))
            .map_err(|e| self.failed(&e))?;
        let buffer = self
            .reader
            .read_as_array_buffer(&slice)
            .map_err(|e| self.failed(&e))?;
        litter::drop_some();
        let bytes = Uint8Array::new(&buffer);
        let n = bytes.length() as usize;
        // A browser that hands out another number of bytes than asked for has let the file change.
        let Some(target) = buf.get_mut(..n) else {
            self.changed.set(true);
            return Err(io::Error::other(
                "the browser returned more bytes than asked for",
            ));
        };
        bytes.copy_to(target);
        if (n as u64) < end - start {
            self.changed.set(true);
        } else if is_next {
            self.ahead.fetch(&self.file, end, self.len);
        }
        Ok(n)
    }

    fn has_changed(&self) -> bool {
        self.changed.get()
    }

    fn fetch_ahead(&self, places: &[(u64, usize)]) -> bool {
        for &(offset, len) in places {
            self.fetched.fetch(&self.file, offset, len);
        }
        true
    }

    fn is_fetching(&self) -> bool {
        self.fetched.is_fetching()
    }
}

impl BlobSource {
    /// Whether a read follows on another one; remembers it.
    fn is_next(&self, start: u64, end: u64) -> bool {
        let [first, lone] = self.expected.get();
        let is_next = start > 0 && (start == first || start == lone);
        self.expected.set(match (start == first, is_next) {
            (true, _) => [end, lone],
            (false, true) => [end, first],
            (false, false) => [first, end],
        });
        is_next
    }

    /// Browsers refuse to read a file that was changed or moved since it was picked: that is how a change shows here.
    fn failed(&self, error: &JsValue) -> io::Error {
        let Some(e) = error.dyn_ref::<DomException>() else {
            return io::Error::other(format!("{error:?}"));
        };
        let kind = match e.name().as_str() {
            "NotReadableError" => {
                self.changed.set(true);
                io::ErrorKind::PermissionDenied
            }
            "NotFoundError" => {
                self.changed.set(true);
                io::ErrorKind::NotFound
            }
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, e.message())
    }
}

/// A position inside a file as JavaScript takes it: exact, since no file is longer than 2^53 bytes.
#[expect(clippy::cast_precision_loss, reason = "positions lie below 2^53")]
pub(super) fn exact(position: u64) -> f64 {
    position as f64
}

/// Files as sources of bytes, each with the path at which it was found, if it was found in a folder.
pub(super) fn inputs(files: Vec<File>, paths: &[Option<String>]) -> Result<Vec<Input>, String> {
    let files = files.into_iter().enumerate();
    files
        .map(|(i, file)| input(file, paths.get(i).cloned().flatten()))
        .collect()
}

/// One of them.
pub(super) fn input(file: File, path: Option<String>) -> Result<Input, String> {
    let is_found = path.is_some();
    let name = path.unwrap_or_else(|| file.name());
    let bytes = BlobSource::new(file).map_err(|e| describe(&e))?;
    Ok(Input {
        name,
        bytes: Box::new(bytes),
        is_found,
    })
}
