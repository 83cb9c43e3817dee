//! The header with the files' pills, and the footer.

use leptos::prelude::*;

use crate::format;
use crate::state::{Digest, FileInfo, Stage, Theme, Viewer};

/// Pills shown; the rest is in the list of files.
const PILLS: usize = 3;

/// The top of the page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let viewer = Viewer::here();
    let has_files = Memo::new(move |_| viewer.stage.get() != Stage::Empty);
    let is_shown = Memo::new(move |_| viewer.stage.get() == Stage::Shown);
    let (theme, next) = (
        move || match viewer.theme.get() {
            Theme::Auto => "Auto",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        },
        move |_| {
            viewer.theme.update(|t| {
                *t = match t {
                    Theme::Auto => Theme::Light,
                    Theme::Light => Theme::Dark,
                    Theme::Dark => Theme::Auto,
                };
            });
        },
    );
    view! {
        <header class="top">
            <h1 class="mark">
                <svg viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">
                    <rect x="2" y="2" width="14" height="14" rx="3" />
                    <path d="M5.5 6.5h7M5.5 9.5h7M5.5 12.5h4" />
                </svg>
                "Auditglass"
            </h1>
            <Show when=move || has_files.get()>
                <Pills />
                <Span />
            </Show>
            <span class="grow"></span>
            <button
                type="button"
                class="quiet"
                title="Colours: as the system wishes, light, or dark"
                aria-label=move || format!("Colours: {}", theme())
                on:click=next
            >
                <span aria-hidden="true">"◐ "</span>
                <span class="theme-name">{theme}</span>
            </button>
            <Show when=move || is_shown.get()>
                <button
                    type="button"
                    title="Alter a copy of the log in memory in eight ways, and see what notices it"
                    data-testid="drill"
                    on:click=move |_| viewer.drill()
                >
                    "Drill"
                </button>
                <button
                    type="button"
                    title="Ask about a period, retention or counts, and save what was found as a document to be read, printed and signed"
                    data-testid="report"
                    on:click=move |_| viewer.open_report()
                >
                    "Report…"
                </button>
            </Show>
            <Show when=move || has_files.get()>
                <button type="button" on:click=move |_| viewer.pick_files()>
                    "Open…"
                </button>
            </Show>
        </header>
    }
}

#[component]
fn Pills() -> impl IntoView {
    let viewer = Viewer::here();
    let count = Memo::new(move |_| viewer.files.with(Vec::len));
    let rest = move || count.get().saturating_sub(PILLS);
    view! {
        <ul class="pills" aria-label="Files">
            <For each=move || 0..count.get().min(PILLS) key=|i| *i children=|i| pill(i) />
            <Show when=move || { rest() > 0 }>
                <li class="pill-file more">{move || format!("+ {} more", rest())}</li>
            </Show>
        </ul>
    }
}

fn pill(index: usize) -> impl IntoView {
    let viewer = Viewer::here();
    let file = Memo::new(move |_| viewer.files.with(|f| f.get(index).cloned()));
    let full = move || match file.get().map(|f| f.sha256) {
        Some(Digest::Ready(hex)) => Some(hex),
        _ => None,
    };
    view! {
        <li class="pill-file">
            <b>
                <bdi>{move || file.get().map(|f| f.name)}</bdi>
            </b>
            <span class="size">{move || file.get().map(|f| format::bytes(f.bytes))}</span>
            <span
                class="digest"
                data-testid="file-sha256"
                data-sha256=full
                title=move || match full() {
                    Some(hex) => format!("SHA-256 of the file: {hex}"),
                    None => "The SHA-256 of the file is being computed".to_owned(),
                }
            >
                {move || file.get().map(|f| short(&f))}
            </span>
        </li>
    }
}

fn short(file: &FileInfo) -> String {
    match &file.sha256 {
        Digest::Ready(hex) => format!("sha256 {}", format::short_digest(hex)),
        Digest::Pending(done) => format!("sha256 {}", pending(*done, file.bytes)),
        Digest::Failed(_) => "sha256 not available".to_owned(),
    }
}

/// What stands where a digest will be.
pub(super) fn pending(done: u64, bytes: u64) -> String {
    match done.saturating_mul(100).checked_div(bytes) {
        Some(percent @ 1..) => format!("pending, {percent}%"),
        _ => "pending".to_owned(),
    }
}

#[component]
fn Span() -> impl IntoView {
    let viewer = Viewer::here();
    let entries = move || viewer.opened.with(|o| o.as_ref().map(|o| o.totals.entries));
    let span = move || {
        viewer
            .opened
            .with(|o| o.as_ref().and_then(|o| o.span.clone()))
    };
    view! {
        <Show when=move || entries().is_some()>
            <span class="meta">
                <span
                    data-testid="entries-total"
                    data-count=move || entries().map(|n| n.to_string())
                >
                    {move || entries().map(|n| format::counted(n, "entry", "entries"))}
                </span>
                {move || {
                    span()
                        .map(|(first, last)| {
                            view! {
                                <span
                                    class="span"
                                    title=format!("The earliest and the latest timestamp, as written: {first} to {last}")
                                >
                                    " · "
                                    <bdi>{format::minute(&first)}</bdi>
                                    " to "
                                    <bdi>{format::minute(&last)}</bdi>
                                </span>
                            }
                        })
                }}
            </span>
        </Show>
    }
}

/// The foot of the page.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    let viewer = Viewer::here();
    let took = move || {
        let opened = viewer.opened.with(|o| {
            let o = o.as_ref()?;
            o.sources
                .iter()
                .any(|s| s.error.is_none())
                .then_some(o.elapsed_ms)
        });
        let ms = opened?;
        Some(format!("verified in {}", format::duration(ms)))
    };
    let sqlite = move || viewer.sqlite.get().map(|v| format!("SQLite {v}"));
    let privacy = if viewer.single_file {
        "Everything stays in this page: no request was made."
    } else {
        "Your files stay in this browser: the page has loaded its own program and sends nothing."
    };
    view! {
        <footer class="foot">
            <span>{privacy}</span>
            <span class="grow"></span>
            <span class="took">{took}</span>
            <span class="sqlite">{sqlite}</span>
            <span>"Auditglass " {env!("CARGO_PKG_VERSION")}</span>
        </footer>
    }
}
