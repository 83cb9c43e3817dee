//! One run over entries that must be read again, piece by piece: some are read here, some by a crew's workers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answers::Answered;
use super::path::Path;
use super::paths::PathColumn;
use super::piece::{Answer, Inquiry, Piece, Sink, Values};
use super::plan::{Clause, EntryTest, Examiner};
use super::search::{Entries, Errand};
use super::shares::Shares;
use crate::entry::Fields;
use crate::error::Error;
use crate::host::{Crew, Task};
use crate::index::{Bits, Ranked};

/// Entries of a piece.
const ROWS: u32 = 2_048;
/// Bytes of values that came before their turn. Where there are more, only the pieces whose turn it is are read.
const MOST_EARLY: usize = 32 << 20;
/// A run of fewer pieces is not worth another worker's opening the files.
const WORTH_SHARING: u32 = 8;

/// The run.
pub(super) struct Pass {
    pub(super) rows: Ranked,
    /// How many of the variants take part: those that were there when it began.
    pub(super) variants: usize,
    /// How many of them were read.
    pub(super) read: u32,
    /// How many of them could not be.
    pub(super) unread: u64,
    /// What each test is found to say, for the next search.
    pub(super) answered: Vec<Answered>,
    pub(super) building: Vec<Building>,
    inquiry: Inquiry,
    /// What it is about.
    fields: Fields,
    /// The same as it travels, once it does.
    packed: Vec<u8>,
    examiner: Examiner,
    shares: Shares,
    pieces: u32,
    /// Pieces that a worker has, by its ticket.
    away: Vec<(u64, u32)>,
    /// The next piece whose values are awaited, and those that came before their turn.
    next: u32,
    early: BTreeMap<u32, Vec<Values>>,
    early_bytes: usize,
}

/// A path's column on its way.
pub(super) struct Building {
    pub(super) path: Path,
    pub(super) column: PathColumn,
    pub(super) is_too_large: bool,
}

/// A piece on its way to a worker.
#[derive(Serialize, Deserialize)]
pub(super) struct Parcel<'a> {
    #[serde(borrow)]
    pub(super) inquiry: &'a [u8],
    pub(super) piece: Piece,
    pub(super) errand: Errand,
}

/// Which rows match.
pub(super) struct Goal {
    pub(super) clause: Clause,
    pub(super) found: Bits,
    /// The rows that were not decided yet.
    pub(super) open: Bits,
}

impl Pass {
    /// Of these rows; the columns that are wanted are made for all rows, in order.
    pub(super) fn new(rows: Ranked, variants: usize, inquiry: Inquiry) -> Self {
        let building = inquiry.wanted.iter().filter_map(|place| {
            Some(Building {
                path: inquiry.paths.get(*place)?.clone(),
                column: PathColumn::default(),
                is_too_large: false,
            })
        });
        let answered = |test| Answered::new(test, rows.bits().len());
        let pieces = rows.count().div_ceil(ROWS);
        Self {
            variants,
            read: 0,
            unread: 0,
            answered: inquiry.tests.iter().map(answered).collect(),
            building: building.collect(),
            packed: Vec::new(),
            examiner: Examiner::new(&inquiry.paths),
            fields: inquiry.fields(),
            inquiry,
            shares: Shares::new(pieces),
            pieces,
            away: Vec::new(),
            next: 0,
            early: BTreeMap::new(),
            early_bytes: 0,
            rows,
        }
    }

    /// Whether every row was read.
    pub(super) fn is_over(&self) -> bool {
        self.read >= self.rows.count()
    }

    /// Gives work to whoever is free, takes in what came back, and reads a piece here. Returns false if there was nothing to
    /// do, because all that is left is with workers that have not answered yet.
    ///
    /// # Errors
    ///
    /// If entries cannot be read.
    pub(super) fn step(
        &mut self,
        (entries, crew): (&dyn Entries, &dyn Crew),
        tests: &[EntryTest],
        goals: &mut [&mut Goal],
    ) -> Result<bool, Error> {
        let mut has_come = false;
        for (ticket, piece) in std::mem::take(&mut self.away) {
            let Some(bytes) = crew.receive(ticket) else {
                self.away.push((ticket, piece));
                continue;
            };
            has_come = true;
            match self.unpack(piece, &bytes, goals.len()) {
                Some(answer) => self.take_in(piece, answer, goals),
                None => self.read_here(piece, entries, tests, goals)?,
            }
        }
        let workers = match self.pieces {
            0..WORTH_SHARING => 0,
            _ => crew.workers(),
        };
        let only = (self.early_bytes > MOST_EARLY).then_some(self.next);
        let mut here = None;
        for worker in 0..workers {
            while here.is_none() && crew.is_free(worker) {
                let Some(piece) = self.shares.next(worker + 1, workers + 1, only) else {
                    break;
                };
                match self.pack(piece, entries, goals) {
                    Some(parcel) => self.away.push((crew.send(worker, parcel), piece)),
                    None => here = Some(piece),
                }
            }
        }
        match here.or_else(|| self.shares.next(0, workers + 1, only)) {
            Some(piece) => self.read_here(piece, entries, tests, goals)?,
            None => return Ok(has_come || self.away.is_empty()),
        }
        Ok(true)
    }

