//! The rows of a query: a table of any length, and the cell that is chosen, whole.

use std::fmt::Write;
use std::sync::Arc;

use auditglass::{SqlCell, ValueKind};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::state::{Console, Viewer};
use crate::widgets::{CopyButton, VirtualList, plain};

/// The height of a row in pixels; `--row` in `styles/tokens.css` says the same.
const ROW_HEIGHT: f64 = 28.0;
/// Columns that are shown.
const MOST_COLUMNS: usize = 200;
/// Characters of a cell in the table.
const SHORT: usize = 200;
/// Rows by which the widths of columns are chosen.
const MEASURED: usize = 50;
/// The widest and the narrowest column, in characters.
const WIDTHS: (usize, usize) = (6, 44);

/// The table of rows.
#[component]
pub(super) fn Rows() -> impl IntoView {
    let viewer = Viewer::here();
    let console = viewer.console;
    let (page, scrolled) = (RwSignal::new(1_u64), RwSignal::new(0.0_f64));
    let area = NodeRef::<Div>::new();
    let columns = Memo::new(move |_| console.columns.with(|c| c.len().min(MOST_COLUMNS)));
    let widths = Memo::new(move |_| {
        let _ = columns.get();
        widths(console)
    });
    let chosen_row = Signal::derive(move || console.chosen.get().map(|(row, _)| row));
    // The list brings the row into sight, and this the cell, once it is there.
    Effect::new(move || {
        if console.chosen.get().is_some()
            && let Some(area) = area.get()
        {
            request_animation_frame(move || bring_into_sight(&area));
        }
    });
    let left_out = move || {
        let all = console.columns.with(|c| c.len());
        (all > MOST_COLUMNS).then(|| {
            format!("Of {all} columns the first {MOST_COLUMNS} are shown; an export holds all.")
        })
    };
    let on_key = move |event: KeyboardEvent| {
        if !event.ctrl_key()
            && !event.meta_key()
            && walk(console, &event.key(), page.get_untracked())
        {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let heads = move || {
        console.columns.with(|all| {
            let shown = all.iter().take(MOST_COLUMNS);
            shown
                .map(|name| {
                    let name: String = name.chars().take(SHORT).collect();
                    view! { <span role="columnheader">{plain(name)}</span> }
                })
                .collect::<Vec<_>>()
        })
    };
    view! {
        <Show when=move || { columns.get() > 0 }>
            <div
                class="grid console-rows"
                role="grid"
                aria-label="What the query yields"
                aria-rowcount=move || console.count.get() + 1
                aria-colcount=move || columns.get()
                tabindex="0"
                node_ref=area
                data-testid="sql-rows"
                data-count=move || console.count.get()
                style=("--columns", move || template(&widths.get()))
                style=("--least-width", move || format!("{}px", least_width(&widths.get())))
                on:keydown=on_key
            >
                <div class="th-clip">
                    <div
                        class="tr th"
                        role="row"
                        aria-rowindex="1"
                        style:transform=move || format!("translateX({}px)", -scrolled.get())
                    >
                        {heads}
                    </div>
                </div>
                <VirtualList
                    count=console.count
                    row_height=ROW_HEIGHT
                    reveal=chosen_row
                    list=console.result
                    look_at=|_| {}
                    page=page
                    scrolled=scrolled
                    row=move |at| row(console, at)
                />
                {move || left_out().map(|text| view! { <p class="fine console-note">{text}</p> })}
            </div>
            <Chosen />
        </Show>
    }
}

/// The row at a position. Its elements outlive a change of the position.
fn row(console: Console, at: Signal<u64>) -> impl IntoView {
    let cells = Memo::new(move |_| {
        let _ = console.result.get();
        console.row(at.get())
    });
    let chosen = Memo::new(move |_| {
        let (row, column) = console.chosen.get()?;
        (row == at.get()).then_some(column)
    });
    view! {
        <div
            class="tr"
            class:current=move || chosen.get().is_some()
            role="row"
            aria-rowindex=move || at.get() + 2
            data-testid="sql-row"
        >
            {move || {
                let cells = cells.get();
                let cells = cells.iter().flat_map(|c| c.iter()).take(MOST_COLUMNS).enumerate();
                cells
                    .map(|(column, cell)| {
                        let text: String = cell.text.chars().take(SHORT).collect();
                        view! {
                            <span
                                role="gridcell"
                                class=kind(cell.kind)
                                class:chosen=move || chosen.get() == Some(column)
                                on:click=move |_| console.chosen.set(Some((at.get_untracked(), column)))
                            >
                                {plain(text)}
                            </span>
                        }
                    })
                    .collect::<Vec<_>>()
            }}
        </div>
    }
}

/// The cell that is chosen, whole.
#[component]
fn Chosen() -> impl IntoView {
    let console = Viewer::here().console;
    let shown = move || {
        let (row, column) = console.chosen.get()?;
        let cells = console.row(row)?;
        let cell = cells.get(column)?.clone();
        let name = console.columns.with(|c| c.get(column).cloned())?;
        Some(chosen_cell(console, row, name, cell))
    };
    view! { {shown} }
}

fn chosen_cell(console: Console, row: u64, name: String, cell: SqlCell) -> impl IntoView {
    let text = cell.text.clone();
    let about = match cell.kind {
        ValueKind::Null => "NULL",
        ValueKind::Number => "a number",
        ValueKind::Bytes => "bytes, in hex digits",
        _ => "text",
    };
    view! {
        <section class="console-cell" aria-label="The cell that is chosen" data-testid="sql-cell">
            <header>
                <b>{plain(name)}</b>
                <span class="fine">{format!("row {}, {about}", row + 1)}</span>
                <span class="grow"></span>
                <CopyButton text=move || text.clone() label="Copy the cell" />
                <button
                    type="button"
                    class="quiet small"
                    aria-label="Put the cell away"
                    on:click=move |_| console.chosen.set(None)
                >
                    "✕"
                </button>
            </header>
            <pre class="mono">{plain(cell.text)}</pre>
        </section>
    }
}

/// Moves the rows to the side so that the cell that is chosen is seen.
fn bring_into_sight(area: &Element) {
    let found = |selector| {
        let element = area.query_selector(selector).ok().flatten()?;
        element.dyn_into::<HtmlElement>().ok()
    };
    let (Some(cell), Some(list)) = (found(".chosen"), found(".vlist")) else {
        return;
    };
    let (left, right) = (cell.offset_left(), cell.offset_left() + cell.offset_width());
    let (from, width) = (list.scroll_left(), list.client_width());
    if left < from {
        list.set_scroll_left(left);
    } else if right > from + width {
        list.set_scroll_left(left.min(right - width));
    }
}

/// Arrows and the like walk from cell to cell; false if a key says nothing here.
fn walk(console: Console, key: &str, page: u64) -> bool {
    let rows = console.count.get_untracked();
    let columns = console
        .columns
        .with_untracked(|c| c.len().min(MOST_COLUMNS));
    let (Some(last), Some(last_column)) = (rows.checked_sub(1), columns.checked_sub(1)) else {
        return false;
    };
    let known = matches!(
        key,
        "ArrowDown"
            | "ArrowUp"
            | "ArrowLeft"
            | "ArrowRight"
            | "PageDown"
            | "PageUp"
            | "Home"
            | "End"
    );
    let (row, column) = match (console.chosen.get_untracked(), key) {
        _ if !known => return false,
        (_, "Home") => (0, 0),
        (None, "End") => (last, 0),
        (None, _) => (0, 0),
        (Some((_, column)), "End") => (last, column),
        (Some((row, column)), "ArrowDown") => (row + 1, column),
        (Some((row, column)), "ArrowUp") => (row.saturating_sub(1), column),
        (Some((row, column)), "PageDown") => (row.saturating_add(page), column),
        (Some((row, column)), "PageUp") => (row.saturating_sub(page), column),
        (Some((row, column)), "ArrowRight") => (row, column + 1),
        (Some((row, column)), _) => (row, column.saturating_sub(1)),
    };
    console
        .chosen
        .set(Some((row.min(last), column.min(last_column))));
    true
}

fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null | ValueKind::Missing => "dim console-null",
        ValueKind::Bytes => "mono dim",
        ValueKind::Number => "mono",
        _ => "",
    }
}

/// The width of each column in characters, by its name and the first rows.
fn widths(console: Console) -> Vec<usize> {
    let rows = console.first_rows(MEASURED);
    let widest = |i: usize, name: &String| {
        let cells = rows.iter().filter_map(|row: &Arc<[SqlCell]>| row.get(i));
        let cells = cells.map(|c| c.text.chars().take(WIDTHS.1).count());
        cells.chain([name.chars().count()]).max().unwrap_or(0)
    };
    console.columns.with(|names| {
        let names = names.iter().take(MOST_COLUMNS).enumerate();
        names
            .map(|(i, name)| widest(i, name).clamp(WIDTHS.0, WIDTHS.1))
            .collect()
    })
}

/// The columns of the grid.
fn template(widths: &[usize]) -> String {
    let mut out = String::new();
    for width in widths {
        // Writing into a text never fails.
        let _ = write!(out, "minmax({}px, {width}fr) ", pixels(*width));
    }
    out
}

/// The width that the columns need at least, in pixels, the ends of a row included.
fn least_width(widths: &[usize]) -> usize {
    widths.iter().map(|w| pixels(*w)).sum::<usize>() + 24
}

fn pixels(characters: usize) -> usize {
    characters * 15 / 2 + 14
}
