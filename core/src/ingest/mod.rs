//! Which container is it, and the raw entries in it, in source order. Nothing here computes a hash.

use std::ops::ControlFlow;
use std::rc::Rc;

mod archive;
pub(crate) mod companions;
mod csv;
pub(crate) mod dump;
mod foreign;
pub(crate) mod json;
pub(crate) mod resting;
pub(crate) mod sqlite;
mod unpack;

use crate::entry::{Fields, Place, RawEntry, RawValue};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::json::{decode_string, scan_string};
use crate::scheme::REFERENCE;
use crate::source::ByteSource;
use crate::view::Accounting;
use companions::{Group, Member};
use sqlite::console::{Console, ConsoleError};
use unpack::Unpacked;
#[cfg(feature = "fuzzing")]
pub(crate) use unpack::outermost_layer;

/// A source, with its scan if it is an archive.
pub(crate) type Listed = (Group, Option<Result<Box<dyn Scan>, Error>>);

/// The sources in a file: itself, and behind an archive its members that are logs.
pub(crate) fn list(group: Group) -> Vec<Listed> {
    if group.error.is_some() {
        return vec![(group, None)];
    }
    match archive::open(&group) {
        Ok(None) => vec![(group, None)],
        Ok(Some(archive)) => {
            let scan: Result<Box<dyn Scan>, Error> = Ok(Box::new(archive.scan));
            let members = archive.members.into_iter().map(|member| (member, None));
            std::iter::once((group, Some(scan)))
                .chain(members)
                .collect()
        }
        Err(error) => vec![(group, Some(Err(error)))],
    }
}

/// Opens a file that is no archive.
///
/// # Errors
///
/// If it holds no audit log, or the host's bytes fail.
pub(crate) fn open(group: &Group) -> Result<Box<dyn Scan>, Error> {
    if let Some(error) = &group.error {
        return Err(error.clone());
    }
    if group.main.bytes.is_empty() {
        return Err(Error::empty());
    }
    let unpacked = Unpacked::new(&group.main)?;
    let mut prefix = [0; foreign::PREFIX];
    let n = unpacked.bytes.read_at(0, &mut prefix)?;
    if n == 0 {
        return Err(unpacked.explain(Error::empty()));
    }
    if sqlite::is_sqlite(&prefix[..n]) {
        let mut unpacked = unpacked.into_memory()?;
        let mut companion = |c: &Option<Member>| {
            let read = |m| unpack::companion(m, &mut unpacked.faults);
            c.as_ref().map(read).transpose()
        };
        let (wal, journal) = (companion(&group.wal)?, companion(&group.journal)?);
        let main = Rc::clone(&unpacked.bytes);
        let scan = sqlite::SqliteScan::open(&group.main.name, main, wal, journal, group.roll_back)?;
        return Ok(unpacked.around(Box::new(scan)));
    }
    foreign::refuse(&prefix[..n]).map_err(|error| unpacked.explain(error))?;
    let text = Rc::clone(&unpacked.bytes);
    if let Some(error) = dump::foreign(&text)? {
        return Err(unpacked.explain(error));
    }
    let scan: Result<Box<dyn Scan>, Error> = if csv::postgres::is_dump(&text)? {
        csv::postgres::PostgresScan::open(text).map(|scan| Box::new(scan) as _)
    } else if dump::is_dump(&text)? {
        dump::DumpScan::open(text).map(|scan| Box::new(scan) as _)
    } else if let Some(scan) = csv::open(&text)? {
        Ok(scan)
    } else {
        json::open(text)
    };
    let scan = scan.map_err(|error| unpacked.explain(error))?;
    Ok(unpacked.around(scan))
}

/// The least timestamp among the first entries, as text; `None` if none of them has one.
///
/// The scan cannot be used for anything else after that.
pub(crate) fn first_time(scan: &mut dyn Scan) -> Option<Vec<u8>> {
    let mut least: Option<Vec<u8>> = None;
    let mut text = Vec::new();
    for _ in 0..FIRST_STEPS {
        let step = scan.step(&mut |_, raw| {
            let found: &[u8] = match raw.fields[REFERENCE.timestamp] {
                RawValue::Text(text) => text,
                RawValue::Json(token) => match scan_string(token, 0) {
                    Ok((string, _)) => {
                        text.clear();
                        decode_string(string, &mut text);
                        &text
                    }
                    Err(_) => b"",
                },
                _ => b"",
            };
            if !found.is_empty() && least.as_deref().is_none_or(|l| found < l) {
                least = Some(found[..found.len().min(64)].to_vec());
            }
            ControlFlow::Continue(())
        });
        if least.is_some() || step != Ok(Step::More) {
            break;
        }
    }
    least
}

/// Steps in which an entry is looked for that has a timestamp.
const FIRST_STEPS: usize = 4;

