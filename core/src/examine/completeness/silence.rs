//! A silence that is far longer than any other in the log.

use super::{Name, found};
use crate::index::{Index, UNPLACED};
use crate::view::{Evidence, Strength};

/// Entries below which a log has no rhythm.
const FEWEST: usize = 200;
/// How many times as long as the silence that one in a hundred exceeds.
const FACTOR: i64 = 20;
const HOUR: i64 = 3_600_000_000;

pub(super) fn longest(index: &Index, name: &Name<'_>) -> Option<Evidence> {
    let micros = index.micros();
    // Times alone, and room for all of them at once: there may be millions.
    let mut times = Vec::with_capacity(micros.len());
    times.extend(micros.iter().copied().filter(|time| *time != UNPLACED));
    if times.len() < FEWEST {
        return None;
    }
    times.sort_unstable();
    let gap = |i: &usize| times[i + 1].saturating_sub(times[*i]);
    let at = (0..times.len() - 1).max_by_key(gap)?;
    let (longest, ends) = (gap(&at), (times[at], times[at + 1]));
    // From here on the times between them.
    for i in 0..times.len() - 1 {
        times[i] = times[i + 1].saturating_sub(times[i]);
    }
    times.pop();
    let rank = times.len() - 1 - times.len() / 100;
    let (_, usual, _) = times.select_nth_unstable(rank);
    let usual = (*usual).max(1);
    if longest < HOUR || longest / usual < FACTOR {
        return None;
    }
    let message = format!(
        "for {} h there is no entry, {} times as long as all but one in a hundred of the other pauses",
        longest / HOUR,
        longest / usual
    );
    let mut evidence = found(
        "silence",
        Strength::Weak,
        message,
        &[
            "Nothing may have happened: nights, holidays, an outage, a system that was switched off.",
        ],
    );
    let last = micros.iter().rposition(|time| *time == ends.0);
    let first = micros.iter().position(|time| *time == ends.1);
    let rows = [last, first].into_iter().flatten();
    evidence.entries = rows
        .filter_map(|row| Some(name(u32::try_from(row).ok()?)))
        .collect();
    Some(evidence)
}
