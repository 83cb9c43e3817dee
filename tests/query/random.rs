//! Random filters on a random log, against an evaluator that knows no index, no plan and no language: each filter is made
//! together with a function that tells of one entry whether it fits.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use auditglass::{Case, FacetAsk, Selection, Sort, SurveyAsk, TimelineAsk, Verdict};
use auditglass_tests::memory_input;
use serde_json::Value;

use super::{entry, ids, ids_of, opened};

/// A linear congruential generator (Knuth's constants): the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

const ACTORS: [&str; 6] = ["zoe", "Zoe", "Zoë Müller", "user_1", "user_2", "5"];
const TYPES: [&str; 3] = ["data_access", "inference_request", "model_training"];
const IDS: [&str; 5] = ["credit:1", "credit:2", "claims/1", "5", "a*b"];
const NUMBERS: [&str; 8] = [
    "0",
    "1",
    "1.0",
    "-1",
    "0.5",
    "9007199254740993",
    "9007199254740992.0",
    "1e+30",
];
const WORDS: [&str; 6] = ["alpha", "Alpha", "beta gamma", "1", "\u{e4}rger", "x\\ny"];

/// An entry as the naive evaluator sees it.
struct Entry {
    id: String,
    stamp: String,
    actor: &'static str,
    kind: &'static str,
    resource: &'static str,
    details: Value,
    /// The texts of the details: keys, texts, and other scalars as they stand in the log.
    texts: Vec<String>,
    is_verified: bool,
}

/// A random log, and the same for the evaluator.
fn log(dice: &mut Dice, count: usize) -> (String, Vec<Entry>) {
    let (mut lines, mut entries) = (String::new(), Vec::new());
    for i in 0..count {
        let (actor, kind, resource) = (dice.pick(&ACTORS), dice.pick(&TYPES), dice.pick(&IDS));
        let stamp = format!(
            "2026-{:02}-{:02}T{:02}:00:{:02}",
            1 + dice.below(3),
            1 + dice.below(28),
            dice.below(24),
            dice.below(60)
        );
        let (mut members, mut texts) = (Vec::new(), Vec::new());
        for key in ["a", "b", "c"] {
            let value = match dice.below(5) {
                0 => continue,
                1 => format!("\"{}\"", dice.pick(&WORDS)),
                2 => dice.pick(&["true", "false", "null"]).to_owned(),
                3 => {
                    let inner = dice.pick(&NUMBERS);
                    texts.extend(["d".to_owned(), inner.to_owned()]);
                    members.push(format!("\"{key}\": {{\"d\": {inner}}}"));
                    texts.push(key.to_owned());
                    continue;
                }
                _ => dice.pick(&NUMBERS).to_owned(),
            };
            texts.push(key.to_owned());
            texts.push(match serde_json::from_str::<Value>(&value) {
                Ok(Value::String(text)) => text,
                _ => value.clone(),
            });
            members.push(format!("\"{key}\": {value}"));
        }
        let details = format!("{{{}}}", members.join(", "));
        let is_verified = dice.below(4) > 0;
        let json = |text: &str| {
            // As Python writes it, so that the checksum is right.
            let mut out = String::from("\"");
            for c in text.chars() {
                match c {
                    '\0'..='\u{7F}' => out.push(c),
                    c => {
                        let _ = write!(out, "\\u{:04x}", u32::from(c));
                    }
                }
            }
            out + "\""
        };
        let canonical = details.replace('\u{e4}', "\\u00e4");
        let _ = writeln!(
            lines,
            "@{{i{i}|timestamp=\"{stamp}\"|actor={}|event_type=\"{kind}\"|resource_id=\"{resource}\"|details={canonical}{}}}",
            json(actor),
            if is_verified { "" } else { "|checksum:=\"0\"" }
        );
        entries.push(Entry {
            id: format!("i{i}"),
            stamp,
            actor,
            kind,
            resource,
            details: serde_json::from_str(&details).expect("details are JSON"),
            texts,
            is_verified,
        });
    }
    (lines, entries)
}

/// Whether an entry fits.
type Fits = Rc<dyn Fn(&Entry) -> bool>;

/// A filter, and what it means.
#[derive(Clone)]
struct Made {
    text: String,
    fits: Fits,
    /// The one field that it is about.
    field: Option<&'static str>,
}

