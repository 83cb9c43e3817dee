//! The command itself: standard input, wrong usage, and what a log may not do to the terminal.

use std::fs::File;
use std::process::{Command, Stdio};

use auditglass_tests::{auditglass, root};

/// `-` is standard input, for text and for a database.
#[test]
fn standard_input() {
    for (name, exit) in [
        ("good.db", 0),
        ("tampered.db", 1),
        ("export.jsonl", 0),
        ("make.py", 2),
    ] {
        let file = File::open(root().join("examples").join(name)).expect("a sample");
        let output = Command::new(auditglass_tests::command())
            .args(["verify", "--format", "json", "-"])
            .stdin(file)
            .output()
            .expect("the command starts");
        assert_eq!(output.status.code(), Some(exit), "{name}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
        let by_name = {
            let file = root().join("examples").join(name);
            auditglass(
                &root(),
                &["verify", "--format", "json", &file.to_string_lossy()],
            )
        };
        let by_name: serde_json::Value = serde_json::from_slice(&by_name.stdout).expect("a report");
        assert_eq!(report["totals"], by_name["totals"], "{name}");
        assert_eq!(
            report["sources"][0]["sha256"], by_name["sources"][0]["sha256"],
            "{name}"
        );
    }
}

#[test]
fn wrong_usage() {
    let folder = root();
    for arguments in [
        &["verify"][..],
        &["verify", "--format", "xml", "examples/good.db"],
        &["verify", "--format"],
        &["verify", "--no-such-option", "examples/good.db"],
        &["report", "--retention", "sox", "examples/good.db"],
        &["report", "--as-of", "2026-11-24", "examples/good.db"],
        &[
            "report",
            "--retention",
            "gdpr",
            "--as-of",
            "2026-11-24",
            "examples/good.db",
        ],
        &[
            "report",
            "--retention",
            "sox",
            "--as-of",
            "yesterday",
            "examples/good.db",
        ],
        &["report", "--from", "March", "examples/good.db"],
        &["report", "--pair", "actor", "examples/good.db"],
        &[
            "report",
            "--notes",
            "examples/export.json",
            "examples/good.db",
        ],
        &["report", "--control-totals", "none.csv", "examples/good.db"],
        &["no-such-command"],
        &[],
    ] {
        let output = auditglass(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["verify", "--help"]] {
        let output = auditglass(&folder, arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty(), "{arguments:?}");
    }
}

/// Whoever reads no further leaves entries unjudged, and those are not all verified.
#[test]
fn a_reader_that_goes_away_is_told_no_success() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = std::fs::read_to_string(root().join("examples/export.jsonl")).expect("a sample");
    let log = folder.path().join("long.jsonl");
    std::fs::write(&log, sample.repeat(400)).expect("a file");
    let mut command = Command::new(auditglass_tests::command())
        .args(["verify", "--format", "jsonl"])
        .arg(&log)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(command.stdout.take());
    let output = command.wait_with_output().expect("the command ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "going away is no failure of ours");
}

/// What stands in a log must not reach a terminal as commands to it, nor turn the direction of its text.
#[test]
fn a_log_cannot_write_to_the_terminal() {
    let evil = "\u{1b}]0;x\u{7}\u{1b}[31m\u{9b}1m\u{202e}\r\u{8}\u{2066}\u{7f}";
    let text = serde_json::to_string(evil).expect("a string");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let entry = |id: &str, more: &str| {
        let names = [
            "timestamp",
            "event_type",
            "actor",
            "resource_type",
            "resource_id",
            "action",
        ];
        let fields: Vec<String> = names.iter().map(|n| format!("\"{n}\": {text}")).collect();
        format!("{{\"entry_id\": {id}, {}, {more}}}", fields.join(", "))
    };
    let broken = serde_json::to_string(&format!("{{\"{evil}\": ")).expect("a string");
    let log = [
        entry(
            &text,
            &format!("\"details\": {{{text}: 1, {text}: 2}}, \"checksum\": {text}"),
        ),
        entry(
            &text,
            &format!("\"details\": {broken}, \"checksum\": {text}"),
        ),
        entry(
            "1",
            &format!(
                "\"details\": {{}}, {text}: 1, {text}: {}",
                "7".repeat(5_000)
            ),
        ),
        format!("{{{text}: {text}}}"),
    ];
    std::fs::write(
        folder.path().join("log.json"),
        format!("{{{text}: [{}]}}", log.join(",\n")),
    )
    .expect("a file");
    let connection = rusqlite::Connection::open(folder.path().join("log.db")).expect("a database");
    let columns = auditglass_tests::HASHED.join(", ");
    connection
        .execute_batch(&format!(
            "CREATE TABLE \"{evil}\" ({columns}, checksum); INSERT INTO \"{evil}\" DEFAULT VALUES; \
             CREATE VIEW \"view {evil}\" AS SELECT {columns} FROM \"{evil}\";"
        ))
        .expect("a table");
    connection.close().expect("a closed database");
    let other = rusqlite::Connection::open(folder.path().join("other.db")).expect("a database");
    other
        .execute_batch(&format!("CREATE TABLE \"{evil}\" (x);"))
        .expect("a table");
    other.close().expect("a closed database");
    for format in ["human", "json", "jsonl"] {
        let output = auditglass(
            folder.path(),
            &[
                "verify", "--format", format, "log.json", "log.db", "other.db",
            ],
        );
        assert_eq!(output.status.code(), Some(2), "{format}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("UTF-8");
        assert!(said.len() > 200, "{format}: {said}");
        // JSON may hold everything from a space on as it is; what people read may not.
        let is_evil = |c: char| match format {
            "human" => {
                c.is_control() && c != '\n'
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            }
            _ => c < ' ' && c != '\n',
        };
        if let Some(at) = said.find(is_evil) {
            let around: String = said[at..].chars().take(80).collect();
            panic!("{format}: {around:?}");
        }
    }
}
