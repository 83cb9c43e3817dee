//! The same files give the same bytes: here natively, in `web/tests/reports.rs` in a browser, against one file.

mod render;

use std::path::Path;

use auditglass::{Case, Crew, Input, Memory, Quiet, report};

/// With `UPDATE_EXPECT=1` the file is written anew.
#[track_caller]
fn check(rendered: &str, name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, rendered).expect("tests/reports can be written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let line = rendered
        .lines()
        .zip(expected.lines())
        .find(|(now, then)| now != then);
    assert!(
        rendered == expected,
        "differs at {line:?}; if that is meant: UPDATE_EXPECT=1 cargo test -p auditglass-tests --test reports"
    );
}

#[test]
fn the_renderings_are_the_committed_ones() {
    check(&render::render(), "expected.txt");
}

#[test]
fn the_drills_are_the_committed_ones() {
    check(&render::drills(), "drills.txt");
}

#[test]
fn one_sqlite_everywhere() {
    assert_eq!(
        auditglass::sqlite_version(),
        include_str!("sqlite-version.txt").trim()
    );
}

/// Some threads that help, whatever the machine has.
struct Threads(usize);

impl Crew for Threads {
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            for _ in 0..self.0 {
                scope.spawn(helper);
            }
            here();
        });
    }
}

/// A log of many chunks, every third entry of it altered, judged with no helper and with several.
#[test]
fn the_number_of_threads_changes_nothing() {
    let entry = |i: u32| {
        format!(
            r#"{{"timestamp": "2026-01-01T00:00:{:02}", "entry_id": "e{}", "event_type": "data_access", "actor": "a", "resource_type": "dataset", "resource_id": "d", "action": "read", "details": {{"n": {i}.5, "a": [{i}]}}, "checksum": "{:016x}"}}"#,
            i % 60,
            i % 9000,
            i % 3,
        )
    };
    let lines: Vec<_> = (0..10_000).map(entry).collect();
    let log = lines.join("\n");
    let judge = |threads: usize| {
        let bytes = Box::new(Memory::new(log.as_bytes()));
        let mut case = Case::open(vec![Input {
            name: "log.jsonl".into(),
            bytes,
            is_found: false,
        }]);
        case.verify_with(&mut Quiet, &Threads(threads))
            .expect("nobody cancels");
        report::json(&case, &[])
    };
    let alone = judge(0);
    assert!(alone.contains("\"duplicate-id\"") && alone.contains("\"mismatched\": 10000"));
    for threads in [1, 2, 7] {
        assert!(
            judge(threads) == alone,
            "{threads} helpers change the report"
        );
    }
}
