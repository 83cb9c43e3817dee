//! What can be done with a value in the panel: ask for it, refuse it, make its path a column or a facet.

use auditglass::query;
use leptos::prelude::*;

use crate::state::{Column, MOST, Step, Viewer};

/// A value, and what can be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Actions {
    /// The condition that it meets.
    pub(super) term: Option<String>,
    /// Its path in the details.
    pub(super) path: Option<String>,
    /// What it is called, for those who do not see it.
    pub(super) label: String,
}

/// The buttons; seen when the line is pointed at, or one of them has the focus.
pub(super) fn actions(viewer: Viewer, actions: Actions) -> impl IntoView + use<> {
    let Actions { term, path, label } = actions;
    let filters = term.map(|term| {
        let denied = term.clone();
        view! {
            <button
                type="button"
                class="quiet icon tiny"
                title=format!("Only these: {term}")
                aria-label=format!("Only entries with this {label}")
                data-testid="include"
                on:click=move |_| viewer.edit_filter(|f| query::include(f, &term))
            >
                "="
            </button>
            <button
                type="button"
                class="quiet icon tiny"
                title="Not these"
                aria-label=format!("No entries with this {label}")
                data-testid="exclude"
                on:click=move |_| viewer.edit_filter(|f| query::exclude(f, &denied))
            >
                "≠"
            </button>
        }
    });
    let places = path.map(|path| {
        let facet = path.clone();
        view! {
            <button
                type="button"
                class="quiet icon tiny"
                title=format!("Show {path} as a column")
                aria-label=format!("Show {label} as a column")
                data-testid="as-column"
                on:click=move |_| {
                    viewer.look(Step::Act, |v| {
                        if v.columns.len() < MOST && !v.columns.iter().any(|c| c.name == path) {
                            v.columns.push(Column::new(path.clone()));
                        }
                    });
                }
            >
                <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <rect x="2" y="3" width="12" height="10" rx="1.5" />
                    <path d="M6.2 3v10M10 3v10" />
                </svg>
            </button>
            <button
                type="button"
                class="quiet icon tiny"
                title=format!("Count the values of {facet}")
                aria-label=format!("Show {label} as a facet")
                data-testid="as-facet"
                on:click=move |_| {
                    viewer.look(Step::Act, |v| {
                        if v.facets.len() < MOST && !v.facets.contains(&facet) {
                            v.facets.push(facet.clone());
                        }
                    });
                }
            >
                <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <path d="M2.5 4h11M2.5 8h7.5M2.5 12h4" />
                </svg>
            </button>
        }
    });
    view! {
        <span class="value-actions">
            {filters}
            {places}
        </span>
    }
}
