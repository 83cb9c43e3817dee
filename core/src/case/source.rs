//! One file of a case with its companions: opened, and verified chunk by chunk.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::error::Error;
use crate::finding::{Finding, Locator, Severity};
use crate::host::{Crew, Observer};
use crate::ingest::companions::{Group, Member};
use crate::ingest::resting::{Resting, Room};
use crate::ingest::{self, Note, Scan, Step};
use crate::units::SourceIdx;
use crate::verify::{Batches, Collected, Judge, Times};
use crate::view::{Accounting, CompanionView, ErrorView, PartView, Progress, SourceView, Totals};

/// A file that was given, with what was found in it.
pub(super) struct Source {
    pub(super) group: Rc<Group>,
    /// The name that was given, with ` (2)` and so on where names repeat.
    pub(super) name: String,
    pub(super) opened: Result<Box<dyn Scan>, Error>,
    totals: Totals,
    part_entries: Vec<u64>,
    pub(super) times: Times,
    accounting: Option<Accounting>,
}

/// A verification under way: the buffers, which every source uses in turn, and how far it is.
#[derive(Default)]
pub(super) struct Run {
    /// The chunk being read, and the one being made canonical and hashed.
    next: Collected,
    current: Collected,
    /// The latter's batches, and those of the chunk before it, which is being judged.
    filling: Batches,
    filled: Batches,
    filled_notes: Vec<Note>,
    /// What reading `next` ended with; `None` once there was nothing more to read.
    last: Option<Step>,
    /// The source being judged, and whether its first chunk was asked for.
    pub(super) source: usize,
    pub(super) has_begun: bool,
    /// Bytes of the sources before it.
    bytes_before: u64,
    pub(super) progress: Progress,
}

impl Run {
    pub(super) fn new(wants_claims: bool, bytes_total: u64) -> Self {
        let batches = || Batches::new(wants_claims);
        Self {
            filling: batches(),
            filled: batches(),
            progress: Progress {
                bytes_total,
                ..Progress::default()
            },
            ..Self::default()
        }
    }
}

/// Opens files and puts them in order.
pub(super) fn open_all(groups: Vec<Group>) -> Vec<Source> {
    let room = Room::default();
    let listed: Vec<_> = groups.into_iter().flat_map(ingest::list).collect();
    let is_one = listed.len() == 1;
    let mut opened: Vec<_> = listed
        .into_iter()
        .map(|(group, archive)| {
            let group = Rc::new(group);
            if let Some(scan) = archive {
                return (None, true, Source::new(group, scan));
            }
            if is_one {
                let scan = ingest::open(&group);
                return (None, false, Source::new(group, scan));
            }
            // Many are opened twice: now to see what they are and when they begin, and again when their turn comes.
            let (mut time, mut scan) = (None, ingest::open(&group));
            if let Ok(open) = &mut scan {
                let resting = Resting::new(open.as_ref(), &group, &room);
                time = ingest::first_time(open.as_mut());
                scan = Ok(Box::new(resting));
            }
            group.clear();
            (time, false, Source::new(group, scan))
        })
        .collect();
    // A file stands where the earliest log in it stands. The members of an archive stay together and in its order, and
    // what it says of itself comes last.
    let mut ranks = BTreeMap::new();
    for (time, _, source) in &opened {
        let main = &source.group.main;
        let rank = (
            (source.opened.is_err(), time.is_none(), time.clone()),
            (source.name.clone(), main.len()),
        );
        let least = ranks.entry(main.input).or_insert_with(|| rank.clone());
        if rank < *least {
            *least = rank;
        }
    }
    opened.sort_by(|(_, a_is_archive, a), (_, b_is_archive, b)| {
        let (a, b) = (a.group.main.input, b.group.main.input);
        (ranks[&a].cmp(&ranks[&b]))
            .then(a.cmp(&b))
            .then(a_is_archive.cmp(b_is_archive))
    });
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    opened
        .into_iter()
        .map(|(_, _, mut source)| {
            let same = names.entry(source.name.clone()).or_default();
            *same += 1;
            if *same > 1 {
                source.name = format!("{} ({same})", source.name);
            }
            source
        })
        .collect()
}

impl Source {
    fn new(group: Rc<Group>, opened: Result<Box<dyn Scan>, Error>) -> Self {
        Self {
            name: group.main.name.clone(),
            opened,
            group,
            totals: Totals::default(),
            part_entries: Vec::new(),
            times: Times::default(),
            accounting: None,
        }
    }

    pub(super) fn scan(&self) -> Result<&dyn Scan, Error> {
        self.opened.as_ref().map(Box::as_ref).map_err(Clone::clone)
    }

    /// Whether it is no log, and nobody said that it is one.
    pub(super) fn is_passed_over(&self) -> bool {
        let is_no_log = |e: &Error| e.is_not_a_log() || e.is_empty_input();
        self.group.main.is_found
            && self.group.error.is_none()
            && self.opened.as_ref().err().is_some_and(is_no_log)
    }

    pub(super) fn bytes_total(&self) -> u64 {
        self.opened.as_ref().map_or(0, |scan| scan.bytes_total())
    }

    /// Reads the first chunk.
    pub(super) fn begin(&mut self, run: &mut Run) {
        run.bytes_before = run.progress.bytes_done;
        run.last = match &mut self.opened {
            Ok(scan) => Some(collect(scan.as_mut(), &mut run.next)),
            Err(_) => None,
        };
    }

