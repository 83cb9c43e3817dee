//! A filter against the columns: what they tell at once, and what the entries must be read again for.

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::ast::{Kind, Node, Subject, Test, ValueTest};
use super::details::{PathFinder, details_text};
use super::fields::Field;
use super::matcher::Matcher;
use super::path::Path;
use super::paths::PathColumns;
use super::text::Form;
use super::texts::TextSearch;
use super::values::{OBJECT, ValueMatcher, is_there};
use crate::entry::{RawEntry, RawValue};
use crate::index::{self, Bits, Column, Index, UNPLACED, decoded};
use crate::scheme::REFERENCE;
use crate::units::RowIdx;
use crate::view::FilterError;

/// Regular expressions of one filter: each may take a megabyte or two.
const MOST_REGEXES: usize = 16;

/// A part of a filter, as far as the columns have answered it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    Not(Box<Clause>),
    /// These rows and no others.
    Rows(Bits),
    /// What this test of the entry says; of these rows it is known, or may be.
    Entry {
        test: usize,
        surely: Bits,
        perhaps: Bits,
    },
}

/// Rows that surely match, and rows that may.
struct Bounds {
    surely: Bits,
    perhaps: Bits,
}

impl Clause {
    /// The rows that surely match, and those of which only the entry can tell.
    pub(crate) fn answered(&self, len: u32) -> (Bits, Bits) {
        let Bounds {
            surely,
            mut perhaps,
        } = self.bounds(len);
        perhaps.and_not(&surely);
        (surely, perhaps)
    }

    fn bounds(&self, len: u32) -> Bounds {
        match self {
            Self::Rows(rows) => Bounds {
                surely: rows.clone(),
                perhaps: rows.clone(),
            },
            Self::Entry {
                surely, perhaps, ..
            } => Bounds {
                surely: surely.clone(),
                perhaps: perhaps.clone(),
            },
            Self::Not(inner) => {
                let Bounds {
                    mut surely,
                    mut perhaps,
                } = inner.bounds(len);
                surely.not();
                perhaps.not();
                Bounds {
                    surely: perhaps,
                    perhaps: surely,
                }
            }
            Self::All(clauses) => fold(clauses, len, Bits::all(len), Bits::and),
            Self::Any(clauses) => fold(clauses, len, Bits::none(len), Bits::or),
        }
    }

    /// Whether a row matches; `entry` answers the tests of its entry. What the columns know is asked first.
    pub(crate) fn holds(&self, row: u32, entry: &mut impl FnMut(usize) -> bool) -> bool {
        match self {
            Self::Rows(rows) => rows.contains(row),
            Self::Entry {
                test,
                surely,
                perhaps,
            } => surely.contains(row) || perhaps.contains(row) && entry(*test),
            Self::Not(inner) => !inner.holds(row, entry),
            Self::All(clauses) => {
                let (cheap, dear) = in_two(clauses);
                cheap.chain(dear).all(|c| c.holds(row, entry))
            }
            Self::Any(clauses) => {
                let (cheap, dear) = in_two(clauses);
                cheap.chain(dear).any(|c| c.holds(row, entry))
            }
        }
    }

    /// The same for some rows alone, which are called by their places among them.
    pub(super) fn only(&self, rows: &[u32]) -> Self {
        let each = |clauses: &[Self]| clauses.iter().map(|c| c.only(rows)).collect();
        match self {
            Self::Rows(of) => Self::Rows(of.only(rows)),
            Self::Entry {
                test,
                surely,
                perhaps,
            } => Self::Entry {
                test: *test,
                surely: surely.only(rows),
                perhaps: perhaps.only(rows),
            },
            Self::Not(inner) => Self::Not(Box::new(inner.only(rows))),
            Self::All(clauses) => Self::All(each(clauses)),
            Self::Any(clauses) => Self::Any(each(clauses)),
        }
    }

    fn is_of_columns(&self) -> bool {
        match self {
            Self::Rows(_) => true,
            Self::Entry { .. } => false,
            Self::Not(inner) => inner.is_of_columns(),
            Self::All(clauses) | Self::Any(clauses) => clauses.iter().all(Self::is_of_columns),
        }
    }
}