/// A finding about the container, before it is given its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) locator: Locator,
    pub(crate) message: String,
    pub(crate) hint: Option<&'static str>,
}

impl Note {
    /// The table and rowid of the entry that this is about, and not merely near.
    pub(crate) fn row(&self) -> Option<(&str, i64)> {
        match (&self.locator, self.code) {
            (Locator::Row { table, rowid }, "index-disagrees" | "index-lacks-row") => {
                Some((table, *rowid))
            }
            _ => None,
        }
    }
}

/// What a source calls its container, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartInfo {
    /// A table's name, or the path of a JSON array (`$.data.rows`, `$` for the document itself).
    pub(crate) name: String,
}

/// What a database itself notes about a table, beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    /// The highest rowid that was ever given out: `sqlite_sequence`, which a table with AUTOINCREMENT has.
    pub(crate) sequence: Option<i64>,
    /// Whether the table refuses a second row for more than its rowid: an `INSERT OR IGNORE` may then have done nothing.
    pub(crate) is_unique: bool,
    /// Pages of the database that nothing uses, and all of them.
    pub(crate) free_pages: u64,
    pub(crate) pages: u64,
}

/// Receives the entries of a scan, one by one; breaks to stop.
pub(crate) type Sink<'s> = dyn FnMut(RawEntry<'_>) -> ControlFlow<()> + 's;

/// Receives entries that are read again, each with its place among those asked for.
pub(crate) type ManySink<'s> = dyn FnMut(usize, Option<&RawEntry<'_>>) + 's;

/// An opened container: it yields its raw entries part by part, in source order, and can read one again.
pub(crate) trait Scan {
    /// `csv`, `json-array`, `json-object`, `json-lines`, `json-sequence`, `sqlite`, `sql-dump` or `zip`.
    fn kind(&self) -> &'static str;

    /// The parts found so far. SQLite knows them all from the start; JSON finds them as it goes.
    fn parts(&self) -> &[PartInfo];

    /// What was noticed since the last call, in the order in which it was noticed.
    fn take_notes(&mut self) -> Vec<Note>;

    /// Bytes behind the reader, of [`Scan::bytes_total`]; for progress only, need not be exact.
    fn bytes_done(&self) -> u64;

    /// Bytes in all, companions included.
    fn bytes_total(&self) -> u64;

    /// How many entries there seem to be in all, to make room for; `None` where nothing tells before they are read. Damage
    /// and malice may have it tell anything.
    fn rows_expected(&self) -> Option<u64> {
        None
    }

    /// Yields a bounded run of entries of the part with the returned index (a few thousand, or about 1 MB), then
    /// returns; [`Step::End`] when there is nothing more. After a break of the sink the scan must not be stepped again.
    ///
    /// # Errors
    ///
    /// Only where the host's bytes fail. Damage is a note and an early end.
    fn step(
        &mut self,
        sink: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error>;

    /// Reads the entry at `place` of `part` again.
    ///
    /// # Errors
    ///
    /// If it is no longer there, or the host's bytes fail.
    fn reread(&self, part: usize, place: Place, sink: &mut Sink<'_>) -> Result<(), Error>;

    /// Reads many entries of `part` again, in the order of the source: hands on each with its place among `places`;
    /// `None` for one that is no longer there.
    ///
    /// # Errors
    ///
    /// If the host's bytes fail.
    fn reread_all(
        &self,
        part: usize,
        places: &[Place],
        _fields: Fields,
        sink: &mut ManySink<'_>,
    ) -> Result<(), Error> {
        self.reread_each(part, places, sink);
        Ok(())
    }

    /// The same, one by one.
    fn reread_each(&self, part: usize, places: &[Place], sink: &mut ManySink<'_>) {
        for (i, place) in places.iter().enumerate() {
            let mut is_there = false;
            let _ = self.reread(part, *place, &mut |entry| {
                is_there = true;
                sink(i, Some(&entry));
                ControlFlow::Continue(())
            });
            if !is_there {
                sink(i, None);
            }
        }
    }

    /// Whether somebody else who opens the same file finds by [`Scan::reread_all`] what is found here, and quickly.
    fn can_be_shared(&self, _part: usize) -> bool {
        false
    }

    /// What the database itself notes about a part, beside its rows; `None` if it is no database.
    fn books(&self, _part: usize) -> Option<Books> {
        None
    }

    /// A connection for queries of one's own; `None` if it is no database.
    fn console(&self) -> Option<Result<Console, ConsoleError>> {
        None
    }

    /// The locator of `place` in `part`, for people and reports.
    fn locator(&self, part: usize, place: Place) -> Locator;

    /// What became of every byte of the files that the scan was opened with, once [`Scan::step`] has come to its end or
    /// failed; asked once. The sum is their length.
    fn account(&self) -> Accounting;
}

/// What a call of [`Scan::step`] ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more.
    More,
    /// Everything was read.
    End,
}
