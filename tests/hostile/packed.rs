//! Bombs, lies and damage in compressed files.

use auditglass_tests::pack::{ZipMember, encode, gzip, zip, zstd};

use super::{examine, examine_files, examine_one, example, mutate::Random, watched};
use auditglass_tests::memory_input;

fn entries(count: usize) -> Vec<u8> {
    let line = |i| {
        format!(
            "{{\"entry_id\":\"{i}\",\"timestamp\":\"t\",\"event_type\":\"x\",\"actor\":\"a\",\"resource_type\":\"r\",\"resource_id\":\"i\",\"action\":\"c\",\"details\":{{}},\"checksum\":\"0000000000000000\"}}\n"
        )
    };
    (0..count).map(line).collect::<String>().into_bytes()
}

fn member(name: &str, bytes: &[u8]) -> ZipMember {
    ZipMember {
        name: name.into(),
        bytes: bytes.into(),
        method: 8,
        ..ZipMember::default()
    }
}

/// A gzip file out of which come `megabytes` MB of one byte, behind a head: the deflate stream of one MB that ends on a byte's
/// boundary, again and again.
fn bomb(head: &[u8], byte: u8, megabytes: usize) -> Vec<u8> {
    use miniz_oxide::deflate::core::{
        CompressorOxide, TDEFLFlush, compress, create_comp_flags_from_zip_params,
    };
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    let flags = create_comp_flags_from_zip_params(9, 0, 0);
    let piece = |bytes: &[u8]| {
        let mut packed = vec![0; bytes.len() + 1000];
        let (_, _, n) = compress(
            &mut CompressorOxide::new(flags),
            bytes,
            &mut packed,
            TDEFLFlush::Full,
        );
        packed.truncate(n);
        packed
    };
    out.extend(piece(head));
    out.extend(piece(&vec![byte; 1 << 20]).repeat(megabytes));
    out
}

#[test]
fn a_bomb_of_zeros_is_no_log() {
    // 10 GB, which are looked at no further than it takes to see that they are nothing.
    let outcome = examine_one("bomb.gz", bomb(b"", 0, 10 << 10));
    assert_eq!(outcome.refused, 1);
    let inner = gzip(&bomb(b"", 0, 10 << 10));
    let outcome = examine_one("bomb.gz.gz", inner.clone());
    assert_eq!(outcome.refused, 1);
    let outcome = examine_one("bomb.zip", zip(&[member("bomb.gz", &inner)]));
    assert_eq!(outcome.refused, 1);
}

#[test]
fn a_bomb_behind_an_entry_is_one_long_line() {
    let head = entries(3);
    let outcome = examine_files(
        "bomb.gz",
        300,
        vec![("bomb.gz".into(), bomb(&head, b' ', 600))],
    );
    assert_eq!(outcome.entries, 3);
    assert!(outcome.has("entry-too-long") && outcome.has("compressed-cut-off"));
}

#[test]
fn a_database_that_is_too_large_is_refused() {
    // By what its header says, before anything is unpacked.
    let mut header = example("good.db")[..4096].to_vec();
    header[28..32].copy_from_slice(&0x00FF_FFFF_u32.to_be_bytes());
    let outcome = examine_one("header.db.gz", gzip(&header));
    assert_eq!((outcome.refused, outcome.entries), (1, 0));
    // And if it says something else, when it has become too large.
    header[28..32].copy_from_slice(&1_u32.to_be_bytes());
    let bytes = bomb(&header, 0, 600);
    let outcome = examine_files("bomb.db.gz", 300, vec![("bomb.db.gz".into(), bytes)]);
    assert_eq!((outcome.refused, outcome.entries), (1, 0));
}

