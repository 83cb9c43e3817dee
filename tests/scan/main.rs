//! How often the scan is right: every line of a labelled corpus as a log of one entry, counted by kind.
//!
//! `corpus.jsonl` was made by `make_corpus.py`, whose values follow other rules than the detectors do. The table that is
//! printed (`--nocapture`) stands in `docs/reports.md`.

mod hostile;

use std::collections::BTreeMap;
use std::path::Path;

use auditglass::{Case, Input, Memory, Quiet};
use auditglass_tests::root;
use serde_json::{Map, Value, json};

/// Right, wrong and overlooked.
#[derive(Clone, Copy, Default)]
struct Score {
    right: u32,
    wrong: u32,
    overlooked: u32,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.overlooked += other.overlooked;
    }

    fn precision(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.overlooked).max(1))
    }
}

/// What is asked of all kinds together, and of each: a little less than was measured.
const OVERALL: f64 = 0.95;
const EACH: f64 = 0.75;

#[test]
fn the_scan_is_right_about_a_labelled_corpus() {
    let named = std::env::var_os("SCAN_CORPUS");
    let file = named.map_or_else(|| root().join("tests/scan/corpus.jsonl"), Into::into);
    let lines = read(&file);
    let (mut positives, mut negatives, mut alarms) = (0, 0, 0);
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        let labels: Vec<String> = texts(&line["kinds"]);
        let found = scan(line);
        for kind in &found {
            let score = scores.entry(kind.clone()).or_default();
            if labels.contains(kind) {
                score.right += 1;
            } else {
                score.wrong += 1;
                println!("line {}: no {kind}: {line}", number + 1);
            }
        }
        for kind in labels.iter().filter(|k| !found.contains(k)) {
            scores.entry(kind.clone()).or_default().overlooked += 1;
            println!("line {}: {kind} overlooked: {line}", number + 1);
        }
        if labels.is_empty() {
            negatives += 1;
            alarms += u32::from(!found.is_empty());
        } else {
            positives += 1;
        }
    }
    let mut all = Score::default();
    println!("| kind | right | wrong | overlooked | precision | recall |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let row = |name: &str, s: Score| {
        println!(
            "| {name} | {} | {} | {} | {:.3} | {:.3} |",
            s.right,
            s.wrong,
            s.overlooked,
            s.precision(),
            s.recall()
        );
    };
    for (kind, score) in &scores {
        row(&format!("`{kind}`"), *score);
        all.add(*score);
    }
    row("all", all);
    println!(
        "{positives} positives, {negatives} negatives, {alarms} of which were taken for something"
    );
    assert!(positives >= 500 && negatives >= 2_000);
    assert!(all.precision() >= OVERALL && all.recall() >= OVERALL);
    for (kind, score) in &scores {
        assert!(
            score.precision() >= EACH && score.recall() >= EACH,
            "{kind}"
        );
    }
}

/// Nothing of an example is in clear but its first and its last character.
fn masked(example: &str) {
    let mut inner = example.chars();
    inner.next();
    inner.next_back();
    let is_mark = |c: char| matches!(c, 'x' | '#' | ' ') || c.is_ascii_punctuation();
    assert!(inner.all(is_mark), "{example}");
}

/// The samples are of logs as they should be: neither persons nor secrets are seen in them.
#[test]
fn nothing_is_seen_in_the_samples_but_what_they_hold() {
    for name in ["good.db", "export.json", "export.jsonl", "wrapped.json"] {
        let mut case = Case::open(vec![auditglass_tests::file_input(
            &root().join("examples").join(name),
        )]);
        case.verify(&mut Quiet).expect("nobody breaks off");
        let scan = case.scan().expect("the entries are still there");
        let mut paths: Vec<_> = scan.sightings.iter().map(|s| s.path.as_str()).collect();
        paths.dedup();
        let expected = [
            "details.epochs",
            "details.learning_rate",
            "details.input_feature_hash",
        ];
        assert_eq!(paths, expected, "{name}");
    }
}

fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("the corpus can be read");
    let line = |line: &str| serde_json::from_str(line).expect("a line is JSON");
    text.lines().map(line).collect()
}

fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The kinds that are seen in one entry.
fn scan(line: &Value) -> Vec<String> {
    let mut entry = Map::new();
    for (name, value) in [
        ("timestamp", "2026-03-02T09:14:07.118402"),
        ("entry_id", "7f9c4f6e-2d0b-4c55-9a4e-2f8f0f0f8a11"),
        ("event_type", "inference_request"),
        ("actor", "serving-gateway"),
        ("resource_type", "model"),
        ("resource_id", "credit-risk:2.3.0"),
        ("action", "predict"),
    ] {
        entry.insert(name.into(), json!(value));
    }
    entry.insert("details".into(), line["details"].clone());
    entry.insert("written_at".into(), json!("2026-03-02T09:14:07.120011"));
    for (name, value) in line["fields"].as_object().into_iter().flatten() {
        entry.insert(name.clone(), value.clone());
    }
    let mut case = Case::open(vec![Input {
        name: "log.json".into(),
        bytes: Box::new(Memory::new(
            Value::Array(vec![entry.into()]).to_string().into_bytes(),
        )),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody breaks off");
    let scan = case.scan().expect("the entry is still there");
    assert_eq!(scan.entries, 1, "{line}");
    for sighting in &scan.sightings {
        assert!(!sighting.path.contains('@'), "{line}");
        sighting.examples.iter().for_each(|e| masked(e));
    }
    let mut kinds: Vec<String> = scan.sightings.into_iter().map(|s| s.kind).collect();
    kinds.dedup();
    kinds
}
