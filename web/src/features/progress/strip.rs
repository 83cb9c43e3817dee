//! A verification under way above the entries that are there already: what is shown below is a part, and how far it is.

use leptos::prelude::*;

use super::{ANNOUNCE_EVERY, by_verdict, bytes_done, percent, rate, share};
use crate::format;
use crate::state::Viewer;
use crate::widgets::Counts;

/// In the place of the answers, which are known at the end.
#[component]
pub(crate) fn Strip() -> impl IntoView {
    let viewer = Viewer::here();
    let progress = Memo::new(move |_| viewer.work.with(|w| w.progress));
    let percent = Memo::new(move |_| percent(&progress.get()));
    let announced = Memo::new(move |_| percent.get() / ANNOUNCE_EVERY * ANNOUNCE_EVERY);
    let left = move || {
        viewer
            .work
            .with(|w| w.pace.ms_left())
            .map(format::time_left)
    };
    let told = move || match viewer.work.with(|w| w.silent_for) {
        Some(seconds) => {
            format!("No report from the engine for {seconds} s. You can wait, or cancel.")
        }
        None => {
            "Rows and counts below are those of the entries that were verified so far.".to_owned()
        }
    };
    view! {
        <section class="strip" data-testid="progress" aria-label="Verification">
            <div class="strip-line">
                <h2>"Verifying every entry"</h2>
                <span class="partial">"partial"</span>
                <span class="strip-percent">{move || format!("{}%", percent.get())}</span>
                <span class="dim">{move || bytes_done(&progress.get())}</span>
                <span class="dim">{move || rate(viewer)}</span>
                <span class="grow"></span>
                <span class="dim">{left}</span>
                <button
                    type="button"
                    data-testid="cancel"
                    aria-keyshortcuts="Escape"
                    on:click=move |_| viewer.cancel()
                >
                    "Cancel"
                </button>
            </div>
            <div
                class="bar"
                role="progressbar"
                aria-label="Bytes verified"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || percent.get()
            >
                <div class="bar-fill" style:width=move || share(&progress.get())></div>
            </div>
            <div class="strip-line">
                <span class="strip-told">{told}</span>
                <span class="grow"></span>
                <Counts counts=by_verdict(progress, true).collect() />
            </div>
            <p class="offscreen" role="status">
                {move || format!("{} percent verified", announced.get())}
            </p>
        </section>
    }
}
