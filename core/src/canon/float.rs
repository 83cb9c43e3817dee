//! `float.__repr__`: the shortest digits that read back as the same double, laid out as CPython does.

/// Appends `value` as CPython's `json.dumps` writes a float.
///
/// The digits are the shortest that round-trip (CPython: `dtoa` mode 0; here: Schubfach by `zmij`, the same digits by
/// definition). Their layout is Python's own: positional with `.0` when integral for `-4 <= exponent < 16`, else
/// scientific with a sign and at least two digits of exponent. Not finite: `NaN`, `Infinity`, `-Infinity`.
pub(crate) fn write_float(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        out.extend_from_slice(match value {
            v if v.is_nan() => b"NaN".as_slice(),
            v if v > 0.0 => b"Infinity",
            _ => b"-Infinity",
        });
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let printed = buffer.format_finite(value).as_bytes();
    // In this range both lay out alike, unless zmij chose an exponent.
    let magnitude = value.abs();
    if (1e-4..1e16).contains(&magnitude) && !printed.contains(&b'e') || magnitude == 0.0 {
        out.extend_from_slice(printed);
        return;
    }
    lay_out(&Decimal::parse(printed), out);
}

/// Whether a JSON number with a fraction is written as CPython writes the double that it means, so that it need not be
/// read and written again.
///
/// A decimal of at most 15 significant digits is the only such one that means its double (IEEE 754's `DBL_DIG`), and so is
/// its shortest form too. What is left to see is whether it is laid out as one: no exponent, no zero at the end that says
/// nothing, and not so small that Python would write an exponent.
pub(crate) fn is_canonical(token: &[u8]) -> bool {
    let unsigned = token.strip_prefix(b"-").unwrap_or(token);
    let Some(point) = unsigned.iter().take(16).position(|b| *b == b'.') else {
        return false;
    };
    let (whole, fraction) = (&unsigned[..point], &unsigned[point + 1..]);
    if whole.len() + fraction.len() > 15 || !fraction.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match (whole, fraction) {
        (_, b"0") => true,
        (_, [.., b'0'] | []) => false,
        (b"0", _) => !fraction.starts_with(b"0000"),
        _ => true,
    }
}

/// `0.d1d2d3… × 10^point`, digits without leading or trailing zeros.
struct Decimal {
    negative: bool,
    digits: [u8; 24],
    len: usize,
    point: i32,
}

impl Decimal {
    /// Parses what a float formatter prints: digits, perhaps a point, perhaps an exponent.
    fn parse(printed: &[u8]) -> Self {
        let mut d = Self {
            negative: false,
            digits: [0; 24],
            len: 0,
            point: 0,
        };
        let mut seen_point = false;
        for (i, &b) in printed.iter().enumerate() {
            match b {
                b'-' => d.negative = true,
                b'.' => seen_point = true,
                b'0'..=b'9' => {
                    if d.len > 0 || b != b'0' {
                        d.digits[d.len.min(23)] = b;
                        d.len += 1;
                        d.point += i32::from(!seen_point);
                    } else {
                        d.point -= i32::from(seen_point);
                    }
                }
                _ => {
                    let rest = std::str::from_utf8(&printed[i + 1..]).unwrap_or("0");
                    d.point += rest.parse::<i32>().unwrap_or(0);
                    break;
                }
            }
        }
        d.len = d.len.min(24);
        while d.len > 1 && d.digits[d.len - 1] == b'0' {
            d.len -= 1;
        }
        d
    }
}

fn lay_out(d: &Decimal, out: &mut Vec<u8>) {
    let digits = &d.digits[..d.len];
    let exponent = d.point - 1;
    if d.negative {
        out.push(b'-');
    }
    if !(-4..16).contains(&exponent) {
        out.push(digits[0]);
        if d.len > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        out.extend_from_slice(format!("{:02}", exponent.unsigned_abs()).as_bytes());
        return;
    }
    let whole = usize::try_from(d.point).unwrap_or(0);
    if whole == 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + d.point.unsigned_abs() as usize, b'0');
        out.extend_from_slice(digits);
    } else if whole < d.len {
        out.extend_from_slice(&digits[..whole]);
        out.push(b'.');
        out.extend_from_slice(&digits[whole..]);
    } else {
        out.extend_from_slice(digits);
        out.resize(out.len() + whole - d.len, b'0');
        out.extend_from_slice(b".0");
    }
}

#[cfg(test)]
mod tests {
    use super::{is_canonical, write_float};

    /// Every number of up to so many digits around the point, and what is longer at random: what is said to be as Python
    /// writes it must come out as it went in.
    #[test]
    fn what_stands_as_python_writes_it() {
        let check = |token: &str| {
            let mut out = Vec::new();
            write_float(token.parse().unwrap(), &mut out);
            let is_same = out == token.as_bytes();
            let found = is_canonical(token.as_bytes());
            assert!(is_same || !found, "{token}");
            // Up to 15 digits it must be found, or it is of little use.
            let digits = token.bytes().filter(u8::is_ascii_digit).count();
            assert!(
                found || !is_same || digits > 15 || token.contains('e'),
                "{token}"
            );
        };
        for whole in 0..120 {
            for places in 1..7 {
                for fraction in (0..10_u32.pow(places)).step_by(places.pow(4) as usize) {
                    check(&format!(
                        "{whole}.{fraction:0places$}",
                        places = places as usize
                    ));
                }
            }
        }
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..300_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let digits = format!("{:017}", random % 100_000_000_000_000_000);
            let (from, point) = ((random >> 57) as usize % 16, (random >> 50) as usize % 18);
            let digits = &digits[from..];
            let (whole, fraction) = digits.split_at(point.min(digits.len() - 1));
            let whole = whole.trim_start_matches('0');
            let sign = if random & 1 == 1 { "-" } else { "" };
            let whole = if whole.is_empty() { "0" } else { whole };
            check(&format!("{sign}{whole}.{fraction}"));
            check(&format!("{sign}{whole}.{fraction}e{}", random >> 60));
            check(&format!(
                "{sign}0.{}{fraction}",
                "0".repeat((random >> 61) as usize)
            ));
        }
        for token in [
            "0.0",
            "-0.0",
            "0.00",
            "1.0",
            "1.50",
            "0.0001",
            "0.00001",
            "123456789012345.0",
            "999999999999999.9",
        ] {
            check(token);
        }
        assert!(
            is_canonical(b"0.8231")
                && is_canonical(b"-0.0")
                && !is_canonical(b"1e5")
                && !is_canonical(b"1.5e5")
        );
    }

    fn check(value: f64, expected: &str) {
        let mut out = Vec::new();
        write_float(value, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn layout_is_pythons() {
        check(0.0, "0.0");
        check(-0.0, "-0.0");
        check(1.0, "1.0");
        check(100.0, "100.0");
        check(1e15, "1000000000000000.0");
        check(9_999_999_999_999_998.0, "9999999999999998.0");
        check(1e16, "1e+16");
        check(-12_345_678_901_234_567.0, "-1.2345678901234568e+16");
        check(1e22, "1e+22");
        check(1e100, "1e+100");
        check(0.0001, "0.0001");
        check(0.000_123_45, "0.00012345");
        check(0.00001, "1e-05");
        check(-1.5e-5, "-1.5e-05");
        check(5e-324, "5e-324");
        check(f64::MAX, "1.7976931348623157e+308");
        check(0.1 + 0.2, "0.30000000000000004");
        check(f64::NAN, "NaN");
        check(f64::INFINITY, "Infinity");
        check(f64::NEG_INFINITY, "-Infinity");
    }
}
