//! One entry written out: as a JSON object that is judged as the entry is, or as a line of a table.

use std::borrow::Cow;

use super::Case;
use super::cells::{Column, Columns};
use crate::canon::{write_float, write_string};
use crate::entry::{RawEntry, RawValue};
use crate::json::{Ignore, Reader, decode_bytes, decode_string, scan_string};
use crate::query::PathFinder;
use crate::scheme::{REFERENCE, field_index};
use crate::units::RowIdx;

/// The fields of an entry in the order of the reference's table.
pub(super) const COLUMNS: [&str; 9] = [
    "entry_id",
    "timestamp",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "details",
    "checksum",
];

/// The field that an export adds; one of that name in the source is not written.
pub(super) const VERDICT: &str = "verdict";

/// What a verifier makes of a field, and so what it must be written as.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Hashed,
    Details,
    Checksum,
    Uncovered,
}

/// Writes one entry.
pub(super) struct Writer<'w> {
    pub(super) case: &'w Case,
    pub(super) row: u32,
    /// `None` if it could not be read again.
    pub(super) entry: Option<&'w RawEntry<'w>>,
    pub(super) finder: &'w mut PathFinder,
    pub(super) out: &'w mut Vec<u8>,
}

impl Writer<'_> {
    /// All fields, and the verdict.
    pub(super) fn whole(&mut self) {
        self.out.push(b'{');
        self.stored();
        let verdict = self.case.judge.index.origin(RowIdx(self.row));
        let verdict = verdict.map_or("unreadable", |o| o.verdict.as_str());
        self.text(VERDICT, verdict);
        self.out.push(b'}');
    }

    /// All fields, and nothing of ours.
    pub(super) fn bare(&mut self) {
        self.out.push(b'{');
        self.stored();
        self.out.push(b'}');
    }

    fn stored(&mut self) {
        if let Some(entry) = self.entry {
            for name in COLUMNS {
                match field_index(name.as_bytes()) {
                    Some(i) if i == REFERENCE.details => {
                        self.field(name, entry.fields[i], Role::Details);
                    }
                    Some(i) => self.field(name, entry.fields[i], Role::Hashed),
                    None => self.field(name, entry.claimed_checksum, Role::Checksum),
                }
            }
            for (name, value) in entry.extras {
                if *name != VERDICT {
                    self.field(name, *value, Role::Uncovered);
                }
            }
        }
    }

    /// The columns asked for.
    pub(super) fn members(&mut self, names: &[String], columns: &Columns) {
        self.find_paths(columns);
        self.out.push(b'{');
        for (name, column) in names.iter().zip(&columns.all) {
            match (column, self.entry) {
                (Column::Field(i), Some(entry)) if *i == REFERENCE.details => {
                    self.field(name, entry.fields[*i], Role::Details);
                }
                (Column::Field(i), Some(entry)) => self.field(name, entry.fields[*i], Role::Hashed),
                (Column::Checksum, Some(entry)) => {
                    self.field(name, entry.claimed_checksum, Role::Checksum);
                }
                (Column::Other(other), Some(entry)) => {
                    if let Some(value) = extra(entry, other) {
                        self.field(name, value, Role::Uncovered);
                    }
                }
                (Column::Path(path), Some(_)) => {
                    let values: Vec<String> = self.finder.values(*path).map(json_of_path).collect();
                    let json = match &values[..] {
                        [] => continue,
                        [one] if !columns.paths[*path].is_many() => one.clone(),
                        all => format!("[{}]", all.join(", ")),
                    };
                    self.name(name);
                    self.out.extend_from_slice(json.as_bytes());
                }
                (Column::Verdict | Column::Source | Column::Finding, _) => {
                    let text = self
                        .case
                        .known(self.row, column, usize::MAX)
                        .unwrap_or_default();
                    self.text(name, &text);
                }
                (_, None) => {}
            }
        }
        self.out.push(b'}');
    }

    /// A line of comma-separated values.
    pub(super) fn line(&mut self, columns: &Columns) {
        self.find_paths(columns);
        for (i, column) in columns.all.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            match (column, self.entry) {
                (Column::Field(i), Some(entry)) => write_cell(entry.fields[*i], self.out),
                (Column::Checksum, Some(entry)) => write_cell(entry.claimed_checksum, self.out),
                (Column::Other(name), Some(entry)) => {
                    write_cell(extra(entry, name).unwrap_or(RawValue::Missing), self.out);
                }
                (Column::Path(path), Some(_)) => {
                    let values: Vec<String> = self.finder.values(*path).map(json_of_path).collect();
                    match &values[..] {
                        [] => {}
                        [one] => write_cell(RawValue::Json(one.as_bytes()), self.out),
                        all => write_cell(RawValue::Text(all.join(", ").as_bytes()), self.out),
                    }
                }
                (Column::Verdict | Column::Source | Column::Finding, _) => {
                    let text = self
                        .case
                        .known(self.row, column, usize::MAX)
                        .unwrap_or_default();
                    write_cell(RawValue::Text(text.as_bytes()), self.out);
                }
                (_, None) => {}
            }
        }
        self.out.extend_from_slice(b"\r\n");
    }

    fn find_paths(&mut self, columns: &Columns) {
        match self.entry {
            Some(entry) if !columns.paths.is_empty() => {
                self.finder.read(entry.fields[REFERENCE.details]);
            }
            _ => self.finder.clear(),
        }
    }

    /// A member, unless there is none to be written. What would be judged otherwise in JSON than where it was found (a
    /// blob, text that is not UTF-8, details that are no text) is left out, so that the entry stays unreadable, and
    /// stands beside it under another name.
    fn field(&mut self, name: &str, value: RawValue<'_>, role: Role) {
        match value {
            RawValue::Missing => {}
            RawValue::Blank => self.text(name, ""),
            RawValue::Null | RawValue::Bare if role == Role::Details => {
                self.text(&format!("{name}#found"), "NULL");
            }
            RawValue::Integer(i) if role == Role::Details => {
                self.text(&format!("{name}#found"), &i.to_string());
            }
            RawValue::Real(r) if role == Role::Details => {
                self.text(&format!("{name}#found"), &r.to_string());
            }
            RawValue::Null | RawValue::Bare => {
                self.name(name);
                self.out.extend_from_slice(b"null");
            }
            RawValue::Integer(i) => {
                self.name(name);
                self.out.extend_from_slice(i.to_string().as_bytes());
            }
            RawValue::Real(r) => {
                self.name(name);
                write_float(r, self.out);
            }
            RawValue::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => self.text(name, text),
                Err(_) => self.bytes(name, text, role),
            },
            RawValue::Blob(bytes) => match decode_bytes(bytes) {
                Ok(text) if role == Role::Details => {
                    self.name(name);
                    write_string(&text, self.out);
                }
                _ => self.bytes(name, bytes, role),
            },
            RawValue::Json(token) if is_sound(token) => {
                self.name(name);
                // Between the parts of a value a line break says no more than a blank.
                let line = token.iter().map(|b| match b {
                    b'\n' | b'\r' => b' ',
                    b => *b,
                });
                self.out.extend(line);
            }
            RawValue::Json(token) => self.bytes(name, token, role),
        }
    }

    /// Bytes that no JSON text can hold, in hex digits.
    fn bytes(&mut self, name: &str, bytes: &[u8], role: Role) {
        let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        if role == Role::Checksum {
            // A claim that is not there is another verdict than one that is wrong.
            self.text(name, &digits);
        } else {
            self.text(&format!("{name}#bytes"), &digits);
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        write_string(text.as_bytes(), self.out);
    }

    fn name(&mut self, name: &str) {
        if self.out.last() != Some(&b'{') {
            self.out.extend_from_slice(b", ");
        }
        write_string(name.as_bytes(), self.out);
        self.out.extend_from_slice(b": ");
    }
}

