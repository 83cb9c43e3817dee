//! Random damage, with a memory of where each byte came from.

use std::ops::Range;

use crate::log::Random;

/// No byte of the log.
const FOREIGN: usize = usize::MAX;

/// A log that was damaged.
pub(crate) struct Damaged {
    pub(crate) bytes: Vec<u8>,
    /// Where each byte stood.
    origins: Vec<usize>,
    /// What was done.
    pub(crate) how: Vec<String>,
}

impl Damaged {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            origins: (0..bytes.len()).collect(),
            how: Vec::new(),
        }
    }

    /// Puts `new` in the place of `range`.
    pub(crate) fn replace(&mut self, range: Range<usize>, new: &[u8]) {
        // What is overwritten by itself is not damaged.
        let same = |i: usize, b: u8| range.len() == new.len() && self.bytes[range.start + i] == b;
        let origins: Vec<usize> = new
            .iter()
            .enumerate()
            .map(|(i, b)| match same(i, *b) {
                true => self.origins[range.start + i],
                false => FOREIGN,
            })
            .collect();
        self.origins.splice(range.clone(), origins);
        self.bytes.splice(range, new.iter().copied());
    }

    /// The entries that are whole: where each stands now, and which one it is.
    pub(crate) fn whole(&self, entries: &[Range<usize>]) -> Vec<(u64, usize)> {
        let mut whole = Vec::new();
        for (now, origin) in self.origins.iter().enumerate() {
            if let Ok(number) = entries.binary_search_by_key(origin, |e| e.start) {
                let len = entries[number].len();
                let is_whole = (0..len).all(|i| self.origins.get(now + i) == Some(&(origin + i)));
                if is_whole {
                    whole.push((now as u64, number));
                }
            }
        }
        whole
    }
}

/// One to three damages.
pub(crate) fn damage(bytes: &[u8], random: &mut Random) -> Damaged {
    let mut damaged = Damaged::new(bytes);
    for _ in 0..=random.below(3) {
        let len = damaged.bytes.len();
        if len == 0 {
            break;
        }
        let at = random.below(len);
        let reach = [1, 4, 64, 1_000][random.below(4)];
        let end = (at + 1 + random.below(reach)).min(len);
        let (how, range, new): (&str, Range<usize>, Vec<u8>) = match random.below(8) {
            0 => ("delete", at..end, Vec::new()),
            1 => ("zero", at..end, vec![0; end - at]),
            2 => (
                "flip",
                at..at + 1,
                vec![damaged.bytes[at] ^ 1 << random.below(8)],
            ),
            3 => (
                "garbage",
                at..end,
                (at..end).map(|_| random.byte()).collect(),
            ),
            4 => ("insert", at..at, (at..end).map(|_| random.byte()).collect()),
            5 => {
                let marks = b"\"\\{}[],:\n\0";
                (
                    "mark",
                    at..at + random.below(2),
                    vec![marks[random.below(marks.len())]],
                )
            }
            6 => ("cut", end.max(len - len / 4)..len, Vec::new()),
            _ => ("behead", 0..at / 4, Vec::new()),
        };
        damaged.how.push(format!("{how} {range:?}"));
        damaged.replace(range, &new);
    }
    damaged
}
