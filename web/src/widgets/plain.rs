//! Text from outside, shown so that it cannot pretend to be another text: isolated from the direction of what stands
//! around it, with the characters that cannot be seen, or that turn the direction, shown by their code, and letters of
//! other scripts in a Latin word marked and named by theirs.

use leptos::prelude::*;

/// Shows `text` as it is, never as markup.
pub(crate) fn plain(text: String) -> impl IntoView {
    // Most texts are plain by their bytes: nothing but what ASCII prints.
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) && !text.starts_with(' ') {
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
            Piece::Foreign(c) => view! {
                <span
                    class="foreign-character"
                    title=format!(
                        "U+{:04X}: a letter of another script in a Latin word; it may only look like the usual one",
                        u32::from(c),
                    )
                >
                    {c.to_string()}
                    <span class="foreign-code">{format!("{:04X}", u32::from(c))}</span>
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
    Foreign(char),
}

fn split(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    // A text of nothing but blanks would not be seen at all.
    let is_blank = text.trim().is_empty();
    // Where the word ends that was looked at last, and whether it is a Latin one.
    let (mut word_end, mut is_latin) = (0, false);
    for (at, c) in text.char_indices() {
        if at >= word_end && c.is_alphanumeric() {
            let word = &text[at..];
            let length = word.find(|c: char| !c.is_alphanumeric());
            word_end = at + length.unwrap_or(word.len());
            is_latin = text[at..word_end].contains(|c: char| c.is_ascii_alphabetic());
        }
        let piece = if is_blank || is_hidden(c) {
            Piece::Hidden(c)
        } else if at < word_end && is_latin && is_foreign(c) {
            Piece::Foreign(c)
        } else {
            continue;
        };
        if start < at {
            out.push(Piece::Text(&text[start..at]));
        }
        out.push(piece);
        start = at + c.len_utf8();
    }
    if start < text.len() {
        out.push(Piece::Text(&text[start..]));
    }
    out
}

/// Letters of scripts, and forms of letters, that hold look-alikes of Latin ones: Greek, Cyrillic, Armenian, Cherokee,
/// Lisu, phonetic signs, full-width and mathematical letters, and some single ones (Unicode Technical Standard 39).
fn is_foreign(c: char) -> bool {
    matches!(c,
        'ı' | 'ǀ'..='ǃ' | '\u{250}'..='\u{2af}' | '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}'
        | '\u{531}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1d00}'..='\u{1d7f}' | '\u{2100}'..='\u{214f}'
        | '\u{2160}'..='\u{217f}' | '\u{2c80}'..='\u{2cff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{ab70}'..='\u{abbf}'
        | '\u{ff10}'..='\u{ff5a}' | '\u{10400}'..='\u{1044f}' | '\u{1d400}'..='\u{1d7ff}')
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
        assert_eq!(split("\n "), [Hidden('\n'), Hidden(' ')]);
        assert_eq!(split("a\0"), [Text("a"), Hidden('\0')]);
    }

    #[test]
    fn a_letter_that_only_looks_latin_is_named() {
        use Piece::{Foreign, Text};
        assert_eq!(
            split("p\u{430}ypal x"),
            [Text("p"), Foreign('\u{430}'), Text("ypal x")]
        );
        assert_eq!(
            split("svc-\u{ff41}b"),
            [Text("svc-"), Foreign('ａ'), Text("b")]
        );
    }

    #[test]
    fn ordinary_text_in_any_script_is_left_alone() {
        for text in [
            "Zoë Müller",
            "山田太郎",
            "שלום",
            "анна.петрова",
            "model-анна x",
            "лот №5",
            "Qualitätsprüfung straße",
            "line 1\n\tline 2",
            "👩\u{200d}🔬",
            "نمی\u{200c}خواهم",
            "",
        ] {
            let pieces = split(text);
            assert!(matches!(pieces[..], [] | [Piece::Text(_)]), "{pieces:?}");
        }
    }
}
