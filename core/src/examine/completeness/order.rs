//! The order in which rows were inserted, against the times that they name.

use super::{NAMED, Name, Part, filter, found};
use crate::index::{Index, UNPLACED};
use crate::units::RowIdx;
use crate::view::{Evidence, Strength};

const SECOND: i64 = 1_000_000;
/// Several writers put their entries in a little out of order; what is later than this is told.
const JITTER: i64 = 60 * SECOND;
const HOUR: i64 = 3_600 * SECOND;

/// Rows that follow each other, all of them earlier than one before them.
struct Step {
    rows: Vec<u32>,
    /// How far the first one is behind the latest before it, and how far the farthest.
    first_back: i64,
    back: i64,
    /// Whether they are in order among themselves, but for what several writers do to it.
    is_rising: bool,
    /// From the last of them to the row behind, which is late no more; `None` if the table ends before.
    catching_up: Option<i64>,
}

impl Step {
    /// Whether all went on from the earlier time as it had before: a clock was set, no single entry was put in.
    fn is_of_clock(&self, usual: i64) -> bool {
        let near = usual.saturating_mul(10).max(5 * JITTER);
        self.is_rising && self.rows.len() > 1 && self.catching_up.is_some_and(|gap| gap <= near)
    }

    /// Whether it is what the end of daylight saving does to local times: an hour less what lies between two entries.
    fn is_of_hour(&self, clock: &Clock<'_>, usual: i64) -> bool {
        let between = usual.saturating_mul(10);
        let is_hour =
            self.first_back <= HOUR + JITTER && self.first_back.saturating_add(between) >= HOUR;
        let is_near = self
            .catching_up
            .is_none_or(|gap| gap <= between.max(JITTER));
        // A night may follow before it has caught up.
        let is_near = is_near || self.rows.len() >= 3;
        let first = self.rows.first();
        is_hour && is_near && self.is_rising && first.is_some_and(|row| (clock.is_local)(*row))
    }
}

/// Which of the times of an entry is looked at.
pub(super) struct Clock<'c> {
    /// By rows; [`UNPLACED`] where there is none.
    pub(super) times: &'c [i64],
    /// Whether a row's time names no zone.
    pub(super) is_local: &'c dyn Fn(u32) -> bool,
    pub(super) late: Late,
}

/// How rows that are late are told.
pub(super) struct Late {
    code: &'static str,
    /// What they do, behind "N of the entries in SOURCE".
    what: &'static str,
    explanations: [&'static str; 2],
    other_code: &'static str,
    of_times: &'static str,
}

/// The times that entries name.
pub(super) const NAMED_TIMES: Late = Late {
    code: "inserted-late",
    what: "name a time more than a minute before that of a row inserted in front of them, or alone are far ahead of those around them: inserted late, back-dated or post-dated",
    explanations: [
        "A writer that was cut off may have sent what it had kept.",
        "A machine whose clock is wrong, or was set back, names wrong times.",
    ],
    other_code: "not-in-order-of-time",
    of_times: "their times",
};

/// The times at which entries were written, by `written_at`.
pub(super) const WRITTEN_TIMES: Late = Late {
    code: "written-out-of-order",
    what: "were written, as they say, more than a minute before a row that was inserted in front of them, or alone long after those around them",
    explanations: [
        "The clock of the machine that keeps the log may have been set back for a while.",
        "Rows may have been copied here from another table, or removed and put in again; no checksum covers written_at.",
    ],
    other_code: "not-in-order-of-writing",
    of_times: "their written_at",
};

/// What the order of the rows says about their times.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) evidence: Vec<Evidence>,
    /// The rows that are late, in order; none where so many are that it says nothing.
    pub(super) late: Vec<u32>,
    pub(super) is_other_order: bool,
}

/// Entries that are earlier than a row in front of them.
pub(super) fn back_steps(index: &Index, part: &Part, clock: &Clock<'_>, name: &Name<'_>) -> Steps {
    if !part.has_rowids {
        return Steps::default();
    }
    let time = |row: u32| clock.times.get(row as usize).copied().unwrap_or(UNPLACED);
    // Rows alone, and room for all of them at once: there may be millions.
    let mut placed = Vec::with_capacity(part.rows.len());
    placed.extend(part.rows.clone().filter(|row| time(*row) != UNPLACED));
    let spikes = take_out_spikes(&mut placed, &time);
    let usual = usual_gap(&placed, &time);
    let (mut late, mut of_clock, mut of_hour) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps(&placed, &time) {
        let first = step.rows.first().map(|row| (*row, step.first_back));
        if step.back <= JITTER {
        } else if step.is_of_hour(clock, usual) {
            of_hour.extend(first);
        } else if step.is_of_clock(usual) {
            of_clock.extend(first);
        } else {
            late.extend(step.rows);
        }
    }
    late.extend(spikes);
    late.sort_unstable();
    let mut evidence = Vec::new();
    evidence.extend(set_back(&of_hour, true, part, name));
    evidence.extend(set_back(&of_clock, false, part, name));
    // A table that is in another order altogether says nothing by it.
    let is_other_order = late.len() > 10 && late.len() > placed.len() / 10;
    if is_other_order {
        let told = other_order(part, &clock.late, late.len(), placed.len());
        evidence.push(told);
        late.clear();
    } else if !late.is_empty() {
        evidence.push(told_late(index, part, &clock.late, &late, name));
    }
    Steps {
        evidence,
        late,
        is_other_order,
    }
}

