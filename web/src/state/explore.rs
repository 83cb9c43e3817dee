//! Finding entries: the filter as it is typed, the selection it makes, and what is counted of it.
//!
//! Everything that is shown belongs to one selection, [`Found`], and acts upon it: a click on a value edits the filter of
//! the entries that are seen, whatever is half typed in the bar. Answers that belong to an older search are dropped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auditglass::query::{self, Filter};
use auditglass::{Completion, EntryRow, ErrorView, FilterError, RowIdx, Selection, Sort, Totals};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::loading::Loading;
use super::rows::CHUNK;
use super::survey::Question;
use super::view::View;
use super::{Panel, Stage, Viewer};
use crate::protocol::Request;

/// How long a reader who types must pause before the filter is applied, in milliseconds.
const PAUSE: Duration = Duration::from_millis(40);
/// Filters remembered.
const HISTORY: usize = 100;

/// The entries that are shown, and the filter that they match.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Which search found them.
    pub(crate) search: u32,
    /// Which list it is: the search that found its first entries, where it grew while the log was verified.
    pub(crate) list: u32,
    /// What was searched for.
    pub(crate) selection: Selection,
    /// How many there are, per verdict.
    pub(crate) totals: Totals,
    /// The filter, read.
    pub(crate) filter: Filter,
}

/// A search that takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Searching {
    /// Entries read.
    pub(crate) read: u64,
    /// Entries to be read.
    pub(crate) of: u64,
    /// Entries found.
    pub(crate) matched: u64,
}

/// A filter that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The filter.
    pub(crate) filter: String,
    /// Why.
    pub(crate) error: FilterError,
}

/// What could be typed next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completions {
    /// For this filter.
    pub(crate) filter: String,
    /// With the cursor behind so many bytes of it.
    pub(crate) cursor: u32,
    /// The best first.
    pub(crate) list: Vec<Completion>,
}

/// How a change of the view came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// By an act that the browser's *Back* undoes.
    Act,
    /// In passing: a key typed, a column dragged.
    Passing,
}

/// What is behind the finding.
#[derive(Default)]
pub(super) struct Explore {
    search: u32,
    pub(super) sent: Selection,
    pause: Option<TimeoutHandle>,
    /// Selected, and waiting for the rows that will be seen first.
    pub(super) arriving: Option<Arriving>,
    /// The row to be opened when the next selection is there.
    pub(super) open_next: Option<RowIdx>,
    pub(super) question: u32,
    /// The question that all rows of the list as it is now are asked with.
    list: u32,
    pub(super) facets: Question,
    pub(super) timeline: Question,
    /// While the log is verified.
    pub(super) loading: Loading,
    history: Vec<String>,
    pub(super) last_step: Option<Step>,
    pub(super) address: Option<TimeoutHandle>,
}

impl Explore {
    /// Whether no question about the selection is on its way.
    pub(super) fn is_counted(&self) -> bool {
        !self.facets.is_asked() && !self.timeline.is_asked()
    }
}

pub(super) struct Arriving {
    found: Found,
    cursor: Option<u64>,
    first: u64,
    list: u32,
    /// The search has not ended.
    is_early: bool,
}

impl Viewer {
    /// Shows a case from its start, or as a link says.
    pub(super) fn begin_exploring(self, view: View) {
        self.draft.set(view.filter.clone());
        self.explore
            .update_value(|e| e.open_next = view.entry.map(RowIdx));
        self.view.set(view);
        self.search();
    }

    /// Forgets what was found in the case before.
    pub(super) fn forget_found(self) {
        self.explore.update_value(|e| {
            let (search, history) = (e.search, std::mem::take(&mut e.history));
            *e = Explore {
                search,
                history,
                ..Explore::default()
            };
        });
        self.found.set(None);
        self.searching.set(None);
        self.refused.set(None);
        self.facets.set(BTreeMap::new());
        self.facet_looks.set(BTreeMap::new());
        self.uncounted.set(BTreeMap::new());
        self.timeline.set(None);
        self.completions.set(Completions::default());
        self.draft.set(String::new());
        self.picked.set(None);
    }

