//! A search under way: what the columns answered, and the entries that are read again for the rest, some at a time.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::ast::{Filter, Node};
use super::condition::parse_path;
use super::pass::{Goal, Pass};
use super::path::Path;
use super::paths::PathColumns;
use super::piece::Inquiry;
use super::plan::{Planner, Tests, place_of};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::host::Crew;
use crate::index::{Bits, Index, Ranked};
use crate::view::{Condition, FilterError, Selection};

/// Entries that may prove impossible to read again before a search gives up.
const MOST_UNREAD: u64 = 1_000;

/// Reads entries again, for a search.
pub(crate) trait Entries {
    /// Hands on the entries of these rows, in order; `None` for one that can no longer be read.
    ///
    /// # Errors
    ///
    /// If their source as a whole can no longer be read.
    fn read_again(
        &self,
        rows: &[u32],
        fields: Fields,
        sink: &mut dyn FnMut(u32, Option<&RawEntry<'_>>),
    ) -> Result<(), Error>;

    /// Where somebody else who has the same files open finds the entries of these rows; `None` if they can be read here alone.
    fn errand(&self, rows: &[u32], fields: Fields) -> Option<Errand>;
}

/// Entries that another worker reads again.
#[derive(Serialize, Deserialize)]
pub(crate) struct Errand {
    /// Which of the files that were given.
    pub(crate) input: usize,
    pub(crate) part: usize,
    pub(crate) places: Vec<Place>,
    pub(crate) fields: Fields,
}

/// The entries that a selection selects, found step by step ([`crate::Case::step`]).
pub struct Search {
    filter: Filter,
    pub(crate) selection: Selection,
    /// The rows that there were when it began: those that came later are not looked at.
    pub(crate) len: u32,
    tests: Tests,
    main: Goal,
    /// The same filter without the conditions on one field, whose values are to be counted.
    variants: Vec<(String, Goal)>,
    /// Paths whose columns are wanted: for the order, and for counts.
    order_path: Option<Path>,
    count_paths: Vec<Path>,
    pass: Option<Pass>,
    is_matched: bool,
    is_done: bool,
    unread: u64,
    ranked: Ranked,
    pub(crate) order: Option<Vec<u32>>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchState {
    /// Entries are read again: so many of so many.
    Searching {
        /// Read in this run.
        read: u64,
        /// To be read in this run.
        of: u64,
        /// Matches found so far.
        matched: u64,
    },
    /// Nothing can be done before a worker of the crew has answered.
    Waiting,
    /// All matches are known and in order. What is to be counted is still being read.
    Matched {
        /// Read in this run.
        read: u64,
        /// To be read in this run.
        of: u64,
    },
    /// Everything that was asked is known.
    Done,
}

/// What a search needs of its case.
pub(crate) struct Context<'c> {
    pub(crate) index: &'c Index,
    pub(crate) paths: &'c RefCell<PathColumns>,
    pub(crate) answers: &'c RefCell<Answers>,
    pub(crate) entries: &'c dyn Entries,
}

impl Search {
    pub(crate) fn new(context: &Context<'_>, selection: &Selection) -> Result<Self, FilterError> {
        let filter = Filter::parse(&selection.filter)?;
        let mut tests = Tests::default();
        let len = context.index.len();
        let main = Goal::new(&filter.root, len, context, &mut tests)?;
        let order_path = selection.sort.as_ref().and_then(|s| parse_path(&s.column));
        Ok(Self {
            ranked: Ranked::new(main.found.clone()),
            filter,
            selection: selection.clone(),
            len,
            tests,
            main,
            variants: Vec::new(),
            order_path,
            count_paths: Vec::new(),
            pass: None,
            is_matched: false,
            is_done: false,
            unread: 0,
            order: None,
        })
    }

    /// The conditions of its filter that stand side by side.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        self.filter.conditions()
    }

    /// The selection that it was begun with.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// How many entries it has found so far.
    #[must_use]
    pub fn matched(&self) -> u64 {
        u64::from(self.ranked.count())
    }

    /// How many entries could not be read again, and so were judged by the columns alone.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Whether all matches are known.
    #[must_use]
    pub fn is_matched(&self) -> bool {
        self.is_matched
    }

    /// The rows found so far.
    pub(crate) fn ranked(&self) -> &Ranked {
        &self.ranked
    }

    /// The rows that match the filter without its conditions on `field`; `None` until they are known.
    pub(crate) fn without(&self, field: &str) -> Option<&Bits> {
        if !self.filter.concerns(field) {
            return self.is_matched.then(|| self.ranked.bits());
        }
        let variant = self.variants.iter().find(|(name, _)| name == field);
        variant
            .filter(|_| self.is_done)
            .map(|(_, goal)| &goal.found)
    }

    /// Asks for the values of a field or a details path to be counted: under the filter's other conditions, or, if `all`
    /// of them are to hold, under all.
    pub(crate) fn count(&mut self, context: &Context<'_>, field: &str, all: bool) {
        if !all
            && self.filter.concerns(field)
            && !self.variants.iter().any(|(name, _)| name == field)
        {
            let filter = self.filter.without(field);
            // Its regular expressions were built before.
            if let Ok(goal) = Goal::new(&filter.root, self.len, context, &mut self.tests) {
                self.is_done &= goal.is_decided();
                self.variants.push((field.to_owned(), goal));
            }
        }
        if let Some(path) = parse_path(field)
            && !self.count_paths.contains(&path)
            && self.may_build(context, &path)
        {
            self.count_paths.push(path);
            self.is_done = false;
        }
    }

