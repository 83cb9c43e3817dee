//! SHA-256, several messages at once, and of whole files.
//!
//! Nothing here has heard of a file format or of a checksum's shape.

#[cfg(any(target_arch = "wasm32", test))]
mod lanes;
#[cfg(any(target_arch = "wasm32", test))]
mod words;

use std::io;
use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use crate::canon::Absorb;
use crate::source::ByteSource;

/// A SHA-256 digest.
pub(crate) type Sha256Digest = [u8; 32];

/// Hashes every message, given as ranges of `arena`, and appends the digests in order.
///
/// Native processors have instructions for SHA-256, which `sha2` uses; WebAssembly has not, so there messages go in lanes.
pub(crate) fn sha256_batch(arena: &[u8], messages: &[(usize, usize)], out: &mut Vec<Sha256Digest>) {
    #[cfg(target_arch = "wasm32")]
    lanes::sha256_batch(arena, messages, out);
    #[cfg(not(target_arch = "wasm32"))]
    out.extend(messages.iter().map(|&(from, to)| sha256(&arena[from..to])));
}

/// A SHA-256 under way, of a message that comes piece by piece.
#[derive(Clone, Default)]
pub struct Hashing(Sha256);

impl Hashing {
    /// Takes the bytes that follow.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them, as 64 lower-case hex digits.
    #[must_use]
    pub fn hex(self) -> String {
        hex(&self.finish(), 64)
    }

    pub(crate) fn finish(self) -> Sha256Digest {
        self.0.finalize().into()
    }
}

impl Absorb for Hashing {
    fn absorb(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

/// Hashes one message.
pub(crate) fn sha256(message: &[u8]) -> Sha256Digest {
    Sha256::digest(message).into()
}

/// The first `digits` lower-case hex digits of a digest.
pub(crate) fn hex(digest: &Sha256Digest, digits: usize) -> String {
    hex_digits(digest).take(digits).map(char::from).collect()
}

/// Whether `text` is exactly the first `digits` lower-case hex digits of a digest.
pub(crate) fn is_hex_of(digest: &Sha256Digest, digits: usize, text: &[u8]) -> bool {
    // All digits at once and one comparison: a comparison for each pair took a twentieth of the command's time.
    let hex = digest.map(hex_pair);
    hex.as_flattened().get(..digits) == Some(text)
}

/// All bytes of a message in lower-case hex digits.
pub(crate) fn hex_of(message: &[u8]) -> String {
    hex_digits(message).map(char::from).collect()
}

fn hex_digits(digest: &[u8]) -> impl Iterator<Item = u8> + '_ {
    digest.iter().flat_map(|byte| hex_pair(*byte))
}

/// Without a table, so that many are made at once in a vector.
#[inline]
fn hex_pair(byte: u8) -> [u8; 2] {
    let digit = |n: u8| n + b'0' + if n > 9 { b'a' - b'0' - 10 } else { 0 };
    [digit(byte >> 4), digit(byte & 0xF)]
}

/// The SHA-256 of a whole source as 64 lower-case hex digits; `None` if `progress` broke off.
///
/// `progress` is told the bytes hashed so far, after each slice of 256 KB.
///
/// # Errors
///
/// Whatever the source reports.
pub fn sha256_hex(
    source: &dyn ByteSource,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> io::Result<Option<String>> {
    let mut hasher = Hashing::default();
    let mut buffer = vec![0; 256 << 10];
    let mut at = 0;
    loop {
        let n = source.read_at(at, &mut buffer)?;
        if n == 0 {
            return Ok(Some(hasher.hex()));
        }
        hasher.update(&buffer[..n]);
        at += n as u64;
        if progress(at).is_break() {
            return Ok(None);
        }
    }
}
