//! A button that copies a text and says that it did.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlTextAreaElement};

/// Copies what `text` gives at the moment of the click. `label` names the button for those who do not see it.
#[component]
pub(crate) fn CopyButton(
    text: impl Fn() -> String + 'static,
    #[prop(into)] label: String,
) -> impl IntoView {
    let said = RwSignal::new("copy");
    let on_click = move |_| {
        let text = text();
        spawn_local(async move {
            said.set(if copy_text(&text).await {
                "copied"
            } else {
                "could not copy"
            });
            set_timeout(
                move || {
                    said.try_set("copy");
                },
                Duration::from_millis(1_600),
            );
        });
    };
    view! {
        <button type="button" class="quiet small" aria-label=label on:click=on_click>
            <span aria-live="polite">{move || said.get()}</span>
        </button>
    }
}

/// By the clipboard's own interface, or, where the page may not use it, by the old command.
pub(crate) async fn copy_text(text: &str) -> bool {
    if window().is_secure_context()
        && JsFuture::from(window().navigator().clipboard().write_text(text))
            .await
            .is_ok()
    {
        return true;
    }
    copy_by_selection(text).unwrap_or(false)
}

fn copy_by_selection(text: &str) -> Option<bool> {
    let document: HtmlDocument = document().dyn_into().ok()?;
    let area: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_value(text);
    area.set_class_name("offscreen");
    document.body()?.append_child(&area).ok()?;
    area.select();
    let done = document.exec_command("copy").unwrap_or(false);
    area.remove();
    Some(done)
}
