//! The fields of an entry: those that the checksum covers, those that it does not, and the details as a tree.

use auditglass::{EntryView, FieldView, TreeNode, ValueKind};
use leptos::prelude::*;

use super::actions::{Actions, actions};
use super::terms;
use crate::format;
use crate::state::Viewer;
use crate::widgets::{Node, Tree, Value, plain};

/// All fields but the details.
pub(super) fn fields(viewer: Viewer, entry: &EntryView) -> impl IntoView + use<> {
    let list = |hashed: bool| -> Vec<_> {
        entry
            .fields
            .iter()
            .filter(|f| f.hashed == hashed)
            .cloned()
            .map(|f| field(viewer, f))
            .collect()
    };
    let (covered, others) = (list(true), list(false));
    view! {
        <h3>"Fields"</h3>
        <dl class="fields">{covered}</dl>
        {(!others.is_empty())
            .then(|| {
                view! {
                    <h3>"Not covered by the checksum"</h3>
                    <dl class="fields uncovered">{others}</dl>
                }
            })}
    }
}

fn field(viewer: Viewer, field: FieldView) -> impl IntoView {
    let FieldView {
        name,
        kind,
        text,
        hashed,
    } = field;
    // Only what every entry has can be asked for.
    let term = hashed.then(|| terms::term(&name, kind, &text)).flatten();
    let act = actions(
        viewer,
        Actions {
            term,
            path: None,
            label: name.clone(),
        },
    );
    let value = match kind {
        ValueKind::Missing => view! { <span class="absent">"missing"</span> }.into_any(),
        ValueKind::Null => view! { <span class="absent">"null"</span> }.into_any(),
        ValueKind::Text if text.is_empty() => {
            view! { <span class="absent">"empty text"</span> }.into_any()
        }
        ValueKind::Text => plain(text).into_any(),
        ValueKind::Bytes => view! {
            <code>{text}</code>
            " "
            <span class="absent">"bytes"</span>
        }
        .into_any(),
        ValueKind::Bool | ValueKind::Number | ValueKind::Object | ValueKind::Array => {
            view! { <code>{text}</code> }.into_any()
        }
    };
    view! {
        <div>
            <dt>
                {plain(name)}
            </dt>
            <dd>{value}</dd>
            {act}
        </div>
    }
}

/// The details, or what stands in their place.
pub(super) fn details(viewer: Viewer, entry: &EntryView) -> impl IntoView + use<> {
    let body = if let Some(raw) = entry.details_raw.clone() {
        view! {
            <p class="dim">"They are no JSON. As they stand in the source:"</p>
            <pre tabindex="0" data-testid="details-raw">
                {raw}
            </pre>
        }
        .into_any()
    } else if entry.details.is_empty() {
        view! { <p class="dim">"There are none."</p> }.into_any()
    } else {
        let nodes = entry.details.iter().map(node).collect();
        let omitted = entry.details_omitted;
        let paths = terms::paths(&entry.details);
        let known: Vec<_> = entry
            .details
            .iter()
            .zip(paths)
            .map(|(node, path)| Actions {
                term: path
                    .as_ref()
                    .and_then(|p| terms::term(p, node.kind, &node.text)),
                label: node.key.clone(),
                path,
            })
            .collect();
        view! {
            <Tree
                nodes=nodes
                label="Details"
                aside=move |i| known.get(i).cloned().map(|a| actions(viewer, a))
            />
            {(omitted > 0)
                .then(|| {
                    let text = format!(
                        "{} more are not shown here; the exact bytes below hold them all.",
                        format::counted(omitted, "value", "values"),
                    );
                    view! { <p class="dim">{text}</p> }
                })}
        }
        .into_any()
    };
    view! {
        <h3>"Details"</h3>
        {body}
    }
}

fn node(node: &TreeNode) -> Node {
    let value = match node.kind {
        ValueKind::Object => Value::Object,
        ValueKind::Array => Value::Array,
        ValueKind::Text => Value::Text,
        ValueKind::Number => Value::Other("tree-number"),
        ValueKind::Bool | ValueKind::Null | ValueKind::Missing | ValueKind::Bytes => {
            Value::Other("tree-word")
        }
    };
    let TreeNode {
        depth,
        key,
        text,
        children,
        ..
    } = node.clone();
    Node {
        depth,
        key,
        value,
        text,
        children,
    }
}
