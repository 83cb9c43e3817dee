//! One file of a case with its companions: opened, and verified chunk by chunk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::error::Error;
use crate::finding::{Finding, Locator, Severity};
use crate::host::{Advance, Crew, Observer, Task};
use crate::ingest::companions::{Group, Member};
use crate::ingest::resting::{Resting, Room};
use crate::ingest::{self, Note, Scan, Step};
use crate::units::{RowIdx, SourceIdx};
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

/// Chunks between their reading and their verdicts, at most: enough for six workers to have two each, and some that are
/// hashed here in the meantime.
const UNDER_WAY: usize = 16;
/// Rows of a chunk, or more.
const CHUNK_ROWS: u64 = 4_096;
/// Rows for which room is made at once, at most: some 64 MB. A log's beginning may promise more than it has.
const MOST_ROOM: u64 = 1 << 20;

/// A verification under way: its chunks, whose buffers every source uses in turn, and how far it is.
#[derive(Default)]
pub(super) struct Run {
    /// The chunk that was read last.
    read: Option<Chunk>,
    /// Those that are hashed, or sent to be hashed, in the order of the source.
    hashed: VecDeque<Chunk>,
    /// Their buffers, when they are done with.
    spare: Vec<Chunk>,
    /// Whether there may be more to read.
    has_more: bool,
    /// The worker that was sent a chunk last.
    worker: usize,
    wants_claims: bool,
    /// The source being judged, and whether its first chunk was asked for.
    pub(super) source: usize,
    pub(super) has_begun: bool,
    /// Bytes of the sources before it.
    bytes_before: u64,
    pub(super) progress: Progress,
    /// How many rows there is room for.
    room: u64,
}

/// Entries on their way.
#[derive(Default)]
struct Chunk {
    collected: Collected,
    batches: Batches,
    /// The ticket under which a worker was sent it, until it has come back.
    away: Option<u64>,
}

impl Run {
    pub(super) fn new(wants_claims: bool, bytes_total: u64) -> Self {
        Self {
            wants_claims,
            progress: Progress {
                bytes_total,
                ..Progress::default()
            },
            ..Self::default()
        }
    }

    /// Reads the next chunk.
    fn read(&mut self, scan: &mut dyn Scan) {
        let mut chunk = self.spare.pop().unwrap_or_else(|| Chunk {
            batches: Batches::new(self.wants_claims),
            ..Chunk::default()
        });
        self.has_more = collect(scan, &mut chunk.collected) == Step::More;
        self.read = Some(chunk);
    }

    /// Makes room for the rows that are still to come: for as many as the source tells, or else as those that came tell.
    fn make_room(&mut self, scan: &dyn Scan, source_rows: u64, judge: &mut Judge) {
        let rows = u64::from(judge.index.len());
        if rows < CHUNK_ROWS || rows + CHUNK_ROWS < self.room {
            return;
        }
        let (done, total) = (self.progress.bytes_done, self.progress.bytes_total);
        // Somewhat more: the last entries may be shorter ones, and some are read that are not judged.
        let by_bytes = rows.saturating_mul(total.saturating_sub(done)) / done.max(1);
        let by_bytes = by_bytes.saturating_add(by_bytes / 16);
        // Rowids that leave most numbers out tell of more rows than the bytes can hold.
        let told = scan.rows_expected();
        let left = told.map_or(by_bytes, |all| {
            all.saturating_sub(source_rows)
                .min(by_bytes.saturating_mul(4))
        });
        // In equal steps many files would have all moved for each.
        let (least, most) = (rows / 8, MOST_ROOM.max(rows / 2));
        let more = left.saturating_add(2 * CHUNK_ROWS).clamp(least, most);
        judge.index.reserve(usize::try_from(more).unwrap_or(0));
        self.room = rows + more;
    }

    /// Whether there is room for another chunk, and perhaps one to be read.
    fn can_read(&self, crew: &dyn Crew) -> bool {
        let most = UNDER_WAY.min(4 + 2 * crew.workers());
        self.has_more && self.hashed.len() < most
    }

    /// Sends a chunk to a worker that is free; false if it is to be hashed here.
    fn send(&mut self, chunk: &mut Chunk, crew: &dyn Crew) -> bool {
        if self.wants_claims {
            return false;
        }
        let workers = crew.workers();
        let mut in_turn = (1..=workers).map(|i| (self.worker + i) % workers);
        let Some(worker) = in_turn.find(|worker| crew.is_free(*worker)) else {
            return false;
        };
        let Some(bytes) = chunk.collected.pack() else {
            return false;
        };
        self.worker = worker;
        chunk.away = Some(crew.send(worker, Task::Hash.of(bytes)));
        true
    }

