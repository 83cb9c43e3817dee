//! Measures what the engine keeps of a million entries and how fast it answers, natively: bytes an entry, and the time of
//! a search on two columns with all facet counts and a timeline. `cargo xtask bench` calls it.
//!
//! Two logs are made: one as logs are, with some dozens of different values in each field, and one in which every entry
//! is about another resource and the actors are 100,000.

use std::time::{Duration, Instant};

use auditglass::{Case, FacetAsk, Input, Memory, Quiet, Selection, Sort, SurveyAsk, TimelineAsk};
use sha2::{Digest, Sha256};

const ENTRIES: u64 = 1_000_000;
const TURNS: usize = 20;
const FIELDS: [&str; 7] = [
    "verdict",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "source",
];

fn main() {
    let entries = std::env::args().nth(1);
    let entries = entries.map_or(ENTRIES, |n| n.parse().expect("a number of entries"));
    measure("few different values", entries, (40, 500));
    measure("many different values", entries, (100_000, entries));
}

fn measure(what: &str, entries: u64, (actors, resources): (u64, u64)) {
    let log = log(entries, actors, resources);
    let bytes = log.len();
    let mut case = Case::open(vec![Input {
        name: "log.jsonl".into(),
        bytes: Box::new(Memory::new(log)),
        is_found: false,
    }]);
    let start = Instant::now();
    case.verify(&mut Quiet).expect("nobody breaks off");
    let verified = start.elapsed();
    assert_eq!(case.totals().entries, entries);
    let (rows, dictionaries) = case.index_bytes();
    let each = |bytes: usize| bytes as f64 / entries as f64;
    println!(
        "{entries} entries, {what}, {} MB of JSON Lines",
        bytes >> 20
    );
    println!(
        "  kept of an entry {:>29.1} bytes (aim 64), and {:.1} for dictionaries",
        each(rows),
        each(dictionaries)
    );
    println!("  verified on one thread in {:>18.0} ms", millis(verified));

    let survey = SurveyAsk {
        facets: FIELDS
            .map(|field| FacetAsk {
                field: field.into(),
                limit: 20,
                ..FacetAsk::default()
            })
            .into(),
        timeline: Some(TimelineAsk {
            buckets: 120,
            ..TimelineAsk::default()
        }),
    };
    for filter in [
        "",
        "event_type:event_2 action:action_3",
        "-event_type:event_2 -action:action_3",
        "actor:person.1 resource_type:kind_1",
    ] {
        let selection = Selection {
            filter: filter.into(),
            sort: None,
        };
        let mut matched = 0;
        let times = turns(|| {
            let mut search = case.select(&selection).expect("it is a filter");
            let found = case
                .survey(&mut search, &survey)
                .expect("it can be counted");
            matched = found.totals.entries;
        });
        print_times(
            &format!("[{filter}] {matched} found, facets and timeline"),
            &times,
        );
    }
    for column in ["timestamp", "actor", "resource_id", "entry_id"] {
        let selection = Selection {
            filter: String::new(),
            sort: Some(Sort {
                column: column.into(),
                descending: true,
            }),
        };
        let times = turns(|| {
            let mut search = case.select(&selection).expect("it is a filter");
            case.finish(&mut search).expect("it can be sorted");
        });
        print_times(&format!("sorted by {column}"), &times);
    }
    println!();
}

fn turns(mut work: impl FnMut()) -> Vec<Duration> {
    let mut times: Vec<_> = (0..TURNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

fn print_times(what: &str, times: &[Duration]) {
    let percentile = |n: usize| millis(times[(times.len() * n / 100).min(times.len() - 1)]);
    println!(
        "  {what:<78} {:>7.1} ms, 95th percentile {:>7.1} ms",
        percentile(50),
        percentile(95)
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A log as JSON Lines; one entry in a thousand claims no checksum.
fn log(entries: u64, actors: u64, resources: u64) -> Vec<u8> {
    let mut state = 20_261_124_u64;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut log = String::new();
    for i in 0..entries {
        let (day, second) = (i / 3000, i % 3000 * 28);
        let timestamp = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
            2020 + day / 336,
            day / 28 % 12 + 1,
            day % 28 + 1,
            second / 3600,
            second / 60 % 60,
            second % 60,
            below(1_000_000)
        );
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            below(1 << 31),
            below(1 << 16),
            below(1 << 12),
            below(1 << 12),
            below(1 << 31)
        );
        let (action, actor, score, event) = (below(6), below(actors), below(1_000_000), below(8));
        let resource = if resources == entries {
            i
        } else {
            below(resources)
        };
        let kind = below(4);
        // As Python writes it, so that it is its own canonical form.
        let message = format!(
            "{{\"action\": \"action_{action}\", \"actor\": \"person.{actor}\", \"details\": {{\"score\": {score}}}, \
             \"entry_id\": \"{id}\", \"event_type\": \"event_{event}\", \"resource_id\": \"resource:{resource}\", \
             \"resource_type\": \"kind_{kind}\", \"timestamp\": \"{timestamp}\"}}"
        );
        log += &message[..message.len() - 1];
        if i % 1000 == 7 {
            log += ", \"checksum\": null}\n";
        } else {
            log += ", \"checksum\": \"";
            for byte in &Sha256::digest(&message)[..8] {
                log += &format!("{byte:02x}");
            }
            log += "\"}\n";
        }
    }
    log.into_bytes()
}
