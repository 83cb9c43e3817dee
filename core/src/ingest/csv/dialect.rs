//! What a CSV file's first megabyte tells: the separator, whether quotes quote, the columns, and what an empty field is.

use std::ops::ControlFlow;

use memchr::memchr;

use super::escape::Votes;
use super::foreign::{self, Reason};
use super::layout::{COLUMN_LIMIT, Column, Layout, TABLE, is_checksum, mask};
use super::record::{Form, Parsed, Record, Style};
use crate::scheme::REFERENCE;

/// Separators that are looked for, in this order.
pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// How a file is to be read.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) style: Style,
    pub(super) layout: Layout,
    pub(super) has_header: bool,
    /// How many bytes stand before the header line or the first record, and in them what it is.
    pub(super) preamble: usize,
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
    /// Its records are written in a way that is not read.
    Foreign(Reason),
    No,
}

/// Looks at the records of a sample, which begins behind a byte order mark.
pub(super) fn recognise(sample: &[u8], is_whole: bool) -> Recognised {
    let (start, behind_comments) = preamble(sample);
    // What begins like JSON is no header, and a row begins with an id.
    if matches!(sample.get(start), None | Some(b'{' | b'[')) {
        return Recognised::No;
    }
    let mut most = 0_u8;
    for delimiter in DELIMITERS {
        let style = Style {
            delimiter,
            quotes: true,
            escapes: false,
        };
        let text = &sample[behind_comments..];
        if let Some((layout, _)) = Layout::at(text, style) {
            let dialect = dialect(text, is_whole, delimiter, layout, true);
            if let Some(reason) = foreign::reason(text, is_whole, &dialect) {
                return Recognised::Foreign(reason);
            }
            return Recognised::Log(Dialect {
                preamble: behind_comments,
                ..dialect
            });
        }
        if let Some(i) = memchr(b'\r', text)
            && text.get(i + 1) != Some(&b'\n')
            && Layout::at(&text[..i], style).is_some()
        {
            return Recognised::Foreign(foreign::RETURNS);
        }
        let mut record = Record::new(COLUMN_LIMIT);
        let is_some = matches!(record.read(text, is_whole, style), Parsed::Complete(_))
            && record.count >= REFERENCE.hashed_fields.len() / 2;
        let mask = if is_some { mask(&record, text) } else { 0 };
        if mask.count_ones() > most.count_ones() {
            most = mask;
        }
    }
    for delimiter in DELIMITERS {
        let found = dialect(
            &sample[start..],
            is_whole,
            delimiter,
            Layout::table(),
            false,
        );
        if is_table(&sample[start..], is_whole, found.style) {
            let mut first = Record::new(0);
            let is_row = matches!(
                first.read(&sample[start..], is_whole, found.style),
                Parsed::Complete(_)
            ) && first.count == TABLE.len();
            let preamble = if is_row { start } else { behind_comments };
            return Recognised::Log(Dialect { preamble, ..found });
        }
    }
    if foreign::is_bare(&sample[start..], is_whole) {
        return Recognised::Foreign(foreign::BARE);
    }
    if most.count_ones() >= 4 {
        return Recognised::Lacking(!most);
    }
    Recognised::No
}

/// Where the records begin: behind blank lines and Excel's `sep=;`, and behind lines that begin with `#` as well.
fn preamble(sample: &[u8]) -> (usize, usize) {
    /// More comments are not looked through.
    const LINES: usize = 1_000;
    let line = |at: usize| {
        let rest = &sample[at..];
        let len = memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
        &rest[..len]
    };
    let mut start = 0;
    for _ in 0..LINES {
        let text = line(start).trim_ascii();
        let bare = text.strip_prefix(b"\"").unwrap_or(text);
        let is_separator = text.len() <= 8
            && bare
                .get(..4)
                .is_some_and(|b| b.eq_ignore_ascii_case(b"sep="));
        let is_blank = line(start).iter().all(|b| matches!(b, b'\r' | b'\n'));
        if !(is_blank || is_separator) || line(start).is_empty() {
            break;
        }
        start += line(start).len();
    }
    let mut behind_comments = start;
    for _ in 0..LINES {
        let text = line(behind_comments);
        let is_blank = text.iter().all(|b| matches!(b, b'\r' | b'\n'));
        // The sqlite3 shell has been seen to say `-- Loading resources from …` there.
        let is_comment = text.starts_with(b"#") || text.starts_with(b"-- ");
        if text.is_empty() || !(is_blank || is_comment) {
            break;
        }
        behind_comments += text.len();
    }
    (start, behind_comments)
}

fn dialect(
    sample: &[u8],
    is_whole: bool,
    delimiter: u8,
    layout: Layout,
    has_header: bool,
) -> Dialect {
    let (style, has_nulls) = style(sample, is_whole, delimiter, &layout.columns);
    let mut marks = Marks::default();
    each(sample, is_whole, style, |record, bytes, is_fault| {
        if !is_fault && record.count == layout.columns.len() {
            record
                .fields(bytes)
                .for_each(|(text, form)| marks.add(text, form == Form::Quoted, style.delimiter));
        }
        ControlFlow::Continue(())
    });
    Dialect {
        style,
        layout,
        has_header,
        preamble: 0,
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
        let text = |i| record.field(bytes, i).map_or(&[][..], |f| f.0);
        let details = text(7).trim_ascii();
        let checksum = text(8);
        let is_row = record.count == TABLE.len()
            && is_time(text(1))
            && details.starts_with(b"{")
            && details.ends_with(b"}")
            && is_checksum(checksum);
        // What stands behind a header is read by that.
        if !is_row && mask(record, bytes) == u8::MAX {
            return ControlFlow::Break(());
        }
        all += 1;
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
pub(super) fn is_time(text: &[u8]) -> bool {
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
