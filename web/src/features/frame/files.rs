//! The list of files: what each is, how long, what became of its bytes, its digest, the parts in it.

use auditglass::{Accounting, SourceView};
use leptos::prelude::*;

use super::header::pending;
use crate::format;
use crate::state::{Digest, FileInfo, Viewer};
use crate::widgets::CopyButton;

/// All files of the case, companions included.
#[component]
pub(crate) fn Files() -> impl IntoView {
    let viewer = Viewer::here();
    let count = Memo::new(move |_| viewer.files.with(Vec::len));
    view! {
        <section class="files" aria-label="Files">
            <h3>"Files" <span>{move || count.get()}</span></h3>
            <For
                each=move || 0..count.get()
                key=|i| *i
                children=move |i| file_view(viewer, i)
            />
        </section>
    }
}

fn file_view(viewer: Viewer, index: usize) -> impl IntoView {
    let file = Memo::new(move |_| viewer.files.with(|f| f.get(index).cloned()));
    let about = Memo::new(move |_| viewer.opened.with(|o| about(&o.as_ref()?.sources, index)));
    let accounting = Memo::new(move |_| {
        viewer.opened.with(|o| {
            let source = o
                .as_ref()?
                .sources
                .iter()
                .find(|s| s.input as usize == index)?;
            source.accounting.clone().filter(|_| source.error.is_none())
        })
    });
    view! {
        <div class="file-item">
            <div class="file-name">
                <bdi>{move || file.get().map(|f| f.name)}</bdi>
            </div>
            <div class="file-about">
                {move || file.get().map(|f| format::bytes(f.bytes))}
                {move || about.get().map(|text| format!(" · {text}"))}
            </div>
            {move || accounting.get().map(|a| accounted(&a))}
            {move || file.get().map(|f| digest(&f))}
        </div>
    }
}

fn digest(file: &FileInfo) -> AnyView {
    match &file.sha256 {
        Digest::Ready(hex) => {
            let text = hex.clone();
            view! {
                <div class="file-digest">
                    <code>{hex.clone()}</code>
                    <CopyButton label="Copy the file's SHA-256" text=move || text.clone() />
                </div>
            }
            .into_any()
        }
        Digest::Pending(done) => view! {
            <div class="file-digest dim">{format!("SHA-256 {}", pending(*done, file.bytes))}</div>
        }
        .into_any(),
        Digest::Failed(why) => view! {
            <div class="file-digest dim">{format!("SHA-256 not available: {why}")}</div>
        }
        .into_any(),
    }
}

/// How many bytes were examined, and what was not, as a bar with its line.
fn accounted(accounting: &Accounting) -> impl IntoView + use<> {
    let left_out = accounting.unexamined() + accounting.packed_unexamined();
    if left_out == 0 {
        return view! { <div class="file-about">"Every byte examined"</div> }.into_any();
    }
    let items: Vec<_> = accounting
        .unexamined
        .iter()
        .map(|u| format!("{} {}", format::bytes(u.bytes), u.message))
        .collect();
    let shown = match items.get(..3) {
        Some(first) if items.len() > 3 => format!("{} and more", first.join(", ")),
        _ => items.join(", "),
    };
    let (examined, total) = (
        accounting.examined.to_string(),
        accounting.total().to_string(),
    );
    view! {
        <div class="file-about" title=items.join("\n")>
            <meter
                class="file-examined"
                aria-label="Bytes examined"
                min="0"
                max=total
                value=examined
            ></meter>
            {format!(
                "{} examined, {} not: {shown}",
                format::bytes(accounting.examined),
                format::bytes(left_out),
            )}
        </div>
    }
    .into_any()
}

/// What is known of a file from the case: it is a source, or it was read along with one.
fn about(sources: &[SourceView], file: usize) -> Option<String> {
    let is_it = |input: u32| input as usize == file;
    if let Some(source) = sources.iter().find(|s| is_it(s.input)) {
        if source.error.is_some() {
            let over = if source.is_passed_over {
                ", passed over"
            } else {
                ""
            };
            return Some(format!("not an audit log{over}"));
        }
        let kind = match source.kind.as_str() {
            "csv" => "CSV",
            "json-array" => "JSON array",
            "json-object" => "JSON object",
            "json-lines" => "JSON Lines",
            "json-sequence" => "JSON values",
            "sqlite" => "SQLite",
            "sql-dump" => "SQL dump",
            other => other,
        };
        let entries = format::counted(source.entries, "entry", "entries");
        let parts: Vec<_> = source.parts.iter().map(|p| p.name.as_str()).collect();
        let parts = if parts.is_empty() {
            String::new()
        } else {
            format!(" in {}", parts.join(", "))
        };
        return Some(format!("{kind} · {entries}{parts}"));
    }
    let owner = sources
        .iter()
        .find(|s| s.companions.iter().any(|c| is_it(c.input)))?;
    Some(format!("read with {}", owner.name))
}
