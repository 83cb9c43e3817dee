//! One of many sources: its scan and its caches are there only while somebody reads from it.
//!
//! A scan holds a slice of its file, a database its connection and pages; ten thousand of them would fill any memory. Here
//! a scan is opened when it is needed and given up when others were needed more lately.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::{Rc, Weak};

use super::companions::Group;
use super::sqlite::console::{Console, ConsoleError};
use super::{Books, ManySink, Note, PartInfo, Scan, Sink, Step, open};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::finding::Locator;
use crate::view::Accounting;

/// Scans that are open at a time.
const AWAKE: usize = 8;

/// What the sources of a case share: which of their scans are open, the one used last behind.
#[derive(Clone, Default)]
pub(crate) struct Room(Rc<RefCell<VecDeque<Weak<Bed>>>>);

/// A scan, if it is open, and the files that it reads.
struct Bed {
    group: Rc<Group>,
    scan: RefCell<Option<Box<dyn Scan>>>,
    /// Whether it is being read from its beginning to its end: then it cannot be opened anew.
    is_midway: Cell<bool>,
}

/// A scan that is opened when it is needed.
pub(crate) struct Resting {
    room: Room,
    bed: Rc<Bed>,
    kind: &'static str,
    parts: Vec<PartInfo>,
    bytes_total: u64,
}

impl Resting {
    /// Takes over what `scan` has told of itself, and gives it up.
    pub(crate) fn new(scan: &dyn Scan, group: &Rc<Group>, room: &Room) -> Self {
        Self {
            room: room.clone(),
            kind: scan.kind(),
            parts: scan.parts().to_vec(),
            bytes_total: scan.bytes_total(),
            bed: Rc::new(Bed {
                group: Rc::clone(group),
                scan: RefCell::default(),
                is_midway: Cell::new(false),
            }),
        }
    }

    /// Opens the scan if it is not, and calls `with` on it.
    fn awake<T>(&self, with: impl FnOnce(&mut dyn Scan) -> Result<T, Error>) -> Result<T, Error> {
        self.room.enter(&self.bed);
        let mut scan = self.bed.scan.borrow_mut();
        if scan.is_none() {
            *scan = Some(open(&self.bed.group)?);
        }
        match scan.as_deref_mut() {
            Some(scan) => with(scan),
            None => Err(Error::unavailable("the file is closed")),
        }
    }

    /// What an open scan says, or else `otherwise`.
    fn ask<T>(&self, otherwise: T, ask: impl FnOnce(&dyn Scan) -> T) -> T {
        match self.bed.scan.borrow().as_deref() {
            Some(scan) => ask(scan),
            None => otherwise,
        }
    }
}

impl Room {
    /// Makes a scan the one used last, and closes the one whose use lies back farthest if there are too many.
    fn enter(&self, bed: &Rc<Bed>) {
        let mut beds = self.0.borrow_mut();
        let is_this = |b: &Weak<Bed>| std::ptr::eq(b.as_ptr(), Rc::as_ptr(bed));
        if beds.back().is_some_and(is_this) {
            return;
        }
        beds.retain(|b| !is_this(b));
        beds.push_back(Rc::downgrade(bed));
        while beds.len() > AWAKE {
            if let Some(oldest) = beds.pop_front().and_then(|b| b.upgrade()) {
                oldest.close();
            }
        }
    }
}

impl Bed {
    fn close(&self) {
        if self.is_midway.get() {
            return;
        }
        // What is being read from just now stays.
        if let Ok(mut scan) = self.scan.try_borrow_mut() {
            *scan = None;
            self.group.clear();
        }
    }
}

impl Scan for Resting {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn parts(&self) -> &[PartInfo] {
        &self.parts
    }

    fn take_notes(&mut self) -> Vec<Note> {
        let mut scan = self.bed.scan.borrow_mut();
        scan.as_deref_mut()
            .map_or_else(Vec::new, <dyn Scan>::take_notes)
    }

    fn bytes_done(&self) -> u64 {
        self.ask(self.bytes_total, |scan| scan.bytes_done())
    }

    fn bytes_total(&self) -> u64 {
        self.ask(self.bytes_total, |scan| scan.bytes_total())
    }

    fn rows_expected(&self) -> Option<u64> {
        self.ask(None, |scan| scan.rows_expected())
    }

    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        self.bed.is_midway.set(true);
        let (step, more) = self.awake(|scan| {
            let step = scan.step(sink)?;
            Ok((step, scan.parts()[self.parts.len()..].to_vec()))
        })?;
        self.parts.extend(more);
        Ok(step)
    }

    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.awake(|scan| scan.reread(part, place, sink))
    }

    fn reread_all(
        &self,
        part: usize,
        places: &[Place],
        fields: Fields,
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        self.awake(|scan| scan.reread_all(part, places, fields, sink))
    }

    fn can_be_shared(&self, part: usize) -> bool {
        self.ask(false, |scan| scan.can_be_shared(part))
    }

    fn books(&self, part: usize) -> Option<Books> {
        self.awake(|scan| Ok(scan.books(part))).unwrap_or_default()
    }

    fn console(&self) -> Option<Result<Console, ConsoleError>> {
        let console = self.awake(|scan| Ok(scan.console()));
        console.unwrap_or_else(|error| Some(Err(ConsoleError::from(&error))))
    }

    fn account(&self) -> Accounting {
        let accounting = self.awake(|scan| Ok(scan.account()));
        self.bed.is_midway.set(false);
        accounting.unwrap_or_default()
    }

    fn locator(&self, part: usize, place: Place) -> Locator {
        self.awake(|scan| Ok(scan.locator(part, place)))
            .unwrap_or(Locator::Whole {})
    }
}
