//! A verification under way: how far, how fast, how long, and a way out.

mod strip;

use auditglass::Verdict;
use leptos::prelude::*;

pub(super) use self::strip::Strip;
use crate::state::Viewer;
use crate::widgets::{Count, Counts};
use crate::{format, look};

/// Percent between two announcements for those who listen to the page.
const ANNOUNCE_EVERY: u32 = 20;

/// How many bytes of a hundred are done.
fn percent(p: &auditglass::Progress) -> u32 {
    let done = p.bytes_done.min(p.bytes_total);
    let percent = done.saturating_mul(100).checked_div(p.bytes_total);
    u32::try_from(percent.unwrap_or(0)).unwrap_or(100)
}

/// How many bytes of how many.
fn bytes_done(p: &auditglass::Progress) -> String {
    format!(
        "{} of {}",
        format::bytes(p.bytes_done.min(p.bytes_total)),
        format::bytes(p.bytes_total)
    )
}

/// How fast it goes, once that can be told.
fn rate(viewer: Viewer) -> Option<String> {
    let (bytes, entries) = viewer.work.with(|w| w.pace.per_second())?;
    Some(format!(
        "{} entries/s · {}/s",
        format::count(entries),
        format::bytes(bytes)
    ))
}

/// The same as the width of a bar.
fn share(p: &auditglass::Progress) -> String {
    #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
    let share = p.bytes_done.min(p.bytes_total) as f64 / p.bytes_total.max(1) as f64;
    format!("{:.2}%", share * 100.0)
}

/// How many entries there are so far, and how many of each verdict.
fn counts(progress: Memo<auditglass::Progress>) -> Vec<Count> {
    let entries = Count {
        name: "entries",
        mark: None,
        number: Memo::new(move |_| progress.get().totals.entries),
        only_some: false,
    };
    std::iter::once(entries)
        .chain(by_verdict(progress, false))
        .collect()
}

/// How many entries have each verdict.
fn by_verdict(
    progress: Memo<auditglass::Progress>,
    only_some: bool,
) -> impl Iterator<Item = Count> {
    Verdict::ALL.into_iter().map(move |verdict| Count {
        name: verdict.as_str(),
        mark: Some((look::glyph(verdict), look::tone(verdict))),
        number: Memo::new(move |_| progress.get().totals.of(verdict)),
        only_some,
    })
}

/// The progress of the case that is being verified.
#[component]
pub(super) fn Progress() -> impl IntoView {
    let viewer = Viewer::here();
    let progress = Memo::new(move |_| viewer.work.with(|w| w.progress));
    let percent = Memo::new(move |_| percent(&progress.get()));
    let is_opening = move || viewer.work.with(|w| w.is_opening);
    let has_begun = move || !is_opening() && progress.get().bytes_done > 0;
    let done = move || match (is_opening(), viewer.files.with(Vec::len)) {
        (false, _) => "verified",
        (true, 0 | 1) => "read to open it",
        (true, _) => "read to open them",
    };
    let bytes = move || {
        let p = progress.get();
        if is_opening() && p.bytes_total > 0 && p.bytes_done >= p.bytes_total {
            let all = format::bytes(p.bytes_total);
            return format!("{all} {}; some of it is read again", done());
        }
        format!("{} {}", bytes_done(&p), done())
    };
    let rate = move || {
        if is_opening() {
            return Some("Then every entry is verified.".to_owned());
        }
        rate(viewer)
    };
    let left = move || {
        viewer
            .work
            .with(|w| w.pace.ms_left())
            .map(format::time_left)
    };
    let silent = move || {
        let seconds = viewer.work.with(|w| w.silent_for)?;
        Some(format!(
            "No report from the engine for {seconds} s. You can wait, or cancel."
        ))
    };
    let announced = Memo::new(move |_| percent.get() / ANNOUNCE_EVERY * ANNOUNCE_EVERY);
    view! {
        <main class="working">
            <section class="work" data-testid="progress" aria-label="Verification">
                <div class="work-head">
                    <h2>
                        {move || match (viewer.sqlite.get().is_some(), has_begun()) {
                            (false, _) => "Starting the engine",
                            (true, false) => "Opening",
                            (true, true) => "Verifying every entry",
                        }}
                    </h2>
                    <span class="work-percent">{move || format!("{}%", percent.get())}</span>
                </div>
                <div
                    class="bar"
                    role="progressbar"
                    aria-label=move || format!("Bytes {}", done())
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || percent.get()
                >
                    <div class="bar-fill" style:width=move || share(&progress.get())></div>
                </div>
                <div class="work-line">
                    <span>{bytes}</span>
                    <span class="grow"></span>
                    <span>{left}</span>
                </div>
                // While files are opened there is nothing to count yet.
                <Show when=has_begun>
                    <Counts counts=counts(progress) />
                </Show>
                <div class="work-line">
                    <span class="dim">{rate}</span>
                    <span class="grow"></span>
                    <button
                        type="button"
                        data-testid="cancel"
                        aria-keyshortcuts="Escape"
                        on:click=move |_| viewer.cancel()
                    >
                        "Cancel"
                        <kbd aria-hidden="true">"Esc"</kbd>
                    </button>
                </div>
                <p class="work-silent">{silent}</p>
                <p class="offscreen" role="status">
                    {move || format!("{} percent {}", announced.get(), done())}
                </p>
            </section>
        </main>
    }
}
