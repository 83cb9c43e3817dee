//! Asking a verified case: selections, rows, what could be typed next, the reference's own query.

use crate::entry::{Fields, RawEntry};
use crate::error::Error;
use crate::host::{Alone, Crew};
use crate::index::{Column, Field, Key, counts, facet, order, timeline};
use crate::query::{
    self, Context, Countable, Entries, Errand, ReferenceQuery, Search, SearchState,
};
use crate::units::RowIdx;
use crate::view::{
    Completion, EntryRow, FilterError, Selection, Survey, SurveyAsk, Totals, Verdict,
};

use super::Case;
use super::cells::Columns;

impl Case {
    /// Reads a filter and begins to search: what the columns can answer is answered at once, the rest by [`Case::step`].
    ///
    /// Entries that are judged later are not looked at: a search sees one snapshot.
    ///
    /// # Errors
    ///
    /// If the filter cannot be understood.
    pub fn select(&self, selection: &Selection) -> Result<Search, FilterError> {
        Search::new(&self.context(), selection)
    }

    /// Tells a search what will be asked of it by [`Case::survey`], so that [`Case::step`] finds it out along with the
    /// rest.
    pub fn prepare(&self, search: &mut Search, ask: &SurveyAsk) {
        let stack = ask.timeline.iter().map(|t| (t.stack.as_str(), true));
        let facets = ask.facets.iter().map(|f| (f.field.as_str(), false));
        for (field, is_stack) in facets.chain(stack) {
            search.count(&self.context(), field, is_stack);
        }
    }

    /// Goes on with a search, by some thousand entries at most, and shares others out to the crew's workers. What is
    /// found is the same whoever reads it.
    ///
    /// # Errors
    ///
    /// If the sources can no longer be read, or if an order needs more memory than it may have.
    pub fn step(&self, search: &mut Search, crew: &dyn Crew) -> Result<SearchState, Error> {
        let was_matched = search.is_matched();
        let state = search.step(&self.context(), crew)?;
        if !was_matched && search.is_matched() {
            self.put_in_order(search)?;
        }
        Ok(state)
    }

    /// The same to its end, on this thread alone.
    ///
    /// # Errors
    ///
    /// As [`Case::step`].
    pub fn finish(&self, search: &mut Search) -> Result<(), Error> {
        while self.step(search, &Alone)? != SearchState::Done {}
        Ok(())
    }

    /// What a search has found so far, per verdict.
    #[must_use]
    pub fn selected(&self, search: &Search) -> Totals {
        let counts = counts(
            self.judge.index.column(Field::Verdict),
            search.ranked().bits(),
        );
        // Their codes stand in the order of `Verdict::ALL`, behind the one for none.
        let of = |verdict: Verdict| {
            counts
                .get(verdict as usize + 1)
                .copied()
                .map_or(0, u64::from)
        };
        Totals {
            entries: search.matched(),
            verified: of(Verdict::Verified),
            mismatched: of(Verdict::Mismatched),
            unchecksummed: of(Verdict::Unchecksummed),
            unreadable: of(Verdict::Unreadable),
        }
    }

    /// Counts what a search has found, and finishes the search first if it is not at its end.
    ///
    /// # Errors
    ///
    /// As [`Case::step`]; and if what is to be counted has no values that could be, or more than can be kept.
    pub fn survey(&self, search: &mut Search, ask: &SurveyAsk) -> Result<Survey, Error> {
        self.prepare(search, ask);
        self.finish(search)?;
        let facets = ask.facets.iter().map(|ask| {
            let rows = search.without(&ask.field);
            let rows = rows.ok_or_else(|| Error::unavailable("the search has not ended"))?;
            self.countable(search, &ask.field, |column| {
                query::facet(column, &facet(column, rows, ask), ask)
            })
        });
        let facets = facets.collect::<Result<_, _>>()?;
        let timeline = ask.timeline.as_ref().map(|ask| {
            let stack = match ask.stack.as_str() {
                "" => Field::Verdict.name(),
                name => name,
            };
            let (index, rows) = (&self.judge.index, search.ranked().bits());
            self.countable(search, stack, |column| {
                query::timeline(index, timeline(index, rows, column, ask), column, stack)
            })
        });
        Ok(Survey {
            totals: self.selected(search),
            facets,
            timeline: timeline.transpose()?,
        })
    }

    /// Does something with the column of a field or a details path.
    fn countable<R>(
        &self,
        search: &Search,
        name: &str,
        then: impl FnOnce(&Column) -> R,
    ) -> Result<R, Error> {
        match Countable::named(name) {
            Some(Countable::Field(field)) => Ok(then(self.judge.index.column(field))),
            Some(Countable::Path(path)) => {
                let column = self.paths.borrow_mut().get(&path, search.len);
                let column = column.ok_or_else(|| {
                    Error::unsupported(format!("{name} has more different values than can be counted in memory"))
                })?;
                Ok(then(&column.column))
            }
            None => Err(Error::unsupported(format!(
                "`{name}` is nothing whose values can be counted"
            ))
            .with_hint("Fields are verdict, event_type, actor, resource_type, resource_id, action, source, and details paths without [*].")),
        }
    }

