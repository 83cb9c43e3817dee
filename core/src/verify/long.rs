//! An entry whose details are so long that they are hashed where they lie, and not copied.

use crate::canon::{Canonical, EntryCanonicalizer, Unreadable};
use crate::digest::{Hashing, Sha256Digest};
use crate::entry::{RawEntry, RawValue};
use crate::scheme::REFERENCE;

use super::blanks::Blanks;

/// Bytes of details above which they are long.
const LONG: usize = 8 << 20;

/// What is kept of an entry that was hashed where it lies.
#[derive(Debug)]
pub(super) struct Long {
    /// What was found, and the digest.
    pub(super) outcome: Result<(Canonical, Sha256Digest), Unreadable>,
    /// The canonical bytes without the details.
    pub(super) kept: Vec<u8>,
}

impl Long {
    /// Hashes an entry if its details are long. Where an empty field may have to be read in another way it is not: that
    /// takes the canonical bytes.
    pub(super) fn of(raw: &RawEntry<'_>) -> Option<Box<Self>> {
        let len = match raw.fields[REFERENCE.details] {
            RawValue::Text(bytes) | RawValue::Blob(bytes) | RawValue::Json(bytes) => bytes.len(),
            _ => 0,
        };
        (len > LONG && Blanks::of(raw).is_none()).then(|| Box::new(Self::hash(raw)))
    }

    fn hash(raw: &RawEntry<'_>) -> Self {
        let (mut hashing, mut kept) = (Hashing::default(), Vec::new());
        let outcome = EntryCanonicalizer::default().pass(raw, &mut hashing, &mut kept);
        Self {
            outcome: outcome.map(|canonical| (canonical, hashing.finish())),
            kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::entry::Place;
    use crate::verify::Collected;
    use crate::verify::batch::Batch;

    /// Hashing where an entry lies gives what writing and hashing gives, at both lengths.
    #[track_caller]
    fn check(details: RawValue<'_>) {
        let mut fields = [RawValue::Json(b"\"\\u00e9\""); 8];
        fields[REFERENCE.details] = details;
        let raw = RawEntry {
            fields,
            claimed_checksum: RawValue::Json(b"\"0123456789abcdef\""),
            extras: &[],
            place: Place { key: 0, line: 1 },
            not_an_entry: None,
            duplicate_key: None,
        };
        let mut message = Vec::new();
        let written = EntryCanonicalizer::default().write(&raw, &mut message);
        let long = Long::hash(&raw);
        match (&written, &long.outcome) {
            (Ok(written), Ok((canonical, digest))) => {
                assert_eq!(*digest, sha256(&message));
                assert_eq!(canonical.depth, written.depth);
                assert_eq!(canonical.duplicate_key, written.duplicate_key);
                for (i, (from, to)) in canonical.values.into_iter().enumerate() {
                    let (a, b) = written.values[i];
                    let expected = if i == REFERENCE.details {
                        &[]
                    } else {
                        &message[a..b]
                    };
                    assert_eq!(&long.kept[from..to], expected);
                }
            }
            (Err(written), Err(unreadable)) => {
                assert_eq!(unreadable, written);
                assert!(long.kept.is_empty());
            }
            _ => panic!("{written:?} and {:?}", long.outcome),
        }
        // Among others in a batch.
        let mut collected = Collected::default();
        collected.push(0, &raw);
        collected.push(0, &raw);
        collected.push(0, &raw);
        collected.make_long(1, long);
        let mut batch = Batch::default();
        batch.fill(&collected, 0..3);
        let [a, b, _] = &batch.pending[..] else {
            panic!("{} entries", batch.pending.len());
        };
        for (i, (a, b)) in a.values.into_iter().zip(b.values).enumerate() {
            let is_details = i == REFERENCE.details;
            assert!(is_details || batch.text(a) == batch.text(b));
        }
        assert_eq!(batch.text(a.id), batch.text(b.id));
        assert_eq!(a.message.is_some(), b.message.is_some());
        let digests: Vec<_> = written.iter().map(|_| sha256(&message)).collect();
        assert_eq!(batch.digests, digests.repeat(3));
    }

    #[test]
    fn hashed_where_it_lies() {
        for json in [
            "{}",
            r#"{"a": [1, 2.50, {"b": "é"}], "c": null}"#,
            r#"{"b": 1, "a": {"d": 1, "c": 2}}"#,
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": 1"#,
            r#""{\"a\": 1}""#,
            r#""\ufeff{}""#,
            r#""{\"a\"""#,
            "",
        ] {
            check(RawValue::Json(json.as_bytes()));
            check(RawValue::Text(json.as_bytes()));
            check(RawValue::Blob(json.as_bytes()));
        }
        check(RawValue::Text(b"\xff"));
        check(RawValue::Blob(b"\xff\xfe{\0}\0"));
        check(RawValue::Json(b"\"\xff\""));
        check(RawValue::Null);
        check(RawValue::Missing);
        check(RawValue::Integer(1));
    }

    #[test]
    fn only_long_details_are() {
        let long = format!("[{}]", " ".repeat(LONG));
        let mut raw = RawEntry {
            fields: [RawValue::Json(b"1"); 8],
            claimed_checksum: RawValue::Null,
            extras: &[],
            place: Place { key: 0, line: 1 },
            not_an_entry: None,
            duplicate_key: None,
        };
        assert!(Long::of(&raw).is_none());
        raw.fields[REFERENCE.details] = RawValue::Json(long.as_bytes());
        assert!(Long::of(&raw).is_some());
        raw.fields[REFERENCE.timestamp] = RawValue::Blank;
        assert!(Long::of(&raw).is_none());
    }
}
