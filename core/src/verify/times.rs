//! Timestamps as written: their span as text, and whether some name a time zone and others do not.

use crate::index::{Layout, Stamp};

/// What the timestamps of a source look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    /// The least and the greatest, compared as text by code point, as the reference's query compares them.
    pub(crate) span: Option<(String, String)>,
    /// How many name a zone, and how many do not.
    pub(crate) zoned: u64,
    pub(crate) local: u64,
}

impl Times {
    /// Takes a timestamp in, given as its canonical JSON text, and what was read in it.
    pub(crate) fn add(&mut self, canonical: &[u8], stamp: Stamp) {
        let [b'"', text @ .., b'"'] = canonical else {
            return;
        };
        let is_inside = self
            .span
            .as_ref()
            .is_some_and(|(first, last)| first.as_bytes() <= text && text <= last.as_bytes());
        if !is_inside {
            self.widen(text);
        }
        match stamp
            .layout
            .map_or_else(|| has_zone(text), Layout::has_zone)
        {
            Some(true) => self.zoned += 1,
            Some(false) => self.local += 1,
            None => {}
        }
    }

    fn widen(&mut self, text: &[u8]) {
        // Escapes mean characters that no timestamp has.
        if text.is_empty() || text.contains(&b'\\') {
            return;
        }
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        let (first, last) = self
            .span
            .get_or_insert_with(|| (text.to_owned(), text.to_owned()));
        if text < first.as_str() {
            text.clone_into(first);
        }
        if text > last.as_str() {
            text.clone_into(last);
        }
    }

    /// Takes the timestamps of another source in.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.zoned += other.zoned;
        self.local += other.local;
        if let Some((first, last)) = &other.span {
            match &mut self.span {
                None => self.span.clone_from(&other.span),
                Some((f, l)) => {
                    if first < f {
                        f.clone_from(first);
                    }
                    if last > l {
                        l.clone_from(last);
                    }
                }
            }
        }
    }
}

/// Whether an ISO 8601 date and time names its zone; `None` if it is no date with a time.
fn has_zone(text: &[u8]) -> Option<bool> {
    let digit = |i: usize| text.get(i).is_some_and(u8::is_ascii_digit);
    let is_date =
        [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit) && text[4] == b'-' && text[7] == b'-';
    if !is_date || !matches!(text.get(10), Some(b'T' | b't' | b' ')) || !digit(11) {
        return None;
    }
    Some(
        text[11..]
            .iter()
            .any(|b| matches!(b, b'Z' | b'z' | b'+' | b'-')),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_told_from_local_times() {
        let has_zone = |text: &[u8]| {
            let told = has_zone(text);
            let json = [b"\"", text, b"\""].concat();
            // What was read in it says the same.
            if let Some(layout) = crate::index::read_timestamp(&json).layout {
                assert_eq!(layout.has_zone(), told, "{}", text.escape_ascii());
            }
            told
        };
        assert_eq!(has_zone(b"2026-08-14T09:21:07.118402"), Some(false));
        assert_eq!(has_zone(b"2026-08-14 09:21"), Some(false));
        assert_eq!(has_zone(b"2026-08-14T09:21:07Z"), Some(true));
        assert_eq!(has_zone(b"2026-08-14T09:21:07-05:00"), Some(true));
        assert_eq!(has_zone(b"2026-08-14"), None);
        assert_eq!(has_zone(b"2026-08-14t09Z"), Some(true));
        assert_eq!(has_zone(b"2026-08-14 09"), Some(false));
        assert_eq!(has_zone(b"2026-08-14T09:21:07.1+0530"), Some(true));
        assert_eq!(has_zone(b"yesterday at 9"), None);
    }
}
