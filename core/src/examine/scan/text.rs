//! One text, looked through by every detector in turn. What one of them has claimed is blanked before the next one looks, so
//! that no character counts twice. All of them are linear in the length of the text.

use super::key::Key;
use super::kind::Kind;
use super::{address, digits, files, iban, secrets, tokens, whole};

/// What a claimed byte becomes: no letter, no digit, no mark.
const BLANK: u8 = 1;

/// Where sightings go: their kind, the value, and how sure it is.
pub(super) type Report<'r> = dyn FnMut(Kind, &[u8], Trust) + 'r;

/// How much a sighting rests on its own form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It is what it looks like.
    Sure,
    /// A run of digits that fits: among many of the same field that do not, it is chance.
    Chance,
    /// Digits that would be that, but for their check digit.
    Failed,
}

/// A text under examination.
pub(super) struct Text<'t> {
    /// As it stands.
    pub(super) whole: &'t [u8],
    /// The same without what was claimed.
    pub(super) rest: &'t mut Vec<u8>,
    pub(super) key: &'t Key,
    report: &'t mut Report<'t>,
    /// How many sightings of secrets there were, and of anything.
    pub(super) secrets: u32,
    pub(super) claims: u32,
}

/// Looks through a text; `scratch` is kept between texts.
pub(super) fn look<'t>(
    whole: &'t [u8],
    key: &'t Key,
    scratch: &'t mut Vec<u8>,
    report: &'t mut Report<'t>,
) {
    let marks = Marks::of(whole);
    scratch.clear();
    scratch.extend_from_slice(whole);
    let mut text = Text {
        whole,
        rest: scratch,
        key,
        report,
        secrets: 0,
        claims: 0,
    };
    if marks.has(DASH) {
        secrets::pem(&mut text);
    }
    if marks.has(SLASH) && marks.has(COLON) {
        secrets::url(&mut text);
    }
    if whole.len() >= 8 {
        tokens::find(&mut text);
    }
    let is_trace = files::is_trace(whole);
    if is_trace {
        text.say(Kind::StackTrace, whole);
    }
    if marks.digits >= 10 {
        iban::find(&mut text);
    }
    if marks.has(AT) {
        address::email(&mut text);
    }
    if marks.digits >= 7 {
        digits::find(&mut text);
    }
    if marks.digits >= 1 && (marks.has(DOT) || marks.has(COLON)) {
        address::ip(&mut text);
    }
    if marks.has(SLASH) && !is_trace {
        files::path(&mut text);
    }
    whole::find(&mut text);
}

impl Text<'_> {
    /// Claims a part of the text.
    pub(super) fn claim(&mut self, kind: Kind, from: usize, to: usize) {
        self.claim_as(kind, from, to, Trust::Sure);
    }

    pub(super) fn claim_as(&mut self, kind: Kind, from: usize, to: usize, trust: Trust) {
        let value = self.whole.get(from..to).unwrap_or_default();
        (self.report)(kind, value, trust);
        if kind.is_secret() {
            self.secrets += 1;
        }
        if trust != Trust::Failed {
            self.claims += 1;
            self.blank(from, to);
        }
    }

    /// Says something about a value without claiming it.
    pub(super) fn say(&mut self, kind: Kind, value: &[u8]) {
        (self.report)(kind, value, Trust::Sure);
    }

    /// Takes a part of the text from the detectors that come later.
    pub(super) fn blank(&mut self, from: usize, to: usize) {
        if let Some(part) = self.rest.get_mut(from..to) {
            part.fill(BLANK);
        }
    }

    /// The byte at a place, blank beyond the ends.
    pub(super) fn at(&self, place: usize) -> u8 {
        self.rest.get(place).copied().unwrap_or(BLANK)
    }

    /// The byte before a place.
    pub(super) fn before(&self, place: usize) -> u8 {
        place.checked_sub(1).map_or(BLANK, |i| self.at(i))
    }

    /// Whether one of these words, in lower case, stands in the 24 bytes before a place.
    pub(super) fn is_said_before(&self, place: usize, words: &[&str]) -> bool {
        let from = place.saturating_sub(24);
        let part = self.whole.get(from..place).unwrap_or_default();
        let part = part.to_ascii_lowercase();
        let part = String::from_utf8_lossy(&part);
        words.iter().any(|word| {
            part.match_indices(word).any(|(at, _)| {
                let before = part.get(..at).and_then(|p| p.chars().next_back());
                !before.is_some_and(char::is_alphanumeric)
            })
        })
    }
}

/// A letter, a digit or an underscore: what goes on as one word. Every byte beyond ASCII is taken for a letter.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

const AT: u8 = 1;
const SLASH: u8 = 2;
const COLON: u8 = 4;
const DOT: u8 = 8;
const DASH: u8 = 16;

/// Which marks a text has at all, so that most detectors need not look.
struct Marks {
    marks: u8,
    digits: usize,
}

impl Marks {
    fn of(text: &[u8]) -> Self {
        let (mut marks, mut digits) = (0, 0);
        for byte in text {
            match byte {
                b'0'..=b'9' => digits += 1,
                b'@' => marks |= AT,
                b'/' | b'\\' => marks |= SLASH,
                b':' => marks |= COLON,
                b'.' => marks |= DOT,
                b'-' => marks |= DASH,
                _ => {}
            }
        }
        Self { marks, digits }
    }

    fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }
}
