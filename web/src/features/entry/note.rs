//! What an auditor notes about an entry.

use auditglass::EntryView;
use leptos::prelude::*;

use crate::state::Viewer;

/// The note about an entry, to be written and changed; nothing for an entry without an id, to which no note could keep.
pub(super) fn noted(viewer: Viewer, entry: &EntryView) -> Option<impl IntoView + use<>> {
    let field = entry.fields.iter().find(|f| f.name == "entry_id")?;
    let id = StoredValue::new(field.text.clone());
    if field.text.is_empty() {
        return None;
    }
    let text = move || {
        viewer
            .note_of(&id.get_value())
            .map_or_else(String::new, |n| n.note)
    };
    let is_open = RwSignal::new(!untrack(text).is_empty());
    Some(view! {
        <Show
            when=move || is_open.get()
            fallback=move || {
                view! {
                    <button
                        type="button"
                        class="quiet small add-note"
                        data-testid="add-note"
                        on:click=move |_| is_open.set(true)
                    >
                        "Add a note…"
                    </button>
                }
            }
        >
            <label class="note">
                <span>"Note, for the report"</span>
                <textarea
                    rows="3"
                    data-testid="note"
                    prop:value=text
                    on:input=move |event| viewer.note(&id.get_value(), &event_target_value(&event))
                ></textarea>
            </label>
        </Show>
    })
}
