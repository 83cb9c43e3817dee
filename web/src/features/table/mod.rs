//! The list of entries, of any length.

mod columns;
mod head;

use std::sync::Arc;

use auditglass::EntryRow;
use leptos::prelude::*;
use web_sys::MouseEvent;

use self::columns::ColumnsMenu;
use self::head::{Head, least_width, template};
use crate::look;
use crate::state::{Panel, Viewer};
use crate::widgets::{VirtualList, plain};

/// The height of a row in pixels; `--row` in `styles/tokens.css` says the same.
const ROW_HEIGHT: f64 = 28.0;

/// The table of entries.
#[component]
pub(super) fn Table() -> impl IntoView {
    let viewer = Viewer::here();
    let count = Memo::new(move |_| viewer.list_len());
    // Keys act on the table as soon as it is there.
    let has_entries = Memo::new(move |_| viewer.has_entries());
    Effect::new(move |_| {
        if has_entries.get() && viewer.grid.get().is_some() {
            viewer.focus_grid();
        }
    });
    let list = Signal::derive(move || viewer.found.with(|f| f.as_ref().map_or(0, |f| f.list)));
    let active = move || viewer.cursor.get().map(|at| row_id(viewer, at));
    let columns = Memo::new(move |_| viewer.view.with(|v| v.columns.clone()));
    let scrolled = RwSignal::new(0.0_f64);
    let is_empty = move || viewer.found.with(Option::is_some) && count.get() == 0;
    let nothing = move || {
        let all = viewer
            .opened
            .with(|o| o.as_ref().map_or(0, |o| o.totals.entries));
        if viewer.is_partial() {
            return view! { <p>"No entry matches this filter so far."</p> }.into_any();
        }
        if all == 0 {
            return view! { <p>"There is no entry in this log."</p> }.into_any();
        }
        view! {
            <p>"No entry matches this filter."</p>
            <button type="button" on:click=move |_| viewer.set_filter(String::new())>
                "Show all entries"
            </button>
        }
        .into_any()
    };
    view! {
        <div class="entries">
            <section
                class="grid"
                role="grid"
                aria-label="Entries"
                aria-multiselectable="true"
                aria-rowcount=move || count.get() + 1
                aria-colcount=move || columns.with(Vec::len) + 1
                aria-activedescendant=active
                tabindex="0"
                data-testid="table"
                node_ref=viewer.grid
                style=("--columns", move || columns.with(|c| template(c)))
                style=("--least-width", move || format!("{}px", columns.with(|c| least_width(c))))
            >
                <Head columns=columns scrolled=scrolled />
                <VirtualList
                    count=count
                    row_height=ROW_HEIGHT
                    reveal=viewer.cursor
                    list=list
                    look_at=move |range| viewer.look_at(range)
                    page=viewer.page_rows
                    scrolled=scrolled
                    row=move |position| row(viewer, position)
                />
                <ColumnsMenu columns=columns />
                <Show when=is_empty>
                    <div class="no-entries" data-testid="no-entries">
                        {nothing}
                    </div>
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
    let is_picked = Memo::new(move |_| {
        viewer.picked.with(Option::is_some)
            && viewer.picked_range().is_some_and(|r| r.contains(&position))
    });
    let is_open = move || is_current.get() && viewer.panel.with(|p| *p != Panel::Closed);
    let on_click = move |event: MouseEvent| {
        if event.shift_key() {
            viewer.pick_to(position);
        } else {
            viewer.open_at(position);
        }
        viewer.focus_grid();
    };
    view! {
        <div
            class="tr"
            class:current=move || is_current.get()
            class:picked=move || is_picked.get()
            class:open=is_open
            role="row"
            id=row_id(viewer, position)
            aria-rowindex=position + 2
            aria-selected=move || (is_current.get() || is_picked.get()).to_string()
            data-testid="row"
            data-row=move || entry.get().map(|e| e.row.0.to_string())
            data-verdict=move || entry.get().map(|e| e.verdict.as_str())
            // A range of rows is picked, not their text.
            on:mousedown=move |event| {
                if event.shift_key() {
                    event.prevent_default();
                }
            }
            on:click=on_click
        >
            {move || match entry.get() {
                Some(entry) => cells(viewer, &entry).into_any(),
                None => placeholder(viewer).into_any(),
            }}
        </div>
    }
}

fn cells(viewer: Viewer, entry: &Arc<EntryRow>) -> impl IntoView + use<> {
    let kinds = viewer
        .view
        .with_untracked(|v| v.columns.iter().map(|c| kind(&c.name)).collect::<Vec<_>>());
    let cells: Vec<_> = entry
        .cells
        .iter()
        .zip(kinds)
        .map(|(text, class)| {
            view! {
                <span role="gridcell" class=class>
                    {plain(text.clone())}
                </span>
            }
        })
        .collect();
    view! {
        <span
            class=format!("v {}", look::tone(entry.verdict))
            role="gridcell"
            aria-label=entry.verdict.as_str()
            title=look::title(entry.verdict)
        >
            {look::glyph(entry.verdict)}
        </span>
        {cells}
    }
}

/// The class of a column's cells.
fn kind(name: &str) -> &'static str {
    match name {
        "timestamp" | "entry_id" => "mono",
        "event_type" | "actor" => "",
        _ => "dim",
    }
}

/// What stands where a row will be.
fn placeholder(viewer: Viewer) -> impl IntoView {
    let n = viewer.view.with_untracked(|v| v.columns.len());
    let ghosts: Vec<_> = (0..n)
        .map(|_| {
            view! {
                <span role="gridcell">
                    <span class="ghost"></span>
                </span>
            }
        })
        .collect();
    view! {
        <span role="gridcell" aria-label="loading"></span>
        {ghosts}
    }
}
