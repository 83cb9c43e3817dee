//! A JSON value, walked with its paths: texts and numbers are looked at as they come, arrays and objects when they end.

use super::digits::{is_issued, luhn};
use super::key::Role;
use super::kind::Kind;
use super::paths::{PathId, Paths};
use super::tally::Tallies;
use super::text::{Trust, look};
use crate::json::{Sink, Str, decode_string};

/// Numbers of which an array under a key for features is made at the least, and an object.
const VECTOR: u32 = 6;
const RECORD: u32 = 3;
/// Bytes of the numbers that are kept for an example.
const SAMPLE: usize = 64;

/// What is kept between values.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) paths: Paths,
    pub(super) tallies: Tallies,
    /// The entry that is walked.
    pub(super) row: u32,
    /// Where the next value lies that is no element of an array.
    pub(super) next: PathId,
    stack: Vec<Frame>,
    scratch: Vec<u8>,
    decoded: Vec<u8>,
}

struct Frame {
    at: PathId,
    is_object: bool,
    each: Option<PathId>,
    /// Where raw features may stand: how many numbers there were, and the first of them.
    features: Option<Box<(u32, Vec<u8>)>>,
}

impl Walk {
    /// Begins with the value of a field.
    pub(super) fn begin(&mut self, at: PathId) {
        self.stack.clear();
        self.next = at;
    }

    /// Looks at a text.
    pub(super) fn text(&mut self, at: PathId, text: &[u8]) {
        if text.len() < 4 {
            // Too short for anything but what its key says it is.
            let key = self.paths.key(at);
            if !key.is_tuning
                && !matches!(
                    key.role,
                    Role::HyperParameter | Role::Architecture | Role::Hash | Role::Person
                )
            {
                return;
            }
        }
        let key = self.paths.key(at);
        let (tallies, row) = (&mut self.tallies, self.row);
        look(text, &key, &mut self.scratch, &mut |kind, value, trust| {
            tallies.add(at, kind, row, value, trust);
        });
    }

    /// Looks at a number.
    pub(super) fn number(&mut self, at: PathId, token: &[u8]) {
        let key = self.paths.key(at);
        if key.is_schema {
            return;
        }
        let is_digits = token.iter().all(u8::is_ascii_digit);
        let kind = match key.role {
            _ if key.is_tuning => Kind::HyperParameter,
            // Whatever is counted in whole numbers has dropouts too.
            Role::HyperParameter if key.is_rate && is_digits && token != b"0" => return,
            Role::HyperParameter => Kind::HyperParameter,
            Role::Architecture => Kind::Architecture,
            Role::Person if is_digits && token.len() >= 4 => Kind::PersonalField,
            Role::Card if is_digits && (12..=19).contains(&token.len()) && luhn(token) => {
                Kind::PaymentCard
            }
            Role::Ssn if is_digits && is_issued(token) => Kind::UsSsn,
            Role::Phone if is_digits && (10..=15).contains(&token.len()) => Kind::Phone,
            _ => return,
        };
        self.tallies.add(at, kind, self.row, token, Trust::Sure);
    }

    /// Where the value lies that comes now.
    fn place(&mut self) -> PathId {
        let Some(frame) = self.stack.last_mut().filter(|f| !f.is_object) else {
            return self.next;
        };
        if let Some(each) = frame.each {
            return each;
        }
        let each = self.paths.of_each(frame.at);
        frame.each = Some(each);
        each
    }

    /// A number, `true` or `false`, which may be a feature.
    fn plain(&mut self, token: &[u8], is_number: bool) {
        let at = self.place();
        if is_number || self.paths.key(at).is_tuning {
            self.number(at, token);
        }
        let is_about = self.paths.key(at).is_about;
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        if frame.is_object && is_about {
            return;
        }
        if let Some(features) = &mut frame.features {
            features.0 += 1;
            if features.1.len() < SAMPLE {
                features
                    .1
                    .extend_from_slice(if features.1.is_empty() { b"[" } else { b", " });
                features
                    .1
                    .extend_from_slice(token.get(..SAMPLE).unwrap_or(token));
            }
        }
    }

    fn open(&mut self, is_object: bool) {
        let at = self.place();
        let key = self.paths.key(at);
        let is_features = key.role == Role::Features && !key.is_schema;
        self.stack.push(Frame {
            at,
            is_object,
            each: None,
            features: is_features.then(Box::default),
        });
    }

    fn close(&mut self) {
        let Some(Frame {
            at,
            is_object,
            features: Some(features),
            ..
        }) = self.stack.pop()
        else {
            return;
        };
        let (count, mut sample) = *features;
        if count >= if is_object { RECORD } else { VECTOR } {
            sample.push(b']');
            self.tallies
                .add(at, Kind::FeatureVector, self.row, &sample, Trust::Sure);
        }
    }

    /// The path of a key. One that is a value itself, such as an e-mail address, is not shown.
    pub(super) fn named(&mut self, above: PathId, name: &[u8]) -> PathId {
        if let Some(id) = self.paths.known(above, name) {
            return id;
        }
        let mut found = Vec::new();
        let neutral = super::key::Key::default();
        look(
            name,
            &neutral,
            &mut self.scratch,
            &mut |kind, value, trust| {
                if trust != Trust::Failed && found.len() < 16 {
                    found.push((kind, value.to_vec()));
                }
            },
        );
        if found.is_empty() {
            return self.paths.of_name(above, name);
        }
        let at = self.paths.of_data(above);
        for (kind, value) in found {
            self.tallies.add(at, kind, self.row, &value, Trust::Sure);
        }
        at
    }
}

impl Sink for Walk {
    fn null(&mut self) {}

    fn boolean(&mut self, value: bool) {
        self.plain(if value { b"true" } else { b"false" }, false);
    }

    fn integer(&mut self, token: &[u8]) {
        self.plain(token, true);
    }

    fn float(&mut self, token: &[u8]) {
        self.plain(token, true);
    }

    fn constant(&mut self, token: &'static str) {
        self.plain(token.as_bytes(), true);
    }

    fn string(&mut self, string: Str<'_>) {
        let at = self.place();
        if string.is_plain {
            return self.text(at, string.raw);
        }
        let mut decoded = std::mem::take(&mut self.decoded);
        decoded.clear();
        decode_string(string, &mut decoded);
        self.text(at, &decoded);
        self.decoded = decoded;
    }

    fn begin_array(&mut self) {
        self.open(false);
    }

    fn end_array(&mut self) {
        self.close();
    }

    fn begin_object(&mut self) {
        self.open(true);
    }

    fn key(&mut self, key: Str<'_>) {
        let Some(above) = self.stack.last().map(|f| f.at) else {
            return;
        };
        if key.is_plain {
            self.next = self.named(above, key.raw);
            return;
        }
        let mut decoded = std::mem::take(&mut self.decoded);
        decoded.clear();
        decode_string(key, &mut decoded);
        self.next = self.named(above, &decoded);
        self.decoded = decoded;
    }

    fn end_object(&mut self) {
        self.close();
    }
}