    /// Up to `count` of the entries found, from the `start`-th on, in the order asked for (until all are known, in the
    /// order of the source), with a cell for each of `columns`: a field's name, a details path, or the name of a field
    /// that no checksum covers.
    ///
    /// # Errors
    ///
    /// If a source can no longer be read.
    pub fn selected_rows(
        &self,
        search: &Search,
        start: u64,
        count: u32,
        columns: &[String],
    ) -> Result<Vec<EntryRow>, Error> {
        let rows = self.rows_of(search, start, count);
        let mut columns = Columns::new(columns);
        self.with_cells(&rows, &mut columns)
    }

    /// The rows of a search, in its order.
    pub(super) fn rows_of(&self, search: &Search, start: u64, count: u32) -> Vec<u32> {
        let Ok(start) = u32::try_from(start) else {
            return Vec::new();
        };
        match &search.order {
            Some(order) => {
                let order = order.iter().skip(start as usize);
                order.take(count as usize).copied().collect()
            }
            None => {
                let found = search.ranked();
                found.iter_from(start).take(count as usize).collect()
            }
        }
    }

    /// The place of a row among those that a search has found, if it is one of them.
    #[must_use]
    pub fn position(&self, search: &Search, row: RowIdx) -> Option<u64> {
        if !search.ranked().bits().contains(row.0) {
            return None;
        }
        match &search.order {
            Some(order) => order.iter().position(|r| *r == row.0).map(|i| i as u64),
            None => Some(u64::from(search.ranked().rank(row.0))),
        }
    }

    /// What could be typed at a place of a filter, the likeliest first.
    #[must_use]
    pub fn complete(&self, filter: &str, cursor: u32) -> Vec<Completion> {
        query::complete(&self.context(), filter, cursor)
    }

    /// The reference implementation's own `query`, over all sources: newest first.
    #[must_use]
    pub fn reference_query(&self, query: &ReferenceQuery) -> Vec<RowIdx> {
        query.run(&self.judge.index)
    }

    fn put_in_order(&self, search: &mut Search) -> Result<(), Error> {
        let Some(sort) = search.selection().sort.clone() else {
            return Ok(());
        };
        let index = &self.judge.index;
        let found = search.ranked().bits().clone();
        search.order = match search.order_path() {
            None => {
                let key = index.key(&sort.column).ok_or_else(|| {
                    Error::unsupported(format!("`{}` is nothing to sort by", sort.column))
                })?;
                Some(order(index, &found, key, sort.descending))
            }
            Some(path) => {
                let column = self.paths.borrow_mut().get(path, search.len);
                let column = column.ok_or_else(|| {
                    Error::unsupported(format!(
                        "{} has too many different values to sort by",
                        sort.column
                    ))
                })?;
                let key = Key::Value(&column.column);
                Some(order(index, &found, key, sort.descending))
            }
        };
        Ok(())
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            index: &self.judge.index,
            paths: &self.paths,
            answers: &self.answers,
            entries: self,
        }
    }
}

impl Entries for Case {
    fn read_again(
        &self,
        rows: &[u32],
        fields: Fields,
        sink: &mut dyn FnMut(u32, Option<&RawEntry<'_>>),
    ) -> Result<(), Error> {
        let mut places = Vec::new();
        let mut rest = rows;
        while let Some(first) = rest.first() {
            let origin = self.origin(RowIdx(*first))?;
            places.clear();
            for row in rest {
                let next = self.origin(RowIdx(*row))?;
                if (next.source, next.part) != (origin.source, origin.part) {
                    break;
                }
                places.push(next.place);
            }
            let (run, others) = rest.split_at(places.len());
            rest = others;
            self.sources[origin.source.0 as usize].scan()?.reread_all(
                origin.part,
                &places,
                fields,
                &mut |i, entry| sink(run[i], entry),
            )?;
        }
        Ok(())
    }

    fn errand(&self, rows: &[u32], fields: Fields) -> Option<Errand> {
        let first = self.origin(RowIdx(*rows.first()?)).ok()?;
        let (source, part) = (first.source, first.part);
        let source = self.sources.get(source.0 as usize)?;
        let main = &source.group.main;
        if main.packed.is_some() || !source.scan().ok()?.can_be_shared(part) {
            return None;
        }
        let places = rows.iter().map(|row| {
            let origin = self.origin(RowIdx(*row)).ok()?;
            ((origin.source, origin.part) == (first.source, part)).then_some(origin.place)
        });
        Some(Errand {
            input: main.input,
            part,
            places: places.collect::<Option<_>>()?,
            fields,
        })
    }
}
