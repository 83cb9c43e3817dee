//! Packed bytes, handed to a decoder from front to back.

use std::io;
use std::rc::Rc;

use super::{ByteSource, Cached};

/// Bytes fetched at a time.
const SLICE: usize = 16 << 10;
/// A decoder that is led astray notices late. What it read last is looked through again, so far back.
const LOOK_BACK: u64 = 64 << 10;

/// A place in a source, or in a range of it, that moves forward. Positions are counted from the range's beginning.
pub(crate) struct Feed {
    source: Rc<Cached>,
    start: u64,
    len: u64,
    /// Where `buffer` begins.
    base: u64,
    buffer: Vec<u8>,
    used: usize,
    /// The host's error, where a decoder would hide it.
    failed: Option<io::Error>,
}

impl Feed {
    /// The whole of a source.
    pub(crate) fn new(source: Rc<Cached>) -> Self {
        Self::range(source, 0, u64::MAX)
    }

    /// `len` bytes of a source from `start` on, or as many as there are.
    pub(crate) fn range(source: Rc<Cached>, start: u64, len: u64) -> Self {
        Self {
            source,
            start,
            len,
            base: 0,
            buffer: Vec::new(),
            used: 0,
            failed: None,
        }
    }

    /// Another one at the same place.
    pub(crate) fn fork(&self) -> Self {
        Self {
            base: self.position(),
            ..Self::range(Rc::clone(&self.source), self.start, self.len)
        }
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
            let mut buffer = std::mem::take(&mut self.buffer);
            if buffer.capacity() == 0 {
                buffer = vec![0; SLICE];
            }
            buffer.resize(SLICE, 0);
            let n = self.read_at(self.base, &mut buffer)?;
            buffer.truncate(n);
            self.buffer = buffer;
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
        self.read_at(self.position(), buf)
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let there = self.len.saturating_sub(at);
        let n = usize::try_from(there).unwrap_or(buf.len()).min(buf.len());
        let at = self.start.saturating_add(at);
        self.source.read_at(at, &mut buf[..n])
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

    fn go_to(&mut self, at: u64) {
        self.base = at;
        self.used = 0;
        self.buffer.clear();
    }

    /// Behind a damage in what begins at `start`: moves to the next place where `magic` stands, which the decoder may have
    /// run past, or to the end. Whether it was found, and how many bytes nobody read.
    pub(crate) fn recover(
        &mut self,
        start: u64,
        magic: &[u8],
        accept: fn(&[u8]) -> bool,
    ) -> io::Result<(bool, u64)> {
        let at = self.position();
        self.go_to(at.saturating_sub(LOOK_BACK).max(start + 1));
        let found = self.seek(magic, accept)?;
        Ok((found, self.position().saturating_sub(at)))
    }

    /// As [`Feed::recover`], but only where it finds something before this place; otherwise it does not move.
    pub(crate) fn recover_before(
        &mut self,
        start: u64,
        magic: &[u8],
        accept: fn(&[u8]) -> bool,
    ) -> io::Result<bool> {
        let at = self.position();
        let (found, _) = self.recover(start, magic, accept)?;
        let is_before = found && self.position() < at;
        if !is_before {
            self.go_to(at);
        }
        Ok(is_before)
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