    fn may_build(&self, context: &Context<'_>, path: &Path) -> bool {
        let mut known = context.paths.borrow_mut();
        !path.is_many() && !known.is_too_large(path) && known.get(path, self.len).is_none()
    }

    /// Reads some entries again, if need be, and shares the others out to the crew.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub(crate) fn step(
        &mut self,
        context: &Context<'_>,
        crew: &dyn Crew,
    ) -> Result<SearchState, Error> {
        if self.is_done {
            return Ok(SearchState::Done);
        }
        if self.pass.is_none() {
            self.begin(context);
        }
        let is_over = match self.pass.take() {
            None => true,
            Some(mut pass) => {
                let has_gone_on = self.run(context, crew, &mut pass)?;
                let is_over = pass.is_over();
                if is_over {
                    self.end(context, pass);
                } else {
                    self.pass = Some(pass);
                }
                if !has_gone_on {
                    return Ok(SearchState::Waiting);
                }
                is_over
            }
        };
        if is_over {
            if self.is_matched {
                self.is_done = true;
                return Ok(SearchState::Done);
            }
            self.is_matched = true;
            self.ranked = Ranked::new(self.main.found.clone());
            return Ok(SearchState::Matched { read: 0, of: 0 });
        }
        let progress = |p: &Pass| (u64::from(p.read), u64::from(p.rows.count()));
        let (read, of) = self.pass.as_ref().map_or((0, 0), progress);
        Ok(if self.is_matched {
            SearchState::Matched { read, of }
        } else {
            self.ranked = Ranked::new(self.main.found.clone());
            SearchState::Searching {
                read,
                of,
                matched: self.matched(),
            }
        })
    }

    /// Decides what the next run reads; no run if there is nothing to read.
    fn begin(&mut self, context: &Context<'_>) {
        let mut wanted: Vec<Path> = Vec::new();
        let mut rows = if self.is_matched {
            wanted.append(&mut self.count_paths);
            let mut rows = Bits::none(self.len);
            for (_, goal) in &self.variants {
                rows.or(&goal.open);
            }
            rows
        } else {
            wanted.extend(self.order_path.clone());
            // Where most entries are read anyway, their values are kept for the next question.
            if u64::from(self.main.open.count()) * 2 >= u64::from(self.len) {
                wanted.extend(self.tests.paths.iter().cloned());
            }
            self.main.open.clone()
        };
        wanted.retain(|path| self.may_build(context, path));
        if !self.is_matched && !wanted.is_empty() {
            wanted.append(&mut self.count_paths);
            wanted.retain(|path| self.may_build(context, path));
        }
        if !wanted.is_empty() {
            rows = Bits::all(self.len);
        }
        let rows = Ranked::new(rows);
        if rows.count() == 0 {
            return;
        }
        let mut places = Vec::new();
        for path in &wanted {
            let place = place_of(path, &mut self.tests.paths);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let inquiry = Inquiry {
            tests: self.tests.typed.clone(),
            paths: self.tests.paths.clone(),
            wanted: places,
        };
        self.pass = Some(Pass::new(rows, self.variants.len(), inquiry));
    }

    fn run(
        &mut self,
        context: &Context<'_>,
        crew: &dyn Crew,
        pass: &mut Pass,
    ) -> Result<bool, Error> {
        let variants = self.variants.iter_mut().take(pass.variants);
        let goals = variants.map(|(_, goal)| goal);
        let mut goals: Vec<&mut Goal> = goals
            .chain((!self.is_matched).then_some(&mut self.main))
            .collect();
        let tests = self.tests.all.get(..pass.answered.len());
        let unread = pass.unread;
        let has_gone_on = pass.step(
            (context.entries, crew),
            tests.unwrap_or_default(),
            &mut goals,
        )?;
        self.unread += pass.unread - unread;
        if self.unread > MOST_UNREAD {
            return Err(
                Error::unavailable("the entries can no longer be read").with_hint(
                    "The file may have been moved or changed while it was open. Open it again.",
                ),
            );
        }
        Ok(has_gone_on)
    }

    fn end(&mut self, context: &Context<'_>, pass: Pass) {
        for (_, goal) in self.variants.iter_mut().take(pass.variants) {
            goal.open.and_not(pass.rows.bits());
        }
        let mut known = context.answers.borrow_mut();
        for answered in pass.answered {
            known.keep(answered);
        }
        let mut kept = context.paths.borrow_mut();
        for b in pass.building {
            if b.is_too_large {
                kept.give_up(b.path);
            } else {
                kept.keep(b.path, b.column);
            }
        }
    }

    /// The details path that its order goes by.
    pub(crate) fn order_path(&self) -> Option<&Path> {
        self.order_path.as_ref()
    }
}

impl Goal {
    fn new(
        root: &Node,
        len: u32,
        context: &Context<'_>,
        tests: &mut Tests,
    ) -> Result<Self, FilterError> {
        tests.begin_filter();
        let mut planner = Planner {
            index: context.index,
            len,
            paths: &mut context.paths.borrow_mut(),
            answers: &context.answers.borrow(),
            tests,
        };
        let clause = planner.clause(root)?;
        let (found, open) = clause.answered(len);
        Ok(Self {
            clause,
            found,
            open,
        })
    }

    fn is_decided(&self) -> bool {
        self.open.count() == 0
    }
}
