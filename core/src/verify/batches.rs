//! A chunk of entries cut into small batches, which any number of threads may make canonical and hash.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::batch::Batch;
use super::collected::Collected;

/// Entries per batch: enough to keep the lanes full, few enough to share a chunk out evenly.
const ENTRIES: usize = 64;

/// The batches of a chunk, their buffers kept for the next one.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    batches: Vec<Mutex<Batch>>,
    /// How many of them belong to the chunk.
    used: usize,
    /// Whether claimed checksums are to be rendered for an observer.
    wants_claims: bool,
}

/// Batches that are being filled.
pub(crate) struct Filling<'a> {
    batches: &'a [Mutex<Batch>],
    chunk: &'a Collected,
    /// The next batch that nobody has taken.
    next: AtomicUsize,
}

impl Batches {
    pub(crate) fn new(wants_claims: bool) -> Self {
        Self {
            wants_claims,
            ..Self::default()
        }
    }

    /// Begins to fill the batches from `chunk`; whoever calls [`Filling::help`] does a part of it.
    pub(crate) fn fill<'a>(&'a mut self, chunk: &'a Collected) -> Filling<'a> {
        self.used = chunk.len().div_ceil(ENTRIES);
        while self.batches.len() < self.used {
            let mut batch = Batch::default();
            batch.wants_claims = self.wants_claims;
            self.batches.push(Mutex::new(batch));
        }
        Filling {
            batches: &self.batches[..self.used],
            chunk,
            next: AtomicUsize::new(0),
        }
    }

    /// The filled batches, in order; each is given out once.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = &Batch> {
        let used = &mut self.batches[..std::mem::take(&mut self.used)];
        used.iter_mut()
            .map(|batch| &*batch.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Filling<'_> {
    /// Fills batches until all are taken.
    pub(crate) fn help(&self) {
        loop {
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = self.batches.get(i) else {
                return;
            };
            let from = i * ENTRIES;
            let to = (from + ENTRIES).min(self.chunk.len());
            // Nobody else has this number, so the lock is free; it is here to make that plain to the compiler.
            batch
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill(self.chunk, from..to);
        }
    }
}
