//! The answers to the three questions.

mod answer;

use leptos::prelude::*;

use self::answer::{Tone, consistency};
use crate::state::Viewer;

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
