//! Random damage to the sample logs, the same in every run.

use std::time::{Duration, Instant};

use super::{Files, examine_files, example};

/// A small generator of its own (SplitMix64), so that a failure can be made again anywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).expect("below a usize")
    }
}

fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        // Headers and the first pages decide most.
        let at = if random.below(3) == 0 {
            at % 600 % bytes.len()
        } else {
            at
        };
        let len = random.below(64).min(bytes.len() - at);
        match random.below(8) {
            0 | 1 => bytes[at] = random.byte(),
            2 => bytes[at] ^= 1 << random.below(8),
            3 => bytes[at] = [0, 0xFF, b'"', b'\\', b'{', b']', b'\n', 0x7F][random.below(8)],
            4 => bytes[at..at + len].fill_with(|| random.byte()),
            5 => bytes.truncate(at),
            6 => {
                bytes.drain(at..at + len);
            }
            _ => {
                let slice = bytes[at..at + len].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, slice);
            }
        }
    }
}

#[test]
fn damaged_samples() {
    let samples: Vec<Files> = [
        &["tampered.db"][..],
        &["good.db"],
        &["wal.db", "wal.db-wal"],
        &["export.json"],
        &["export.jsonl"],
        &["wrapped.json"],
    ]
    .iter()
    .map(|names| {
        names
            .iter()
            .map(|n| ((*n).to_owned(), example(n)))
            .collect()
    })
    .chain([vec![("sequence.json".to_owned(), super::text::sequence())]])
    .collect();
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let make = |round: u64| {
        let mut random = Random::new(round);
        let mut files = samples[random.below(samples.len())].clone();
        let which = random.below(files.len());
        damage(&mut random, &mut files[which].1);
        files
    };
    if let Some(round) = number("AUDITGLASS_HOSTILE_ROUND") {
        // One round again, its files kept to be looked at.
        let folder = std::env::temp_dir().join(format!("auditglass-round-{round}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes) in make(round) {
            std::fs::write(folder.join(name), bytes).expect("a file");
        }
        println!("the files are in {}", folder.display());
        examine_files(&format!("round {round}"), 60, make(round));
        return;
    }
    let end =
        Instant::now() + Duration::from_secs(number("AUDITGLASS_HOSTILE_SECONDS").unwrap_or(40));
    let mut rounds = 0;
    while Instant::now() < end && rounds < 6_000 {
        examine_files(&format!("round {rounds}"), 60, make(rounds));
        rounds += 1;
    }
    assert!(
        rounds >= 100,
        "only {rounds} rounds: something is very slow"
    );
    println!("{rounds} damaged samples");
}
