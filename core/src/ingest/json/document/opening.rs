//! Telling documents, sequences and lines apart by what a walk finds.

use std::rc::Rc;

use super::{Cursor, Expected, JsonDocument, Phase};
use crate::error::Error;
use crate::ingest::json::lines::JsonLines;
use crate::ingest::json::recognise::Layout;
use crate::ingest::json::window::Window;
use crate::ingest::{Note, Scan};
use crate::source::Cached;

/// Opens a document whose first character is a bracket, and which begins with `sample`. `may_be_broken`: entries are looked
/// for behind a break too.
pub(in crate::ingest::json) fn open(
    source: Rc<Cached>,
    start: u64,
    notes: Vec<Note>,
    may_be_broken: bool,
    sample: &[u8],
) -> Result<Box<dyn Scan>, Error> {
    let mut window = Window::new(Rc::clone(&source));
    let begin = window.skip_whitespace(start)?;
    let mut document = JsonDocument::new(Rc::clone(&source), window, begin, notes.clone())?;
    while matches!(document.phase, Phase::Walk) {
        let is_first = document.ordinal == 1;
        document.walk_on(u64::MAX)?;
        let is_none = is_first && document.ordinal > 1 && document.parts.is_empty();
        if is_none && Layout::of(sample).is_sequence() {
            return sequence(source, start, notes);
        }
    }
    if let Some(end) = document.first_of_many {
        // Of a first entry that is longer than the sample its own lines tell.
        let index = |at: u64| usize::try_from(at - start).unwrap_or(usize::MAX);
        let first = &sample[index(begin).min(sample.len())..index(end).min(sample.len())];
        if first.contains(&b'\n') {
            return sequence(source, start, notes);
        }
        return match Layout::of(sample).ignores_lines() {
            true => sequence(source, start, notes),
            false => Ok(Box::new(JsonLines::new(source, start, notes))),
        };
    }
    let is_broken = matches!(document.phase, Phase::Recover(_)) && document.parts.is_empty();
    if is_broken && Layout::of(sample).is_sequence() {
        document.be_sequence();
    }
    let is_found = match document.phase {
        Phase::Recover(_) if document.parts.is_empty() => {
            may_be_broken && document.is_salvageable(begin)?
        }
        Phase::Done => !document.parts.is_empty(),
        _ => true,
    };
    match document.failure.take() {
        Some(error) if !is_found => Err(error),
        _ => Ok(Box::new(document)),
    }
}

/// Opens a file that begins in the middle of a document, if there is a whole entry in its first 16 MB.
pub(in crate::ingest::json) fn salvage(
    source: Rc<Cached>,
    start: u64,
    notes: Vec<Note>,
    sample: &[u8],
) -> Result<Option<Box<dyn Scan>>, Error> {
    let window = Window::new(Rc::clone(&source));
    let mut document = JsonDocument::new(source, window, start, notes)?;
    if !document.is_salvageable(start)? {
        return Ok(None);
    }
    document.kind = "json-array";
    if Layout::of(sample).is_sequence() {
        document.be_sequence();
    }
    document.broke = Some((start, false));
    document.recover(start, false, false);
    Ok(Some(Box::new(document)))
}

/// Opens a sequence of values.
pub(in crate::ingest::json) fn sequence(
    source: Rc<Cached>,
    start: u64,
    notes: Vec<Note>,
) -> Result<Box<dyn Scan>, Error> {
    let window = Window::new(Rc::clone(&source));
    let mut document = JsonDocument::new(source, window, start, notes)?;
    document.be_sequence();
    document.name_part("$", start);
    document.region = Some(start);
    document.phase = Phase::Log(Cursor {
        at: start,
        expected: Expected::Next,
        is_open: false,
    });
    Ok(Box::new(document))
}
