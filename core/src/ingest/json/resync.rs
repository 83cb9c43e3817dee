//! Finds the next entry behind a break in JSON. What it finds depends on the bytes from the break on and nothing else.
//!
//! An entry begins at the first `{` from which an object extends, by the rules of `extent`, that has six or more of the
//! hashed fields and at most 256 MB. So an object inside another entry is none, unless the outer one is broken. Whether the
//! break lies inside a string is not known: every `{` is tried. That takes linear time all the same, because a `{` that one
//! reading takes for structure needs no reading of its own, and of those that begin with different parity of the quotes there
//! are never more than two at work.
//!
//! An object that is still open [`LOOKAHEAD`] bytes behind an entry inside it is given up for it, so that a bracket that is
//! missing costs neither memory nor the rest of the file.

use std::collections::VecDeque;

use super::machine::{Fed, Machine};
use super::walk::LIKE_AN_ENTRY;
use super::window::ENTRY_LIMIT;

/// How far behind an entry the end of an object around it is awaited, in bytes.
const LOOKAHEAD: u64 = 1 << 20;

/// An object that looks like an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The hashed fields that it has.
    pub(super) mask: u8,
}

/// The search, which goes on behind what it found.
#[derive(Debug, Default)]
pub(super) struct Resync {
    at: u64,
    /// Never both in a string nor both outside one.
    machines: [Machine; 2],
    /// Objects that look like entries, none inside another, while one around them may still end.
    pending: VecDeque<Span>,
    /// The end of the last entry: nothing before it is looked at again.
    floor: u64,
}

impl Resync {
    /// A search from `at` on.
    pub(super) fn new(at: u64) -> Self {
        Self {
            at,
            floor: at,
            ..Self::default()
        }
    }

    /// The next byte to be fed.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Whether nothing is open behind the last entry, so that reading can go on there as if nothing had happened.
    pub(super) fn is_clean(&self) -> bool {
        self.at == self.floor
            && self.pending.is_empty()
            && !self.machines.iter().any(Machine::is_alive)
    }

