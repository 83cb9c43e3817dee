//! Which pane is seen: at the side, and on a narrow screen in place of all.

use leptos::prelude::*;

use crate::format;
use crate::state::{Pane, Viewer};

/// Which pane is seen where there is room for one only.
#[component]
pub(crate) fn PaneTabs() -> impl IntoView {
    let viewer = Viewer::here();
    let entries = Signal::derive(move || format!("Entries {}", format::count(viewer.list_len())));
    let facets = Signal::derive(|| "Facets".to_owned());
    view! {
        <nav class="pane-tabs" aria-label="Panes">
            {tab(viewer, Pane::Entries, entries)}
            {tab(viewer, Pane::Facets, facets)}
            {tab(viewer, Pane::Findings, findings(viewer))}
            {tab(viewer, Pane::Files, files(viewer))}
        </nav>
    }
}

/// What is seen at the side of the table.
#[component]
pub(crate) fn SideTabs() -> impl IntoView {
    let viewer = Viewer::here();
    let facets = Signal::derive(|| "Facets".to_owned());
    view! {
        <nav class="side-tabs" aria-label="At the side">
            {tab(viewer, Pane::Facets, facets)}
            {tab(viewer, Pane::Findings, findings(viewer))}
            {tab(viewer, Pane::Files, files(viewer))}
        </nav>
    }
}

fn findings(viewer: Viewer) -> Signal<String> {
    Signal::derive(move || format!("Findings {}", format::count(viewer.findings_len())))
}

fn files(viewer: Viewer) -> Signal<String> {
    Signal::derive(move || format!("Files {}", viewer.files.with(Vec::len)))
}

fn tab(viewer: Viewer, pane: Pane, text: Signal<String>) -> impl IntoView {
    let name = match pane {
        Pane::Entries => "entries",
        Pane::Facets => "facets",
        Pane::Findings => "findings",
        Pane::Files => "files",
    };
    let has_errors = move || {
        pane == Pane::Findings
            && viewer
                .opened
                .with(|o| o.as_ref().is_some_and(|o| o.findings[2] > 0))
    };
    view! {
        <button
            type="button"
            class="tab"
            class:bad=has_errors
            data-tab=name
            data-testid=format!("tab-{name}")
            aria-pressed=move || (viewer.pane.get() == pane).to_string()
            on:click=move |_| viewer.pane.set(pane)
        >
            {move || text.get()}
        </button>
    }
}
