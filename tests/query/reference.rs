//! The reference's own query on random arguments: what its Python returns, and what the façade does.

use std::collections::BTreeSet;

use auditglass::{ReferenceQuery, RowIdx};
use auditglass_tests::{file_input, python};
use serde::Deserialize;

use super::opened;

#[derive(Deserialize)]
struct Line {
    arguments: Arguments,
    rows: Vec<(String, String)>,
    every: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
struct Arguments {
    resource_type: Option<String>,
    resource_id: Option<String>,
    event_type: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    limit: i64,
}

#[test]
fn random_arguments_give_what_the_reference_gives() {
    let (mut compared, mut cut) = (0, 0);
    for seed in 1..=4 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().to_string_lossy().into_owned();
        let seed = seed.to_string();
        let printed = python("query/reference.py", &[&path, &seed, "400", "250"]);
        let case = opened(vec![file_input(&folder.path().join("log.db"))]);
        let place = |row: &RowIdx| {
            let entry = case.entry(*row).expect("the log can be read again");
            let field = |name: &str| {
                let field = entry.fields.iter().find(|f| f.name == name);
                field.map_or_else(String::new, |f| f.text.clone())
            };
            (field("timestamp"), field("entry_id"))
        };
        for line in String::from_utf8(printed).expect("JSON is UTF-8").lines() {
            let line: Line = serde_json::from_str(line).expect("a line of the script");
            let asked = line.arguments;
            let at = format!("seed {seed}: {asked:?}");
            let rows = case.reference_query(&ReferenceQuery {
                resource_type: asked.resource_type,
                resource_id: asked.resource_id,
                event_type: asked.event_type,
                start_time: asked.start_time,
                end_time: asked.end_time,
                limit: asked.limit,
            });
            let found: Vec<_> = rows.iter().map(place).collect();
            // The timestamps come in the same order, and so many.
            let stamps = |rows: &[(String, String)]| -> Vec<String> {
                rows.iter().map(|(stamp, _)| stamp.clone()).collect()
            };
            assert_eq!(stamps(&found), stamps(&line.rows), "{at}");
            // Of each timestamp the same entries, but for the last one, which the limit may cut through.
            let last = line.rows.last().map(|(stamp, _)| stamp.clone());
            let is_cut = line.rows.len() < line.every.len();
            let set = |rows: &[(String, String)]| -> BTreeSet<(String, String)> {
                let whole = rows
                    .iter()
                    .filter(|(stamp, _)| !is_cut || Some(stamp) != last.as_ref());
                whole.cloned().collect()
            };
            assert_eq!(set(&found), set(&line.rows), "{at}");
            let every: BTreeSet<_> = line.every.iter().cloned().collect();
            assert!(found.iter().all(|row| every.contains(row)), "{at}");
            // Ours among equal timestamps: the later row first.
            let is_ordered = found.windows(2).zip(rows.windows(2));
            for (pair, rows) in is_ordered {
                assert!(pair[0].0 != pair[1].0 || rows[0] > rows[1], "{at}");
            }
            compared += found.len();
            cut += usize::from(is_cut);
        }
    }
    assert!(
        compared > 5_000 && cut > 50,
        "{compared} rows, {cut} limits"
    );
}

#[test]
fn the_limit_is_a_thousand() {
    let query = ReferenceQuery::default();
    assert_eq!(query.limit, 1_000);
    assert_eq!((query.resource_type, query.start_time), (None, None));
}
