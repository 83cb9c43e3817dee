//! Rows picked out of the list, and copied as a spreadsheet takes them in.

use std::ops::RangeInclusive;

use auditglass::EntryRow;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Viewer;
use super::view::View;
use crate::format;
use crate::protocol::Request;
use crate::widgets;

/// Rows copied at a time; more are an export.
const MOST: u64 = 5_000;

impl Viewer {
    /// Extends what is picked from the cursor to a position.
    pub(crate) fn pick_to(self, position: u64) {
        let anchor = self.picked.with_untracked(|p| p.as_ref().map(|p| p.0));
        let anchor = anchor.or(self.cursor.get_untracked()).unwrap_or(position);
        self.picked.set(Some((anchor, position)));
        self.cursor.set(Some(position));
    }

    /// Moves the cursor by so many entries and takes what it passes along.
    pub(crate) fn pick_step(self, by: i64) {
        let Some(last) = untrack(|| self.list_len()).checked_sub(1) else {
            return;
        };
        let at = self.cursor.get_untracked().unwrap_or(0);
        self.pick_to(at.saturating_add_signed(by).min(last));
    }

    /// The positions that are picked: those between both ends, else the one under the cursor. Reactive.
    pub(crate) fn picked_range(self) -> Option<RangeInclusive<u64>> {
        match self.picked.get() {
            Some((a, b)) => Some(a.min(b)..=a.max(b)),
            None => self.cursor.get().map(|at| at..=at),
        }
    }

    /// Copies what is picked, with a line of column names where it is more than one row.
    pub(crate) fn copy_rows(self) {
        let Some(range) = untrack(|| self.picked_range()) else {
            return;
        };
        let Some((search, _)) = self.list_question() else {
            return;
        };
        let count = range.end() - range.start() + 1;
        if count > MOST {
            self.notify(
                format!(
                    "{} are picked; at most {} are copied at a time. Export writes any number.",
                    format::counted(count, "row", "rows"),
                    format::count(MOST)
                ),
                false,
            );
            return;
        }
        let question = self.next_question();
        self.copying.set_value(Some(question));
        let columns = self.view.with_untracked(View::column_names);
        self.ask(|generation| Request::Rows {
            generation,
            search,
            question,
            start: *range.start(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            columns,
        });
    }

    /// Takes rows if they are those to be copied.
    pub(super) fn take_copied_rows(self, question: u32, rows: &[EntryRow]) -> bool {
        if self.copying.get_value() != Some(question) {
            return false;
        }
        self.copying.set_value(None);
        let names = self.view.with_untracked(View::column_names);
        let text = as_table(&names, rows);
        let count = format::counted(rows.len() as u64, "row", "rows");
        spawn_local(async move {
            let done = widgets::copy_text(&text).await;
            self.say(if done {
                format!("{count} copied")
            } else {
                "The browser did not allow copying.".to_owned()
            });
        });
        true
    }
}

/// Rows as lines of cells parted by tabs.
fn as_table(names: &[String], rows: &[EntryRow]) -> String {
    let mut out = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                out.push('\t');
            }
            push_cell(&mut out, cell);
        }
        out.push('\n');
    };
    if rows.len() > 1 {
        line(&mut std::iter::once("verdict").chain(names.iter().map(String::as_str)));
    }
    for row in rows {
        line(
            &mut std::iter::once(row.verdict.as_str()).chain(row.cells.iter().map(String::as_str)),
        );
    }
    out
}

/// A cell keeps its line and its column, and runs as no formula in whatever it is pasted into.
fn push_cell(out: &mut String, cell: &str) {
    let first = cell.trim_start().chars().next();
    let looks_like_formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
    );
    if looks_like_formula && cell.parse::<f64>().is_err() {
        out.push('\'');
    }
    out.extend(cell.chars().map(|c| match c {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c => c,
    }));
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use auditglass::{RowIdx, SourceIdx, Verdict};

    use super::*;

    fn row(cells: &[&str]) -> EntryRow {
        EntryRow {
            row: RowIdx(0),
            source: SourceIdx(0),
            verdict: Verdict::Verified,
            cells: cells.iter().map(|c| (*c).to_owned()).collect(),
        }
    }

    #[test]
    fn rows_become_lines_and_nothing_becomes_a_formula() {
        let names = ["actor".to_owned(), "details.n".to_owned()];
        let one = [row(&["=HYPERLINK(\"x\")", "-1.5"])];
        assert_eq!(
            as_table(&names, &one),
            "verified\t'=HYPERLINK(\"x\")\t-1.5\n"
        );
        let two = [row(&["a\tb", "c\nd"]), row(&[" @x", "-y"])];
        assert_eq!(
            as_table(&names, &two),
            "verdict\tactor\tdetails.n\nverified\ta b\tc d\nverified\t' @x\t'-y\n"
        );
    }
}
