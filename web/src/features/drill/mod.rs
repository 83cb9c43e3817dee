//! The drill: what would be noticed if the log were altered, as a table.

use auditglass::{EntryRef, Exercise, Outcome, Trace};
use leptos::prelude::*;

use crate::format;
use crate::state::{Drilled, Sheet as Which, Viewer};
use crate::widgets::{Sheet, plain, prose};

/// The sheet.
#[component]
pub(super) fn Drill() -> impl IntoView {
    let viewer = Viewer::here();
    let close = move |()| {
        viewer.sheet.update(|sheet| {
            if *sheet == Some(Which::Drill) {
                *sheet = None;
            }
        });
    };
    view! {
        <Sheet
            open=Signal::derive(move || viewer.sheet.get() == Some(Which::Drill))
            close=close
            title="Drill: would it be noticed?"
            name="drill-sheet"
        >
            <Found />
        </Sheet>
    }
}

#[component]
fn Found() -> impl IntoView {
    let viewer = Viewer::here();
    move || match viewer.drilled.get() {
        Drilled::None | Drilled::Waiting => {
            view! { <p class="sheet-lead" role="status">"A copy is being altered and judged…"</p> }
                .into_any()
        }
        Drilled::Failed(error) => view! {
            <p class="sheet-lead" data-testid="drill-failed">
                {prose(&format::sentence(&error.message))}
            </p>
            {error.hint.map(|hint| view! { <p class="fine">{prose(&hint)}</p> })}
        }
        .into_any(),
        Drilled::Shown(drill) => {
            let against = match &drill.baseline {
                Some(names) => format!(
                    "Each altered copy was compared with the earlier export, {}.",
                    names.join(", ")
                ),
                None => "No earlier export was compared with. What one would tell that was taken just before was found with the unaltered copy in its place.".to_owned(),
            };
            let with = match &drill.baseline {
                Some(_) => "Told by the earlier export",
                None => "Told by an export taken just before",
            };
            let exercises: Vec<_> = drill
                .exercises
                .iter()
                .map(|e| exercise(viewer, e, with))
                .collect();
            view! {
                <p class="sheet-lead">{drill.copy.clone()} " " {plain(against)}</p>
                <Summary exercises=drill.exercises.clone() />
                <ol class="exercises">{exercises}</ol>
            }
            .into_any()
        }
    }
}

/// How many of each outcome.
#[component]
fn Summary(exercises: Vec<Exercise>) -> impl IntoView {
    let pill = |outcome: Outcome| {
        let count = exercises.iter().filter(|e| e.outcome == outcome).count();
        (count > 0 || outcome != Outcome::NotTried).then(|| {
            view! {
                <span class=pill_class(outcome) data-testid=format!("drill-{}", word(outcome)) data-count=count.to_string()>
                    {format!("{count} {}", outcome.as_str())}
                </span>
            }
        })
    };
    view! {
        <p class="drill-summary">
            {pill(Outcome::Alone)} {pill(Outcome::Compared)} {pill(Outcome::Nowhere)}
            {pill(Outcome::NotTried)}
        </p>
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Alone => "alone",
        Outcome::Compared => "compared",
        Outcome::Nowhere => "nowhere",
        Outcome::NotTried => "not-tried",
    }
}

const fn pill_class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Alone => "pill ok",
        Outcome::Compared => "pill warn",
        Outcome::Nowhere => "pill bad",
        Outcome::NotTried => "pill",
    }
}

fn exercise(viewer: Viewer, exercise: &Exercise, with: &'static str) -> impl IntoView + use<> {
    let outcome = exercise.outcome;
    let told = |title: &'static str, traces: &[Trace]| {
        let items: Vec<_> = traces.iter().map(trace).collect();
        let is_nothing = items.is_empty();
        view! {
            <div>
                <h4>{title}</h4>
                {is_nothing.then(|| view! { <p class="dim">"nothing"</p> })}
                <ul>{items}</ul>
            </div>
        }
    };
    let is_tried = outcome != Outcome::NotTried;
    let traces = is_tried.then(|| {
        view! {
            <div class="traces">
                {told("Told by the log alone", &exercise.alone)} {told(with, &exercise.compared)}
            </div>
        }
    });
    let entries: Vec<_> = exercise
        .entries
        .iter()
        .take(3)
        .map(|e| entry(viewer, e))
        .collect();
    let remarks = exercise.remarks.join(" ");
    let remarks = (!remarks.is_empty()).then(|| view! { <p class="remark">{plain(remarks)}</p> });
    view! {
        <li class="exercise" data-testid="exercise" data-code=exercise.code.clone() data-outcome=word(outcome)>
            <div class="exercise-head">
                <h3>{exercise.title.clone()}</h3>
                <span class=pill_class(outcome)>{outcome.as_str()}</span>
            </div>
            <p class="dim">
                {plain(exercise.done.clone())}
                " "
                {entries}
            </p>
            {traces}
            {remarks}
        </li>
    }
}

/// Leads to an entry that was altered in the copy, as it stands in the log.
fn entry(viewer: Viewer, entry: &EntryRef) -> impl IntoView + use<> {
    let row = entry.row;
    view! {
        <button
            type="button"
            class="quiet small"
            title="Show the entry as it stands in the log"
            on:click=move |_| {
                viewer.sheet.set(None);
                viewer.open_row(row);
            }
        >
            {plain(entry.locator.to_string())}
        </button>
    }
}

fn trace(trace: &Trace) -> impl IntoView + use<> {
    let code = match trace.weight.as_str() {
        "" => trace.code.clone(),
        weight => format!("{} · {weight}", trace.code),
    };
    view! {
        <li>
            <code>{code}</code>
            " "
            {prose(&format::sentence(&trace.message))}
        </li>
    }
}
