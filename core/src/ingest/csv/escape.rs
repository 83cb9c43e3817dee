//! The backslash escapes of tab-separated text as PostgreSQL's COPY, `jq @tsv` and Miller write it, and how a file that has
//! them is told from one in which a backslash is a character like others.

use std::ops::ControlFlow;

use memchr::memchr;

use super::dialect::each;
use super::record::{Form, Style};
use crate::json::{Ignore, Reader};

/// NULL, as PostgreSQL writes it.
pub(super) const NULL: &[u8] = b"\\N";

/// Appends what `text` stands for. `None`, and nothing that counts, if a backslash begins no escape.
pub(super) fn unescape(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some(i) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..i]);
        out.push(match rest.get(i + 1)? {
            b'\\' => b'\\',
            b't' => b'\t',
            b'n' => b'\n',
            b'r' => b'\r',
            b'b' => 0x08,
            b'f' => 0x0C,
            b'v' => 0x0B,
            // Only `jq` writes this one.
            b'0' => 0,
            _ => return None,
        });
        rest = &rest[i + 2..];
    }
    out.extend_from_slice(rest);
    Some(())
}

/// What the backslashes of a sample speak for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Votes {
    /// Records that can be read only if a backslash is a character like others.
    plain: u32,
    /// Records that can be read only if it begins an escape.
    escaped: u32,
    /// Records that can be read both ways and hold a pair of backslashes.
    paired: u32,
    /// Fields that are `\N`, in records that can be read so.
    pub(super) nulls: u32,
}

impl Votes {
    /// Counts the records of `columns` fields, of which `details` is JSON.
    pub(super) fn of(
        sample: &[u8],
        is_whole: bool,
        style: Style,
        (columns, details): (usize, usize),
    ) -> Self {
        let mut votes = Self::default();
        let mut reader = Reader::default();
        let mut is_json = |text: &[u8]| reader.read(text, &mut Ignore).is_ok();
        let mut unescaped = Vec::new();
        each(sample, is_whole, style, |record, bytes, _| {
            if record.count != columns {
                return ControlFlow::Continue(());
            }
            let (mut all, mut valid, mut has_pair, mut nulls) = (0_u32, true, false, 0);
            for (text, _) in record.fields(bytes) {
                if text == NULL {
                    nulls += 1;
                } else if memchr(b'\\', text).is_some() {
                    all += 1;
                    unescaped.clear();
                    valid &= unescape(text, &mut unescaped).is_some();
                    has_pair |= memchr::memmem::find(text, br"\\").is_some();
                }
            }
            if all + nulls == 0 {
                return ControlFlow::Continue(());
            }
            let text = record.field(bytes, details).map_or(&b""[..], |f| f.0);
            unescaped.clear();
            let if_escaped =
                valid && unescape(text, &mut unescaped).is_some() && is_json(&unescaped);
            match (is_json(text), if_escaped) {
                (true, false) => votes.plain += 1,
                (false, true) => votes.escaped += 1,
                (true, true) if has_pair => votes.paired += 1,
                _ => {}
            }
            if valid {
                votes.nulls += nulls;
            }
            ControlFlow::Continue(())
        });
        votes
    }

    /// Whether a backslash begins an escape.
    ///
    /// What can be read both ways and has pairs speaks for a writer that doubles: a text of JSON in which every backslash is
    /// one of a pair, and none begins `\"`, `\n` or `\u`, is far rarer than one of which a writer doubled them.
    pub(super) fn are_escapes(self) -> bool {
        self.escaped + self.paired + self.nulls > self.plain
    }
}

/// How a field of this dialect is to be taken: `\N` is NULL.
pub(super) fn form(text: &[u8]) -> Form {
    if text == NULL { Form::Null } else { Form::Bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let check = |text: &str, expected: Option<&[u8]>| {
            let mut out = Vec::new();
            let is_valid = unescape(text.as_bytes(), &mut out).is_some();
            assert_eq!(is_valid.then_some(&out[..]), expected, "{text}");
        };
        check("", Some(b""));
        check(r"a\\b\t\n\r\b\f\v\0", Some(b"a\\b\t\n\r\x08\x0C\x0B\0"));
        check(r"\\\\u00e9", Some(br"\\u00e9"));
        for broken in [
            r"\", r"\\\", r"\u00e9", r#"\""#, r"a\N", r"\.", r"\x41", r"\101",
        ] {
            check(broken, None);
        }
    }

    #[test]
    fn who_escapes() {
        let check = |lines: &[&str], expected: bool| {
            let style = Style {
                delimiter: b'\t',
                quotes: false,
                escapes: false,
            };
            let votes = Votes::of(lines.join("\n").as_bytes(), true, style, (2, 1));
            assert_eq!(votes.are_escapes(), expected, "{lines:?} {votes:?}");
        };
        // Nothing to go by.
        check(&[], false);
        check(&["a\t{}"], false);
        // As PostgreSQL has it.
        check(&[r#"a	{"n": "a\\"b"}"#], true);
        check(&[r#"a	{"n": "\\u00e9"}"#], true);
        check(&[r"a\\b	{}"], true);
        check(&[r#"\N	{"n": 1}"#], true);
        check(&[r#"a	{"n": "C:\\\\new"}"#], true);
        // As the sqlite3 shell has it.
        check(&[r#"a	{"n": "a\"b"}"#], false);
        check(&[r#"a	{"n": "\u00e9"}"#], false);
        check(&[r#"a	{"n": "l1\nl2"}"#], false);
        check(&[r#"a	{"n": "C:\\temp\\Users"}"#], false);
        check(&[r"DOM\user	{}"], false);
        check(&[r"DOM\bob	{}"], false);
        // Both, and more of the one.
        check(&[r#"a	{"n": "\\u00e9"}"#, r#"a	{"n": "\u00e9"}"#], false);
        check(
            &[
                r#"a	{"n": "\u00e9"}"#,
                r#"a	{"n": "a\\"b"}"#,
                r#"a	{"n": "a\\"b"}"#,
            ],
            true,
        );
    }
}
