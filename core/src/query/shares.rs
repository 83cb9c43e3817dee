//! How the pieces of a run are shared out: each worker takes some that follow one another, so that it reads its file from
//! front to back, and comes back for more.
//!
//! What a browser reads ahead of a worker is for nothing where its pieces end, some megabytes each time: so they are many.

use std::ops::Range;

/// Pieces that are taken at once: at most, and towards the end at least.
const MOST: u32 = 128;
const LEAST: u32 = 4;

/// The pieces that nobody has worked on yet.
pub(super) struct Shares {
    rest: Range<u32>,
    /// What each worker has taken.
    taken: Vec<Range<u32>>,
}

impl Shares {
    /// Of so many pieces.
    pub(super) fn new(pieces: u32) -> Self {
        Self {
            rest: 0..pieces,
            taken: Vec::new(),
        }
    }

    /// The next piece for `worker`, one of `workers`; if `only` one is due, none but that. Towards the end less is taken at
    /// once, so that all end together.
    pub(super) fn next(&mut self, worker: usize, workers: usize, only: Option<u32>) -> Option<u32> {
        if self.taken.len() <= worker {
            self.taken.resize(worker + 1, 0..0);
        }
        let own = self.taken.get_mut(worker)?;
        if own.start >= own.end {
            let workers = u32::try_from(workers).unwrap_or(u32::MAX).max(1);
            let left = self.rest.end - self.rest.start;
            let count = (left / workers).clamp(LEAST, MOST).min(left);
            *own = self.rest.start..self.rest.start + count;
            self.rest.start += count;
        }
        match only {
            Some(piece) if piece != own.start => None,
            _ => own.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_taken_once() {
        for workers in 1..9 {
            for pieces in [0, 1, 2, 31, 32, 500] {
                let mut shares = Shares::new(pieces);
                let mut taken = Vec::new();
                // A slow worker, among others.
                let order = (0..).map(|i: usize| if i.is_multiple_of(7) { 0 } else { i % workers });
                for worker in order {
                    match shares.next(worker, workers, None) {
                        Some(piece) => taken.push(piece),
                        None if taken.len() == pieces as usize => break,
                        None => {}
                    }
                }
                taken.sort_unstable();
                assert!(taken.into_iter().eq(0..pieces), "{pieces} by {workers}");
            }
        }
    }
    #[test]
    fn the_only_piece_that_is_due_can_be_had() {
        let (pieces, workers) = (500, 3);
        let mut shares = Shares::new(pieces);
        let begun: Vec<u32> = (0..workers)
            .filter_map(|w| shares.next(w, workers, None))
            .collect();
        assert_eq!(begun.len(), workers);
        for due in (0..pieces).filter(|p| !begun.contains(p)) {
            let of_all = |w| shares.next(w, workers, Some(due));
            let given: Vec<u32> = (0..workers).filter_map(of_all).collect();
            assert_eq!(given, [due]);
        }
    }
}
