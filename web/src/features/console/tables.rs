//! The tables of the database with their columns, at the side: press a name to have it in the query.

use std::sync::Arc;

use auditglass::SqlTable;
use leptos::html::Textarea;
use leptos::prelude::*;

use crate::state::Viewer;
use crate::widgets::{plain, prose};

/// The list.
#[component]
pub(super) fn Tables(editor: NodeRef<Textarea>) -> impl IntoView {
    let viewer = Viewer::here();
    let console = viewer.console;
    let body = move || {
        let source = console.source.get().0;
        match console.tables.with(|all| all.get(&source).cloned()) {
            None => view! { <p class="fine">"The tables are being read…"</p> }.into_any(),
            Some(Err(message)) => view! {
                <p class="fine">{prose(&format!("The tables cannot be listed: {message}."))}</p>
            }
            .into_any(),
            Some(Ok(tables)) => lists(viewer, editor, &tables).into_any(),
        }
    };
    view! {
        <nav class="console-tables" aria-label="Tables" data-testid="sql-tables">
            {body}
        </nav>
    }
}

fn lists(viewer: Viewer, editor: NodeRef<Textarea>, tables: &Arc<[SqlTable]>) -> impl IntoView {
    let is_only = tables.len() == 1;
    tables
        .iter()
        .enumerate()
        .map(|(i, table)| {
            let columns: Vec<_> = table
                .columns
                .iter()
                .map(|column| {
                    let title = match column.declared.as_str() {
                        "" => "Put the column into the query".to_owned(),
                        declared => format!("Declared {declared}; put it into the query"),
                    };
                    view! {
                        <li>{name(viewer, editor, &column.name, &column.term, title)}</li>
                    }
                })
                .collect();
            let what = if table.is_view { "view" } else { "table" };
            let title = format!("Put the {what} into the query");
            view! {
                <details open=is_only || i == 0>
                    <summary>
                        {name(viewer, editor, &table.name, &table.term, title)}
                        {table.is_view.then(|| view! { <span class="fine">"view"</span> })}
                    </summary>
                    <ul>{columns}</ul>
                </details>
            }
        })
        .collect::<Vec<_>>()
}

fn name(
    viewer: Viewer,
    editor: NodeRef<Textarea>,
    name: &str,
    term: &str,
    title: String,
) -> impl IntoView + use<> {
    let term = term.to_owned();
    view! {
        <button
            type="button"
            class="quiet small mono"
            title=title
            data-testid="sql-name"
            disabled=term.is_empty()
            on:click=move |event| {
                // The list stays folded as it is.
                event.prevent_default();
                insert(viewer, editor, &term);
            }
        >
            {plain(name.to_owned())}
        </button>
    }
}

/// Puts a name where the cursor is, in place of what is selected.
fn insert(viewer: Viewer, editor: NodeRef<Textarea>, term: &str) {
    let Some(editor) = editor.get_untracked() else {
        return;
    };
    let start = editor.selection_start().ok().flatten().unwrap_or_default();
    // It fails for no element that is there.
    let _ = editor.set_range_text(term);
    let end = start + u32::try_from(term.encode_utf16().count()).unwrap_or_default();
    let _ = editor.set_selection_range(end, end);
    let _ = editor.focus();
    viewer.console.type_query(editor.value());
}
