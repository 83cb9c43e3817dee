//! Values of a filter: text with quotes, wildcards and escapes in it, or a regular expression.

use super::cursor::{Cursor, error};
use super::text::{Form, Piece, Text};
use crate::view::FilterError;

/// Characters of one value.
const LONGEST_VALUE: usize = 1_000;

/// A value as it was typed.
pub(crate) struct Value {
    pub(crate) text: Text,
    /// What was typed without quotes, escapes or `~`, if nothing else stands there: it may be a number, a date, a word.
    pub(crate) bare: Option<String>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Value {
    /// The value's text if it is one without wildcards, in the case in which it was typed.
    pub(crate) fn exact(&self) -> Option<&str> {
        self.text.plain().filter(|_| !self.text.any_case)
    }
}

/// Reads the value that stands at the cursor.
///
/// # Errors
///
/// If none does, or it does not end.
pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Value, FilterError> {
    let start = cursor.at;
    let any_case = cursor.eat("~");
    let body = cursor.at;
    if cursor.peek().is_none_or(ends_value) {
        return Err(error(start, cursor.at, "a value is missing").expecting(&[
            "a text",
            "\"a quoted text\"",
            "/a regular expression/",
        ]));
    }
    let (form, is_bare) = if cursor.eat("/") {
        (Form::Regex(regex(cursor, body)?), false)
    } else {
        pattern(cursor)?
    };
    let typed = &cursor.text[body..cursor.at];
    if typed.chars().count() > LONGEST_VALUE {
        let message = format!("this value is longer than {LONGEST_VALUE} characters");
        return Err(error(start, cursor.at, message));
    }
    Ok(Value {
        bare: (is_bare && !any_case).then(|| typed.to_owned()),
        text: Text { form, any_case },
        start,
        end: cursor.at,
    })
}

/// What an unquoted value ends before.
pub(crate) fn ends_value(c: char) -> bool {
    c.is_whitespace() || c == '(' || c == ')'
}

/// Reads text up to a blank or a parenthesis; quoted parts may stand anywhere in it. Tells whether it was all bare.
fn pattern(cursor: &mut Cursor<'_>) -> Result<(Form, bool), FilterError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut is_bare = true;
    while let Some(c) = cursor.peek().filter(|c| !ends_value(*c)) {
        let at = cursor.at;
        match c {
            '"' => {
                is_bare = false;
                quoted(cursor, &mut literal)?;
                continue;
            }
            '\\' => {
                is_bare = false;
                cursor.bump();
                let Some(escaped) = cursor.peek() else {
                    return Err(
                        error(at, cursor.at, "a backslash stands at the end").expecting(&[
                            "the character that it makes ordinary",
                            "\\\\ for a backslash",
                        ]),
                    );
                };
                literal.push(escaped);
            }
            '*' | '?' => {
                is_bare = false;
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                // Several stars say no more than one.
                match c {
                    '*' if pieces.last() == Some(&Piece::Any) => {}
                    '*' => pieces.push(Piece::Any),
                    _ => pieces.push(Piece::One),
                }
            }
            _ => literal.push(c),
        }
        cursor.bump();
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok((Form::Pattern(pieces), is_bare))
}

/// Appends the quoted text that begins at the cursor.
pub(crate) fn quoted(cursor: &mut Cursor<'_>, out: &mut String) -> Result<(), FilterError> {
    let start = cursor.at;
    cursor.bump();
    loop {
        let at = cursor.at;
        match cursor.bump() {
            None => {
                return Err(error(start, cursor.at, "this quote is not closed")
                    .expecting(&["\" at the end of the text"]));
            }
            Some('"') => return Ok(()),
            Some('\\') => match cursor.bump() {
                Some(c @ ('"' | '\\')) => out.push(c),
                _ => {
                    return Err(error(
                        at,
                        cursor.at,
                        "in quotes, a backslash stands only before \" or another backslash",
                    )
                    .expecting(&["\\\"", "\\\\"]));
                }
            },
            Some(c) => out.push(c),
        }
    }
}

/// Reads a regular expression behind its first slash.
fn regex(cursor: &mut Cursor<'_>, start: usize) -> Result<String, FilterError> {
    let mut source = String::new();
    loop {
        match cursor.bump() {
            None => {
                return Err(
                    error(start, cursor.at, "this regular expression is not closed").expecting(&[
                        "/ at its end",
                        "\"…\" around a text that begins with a slash",
                    ]),
                );
            }
            Some('/') => break,
            Some('\\') => match cursor.bump() {
                Some('/') => source.push('/'),
                Some(c) => source.extend(['\\', c]),
                None => source.push('\\'),
            },
            Some(c) => source.push(c),
        }
    }
    if cursor.peek().is_some_and(|c| !ends_value(c)) {
        return Err(error(
            start,
            cursor.at,
            "something stands right behind this regular expression",
        )
        .expecting(&[
            "a blank behind it",
            "\"…\" around a text that begins with a slash",
            "\\/ for a slash in it",
        ]));
    }
    if source.is_empty() {
        return Err(error(start, cursor.at, "this regular expression is empty"));
    }
    Ok(source)
}
