//! Dates and times as ISO 8601 and Python's `isoformat` write them: to an instant, and back to the same text.
//!
//! No clock and no table of time zones: a local time is placed as written, one that names its zone's offset at the
//! instant it means. Python's calendar: proleptic Gregorian, years 1 to 9999, no leap seconds.

/// The instant of a timestamp that cannot be placed.
pub(crate) const UNPLACED: i64 = i64::MIN;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// What a timestamp's text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Microseconds since 1970-01-01T00:00:00 as written, less the zone's offset where one is named; [`UNPLACED`] where
    /// the text cannot be read.
    pub(crate) micros: i64,
    /// How to write `micros` so that the same text results; `None` where none of the known ways does.
    pub(crate) layout: Option<Layout>,
}

impl Stamp {
    /// A stamp from its instant and [`Layout::bits`].
    pub(crate) fn from_parts(micros: i64, layout: Option<u32>) -> Self {
        Self {
            micros,
            layout: layout.map(Layout::from_bits),
        }
    }
}

/// The way in which an instant is written, packed: separator (2 bits), precision (4), form of the zone (3), sign of its
/// offset (1), seconds of its offset (17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout(u32);

/// What stands between date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    /// There is no time.
    None,
    Upper,
    Blank,
    Lower,
}

/// Hours only, minutes, seconds, and from there on one digit of the fraction each.
const HOURS: u32 = 0;
const MINUTES: u32 = 1;
const SECONDS: u32 = 2;

/// How a zone is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    None,
    Upper,
    Lower,
    /// `+05`
    Hours,
    /// `+0530`
    Compact,
    /// `+05:30`
    Minutes,
    /// `+05:30:15`
    Seconds,
}

const SEPARATORS: [Separator; 4] = [
    Separator::None,
    Separator::Upper,
    Separator::Blank,
    Separator::Lower,
];
const ZONES: [Zone; 7] = [
    Zone::None,
    Zone::Upper,
    Zone::Lower,
    Zone::Hours,
    Zone::Compact,
    Zone::Minutes,
    Zone::Seconds,
];

impl Layout {
    fn new(separator: Separator, precision: u32, (zone, offset): (Zone, Offset)) -> Self {
        Self(
            separator as u32
                | precision << 2
                | (zone as u32) << 6
                | u32::from(offset.is_negative) << 9
                | offset.seconds << 10,
        )
    }

    /// The packed form, which leaves the highest bit free.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// What [`Layout::bits`] gave.
    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether a zone is named; `None` where there is no time that could have one.
    pub(crate) fn has_zone(self) -> Option<bool> {
        (self.separator() != Separator::None).then(|| self.zone() != Zone::None)
    }

    fn separator(self) -> Separator {
        SEPARATORS[(self.0 & 3) as usize]
    }

    fn precision(self) -> u32 {
        self.0 >> 2 & 15
    }

    fn zone(self) -> Zone {
        let zone = ZONES.get((self.0 >> 6 & 7) as usize);
        zone.copied().unwrap_or(Zone::None)
    }

    fn offset(self) -> Offset {
        Offset {
            is_negative: self.0 >> 9 & 1 == 1,
            seconds: self.0 >> 10,
        }
    }
}

/// A zone's distance from UTC; its sign is kept apart, because `-00:00` may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Offset {
    is_negative: bool,
    seconds: u32,
}

impl Offset {
    fn micros(self) -> i64 {
        let micros = i64::from(self.seconds) * SECOND;
        if self.is_negative { -micros } else { micros }
    }
}

/// Reads the text of a timestamp.
pub(crate) fn read(text: &[u8]) -> Stamp {
    let unread = Stamp {
        micros: UNPLACED,
        layout: None,
    };
    Text { rest: text }.stamp().unwrap_or(unread)
}

/// What is left to be read.
struct Text<'t> {
    rest: &'t [u8],
}

