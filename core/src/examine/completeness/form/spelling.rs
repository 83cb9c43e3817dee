//! One JSON text beside the reference's text for the same value: in what they differ.

/// Something that a JSON text shows of its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Feature {
    Spacing,
    /// Whether characters beyond ASCII are escaped.
    Letters,
    /// How other escapes are written.
    Escapes,
    Numbers,
    /// In which order keys stand; told by the other entries, not by one text.
    KeyOrder,
}

impl Feature {
    /// Those that one text shows.
    pub(super) const ALL: [Self; 4] = [Self::Spacing, Self::Letters, Self::Escapes, Self::Numbers];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Spacing => "spacing",
            Self::Letters => "letters beyond ASCII",
            Self::Escapes => "escapes",
            Self::Numbers => "the text of numbers",
            Self::KeyOrder => "the order of keys",
        }
    }
}

/// What a text shows of each feature: 0 nothing, 1 what the reference writes, and from 2 on other ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Trait(u8);

impl Trait {
    /// Values that a feature can have.
    pub(super) const VALUES: usize = 4;
    /// The reference's.
    pub(super) const REFERENCE: Self = Self(0b0101_0101);

    pub(super) fn get(self, feature: Feature) -> usize {
        usize::from(self.0 >> (feature as u8 * 2) & 3)
    }

    pub(super) fn set(&mut self, feature: Feature, value: usize) {
        let shift = feature as u8 * 2;
        let value = u8::try_from(value & 3).unwrap_or(0);
        self.0 = self.0 & !(3 << shift) | value << shift;
    }

    /// The features that both show and show differently.
    pub(super) fn differing(self, other: Self) -> Vec<Feature> {
        let differs = |f: &Feature| {
            let (a, b) = (self.get(*f), other.get(*f));
            a != 0 && b != 0 && a != b
        };
        Feature::ALL.into_iter().filter(differs).collect()
    }

    pub(super) fn is_reference(self) -> bool {
        self.differing(Self::REFERENCE).is_empty()
    }
}

/// No blanks at all.
const COMPACT: usize = 2;
/// Any other blanks, line breaks among them.
const OTHER: usize = 3;
/// As the reference writes it, and otherwise.
const ALIKE: usize = 1;
const UNLIKE: usize = 2;

/// Compares a text that Python reads with the one that it would write.
pub(super) fn spelling(text: &[u8], reference: &[u8]) -> Trait {
    let mut found = Trait::default();
    if text == reference {
        if has_separator(reference) {
            found.set(Feature::Spacing, ALIKE);
        }
        if has_escaped_letter(reference) {
            found.set(Feature::Letters, ALIKE);
        }
        if reference.contains(&b'\\') {
            found.set(Feature::Escapes, ALIKE);
        }
        if reference.iter().any(u8::is_ascii_digit) {
            found.set(Feature::Numbers, ALIKE);
        }
        return found;
    }
    let (mut ours, mut theirs) = (Tokens { rest: text }, Tokens { rest: reference });
    let (mut blanks, mut is_as_reference) = (0usize, true);
    let mut numbers = 0;
    loop {
        let (gap, token) = ours.next();
        let (wanted, written) = theirs.next();
        blanks += gap.len();
        is_as_reference &= gap == wanted;
        if token.is_empty() || written.is_empty() {
            break;
        }
        match written[0] {
            b'"' => string(token, written, &mut found),
            b'-' | b'0'..=b'9' => {
                numbers |= if token == written { ALIKE } else { UNLIKE };
            }
            _ => {}
        }
    }
    if has_separator(reference) || !is_as_reference {
        let kind = match (is_as_reference, blanks) {
            (true, _) => ALIKE,
            (false, 0) => COMPACT,
            (false, _) => OTHER,
        };
        found.set(Feature::Spacing, kind);
    }
    // One number that is spelled otherwise makes the text another's.
    found.set(
        Feature::Numbers,
        if numbers > UNLIKE { UNLIKE } else { numbers },
    );
    found
}

