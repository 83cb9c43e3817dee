//! Whether a file is JSON Lines, by its first lines.

use super::element::{ALL_FIELDS, hashed_fields};
use super::lines::is_blank;
use super::names_missing;

/// Whether a sample looks like JSON Lines.
pub(super) enum Recognised {
    /// Most lines are entries, or most of the objects are and it can be no document.
    Log,
    /// Most of the objects are entries, but it begins like a document.
    Perhaps,
    /// Most lines are objects of another kind.
    OtherObjects {
        /// Fields that most of them lack.
        missing: String,
    },
    /// It is something else.
    No,
}

/// Looks at the whole lines of a sample; its last line counts only if the sample is the whole file.
pub(super) fn recognise(sample: &[u8], is_whole: bool) -> Recognised {
    let (mut lines, mut objects, mut entries, mut lacking) = (0, 0, 0, [0_u32; 8]);
    let mut rest = sample;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = &rest[end.map_or(rest.len(), |e| e + 1)..];
        if end.is_none() && !is_whole || is_blank(line) {
            continue;
        }
        lines += 1;
        if let Some(mask) = hashed_fields(line) {
            objects += 1;
            entries += u32::from(mask == ALL_FIELDS);
            for (i, count) in lacking.iter_mut().enumerate() {
                *count += u32::from(mask & (1 << i) == 0);
            }
        }
    }
    // A line that is no object says nothing about the objects; but the lines of a document may be objects by chance.
    let first = sample.trim_ascii_start().first();
    let is_like_document = matches!(first, Some(b'{' | b'['));
    if entries * 2 > lines || entries * 2 > objects && !is_like_document {
        return Recognised::Log;
    }
    if entries * 2 > objects {
        return Recognised::Perhaps;
    }
    if objects > 1 && objects * 2 > lines {
        let missing = lacking
            .iter()
            .enumerate()
            .filter(|(_, count)| **count * 2 > objects);
        let missing = missing.fold(0, |mask, (i, _)| mask | 1 << i);
        return Recognised::OtherObjects {
            missing: names_missing(!missing),
        };
    }
    Recognised::No
}
