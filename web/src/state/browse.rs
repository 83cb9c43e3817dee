//! What a reader does with the entries that are shown: walk through the list, open one, read the findings.

use std::ops::Range;
use std::sync::Arc;

use auditglass::{EntryRow, EntryView, ErrorView, FindingView, RowIdx};
use leptos::prelude::*;

use super::rows::{CHUNK, RowCache};
use super::view::View;
use super::{Panel, Viewer};
use crate::protocol::Request;

/// Findings asked for at a time.
const FINDINGS_PAGE: u32 = 200;

impl Viewer {
    /// How many entries the list has.
    pub(crate) fn list_len(&self) -> u64 {
        self.found
            .with(|f| f.as_ref().map_or(0, |f| f.totals.entries))
    }

    /// The row at a position of the list; `None` while it is on its way. Reactive.
    pub(crate) fn row_at(&self, position: u64) -> Option<Arc<EntryRow>> {
        self.rows_version.track();
        self.rows.with_value(|rows| rows.get(position))
    }

    /// Tells which positions are looked at; missing rows are asked for.
    pub(crate) fn look_at(&self, positions: Range<u64>) {
        self.rows.update_value(|rows| rows.want(positions));
        self.ask_rows();
    }

    pub(super) fn ask_rows(self) {
        let Some((search, question)) = self.list_question() else {
            return;
        };
        while let Some(start) = self
            .rows
            .try_update_value(RowCache::next_question)
            .flatten()
        {
            let count = u32::try_from(CHUNK).unwrap_or(u32::MAX);
            let columns = self.view.with_untracked(View::column_names);
            self.ask(|generation| Request::Rows {
                generation,
                search,
                question,
                start,
                count,
                columns,
            });
        }
    }

    pub(super) fn rows_came(
        self,
        question: u32,
        start: u64,
        rows: Result<Vec<EntryRow>, ErrorView>,
    ) {
        // Another selection took the place of the one that was asked about.
        if rows.is_err() && self.explore.with_value(|e| e.loading.is_under_way()) {
            return;
        }
        let mut rows = rows.unwrap_or_else(|error| {
            self.notify(
                format!("Some entries could not be read again: {}.", error.message),
                true,
            );
            Vec::new()
        });
        if self.take_first_rows(question, &mut rows) || self.take_copied_rows(question, &rows) {
            return;
        }
        if self.list_question().is_none_or(|(_, q)| q != question) {
            return;
        }
        self.rows.update_value(|cache| cache.accept(start, rows));
        self.rows_version.update(|v| *v = v.wrapping_add(1));
        self.ask_rows();
    }

    /// Another list, of which these rows are here already.
    pub(super) fn take_list(self, start: u64, rows: Vec<EntryRow>) {
        self.rows.update_value(|cache| {
            cache.relist();
            cache.put(start, rows);
        });
        self.rows_version.update(|v| *v = v.wrapping_add(1));
    }

    /// Reads the rows in sight again: other columns are shown of them.
    pub(super) fn reread_rows(self) {
        self.renew_list();
        self.rows.update_value(RowCache::relist);
        self.rows_version.update(|v| *v = v.wrapping_add(1));
        self.ask_rows();
    }

    pub(super) fn forget_rows(self) {
        self.rows.update_value(RowCache::clear);
        self.rows_version.update(|v| *v = v.wrapping_add(1));
        self.wanted_entry.set_value(None);
        self.findings_asked.set_value(false);
    }

    /// Puts the cursor on a position and opens the entry there.
    pub(crate) fn open_at(self, position: u64) {
        self.picked.set(None);
        self.cursor.set(Some(position));
        if self.panel.with_untracked(|p| *p == Panel::Closed) {
            self.panel.set(Panel::Waiting);
        }
    }

    /// Opens an entry by its place in the case; the filter goes if the entry does not match it.
    pub(crate) fn open_row(self, row: RowIdx) {
        let matches = self.found.with_untracked(|f| f.as_ref().map(|f| f.search));
        self.explore.update_value(|e| e.open_next = Some(row));
        if let Some(search) = matches {
            self.ask(|generation| Request::Position {
                generation,
                search,
                row,
            });
        }
    }

    pub(super) fn show_at(self, row: RowIdx, position: Option<u64>) {
        let to_open = self.explore.with_value(|e| e.open_next == Some(row));
        match position {
            Some(position) => {
                self.explore.update_value(|e| e.open_next = None);
                self.open_at(position);
            }
            // It is opened when all entries are there.
            None if to_open && !self.view.with_untracked(|v| v.filter.is_empty()) => {
                self.set_filter(String::new());
            }
            None if to_open => self.explore.update_value(|e| e.open_next = None),
            None => {
                if self.panel.with_untracked(|p| *p == Panel::Closed) {
                    self.panel.set(Panel::Waiting);
                }
                self.want_entry(row);
            }
        }
    }

    /// Moves the cursor by so many entries, within the list.
    pub(crate) fn step(self, by: i64) {
        let last = untrack(|| self.list_len()).checked_sub(1);
        let Some(last) = last else { return };
        let to = match self.cursor.get_untracked() {
            Some(at) => at.saturating_add_signed(by).min(last),
            None => 0,
        };
        self.picked.set(None);
        self.cursor.set(Some(to));
    }

    /// Moves the cursor to a position, within the list.
    pub(crate) fn go_to(self, position: u64) {
        if let Some(last) = untrack(|| self.list_len()).checked_sub(1) {
            self.picked.set(None);
            self.cursor.set(Some(position.min(last)));
        }
    }

    /// Closes the panel; the cursor stays where it is.
    pub(crate) fn close_panel(self) {
        self.panel.set(Panel::Closed);
        self.wanted_entry.set_value(None);
    }

    /// While the panel is open it shows the entry under the cursor.
    pub(super) fn follow_cursor(self) {
        Effect::new(move || {
            if !self.has_entries() || self.panel.with(|p| *p == Panel::Closed) {
                return;
            }
            let Some(position) = self.cursor.get() else {
                return;
            };
            if let Some(row) = self.row_at(position) {
                self.want_entry(row.row);
            }
        });
    }

    pub(super) fn want_entry(self, row: RowIdx) {
        if self.wanted_entry.get_value() == Some(row) {
            return;
        }
        self.wanted_entry.set_value(Some(row));
        self.ask(|generation| Request::Entry { generation, row });
    }

    pub(super) fn entry_came(self, row: RowIdx, entry: Result<Box<EntryView>, ErrorView>) {
        // The reader may have moved on, or closed the panel.
        if self.wanted_entry.get_value() != Some(row) {
            return;
        }
        self.panel.set(match entry {
            Ok(entry) => Panel::Shown(Arc::from(entry)),
            Err(error) => Panel::Failed(error),
        });
    }

    /// How many findings there are.
    pub(crate) fn findings_len(&self) -> u64 {
        self.opened
            .with(|o| o.as_ref().map_or(0, |o| o.findings.iter().sum()))
    }

    /// Asks for the next findings, if there are more.
    pub(crate) fn more_findings(self) {
        let have = self.findings.with_untracked(Vec::len) as u64;
        if have >= untrack(|| self.findings_len()) || self.findings_asked.get_value() {
            return;
        }
        self.findings_asked.set_value(true);
        self.ask(|generation| Request::Findings {
            generation,
            start: have,
            count: FINDINGS_PAGE,
        });
    }

    pub(super) fn findings_came(self, start: u64, findings: Vec<FindingView>) {
        self.findings_asked.set_value(false);
        self.findings.update(|all| {
            if all.len() as u64 == start {
                all.extend(findings);
            }
        });
    }
}