    /// The reader has typed.
    pub(crate) fn type_filter(self, text: String) {
        self.draft.set(text);
        self.explore.update_value(|e| {
            if let Some(pause) = e.pause.take() {
                pause.clear();
            }
            e.pause = set_timeout_with_handle(move || self.apply_draft(Step::Passing), PAUSE).ok();
        });
    }

    /// Applies what is typed now.
    pub(crate) fn apply_draft(self, step: Step) {
        self.explore.update_value(|e| {
            if let Some(pause) = e.pause.take() {
                pause.clear();
            }
        });
        let text = self.draft.get_untracked();
        self.look(step, |view| view.filter = text);
    }

    /// Keeps what is typed now for the list of earlier filters.
    pub(crate) fn remember_filter(self) {
        let text = self.draft.get_untracked().trim().to_owned();
        if text.is_empty() {
            return;
        }
        self.explore.update_value(|e| {
            e.history.retain(|old| *old != text);
            e.history.push(text);
            if e.history.len() > HISTORY {
                e.history.remove(0);
            }
        });
    }

    /// Earlier filters, the latest last.
    pub(crate) fn filter_history(self) -> Vec<String> {
        self.explore.with_value(|e| e.history.clone())
    }

    /// Replaces the filter as a whole.
    pub(crate) fn set_filter(self, text: String) {
        self.draft.set(text);
        self.apply_draft(Step::Act);
        self.remember_filter();
    }

    /// Edits the filter of the entries that are shown.
    pub(crate) fn edit_filter(self, edit: impl FnOnce(&str) -> Result<String, FilterError>) {
        let text = self.found.with_untracked(|found| match found {
            Some(f) => edit(&f.selection.filter),
            None => edit(""),
        });
        match text {
            Ok(text) => self.set_filter(text),
            Err(error) => self.notify(
                format!("This cannot be searched for: {}.", error.message),
                false,
            ),
        }
    }

    /// Only entries in this part of time, and the timeline shows it alone.
    pub(crate) fn select_time(self, from: i64, to: i64) {
        let text = self.found.with_untracked(|found| {
            let now = found.as_ref().map_or("", |f| &f.selection.filter);
            query::within(now, Some(from), Some(to))
        });
        let Ok(text) = text else { return };
        self.draft.set(text.clone());
        self.look(Step::Act, |view| {
            view.filter = text;
            view.window = Some((from, to));
        });
        self.remember_filter();
    }

    /// Sorts by a column: from the least, then from the greatest, then not at all.
    pub(crate) fn sort_by(self, column: &str) {
        self.look(Step::Act, |view| {
            view.sort = match &view.sort {
                Some(s) if s.column == column && s.descending => None,
                Some(s) if s.column == column => Some(Sort {
                    column: column.to_owned(),
                    descending: true,
                }),
                _ => Some(Sort {
                    column: column.to_owned(),
                    descending: false,
                }),
            };
        });
    }

    /// Changes the view; what follows from it is asked for.
    pub(crate) fn look(self, step: Step, change: impl FnOnce(&mut View)) {
        let mut view = self.view.get_untracked();
        change(&mut view);
        self.look_as(step, view);
    }

    pub(super) fn look_as(self, step: Step, view: View) {
        let before = self.view.get_untracked();
        if view == before {
            return;
        }
        self.explore.update_value(|e| e.last_step = Some(step));
        let columns = view.column_names();
        let has_other_columns = columns != before.column_names();
        self.view.set(view);
        if !untrack(|| self.has_entries()) {
            return;
        }
        self.search();
        if has_other_columns {
            self.reread_rows();
        }
    }