    /// Reads `bytes`, which stand at [`Resync::at`], up to the place where an entry is certain.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<Span> {
        if let Some(span) = self.settled() {
            return Some(span);
        }
        let mut i = 0;
        while let Some(&b) = bytes.get(i) {
            if !self.machines.iter().any(Machine::is_alive) {
                let Some(skipped) = memchr::memchr(b'{', &bytes[i..]) else {
                    self.at += (bytes.len() - i) as u64;
                    return None;
                };
                i += skipped + 1;
                self.at += skipped as u64;
                self.machines[0].start(self.at, true);
                self.at += 1;
                continue;
            }
            let is_settled = self.byte(b);
            i += 1;
            let is_due = self
                .pending
                .front()
                .is_some_and(|first| is_settled || self.at - first.end > LOOKAHEAD);
            if is_due && let Some(span) = self.settled() {
                return Some(span);
            }
        }
        None
    }

    /// An entry that is certain because nothing follows; to be called until there is none.
    pub(super) fn finish(&mut self) -> Option<Span> {
        self.machines.iter_mut().for_each(Machine::stop);
        self.settled()
    }

    /// Reads one byte; whether something ended.
    fn byte(&mut self, b: u8) -> bool {
        let at = self.at;
        self.at += 1;
        let (mut is_taken, mut has_ended) = (false, false);
        for machine in &mut self.machines {
            if !machine.is_alive() {
                continue;
            }
            let is_outside = !machine.is_in_string();
            match machine.feed(b, at) {
                Fed::On => is_taken |= is_outside,
                Fed::Array => {}
                Fed::Broken => has_ended = true,
                Fed::Object { start, mask } => {
                    has_ended = true;
                    let is_entry = mask.count_ones() >= LIKE_AN_ENTRY
                        && start >= self.floor
                        && self.at - start <= ENTRY_LIMIT as u64;
                    if is_entry {
                        // Of what ended before, whatever begins behind it lies inside it.
                        while self.pending.back().is_some_and(|p| p.start > start) {
                            self.pending.pop_back();
                        }
                        let end = self.at;
                        self.pending.push_back(Span { start, end, mask });
                    }
                }
            }
        }
        if b == b'{'
            && !is_taken
            && let Some(idle) = self.machines.iter_mut().find(|m| !m.is_alive())
        {
            idle.start(at, true);
        }
        has_ended
    }

    /// The first of the pending, if no object around it can still end, or is awaited no longer.
    fn settled(&mut self) -> Option<Span> {
        let first = *self.pending.front()?;
        let is_awaited = self.at - first.end <= LOOKAHEAD
            && self
                .machines
                .iter()
                .any(|m| m.has_open_object(self.floor, first.start));
        if is_awaited {
            return None;
        }
        self.pending.pop_front();
        self.floor = first.end;
        while self.pending.front().is_some_and(|p| p.start < first.end) {
            self.pending.pop_front();
        }
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::element::field_bit;
    use super::super::extent::{self, Extent};
    use super::*;
    use crate::json::Str;

    /// Pieces from which texts are made: structure, strings, parts of entries, and whole ones.
    const PIECES: [&str; 18] = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        ",",
        ":",
        " ",
        "\n",
        "\0",
        "a",
        "{}",
        "\"s\"",
        "\"action\": 1, \"actor\": \"}\", \"entry_id\": [], ",
        "\"event_type\": {}, \"resource_id\": \"{\", \"timestamp\": 0",
        "{\"action\": 1, \"actor\": \"x\", \"entry_id\": \"\\\"\", \"event_type\": 2, \"resource_id\": 3, \"timestamp\": 4}",
        "{\"b\": [{\"action\":1,\"actor\":1,\"entry_id\":1,\"event_type\":1,\"resource_id\":1,\"timestamp\":1}], \"c\": ",
    ];

    fn text(seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap_or(0)
        };
        let pieces = 1 + next() % 40;
        (0..pieces)
            .flat_map(|_| PIECES[next() % PIECES.len()].bytes())
            .collect()
    }

    /// The end of the object at `start` and its fields, by `extent`.
    fn object(text: &[u8], start: usize) -> Option<(usize, u8)> {
        let Extent::Complete(end) = extent::value(text, start) else {
            return None;
        };
        let (mut mask, mut depth, mut at, mut key) = (0, 0, start, None);
        let mut before = b'{';
        while at < end {
            match text[at] {
                b'"' => {
                    let Extent::Complete(close) = extent::string(text, at) else {
                        unreachable!("inside a whole value");
                    };
                    key = (before != b':').then_some(&text[at + 1..close - 1]);
                    before = b'"';
                    at = close;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b':' if depth == 1 => {
                    let is_plain = true;
                    mask |= key.map_or(0, |raw| field_bit(Str { raw, is_plain }));
                }
                _ => {}
            }
            if !text[at].is_ascii_whitespace() {
                key = None;
                before = text[at];
            }
            at += 1;
        }
        Some((end, mask))
    }

    /// The rule as it is written: one `{` after the other.
    fn plainly(text: &[u8]) -> Vec<(u64, u64)> {
        let (mut at, mut spans) = (0, Vec::new());
        while at < text.len() {
            match object(text, at).filter(|_| text[at] == b'{') {
                Some((end, mask)) if mask.count_ones() >= LIKE_AN_ENTRY => {
                    spans.push((at as u64, end as u64));
                    at = end;
                }
                _ => at += 1,
            }
        }
        spans
    }

    fn found(text: &[u8], slice: usize) -> Vec<(u64, u64)> {
        let (mut resync, mut spans) = (Resync::new(0), Vec::new());
        while let Some(at) = usize::try_from(resync.at())
            .ok()
            .filter(|at| *at < text.len())
        {
            let end = text.len().min(at + slice);
            spans.extend(resync.feed(&text[at..end]));
        }
        spans.extend(std::iter::from_fn(|| resync.finish()));
        spans.iter().map(|s| (s.start, s.end)).collect()
    }

    #[test]
    fn the_search_is_the_rule() {
        let mut entries = 0;
        for seed in 0..20_000 {
            let text = text(seed);
            let expected = plainly(&text);
            entries += expected.len();
            for slice in [text.len(), 1 + text.len() / 3] {
                assert_eq!(
                    found(&text, slice),
                    expected,
                    "{:?}",
                    String::from_utf8_lossy(&text)
                );
            }
        }
        assert!(entries > 10_000, "{entries}");
    }

    #[test]
    fn a_bracket_that_is_missing_costs_little() {
        let entry = "{\"action\":1,\"actor\":1,\"entry_id\":1,\"event_type\":1,\"resource_id\":1,\"timestamp\":1}";
        let count = 2 * usize::try_from(LOOKAHEAD).unwrap_or(0) / entry.len();
        let text = format!("{{\"a\": [{}", vec![entry; count].join(", "));
        let mut resync = Resync::new(0);
        assert!(resync.feed(text.as_bytes()).is_some());
        assert!(resync.at() < LOOKAHEAD + 200, "{}", resync.at());
        assert_eq!(found(text.as_bytes(), 4096).len(), count);
        let deep = "{\"a\":".repeat(1 << 18);
        assert_eq!(found(deep.as_bytes(), 4096), []);
    }
}
