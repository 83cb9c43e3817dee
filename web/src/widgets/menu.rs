//! A button that opens a small menu: arrows walk through it, Enter chooses, Escape closes.

use leptos::ev;
use leptos::html::{Button, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, Node};

/// One line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item<T> {
    /// What choosing it means.
    pub(crate) value: T,
    /// What it is called.
    pub(crate) label: String,
    /// More about it.
    pub(crate) note: String,
}

/// A button with `label` that opens a menu of `items`; `chosen` hears which one was taken.
#[component]
pub(crate) fn Menu<T>(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] title: String,
    #[prop(into)] items: Signal<Vec<Item<T>>>,
    #[prop(into, optional)] current: Option<Signal<T>>,
    chosen: impl Fn(T) + Clone + Send + Sync + 'static,
    #[prop(optional)] test_id: &'static str,
    #[prop(optional)] class: &'static str,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let is_open = RwSignal::new(false);
    let (button, list) = (NodeRef::<Button>::new(), NodeRef::<Div>::new());
    let close = move |back: bool| {
        is_open.set(false);
        if back && let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    // The first line, or the one that holds now, takes the focus.
    Effect::new(move || {
        if is_open.get()
            && let Some(list) = list.get()
        {
            let first = list
                .query_selector("[aria-checked=true]")
                .ok()
                .flatten()
                .or_else(|| list.query_selector("[role^=menuitem]").ok().flatten());
            focus(first);
        }
    });
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|t| t.dyn_into::<Node>().ok());
        let inside = |e: Option<&Node>| e.is_some_and(|e| e.contains(target.as_ref()));
        let button = button.get_untracked();
        let list = list.get_untracked();
        if is_open.get_untracked()
            && !inside(button.as_ref().map(JsCast::unchecked_ref))
            && !inside(list.as_ref().map(JsCast::unchecked_ref))
        {
            is_open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let on_key = move |event: KeyboardEvent| {
        let list = list.get_untracked();
        let Some(list) = list else { return };
        let target = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlElement>().ok());
        let next = match event.key().as_str() {
            "ArrowDown" => target.and_then(|t| t.next_element_sibling()),
            "ArrowUp" => target.and_then(|t| t.previous_element_sibling()),
            "Home" => list.first_element_child(),
            "End" => list.last_element_child(),
            "Escape" => {
                close(true);
                None
            }
            "Tab" => {
                close(false);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        focus(next);
    };
    let role = if current.is_some() {
        "menuitemradio"
    } else {
        "menuitem"
    };
    let lines = move || {
        items
            .get()
            .into_iter()
            .map(|item| {
                let chosen = chosen.clone();
                let Item { value, label, note } = item;
                let checked = current.map(|c| (c.get() == value).to_string());
                view! {
                    <button
                        type="button"
                        class="menu-item"
                        role=role
                        tabindex="-1"
                        aria-checked=checked
                        on:click=move |_| {
                            close(true);
                            chosen(value.clone());
                        }
                    >
                        <span class="menu-label">{label}</span>
                        <span class="menu-note">{note}</span>
                    </button>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div class="menu">
            <button
                type="button"
                class=class
                node_ref=button
                title=title
                aria-haspopup="menu"
                aria-expanded=move || is_open.get().to_string()
                data-testid=test_id
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                {move || label.get()}
                <span class="menu-mark" aria-hidden="true">
                    "▾"
                </span>
            </button>
            <Show when=move || is_open.get()>
                <div class="menu-list" role="menu" node_ref=list on:keydown=on_key>
                    {lines.clone()}
                </div>
            </Show>
        </div>
    }
}

fn focus(element: Option<web_sys::Element>) {
    if let Some(element) = element.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
