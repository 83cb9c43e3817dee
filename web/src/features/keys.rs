//! The keyboard: j, k, arrows, Page Up and Down, Home, End walk the list; Shift picks, Ctrl+C copies, Enter opens, Escape
//! closes or cancels; `/` leads to the filter, `s` to SQL, `?` to the help.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, Node};

use crate::state::{Panel, Stage, Viewer};

/// Listens for as long as the viewer lives.
pub(super) fn listen(viewer: Viewer) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if meant_for(viewer, &event) && act(viewer, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether a key belongs to this viewer: pressed inside it, or nowhere in particular while it is the only one.
fn meant_for(viewer: Viewer, event: &KeyboardEvent) -> bool {
    if event.default_prevented() || event.alt_key() {
        return false;
    }
    let Some(target) = event.target().and_then(|t| t.dyn_into::<Node>().ok()) else {
        return false;
    };
    let Some(root) = viewer.root.get_untracked() else {
        return false;
    };
    if root.contains(Some(&target)) {
        return true;
    }
    let nowhere = document()
        .body()
        .is_some_and(|b| b.is_same_node(Some(&target)));
    nowhere
        && document()
            .query_selector_all(".auditglass")
            .is_ok_and(|all| all.length() == 1)
}

/// Does what a key says; `false` if it says nothing here.
fn act(viewer: Viewer, event: &KeyboardEvent) -> bool {
    let key = event.key();
    // A dialogue has keys of its own.
    let dialogue = viewer.root.get_untracked();
    let dialogue = dialogue.and_then(|root| root.query_selector("dialog[open]").ok().flatten());
    if dialogue.is_some() {
        return false;
    }
    if event.ctrl_key() || event.meta_key() {
        return key == "c" && copies(viewer, event);
    }
    let stage = viewer.stage.get_untracked();
    let is_open = viewer.panel.with_untracked(|p| *p != Panel::Closed);
    match (key.as_str(), stage) {
        ("Escape", Stage::Shown | Stage::Working) if is_open => {
            viewer.close_panel();
            viewer.focus_grid();
            return true;
        }
        ("Escape", Stage::Working) if !is_typing(event) => {
            viewer.cancel();
            return true;
        }
        // Queries in SQL wait until the log is verified.
        ("s", Stage::Working) => return false,
        (_, Stage::Shown | Stage::Working) if untrack(|| viewer.has_entries()) => {}
        _ => return false,
    }
    if is_typing(event) {
        return false;
    }
    match key.as_str() {
        "j" => viewer.step(1),
        "k" => viewer.step(-1),
        "?" => viewer.help.set(true),
        "s" => viewer.open_console(),
        "/" => {
            if let Some(bar) = viewer.bar.get_untracked() {
                let _ = bar.focus();
                bar.select();
            }
        }
        _ => {}
    }
    if matches!(key.as_str(), "j" | "k" | "s" | "?" | "/") {
        return true;
    }
    // The other keys mean something of their own on buttons and in panes that scroll.
    if !is_list(event) {
        return false;
    }
    let page = i64::try_from(viewer.page_rows.get_untracked()).unwrap_or(1);
    match key.as_str() {
        "ArrowDown" if event.shift_key() => viewer.pick_step(1),
        "ArrowUp" if event.shift_key() => viewer.pick_step(-1),
        "PageDown" if event.shift_key() => viewer.pick_step(page),
        "PageUp" if event.shift_key() => viewer.pick_step(-page),
        "ArrowDown" => viewer.step(1),
        "ArrowUp" => viewer.step(-1),
        "PageDown" => viewer.step(page),
        "PageUp" => viewer.step(-page),
        "Home" => viewer.go_to(0),
        "End" => viewer.go_to(u64::MAX),
        "Enter" => match viewer.cursor.get_untracked() {
            Some(at) => viewer.open_at(at),
            None => return false,
        },
        _ => return false,
    }
    true
}

/// Copies the picked rows, unless text is selected, which the browser copies itself.
fn copies(viewer: Viewer, event: &KeyboardEvent) -> bool {
    let has_text = window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|s| !s.is_collapsed());
    if has_text || is_typing(event) || !is_list(event) || viewer.cursor.get_untracked().is_none() {
        return false;
    }
    viewer.copy_rows();
    true
}

/// Whether the key is text that is being typed.
fn is_typing(event: &KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|t| t.dyn_into::<Element>().ok())
        .is_some_and(|t| t.matches("input, textarea, select").unwrap_or(false))
}

/// Whether the key was pressed on the table, or nowhere in particular.
fn is_list(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else {
        return false;
    };
    target
        .matches("body, .auditglass, [role=grid], .vlist")
        .unwrap_or(false)
}
