//! Where bytes live: a length and reads by position, nothing else is asked of a source.
//!
//! Nothing here knows a file format. A host brings its own [`ByteSource`] (a file, a `Blob`); `Cached` puts a block
//! cache with read-ahead over it, because a small read of a `Blob` costs milliseconds whatever its size.

mod cache;

use std::io;

pub(crate) use cache::Cached;

/// Random access to the bytes of a file.
pub trait ByteSource {
    /// The length in bytes, as it was when the source was opened.
    fn len(&self) -> u64;

    /// Whether the source holds no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buf` from `offset` on and returns how many bytes were there; fewer than `buf.len()` only at the end.
    ///
    /// # Errors
    ///
    /// Whatever the host reports: the file is gone, changed, or not readable.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Whether the bytes are known to have changed since the source was opened (length or modification time differ).
    fn has_changed(&self) -> bool {
        false
    }
}

/// A source in memory.
#[derive(Clone, Debug)]
pub struct Memory(Vec<u8>);

impl Memory {
    /// Takes the bytes as they are.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
}

impl ByteSource for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.0.len());
        let n = buf.len().min(self.0.len() - start);
        buf[..n].copy_from_slice(&self.0[start..start + n]);
        Ok(n)
    }
}

/// One file as the host hands it over: its base name and its bytes.
pub struct Input {
    /// The base name, without any path.
    pub name: String,
    /// The bytes.
    pub bytes: Box<dyn ByteSource>,
}
