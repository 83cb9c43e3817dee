//! Instants as people write them: microseconds since 1970 to a date and a time of day, and the marks of an axis. Pure; no
//! clock and no zone are asked.

/// Microseconds of units that never vary.
pub(crate) const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    /// Microseconds since midnight.
    pub(crate) of_day: i64,
}

/// The date and time of an instant, by the rules of the Gregorian calendar for all years.
pub(crate) fn civil(micros: i64) -> Civil {
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let days = micros.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil {
        year,
        month,
        day,
        of_day: micros.rem_euclid(DAY),
    }
}

/// The instant at which a day begins; `None` beyond what 64 bits hold.
pub(crate) fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    (era * 146_097 + of_era - 719_468).checked_mul(DAY)
}

/// An instant as a reader takes it, no longer than needed: `2026-07-01`, `2026-07-01 09:21:07.5`.
pub(crate) fn readable(micros: i64) -> String {
    let c = civil(micros);
    let date = format!("{:04}-{:02}-{:02}", c.year, c.month, c.day);
    match c.of_day {
        0 => date,
        t => format!("{date} {}", time_of_day(t)),
    }
}

/// `09:21`, `09:21:07`, `09:21:07.118402`: no longer than needed.
fn time_of_day(t: i64) -> String {
    let (h, m, s, f) = (t / HOUR, t / MINUTE % 60, t / SECOND % 60, t % SECOND);
    match (s, f) {
        (0, 0) => format!("{h:02}:{m:02}"),
        (_, 0) => format!("{h:02}:{m:02}:{s:02}"),
        (_, f) => {
            let digits = format!("{f:06}");
            format!("{h:02}:{m:02}:{s:02}.{}", digits.trim_end_matches('0'))
        }
    }
}

/// A length of time in its two largest units: `5 µs`, `30 min`, `14 days 12 h`, `about 3 months`.
pub(crate) fn length(micros: u64) -> String {
    let mut rest = i64::try_from(micros).unwrap_or(i64::MAX);
    if rest >= 60 * DAY {
        let (unit, name) = if rest >= 730 * DAY {
            (365 * DAY + DAY / 4, "years")
        } else {
            (30 * DAY + DAY / 2, "months")
        };
        return format!("about {} {name}", (rest + unit / 2) / unit);
    }
    let units = [
        (DAY, "day"),
        (HOUR, "h"),
        (MINUTE, "min"),
        (SECOND, "s"),
        (1_000, "ms"),
        (1, "µs"),
    ];
    let mut out = Vec::new();
    for (unit, name) in units {
        let n = rest / unit;
        rest %= unit;
        if n > 0 {
            let s = if n > 1 && unit == DAY { "s" } else { "" };
            out.push(format!("{n} {name}{s}"));
        }
        // The second unit stands directly below the first, or not at all.
        if out.len() == 2 || (out.len() == 1 && n == 0) {
            break;
        }
    }
    if out.is_empty() {
        out.push("0 µs".into());
    }
    out.join(" ")
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Where.
    pub(crate) at: i64,
    /// What stands there. The first one, and each where a day, a month or a year begins, names it whole.
    pub(crate) label: String,
}

/// What an axis counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Micros(i64),
    Months(i64),
}

/// At most `most` marks between two instants, at round times. The year can always be read.
pub(crate) fn marks(from: i64, to: i64, most: u32) -> Vec<Mark> {
    let span = i128::from(to) - i128::from(from);
    if span <= 0 || most == 0 {
        return Vec::new();
    }
    let step = step_for(span, most);
    let mut out: Vec<Mark> = Vec::new();
    let mut at = first_at(from, step);
    let mut before = None;
    while let Some(now) = at.filter(|a| *a <= to) {
        if out.len() > most as usize {
            break;
        }
        out.push(Mark {
            at: now,
            label: label(now, step, before),
        });
        before = Some(now);
        at = next(now, step);
    }
    out
}

fn step_for(span: i128, most: u32) -> Step {
    let fits = |micros: i128| span / micros < i128::from(most);
    let mut power = 1_i64;
    let small = std::iter::from_fn(|| {
        let now = power;
        power *= 10;
        (now < SECOND).then_some([now, 2 * now, 5 * now])
    });
    let clock = [
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
        7 * DAY,
    ];
    if let Some(step) = small.flatten().chain(clock).find(|s| fits(i128::from(*s))) {
        return Step::Micros(step);
    }
    let months = [1, 2, 3, 6].into_iter();
    let mut power = 1_i64;
    let years = std::iter::from_fn(|| {
        let now = power;
        power *= 10;
        Some([12 * now, 24 * now, 60 * now])
    });
    months
        .chain(years.flatten())
        .take(40)
        .find(|m| fits(i128::from(*m) * 30 * i128::from(DAY)))
        .map_or(Step::Months(12_000_000), Step::Months)
}

fn first_at(from: i64, step: Step) -> Option<i64> {
    match step {
        Step::Micros(s) => {
            // Weeks begin on a Monday: day 4 of 1970 was one.
            let origin = if s == 7 * DAY { 4 * DAY } else { 0 };
            let over = (from.checked_sub(origin)?).rem_euclid(s);
            from.checked_add(if over == 0 { 0 } else { s - over })
        }
        Step::Months(m) => {
            let c = civil(from);
            let month = (c.year * 12 + c.month - 1).div_euclid(m) * m;
            // It may lie before the first instant that there is.
            of_month(month)
                .filter(|at| *at >= from)
                .or_else(|| of_month(month + m))
        }
    }
}

