//! How often each value of a column occurs in a set of rows, and which of them are wanted.

use std::cmp::Ordering;

use super::bits::{Bits, ones};
use super::codes::Codes;
use super::column::Column;
use super::dictionary::MISSING;
use super::value;
use crate::view::{FacetAsk, FacetOrder};

/// Codes up to which counting goes in several lanes: one counter that is raised row after row waits for itself.
const LANE_CODES: usize = 1024;
const LANES: usize = 4;

/// The values of a facet, by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The values wanted, with their rows.
    pub(crate) values: Vec<(u32, u64)>,
    /// How many different values occur that contain the text searched for.
    pub(crate) distinct: u64,
    /// Rows without a readable value.
    pub(crate) missing: u64,
}

/// Rows per code among `rows`; codes beyond its end have none. Counts of several indexes add up, text by text.
pub(crate) fn counts(column: &Column, rows: &Bits) -> Vec<u32> {
    let codes = column.codes().first(rows.len());
    if rows.is_all() && rows.len() == column.codes().len() {
        return column.totals().to_vec();
    }
    let len = column.dictionary().len() as usize;
    if len <= LANE_CODES {
        let mut lanes = vec![0; len * LANES];
        for_each(codes, rows, |code, row| {
            lanes[code * LANES + row % LANES] += 1;
        });
        let sums = lanes.chunks(LANES).map(|lanes| lanes.iter().sum());
        return sums.collect();
    }
    let mut counts = vec![0; len];
    for_each(codes, rows, |code, _| counts[code] += 1);
    counts
}

/// Calls `then` with the code and the place of every row in `rows`.
#[inline]
pub(crate) fn for_each(codes: Codes<'_>, rows: &Bits, mut then: impl FnMut(usize, usize)) {
    match codes {
        Codes::U8(codes) => walk(codes, rows, |code, row| then(usize::from(code), row)),
        Codes::U16(codes) => walk(codes, rows, |code, row| then(usize::from(code), row)),
        Codes::U32(codes) => walk(codes, rows, |code, row| then(code as usize, row)),
    }
}

/// Calls `then` with the value and the place of every row in `rows`; whole words without looking at their bits.
#[inline]
pub(crate) fn walk<T: Copy>(values: &[T], rows: &Bits, mut then: impl FnMut(T, usize)) {
    for ((values, word), first) in values.chunks(64).zip(rows.words()).zip((0..).step_by(64)) {
        if *word == u64::MAX {
            for (value, row) in values.iter().zip(first..) {
                then(*value, row);
            }
        } else {
            for bit in ones(*word) {
                if let Some(value) = values.get(bit as usize) {
                    then(*value, first + bit as usize);
                }
            }
        }
    }
}

/// The values of `column` among `rows` that are asked for.
pub(crate) fn facet(column: &Column, rows: &Bits, ask: &FacetAsk) -> Counted {
    let counts = counts(column, rows);
    page(column, &counts, ask)
}

/// The same from counts that are known.
pub(crate) fn page(column: &Column, counts: &[u32], ask: &FacetAsk) -> Counted {
    let dictionary = column.dictionary();
    let search = Search::new(&ask.search);
    let by_name =
        |a: &Value, b: &Value| value::compare(dictionary.text(a.code), dictionary.text(b.code));
    let by_count = |a: &Value, b: &Value| b.count.cmp(&a.count).then_with(|| by_name(a, b));
    let values = (0..)
        .zip(counts)
        .filter(|(code, count)| **count > 0 && *code != MISSING)
        .filter(|(code, _)| search.is_in(dictionary.text(*code)))
        .map(|(code, count)| Value {
            code,
            count: *count,
        });
    let start = usize::try_from(ask.start).unwrap_or(usize::MAX);
    let end = start.saturating_add(ask.limit as usize);
    let (first, distinct) = match ask.order {
        FacetOrder::Count => first_of(values, end, by_count),
        FacetOrder::Name => first_of(values, end, by_name),
    };
    let values = first.get(start..).unwrap_or_default().iter();
    Counted {
        values: values.map(|v| (v.code, u64::from(v.count))).collect(),
        distinct,
        missing: counts.first().map_or(0, |n| u64::from(*n)),
    }
}

/// A value and its rows.
#[derive(Clone, Copy)]
struct Value {
    code: u32,
    count: u32,
}

/// The first `wanted` of the values in the order of `compare`, and how many values there are.
///
/// Most of many are dismissed by one comparison with the last of those that are wanted so far.
pub(super) fn first_of<T>(
    values: impl Iterator<Item = T>,
    wanted: usize,
    compare: impl Fn(&T, &T) -> Ordering,
) -> (Vec<T>, u64) {
    let mut first: Vec<T> = Vec::new();
    // From here on `first` begins with the wanted so far, the last of them at its place.
    let mut is_full = false;
    let mut count = 0;
    for value in values {
        count += 1;
        if wanted == 0 || is_full && compare(&value, &first[wanted - 1]) == Ordering::Greater {
            continue;
        }
        first.push(value);
        if first.len() >= wanted.saturating_mul(2).max(64) && first.len() > wanted {
            first.select_nth_unstable_by(wanted - 1, &compare);
            first.truncate(wanted);
            is_full = true;
        }
    }
    first.sort_unstable_by(&compare);
    first.truncate(wanted);
    (first, count)
}

