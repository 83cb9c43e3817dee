//! Several sources as one log: whether they follow each other, and whether one of them is missing.

use std::collections::BTreeMap;

use super::{Part, found};
use crate::index::{Field, Index, UNPLACED};
use crate::view::{Evidence, Strength};

const HOUR: i64 = 3_600_000_000;
/// How many times as long as the pause that one in a hundred exceeds.
const FACTOR: i64 = 20;
/// Entries of a type below which it means nothing that there is none.
const FEWEST: u64 = 20;
/// What is told of one sort.
const TOLD: usize = 3;
/// Segments that are looked at by type.
const MOST_SEGMENTS: usize = 1_000;

/// A source and the time that it covers.
struct Segment<'p> {
    name: &'p str,
    rows: Vec<std::ops::Range<u32>>,
    first: i64,
    last: i64,
}

/// What the order, the ends and the names of several sources say.
pub(super) fn find(index: &Index, parts: &[Part]) -> Vec<Evidence> {
    let mut segments: Vec<Segment<'_>> = parts
        .chunk_by(|a, b| a.source == b.source)
        .filter_map(|of_one| segment(index, of_one))
        .collect();
    if segments.len() < 2 {
        return Vec::new();
    }
    segments.sort_by_key(|s| (s.first, s.last));
    let mut all = Vec::new();
    all.extend(overlap(index, &segments));
    all.extend(gap(index, &segments));
    all.extend(absent(index, &segments));
    all.extend(missing_name(&segments));
    all
}

fn segment<'p>(index: &Index, parts: &'p [Part]) -> Option<Segment<'p>> {
    let rows: Vec<_> = parts.iter().map(|p| p.rows.clone()).collect();
    let times = rows
        .iter()
        .flat_map(|r| index.micros().get(r.start as usize..r.end as usize))
        .flatten()
        .filter(|t| **t != UNPLACED);
    let (first, last) = times.fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(*t), b.max(*t)));
    (first <= last).then(|| Segment {
        name: parts.first().map_or("", |p| &p.source),
        rows,
        first,
        last,
    })
}

fn weak(code: &str, count: usize, message: String, explanations: &[&str]) -> Evidence {
    let mut evidence = found(code, Strength::Weak, message, explanations);
    evidence.count = count as u64;
    evidence
}

fn some(told: &[String]) -> String {
    let mut text = told
        .iter()
        .take(TOLD)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    if told.len() > TOLD {
        text.push_str(&format!("; and {} more", told.len() - TOLD));
    }
    text
}