impl Text<'_> {
    fn stamp(&mut self) -> Option<Stamp> {
        let year = self.digits(2)? * 100 + self.digits(2)?;
        self.expect(b'-')?;
        let month = self.digits(2)?;
        self.expect(b'-')?;
        let day = self.digits(2)?;
        if year == 0 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        let mut micros = days_before(year, month, day) * DAY;
        let (separator, rest) = match self.rest {
            [] => (Separator::None, self.rest),
            [b'T', rest @ ..] => (Separator::Upper, rest),
            [b' ', rest @ ..] => (Separator::Blank, rest),
            [b't', rest @ ..] => (Separator::Lower, rest),
            _ => return None,
        };
        self.rest = rest;
        if separator == Separator::None {
            let layout = Layout::new(separator, HOURS, (Zone::None, Offset::default()));
            return Some(Stamp {
                micros,
                layout: Some(layout),
            });
        }
        micros += i64::from(self.number(23)?) * 3600 * SECOND;
        let (mut precision, mut is_exact) = (HOURS, true);
        if self.take(b':') {
            precision = MINUTES;
            micros += i64::from(self.number(59)?) * 60 * SECOND;
            if self.take(b':') {
                precision = SECONDS;
                micros += i64::from(self.number(59)?) * SECOND;
                if self.take(b'.') {
                    let (fraction, digits) = self.fraction()?;
                    micros += i64::from(fraction);
                    precision = SECONDS + digits.min(6);
                    is_exact = digits <= 6;
                }
            }
        }
        let (zone, offset, fraction) = self.zone()?;
        let layout = Layout::new(separator, precision, (zone, offset));
        let finer = i64::from(fraction.unwrap_or(0));
        micros -= offset.micros();
        micros -= if offset.is_negative { -finer } else { finer };
        Some(Stamp {
            micros,
            layout: (is_exact && fraction.is_none()).then_some(layout),
        })
    }

    /// The zone at the end of a text: its form, its offset, and the microseconds by which the offset is longer, if it
    /// names any (Python can write them, and no layout keeps them).
    fn zone(&mut self) -> Option<(Zone, Offset, Option<u32>)> {
        let is_negative = match self.rest {
            [] => return Some((Zone::None, Offset::default(), None)),
            [b'Z'] => return Some((Zone::Upper, Offset::default(), None)),
            [b'z'] => return Some((Zone::Lower, Offset::default(), None)),
            [b'+', ..] => false,
            [b'-', ..] => true,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let mut seconds = self.number(23)? * 3600;
        let (mut zone, mut fraction) = (Zone::Hours, None);
        if self.take(b':') {
            zone = Zone::Minutes;
            seconds += self.number(59)? * 60;
            if self.take(b':') {
                zone = Zone::Seconds;
                seconds += self.number(59)?;
                if self.take(b'.') {
                    fraction = Some(self.fraction()?.0);
                }
            }
        } else if !self.rest.is_empty() {
            zone = Zone::Compact;
            seconds += self.number(59)? * 60;
        }
        let offset = Offset {
            is_negative,
            seconds,
        };
        self.rest.is_empty().then_some((zone, offset, fraction))
    }

    /// Two digits that say no more than `greatest`.
    fn number(&mut self, greatest: u32) -> Option<u32> {
        self.digits(2).filter(|n| *n <= greatest)
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        digits.iter().try_fold(0, |n, b| {
            b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
        })
    }

    /// The digits behind a point, as microseconds (what is finer is cut off), and how many there are.
    fn fraction(&mut self) -> Option<(u32, u32)> {
        let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        let micros = (0..6).fold(0, |n, i| {
            n * 10 + digits.get(i).map_or(0, |b| u32::from(b - b'0'))
        });
        (count > 0).then_some((micros, u32::try_from(count).unwrap_or(u32::MAX)))
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.rest.first() == Some(&byte);
        if is_there {
            self.rest = &self.rest[1..];
        }
        is_there
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }
}

