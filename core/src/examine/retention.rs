//! How far a log reaches, measured by a retention policy. The day from which it counts back is given: no clock is read.

use crate::error::Error;
use crate::index::{Index, UNPLACED, decoded};
use crate::query::{print_time, stretch};
use crate::units::RowIdx;
use crate::view::{CELL_LIMIT, Dated, EntryRef, Retention, cut};

const DAY: i64 = 86_400_000_000;

/// A time by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Days(i64),
    Months(i64),
}

use Period::{Days, Months};

/// Policies with a name: what they ask for, and where that is said.
const PRESETS: [(&str, Period, &str); 6] = [
    ("90d", Days(90), "90 days"),
    (
        "eu-ai-act",
        Months(6),
        "6 months (EU AI Act, Articles 19 and 26(6), as the least)",
    ),
    (
        "hipaa",
        Months(72),
        "6 years (HIPAA, 45 CFR 164.316(b)(2)(i))",
    ),
    (
        "sec-17a-4-3y",
        Months(36),
        "3 years (SEC Rule 17a-4(b), 17 CFR 240.17a-4)",
    ),
    (
        "sec-17a-4-6y",
        Months(72),
        "6 years (SEC Rule 17a-4(a), 17 CFR 240.17a-4)",
    ),
    (
        "sox",
        Months(84),
        "7 years (Sarbanes-Oxley Act, 17 CFR 210.2-06)",
    ),
];

/// What is asked about retention: a policy, and the day from which it counts back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionAsk {
    policy: String,
    asks: String,
    as_of: String,
    /// The first microsecond of the first day asked for, and the first one behind the last day.
    since: i64,
    until: i64,
}

impl RetentionAsk {
    /// A policy is `90d`, `eu-ai-act`, `hipaa`, `sec-17a-4-3y`, `sec-17a-4-6y` or `sox`, or a number of days (`400d`), months
    /// (`18m`) or years (`5y`); the day is written as `2026-11-24`. Months and years count by the calendar: where the day
    /// is missing in the month, its last day is taken.
    ///
    /// # Errors
    ///
    /// If either is none, or the policy reaches back to before the year 1.
    pub fn new(policy: &str, as_of: &str) -> Result<Self, Error> {
        let (period, asks) = period(policy).ok_or_else(|| {
            Error::unsupported(format!("`{policy}` is no retention policy")).with_hint(
                "Policies are eu-ai-act, hipaa, sec-17a-4-3y, sec-17a-4-6y, sox, and days, months or years such as 90d, 18m, 5y.",
            )
        })?;
        let (day, until) = stretch(as_of)
            .filter(|_| as_of.len() == "2026-11-24".len())
            .ok_or_else(|| {
                Error::unsupported(format!("`{as_of}` is no day"))
                    .with_hint("A day is written as 2026-11-24.")
            })?;
        let since = back(day, as_of, period).ok_or_else(|| {
            Error::unsupported(format!("{asks} before {as_of} is before the year 1"))
        })?;
        Ok(Self {
            policy: policy.to_owned(),
            asks,
            as_of: as_of.to_owned(),
            since,
            until,
        })
    }
}

/// What a policy asks for, and the words for it.
fn period(policy: &str) -> Option<(Period, String)> {
    if let Some((_, period, asks)) = PRESETS.iter().find(|(name, ..)| *name == policy) {
        return Some((*period, (*asks).to_owned()));
    }
    let unit = policy.chars().last()?;
    let digits = policy.get(..policy.len() - unit.len_utf8())?;
    if digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok().filter(|n| *n > 0)?;
    let (period, word) = match unit {
        'd' => (Days(number), "day"),
        'm' => (Months(number), "month"),
        'y' => (Months(number * 12), "year"),
        _ => return None,
    };
    let plural = if number == 1 { "" } else { "s" };
    Some((period, format!("{number} {word}{plural}")))
}

/// The first microsecond of the day that lies so long before another one.
fn back(day: i64, text: &str, period: Period) -> Option<i64> {
    let months = match period {
        Days(days) => {
            let first = stretch("0001-01-01")?.0;
            return Some(day - days * DAY).filter(|since| *since >= first);
        }
        Months(months) => months,
    };
    let mut parts = text.split('-').map(str::parse::<i64>);
    let (year, month, of_month) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let month = year * 12 + (month - 1) - months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    if year < 1 {
        return None;
    }
    let (first, behind) = stretch(&format!("{year:04}-{month:02}"))?;
    Some(first + (of_month - 1).min((behind - first) / DAY - 1) * DAY)
}

/// Measures the times of a log.
pub(crate) fn measure(
    index: &Index,
    ask: &RetentionAsk,
    name: &dyn Fn(u32) -> EntryRef,
) -> Retention {
    let (mut older, mut within, mut later, mut undated) = (0, 0, 0, 0);
    let mut ends: Option<[(i64, u32); 2]> = None;
    for (row, at) in (0..index.len()).zip(index.micros().iter().copied()) {
        if at == UNPLACED {
            undated += 1;
            continue;
        }
        match at {
            at if at < ask.since => older += 1,
            at if at < ask.until => within += 1,
            _ => later += 1,
        }
        let [oldest, newest] = ends.get_or_insert([(at, row); 2]);
        if at < oldest.0 {
            *oldest = (at, row);
        }
        if at > newest.0 {
            *newest = (at, row);
        }
    }
    let days = |from: i64, to: i64| u64::try_from((to - from).div_euclid(DAY)).unwrap_or(0);
    let (oldest, newest) = match ends {
        Some([(oldest, _), (newest, _)]) => (oldest, newest),
        None => (ask.until, ask.since - 1),
    };
    let dated = |row: u32| Dated {
        time: time(index, row),
        entry: name(row),
    };
    let since = print_time(ask.since).unwrap_or_default();
    Retention {
        policy: ask.policy.clone(),
        asks: ask.asks.clone(),
        as_of: ask.as_of.clone(),
        older_filter: format!("before:{since}"),
        since,
        oldest: ends.map(|[(_, row), _]| dated(row)),
        newest: ends.map(|[_, (_, row)]| dated(row)),
        span_days: ends.map_or(0, |_| days(oldest, newest)),
        older,
        within,
        later,
        undated,
        unreached_days: days(ask.since, oldest.min(ask.until)),
        silent_days: days(newest, ask.until - 1),
    }
}

fn time(index: &Index, row: u32) -> String {
    let mut json = String::new();
    index.write_timestamp(RowIdx(row), &mut json);
    cut(&String::from_utf8_lossy(&decoded(&json)), CELL_LIMIT)
}

#[cfg(test)]
mod tests;