/// Whether a text of the reference has a comma or a colon outside of strings: an object or array that is not empty may.
fn has_separator(reference: &[u8]) -> bool {
    matches!(reference, [b'{', _, _, ..]) || reference.windows(2).any(|w| w == b", ")
}

fn has_escaped_letter(reference: &[u8]) -> bool {
    let mut rest = reference;
    while let Some(at) = rest.iter().position(|b| *b == b'\\') {
        let escape = &rest[at..];
        if is_letter(escape) {
            return true;
        }
        rest = escape.get(2..).unwrap_or(&[]);
    }
    false
}

/// Whether an escape is of a character beyond ASCII.
fn is_letter(escape: &[u8]) -> bool {
    matches!(escape, [b'\\', b'u', a, b, c, _, ..] if [*a, *b] != *b"00" || *c >= b'8')
}

/// One string, quotes and all, beside the reference's spelling of it.
fn string(token: &[u8], written: &[u8], found: &mut Trait) {
    let has_raw = !token.is_ascii();
    if has_raw {
        found.set(Feature::Letters, UNLIKE);
    } else if has_escaped_letter(written) && found.get(Feature::Letters) == 0 {
        found.set(Feature::Letters, ALIKE);
    }
    if token == written {
        if written.contains(&b'\\') && found.get(Feature::Escapes) == 0 {
            found.set(Feature::Escapes, ALIKE);
        }
    } else if !has_raw || token.windows(2).any(|w| w == b"\\/") {
        // What differs in an ASCII text are its escapes.
        found.set(Feature::Escapes, UNLIKE);
    }
}

/// The tokens of a JSON text that is known to be one, each with the blanks before it.
struct Tokens<'t> {
    rest: &'t [u8],
}

impl<'t> Tokens<'t> {
    fn next(&mut self) -> (&'t [u8], &'t [u8]) {
        let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
        let start = self.rest.iter().position(|b| !is_blank(b));
        let (gap, rest) = self.rest.split_at(start.unwrap_or(self.rest.len()));
        let len = match rest.first() {
            None => 0,
            Some(b'"') => string_len(rest),
            Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => 1,
            Some(_) => {
                let ends = |b: &u8| is_blank(b) || matches!(b, b'}' | b']' | b',');
                rest.iter().position(ends).unwrap_or(rest.len())
            }
        };
        let (token, rest) = rest.split_at(len);
        self.rest = rest;
        (gap, token)
    }
}

pub(super) fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(b) = text.get(at) {
        match b {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::Canonicalizer;

    #[track_caller]
    fn differs(text: &str, expected: &[&str]) {
        let mut canon = Canonicalizer::default();
        let reference = canon.in_order(text.as_bytes()).expect("it is JSON");
        let found = spelling(text.as_bytes(), reference);
        let features = found.differing(Trait::REFERENCE);
        let features: Vec<_> = features.iter().map(|f| f.as_str()).collect();
        assert_eq!(features, expected, "{text}");
    }

    #[test]
    fn what_a_text_shows() {
        differs("{}", &[]);
        differs(
            r#"{"b": 1.0, "a": [1, {"x": "\u00eb\n\"\\"}], "c": 1e-07}"#,
            &[],
        );
        differs("{ }", &["spacing"]);
        differs("{\n  \"a\": 1\n}", &["spacing"]);
        differs(r#"{"a":1}"#, &["spacing"]);
        differs(r#"{"a": "ë"}"#, &["letters beyond ASCII"]);
        differs(r#"{"a": "\u00EB"}"#, &["escapes"]);
        differs(r#"{"a": "http:\/\/x"}"#, &["escapes"]);
        differs(r#"{"a": "a, b: c"}"#, &[]);
        differs(r#"{"a": 1e-7}"#, &["the text of numbers"]);
        differs(
            r#"{"a": 1.50,"b":"ë\/"}"#,
            &[
                "spacing",
                "letters beyond ASCII",
                "escapes",
                "the text of numbers",
            ],
        );
    }
}
