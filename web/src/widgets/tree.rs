//! A tree that folds, from nodes in document order.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;

use super::plain::plain;

/// What a node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Members with names.
    Object,
    /// Elements with numbers.
    Array,
    /// Text.
    Text,
    /// Anything else: the class to show it with.
    Other(&'static str),
}

/// One node; its children follow it with `depth + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// 0 at the top.
    pub(crate) depth: u32,
    /// Its name.
    pub(crate) key: String,
    /// What it holds.
    pub(crate) value: Value,
    /// A scalar's text.
    pub(crate) text: String,
    /// How many children it has.
    pub(crate) children: u32,
}

/// Lines rendered before the reader asks for more.
const PAGE: usize = 200;
/// Containers with more children than this start folded, and so do those deeper than `OPEN_DEPTH`.
const OPEN_CHILDREN: u32 = 40;
const OPEN_DEPTH: u32 = 3;
/// Texts longer than this, in bytes, scroll in a box of their own.
const LONG: usize = 600;
/// Deeper lines are not moved in any further.
const MAX_INDENT: u32 = 16;

/// Shows `nodes`. `label` names the tree for those who do not see it; `aside` is what stands beside a node.
#[component]
pub(crate) fn Tree<A, V>(nodes: Vec<Node>, #[prop(into)] label: String, aside: A) -> impl IntoView
where
    A: Fn(usize) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let aside = Arc::new(aside);
    let nodes = Arc::new(nodes);
    let folded = RwSignal::new(initially_folded(&nodes));
    let shown = RwSignal::new(PAGE);
    let lines = {
        let nodes = Arc::clone(&nodes);
        Memo::new(move |_| folded.with(|f| unfolded(&nodes, f)))
    };
    let rest = move || lines.with(Vec::len).saturating_sub(shown.get());
    view! {
        <div class="tree" role="tree" aria-label=label>
            <For
                each=move || {
                    let n = shown.get();
                    lines.with(|l| l.iter().take(n).copied().collect::<Vec<_>>())
                }
                key=|i| *i
                children=move |i| {
                    nodes.get(i).cloned().map(|node| line(node, i, folded, aside(i)))
                }
            />
            <Show when=move || { rest() > 0 }>
                <button
                    type="button"
                    class="quiet small"
                    on:click=move |_| shown.update(|n| *n += PAGE * 4)
                >
                    {move || format!("{} more lines", rest())}
                </button>
            </Show>
        </div>
    }
}

fn line(
    node: Node,
    index: usize,
    folded: RwSignal<BTreeSet<usize>>,
    aside: impl IntoView,
) -> impl IntoView {
    let Node {
        depth,
        key,
        value,
        text,
        children,
    } = node;
    let is_container = matches!(value, Value::Object | Value::Array);
    let can_fold = is_container && children > 0;
    let is_open = Memo::new(move |_| !folded.with(|f| f.contains(&index)));
    let toggle = move |_| {
        folded.update(|f| {
            if !f.remove(&index) {
                f.insert(index);
            }
        });
    };
    let (class, shown) = match value {
        Value::Object => ("tree-size", format!("{{{children}}}")),
        Value::Array => ("tree-size", format!("[{children}]")),
        Value::Text => ("tree-text", text),
        Value::Other(class) => (class, text),
    };
    let indent = depth.min(MAX_INDENT);
    let value = match value {
        Value::Text => {
            let is_long = shown.len() > LONG;
            view! { <span class=class class:long=is_long>"\"" {plain(shown)} "\""</span> }
                .into_any()
        }
        Value::Object | Value::Array | Value::Other(_) => {
            view! { <span class=class>{shown}</span> }.into_any()
        }
    };
    view! {
        <div
            class="tree-line"
            role="treeitem"
            attr:aria-level=depth + 1
            aria-expanded=move || can_fold.then(|| if is_open.get() { "true" } else { "false" })
            style:padding-inline-start=format!("{}px", indent * 14)
        >
            {if can_fold {
                view! {
                    <button type="button" class="tree-fold" on:click=toggle>
                        <span class="tree-mark" class:open=move || is_open.get() aria-hidden="true">
                            "▸"
                        </span>
                        <span class="tree-key">{plain(key)}</span>
                    </button>
                }
                    .into_any()
            } else {
                view! { <span class="tree-key leaf">{plain(key)}</span> }.into_any()
            }}
            " "
            {value}
            {aside}
        </div>
    }
}

fn initially_folded(nodes: &[Node]) -> BTreeSet<usize> {
    let big = |n: &Node| n.children > OPEN_CHILDREN || (n.children > 0 && n.depth >= OPEN_DEPTH);
    nodes
        .iter()
        .enumerate()
        .filter(|(_, n)| big(n))
        .map(|(i, _)| i)
        .collect()
}

/// The nodes that no folded one hides.
fn unfolded(nodes: &[Node], folded: &BTreeSet<usize>) -> Vec<usize> {
    let mut out = Vec::new();
    let mut hidden_below = None;
    for (i, node) in nodes.iter().enumerate() {
        if hidden_below.is_some_and(|depth| node.depth > depth) {
            continue;
        }
        hidden_below = folded.contains(&i).then_some(node.depth);
        out.push(i);
    }
    out
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn node(depth: u32, children: u32) -> Node {
        Node {
            depth,
            key: String::new(),
            value: Value::Object,
            text: String::new(),
            children,
        }
    }

    #[test]
    fn a_folded_node_hides_what_is_under_it_and_no_more() {
        let nodes = [
            node(0, 2),
            node(1, 1),
            node(2, 0),
            node(1, 0),
            node(0, 1),
            node(1, 0),
            node(0, 0),
        ];
        assert_eq!(unfolded(&nodes, &BTreeSet::new()), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(unfolded(&nodes, &BTreeSet::from([1])), [0, 1, 3, 4, 5, 6]);
        assert_eq!(unfolded(&nodes, &BTreeSet::from([0, 4])), [0, 4, 6]);
        assert_eq!(unfolded(&nodes, &BTreeSet::from([0, 1])), [0, 4, 5, 6]);
    }

    #[test]
    fn big_and_deep_containers_start_folded() {
        let nodes = [node(0, 41), node(0, 40), node(3, 1), node(3, 0)];
        assert_eq!(initially_folded(&nodes), BTreeSet::from([0, 2]));
    }
}
