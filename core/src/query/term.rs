//! A filter cut into the conditions that stand side by side, each to be shown as a chip and taken out.

use super::ast::{Filter, Kind, Literal, Node, Subject, Test, ValueTest};
use super::edit;
use super::number::Number;
use crate::view::Condition;

/// How a filter takes one condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It says nothing of it.
    Open,
    /// It asks for it, perhaps beside others in a list.
    Included,
    /// It denies it.
    Excluded,
}

impl Filter {
    /// The conditions that stand side by side, in order. One that is joined by `OR` with others is one with them.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        let mut conditions: Vec<Condition> = Vec::new();
        for node in self.conjuncts() {
            // The two halves of `resource:type/id` stand in one place and are one condition, about two fields.
            if let Some(last) = conditions.last_mut()
                && (last.start, last.end) == (node.start, node.end)
            {
                last.field.clear();
                last.terms = vec![self.slice(node.start, node.end).to_owned()];
                continue;
            }
            let (asked, negated) = match &node.kind {
                Kind::Not(inner) => (&**inner, true),
                _ => (node, false),
            };
            conditions.push(Condition {
                start: node.start,
                end: node.end,
                field: node.subject().map_or_else(String::new, |s| s.name()),
                negated,
                terms: asked.alternatives().map(|n| self.printed(n)).collect(),
            });
        }
        conditions
    }

    /// Whether this filter asks for a condition, such as [`crate::FacetValue::term`], or denies it.
    #[must_use]
    pub fn standing(&self, term: &str) -> Standing {
        let Ok(term) = Self::parse(term) else {
            return Standing::Open;
        };
        for node in self.conjuncts() {
            let (asked, standing) = match &node.kind {
                Kind::Not(inner) => (&**inner, Standing::Excluded),
                _ => (node, Standing::Included),
            };
            if asked.alternatives().any(|n| n.kind == term.root.kind) {
                return standing;
            }
        }
        Standing::Open
    }

    pub(crate) fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// A condition as [`term`] would write it, where it is one that a value can have; else as it was typed.
    fn printed(&self, node: &Node) -> String {
        let (subject, test) = match &node.kind {
            Kind::Is(Test::Field(field, test)) => (Subject::Field(*field), test),
            Kind::Is(Test::Path(path, test)) => (Subject::Path(path.clone()), test),
            Kind::Is(Test::InDetails(_)) => {
                return format!("details:{}", self.slice(node.value.0, node.value.1));
            }
            _ => return self.slice(node.start, node.end).to_owned(),
        };
        let field = subject.name();
        let typed = self.slice(node.value.0, node.value.1);
        match test {
            ValueTest::Equals(Some(text), None) => match text.plain() {
                Some(plain) if !text.any_case => term_of_text(&field, plain),
                _ => format!("{field}:{typed}"),
            },
            ValueTest::Equals(None, Some(Literal::Number(number))) => match number {
                // As numbers are counted together, so they are written alike.
                Number::Float(float) if float.fract() == 0.0 && float.abs() < 1e15 => {
                    format!("{field}={float:.0}")
                }
                _ => format!("{field}={typed}"),
            },
            ValueTest::Equals(None, _) => format!("{field}={typed}"),
            ValueTest::Equals(Some(_), Some(_)) => format!("{field}:{typed}"),
            // In no list: as it stands, with its operator.
            _ => self.slice(node.head, node.value.1).to_owned(),
        }
    }
}

/// The condition that a text of a field (a name in full, or a details path) meets, and no other value.
#[must_use]
pub fn term_of_text(field: &str, text: &str) -> String {
    if super::condition::literal(text).is_some() {
        format!("{field}:{}", edit::quote_always(text))
    } else {
        format!("{field}:{}", edit::quote(text))
    }
}

/// The condition that one value of a field meets, given as canonical JSON text, and no other value.
#[cfg(feature = "engine")]
pub(crate) fn term(field: &str, json: &str) -> String {
    use crate::json::{decode_string, scan_string};
    match scan_string(json.as_bytes(), 0) {
        Ok((string, _)) if json.starts_with('"') => {
            let mut text = Vec::new();
            decode_string(string, &mut text);
            term_of_text(field, &String::from_utf8_lossy(&text))
        }
        _ => format!("{field}={json}"),
    }
}

impl Node {
    /// The values of a list on one field, or the condition itself.
    pub(crate) fn alternatives(&self) -> impl Iterator<Item = &Self> {
        match &self.kind {
            Kind::Or(nodes) if self.subject().is_some() => nodes.iter(),
            _ => std::slice::from_ref(self).iter(),
        }
    }
}
