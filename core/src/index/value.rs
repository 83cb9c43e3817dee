//! Canonical JSON texts as they are shown and compared.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::json::{decode_string, scan_string};

/// What a value is shown as: the characters of a text, in generalised UTF-8; anything else as it is written.
pub(crate) fn decoded(json: &str) -> Cow<'_, [u8]> {
    if let Some(text) = plain(json) {
        return Cow::Borrowed(text);
    }
    match json.as_bytes() {
        bytes @ [b'"', ..] => match scan_string(bytes, 0) {
            Ok((string, _)) => {
                let mut text = Vec::with_capacity(bytes.len());
                decode_string(string, &mut text);
                Cow::Owned(text)
            }
            Err(_) => Cow::Borrowed(bytes),
        },
        bytes => Cow::Borrowed(bytes),
    }
}

/// The characters of a text that needs no escapes.
fn plain(json: &str) -> Option<&[u8]> {
    match json.as_bytes() {
        [b'"', text @ .., b'"'] if memchr::memchr(b'\\', text).is_none() => Some(text),
        _ => None,
    }
}

/// The order of values: numbers by size, then texts by code point, then what is neither, and last what is missing.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    // What nearly all values are.
    if let (Some(a), Some(b)) = (plain(a), plain(b)) {
        return a.cmp(b);
    }
    let (kind_a, kind_b) = (kind(a), kind(b));
    kind_a.cmp(&kind_b).then_with(|| match kind_a {
        Kind::Number => compare_numbers(a, b),
        Kind::Text => decoded(a).cmp(&decoded(b)),
        Kind::Other | Kind::Missing => a.cmp(b),
    })
}

/// What a value is, in the order of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Number,
    Text,
    Other,
    Missing,
}

/// What a canonical JSON text is.
pub(super) fn kind(json: &str) -> Kind {
    match json.as_bytes() {
        [] => Kind::Missing,
        [b'"', ..] => Kind::Text,
        [b'0'..=b'9' | b'-' | b'I', ..] => Kind::Number,
        _ => Kind::Other,
    }
}

/// By size, integers exactly; what is equal by its text, so that the order is one.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let size = |text: &str| text.parse::<f64>().unwrap_or(f64::INFINITY);
    let is_integer = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let by_size = size(a).total_cmp(&size(b));
    if by_size.is_ne() || !is_integer(a) || !is_integer(b) {
        return by_size.then_with(|| a.cmp(b));
    }
    // Of equal doubles they have one sign.
    let by_digits = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    if a.starts_with('-') {
        by_digits.reverse()
    } else {
        by_digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_ordered_as_people_and_python_order_them() {
        let ordered = [
            "-Infinity",
            "-9007199254740993",
            "-9007199254740992",
            "-1",
            "0",
            "0.5",
            "9007199254740992",
            "9007199254740993",
            "Infinity",
            "\"\"",
            "\"1\"",
            "\"Z\"",
            "\"a\"",
            "\"\\u00e9\"",
            "\"\\ud800\"",
            "\"\\uffff\"",
            "\"\\ud83d\\ude00\"",
            "NaN",
            "[1]",
            "null",
            "true",
            "{\"a\": 1}",
            "",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(&*decoded("\"plain\""), b"plain");
        assert_eq!(&*decoded("\"Zo\\u00eb \\\"M\\\"\""), "Zoë \"M\"".as_bytes());
        assert_eq!(&*decoded("1.0"), b"1.0");
        assert_eq!(&*decoded("\"\\ud800\""), b"\xED\xA0\x80");
    }
}