fn extra<'e>(entry: &RawEntry<'e>, name: &str) -> Option<RawValue<'e>> {
    let mut extras = entry.extras.iter().rev();
    extras.find(|(n, _)| *n == name).map(|(_, value)| *value)
}

/// A value at a path; of an object or an array only that it is one.
fn json_of_path(json: &str) -> String {
    match json {
        "{}" => "\"{…}\"".to_owned(),
        "[]" => "\"[…]\"".to_owned(),
        _ => json.to_owned(),
    }
}

/// Whether a JSON value is one to Python too, and text.
fn is_sound(token: &[u8]) -> bool {
    std::str::from_utf8(token).is_ok() && Reader::default().read(token, &mut Ignore).is_ok()
}

/// Appends a cell: quoted where need be, and with an apostrophe before whatever a spreadsheet would run as a formula.
pub(super) fn write_cell(value: RawValue<'_>, out: &mut Vec<u8>) {
    let text: Cow<'_, [u8]> = match value {
        RawValue::Missing | RawValue::Null | RawValue::Blank | RawValue::Bare => return,
        RawValue::Integer(i) => return out.extend_from_slice(i.to_string().as_bytes()),
        RawValue::Real(r) => return write_float(r, out),
        RawValue::Blob(bytes) => {
            let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            Cow::Owned(digits.into_bytes())
        }
        RawValue::Text(text) => Cow::Borrowed(text),
        RawValue::Json(token) => match (token.first(), scan_string(token, 0)) {
            (Some(b'"'), Ok((string, _))) => {
                let mut text = Vec::new();
                decode_string(string, &mut text);
                Cow::Owned(text)
            }
            (Some(b'n'), _) => return,
            // A number begins with a minus and is none the worse for it.
            (Some(b'-' | b'0'..=b'9'), _) if is_sound(token) => {
                return out.extend_from_slice(token);
            }
            _ => Cow::Borrowed(token),
        },
    };
    let text = String::from_utf8_lossy(&text);
    let is_run = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
    ]);
    let is_quoted = text.is_empty()
        || text.contains([',', ';', '"', '\r', '\n', '\t'])
        || text.starts_with(' ')
        || text.ends_with(' ');
    if is_quoted {
        out.push(b'"');
    }
    if is_run {
        out.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    if is_quoted {
        out.push(b'"');
    }
}