fn in_two(clauses: &[Clause]) -> (impl Iterator<Item = &Clause>, impl Iterator<Item = &Clause>) {
    (
        clauses.iter().filter(|c| c.is_of_columns()),
        clauses.iter().filter(|c| !c.is_of_columns()),
    )
}

fn fold(clauses: &[Clause], len: u32, start: Bits, join: fn(&mut Bits, &Bits)) -> Bounds {
    let mut all = Bounds {
        surely: start.clone(),
        perhaps: start,
    };
    for clause in clauses {
        let bounds = clause.bounds(len);
        join(&mut all.surely, &bounds.surely);
        join(&mut all.perhaps, &bounds.perhaps);
    }
    all
}

/// What only the entry itself can tell.
pub(crate) enum EntryTest {
    Anywhere(Matcher),
    InDetails(Matcher),
    Path(usize, ValueMatcher),
    HasPath(usize),
    HasDetails,
}

impl EntryTest {
    /// Of a condition that no column answers; a path that it names is sought in `paths`, and put there if need be. `None`
    /// for one that columns always answer.
    ///
    /// # Errors
    ///
    /// Why its regular expression cannot be used.
    pub(super) fn new(test: &Test, paths: &mut Vec<Path>) -> Result<Option<Self>, String> {
        Ok(Some(match test {
            Test::Anywhere(text) => Self::Anywhere(Matcher::new(text)?),
            Test::InDetails(text) => Self::InDetails(Matcher::new(text)?),
            Test::Path(path, value) => Self::Path(place_of(path, paths), ValueMatcher::new(value)?),
            Test::Has(Subject::Path(path)) => Self::HasPath(place_of(path, paths)),
            Test::Has(Subject::Details) => Self::HasDetails,
            Test::Has(Subject::Field(_) | Subject::Time)
            | Test::Field(..)
            | Test::Time { .. }
            | Test::Last(_) => return Ok(None),
        }))
    }
}

/// The place of a path among others, of which it becomes the last if it was none.
pub(super) fn place_of(path: &Path, paths: &mut Vec<Path>) -> usize {
    let place = paths.iter().position(|p| p == path);
    place.unwrap_or_else(|| {
        paths.push(path.clone());
        paths.len() - 1
    })
}

/// The tests of entries that a search needs, each once.
#[derive(Default)]
pub(crate) struct Tests {
    /// As they were typed, and as they are carried out, in the same order.
    pub(super) typed: Vec<Test>,
    pub(super) all: Vec<EntryTest>,
    /// The paths that they name.
    pub(super) paths: Vec<Path>,
    regexes: usize,
}

impl Tests {
    /// Another filter comes, with a count of its own.
    pub(crate) fn begin_filter(&mut self) {
        self.regexes = 0;
    }
}

/// Answers filters from the columns of an index.
pub(crate) struct Planner<'c> {
    pub(crate) index: &'c Index,
    /// The rows that there were when the search began.
    pub(crate) len: u32,
    pub(crate) paths: &'c mut PathColumns,
    pub(crate) answers: &'c Answers,
    pub(crate) tests: &'c mut Tests,
}

