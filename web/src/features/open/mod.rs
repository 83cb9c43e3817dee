//! Opening: the file input, drops anywhere on the viewer, the sample, and the page that is there before anything is open.

mod folder;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlElement, Node};

use crate::format;
use crate::sample;
use crate::state::Viewer;
use crate::widgets::{FilePicker, listed};

/// The page before anything is open: says what will happen.
#[component]
pub(super) fn Welcome() -> impl IntoView {
    let viewer = Viewer::here();
    let open_sample = move |_| {
        if let Some(file) = sample::file() {
            viewer.open(vec![file]);
        }
    };
    view! {
        <main class="welcome">
            <section class="dropzone">
                <svg class="welcome-mark" viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
                    <rect x="7" y="5" width="26" height="34" rx="4" />
                    <path d="M13 14h14M13 21h14M13 28h6" />
                    <circle cx="31" cy="31" r="8" class="lens" />
                    <path d="M37 37l6 6" />
                </svg>
                <h2>"Put an audit log under glass"</h2>
                <ol>
                    <li>
                        "Drop an exported log, or a folder with its segments, anywhere on this page: a SQLite database (drop its "
                        <code>"-wal"</code> " file along with it), a JSON array, JSON Lines, or CSV."
                    </li>
                    <li>
                        "The checksum of every entry is recomputed and compared, and the page shows entry by entry what holds and what does not."
                    </li>
                    <li>"Nothing leaves this machine: the files are read here, in place."</li>
                </ol>
                <div class="actions">
                    <button type="button" class="primary" on:click=move |_| viewer.pick_files()>
                        "Choose files…"
                    </button>
                    <button type="button" on:click=move |_| viewer.pick_folder()>
                        "Choose a folder…"
                    </button>
                    <button type="button" data-testid="sample" on:click=open_sample>
                        "Try a sample"
                    </button>
                </div>
                <p class="fine">
                    "The sample is a small log in which a few entries were changed after they were written."
                </p>
            </section>
        </main>
    }
}

/// The hidden inputs behind every *Open* button: one for files, one for a folder.
#[component]
pub(super) fn Picker() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <FilePicker
            input=viewer.picker
            name="open-input"
            multiple=true
            chosen=move |files| viewer.open(files)
        />
        <FilePicker
            input=viewer.folder_picker
            name="open-folder"
            folder=true
            chosen=move |files| viewer.open_found(folder::chosen(files))
        />
    }
}

/// Tells, while files hover over the page, that they can be let go.
#[component]
pub(super) fn Overlay() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <Show when=move || viewer.hovered.get()>
            <div class="overlay" aria-hidden="true">
                <div>"Let go to verify these files"</div>
            </div>
        </Show>
    }
}

/// Files have come over the viewer.
pub(super) fn drag_enter(viewer: Viewer, event: &DragEvent) {
    if carries_files(event) {
        event.prevent_default();
        viewer.hovered.set(true);
    }
}

/// They may be dropped here.
pub(super) fn drag_over(event: &DragEvent) {
    if carries_files(event) {
        event.prevent_default();
        if let Some(data) = event.data_transfer() {
            data.set_drop_effect("copy");
        }
    }
}

/// They have left; moving on to a child of the viewer is no leaving.
pub(super) fn drag_leave(viewer: Viewer, event: &DragEvent) {
    let to = event
        .related_target()
        .and_then(|t| t.dyn_into::<Node>().ok());
    let root = viewer.root.get_untracked();
    let still_inside = root.is_some_and(|root| {
        let root: &HtmlElement = &root;
        root.contains(to.as_ref()) && to.is_some()
    });
    if !still_inside {
        viewer.hovered.set(false);
    }
}

/// They were let go.
pub(super) fn drop_files(viewer: Viewer, event: &DragEvent) {
    if !carries_files(event) {
        return;
    }
    event.prevent_default();
    viewer.hovered.set(false);
    let Some(data) = event.data_transfer() else {
        return;
    };
    // What was dropped can be asked for folders only now, before anything is waited for.
    let Some(dropped) = folder::Dropped::take(&data) else {
        return viewer.open(listed(data.files()));
    };
    spawn_local(async move {
        let found = dropped.files().await;
        viewer.open_found(found.files);
        if found.failed > 0 {
            let things = format::counted(found.failed, "thing", "things");
            viewer.notify(
                format!("{things} in the folder could not be read; they are not among the files."),
                false,
            );
        }
    });
}

fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|d| {
        d.types()
            .iter()
            .any(|t| t.as_string().as_deref() == Some("Files"))
    })
}
