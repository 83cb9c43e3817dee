//! The choice of columns: the fields and any details path, in their order.

use leptos::ev;
use leptos::html::{Button, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, Node};

use crate::look;
use crate::state::{Column, MOST, Step, View, Viewer};
use crate::widgets::plain;

/// What can be a column without being typed.
const OFFERED: [&str; 9] = [
    "timestamp",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "entry_id",
    "verdict",
    "source",
];

/// The button in the corner of the table, and what it opens.
#[component]
pub(super) fn ColumnsMenu(columns: Memo<Vec<Column>>) -> impl IntoView {
    let viewer = Viewer::here();
    let is_open = RwSignal::new(false);
    let (button, sheet) = (NodeRef::<Button>::new(), NodeRef::<Div>::new());
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|t| t.dyn_into::<Node>().ok());
        let inside = |e: Option<Node>| e.is_some_and(|e| e.contains(target.as_ref()));
        let button = button.get_untracked().map(JsCast::unchecked_into);
        let sheet = sheet.get_untracked().map(JsCast::unchecked_into);
        if is_open.get_untracked() && !inside(button) && !inside(sheet) {
            is_open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            is_open.set(false);
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let lines = Memo::new(move |_| {
        let mut names = columns.with(|c| c.iter().map(|c| c.name.clone()).collect::<Vec<_>>());
        let offered = OFFERED.iter().map(|o| (*o).to_owned());
        let rest: Vec<_> = offered.filter(|o| !names.contains(o)).collect();
        names.extend(rest);
        names
    });
    let path = RwSignal::new(String::new());
    let add = move || {
        let name = path.get_untracked().trim().to_owned();
        if !name.is_empty() {
            show(viewer, &name);
            path.set(String::new());
        }
    };
    view! {
        <div class="columns-menu">
            <button
                type="button"
                class="quiet icon tiny"
                node_ref=button
                title="Columns"
                aria-label="Columns"
                aria-haspopup="dialog"
                aria-expanded=move || is_open.get().to_string()
                data-testid="columns"
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <rect x="2" y="3" width="12" height="10" rx="1.5" />
                    <path d="M6.2 3v10M10 3v10" />
                </svg>
            </button>
            <Show when=move || is_open.get()>
                <div class="columns-sheet" role="dialog" aria-label="Columns" node_ref=sheet on:keydown=on_key>
                    <ul>
                        <For
                            each=move || lines.get()
                            key=Clone::clone
                            children=move |name| line(viewer, columns, &name)
                        />
                    </ul>
                    <form
                        class="facet-add"
                        on:submit=move |event| {
                            event.prevent_default();
                            add();
                        }
                    >
                        <input
                            type="text"
                            placeholder="details.score"
                            aria-label="A details path to be a column"
                            autocomplete="off"
                            spellcheck="false"
                            data-testid="add-column"
                            prop:value=move || path.get()
                            on:input=move |event| path.set(event_target_value(&event))
                        />
                        <button type="submit" class="small">
                            "Add"
                        </button>
                    </form>
                    <button
                        type="button"
                        class="quiet small"
                        on:click=move |_| {
                            viewer.look(Step::Act, |v| v.columns = View::default().columns);
                        }
                    >
                        "As they were"
                    </button>
                </div>
            </Show>
        </div>
    }
}

fn show(viewer: Viewer, name: &str) {
    viewer.look(Step::Act, |v| {
        if v.columns.len() < MOST && !v.columns.iter().any(|c| c.name == name) {
            v.columns.push(Column::new(name));
        }
    });
}

fn line(viewer: Viewer, columns: Memo<Vec<Column>>, name: &str) -> impl IntoView + use<> {
    let place = {
        let name = name.to_owned();
        Memo::new(move |_| columns.with(|c| c.iter().position(|c| c.name == name)))
    };
    let is_on = move || place.get().is_some();
    let title = look::field_title(name);
    let toggle = {
        let name = name.to_owned();
        move |_| {
            if is_on() {
                viewer.look(Step::Act, |v| {
                    // One column at least is there.
                    if v.columns.len() > 1 {
                        v.columns.retain(|c| c.name != name);
                    }
                });
            } else {
                show(viewer, &name);
            }
        }
    };
    let shift = move |by: isize| {
        viewer.look(Step::Act, |v| {
            let Some(from) = place.get_untracked() else {
                return;
            };
            if let Some(to) = from
                .checked_add_signed(by)
                .filter(|to| *to < v.columns.len())
            {
                v.columns.swap(from, to);
            }
        });
    };
    view! {
        <li class="columns-line">
            <label>
                <input type="checkbox" prop:checked=is_on on:change=toggle />
                <span>{plain(title.clone())}</span>
            </label>
            <Show when=is_on>
                <button
                    type="button"
                    class="quiet icon tiny"
                    aria-label="Further to the left"
                    disabled=move || place.get() == Some(0)
                    on:click=move |_| shift(-1)
                >
                    "↑"
                </button>
                <button
                    type="button"
                    class="quiet icon tiny"
                    aria-label="Further to the right"
                    disabled=move || place.get().is_some_and(|p| p + 1 >= columns.with(Vec::len))
                    on:click=move |_| shift(1)
                >
                    "↓"
                </button>
            </Show>
        </li>
    }
}
