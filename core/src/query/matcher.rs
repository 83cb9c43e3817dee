//! A text that is looked for, made ready: built once, held against many texts.

use std::borrow::Cow;

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use super::text::{Form, Piece, Text};

/// Bytes that a compiled regular expression may take, and again while it runs.
const REGEX_BYTES: usize = 1 << 20;

/// A text that is looked for.
///
/// What is held against it is generalised UTF-8; what is no character in it counts as U+FFFD.
pub(crate) struct Matcher {
    form: Ready,
    any_case: bool,
}

enum Ready {
    Pattern(Box<Pattern>),
    Regex(Box<Regex>),
}

impl Matcher {
    /// Makes a text ready.
    ///
    /// # Errors
    ///
    /// Why a regular expression cannot be understood, or would take too much memory.
    pub(crate) fn new(text: &Text) -> Result<Self, String> {
        let form = match &text.form {
            Form::Pattern(pieces) => Ready::Pattern(Box::new(Pattern::new(pieces, text.any_case))),
            Form::Regex(source) => Ready::Regex(Box::new(
                RegexBuilder::new(source)
                    .case_insensitive(text.any_case)
                    .size_limit(REGEX_BYTES)
                    .dfa_size_limit(REGEX_BYTES)
                    .build()
                    .map_err(|e| reason(&e))?,
            )),
        };
        Ok(Self {
            form,
            any_case: text.any_case,
        })
    }

