//! What the columns of a CSV file hold: by its header line, or as the reference's table has them.

use std::collections::BTreeSet;

use super::record::{Parsed, Record, Style};
use crate::scheme::{REFERENCE, field_index};

/// More columns than any writer makes; further fields are only counted.
pub(super) const COLUMN_LIMIT: usize = 4096;

/// A header line longer than this is none.
const HEADER_LIMIT: usize = 1 << 16;

/// The columns of the reference's table, in its order.
pub(super) const TABLE: [&str; 10] = [
    "entry_id",
    "timestamp",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "details",
    "checksum",
    "written_at",
];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The hashed field of this index.
    Hashed(usize),
    Checksum,
    /// A field that no checksum covers.
    Extra,
}

/// The columns, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// As the header spells them, but for those that the reference has.
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// A name that stands for two columns.
    pub(super) duplicate: Option<String>,
    /// A name that the header spells otherwise than the reference.
    pub(super) misspelt: Option<String>,
}

impl Layout {
    /// The columns of a table that was written without a header.
    pub(super) fn table() -> Self {
        Self::new(TABLE.map(str::to_owned).to_vec())
    }

    /// The columns by a record that names the eight hashed ones; `None` if it does not.
    pub(super) fn of(record: &Record, bytes: &[u8]) -> Option<Self> {
        // Carriage returns within it end lines that are not read as such.
        let is_line = record.count <= COLUMN_LIMIT && record.lone_return.is_none();
        (is_line && mask(record, bytes) == u8::MAX).then(|| {
            let names = record
                .fields(bytes)
                .map(|(name, _)| String::from_utf8_lossy(name).into_owned());
            Self::new(names.collect())
        })
    }

    /// The same for the record at the start of `bytes`, whatever it is, and its length.
    pub(super) fn at(bytes: &[u8], style: Style) -> Option<(Self, usize)> {
        let is_whole = bytes.len() <= HEADER_LIMIT;
        let bytes = &bytes[..bytes.len().min(HEADER_LIMIT)];
        let mut record = Record::new(COLUMN_LIMIT);
        let len = match record.read(bytes, is_whole, style) {
            Parsed::Complete(len) => len,
            _ => {
                let line = memchr::memchr(b'\n', bytes);
                if line.is_none() && !is_whole {
                    return None;
                }
                record.read_line(&bytes[..line.unwrap_or(bytes.len())], style);
                line.map_or(bytes.len(), |i| i + 1)
            }
        };
        Some((Self::of(&record, bytes)?, len))
    }

    /// The columns of these names; `None` if the hashed ones are not among them.
    pub(super) fn named(names: Vec<String>) -> Option<Self> {
        let layout = Self::new(names);
        let hashed = layout
            .columns
            .iter()
            .filter(|c| matches!(c, Column::Hashed(_)));
        (hashed.count() == REFERENCE.hashed_fields.len()).then_some(layout)
    }

    /// Whether two headers name the same columns, however they spell them.
    pub(super) fn columns_are(&self, other: &Self) -> bool {
        self.names == other.names && self.columns == other.columns
    }

    fn new(mut names: Vec<String>) -> Self {
        let mut columns = vec![Column::Extra; names.len()];
        let (mut duplicate, mut misspelt) = (None, None);
        let mut seen = BTreeSet::new();
        for name in &names {
            if !seen.insert(name) {
                duplicate.get_or_insert_with(|| name.clone());
            }
        }
        for wanted in TABLE {
            let field = field_index(wanted.as_bytes());
            // As in Python's `DictReader` the last column of a name counts, and the very name before others.
            let exact = names.iter().rposition(|name| name == wanted);
            let like = || {
                // A checksum of something else has no part in this.
                if field.is_none() && misspelt.is_none() {
                    return None;
                }
                let is_like =
                    |name: &String| plain(name.as_bytes()).eq_ignore_ascii_case(wanted.as_bytes());
                let found = names.iter().rposition(is_like)?;
                misspelt.get_or_insert_with(|| names[found].clone());
                if names.iter().position(is_like) != Some(found) {
                    duplicate.get_or_insert_with(|| wanted.to_owned());
                }
                Some(found)
            };
            let Some(i) = exact.or_else(like) else {
                continue;
            };
            names[i] = wanted.to_owned();
            if let Some(field) = field {
                columns[i] = Column::Hashed(field);
            } else if wanted == REFERENCE.checksum_field {
                columns[i] = Column::Checksum;
            }
        }
        Self {
            names,
            columns,
            duplicate,
            misspelt,
        }
    }

