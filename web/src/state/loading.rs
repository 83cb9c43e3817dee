//! The entries of a log that is still being verified: list, facets and timeline are asked for again and again while it
//! goes on. Each answer is a snapshot of the entries that were judged by then. As long as the list is in the order of
//! the source, a later one goes on where the earlier one ended, so that nothing moves under the reader. What a search that
//! takes its time has found so far is shown in the same way.

use std::sync::Arc;

use auditglass::{Selection, Totals};
use leptos::prelude::*;

use super::desk::now;
use super::rows::RowCache;
use super::survey::Question;
use super::{Found, Panel, Stage, View, Viewer};
use crate::protocol::Request;

/// A log that is verified sooner is shown when it is, in milliseconds.
const PATIENCE_MS: f64 = 700.0;
/// Milliseconds from one snapshot to the next.
const PAUSE_MS: f64 = 600.0;
/// What a snapshot took, waiting for the verification included, is a part of the time until the next one, lest it be slowed.
const PAUSE_TIMES: f64 = 8.0;

/// How far the snapshots are.
#[derive(Debug, Default)]
pub(super) struct Loading {
    /// When the engine first told of an entry.
    since: Option<f64>,
    /// The first snapshot was asked for.
    began: bool,
    /// The search that is the next snapshot of the list that is shown.
    growing: Option<u32>,
    /// The search whose outcome is not there yet, and when it was asked for.
    under_way: Option<u32>,
    sent_at: f64,
    next_at: f64,
}

impl Loading {
    /// A search was sent.
    pub(super) fn sent(&mut self, search: u32, is_snapshot: bool) {
        self.growing = is_snapshot.then_some(search);
        self.under_way = Some(search);
        self.sent_at = now();
    }

    /// Its outcome is there, whatever it is.
    pub(super) fn ended(&mut self) {
        self.under_way = None;
    }

    /// Everything that was asked about it was answered.
    pub(super) fn answered(&mut self) {
        let now = now();
        self.next_at = now + ((now - self.sent_at) * PAUSE_TIMES).max(PAUSE_MS);
    }

    /// Whether there is a search whose outcome is not there yet.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Whether this search is the next snapshot.
    pub(super) fn is_growing(&self, search: u32) -> bool {
        self.growing == Some(search)
    }
}

impl Viewer {
    /// Whether what is shown is a part of a log that is still being verified.
    pub(crate) fn is_partial(&self) -> bool {
        self.stage.get() == Stage::Working && self.found.with(Option::is_some)
    }

    /// Whether entries are shown, all or a part of them.
    pub(crate) fn has_entries(&self) -> bool {
        self.stage.get() == Stage::Shown || self.is_partial()
    }

    /// The engine has told how far it is: asks for the next snapshot, if it is time.
    pub(super) fn fill(self) {
        let entries = self.work.with_untracked(|w| w.progress.totals.entries);
        if entries == 0 || self.stage.get_untracked() != Stage::Working {
            return;
        }
        let now = now();
        let begins = self.explore.try_update_value(|e| {
            let since = *e.loading.since.get_or_insert(now);
            let begins = !e.loading.began && now - since >= PATIENCE_MS;
            e.loading.began |= begins;
            begins
        });
        if begins == Some(true) {
            let view = self.first_view();
            return self.begin_exploring(view);
        }
        let is_time = self.explore.with_value(|e| {
            let is_settled = !e.loading.is_under_way() && e.is_counted();
            is_settled && now >= e.loading.next_at
        });
        // A list in another order would move under the reader.
        if is_time && self.found_selection().is_some_and(|s| s.sort.is_none()) {
            self.ask_snapshot();
        }
    }

    /// The log is verified: the entries are shown, or, where a part of them is shown, all of them.
    pub(super) fn fill_up(self, view: View) {
        let (began, user, waits) = self.explore.with_value(|e| {
            let l = &e.loading;
            let user = l.under_way.filter(|s| !l.is_growing(*s));
            (l.began, user.map(|_| e.sent.clone()), e.open_next.is_some())
        });
        if !began {
            return self.begin_exploring(view);
        }
        match (user, self.found_selection()) {
            (Some(selection), _) => self.send(selection),
            (None, Some(selection)) if selection.sort.is_some() || waits => self.send(selection),
            (None, Some(_)) => self.ask_snapshot(),
            (None, None) => self.begin_exploring(view),
        }
    }

    fn found_selection(self) -> Option<Selection> {
        self.found
            .with_untracked(|f| f.as_ref().map(|f| f.selection.clone()))
    }

    /// Asks for the list that is shown as it is now.
    fn ask_snapshot(self) {
        let Some(selection) = self.found_selection() else {
            return;
        };
        let search = self.next_search(true);
        self.ask(|generation| Request::Select {
            generation,
            search,
            selection,
        });
    }

    /// The next snapshot is there: the list goes on.
    pub(super) fn snapshot_came(self, search: u32, totals: Totals) {
        self.searching.set(None);
        self.explore.update_value(|e| {
            e.loading.ended();
            e.facets = Question::default();
            e.timeline = Question::default();
        });
        self.go_on(search, totals);
        self.ask_facets();
        self.ask_timeline();
    }

    /// The list that is shown has become longer at its end.
    pub(super) fn go_on(self, search: u32, totals: Totals) {
        let Some(found) = self.found.get_untracked() else {
            return;
        };
        self.renew_list();
        self.rows.update_value(RowCache::grow);
        self.found.set(Some(Arc::new(Found {
            search,
            totals,
            ..Found::clone(&found)
        })));
        self.ask_rows();
    }

    /// Shows what a search that takes its time has found so far, as long as later entries come behind it.
    pub(super) fn list_early(self, search: u32, matched: u64) {
        let totals = Totals {
            entries: matched,
            ..Totals::default()
        };
        if self.found_search() == Some(search) {
            return self.go_on(search, totals);
        }
        let may = self.explore.with_value(|e| {
            matched > 0 && e.arriving.is_none() && e.open_next.is_none() && e.sent.sort.is_none()
        });
        if may && self.panel.with_untracked(|p| *p == Panel::Closed) {
            self.arrive(search, totals, true);
            self.ask_first_rows();
        }
    }

    /// The search whose entries are listed.
    pub(super) fn found_search(self) -> Option<u32> {
        self.found.with_untracked(|f| f.as_ref().map(|f| f.search))
    }
}