impl Planner<'_> {
    /// Answers a part of a filter as far as the columns can.
    ///
    /// # Errors
    ///
    /// If a regular expression in it cannot be used.
    pub(crate) fn clause(&mut self, node: &Node) -> Result<Clause, FilterError> {
        Ok(match &node.kind {
            Kind::And(nodes) => Clause::All(self.clauses(nodes)?),
            Kind::Or(nodes) => Clause::Any(self.clauses(nodes)?),
            Kind::Not(inner) => Clause::Not(Box::new(self.clause(inner)?)),
            Kind::Is(test) => self.test(test).map_err(|why| {
                let (start, end) = node.value;
                FilterError {
                    start,
                    end,
                    message: format!("this regular expression cannot be used: {why}"),
                    expected: Vec::new(),
                    nearest: None,
                }
            })?,
        })
    }

    fn clauses(&mut self, nodes: &[Node]) -> Result<Vec<Clause>, FilterError> {
        nodes.iter().map(|n| self.clause(n)).collect()
    }

    fn test(&mut self, test: &Test) -> Result<Clause, String> {
        self.count_regex(test)?;
        Ok(match test {
            Test::Field(field, value) => {
                let matcher = ValueMatcher::new(value)?;
                Clause::Rows(self.field(*field, &matcher))
            }
            Test::Has(Subject::Field(field)) => Clause::Rows(self.has(*field)),
            Test::Time { from, to } => {
                let (from, to) = (from.unwrap_or(UNPLACED + 1), to.unwrap_or(i64::MAX));
                Clause::Rows(self.time(|t| t >= from && t < to))
            }
            Test::Last(span) => {
                let newest = self.index.extent().map_or(i64::MAX, |(_, last)| last);
                let from = newest.saturating_sub(*span).max(UNPLACED + 1);
                Clause::Rows(self.time(|t| t >= from))
            }
            Test::Path(path, value) => match self.paths.get(path, self.len) {
                Some(known) => {
                    let matcher = ValueMatcher::new(value)?;
                    let mut rows = of_column(&known.column, self.len, &matcher);
                    if matcher.holds(OBJECT) {
                        rows.or(&known.containers);
                    }
                    Clause::Rows(rows)
                }
                None => self.entry(test)?,
            },
            Test::Has(Subject::Path(path)) => match self.paths.get(path, self.len) {
                Some(known) => {
                    let mut rows = of_values(&known.column, self.len, is_there);
                    rows.or(&known.containers);
                    Clause::Rows(rows)
                }
                None => self.entry(test)?,
            },
            Test::Has(Subject::Time) => Clause::Rows(self.time(|_| true)),
            Test::Has(Subject::Details) | Test::Anywhere(_) | Test::InDetails(_) => {
                self.entry(test)?
            }
        })
    }

    fn count_regex(&mut self, test: &Test) -> Result<(), String> {
        let text = match test {
            Test::Anywhere(text) | Test::InDetails(text) => Some(text),
            Test::Field(_, value) | Test::Path(_, value) => match value {
                ValueTest::Equals(text, _) | ValueTest::Differs(text, _) => text.as_ref(),
                ValueTest::Number(..) | ValueTest::Text(..) => None,
            },
            _ => None,
        };
        if text.is_some_and(|t| matches!(t.form, Form::Regex(_))) {
            self.tests.regexes += 1;
            if self.tests.regexes > MOST_REGEXES {
                return Err(format!("a filter has at most {MOST_REGEXES} of them"));
            }
        }
        Ok(())
    }

    /// A test of the entry, of which equal ones are one.
    fn entry(&mut self, test: &Test) -> Result<Clause, String> {
        let (passed, failed) = self.answers.of(test, self.len);
        let mut perhaps = Bits::all(self.len);
        perhaps.and_not(&failed);
        let place = match self.tests.typed.iter().position(|t| t == test) {
            Some(place) => place,
            None => {
                let made = EntryTest::new(test, &mut self.tests.paths)?;
                let Some(made) = made else {
                    return Ok(Clause::Rows(Bits::none(self.len)));
                };
                self.tests.typed.push(test.clone());
                self.tests.all.push(made);
                self.tests.all.len() - 1
            }
        };
        let mut surely = match self.tests.all.get(place) {
            Some(EntryTest::Anywhere(matcher)) => self.in_columns(matcher),
            _ => Bits::none(self.len),
        };
        surely.or(&passed);
        Ok(Clause::Entry {
            test: place,
            surely,
            perhaps,
        })
    }

    /// The rows in which a text of a column contains it: they need not be read again.
    fn in_columns(&self, matcher: &Matcher) -> Bits {
        let fields = [
            index::Field::EventType,
            index::Field::Actor,
            index::Field::ResourceType,
            index::Field::ResourceId,
            index::Field::Action,
        ];
        let mut rows = Bits::none(self.len);
        for field in fields {
            let is_in = |json: &str| json.starts_with('"') && matcher.is_in(&decoded(json));
            rows.or(&of_values(self.index.column(field), self.len, is_in));
        }
        rows
    }

    fn field(&self, field: Field, wanted: &ValueMatcher) -> Bits {
        let holds = |json: &str| wanted.holds(json);
        match field {
            Field::EntryId => match wanted.only_text() {
                Some(text) => {
                    let mut json = Vec::new();
                    crate::canon::write_string(text, &mut json);
                    let json = String::from_utf8(json).unwrap_or_default();
                    self.index.rows_of_id(self.len, &json)
                }
                None => self.index.rows_of_ids(self.len, holds),
            },
            Field::Timestamp => self.timestamps(holds),
            Field::Finding => {
                let is_wanted = |code: &str| wanted.holds(&format!("\"{code}\""));
                self.index.rows_of_findings(self.len, is_wanted)
            }
            _ => match column(field) {
                Some(column) => of_column(self.index.column(column), self.len, wanted),
                None => Bits::none(self.len),
            },
        }
    }

    fn has(&self, field: Field) -> Bits {
        match field {
            Field::EntryId => self.index.rows_of_ids(self.len, is_there),
            Field::Timestamp => self.timestamps(is_there),
            Field::Finding => self.index.rows_of_findings(self.len, |_| true),
            _ => match column(field) {
                Some(column) => of_values(self.index.column(column), self.len, is_there),
                None => Bits::none(self.len),
            },
        }
    }

    fn timestamps(&self, is_wanted: impl Fn(&str) -> bool) -> Bits {
        let mut rows = Bits::none(self.len);
        let mut json = String::new();
        for row in 0..self.len {
            json.clear();
            self.index.write_timestamp(RowIdx(row), &mut json);
            if is_wanted(&json) {
                rows.insert(row);
            }
        }
        rows
    }

    fn time(&self, is_wanted: impl Fn(i64) -> bool) -> Bits {
        let micros = self.index.micros();
        let micros = &micros[..micros.len().min(self.len as usize)];
        Bits::of_values(micros, |t| t != UNPLACED && is_wanted(t))
    }
}