#[test]
fn cut_off_at_every_byte() {
    let log = entries(6);
    let members = [
        member("a.jsonl", &log),
        ZipMember {
            method: 93,
            has_descriptor: true,
            ..member("b.jsonl", &log)
        },
        ZipMember {
            method: 0,
            is_wide: true,
            ..member("c.jsonl", &log)
        },
    ];
    let packed = vec![
        ("log.gz", [gzip(&log), gzip(&log)].concat()),
        ("log.zst", [zstd(&log), zstd(&log)].concat()),
        ("log.zip", zip(&members)),
        ("log.txt", encode(&log, "utf-16-le")),
        ("log.txt.gz", gzip(&encode(&log, "utf-32-be"))),
    ];
    for (name, bytes) in packed {
        watched(name, 300, move || {
            for len in 1..bytes.len() {
                let cut = memory_input(name, &bytes[..len]);
                let outcome = examine(vec![cut], true);
                assert!(!outcome.is_consistent, "{name} cut off at {len}");
                // What a whole member holds is never lost.
                let is_second = len > bytes.len() * 3 / 4 && !name.starts_with("log.txt");
                assert!(
                    !is_second || outcome.entries >= 6,
                    "{name} cut off at {len}"
                );
            }
        });
    }
}

#[test]
fn flipped_bits_are_never_silent() {
    let log = example("export.jsonl");
    let members = [
        member("a.jsonl", &log),
        ZipMember {
            method: 93,
            ..member("b.jsonl", &log)
        },
    ];
    let zip_len = zip(&members).len();
    // What is no part of what is checked: the header of gzip; in a zip archive only the data is flipped.
    for (name, bytes, from, to) in [
        ("log.gz", gzip(&log), 10, gzip(&log).len()),
        ("log.zst", zstd(&log), 14, zstd(&log).len()),
        ("log.zip", zip(&members), 50, zip_len - 400),
    ] {
        watched(name, 300, move || {
            let mut random = Random::new(11);
            let whole = examine(vec![memory_input(name, bytes.clone())], true).entries;
            for _ in 0..300 {
                let mut bytes = bytes.clone();
                let at = from + random.below(to - from);
                bytes[at] ^= 1 << random.below(8);
                let outcome = examine(vec![memory_input(name, bytes)], true);
                assert!(
                    !outcome.is_consistent || outcome.entries == whole && name == "log.zip",
                    "{name} with a flip at {at}"
                );
            }
        });
    }
}

#[test]
fn members_that_overlap_are_not_read_twice() {
    let mut bytes = zip(&[
        member("a.jsonl", &entries(2)),
        member("b.jsonl", &entries(3)),
    ]);
    // The second entry of the directory leads to the first member.
    let second = bytes
        .windows(4)
        .rposition(|w| w == b"PK\x01\x02")
        .expect("an entry");
    bytes[second + 42..second + 46].fill(0);
    let outcome = examine_one("overlap.zip", bytes);
    assert_eq!(outcome.entries, 2);
    assert!(outcome.has("member-not-read") && outcome.has("archive-gap"));
}

#[test]
fn an_archive_of_as_many_members_as_there_can_be() {
    let log = entries(1);
    let mut members = vec![member("", b""); 65_535];
    for (i, member) in members.iter_mut().enumerate() {
        member.name = format!("{}{i}", "../".repeat(i % 40));
        if i % 100 == 0 {
            member.bytes.clone_from(&log);
        }
    }
    let bytes = zip(&members);
    let outcome = examine_files("many.zip", 300, vec![("many.zip".into(), bytes)]);
    assert_eq!(outcome.entries, 656);
    assert_eq!(
        outcome
            .codes
            .iter()
            .filter(|c| **c == "member-no-log")
            .count(),
        10_000
    );
}

#[test]
fn noise_behind_every_magic() {
    let mut random = Random::new(5);
    let magics: [&[u8]; 7] = [
        b"\x1F\x8B\x08\x00",
        b"\x28\xB5\x2F\xFD",
        b"\x50\x2A\x4D\x18",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xFF\xFE",
        b"\x00\x00\xFE\xFF",
    ];
    watched("noise", 300, move || {
        for i in 0..700 {
            let mut bytes = magics[i % magics.len()].to_vec();
            let len = random.below(3_000);
            bytes.extend((0..len).map(|_| random.byte()));
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len());
                let magic = magics[random.below(magics.len())];
                bytes.splice(at..at, magic.iter().copied());
            }
            let outcome = examine(vec![memory_input("noise", bytes)], true);
            assert!(!outcome.is_consistent);
        }
    });
}
