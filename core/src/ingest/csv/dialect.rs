//! What a CSV file's first megabyte tells: the separator, whether quotes quote, the columns, and what an empty field is.

use std::ops::ControlFlow;

use memchr::memchr;

use super::escape::Votes;
use super::record::{Form, Parsed, Record, Style};
use crate::scheme::{REFERENCE, field_index};

/// Separators that are looked for, in this order.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// More columns than any writer makes; further fields are only counted.
const COLUMN_LIMIT: usize = 4096;

/// The columns of the reference's table, in its order.
const TABLE: [&str; 10] = [
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

/// How a file is to be read.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) style: Style,
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Column>,
    pub(super) has_header: bool,
    /// A name that stands for two columns.
    pub(super) duplicate: Option<String>,
    /// Whether an empty field is NULL without quotes and empty text with them; otherwise nobody can tell.
    pub(super) tells_null: bool,
    /// Whether NULL has a sign of its own, so that an empty field is empty text.
    pub(super) has_nulls: bool,
}

/// What a sample looks like.
#[derive(Debug)]
pub(super) enum Recognised {
    Log(Dialect),
    /// It has a header line, but without these hashed fields.
    Lacking(u8),
    No,
}

/// Looks at the records of a sample, which begins behind a byte order mark.
pub(super) fn recognise(sample: &[u8], is_whole: bool) -> Recognised {
    let blank = sample
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    let sample = &sample[blank..];
    // What begins like JSON is no header, and a row begins with an id.
    if matches!(sample.first(), None | Some(b'{' | b'[')) {
        return Recognised::No;
    }
    let mut most = 0_u8;
    for delimiter in DELIMITERS {
        let header = header(sample, is_whole, delimiter);
        let mask = header.iter().flatten().fold(0, |mask, name| {
            mask | field_index(name.as_bytes()).map_or(0, |i| 1 << i)
        });
        if let (Some(names), u8::MAX) = (header, mask) {
            return Recognised::Log(dialect(sample, is_whole, delimiter, names, true));
        }
        if mask.count_ones() > most.count_ones() {
            most = mask;
        }
    }
    for delimiter in DELIMITERS {
        let names = TABLE.map(str::to_owned).to_vec();
        let dialect = dialect(sample, is_whole, delimiter, names, false);
        if is_table(sample, is_whole, dialect.style) {
            return Recognised::Log(dialect);
        }
    }
    if most.count_ones() >= 4 {
        return Recognised::Lacking(!most);
    }
    Recognised::No
}

/// The fields of the first record.
fn header(sample: &[u8], is_whole: bool, delimiter: u8) -> Option<Vec<String>> {
    let style = Style {
        delimiter,
        quotes: true,
        escapes: false,
    };
    let mut record = Record::new(COLUMN_LIMIT);
    if !matches!(record.read(sample, is_whole, style), Parsed::Complete(_)) {
        return None;
    }
    let is_some = record.count >= REFERENCE.hashed_fields.len() / 2 && record.count <= COLUMN_LIMIT;
    is_some.then(|| {
        record
            .fields(sample)
            .map(|(name, _)| String::from_utf8_lossy(name).into_owned())
            .collect()
    })
}

fn dialect(
    sample: &[u8],
    is_whole: bool,
    delimiter: u8,
    names: Vec<String>,
    has_header: bool,
) -> Dialect {
    let mut duplicate = None;
    let columns = names.iter().enumerate().map(|(i, name)| {
        // As in Python's `DictReader` the last column of a name counts.
        if names[i + 1..].contains(name) {
            duplicate.get_or_insert_with(|| name.clone());
            return Column::Extra;
        }
        match field_index(name.as_bytes()) {
            Some(field) => Column::Hashed(field),
            None if name == REFERENCE.checksum_field => Column::Checksum,
            None => Column::Extra,
        }
    });
    let columns: Vec<_> = columns.collect();
    let (style, has_nulls) = style(sample, is_whole, delimiter, &columns);
    let mut marks = Marks::default();
    each(sample, is_whole, style, |record, bytes, is_fault| {
        if !is_fault && record.count == columns.len() {
            record
                .fields(bytes)
                .for_each(|(text, form)| marks.add(text, form == Form::Quoted, style.delimiter));
        }
        ControlFlow::Continue(())
    });
    Dialect {
        style,
        names,
        columns,
        has_header,
        duplicate,
        tells_null: style.quotes && marks.tell_null(),
        has_nulls,
    }
}

