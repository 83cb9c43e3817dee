//! CSV that is too long, ragged, cut off, or broken wherever a quote, a separator or a line end can be.

use super::mutate::Random;
use super::{Outcome, examine_one};

const HEADER: &str = "entry_id,timestamp,event_type,actor,resource_type,resource_id,action,details,checksum,written_at\n";

fn record(actor: &str) -> String {
    format!("e,t,x,{actor},r,i,c,{{}},0000000000000000,w\n")
}

/// A log with a record before and one behind those between.
fn examine_around(name: &str, records: &str) -> Outcome {
    let plain = record("a");
    let outcome = examine_one(name, format!("{HEADER}{plain}{records}{plain}"));
    assert!(!outcome.is_consistent, "{name}");
    outcome
}

#[test]
fn records_of_every_excess() {
    const LONG: usize = 4 << 20;
    let a = "a".repeat(LONG);
    for (name, records, least) in [
        ("a long field", record(&a), 3),
        ("a long quoted field", record(&format!("\"{a}\"")), 3),
        (
            "doubled quotes",
            record(&format!("\"{}\"", "\"\"".repeat(LONG / 2))),
            3,
        ),
        (
            "lines in a field",
            record(&format!("\"{}\"", "\n".repeat(LONG))),
            3,
        ),
        ("many fields", record(&",".repeat(LONG)), 2),
        ("many empty lines", "\n".repeat(LONG), 2),
        ("many short records", "a,b\n".repeat(100_000), 2),
        ("NUL bytes", "\0".repeat(LONG), 1),
        ("carriage returns", "\r".repeat(LONG), 1),
        ("quotes", "\"".repeat(LONG + 1), 1),
        ("a quote that is never closed", format!("\"{a}\n"), 1),
        ("a quote inside a field", record(&format!("a\"{a}")), 2),
        ("text behind a quote", record(&format!("\"a\"{a}")), 2),
    ] {
        let outcome = examine_around(name, &records);
        assert!(outcome.entries >= least, "{name}: {}", outcome.entries);
    }
}

#[test]
fn headers_of_every_kind() {
    let plain = record("a");
    for (name, header) in [
        ("only a header", HEADER.to_owned()),
        ("a header and half a record", format!("{HEADER}e,t,x")),
        ("a header twice", format!("{HEADER}{HEADER}{plain}")),
        ("a name twice", format!("actor,{HEADER}a,{plain}")),
        (
            "a header of a million names",
            format!("{}{HEADER}{plain}", "x,".repeat(1_000_000)),
        ),
        (
            "a header that never ends",
            format!("\"{}", HEADER.repeat(1000)),
        ),
        ("a header of NUL bytes", "\0".repeat(100_000)),
        ("commas", ",".repeat(1_000_000)),
    ] {
        let _ = examine_one(name, header);
    }
}

#[test]
fn flipped_cut_and_doubled_bytes() {
    let mut random = Random::new(20_261_124);
    let record = |i: usize| {
        format!(
            "e{i},2026-01-01T00:00:00,x,\"a, \"\"{i}\"\"\n\",r,i,c,\"{{\"\"n\"\": {i}}}\",0000000000000000,w\n"
        )
    };
    let whole = format!("{HEADER}{}", (0..12).map(record).collect::<String>()).into_bytes();
    for round in 0..400 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = *b"\",\n\r\0;\t\xFF".get(random.below(8)).unwrap_or(&b'x'),
                1 => bytes.truncate(at + 1),
                2 => bytes.insert(at, b"\",\n\r"[random.below(4)]),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                bytes.push(b',');
            }
        }
        let _ = examine_one(&format!("round {round}"), bytes);
    }
}