/// Appends `micros` in this layout.
pub(crate) fn write(micros: i64, layout: Layout, out: &mut String) {
    let local = micros + layout.offset().micros();
    let (year, month, day) = date_of(local.div_euclid(DAY));
    let pair = |n: i64, out: &mut String| {
        out.extend([n / 10 % 10, n % 10].map(digit));
    };
    pair(year / 100, out);
    pair(year % 100, out);
    out.push('-');
    pair(month, out);
    out.push('-');
    pair(day, out);
    out.push(match layout.separator() {
        Separator::None => return,
        Separator::Upper => 'T',
        Separator::Blank => ' ',
        Separator::Lower => 't',
    });
    let in_day = local.rem_euclid(DAY);
    let seconds = in_day / SECOND;
    pair(seconds / 3600, out);
    for (precision, part) in [(MINUTES, seconds / 60 % 60), (SECONDS, seconds % 60)] {
        if layout.precision() >= precision {
            out.push(':');
            pair(part, out);
        }
    }
    if layout.precision() > SECONDS {
        out.push('.');
        let mut scale = SECOND / 10;
        for _ in SECONDS..layout.precision() {
            out.push(digit(in_day % SECOND / scale % 10));
            scale = (scale / 10).max(1);
        }
    }
    let offset = layout.offset();
    let zone = layout.zone();
    match zone {
        Zone::None => return,
        Zone::Upper => return out.push('Z'),
        Zone::Lower => return out.push('z'),
        Zone::Hours | Zone::Compact | Zone::Minutes | Zone::Seconds => {}
    }
    out.push(if offset.is_negative { '-' } else { '+' });
    let seconds = i64::from(offset.seconds);
    pair(seconds / 3600, out);
    if matches!(zone, Zone::Minutes | Zone::Seconds) {
        out.push(':');
    }
    if zone != Zone::Hours {
        pair(seconds / 60 % 60, out);
    }
    if zone == Zone::Seconds {
        out.push(':');
        pair(seconds % 60, out);
    }
}

fn digit(n: i64) -> char {
    u32::try_from(n)
        .ok()
        .and_then(|n| char::from_digit(n, 10))
        .unwrap_or('0')
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date, counting years from March so that the leap day is the last of its year.
fn days_before(year: u32, month: u32, day: u32) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let in_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year
        - 719_468
}