    /// Whether a text is what is looked for; for a regular expression, whether it occurs in it.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        match &self.form {
            Ready::Pattern(pattern) if self.any_case => pattern.is(&lower(text)),
            Ready::Pattern(pattern) if pattern.has_replacement => pattern.is(&characters(text)),
            Ready::Pattern(pattern) => pattern.is(text),
            Ready::Regex(regex) => regex.is_match(&characters(text)),
        }
    }

    /// Whether it occurs in a text.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        match &self.form {
            Ready::Pattern(pattern) if self.any_case => pattern.is_in(&lower(text)),
            Ready::Pattern(pattern) if pattern.has_replacement => pattern.is_in(&characters(text)),
            Ready::Pattern(pattern) => pattern.is_in(text),
            Ready::Regex(regex) => regex.is_match(&characters(text)),
        }
    }

    /// Whether it occurs in a key or a value of a JSON text, where that can be told without reading the JSON.
    pub(crate) fn is_in_json(&self, json: &[u8]) -> Option<bool> {
        let Ready::Pattern(pattern) = &self.form else {
            return None;
        };
        // With no escape, a text of the JSON stands in it as it is, and one without blanks and signs of JSON stands in
        // one key or value.
        let needle = pattern.single.as_ref()?;
        if memchr::memchr(b'\\', json).is_some() || pattern.has_replacement {
            return None;
        }
        let is_in = if self.any_case {
            needle.find(&lower(json)).is_some()
        } else {
            needle.find(json).is_some()
        };
        if is_in && !pattern.is_inside_one_token {
            return None;
        }
        Some(is_in)
    }

    /// The one text that fits, if there is only one.
    pub(crate) fn only(&self) -> Option<&[u8]> {
        match &self.form {
            Ready::Pattern(pattern) if !self.any_case && !pattern.has_replacement => {
                match &pattern.segments[..] {
                    [segment] => match &segment[..] {
                        [] => Some(b""),
                        [Part::Text(finder)] => Some(finder.needle()),
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The last line of what `regex` says, which is the reason; before it, it repeats the expression.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it would take too much memory".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

/// Texts between wildcards.
struct Pattern {
    /// What stands between stars.
    segments: Vec<Vec<Part>>,
    /// The text, where that is all.
    single: Option<Finder<'static>>,
    /// Whether the text cannot reach from one key or value of a JSON text into the next.
    is_inside_one_token: bool,
    /// Whether U+FFFD is looked for, which stands for whatever is no character.
    has_replacement: bool,
}

enum Part {
    Text(Box<Finder<'static>>),
    One,
}

impl Pattern {
    fn new(pieces: &[Piece], any_case: bool) -> Self {
        let mut segments = vec![Vec::new()];
        let mut single = None;
        for piece in pieces {
            match piece {
                Piece::Any => segments.push(Vec::new()),
                Piece::One => segments
                    .last_mut()
                    .into_iter()
                    .for_each(|s| s.push(Part::One)),
                Piece::Text(text) => {
                    let bytes = if any_case {
                        lower(text.as_bytes()).into_owned()
                    } else {
                        text.clone().into_bytes()
                    };
                    let finder = Finder::new(&bytes).into_owned();
                    if pieces.len() == 1 {
                        single = Some(finder.clone());
                    }
                    segments
                        .last_mut()
                        .into_iter()
                        .for_each(|s| s.push(Part::Text(Box::new(finder.clone()))));
                }
            }
        }
        let all = || {
            pieces.iter().filter_map(|p| match p {
                Piece::Text(text) => Some(text),
                _ => None,
            })
        };
        Self {
            is_inside_one_token: all().all(|t| {
                !t.contains(|c: char| {
                    c.is_ascii_whitespace() || c.is_control() || "\"{}[]:,".contains(c)
                })
            }),
            has_replacement: all().any(|t| t.contains('\u{FFFD}')),
            segments,
            single,
        }
    }

    fn is(&self, text: &[u8]) -> bool {
        let [first, middle @ .., last] = &self.segments[..] else {
            return match &self.segments[..] {
                [only] => prefix(only, text) == Some(text.len()),
                _ => false,
            };
        };
        let Some(from) = prefix(first, text) else {
            return false;
        };
        let Some(to) = suffix(last, text) else {
            return false;
        };
        // The leftmost place of each text leaves most room for the next ones.
        text.get(from..to)
            .is_some_and(|rest| in_order(middle.iter(), rest))
    }

    fn is_in(&self, text: &[u8]) -> bool {
        in_order(self.segments.iter(), text)
    }
}

fn in_order<'s>(segments: impl Iterator<Item = &'s Vec<Part>>, mut text: &[u8]) -> bool {
    for segment in segments {
        match find(segment, text) {
            Some(end) => text = &text[end..],
            None => return false,
        }
    }
    true
}

/// Where the segment ends that `text` begins with.
fn prefix(segment: &[Part], text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for part in segment {
        at += match part {
            Part::Text(finder) => text[at..]
                .starts_with(finder.needle())
                .then(|| finder.needle().len())?,
            Part::One => width(*text.get(at)?).min(text.len() - at),
        };
    }
    Some(at)
}

/// Where the segment begins that `text` ends with.
fn suffix(segment: &[Part], text: &[u8]) -> Option<usize> {
    let mut at = text.len();
    for part in segment.iter().rev() {
        match part {
            Part::Text(finder) => {
                at = text[..at].strip_suffix(finder.needle())?.len();
            }
            Part::One => {
                at = at.checked_sub(1)?;
                while at > 0 && text[at] & 0xC0 == 0x80 {
                    at -= 1;
                }
            }
        }
    }
    Some(at)
}

/// Where the first occurrence of the segment ends.
fn find(segment: &[Part], text: &[u8]) -> Option<usize> {
    let mut from = 0;
    match segment {
        [] => Some(0),
        [Part::Text(finder), rest @ ..] => loop {
            let at = from + finder.find(&text[from..])?;
            let behind = at + finder.needle().len();
            if let Some(end) = prefix(rest, &text[behind..]) {
                return Some(behind + end);
            }
            from = at + 1;
        },
        [Part::One, ..] => loop {
            if let Some(end) = prefix(segment, &text[from..]) {
                return Some(from + end);
            }
            from += width(*text.get(from)?);
            if from > text.len() {
                return None;
            }
        },
    }
}

/// Bytes of the character that begins with this one.
fn width(lead: u8) -> usize {
    match lead {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

/// Characters alone: what is none becomes U+FFFD.
fn characters(text: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// In lower case, character by character, so that what follows or precedes one makes no difference.
fn lower(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return if text.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let text = String::from_utf8_lossy(text);
    let lower: String = text.chars().flat_map(char::to_lowercase).collect();
    Cow::Owned(lower.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::cursor::Cursor;
    use crate::query::value;

    fn matcher(typed: &str) -> Matcher {
        let mut cursor = Cursor { text: typed, at: 0 };
        let value = value::read(&mut cursor).expect("a value");
        Matcher::new(&value.text).expect("it is understood")
    }

    #[test]
    fn wildcards_stand_for_characters() {
        let is = |typed: &str, text: &str| matcher(typed).is(text.as_bytes());
        assert!(
            is("a*", "abc")
                && is("*c", "abc")
                && is("a*c", "ac")
                && is("*", "")
                && is("*b*", "abc")
        );
        assert!(
            !is("a*", "xabc")
                && !is("a*bc*c", "abc")
                && is("a*bc*c", "abcc")
                && !is("ab*bc", "abc")
        );
        assert!(
            is("?", "é") && is("?", "😀") && !is("?", "") && !is("?", "ab") && is("a?c*", "aéc")
        );
        assert!(is("*?", "ab") && !is("*?", "") && is("?*?", "ab") && !is("?*?", "a"));
        assert!(is("**a**", "a") && is("*a*b*a*", "xaybza") && !is("*a*b*a*", "xaybz"));
        assert!(is("\\*", "*") && !is("\\*", "x") && is("\"*\"", "*"));
        assert!(
            is("~ZOË", "zoë")
                && is("~k", "\u{212A}")
                && !is("ZOË", "zoë")
                && is("~straße", "STRAßE")
        );
    }

    #[test]
    fn a_part_of_a_text_is_found() {
        let is_in = |typed: &str, text: &str| matcher(typed).is_in(text.as_bytes());
        assert!(
            is_in("b", "abc")
                && is_in("a?c", "xabcx")
                && is_in("a*c", "xaxxcx")
                && !is_in("c*a", "xaxxcx")
        );
        assert!(
            is_in("??", "ab") && !is_in("??", "a") && is_in("?b", "aab") && is_in("/^a.c$/", "abc")
        );
        assert!(!is_in("/^b/", "abc") && is_in("~/B/", "abc") && is_in("/\\w\\d/", "é1"));
    }

    #[test]
    fn what_is_no_character_is_u_fffd() {
        let lone = b"a\xED\xA0\x80b";
        assert!(matcher("a\u{FFFD}*b").is(lone));
        assert!(matcher("a*b").is(lone) && !matcher("ab").is(lone));
        assert!(matcher("/^a\u{FFFD}+b$/").is(lone));
    }

    #[test]
    fn json_is_searched_unread_where_that_is_exact() {
        let quick = |typed: &str, json: &str| matcher(typed).is_in_json(json.as_bytes());
        let json = r#"{"score": 0.5, "group": "A b"}"#;
        assert_eq!(quick("scor", json), Some(true));
        assert_eq!(quick("0.5", json), Some(true));
        assert_eq!(quick("~SCORE", json), Some(true));
        assert_eq!(quick("nothing", json), Some(false));
        assert_eq!(
            quick("\"A b\"", json),
            None,
            "it may reach over a blank between two"
        );
        assert_eq!(quick("\"x y\"", json), Some(false));
        assert_eq!(quick("s*e", json), None);
        assert_eq!(quick("scor", r#"{"scor\u0065": 1}"#), None);
    }

    #[test]
    fn a_wrong_or_huge_expression_is_refused() {
        let refused = |source: &str| {
            let text = Text {
                form: Form::Regex(source.to_owned()),
                any_case: false,
            };
            Matcher::new(&text).err()
        };
        assert_eq!(refused("a(b"), Some("unclosed group".to_owned()));
        assert_eq!(
            refused("(?:\\w{100}){100}"),
            Some("it would take too much memory".to_owned())
        );
        assert!(refused("a(?=b)").is_some());
    }
}
