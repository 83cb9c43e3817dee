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

    /// Takes over a chunk that was hashed elsewhere, by [`hash_packed`]; false if that is not what the bytes are.
    pub(crate) fn take_over(&mut self, bytes: &[u8]) -> bool {
        if self.batches.is_empty() {
            self.batches.push(Mutex::default());
        }
        let first = self.batches[0].get_mut();
        let is_whole = first
            .unwrap_or_else(PoisonError::into_inner)
            .unpack(bytes)
            .is_some();
        self.used = usize::from(is_whole);
        is_whole
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

/// Makes canonical and hashes a chunk that travelled here as bytes ([`Collected::pack`]); gives back what
/// [`Batches::take_over`] takes. Empty where the chunk is best looked at by whoever sent it.
pub(crate) fn hash_packed(chunk: &[u8]) -> Vec<u8> {
    let hash = || {
        let chunk = Collected::unpack(chunk)?;
        let mut batch = Batch::default();
        batch.fill(&chunk, 0..chunk.len());
        batch.pack()
    };
    hash().unwrap_or_default()
}