    fn rows_of(&self, piece: u32) -> Vec<u32> {
        let from = self.rows.iter_from(piece * ROWS);
        from.take(ROWS as usize).collect()
    }

    /// Reads a piece.
    fn read_here(
        &mut self,
        piece: u32,
        entries: &dyn Entries,
        tests: &[EntryTest],
        goals: &mut [&mut Goal],
    ) -> Result<(), Error> {
        let (rows, fields) = (self.rows_of(piece), self.fields);
        let answer = Piece::of(goals, &rows).examine(
            rows.len(),
            (tests, &self.inquiry.wanted),
            &mut self.examiner,
            &mut |sink| {
                let mut place = 0;
                entries.read_again(&rows, fields, &mut |_, entry| {
                    sink(place, entry);
                    place += 1;
                })
            },
        )?;
        self.take_in(piece, answer, goals);
        Ok(())
    }

    /// A piece as it travels; `None` if its entries cannot be read by another.
    fn pack(&mut self, piece: u32, entries: &dyn Entries, goals: &[&mut Goal]) -> Option<Vec<u8>> {
        let rows = self.rows_of(piece);
        let errand = entries.errand(&rows, self.fields)?;
        if self.packed.is_empty() {
            self.packed = postcard::to_allocvec(&self.inquiry).ok()?;
        }
        let parcel = Parcel {
            inquiry: &self.packed,
            piece: Piece::of(goals, &rows),
            errand,
        };
        postcard::to_allocvec(&parcel).ok().map(|p| Task::Ask.of(p))
    }

    /// What a worker answered; `None` if it could not read everything.
    fn unpack(&self, piece: u32, bytes: &[u8], goals: usize) -> Option<Answer> {
        let answer: Answer = postcard::from_bytes(bytes).ok()?;
        let (tests, paths) = (self.answered.len(), self.building.len());
        let count = ROWS.min(self.rows.count() - piece * ROWS);
        (answer.unread == 0 && answer.fits(goals, tests, paths, count)).then_some(answer)
    }

    fn take_in(&mut self, piece: u32, answer: Answer, goals: &mut [&mut Goal]) {
        let rows = self.rows_of(piece);
        self.read += u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.unread += u64::from(answer.unread);
        for (goal, found) in goals.iter_mut().zip(&answer.found) {
            goal.found.insert_those(&rows, found);
        }
        for (known, (asked, passed)) in self.answered.iter_mut().zip(&answer.tests) {
            known.asked.insert_those(&rows, asked);
            known.passed.insert_those(&rows, passed);
        }
        let bytes = |all: &[Values]| all.iter().map(Values::bytes).sum::<usize>();
        self.early_bytes += bytes(&answer.values);
        self.early.insert(piece, answer.values);
        while let Some(values) = self.early.remove(&self.next) {
            self.next += 1;
            self.early_bytes -= bytes(&values);
            for (building, values) in self.building.iter_mut().zip(&values) {
                building.append(values);
            }
        }
    }
}

impl Building {
    fn append(&mut self, values: &Values) {
        let is_room = !self.is_too_large && !values.are_too_large && self.column.append(values);
        if !is_room {
            self.is_too_large = true;
            self.column = PathColumn::default();
        }
    }
}

/// Reads the entries of an errand again, and hands on each with its place among them.
type Fetch<'f> = dyn FnMut(&Errand, &mut Sink<'_>) -> Result<(), Error> + 'f;

/// Carries out, beside the engine, what it sends; remembers the inquiry that came last.
#[derive(Default)]
pub(crate) struct Reader {
    packed: Vec<u8>,
    /// The tests, the paths that are wanted, and what looks for them.
    known: Option<(Vec<EntryTest>, Vec<usize>, Examiner)>,
}

impl Reader {
    /// Answers for a parcel, whose entries `read` reads again. `None` if that cannot be done here.
    pub(crate) fn answer(&mut self, parcel: &[u8], read: &mut Fetch<'_>) -> Option<Vec<u8>> {
        let parcel: Parcel<'_> = postcard::from_bytes(parcel).ok()?;
        if self.packed != parcel.inquiry {
            self.known = Some(unpack_inquiry(parcel.inquiry)?);
            parcel.inquiry.clone_into(&mut self.packed);
        }
        let (tests, wanted, examiner) = self.known.as_mut()?;
        let errand = &parcel.errand;
        let asked = (&tests[..], &wanted[..]);
        let answer = parcel
            .piece
            .examine(errand.places.len(), asked, examiner, &mut |sink| {
                read(errand, sink)
            });
        postcard::to_allocvec(&answer.ok()?).ok()
    }
}

fn unpack_inquiry(packed: &[u8]) -> Option<(Vec<EntryTest>, Vec<usize>, Examiner)> {
    let mut inquiry: Inquiry = postcard::from_bytes(packed).ok()?;
    let tests = inquiry.tests.iter().map(|test| {
        let test = EntryTest::new(test, &mut inquiry.paths);
        test.ok().flatten()
    });
    let tests = tests.collect::<Option<_>>()?;
    let examiner = Examiner::new(&inquiry.paths);
    Some((tests, inquiry.wanted, examiner))
}
