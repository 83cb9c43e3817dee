//! Where bytes live: a length and reads by position, nothing else is asked of a source.
//!
//! Nothing here knows a file format. A host brings its own [`ByteSource`] (a file, a `Blob`); `Cached` puts a block
//! cache with read-ahead over it, because a small read of a `Blob` costs milliseconds whatever its size.
//!
//! Packed bytes become a source too: a `Decoder` (`gzip`, `zstd`, `unicode`, `member`) unpacks forwards, and `Streamed`
//! makes random access of it. These may be put over one another.

mod cache;
mod feed;
pub(crate) mod gzip;
pub(crate) mod member;
mod stream;
#[cfg(test)]
pub(crate) mod tests;
mod unicode;
mod watched;
pub(crate) mod zstd;

use std::io;
use std::rc::Rc;

pub(crate) use cache::Cached;
pub(crate) use feed::Feed;
pub(crate) use stream::{Decoder, Fault, Streamed};
pub(crate) use unicode::{Encoding, Unicode};
pub(crate) use watched::Watch;

/// Random access to the bytes of a file.
pub trait ByteSource {
    /// The length in bytes, as it was when the source was opened.
    ///
    /// Only bytes that are unpacked as they are read do not know it before their end was met, and say `u64::MAX` until
    /// then. Where something depends on the end, it is [`ByteSource::read_at`] that tells it.
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

    /// Says that these places (where each begins, and how many bytes) will be read soon, each by itself. A source whose
    /// host takes its time for a read may have them fetched in the meantime; true if it does.
    fn fetch_ahead(&self, places: &[(u64, usize)]) -> bool {
        let _ = places;
        false
    }

    /// Whether some of these are still on their way, so that whoever has other things to read had better do that first.
    fn is_fetching(&self) -> bool {
        false
    }
}

impl<S: ByteSource + ?Sized> ByteSource for Rc<S> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }

    fn has_changed(&self) -> bool {
        (**self).has_changed()
    }

    fn fetch_ahead(&self, places: &[(u64, usize)]) -> bool {
        (**self).fetch_ahead(places)
    }

    fn is_fetching(&self) -> bool {
        (**self).is_fetching()
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
    /// The base name; of a file that was found in a folder its path, from the folder's own name on, with `/` between names.
    pub name: String,
    /// The bytes.
    pub bytes: Box<dyn ByteSource>,
    /// Whether it was found in a folder and not named: if it is no log, it is then passed over.
    pub is_found: bool,
}
