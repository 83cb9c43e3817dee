//! Text from outside, shown so that it cannot pretend to be another text: isolated from the direction of what stands
//! around it, with the characters that cannot be seen, or that turn the direction, shown by their code.

use leptos::prelude::*;

/// Shows `text` as it is, never as markup.
pub(crate) fn plain(text: String) -> impl IntoView {
    if !text.contains(is_hidden) {
        return view! { <bdi>{text}</bdi> }.into_any();
    }
    let pieces: Vec<_> = split(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Hidden(c) => view! {
                <span class="hidden-character" title="A character that cannot be seen">
                    {format!("U+{:04X}", u32::from(c))}
                </span>
            }
            .into_any(),
        })
        .collect();
    view! { <bdi>{pieces}</bdi> }.into_any()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Hidden(char),
}

fn split(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| is_hidden(*c)) {
        if start < at {
            out.push(Piece::Text(&text[start..at]));
        }
        out.push(Piece::Hidden(c));
        start = at + c.len_utf8();
    }
    if start < text.len() {
        out.push(Piece::Text(&text[start..]));
    }
    out
}

/// Control characters but for line breaks and tabs; marks, embeddings, overrides and isolates of direction; characters
/// without width, but for the two joiners that scripts and emoji need.
fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' => true,
        '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn what_turns_the_direction_is_taken_out_and_named() {
        use Piece::{Hidden, Text};
        assert_eq!(
            split("\u{202e}evil\u{2066} x"),
            [
                Hidden('\u{202e}'),
                Text("evil"),
                Hidden('\u{2066}'),
                Text(" x")
            ]
        );
        assert_eq!(split("a\0"), [Text("a"), Hidden('\0')]);
    }

    #[test]
    fn ordinary_text_in_any_script_is_left_alone() {
        for text in [
            "Zoë Müller",
            "山田太郎",
            "שלום",
            "line 1\n\tline 2",
            "👩\u{200d}🔬",
            "نمی\u{200c}خواهم",
        ] {
            assert!(!text.contains(is_hidden), "{text}");
        }
    }
}
