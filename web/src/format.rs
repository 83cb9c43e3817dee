//! Numbers as people read them. Pure, so that it is tested without a browser.

/// `1204331` as `1,204,331`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// `1 entry`, `2 entries`: a count with the noun that fits.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Bytes in decimal units, three digits at most: `999 B`, `12.4 kB`, `418 MB`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn bytes(n: u64) -> String {
    if n < 1_000 {
        return format!("{n} B");
    }
    let mut value = n as f64;
    for unit in ["kB", "MB", "GB", "TB"] {
        value /= 1_000.0;
        if value < 9.95 {
            return format!("{value:.1} {unit}");
        }
        if value < 999.5 {
            return format!("{value:.0} {unit}");
        }
    }
    format!("{:.0} PB", value / 1_000.0)
}

/// A span of time: `38 ms`, `2.4 s`, `1 min 12 s`, `3 h 5 min`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first"
)]
pub(crate) fn duration(ms: f64) -> String {
    let ms = if ms.is_finite() { ms.max(0.0) } else { 0.0 };
    if ms < 99.5 {
        return format!("{ms:.0} ms");
    }
    if ms < 59_950.0 {
        return format!("{:.1} s", ms / 1_000.0);
    }
    let seconds = (ms / 1_000.0).round().min(1e15) as u64;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// The time left, coarse enough not to flicker.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first"
)]
pub(crate) fn time_left(ms: f64) -> String {
    if !ms.is_finite() || ms < 0.0 {
        return String::new();
    }
    match (ms / 1_000.0).ceil().min(1e15) as u64 {
        0 | 1 => "about a second left".into(),
        s @ 2..60 => format!("about {s} s left"),
        s => format!("about {} min left", s.div_ceil(60)),
    }
}

/// The two ends of a digest.
pub(crate) fn short_digest(hex: &str) -> String {
    match (hex.get(..4), hex.get(hex.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if hex.len() > 9 => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}

/// A timestamp for a heading: to the minute where it has the usual shape, else its first 24 characters.
pub(crate) fn minute(timestamp: &str) -> String {
    let usual = timestamp.is_ascii()
        && timestamp.len() >= 16
        && timestamp
            .bytes()
            .take(16)
            .enumerate()
            .all(|(i, b)| match i {
                4 | 7 => b == b'-',
                10 => b == b'T' || b == b' ',
                13 => b == b':',
                _ => b.is_ascii_digit(),
            });
    if usual {
        return format!("{} {}", &timestamp[..10], &timestamp[11..16]);
    }
    let mut short: String = timestamp.chars().take(24).collect();
    if short.len() < timestamp.len() {
        short.push('…');
    }
    short
}

/// How much two texts have in common from the start, in bytes, at a character's border.
pub(crate) fn common_prefix(a: &str, b: &str) -> usize {
    a.char_indices()
        .zip(b.chars())
        .find(|((_, x), y)| x != y)
        .map_or_else(|| a.len().min(b.len()), |((i, _), _)| i)
}

/// A message as a sentence: it begins with a capital, unless with a name, and ends with a full stop.
pub(crate) fn sentence(message: &str) -> String {
    let first = message.split(' ').next().unwrap_or_default();
    let mut out = message.to_owned();
    // `audit.db-wal` is a file's name and stays as it is.
    if first.bytes().all(|b| b.is_ascii_lowercase())
        && let Some(letter) = out.get_mut(..1)
    {
        letter.make_ascii_uppercase();
    }
    if !out.is_empty() && !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn counts_are_grouped() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_204_331, "1,204,331"),
            (12_345, "12,345"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(0, "entry", "entries"), "0 entries");
    }

    #[test]
    fn bytes_have_three_digits_at_most() {
        for (n, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (418_000_000, "418 MB"),
            (10_000_000_000, "10 GB"),
        ] {
            assert_eq!(bytes(n), text, "{n}");
        }
    }

    #[test]
    fn durations_read_well() {
        for (ms, text) in [
            (0.0, "0 ms"),
            (38.4, "38 ms"),
            (2_412.0, "2.4 s"),
            (59_960.0, "1 min 0 s"),
            (72_000.0, "1 min 12 s"),
            (11_100_000.0, "3 h 5 min"),
            (f64::NAN, "0 ms"),
        ] {
            assert_eq!(duration(ms), text, "{ms}");
        }
        assert_eq!(time_left(500.0), "about a second left");
        assert_eq!(time_left(12_100.0), "about 13 s left");
        assert_eq!(time_left(61_000.0), "about 2 min left");
        assert_eq!(time_left(f64::INFINITY), "");
    }

    #[test]
    fn digests_and_times_are_shortened() {
        assert_eq!(short_digest("9f3a00000000c41e"), "9f3a…c41e");
        assert_eq!(short_digest("9f3a"), "9f3a");
        assert_eq!(minute("2026-07-01T00:00:03.123456"), "2026-07-01 00:00");
        assert_eq!(minute("2026-07-01 00:00:03+02:00"), "2026-07-01 00:00");
        assert_eq!(minute("yesterday"), "yesterday");
        assert_eq!(
            minute("ééééééééééééééééééééééééééé"),
            "éééééééééééééééééééééééé…"
        );
    }

    #[test]
    fn what_two_texts_share() {
        assert_eq!(common_prefix("4f1c09d2", "4f1c098b"), 6);
        assert_eq!(common_prefix("abc", "abc"), 3);
        assert_eq!(common_prefix("abc", "abcd"), 3);
        assert_eq!(common_prefix("", "x"), 0);
        assert_eq!(common_prefix("éa", "éb"), 2);
        assert_eq!(common_prefix("é", "è"), 0);
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(
            sentence("the file is empty (0 bytes)"),
            "The file is empty (0 bytes)."
        );
        assert_eq!(sentence("`[]` is empty"), "`[]` is empty.");
        assert_eq!(sentence("Is it?"), "Is it?");
        assert_eq!(sentence(""), "");
    }
}
