//! What can be done about authenticity: comparing with an earlier export.

use leptos::prelude::*;

use crate::format;
use crate::state::{Comparing, Sheet, Viewer};

/// The buttons under the third answer, and how far a comparison is.
#[component]
pub(super) fn Anchor() -> impl IntoView {
    let viewer = Viewer::here();
    let is_comparing = Memo::new(move |_| viewer.comparing.with(Option::is_some));
    let is_compared = Memo::new(move |_| viewer.comparison.with(Option::is_some));
    view! {
        <div class="anchor">
            {move || match (is_comparing.get(), is_compared.get()) {
                (true, _) => under_way(viewer).into_any(),
                (false, true) => compared(viewer).into_any(),
                (false, false) => {
                    view! {
                        <button
                            type="button"
                            class="small"
                            title="Choose the files of an earlier export of this log, in any container"
                            data-testid="compare"
                            on:click=move |_| viewer.pick_baseline()
                        >
                            "Compare with…"
                        </button>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

fn under_way(viewer: Viewer) -> impl IntoView {
    let now = move || viewer.comparing.get();
    let share = move || now().map_or(0.0, |c| share(&c));
    let text = move || {
        now().map(|c| match c.is_reading {
            true => format!(
                "Reading the earlier export: {} of {}",
                format::bytes(c.done.min(c.of)),
                format::bytes(c.of)
            ),
            false => format!(
                "Matching entries: {} of {}",
                format::count(c.done.min(c.of)),
                format::count(c.of)
            ),
        })
    };
    view! {
        <div
            class="bar"
            role="progressbar"
            aria-label="Comparison"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || format!("{:.0}", share())
            data-testid="comparing"
        >
            <div class="bar-fill" style:width=move || format!("{:.1}%", share())></div>
        </div>
        <span class="fine">{text}</span>
        <span class="grow"></span>
        <button
            type="button"
            class="small"
            data-testid="compare-cancel"
            on:click=move |_| viewer.stop_comparing()
        >
            "Cancel"
        </button>
    }
}

fn share(comparing: &Comparing) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
    let share = comparing.done.min(comparing.of) as f64 / comparing.of.max(1) as f64;
    share * 100.0
}

fn compared(viewer: Viewer) -> impl IntoView {
    let names = move || {
        viewer.comparison.with(|c| {
            let names = c.iter().flat_map(|c| &c.old).map(|s| s.name.clone());
            names.collect::<Vec<_>>().join(", ")
        })
    };
    view! {
        <button
            type="button"
            class="small"
            data-testid="compared"
            on:click=move |_| viewer.sheet.set(Some(Sheet::Comparison))
        >
            "What differs"
        </button>
        <span class="fine against">
            "from "
            <bdi>{names}</bdi>
        </span>
        <span class="grow"></span>
        <button
            type="button"
            class="quiet small"
            data-testid="compare"
            on:click=move |_| viewer.pick_baseline()
        >
            "Another…"
        </button>
        <button
            type="button"
            class="quiet small"
            aria-label="Forget the earlier export"
            title="Forget the earlier export"
            data-testid="compare-forget"
            on:click=move |_| viewer.stop_comparing()
        >
            "✕"
        </button>
    }
}
