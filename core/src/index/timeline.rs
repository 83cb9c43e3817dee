//! Rows over time: a histogram whose buckets are divided by the values of a column.

use super::bits::Bits;
use super::column::Column;
use super::facet::{counts, first_of, walk};
use super::iso::UNPLACED;
use super::{Index, dictionary::MISSING};
use crate::view::TimelineAsk;

/// Buckets at most, however many are asked for.
const MOST_BUCKETS: u32 = 2_000;
/// Values that have a share of their own; the others have one together.
const MOST_SERIES: usize = 9;

const MILLISECOND: i64 = 1_000;
const SECOND: i64 = 1_000 * MILLISECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// 1970-01-05, the first Monday: weeks and what is made of them begin on one.
const MONDAY: i64 = 4 * DAY;

/// The years 1 to 9999, and a day on either side for zones.
const FIRST: i64 = -719_163 * DAY;
const LAST: i64 = 2_932_898 * DAY;

/// A histogram, its series by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// The beginning of the first bucket.
    pub(crate) start: i64,
    /// Microseconds of a bucket.
    pub(crate) step: i64,
    /// How many buckets.
    pub(crate) buckets: u32,
    /// What the buckets are divided by, the most frequent first: rows per bucket.
    pub(crate) series: Vec<(Share, Vec<u32>)>,
    /// Rows whose time cannot be read.
    pub(crate) untimed: u64,
}

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// The value of this code; [`MISSING`] for rows without a readable one.
    Code(u32),
    /// Everything else.
    Rest,
}

/// The histogram of `rows` that is asked for, divided by the values of `stack`.
pub(crate) fn timeline(index: &Index, rows: &Bits, stack: &Column, ask: &TimelineAsk) -> Histogram {
    let micros = index.micros();
    let micros = &micros[..micros.len().min(rows.len() as usize)];
    let untimed = if index.unplaced() == 0 {
        0
    } else {
        let mut untimed = Bits::of_values(micros, |m| m == UNPLACED);
        untimed.and(rows);
        u64::from(untimed.count())
    };
    let (first, last) = index.extent().unwrap_or((0, -1));
    let from = ask.from.unwrap_or(first).clamp(FIRST, LAST);
    let to = ask.to.unwrap_or(last + 1).clamp(FIRST, LAST);
    if from >= to {
        let step = 1;
        return Histogram {
            start: from,
            step,
            untimed,
            ..Histogram::default()
        };
    }
    let grid = Grid::new(from, to, ask.buckets);
    let mut rows = rows.clone();
    let is_all = first >= from && last < to && untimed == 0;
    if !is_all {
        rows.and(&Bits::of_values(micros, |m| (from..to).contains(&m)));
    }
    Histogram {
        start: grid.start,
        step: grid.step,
        buckets: grid.buckets,
        series: grid.series(micros, &rows, stack),
        untimed,
    }
}

/// The buckets: where the first begins, how long each is, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    start: i64,
    step: i64,
    buckets: u32,
}

impl Grid {
    /// The finest round steps of which no more than `wanted` (and one for where they begin) cover the time up to `to`.
    fn new(from: i64, to: i64, wanted: u32) -> Self {
        let most = i64::from(wanted.clamp(1, MOST_BUCKETS - 1));
        let step = Steps::default()
            .find(|step| (to - from - 1) / step < most)
            .unwrap_or(LAST - FIRST);
        let origin = if step % WEEK == 0 { MONDAY } else { 0 };
        let start = from - (from - origin).rem_euclid(step);
        Self {
            start,
            step,
            buckets: u32::try_from((to - 1 - start) / step + 1).unwrap_or(MOST_BUCKETS),
        }
    }

