//! One record of a CSV text: where its fields lie, and what in it is no CSV.
//!
//! [`Record::read`] is strict: what no writer writes is a fault. [`Record::read_line`] then takes the one line for what it
//! is worth, as Python's `csv` does.

use memchr::{memchr, memchr2, memchr3};

use super::escape;

/// How a file separates its fields, and whether it quotes any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) delimiter: u8,
    /// Without quotes, as the sqlite3 shell's `.mode tabs` and `.mode list` write, a quote is a character like others.
    pub(super) quotes: bool,
    /// Whether a backslash begins an escape, as PostgreSQL's COPY writes it; then quotes mean nothing.
    pub(super) escapes: bool,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bare,
    Quoted,
    /// As NULL, by a sign that no text can have.
    Null,
}

/// A field: a range of the record's bytes, or of what was copied out of them.
#[derive(Clone, Copy, Debug)]
struct Cell {
    from: usize,
    to: usize,
    is_copied: bool,
    form: Form,
}

/// What [`Record::read`] ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A record of so many bytes, its line break included.
    Complete(usize),
    /// The bytes end before it does.
    Unfinished,
    /// A quote stands at this byte where none can stand.
    Fault(usize),
}

/// A record's fields; kept between records for its buffers.
#[derive(Debug, Default)]
pub(super) struct Record {
    cells: Vec<Cell>,
    copied: Vec<u8>,
    /// How many fields there are, those beyond the limit included.
    pub(super) count: usize,
    /// Whether a line break ends it.
    pub(super) has_break: bool,
    /// Where a carriage return stands in an unquoted field.
    pub(super) lone_return: Option<usize>,
    /// Where a quote stands out of place; only in [`Record::read_line`].
    pub(super) odd_quote: Option<usize>,
    /// Whether a backslash begins no escape, where it must.
    pub(super) has_bad_escape: bool,
    /// Whether the last field's quote is not closed; only in [`Record::read_line`].
    pub(super) is_open: bool,
    /// Fields kept; further ones are only counted.
    pub(super) limit: usize,
}

