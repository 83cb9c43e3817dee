//! Reading a log element by element, and from one entry to the next behind a break.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::document::{JsonDocument, Phase, STEP};
use super::element::raw_entry;
use super::extent::{self, Extent};
use super::machine::{Fed, Machine};
use super::notes;
use super::resync::{Resync, Span};
use super::window::{ENTRY_LIMIT, Window};
use super::{BOM, RECORD_SEPARATOR};
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::Locator;
use crate::source::Cached;

/// A place in a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) at: u64,
    pub(super) expected: Expected,
    /// Whether the walk stands in this log still.
    pub(super) is_open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The first element or the closing bracket.
    FirstOrEnd,
    Element,
    /// A comma or the closing bracket.
    Separator,
    /// The one element that is the document.
    Single,
    /// The next value of a sequence, or the end of the file.
    Next,
}

/// A search for the next entry.
pub(super) struct Recovery {
    pub(super) resync: Resync,
    /// The break, or the end of the last entry behind it.
    pub(super) from: u64,
    /// Whether the file is known to end inside what stands at the break.
    pub(super) is_cut: bool,
    /// Whether the break was told.
    pub(super) is_told: bool,
    pub(super) is_open: bool,
}

/// An element that is too long, which is passed over.
pub(super) struct Skip {
    pub(super) at: u64,
    from: u64,
    machine: Machine,
    is_open: bool,
}

/// What stands where an element should begin.
enum Element {
    Whole(usize),
    TooLong,
    Broken,
    Cut,
}

pub(super) type EntrySink<'s> = dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()> + 's;

impl JsonDocument {
    /// What stands behind an element.
    fn behind_element(&self) -> Expected {
        match self.is_sequence {
            true => Expected::Next,
            false => Expected::Separator,
        }
    }

    /// Passes over what may stand before the object at `at` in a sequence; `None` if something else stands there.
    pub(super) fn before_value(&mut self, at: u64, b: u8) -> Result<Option<u64>, Error> {
        match b {
            RECORD_SEPARATOR => Ok(Some(at + 1)),
            b',' => {
                let (count, _) = self.commas.get_or_insert((0, at));
                *count += 1;
                Ok(Some(at + 1))
            }
            0xEF => {
                while self.window.bytes(at).len() < BOM.len() && self.window.grow()? {}
                let is_mark = self.window.bytes(at).starts_with(BOM);
                if is_mark {
                    self.notes.push(notes::inner_byte_order_mark(at));
                }
                Ok(is_mark.then_some(at + BOM.len() as u64))
            }
            _ => Ok(None),
        }
    }

    fn element(&mut self, at: u64) -> Result<Element, Error> {
        loop {
            let bytes = self.window.bytes(at);
            let len = bytes.len();
            match extent::value(bytes, 0) {
                Extent::Complete(len) => return Ok(Element::Whole(len)),
                Extent::Broken(_) => return Ok(Element::Broken),
                Extent::Open if len > ENTRY_LIMIT => return Ok(Element::TooLong),
                Extent::Open => {
                    if !self.window.grow()? {
                        return Ok(Element::Cut);
                    }
                }
            }
        }
    }

    /// Hands on elements until about `STEP` bytes have passed, the log ends, or it breaks.
    pub(super) fn elements(
        &mut self,
        mut cursor: Cursor,
        sink: &mut EntrySink<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let stop = cursor.at + STEP;
        let part = self.parts.len() - 1;
        while cursor.at < stop {
            self.window.release(cursor.at);
            let at = self.window.skip_whitespace(cursor.at)?;
            cursor.at = at;
            match (cursor.expected, self.window.byte(at)?) {
                (Expected::Next, None) => {
                    if let Some((count, first)) = self.commas.take() {
                        self.notes.push(notes::commas(count, first));
                    }
                    self.finish(at);
                    return Ok(ControlFlow::Continue(()));
                }
                (Expected::Next, Some(b'{')) => {}
                (Expected::Next, Some(b)) => {
                    match self.before_value(at, b)? {
                        Some(next) => cursor.at = next,
                        None => {
                            self.recover(at, false, false);
                            return Ok(ControlFlow::Continue(()));
                        }
                    }
                    continue;
                }
                (_, None) => {
                    self.notes.push(notes::lost_tail(
                        at,
                        format!("the document is cut off at byte {at}"),
                    ));
                    self.finish(at);
                    return Ok(ControlFlow::Continue(()));
                }
                (Expected::FirstOrEnd | Expected::Separator, Some(b']')) => {
                    self.leave(at + 1, cursor.is_open);
                    return Ok(ControlFlow::Continue(()));
                }
                (Expected::Separator, Some(b',')) => {
                    cursor.at = at + 1;
                    cursor.expected = Expected::Element;
                    continue;
                }
                (Expected::Separator, Some(_)) => {
                    self.recover(at, false, cursor.is_open);
                    return Ok(ControlFlow::Continue(()));
                }
                (Expected::Element, Some(b']')) => {
                    self.notes.push(notes::broken(at));
                    self.leave(at + 1, cursor.is_open);
                    return Ok(ControlFlow::Continue(()));
                }
                (Expected::FirstOrEnd | Expected::Element, Some(b',')) => {
                    self.notes.push(notes::broken(at));
                    cursor.at = at + 1;
                    cursor.expected = Expected::Element;
                    continue;
                }
                _ => {}
            }
            match self.element(at)? {
                Element::Whole(len) => {
                    let place = Place { key: at, line: 0 };
                    let element = &self.window.bytes(at)[..len];
                    if raw_entry(element, place, &mut |e| sink(part, e)).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    cursor.at = at + len as u64;
                    if cursor.expected == Expected::Single {
                        self.leave(cursor.at, false);
                        return Ok(ControlFlow::Continue(()));
                    }
                    cursor.expected = self.behind_element();
                }
                Element::TooLong if matches!(self.window.byte(at)?, Some(b'{' | b'[')) => {
                    let mut machine = Machine::default();
                    machine.start(at, self.window.byte(at)? == Some(b'{'));
                    self.phase = Phase::Skip(Box::new(Skip {
                        at: at + 1,
                        from: at,
                        machine,
                        is_open: cursor.is_open,
                    }));
                    return Ok(ControlFlow::Continue(()));
                }
                Element::TooLong | Element::Broken => {
                    self.recover(at, false, cursor.is_open);
                    return Ok(ControlFlow::Continue(()));
                }
                Element::Cut => {
                    self.recover(at, true, cursor.is_open);
                    return Ok(ControlFlow::Continue(()));
                }
            }
        }
        self.phase = Phase::Log(cursor);
        Ok(ControlFlow::Continue(()))
    }

