//! The list of entries, of any length.

use std::sync::Arc;

use auditglass::EntryRow;
use leptos::prelude::*;

use crate::state::{Panel, Stage, Viewer};
use crate::widgets::{VirtualList, plain};
use crate::{format, look};

/// The height of a row in pixels; `--row` in `styles/tokens.css` says the same.
const ROW_HEIGHT: f64 = 28.0;

/// The table of entries.
#[component]
pub(super) fn Table() -> impl IntoView {
    let viewer = Viewer::here();
    let count = Memo::new(move |_| viewer.list_len());
    // Keys act on the table as soon as it is there.
    Effect::new(move |_| {
        if viewer.stage.get() == Stage::Shown && viewer.grid.get().is_some() {
            viewer.focus_grid();
        }
    });
    // 0 for all entries, else one more than the verdict's number.
    let list = Signal::derive(move || viewer.filter.get().map_or(0, |v| u32::from(v as u8) + 1));
    let active = move || viewer.cursor.get().map(|at| row_id(viewer, at));
    let filtered = move || {
        let verdict = viewer.filter.get()?;
        let all = viewer
            .opened
            .with(|o| o.as_ref().map_or(0, |o| o.totals.entries));
        Some(view! {
            <div class="filtered" role="status">
                <span>
                    <span class=format!("v {}", look::tone(verdict)) aria-hidden="true">
                        {look::glyph(verdict)}
                    </span>
                    {format!(
                        " {} of {}: only {} ones are listed",
                        format::count(count.get()),
                        format::counted(all, "entry", "entries"),
                        verdict.as_str(),
                    )}
                </span>
                <button type="button" class="quiet small" on:click=move |_| viewer.set_filter(None)>
                    "Show all"
                </button>
            </div>
        })
    };
    view! {
        <div class="entries">
            {filtered}
            <section
                class="grid"
                role="grid"
                aria-label="Entries"
                aria-rowcount=move || count.get() + 1
                aria-colcount="6"
                aria-activedescendant=active
                tabindex="0"
                data-testid="table"
                node_ref=viewer.grid
            >
                <div class="tr th" role="row" aria-rowindex="1">
                    <span role="columnheader">
                        <span class="offscreen">"verdict"</span>
                    </span>
                    <span role="columnheader">"time"</span>
                    <span role="columnheader">"event type"</span>
                    <span role="columnheader">"actor"</span>
                    <span role="columnheader">"resource"</span>
                    <span role="columnheader">"action"</span>
                </div>
                <VirtualList
                    count=count
                    row_height=ROW_HEIGHT
                    reveal=viewer.cursor
                    list=list
                    look_at=move |range| viewer.look_at(range)
                    page=viewer.page_rows
                    row=move |position| row(viewer, position)
                />
                <Show when=move || count.get() == 0>
                    <p class="no-entries">"There is no entry in this log."</p>
                </Show>
            </section>
        </div>
    }
}

fn row_id(viewer: Viewer, position: u64) -> String {
    format!("auditglass-{}-row-{position}", viewer.id)
}

fn row(viewer: Viewer, position: u64) -> impl IntoView {
    let entry = Memo::new(move |_| viewer.row_at(position));
    let is_current = Memo::new(move |_| viewer.cursor.get() == Some(position));
    let is_open = move || is_current.get() && viewer.panel.with(|p| *p != Panel::Closed);
    view! {
        <div
            class="tr"
            class:current=move || is_current.get()
            class:open=is_open
            role="row"
            id=row_id(viewer, position)
            aria-rowindex=position + 2
            aria-selected=move || is_current.get().to_string()
            data-testid="row"
            data-row=move || entry.get().map(|e| e.row.0.to_string())
            data-verdict=move || entry.get().map(|e| e.verdict.as_str())
            on:click=move |_| viewer.open_at(position)
        >
            {move || match entry.get() {
                Some(entry) => cells(&entry).into_any(),
                None => placeholder().into_any(),
            }}
        </div>
    }
}

fn cells(entry: &Arc<EntryRow>) -> impl IntoView + use<> {
    let e = entry.as_ref();
    let cell = |i: usize| e.cells.get(i).cloned().unwrap_or_default();
    let (kind, id) = (cell(3), cell(4));
    let resource = if kind.is_empty() {
        id
    } else {
        format!("{kind} / {id}")
    };
    view! {
        <span
            class=format!("v {}", look::tone(e.verdict))
            role="gridcell"
            aria-label=e.verdict.as_str()
            title=look::title(e.verdict)
        >
            {look::glyph(e.verdict)}
        </span>
        <span role="gridcell" class="mono">
            {plain(cell(0))}
        </span>
        <span role="gridcell">
            {plain(cell(1))}
        </span>
        <span role="gridcell">
            {plain(cell(2))}
        </span>
        <span role="gridcell" class="dim">
            {plain(resource)}
        </span>
        <span role="gridcell" class="dim">
            {plain(cell(5))}
        </span>
    }
}

/// What stands where a row will be.
fn placeholder() -> impl IntoView {
    view! {
        <span role="gridcell"></span>
        <span role="gridcell" aria-label="loading">
            <span class="ghost"></span>
        </span>
        <span role="gridcell">
            <span class="ghost"></span>
        </span>
        <span role="gridcell">
            <span class="ghost"></span>
        </span>
        <span role="gridcell">
            <span class="ghost"></span>
        </span>
        <span role="gridcell"></span>
    }
}
