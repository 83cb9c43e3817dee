//! A place in a filter's text, and the errors that speak of one.

use crate::view::FilterError;

/// Bytes of a filter. It travels in links, and is typed.
pub(crate) const LONGEST: usize = 16 * 1024;

/// Reads a filter from left to right.
pub(crate) struct Cursor<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Passes `token` if it stands here.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let is_here = self.text[self.at..].starts_with(token);
        if is_here {
            self.at += token.len();
        }
        is_here
    }

    pub(crate) fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    /// Passes a keyword, if it stands here as a whole word.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let is_here = self.is_at_word(word);
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    pub(crate) fn is_at_word(&self, word: &str) -> bool {
        self.text[self.at..].strip_prefix(word).is_some_and(|rest| {
            rest.chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || c == '(' || c == ')')
        })
    }

    /// The name that stands here, passed: letters, digits and underscores of ASCII, no digit first.
    pub(crate) fn name(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let len = rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        if len == 0 || rest.as_bytes()[0].is_ascii_digit() {
            return "";
        }
        self.at += len;
        &rest[..len]
    }
}

/// An error about the bytes from `start` to `end`.
pub(crate) fn error(start: usize, end: usize, message: impl Into<String>) -> FilterError {
    FilterError {
        start: place(start),
        end: place(end),
        message: message.into(),
        expected: Vec::new(),
        nearest: None,
    }
}

/// A position; a filter is never as long as this could not tell.
pub(crate) fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl FilterError {
    pub(crate) fn expecting(mut self, what: &[&str]) -> Self {
        self.expected = what.iter().map(|w| (*w).to_owned()).collect();
        self
    }

    pub(crate) fn or_rather(mut self, nearest: Option<&str>) -> Self {
        self.nearest = nearest.map(str::to_owned);
        self
    }
}
