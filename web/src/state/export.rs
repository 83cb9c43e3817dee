//! Writing all entries that are shown into a file, piece by piece.

use auditglass::{ErrorView, ExportFormat};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::Viewer;
use super::view::View;
use crate::format;
use crate::protocol::Request;

/// An export under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exporting {
    /// Which of the page's exports.
    number: u32,
    /// Its form.
    format: ExportFormat,
    /// Entries written.
    pub(crate) entries: u64,
    /// Entries to be written.
    pub(crate) total: u64,
}

impl Viewer {
    /// Begins to write what is found: the entries whole, or the columns that are shown.
    pub(crate) fn export(self, format: ExportFormat, whole: bool) {
        let Some(found) = self.found.get_untracked() else {
            return;
        };
        let number = self.next_question();
        self.pieces.set_value(Vec::new());
        self.exporting.set(Some(Exporting {
            number,
            format,
            entries: 0,
            total: found.totals.entries,
        }));
        let columns = if whole {
            Vec::new()
        } else {
            let mut columns = self.view.with_untracked(View::column_names);
            if !columns.iter().any(|c| c == "verdict") {
                columns.insert(0, "verdict".to_owned());
            }
            columns
        };
        self.ask(|generation| Request::Export {
            generation,
            search: found.search,
            export: number,
            format,
            columns,
        });
    }

    /// Stops it; nothing is saved.
    pub(crate) fn stop_export(self) {
        self.forget_export();
        self.ask(|generation| Request::StopExport { generation });
    }

    pub(super) fn forget_export(self) {
        self.exporting.set(None);
        self.pieces.set_value(Vec::new());
    }

    /// A piece has come; with the last one it is told how many entries could not be read again.
    pub(super) fn exported_came(
        self,
        export: u32,
        entries: u64,
        unread: Option<u64>,
        piece: Option<Blob>,
    ) {
        let Some(now) = self
            .exporting
            .get_untracked()
            .filter(|e| e.number == export)
        else {
            return;
        };
        self.pieces.update_value(|all| all.extend(piece));
        self.exporting.set(Some(Exporting { entries, ..now }));
        if let Some(unread) = unread {
            if unread > 0 {
                self.notify(
                    format!(
                        "{} could not be read again: the export tells only their verdict.",
                        format::counted(unread, "entry", "entries")
                    ),
                    true,
                );
            }
            let first = self
                .files
                .with_untracked(|files| files.first().map(|f| f.name.clone()));
            let source = first.unwrap_or_default();
            let saved = self
                .pieces
                .with_value(|all| save_export(&source, "entries", now.format, all.iter()));
            self.forget_export();
            match saved {
                Ok(name) => self.say(format!(
                    "{} exported to {name}",
                    format::counted(entries, "entry", "entries")
                )),
                Err(()) => self.notify("The browser did not save the export.", false),
            }
        }
    }

    pub(super) fn export_failed(self, export: u32, error: &ErrorView) {
        if self
            .exporting
            .with_untracked(|e| e.as_ref().is_some_and(|e| e.number == export))
        {
            self.forget_export();
            self.notify(
                format!(
                    "The export ended early and was not saved: {}.",
                    error.message
                ),
                false,
            );
        }
    }
}

/// Hands the pieces to the browser as one file, named after its source: `audit.db` gives `audit-entries.csv`.
pub(super) fn save_export<'p>(
    source: &str,
    what: &str,
    format: ExportFormat,
    pieces: impl Iterator<Item = &'p Blob>,
) -> Result<String, ()> {
    let (ending, kind) = match format {
        ExportFormat::Csv => ("csv", "text/csv;charset=utf-8"),
        ExportFormat::Jsonl => ("jsonl", "application/x-ndjson"),
        ExportFormat::Json => ("json", "application/json"),
    };
    let name = export_name(source, &format!("{what}.{ending}"));
    let parts: Array = pieces.collect();
    save(&parts, kind, &name)?;
    Ok(name)
}

/// Has the browser save these pieces, blobs or texts, as a file. A link of its own works from a disk as from a server.
pub(super) fn save(parts: &Array, kind: &str, name: &str) -> Result<(), ()> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_blob_sequence_and_options(parts, &options).map_err(|_| ())?;
    let address = Url::create_object_url_with_blob(&blob).map_err(|_| ())?;
    let link: HtmlAnchorElement = document()
        .create_element("a")
        .map_err(|_| ())?
        .dyn_into()
        .map_err(|_| ())?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The browser has begun to read it by then; a revoked address would end that.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        std::time::Duration::from_secs(60),
    );
    Ok(())
}

/// `audit.db` gives `audit-entries.csv`. Nothing of the name reaches the disk but what is harmless in any system.
pub(super) fn export_name(source: &str, ending: &str) -> String {
    let stem = source.rsplit_once('.').map_or(source, |(stem, _)| stem);
    let stem: String = stem
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(60)
        .collect();
    let stem = stem.trim_matches('.');
    let stem = if stem.is_empty() { "audit" } else { stem };
    format!("{stem}-{ending}")
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::export_name;

    #[test]
    fn a_file_is_named_after_its_source() {
        assert_eq!(
            export_name("audit-2026.db", "entries.csv"),
            "audit-2026-entries.csv"
        );
        assert_eq!(
            export_name("../..\u{202e}/x y.db", "entries.json"),
            "xy-entries.json"
        );
        assert_eq!(export_name("", "entries.jsonl"), "audit-entries.jsonl");
    }
}
