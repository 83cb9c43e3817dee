//! Adding conditions to a filter and taking them out, as a click does.

use super::ast::{Filter, Kind, Node, Test, ValueTest};
use super::cursor::Cursor;
use super::{condition, time};
use crate::view::FilterError;

/// A value as it must be typed to be taken as it stands: quoted where need be.
#[must_use]
pub fn quote(value: &str) -> String {
    let is_word = matches!(value, "OR" | "AND" | "NOT");
    if !is_word && condition::is_plain(value) {
        value.to_owned()
    } else {
        quote_always(value)
    }
}

pub(crate) fn quote_always(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The filter with one more condition that every entry must meet; unchanged if it is there already.
///
/// # Errors
///
/// If the filter or the condition cannot be understood.
pub fn narrow(filter: &str, term: &str) -> Result<String, FilterError> {
    let parsed = Filter::parse(filter)?;
    let added = Filter::parse(term)?;
    if parsed.conjuncts().iter().any(|n| n.kind == added.root.kind) {
        return Ok(filter.to_owned());
    }
    Ok(append(&parsed, term, &added))
}

/// A click on a value: the filter asks for it too, beside the other values of the same field that it asks for; or asks
/// for it no longer, if it did.
///
/// # Errors
///
/// If the filter or the condition cannot be understood.
pub fn include(filter: &str, term: &str) -> Result<String, FilterError> {
    let parsed = Filter::parse(filter)?;
    let added = Filter::parse(term)?;
    if let Some(without) = taken_out(&parsed, &added.root, false) {
        return Ok(without);
    }
    if let Some(without) = taken_out(&parsed, &added.root, true) {
        return include(&without, term);
    }
    if let [value] = &choices(&added, &added.root)[..] {
        let wanted = added.root.subject();
        for node in parsed.conjuncts() {
            let mut asked = choices(&parsed, node);
            if !asked.is_empty() && node.subject() == wanted {
                asked.push(value.clone());
                return Ok(replaced(filter, node, &printed(&asked)));
            }
        }
    }
    Ok(append(&parsed, term, &added))
}

/// A click on a value that is not wanted: the filter denies it and asks for it no longer; or denies it no longer, if it did.
///
/// # Errors
///
/// If the filter or the condition cannot be understood.
pub fn exclude(filter: &str, term: &str) -> Result<String, FilterError> {
    let parsed = Filter::parse(filter)?;
    let added = Filter::parse(term)?;
    if let Some(without) = taken_out(&parsed, &added.root, true) {
        return Ok(without);
    }
    if let Some(without) = taken_out(&parsed, &added.root, false) {
        return exclude(&without, term);
    }
    let denied = format!("-{}", in_parentheses(term, &added));
    let added = Filter::parse(&denied)?;
    Ok(append(&parsed, &denied, &added))
}

/// The filter with this stretch of time, in microseconds, instead of whatever it says about the time of an entry.
///
/// # Errors
///
/// If the filter cannot be understood.
pub fn within(filter: &str, from: Option<i64>, to: Option<i64>) -> Result<String, FilterError> {
    let mut text = filter.to_owned();
    loop {
        let conditions = Filter::parse(&text)?.conditions();
        let Some(about_time) = conditions.iter().find(|c| c.field == "time") else {
            break;
        };
        text = without(&text, about_time.start, about_time.end);
    }
    for (word, bound) in [("after", from), ("before", to)] {
        if let Some(date) = bound.and_then(time::print) {
            text = narrow(&text, &format!("{word}:{date}"))?;
        }
    }
    Ok(text)
}

/// The filter without what stands from `start` to `end`, as [`crate::Condition`] tells them, and without a blank too many.
#[must_use]
pub fn without(filter: &str, start: u32, end: u32) -> String {
    let (Some(before), Some(behind)) = (filter.get(..start as usize), filter.get(end as usize..))
    else {
        return filter.to_owned();
    };
    let (mut before, mut behind) = (trim_end(before), behind.trim_start());
    // What was joined by a word is so no longer.
    let is_word = |rest: &str, word| Cursor { text: rest, at: 0 }.is_at_word(word);
    if is_word(behind, "AND") {
        behind = behind[3..].trim_start();
    } else if let Some(rest) = before.strip_suffix("AND")
        && (rest.is_empty() || rest.ends_with(|c: char| c.is_whitespace() || c == ')'))
    {
        before = trim_end(rest);
    }
    // Parentheses around nothing go too.
    while let (Some(outer), Some(rest)) = (before_opening(before), behind.strip_prefix(')')) {
        (before, behind) = (trim_end(outer), rest.trim_start());
    }
    let blank = if before.is_empty()
        || behind.is_empty()
        || before_opening(before).is_some()
        || behind.starts_with(')')
    {
        ""
    } else {
        " "
    };
    format!("{before}{blank}{behind}")
}

/// What stands before the opening parenthesis at the end, if it is one and no character of a value.
fn before_opening(text: &str) -> Option<&str> {
    let before = text.strip_suffix('(')?;
    let backslashes = before.bytes().rev().take_while(|b| *b == b'\\').count();
    (backslashes % 2 == 0).then_some(before)
}

fn append(filter: &Filter, term: &str, added: &Filter) -> String {
    let term = match &added.root.kind {
        Kind::Or(_) => in_parentheses(term, added),
        _ => trim_end(term.trim_start()).to_owned(),
    };
    let text = trim_end(filter.text.trim_start());
    match &filter.root.kind {
        _ if text.is_empty() => term,
        Kind::Or(_) => format!("{} {term}", in_parentheses(text, filter)),
        _ => format!("{text} {term}"),
    }
}

/// In parentheses, unless it is one condition, one list or in parentheses already.
fn in_parentheses(text: &str, filter: &Filter) -> String {
    let text = trim_end(text.trim_start());
    let root = &filter.root;
    let is_one = match &root.kind {
        Kind::Is(_) | Kind::Not(_) => true,
        Kind::And(_) | Kind::Or(_) => root.head != root.value.0 || root.start != root.head,
    };
    if is_one {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

/// The filter without the condition, if it asks for it (or denies it) by itself or in a list.
fn taken_out(filter: &Filter, wanted: &Node, denied: bool) -> Option<String> {
    for node in filter.conjuncts() {
        let asked = match (&node.kind, denied) {
            (Kind::Not(inner), true) => &**inner,
            (Kind::Not(_), false) | (_, true) => continue,
            (_, false) => node,
        };
        if asked.kind == wanted.kind {
            return Some(without(&filter.text, node.start, node.end));
        }
        let mut choices = choices(filter, asked);
        let before = choices.len();
        choices.retain(|c| c.kind != wanted.kind);
        if choices.len() < before && !choices.is_empty() {
            return Some(replaced(&filter.text, asked, &printed(&choices)));
        }
    }
    None
}

/// One of the values that a filter asks for.
#[derive(Clone)]
struct Choice {
    /// `actor:`
    head: String,
    value: String,
    kind: Kind,
}

/// The values of one field that a part of a filter asks for; none if it is anything else.
fn choices(filter: &Filter, node: &Node) -> Vec<Choice> {
    let is_value = |n: &Node| {
        matches!(
            n.kind,
            Kind::Is(Test::Field(_, ValueTest::Equals(..)) | Test::Path(_, ValueTest::Equals(..)))
        )
    };
    let alternatives: Vec<&Node> = node.alternatives().collect();
    if !alternatives.iter().all(|n| is_value(n)) {
        return Vec::new();
    }
    let choice = |n: &Node| {
        // In a list, the name stands before all of its values.
        let named = if n.head == n.value.0 { node } else { n };
        Choice {
            head: filter.slice(named.head, named.value.0).to_owned(),
            // What is a text behind the colon would be the keyword in a list.
            value: match filter.slice(n.value.0, n.value.1) {
                "OR" => quote_always("OR"),
                typed => typed.to_owned(),
            },
            kind: n.kind.clone(),
        }
    };
    alternatives.into_iter().map(choice).collect()
}

fn printed(choices: &[Choice]) -> String {
    let joined = |text: &dyn Fn(&Choice) -> String| {
        let all: Vec<String> = choices.iter().map(text).collect();
        all.join(" OR ")
    };
    match choices {
        [] => String::new(),
        [one] => format!("{}{}", one.head, one.value),
        [first, rest @ ..] if rest.iter().all(|c| c.head == first.head) => {
            format!("{}({})", first.head, joined(&|c| c.value.clone()))
        }
        _ => format!("({})", joined(&|c| format!("{}{}", c.head, c.value))),
    }
}

fn replaced(filter: &str, node: &Node, by: &str) -> String {
    let before = filter.get(..node.start as usize).unwrap_or("");
    let behind = filter.get(node.end as usize..).unwrap_or("");
    format!("{before}{by}{behind}")
}

/// Without the blanks at the end; one behind a backslash belongs to a value.
fn trim_end(text: &str) -> &str {
    let trimmed = text.trim_end();
    let backslashes = trimmed.bytes().rev().take_while(|b| *b == b'\\').count();
    let kept = text[trimmed.len()..]
        .chars()
        .next()
        .filter(|_| backslashes % 2 == 1);
    &text[..trimmed.len() + kept.map_or(0, char::len_utf8)]
}