    /// Whether a record cannot be a header, because it has a checksum where one belongs.
    pub(super) fn has_checksum(&self, record: &Record, bytes: &[u8]) -> bool {
        let column = self.columns.iter().position(|c| *c == Column::Checksum);
        let field = column.and_then(|i| record.field(bytes, i));
        field.is_some_and(|(text, _)| is_checksum(text))
    }
}

/// The hashed fields that the fields of a record name.
pub(super) fn mask(record: &Record, bytes: &[u8]) -> u8 {
    let names = record.fields(bytes).map(|(name, _)| plain(name));
    names.fold(0, |mask, name| {
        let fields = &REFERENCE.hashed_fields;
        let field = fields
            .iter()
            .position(|f| f.as_bytes().eq_ignore_ascii_case(name));
        mask | field.map_or(0, |i| 1 << i)
    })
}

/// A column's name without what tools put around it: a byte order mark, blanks, quotes, and the table's name.
fn plain(name: &[u8]) -> &[u8] {
    // No name that is looked for is as long.
    if name.len() > 200 {
        return b"";
    }
    let name = name.strip_prefix(super::BOM).unwrap_or(name);
    let name = match name.iter().rposition(|b| *b == b'.') {
        Some(i) => &name[i + 1..],
        None => name,
    };
    let mut name = name.trim_ascii();
    while let [b'"' | b'\'' | b'`' | b'[', inner @ ..] = name {
        name = inner;
    }
    while let [inner @ .., b'"' | b'\'' | b'`' | b']'] = name {
        name = inner;
    }
    name
}

/// Whether a text has the form of the reference's checksums.
pub(super) fn is_checksum(text: &[u8]) -> bool {
    text.len() == REFERENCE.checksum_digits
        && text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns that a header line of ours names, or why there is none.
    fn check(header: &str, expected: &str) {
        let style = Style {
            delimiter: b',',
            quotes: true,
            escapes: false,
        };
        let found = match Layout::at(header.as_bytes(), style) {
            None => "none".to_owned(),
            Some((layout, len)) => {
                assert_eq!(len, header.find('\n').map_or(header.len(), |i| i + 1));
                let columns = layout.columns.iter().map(|c| match c {
                    Column::Hashed(i) => char::from(b'0' + u8::try_from(*i).expect("one of eight")),
                    Column::Checksum => 'c',
                    Column::Extra => '-',
                });
                let columns: String = columns.collect();
                format!("{columns} {:?} {:?}", layout.duplicate, layout.misspelt)
            }
        };
        assert_eq!(found, expected, "{header}");
    }

    #[test]
    fn headers() {
        let plain = "action,actor,details,entry_id,event_type,resource_id,resource_type,timestamp";
        check(plain, "01234567 None None");
        check(&format!("{plain},checksum\r\nmore"), "01234567c None None");
        check(&format!("x,{plain}"), "-01234567 None None");
        check(&plain.to_uppercase(), "01234567 None Some(\"ENTRY_ID\")");
        check(
            &format!("\u{FEFF}{plain}"),
            "01234567 None Some(\"\\u{feff}action\")",
        );
        check(
            &format!("\u{FEFF}\"{}\"", plain.replace(',', "\",\"")),
            "01234567 None Some(\"\\u{feff}\\\"action\\\"\")",
        );
        check(
            &plain.replace(',', ", "),
            "01234567 None Some(\" entry_id\")",
        );
        check(
            &format!("audit_log.{}", plain.replace(',', ",audit_log.")),
            "01234567 None Some(\"audit_log.entry_id\")",
        );
        // The very name counts, and of several the last.
        check(&format!("{plain},ACTOR"), "01234567- None None");
        check(&format!("{plain},actor"), "0-2345671 Some(\"actor\") None");
        check(
            &plain.replace("actor", "a.actor,b.actor"),
            "0-1234567 Some(\"actor\") Some(\"b.actor\")",
        );
        check(&plain.replace("actor", "user"), "none");
        check(&format!("{plain}\ra,b"), "none");
        check(&format!("{plain},x\ra,b\n"), "none");
        check("", "none");
    }
}
