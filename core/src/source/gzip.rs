//! gzip (RFC 1952), member by member, and the deflate streams in it and in zip archives.

use std::io;
use std::rc::Rc;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::stream::{Decoder, Fault};
use super::{Cached, Feed};
use crate::finding::Severity;

/// The first bytes of every member: two of magic, and the only method there is.
pub(crate) const MAGIC: [u8; 3] = [0x1F, 0x8B, 8];

const DAMAGED: &str = "What came out of it was judged, and entries may be lost. The copy or download was probably damaged: compare with another one.";

/// What a step of inflating came to.
pub(super) enum Inflated {
    /// Bytes came; more may follow.
    Some(usize),
    /// The last bytes came, perhaps none.
    End(usize),
    /// The packed bytes end before their time.
    CutOff,
    /// They are no deflate stream.
    Damaged,
}

/// The window of deflate: how far back a stream refers, and what is unpacked at a time.
const WINDOW: usize = 32 << 10;

/// A running deflate stream. What comes out of it does not depend on how much is asked for at a time, even where the
/// stream is damaged: all that came before is handed out first.
#[derive(Clone)]
pub(super) struct Inflate {
    decoder: Box<DecompressorOxide>,
    window: Box<[u8]>,
    /// Where in the window the bytes begin that were unpacked and not handed out, and how many there are.
    at: usize,
    waiting: usize,
    status: TINFLStatus,
}

impl Inflate {
    pub(super) fn new() -> Self {
        Self {
            decoder: Box::default(),
            window: vec![0; WINDOW].into(),
            at: 0,
            waiting: 0,
            status: TINFLStatus::NeedsMoreInput,
        }
    }

    pub(super) fn step(&mut self, feed: &mut Feed, out: &mut [u8]) -> io::Result<Inflated> {
        loop {
            let n = self.waiting.min(out.len());
            if n > 0 {
                out[..n].copy_from_slice(&self.window[self.at..self.at + n]);
                self.at = (self.at + n) % WINDOW;
                self.waiting -= n;
            }
            let is_over = self.status == TINFLStatus::Done && self.waiting == 0;
            match self.status {
                _ if is_over => return Ok(Inflated::End(n)),
                _ if n > 0 => return Ok(Inflated::Some(n)),
                TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput => {}
                _ => return Ok(Inflated::Damaged),
            }
            let input = feed.fill()?;
            let is_end = input.is_empty();
            let (status, consumed, written) = decompress(
                &mut self.decoder,
                input,
                &mut self.window,
                self.at,
                TINFL_FLAG_HAS_MORE_INPUT,
            );
            feed.consume(consumed);
            self.status = status;
            self.waiting = written;
            let is_stuck = consumed == 0 && written == 0;
            if is_stuck && status == TINFLStatus::NeedsMoreInput {
                return Ok(match is_end {
                    true => Inflated::CutOff,
                    false => Inflated::Damaged,
                });
            }
        }
    }
}

/// Reads all members of a gzip file, one after the other.
pub(crate) struct Gzip {
    feed: Feed,
    state: State,
    members: u64,
    faults: Vec<Fault>,
}

#[derive(Clone)]
enum State {
    /// Before a member, or before whatever follows the last one.
    Header,
    Body(Member),
    /// Behind a damage: a line break is to be put in its place.
    Gap,
    Done,
}

#[derive(Clone)]
struct Member {
    start: u64,
    inflate: Inflate,
    crc: crc32fast::Hasher,
    size: u64,
}

