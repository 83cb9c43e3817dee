//! What a JSON text holds instead of entries that can be judged, and how to make a log of it.

use std::rc::Rc;

use super::element::ALL_FIELDS;
use super::walk::{Walked, Walker};
use super::window::Window;
use crate::error::Error;
use crate::scheme::{REFERENCE, field_index};
use crate::source::{Cached, Memory};

/// What an entry is, for people.
pub(super) const FIELDS: &str = "An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.";

/// How to part entries from other lines.
pub(super) const PICK: &str =
    "Take the entries out and open them: grep '\"entry_id\"' FILE > log.jsonl.";

/// Steps of a path that are kept.
pub(super) const STEPS: usize = 32;

/// A step from a container to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Member(String),
    Element,
}

/// What came near to a log: where, as far as it was met first.
#[derive(Debug, Default)]
pub(super) struct Near {
    /// An object whose hashed fields are containers.
    pub(super) columns: Option<String>,
    /// An array of rows that are arrays, and one that names their columns.
    pub(super) lists: Option<String>,
    pub(super) names: Option<String>,
    /// The first two entries that are no elements of an array.
    pub(super) deeper: Vec<Vec<Step>>,
    /// A hashed field's name that is written otherwise, and objects that have all fields if that is allowed for.
    pub(super) name: Option<String>,
    pub(super) renamed: Option<String>,
}

impl Near {
    /// Why it is no log, if it is known.
    pub(super) fn explain(&self) -> Option<Error> {
        if let Some(path) = &self.columns {
            return Some(Error::unsupported(format!(
                "this JSON holds columns rather than rows: the fields at {path} are lists of all entries' values"
            ))
            .with_hint(
                "Export rows: with pandas, df.to_json(\"log.json\", orient=\"records\") or json.dumps(df.to_dict(\"records\")).",
            ));
        }
        if let (Some(path), Some(name)) = (&self.renamed, &self.name) {
            return Some(Error::unsupported(format!(
                "the objects at {path} are no audit entries: their fields have other names, such as `{name}`"
            ))
            .with_hint(format!(
                "The names count, upper and lower case included. Export again without renaming anything. {FIELDS}"
            )));
        }
        if let Some(first) = self.deeper.first() {
            return Some(deeper(&merged(first, self.deeper.get(1))));
        }
        let path = self.lists.as_ref()?;
        let names = match &self.names {
            Some(names) => format!(" ({names} names their columns)"),
            None => String::new(),
        };
        Some(Error::not_a_log(format!(
            "the rows at {path} are lists of values, not objects with names{names}"
        ))
        .with_hint(
            "Export objects: datasette's .json?_shape=array, pandas with orient=\"records\", sqlite-utils without --arrays, \
             Python's [dict(row) for row in rows].",
        ))
    }
}

/// Why lines are no log, if the first of them tells it.
pub(super) fn of_lines(sample: &[u8]) -> Option<Error> {
    let line = sample
        .split(|b| *b == b'\n')
        .find(|line| !line.trim_ascii().is_empty())?;
    let source = Rc::new(Cached::new(Box::new(Memory::new(line))));
    let mut window = Window::new(source);
    let begin = window.skip_whitespace(0).ok()?;
    let mut walker = Walker::new(begin);
    match walker.walk(&mut window, u64::MAX) {
        Ok(Some(Walked::Log(found))) => {
            let path = found.path.trim_start_matches('$');
            Some(
                Error::not_a_log(format!(
                    "these are JSON Lines, each with a list of entries at {}",
                    found.path
                ))
                .with_hint(format!(
                    "Lift the entries out: jq -c '{}[]' FILE > log.jsonl. {JQ}",
                    if path.is_empty() { "." } else { path }
                )),
            )
        }
        Ok(Some(Walked::End { .. })) => walker.near.explain(),
        _ => None,
    }
}

const JQ: &str = "Where details are objects and not text, use Python instead: jq writes their numbers in its own way.";

/// The path of both entries: what differs is any member.
fn merged(first: &[Step], second: Option<&Vec<Step>>) -> Vec<Step> {
    let Some(second) = second.filter(|s| s.len() == first.len()) else {
        return first.to_vec();
    };
    let pairs = first.iter().zip(second);
    pairs
        .map(|(a, b)| if a == b { a.clone() } else { Step::Element })
        .collect()
}

fn deeper(path: &[Step]) -> Error {
    let is_plain = |name: &str| {
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        name.bytes().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut jq = String::from(".");
    for step in path {
        match step {
            Step::Element => jq.push_str("[]"),
            Step::Member(name) if is_plain(name) && jq == "." => jq.push_str(name),
            Step::Member(name) if is_plain(name) => jq.push_str(&format!(".{name}")),
            Step::Member(_) => {
                jq.clear();
                break;
            }
        }
    }
    let error = "no array of audit entries was found in this JSON: they lie deeper";
    if jq.is_empty() {
        return Error::unsupported(error).with_hint(FIELDS);
    }
    Error::unsupported(format!("{error}, at {jq}")).with_hint(format!(
        "Lift the entries out: jq -c '{jq}' FILE > log.jsonl. {JQ}"
    ))
}

/// A name without what tells words apart in it.
fn letters(name: &[u8]) -> impl Iterator<Item = u8> {
    name.iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
}

/// The bit of the hashed field that a key would name, but for its case and its word marks.
pub(super) fn near_bit(key: &[u8]) -> u8 {
    if key.len() > 32 {
        return 0;
    }
    let index = REFERENCE
        .hashed_fields
        .iter()
        .position(|name| letters(name.as_bytes()).eq(letters(key)));
    index.map_or(0, |i| 1 << i)
}

/// The bit of the hashed field that a string names.
pub(super) fn name_bit(token: &[u8]) -> u8 {
    let name = token
        .strip_prefix(b"\"")
        .and_then(|token| token.strip_suffix(b"\""));
    name.and_then(field_index).map_or(0, |i| 1 << i)
}

/// Whether an object with these hashed fields, of which these hold containers, is a table written column by column.
pub(super) fn is_columns(mask: u8, containers: u8) -> bool {
    mask == ALL_FIELDS && is_table(mask, containers)
}

/// The same of an object that may lack some.
pub(super) fn is_table(mask: u8, containers: u8) -> bool {
    let details = 1 << REFERENCE.details;
    mask & !containers & !details == 0
}

/// Whether a text is what Python's `repr` makes of a list of dicts or tuples.
pub(super) fn is_repr(text: &[u8]) -> bool {
    let rest = text
        .iter()
        .position(|b| !matches!(b, b'[' | b'(' | b'{' | b' ' | b'\n' | b'\r' | b'\t'));
    rest.is_some_and(|at| at > 0 && text[at] == b'\'')
}

/// Why such a text is refused.
pub(super) fn repr() -> Error {
    Error::not_a_log("this is what Python prints of a list, with single quotes, and not JSON")
        .with_hint("Write it with json.dumps instead of str, repr or print.")
}
