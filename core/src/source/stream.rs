//! Bytes that are unpacked as they are read: forwards by a running decoder, backwards from checkpoints.

use std::cell::RefCell;
use std::io;

use super::ByteSource;
use crate::finding::Severity;

/// Bytes from one checkpoint to the next, at first.
const SPACING: u64 = 1 << 20;
/// Checkpoints kept. When there are more, every other one is dropped and the spacing doubled: with those of gzip, 43 KB
/// each, they take 11 MB at most.
const CHECKPOINTS: usize = 256;
/// Decoders kept at work, so that a scan and whoever reads old entries again do not send each other back.
const CURSORS: usize = 3;
/// Bytes decoded at a time to get to a place.
const SKIP: usize = 64 << 10;
/// The most bytes that are unpacked of one stream.
pub(crate) const STREAM_LIMIT: u64 = 64 << 30;

/// Something that is wrong with packed bytes. What came out before it was handed on all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Stable, as in `docs/formats.md`.
    pub(crate) code: &'static str,
    /// How much it weighs.
    pub(crate) severity: Severity,
    /// Where, in bytes of the packed source.
    pub(crate) offset: u64,
    /// Bytes of the packed source that were passed over for it.
    pub(crate) passed_over: u64,
    /// What is wrong, as one sentence.
    pub(crate) message: String,
    /// What to try.
    pub(crate) hint: Option<&'static str>,
}

/// Turns packed bytes into what they hold, from the beginning on.
pub(crate) trait Decoder {
    /// Decodes into `out`, which is not empty, and returns how many bytes came; 0 at the end only. What is wrong with the
    /// packed bytes is a fault, and the end if there is no going on behind it.
    ///
    /// # Errors
    ///
    /// Only where the host's bytes fail.
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize>;

    /// A decoder that goes on from here, if that can be had cheaply.
    fn fork(&self) -> Option<Box<dyn Decoder>>;

    /// Bytes of the packed source that were read, about.
    fn consumed(&self) -> u64;

    /// What was found wrong since the last call. A fork begins with none.
    fn take_faults(&mut self) -> Vec<Fault>;

    /// What it is, for people, as far as it was read: `gzip, 2 members`.
    fn describe(&self) -> String;
}

/// A [`ByteSource`] over a [`Decoder`].
///
/// Its length is not known before its end was met; until then [`ByteSource::len`] is `u64::MAX`.
pub(crate) struct Streamed {
    state: RefCell<State>,
    limit: u64,
}

struct State {
    /// Decoders at work, those used last at the end.
    cursors: Vec<Cursor>,
    /// In order; the first is the beginning.
    checkpoints: Vec<Cursor>,
    spacing: u64,
    /// How far the stream was unpacked. Only what is met there for the first time is told.
    front: u64,
    consumed: u64,
    /// The length, once the end was met.
    end: Option<u64>,
    faults: Vec<Fault>,
    description: String,
}

struct Cursor {
    at: u64,
    decoder: Box<dyn Decoder>,
}

impl Cursor {
    fn fork(&self) -> Option<Self> {
        let decoder = self.decoder.fork()?;
        Some(Self {
            at: self.at,
            decoder,
        })
    }
}

impl Streamed {
    /// Puts a source over a decoder that stands at its beginning, where it can be forked. Nothing is read yet.
    pub(crate) fn new(decoder: Box<dyn Decoder>) -> Self {
        Self::with_limit(decoder, STREAM_LIMIT)
    }

    /// The same, ending after `limit` bytes with a fault.
    pub(crate) fn with_limit(decoder: Box<dyn Decoder>, limit: u64) -> Self {
        Self {
            state: RefCell::new(State {
                description: decoder.describe(),
                cursors: Vec::new(),
                checkpoints: vec![Cursor { at: 0, decoder }],
                spacing: SPACING,
                front: 0,
                consumed: 0,
                end: None,
                faults: Vec::new(),
            }),
            limit,
        }
    }

    /// Bytes of the packed source behind the decoder that is farthest.
    pub(crate) fn consumed(&self) -> u64 {
        self.state.borrow().consumed
    }

    /// The length, once the end was met.
    pub(crate) fn end(&self) -> Option<u64> {
        self.state.borrow().end
    }

    /// What was found wrong since the last call.
    pub(crate) fn take_faults(&self) -> Vec<Fault> {
        std::mem::take(&mut self.state.borrow_mut().faults)
    }

