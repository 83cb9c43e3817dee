//! What a text is compared with: a text with wildcards, or a regular expression.

use serde::{Deserialize, Serialize};

/// A text that is looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) form: Form,
    /// Whether upper and lower case are the same.
    pub(crate) any_case: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// Never empty unless the text looked for is; texts stand by themselves, not side by side.
    Pattern(Vec<Piece>),
    /// As it stands between the slashes, `\/` undone.
    Regex(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Piece {
    Text(String),
    /// `*`: any characters, or none.
    Any,
    /// `?`: one character.
    One,
}

impl Text {
    /// The text, if it has no wildcards and is no regular expression.
    pub(crate) fn plain(&self) -> Option<&str> {
        match &self.form {
            Form::Pattern(pieces) => match &pieces[..] {
                [] => Some(""),
                [Piece::Text(text)] => Some(text),
                _ => None,
            },
            Form::Regex(_) => None,
        }
    }
}
