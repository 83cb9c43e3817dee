//! Logs of which nothing was removed or changed, each with what happens to clean ones: nights, several writers at once,
//! repeated and failed requests, clocks, a second program, rotation. None may show a sign that is moderate or strong.

use super::logs::{Entry, counted, csv, dump, json_array, json_lines, kept, opened, table};
use super::random;
use crate::canon::Canonicalizer;
use crate::case::Case;
use crate::index::{Stamp, read_time};
use crate::source::tests::{gzip, zstd};
use crate::view::Strength;

const LOGS: u64 = 100;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.roll(of.len() as u64);
        of[usize::try_from(at).unwrap_or(0)]
    }
}

/// A local time, in milliseconds since the beginning of March.
fn time(millis: u64) -> String {
    let (second, day) = (millis / 1000 % 86_400, millis / 86_400_000);
    format!(
        "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}000",
        3 + day / 28,
        1 + day % 28,
        second / 3600,
        second / 60 % 60,
        second % 60,
        millis % 1000
    )
}

/// As the reference stores the details.
fn spelled(json: &str) -> String {
    let mut canon = Canonicalizer::default();
    let text = canon.in_order(json.as_bytes()).expect("it is JSON");
    String::from_utf8(text.to_vec()).expect("it is ASCII")
}

/// Details of every shape, numbers and letters among them that other writers spell otherwise.
fn details(dice: &mut Dice, i: u64) -> String {
    let score = dice.pick(&["0.5", "1.0", "1e-07", "123456789.25", "1e+22", "-0.0"]);
    let name = dice.pick(&["Zoë", "ada", "日本", "a/b", "tab\\t", "𝒳"]);
    let json = match dice.roll(5) {
        0 => "{}".to_owned(),
        1 => format!(r#"{{"request_id": "r{i}", "score": {score}}}"#),
        2 => format!(r#"{{"by": "{name}", "rows": {i}, "list": [1, {{"x": null}}]}}"#),
        3 => format!(r#"{{"note": "a, b: {name}"}}"#),
        _ => format!(r#"{{"score": {score}, "b": true, "a": "{name}"}}"#),
    };
    spelled(&json)
}

/// A clean log as it was written, in order.
fn log(seed: u64) -> Vec<Entry> {
    let mut dice = Dice(seed);
    let count = 60 + dice.roll(200);
    let counts_up = dice.roll(3) == 0;
    let first = dice.roll(5000);
    let step = 1 + dice.roll(400_000);
    // Local time against UTC, or a writer that keeps entries back for a while.
    let ahead = dice.pick(&[0, 0, 3_600_000, 2 * 3_600_000]);
    let flush = dice.pick(&[50, 50, 3_000, 40_000]);
    let is_second_program = dice.roll(4) == 0;
    let clock_back = (dice.roll(6) == 0).then_some(count / 2);
    let mut now = dice.roll(20 * 86_400_000);
    let mut all = Vec::new();
    for i in 0..count {
        now += 1 + dice.roll(2 * step);
        if dice.roll(60) == 0 {
            now += 10 * 3_600_000;
        }
        if Some(i) == clock_back {
            now = now.saturating_sub(3_600_000);
        }
        let jitter = dice.roll(900);
        let event = dice.pick(&["data_access", "model_training", "configuration_change"]);
        let mut entry = Entry {
            id: if counts_up {
                format!("evt-{:08}", first + i)
            } else {
                random(usize::try_from(seed * 1000 + i).unwrap_or(0))
            },
            time: time(now.saturating_sub(jitter)),
            written: time(now + ahead + dice.roll(flush)),
            event,
            actor: dice.pick(&["ada", "svc", "zoe"]),
            details: details(&mut dice, i),
        };
        match dice.roll(4) {
            0 => entry.event = "inference_request",
            1 => entry.event = "inference_response",
            _ => {}
        }
        if is_second_program && event == "configuration_change" && entry.event == event {
            entry.details = entry.details.replace(": ", ":").replace(", ", ",");
        }
        all.push(entry);
    }
    all
}

/// Requests and responses that belong together, some of them under way at the ends, and some requests failed.
fn paired(log: &mut [Entry], dice: &mut Dice) {
    let mut open: Option<usize> = None;
    for (i, entry) in log.iter_mut().enumerate() {
        match (entry.event, open) {
            ("inference_request", _) => open = Some(i),
            ("inference_response", Some(request)) if dice.roll(10) > 0 => {
                entry.details = spelled(&format!(r#"{{"request_id": "r{request}"}}"#));
                open = None;
                continue;
            }
            _ => {}
        }
        match entry.event {
            "inference_request" => {
                entry.details = spelled(&format!(r#"{{"request_id": "r{i}"}}"#));
            }
            "inference_response" => entry.event = "model_evaluation",
            _ => {}
        }
    }
}

#[track_caller]
fn clean(what: &str, seed: u64, case: &Case) {
    assert!(
        case.is_consistent() || what == "twice",
        "{what} {seed}: {:?}",
        case.findings()
    );
    let heavy = case.completeness();
    let heavy: Vec<_> = (heavy.iter())
        .filter(|e| e.strength > Strength::Weak)
        .map(|e| format!("{}: {} {:?}", e.code, e.message, e.entries))
        .collect();
    assert!(heavy.is_empty(), "{what} {seed}: {heavy:#?}");
}

/// The same log as other programs pack it.
fn packed(seed: u64, lines: &[u8]) {
    let text = std::str::from_utf8(lines).expect("JSON Lines are UTF-8");
    let utf16 = || text.encode_utf16().flat_map(u16::to_le_bytes);
    let with_mark = [0xFF, 0xFE].into_iter().chain(utf16()).collect();
    let utf32 = text.chars().flat_map(|c| u32::from(c).to_be_bytes());
    for (what, bytes) in [
        ("gzip", gzip(lines)),
        ("zstd", zstd(lines)),
        ("zip", zip("log.jsonl", lines)),
        ("utf-16", with_mark),
        ("utf-32", utf32.collect()),
    ] {
        clean(what, seed, &opened(vec![("log", bytes)]));
    }
}

/// An archive with one member, stored (APPNOTE.TXT, 4.3).
fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes();
    let name_len = u16::try_from(name.len()).unwrap_or(0).to_le_bytes();
    let crc = crc32fast::hash(bytes).to_le_bytes();
    // From the version that is needed to the length of the extra field: the same in both headers.
    let about = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5C][..],
        &crc,
        &size,
        &size,
        &name_len,
        &[0, 0],
    ]
    .concat();
    let local = [&b"PK\x03\x04"[..], &about, name.as_bytes(), bytes].concat();
    let central = [&b"PK\x01\x02\x14\0"[..], &about, &[0; 14], name.as_bytes()].concat();
    let len = |part: &[u8]| u32::try_from(part.len()).unwrap_or(0).to_le_bytes();
    let end = [
        &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
        &len(&central),
        &len(&local),
        &[0, 0],
    ]
    .concat();
    [local, central, end].concat()
}

#[test]
fn a_hundred_clean_logs_in_every_container() {
    for seed in 0..LOGS {
        let mut entries = log(seed);
        paired(&mut entries, &mut Dice(seed + 7));
        clean(
            "json",
            seed,
            &opened(vec![("log.json", json_array(&entries))]),
        );
        clean(
            "lines",
            seed,
            &opened(vec![("log.jsonl", json_lines(&entries))]),
        );
        packed(seed, &json_lines(&entries));
        clean("csv", seed, &opened(vec![("log.csv", csv(&entries))]));
        clean("dump", seed, &opened(vec![("log.sql", dump(&entries))]));
        // Sent twice: a database ignores the second one.
        let mut twice = entries.clone();
        twice.insert(entries.len() / 2, entries[entries.len() / 3].clone());
        clean("sqlite", seed, &kept(&table(""), &twice, ""));
        if seed % 4 == 0 {
            clean("counted", seed, &kept(&counted(true), &twice, ""));
            let half = entries.len() / 2;
            let (old, new) = entries.split_at(half);
            clean(
                "rotated",
                seed,
                &opened(vec![
                    ("log.1.jsonl", json_lines(old)),
                    ("log.2.jsonl", json_lines(new)),
                ]),
            );
        }
    }
}

#[test]
fn the_times_of_the_logs_are_times() {
    let Stamp { micros, .. } = read_time(time(86_400_000 * 30 + 1).as_bytes());
    assert_eq!(micros, read_time(b"2026-04-03T00:00:00.001").micros);
}