fn of_month(month: i64) -> Option<i64> {
    midnight(month.div_euclid(12), month.rem_euclid(12) + 1, 1)
}

fn next(at: i64, step: Step) -> Option<i64> {
    match step {
        Step::Micros(s) => at.checked_add(s),
        Step::Months(m) => {
            let c = civil(at);
            of_month(c.year * 12 + c.month - 1 + m)
        }
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn label(at: i64, step: Step, before: Option<i64>) -> String {
    let c = civil(at);
    let month = usize::try_from(c.month - 1)
        .ok()
        .and_then(|m| MONTHS.get(m))
        .copied()
        .unwrap_or_default();
    let b = before.map(civil);
    let same_year = b.is_some_and(|b| b.year == c.year);
    let same_day = same_year && b.is_some_and(|b| (b.month, b.day) == (c.month, c.day));
    match step {
        Step::Months(m) if m % 12 == 0 => c.year.to_string(),
        Step::Months(_) if same_year => month.to_owned(),
        Step::Months(_) => format!("{month} {}", c.year),
        Step::Micros(s) if s >= DAY && same_year => format!("{} {month}", c.day),
        Step::Micros(s) if s >= DAY => format!("{} {month} {}", c.day, c.year),
        Step::Micros(s) => {
            let t = c.of_day;
            let time = if s >= MINUTE {
                time_of_day(t / MINUTE * MINUTE)
            } else if s >= SECOND {
                format!(
                    "{}:{:02}",
                    time_of_day(t / MINUTE * MINUTE),
                    t / SECOND % 60
                )
            } else {
                let digits = if s >= 1_000 { 3 } else { 6 };
                let fraction = format!("{:06}", t % SECOND);
                format!(
                    "{}:{:02}.{}",
                    time_of_day(t / MINUTE * MINUTE),
                    t / SECOND % 60,
                    &fraction[..digits]
                )
            };
            if same_day {
                time
            } else if same_year && t == 0 {
                format!("{} {month}", c.day)
            } else {
                format!("{} {month} {} {time}", c.day, c.year)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const JULY: i64 = 1_782_864_000 * SECOND;

    #[test]
    fn dates_there_and_back() {
        assert_eq!(readable(0), "1970-01-01");
        assert_eq!(readable(JULY), "2026-07-01");
        assert_eq!(
            readable(JULY + 33_667_118_402),
            "2026-07-01 09:21:07.118402"
        );
        assert_eq!(readable(JULY + 33_667_500_000), "2026-07-01 09:21:07.5");
        assert_eq!(readable(JULY + 33_660_000_000), "2026-07-01 09:21");
        assert_eq!(readable(-1), "1969-12-31 23:59:59.999999");
        for (y, m, d) in [
            (2000, 2, 29),
            (1600, 3, 1),
            (1, 1, 1),
            (9999, 12, 31),
            (2026, 7, 1),
        ] {
            let c = civil(midnight(y, m, d).unwrap());
            assert_eq!((c.year, c.month, c.day, c.of_day), (y, m, d, 0));
        }
        // The ends of what 64 bits hold are times, too.
        assert!(readable(i64::MIN).starts_with("-290308-"));
        assert!(readable(i64::MAX).starts_with("294247-"));
    }

    #[test]
    fn lengths() {
        for (n, text) in [
            (0, "0 µs"),
            (1, "1 µs"),
            (5_000, "5 ms"),
            (1_800_000_000, "30 min"),
            (90_000_000, "1 min 30 s"),
            (86_400_000_000, "1 day"),
            (348 * 3_600_000_000, "14 days 12 h"),
            (86_400_000_001, "1 day"),
            (92 * 86_400_000_000, "about 3 months"),
            (3_650 * 86_400_000_000, "about 10 years"),
        ] {
            assert_eq!(length(n), text);
        }
    }

    fn labels(from: i64, to: i64, most: u32) -> String {
        let all: Vec<_> = marks(from, to, most).into_iter().map(|m| m.label).collect();
        all.join(" | ")
    }

    #[test]
    fn the_year_can_always_be_read() {
        assert_eq!(
            labels(JULY, JULY + 92 * DAY, 5),
            "Jul 2026 | Aug | Sep | Oct"
        );
        assert_eq!(
            labels(JULY, JULY + 30 * HOUR, 6),
            "1 Jul 2026 00:00 | 06:00 | 12:00 | 18:00 | 2 Jul | 06:00"
        );
        assert_eq!(
            labels(JULY + 1, JULY + 30, 6),
            "1 Jul 2026 00:00:00.000005 | 00:00:00.000010 | 00:00:00.000015 | 00:00:00.000020 | 00:00:00.000025 | 00:00:00.000030"
        );
        assert_eq!(
            labels(JULY, JULY + 3_650 * DAY, 6),
            "2028 | 2030 | 2032 | 2034 | 2036"
        );
        assert_eq!(
            labels(JULY + 180 * DAY, JULY + 190 * DAY, 6),
            "29 Dec 2026 | 31 Dec | 2 Jan 2027 | 4 Jan | 6 Jan"
        );
    }

    #[test]
    fn any_span_has_few_marks() {
        for (from, to) in [
            (i64::MIN, i64::MAX),
            (0, 1),
            (-5, 5),
            (i64::MAX - 3, i64::MAX),
        ] {
            let n = marks(from, to, 8).len();
            assert!((1..=9).contains(&n), "{from}..{to}: {n}");
        }
        assert_eq!(marks(5, 5, 8), []);
        assert_eq!(marks(9, 5, 8), []);
    }
}
