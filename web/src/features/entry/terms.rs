//! From a value in the panel to the condition that it meets. Pure.

use auditglass::query::{self, Step};
use auditglass::{TreeNode, ValueKind};

/// Longer texts are shown cut, so that nothing can be found by them.
const LONGEST: usize = 1_000;

/// The condition that a field or a details path has this value; nothing where that cannot be said in a line.
pub(super) fn term(field: &str, kind: ValueKind, text: &str) -> Option<String> {
    match kind {
        ValueKind::Text if text.chars().nth(LONGEST).is_none() => {
            Some(query::term_of_text(field, text))
        }
        ValueKind::Number | ValueKind::Bool if text.len() <= LONGEST => {
            Some(format!("{field}={text}"))
        }
        ValueKind::Null if field.starts_with("details") => Some(format!("{field}=null")),
        _ => None,
    }
}

/// The path of each node of the details; nothing where a key is shown cut.
pub(super) fn paths(nodes: &[TreeNode]) -> Vec<Option<String>> {
    let outermost = nodes.iter().filter(|n| n.depth == 0);
    let is_list = outermost
        .enumerate()
        .all(|(i, n)| n.key == format!("[{i}]"));
    // The steps to the node before, and for each of its containers whether it is an array.
    let mut steps: Vec<Option<Step>> = Vec::new();
    let mut arrays: Vec<bool> = Vec::new();
    nodes
        .iter()
        .map(|node| {
            let depth = node.depth as usize;
            steps.truncate(depth);
            arrays.truncate(depth);
            let in_array = arrays.last().copied().unwrap_or(is_list);
            steps.push(step(&node.key, in_array));
            arrays.push(node.kind == ValueKind::Array);
            let whole: Option<Vec<Step>> = steps.iter().cloned().collect();
            whole.map(query::details_path)
        })
        .collect()
}

fn step(key: &str, in_array: bool) -> Option<Step> {
    if in_array {
        let digits = key.strip_prefix('[')?.strip_suffix(']')?;
        return Some(Step::Index(digits.parse().ok()?));
    }
    let is_cut = key.ends_with('…') || key.chars().nth(LONGEST).is_some();
    (!is_cut).then(|| Step::Key(key.to_owned()))
}

/// The first scalar in the details that names a request: `request_id`, `requestId`, `x-request-id`.
pub(super) fn request(nodes: &[TreeNode]) -> Option<String> {
    let paths = paths(nodes);
    nodes.iter().zip(paths).find_map(|(node, path)| {
        let key = node.key.to_lowercase();
        (key.contains("request") && key.contains("id"))
            .then(|| term(&path?, node.kind, &node.text))
            .flatten()
            .filter(|_| matches!(node.kind, ValueKind::Text | ValueKind::Number))
    })
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn node(depth: u32, key: &str, kind: ValueKind, text: &str) -> TreeNode {
        TreeNode {
            depth,
            key: key.to_owned(),
            kind,
            text: text.to_owned(),
            children: 0,
        }
    }

    #[test]
    fn a_value_becomes_its_condition() {
        let text = |t: &str| term("actor", ValueKind::Text, t).unwrap();
        assert_eq!(text("svc-scoring"), "actor:svc-scoring");
        assert_eq!(text("Zoë Müller"), r#"actor:"Zoë Müller""#);
        assert_eq!(text("1.0"), r#"actor:"1.0""#);
        assert_eq!(text("true"), r#"actor:"true""#);
        let number = term("details.n", ValueKind::Number, "1.5").unwrap();
        assert_eq!(number, "details.n=1.5");
        assert_eq!(term("details.o", ValueKind::Object, ""), None);
        assert_eq!(term("actor", ValueKind::Text, &"x".repeat(1_001)), None);
        for term in [
            text("a\"b\\c"),
            text(""),
            text("x*"),
            text("-x"),
            text("OR"),
            number,
        ] {
            assert!(query::Filter::parse(&term).is_ok(), "{term}");
        }
    }

    #[test]
    fn every_node_has_its_path() {
        use ValueKind::{Array, Number, Object, Text};
        let nodes = [
            node(0, "model", Object, ""),
            node(1, "odd key", Text, "x"),
            node(0, "top", Array, ""),
            node(1, "[0]", Number, "1"),
            node(1, "[1]", Object, ""),
            node(2, "[2]", Text, "a key like an index"),
            node(0, "request_id", Text, "r 1"),
        ];
        let paths: Vec<_> = paths(&nodes).into_iter().flatten().collect();
        assert_eq!(
            paths,
            [
                "details.model",
                r#"details.model."odd key""#,
                "details.top",
                "details.top[0]",
                "details.top[1]",
                r#"details.top[1]."[2]""#,
                "details.request_id",
            ]
        );
        assert_eq!(
            request(&nodes).as_deref(),
            Some(r#"details.request_id:"r 1""#)
        );
    }
}