fn other_order(part: &Part, words: &Late, late: usize, of: usize) -> Evidence {
    let message = format!(
        "the rows of {} were not inserted in the order of {}: {late} of {of} name an earlier one than a row in front of them",
        part.source, words.of_times
    );
    let mut evidence = found(
        words.other_code,
        Strength::Weak,
        message,
        &["The log may have been copied into this table in another order, or joined of several."],
    );
    evidence.count = late as u64;
    evidence.source = Some(part.source.clone());
    evidence
}

fn told_late(index: &Index, part: &Part, words: &Late, late: &[u32], name: &Name<'_>) -> Evidence {
    let message = format!(
        "{} of the entries in {} {}",
        late.len(),
        part.source,
        words.what
    );
    let mut evidence = found(words.code, Strength::Moderate, message, &words.explanations);
    evidence.count = late.len() as u64;
    evidence.source = Some(part.source.clone());
    evidence.entries = late.iter().take(NAMED).map(|row| name(*row)).collect();
    evidence.filter = filter(index, late);
    evidence
}

/// Evidence for the first rows of steps, and how far they go back.
fn set_back(steps: &[(u32, i64)], is_hour: bool, part: &Part, name: &Name<'_>) -> Option<Evidence> {
    let most = steps.iter().map(|(_, back)| back / SECOND).max()?;
    let times = match steps.len() {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let message = format!(
        "time goes back {times} in the rows of {}, by up to {most} s",
        part.source
    );
    let reasons: &[&str] = if is_hour {
        &["Where times are local, the end of daylight saving sets the clock back an hour."]
    } else {
        &[
            "The clock of the machine may have been set.",
            "Segments of a log may have been joined in another order.",
        ]
    };
    let mut evidence = found("clock-step", Strength::Weak, message, reasons);
    evidence.count = steps.len() as u64;
    evidence.source = Some(part.source.clone());
    let rows = steps.iter().take(NAMED).map(|(row, _)| name(*row));
    evidence.entries = rows.collect();
    Some(evidence)
}

/// Takes out rows that alone are far ahead of those around them, which would make all behind them look late.
fn take_out_spikes(placed: &mut Vec<u32>, time: &dyn Fn(u32) -> i64) -> Vec<u32> {
    let (mut spikes, mut before, mut kept) = (Vec::new(), i64::MIN, 0);
    for i in 0..placed.len() {
        let (row, own) = (placed[i], time(placed[i]));
        let is_spike = match placed.get(i + 1..i + 3) {
            Some(&[next, second]) => {
                let (next, second) = (time(next), time(second));
                own.saturating_sub(JITTER) > second && second >= next && next >= before
            }
            _ => false,
        };
        if is_spike {
            spikes.push(row);
        } else {
            placed[kept] = row;
            kept += 1;
            before = own;
        }
    }
    placed.truncate(kept);
    spikes
}

fn steps(placed: &[u32], time: &dyn Fn(u32) -> i64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut latest, mut before, mut is_behind) = (i64::MIN, i64::MIN, false);
    for row in placed {
        let time = time(*row);
        if time >= latest {
            if let (true, Some(step)) = (is_behind, steps.last_mut()) {
                step.catching_up = Some(time.saturating_sub(before));
            }
            (latest, is_behind) = (time, false);
        } else {
            let back = latest.saturating_sub(time);
            match steps.last_mut().filter(|_| is_behind) {
                Some(step) => {
                    step.rows.push(*row);
                    step.back = step.back.max(back);
                    step.is_rising &= time.saturating_add(JITTER) >= before;
                }
                None => steps.push(Step {
                    rows: vec![*row],
                    first_back: back,
                    back,
                    is_rising: true,
                    catching_up: None,
                }),
            }
            is_behind = true;
        }
        before = time;
    }
    steps
}

/// The median time between two rows.
fn usual_gap(placed: &[u32], time: &dyn Fn(u32) -> i64) -> i64 {
    let gap = |w: &[u32]| time(w[1]).saturating_sub(time(w[0])).max(0);
    let mut gaps: Vec<i64> = placed.windows(2).map(gap).collect();
    if gaps.is_empty() {
        return 0;
    }
    let middle = gaps.len() / 2;
    *gaps.select_nth_unstable(middle).1
}

/// Whether the time that a row names has no zone.
pub(super) fn is_local(index: &Index, row: u32) -> bool {
    let mut json = String::new();
    index.write_timestamp(RowIdx(row), &mut json);
    let behind_date = json.get(11..).unwrap_or("");
    !behind_date.contains(['Z', 'z', '+', '-'])
}
