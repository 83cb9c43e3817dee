//! What differs from an earlier export, entry by entry and field by field.

use auditglass::{EntryChange, FieldChange};
use leptos::prelude::*;

use crate::format;
use crate::state::{Sheet as Which, Viewer};
use crate::widgets::{FilePicker, Sheet, plain};

/// Differences shown at a time.
const PAGE: usize = 100;

/// The hidden input behind *Compare with…*.
#[component]
pub(super) fn Picker() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <FilePicker
            input=viewer.baseline_picker
            name="baseline-input"
            multiple=true
            chosen=move |files| viewer.compare_with(&files)
        />
    }
}

/// The sheet.
#[component]
pub(super) fn Comparison() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <Sheet
            open=Signal::derive(move || viewer.sheet.get() == Some(Which::Comparison))
            close=move |()| close(viewer)
            title="Compared with an earlier export"
            name="comparison"
        >
            <Differences />
        </Sheet>
    }
}

fn close(viewer: Viewer) {
    viewer.sheet.update(|sheet| {
        if *sheet == Some(Which::Comparison) {
            *sheet = None;
        }
    });
}

#[component]
fn Differences() -> impl IntoView {
    let viewer = Viewer::here();
    let shown = RwSignal::new(PAGE);
    let len = Memo::new(move |_| {
        viewer
            .comparison
            .with(|c| c.as_ref().map_or(0, |c| c.changes.len()))
    });
    let all = move || {
        viewer.comparison.with(|c| {
            c.as_ref()
                .map_or(0, |c| c.removed + c.changed + c.uncovered + c.added)
        })
    };
    let untold = move || all().saturating_sub(len.get() as u64);
    view! {
        <Counts />
        <ul class="changes">
            <For
                each=move || 0..len.get().min(shown.get())
                key=|i| *i
                children=move |i| {
                    let change = viewer
                        .comparison
                        .with_untracked(|c| c.as_ref().and_then(|c| c.changes.get(i).cloned()));
                    change.map(|change| change_view(viewer, change))
                }
            />
        </ul>
        <Show when=move || { shown.get() < len.get() }>
            <button type="button" on:click=move |_| shown.update(|n| *n += PAGE)>
                {move || format!("Show more: {} of {} are shown", shown.get(), format::count(len.get() as u64))}
            </button>
        </Show>
        <Show when=move || { untold() > 0 }>
            <p class="fine">
                {move || {
                    format!(
                        "{} more are counted above and not listed: 1,000 of each sort are.",
                        format::count(untold()),
                    )
                }}
            </p>
        </Show>
    }
}

/// How many of each sort, and the answer.
#[component]
fn Counts() -> impl IntoView {
    let viewer = Viewer::here();
    move || {
        let c = viewer.comparison.get()?;
        let names: Vec<_> = c.old.iter().map(|s| s.name.as_str()).collect();
        let names = plain(names.join(", "));
        let (class, answer) = match c.is_append_only {
            true => ("pill ok", "Append-only: yes"),
            false => ("pill bad", "Append-only: no"),
        };
        let count = |n: u64, what: &'static str, name: &'static str| {
            view! {
                <div data-testid=name data-count=n.to_string()>
                    <dt>{what}</dt>
                    <dd>{format::count(n)}</dd>
                </div>
            }
        };
        Some(view! {
            <p class="sheet-lead">
                <span class=class data-testid="append-only">{answer}</span>
                " "
                {format::counted(c.old_totals.entries, "entry", "entries")}
                " in the earlier export, "
                {names}
                "."
            </p>
            <dl class="change-counts">
                {count(c.unchanged, "unchanged", "unchanged")}
                {count(c.removed, "removed", "removed")}
                {count(c.changed, "changed", "changed")}
                {count(c.uncovered, "differ where no checksum covers", "uncovered")}
                {count(c.added, "added since", "added")}
            </dl>
        })
    }
}

fn change_view(viewer: Viewer, change: EntryChange) -> impl IntoView {
    let EntryChange {
        what,
        entry_id,
        old,
        new,
        fields,
        is_rehashed,
    } = change;
    let class = format!("change {what}");
    let row = new.as_ref().map(|at| at.row);
    let place = new
        .or(old)
        .map_or_else(String::new, |at| match what.as_str() {
            "removed" => format!("was at {}, {}", at.source, at.locator),
            _ => format!("{}, {}", at.source, at.locator),
        });
    let name = match entry_id.as_str() {
        "" => "without an id".to_owned(),
        id => id.to_owned(),
    };
    let head = view! {
        <b>{what.clone()}</b>
        " "
        <code>{plain(name)}</code>
        {is_rehashed.then(|| view! { <span class="pill warn">"checksum computed anew"</span> })}
    };
    let head = match row {
        Some(row) => view! {
            <button
                type="button"
                class="change-head"
                title="Show the entry"
                data-testid="change"
                data-row=row.0.to_string()
                on:click=move |_| {
                    viewer.sheet.set(None);
                    viewer.open_row(row);
                }
            >
                {head}
            </button>
        }
        .into_any(),
        None => view! {
            <span class="change-head" data-testid="change">
                {head}
            </span>
        }
        .into_any(),
    };
    let fields: Vec<_> = fields.into_iter().map(field_view).collect();
    view! {
        <li class=class>
            {head} <span class="fine place">{plain(place)}</span> {(!fields.is_empty()).then(|| view! { <dl class="change-fields">{fields}</dl> })}
        </li>
    }
}

fn field_view(field: FieldChange) -> impl IntoView {
    let value = |value: Option<String>| match value {
        Some(text) => plain(text).into_any(),
        None => view! { <span class="dim">"nothing"</span> }.into_any(),
    };
    view! {
        <div>
            <dt>{plain(field.path)}</dt>
            <dd>
                <del>{value(field.before)}</del>
                <span aria-hidden="true">" → "</span>
                <ins>{value(field.after)}</ins>
            </dd>
        </div>
    }
}
