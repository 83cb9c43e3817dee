//! Text in UTF-16 or UTF-32, as UTF-8.
//!
//! What is no code point (a surrogate without its other half, a number beyond U+10FFFF) makes Python's codec raise. Here it
//! becomes the byte FF, which stands in no UTF-8, so that the entry it lies in is unreadable and the others are judged.

use std::io;
use std::rc::Rc;

use super::stream::{Decoder, Fault};
use super::{Cached, Feed};
use crate::finding::Severity;

/// Bytes of text made ready at a time.
const READY: usize = 4 << 10;
/// Bad units that are told one by one.
const TOLD: u64 = 10;

/// How code units are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

impl Encoding {
    /// Recognises an encoding by its byte order mark, whose length comes with it, or else by where the zeros lie in what
    /// begins like a text, with four ASCII characters.
    pub(crate) fn recognise(prefix: &[u8]) -> Option<(Self, u64)> {
        match prefix {
            [0, 0, 0xFE, 0xFF, ..] => return Some((Self::Utf32Be, 4)),
            [0xFF, 0xFE, 0, 0, ..] => return Some((Self::Utf32Le, 4)),
            [0xFE, 0xFF, ..] => return Some((Self::Utf16Be, 2)),
            [0xFF, 0xFE, ..] => return Some((Self::Utf16Le, 2)),
            _ => {}
        }
        let is_text = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        let all = [Self::Utf32Le, Self::Utf32Be, Self::Utf16Le, Self::Utf16Be];
        all.into_iter()
            .find(|encoding| {
                let mut units = prefix.chunks_exact(encoding.width()).take(4);
                let ascii = |unit| is_ascii(encoding.unit(unit)).is_some_and(is_text);
                units.len() >= 2 && units.all(ascii)
            })
            .map(|encoding| (encoding, 0))
    }

    /// Its name, as Python has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf16Le => "utf-16-le",
            Self::Utf16Be => "utf-16-be",
            Self::Utf32Le => "utf-32-le",
            Self::Utf32Be => "utf-32-be",
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Utf16Le | Self::Utf16Be => 2,
            Self::Utf32Le | Self::Utf32Be => 4,
        }
    }

    /// The unit in these bytes, of which there are `width`.
    fn unit(self, bytes: &[u8]) -> u32 {
        match (self, bytes) {
            (Self::Utf16Le, &[a, b]) => u16::from_le_bytes([a, b]).into(),
            (Self::Utf16Be, &[a, b]) => u16::from_be_bytes([a, b]).into(),
            (Self::Utf32Le, &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
            (Self::Utf32Be, &[a, b, c, d]) => u32::from_be_bytes([a, b, c, d]),
            _ => u32::MAX,
        }
    }
}

fn is_ascii(unit: u32) -> Option<u8> {
    u8::try_from(unit).ok().filter(u8::is_ascii)
}

/// The text of a source, as UTF-8.
pub(crate) struct Unicode {
    feed: Feed,
    encoding: Encoding,
    has_mark: bool,
    ready: Vec<u8>,
    used: usize,
    bad: u64,
    faults: Vec<Fault>,
}

impl Unicode {
    /// Begins behind the byte order mark, which has `mark` bytes.
    ///
    /// # Errors
    ///
    /// If the host's bytes fail.
    pub(crate) fn new(source: Rc<Cached>, encoding: Encoding, mark: u64) -> io::Result<Self> {
        let mut feed = Feed::new(source);
        feed.skip(mark)?;
        Ok(Self {
            feed,
            encoding,
            has_mark: mark > 0,
            ready: Vec::new(),
            used: 0,
            bad: 0,
            faults: Vec::new(),
        })
    }

    /// The next unit, with its place; `None` at the end.
    fn unit(&mut self) -> io::Result<Option<(u64, u32)>> {
        let at = self.feed.position();
        let width = self.encoding.width();
        let next = self.feed.fill()?;
        if next.len() >= width {
            let unit = self.encoding.unit(&next[..width]);
            self.feed.consume(width);
            return Ok(Some((at, unit)));
        }
        let mut bytes = [0; 4];
        let n = self.feed.read_full(&mut bytes[..width])?;
        if n == width {
            return Ok(Some((at, self.encoding.unit(&bytes[..width]))));
        }
        if n > 0 {
            self.faults.push(Fault {
                code: "text-not-decoded",
                severity: Severity::Error,
                offset: at,
                passed_over: n as u64,
                message: format!(
                    "the text ends within a character of {}, at byte {at}",
                    self.encoding.name()
                ),
                hint: Some("The file was cut off, or bytes are missing in it. Python refuses the whole file."),
            });
        }
        Ok(None)
    }

    fn bad(&mut self, at: u64, unit: u32) {
        self.ready.push(0xFF);
        self.bad += 1;
        if self.bad > TOLD + 1 {
            return;
        }
        let what = format!("byte {at} is no character of {}", self.encoding.name());
        self.faults.push(Fault {
            code: "text-not-decoded",
            severity: Severity::Error,
            offset: at,
            passed_over: 0,
            message: if self.bad > TOLD {
                format!("{what}. Further ones are not listed.")
            } else {
                format!("{what}: {unit:#06x}")
            },
            hint: Some("Python refuses the whole file for it. Here the entry that it lies in is unreadable, and the others are judged."),
        });
    }

    /// Makes text ready; none at the end.
    fn prepare(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.used = 0;
        while self.ready.len() < READY {
            let Some((at, unit)) = self.unit()? else {
                return Ok(());
            };
            if let Some(ascii) = is_ascii(unit) {
                self.ready.push(ascii);
                continue;
            }
            let is_utf16 = self.encoding.width() == 2;
            let code = if is_utf16 && (0xD800..0xDC00).contains(&unit) {
                let mut next = [0; 2];
                let n = self.feed.peek(&mut next)?;
                match self.encoding.unit(&next[..n]) {
                    low @ 0xDC00..0xE000 => {
                        self.feed.skip(2)?;
                        0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                    }
                    _ => unit,
                }
            } else {
                unit
            };
            match char::from_u32(code) {
                Some(c) => {
                    let mut utf8 = [0; 4];
                    self.ready
                        .extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
                }
                None => self.bad(at, code),
            }
        }
        Ok(())
    }
}

impl Decoder for Unicode {
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.ready.len() {
            self.prepare()?;
        }
        let n = out.len().min(self.ready.len() - self.used);
        out[..n].copy_from_slice(&self.ready[self.used..self.used + n]);
        self.used += n;
        Ok(n)
    }

    fn fork(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Self {
            feed: self.feed.fork(),
            encoding: self.encoding,
            has_mark: self.has_mark,
            ready: self.ready[self.used..].to_vec(),
            used: 0,
            bad: self.bad,
            faults: Vec::new(),
        }))
    }

    fn consumed(&self) -> u64 {
        self.feed.position()
    }

    fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    fn describe(&self) -> String {
        let name = self.encoding.name();
        match self.has_mark {
            true => format!("{name}, with a byte order mark"),
            false => format!("{name}, without a byte order mark"),
        }
    }
}