impl Record {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.copied.clear();
        if self.copied.capacity() > 16 << 20 {
            self.copied.shrink_to(1 << 20);
        }
        self.count = 0;
        self.has_break = false;
        self.lone_return = None;
        self.odd_quote = None;
        self.has_bad_escape = false;
        self.is_open = false;
    }

    /// Field `i` of the record that was read from `bytes`, and how it was written.
    pub(super) fn field<'a>(&'a self, bytes: &'a [u8], i: usize) -> Option<(&'a [u8], Form)> {
        let cell = self.cells.get(i)?;
        let from = if cell.is_copied { &self.copied } else { bytes };
        Some((&from[cell.from..cell.to], cell.form))
    }

    /// The fields in order; see [`Record::field`].
    pub(super) fn fields<'a>(
        &'a self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], Form)> + 'a {
        (0..self.cells.len()).filter_map(|i| self.field(bytes, i))
    }

    /// Whether there is no field but an empty one without quotes: a blank line.
    pub(super) fn is_blank(&self) -> bool {
        self.count == 1
            && self
                .cells
                .first()
                .is_some_and(|c| c.from == c.to && c.form == Form::Bare)
    }

    fn push(&mut self, from: usize, to: usize, is_copied: bool, form: Form) {
        if self.count < self.limit {
            self.cells.push(Cell {
                from,
                to,
                is_copied,
                form,
            });
        }
        self.count += 1;
    }

    /// Reads the record at the start of `bytes`; `is_whole`: nothing follows them.
    pub(super) fn read(&mut self, bytes: &[u8], is_whole: bool, style: Style) -> Parsed {
        self.clear();
        let mut at = 0;
        loop {
            let end = if style.quotes && bytes.get(at) == Some(&b'"') {
                let Some(end) = self.quoted(bytes, at) else {
                    return Parsed::Unfinished;
                };
                end
            } else {
                let found = if style.quotes {
                    memchr3(style.delimiter, b'\n', b'"', &bytes[at..])
                } else {
                    memchr2(style.delimiter, b'\n', &bytes[at..])
                };
                let end = found.map_or(bytes.len(), |i| at + i);
                if bytes.get(end) == Some(&b'"') {
                    return Parsed::Fault(end);
                }
                self.plain(bytes, (at, end), style);
                end
            };
            match (bytes.get(end), bytes.get(end + 1)) {
                (Some(b'\r'), Some(b'\n')) => {
                    self.has_break = true;
                    return Parsed::Complete(end + 2);
                }
                (Some(b'\n'), _) => {
                    self.has_break = true;
                    return Parsed::Complete(end + 1);
                }
                (Some(b), _) if *b == style.delimiter => at = end + 1,
                (None | Some(b'\r'), None) if is_whole => return Parsed::Complete(bytes.len()),
                (None, _) | (Some(b'\r'), None) => return Parsed::Unfinished,
                // Something stands behind a closing quote.
                (Some(_), _) => return Parsed::Fault(end),
            }
        }
    }

    /// An unquoted field; a carriage return before the line break belongs to the break.
    fn plain(&mut self, bytes: &[u8], (from, end): (usize, usize), style: Style) {
        let mut to = end;
        if matches!(bytes.get(end), None | Some(b'\n')) && bytes[from..end].last() == Some(&b'\r') {
            to -= 1;
        }
        if self.lone_return.is_none() {
            self.lone_return = memchr(b'\r', &bytes[from..to]).map(|i| from + i);
        }
        if style.escapes && memchr(b'\\', &bytes[from..to]).is_some() && self.count < self.limit {
            return self.escaped(&bytes[from..to]);
        }
        self.push(from, to, false, Form::Bare);
    }

    /// A field in which backslashes begin escapes.
    fn escaped(&mut self, text: &[u8]) {
        let from = self.copied.len();
        let form = escape::form(text);
        if form == Form::Bare && escape::unescape(text, &mut self.copied).is_none() {
            self.has_bad_escape = true;
        }
        self.push(from, self.copied.len(), true, form);
    }

    /// The field whose opening quote stands at `at`; returns what stands behind the closing one.
    fn quoted(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let copied = self.copied.len();
        let mut from = at + 1;
        loop {
            let close = from + memchr(b'"', bytes.get(from..)?)?;
            if bytes.get(close + 1) == Some(&b'"') {
                self.copied.extend_from_slice(&bytes[from..=close]);
                from = close + 2;
                continue;
            }
            if self.copied.len() == copied {
                self.push(from, close, false, Form::Quoted);
            } else {
                self.copied.extend_from_slice(&bytes[from..close]);
                self.push(copied, self.copied.len(), true, Form::Quoted);
            }
            return Some(close + 1);
        }
    }

    /// Reads one line whatever stands in it: a quote out of place is a character like others, an open one lasts to the
    /// line's end. `line` is without its line break.
    pub(super) fn read_line(&mut self, line: &[u8], style: Style) {
        self.clear();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut at = 0;
        loop {
            let mut from = at;
            if style.quotes && line.get(at) == Some(&b'"') {
                let copied = self.copied.len();
                let Some(end) = self.quoted(line, at) else {
                    self.copied.truncate(copied);
                    self.is_open = true;
                    self.push(at + 1, line.len(), false, Form::Quoted);
                    return;
                };
                if line.get(end).is_none_or(|b| *b == style.delimiter) {
                    if end == line.len() {
                        return;
                    }
                    at = end + 1;
                    continue;
                }
                self.odd_quote = self.odd_quote.or(Some(end));
                from = end;
            }
            let end = memchr(style.delimiter, &line[from..]).map_or(line.len(), |i| from + i);
            if from > at {
                self.append(line, &line[from..end]);
            } else {
                if style.quotes {
                    let quote = memchr(b'"', &line[from..end]).map(|i| from + i);
                    self.odd_quote = self.odd_quote.or(quote);
                }
                if self.lone_return.is_none() {
                    self.lone_return = memchr(b'\r', &line[from..end]).map(|i| from + i);
                }
                self.push(from, end, false, Form::Bare);
            }
            if end == line.len() {
                return;
            }
            at = end + 1;
        }
    }

    /// Joins what stands behind a closing quote to the field that it closed.
    fn append(&mut self, line: &[u8], more: &[u8]) {
        if self.count > self.limit {
            return;
        }
        let Some(cell) = self.cells.last_mut() else {
            return;
        };
        if !cell.is_copied {
            let from = self.copied.len();
            self.copied.extend_from_slice(&line[cell.from..cell.to]);
            cell.from = from;
            cell.is_copied = true;
        }
        self.copied.extend_from_slice(more);
        cell.to = self.copied.len();
    }
}
