//! A sheet that lies over the page: the browser keeps the focus in it and closes it at Escape.

use leptos::html::Dialog;
use leptos::prelude::*;

/// A sheet with a title, open while `open` says so; `close` is called when the reader closes it.
#[component]
pub(crate) fn Sheet<C: IntoView + 'static>(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// The reader closes it.
    #[prop(into)]
    close: Callback<()>,
    /// Its title.
    title: &'static str,
    /// Its name for tests.
    name: &'static str,
    /// What it shows, made anew each time that it is opened.
    children: TypedChildrenFn<C>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let children = children.into_inner();
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            if open.get() && !dialog.open() {
                // It fails only where it is open already.
                let _ = dialog.show_modal();
            } else if !open.get() && dialog.open() {
                dialog.close();
            }
        }
    });
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-label=title
            data-testid=name
            on:close=move |_| close.run(())
            on:click=move |event| {
                // A click beside the sheet closes it.
                if event.target() == event.current_target() {
                    close.run(());
                }
            }
        >
            <div class="sheet-paper">
                <header>
                    <h2>{title}</h2>
                    <span class="grow"></span>
                    <button
                        type="button"
                        class="quiet icon"
                        aria-label="Close"
                        on:click=move |_| close.run(())
                    >
                        "✕"
                    </button>
                </header>
                {move || open.get().then(|| children())}
            </div>
        </dialog>
    }
}