fn overlap(index: &Index, segments: &[Segment<'_>]) -> Option<Evidence> {
    let mut told = Vec::new();
    let mut before = segments.first()?;
    for segment in &segments[1..] {
        if segment.first < before.last {
            let rows = segment.rows.iter().cloned().flatten();
            let is_twice = |row: &u32| {
                let mut codes = index.finding_codes(crate::units::RowIdx(*row));
                codes.any(|code| code == "duplicate-id")
            };
            let how = if segment.last <= before.last {
                "lies within the time of"
            } else {
                "begins before the end of"
            };
            told.push(format!(
                "{} {how} {}, and {} of its ids were seen before",
                segment.name,
                before.name,
                rows.filter(is_twice).count()
            ));
        }
        if segment.last > before.last {
            before = segment;
        }
    }
    (!told.is_empty()).then(|| {
        weak(
            "segments-overlap",
            told.len(),
            format!("the files are no segments that follow each other: {}", some(&told)),
            &["Several services may keep their logs side by side, or one file may be a copy of another."],
        )
    })
}

/// Pauses between two segments that are far longer than any within them.
fn gap(index: &Index, segments: &[Segment<'_>]) -> Option<Evidence> {
    let mut times: Vec<i64> = (index.micros().iter().copied())
        .filter(|t| *t != UNPLACED)
        .collect();
    times.sort_unstable();
    let mut pauses: Vec<i64> = times
        .windows(2)
        .map(|w| w[1].saturating_sub(w[0]))
        .collect();
    // The pauses between segments are not what is usual.
    let aside = (pauses.len() / 100).max(segments.len());
    let rank = pauses.len().checked_sub(1 + aside)?;
    let usual = (*pauses.select_nth_unstable(rank).1).max(1);
    let mut told = Vec::new();
    let mut last = segments.first()?.last;
    let mut before = segments.first()?.name;
    for segment in &segments[1..] {
        let pause = segment.first.saturating_sub(last);
        if pause >= HOUR && pause / usual >= FACTOR {
            told.push(format!(
                "{} h between {before} and {}",
                pause / HOUR,
                segment.name
            ));
        }
        if segment.last > last {
            (last, before) = (segment.last, segment.name);
        }
    }
    (!told.is_empty()).then(|| {
        weak(
            "segments-gap",
            told.len(),
            format!(
                "between segments there is no entry for long: {}",
                some(&told)
            ),
            &[
                "Nothing may have happened: nights, holidays, a system that was switched off.",
                "A segment between them may not be open here.",
            ],
        )
    })
}

/// Event types that are missing in a segment and frequent in those on both sides of it.
fn absent(index: &Index, segments: &[Segment<'_>]) -> Option<Evidence> {
    if segments.len() < 3 || segments.len() > MOST_SEGMENTS {
        return None;
    }
    let codes = index.column(Field::EventType).codes();
    let counts: Vec<BTreeMap<u32, u64>> = segments
        .iter()
        .map(|segment| {
            let mut of_types = BTreeMap::new();
            let rows = segment.rows.iter().cloned().flatten();
            for code in rows.filter_map(|row| codes.get(row)) {
                *of_types.entry(code).or_default() += 1;
            }
            of_types
        })
        .collect();
    let mut told = Vec::new();
    for (i, window) in counts.windows(3).enumerate() {
        let [before, here, after] = window else {
            continue;
        };
        let is_large = here.values().sum::<u64>() >= FEWEST;
        for (code, _) in before.iter().filter(|(_, n)| is_large && **n >= FEWEST) {
            let is_after = after.get(code).is_some_and(|n| *n >= FEWEST);
            if is_after && !here.contains_key(code) {
                let name = index.column(Field::EventType).dictionary().text(*code);
                let segment = segments.get(i + 1).map_or("", |s| s.name);
                told.push(format!(
                    "{} in {segment}",
                    crate::finding::shown(name.trim_matches('"').as_bytes())
                ));
            }
        }
    }
    (!told.is_empty()).then(|| {
        weak(
            "type-absent",
            told.len(),
            format!("entries of a type are missing in a segment that has others, and frequent before and behind it: {}", some(&told)),
            &["What writes them may have been switched off for that time."],
        )
    })
}

/// Names that count, with a number missing: `audit.1.jsonl`, `audit.3.jsonl`.
fn missing_name(segments: &[Segment<'_>]) -> Option<Evidence> {
    if segments.len() < 3 {
        return None;
    }
    let split: Vec<(Vec<&str>, Vec<&str>)> = segments.iter().map(|s| digits(s.name)).collect();
    let (texts, numbers) = split.first()?;
    if split
        .iter()
        .any(|(t, n)| t != texts || n.len() != numbers.len())
    {
        return None;
    }
    let differing: Vec<usize> = (0..numbers.len())
        .filter(|i| split.iter().any(|(_, n)| n[*i] != numbers[*i]))
        .collect();
    let [place] = differing[..] else { return None };
    let mut counted: Vec<i64> = (split.iter())
        .map(|(_, n)| n[place].parse().ok().filter(|n| *n < 1_000_000_000))
        .collect::<Option<_>>()?;
    counted.sort_unstable();
    let range = counted.last()? - counted.first()? + 1;
    // Names with wide gaps are numbered by something else.
    if range.unsigned_abs() > 2 * counted.len() as u64 {
        return None;
    }
    let missing: Vec<String> = (counted.windows(2))
        .flat_map(|w| w[0] + 1..w[1])
        .map(|n| n.to_string())
        .collect();
    if missing.is_empty() {
        return None;
    }
    // Days without a file are nights and weekends of somebody.
    let is_date = numbers.len() > 2;
    let strength = if is_date {
        Strength::Weak
    } else {
        Strength::Moderate
    };
    let mut evidence = found(
        "segment-missing",
        strength,
        format!(
            "the names of the files count from {} to {}, and there is none with {}",
            counted.first()?,
            counted.last()?,
            some(&missing)
        ),
        &["A segment may not be open here, or nothing was written in its time."],
    );
    evidence.count = missing.len() as u64;
    Some(evidence)
}

/// A name as the texts between its numbers, and the numbers.
fn digits(name: &str) -> (Vec<&str>, Vec<&str>) {
    let is_digit = |c: char| c.is_ascii_digit();
    let texts = name.split(is_digit).filter(|t| !t.is_empty()).collect();
    let numbers = name
        .split(|c| !is_digit(c))
        .filter(|n| !n.is_empty())
        .collect();
    (texts, numbers)
}
