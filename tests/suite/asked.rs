//! What can be asked of `auditglass report`, as a user types it: a period, counts, notes, and the slice that others check.

use std::process::Command;

use auditglass_tests::{auditglass, root};

#[test]
fn a_report_with_everything_that_can_be_asked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("counts.csv"), "period,count\n2024,240\n").expect("it can be written");
    let notes = r#"{"notes": [{"entry_id": "x", "note": "seen", "author": "Zoë"}], "sign_off": {"name": "Zoë"}}"#;
    std::fs::write(path("notes.json"), notes).expect("it can be written");
    let (counts, notes) = (path("counts.csv"), path("notes.json"));
    let (slice, first, second) = (path("slice.jsonl"), path("1.json"), path("2.json"));
    let log = root().join("examples/tampered.db");
    let log = log.to_string_lossy();
    let ask = |notes: &str, output: &str| {
        let arguments = [
            "report",
            "--from",
            "2024-03",
            "--to",
            "2024",
            "--control-totals",
            &counts,
            "--pair",
            "details.request_id",
            "--notes",
            notes,
            "--evidence-slice",
            &slice,
            "--format",
            "json",
            "-o",
            output,
            &log,
        ];
        let ran = auditglass(&root(), &arguments);
        assert_eq!(
            ran.status.code(),
            Some(1),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let text = std::fs::read_to_string(output).expect("a report");
        serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON")
    };
    let report = ask(&notes, &first);
    assert_eq!(
        report["period"]["filter"],
        "after:2024-03 (before:2024 OR on:2024)"
    );
    assert_eq!(report["control_totals"]["lines"][0]["expected"], 240);
    assert_eq!(report["sign_off"]["name"], "Zoë");
    let command = report["command"].as_str().expect("a command");
    assert!(
        command.contains("--from 2024-03 --to 2024 --pair details.request_id --control-totals counts.csv --notes notes.json --evidence-slice slice.jsonl"),
        "{command}"
    );
    // The report is itself a file of notes.
    assert_eq!(ask(&first, &second)["notes"], report["notes"]);
    let failing = report["failing"].as_array().map_or(0, Vec::len);
    assert_eq!(report["slice"]["entries"], failing);
    recomputed(
        &slice,
        report["slice"]["sha256"].as_str().unwrap_or_default(),
    );
}

/// Every line by the tools that the documents name.
fn recomputed(slice: &str, sha256: &str) {
    let script = r#"
sha256sum < "$1"
jq -r 'select(.hashed_hex) | .sha256 + " " + .hashed_hex' "$1" |
  while read -r named bytes; do echo "$named $(printf %s "$bytes" | xxd -r -p | sha256sum)"; done"#;
    let output = Command::new("sh")
        .args(["-c", script, "sh", slice])
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = said.lines();
    assert_eq!(lines.next().and_then(|l| l.split(' ').next()), Some(sha256));
    if !output.stderr.is_empty() {
        // jq and xxd are not everywhere; `tests/reports` does the same in Python.
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let mut count = 0;
    for line in lines {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), words.next(), "{line}");
        count += 1;
    }
    assert!(count > 0, "no entry was hashed");
}
