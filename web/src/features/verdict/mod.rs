//! The answers to the three questions, and the entries per verdict.

mod answer;

use auditglass::Verdict;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use self::answer::{Tone, consistency};
use crate::state::Viewer;
use crate::{format, look};

/// Consistency, completeness, authenticity: three answers, never one green tick.
#[component]
pub(super) fn Answers() -> impl IntoView {
    let viewer = Viewer::here();
    let consistency =
        Memo::new(move |_| viewer.opened.with(|o| o.as_ref().map(|o| consistency(o))));
    view! {
        <section class="answers" aria-label="What can be trusted" data-testid="answers">
            {move || {
                consistency
                    .get()
                    .map(|a| {
                        let (class, mark) = match a.tone {
                            Tone::Good => ("answer good", "✓"),
                            Tone::Bad => ("answer bad", "✗"),
                        };
                        card(class, mark, "Consistency", a.status, a.sentence)
                    })
            }}
            {card(
                "answer unknown",
                "?",
                "Completeness",
                "Not examined yet",
                "A removed entry leaves no broken checksum behind. This version does not look for gaps."
                    .to_owned(),
            )}
            {card(
                "answer unknown",
                "?",
                "Authenticity",
                "Not examined yet",
                "The checksum has no key: whoever can edit an entry can recompute it. Nothing outside the log was compared."
                    .to_owned(),
            )}
        </section>
    }
}

fn card(
    class: &'static str,
    mark: &'static str,
    question: &'static str,
    status: &'static str,
    sentence: String,
) -> impl IntoView {
    view! {
        <div class=class>
            <span class="disc" aria-hidden="true">
                {mark}
            </span>
            <h2>{question}</h2>
            <span class="status">{status}</span>
            <p>{sentence}</p>
        </div>
    }
}

/// Entries per verdict; each filters the list.
#[component]
pub(super) fn Counts() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <section class="counts" aria-label="Entries per verdict">
            <h3>"Verdict"</h3>
            {Verdict::ALL.map(|v| count(viewer, v)).into_iter().collect::<Vec<_>>()}
        </section>
    }
}

fn count(viewer: Viewer, verdict: Verdict) -> impl IntoView {
    let n = Memo::new(move |_| {
        viewer
            .opened
            .with(|o| o.as_ref().map_or(0, |o| o.totals.of(verdict)))
    });
    let all = Memo::new(move |_| {
        viewer
            .opened
            .with(|o| o.as_ref().map_or(0, |o| o.totals.entries))
    });
    let share = move || {
        #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
        let share = n.get() as f64 / all.get().max(1) as f64;
        // Few are not none: what is there is seen.
        let floor = if n.get() > 0 { 2.0 } else { 0.0 };
        format!("{:.2}%", (share * 100.0).max(floor))
    };
    let is_on = Memo::new(move |_| viewer.filter.get() == Some(verdict));
    let toggle = move |event: MouseEvent| {
        viewer.set_filter((!is_on.get_untracked()).then_some(verdict));
        // After a click the keys walk the list; who pressed the button by key stays where he is.
        if event.detail() > 0 {
            viewer.focus_grid();
        }
    };
    view! {
        <button
            type="button"
            class=format!("count {}", look::tone(verdict))
            data-testid=format!("count-{}", verdict.as_str())
            data-count=move || n.get().to_string()
            aria-pressed=move || is_on.get().to_string()
            disabled=move || n.get() == 0
            title=look::meaning(verdict)
            on:click=toggle
        >
            <span class="count-bar" style:width=share aria-hidden="true"></span>
            <span class="v" aria-hidden="true">
                {look::glyph(verdict)}
            </span>
            <span class="count-word">{verdict.as_str()}</span>
            <span class="count-n">{move || format::count(n.get())}</span>
        </button>
    }
}