    /// Rows per bucket for each of the most frequent values.
    fn series(self, micros: &[i64], rows: &Bits, stack: &Column) -> Vec<(Share, Vec<u32>)> {
        let counts = counts(stack, rows);
        let codes = (MISSING..).zip(&counts).filter(|(_, n)| **n > 0);
        // By frequency, then by code: the order in which the values came.
        let (codes, distinct) =
            first_of(codes, MOST_SERIES, |a, b| b.1.cmp(a.1).then(a.0.cmp(&b.0)));
        let has_rest = distinct > codes.len() as u64;
        let shares = codes.iter().map(|(code, _)| Share::Code(*code));
        let shares: Vec<_> = shares.chain(has_rest.then_some(Share::Rest)).collect();
        // Codes that have no place of their own are in the last one.
        let mut places = vec![u8::try_from(MOST_SERIES).unwrap_or(u8::MAX); counts.len()];
        for ((code, _), place) in codes.iter().zip(0..) {
            places[*code as usize] = place;
        }
        let table = match stack.codes() {
            super::Codes::U8(codes) => self.count(micros, rows, codes, |c| places[usize::from(c)]),
            super::Codes::U16(codes) => self.count(micros, rows, codes, |c| places[usize::from(c)]),
            super::Codes::U32(codes) => self.count(micros, rows, codes, |c| places[c as usize]),
        };
        let width = MOST_SERIES + 1;
        let series = shares.into_iter().enumerate().map(|(i, share)| {
            let place = if share == Share::Rest { MOST_SERIES } else { i };
            let counts = table.iter().skip(place).step_by(width).copied();
            (share, counts.collect())
        });
        series.collect()
    }

    /// Rows per bucket and place, the places of a bucket side by side.
    fn count<C: Copy>(
        self,
        micros: &[i64],
        rows: &Bits,
        codes: &[C],
        place: impl Fn(C) -> u8,
    ) -> Vec<u32> {
        let width = MOST_SERIES + 1;
        let mut table = vec![0; self.buckets as usize * width];
        // Logs are written in the order of time: most rows fall into the bucket of the one before, and need no division.
        let (mut bucket, mut begin) = (0, self.start);
        walk(micros, rows, |time, row| {
            let within = time.wrapping_sub(begin);
            if !(0..self.step).contains(&within) {
                let number = (time - self.start) / self.step;
                begin = self.start + number * self.step;
                bucket = usize::try_from(number).unwrap_or(usize::MAX);
            }
            let place = codes.get(row).map_or(0, |code| usize::from(place(*code)));
            if let Some(count) = table.get_mut(bucket.saturating_mul(width) + place) {
                *count += 1;
            }
        });
        table
    }
}

/// All round steps, from the finest on.
///
/// Up to half a second 1, 2 and 5 times a power of ten; then clock times; then days, whole weeks from Monday on, and
/// from a quarter of a year on 13, 26 and 52 weeks and 2, 5, 10 … times 52. Months and years are of no fixed length, and a
/// bucket is.
#[derive(Clone, Debug, Default)]
struct Steps {
    next: usize,
}

const CLOCK: [i64; 21] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    WEEK,
    2 * WEEK,
];
const LONG: [i64; 3] = [4 * WEEK, 13 * WEEK, 26 * WEEK];