/// Year, month and day, the reverse of [`days_before`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let in_era = days.rem_euclid(146_097);
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As `isoformat()` writes most of the time.
    pub(in super::super) const MICROSECONDS: Layout = Layout(1 | 8 << 2);

    fn rebuilt(text: &str) -> Option<(i64, String)> {
        let stamp = read(text.as_bytes());
        let mut out = String::new();
        write(stamp.micros, stamp.layout?, &mut out);
        Some((stamp.micros, out))
    }

    /// `seconds` as Python's `(datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds()` gives them.
    fn check(text: &str, seconds: i64, micros: i64) {
        assert_eq!(
            rebuilt(text),
            Some((seconds * SECOND + micros, text.to_owned()))
        );
    }

    #[test]
    fn what_isoformat_writes_is_placed_and_rebuilt() {
        check("1970-01-01T00:00:00", 0, 0);
        check("2026-08-14T09:21:07.118402", 1_786_699_267, 118_402);
        check("2026-08-14 09:21:07", 1_786_699_267, 0);
        check("2026-08-14T09:21:07.5", 1_786_699_267, 500_000);
        check("2026-08-14T09:21:07.000", 1_786_699_267, 0);
        check("2026-08-14T09:21", 1_786_699_260, 0);
        check("2026-08-14T09", 1_786_698_000, 0);
        check("2026-08-14", 1_786_665_600, 0);
        check("2026-08-14t09:21:07z", 1_786_699_267, 0);
        check("2026-08-14T09:21:07Z", 1_786_699_267, 0);
        check("2026-08-14T09:21:07+00:00", 1_786_699_267, 0);
        check("2026-08-14T09:21:07-00:00", 1_786_699_267, 0);
        check("2026-08-14T14:51:07+05:30", 1_786_699_267, 0);
        check("2026-08-14T14:51:07+0530", 1_786_699_267, 0);
        check("2026-08-14T04:21:07-05", 1_786_699_267, 0);
        check("2026-08-14T09:20:52-00:00:15", 1_786_699_267, 0);
        check("0001-01-01T00:00:00", -62_135_596_800, 0);
        check("0001-01-01T00:00:00+23:59:59", -62_135_683_199, 0);
        check("9999-12-31T23:59:59.999999", 253_402_300_799, 999_999);
        check("9999-12-31T23:59:59.999999-23:59", 253_402_387_139, 999_999);
        check("1969-12-31T23:59:59.999999", -1, 999_999);
        check("2000-02-29T00:00:00", 951_782_400, 0);
    }

    #[test]
    fn what_cannot_be_rebuilt_may_still_be_placed() {
        for text in [
            "2026-08-14T09:21:07.118402999",
            "2026-08-14T14:51:08.118402+05:30:01.000000",
        ] {
            assert_eq!(rebuilt(text), None, "{text}");
        }
        assert_eq!(
            read(b"2026-08-14T09:21:07.118402999").micros,
            1_786_699_267_118_402
        );
        assert_eq!(
            read(b"2026-08-14T09:21:08.118402+00:00:01.000001").micros,
            1_786_699_267_118_401
        );
    }

    #[test]
    fn what_is_no_time_is_not_placed() {
        for text in [
            "",
            "2026",
            "2026-08",
            "2026-08-14T",
            "2026-08-14T9:21:07",
            "2026-08-14T24:00:00",
            "2026-08-14T09:21:60",
            "2026-08-14T09:60:00",
            "2026-02-29T00:00:00",
            "1900-02-29",
            "2026-00-10",
            "2026-13-10",
            "2026-01-32",
            "0000-01-01",
            "10000-01-01",
            "2026-08-14T09:21:07.",
            "2026-08-14T09:21:07,5",
            "2026-08-14T09:21:07 ",
            " 2026-08-14T09:21:07",
            "2026-08-14T09:21:07ZZ",
            "2026-08-14T09:21:07+24:00",
            "2026-08-14T09:21:07+5",
            "2026-08-14T09:21:07+05:30:15.",
            "20260814T092107",
            "２０２６-08-14",
            "1786699267",
        ] {
            assert_eq!(read(text.as_bytes()).micros, UNPLACED, "{text}");
        }
    }

    #[test]
    fn every_layout_of_any_instant_is_rebuilt() {
        // A linear congruential generator is random enough to meet every part of the text.
        let mut state = 1_u64;
        let mut below = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((state >> 33) % n).expect("it is small")
        };
        for _ in 0..50_000 {
            let year = 1 + below(9999);
            let month = 1 + below(12);
            let day = 1 + below(u64::from(days_in(year, month)));
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if below(10) > 0 {
                text.push(['T', ' ', 't'][below(3) as usize]);
                text += &format!("{:02}", below(24));
                let precision = below(9);
                if precision >= MINUTES {
                    text += &format!(":{:02}", below(60));
                }
                if precision >= SECONDS {
                    text += &format!(":{:02}", below(60));
                }
                if precision > SECONDS {
                    let digits = (precision - SECONDS) as usize;
                    text += &format!(".{:0digits$}", below(10_u64.pow(precision - SECONDS)));
                }
                let sign = ['+', '-'][below(2) as usize];
                let (h, m, s) = (below(24), below(60), below(60));
                match below(7) {
                    0 => text.push('Z'),
                    1 => text.push('z'),
                    2 => text += &format!("{sign}{h:02}"),
                    3 => text += &format!("{sign}{h:02}{m:02}"),
                    4 => text += &format!("{sign}{h:02}:{m:02}"),
                    5 => text += &format!("{sign}{h:02}:{m:02}:{s:02}"),
                    _ => {}
                }
            }
            assert_eq!(rebuilt(&text).map(|r| r.1), Some(text));
        }
    }

    #[test]
    fn days_and_dates_are_each_others_reverse() {
        let first = days_before(1, 1, 1);
        let mut previous = first - 1;
        for year in 1..=9999 {
            for month in 1..=12 {
                for day in [1, days_in(year, month)] {
                    let days = days_before(year, month, day);
                    let step = if day == 1 { 1 } else { i64::from(day) - 1 };
                    assert_eq!(days - previous, step, "{year}-{month}-{day}");
                    let found = date_of(days);
                    assert_eq!(found, (year.into(), month.into(), day.into()));
                    previous = days;
                }
            }
        }
    }
}