/// A text searched for in values, whatever the case of its letters.
struct Search {
    lower: String,
}

impl Search {
    fn new(text: &str) -> Self {
        Self {
            lower: text.to_lowercase(),
        }
    }

    fn is_in(&self, json: &str) -> bool {
        if self.lower.is_empty() {
            return true;
        }
        let shown = value::decoded(json);
        if shown.is_ascii() && self.lower.is_ascii() {
            let wanted = self.lower.as_bytes();
            let mut windows = shown.windows(wanted.len());
            return windows.any(|w| w.eq_ignore_ascii_case(wanted));
        }
        String::from_utf8_lossy(&shown)
            .to_lowercase()
            .contains(&self.lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of several kinds and widths, row by row, pseudo-random.
    fn column(len: u64, distinct: u64) -> (Column, Vec<String>) {
        let mut column = Column::default();
        let values = (0..len).map(|i| match i.wrapping_mul(0x9E37_79B9) >> 7 & 0xFFFF_FFFF {
            n if n % 17 == 0 => String::new(),
            n if n % 13 == 0 => (n % distinct).to_string(),
            n => format!("\"Name {}\"", n % distinct % (n % 5 * distinct / 5 + 1)),
        });
        let values: Vec<_> = values.collect();
        for value in &values {
            column.push(value.as_bytes());
        }
        (column, values)
    }

    fn naive(values: &[String], rows: &Bits, ask: &FacetAsk) -> (Vec<(String, u64)>, u64, u64) {
        let mut found = std::collections::BTreeMap::<&str, u64>::new();
        for row in rows.iter() {
            *found.entry(&values[row as usize]).or_default() += 1;
        }
        let missing = found.remove("").unwrap_or(0);
        let mut found: Vec<_> = found.into_iter().collect();
        let search = ask.search.to_lowercase();
        found.retain(|(text, _)| text.trim_matches('"').to_lowercase().contains(&search));
        found.sort_by(|a, b| value::compare(a.0, b.0));
        if ask.order == FacetOrder::Count {
            found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        }
        let distinct = found.len() as u64;
        let wanted = found
            .into_iter()
            .skip(usize::try_from(ask.start).unwrap_or(usize::MAX));
        let wanted = wanted.take(ask.limit as usize);
        let wanted = wanted.map(|(text, count)| (text.to_owned(), count));
        (wanted.collect(), distinct, missing)
    }

    #[test]
    fn facets_agree_with_plain_loops() {
        for (len, distinct) in [(0, 1), (300, 7), (5000, 400), (5000, 3000)] {
            let (column, values) = column(len, distinct);
            let all = Bits::all(column.codes().len());
            let mut third = all.clone();
            third.and(&Bits::of_values(
                &(0..values.len()).collect::<Vec<_>>(),
                |i| i % 3 == 0,
            ));
            let mut block = all.clone();
            block.and(&Bits::of_values(
                &(0..values.len()).collect::<Vec<_>>(),
                |i| i / 200 % 2 == 1,
            ));
            let prefix = Bits::all(column.codes().len() / 2);
            for rows in [all, third, block, prefix] {
                for search in ["", "NAME 1", "1", "ë"] {
                    for order in [FacetOrder::Count, FacetOrder::Name] {
                        for (start, limit) in [(0, 10), (3, 5), (0, 100_000), (90_000, 10), (2, 0)]
                        {
                            let ask = FacetAsk {
                                search: search.into(),
                                order,
                                start,
                                limit,
                                ..FacetAsk::default()
                            };
                            let found = facet(&column, &rows, &ask);
                            let text = |(code, n): &(u32, u64)| {
                                (column.dictionary().text(*code).to_owned(), *n)
                            };
                            let texts = found.values.iter().map(text).collect::<Vec<_>>();
                            assert_eq!(
                                (texts, found.distinct, found.missing),
                                naive(&values, &rows, &ask)
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_search_does_not_look_at_the_case_of_letters() {
        let is_in = |search: &str, json: &str| Search::new(search).is_in(json);
        assert!(is_in("zoË", r#""Zo\u00eb M\u00fcller""#));
        assert!(is_in("MÜLL", r#""Zo\u00eb M\u00fcller""#));
        assert!(is_in("müller", r#""M\u00dcLLER""#));
        assert!(is_in("model", r#""The MODEL""#));
        assert!(!is_in("models", r#""The MODEL""#));
        assert!(!is_in("u00eb", r#""Zo\u00eb""#));
        assert!(is_in("4", "42"));
    }
}
