//! What became of every byte of a source: examined, or left out, and why.

use serde::{Deserialize, Serialize};

use crate::finding::Locator;

/// Places of one kind that are listed one by one; the others are added up in one more.
#[cfg(feature = "engine")]
const LISTED: usize = 32;

/// Every byte of a source: `examined` and those of `unexamined` add up to all of them, companions included. Of a packed
/// file they are the bytes that it holds unpacked. Bytes of its own out of which nothing came are listed too, and apart from
/// that sum: [`Unexamined::is_packed`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounting {
    /// Bytes that were read as entries, or as the structure that holds them: brackets, commas, blanks, interior pages.
    pub examined: u64,
    /// What was not, in the order in which it was met. Of one code at most 32 places are listed, and after them one more
    /// that adds up the others.
    pub unexamined: Vec<Unexamined>,
    /// The length of the file, if it is packed.
    pub packed: Option<u64>,
}

/// Bytes of a source that were not examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unexamined {
    /// Why; stable, listed in `docs/formats.md`: `trailing-data`.
    pub code: String,
    /// How many; never 0.
    pub bytes: u64,
    /// Where, if they lie in one place.
    pub locator: Locator,
    /// What they are, as a noun for people: `3 free pages`.
    pub message: String,
}

impl Accounting {
    /// All bytes; of a packed file all that came out of it.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.examined + self.unexamined()
    }

    /// The bytes that were not examined.
    #[must_use]
    pub fn unexamined(&self) -> u64 {
        let inside = self.unexamined.iter().filter(|u| !u.is_packed());
        inside.map(|u| u.bytes).sum()
    }

    /// The bytes of a packed file, as they lie in it, out of which nothing came.
    #[must_use]
    pub fn packed_unexamined(&self) -> u64 {
        let outside = self.unexamined.iter().filter(|u| u.is_packed());
        outside.map(|u| u.bytes).sum()
    }
}

impl Unexamined {
    /// Whether these are bytes as they lie in a packed file, before anything is unpacked.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.code.starts_with("compressed-") || self.code == "text-not-decoded"
    }
}

#[cfg(feature = "engine")]
impl Accounting {
    /// Adds `bytes` that were not examined; nothing if there are none.
    pub(crate) fn leave_out(
        &mut self,
        code: &'static str,
        bytes: u64,
        locator: Locator,
        message: impl Into<String>,
    ) {
        if bytes == 0 {
            return;
        }
        let is_same = |u: &&mut Unexamined| u.code == code;
        let same = self.unexamined.iter().filter(|u| u.code == code).count();
        if same > LISTED
            && let Some(others) = self.unexamined.iter_mut().rev().find(is_same)
        {
            others.bytes += bytes;
            return;
        }
        let is_listed = same < LISTED;
        self.unexamined.push(Unexamined {
            code: code.into(),
            bytes,
            locator: if is_listed {
                locator
            } else {
                Locator::Whole {}
            },
            message: if is_listed {
                message.into()
            } else {
                format!("further places ({code})")
            },
        });
    }

    /// Counts as examined whatever of `total` bytes is not accounted for yet.
    pub(crate) fn rest_is_examined(&mut self, total: u64) {
        self.examined = total.saturating_sub(self.unexamined());
    }
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    #[test]
    fn many_places_are_added_up() {
        let mut accounting = Accounting::default();
        for i in 0..100 {
            let at = Locator::Range {
                offset: 10 * i,
                length: 2,
            };
            accounting.leave_out("json-gap", 2, at, "a gap");
            accounting.leave_out("json-gap", 0, Locator::Whole {}, "nothing");
        }
        accounting.leave_out("trailing-data", 5, Locator::Offset { offset: 1_000 }, "x");
        accounting.rest_is_examined(1_005);
        assert_eq!(accounting.unexamined.len(), LISTED + 2);
        assert_eq!(accounting.unexamined[LISTED].bytes, 2 * 68);
        assert_eq!(accounting.unexamined[LISTED].locator, Locator::Whole {});
        assert_eq!((accounting.examined, accounting.total()), (800, 1_005));
        let at = Locator::Offset { offset: 90 };
        accounting.leave_out("compressed-trailing-data", 7, at, "x");
        assert_eq!(accounting.total(), 1_005);
        assert_eq!(accounting.packed_unexamined(), 7);
    }
}