impl Gzip {
    pub(crate) fn new(source: Rc<Cached>) -> Self {
        Self {
            feed: Feed::new(source),
            state: State::Header,
            members: 0,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, code: &'static str, offset: u64, message: String) {
        self.faults.push(Fault {
            code,
            severity: Severity::Error,
            offset,
            passed_over: 0,
            message,
            hint: Some(DAMAGED),
        });
    }

    /// Reads a member's header.
    fn header(&mut self) -> io::Result<State> {
        let start = self.feed.position();
        let mut head = [0; 4];
        let n = self.feed.peek(&mut head)?;
        if n == 0 {
            return Ok(State::Done);
        }
        if !head.starts_with(&MAGIC) {
            return self.pass_over(start, head[0] == 0);
        }
        let Some(()) = self.pass_header()? else {
            self.cut_off(start);
            return Ok(State::Done);
        };
        self.members += 1;
        Ok(State::Body(Member {
            start,
            inflate: Inflate::new(),
            crc: crc32fast::Hasher::new(),
            size: 0,
        }))
    }

    /// Moves behind a member's header; `None` if the file ends in it.
    fn pass_header(&mut self) -> io::Result<Option<()>> {
        let mut fixed = [0; 10];
        if self.feed.read_full(&mut fixed)? < fixed.len() {
            return Ok(None);
        }
        let [_, _, _, flags, ..] = fixed;
        let (has_crc, has_extra) = (flags & 2 != 0, flags & 4 != 0);
        let texts = u8::from(flags & 8 != 0) + u8::from(flags & 16 != 0);
        if has_extra {
            let mut len = [0; 2];
            if self.feed.read_full(&mut len)? < len.len() {
                return Ok(None);
            }
            self.feed.skip(u64::from(u16::from_le_bytes(len)))?;
        }
        for _ in 0..texts {
            loop {
                match self.feed.byte()? {
                    None => return Ok(None),
                    Some(0) => break,
                    Some(_) => {}
                }
            }
        }
        if has_crc {
            self.feed.skip(2)?;
        }
        Ok(Some(()))
    }

    /// Passes over what is no member, up to the next one or the end.
    fn pass_over(&mut self, start: u64, may_be_padding: bool) -> io::Result<State> {
        if may_be_padding {
            while let Some(0) = self.feed.fill()?.first() {
                let zeros = self.feed.fill()?.iter().take_while(|b| **b == 0).count();
                self.feed.consume(zeros);
            }
            if self.feed.fill()?.is_empty() {
                let bytes = self.feed.position() - start;
                self.faults.push(Fault {
                    code: "compressed-padding",
                    severity: Severity::Info,
                    offset: start,
                    passed_over: bytes,
                    message: format!("{bytes} zero bytes fill up the end of the gzip file"),
                    hint: None,
                });
                return Ok(State::Done);
            }
        }
        let found = self.feed.seek(&MAGIC, is_plausible)?;
        let end = self.feed.position();
        let bytes = end - start;
        self.faults.push(Fault {
            code: "compressed-trailing-data",
            severity: Severity::Error,
            offset: start,
            passed_over: bytes,
            message: if found {
                format!("{bytes} bytes at byte {start} are no part of a gzip member and were passed over")
            } else {
                format!("{bytes} bytes follow the end of the compressed data, at byte {start}, and were not examined")
            },
            hint: Some("Python's gzip module refuses such a file. Look at what is there: entries may hide in it."),
        });
        Ok(if found { State::Gap } else { State::Done })
    }

    fn cut_off(&mut self, start: u64) {
        let message = format!("the gzip member that begins at byte {start} is cut off");
        self.fault("compressed-cut-off", start, message);
    }

    /// Compares what a member says of itself with what came out of it.
    fn trailer(&mut self, member: &Member) -> io::Result<State> {
        let mut trailer = [0; 8];
        if self.feed.read_full(&mut trailer)? < trailer.len() {
            self.cut_off(member.start);
            return Ok(State::Done);
        }
        let [a, b, c, d, e, f, g, h] = trailer;
        let (crc, size) = (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        let start = member.start;
        if crc != member.crc.clone().finalize() {
            // Led astray by a damage, the decoder may have taken something else for the end, behind the next member's header.
            let is_astray = self.feed.recover_before(start, &MAGIC, is_plausible)?;
            let message = format!("the gzip member that begins at byte {start} fails its CRC-32");
            self.fault("compressed-checksum", start, message);
            if is_astray {
                return Ok(State::Gap);
            }
        } else if u64::from(size) != member.size % (1 << 32) {
            let message = format!(
                "the gzip member that begins at byte {start} says that it holds {size} bytes (modulo 2³²), and holds {}",
                member.size
            );
            self.fault("compressed-checksum", start, message);
        }
        Ok(State::Header)
    }

    /// Passes over a damage, up to the next member. A member that is cut off is one unless nothing follows it.
    fn damaged(&mut self, start: u64, is_cut_off: bool) -> io::Result<State> {
        let at = self.feed.position();
        let (found, passed_over) = self.feed.recover(start, &MAGIC, is_plausible)?;
        if is_cut_off && !found {
            self.cut_off(start);
            return Ok(State::Done);
        }
        self.faults.push(Fault {
            code: "compressed-damaged",
            severity: Severity::Error,
            offset: at,
            passed_over,
            message: format!(
                "the gzip member that begins at byte {start} is damaged before byte {at}; {passed_over} bytes were passed over"
            ),
            hint: Some(DAMAGED),
        });
        Ok(if found { State::Gap } else { State::Done })
    }
}

/// Whether what follows the magic may be the rest of a header: reserved flags are not set.
fn is_plausible(behind: &[u8]) -> bool {
    behind.first().is_some_and(|flags| flags & 0xE0 == 0)
}

impl Decoder for Gzip {
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::Done => return Ok(0),
                State::Header => self.state = self.header()?,
                State::Gap => {
                    self.state = State::Header;
                    out[0] = b'\n';
                    return Ok(1);
                }
                State::Body(member) => {
                    let (n, is_end) = match member.inflate.step(&mut self.feed, out)? {
                        Inflated::Some(n) => (n, false),
                        Inflated::End(n) => (n, true),
                        Inflated::CutOff => {
                            let start = member.start;
                            self.state = self.damaged(start, true)?;
                            continue;
                        }
                        Inflated::Damaged => {
                            let start = member.start;
                            self.state = self.damaged(start, false)?;
                            continue;
                        }
                    };
                    member.crc.update(&out[..n]);
                    member.size += n as u64;
                    if is_end {
                        let member = member.clone();
                        self.state = self.trailer(&member)?;
                    }
                    if n > 0 {
                        return Ok(n);
                    }
                }
            }
        }
    }

    fn fork(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Self {
            feed: self.feed.fork(),
            state: self.state.clone(),
            members: self.members,
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
        match self.members {
            0 => "gzip".into(),
            1 => "gzip, 1 member".into(),
            n => format!("gzip, {n} members"),
        }
    }
}
