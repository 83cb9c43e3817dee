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
    use super::write_float;

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
