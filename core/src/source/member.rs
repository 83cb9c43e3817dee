//! One member of a zip archive: how its bytes are packed, and a check of what comes out of them.

use std::io;

use super::Feed;
use super::gzip::{Inflate, Inflated};
use super::stream::{Decoder, Fault};
use super::zstd::Zstd;
use crate::finding::Severity;

const DAMAGED: &str = "What came out of it was judged, and entries may be lost. The copy or download was probably damaged: compare with another one.";

/// Bytes that are stored as they are.
struct Stored(Feed);

impl Decoder for Stored {
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read_full(out)
    }

    fn fork(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Self(self.0.fork())))
    }

    fn consumed(&self) -> u64 {
        self.0.position()
    }

    fn take_faults(&mut self) -> Vec<Fault> {
        Vec::new()
    }

    fn describe(&self) -> String {
        "stored".into()
    }
}

/// A deflate stream without any wrapping.
struct Deflated {
    feed: Feed,
    /// Made when it is first needed: an archive may have many members.
    inflate: Option<Inflate>,
    is_done: bool,
    faults: Vec<Fault>,
}

impl Deflated {
    fn new(feed: Feed) -> Self {
        Self {
            feed,
            inflate: None,
            is_done: false,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, code: &'static str, message: String) -> io::Result<()> {
        let offset = self.feed.position();
        self.feed.skip(u64::MAX)?;
        self.faults.push(Fault {
            code,
            severity: Severity::Error,
            offset,
            passed_over: self.feed.position() - offset,
            message,
            hint: Some(DAMAGED),
        });
        Ok(())
    }
}

impl Decoder for Deflated {
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_done {
            return Ok(0);
        }
        let at = self.feed.position();
        let inflate = self.inflate.get_or_insert_with(Inflate::new);
        match inflate.step(&mut self.feed, out)? {
            Inflated::Some(n) => return Ok(n),
            Inflated::End(n) => {
                self.is_done = true;
                if !self.feed.fill()?.is_empty() {
                    let message =
                        "bytes follow the end of its compressed data and were not examined";
                    self.fault("compressed-trailing-data", message.into())?;
                }
                return Ok(n);
            }
            Inflated::CutOff => {
                let message = "its compressed data is cut off";
                self.fault("compressed-cut-off", message.into())?;
            }
            Inflated::Damaged => {
                let message = format!("its compressed data is damaged before byte {at} of it");
                self.fault("compressed-damaged", message)?;
            }
        }
        self.is_done = true;
        Ok(0)
    }

    fn fork(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Self {
            feed: self.feed.fork(),
            inflate: self.inflate.clone(),
            is_done: self.is_done,
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
        "deflate".into()
    }
}

/// The decoder for a member whose packed bytes are these; `None` if its method is none of those that are read.
pub(crate) fn decoder(method: u16, packed: Feed, told: Option<Told>) -> Option<Box<dyn Decoder>> {
    let inner: Box<dyn Decoder> = match method {
        0 => Box::new(Stored(packed)),
        8 => Box::new(Deflated::new(packed)),
        93 => Box::new(Zstd::at(packed)),
        _ => return None,
    };
    Some(match told {
        Some(told) => Box::new(Checked::new(inner, told)),
        None => inner,
    })
}

/// Compares what comes out of a decoder with the size and the CRC-32 that the archive tells.
struct Checked {
    inner: Box<dyn Decoder>,
    told: Told,
    crc: crc32fast::Hasher,
    size: u64,
    /// Whether there is nothing more to compare.
    is_done: bool,
    faults: Vec<Fault>,
}

/// What an archive tells of a member's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) crc: u32,
    pub(crate) size: u64,
}

impl Checked {
    fn new(inner: Box<dyn Decoder>, told: Told) -> Self {
        Self {
            inner,
            told,
            crc: crc32fast::Hasher::new(),
            size: 0,
            is_done: false,
            faults: Vec::new(),
        }
    }
}

impl Decoder for Checked {
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.decode(out)?;
        let faults = self.inner.take_faults();
        // What is damaged fails its check as a matter of course.
        self.is_done |= faults.iter().any(|f| f.severity == Severity::Error);
        self.faults.extend(faults);
        self.crc.update(&out[..n]);
        self.size += n as u64;
        if n == 0 && !self.is_done {
            self.is_done = true;
            let crc = self.crc.clone().finalize();
            let message = if self.size != self.told.size {
                format!(
                    "the archive says that it holds {} bytes, and it holds {}",
                    self.told.size, self.size
                )
            } else if crc != self.told.crc {
                "it fails its CRC-32".into()
            } else {
                return Ok(0);
            };
            self.faults.push(Fault {
                code: "compressed-checksum",
                severity: Severity::Error,
                offset: 0,
                passed_over: 0,
                message,
                hint: Some(DAMAGED),
            });
        }
        Ok(n)
    }

    fn fork(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Self {
            inner: self.inner.fork()?,
            told: self.told,
            crc: self.crc.clone(),
            size: self.size,
            is_done: self.is_done,
            faults: Vec::new(),
        }))
    }

    fn consumed(&self) -> u64 {
        self.inner.consumed()
    }

    fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }
}
