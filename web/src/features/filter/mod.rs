//! The filter: the bar in which it is typed, what could be typed next, its conditions as chips, how many entries match.

mod bar;
mod colour;

use auditglass::query;
use leptos::prelude::*;

pub(super) use self::bar::Bar;
use crate::format;
use crate::state::Viewer;
use crate::widgets::plain;

/// The conditions of the filter that holds; each can be taken away.
#[component]
pub(super) fn Chips() -> impl IntoView {
    let viewer = Viewer::here();
    let conditions = Memo::new(move |_| {
        viewer.found.with(|found| {
            let found = found.as_ref()?;
            let text = &found.selection.filter;
            let conditions = found.filter.conditions().into_iter().map(|c| {
                let text = text.get(c.start as usize..c.end as usize);
                (text.unwrap_or_default().to_owned(), c.start, c.end)
            });
            Some(conditions.collect::<Vec<_>>())
        })
    });
    let chips = move || {
        let all = conditions.get().unwrap_or_default();
        let several = all.len() > 1;
        let chips: Vec<_> = all
            .into_iter()
            .map(|(text, start, end)| {
                let label = format!("Remove the condition {text}");
                view! {
                    <button
                        type="button"
                        class="chip"
                        title="Remove this condition"
                        aria-label=label
                        data-testid="chip"
                        on:click=move |_| viewer.edit_filter(|f| Ok(query::without(f, start, end)))
                    >
                        <span class="chip-text">{plain(text)}</span>
                        <span class="chip-x" aria-hidden="true">
                            "✕"
                        </span>
                    </button>
                }
            })
            .collect();
        let clear = several.then(|| {
            view! {
                <button
                    type="button"
                    class="quiet small"
                    data-testid="clear-filter"
                    on:click=move |_| viewer.set_filter(String::new())
                >
                    "Clear all"
                </button>
            }
        });
        view! {
            {chips}
            {clear}
        }
    };
    view! {
        <div class="chips" role="group" aria-label="Conditions of the filter">
            {chips}
        </div>
    }
}

/// How many entries match, of how many.
#[component]
pub(super) fn Hits() -> impl IntoView {
    let viewer = Viewer::here();
    let all = move || {
        viewer
            .opened
            .with(|o| o.as_ref().map_or(0, |o| o.totals.entries))
    };
    let is_partial = Memo::new(move |_| viewer.is_partial());
    let found = move || viewer.found.with(|f| f.as_ref().map(|f| f.totals.entries));
    let is_stale = move || {
        let draft = viewer.draft.get();
        viewer
            .refused
            .with(|r| r.as_ref().is_some_and(|r| r.filter == draft))
    };
    let text = move || {
        if let Some(s) = viewer.searching.get() {
            let percent = s.read.saturating_mul(100).checked_div(s.of);
            return view! {
                <b>{format::count(s.matched)}</b>
                {format!(" so far, {}%", percent.unwrap_or(0))}
            }
            .into_any();
        }
        let Some(n) = found() else {
            return view! { "…" }.into_any();
        };
        if is_partial.get() {
            return view! {
                <b>{format::count(n)}</b>
                " so far "
                <span class="partial" title="The log is still being verified: rows and counts are those of its beginning">
                    "partial"
                </span>
            }
            .into_any();
        }
        if n == all() {
            return view! {
                <b>{format::count(n)}</b>
                {if n == 1 { " entry" } else { " entries" }}
            }
            .into_any();
        }
        view! {
            <b>{format::count(n)}</b>
            {format!(" of {}", format::count(all()))}
        }
        .into_any()
    };
    view! {
        <output
            class="hits"
            class:stale=is_stale
            role="status"
            data-testid="hits"
            data-count=move || found().map(|n| n.to_string())
            title=move || {
                is_stale().then_some("Of the last filter that could be understood")
            }
        >
            {text}
        </output>
    }
}
