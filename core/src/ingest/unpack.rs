//! Compressed and transcoded files: the layers are taken off one by one, and what is inside is scanned as any other file.
//!
//! Text is unpacked as it is read. A database is unpacked into memory, because SQLite reads it in any order.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::companions::Member;
use super::sqlite::console::{Console, ConsoleError};
use super::{Books, ManySink, Note, PartInfo, Scan, Sink, Step, sqlite};
use crate::entry::{Fields, Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::source::gzip::{self, Gzip};
use crate::source::zstd::{self, Zstd};
use crate::source::{ByteSource, Cached, Decoder, Encoding, Fault, Memory, Streamed, Unicode};
use crate::view::Accounting;

/// Layers that are taken off. More are made by nobody who wants to be read.
const LAYERS: usize = 4;
/// The largest database that is unpacked into memory, in bytes.
const DATABASE_LIMIT: u64 = 512 << 20;
/// Bytes unpacked at a time.
const SLICE: usize = 1 << 20;
/// Bytes that one step unpacks behind the last entry.
const STEP: u64 = 8 << 20;

/// A file without its layers.
pub(super) struct Unpacked {
    /// What is inside.
    pub(super) bytes: Rc<Cached>,
    /// The outermost first.
    layers: Vec<Rc<Streamed>>,
    /// Bytes of the file.
    packed: u64,
    /// What was met already.
    pub(super) faults: Vec<Fault>,
    /// What the file was, if nothing is packed any more.
    summary: Option<Note>,
}

impl Unpacked {
    /// Takes the layers off a file, by content; an archive, if it is a member of one, is the outermost.
    ///
    /// # Errors
    ///
    /// If there are too many, or the host's bytes fail.
    pub(super) fn new(file: &Member) -> Result<Self, Error> {
        let mut unpacked = Self {
            bytes: Rc::clone(&file.bytes),
            layers: Vec::new(),
            packed: file.len(),
            faults: Vec::new(),
            summary: None,
        };
        if let Some(packed) = &file.packed {
            unpacked.add(packed.decoder()?);
        }
        loop {
            let mut prefix = [0; 16];
            let n = unpacked.bytes.read_at(0, &mut prefix)?;
            let inner = Rc::clone(&unpacked.bytes);
            let Some(decoder) = decoder(&prefix[..n], inner)? else {
                return Ok(unpacked);
            };
            if unpacked.layers.len() == LAYERS {
                return Err(Error::unsupported(format!(
                    "it is packed more than {LAYERS} times over"
                ))
                .with_hint("Unpack it first and open what is inside."));
            }
            unpacked.add(decoder);
        }
    }

    fn add(&mut self, decoder: Box<dyn Decoder>) {
        let layer = Rc::new(Streamed::new(decoder));
        self.bytes = Rc::new(Cached::new(Box::new(Rc::clone(&layer))));
        self.layers.push(layer);
    }

    /// The database inside, where every byte can be had at once.
    ///
    /// # Errors
    ///
    /// If it is too large, or the host's bytes fail.
    pub(super) fn into_memory(self) -> Result<Self, Error> {
        if self.layers.is_empty() {
            return Ok(self);
        }
        let bytes = inflate(&self.bytes)?;
        self.advance(u64::MAX)?;
        Ok(Self {
            bytes: Rc::new(Cached::new(Box::new(Memory::new(bytes)))),
            packed: self.packed,
            faults: self.take_faults(),
            summary: Some(self.summary()),
            layers: Vec::new(),
        })
    }

    /// Why there is no log inside, with what is wrong about the layers.
    pub(super) fn explain(&self, error: Error) -> Error {
        if self.layers.is_empty() {
            return error;
        }
        let faults = self.take_faults();
        let is_damaged = faults.iter().any(|f| f.severity == Severity::Error);
        let layers = self.layers.iter().map(|l| l.describe());
        let told: Vec<String> = layers
            .chain(faults.into_iter().map(|f| f.message))
            .collect();
        let error = error.within(&format!("inside of a packed file ({})", told.join("; ")));
        match is_damaged {
            true => Error::corrupt(error.to_string()),
            false => error,
        }
    }

    /// Puts what there is to tell of the layers around a scan of what is inside.
    pub(super) fn around(mut self, inner: Box<dyn Scan>) -> Box<dyn Scan> {
        if self.layers.is_empty() && self.faults.is_empty() && self.summary.is_none() {
            return inner;
        }
        let (faults, summary) = (std::mem::take(&mut self.faults), self.summary.take());
        let mut scan = PackedScan {
            inner,
            is_inner_done: false,
            unpacked: self,
            notes: Vec::new(),
            passed_over: Vec::new(),
        };
        scan.tell(faults);
        scan.notes.extend(summary);
        Box::new(scan)
    }

    /// Unpacks on, up to `bytes` bytes of the innermost layer; whether all layers came to their end.
    fn advance(&self, bytes: u64) -> Result<bool, Error> {
        // What an inner layer leaves over, the outer one has still to check.
        for layer in self.layers.iter().rev() {
            if !layer.advance(bytes)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the layers met since the last call.
    fn take_faults(&self) -> Vec<Fault> {
        let layers = self.layers.iter();
        layers.flat_map(|layer| layer.take_faults()).collect()
    }

    /// What the file is, to be told at its end.
    fn summary(&self) -> Note {
        let layers: Vec<String> = self.layers.iter().map(|l| l.describe()).collect();
        let inside = self.layers.last().and_then(|l| l.end()).unwrap_or(0);
        Note {
            code: "unpacked",
            severity: Severity::Info,
            locator: Locator::Whole {},
            message: format!(
                "the file is packed ({}): of {} bytes {inside} were made",
                layers.join("; in it "),
                self.packed
            ),
            hint: None,
        }
    }
}

/// A companion of a database, where every byte can be had at once.
///
/// # Errors
///
/// As [`Unpacked::into_memory`].
pub(super) fn companion(file: &Member, faults: &mut Vec<Fault>) -> Result<Rc<Cached>, Error> {
    let Some(packed) = &file.packed else {
        return Ok(Rc::clone(&file.bytes));
    };
    let stream = Rc::new(Streamed::new(packed.decoder()?));
    let bytes = inflate(&Cached::new(Box::new(Rc::clone(&stream))))?;
    faults.extend(stream.take_faults());
    Ok(Rc::new(Cached::new(Box::new(Memory::new(bytes)))))
}

/// The decoder for a file that begins like this, if it is packed.
fn decoder(prefix: &[u8], file: Rc<Cached>) -> Result<Option<Box<dyn Decoder>>, Error> {
    if prefix.starts_with(&gzip::MAGIC) {
        return Ok(Some(Box::new(Gzip::new(file))));
    }
    if zstd::is_zstd(prefix) {
        return Ok(Some(Box::new(Zstd::new(file))));
    }
    Ok(match Encoding::recognise(prefix) {
        Some((encoding, mark)) => Some(Box::new(Unicode::new(file, encoding, mark)?)),
        None => None,
    })
}

/// What is inside the outermost layer of a file, up to `limit` bytes.
#[cfg(feature = "fuzzing")]
pub(crate) fn outermost_layer(bytes: &[u8], limit: u64) -> Option<Streamed> {
    let prefix = &bytes[..bytes.len().min(16)];
    let file = Rc::new(Cached::new(Box::new(Memory::new(bytes))));
    let decoder = decoder(prefix, file).ok()??;
    Some(Streamed::with_limit(decoder, limit))
}

/// A database or a companion of one, whole.
fn inflate(source: &Cached) -> Result<Vec<u8>, Error> {
    let too_large = |size: u64| {
        Error::unsupported(format!(
            "a packed database is unpacked into memory, up to {} MB, and this one has {} MB or more",
            DATABASE_LIMIT >> 20,
            size >> 20
        ))
        .with_hint("Unpack it first and open the database itself: it can then have any size.")
    };
    let mut header = [0; 100];
    // As the header tells it: what is too large is refused before work starts.
    let n = source.read_at(0, &mut header)?;
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    let told = if n == header.len() && sqlite::is_sqlite(&header) {
        page * u64::from(pages)
    } else {
        0
    };
    if told > DATABASE_LIMIT {
        return Err(too_large(told));
    }
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(usize::try_from(told).unwrap_or(0))
        .map_err(|_| too_large(told))?;
    loop {
        let from = bytes.len();
        bytes.resize(from + SLICE, 0);
        let n = source.read_at(from as u64, &mut bytes[from..])?;
        bytes.truncate(from + n);
        if bytes.len() as u64 > DATABASE_LIMIT {
            return Err(too_large(bytes.len() as u64));
        }
        if n < SLICE {
            return Ok(bytes);
        }
    }
}

/// A scan of what is inside a packed file.
struct PackedScan {
    inner: Box<dyn Scan>,
    is_inner_done: bool,
    unpacked: Unpacked,
    notes: Vec<Note>,
    /// Packed bytes out of which nothing came: why, how many, where.
    passed_over: Vec<(&'static str, u64, Locator)>,
}

impl PackedScan {
    fn tell(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            let locator = Locator::Offset {
                offset: fault.offset,
            };
            self.passed_over
                .push((fault.code, fault.passed_over, locator.clone()));
            self.notes.push(Note {
                code: fault.code,
                severity: fault.severity,
                locator,
                message: fault.message,
                hint: fault.hint,
            });
        }
    }
}

impl Scan for PackedScan {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn parts(&self) -> &[PartInfo] {
        self.inner.parts()
    }

    fn take_notes(&mut self) -> Vec<Note> {
        let mut notes = self.inner.take_notes();
        notes.append(&mut self.notes);
        notes
    }

    fn bytes_done(&self) -> u64 {
        match self.unpacked.layers.first() {
            Some(layer) => layer.consumed(),
            None => self.inner.bytes_done(),
        }
    }

    fn rows_expected(&self) -> Option<u64> {
        self.inner.rows_expected()
    }

    fn bytes_total(&self) -> u64 {
        match self.unpacked.layers.first() {
            Some(_) => self.unpacked.packed,
            None => self.inner.bytes_total(),
        }
    }

    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        if !self.is_inner_done {
            self.is_inner_done = self.inner.step(sink)? == Step::End;
            let faults = self.unpacked.take_faults();
            self.tell(faults);
            return Ok(Step::More);
        }
        if self.unpacked.layers.is_empty() {
            return Ok(Step::End);
        }
        // Whatever lies behind the last entry is unpacked too: the check sums stand at the end.
        let is_end = self.unpacked.advance(STEP)?;
        let faults = self.unpacked.take_faults();
        self.tell(faults);
        if !is_end {
            return Ok(Step::More);
        }
        self.notes.push(self.unpacked.summary());
        Ok(Step::End)
    }

    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.inner.reread(part, place, sink)
    }

    fn reread_all(
        &self,
        part: usize,
        places: &[Place],
        fields: Fields,
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        self.inner.reread_all(part, places, fields, sink)
    }

    fn books(&self, part: usize) -> Option<Books> {
        self.inner.books(part)
    }

    fn console(&self) -> Option<Result<Console, ConsoleError>> {
        self.inner.console()
    }

    fn locator(&self, part: usize, place: Place) -> Locator {
        self.inner.locator(part, place)
    }

    fn account(&self) -> Accounting {
        let mut accounting = self.inner.account();
        accounting.packed = Some(self.unpacked.packed);
        for (code, bytes, locator) in &self.passed_over {
            let what = match *code {
                "compressed-padding" => "zeros that fill up the end",
                "compressed-skippable" => "frames that every decoder passes over",
                "compressed-trailing-data" => "bytes that are no part of the compressed data",
                "text-not-decoded" => "bytes that are no character",
                _ => "compressed bytes out of which nothing came",
            };
            accounting.leave_out(code, *bytes, locator.clone(), what);
        }
        accounting
    }
}
