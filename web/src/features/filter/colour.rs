//! What the parts of a filter look like while it is typed. It guides the eye and decides nothing: the engine alone reads
//! a filter.

/// How a part is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// As text.
    Plain,
    /// A field with its operator.
    Field,
    /// `OR`, `AND`, `NOT`, a minus, parentheses.
    Word,
    /// Between quotes or slashes.
    Quoted,
}

impl Ink {
    /// The class that shows it.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "ink-plain",
            Self::Field => "ink-field",
            Self::Word => "ink-word",
            Self::Quoted => "ink-quoted",
        }
    }
}

/// The parts of `text`, end to end.
pub(super) fn parts(text: &str) -> Vec<(Ink, &str)> {
    let mut out = Vec::new();
    let mut rest = text;
    let (mut at_start, mut is_value) = (true, false);
    while let Some(first) = rest.chars().next() {
        let (ink, length) = match first {
            '"' => (Ink::Quoted, quoted(rest, '"')),
            '/' if at_start || is_value => (Ink::Quoted, quoted(rest, '/')),
            '(' | ')' => (Ink::Word, 1),
            '-' if at_start => (Ink::Word, 1),
            c if c.is_whitespace() => (Ink::Plain, c.len_utf8()),
            _ => word(rest, at_start),
        };
        let (head, tail) = rest.split_at(length);
        at_start = first.is_whitespace() || matches!(first, '(' | '-');
        is_value = ink == Ink::Field;
        out.push((ink, head));
        rest = tail;
    }
    out
}

fn quoted(text: &str, end: char) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            c if c == end && !escaped => return i + c.len_utf8(),
            _ => escaped = false,
        }
    }
    text.len()
}

fn word(text: &str, at_start: bool) -> (Ink, usize) {
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'))
        .unwrap_or(text.len())
        .max(text.chars().next().map_or(0, char::len_utf8));
    let word = &text[..end];
    if matches!(word, "OR" | "AND" | "NOT") {
        return (Ink::Word, end);
    }
    if at_start && let Some(operator) = word.find([':', '<', '>', '=', '~']) {
        let length = word[operator..]
            .find(|c| !matches!(c, ':' | '<' | '>' | '=' | '~' | '!'))
            .map_or(end, |n| operator + n);
        return (Ink::Field, length);
    }
    (Ink::Plain, end)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_parts_of_a_filter() {
        use Ink::{Field, Plain, Quoted, Word};
        assert_eq!(
            parts(r#"actor:"Zoë M" -details.a>=0.5 OR x"#),
            [
                (Field, "actor:"),
                (Quoted, "\"Zoë M\""),
                (Plain, " "),
                (Word, "-"),
                (Field, "details.a>="),
                (Plain, "0.5"),
                (Plain, " "),
                (Word, "OR"),
                (Plain, " "),
                (Plain, "x"),
            ]
        );
        assert_eq!(
            parts("before:2026-01-01T12:00 id:/a b/"),
            [
                (Field, "before:"),
                (Plain, "2026-01-01T12:00"),
                (Plain, " "),
                (Field, "id:"),
                (Quoted, "/a b/"),
            ]
        );
    }

    #[test]
    fn nothing_is_lost_whatever_is_typed() {
        for text in ["", "\"", "/a\\/b", "a:b:c", "((-", "é:ü", ":", "a\u{a0}b\\"] {
            let whole: String = parts(text).into_iter().map(|(_, p)| p).collect();
            assert_eq!(whole, text);
        }
    }
}
