//! Numbers as Python compares them: integers exactly whatever their size, floats as doubles, one with the other exactly.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A number of a filter or of an entry's details.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Number {
    /// Fits 64 bits.
    Small(i64),
    /// The digits of one that does not, with its sign; no leading zero.
    Big(String),
    /// Not NaN.
    Float(f64),
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other).is_eq()
    }
}

impl Number {
    /// Reads a JSON number, `Infinity` or `-Infinity`; `None` for anything else.
    pub(crate) fn parse(token: &str) -> Option<Self> {
        match token {
            "Infinity" => return Some(Self::Float(f64::INFINITY)),
            "-Infinity" => return Some(Self::Float(f64::NEG_INFINITY)),
            _ => {}
        }
        let rest = token.strip_prefix('-').unwrap_or(token);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        if whole == 0 || whole > 1 && rest.starts_with('0') {
            return None;
        }
        let mut tail = &rest[whole..];
        if tail.is_empty() {
            return Some(Self::integer(token));
        }
        if let Some(fraction) = tail.strip_prefix('.') {
            let n = digits(fraction);
            if n == 0 {
                return None;
            }
            tail = &fraction[n..];
        }
        if let Some(exponent) = tail.strip_prefix(['e', 'E']) {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let n = digits(exponent);
            if n == 0 {
                return None;
            }
            tail = &exponent[n..];
        }
        if !tail.is_empty() {
            return None;
        }
        token.parse().ok().map(Self::Float)
    }

    /// From a JSON token that is all digits, perhaps with a minus.
    pub(crate) fn integer(token: &str) -> Self {
        token
            .parse()
            .map_or_else(|_| Self::Big(token.to_owned()), Self::Small)
    }

    /// As Python's `<`, `==` and `>`; there is no NaN here.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Small(a), Self::Float(b)) => small_with_float(*a, *b),
            (Self::Float(a), Self::Small(b)) => small_with_float(*b, *a).reverse(),
            (Self::Big(a), Self::Big(b)) => compare_digits(a, b),
            (Self::Big(a), Self::Small(_)) => sign(a),
            (Self::Small(_), Self::Big(b)) => sign(b).reverse(),
            (Self::Big(a), Self::Float(b)) => big_with_float(a, *b),
            (Self::Float(a), Self::Big(b)) => big_with_float(b, *a).reverse(),
        }
    }
}

/// How a number of more than 64 bits compares to zero, and to every smaller one.
fn sign(digits: &str) -> Ordering {
    if digits.starts_with('-') {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

fn compare_digits(a: &str, b: &str) -> Ordering {
    let magnitude = |x: &str, y: &str| x.len().cmp(&y.len()).then_with(|| x.cmp(y));
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (None, None) => magnitude(a, b),
        (Some(a), Some(b)) => magnitude(b, a),
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the whole part was checked to fit 64 bits"
)]
fn small_with_float(a: i64, b: f64) -> Ordering {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if b >= TWO_63 {
        return Ordering::Less;
    }
    if b < -TWO_63 {
        return Ordering::Greater;
    }
    let whole = b.trunc();
    a.cmp(&(whole as i64))
        .then_with(|| 0.0_f64.partial_cmp(&(b - whole)).unwrap_or(Ordering::Equal))
}

fn big_with_float(a: &str, b: f64) -> Ordering {
    if b.is_infinite() || b.abs() < 9e18 {
        return if b.is_infinite() {
            0.0_f64.partial_cmp(&b).unwrap_or(Ordering::Equal)
        } else {
            sign(a)
        };
    }
    // Beyond 2^53 a double is a whole number, and its digits are written exactly.
    compare_digits(a, &format!("{b:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Ordering) {
        let parse = |t| Number::parse(t).unwrap_or_else(|| panic!("{t} is a number"));
        assert_eq!(parse(a).compare(&parse(b)), expected, "{a} ? {b}");
        assert_eq!(parse(b).compare(&parse(a)), expected.reverse(), "{b} ? {a}");
    }

    #[test]
    fn numbers_compare_as_in_python() {
        use Ordering::{Equal, Greater, Less};
        check("1", "1.0", Equal);
        check("-0", "0.0", Equal);
        check("100", "1e2", Equal);
        check("2", "10", Less);
        check("-2", "-10", Greater);
        check("0.30000000000000004", "0.3", Greater);
        check("9007199254740993", "9007199254740992.0", Greater);
        check("9007199254740993", "9007199254740994", Less);
        check("9223372036854775807", "9223372036854775808", Less);
        check("9223372036854775807", "9223372036854775808.0", Less);
        check("9223372036854775808", "9223372036854775808.0", Equal);
        check("9223372036854775809", "9223372036854775808.0", Greater);
        check("-9223372036854775808", "-9223372036854775808.0", Equal);
        check("-9223372036854775809", "-9223372036854775808.0", Less);
        check("12345678901234567890123", "12345678901234567890124", Less);
        check("100000000000000000000000", "1e23", Greater);
        check("-100000000000000000000000", "5", Less);
        check("100000000000000000000000", "-5.5", Greater);
        check("1e400", "100000000000000000000000", Greater);
        check("-1e400", "-Infinity", Equal);
        check("5", "5.5", Less);
        check("-5", "-5.5", Greater);
        check("1e300", "1e299", Greater);
    }

    #[test]
    fn what_json_takes_for_no_number_is_none() {
        for token in [
            "", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1_000", "0x10", "1 ", "NaN",
            "inf",
        ] {
            assert_eq!(Number::parse(token), None, "{token}");
        }
    }
}
