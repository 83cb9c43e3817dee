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
    let times = (0..index.len()).zip(index.micros());
    let mut placed: Vec<(i64, u32)> = times
        .filter(|(_, time)| **time != UNPLACED)
        .map(|(row, time)| (*time, row))
        .collect();
    if placed.len() < FEWEST {
        return None;
    }
    placed.sort_unstable();
    let mut gaps: Vec<i64> = placed
        .windows(2)
        .map(|w| w[1].0.saturating_sub(w[0].0))
        .collect();
    let at = (0..gaps.len()).max_by_key(|i| gaps[*i])?;
    let longest = gaps[at];
    let rank = gaps.len() - 1 - gaps.len() / 100;
    let (_, usual, _) = gaps.select_nth_unstable(rank);
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
    evidence.entries = [placed[at].1, placed[at + 1].1].map(name).to_vec();
    Some(evidence)
}
