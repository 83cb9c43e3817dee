//! What a log perhaps should not hold: personal data, secrets, proprietary detail, and hashes that can be guessed.
//!
//! Every field of every entry is looked at by its form and by the key above it. It is a scan by rules: it overlooks things,
//! and it takes things for what they are not. How often is measured on a labelled corpus, `tests/scan`.

use crate::entry::{RawEntry, RawValue};
use crate::json::{Reader, decode_string, scan_string};
use crate::query::details_text;
use crate::scheme::REFERENCE;

mod address;
mod digits;
mod files;
mod iban;
mod key;
mod kind;
mod mask;
mod paths;
mod secrets;
mod tally;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod walk;
mod whole;
mod words;

use key::Key;
use paths::{PathId, ROOT};
use text::{Trust, look};
use walk::Walk;

/// Looks through entries, one after the other.
#[derive(Default)]
pub(crate) struct Scanner {
    walk: Walk,
    reader: Reader,
    entries: u64,
    unparsed: u64,
}

/// One kind of thing at one path.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) group: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) count: u64,
    pub(crate) entries: u64,
    pub(crate) examples: Vec<String>,
    /// The first row.
    pub(crate) first: u32,
}

/// What was looked through, and what was seen.
pub(crate) struct Outcome {
    pub(crate) entries: u64,
    pub(crate) unparsed: u64,
    pub(crate) is_coarse: bool,
    pub(crate) seen: Vec<Seen>,
}

impl Scanner {
    /// Looks through one entry, all fields of it, whether a checksum covers them or not.
    pub(crate) fn entry(&mut self, row: u32, entry: &RawEntry<'_>) {
        self.entries += 1;
        self.walk.row = row;
        for (i, (name, value)) in REFERENCE.hashed_fields.iter().zip(entry.fields).enumerate() {
            let at = self.walk.named(ROOT, name.as_bytes());
            if i == REFERENCE.details {
                self.details(at, value);
            } else {
                self.value(at, value);
            }
        }
        for (name, value) in entry.extras {
            let at = self.walk.named(ROOT, name.as_bytes());
            self.value(at, *value);
        }
    }

    fn details(&mut self, at: PathId, value: RawValue<'_>) {
        match details_text(value) {
            Some(text) if !text.is_empty() => self.unparsed += u64::from(!self.json(at, &text)),
            Some(_) => {}
            None => self.value(at, value),
        }
    }

    fn value(&mut self, at: PathId, value: RawValue<'_>) {
        match value {
            RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Bare => {}
            RawValue::Integer(number) => self.walk.number(at, number.to_string().as_bytes()),
            RawValue::Real(_) => {}
            RawValue::Text(text) | RawValue::Blob(text) => self.walk.text(at, text),
            RawValue::Json(token) if token.first() == Some(&b'"') => {
                let Ok((string, _)) = scan_string(token, 0) else {
                    return self.walk.text(at, token);
                };
                let mut text = Vec::new();
                decode_string(string, &mut text);
                self.walk.text(at, &text);
            }
            RawValue::Json(token) => {
                self.json(at, token);
            }
        }
    }

    /// Walks a JSON text; what stands behind an error in it is looked at as a text. Tells whether there is none.
    fn json(&mut self, at: PathId, text: &[u8]) -> bool {
        self.walk.begin(at);
        let Err(error) = self.reader.read(text, &mut self.walk) else {
            return true;
        };
        self.walk.text(at, text.get(error.at..).unwrap_or_default());
        false
    }

    /// Tells what was seen: by kind, then by path.
    pub(crate) fn finish(self) -> Outcome {
        let paths = self.walk.paths;
        let is_coarse = paths.is_coarse();
        let mut seen: Vec<_> = self.walk.tallies.finish().collect();
        seen.sort_by_cached_key(|((at, kind), _)| (*kind, paths.text(*at), *at));
        let seen = seen.into_iter().map(|((at, kind), tally)| Seen {
            group: kind.group(),
            kind: kind.code(),
            path: paths.text(at),
            count: tally.count,
            entries: tally.entries,
            examples: tally.examples,
            first: tally.first,
        });
        Outcome {
            entries: self.entries,
            unparsed: self.unparsed,
            is_coarse,
            seen: seen.collect(),
        }
    }
}

/// Whether a text, such as an entry's id, holds anything that should not be shown.
pub(crate) fn is_anything(text: &[u8]) -> bool {
    let mut is_any = false;
    look(
        text,
        &Key::default(),
        &mut Vec::new(),
        &mut |_, _, trust| {
            is_any |= trust != Trust::Failed;
        },
    );
    is_any
}
