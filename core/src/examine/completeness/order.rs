//! The order in which rows were inserted, against the times that they name.

use super::{NAMED, Name, Part, found};
use crate::index::{Index, UNPLACED};
use crate::view::{Evidence, Strength};

const SECOND: i64 = 1_000_000;
/// Several writers put their entries in a little out of order; what is later than this is told.
const JITTER: i64 = 60 * SECOND;
/// A step back of an hour, give or take what lies between two entries.
const HOUR_STEP: std::ops::RangeInclusive<i64> = 50 * 60 * SECOND..=3_600 * SECOND;

/// Entries that name a time before that of the row in front of them.
pub(super) fn back_steps(index: &Index, part: &Part, name: &Name<'_>) -> Vec<Evidence> {
    if !part.has_rowids {
        return Vec::new();
    }
    let micros = index.micros();
    let placed: Vec<(u32, i64)> = (part.rows.clone())
        .filter_map(|row| Some((row, *micros.get(row as usize)?)))
        .filter(|(_, time)| *time != UNPLACED)
        .collect();
    let (mut late, mut steps) = (Vec::new(), Vec::new());
    for (i, pair) in placed.windows(2).enumerate() {
        let ((_, before), (row, time)) = (pair[0], pair[1]);
        let back = before.saturating_sub(time);
        if back <= JITTER {
            continue;
        }
        // One entry out of its time, or all from here on?
        match placed.get(i + 2) {
            Some((_, next)) if *next >= before => late.push((row, back)),
            _ => steps.push((row, back)),
        }
    }
    let mut all = Vec::new();
    // A table that is in another order altogether says nothing by it.
    let most = placed.len() / 100 + 1;
    if !late.is_empty() && late.len() <= most {
        let message = format!(
            "{} of the entries in {} name a time more than a minute before that of the row inserted in front of them, while the next one goes on: inserted late, or back-dated",
            late.len(),
            part.source
        );
        let mut evidence = found(
            "inserted-late",
            Strength::Moderate,
            message,
            &[
                "A writer that was cut off may have sent what it had kept.",
                "A machine whose clock is wrong names wrong times.",
            ],
        );
        evidence.count = late.len() as u64;
        evidence.source = Some(part.source.clone());
        evidence.entries = late.iter().take(NAMED).map(|(row, _)| name(*row)).collect();
        all.push(evidence);
    }
    if !steps.is_empty() && steps.len() <= most {
        let is_hour = steps.iter().all(|(_, back)| HOUR_STEP.contains(back));
        let message = format!(
            "time goes back {} in the rows of {}, by up to {} s",
            if steps.len() == 1 {
                "once".to_owned()
            } else {
                format!("{} times", steps.len())
            },
            part.source,
            steps
                .iter()
                .map(|(_, back)| back / SECOND)
                .max()
                .unwrap_or(0)
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
        evidence.entries = steps
            .iter()
            .take(NAMED)
            .map(|(row, _)| name(*row))
            .collect();
        all.push(evidence);
    }
    all
}