/// How the fields are written, and whether NULL has a sign of its own.
fn style(sample: &[u8], is_whole: bool, delimiter: u8, columns: &[Column]) -> (Style, bool) {
    let style = |quotes, escapes| Style {
        delimiter,
        quotes,
        escapes,
    };
    // A writer that quotes has no quote out of place; one that does not has nothing but.
    let (mut quoted, mut odd) = (0_u32, 0_u32);
    each(
        sample,
        is_whole,
        style(true, false),
        |record, bytes, is_fault| {
            let is_quoted = record.fields(bytes).any(|f| f.1 == Form::Quoted);
            odd += u32::from(is_fault);
            quoted += u32::from(is_quoted && !is_fault);
            ControlFlow::Continue(())
        },
    );
    let quotes = odd <= quoted;
    let details = columns
        .iter()
        .position(|c| *c == Column::Hashed(REFERENCE.details));
    let (b'\t', Some(details), true) = (delimiter, details, !quotes || quoted == 0) else {
        return (style(quotes, false), false);
    };
    let votes = Votes::of(
        sample,
        is_whole,
        style(false, false),
        (columns.len(), details),
    );
    if votes.are_escapes() {
        (style(false, true), votes.nulls > 0)
    } else {
        (style(quotes, false), false)
    }
}

/// Whether most records are rows of the reference's table, by their shape.
fn is_table(sample: &[u8], is_whole: bool, style: Style) -> bool {
    let (mut rows, mut all) = (0_u32, 0_u32);
    each(sample, is_whole, style, |record, bytes, _| {
        all += 1;
        let text = |i| record.field(bytes, i).map_or(&[][..], |f| f.0);
        let details = text(7).trim_ascii();
        let checksum = text(8);
        let is_row = record.count == TABLE.len()
            && is_time(text(1))
            && details.starts_with(b"{")
            && details.ends_with(b"}")
            && checksum.len() == REFERENCE.checksum_digits
            && checksum
                .iter()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        rows += u32::from(is_row);
        // A file of another kind is known by its first thousand lines.
        if all == 1_000 && rows == 0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    rows * 2 > all
}

/// Whether a text begins as an ISO 8601 date does.
fn is_time(text: &[u8]) -> bool {
    let digit = |i: usize| text.get(i).is_some_and(u8::is_ascii_digit);
    [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit) && text[4] == b'-' && text[7] == b'-'
}

/// The records that lie whole in the sample, blank lines left out, and whether each is faulty.
pub(super) fn each(
    sample: &[u8],
    is_whole: bool,
    style: Style,
    mut see: impl FnMut(&Record, &[u8], bool) -> ControlFlow<()>,
) {
    let mut record = Record::new(COLUMN_LIMIT);
    let mut rest = sample;
    while !rest.is_empty() {
        let (len, is_fault) = match record.read(rest, is_whole, style) {
            Parsed::Complete(len) => (len, false),
            Parsed::Unfinished if !is_whole => return,
            Parsed::Unfinished | Parsed::Fault(_) => {
                let line = memchr(b'\n', rest);
                record.read_line(&rest[..line.unwrap_or(rest.len())], style);
                (line.map_or(rest.len(), |i| i + 1), true)
            }
        };
        if !record.is_blank() && see(&record, rest, is_fault).is_break() {
            return;
        }
        rest = &rest[len..];
    }
}

/// What tells one writer's empty fields from another's.
#[derive(Default)]
struct Marks {
    bare_empty: bool,
    quoted_empty: bool,
    /// A field that only the sqlite3 shell would quote: it holds a blank, an apostrophe, a control or non-ASCII character.
    quoted_for_shell: bool,
    /// A field that even the shell would not quote.
    quoted_for_nothing: bool,
    /// A field that the shell would have quoted.
    not_for_shell: bool,
}

impl Marks {
    fn add(&mut self, text: &[u8], is_quoted: bool, delimiter: u8) {
        // The shell quotes what holds a character of its table `needCsvQuote`: up to the blank, `"`, `'`, from DEL on.
        let for_shell = text
            .iter()
            .any(|b| matches!(b, 0..=b' ' | b'"' | b'\'' | 0x7F..));
        let for_all = text
            .iter()
            .any(|b| matches!(b, b'"' | b'\r' | b'\n') || *b == delimiter);
        match (text.is_empty(), is_quoted) {
            (true, true) => self.quoted_empty = true,
            (true, false) => self.bare_empty = true,
            (false, true) => {
                self.quoted_for_shell |= for_shell && !for_all;
                self.quoted_for_nothing |= !for_shell && !for_all;
            }
            (false, false) => self.not_for_shell |= for_shell,
        }
    }

    /// Whether the file writes NULL and empty text differently.
    ///
    /// The sqlite3 shell does, and quotes by a rule of its own; so does whoever writes both kinds of empty field, or quotes
    /// text that needs no quotes but leaves an empty field bare (Python 3.12's `QUOTE_NOTNULL`). Python's other rules do
    /// not: `None` and `''` are both bare, or both `""`.
    fn tell_null(&self) -> bool {
        let is_shell = !self.not_for_shell
            && !self.quoted_for_nothing
            && (self.quoted_for_shell || self.quoted_empty);
        is_shell || self.bare_empty && (self.quoted_empty || self.quoted_for_nothing)
    }
}
