//! Records, read from their pages: a payload with its overflow pages, and the values in it (*Database File Format*,
//! sections 1.6 and 2.1).
//!
//! The entries of an index are read so, and the rows of a table wherever everything is as SQLite writes it
//! ([`Shape`]); what is not is always SQLite's to read.

use std::io;

use super::btree::{Page, Tree, local, varint, word};
use super::image::Image;
use crate::entry::RawValue;

/// The payload of cell `index` of an index's page, gathered in `buffer` where it goes on in overflow pages; `None` if it
/// contradicts itself. `budget` is lowered by the bytes of overflow pages that were read.
///
/// # Errors
///
/// Where the host's bytes fail.
pub(super) fn index_payload<'a>(
    image: &Image,
    usable: usize,
    page: &'a Page,
    index: u16,
    buffer: &'a mut Vec<u8>,
    budget: &mut u64,
) -> io::Result<Option<&'a [u8]>> {
    // On an interior page the number of the left child comes first.
    let mut at = page.cell(index) + if page.is_leaf { 0 } else { 4 };
    let Some((length, n)) = page.bytes.get(at..).and_then(varint) else {
        return Ok(None);
    };
    at += n;
    let Ok(length) = usize::try_from(length) else {
        return Ok(None);
    };
    let local = local(Tree::Index, usable, length);
    if local == length {
        return Ok(page.bytes.get(at..at + length));
    }
    if length as u64 > *budget {
        return Ok(None);
    }
    *budget -= length as u64;
    let is_whole = gather(image, usable, (page, at, local), length, buffer)?;
    Ok(is_whole.then_some(buffer))
}

/// Gathers in `buffer` a payload of `length` bytes of which only the first `local` stand on the page, from `at` on; false
/// if its overflow pages end too early.
///
/// # Errors
///
/// Where the host's bytes fail.
pub(super) fn gather(
    image: &Image,
    usable: usize,
    (page, at, local): (&Page, usize, usize),
    length: usize,
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    let (Some(begin), Some(_)) = (
        page.bytes.get(at..at + local),
        page.bytes.get(at + local..at + local + 4),
    ) else {
        return Ok(false);
    };
    buffer.clear();
    buffer.extend_from_slice(begin);
    let mut next = word(&page.bytes, at + local);
    while buffer.len() < length {
        if next == 0 || u64::from(next) > image.pages() || image.is_lock_page(next) {
            return Ok(false);
        }
        let start = u64::from(next - 1) * image.page_size() as u64;
        let mut number = [0; 4];
        image.read_at(start, &mut number)?;
        next = word(&number, 0);
        let from = buffer.len();
        let n = (length - from).min(usable - 4);
        buffer.resize(from + n, 0);
        image.read_at(start + 4, &mut buffer[from..])?;
    }
    Ok(true)
}

/// Where the values of a row's record stand in its payload.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The kind of each value (its serial type), and where it begins.
    values: Vec<(u32, u32)>,
}

impl Shape {
    /// Reads the head of a record; false where it has not just so many values, or anything is not as SQLite writes it,
    /// so that SQLite must say what the row holds.
    pub(super) fn read(&mut self, payload: &[u8], values: usize) -> bool {
        self.values.clear();
        let Some((head, first)) = varint(payload) else {
            return false;
        };
        let Some(kinds) = usize::try_from(head)
            .ok()
            .and_then(|head| payload.get(first..head))
        else {
            return false;
        };
        let mut at = first + kinds.len();
        let mut rest = kinds;
        while let Some((&byte, behind)) = rest.split_first() {
            let kind = if byte < 0x80 {
                rest = behind;
                u32::from(byte)
            } else {
                let Some((kind, n)) = varint(rest) else {
                    return false;
                };
                rest = &rest[n..];
                let Ok(kind) = u32::try_from(kind) else {
                    return false;
                };
                kind
            };
            let Some(len) = length_of(kind.into()) else {
                return false;
            };
            let Ok(start) = u32::try_from(at) else {
                return false;
            };
            self.values.push((kind, start));
            at = at.saturating_add(len);
        }
        self.values.len() == values && at == payload.len()
    }

