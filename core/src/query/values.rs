//! Values against what a condition asks of them. A value is its canonical JSON text, as columns and details give it.

use std::cmp::Ordering;

use super::ast::{Literal, Order, ValueTest};
use super::matcher::Matcher;
use super::number::Number;
use crate::index::decoded;

/// What stands for a value that is an object or an array, whose text is not kept.
pub(crate) const OBJECT: &str = "{}";
pub(crate) const ARRAY: &str = "[]";

/// A condition on a value, made ready.
pub(crate) enum ValueMatcher {
    Equals(Option<Matcher>, Option<Literal>),
    Differs(Option<Matcher>, Option<Literal>),
    Number(Order, Number),
    Text(Order, Vec<u8>),
}

impl ValueMatcher {
    /// # Errors
    ///
    /// As [`Matcher::new`].
    pub(crate) fn new(test: &ValueTest) -> Result<Self, String> {
        let matcher = |text: &Option<_>| text.as_ref().map(Matcher::new).transpose();
        Ok(match test {
            ValueTest::Equals(text, literal) => Self::Equals(matcher(text)?, literal.clone()),
            ValueTest::Differs(text, literal) => Self::Differs(matcher(text)?, literal.clone()),
            ValueTest::Number(order, number) => Self::Number(*order, number.clone()),
            ValueTest::Text(order, text) => Self::Text(*order, text.clone().into_bytes()),
        })
    }

    /// Whether a value is what is asked for; empty where there is none.
    pub(crate) fn holds(&self, json: &str) -> bool {
        let is_text = json.starts_with('"');
        match self {
            Self::Equals(text, literal) => is_equal(text.as_ref(), literal.as_ref(), json),
            Self::Differs(text, literal) => {
                is_there(json) && !is_equal(text.as_ref(), literal.as_ref(), json)
            }
            Self::Number(order, number) => {
                Number::parse(json).is_some_and(|n| order.holds(n.compare(number)))
            }
            Self::Text(order, text) => is_text && order.holds(compare(json, text)),
        }
    }

    /// The one text that is asked for, if nothing else would do.
    pub(crate) fn only_text(&self) -> Option<&[u8]> {
        match self {
            Self::Equals(Some(matcher), None) => matcher.only(),
            _ => None,
        }
    }
}

/// Whether there is a value that is not null.
pub(crate) fn is_there(json: &str) -> bool {
    !json.is_empty() && json != "null"
}

fn compare(json: &str, text: &[u8]) -> Ordering {
    (*decoded(json)).cmp(text)
}

fn is_equal(text: Option<&Matcher>, literal: Option<&Literal>, json: &str) -> bool {
    if json.starts_with('"') {
        return text.is_some_and(|t| t.is(&decoded(json)));
    }
    match literal {
        None => false,
        Some(Literal::Null) => json == "null",
        Some(Literal::Bool(value)) => json == if *value { "true" } else { "false" },
        Some(Literal::NaN) => json == "NaN",
        Some(Literal::Number(number)) => Number::parse(json).is_some_and(|n| n == *number),
    }
}
