//! The report: what it is asked, what came of it, and the forms in which it can be saved.

mod form;
mod found;
mod note;
mod retention;

use auditglass::{ErrorView, ReportFormat};
use leptos::prelude::*;

use self::form::Asked;
use self::found::found;
use self::note::Signed;
use crate::format;
use crate::state::{Report, Sheet as Which, Viewer};
use crate::widgets::{Sheet, prose};

/// The sheet.
#[component]
pub(super) fn ReportSheet() -> impl IntoView {
    let viewer = Viewer::here();
    let close = move |()| {
        viewer.sheet.update(|sheet| {
            if *sheet == Some(Which::Report) {
                *sheet = None;
            }
        });
    };
    view! {
        <Sheet
            open=Signal::derive(move || viewer.sheet.get() == Some(Which::Report))
            close=close
            title="Report"
            name="report-sheet"
        >
            <p class="sheet-lead">
                "The verdicts, the three answers and every finding, as a document that a second auditor can check. It can say more; a field that is left empty asks nothing."
            </p>
            <Asked />
            <Signed />
            <Outcome />
        </Sheet>
    }
}

/// The button, how far the report is, and what came of it.
#[component]
fn Outcome() -> impl IntoView {
    let viewer = Viewer::here();
    let report = viewer.reporting.report;
    move || match report.get() {
        Report::None => make(viewer).into_any(),
        Report::Making(_) => making(viewer).into_any(),
        Report::Failed(error) => view! {
            {failed(error)}
            {make(viewer)}
        }
        .into_any(),
        Report::Made(made) => view! {
            {save(viewer, made.slice.is_some())}
            {found(viewer, &made)}
        }
        .into_any(),
    }
}

fn make(viewer: Viewer) -> impl IntoView {
    view! {
        <div class="report-line">
            <button
                type="button"
                class="primary"
                data-testid="make-report"
                on:click=move |_| viewer.make_report()
            >
                "Make the report"
            </button>
        </div>
    }
}

fn making(viewer: Viewer) -> impl IntoView {
    let now = move || match viewer.reporting.report.get() {
        Report::Making(making) => (making.done, making.of),
        Report::None | Report::Made(_) | Report::Failed(_) => (0, 0),
    };
    #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
    let share = move || {
        let (done, of) = now();
        done.min(of) as f64 / of.max(1) as f64 * 100.0
    };
    let text = move || match now() {
        _ if viewer.reporting.is_waiting.get() => {
            "The files' SHA-256 are being computed…".to_owned()
        }
        (_, 0) => "Beginning…".to_owned(),
        (done, of) => format!("{} of {} read", format::count(done), format::count(of)),
    };
    view! {
        <div class="report-line" role="status">
            <div
                class="bar"
                role="progressbar"
                aria-label="Report"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || format!("{:.0}", share())
            >
                <div class="bar-fill" style:width=move || format!("{:.1}%", share())></div>
            </div>
            <span class="fine">{text}</span>
            <button
                type="button"
                data-testid="report-cancel"
                on:click=move |_| viewer.drop_report()
            >
                "Cancel"
            </button>
        </div>
    }
}

fn failed(error: ErrorView) -> impl IntoView {
    view! {
        <div class="report-failed" role="alert" data-testid="report-failed">
            <span class="disc bad" aria-hidden="true">
                "✗"
            </span>
            <p>
                {prose(&format::sentence(&error.message))} " "
                {error.hint.map(|hint| prose(&hint))}
            </p>
        </div>
    }
}

/// The forms, and the slice beside them.
fn save(viewer: Viewer, has_slice: bool) -> impl IntoView {
    let button = |format: ReportFormat, label: &'static str, title: &'static str| {
        view! {
            <button
                type="button"
                class:primary=format == ReportFormat::Html
                title=title
                data-testid=format!("save-{}", format.as_str())
                disabled=move || viewer.reporting.is_writing.get()
                on:click=move |_| viewer.save_report(format)
            >
                {label}
            </button>
        }
    };
    let slice = has_slice.then(|| {
        view! {
            <button
                type="button"
                title="The entries that are not verified, with the bytes that were hashed"
                data-testid="save-slice"
                on:click=move |_| viewer.save_slice()
            >
                "Evidence slice"
            </button>
        }
    });
    view! {
        <div class="report-line" data-testid="report-made">
            <span class="dim">"Save as"</span>
            {button(
                ReportFormat::Html,
                "HTML",
                "One page with everything inside, to be read, printed and signed",
            )}
            {button(ReportFormat::Json, "JSON", "One object, for programs; it keeps the notes")}
            {button(ReportFormat::Markdown, "Markdown", "To be put into another document")}
            {button(ReportFormat::Csv, "CSV", "Findings, failing entries and evidence, a line each")}
            {slice}
            <span class="grow"></span>
            <button type="button" class="quiet" on:click=move |_| viewer.drop_report()>
                "Make another"
            </button>
        </div>
    }
}
