//! Evidence that entries are missing, or were not written when they say. No signal proves it: each says what else explains it.
//!
//! Most is read off the index, in a few passes over its columns; for the rest every entry is read once more.

use std::ops::Range;

use crate::error::Error;
use crate::index::{Index, decoded};
use crate::ingest::Books;
use crate::units::RowIdx;
use crate::view::{EntryRef, Evidence, Pairing, Strength};

mod again;
mod counters;
mod form;
mod ids;
mod order;
mod pairs;
mod rowids;
mod segments;
mod shape;
mod silence;
#[cfg(test)]
mod tests;
mod written;

use again::Again;
pub(crate) use again::Reading;
use order::{Clock, NAMED_TIMES, WRITTEN_TIMES, back_steps};

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
    /// What its database notes about it.
    pub(crate) books: Option<Books>,
    pub(crate) rows: Range<u32>,
}

/// Names an entry.
pub(crate) type Name<'n> = dyn Fn(u32) -> EntryRef + 'n;

/// What was examined, and what was found.
#[derive(Clone)]
pub(crate) struct Examined {
    /// The strongest first.
    pub(crate) evidence: Vec<Evidence>,
    /// `None` where there are not both requests and responses.
    pub(crate) pairing: Option<Pairing>,
}

/// All evidence, given what was read again.
pub(crate) fn examine(index: &Index, read: Reading, name: &Name<'_>) -> Examined {
    let Reading {
        parts,
        pairs,
        mut again,
        former,
        failed,
        ..
    } = read;
    again.orders = former.into_orders();
    let mut found = ids::find(index, name);
    let pairs = match &failed {
        None => pairs.told(index, name),
        Some(error) => {
            found.push(not_read(error));
            again = Again::default();
            None
        }
    };
    for part in &parts {
        found.extend(rowids::find(index, part, name));
        found.extend(counters::ahead(index, part, name));
        found.extend(shape::default_limit(index, part));
        times(index, part, &again, name, &mut found);
        found.extend(form::odd_ones(index, part, &again, name));
    }
    for of_one in parts.chunk_by(|a, b| a.source == b.source) {
        let rows = of_one.iter().map(|part| part.rows.len() as u64).sum();
        found.extend(of_one.first().and_then(|p| counters::free_pages(p, rows)));
    }
    found.extend(segments::find(index, &parts));
    found.extend(silence::longest(index, name));
    let (pairing, of_pairs) = pairs.unzip();
    found.extend(of_pairs.unwrap_or_default());
    found.sort_by_key(|e| std::cmp::Reverse(e.strength));
    Examined {
        evidence: found,
        pairing,
    }
}

/// The order of the rows, the times that they name, and the times at which they were written, each against the others.
fn times(index: &Index, part: &Part, again: &Again, name: &Name<'_>, found: &mut Vec<Evidence>) {
    let of_entries = Clock {
        times: index.micros(),
        is_local: &|row| order::is_local(index, row),
        late: NAMED_TIMES,
    };
    let by_name = back_steps(index, part, &of_entries, name);
    // The reference writes it as local time, which other writers may not; a step of an hour is harmless in both.
    let of_writing = Clock {
        times: &again.written,
        is_local: &|_| true,
        late: WRITTEN_TIMES,
    };
    let by_writing = back_steps(index, part, &of_writing, name);
    let mut told = [&by_name.late[..], &by_writing.late].concat();
    told.sort_unstable();
    found.extend(written::apart(index, part, again, &told, name));
    // Rows that were put in late, and say so, are told by their times; so is a clock that was set.
    let mut late = by_writing.late.iter();
    let is_same = late.all(|row| by_name.late.binary_search(row).is_ok())
        && by_writing.is_other_order <= by_name.is_other_order;
    let is_told = by_name.evidence.iter().any(|e| e.code == "clock-step");
    let new = |e: &Evidence| match e.code == "clock-step" {
        true => !is_told,
        false => !is_same,
    };
    found.extend(by_name.evidence);
    found.extend(by_writing.evidence.into_iter().filter(new));
}

fn not_read(error: &Error) -> Evidence {
    found(
        "not-examined",
        Strength::Weak,
        format!(
            "the entries could not be read again, so that written_at, the spelling of the details, and pairs were not examined: {error}"
        ),
        &["The file may have been moved or changed while it was open. Open it again."],
    )
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

/// `1 entry`, `2 entries`.
fn entries(n: usize) -> String {
    match n {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
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
