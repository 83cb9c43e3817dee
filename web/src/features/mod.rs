//! The page, one folder a feature. Features do not know each other: they meet in `state`.

mod compare;
mod console;
mod drill;
mod entry;
mod export;
mod facets;
mod filter;
mod findings;
mod frame;
mod help;
mod keys;
mod open;
mod progress;
mod report;
mod table;
mod timeline;
mod verdict;

use leptos::prelude::*;

use crate::state::{Pane, Panel, Stage, Theme, Viewer};

/// A whole viewer.
#[component]
pub(crate) fn Page() -> impl IntoView {
    let viewer = Viewer::new();
    provide_context(viewer);
    keys::listen(viewer);
    let theme = move || match viewer.theme.get() {
        Theme::Auto => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    // What is shown of a log that is still being verified stays in its place when the rest is there.
    let body = Memo::new(move |_| match viewer.stage.get() {
        Stage::Working if viewer.is_partial() => Stage::Shown,
        stage => stage,
    });
    let body = move || match body.get() {
        Stage::Empty => view! {
            <frame::Cards />
            <open::Welcome />
        }
        .into_any(),
        Stage::Working => view! { <progress::Progress /> }.into_any(),
        Stage::Shown => view! { <Case /> }.into_any(),
    };
    view! {
        <div
            class="auditglass"
            node_ref=viewer.root
            data-theme=theme
            tabindex="-1"
            on:dragenter=move |e| open::drag_enter(viewer, &e)
            on:dragover=move |e| open::drag_over(&e)
            on:dragleave=move |e| open::drag_leave(viewer, &e)
            on:drop=move |e| open::drop_files(viewer, &e)
        >
            <open::Picker />
            <compare::Picker />
            <frame::Header />
            <frame::Notices />
            {body}
            <frame::Footer />
            <frame::Said />
            <open::Overlay />
        </div>
    }
}

/// A verified case: the answers on top, then the filter and the timeline, and below them what can be counted, the list,
/// and one entry.
#[component]
fn Case() -> impl IntoView {
    let viewer = Viewer::here();
    let pane = move || match viewer.pane.get() {
        Pane::Entries => "entries",
        Pane::Facets => "facets",
        Pane::Findings => "findings",
        Pane::Files => "files",
    };
    let is_partial = Memo::new(move |_| viewer.is_partial());
    // Until a search has ended, the counts are those of the one before it.
    let is_counting = move || viewer.searching.with(Option::is_some);
    let has_panel = Memo::new(move |_| viewer.panel.with(|p| *p != Panel::Closed));
    view! {
        <Show when=move || is_partial.get() fallback=|| view! { <verdict::Answers /> }>
            <progress::Strip />
        </Show>
        <frame::Cards />
        <section class="explore" class:counting=is_counting aria-label="Find entries">
            <div class="explore-bar">
                <filter::Bar />
                <filter::Hits />
                <Show when=move || !is_partial.get()>
                    <export::Export />
                    <console::ConsoleButton />
                </Show>
                <help::HelpButton />
            </div>
            <timeline::Timeline />
            <div class="explore-line">
                <filter::Chips />
                <timeline::Controls />
            </div>
        </section>
        <frame::PaneTabs />
        <main class="case" data-pane=pane class:counting=is_counting class:with-panel=move || has_panel.get()>
            <div class="side">
                <frame::SideTabs />
                <facets::Facets />
                <findings::Findings />
                <frame::Files />
            </div>
            <table::Table />
            <Show when=move || has_panel.get()>
                <entry::Entry />
            </Show>
        </main>
        <compare::Comparison />
        <drill::Drill />
        <report::ReportSheet />
        <console::Console />
        <help::Help />
    }
}
