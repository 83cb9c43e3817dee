//! A database with pages overwritten, exchanged or cut off: where only leaves were hit, every row on the others is judged.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use auditglass::Verdict;
use auditglass_fuzz::database::{PAGE, sample};
use auditglass_fuzz::judged::judge_one;
use libfuzzer_sys::fuzz_target;

/// What a recipe made of the sample.
struct Damaged {
    bytes: Vec<u8>,
    /// The pages that were hit.
    hit: BTreeSet<u32>,
}

fn damage(recipe: &[u8]) -> Damaged {
    let mut bytes = sample().bytes.clone();
    let mut hit = BTreeSet::new();
    let pages = bytes.len() / PAGE;
    let start = |which: u8| usize::from(which) % pages * PAGE;
    for step in recipe.chunks_exact(5).take(12) {
        let [kind, which, high, low, value] = *step else {
            break;
        };
        let at = start(which);
        let place = usize::from(u16::from_be_bytes([high, low])) % PAGE;
        // Page 1 begins with the header of the file.
        let header = if at == 0 { 100 } else { 0 };
        let mut set = |place: usize, value: u8| {
            if at <= place
                && place < at + PAGE
                && let Some(byte) = bytes.get_mut(place)
            {
                *byte = value;
            }
        };
        match kind % 8 {
            0 => set(at + place, value),
            // The page's header, and the pointers behind it.
            1 => set(at + header + place % 12, value),
            2 => {
                let pointer = at + header + 8 + place % 64 * 2;
                set(pointer, high);
                set(pointer + 1, value);
            }
            3 | 4 => {
                for i in place..PAGE {
                    set(at + i, value);
                }
            }
            5 => {
                let other = start(value).min(bytes.len().saturating_sub(PAGE));
                if at + PAGE <= bytes.len() {
                    bytes.copy_within(other..other + PAGE, at);
                }
            }
            6 => {
                // A page number: the rightmost child, or the left child of a cell.
                let cell = match value % 4 {
                    0 => at + header + 8,
                    _ => at + place,
                };
                set(cell, 0);
                set(cell + 1, 0);
                set(cell + 2, 0);
                set(cell + 3, value);
            }
            _ => {
                let len = (at + place).max(PAGE).min(bytes.len());
                for page in len / PAGE..pages {
                    hit.insert(u32::try_from(page + 1).expect("few pages"));
                }
                bytes.truncate(len);
            }
        }
        hit.insert(u32::try_from(at / PAGE + 1).expect("few pages"));
    }
    Damaged { bytes, hit }
}

fuzz_target!(|data: &[u8]| {
    let damaged = damage(data);
    let judged = judge_one("log.db", &damaged.bytes);
    let leaves = &sample().leaves;
    if !damaged.hit.iter().all(|page| leaves.contains_key(page)) {
        return;
    }
    let mut verified: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in judged
        .entries
        .iter()
        .filter(|e| e.verdict == Verdict::Verified)
    {
        *verified.entry(&entry.id).or_default() += 1;
    }
    for (page, ids) in leaves
        .iter()
        .filter(|(page, _)| !damaged.hit.contains(page))
    {
        for id in ids {
            assert!(
                verified.contains_key(id.as_str()),
                "{id} on page {page} was not judged"
            );
        }
    }
});
