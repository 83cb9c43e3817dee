//! An auditor's notes and signature under the report.

use auditglass::SignOff;
use leptos::prelude::*;
use web_sys::File;

use crate::format;
use crate::state::Viewer;
use crate::widgets::{FilePicker, pick, plain};

/// What was noted, and who signs.
#[component]
pub(super) fn Signed() -> impl IntoView {
    let viewer = Viewer::here();
    let notes = viewer.notes;
    let is_none = move || notes.with(|n| n.notes.is_empty() && n.sign_off.is_none());
    view! {
        <div class="report-form">
            <h3>"Notes"</h3>
            <div class="report-field">
                <ul class="notes">
                    {move || {
                        let all = notes.get();
                        let shown = all.notes.iter().take(20);
                        shown
                            .map(|note| {
                                view! {
                                    <li>
                                        <code>{plain(note.entry_id.clone())}</code>
                                        " "
                                        {plain(note.note.clone())}
                                    </li>
                                }
                            })
                            .collect::<Vec<_>>()
                    }}
                </ul>
                <p class="fine">
                    {move || match notes.with(|n| n.notes.len()) {
                        0 => "None yet. A note is written in the panel of its entry.".to_owned(),
                        n => {
                            format!(
                                "{}. The report keeps them; a page that is closed does not.",
                                format::counted(n as u64, "note", "notes"),
                            )
                        }
                    }}
                </p>
                <Load />
                <button
                    type="button"
                    data-testid="save-notes"
                    disabled=is_none
                    on:click=move |_| viewer.save_notes()
                >
                    "Save notes"
                </button>
            </div>
            <h3>"Sign-off"</h3>
            <div class="report-field">
                {line(viewer, "name", "Examined by", |s| &s.name, |s, t| s.name = t)}
                {line(viewer, "role", "Role", |s| &s.role, |s, t| s.role = t)}
                {line(viewer, "date", "Date", |s| &s.date, |s, t| s.date = t)}
                <label class="wide">
                    <span>"Conclusion"</span>
                    <textarea
                        rows="2"
                        data-testid="sign-text"
                        prop:value=move || signed(viewer, |s| &s.text)
                        on:input=move |event| viewer.sign(|s| s.text = event_target_value(&event))
                    ></textarea>
                </label>
            </div>
        </div>
    }
}

fn signed(viewer: Viewer, get: impl Fn(&SignOff) -> &String) -> String {
    viewer.notes.with(|n| {
        n.sign_off
            .as_ref()
            .map_or_else(String::new, |s| get(s).clone())
    })
}

fn line(
    viewer: Viewer,
    name: &'static str,
    label: &'static str,
    get: impl Fn(&SignOff) -> &String + Send + Sync + 'static,
    set: impl Fn(&mut SignOff, String) + 'static,
) -> impl IntoView {
    view! {
        <label>
            <span>{label}</span>
            <input
                type="text"
                autocomplete="off"
                data-testid=format!("sign-{name}")
                prop:value=move || signed(viewer, &get)
                on:input=move |event| viewer.sign(|s| set(s, event_target_value(&event)))
            />
        </label>
    }
}

/// Takes the notes of a file.
#[component]
fn Load() -> impl IntoView {
    let viewer = Viewer::here();
    let picker = NodeRef::new();
    let take = move |files: Vec<File>| {
        if let Some(file) = files.into_iter().next() {
            viewer.load_notes(file);
        }
    };
    view! {
        <FilePicker input=picker name="notes-input" chosen=take />
        <button
            type="button"
            title="From a file of notes, or from a report in JSON"
            on:click=move |_| pick(picker)
        >
            "Load notes…"
        </button>
    }
}
