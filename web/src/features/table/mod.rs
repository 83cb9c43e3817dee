//! The list of entries, of any length.

mod columns;
mod head;

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

/// The row at `position`. Its elements outlive a change of the position, and of what is known there.
fn row(viewer: Viewer, position: Signal<u64>) -> impl IntoView {
    let entry = Memo::new(move |_| viewer.row_at(position.get()));
    let is_current = Memo::new(move |_| viewer.cursor.get() == Some(position.get()));
    let is_picked = Memo::new(move |_| {
        viewer.picked.with(Option::is_some)
            && viewer
                .picked_range()
                .is_some_and(|r| r.contains(&position.get()))
    });
    let is_open = move || is_current.get() && viewer.panel.with(|p| *p != Panel::Closed);
    let on_click = move |event: MouseEvent| {
        let position = position.get_untracked();
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
            class:waiting=move || entry.with(Option::is_none)
            role="row"
            id=move || row_id(viewer, position.get())
            aria-rowindex=move || position.get() + 2
            aria-selected=move || (is_current.get() || is_picked.get()).to_string()
            data-testid="row"
            data-row=move || entry.with(|e| e.as_ref().map(|e| e.row.0.to_string()))
            data-verdict=move || entry.with(|e| e.as_ref().map(|e| e.verdict.as_str()))
            // A range of rows is picked, not their text.
            on:mousedown=move |event| {
                if event.shift_key() {
                    event.prevent_default();
                }
            }
            on:click=on_click
        >
            {move || entry.with(|e| verdict(e.as_deref()))}
            {move || entry.with(|e| cells(viewer, e.as_deref()))}
        </div>
    }
}

/// The mark of the verdict, in front.
fn verdict(entry: Option<&EntryRow>) -> impl IntoView + use<> {
    let verdict = entry.map(|e| e.verdict);
    view! {
        <span
            class=verdict.map(|v| format!("v {}", look::tone(v)))
            role="gridcell"
            aria-label=verdict.map_or("loading", auditglass::Verdict::as_str)
            title=verdict.map(look::title)
        >
            {verdict.map(look::glyph)}
        </span>
    }
}

/// The fields; empty while the entry is on its way.
fn cells(viewer: Viewer, entry: Option<&EntryRow>) -> impl IntoView + use<> {
    let kinds = viewer
        .view
        .with_untracked(|v| v.columns.iter().map(|c| kind(&c.name)).collect::<Vec<_>>());
    let mut texts = entry.map(|e| e.cells.iter());
    let cell = |class| {
        let text = texts.as_mut().and_then(Iterator::next);
        view! {
            <span role="gridcell" class=class>
                {plain(text.cloned().unwrap_or_default())}
            </span>
        }
    };
    kinds.into_iter().map(cell).collect::<Vec<_>>()
}

/// The class of a column's cells.
fn kind(name: &str) -> &'static str {
    match name {
        "timestamp" | "entry_id" => "mono",
        "event_type" | "actor" => "",
        _ => "dim",
    }
}
