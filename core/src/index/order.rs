//! Rows in another order than that of their source. Rows of equal rank stay in source order, also when descending.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use super::bits::Bits;
use super::column::Column;
use super::dictionary::{Dictionary, MISSING};
use super::ids::IdKey;
use super::iso::UNPLACED;
use super::{Field, Index, facet, value};

/// By what rows are sorted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'a> {
    /// A column's values: numbers by size, then texts by code point, then other values.
    Value(&'a Column),
    /// The order in which a column's codes were given out.
    Code(&'a Column),
    /// The instant; among those that have none, the timestamp's text.
    Time,
    /// The id's text, by code point.
    EntryId,
}

impl Index {
    /// The key of a field's name; `None` for details and what has no column.
    pub(crate) fn key(&self, name: &str) -> Option<Key<'_>> {
        Some(match (name, Field::of_name(name)) {
            ("timestamp", _) => Key::Time,
            ("entry_id", _) => Key::EntryId,
            // Verdicts from good to bad, sources as they were given.
            (_, Some(field @ (Field::Verdict | Field::Source))) => Key::Code(self.column(field)),
            (_, Some(field)) => Key::Value(self.column(field)),
            _ => return None,
        })
    }
}

/// The rows of a set, sorted. Rows without a readable value come last, whatever the direction.
pub(crate) fn order(index: &Index, rows: &Bits, key: Key<'_>, descending: bool) -> Vec<u32> {
    match key {
        Key::Value(column) => by_rank(column, &ranks(column.dictionary()), rows, descending),
        Key::Code(column) => {
            let codes = column.dictionary().len();
            let ranks: Vec<_> = (0..codes)
                .map(|c| c.checked_sub(1).unwrap_or(codes - 1))
                .collect();
            by_rank(column, &ranks, rows, descending)
        }
        Key::Time => by_time(index, rows, descending),
        Key::EntryId => by_id(index, rows, descending),
    }
}

/// The place of every code's value among all of them; the last for [`MISSING`].
fn ranks(dictionary: &Dictionary) -> Vec<u32> {
    let texts = (0..dictionary.len()).filter(|code| dictionary.text(*code).starts_with('"'));
    let shared = shared_prefix(texts.map(|code| value::decoded(dictionary.text(code))));
    let mut codes: Vec<_> = (0..dictionary.len())
        .map(|code| (prefix(dictionary.text(code), shared), code))
        .collect();
    codes.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0)
            .then_with(|| value::compare(dictionary.text(a.1), dictionary.text(b.1)))
    });
    let mut ranks = vec![0; codes.len()];
    for ((_, code), rank) in codes.iter().zip(0..) {
        ranks[*code as usize] = rank;
    }
    ranks
}

/// Eight characters of a text behind what all texts begin with: most pairs need no more to be told apart, and these
/// stand side by side in memory. Other values have a kind only, and are before or behind all texts.
fn prefix(json: &str, shared: usize) -> (value::Kind, u64) {
    let kind = value::kind(json);
    if kind != value::Kind::Text {
        return (kind, 0);
    }
    let mut prefix = [0; 8];
    let text = value::decoded(json);
    for (to, from) in prefix
        .iter_mut()
        .zip(text.get(shared..).unwrap_or_default())
    {
        *to = *from;
    }
    (kind, u64::from_be_bytes(prefix))
}

/// How many bytes all texts have in common at their beginning.
fn shared_prefix<'t>(mut texts: impl Iterator<Item = Cow<'t, [u8]>>) -> usize {
    let Some(first) = texts.next() else {
        return 0;
    };
    texts.fold(first.len(), |shared, text| {
        let same = first[..shared]
            .iter()
            .zip(&*text)
            .take_while(|(a, b)| a == b);
        same.count()
    })
}

/// Sorts by counting: each row goes where the ones of lower rank and the earlier ones of its own leave off.
fn by_rank(column: &Column, ranks: &[u32], rows: &Bits, descending: bool) -> Vec<u32> {
    let counts = facet::counts(column, rows);
    let last = ranks.len().saturating_sub(1);
    let place = |code: usize| {
        let rank = ranks[code] as usize;
        if descending && code != MISSING as usize {
            last - 1 - rank
        } else {
            rank
        }
    };
    let mut next = vec![0; ranks.len()];
    for (code, count) in counts.iter().enumerate() {
        next[place(code)] = *count;
    }
    let mut total = 0;
    for next in &mut next {
        total += std::mem::replace(next, total);
    }
    let mut sorted = vec![0; total as usize];
    facet::for_each(column.codes().first(rows.len()), rows, |code, row| {
        let next = &mut next[place(code)];
        sorted[*next as usize] = u32::try_from(row).unwrap_or(u32::MAX);
        *next += 1;
    });
    sorted
}

fn by_time(index: &Index, rows: &Bits, descending: bool) -> Vec<u32> {
    let (mut placed, mut others) = (Vec::new(), Vec::new());
    facet::walk(index.micros(), rows, |time, row| {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        if time == UNPLACED {
            others.push((index.timestamps.text_code(row), row));
        } else {
            placed.push((time, row));
        }
    });
    // Stable, and quick with what is in order already, as logs mostly are.
    sort(&mut placed, descending);
    let others = by_text(others, index.timestamps.texts(), descending);
    let placed = placed.into_iter().map(|(_, row)| row);
    placed.chain(others.rows()).collect()
}

