//! From one entry to those that belong to it: the same resource, actor or request, and what happened at the same time.

use auditglass::{EntryView, ValueKind};
use leptos::prelude::*;

use super::terms;
use crate::state::Viewer;

/// The questions that an investigator asks next, each a click.
pub(super) fn around(viewer: Viewer, entry: &EntryView) -> impl IntoView + use<> {
    let of = |name: &str| {
        let field = entry.fields.iter().find(|f| f.hashed && f.name == name)?;
        terms::term(name, field.kind, &field.text)
    };
    let resource = of("resource_id").map(|id| match of("resource_type") {
        Some(kind) => format!("{kind} {id}"),
        None => id,
    });
    let timestamp = entry
        .fields
        .iter()
        .find(|f| f.name == "timestamp" && f.kind == ValueKind::Text)
        .map(|f| f.text.clone())
        .unwrap_or_default();
    let questions = [
        ("same resource", resource),
        ("same actor", of("actor")),
        ("same request", terms::request(&entry.details)),
        ("same minute", within(&timestamp, 16)),
        ("same hour", within(&timestamp, 13)),
        ("same day", within(&timestamp, 10)),
    ];
    let buttons: Vec<_> = questions
        .into_iter()
        .filter_map(|(label, filter)| Some((label, filter?)))
        .map(|(label, filter)| {
            view! {
                <button
                    type="button"
                    class="small"
                    title=filter.clone()
                    data-testid="around"
                    on:click=move |_| viewer.set_filter(filter.clone())
                >
                    {label}
                </button>
            }
        })
        .collect();
    view! {
        <div class="around" role="group" aria-label="Look around">
            {buttons}
        </div>
    }
}

/// The condition that an entry falls into the same stretch of time, given by the first characters of its timestamp.
fn within(timestamp: &str, length: usize) -> Option<String> {
    let head = timestamp.get(..length)?;
    // Another zone would name another stretch.
    let zone = timestamp
        .get(19..)
        .and_then(|rest| rest.find(['Z', '+', '-']).and_then(|at| rest.get(at..)))
        .filter(|_| length > 10)
        .unwrap_or_default();
    let filter = format!("on:{}{zone}", head.replace(' ', "T"));
    auditglass::query::Filter::parse(&filter)
        .is_ok()
        .then_some(filter)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::within;

    #[test]
    fn the_same_time() {
        let at = "2026-07-01T08:05:34.931427";
        assert_eq!(within(at, 16).as_deref(), Some("on:2026-07-01T08:05"));
        assert_eq!(within(at, 10).as_deref(), Some("on:2026-07-01"));
        let zoned = "2026-07-01T08:05:34+02:00";
        assert_eq!(within(zoned, 13).as_deref(), Some("on:2026-07-01T08+02:00"));
        assert_eq!(within("yesterday", 10), None);
        assert_eq!(within("", 10), None);
    }
}