    /// Passes over an element that is too long; if it turns out to be broken, entries are looked for in it.
    pub(super) fn skip(&mut self, mut skip: Box<Skip>) -> Result<(), Error> {
        let stop = skip.at + STEP;
        while skip.at < stop {
            self.window.release(skip.at);
            if self.window.bytes(skip.at).is_empty() && !self.window.grow()? {
                self.recover(skip.from, true, skip.is_open);
                return Ok(());
            }
            for &b in self.window.bytes(skip.at) {
                let fed = skip.machine.feed(b, skip.at);
                skip.at += 1;
                if fed == Fed::Broken {
                    self.recover(skip.from, false, skip.is_open);
                    return Ok(());
                }
                if !skip.machine.is_alive() {
                    self.pass_over(&skip);
                    return Ok(());
                }
            }
        }
        self.phase = Phase::Skip(skip);
        Ok(())
    }

    fn pass_over(&mut self, skip: &Skip) {
        let length = skip.at - skip.from;
        let place = Locator::Range {
            offset: skip.from,
            length,
        };
        self.notes
            .push(notes::too_long(place.clone(), "an element", ENTRY_LIMIT));
        self.left_out
            .leave_out("entry-too-long", length, place, "an entry that is too long");
        self.phase = Phase::Log(Cursor {
            at: skip.at,
            expected: self.behind_element(),
            is_open: skip.is_open,
        });
    }

    /// Looks on for the next entry behind a break and hands it on.
    pub(super) fn go_on_behind(
        &mut self,
        mut recovery: Box<Recovery>,
        sink: &mut EntrySink<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let stop = recovery.resync.at() + STEP;
        while recovery.resync.at() < stop {
            let at = recovery.resync.at();
            self.window.release(at);
            let is_end = self.window.bytes(at).is_empty() && !self.window.grow()?;
            let found = if is_end {
                recovery.resync.finish()
            } else {
                recovery.resync.feed(self.window.bytes(at))
            };
            let Some(span) = found else {
                if is_end {
                    self.end_behind(&recovery, at)?;
                    return Ok(ControlFlow::Continue(()));
                }
                continue;
            };
            if self.parts.len() == self.parts_before {
                self.name_part("$", span.start);
            }
            let part = self.parts.len() - 1;
            self.tell_gap(recovery.from, span.start, recovery.is_told)?;
            recovery.from = span.end;
            recovery.is_told = true;
            if judge_again(&self.source, span, 0, &mut |e| sink(part, e))?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if !is_end && recovery.resync.is_clean() {
                self.phase = Phase::Log(Cursor {
                    at: span.end,
                    expected: self.behind_element(),
                    is_open: recovery.is_open,
                });
                return Ok(ControlFlow::Continue(()));
            }
        }
        self.phase = Phase::Recover(recovery);
        Ok(ControlFlow::Continue(()))
    }

    fn tell_gap(&mut self, from: u64, to: u64, is_told: bool) -> Result<(), Error> {
        let Self {
            source,
            notes,
            left_out,
            ..
        } = self;
        notes::tell_gap(source, (notes, left_out), from, to, is_told)
    }

    /// Tells of what stands behind the last entry where no other follows.
    fn end_behind(&mut self, recovery: &Recovery, end: u64) -> Result<(), Error> {
        let from = recovery.from;
        let is_structure = notes::is_structure(&self.source, from, end)?;
        if recovery.is_cut && !(is_structure && recovery.is_told) {
            self.notes.push(notes::lost_tail(
                from,
                format!(
                    "the document is cut off: it ends inside the value that begins at byte {from}"
                ),
            ));
            let place = Locator::Range {
                offset: from,
                length: end - from,
            };
            self.left_out
                .leave_out("lost-tail", end - from, place, "a cut off value");
        } else {
            self.tell_gap(from, end, recovery.is_told)?;
        }
        self.finish(end);
        Ok(())
    }
}

/// Hands on the entry that was found at `span`, in this line.
pub(super) fn judge_again(
    source: &Rc<Cached>,
    span: Span,
    line: u64,
    sink: &mut dyn FnMut(RawEntry<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error> {
    let len = usize::try_from(span.end - span.start).unwrap_or(usize::MAX);
    let mut window = Window::narrow(Rc::clone(source), span.start);
    while window.bytes(span.start).len() < len {
        if !window.grow()? {
            return Err(Error::unavailable("the entry is not where it was"));
        }
    }
    let place = Place {
        key: span.start,
        line,
    };
    Ok(raw_entry(&window.bytes(span.start)[..len], place, sink))
}
