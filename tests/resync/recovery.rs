//! How much of a log is left when blocks of its file are lost: the table of `docs/formats.md`.

use auditglass::Verdict;

use crate::damage::Damaged;
use crate::log::{Form, Log, Random};
use crate::open;

/// Bytes of a block.
const BLOCK: usize = 4096;

/// Loses this percentage of the blocks; entries in all, those still whole, those verified.
fn lose(entries: usize, form: Form, percent: usize, with_zeros: bool) -> [usize; 3] {
    let mut random = Random::new(percent as u64);
    let log = Log::of_length(&mut random, form, entries);
    let mut damaged = Damaged::new(&log.bytes);
    for start in (0..log.bytes.len()).step_by(BLOCK) {
        if random.below(100) >= percent {
            continue;
        }
        let range = start..log.bytes.len().min(start + BLOCK);
        let new: Vec<u8> = match with_zeros {
            true => vec![0; range.len()],
            false => range.clone().map(|_| random.byte()).collect(),
        };
        damaged.replace(range, &new);
    }
    let whole = damaged.whole(&log.entries);
    let (_, judged) = open("log", &damaged.bytes);
    let verified = judged.iter().filter(|j| j.1 == Verdict::Verified).count();
    [log.entries.len(), whole.len(), verified]
}

#[test]
fn lost_blocks() {
    let entries = std::env::var("AUDITGLASS_RESYNC_ENTRIES");
    let entries = entries.ok().and_then(|n| n.parse().ok()).unwrap_or(700);
    for form in [Form::Array, Form::Lines] {
        for with_zeros in [true, false] {
            for percent in [1, 5, 20] {
                let [all, whole, verified] = lose(entries, form, percent, with_zeros);
                println!(
                    "{form:?} zeros {with_zeros} {percent} %: {all} entries, {whole} whole, {verified} verified"
                );
                assert_eq!(whole, verified, "{form:?}, {percent} %");
            }
        }
    }
}
