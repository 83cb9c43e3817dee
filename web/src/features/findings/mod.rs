//! Everything that the engine has to tell beyond the verdicts.

use auditglass::{FindingView, Severity};
use leptos::prelude::*;

use crate::state::Viewer;
use crate::widgets::prose;
use crate::{format, look};

/// The findings of the case, in the engine's order; those about an entry lead to it.
#[component]
pub(super) fn Findings() -> impl IntoView {
    let viewer = Viewer::here();
    let loaded = Memo::new(move |_| viewer.findings.with(Vec::len));
    let several_sources = Memo::new(move |_| {
        viewer
            .opened
            .with(|o| o.as_ref().is_some_and(|o| o.sources.len() > 1))
    });
    let rest = move || viewer.findings_len().saturating_sub(loaded.get() as u64);
    view! {
        <section class="findings" aria-label="Findings">
            <h3>
                "Findings" <span>{move || format::count(viewer.findings_len())}</span>
            </h3>
            <Show when=move || viewer.findings_len() == 0>
                <p class="dim">"Nothing was noticed beyond the verdicts."</p>
            </Show>
            <For
                each=move || 0..loaded.get()
                key=|i| *i
                children=move |i| {
                    let finding = viewer.findings.with_untracked(|all| told(all, i));
                    finding.map(|f| finding_view(viewer, f, several_sources.get_untracked()))
                }
            />
            <Show when=move || { rest() > 0 }>
                <button type="button" class="quiet small" on:click=move |_| viewer.more_findings()>
                    {move || format!("{} more", format::count(rest()))}
                </button>
            </Show>
        </section>
    }
}

/// The finding at `index` as it is listed: a hint is given once for all findings of its kind.
fn told(all: &[FindingView], index: usize) -> Option<FindingView> {
    let mut finding = all.get(index)?.clone();
    if all
        .iter()
        .take(index)
        .any(|f| f.code == finding.code && f.hint == finding.hint)
    {
        finding.hint = None;
    }
    Some(finding)
}

/// What the page itself can do about a finding.
fn remedy(viewer: Viewer, code: &str) -> Option<AnyView> {
    let (text, roll_back) = match code {
        "hot-journal" => ("Show it rolled back", true),
        "journal-rolled-back" => ("Show it as it stands", false),
        _ => return None,
    };
    Some(
        view! {
            <button
                type="button"
                class="small"
                data-testid="roll-back"
                on:click=move |_| viewer.roll_back_journal(roll_back)
            >
                {text}
            </button>
        }
        .into_any(),
    )
}

fn finding_view(viewer: Viewer, finding: FindingView, name_source: bool) -> AnyView {
    let FindingView {
        code,
        severity,
        source,
        locator,
        row,
        message,
        hint,
        ..
    } = finding;
    let place = if name_source {
        format!("{source}, {locator}")
    } else {
        locator.to_string()
    };
    let body = view! {
        <span class="finding-head">
            <span class=format!("severity {}", look::severity_tone(severity))>
                {severity.as_str()}
            </span>
            <code>{code.clone()}</code>
        </span>
        <span class="finding-text">
            {prose(&format::sentence(&message))}
        </span>
        <span class="finding-place">
            <bdi>{place}</bdi>
        </span>
        {hint.map(|hint| view! { <span class="finding-hint">{prose(&format::sentence(&hint))}</span> })}
    };
    let class = match severity {
        Severity::Error => "finding error",
        Severity::Warning => "finding warning",
        Severity::Info => "finding info",
    };
    match row {
        Some(row) => view! {
            <button
                type="button"
                class=class
                data-testid="finding"
                data-row=row.0.to_string()
                on:click=move |_| viewer.open_row(row)
            >
                {body}
            </button>
        }
        .into_any(),
        None => view! {
            <div class=class data-testid="finding">
                {body}
                {remedy(viewer, &code)}
            </div>
        }
        .into_any(),
    }
}
