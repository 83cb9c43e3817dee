//! Choosing files: the hidden input behind a button, and what was chosen.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::{File, FileList};

/// The input behind a button that has files chosen: `input` is what the button presses, by [`pick`]. `name` is what tests
/// know it by.
#[component]
pub(crate) fn FilePicker(
    input: NodeRef<Input>,
    name: &'static str,
    /// Several files.
    #[prop(optional)]
    multiple: bool,
    /// All files of a folder.
    #[prop(optional)]
    folder: bool,
    chosen: impl Fn(Vec<File>) + 'static,
) -> impl IntoView {
    let on_change = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let files = listed(input.files());
        // The same file chosen again is a change, too.
        input.set_value("");
        if !files.is_empty() {
            chosen(files);
        }
    };
    view! {
        <input
            type="file"
            prop:multiple=multiple
            prop:webkitdirectory=folder
            class="offscreen"
            tabindex="-1"
            aria-hidden="true"
            data-testid=name
            node_ref=input
            on:change=on_change
        />
    }
}

/// Lets the reader choose; only while a click or a key is being handled.
pub(crate) fn pick(input: NodeRef<Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}

/// The files of an input or of a drop.
pub(crate) fn listed(files: Option<FileList>) -> Vec<File> {
    let Some(files) = files else {
        return Vec::new();
    };
    (0..files.length()).filter_map(|i| files.item(i)).collect()
}
