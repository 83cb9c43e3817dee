//! JSON containers: an array of rows wherever it stands in a document, or JSON Lines.
//!
//! A container's outermost structure is found by brackets and quotes alone, slice by slice, with memory for one slice
//! and one entry; each entry is then handed on as text, to be read strictly.

mod document;
mod element;
mod extent;
mod lines;
mod logs;
mod machine;
mod notes;
mod recognise;
mod refusal;
mod region;
mod resync;
#[cfg(test)]
mod tests;
mod walk;
pub(super) mod window;

use std::rc::Rc;

pub(crate) use self::notes::{byte_order_mark, lost_tail};
pub(crate) use window::{ENTRY_LIMIT, Window};

use crate::error::Error;
use crate::finding::Locator;
use crate::ingest::{Scan, foreign};
use crate::source::{ByteSource, Cached};
use crate::view::Accounting;

/// How much of a file is looked at to tell JSON Lines from a JSON document.
const SAMPLE: usize = 1 << 20;

pub(super) const BOM: &[u8] = "\u{FEFF}".as_bytes();

/// Stands before each text of a JSON text sequence (RFC 7464).
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

/// Opens a file that is not a database: JSON Lines or a JSON document, told apart by its content.
///
/// # Errors
///
/// If it is neither, or holds no audit log.
pub(crate) fn open(source: Rc<Cached>) -> Result<Box<dyn Scan>, Error> {
    let mut sample = vec![0; SAMPLE.min(usize::try_from(source.len()).unwrap_or(SAMPLE))];
    let n = source.read_at(0, &mut sample)?;
    sample.truncate(n);
    let is_whole = source.read_at(n as u64, &mut [0])? == 0;
    let start = if sample.starts_with(BOM) {
        BOM.len()
    } else {
        0
    };
    let notes = if start > 0 {
        vec![byte_order_mark()]
    } else {
        Vec::new()
    };
    // A text sequence begins with a separator, whatever it is a sequence of.
    let start = start + lines::behind_marks(&sample[start..]);
    let text = &sample[start..];
    match recognise::recognise(text, is_whole) {
        recognise::Recognised::Log => {
            Ok(Box::new(lines::JsonLines::new(source, start as u64, notes)))
        }
        recognise::Recognised::Sequence => document::sequence(source, start as u64, notes),
        // What begins like an entry and is broken is rather a line than a document.
        recognise::Recognised::Perhaps => {
            let is_array = text.trim_ascii_start().first() == Some(&b'[');
            document::open(
                Rc::clone(&source),
                start as u64,
                notes.clone(),
                is_array,
                text,
            )
        }
        .or_else(|_| Ok(Box::new(lines::JsonLines::new(source, start as u64, notes)))),
        recognise::Recognised::OtherObjects {
            missing,
            has_entries,
        } => {
            let hint = if has_entries {
                refusal::PICK
            } else {
                refusal::FIELDS
            };
            let plain = || Error::not_a_log(missing).with_hint(hint);
            Err(refusal::of_lines(text).unwrap_or_else(plain))
        }
        recognise::Recognised::No => {
            let first = text
                .iter()
                .find(|b| !matches!(b, b' ' | b'\n' | b'\t' | b'\r'));
            match first {
                Some(b'{' | b'[') => {
                    let opened = document::open(source, start as u64, notes, true, text);
                    opened.map_err(|error| match refusal::is_repr(text) {
                        true => refusal::repr(),
                        false => error,
                    })
                }
                None => Err(Error::not_a_log("the file holds nothing but blanks")
                    .with_hint("Was the export finished? An empty log exported as JSON is `[]`.")),
                // It may have lost its beginning.
                Some(_) => document::salvage(source, start as u64, notes, text)?
                    .ok_or_else(|| foreign::unknown(text)),
            }
        }
    }
}

/// The names of the hashed fields that a mask lacks, for people.
pub(crate) fn names_missing(mask: u8) -> String {
    let names: Vec<_> = crate::scheme::REFERENCE
        .hashed_fields
        .iter()
        .enumerate()
        .filter(|(i, _)| mask & (1 << i) == 0)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        "one field or another".into()
    } else {
        names.join(", ")
    }
}

/// How many bytes of a source lie from `at` on, for people; a stream does not know before its end was met.
fn bytes_from(source: &Cached, at: u64) -> String {
    match source.known_len() {
        Some(len) => format!("{} bytes", len.saturating_sub(at)),
        None => "the bytes".into(),
    }
}

/// Ends the accounts of a text of `len` bytes of which what stands behind `at` was not read.
pub(crate) fn not_reached(accounting: &mut Accounting, at: u64, len: u64) {
    let place = Locator::Range {
        offset: at,
        length: len.saturating_sub(at),
    };
    let rest = len.saturating_sub(at);
    accounting.leave_out("not-reached", rest, place, "what could not be read");
    accounting.rest_is_examined(len);
}
