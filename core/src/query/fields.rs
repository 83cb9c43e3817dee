//! The names that a condition may begin with.

use serde::{Deserialize, Serialize};

/// A field of an entry, or something known about it, that has one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Field {
    Verdict,
    EventType,
    Actor,
    ResourceType,
    ResourceId,
    Action,
    Source,
    EntryId,
    Timestamp,
    /// The codes of the findings about the entry: the one field with several texts.
    Finding,
}

impl Field {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 10] = [
        Self::EventType,
        Self::Actor,
        Self::ResourceType,
        Self::ResourceId,
        Self::Action,
        Self::Verdict,
        Self::Finding,
        Self::Source,
        Self::EntryId,
        Self::Timestamp,
    ];

    /// Its name in full.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::EventType => "event_type",
            Self::Actor => "actor",
            Self::ResourceType => "resource_type",
            Self::ResourceId => "resource_id",
            Self::Action => "action",
            Self::Source => "source",
            Self::EntryId => "entry_id",
            Self::Timestamp => "timestamp",
            Self::Finding => "finding",
        }
    }

    /// By its name in full or its short form.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "type" => Some(Self::EventType),
            "id" => Some(Self::EntryId),
            _ => Self::ALL.into_iter().find(|f| f.name() == name),
        }
    }
}

/// Names before a colon that are no field of their own.
pub(crate) const WORDS: [&str; 9] = [
    "type", "id", "resource", "details", "has", "after", "before", "on", "last",
];

/// Every name that may stand before a colon.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    Field::ALL.iter().map(|f| f.name()).chain(WORDS)
}

/// The one of `known` that looks most like `given`: at most a third of its characters differ.
pub(crate) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = given.to_lowercase();
    let within = (given.chars().count() / 3).max(1);
    known
        .map(|name| (distance(&lower, name), name))
        .filter(|(d, name)| *d <= within || name.starts_with(&lower) && lower.len() > 2)
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours that make one text of the other. Long texts are cut:
/// no name is long.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(40).collect();
    let b: Vec<char> = b.chars().take(40).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let of = |given| nearest(given, names());
        assert_eq!(of("actr"), Some("actor"));
        assert_eq!(of("vedrict"), Some("verdict"));
        assert_eq!(of("Actor"), Some("actor"));
        assert_eq!(of("eventtype"), Some("event_type"));
        assert_eq!(of("resource-type"), Some("resource_type"));
        assert_eq!(of("time"), Some("timestamp"));
        assert_eq!(of("xyzzy"), None);
    }
}