    /// The first of the hashed chunks, unless it is still away.
    fn next_hashed(&mut self, crew: &dyn Crew) -> Option<Chunk> {
        let first = self.hashed.front_mut()?;
        if let Some(ticket) = first.away {
            let bytes = crew.receive(ticket)?;
            first.away = None;
            if !first.batches.take_over(&bytes) {
                first.batches.fill(&first.collected).help();
            }
        }
        self.hashed.pop_front()
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
        if let Ok(scan) = &mut self.opened {
            run.read(scan.as_mut());
        }
    }

    /// Goes on by a chunk.
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
    ) -> Result<Advance, Error> {
        if self.opened.is_err() {
            return Ok(Advance::Done);
        }
        let mut here = run.read.take();
        let hashed = run.next_hashed(crew);
        let has_work = here.is_some() || hashed.is_some() || run.can_read(crew);
        if here.as_mut().is_some_and(|chunk| run.send(chunk, crew)) {
            run.hashed.extend(here.take());
        }
        let mut judged = ControlFlow::Continue(());
        let judge_and_read = || {
            if let Some(mut chunk) = hashed {
                judged = self.judge(index, &mut chunk, judge, observer);
                run.spare.push(chunk);
            }
            if let Ok(scan) = &mut self.opened
                && judged.is_continue()
                && run.can_read(crew)
            {
                run.read(scan.as_mut());
            }
        };
        match &mut here {
            Some(chunk) => {
                let filling = chunk.batches.fill(&chunk.collected);
                let mut judge_and_read = Some(judge_and_read);
                crew.join(
                    &mut || {
                        if let Some(first) = judge_and_read.take() {
                            first();
                        }
                        filling.help();
                    },
                    &|| filling.help(),
                );
            }
            None => judge_and_read(),
        }
        run.hashed.extend(here);
        let is_over = !has_work && run.hashed.is_empty();
        if let Ok(scan) = &self.opened {
            let bytes = if is_over {
                scan.bytes_total()
            } else {
                scan.bytes_done()
            };
            run.progress.bytes_done = run.bytes_before + bytes;
        }
        run.progress.totals = judge.totals;
        if let Ok(scan) = &self.opened
            && !is_over
        {
            run.make_room(scan.as_ref(), self.totals.entries, judge);
        }
        if judged.is_break() || observer.progress(&run.progress).is_break() {
            return Err(Error::cancelled());
        }
        Ok(match has_work {
            true => Advance::More,
            false if is_over => Advance::Done,
            false => Advance::Waiting,
        })
    }

    /// Gives the verdicts on a hashed chunk.
    fn judge(
        &mut self,
        index: SourceIdx,
        chunk: &mut Chunk,
        judge: &mut Judge,
        observer: &mut dyn Observer,
    ) -> ControlFlow<()> {
        let Ok(scan) = &self.opened else {
            return ControlFlow::Continue(());
        };
        let rows = rows_of(&chunk.collected.notes, index, scan.as_ref(), judge);
        for note in chunk.collected.notes.drain(..) {
            let row = note
                .row()
                .and_then(|(table, rowid)| rows.get(&(table.to_owned(), rowid)));
            let mut finding = note.into_finding(index);
            if let Some(row) = row {
                judge.index.note_late(*row, finding.code);
                let mut id = String::new();
                judge.index.write_entry_id(*row, &mut id);
                finding.row = Some(*row);
                finding.entry_id = Some(id).filter(|id| !id.is_empty() && id != "null");
            }
            judge.findings.push(finding);
        }
        chunk.batches.drain().try_for_each(|batch| {
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
        })
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

/// The rows that notes are about, by table and rowid. Such notes come behind all rows.
fn rows_of(
    notes: &[Note],
    source: SourceIdx,
    scan: &dyn Scan,
    judge: &Judge,
) -> BTreeMap<(String, i64), RowIdx> {
    let mut rows = BTreeMap::new();
    for (part, info) in scan.parts().iter().enumerate() {
        let of_part = notes.iter().filter_map(Note::row);
        let rowids = of_part.filter(|(table, _)| *table == info.name);
        let keys: BTreeSet<u64> = rowids.map(|(_, rowid)| rowid.cast_unsigned()).collect();
        if keys.is_empty() {
            continue;
        }
        for (key, row) in judge.index.rows_of_keys((source, part), &keys) {
            rows.insert((info.name.clone(), key.cast_signed()), row);
        }
    }
    rows
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