impl Iterator for Steps {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        const FINE: usize = 18;
        let nth = |i: usize| [1, 2, 5][i % 3] * 10_i64.pow(u32::try_from(i / 3).unwrap_or(0));
        let i = self.next;
        self.next += 1;
        let clock = FINE..FINE + CLOCK.len();
        let long = clock.end..clock.end + LONG.len();
        match i {
            _ if i < FINE => Some(nth(i)),
            _ if clock.contains(&i) => Some(CLOCK[i - clock.start]),
            _ if long.contains(&i) => Some(LONG[i - long.start]),
            // 52 weeks times 1 up to 5,000: some 10,000 years at a time, and more than the calendar has.
            _ => Some(i - long.end)
                .filter(|i| *i < 15)
                .map(|i| 52 * WEEK * nth(i)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::index_of_times;
    use super::*;

    #[test]
    fn steps_are_round_and_grow() {
        let steps: Vec<_> = Steps::default().collect();
        assert!(steps.is_sorted_by(|a, b| a < b));
        assert_eq!(steps[..4], [1, 2, 5, 10]);
        assert_eq!(steps[17..20], [SECOND / 2, SECOND, 2 * SECOND]);
        assert!(steps.last().is_some_and(|last| *last > LAST - FIRST));
        for pair in steps.windows(2) {
            assert!(pair[1] <= pair[0] * 7 / 2, "{pair:?}");
        }
    }

    fn check(from: i64, to: i64, wanted: u32, (start, step, buckets): (i64, i64, u32)) {
        let grid = Grid::new(from, to, wanted);
        let expected = Grid {
            start,
            step,
            buckets,
        };
        assert_eq!(grid, expected);
    }

    #[test]
    fn buckets_are_round_and_cover_what_is_asked() {
        check(0, 1, 60, (0, 1, 1));
        check(7, 67, 60, (7, 1, 60));
        check(7, 68, 60, (6, 2, 31));
        check(0, 90 * DAY, 100, (0, DAY, 90));
        check(HOUR + 1, 25 * HOUR + 1, 24, (HOUR, HOUR, 25));
        // 1969-12-29 is a Monday.
        check(0, 700 * DAY, 100, (-3 * DAY, WEEK, 101));
        check(
            FIRST,
            LAST,
            100,
            (
                FIRST - (FIRST - MONDAY).rem_euclid(10_400 * WEEK),
                10_400 * WEEK,
                51,
            ),
        );
        for wanted in [0, 1, 2, 3, 60, 1999, 2000, u32::MAX] {
            for span in [1, 2, 1_000_003, 86 * DAY + 5, 9999 * 365 * DAY] {
                for from in [FIRST, -1, 0, 17] {
                    let to = (from + span).min(LAST);
                    let grid = Grid::new(from, to, wanted);
                    assert!(grid.start <= from && from < grid.start + grid.step);
                    let end = grid.start + grid.step * i64::from(grid.buckets);
                    assert!(end >= to && to > end - grid.step);
                    assert!(
                        grid.buckets <= MOST_BUCKETS
                            && grid.buckets <= wanted.max(1).saturating_add(1)
                    );
                }
            }
        }
    }

    #[test]
    fn histograms_agree_with_plain_loops() {
        for (len, spread) in [
            (0, 1),
            (1, 1),
            (5000, 3),
            (5000, 10_000_000_000),
            (5000, 1_000_000_000_000_000),
        ] {
            let index = index_of_times(len, spread);
            let stacks = [
                super::super::Field::Verdict,
                super::super::Field::ResourceId,
            ];
            let all = Bits::all(len);
            let mut third = all.clone();
            third.and(&Bits::of_values(&(0..len).collect::<Vec<_>>(), |i| {
                i % 3 == 0
            }));
            for rows in [all, third, Bits::none(len), Bits::all(len / 2)] {
                for stack in stacks.map(|field| index.column(field)) {
                    for (from, to) in [
                        (None, None),
                        (Some(spread / 3), Some(spread / 2)),
                        (Some(5), Some(5)),
                        (Some(i64::MIN), Some(i64::MAX)),
                    ] {
                        for buckets in [1, 50, 5000] {
                            let ask = TimelineAsk {
                                from,
                                to,
                                buckets,
                                stack: String::new(),
                            };
                            compare(&index, &rows, stack, &ask);
                        }
                    }
                }
            }
        }
    }

    fn compare(index: &Index, rows: &Bits, stack: &Column, ask: &TimelineAsk) {
        let found = timeline(index, rows, stack, ask);
        let untimed = rows
            .iter()
            .filter(|row| index.micros()[*row as usize] == UNPLACED);
        assert_eq!(found.untimed, untimed.count() as u64);
        let (first, last) = index.extent().unwrap_or((0, -1));
        let (from, to) = (ask.from.unwrap_or(first), ask.to.unwrap_or(last + 1));
        let mut sums = vec![0; found.buckets as usize];
        let own: Vec<_> = found.series.iter().map(|(share, _)| *share).collect();
        assert!(own.len() <= MOST_SERIES + 1);
        let mut expected = vec![vec![0; found.buckets as usize]; own.len()];
        for row in rows.iter() {
            let time = index.micros()[row as usize];
            if time == UNPLACED || !(from..to).contains(&time) {
                continue;
            }
            let bucket = usize::try_from((time - found.start) / found.step).expect("it is placed");
            let code = stack.codes().get(row).expect("it is a row");
            let place = own.iter().position(|share| *share == Share::Code(code));
            let place = place.or_else(|| own.iter().position(|share| *share == Share::Rest));
            expected[place.expect("it has a place")][bucket] += 1;
            sums[bucket] += 1_u32;
        }
        let series: Vec<_> = found
            .series
            .iter()
            .map(|(_, counts)| counts.clone())
            .collect();
        assert_eq!(series, expected);
        let totals = series.iter().map(|counts| counts.iter().sum::<u32>());
        let totals: Vec<_> = totals.collect();
        let ranked = &totals[..totals.len().min(MOST_SERIES)];
        assert!(ranked.is_sorted_by(|a, b| a >= b));
    }
}