/// The column of the index that holds a field, if one does.
pub(crate) fn column(field: Field) -> Option<index::Field> {
    index::Field::of_name(field.name())
}

fn of_column(column: &Column, len: u32, wanted: &ValueMatcher) -> Bits {
    of_values(column, len, |json| wanted.holds(json))
}

/// The rows whose value is wanted: each different value is asked about once.
fn of_values(column: &Column, len: u32, is_wanted: impl Fn(&str) -> bool) -> Bits {
    let dictionary = column.dictionary();
    let wanted: Vec<bool> = (0..dictionary.len())
        .map(|code| is_wanted(dictionary.text(code)))
        .collect();
    Bits::of_codes(column.codes().first(len), &wanted)
}

/// An entry that was read again, and its tests.
pub(crate) struct Examiner {
    texts: TextSearch,
    pub(crate) finder: PathFinder,
}

impl Examiner {
    pub(crate) fn new(paths: &[Path]) -> Self {
        Self {
            texts: TextSearch::default(),
            finder: PathFinder::new(paths),
        }
    }

    /// Takes up the next entry; its paths are looked for once, when first asked for.
    pub(crate) fn examine<'e>(&'e mut self, entry: &'e RawEntry<'e>) -> Examined<'e> {
        Examined {
            examiner: self,
            entry,
            is_walked: false,
        }
    }
}

pub(crate) struct Examined<'e> {
    examiner: &'e mut Examiner,
    entry: &'e RawEntry<'e>,
    is_walked: bool,
}

impl Examined<'_> {
    /// Whether the entry passes a test.
    pub(crate) fn passes(&mut self, test: &EntryTest) -> bool {
        match test {
            EntryTest::Anywhere(wanted) => self.examiner.texts.anywhere(self.entry, wanted),
            EntryTest::InDetails(wanted) => self.examiner.texts.details(self.entry, wanted),
            EntryTest::Path(path, wanted) => self.values(*path).any(|json| wanted.holds(json)),
            EntryTest::HasPath(path) => self.values(*path).any(is_there),
            EntryTest::HasDetails => match self.entry.fields[REFERENCE.details] {
                RawValue::Missing | RawValue::Null | RawValue::Bare => false,
                value => details_text(value).is_none_or(|text| text.trim_ascii() != b"null"),
            },
        }
    }

    /// The values at a path, as canonical JSON.
    pub(crate) fn values(&mut self, path: usize) -> impl Iterator<Item = &str> {
        if !std::mem::replace(&mut self.is_walked, true) {
            let details = self.entry.fields[REFERENCE.details];
            self.examiner.finder.read(details);
        }
        self.examiner.finder.values(path)
    }
}
