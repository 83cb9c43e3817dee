//! A database with pages overwritten, exchanged or cut off: where only leaves were hit, every row on the others is judged.
//!
//! Of a log WITHOUT ROWID, whose rows stand on interior pages too, the same holds where interior pages were wiped out, and
//! where all pages that were hit were wiped out nothing is judged that was deleted.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use auditglass::Verdict;
use auditglass_fuzz::database::{Keyed, PAGE, keyed, sample};
use auditglass_fuzz::judged::{Judged, judge_one};
use libfuzzer_sys::fuzz_target;

/// What a recipe made of the sample.
struct Damaged {
    bytes: Vec<u8>,
    /// The pages that were hit.
    hit: BTreeSet<u32>,
    /// Those on which there is nothing any more that could be a page's.
    wiped: BTreeSet<u32>,
}

fn damage(sample: &[u8], recipe: &[u8]) -> Damaged {
    let mut bytes = sample.to_vec();
    let (mut hit, mut wiped) = (BTreeSet::new(), BTreeSet::new());
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
        let page = u32::try_from(at / PAGE + 1).expect("few pages");
        hit.insert(page);
        // Below 14 it could be the type of a page.
        if [3, 4].contains(&(kind % 8)) && place == 0 && value > 13 {
            wiped.insert(page);
        } else {
            wiped.remove(&page);
        }
    }
    Damaged { bytes, hit, wiped }
}

/// How often each id was verified.
fn verified(judged: &Judged) -> BTreeMap<&str, u32> {
    let mut verified = BTreeMap::new();
    let entries = judged.entries.iter();
    for entry in entries.filter(|e| e.verdict == Verdict::Verified) {
        *verified.entry(entry.id.as_str()).or_default() += 1;
    }
    verified
}

fn check_others(judged: &Judged, pages: &BTreeMap<u32, BTreeSet<String>>, hit: &BTreeSet<u32>) {
    let verified = verified(judged);
    for (page, ids) in pages.iter().filter(|(page, _)| !hit.contains(page)) {
        for id in ids {
            assert!(
                verified.contains_key(id.as_str()),
                "{id} on page {page} was not judged"
            );
        }
    }
}

fn check_keyed(judged: &Judged, damaged: &Damaged, sample: &Keyed) {
    let is_of_log = |page: &u32| sample.pages.contains_key(page);
    let is_other = |page: &u32| sample.others.contains(page);
    let is_wiped = |page: &u32| damaged.wiped.contains(page);
    let hit = &damaged.hit;
    if hit
        .iter()
        .all(|p| sample.leaves.contains(p) || is_of_log(p) && is_wiped(p))
    {
        check_others(judged, &sample.pages, hit);
    }
    if hit
        .iter()
        .all(|p| is_wiped(p) && (is_of_log(p) || is_other(p)))
    {
        check_others(judged, &sample.pages, hit);
        let deleted = judged
            .entries
            .iter()
            .find(|e| sample.deleted.contains(&e.id));
        assert!(deleted.is_none(), "{deleted:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((which, recipe)) = data.split_first() else {
        return;
    };
    if which % 2 == 0 {
        let sample = sample();
        let damaged = damage(&sample.bytes, recipe);
        let judged = judge_one("log.db", &damaged.bytes);
        if damaged
            .hit
            .iter()
            .all(|page| sample.leaves.contains_key(page))
        {
            check_others(&judged, &sample.leaves, &damaged.hit);
        }
    } else {
        let damaged = damage(&keyed().bytes, recipe);
        check_keyed(&judge_one("log.db", &damaged.bytes), &damaged, keyed());
    }
});
