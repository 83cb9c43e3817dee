//! When entries were written, which no checksum covers, against the times that they name.

use super::again::Again;
use super::{NAMED, Name, Part, entries, filter, found};
use crate::index::{Index, UNPLACED};
use crate::view::{Evidence, Strength};

const MINUTE: i64 = 60_000_000;
/// A clock that shows local time is set by an hour twice a year.
const HOUR: i64 = 60 * MINUTE;
/// Entries below which nothing is usual.
const FEWEST: usize = 20;
/// How many times as far from the usual as all but one in twenty are.
const FACTOR: i64 = 20;

/// Entries that were written much later, or earlier, after the time that they name than the others. `told`: rows that are
/// known to be late already.
pub(super) fn apart(
    index: &Index,
    part: &Part,
    again: &Again,
    told: &[u32],
    name: &Name<'_>,
) -> Option<Evidence> {
    let micros = index.micros();
    let lags = || {
        part.rows.clone().filter_map(|row| {
            let time = *micros.get(row as usize)?;
            let written = *again.written.get(row as usize)?;
            (time != UNPLACED && written != UNPLACED).then(|| (row, written.saturating_sub(time)))
        })
    };
    // Room for all at once: there may be millions.
    let mut values = Vec::with_capacity(part.rows.len());
    values.extend(lags().map(|(_, lag)| lag));
    if values.len() < FEWEST {
        return None;
    }
    let middle = at_rank(&mut values, 50)?;
    let from_usual = |lag: i64| lag.saturating_sub(middle).saturating_abs();
    for value in &mut values {
        *value = from_usual(*value);
    }
    let near = at_rank(&mut values, 95)?;
    drop(values);
    let bound = near.saturating_mul(FACTOR).max(HOUR + MINUTE);
    let far = |lag: i64| from_usual(lag) > bound;
    let is_new = |row: u32| told.binary_search(&row).is_err();
    let all: Vec<(u32, i64)> = lags()
        .filter(|(row, lag)| far(*lag) && is_new(*row))
        .collect();
    let most = all.iter().map(|(_, lag)| from_usual(*lag)).max()?;
    let late = all.iter().filter(|(_, lag)| *lag > middle).count();
    let message = format!(
        "the time from when it happened to when it was written is another than usual for {} in {}: {late} written later, {} earlier, by up to {} h",
        entries(all.len()),
        part.source,
        all.len() - late,
        most / HOUR
    );
    let mut evidence = found(
        "written-apart",
        Strength::Moderate,
        message,
        &[
            "A writer that was cut off may have sent what it had kept; a machine whose clock is wrong names wrong times.",
            "No checksum covers written_at: it may have been changed by itself.",
        ],
    );
    evidence.count = all.len() as u64;
    evidence.source = Some(part.source.clone());
    let rows: Vec<u32> = all.iter().map(|(row, _)| *row).collect();
    evidence.entries = rows.iter().take(NAMED).map(|row| name(*row)).collect();
    evidence.filter = filter(index, &rows);
    Some(evidence)
}

/// The value that so many of a hundred do not exceed. Their order changes.
fn at_rank(values: &mut [i64], percent: usize) -> Option<i64> {
    let rank = values.len().checked_sub(1)? * percent / 100;
    Some(*values.select_nth_unstable(rank).1)
}
