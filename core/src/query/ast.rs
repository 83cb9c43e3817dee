//! A filter as it was understood: conditions, joined.

use serde::{Deserialize, Serialize};

use super::fields::Field;
use super::number::Number;
use super::path::Path;
use super::text::Text;
use crate::view::FilterError;

/// A filter that was understood.
#[derive(Clone, Debug)]
pub struct Filter {
    /// As it was typed.
    pub(crate) text: String,
    pub(crate) root: Node,
}

impl Filter {
    /// Reads a filter (`docs/query.md`). The empty one selects every entry.
    ///
    /// # Errors
    ///
    /// If it cannot be understood; the error says where, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self {
            root: super::parser::parse(text)?,
            text: text.to_owned(),
        })
    }

    /// The conditions that every entry must meet, in order.
    pub(crate) fn conjuncts(&self) -> &[Node] {
        match &self.root.kind {
            Kind::And(nodes) => nodes,
            _ => std::slice::from_ref(&self.root),
        }
    }

    /// The same filter without the conditions on one field: under what is left, the values of that field are counted.
    ///
    /// A condition is left out if it stands by itself (under no `OR` with other fields) and concerns this field alone.
    /// `field` is a name in full, or a details path. Of `resource:type/id` only the half is left out that is named.
    #[must_use]
    pub fn without(&self, field: &str) -> Self {
        let kept = self.conjuncts().iter().filter(|node| {
            let Some(subject) = node.subject() else {
                return true;
            };
            subject.name() != field
        });
        Self {
            text: self.text.clone(),
            root: Node {
                kind: Kind::And(kept.cloned().collect()),
                ..self.root
            },
        }
    }

    /// Whether [`Filter::without`] this field would leave something out.
    #[must_use]
    pub fn concerns(&self, field: &str) -> bool {
        let mut subjects = self.conjuncts().iter().filter_map(Node::subject);
        subjects.any(|subject| subject.name() == field)
    }
}

/// A part of a filter, and where it stands: bytes from the beginning of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// With the parentheses around it, and the `-` or `NOT` before it.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Without them: where its name begins.
    pub(crate) head: u32,
    /// Where its value, or its list of values, stands; all of it if it has no name.
    pub(crate) value: (u32, u32),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// All of them hold; none at all is every entry.
    And(Vec<Node>),
    /// One of them holds.
    Or(Vec<Node>),
    Not(Box<Node>),
    Is(Test),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Test {
    /// Some text of the entry contains it.
    Anywhere(Text),
    /// Some key or value of the details contains it.
    InDetails(Text),
    /// The field's value.
    Field(Field, ValueTest),
    /// A value of the details.
    Path(Path, ValueTest),
    /// There is a value, and it is not null.
    Has(Subject),
    /// The time lies at or behind the first and before the second, in microseconds as written.
    Time { from: Option<i64>, to: Option<i64> },
    /// The time lies at most so many microseconds before the newest of the case.
    Last(i64),
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ValueTest {
    /// It is this text or matches it, or is this number or word.
    Equals(Option<Text>, Option<Literal>),
    /// There is one that is not null, and it is another.
    Differs(Option<Text>, Option<Literal>),
    /// It is a number in this order to that one.
    Number(Order, Number),
    /// It is a text in this order to that one, by code point.
    Text(Order, String),
}

/// A value without quotes that JSON would not take for text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Literal {
    Number(Number),
    NaN,
    Bool(bool),
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Order {
    /// Whether what compares like this to the bound is in this order to it.
    #[cfg(any(feature = "engine", test))]
    pub(crate) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

/// What a condition concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Subject {
    Field(Field),
    Path(Path),
    /// The details as a whole.
    Details,
    /// The time of the entry.
    Time,
}

impl Subject {
    /// The field's name in full, the details path, `details`, or `time`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Field(field) => field.name().to_owned(),
            Self::Path(path) => path.to_string(),
            Self::Details => "details".to_owned(),
            Self::Time => "time".to_owned(),
        }
    }
}

impl Node {
    /// The one thing that all conditions in this part concern; `None` if they concern several, or any text.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match &self.kind {
            Kind::And(nodes) | Kind::Or(nodes) => {
                let (first, rest) = nodes.split_first()?;
                let subject = first.subject()?;
                rest.iter()
                    .all(|n| n.subject().as_ref() == Some(&subject))
                    .then_some(subject)
            }
            Kind::Not(node) => node.subject(),
            Kind::Is(test) => match test {
                Test::Anywhere(_) => None,
                Test::InDetails(_) => Some(Subject::Details),
                Test::Field(field, _) => Some(Subject::Field(*field)),
                Test::Path(path, _) => Some(Subject::Path(path.clone())),
                Test::Has(subject) => Some(subject.clone()),
                Test::Time { .. } | Test::Last(_) => Some(Subject::Time),
            },
        }
    }
}