    /// The value at a place, of the payload whose head was read.
    pub(super) fn value<'p>(&self, payload: &'p [u8], place: usize) -> RawValue<'p> {
        let Some(&(kind, at)) = self.values.get(place) else {
            return RawValue::Missing;
        };
        let bytes = length_of(kind.into()).and_then(|len| payload.get(at as usize..)?.get(..len));
        value_of(kind.into(), bytes.unwrap_or_default())
    }
}

/// How many bytes a value of this kind (its serial type) takes; `None` for a kind that no file has.
fn length_of(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}

/// The value of this kind that these bytes are.
fn value_of(kind: u64, bytes: &[u8]) -> RawValue<'_> {
    match kind {
        0 => RawValue::Null,
        1..=6 => RawValue::Integer(integer(bytes)),
        7 => match f64::from_bits(integer(bytes).cast_unsigned()) {
            // As SQLite reads it.
            x if x.is_nan() => RawValue::Null,
            x => RawValue::Real(x),
        },
        8 => RawValue::Integer(0),
        9 => RawValue::Integer(1),
        _ if kind.is_multiple_of(2) => RawValue::Blob(bytes),
        _ => RawValue::Text(bytes),
    }
}

/// A big-endian integer of up to 8 bytes; the first one has its sign.
fn integer(bytes: &[u8]) -> i64 {
    let sign = bytes
        .first()
        .map_or(0, |b| (b.cast_signed() >> 7).cast_unsigned());
    let mut all = [sign; 8];
    let from = 8 - bytes.len().min(8);
    all[from..].copy_from_slice(&bytes[..8 - from]);
    i64::from_be_bytes(all)
}

/// The values of a record, in order; ends early, with `is_broken`, where the record contradicts itself.
pub(super) struct Values<'a> {
    payload: &'a [u8],
    types: usize,
    types_end: usize,
    body: usize,
    pub(super) is_broken: bool,
}

impl<'a> Values<'a> {
    pub(super) fn of(payload: &'a [u8]) -> Self {
        let (end, types) = varint(payload).unwrap_or((u64::MAX, 0));
        let end = usize::try_from(end).unwrap_or(usize::MAX);
        let is_broken = end > payload.len() || end < types;
        Self {
            payload,
            types,
            types_end: if is_broken { 0 } else { end },
            body: end,
            is_broken,
        }
    }

    /// The kinds of the values (serial types), as far as they lie in `payload`.
    pub(super) fn kinds(payload: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
        let mut values = Self::of(payload);
        std::iter::from_fn(move || {
            let types = values.payload.get(values.types..values.types_end)?;
            let (kind, n) = varint(types)?;
            values.types += n;
            Some(kind)
        })
    }

    fn value(&mut self) -> Option<RawValue<'a>> {
        let (kind, n) = varint(&self.payload[self.types..self.types_end])?;
        self.types += n;
        let len = length_of(kind)?;
        let bytes = self.payload.get(self.body..self.body.checked_add(len)?)?;
        self.body += len;
        Some(value_of(kind, bytes))
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = RawValue<'a>;

    fn next(&mut self) -> Option<RawValue<'a>> {
        if self.types >= self.types_end {
            return None;
        }
        let value = self.value();
        if value.is_none() {
            self.is_broken = true;
            self.types_end = 0;
        }
        value
    }
}

/// How the texts of a database are written in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

impl Encoding {
    /// As the file's header tells it. SQLite looks at the last two bits only (`sqlite3InitOne`).
    pub(super) fn of(header: &[u8; 100]) -> Self {
        match word(header, 56) & 3 {
            2 => Self::Utf16 { big_endian: false },
            3 => Self::Utf16 { big_endian: true },
            _ => Self::Utf8,
        }
    }

