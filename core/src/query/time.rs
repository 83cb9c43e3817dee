//! Dates of a filter: as little of one as is typed is a stretch of time, from its start to the start of the next.
//!
//! All are placed on one axis, microseconds since 1970-01-01T00:00:00 as written; a date that names a zone is moved to
//! UTC first, as is a timestamp that does.

/// From the first microsecond of the stretch to the first behind it.
pub(crate) type Stretch = (i64, i64);

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What a date looks like, for whoever typed another thing.
pub(crate) const EXPECTED: &str =
    "a date such as 2026, 2026-03, 2026-03-12 or 2026-03-12T09:30, perhaps with a zone";

/// Reads `2026`, `2026-03`, `2026-03-12`, `2026-03-12T09`, `…T09:30`, `…T09:30:05`, `…T09:30:05.25`; from the hour on with
/// `Z` or `+02:00` behind it. A blank may stand for the `T`.
pub(crate) fn stretch(text: &str) -> Option<Stretch> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.number(4)?;
    if year == 0 {
        return None;
    }
    if rest.is_empty() {
        return Some((start_of(year, 1), start_of(year + 1, 1)));
    }
    rest.expect(b'-')?;
    let month = rest.number(2).filter(|m| (1..=12).contains(m))?;
    let next_month = start_of(year, month + 1);
    if rest.is_empty() {
        return Some((start_of(year, month), next_month));
    }
    rest.expect(b'-')?;
    let day = rest.number(2)?;
    let mut at = start_of(year, month) + (day - 1) * DAY;
    if day == 0 || at >= next_month {
        return None;
    }
    if rest.is_empty() {
        return Some((at, at + DAY));
    }
    rest.expect(b'T').or_else(|| rest.expect(b' '))?;
    at += rest.number(2).filter(|h| *h < 24)? * HOUR;
    let mut step = HOUR;
    if rest.expect(b':').is_some() {
        at += rest.number(2).filter(|m| *m < 60)? * MINUTE;
        step = MINUTE;
        if rest.expect(b':').is_some() {
            at += rest.number(2).filter(|s| *s < 60)? * SECOND;
            step = SECOND;
            if rest.expect(b'.').is_some() {
                while step > 1 && rest.0.first().is_some_and(u8::is_ascii_digit) {
                    step /= 10;
                    at += rest.number(1)? * step;
                }
                if step == SECOND {
                    return None;
                }
            }
        }
    }
    let ahead = rest.zone()?;
    Some((at - ahead, at - ahead + step))
}

/// Whether a text is a date that stands for a stretch of time.
#[cfg(feature = "engine")]
pub(crate) fn is_date(text: &str) -> bool {
    stretch(text).is_some()
}

