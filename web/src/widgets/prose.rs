//! Sentences in which back quotes mark code, as the engine writes them. The text itself is never read as markup.

use leptos::prelude::*;

/// Shows `text`, isolated from the direction of what stands around it.
pub(crate) fn prose(text: &str) -> impl IntoView + use<> {
    let pieces: Vec<_> = split(text)
        .into_iter()
        .map(|(is_code, piece)| {
            let piece = piece.to_owned();
            if is_code {
                view! { <code>{piece}</code> }.into_any()
            } else {
                piece.into_any()
            }
        })
        .collect();
    view! { <bdi>{pieces}</bdi> }
}

/// The pieces of a text and whether each stood between back quotes; one without a partner is text.
fn split(text: &str) -> Vec<(bool, &str)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else {
            break;
        };
        if !before.is_empty() {
            out.push((false, before));
        }
        if !code.is_empty() {
            out.push((true, code));
        }
        rest = after;
    }
    if !rest.is_empty() {
        out.push((false, rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::split;

    #[test]
    fn back_quotes_come_in_pairs() {
        assert_eq!(
            split("`details` is not `JSON`."),
            [
                (true, "details"),
                (false, " is not "),
                (true, "JSON"),
                (false, ".")
            ]
        );
        assert_eq!(split("a ` b"), [(false, "a ` b")]);
        assert_eq!(split("`a` ` <b>"), [(true, "a"), (false, " ` <b>")]);
        assert_eq!(split("``"), []);
        assert_eq!(split(""), []);
    }
}
