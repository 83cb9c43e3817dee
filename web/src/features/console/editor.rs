//! The query as it is typed, its limits, and what can be done with it.

use auditglass::ExportFormat;
use leptos::html::Textarea;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::outcome::limit;
use crate::format;
use crate::state::Viewer;
use crate::widgets::{Item, Menu};

/// Rows that may be chosen as the limit.
const ROWS: [u64; 3] = [1_000, 10_000, 100_000];
/// Seconds that may be chosen as the limit.
const SECONDS: [u32; 4] = [5, 30, 120, 600];
/// Characters of a query in the list of earlier ones.
const SHORT: usize = 60;

/// The editor and its buttons.
#[component]
pub(super) fn Editor(editor: NodeRef<Textarea>) -> impl IntoView {
    let viewer = Viewer::here();
    let console = viewer.console;
    // How far back in the earlier queries the reader is.
    let back = RwSignal::new(0_usize);
    // The text is the element's own; it follows the store where they differ.
    Effect::new(move || {
        let text = console.text.get();
        if let Some(editor) = editor.get()
            && editor.value() != text
        {
            editor.set_value(&text);
        }
    });
    Effect::new(move || {
        if let Some(editor) = editor.get() {
            let _ = editor.focus();
        }
    });
    let run = move || {
        back.set(0);
        viewer.run_query();
    };
    let recall = move |steps: usize| {
        let history = console.history();
        if let Some(query) = steps.checked_sub(1).and_then(|i| history.get(i)) {
            back.set(steps);
            console.type_query(query.clone());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "Enter" if command => run(),
            "ArrowUp" if command => recall(back.get_untracked() + 1),
            "ArrowDown" if command => recall(back.get_untracked().saturating_sub(1)),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let is_running = Memo::new(move |_| console.is_running());
    view! {
        <textarea
            class="console-query mono"
            node_ref=editor
            rows="5"
            spellcheck="false"
            autocomplete="off"
            autocapitalize="off"
            aria-label="The query, in SQL"
            data-testid="sql-query"
            on:input=move |event| {
                back.set(0);
                console.type_query(event_target_value(&event));
            }
            on:keydown=on_key
        ></textarea>
        <div class="console-bar">
            <Show
                when=move || is_running.get()
                fallback=move || {
                    view! {
                        <button
                            type="button"
                            class="primary"
                            title="Run the query (Ctrl or Cmd and Enter)"
                            aria-keyshortcuts="Control+Enter Meta+Enter"
                            data-testid="sql-run"
                            disabled=move || console.text.with(|t| t.trim().is_empty())
                            on:click=move |_| run()
                        >
                            "Run"
                        </button>
                    }
                }
            >
                <button
                    type="button"
                    data-testid="sql-cancel"
                    on:click=move |_| viewer.cancel_query()
                >
                    "Cancel"
                </button>
            </Show>
            <kbd class="console-key">"Ctrl + Enter"</kbd>
            <Limits />
            <span class="grow"></span>
            <Earlier />
            <Export />
        </div>
    }
}

/// How far a query may go.
#[component]
fn Limits() -> impl IntoView {
    let console = Viewer::here().console;
    let rows = ROWS.map(|n| {
        let is_chosen = console.rows_limit.get_untracked() == n;
        let text = format::counted(n, "row", "rows");
        view! { <option value=n.to_string() selected=is_chosen>{text}</option> }
    });
    let seconds = SECONDS.map(|n| {
        let is_chosen = console.seconds_limit.get_untracked() == n;
        view! { <option value=n.to_string() selected=is_chosen>{limit(n)}</option> }
    });
    view! {
        <label class="console-limit">
            "at most "
            <select
                aria-label="Rows at most"
                data-testid="sql-rows-limit"
                on:change=move |event| {
                    if let Ok(rows) = event_target_value(&event).parse() {
                        console.rows_limit.set(rows);
                    }
                }
            >
                {rows.into_iter().collect::<Vec<_>>()}
            </select>
        </label>
        <label class="console-limit">
            "within "
            <select
                aria-label="Time at most"
                data-testid="sql-time-limit"
                on:change=move |event| {
                    if let Ok(seconds) = event_target_value(&event).parse() {
                        console.seconds_limit.set(seconds);
                    }
                }
            >
                {seconds.into_iter().collect::<Vec<_>>()}
            </select>
        </label>
    }
}

/// Queries that were run before.
#[component]
fn Earlier() -> impl IntoView {
    let console = Viewer::here().console;
    let items = Signal::derive(move || {
        // With each result there is one more.
        let _ = console.result.get();
        let items = console.history().into_iter().map(|query| Item {
            label: short(&query),
            note: String::new(),
            value: query,
        });
        items.collect::<Vec<_>>()
    });
    view! {
        <Show when=move || items.with(|i| !i.is_empty())>
            <Menu
                label="Earlier"
                title="Queries that were run before (Ctrl and ↑); they are gone when the page is closed"
                items=items
                class="quiet"
                test_id="sql-earlier"
                chosen=move |query| console.type_query(query)
            />
        </Show>
    }
}

/// Writes what the query yields into a file.
#[component]
fn Export() -> impl IntoView {
    let viewer = Viewer::here();
    let items = Signal::derive(|| {
        [
            (
                ExportFormat::Csv,
                "CSV",
                "for a spreadsheet, which runs none of it",
            ),
            (ExportFormat::Jsonl, "JSON Lines", "one object a line"),
            (ExportFormat::Json, "JSON", "one array"),
        ]
        .map(|(value, label, note)| Item {
            value,
            label: label.to_owned(),
            note: note.to_owned(),
        })
        .to_vec()
    });
    let can_export = Memo::new(move |_| viewer.console.can_export());
    view! {
        <Show when=move || can_export.get()>
            <Menu
                label="Export"
                title="Run the query again and write all that it yields into a file, up to 1,000,000 rows"
                items=items
                test_id="sql-export"
                chosen=move |format| viewer.export_query(format)
            />
        </Show>
    }
}

/// A query in one line, cut.
fn short(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHORT) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}
