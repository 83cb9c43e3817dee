//! What the reader is told: notices in passing, and cards for errors.

use leptos::prelude::*;

use crate::format;
use crate::state::{Card, Notice, Viewer};
use crate::widgets::prose;

/// Notices, newest last; each can be closed.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <div class="notices" role="status">
            <For
                each=move || viewer.notices.get()
                key=|n| n.text.clone()
                children=move |notice| notice_view(viewer, notice)
            />
        </div>
    }
}

fn notice_view(viewer: Viewer, notice: Notice) -> impl IntoView {
    let Notice { text, again } = notice;
    let own = text.clone();
    let dismiss = move |_| viewer.notices.update(|all| all.retain(|n| n.text != own));
    view! {
        <div class="notice" data-testid="notice">
            <span>
                <bdi>{text}</bdi>
            </span>
            <span class="grow"></span>
            {again
                .then(|| {
                    view! {
                        <button type="button" class="small" on:click=move |_| viewer.open_again()>
                            "Verify again"
                        </button>
                    }
                })}
            <button type="button" class="quiet small" aria-label="Dismiss" on:click=dismiss>
                "✕"
            </button>
        </div>
    }
}

/// What was just done; gone after a moment.
#[component]
pub(crate) fn Said() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <div class="said" role="status" data-testid="said">
            {move || viewer.said.get().map(|text| view! { <span>{text}</span> })}
        </div>
    }
}

/// Errors: what is wrong, where, what to try.
#[component]
pub(crate) fn Cards() -> impl IntoView {
    let viewer = Viewer::here();
    let cards = Memo::new(move |_| viewer.all_cards());
    view! {
        <Show when=move || cards.with(|c| !c.is_empty())>
            <section class="cards" aria-label="Errors">
                {move || {
                    cards.get().into_iter().map(|card| card_view(viewer, card)).collect::<Vec<_>>()
                }}
            </section>
        </Show>
    }
}

fn card_view(viewer: Viewer, card: Card) -> impl IntoView {
    let Card {
        title,
        place,
        message,
        hint,
        again,
    } = card;
    view! {
        <article class="card" role="alert" data-testid="error-card">
            <span class="disc bad" aria-hidden="true">
                "✗"
            </span>
            <div>
                <h2>{title}</h2>
                {place.map(|name| view! { <p class="card-place"><bdi>{name}</bdi></p> })}
                <p>
                    {prose(&format::sentence(&message))}
                </p>
                {hint.map(|hint| view! { <p class="card-hint">{prose(&hint)}</p> })}
                {again
                    .then(|| {
                        view! {
                            <button type="button" class="small" on:click=move |_| viewer.open_again()>
                                "Try again"
                            </button>
                        }
                    })}
            </div>
        </article>
    }
}
