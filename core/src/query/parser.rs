//! From a filter's text to its conditions: recursive descent, no deeper than a stated limit.
//!
//! ```text
//! any       = all { "OR" all }
//! all       = one { [ "AND" ] one }
//! one       = { "NOT" | "-" } ( "(" any ")" | condition )
//! condition = field ":" value | field ":" "(" value { "OR" value } ")" | … | value
//! ```

use super::ast::{Kind, Node, Test};
use super::cursor::{Cursor, LONGEST, error, place};
use super::{condition, value};
use crate::view::FilterError;

/// How deep parentheses and negations may stand in each other.
const DEEPEST: usize = 100;
/// How many conditions there may be.
const MOST: usize = 1_000;

/// Reads a filter.
pub(crate) fn parse(text: &str) -> Result<Node, FilterError> {
    if text.len() > LONGEST {
        let message = format!(
            "a filter has at most {LONGEST} bytes; this one has {}",
            text.len()
        );
        let start = (0..=LONGEST).rev().find(|i| text.is_char_boundary(*i));
        return Err(error(start.unwrap_or(0), text.len(), message));
    }
    let mut parser = Parser {
        cursor: Cursor { text, at: 0 },
        depth: 0,
        conditions: 0,
    };
    parser.cursor.skip_blanks();
    if parser.cursor.peek().is_none() {
        return Ok(node(Kind::And(Vec::new()), 0, text.len()));
    }
    let root = parser.any()?;
    parser.cursor.skip_blanks();
    if parser.cursor.peek().is_some() {
        let at = parser.cursor.at;
        return Err(error(at, at + 1, "this parenthesis closes nothing")
            .expecting(&["a condition", "\")\" to search for the parenthesis itself"]));
    }
    Ok(root)
}

pub(crate) fn node(kind: Kind, start: usize, end: usize) -> Node {
    Node {
        kind,
        start: place(start),
        end: place(end),
        head: place(start),
        value: (place(start), place(end)),
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
    conditions: usize,
}

impl Parser<'_> {
    /// Conditions joined by `OR`.
    fn any(&mut self) -> Result<Node, FilterError> {
        let first = self.all()?;
        let start = first.start;
        let mut nodes = vec![first];
        loop {
            self.cursor.skip_blanks();
            if !self.cursor.eat_word("OR") {
                break;
            }
            nodes.push(self.all()?);
        }
        Ok(join(nodes, start, Kind::Or))
    }

    /// Conditions side by side, or joined by `AND`.
    fn all(&mut self) -> Result<Node, FilterError> {
        let first = self.one()?;
        let start = first.start;
        let mut nodes = vec![first];
        loop {
            self.cursor.skip_blanks();
            let is_joined = self.cursor.eat_word("AND");
            if !is_joined
                && (self.cursor.is_at_word("OR") || matches!(self.cursor.peek(), None | Some(')')))
            {
                break;
            }
            nodes.push(self.one()?);
        }
        // `a (b c)` is three conditions side by side, each of which can be taken out.
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.kind {
                Kind::And(inner) if is_bare_pair(&inner, node.start, node.end) => {
                    flat.extend(inner);
                }
                _ => flat.push(node),
            }
        }
        Ok(join(flat, start, Kind::And))
    }

    /// One condition, or a parenthesis, perhaps denied.
    fn one(&mut self) -> Result<Node, FilterError> {
        self.cursor.skip_blanks();
        let start = self.cursor.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            let message =
                format!("this stands more than {DEEPEST} deep in parentheses and negations");
            return Err(error(start, start, message));
        }
        let made = if self.cursor.eat_word("NOT") {
            self.denied(start, "NOT")
        } else if self.cursor.eat("-") {
            self.denied(start, "-")
        } else if self.cursor.eat("(") {
            self.parenthesis(start)
        } else {
            self.condition(start)
        };
        self.depth -= 1;
        made
    }

    fn denied(&mut self, start: usize, by: &str) -> Result<Node, FilterError> {
        let is_alone = by == "-" && self.cursor.peek().is_none_or(char::is_whitespace);
        if is_alone {
            return Err(error(
                start,
                self.cursor.at,
                "`-` denies what stands right behind it",
            )
            .expecting(&[
                "a condition right behind it",
                "\"-\" to search for the dash itself",
            ]));
        }
        let inner = self.one()?;
        let end = inner.end as usize;
        Ok(node(Kind::Not(Box::new(inner)), start, end))
    }

    fn parenthesis(&mut self, start: usize) -> Result<Node, FilterError> {
        let mut inner = self.any()?;
        self.cursor.skip_blanks();
        if !self.cursor.eat(")") {
            let at = self.cursor.at;
            return Err(error(
                at,
                at,
                format!(
                    "the parenthesis that opens {} is not closed",
                    if start == 0 {
                        "at the beginning".into()
                    } else {
                        format!("after {start} bytes")
                    }
                ),
            )
            .expecting(&[")"]));
        }
        inner.start = place(start);
        inner.end = place(self.cursor.at);
        Ok(inner)
    }

    fn condition(&mut self, start: usize) -> Result<Node, FilterError> {
        let what = ["a condition"];
        match self.cursor.peek() {
            None => return Err(error(start, start, "something is missing here").expecting(&what)),
            Some(')') => {
                return Err(error(
                    start,
                    start + 1,
                    "something is missing before this parenthesis",
                )
                .expecting(&what));
            }
            Some(_) => {}
        }
        if let Some(word) = ["OR", "AND"]
            .into_iter()
            .find(|w| self.cursor.is_at_word(w))
        {
            return Err(error(
                start,
                start + word.len(),
                format!("`{word}` stands between two conditions"),
            )
            .expecting(&[
                "a condition",
                &format!("\"{word}\" to search for the word itself"),
            ]));
        }
        self.conditions += 1;
        if self.conditions > MOST {
            let message = format!("there are more than {MOST} conditions");
            return Err(error(start, start, message));
        }
        if let Some(node) = condition::read(&mut self.cursor, &mut self.conditions)? {
            return Ok(node);
        }
        let value = value::read(&mut self.cursor)?;
        if value.text.plain() == Some("") {
            return Err(error(value.start, value.end, "nothing is searched for")
                .expecting(&["a text between the quotes"]));
        }
        Ok(node(Kind::Is(Test::Anywhere(value.text)), start, value.end))
    }
}

/// Whether these are the two halves of one `resource:` condition.
fn is_bare_pair(inner: &[Node], start: u32, end: u32) -> bool {
    inner.iter().all(|n| (n.start, n.end) == (start, end))
}

fn join(mut nodes: Vec<Node>, start: u32, kind: fn(Vec<Node>) -> Kind) -> Node {
    if nodes.len() == 1
        && let Some(only) = nodes.pop()
    {
        return only;
    }
    let end = nodes.last().map_or(start, |n| n.end);
    Node {
        kind: kind(nodes),
        start,
        end,
        head: start,
        value: (start, end),
    }
}