    /// A text as SQLite gives it when it is asked for UTF-8: it takes any unit from D800 to DFFF as the first half of a
    /// pair, whatever the second is, and ignores an odd byte at the end.
    pub(super) fn to_utf8<'a>(self, text: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
        let Self::Utf16 { big_endian } = self else {
            return text;
        };
        buffer.clear();
        let (units, _) = text.as_chunks::<2>();
        let mut units = units.iter().map(|&unit| {
            u32::from(if big_endian {
                u16::from_be_bytes(unit)
            } else {
                u16::from_le_bytes(unit)
            })
        });
        while let Some(unit) = units.next() {
            let mut c = unit;
            if (0xd800..0xe000).contains(&unit)
                && let Some(second) = units.next()
            {
                c = (second & 0x3ff) + ((unit & 0x3f) << 10) + (((unit & 0x3c0) + 0x40) << 10);
            }
            let low = |shift: u32| (0x80 | (c >> shift & 0x3f)).to_le_bytes()[0];
            let lead = |mark: u32, shift: u32| (mark | c >> shift).to_le_bytes()[0];
            match c {
                0..0x80 => buffer.push(lead(0, 0)),
                0x80..0x800 => buffer.extend([lead(0xc0, 6), low(0)]),
                0x800..0x1_0000 => buffer.extend([lead(0xe0, 12), low(6), low(0)]),
                _ => buffer.extend([lead(0xf0, 18), low(12), low(6), low(0)]),
            }
        }
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_record() {
        // Header of 9 bytes: NULL, 1 byte, 3 bytes, real, 0, 1, text of 2, blob of 1.
        let record = [
            &[9, 0, 1, 3, 7, 8, 9, 17, 14][..],
            &[0xff, 0, 1, 0],
            &1.5_f64.to_be_bytes(),
            b"ab",
            &[7],
        ]
        .concat();
        let values: Vec<_> = Values::of(&record).collect();
        assert_eq!(
            values,
            [
                RawValue::Null,
                RawValue::Integer(-1),
                RawValue::Integer(256),
                RawValue::Real(1.5),
                RawValue::Integer(0),
                RawValue::Integer(1),
                RawValue::Text(b"ab"),
                RawValue::Blob(&[7]),
            ]
        );
        for end in 0..record.len() {
            let mut values = Values::of(&record[..end]);
            values.by_ref().for_each(drop);
            assert!(values.is_broken, "{end}");
        }
        let mut reserved = Values::of(&[2, 10]);
        assert!(reserved.next().is_none() && reserved.is_broken);
    }

    #[test]
    fn the_kinds_of_a_broken_record() {
        let check = |payload: &[u8], kinds: &[u64]| {
            assert_eq!(Values::kinds(payload).collect::<Vec<_>>(), kinds);
        };
        check(&[3, 1, 17, 0], &[1, 17]);
        // A header that ends within its own length, or beyond the payload.
        check(&[0x80, 0, 1, 1], &[]);
        check(&[0, 1, 1], &[]);
        check(&[9, 1, 1], &[]);
        check(&[], &[]);
    }

    #[test]
    fn utf_16_as_sqlite_reads_it() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection
            .execute_batch("PRAGMA encoding='UTF-16le'")
            .unwrap();
        let mut buffer = Vec::new();
        for text in [
            &[][..],
            &[0x61, 0, 0xe9, 0, 0xac, 0x20],
            &[0x3d, 0xd8, 0, 0xde],
            &[0, 0xdc, 0x41, 0],
            &[0x41, 0, 0, 0xd8],
            &[0x41, 0, 0x42],
            &[0xfe, 0xff, 0xff, 0xff],
            &[0, 0],
        ] {
            let sql = "SELECT CAST(CAST(CAST(?1 AS TEXT) AS BLOB) AS TEXT)";
            let theirs: Vec<u8> = connection
                .query_row(sql, [text], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()))
                .unwrap();
            let ours = Encoding::Utf16 { big_endian: false }.to_utf8(text, &mut buffer);
            assert_eq!(ours, theirs, "{text:x?}");
        }
    }
}
