//! A zip archive of any members: judged as the members themselves, and where its bytes were changed nothing panics.
#![no_main]

use auditglass_fuzz::judged::judge_one;
use auditglass_fuzz::log;
use auditglass_tests::pack::{ZipMember, zip};
use libfuzzer_sys::fuzz_target;

/// Makes the members from any bytes: a zero byte ends one.
fn members(recipe: &[u8]) -> Vec<ZipMember> {
    let whole = log::json("a");
    let make = |(i, piece): (usize, &[u8])| {
        let (kind, rest) = piece.split_first().unwrap_or((&0, &[]));
        let bytes = match kind >> 6 {
            0 => rest.to_vec(),
            1 => [whole.as_bytes(), b"\n", rest].concat(),
            2 => [b"[", whole.as_bytes(), rest].concat(),
            _ => [&zip(&[])[..], rest].concat(),
        };
        ZipMember {
            name: format!("{i}.jsonl"),
            bytes,
            method: [0, 8, 93, 8, 0, 93, 0, 12][usize::from(kind & 7)],
            has_descriptor: kind & 8 == 8,
            is_encrypted: kind & 48 == 48,
            is_wide: kind & 16 == 16,
        }
    };
    recipe
        .split(|b| *b == 0)
        .take(4)
        .enumerate()
        .map(make)
        .collect()
}

fuzz_target!(|data: &[u8]| {
    let [options, recipe @ ..] = data else {
        return;
    };
    let (recipe, changes) = match options % 4 {
        0 => (recipe, &[][..]),
        n => recipe.split_at(recipe.len().saturating_sub(usize::from(n) * 6)),
    };
    let members = members(recipe);
    let mut archive = zip(&members);
    let len = archive.len();
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]]));
        // From the end, where the directory is.
        archive[len - 1 - at % len] = change[2];
    }
    if options & 128 == 128 {
        archive.truncate(len - usize::from(*options & 63) % len);
    }
    let judged = judge_one("log.zip", &archive);
    if changes.is_empty() && options & 128 == 0 && !members.is_empty() {
        let mut expected = Vec::new();
        for member in members.iter().filter(|m| !m.is_encrypted && m.method != 12) {
            // An archive within an archive is not opened.
            if !member.bytes.starts_with(b"PK") {
                expected.push(judge_one(&member.name, &member.bytes));
            }
        }
        let mut expected: Vec<_> = expected.iter().flat_map(|j| j.said()).collect();
        let mut found = judged.said();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
});
