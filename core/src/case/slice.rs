//! The evidence slice: the entries that are not verified, each with the exact bytes that were hashed.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Case;
use super::render;
use crate::canon::EntryCanonicalizer;
use crate::digest::{hex, hex_of, sha256};
use crate::entry::{Fields, RawEntry};
use crate::error::Error;
use crate::finding::Locator;
use crate::index::Field;
use crate::query::Entries;
use crate::units::RowIdx;
use crate::verify::settled;
use crate::view::{Slice, ValueKind, Verdict};

/// Entries read at a time.
const RUN: usize = 2_048;
/// Hex digits of a claimed checksum.
const CLAIMED: usize = 16;

/// A line of the slice.
#[derive(Serialize)]
struct Line<'l> {
    entry_id: &'l str,
    source: &'l str,
    locator: &'l Locator,
    verdict: Verdict,
    claimed: Option<&'l str>,
    recomputed: Option<&'l str>,
    sha256: Option<String>,
    hashed_hex: Option<String>,
    hashed_text: Option<&'l str>,
    reason: Option<&'l str>,
}

/// An evidence slice being written: see [`Case::begin_slice`].
pub struct Slicing {
    rows: Vec<u32>,
    /// How many of them were written.
    written: usize,
    canon: EntryCanonicalizer,
    hasher: Sha256,
}

impl Slicing {
    /// Entries written, and all that are to be.
    #[must_use]
    pub fn written(&self) -> (u64, u64) {
        (self.written as u64, self.rows.len() as u64)
    }

    /// What was written, under the name of its file.
    #[must_use]
    pub fn end(self, name: String) -> Slice {
        Slice {
            name,
            entries: self.written as u64,
            sha256: hex(&self.hasher.finalize().into(), 64),
        }
    }
}

impl Case {
    /// Begins to hand on the entries that are not verified, a line of JSON each and each with its line feed, in the order
    /// of the log: whoever reads them recomputes the checksums with nothing but a SHA-256 tool.
    ///
    /// # Errors
    ///
    /// None that is known: the columns tell which entries they are.
    pub fn begin_slice(&self) -> Result<Slicing, Error> {
        Ok(Slicing {
            rows: self.bits_of("-verdict:verified")?.iter().collect(),
            written: 0,
            canon: EntryCanonicalizer::default(),
            hasher: Sha256::new(),
        })
    }

    /// Goes on by some thousand entries; false once all are written.
    ///
    /// # Errors
    ///
    /// If a source can no longer be read, or the first that `write` gives.
    pub fn slice_step(
        &self,
        slicing: &mut Slicing,
        write: &mut dyn FnMut(&str) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let rest = slicing.rows.get(slicing.written..).unwrap_or_default();
        let run = rest.get(..RUN).unwrap_or(rest);
        let (canon, hasher) = (&mut slicing.canon, &mut slicing.hasher);
        let mut outcome = Ok(());
        self.read_again(run, Fields::All, &mut |row, entry| {
            if outcome.is_ok() {
                outcome = self.line(row, entry, canon).and_then(|line| {
                    hasher.update(line.as_bytes());
                    write(&line)
                });
            }
        })?;
        outcome?;
        slicing.written += run.len();
        Ok(slicing.written < slicing.rows.len())
    }

    fn line(
        &self,
        row: u32,
        entry: Option<&RawEntry<'_>>,
        canon: &mut EntryCanonicalizer,
    ) -> Result<String, Error> {
        let gone = || Error::unavailable("an entry can no longer be read");
        let entry = &settled(entry.ok_or_else(gone)?);
        let named = self.entry_ref(RowIdx(row));
        let verdict = self.judge.index.column(Field::Verdict).json(row);
        let is = |v: &Verdict| v.as_str() == verdict.trim_matches('"');
        let mut message = Vec::new();
        let written = canon.write(entry, &mut message);
        let digest = written.is_ok().then(|| sha256(&message));
        let whole = digest.as_ref().map(|d| hex(d, 64));
        let (kind, claimed) = render::shown(entry.claimed_checksum, usize::MAX);
        let has_claim = !matches!(kind, ValueKind::Null | ValueKind::Missing);
        let line = Line {
            entry_id: &named.entry_id,
            source: &named.source,
            locator: &named.locator,
            verdict: Verdict::ALL
                .into_iter()
                .find(is)
                .unwrap_or(Verdict::Unreadable),
            claimed: has_claim.then_some(claimed.as_str()),
            recomputed: whole.as_deref().and_then(|w| w.get(..CLAIMED)),
            hashed_hex: digest.map(|_| hex_of(&message)),
            // What json.dumps writes is ASCII.
            hashed_text: digest.and_then(|_| std::str::from_utf8(&message).ok()),
            reason: written.as_ref().err().map(|e| e.reason.as_str()),
            sha256: whole.clone(),
        };
        let text = serde_json::to_string(&line);
        text.map(|t| t + "\n").map_err(|_| gone())
    }
}