    /// What it is, for people, as far as it was read.
    pub(crate) fn describe(&self) -> String {
        self.state.borrow().description.clone()
    }

    /// Unpacks up to `bytes` more than ever before, to see what is wrong with them; whether the end was met.
    ///
    /// # Errors
    ///
    /// Where the host's bytes fail.
    pub(crate) fn advance(&self, bytes: u64) -> io::Result<bool> {
        let mut scratch = vec![0; SKIP];
        let stop = self.state.borrow().front.saturating_add(bytes);
        loop {
            let (front, end) = {
                let state = self.state.borrow();
                (state.front, state.end)
            };
            if end.is_some() {
                return Ok(true);
            }
            if front >= stop {
                return Ok(false);
            }
            self.read_at(front, &mut scratch)?;
        }
    }
}

impl State {
    /// Brings the best decoder for `offset` to the end of `cursors`: the nearest one before it.
    fn choose(&mut self, offset: u64) -> io::Result<()> {
        let before = |c: &&Cursor| c.at <= offset;
        let running = (0..self.cursors.len())
            .filter(|i| self.cursors[*i].at <= offset)
            .max_by_key(|i| self.cursors[*i].at);
        let checkpoint = self.checkpoints.iter().rev().find(before);
        let checkpoint = checkpoint.ok_or_else(|| io::Error::other("there is no checkpoint"))?;
        if let Some(i) = running
            && self.cursors[i].at >= checkpoint.at
        {
            let cursor = self.cursors.remove(i);
            self.cursors.push(cursor);
            return Ok(());
        }
        let fork = checkpoint.fork();
        let fork = fork.ok_or_else(|| io::Error::other("a checkpoint cannot be used"))?;
        if self.cursors.len() >= CURSORS {
            // The one at the front is the only one of which there is no other.
            let front = self.front;
            let idle = self.cursors.iter().position(|c| c.at != front);
            self.cursors.remove(idle.unwrap_or(0));
        }
        self.cursors.push(fork);
        Ok(())
    }

    /// Decodes on with the last cursor; 0 at the end only.
    fn decode(&mut self, out: &mut [u8], limit: u64) -> io::Result<usize> {
        let Some(cursor) = self.cursors.last_mut() else {
            return Ok(0);
        };
        if cursor.at < self.front {
            // Nobody passes the front but who stands there, so that everything is told once.
            let room = bounded(self.front - cursor.at, out.len());
            let n = cursor.decoder.decode(&mut out[..room])?;
            cursor.decoder.take_faults();
            cursor.at += n as u64;
            if n == 0 {
                // It came this far before: the host's bytes are not what they were.
                return Err(io::Error::other("it changed while it was read"));
            }
            if cursor.at == self.front {
                // What it may have met already of what lies behind was not told: the one that stands here will.
                self.cursors.pop();
            }
            return Ok(n);
        }
        if cursor.at >= limit {
            self.faults.push(Fault {
                code: "compressed-too-large",
                severity: Severity::Error,
                offset: cursor.decoder.consumed(),
                passed_over: 0,
                message: format!(
                    "more than {} GB come out of it; what lies behind was not examined",
                    limit >> 30
                ),
                hint: Some("A file made to grow without measure looks like this. If it is a true log, unpack it first."),
            });
            self.end = Some(cursor.at);
            return Ok(0);
        }
        let room = bounded(limit - cursor.at, out.len());
        let n = cursor.decoder.decode(&mut out[..room]);
        self.faults.extend(cursor.decoder.take_faults());
        let n = n?;
        cursor.at += n as u64;
        self.front = cursor.at;
        self.consumed = cursor.decoder.consumed();
        if n == 0 {
            self.end = Some(cursor.at);
            self.description = cursor.decoder.describe();
        } else if let Some(last) = self.checkpoints.last()
            && cursor.at - last.at >= self.spacing
            && let Some(checkpoint) = cursor.fork()
        {
            self.checkpoints.push(checkpoint);
            if self.checkpoints.len() > CHECKPOINTS {
                let mut i = 0;
                self.checkpoints.retain(|_| {
                    i += 1;
                    i % 2 == 1
                });
                self.spacing *= 2;
            }
        }
        Ok(n)
    }
}

