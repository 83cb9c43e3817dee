//! An export that looks like the answer to a query with the reference's default limit.

use super::{Part, found};
use crate::index::{Index, UNPLACED};
use crate::view::{Evidence, Strength};

/// The limit of the reference's `query` where none is given.
const DEFAULT_LIMIT: usize = 1_000;

pub(super) fn default_limit(index: &Index, part: &Part) -> Option<Evidence> {
    let is_table = matches!(part.kind, "sqlite" | "sql-dump");
    if is_table || !part.is_alone || part.rows.len() != DEFAULT_LIMIT {
        return None;
    }
    let range = part.rows.start as usize..part.rows.end as usize;
    let times = index.micros().get(range)?;
    let is_newest_first = times.windows(2).all(|w| w[0] >= w[1]);
    let is_one_time = times.first() == times.last();
    if !is_newest_first || is_one_time || times.contains(&UNPLACED) {
        return None;
    }
    let message = format!(
        "{} holds exactly 1,000 entries, newest first: what the reference's query gives when no limit is named; a partial log",
        part.source
    );
    let mut evidence = found(
        "default-limit",
        Strength::Strong,
        message,
        &[
            "The log may happen to have exactly 1,000 entries. Export it again with a negative limit, which means none.",
        ],
    );
    evidence.source = Some(part.source.clone());
    Some(evidence)
}