/// Reads `90d`: a whole number of seconds (`s`), minutes (`m`), hours (`h`), days (`d`) or weeks (`w`), in microseconds.
pub(crate) fn span(text: &str) -> Option<i64> {
    let unit = match text.as_bytes().last()? {
        b's' => SECOND,
        b'm' => MINUTE,
        b'h' => HOUR,
        b'd' => DAY,
        b'w' => 7 * DAY,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(unit)
}

/// A time as it would be typed, no longer than it has to be; `None` outside the years 1 to 9999.
pub(crate) fn print(micros: i64) -> Option<String> {
    let (days, of_day) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if of_day == 0 {
        return Some(text);
    }
    let (hour, minute) = (of_day / HOUR, of_day % HOUR / MINUTE);
    text.push_str(&format!("T{hour:02}:{minute:02}"));
    let (second, fraction) = (of_day % MINUTE / SECOND, of_day % SECOND);
    if second != 0 || fraction != 0 {
        text.push_str(&format!(":{second:02}"));
    }
    if fraction != 0 {
        let digits = format!("{fraction:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    Some(text)
}

/// The first microsecond of a month; the thirteenth is the next year's first.
fn start_of(year: i64, month: i64) -> i64 {
    let (year, month) = (year + (month - 1) / 12, (month - 1) % 12 + 1);
    // Days from 1970-01-01 in the proleptic Gregorian calendar, years counted from March so that leap days come last
    // (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
    let y = year - i64::from(month <= 2);
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468) * DAY
}

/// The inverse: year, month and day of a number of days from 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * m + 2) / 5 + 1, (m + 2) % 12 + 1);
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// What was not read yet.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |n, b| {
            b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0'))
        })
    }

    /// Nothing, `Z`, `+02`, `+0200` or `+02:00`, to the end: how far it is ahead of UTC.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.0.first() {
            None => return Some(0),
            Some(b'Z' | b'z') if self.0.len() == 1 => return Some(0),
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.number(2).filter(|h| *h < 24)?;
        let mut ahead = hours * HOUR;
        if !self.is_empty() {
            let _ = self.expect(b':');
            ahead += self.number(2).filter(|m| *m < 60)? * MINUTE;
        }
        self.is_empty().then_some(sign * ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, start: &str, end: &str) {
        let (from, to) = stretch(text).unwrap_or_else(|| panic!("{text} is a date"));
        assert_eq!(print(from).as_deref(), Some(start), "{text}");
        assert_eq!(print(to).as_deref(), Some(end), "{text}");
    }

    #[test]
    fn a_part_of_a_date_is_a_stretch() {
        check("2026", "2026-01-01", "2027-01-01");
        check("2026-03", "2026-03-01", "2026-04-01");
        check("2026-12", "2026-12-01", "2027-01-01");
        check("2024-02-29", "2024-02-29", "2024-03-01");
        check("2026-03-12T09", "2026-03-12T09:00", "2026-03-12T10:00");
        check("2026-03-12 23:59", "2026-03-12T23:59", "2026-03-13");
        check(
            "2026-03-12T09:30:05",
            "2026-03-12T09:30:05",
            "2026-03-12T09:30:06",
        );
        check(
            "2026-03-12T09:30:05.25",
            "2026-03-12T09:30:05.25",
            "2026-03-12T09:30:05.26",
        );
        check(
            "2026-03-12T09:30:05.123456",
            "2026-03-12T09:30:05.123456",
            "2026-03-12T09:30:05.123457",
        );
        check(
            "2026-03-12T00:30+02:00",
            "2026-03-11T22:30",
            "2026-03-11T22:31",
        );
        check("2026-03-12T09Z", "2026-03-12T09:00", "2026-03-12T10:00");
        check("2026-03-12T09-0530", "2026-03-12T14:30", "2026-03-12T15:30");
        assert_eq!(stretch("1970-01-01"), Some((0, DAY)));
        assert_eq!(stretch("1969-12-31T23:59:59.999999"), Some((-1, 0)));
        assert_eq!(stretch("0001").map(|s| s.0), Some(-62_135_596_800 * SECOND));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "26",
            "2026-",
            "2026-13",
            "2026-00",
            "2026-3",
            "2026-02-30",
            "2025-02-29",
            "2026-03-12T",
            "2026-03-12T24",
            "2026-03-12T09:60",
            "2026-03-12T09:30:05.",
            "2026-03-12T09:30:05.1234567",
            "2026-03-12T09+25:00",
            "2026-03-12Z",
            "0000",
            "yesterday",
            "2026-03-12T09x",
            "２０２６",
        ] {
            assert_eq!(stretch(text), None, "{text}");
        }
    }

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(span("90d"), Some(90 * DAY));
        assert_eq!(span("2w"), Some(14 * DAY));
        assert_eq!(span("0s"), Some(0));
        assert_eq!(span("15m"), Some(15 * MINUTE));
        for text in [
            "",
            "d",
            "90",
            "-1d",
            "1.5h",
            "90D",
            "9999999999999999d",
            "1é",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_nine_millennia_is_printed_back() {
        for days in (-719_162..2_932_897).step_by(17) {
            let text = print(days * DAY).expect("a year from 1 to 9999");
            assert_eq!(
                stretch(&text),
                Some((days * DAY, days * DAY + DAY)),
                "{text}"
            );
        }
    }
}