impl ByteSource for Streamed {
    fn len(&self) -> u64 {
        self.end().unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        if buf.is_empty() || state.end.is_some_and(|end| offset >= end) {
            return Ok(0);
        }
        let mut scratch = Vec::new();
        let mut done = 0;
        while done < buf.len() {
            let wanted = offset + done as u64;
            if state.end.is_some_and(|end| wanted >= end) {
                break;
            }
            state.choose(wanted)?;
            let at = state.cursors.last().map_or(wanted, |c| c.at);
            let n = if at < wanted {
                scratch.resize(SKIP, 0);
                let room = bounded(wanted - at, SKIP);
                state.decode(&mut scratch[..room], self.limit)?
            } else {
                let n = state.decode(&mut buf[done..], self.limit)?;
                done += n;
                n
            };
            if n == 0 {
                break;
            }
        }
        Ok(done)
    }
}

/// `n`, but at most `most`.
fn bounded(n: u64, most: usize) -> usize {
    usize::try_from(n).unwrap_or(most).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up to `len`; forks only at multiples of `every`.
    struct Counter {
        at: u64,
        len: u64,
        every: u64,
        faults: Vec<Fault>,
    }

    fn byte(at: u64) -> u8 {
        (at ^ at >> 8 ^ at >> 16).to_le_bytes()[0]
    }

    impl Decoder for Counter {
        fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let mut n = 0;
            while n < out.len() && self.at < self.len {
                out[n] = byte(self.at);
                self.at += 1;
                n += 1;
                if self.at == self.len / 2 {
                    self.faults.push(Fault {
                        code: "half",
                        severity: Severity::Info,
                        offset: self.at,
                        passed_over: 0,
                        message: String::new(),
                        hint: None,
                    });
                }
                if self.at.is_multiple_of(self.every) {
                    break;
                }
            }
            Ok(n)
        }

        fn fork(&self) -> Option<Box<dyn Decoder>> {
            self.at.is_multiple_of(self.every).then(|| {
                Box::new(Self {
                    faults: Vec::new(),
                    ..*self
                }) as Box<dyn Decoder>
            })
        }

        fn consumed(&self) -> u64 {
            self.at
        }

        fn take_faults(&mut self) -> Vec<Fault> {
            std::mem::take(&mut self.faults)
        }

        fn describe(&self) -> String {
            "a counter".into()
        }
    }

    fn streamed(len: u64, every: u64, limit: u64) -> Streamed {
        let counter = Counter {
            at: 0,
            len,
            every,
            faults: Vec::new(),
        };
        Streamed::with_limit(Box::new(counter), limit)
    }

    #[test]
    fn reads_in_any_order_give_the_same_and_a_fault_is_told_once() {
        let len = 6 << 20;
        for every in [1 << 30, 300_007, 4096] {
            let source = streamed(len, every, STREAM_LIMIT);
            let mut random = 0x9e37_79b9_7f4a_7c15_u64;
            for _ in 0..60 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let offset = random % (len + 1000);
                let mut buf = vec![0; usize::try_from(random >> 40).unwrap() % 70_000];
                let n = source.read_at(offset, &mut buf).unwrap();
                let there = len.saturating_sub(offset).min(buf.len() as u64);
                assert_eq!(n as u64, there, "at {offset}");
                assert!((0..).zip(&buf[..n]).all(|(i, b)| *b == byte(offset + i)));
                assert!(source.state.borrow().cursors.len() <= CURSORS);
            }
            assert!(source.advance(u64::MAX).unwrap());
            assert_eq!(source.len(), len);
            assert_eq!(source.take_faults().len(), 1);
        }
    }

    #[test]
    fn checkpoints_are_bounded() {
        let source = streamed(700 << 20, 1 << 16, STREAM_LIMIT);
        let state = || source.state.borrow();
        source.state.borrow_mut().spacing = 1 << 16;
        assert!(!source.advance(40 << 20).unwrap());
        assert!(state().checkpoints.len() <= CHECKPOINTS);
        assert!(state().checkpoints.is_sorted_by_key(|c| c.at));
        assert_eq!(state().checkpoints[0].at, 0);
        assert!(state().checkpoints.len() >= CHECKPOINTS / 4);
    }

    #[test]
    fn a_limit_ends_it_with_a_fault() {
        let source = streamed(1 << 20, 1 << 30, 1000);
        let mut buf = [0; 2000];
        assert_eq!(source.read_at(0, &mut buf).unwrap(), 1000);
        assert_eq!(source.len(), 1000);
        assert_eq!(source.take_faults()[0].code, "compressed-too-large");
    }
}
