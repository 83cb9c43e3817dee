//! The help: the keys, and the language of filters in short.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::state::Viewer;

const KEYS: [(&str, &str); 16] = [
    ("/", "to the filter; Escape goes back to the table"),
    (
        "↓ ↑ Tab",
        "in the filter: what could be typed next; ↑ alone: earlier filters",
    ),
    ("j k ↓ ↑", "next and previous entry"),
    ("PgUp PgDn Home End", "through the table, of any length"),
    ("Enter", "open the entry"),
    ("Escape", "close the entry, cancel, leave"),
    ("Shift + ↓ ↑, click", "pick several rows"),
    ("Ctrl + C", "copy the picked rows for a spreadsheet"),
    ("Alt + ← →", "on a column's head: move the column"),
    (
        "Shift + ← →",
        "on a column's head: size it; on the timeline: extend",
    ),
    ("+ − 0", "on the timeline: closer, farther, all of it"),
    ("Enter", "on the timeline: only this part of time"),
    ("Alt + click, Del", "on a value: not these"),
    ("s", "queries in SQL, where the log is a SQLite database"),
    ("Ctrl + Enter ↑ ↓", "in SQL: run; earlier and later queries"),
    ("?", "this help"),
];

const LANGUAGE: [(&str, &str); 11] = [
    (
        "invoice \"new model\"",
        "words and phrases anywhere in an entry, details included",
    ),
    (
        "actor:\"Zoë Müller\"",
        "a field; event_type:, resource_type:, resource_id:, action:, source:, id:",
    ),
    (
        "verdict:mismatched",
        "what was found; also finding:duplicate-id",
    ),
    (
        "resource_id:credit-risk:2.*",
        "* for any text, ? for one character",
    ),
    ("actor:~zoë", "whatever the case of its letters"),
    (
        "after:2026-03 before:2026-04-15",
        "from its start on; up to its start",
    ),
    (
        "on:2026-03-12 last:90d",
        "all of a day; back from the newest entry",
    ),
    (
        "details.score>0.9",
        "numbers; details.top[0]<=0.5, details.group:A",
    ),
    ("has:details.score", "where it is there at all"),
    ("/time.?out/", "a regular expression"),
    ("a (b OR c) -d", "all of them; one of them; not"),
];

/// The dialogue. The browser keeps the focus in it and closes it at Escape.
#[component]
pub(super) fn Help() -> impl IntoView {
    let viewer = Viewer::here();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            if viewer.help.get() && !dialog.open() {
                // It fails only where it is open already.
                let _ = dialog.show_modal();
            } else if !viewer.help.get() && dialog.open() {
                dialog.close();
            }
        }
    });
    let list = |lines: &[(&'static str, &'static str)], is_keys: bool| {
        lines
            .iter()
            .map(|(what, meaning)| {
                let what = *what;
                let term = if is_keys {
                    view! { <kbd>{what}</kbd> }.into_any()
                } else {
                    view! { <code>{what}</code> }.into_any()
                };
                view! {
                    <div>
                        <dt>{term}</dt>
                        <dd>{*meaning}</dd>
                    </div>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <dialog
            class="help"
            node_ref=dialog
            aria-labelledby="auditglass-help"
            data-testid="help"
            on:close=move |_| viewer.help.set(false)
            on:click=move |event| {
                // A click beside the sheet closes it.
                if event.target() == event.current_target() {
                    viewer.help.set(false);
                }
            }
        >
            <div class="help-sheet">
                <header>
                    <h2 id="auditglass-help">"Finding entries"</h2>
                    <span class="grow"></span>
                    <button
                        type="button"
                        class="quiet icon"
                        aria-label="Close the help"
                        on:click=move |_| viewer.help.set(false)
                    >
                        "✕"
                    </button>
                </header>
                <div class="help-columns">
                    <section>
                        <h3>"The language of filters"</h3>
                        <dl>{list(&LANGUAGE, false)}</dl>
                        <p class="fine">
                            "Several conditions stand side by side: all of them must hold. Click a value anywhere to filter by it."
                        </p>
                    </section>
                    <section>
                        <h3>"Keys"</h3>
                        <dl>{list(&KEYS, true)}</dl>
                        <p class="fine">
                            "Filters are remembered until the page is closed, never stored: they may name people."
                        </p>
                    </section>
                </div>
            </div>
        </dialog>
    }
}

/// The button that opens it.
#[component]
pub(crate) fn HelpButton() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <button
            type="button"
            class="quiet icon"
            title="Keys and the language of filters (?)"
            aria-label="Help"
            aria-keyshortcuts="?"
            data-testid="help-button"
            on:click=move |_| viewer.help.set(true)
        >
            "?"
        </button>
    }
}
