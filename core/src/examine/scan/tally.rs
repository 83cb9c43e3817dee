//! What was seen, counted by path and kind.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::mask::masked;
use super::paths::PathId;
use super::text::Trust;

/// Examples that are kept of one kind at one path.
const EXAMPLES: usize = 3;
/// Runs of digits that fit among which chance is told from a number that is one.
const ENOUGH: u64 = 10;

/// One kind at one path.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) entries: u64,
    pub(super) first: u32,
    pub(super) examples: Vec<String>,
    last: u32,
    /// How many of them may be chance.
    chance: u64,
}

/// All of them. There are no more than paths times kinds.
#[derive(Default)]
pub(super) struct Tallies {
    seen: BTreeMap<(PathId, Kind), Tally>,
    failed: BTreeMap<PathId, u64>,
}

impl Tallies {
    pub(super) fn add(&mut self, at: PathId, kind: Kind, row: u32, value: &[u8], trust: Trust) {
        if trust == Trust::Failed {
            *self.failed.entry(at).or_default() += 1;
            return;
        }
        let tally = self.seen.entry((at, kind)).or_insert_with(|| Tally {
            count: 0,
            entries: 0,
            first: row,
            examples: Vec::new(),
            last: u32::MAX,
            chance: 0,
        });
        tally.count += 1;
        tally.chance += u64::from(trust == Trust::Chance);
        if tally.last != row {
            tally.entries += 1;
            tally.last = row;
        }
        if tally.examples.len() < EXAMPLES {
            let example = masked(value, kind);
            if !tally.examples.contains(&example) {
                tally.examples.push(example);
            }
        }
    }

    /// Of numbers taken at random one in ten has a check digit that is right: a path of which most are wrong holds none.
    pub(super) fn finish(self) -> impl Iterator<Item = ((PathId, Kind), Tally)> {
        let failed = self.failed;
        self.seen.into_iter().filter(move |((at, _), tally)| {
            let failed = failed.get(at).copied().unwrap_or(0);
            let is_chance = tally.chance == tally.count
                && failed + tally.chance >= ENOUGH
                && failed > 2 * tally.chance;
            !is_chance
        })
    }
}
