//! Some rows that are read again for a search: what is asked of them, and what they answer. Both can travel, to a worker
//! that does not share this memory and has none of the columns.

use serde::{Deserialize, Serialize};

use super::ast::Test;
use super::pass::Goal;
use super::path::Path;
use super::plan::{Clause, EntryTest, Examiner};
use crate::entry::{Fields, RawEntry};
use crate::error::Error;
use crate::index::{Bits, Dictionary};

/// What one run over entries asks of each of them.
#[derive(Serialize, Deserialize)]
pub(super) struct Inquiry {
    pub(super) tests: Vec<Test>,
    /// The paths that the tests name, and others.
    pub(super) paths: Vec<Path>,
    /// Those whose values are to be told, by their places among the paths.
    pub(super) wanted: Vec<usize>,
}

impl Inquiry {
    /// The fields that it is about.
    pub(super) fn fields(&self) -> Fields {
        let is_of_details = |test: &Test| !matches!(test, Test::Anywhere(_));
        match self.tests.iter().all(is_of_details) {
            true => Fields::Details,
            false => Fields::All,
        }
    }
}

/// Some of the rows of a run, which are called by their places among them.
#[derive(Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) goals: Vec<Aim>,
}

/// Which of the rows match.
#[derive(Serialize, Deserialize)]
pub(super) struct Aim {
    pub(super) clause: Clause,
    /// The rows of which it is not known yet.
    pub(super) open: Bits,
}

/// What the rows of a piece answered.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    /// For each goal the rows that match it.
    pub(super) found: Vec<Bits>,
    /// For each test the rows that were asked, and those that passed.
    pub(super) tests: Vec<(Bits, Bits)>,
    /// The values at each wanted path, one for each row.
    pub(super) values: Vec<Values>,
    /// Rows that could not be read again.
    pub(super) unread: u32,
}

/// Bytes of the values at one path in one piece. A path with more is not made a column.
const MOST_BYTES: usize = 16 << 20;

/// The values at one path: every different one once, numbered from 1 in the order in which they came.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Values {
    /// Canonical JSON texts, end to end, and where each ends.
    texts: String,
    ends: Vec<u32>,
    /// The number of each row's value; 0 where there is none.
    codes: Vec<u32>,
    /// They are more than are kept.
    pub(super) are_too_large: bool,
}

/// Values as they come.
#[derive(Default)]
struct Gathered {
    values: Values,
    known: Dictionary,
}

/// Receives entries that are read again, each with its place among those asked for; `None` for one that is no longer there.
pub(super) type Sink<'s> = dyn FnMut(u32, Option<&RawEntry<'_>>) + 's;

impl Piece {
    /// What some rows are asked for these goals.
    pub(super) fn of(goals: &[&mut Goal], rows: &[u32]) -> Self {
        let aim = |goal: &&mut Goal| Aim {
            clause: goal.clause.only(rows),
            open: goal.open.only(rows),
        };
        Self {
            goals: goals.iter().map(aim).collect(),
        }
    }

    /// Asks `count` rows.
    ///
    /// # Errors
    ///
    /// If they can no longer be read.
    pub(super) fn examine(
        &self,
        count: usize,
        (tests, wanted): (&[EntryTest], &[usize]),
        examiner: &mut Examiner,
        read: &mut dyn FnMut(&mut Sink<'_>) -> Result<(), Error>,
    ) -> Result<Answer, Error> {
        let none = || Bits::none(u32::try_from(count).unwrap_or(u32::MAX));
        let mut answer = Answer {
            found: self.goals.iter().map(|_| none()).collect(),
            tests: tests.iter().map(|_| (none(), none())).collect(),
            values: Vec::new(),
            unread: 0,
        };
        let mut gathered: Vec<_> = wanted.iter().map(|_| Gathered::default()).collect();
        let mut known: Vec<Option<bool>> = vec![None; tests.len()];
        read(&mut |row, entry| {
            let Some(entry) = entry else {
                answer.unread += 1;
                gathered.iter_mut().for_each(|values| values.push(""));
                return;
            };
            known.fill(None);
            let mut examined = examiner.examine(entry);
            let mut ask = |test: usize| {
                *known[test].get_or_insert_with(|| {
                    let passes = examined.passes(&tests[test]);
                    let (asked, passed) = &mut answer.tests[test];
                    asked.insert(row);
                    if passes {
                        passed.insert(row);
                    }
                    passes
                })
            };
            for (goal, found) in self.goals.iter().zip(&mut answer.found) {
                if goal.open.contains(row) && goal.clause.holds(row, &mut ask) {
                    found.insert(row);
                }
            }
            for (values, path) in gathered.iter_mut().zip(wanted) {
                values.push(examined.values(*path).next().unwrap_or(""));
            }
        })?;
        answer.values = gathered.into_iter().map(|g| g.values).collect();
        Ok(answer)
    }
}

impl Answer {
    /// Whether it can be one to so many goals, tests and paths of `count` rows. One that came from elsewhere might not be.
    pub(super) fn fits(&self, goals: usize, tests: usize, paths: usize, count: u32) -> bool {
        let of_tests = self
            .tests
            .iter()
            .flat_map(|(asked, passed)| [asked, passed]);
        self.found.len() == goals
            && self.tests.len() == tests
            && self.values.len() == paths
            && self.found.iter().chain(of_tests).all(|b| b.is_sound(count))
            && self
                .values
                .iter()
                .all(|v| v.are_too_large || v.codes.len() == count as usize)
    }
}

impl Gathered {
    fn push(&mut self, json: &str) {
        let Self { values, known } = self;
        if values.are_too_large {
            return;
        }
        let is_room = values.texts.len() + json.len() <= MOST_BYTES;
        match known.intern(json.as_bytes()).filter(|_| is_room) {
            Some((code, is_new)) => {
                values.codes.push(code);
                if is_new {
                    values.texts.push_str(json);
                    let end = u32::try_from(values.texts.len()).unwrap_or(u32::MAX);
                    values.ends.push(end);
                }
            }
            None => {
                *self = Self::default();
                self.values.are_too_large = true;
            }
        }
    }
}

impl Values {
    /// The different ones, from number 1 on.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(from, to)| {
            let range = *from as usize..*to as usize;
            self.texts.get(range).unwrap_or("")
        })
    }

    /// The number of each row's value, in order; 0 where there is none.
    pub(super) fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        self.texts.len() + (self.ends.len() + self.codes.len()) * size_of::<u32>()
    }
}
