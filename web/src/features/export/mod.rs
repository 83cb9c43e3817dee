//! The export: a menu of forms, and how far it is.

use auditglass::ExportFormat;
use leptos::prelude::*;

use crate::format;
use crate::state::Viewer;
use crate::widgets::{Item, Menu};

/// Writes all entries that match into a file.
#[component]
pub(super) fn Export() -> impl IntoView {
    let viewer = Viewer::here();
    let items = Signal::derive(|| {
        [
            ((ExportFormat::Csv, false), "CSV", "the columns shown"),
            ((ExportFormat::Csv, true), "CSV, whole", "every field"),
            (
                (ExportFormat::Jsonl, true),
                "JSON Lines",
                "entries as they are, one a line",
            ),
            (
                (ExportFormat::Json, true),
                "JSON",
                "entries as they are, one array",
            ),
        ]
        .map(|(value, label, note)| Item {
            value,
            label: label.to_owned(),
            note: note.to_owned(),
        })
        .to_vec()
    });
    let is_writing = Memo::new(move |_| viewer.exporting.with(Option::is_some));
    let progress = move || {
        viewer.exporting.get().map(|e| {
            format!(
                "{} of {} written",
                format::count(e.entries),
                format::count(e.total)
            )
        })
    };
    let share = move || {
        let (done, total) = viewer
            .exporting
            .with(|e| e.as_ref().map_or((0, 1), |e| (e.entries, e.total.max(1))));
        #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
        let share = done.min(total) as f64 / total as f64;
        format!("{:.1}%", share * 100.0)
    };
    view! {
        <div class="export">
            <Show
                when=move || is_writing.get()
                fallback=move || {
                    view! {
                        <Menu
                            label="Export"
                            title="Write all entries that match into a file"
                            items=items
                            chosen=move |(form, whole): (ExportFormat, bool)| viewer.export(form, whole)
                            test_id="export"
                        />
                    }
                }
            >
                <div class="export-work" role="group" aria-label="Export">
                    <span class="export-bar" aria-hidden="true">
                        <span class="bar-fill" style:width=share></span>
                    </span>
                    <span class="dim">{progress}</span>
                    <button
                        type="button"
                        class="small"
                        data-testid="stop-export"
                        on:click=move |_| viewer.stop_export()
                    >
                        "Cancel"
                    </button>
                </div>
            </Show>
        </div>
    }
}
