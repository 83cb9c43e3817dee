//! What entries that were read again have answered: the next filter with the same word reads only the others.

use super::ast::Test;
use crate::index::Bits;

/// Tests that are remembered; each takes two bits an entry.
const MOST: usize = 16;

/// The tests of entries that were asked last, with what is known of them.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    all: Vec<Answered>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    test: Test,
    /// The rows that were asked, and those that passed.
    pub(crate) asked: Bits,
    pub(crate) passed: Bits,
}

impl Answered {
    pub(crate) fn new(test: &Test, len: u32) -> Self {
        Self {
            test: test.clone(),
            asked: Bits::none(len),
            passed: Bits::none(len),
        }
    }
}

impl Answers {
    /// The rows, of the first `len`, that passed a test, and those that did not.
    pub(crate) fn of(&self, test: &Test, len: u32) -> (Bits, Bits) {
        let (mut passed, mut failed) = (Bits::none(len), Bits::none(len));
        if let Some(known) = self.all.iter().find(|a| a.test == *test) {
            passed.or(&known.passed);
            failed.or(&known.asked);
            failed.and_not(&known.passed);
        }
        (passed, failed)
    }

    /// Takes in what is newly known; the test that was not asked for longest goes.
    pub(crate) fn keep(&mut self, mut new: Answered) {
        if let Some(place) = self.all.iter().position(|a| a.test == new.test) {
            let old = self.all.remove(place);
            new.asked.or(&old.asked);
            new.passed.or(&old.passed);
        }
        self.all.push(new);
        if self.all.len() > MOST {
            self.all.remove(0);
        }
    }
}
