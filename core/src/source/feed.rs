//! Packed bytes, handed to a decoder from front to back.

use std::io;
use std::rc::Rc;

use super::{ByteSource, Cached};

/// Bytes fetched at a time.
const SLICE: usize = 16 << 10;

/// A place in a source that moves forward.
pub(crate) struct Feed {
    source: Rc<Cached>,
    /// Where `buffer` begins.
    base: u64,
    buffer: Vec<u8>,
    used: usize,
    /// The host's error, where a decoder would hide it.
    failed: Option<io::Error>,
}

impl Feed {
    /// Begins at `at`.
    pub(crate) fn new(source: Rc<Cached>, at: u64) -> Self {
        Self {
            source,
            base: at,
            buffer: Vec::new(),
            used: 0,
            failed: None,
        }
    }

    /// Another one at the same place.
    pub(crate) fn fork(&self) -> Self {
        Self::new(Rc::clone(&self.source), self.position())
    }

    /// Bytes before this place.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.used as u64
    }

    /// The next bytes; none at the end of the source.
    pub(crate) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.used == self.buffer.len() {
            self.base = self.position();
            self.used = 0;
            self.buffer.resize(SLICE, 0);
            let n = self.source.read_at(self.base, &mut self.buffer);
            self.buffer.truncate(*n.as_ref().unwrap_or(&0));
            n?;
        }
        Ok(&self.buffer[self.used..])
    }

    /// Moves on by `n` of the bytes that [`Feed::fill`] gave.
    pub(crate) fn consume(&mut self, n: usize) {
        self.used = (self.used + n).min(self.buffer.len());
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.fill()?.first().copied();
        self.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Fills `buf` and returns how many bytes there were.
    pub(crate) fn read_full(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            let next = self.fill()?;
            let n = next.len().min(buf.len() - done);
            if n == 0 {
                break;
            }
            buf[done..done + n].copy_from_slice(&next[..n]);
            self.consume(n);
            done += n;
        }
        Ok(done)
    }

    /// Up to `buf.len()` bytes from here on, without moving.
    pub(crate) fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.read_at(self.position(), buf)
    }

    /// Moves on by `n` bytes, or to the end.
    pub(crate) fn skip(&mut self, mut n: u64) -> io::Result<()> {
        while n > 0 {
            let there = self.fill()?.len();
            if there == 0 {
                break;
            }
            let step = usize::try_from(n).unwrap_or(there).min(there);
            self.consume(step);
            n -= step as u64;
        }
        Ok(())
    }

    /// Moves on to the next place where `magic` stands, or to the end; whether it was found. `accept` looks at the bytes
    /// behind it, as many as there are of 4.
    pub(crate) fn seek(&mut self, magic: &[u8], accept: fn(&[u8]) -> bool) -> io::Result<bool> {
        loop {
            let next = self.fill()?;
            if next.is_empty() {
                return Ok(false);
            }
            match memchr::memchr(magic[0], next) {
                None => {
                    let all = next.len();
                    self.consume(all);
                }
                Some(i) => {
                    self.consume(i);
                    let mut head = [0; 8];
                    let n = self.peek(&mut head)?;
                    let behind = head[..n].strip_prefix(magic);
                    if behind.is_some_and(|b| accept(&b[..b.len().min(4)])) {
                        return Ok(true);
                    }
                    self.consume(1);
                }
            }
        }
    }

    /// The host's error that a decoder met while it read from here.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }
}

impl io::Read for Feed {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.read_full(buf) {
            Ok(n) => Ok(n),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}
