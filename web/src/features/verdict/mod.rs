//! The answers to the three questions.

mod anchor;
mod answer;

use leptos::prelude::*;

use self::anchor::Anchor;
use self::answer::{Tone, consistency};
use crate::format;
use crate::state::Viewer;
use crate::widgets::plain;
use auditglass::{Answer, Answered, CHECKSUM_LIMITS, Evidence};

/// Entries that are named with a piece of evidence.
const NAMED: usize = 3;

/// Consistency, completeness, authenticity: three answers, never one green tick.
#[component]
pub(super) fn Answers() -> impl IntoView {
    let viewer = Viewer::here();
    let consistency =
        Memo::new(move |_| viewer.opened.with(|o| o.as_ref().map(|o| consistency(o))));
    let completeness = Memo::new(move |_| {
        viewer
            .answers
            .with(|a| a.as_ref().map(|a| a.completeness.clone()))
    });
    let authenticity = Memo::new(move |_| {
        viewer
            .answers
            .with(|a| a.as_ref().map(|a| a.authenticity.clone()))
    });
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
                        card(class, mark, "Consistency", a.status, a.sentence, rests(viewer))
                    })
            }}
            {further("Completeness", move || completeness.get(), || ())}
            {further("Authenticity", move || authenticity.get(), || view! { <Anchor /> })}
        </section>
    }
}

fn card(
    class: &'static str,
    mark: &'static str,
    question: &'static str,
    status: &'static str,
    sentence: String,
    rests: impl IntoView,
) -> impl IntoView {
    view! {
        <div class=class>
            <span class="disc" aria-hidden="true">
                {mark}
            </span>
            <h2>{question}</h2>
            <span class="status">{status}</span>
            <p>{sentence}</p>
            {rests}
        </div>
    }
}

/// What consistency rests on: the entries that fail, and what a checksum says at all.
fn rests(viewer: Viewer) -> impl IntoView {
    let failing = viewer.opened.with_untracked(|o| {
        let totals = o.as_ref()?.totals;
        Some(totals.entries - totals.verified).filter(|n| *n > 0)
    });
    let failing = failing.map(|n| {
        view! {
            <p>
                <button
                    type="button"
                    class="quiet small link"
                    title="Show the entries that are not verified"
                    data-testid="show-failing"
                    on:click=move |_| viewer.set_filter("-verdict:verified".to_owned())
                >
                    {format!("Show {}", format::counted(n, "entry", "entries"))}
                </button>
            </p>
        }
    });
    view! {
        {failing}
        <details class="evidence">
            <summary>"What a checksum says"</summary>
            <ul>{CHECKSUM_LIMITS.map(|text| view! { <li>{text}</li> }).to_vec()}</ul>
        </details>
    }
}

/// An answer that the engine gives, with what it rests on; until it is there, that it is on its way.
fn further<V: IntoView + 'static>(
    question: &'static str,
    answered: impl Fn() -> Option<Answered> + Send + 'static,
    actions: impl Fn() -> V + Send + 'static,
) -> impl IntoView {
    let viewer = Viewer::here();
    move || match answered() {
        None => card(
            "answer unknown",
            "?",
            question,
            "Being examined",
            String::new(),
            (),
        )
        .into_any(),
        Some(answered) => {
            let (class, mark, status) = match answered.answer {
                Answer::Confirmed => ("answer good", "✓", "Confirmed"),
                Answer::NotConfirmed => ("answer bad", "✗", "Not confirmed"),
                Answer::CannotBeKnown => ("answer unknown", "?", "Cannot be known"),
            };
            view! {
                <div class=class data-testid=format!("answer-{}", question.to_lowercase())>
                    <span class="disc" aria-hidden="true">
                        {mark}
                    </span>
                    <h2>{question}</h2>
                    <span class="status">{status}</span>
                    <p>{answered.sentence}</p>
                    {evidence(viewer, &answered.evidence)}
                    {actions()}
                </div>
            }
            .into_any()
        }
    }
}

/// The ways from a piece of evidence to its entries: all of them where an expression selects them, else the first.
fn entries(viewer: Viewer, evidence: &Evidence) -> impl IntoView + use<> {
    if let Some(filter) = evidence.filter.clone() {
        let title = format!("Show these entries: {filter}");
        return view! {
            <button
                type="button"
                class="quiet small link"
                title=title
                data-testid="evidence-entries"
                on:click=move |_| viewer.set_filter(filter.clone())
            >
                "Show"
            </button>
        }
        .into_any();
    }
    let first = evidence.entries.iter().take(NAMED).map(|entry| {
        let row = entry.row;
        let name = match entry.entry_id.as_str() {
            "" => entry.locator.to_string(),
            id => id.to_owned(),
        };
        view! {
            <button
                type="button"
                class="quiet small link"
                title="Show the entry"
                data-testid="evidence-entry"
                on:click=move |_| viewer.open_row(row)
            >
                {plain(name)}
            </button>
        }
    });
    first.collect::<Vec<_>>().into_any()
}

/// What an answer rests on, to be opened.
fn evidence(viewer: Viewer, list: &[Evidence]) -> Option<impl IntoView + use<>> {
    let items: Vec<_> = list
        .iter()
        .map(|e| {
            let others = e.explanations.join(" ");
            let entries = entries(viewer, e);
            view! {
                <li>
                    <b>{e.strength.as_str()}</b>
                    " "
                    <bdi>{e.message.clone()}</bdi>
                    ". "
                    <span class="dim">"What else explains it: " {others}</span>
                    <div>{entries}</div>
                </li>
            }
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <details class="evidence">
                <summary>"What it rests on"</summary>
                <ul>{items}</ul>
            </details>
        }
    })
}