    /// Goes on by a chunk; false once every entry is judged.
    ///
    /// Three things go on at once: one chunk is judged, the next is hashed, the one after it is read. The first and the
    /// last need this thread; the second is shared out to the crew.
    pub(super) fn step(
        &mut self,
        index: SourceIdx,
        run: &mut Run,
        judge: &mut Judge,
        observer: &mut dyn Observer,
        crew: &dyn Crew,
    ) -> Result<bool, Error> {
        let Ok(scan) = &mut self.opened else {
            return Ok(false);
        };
        std::mem::swap(&mut run.current, &mut run.next);
        std::mem::swap(&mut run.filling, &mut run.filled);
        let Run {
            next,
            current,
            filling,
            filled,
            filled_notes,
            last,
            progress,
            bytes_before,
            ..
        } = run;
        let notes = std::mem::replace(filled_notes, std::mem::take(&mut current.notes));
        for note in notes {
            judge.findings.push(note.into_finding(index));
        }
        let filling = filling.fill(current);
        let (mut judged, mut step) = (ControlFlow::Continue(()), None);
        crew.join(
            &mut || {
                judged = filled.drain().try_for_each(|batch| {
                    for pending in &batch.pending {
                        if self.part_entries.len() <= pending.part {
                            self.part_entries.resize(pending.part + 1, 0);
                        }
                        self.part_entries[pending.part] += 1;
                    }
                    judge.judge(
                        batch,
                        index,
                        (scan.as_ref(), &self.name),
                        (&mut self.totals, &mut self.times),
                        observer,
                    )
                });
                if judged.is_continue() && *last == Some(Step::More) {
                    step = Some(collect(scan.as_mut(), next));
                } else {
                    next.clear();
                }
                filling.help();
            },
            &|| filling.help(),
        );
        let is_over = last.is_none();
        *last = step;
        let bytes = if is_over {
            scan.bytes_total()
        } else {
            scan.bytes_done()
        };
        progress.bytes_done = *bytes_before + bytes;
        progress.totals = judge.totals;
        if judged.is_break() || observer.progress(progress).is_break() {
            return Err(Error::cancelled());
        }
        Ok(!is_over)
    }

    /// Accounts for every byte, once the source was read as far as it can be.
    pub(super) fn account(&mut self) {
        let main = &self.group.main;
        let mut accounting = match &self.opened {
            Ok(scan) => scan.account(),
            Err(_) => {
                let mut none = Accounting::default();
                let bytes = main.len();
                none.leave_out("not-a-log", bytes, Locator::Whole {}, "no audit log");
                none
            }
        };
        let is_database = self.opened.as_ref().is_ok_and(|s| s.kind() == "sqlite");
        let read = |m: &Member| is_database && !m.name.ends_with("-shm");
        for companion in self.group.companions().filter(|m| !read(m)) {
            let name = &companion.name;
            let bytes = companion.len();
            accounting.leave_out("companion-not-read", bytes, Locator::Whole {}, name);
        }
        self.accounting = Some(accounting);
    }

    pub(super) fn view(&self) -> SourceView {
        let scan = self.opened.as_ref().ok();
        SourceView {
            name: self.name.clone(),
            kind: scan.map_or_else(String::new, |s| s.kind().to_owned()),
            input: input_index(self.group.main.input),
            bytes: self.group.main.len(),
            entries: self.totals.entries,
            parts: scan.map_or_else(Vec::new, |s| {
                let entries = self
                    .part_entries
                    .iter()
                    .copied()
                    .chain(std::iter::repeat(0));
                s.parts()
                    .iter()
                    .zip(entries)
                    .map(|(p, entries)| PartView {
                        name: p.name.clone(),
                        entries,
                    })
                    .collect()
            }),
            companions: self
                .group
                .companions()
                .map(|m| CompanionView {
                    name: m.name.clone(),
                    input: input_index(m.input),
                    bytes: m.len(),
                })
                .collect(),
            accounting: self.accounting.clone(),
            is_passed_over: self.is_passed_over(),
            error: self.opened.as_ref().err().map(|e| ErrorView {
                message: e.to_string(),
                hint: e.hint().map(str::to_owned),
            }),
        }
    }
}

/// Reads one chunk. A failure of the host's bytes ends the source, not the case.
fn collect(scan: &mut dyn Scan, chunk: &mut Collected) -> Step {
    chunk.clear();
    let step = scan.step(&mut |part, raw| {
        chunk.push(part, &raw);
        ControlFlow::Continue(())
    });
    chunk.notes = scan.take_notes();
    step.unwrap_or_else(|error| {
        chunk.notes.push(Note {
            code: "source-unreadable",
            severity: Severity::Error,
            locator: Locator::Whole {},
            message: error.to_string(),
            hint: Some("Entries behind this place were not judged. Open the file again."),
        });
        Step::End
    })
}

pub(super) fn input_index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Note {
    pub(super) fn into_finding(self, source: SourceIdx) -> Finding {
        Finding {
            code: self.code,
            severity: self.severity,
            source,
            locator: self.locator,
            row: None,
            entry_id: None,
            message: self.message,
            hint: self.hint,
        }
    }
}
