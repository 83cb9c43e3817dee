//! Evidence that entries are missing, or were not written when they say. No signal proves it: each says what else explains it.
//!
//! Everything is read off the index, in a few passes over its columns.

use std::ops::Range;

use crate::index::{Index, decoded};
use crate::units::RowIdx;
use crate::view::{EntryRef, Evidence, Strength};

mod ids;
mod order;
mod rowids;
mod shape;
mod silence;
#[cfg(test)]
mod tests;

/// Entries that are named with a piece of evidence.
const NAMED: usize = 10;

/// A table or an array: rows of the index that stand side by side.
pub(crate) struct Part {
    /// The name of its source.
    pub(crate) source: String,
    /// As `Scan::kind`.
    pub(crate) kind: &'static str,
    /// Whether it is a SQLite table whose rows have rowids.
    pub(crate) has_rowids: bool,
    /// Whether its source has no other part.
    pub(crate) is_alone: bool,
    pub(crate) rows: Range<u32>,
}

/// Names an entry.
pub(crate) type Name<'n> = dyn Fn(u32) -> EntryRef + 'n;

/// All evidence about these parts, which are the whole case, the strongest first.
pub(crate) fn evidence(index: &Index, parts: &[Part], name: &Name<'_>) -> Vec<Evidence> {
    let mut found = ids::find(index, name);
    for part in parts {
        found.extend(rowids::find(index, part, name));
        found.extend(shape::default_limit(index, part));
        found.extend(order::back_steps(index, part, name));
    }
    found.extend(silence::longest(index, name));
    found.sort_by_key(|e| std::cmp::Reverse(e.strength));
    found
}

/// Evidence without entries; `explanations` in the order in which to think of them.
fn found(code: &str, strength: Strength, message: String, explanations: &[&str]) -> Evidence {
    Evidence {
        code: code.to_owned(),
        strength,
        message,
        explanations: explanations.iter().map(|e| (*e).to_owned()).collect(),
        count: 1,
        source: None,
        entries: Vec::new(),
        filter: None,
    }
}

/// An expression that selects these rows by their ids, where they are few enough to be named.
fn filter(index: &Index, rows: &[u32]) -> Option<String> {
    if rows.is_empty() || rows.len() > NAMED {
        return None;
    }
    let mut values = Vec::new();
    let mut json = String::new();
    for row in rows {
        json.clear();
        index.write_entry_id(RowIdx(*row), &mut json);
        let id = String::from_utf8(decoded(&json).into_owned()).ok()?;
        if id.is_empty() || id.len() > 200 || id.chars().any(char::is_control) {
            return None;
        }
        let id = id.replace('\\', "\\\\").replace('"', "\\\"");
        values.push(format!("\"{id}\""));
    }
    Some(match &values[..] {
        [one] => format!("entry_id:{one}"),
        _ => format!("entry_id:({})", values.join(" OR ")),
    })
}

/// Holes in ascending numbers that fill nearly all of their range.
struct Holes {
    /// Numbers missing between the least and the greatest.
    missing: u64,
    /// The number before each of the first holes, and the number behind it.
    first: Vec<(i64, i64)>,
}

/// Finds the holes; `None` if there are none, or if so much is missing that the numbers are no count. `numbers` in any order.
fn holes(numbers: &mut Vec<i64>) -> Option<Holes> {
    numbers.sort_unstable();
    numbers.dedup();
    let (least, greatest) = (*numbers.first()?, *numbers.last()?);
    let range = greatest.abs_diff(least).saturating_add(1);
    let missing = range - numbers.len() as u64;
    // Numbers with wide gaps are given by something that does not count one by one.
    if missing == 0 || missing > numbers.len() as u64 / 10 {
        return None;
    }
    let pairs = numbers.windows(2).filter(|w| w[1] - w[0] > 1);
    let first = pairs.take(NAMED).map(|w| (w[0], w[1])).collect();
    Some(Holes { missing, first })
}

/// The numbers that are missing in the first holes, in words.
fn listed(first: &[(i64, i64)], prefix: &str) -> String {
    let one = |(before, after): &(i64, i64)| match after - before {
        2 => format!("{prefix}{}", before + 1),
        _ => format!("{prefix}{} to {prefix}{}", before + 1, after - 1),
    };
    first.iter().map(one).collect::<Vec<_>>().join(", ")
}