fn by_id(index: &Index, rows: &Bits, descending: bool) -> Vec<u32> {
    let (mut uuids, mut texts) = (Vec::new(), Vec::new());
    for row in rows.iter() {
        match index.ids.key(row) {
            IdKey::Uuid(uuid) => uuids.push((uuid, row)),
            IdKey::Text(code) => texts.push((code, row)),
        }
    }
    // UUIDs have one form, in which their order as numbers is that of their texts.
    sort(&mut uuids, descending);
    let texts = by_text(texts, index.ids.texts(), descending);
    let mut sorted = Vec::with_capacity(rows.count() as usize);
    let mut uuids = uuids.into_iter().map(|(_, row)| row).peekable();
    let (mut id, mut other) = (String::new(), String::new());
    for row in texts.valued {
        other.clear();
        index.ids.write(row, &mut other);
        while let Some(uuid) = uuids.next_if(|uuid| {
            id.clear();
            index.ids.write(*uuid, &mut id);
            (value::compare(&id, &other) == Ordering::Less) != descending
        }) {
            sorted.push(uuid);
        }
        sorted.push(row);
    }
    sorted.extend(uuids);
    sorted.extend(texts.missing);
    sorted
}

/// Sorts rows by what stands before them; those of equal rank stay as they are.
fn sort<K: Ord + Copy>(rows: &mut [(K, u32)], descending: bool) {
    if descending {
        rows.sort_by_key(|(key, _)| Reverse(*key));
    } else {
        rows.sort_by_key(|(key, _)| *key);
    }
}

/// Sorted rows.
struct ByText {
    valued: Vec<u32>,
    missing: Vec<u32>,
}

impl ByText {
    fn rows(self) -> impl Iterator<Item = u32> {
        self.valued.into_iter().chain(self.missing)
    }
}

/// Sorts rows by the texts of their codes.
fn by_text(rows: Vec<(u32, u32)>, dictionary: &Dictionary, descending: bool) -> ByText {
    let ranks = if rows.is_empty() {
        Vec::new()
    } else {
        ranks(dictionary)
    };
    let (mut valued, mut missing) = (Vec::new(), Vec::new());
    for (code, row) in rows {
        if code == MISSING {
            missing.push(row);
        } else {
            valued.push((ranks[code as usize], row));
        }
    }
    sort(&mut valued, descending);
    ByText {
        valued: valued.into_iter().map(|(_, row)| row).collect(),
        missing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::index_of_times;
    use super::*;
    use crate::units::RowIdx;

    #[test]
    fn orders_agree_with_a_plain_stable_sort() {
        let len = 5000;
        for spread in [3, 1_000_000_000_000] {
            let index = index_of_times(len, spread);
            let mut third = Bits::all(len);
            third.and(&Bits::of_values(&(0..len).collect::<Vec<_>>(), |i| {
                i % 3 == 0
            }));
            for rows in [Bits::all(len), third, Bits::none(len), Bits::all(len / 2)] {
                let names = ["timestamp", "entry_id", "verdict", "source"];
                let names = names.into_iter().chain(["actor", "resource_id", "action"]);
                for name in names {
                    for descending in [false, true] {
                        let key = index.key(name).expect("it is a field");
                        let found = order(&index, &rows, key, descending);
                        assert_eq!(found, naive(&index, &rows, name, descending), "{name}");
                    }
                }
            }
        }
        assert!(Index::default().key("details.score").is_none());
    }

    fn naive(index: &Index, rows: &Bits, name: &str, descending: bool) -> Vec<u32> {
        let mut rows: Vec<_> = rows.iter().collect();
        let text = |row: u32| {
            let mut out = String::new();
            match (name, Field::of_name(name)) {
                ("timestamp", _) => index.write_timestamp(RowIdx(row), &mut out),
                ("entry_id", _) => index.write_entry_id(RowIdx(row), &mut out),
                (_, Some(Field::Verdict)) => {
                    out = format!("{:?}", index.origin(RowIdx(row)).map(|o| o.verdict as u8));
                }
                (_, Some(field)) => out += index.column(field).json(row),
                _ => {}
            }
            out
        };
        let time = |row: u32| match name {
            "timestamp" => Some(index.micros()[row as usize]).filter(|t| *t != UNPLACED),
            _ => None,
        };
        rows.sort_by(|a, b| {
            let (text_a, text_b) = (text(*a), text(*b));
            let (time_a, time_b) = (time(*a), time(*b));
            // What has no value, or no time where it is about time, is last in any case.
            let last = time_a.is_none().cmp(&time_b.is_none());
            let last = last.then(text_a.is_empty().cmp(&text_b.is_empty()));
            let order = match (time_a, time_b) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => value::compare(&text_a, &text_b),
            };
            last.then(if descending { order.reverse() } else { order })
        });
        rows
    }
}
