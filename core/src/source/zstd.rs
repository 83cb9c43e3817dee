//! Zstandard (RFC 8878), frame by frame.

use std::io::{self, Read};
use std::rc::Rc;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::stream::{Decoder, Fault};
use super::{Cached, Feed};
use crate::finding::Severity;

/// The first bytes of a frame.
pub(crate) const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// A last block that holds nothing, and a checksum: with it a frame that breaks off gives out what it still holds.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

const DAMAGED: &str = "What came out of it was judged, and entries may be lost. The copy or download was probably damaged: compare with another one.";

pub(crate) fn is_zstd(prefix: &[u8]) -> bool {
    prefix.starts_with(&MAGIC) || is_skippable(prefix)
}

fn is_skippable(prefix: &[u8]) -> bool {
    matches!(prefix, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
}

/// Reads all frames of a file, one after the other. It can be forked between frames only.
pub(crate) struct Zstd {
    feed: Feed,
    state: State,
    frames: u64,
    faults: Vec<Fault>,
}

enum State {
    /// Before a frame, or before whatever follows the last one.
    Between,
    Body(Box<Frame>),
    /// Behind a damage: a line break is to be put in its place.
    Gap,
    Done,
}

struct Frame {
    start: u64,
    decoder: FrameDecoder,
    given: u64,
    /// Why it breaks off, if it does.
    broken: Option<String>,
}

impl Zstd {
    pub(crate) fn new(source: Rc<Cached>) -> Self {
        Self::at(Feed::new(source))
    }

    /// Begins at a place in a source.
    pub(super) fn at(feed: Feed) -> Self {
        Self {
            feed,
            state: State::Between,
            frames: 0,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, code: &'static str, offset: u64, passed_over: u64, message: String) {
        self.faults.push(Fault {
            code,
            severity: Severity::Error,
            offset,
            passed_over,
            message,
            hint: Some(DAMAGED),
        });
    }

    /// Begins the next frame.
    fn begin(&mut self) -> io::Result<State> {
        let start = self.feed.position();
        let mut head = [0; 4];
        let n = self.feed.peek(&mut head)?;
        if n == 0 {
            return Ok(State::Done);
        }
        if is_skippable(&head[..n]) {
            let mut header = [0; 8];
            let mut is_whole = self.feed.read_full(&mut header)? == header.len();
            let [.., a, b, c, d] = header;
            let len = u64::from(u32::from_le_bytes([a, b, c, d]));
            self.feed.skip(len)?;
            is_whole &= self.feed.position() == start + 8 + len;
            let (bytes, code) = (self.feed.position() - start, "compressed-skippable");
            if is_whole {
                self.faults.push(Fault {
                    code,
                    severity: Severity::Info,
                    offset: start,
                    passed_over: bytes,
                    message: format!("a skippable frame of {bytes} bytes at byte {start} was passed over, as every decoder does"),
                    hint: None,
                });
            } else {
                let message = format!("the skippable frame that begins at byte {start} is cut off");
                self.fault("compressed-cut-off", start, bytes, message);
            }
            return Ok(State::Between);
        }
        if head != MAGIC {
            let found = self.feed.seek(&MAGIC, |_| true)?;
            let bytes = self.feed.position() - start;
            let message = if found {
                format!(
                    "{bytes} bytes at byte {start} are no part of a zstd frame and were passed over"
                )
            } else {
                format!(
                    "{bytes} bytes follow the end of the compressed data, at byte {start}, and were not examined"
                )
            };
            self.fault("compressed-trailing-data", start, bytes, message);
            return Ok(if found { State::Gap } else { State::Done });
        }
        self.frames += 1;
        let mut frame = Box::new(Frame {
            start,
            decoder: FrameDecoder::new(),
            given: 0,
            broken: None,
        });
        if let Err(error) = frame.decoder.reset(&mut self.feed) {
            frame.broken = Some(error.to_string());
            if let Some(error) = self.feed.take_failure() {
                return Err(error);
            }
            return self.end(&frame);
        }
        Ok(State::Body(frame))
    }

    /// Ends a frame all of whose bytes were given out.
    fn end(&mut self, frame: &Frame) -> io::Result<State> {
        let start = frame.start;
        if let Some(why) = &frame.broken {
            let at = self.feed.position();
            let is_end = self.feed.fill()?.is_empty();
            let (found, bytes) = self.feed.recover(start, &MAGIC, |_| true)?;
            if is_end && !found {
                let message = format!("the zstd frame that begins at byte {start} is cut off");
                self.fault("compressed-cut-off", start, 0, message);
                return Ok(State::Done);
            }
            let message = format!(
                "the zstd frame that begins at byte {start} cannot be read beyond byte {at} ({why}); {bytes} bytes were passed over"
            );
            self.fault("compressed-damaged", at, bytes, message);
            return Ok(if found { State::Gap } else { State::Done });
        }
        let told = frame.decoder.get_checksum_from_data();
        let size = frame.decoder.content_size();
        if told.is_some() && told != frame.decoder.get_calculated_checksum() {
            let message = format!("the zstd frame that begins at byte {start} fails its checksum");
            self.fault("compressed-checksum", start, 0, message);
        } else if size != 0 && size != frame.given {
            let message = format!(
                "the zstd frame that begins at byte {start} says that it holds {size} bytes, and holds {}",
                frame.given
            );
            self.fault("compressed-checksum", start, 0, message);
        }
        Ok(State::Between)
    }
}

impl Decoder for Zstd {
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(0),
                State::Between => self.state = self.begin()?,
                State::Gap => {
                    self.state = State::Between;
                    out[0] = b'\n';
                    return Ok(1);
                }
                State::Body(mut frame) => {
                    let n = frame.decoder.read(out)?;
                    frame.given += n as u64;
                    if frame.decoder.is_finished() && frame.decoder.can_collect() == 0 {
                        self.state = self.end(&frame)?;
                    } else {
                        if n == 0 {
                            self.go_on(&mut frame)?;
                        }
                        self.state = State::Body(frame);
                    }
                    if n > 0 {
                        return Ok(n);
                    }
                }
            }
        }
    }

    fn fork(&self) -> Option<Box<dyn Decoder>> {
        matches!(self.state, State::Between).then(|| {
            Box::new(Self {
                frames: self.frames,
                ..Self::at(self.feed.fork())
            }) as Box<dyn Decoder>
        })
    }

    fn consumed(&self) -> u64 {
        self.feed.position()
    }

    fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    fn describe(&self) -> String {
        match self.frames {
            0 => "zstd".into(),
            1 => "zstd, 1 frame".into(),
            n => format!("zstd, {n} frames"),
        }
    }
}

impl Zstd {
    /// Decodes one more block of a frame.
    fn go_on(&mut self, frame: &mut Frame) -> io::Result<()> {
        let one = || BlockDecodingStrategy::UptoBlocks(1);
        if let Err(error) = frame.decoder.decode_blocks(&mut self.feed, one()) {
            if let Some(error) = self.feed.take_failure() {
                return Err(error);
            }
            frame.broken = Some(error.to_string());
            frame
                .decoder
                .decode_blocks(&LAST_BLOCK[..], one())
                .map_err(io::Error::other)?;
        }
        Ok(())
    }
}