    /// Sends the selection that the view means, unless it was sent already.
    fn search(self) {
        let selection = self.view.with_untracked(|v| Selection {
            filter: v.filter.clone(),
            sort: v.sort.clone(),
        });
        let is_sent = self.explore.with_value(|e| {
            e.search > 0 && e.sent == selection && self.found.with_untracked(Option::is_some)
        });
        // The page reads a filter with the engine's own code, so that an error is told at once.
        if let Err(error) = Filter::parse(&selection.filter) {
            let filter = selection.filter.clone();
            self.searching.set(None);
            self.next_search(false);
            self.explore.update_value(|e| {
                e.sent = selection;
                e.arriving = None;
                e.loading.ended();
            });
            return self.refused.set(Some(Refusal { filter, error }));
        }
        if !is_sent {
            self.send(selection);
        }
    }

    /// Sends a selection.
    pub(super) fn send(self, selection: Selection) {
        let search = self.next_search(false);
        self.explore.update_value(|e| {
            e.sent = selection.clone();
            e.arriving = None;
        });
        self.ask(|generation| Request::Select {
            generation,
            search,
            selection,
        });
    }

    /// The number of the search that is sent next; the answers to those before it are dropped.
    pub(super) fn next_search(self, is_snapshot: bool) -> u32 {
        self.explore
            .try_update_value(|e| {
                e.search = e.search.wrapping_add(1);
                e.loading.sent(e.search, is_snapshot);
                e.search
            })
            .unwrap_or_default()
    }

    fn is_latest(self, search: u32) -> bool {
        self.explore.with_value(|e| e.search == search)
    }

    pub(super) fn selecting(self, search: u32, searching: Searching) {
        let is_snapshot = self.explore.with_value(|e| e.loading.is_growing(search));
        if self.is_latest(search) && !is_snapshot {
            self.searching.set(Some(searching));
            self.list_early(search, searching.matched);
        }
    }

    pub(super) fn refused_came(self, search: u32, error: FilterError) {
        if self.is_latest(search) {
            self.searching.set(None);
            self.explore.update_value(|e| e.loading.ended());
            let filter = self.explore.with_value(|e| e.sent.filter.clone());
            self.refused.set(Some(Refusal { filter, error }));
        }
    }

    pub(super) fn unselected_came(self, search: u32, error: &ErrorView) {
        if self.is_latest(search) {
            self.searching.set(None);
            self.explore.update_value(|e| e.loading.ended());
            if self.found_search() == Some(search) {
                // What it found until then is no answer.
                self.found.set(None);
            }
            self.notify(format!("The search ended early: {}.", error.message), true);
        }
    }

    /// A selection is there. It is shown once its first rows are, so that nothing flickers.
    pub(super) fn selected_came(self, search: u32, totals: Totals) {
        if !self.is_latest(search) {
            return;
        }
        let is_snapshot = self.explore.with_value(|e| e.loading.is_growing(search));
        if is_snapshot || self.found_search() == Some(search) {
            return self.snapshot_came(search, totals);
        }
        let keep = match self.explore.with_value(|e| e.open_next) {
            Some(row) => Some(row),
            None if self.panel.with_untracked(|p| *p == Panel::Closed) => None,
            None => self.wanted_entry.get_value(),
        };
        let is_empty = totals.entries == 0;
        self.arrive(search, totals, false);
        match keep {
            Some(row) => self.ask(|generation| Request::Position {
                generation,
                search,
                row,
            }),
            None if is_empty => self.install(Vec::new()),
            None => self.ask_first_rows(),
        }
    }

    /// Notes what waits for its first rows.
    pub(super) fn arrive(self, search: u32, totals: Totals, is_early: bool) {
        let selection = self.explore.with_value(|e| e.sent.clone());
        let Ok(filter) = Filter::parse(&selection.filter) else {
            return;
        };
        let arriving = Arriving {
            found: Found {
                search,
                list: search,
                selection,
                totals,
                filter,
            },
            cursor: None,
            first: 0,
            list: self.next_question(),
            is_early,
        };
        self.explore.update_value(|e| e.arriving = Some(arriving));
    }

