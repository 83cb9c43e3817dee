//! The view in the page's address, where the page is hosted: a link reproduces it, and *Back* undoes the last act.
//!
//! The log itself is never in the address. A page opened from a disk keeps its address as it is, and so does a second
//! viewer on one page.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::explore::Step;
use super::view::View;
use super::{Panel, Stage, Viewer};

/// How long a view must stand before it is in the address, in milliseconds.
const PAUSE: Duration = Duration::from_millis(200);

impl Viewer {
    /// Whether the address is this viewer's.
    fn has_address(self) -> bool {
        let protocol = window().location().protocol().unwrap_or_default();
        self.id == 0 && !self.single_file && matches!(protocol.as_str(), "http:" | "https:")
    }

    /// The view that the address describes.
    pub(super) fn linked_view(self) -> View {
        if !self.has_address() {
            return View::default();
        }
        View::from_fragment(&window().location().hash().unwrap_or_default())
    }

    /// Keeps address and view together, as long as a case is shown.
    pub(super) fn follow_address(self) {
        Effect::new(move || {
            let row = self.panel.with(|p| match p {
                Panel::Shown(e) => Some(Some(e.row.0)),
                Panel::Closed => Some(None),
                Panel::Waiting | Panel::Failed(_) => None,
            });
            if let Some(row) = row
                && self.stage.get() == Stage::Shown
                && self.found.with(Option::is_some)
                && self.view.with_untracked(|v| v.entry != row)
            {
                self.view.update(|v| v.entry = row);
            }
        });
        if !self.has_address() {
            return;
        }
        Effect::new(move || {
            let fragment = self.view.with(View::to_fragment);
            if self.stage.get() == Stage::Shown && self.found.with(Option::is_some) {
                self.write_later(fragment);
            }
        });
        let handle = window_event_listener(ev::popstate, move |_| {
            if self.stage.get_untracked() != Stage::Shown {
                return;
            }
            let view = self.linked_view();
            self.draft.set(view.filter.clone());
            let entry = view.entry;
            self.look_as(Step::Passing, view);
            match entry {
                Some(row) => self.open_row(auditglass::RowIdx(row)),
                None => self.close_panel(),
            }
        });
        on_cleanup(move || handle.remove());
    }
}

impl Viewer {
    /// An act is written at once. What changes in passing waits for its end: browsers allow few changes a second.
    fn write_later(self, fragment: String) {
        self.explore.update_value(|e| {
            if let Some(waiting) = e.address.take() {
                waiting.clear();
            }
            match e.last_step.take() {
                Some(Step::Act) => write(&fragment, Step::Act),
                _ => {
                    let later = move || write(&fragment, Step::Passing);
                    e.address = set_timeout_with_handle(later, PAUSE).ok();
                }
            }
        });
    }
}

/// Writes the fragment, unless it stands there already. An act gets an entry of its own in the browser's history.
fn write(fragment: &str, step: Step) {
    let location = window().location();
    let same = |hash: &str| View::from_fragment(hash).to_fragment() == fragment;
    if location.hash().is_ok_and(|hash| same(&hash)) {
        return;
    }
    let Ok(history) = window().history() else {
        return;
    };
    let path = format!(
        "{}{}",
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default()
    );
    let address = if fragment.is_empty() {
        path
    } else {
        format!("{path}#{fragment}")
    };
    // It fails where the browser allows no more for a while; the view is right all the same.
    let _ = match step {
        Step::Act => history.push_state_with_url(&JsValue::NULL, "", Some(&address)),
        Step::Passing => history.replace_state_with_url(&JsValue::NULL, "", Some(&address)),
    };
}
