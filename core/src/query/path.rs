//! The way to a value inside the details: `details.scores[0]."a key"`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The way from the details to a value in them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Path(pub(crate) Vec<Step>);

/// One step of such a way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// The member of this name.
    Key(String),
    /// The element of this index, from 0.
    Index(u64),
    /// Any element.
    Each,
}

impl Path {
    /// Whether it leads to several values.
    pub(crate) fn is_many(&self) -> bool {
        self.0.contains(&Step::Each)
    }
}

/// A details path as it would be typed: `details.scores[0]."a key"`.
#[must_use]
pub fn details_path(steps: impl IntoIterator<Item = Step>) -> String {
    Path(steps.into_iter().collect()).to_string()
}

/// Characters that end a key, unless they are escaped or the key is quoted.
pub(crate) fn ends_key(c: char) -> bool {
    c.is_whitespace() || ".[]:=<>!()\"~".contains(c)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("details")?;
        for step in &self.0 {
            match step {
                Step::Key(key) if key.is_empty() || key.contains(|c| ends_key(c) || c == '\\') => {
                    write!(f, ".{}", super::edit::quote_always(key))?;
                }
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Each => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}
