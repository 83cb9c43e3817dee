//! Beside the timeline: by what it is stacked, what its colours mean, what is not on it, and the way back to all of it.

use auditglass::Series;
use auditglass::query;
use leptos::prelude::*;

use super::draw;
use crate::state::{Step, View, Viewer};
use crate::widgets::{Item, Menu, plain};
use crate::{format, look};

/// What a series is called.
pub(super) fn label_of(series: &Series) -> String {
    if series.term.is_empty() {
        "everything else".to_owned()
    } else if series.label.is_empty() {
        "empty text".to_owned()
    } else {
        series.label.clone()
    }
}

/// The mark of a series: a verdict's shape, or a square of its colour.
pub(super) fn swatch(index: usize, label: &str, by_verdict: bool) -> impl IntoView + use<> {
    if by_verdict && let Some(verdict) = draw::verdict_of(label) {
        return view! {
            <span class=format!("v {}", look::tone(verdict)) aria-hidden="true">
                {look::glyph(verdict)}
            </span>
        }
        .into_any();
    }
    let name = if label == "everything else" {
        "--series-rest".to_owned()
    } else {
        draw::colour_name(index, label, false)
    };
    view! {
        <span class="swatch" aria-hidden="true" style:background=format!("var({name})")></span>
    }
    .into_any()
}

/// The line of controls.
#[component]
pub(crate) fn Controls() -> impl IntoView {
    let viewer = Viewer::here();
    let stack = Memo::new(move |_| viewer.view.with(|v| v.stack.clone()));
    let items = Signal::derive(move || {
        let fields = viewer.view.with(View::all_facets);
        fields
            .into_iter()
            .map(|name| Item {
                label: look::field_title(&name),
                value: name,
                note: String::new(),
            })
            .collect::<Vec<_>>()
    });
    let legend = move || {
        let by_verdict = stack.get() == "verdict";
        viewer.timeline.with(|t| {
            let series = t.as_ref().map(|t| t.series.clone()).unwrap_or_default();
            series
                .into_iter()
                .enumerate()
                .map(|(i, s)| legend_item(viewer, i, &s, by_verdict))
                .collect::<Vec<_>>()
        })
    };
    let untimed = move || {
        let n = viewer
            .timeline
            .with(|t| t.as_ref().map_or(0, |t| t.untimed));
        (n > 0).then(|| {
            let has = if n == 1 { "has" } else { "have" };
            format!(
                "{} {has} no readable time",
                format::counted(n, "entry", "entries")
            )
        })
    };
    let zones = move || {
        viewer.opened.with(|o| match o.as_ref().map(|o| o.zones) {
            Some((0, _)) | None => (
                "times as written",
                "No time here names a zone: all are placed as they are written.",
            ),
            Some((_, 0)) => (
                "times in UTC",
                "All times name their zone: they are placed by universal time.",
            ),
            Some(_) => (
                "zones mixed",
                "Times that name a zone are placed by universal time, the others as they are written. \
                 Which of two came first is certain only among times of one kind.",
            ),
        })
    };
    let is_zoomed = Memo::new(move |_| viewer.view.with(|v| v.window.is_some()));
    view! {
        <div class="timeline-controls">
            <div class="legend" role="group" aria-label="What the bars are made of">
                {legend}
            </div>
            <span class="timeline-untimed">{untimed}</span>
            <span class="fine" title=move || zones().1>
                {move || zones().0}
            </span>
            <Show when=move || is_zoomed.get()>
                <button
                    type="button"
                    class="quiet small"
                    title="Show all of the time (double click, or 0)"
                    data-testid="timeline-reset"
                    on:click=move |_| viewer.look(Step::Act, |v| v.window = None)
                >
                    "Whole time"
                </button>
            </Show>
            <Menu
                label=Signal::derive(move || format!("by {}", look::field_title(&stack.get()).to_lowercase()))
                title="What the bars are divided by"
                items=items
                current=stack
                chosen=move |name: String| viewer.look(Step::Act, |v| v.stack = name)
                test_id="timeline-stack"
                class="quiet small"
            />
        </div>
    }
}

fn legend_item(
    viewer: Viewer,
    index: usize,
    series: &Series,
    by_verdict: bool,
) -> impl IntoView + use<> {
    let label = label_of(series);
    let mark = swatch(index, &label, by_verdict);
    let term = series.term.clone();
    let is_rest = term.is_empty();
    let title = if is_rest {
        String::new()
    } else {
        format!("Only {label}")
    };
    view! {
        <button
            type="button"
            class="quiet small legend-item"
            title=title
            disabled=is_rest
            on:click=move |_| viewer.edit_filter(|f| query::include(f, &term))
        >
            {mark}
            <span class="legend-label">{plain(label)}</span>
        </button>
    }
}