    /// Where the entry stands that is open, or to be opened.
    pub(super) fn position_came(self, search: u32, row: RowIdx, position: Option<u64>) {
        if !self.is_latest(search) {
            return;
        }
        let is_arriving = self
            .explore
            .try_update_value(|e| {
                e.arriving.as_mut().map(|a| {
                    a.cursor = position;
                    a.first = position.map_or(0, |p| (p / CHUNK).saturating_mul(CHUNK));
                    a.found.totals.entries > 0
                })
            })
            .flatten();
        match is_arriving {
            Some(true) => self.ask_first_rows(),
            Some(false) => self.install(Vec::new()),
            None => self.show_at(row, position),
        }
    }

    pub(super) fn ask_first_rows(self) {
        let Some((search, question, start)) = self.explore.with_value(|e| {
            let arriving = e.arriving.as_ref()?;
            Some((e.search, arriving.list, arriving.first))
        }) else {
            return;
        };
        let columns = self.view.with_untracked(View::column_names);
        let count = u32::try_from(CHUNK).unwrap_or(u32::MAX);
        self.ask(|generation| Request::Rows {
            generation,
            search,
            question,
            start,
            count,
            columns,
        });
    }

    /// Takes rows if they are those that a new selection waits for.
    pub(super) fn take_first_rows(self, question: u32, rows: &mut Vec<EntryRow>) -> bool {
        let is_it = self
            .explore
            .with_value(|e| e.arriving.as_ref().is_some_and(|a| a.list == question));
        if is_it {
            self.install(std::mem::take(rows));
        }
        is_it
    }

    /// Shows the selection that has arrived.
    fn install(self, rows: Vec<EntryRow>) {
        let arriving = self
            .explore
            .try_update_value(|e| {
                e.facets = Question::default();
                e.timeline = Question::default();
                let arriving = e.arriving.take()?;
                e.list = arriving.list;
                if !arriving.is_early {
                    e.loading.ended();
                }
                Some(arriving)
            })
            .flatten();
        let Some(Arriving {
            found,
            cursor,
            first,
            is_early,
            ..
        }) = arriving
        else {
            return;
        };
        let is_timed = |f: &Found| f.filter.conditions().iter().any(|c| c.field == "time");
        let had_time = self
            .found
            .with_untracked(|f| f.as_ref().is_some_and(|f| is_timed(f)));
        let has_time = is_timed(&found);
        if !is_early {
            self.searching.set(None);
        }
        self.refused.set(None);
        self.picked.set(None);
        self.take_list(first, rows);
        self.found.set(Some(Arc::new(found)));
        self.cursor.set(cursor);
        self.ask_rows();
        // The part of time that a condition had chosen is no longer chosen.
        if had_time && !has_time {
            self.look(Step::Passing, |v| v.window = None);
        }
        // An entry that a link names may be among those that come later.
        let waits = cursor.is_none() && self.stage.get_untracked() == Stage::Working;
        let open = self
            .explore
            .try_update_value(|e| if waits { None } else { e.open_next.take() });
        if let Some(Some(row)) = open {
            self.show_at(row, cursor);
        }
        if is_early {
            return;
        }
        self.ask_facets();
        self.ask_timeline();
    }

    /// A number that no question had before.
    pub(super) fn next_question(self) -> u32 {
        self.explore
            .try_update_value(|e| {
                e.question = e.question.wrapping_add(1);
                e.question
            })
            .unwrap_or_default()
    }

    /// The search and the question that rows of the list are asked with; nothing before there is a list.
    pub(super) fn list_question(self) -> Option<(u32, u32)> {
        let search = self.found.with_untracked(|f| Some(f.as_ref()?.search))?;
        Some((search, self.explore.with_value(|e| e.list)))
    }

    /// From now on the rows of the list are other ones: answers on their way are dropped.
    pub(super) fn renew_list(self) {
        let list = self.next_question();
        self.explore.update_value(|e| e.list = list);
    }

    /// Asks what could be typed at the cursor.
    pub(crate) fn complete(self, filter: String, cursor: u32) {
        self.ask(|generation| Request::Complete {
            generation,
            filter,
            cursor,
        });
    }

    pub(super) fn completions_came(self, completions: Completions) {
        self.completions.set(completions);
    }
}
