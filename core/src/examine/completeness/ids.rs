//! Holes in ids that count: `evt-000017`, `evt-000019`.

use std::collections::BTreeMap;

use super::{NAMED, Name, filter, found, holes, listed};
use crate::finding::shown;
use crate::index::Index;
use crate::units::RowIdx;
use crate::view::{Evidence, Strength};

/// Prefixes that are told apart; ids with more of them, such as UUIDs, do not count.
const MOST_PREFIXES: usize = 64;
/// Ids of one prefix below which a hole means nothing.
const FEWEST: usize = 20;

/// The numbers at the end of ids, by what stands in front of them; none where nearly every id has a front of its own.
fn numbers(index: &Index) -> BTreeMap<String, Vec<i64>> {
    let mut by_prefix: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut json = String::new();
    for row in 0..index.len() {
        json.clear();
        index.write_entry_id(RowIdx(row), &mut json);
        let Some((prefix, number)) = counted(&json) else {
            continue;
        };
        if let Some(numbers) = by_prefix.get_mut(prefix) {
            numbers.push(number);
        } else if by_prefix.len() >= MOST_PREFIXES {
            return BTreeMap::new();
        } else {
            by_prefix.insert(prefix.to_owned(), vec![number]);
        }
    }
    by_prefix
}

/// An id, as canonical JSON text, taken apart into its prefix and the number at its end.
fn counted(json: &str) -> Option<(&str, i64)> {
    let text = json
        .strip_prefix('"')
        .map_or(json, |t| t.trim_end_matches('"'));
    let prefix = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &text[prefix.len()..];
    let is_number = (1..=18).contains(&digits.len()) && prefix.len() <= 64;
    // `\u0031` at the end is a character, not a number; fractions do not count.
    if !is_number || prefix.contains('\\') || (!json.starts_with('"') && !prefix.is_empty()) {
        return None;
    }
    digits.parse().ok().map(|number| (prefix, number))
}

fn holes_in(
    prefix: &str,
    numbers: &mut Vec<i64>,
    name: &Name<'_>,
    index: &Index,
) -> Option<Evidence> {
    let all = numbers.len();
    if all < FEWEST {
        return None;
    }
    let holes = holes(numbers)?;
    let strength = if holes.missing * 50 <= all as u64 {
        Strength::Strong
    } else {
        Strength::Moderate
    };
    let message = format!(
        "ids count up and {} of the numbers between the first and the last are missing, among them {}",
        holes.missing,
        listed(&holes.first, &shown(prefix.as_bytes()))
    );
    let mut evidence = found(
        "id-holes",
        strength,
        message,
        &[
            "The export may be of a selection, or a segment of a rotated log may not be open here.",
            "Many counters skip a number when a transaction is rolled back, or when the writer starts anew.",
            "Numbers before the first one are not missed: older entries may have been rotated away. A cut tail leaves no hole.",
        ],
    );
    evidence.count = holes.missing;
    let before: Vec<i64> = holes.first.iter().map(|(before, _)| *before).collect();
    let mut json = String::new();
    let rows = (0..index.len()).filter(|row| {
        json.clear();
        index.write_entry_id(RowIdx(*row), &mut json);
        counted(&json).is_some_and(|(p, n)| p == prefix && before.contains(&n))
    });
    let rows: Vec<u32> = rows.take(NAMED + 1).collect();
    evidence.entries = rows.iter().take(NAMED).map(|row| name(*row)).collect();
    // Ten holes may be the first of more, which the filter would leave out.
    if holes.first.len() < NAMED {
        evidence.filter = filter(index, &rows);
    }
    Some(evidence)
}

/// Evidence for each prefix whose numbers have holes.
pub(super) fn find(index: &Index, name: &Name<'_>) -> Vec<Evidence> {
    let mut by_prefix = numbers(index);
    let found = by_prefix
        .iter_mut()
        .filter_map(|(prefix, numbers)| holes_in(prefix, numbers, name, index));
    found.collect()
}
