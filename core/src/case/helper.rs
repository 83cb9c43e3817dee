//! What a worker beside the engine does with the tasks that it is sent.

use crate::error::Error;
use crate::host::Task;
use crate::ingest::companions::{self, Group};
use crate::ingest::{self, Scan};
use crate::query::Reader;
use crate::source::Input;
use crate::verify;
use crate::view::OpenOptions;

/// Files that a helper has open at a time.
const OPEN: usize = 2;

/// A worker of a [`Crew`](crate::Crew), which sees nothing of the case but the files that it was given.
#[derive(Default)]
pub struct Helper {
    groups: Vec<Group>,
    /// Open ones, by the file that was given; the one used last behind.
    scans: Vec<(usize, Box<dyn Scan>)>,
    reader: Reader,
}

impl Helper {
    /// One that can read the files of a case again: the same as the case was opened with, in the same order. Nothing is
    /// read before a task needs it.
    #[must_use]
    pub fn with_files(inputs: Vec<Input>, options: OpenOptions) -> Self {
        Self {
            groups: companions::group(inputs, options),
            ..Self::default()
        }
    }

    /// Carries out a task, and returns the bytes that [`Crew::receive`](crate::Crew::receive) is to hand on. They are empty
    /// where there is something odd about it, which the sender then looks at itself.
    #[must_use]
    pub fn work(&mut self, task: &[u8]) -> Vec<u8> {
        match task.split_last() {
            Some((kind, chunk)) if *kind == Task::Hash as u8 => verify::hash_packed(chunk),
            Some((kind, parcel)) if *kind == Task::Ask as u8 => {
                let Self {
                    groups,
                    scans,
                    reader,
                } = self;
                let answer = reader.answer(parcel, &mut |errand, sink| {
                    let scan = open(errand.input, groups, scans)?;
                    let (part, places) = (errand.part, &errand.places);
                    scan.reread_all(part, places, errand.fields, &mut |place, entry| {
                        sink(u32::try_from(place).unwrap_or(u32::MAX), entry);
                    })
                });
                answer.unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

fn open<'s>(
    input: usize,
    groups: &[Group],
    scans: &'s mut Vec<(usize, Box<dyn Scan>)>,
) -> Result<&'s dyn Scan, Error> {
    let gone = || Error::unavailable("the file is not here");
    let scan = match scans.iter().position(|(open, _)| *open == input) {
        Some(place) => scans.remove(place).1,
        None => {
            let group = groups.iter().find(|group| group.main.input == input);
            ingest::open(group.ok_or_else(gone)?)?
        }
    };
    if scans.len() == OPEN {
        let (closed, _) = scans.remove(0);
        if let Some(group) = groups.iter().find(|group| group.main.input == closed) {
            group.clear();
        }
    }
    scans.push((input, scan));
    scans.last().map(|(_, scan)| scan.as_ref()).ok_or_else(gone)
}
