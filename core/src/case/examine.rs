//! What a verified case says beyond its verdicts.

use super::Case;
use super::render;
use crate::error::Error;
use crate::examine::completeness::{Examined, Part, Reading, examine};
use crate::examine::retention::{RetentionAsk, measure};
use crate::finding::Locator;
use crate::index::decoded;
use crate::query::parse_path;
use crate::units::RowIdx;
use crate::view::{CELL_LIMIT, EntryRef, Evidence, Pairing, Retention};

/// An examination under way: see [`Case::begin_examination`].
pub struct Examining {
    pair: Option<String>,
    read: Reading,
}

impl Examining {
    /// Entries read so far.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.read.read
    }
}

impl Case {
    /// Evidence that entries are missing or were not written when they say, the strongest first. None is no proof that
    /// nothing is missing.
    #[must_use]
    pub fn completeness(&self) -> Vec<Evidence> {
        self.examined(None).evidence
    }

    /// The same, with the requests and responses that were paired; `pair` is the details path by which they belong
    /// together, where it is not one of the usual ones.
    ///
    /// # Errors
    ///
    /// If `pair` is no path of the details.
    pub fn completeness_with(
        &self,
        pair: Option<&str>,
    ) -> Result<(Vec<Evidence>, Option<Pairing>), Error> {
        check_pair(pair)?;
        let Examined { evidence, pairing } = self.examined(pair);
        Ok((evidence, pairing))
    }

    /// What [`Case::completeness_with`] would tell without reading anything again.
    fn known_examination(&self, pair: Option<&str>) -> Option<Examined> {
        let examined = self.examined.borrow();
        let (len, by, known) = examined.as_ref()?;
        ((*len, by.as_deref()) == (self.judge.index.len(), pair)).then(|| known.clone())
    }

    /// Whether [`Case::completeness_with`] has nothing more to read.
    #[must_use]
    pub fn is_examined(&self, pair: Option<&str>) -> bool {
        self.known_examination(pair).is_some()
    }

    fn examined(&self, pair: Option<&str>) -> Examined {
        if let Some(known) = self.known_examination(pair) {
            return known;
        }
        let mut examining = self.begin_examination(pair);
        while self.examine_step(&mut examining) {}
        self.keep_examined(examining)
    }

    /// Begins to gather what [`Case::completeness`] tells, for a host that has other things to do meanwhile.
    #[must_use]
    pub fn begin_examination(&self, pair: Option<&str>) -> Examining {
        Examining {
            pair: pair.map(str::to_owned),
            read: Reading::begin(&self.judge.index, self.parts_with_rows(), pair),
        }
    }

    /// Goes on by some thousand entries; false once all were read. [`Case::end_examination`] is then due.
    pub fn examine_step(&self, examining: &mut Examining) -> bool {
        examining.read.step(&self.judge.index, self)
    }

    /// Keeps what was gathered: [`Case::completeness`] tells it from then on without reading again.
    pub fn end_examination(&self, examining: Examining) {
        self.keep_examined(examining);
    }

    fn keep_examined(&self, examining: Examining) -> Examined {
        let index = &self.judge.index;
        let name = |row| self.entry_ref(RowIdx(row));
        let found = examine(index, examining.read, &name);
        // Every entry was read for it, and the page asks again when it is compared or reported on.
        *self.examined.borrow_mut() = Some((index.len(), examining.pair, found.clone()));
        found
    }

    /// How far the log reaches, measured by a retention policy.
    #[must_use]
    pub fn retention(&self, ask: &RetentionAsk) -> Retention {
        measure(&self.judge.index, ask, &|row| self.entry_ref(RowIdx(row)))
    }

    /// An entry as a report names it.
    pub(crate) fn entry_ref(&self, row: RowIdx) -> EntryRef {
        let mut json = String::new();
        self.judge.index.write_entry_id(row, &mut json);
        let origin = self.judge.index.origin(row);
        let locator = origin.as_ref().and_then(|o| {
            let scan = self.sources.get(o.source.0 as usize)?.scan().ok()?;
            Some(scan.locator(o.part, o.place))
        });
        EntryRef {
            row,
            source: origin.map_or_else(String::new, |o| self.source_name(o.source).to_owned()),
            locator: locator.unwrap_or(Locator::Whole {}),
            entry_id: render::lossy(&decoded(&json), CELL_LIMIT),
        }
    }

    /// The runs of rows that come from one part of one source.
    pub(super) fn parts_with_rows(&self) -> Vec<Part> {
        let index = &self.judge.index;
        let mut parts: Vec<Part> = Vec::new();
        let mut last = None;
        for row in 0..index.len() {
            let Some(origin) = index.origin(RowIdx(row)) else {
                continue;
            };
            let here = (origin.source, origin.part);
            if last != Some(here) {
                last = Some(here);
                let Some(scan) = self
                    .sources
                    .get(origin.source.0 as usize)
                    .and_then(|s| s.scan().ok())
                else {
                    continue;
                };
                let locator = scan.locator(origin.part, origin.place);
                parts.push(Part {
                    source: self.source_name(origin.source).to_owned(),
                    kind: scan.kind(),
                    has_rowids: scan.kind() == "sqlite" && matches!(locator, Locator::Row { .. }),
                    books: scan.books(origin.part),
                    is_alone: scan.parts().len() == 1,
                    rows: row..row,
                });
            }
            if let Some(part) = parts.last_mut() {
                part.rows.end = row + 1;
            }
        }
        parts
    }
}

/// Whether this is a path by which requests and responses can be paired.
pub(crate) fn check_pair(pair: Option<&str>) -> Result<(), Error> {
    let Some(path) = pair.filter(|p| parse_path(p).is_none()) else {
        return Ok(());
    };
    let shown = crate::finding::shown(path.as_bytes());
    Err(Error::unsupported(format!(
        "what requests and responses are paired by is a path such as details.request_id, not `{shown}`"
    )))
}
