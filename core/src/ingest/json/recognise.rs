//! Whether a file is JSON Lines, by its first lines, or a sequence of values that go over several lines.

use super::element::{ALL_FIELDS, fields};
use super::lines::{behind_marks, is_blank};
use super::refusal::is_columns;
use super::resync::{Resync, Span};
use super::{BOM, RECORD_SEPARATOR, names_missing};

/// Whether a sample looks like JSON Lines.
pub(super) enum Recognised {
    /// Most lines are entries, or most of the objects are and it can be no document.
    Log,
    /// Most lines are entries, and there are entries of several lines.
    Sequence,
    /// Most of the objects are entries, but it begins like a document.
    Perhaps,
    /// Most lines are objects of another kind.
    OtherObjects {
        /// What most of them lack.
        missing: String,
        /// Whether some are entries.
        has_entries: bool,
    },
    /// It is something else.
    No,
}

/// Looks at the whole lines of a sample; its last line counts only if the sample is the whole file.
pub(super) fn recognise(sample: &[u8], is_whole: bool) -> Recognised {
    let (mut lines, mut objects, mut entries, mut columns) = (0, 0, 0, 0);
    let mut lacking = [0_u32; 8];
    let mut rest = sample;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = &rest[end.map_or(rest.len(), |e| e + 1)..];
        if end.is_none() && !is_whole || is_blank(line) {
            continue;
        }
        lines += 1;
        if let Some((mask, containers)) = fields(&line[behind_marks(line)..]) {
            objects += 1;
            let is_table = is_columns(mask, containers);
            columns += u32::from(is_table);
            entries += u32::from(mask == ALL_FIELDS && !is_table);
            for (i, count) in lacking.iter_mut().enumerate() {
                *count += u32::from(mask & (1 << i) == 0);
            }
        }
    }
    // A line that is no object says nothing about the objects; but the lines of a document may be objects by chance.
    let first = sample.trim_ascii_start().first();
    let is_like_document = matches!(first, Some(b'{' | b'['));
    if entries * 2 > lines || entries * 2 > objects && !is_like_document {
        let is_sequence = objects < lines && Layout::of(sample).ignores_lines();
        return match is_sequence {
            true => Recognised::Sequence,
            false => Recognised::Log,
        };
    }
    if entries * 2 > objects {
        return Recognised::Perhaps;
    }
    if objects > 1 && objects * 2 > lines && columns == 0 {
        let missing = lacking
            .iter()
            .enumerate()
            .filter(|(_, count)| **count * 2 > objects);
        let missing = missing.fold(0, |mask, (i, _)| mask | 1 << i);
        return Recognised::OtherObjects {
            has_entries: entries > 0,
            missing: match entries {
                0 => format!(
                    "these are JSON Lines, but most of them are no audit entries: they lack {}",
                    names_missing(!missing)
                ),
                _ => format!(
                    "these are JSON Lines, of which no more than half are audit entries ({entries} of the first {objects})"
                ),
            },
        };
    }
    Recognised::No
}

/// How the entries of a sample stand in it.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Whole entries that go over several lines.
    long: u32,
    /// Neighbours that are parted by a line break and other blanks alone, by less than that, and by a comma.
    parted: u32,
    joined: u32,
    commas: u32,
}

impl Layout {
    pub(super) fn of(sample: &[u8]) -> Self {
        let (mut layout, mut last) = (Self::default(), None);
        let mut resync = Resync::new(0);
        loop {
            let at = usize::try_from(resync.at()).unwrap_or(usize::MAX);
            let span = match sample.get(at..).filter(|rest| !rest.is_empty()) {
                Some(rest) => resync.feed(rest),
                None => match resync.finish() {
                    None => return layout,
                    span => span,
                },
            };
            if let Some(span) = span {
                layout.count(sample, last.replace(span), span);
            }
        }
    }

    fn count(&mut self, sample: &[u8], last: Option<Span>, span: Span) {
        let bytes = |from: u64, to: u64| {
            let index = |at| usize::try_from(at).unwrap_or(usize::MAX);
            sample.get(index(from)..index(to)).unwrap_or(&[])
        };
        let has_break = memchr::memchr(b'\n', bytes(span.start, span.end)).is_some();
        let is_entry = || {
            fields(bytes(span.start, span.end))
                .is_some_and(|(mask, containers)| !is_columns(mask, containers))
        };
        self.long += u32::from(has_break && span.mask == ALL_FIELDS && is_entry());
        let Some(last) = last else { return };
        let between = bytes(last.end, span.start);
        let is_blank = |b: &u8| {
            matches!(b, b' ' | b'\t' | b'\r' | b'\n' | &RECORD_SEPARATOR) || BOM.contains(b)
        };
        let marks = || between.iter().filter(|b| !is_blank(b));
        if marks().next().is_none() {
            match between.contains(&b'\n') {
                true => self.parted += 1,
                false => self.joined += 1,
            }
        }
        self.commas += u32::from(marks().eq(b","));
    }

    /// Whether lines mean nothing: there are entries of several lines, or mostly several in one.
    pub(super) fn ignores_lines(&self) -> bool {
        self.long > 0 || self.joined > self.parted
    }

    /// Whether that is so, and mostly one follows the other without a comma.
    pub(super) fn is_sequence(&self) -> bool {
        self.ignores_lines() && self.parted + self.joined > self.commas
    }
}