fn made(
    text: String,
    field: Option<&'static str>,
    fits: impl Fn(&Entry) -> bool + 'static,
) -> Made {
    Made {
        text,
        fits: Rc::new(fits),
        field,
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn field_of(entry: &Entry, name: &str) -> &'static str {
    match name {
        "actor" => entry.actor,
        "event_type" => entry.kind,
        _ => entry.resource,
    }
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The value of a number, exactly: they are all whole or halves, and fit.
fn number(value: &Value) -> Option<i128> {
    let token = match value {
        Value::Number(n) => n.to_string(),
        _ => return None,
    };
    Some(doubled(&token))
}

/// Twice the number that a token stands for.
fn doubled(token: &str) -> i128 {
    match token {
        "1e30" | "1e+30" => 2 * 1_000_000_000_000_000_019_884_624_838_656,
        "0.5" => 1,
        "1.0" => 2,
        "9007199254740992.0" => 2 * 9_007_199_254_740_992,
        whole => 2 * whole.parse::<i128>().expect("a whole number"),
    }
}

fn leaf(dice: &mut Dice) -> Made {
    match dice.below(14) {
        0 | 1 => {
            let name = dice.pick(&["actor", "event_type", "resource_id"]);
            let value = match name {
                "actor" => dice.pick(&ACTORS),
                "event_type" => dice.pick(&TYPES),
                _ => dice.pick(&IDS),
            };
            made(format!("{name}:{}", quoted(value)), Some(name), move |e| {
                field_of(e, name) == value
            })
        }
        2 => {
            let (a, b) = (dice.pick(&ACTORS), dice.pick(&ACTORS));
            let text = format!("actor:({} OR {})", quoted(a), quoted(b));
            made(text, Some("actor"), move |e| e.actor == a || e.actor == b)
        }
        3 => {
            let prefix = dice.pick(&["z", "Z", "user", "cre", "claims/", "5", ""]);
            let name = dice.pick(&["actor", "resource_id"]);
            made(format!("{name}:{prefix}*"), Some(name), move |e| {
                field_of(e, name).starts_with(prefix)
            })
        }
        4 => {
            let value = dice.pick(&["ZOE", "zoe", "zoË mÜller", "USER_1"]);
            made(
                format!("actor:~{}", quoted(value)),
                Some("actor"),
                move |e| lower(e.actor) == lower(value),
            )
        }
        5 => {
            let value = dice.pick(&TYPES);
            made(
                format!("event_type!={value}"),
                Some("event_type"),
                move |e| e.kind != value,
            )
        }
        6 => {
            let is_verified = dice.below(2) == 0;
            let word = if is_verified {
                "verified"
            } else {
                "mismatched"
            };
            made(format!("verdict:{word}"), Some("verdict"), move |e| {
                e.is_verified == is_verified
            })
        }
        7 => {
            let day = format!("2026-{:02}-{:02}", 1 + dice.below(3), 1 + dice.below(28));
            let (word, d) = (dice.pick(&["after", "before", "on"]), day.clone());
            made(format!("{word}:{day}"), None, move |e| match word {
                "after" => e.stamp.as_str() >= d.as_str(),
                "before" => e.stamp.as_str() < d.as_str(),
                _ => e.stamp.starts_with(&d),
            })
        }
        8 | 9 => {
            let (key, op, bound) = (
                dice.pick(&["a", "b", "c"]),
                dice.pick(&["<", "<=", ">", ">=", "="]),
                dice.pick(&NUMBERS),
            );
            let inner = dice.below(3) == 0;
            let path = if inner {
                format!("details.{key}.d")
            } else {
                format!("details.{key}")
            };
            made(format!("{path}{op}{bound}"), None, move |e| {
                let value = &e.details[key];
                let value = if inner { &value["d"] } else { value };
                number(value).is_some_and(|n| {
                    let bound = doubled(bound);
                    match op {
                        "<" => n < bound,
                        "<=" => n <= bound,
                        ">" => n > bound,
                        ">=" => n >= bound,
                        _ => n == bound,
                    }
                })
            })
        }
        10 => {
            let (key, word) = (dice.pick(&["a", "b"]), dice.pick(&WORDS));
            let word = serde_json::from_str::<String>(&format!("\"{word}\"")).expect("a JSON text");
            made(format!("details.{key}:{}", quoted(&word)), None, move |e| {
                e.details[key] == *word.as_str()
            })
        }
        11 => {
            let key = dice.pick(&["a", "b", "c"]);
            made(format!("has:details.{key}"), None, move |e| {
                !e.details[key].is_null()
            })
        }
        12 => {
            let word = dice.pick(&[
                "alpha", "ALPHA", "beta", "gamma", "zoe", "1", "d", "true", "er", "x\\ny", "5",
                "2026-03",
            ]);
            let word = serde_json::from_str::<String>(&format!("\"{word}\"")).expect("a JSON text");
            let any_case = dice.below(3) == 0;
            let text = format!("{}{}", if any_case { "~" } else { "" }, quoted(&word));
            made(text, None, move |e| {
                everywhere(e).iter().any(|t| {
                    if any_case {
                        lower(t).contains(&lower(&word))
                    } else {
                        t.contains(&word)
                    }
                })
            })
        }
        _ => {
            let word = dice.pick(&["alpha", "beta", "user"]);
            made(format!("/^{word}/"), None, move |e| {
                everywhere(e).iter().any(|t| t.starts_with(word))
            })
        }
    }
}

/// Every text of an entry. What the macros of the log put in is the same in all and written out here.
fn everywhere(e: &Entry) -> Vec<String> {
    let mut texts = e.texts.clone();
    let fixed = ["model", "predict", "2024-03-04T18:00:45.227073"];
    texts.extend(fixed.map(str::to_owned));
    texts.extend([
        e.id.clone(),
        e.stamp.clone(),
        e.actor.to_owned(),
        e.kind.to_owned(),
        e.resource.to_owned(),
    ]);
    texts
}

fn tree(dice: &mut Dice, depth: usize) -> Made {
    if depth == 0 || dice.below(3) == 0 {
        return leaf(dice);
    }
    let (a, b) = (tree(dice, depth - 1), tree(dice, depth - 1));
    let (x, y) = (Rc::clone(&a.fits), Rc::clone(&b.fits));
    // Conditions on one field alone are about that field, however they are joined.
    let field = a.field.filter(|field| b.field == Some(field));
    match dice.below(4) {
        0 => made(format!("({} {})", a.text, b.text), field, move |e| {
            x(e) && y(e)
        }),
        1 => made(format!("({} AND {})", a.text, b.text), field, move |e| {
            x(e) && y(e)
        }),
        2 => made(format!("({} OR {})", a.text, b.text), field, move |e| {
            x(e) || y(e)
        }),
        _ => {
            let not = if dice.below(2) == 0 { "-" } else { "NOT " };
            made(format!("{not}{}", a.text), a.field, move |e| !x(e))
        }
    }
}

fn built(seed: u64) -> (Dice, Vec<Entry>, Case) {
    let mut dice = Dice(seed);
    let (lines, entries) = log(&mut dice, 300);
    let lines = entry::expand(&lines, entry::Form::Json).expect("the macros");
    let case = opened(vec![memory_input("log", lines)]);
    (dice, entries, case)
}

/// Whether it looks for a word that a claimed checksum may contain by chance: the naive evaluator does not know those.
fn may_be_in_a_checksum(filter: &str) -> bool {
    let count = |what: &str| filter.matches(what).count();
    ["\"1\"", "\"d\"", "\"5\""]
        .iter()
        .any(|w| count(w) > count(&format!(":{w}")))
}

#[test]
fn random_filters_select_what_they_say() {
    let (mut run, mut matched) = (0, 0);
    for seed in 1..=6 {
        let (mut dice, entries, case) = built(seed);
        for _ in 0..400 {
            let filter = tree(&mut dice, 4);
            if may_be_in_a_checksum(&filter.text) {
                continue;
            }
            let expected: Vec<_> = entries
                .iter()
                .filter(|e| (filter.fits)(e))
                .map(|e| e.id.clone())
                .collect();
            let found =
                ids(&case, &filter.text).unwrap_or_else(|e| panic!("{}: {e:?}", filter.text));
            assert_eq!(found, expected, "seed {seed}: {}", filter.text);
            run += 1;
            matched += found.len();
        }
    }
    assert!(
        run > 1_500 && matched > 50_000,
        "{run} filters, {matched} matches"
    );
}

#[test]
fn facets_count_under_the_other_conditions() {
    for seed in 11..=14 {
        let (mut dice, entries, case) = built(seed);
        for _ in 0..60 {
            let parts: Vec<Made> = (0..2 + dice.below(2)).map(|_| tree(&mut dice, 1)).collect();
            let filter = parts
                .iter()
                .map(|p| p.text.clone())
                .collect::<Vec<_>>()
                .join(" ");
            if may_be_in_a_checksum(&filter) {
                continue;
            }
            let selection = Selection {
                filter: filter.clone(),
                sort: None,
            };
            let mut search = case.select(&selection).expect("a filter");
            let fields = ["actor", "event_type", "resource_id", "verdict"];
            let facet = |field: &str| FacetAsk {
                field: field.to_owned(),
                limit: 100,
                ..FacetAsk::default()
            };
            let ask = SurveyAsk {
                facets: fields.map(facet).to_vec(),
                timeline: Some(TimelineAsk {
                    buckets: 50,
                    ..TimelineAsk::default()
                }),
            };
            let survey = case
                .survey(&mut search, &ask)
                .expect("the log can be read again");
            for facet in &survey.facets {
                let others = parts
                    .iter()
                    .filter(|p| p.field != Some(facet.field.as_str()));
                let others: Vec<_> = others.collect();
                let mut expected: BTreeMap<String, u64> = BTreeMap::new();
                for e in entries
                    .iter()
                    .filter(|e| others.iter().all(|p| (p.fits)(e)))
                {
                    let value = match facet.field.as_str() {
                        "verdict" if e.is_verified => Verdict::Verified.as_str(),
                        "verdict" => Verdict::Mismatched.as_str(),
                        name => field_of(e, name),
                    };
                    *expected.entry(value.to_owned()).or_default() += 1;
                }
                let found: BTreeMap<_, _> = facet
                    .values
                    .iter()
                    .map(|v| (v.value.clone(), v.count))
                    .collect();
                assert_eq!(found, expected, "{filter}: {}", facet.field);
                // Each value's condition selects so many.
                for value in &facet.values {
                    let narrowed: Vec<String> = others
                        .iter()
                        .map(|p| p.text.clone())
                        .chain([value.term.clone()])
                        .collect();
                    let selected = ids(&case, &narrowed.join(" ")).expect("a filter");
                    assert_eq!(selected.len() as u64, value.count, "{narrowed:?}");
                }
            }
            let matching = entries
                .iter()
                .filter(|e| parts.iter().all(|p| (p.fits)(e)))
                .count() as u64;
            assert_eq!(
                (search.matched(), survey.totals.entries),
                (matching, matching),
                "{filter}"
            );
            let timeline = survey.timeline.expect("it was asked for");
            let placed: u64 = timeline
                .series
                .iter()
                .flat_map(|s| &s.counts)
                .map(|c| u64::from(*c))
                .sum();
            assert_eq!(placed + timeline.untimed, matching, "{filter}");
        }
    }
}

#[test]
fn details_are_counted_and_sorted_too() {
    let (_, entries, case) = built(21);
    let selection = Selection {
        filter: "event_type:data_access".into(),
        sort: Some(Sort {
            column: "details.a".into(),
            descending: false,
        }),
    };
    let mut search = case.select(&selection).expect("a filter");
    let ask = SurveyAsk {
        facets: vec![FacetAsk {
            field: "details.a".into(),
            limit: 100,
            ..FacetAsk::default()
        }],
        timeline: None,
    };
    let survey = case
        .survey(&mut search, &ask)
        .expect("the log can be read again");
    let facet = &survey.facets[0];
    assert!(facet.distinct > 8);
    let mut counted = facet.missing;
    for value in &facet.values {
        let selected =
            ids(&case, &format!("event_type:data_access {}", value.term)).expect("a filter");
        assert_eq!(selected.len() as u64, value.count, "{}", value.term);
        counted += value.count;
    }
    assert_eq!(counted, search.matched());
    let by_id: BTreeMap<&str, &Entry> = entries.iter().map(|e| (e.id.as_str(), e)).collect();
    let sorted = ids_of(&case, &search);
    let numbers: Vec<i128> = sorted
        .iter()
        .filter_map(|id| number(&by_id[id.as_str()].details["a"]))
        .collect();
    assert!(numbers.len() > 20 && numbers.is_sorted(), "{numbers:?}");
    for (i, id) in sorted.iter().enumerate() {
        let row = entries
            .iter()
            .position(|e| e.id == *id)
            .expect("an entry of the log");
        let row = auditglass::RowIdx(u32::try_from(row).expect("a small log"));
        assert_eq!(case.position(&search, row), Some(i as u64));
    }
}
