//! The panel for one entry.

mod actions;
mod around;
mod checksums;
mod fields;
mod note;
mod terms;

use auditglass::{EntryView, ErrorView, FindingView, Verdict};
use leptos::prelude::*;

use self::around::around;
use self::checksums::{canonical, checksums};
use self::fields::{details, fields};
use self::note::noted;
use crate::state::{Panel, Viewer};
use crate::widgets::{plain, prose};
use crate::{format, look};

/// The entry under the cursor.
#[component]
pub(super) fn Entry() -> impl IntoView {
    let viewer = Viewer::here();
    let body = move || match viewer.panel.get() {
        Panel::Closed => None,
        Panel::Waiting => Some(view! { <p class="dim">"Reading the entry…"</p> }.into_any()),
        Panel::Failed(error) => Some(failed(error).into_any()),
        Panel::Shown(entry) => Some(shown(&entry).into_any()),
    };
    view! {
        <aside class="entry" aria-label="Entry" data-testid="entry">
            <Bar />
            {body}
        </aside>
    }
}

/// Where the reader is, and the ways on.
#[component]
fn Bar() -> impl IntoView {
    let viewer = Viewer::here();
    let at = move || viewer.cursor.get();
    let place = move || match at().and_then(|n| n.checked_add(1)) {
        Some(n) => format!(
            "entry {} of {}",
            format::count(n),
            format::count(viewer.list_len())
        ),
        None => "does not match the filter".to_owned(),
    };
    let is_first = move || at().is_none_or(|n| n == 0);
    let is_last = move || at().is_none_or(|n| n + 1 >= viewer.list_len());
    view! {
        <div class="entry-bar">
            <span class="dim">{place}</span>
            <span class="grow"></span>
            <button
                type="button"
                class="quiet icon"
                aria-label="Previous entry"
                title="Previous entry (k)"
                disabled=is_first
                on:click=move |_| viewer.step(-1)
            >
                "↑"
            </button>
            <button
                type="button"
                class="quiet icon"
                aria-label="Next entry"
                title="Next entry (j)"
                disabled=is_last
                on:click=move |_| viewer.step(1)
            >
                "↓"
            </button>
            <button
                type="button"
                class="quiet icon"
                aria-label="Close the entry"
                title="Close (Esc)"
                on:click=move |_| viewer.close_panel()
            >
                "✕"
            </button>
        </div>
    }
}

fn failed(error: ErrorView) -> impl IntoView {
    view! {
        <div class="card" role="alert" data-testid="error-card">
            <span class="disc bad" aria-hidden="true">
                "✗"
            </span>
            <div>
                <h2>"This entry could not be read again"</h2>
                <p>
                    {prose(&format::sentence(&error.message))}
                </p>
                {error.hint.map(|hint| view! { <p class="card-hint">{prose(&hint)}</p> })}
            </div>
        </div>
    }
}

fn shown(e: &EntryView) -> impl IntoView + use<> {
    let viewer = Viewer::here();
    let source = viewer.opened.with_untracked(|o| {
        let sources = &o.as_ref()?.sources;
        let source = sources.get(e.source.0 as usize)?;
        Some(source.name.clone())
    });
    let title = e
        .fields
        .iter()
        .find(|f| f.name == "event_type")
        .map(|f| f.text.clone())
        .filter(|t| !t.is_empty())
        .unwrap_or_else(|| "Entry".to_owned());
    let reason = e
        .reason
        .clone()
        .unwrap_or_else(|| look::meaning(e.verdict).to_owned());
    let findings: Vec<_> = e.findings.iter().cloned().map(finding).collect();
    view! {
        <div class="entry-body" data-row=e.row.0.to_string() data-verdict=e.verdict.as_str()>
            <span class=format!("pill {}", look::tone(e.verdict))>
                <span aria-hidden="true">{look::glyph(e.verdict)}</span>
                {look::title(e.verdict)}
            </span>
            <h2>
                {plain(title)}
            </h2>
            <p class="dim">
                <bdi>{source}</bdi>
                {format!(", {}", e.locator)}
            </p>
            <p class="reason" class:bad=e.verdict != Verdict::Verified>
                {prose(&format::sentence(&reason))}
            </p>
            {noted(viewer, e)}
            {checksums(e)}
            {(!findings.is_empty())
                .then(|| {
                    view! {
                        <h3>"Findings about this entry"</h3>
                        <ul class="entry-findings">{findings}</ul>
                    }
                })}
            {around(viewer, e)}
            {fields(viewer, e)}
            {details(viewer, e)}
            {canonical(e)}
        </div>
    }
}

fn finding(finding: FindingView) -> impl IntoView {
    view! {
        <li>
            <span class="finding-head">
                <span class=format!("severity {}", look::severity_tone(finding.severity))>
                    {finding.severity.as_str()}
                </span>
                <code>{finding.code}</code>
            </span>
            <span class="finding-text">
                {prose(&format::sentence(&finding.message))}
            </span>
            {finding.hint.map(|hint| view! { <span class="finding-hint">{prose(&hint)}</span> })}
        </li>
    }
}
