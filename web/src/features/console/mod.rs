//! The console for queries in SQL: a sheet over the page with the tables, the query, and what it yields.

mod editor;
mod outcome;
mod result;
mod tables;

use leptos::html::{Dialog, Textarea};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use self::editor::Editor;
use self::outcome::Outcome;
use self::result::Rows;
use self::tables::Tables;
use crate::state::Viewer;

/// The button that opens it, where there is a database.
#[component]
pub(super) fn ConsoleButton() -> impl IntoView {
    let viewer = Viewer::here();
    let has_database = Memo::new(move |_| !viewer.databases().is_empty());
    view! {
        <Show when=move || has_database.get()>
            <button
                type="button"
                class="quiet"
                title="Ask the database itself, in SQL (s)"
                aria-keyshortcuts="s"
                data-testid="sql"
                on:click=move |_| viewer.open_console()
            >
                "SQL"
            </button>
        </Show>
    }
}

/// The dialogue. The browser keeps the focus in it and closes it at Escape; a query that runs goes on.
#[component]
pub(super) fn Console() -> impl IntoView {
    let viewer = Viewer::here();
    let console = viewer.console;
    let dialog = NodeRef::<Dialog>::new();
    let editor = NodeRef::<Textarea>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            if console.is_open.get() && !dialog.open() {
                // It fails only where it is open already.
                let _ = dialog.show_modal();
                if let Some(editor) = editor.get_untracked() {
                    let _ = editor.focus();
                }
            } else if !console.is_open.get() && dialog.open() {
                dialog.close();
            }
        }
    });
    let on_key = move |event: KeyboardEvent| {
        // The first Escape puts the cell away.
        if event.key() == "Escape" && console.chosen.get_untracked().is_some() {
            console.chosen.set(None);
            event.prevent_default();
        }
    };
    view! {
        <dialog
            class="console"
            node_ref=dialog
            aria-labelledby="auditglass-console"
            data-testid="console"
            on:close=move |_| {
                console.is_open.set(false);
                viewer.focus_grid();
            }
            on:keydown=on_key
        >
            <Show when=move || console.is_open.get()>
                <div class="console-sheet">
                    <header>
                        <h2 id="auditglass-console">"SQL"</h2>
                        <Databases />
                        <span class="fine">"Read only: the file is never changed."</span>
                        <span class="grow"></span>
                        <button
                            type="button"
                            class="quiet icon"
                            aria-label="Close the console"
                            on:click=move |_| console.is_open.set(false)
                        >
                            "✕"
                        </button>
                    </header>
                    <div class="console-body">
                        <Tables editor=editor />
                        <div class="console-main">
                            <Editor editor=editor />
                            <Outcome />
                            <Rows />
                        </div>
                    </div>
                </div>
            </Show>
        </dialog>
    }
}

/// Which database is asked.
#[component]
fn Databases() -> impl IntoView {
    let viewer = Viewer::here();
    let databases = Memo::new(move |_| viewer.databases());
    let chosen = move || viewer.console.source.get().0.to_string();
    view! {
        <Show
            when=move || databases.with(|d| d.len() > 1)
            fallback=move || {
                let name = databases.with(|d| d.first().map(|(_, name)| name.clone()));
                view! { <bdi class="console-file">{name}</bdi> }
            }
        >
            <select
                aria-label="The database that is asked"
                data-testid="sql-database"
                prop:value=chosen
                on:change=move |event| {
                    let place = event_target_value(&event).parse().unwrap_or_default();
                    viewer.choose_database(auditglass::SourceIdx(place));
                }
            >
                {move || {
                    databases
                        .get()
                        .into_iter()
                        .map(|(source, name)| {
                            let is_chosen = viewer.console.source.get_untracked() == source;
                            view! {
                                <option value=source.0.to_string() selected=is_chosen>
                                    {name}
                                </option>
                            }
                        })
                        .collect::<Vec<_>>()
                }}
            </select>
        </Show>
    }
}
