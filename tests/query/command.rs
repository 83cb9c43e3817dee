//! `auditglass query` and `auditglass facets`.

use std::process::Output;

use auditglass_tests::auditglass;

use super::entry;

const LOG: &str = "\
@{e1|actor=\"zoe\"|details={\"group\": \"A\", \"score\": 0.5}}
@{e2|actor=\"Zo\\u00eb M\\u00fcller\"|details={\"group\": \"B\", \"score\": 2}}
@{e3|actor=\"zoe\"|details={\"group\": \"A\", \"score\": 10}|checksum:=null}
";

/// Runs the command in a folder with that log.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = entry::expand(LOG, entry::Form::Json).expect("the macros");
    std::fs::write(folder.path().join("log.jsonl"), log).expect("a file");
    std::fs::write(folder.path().join("actor"), "no log").expect("a file");
    let Output {
        status,
        stdout,
        stderr,
    } = auditglass(folder.path(), arguments);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn entries_are_printed() {
    let (code, out, err) = run(&["query", "log.jsonl", "actor:zoe"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out.lines().count(), 3);
    assert!(out.starts_with("timestamp "), "{out}");
    assert_eq!(err, "2 matching entries\n");

    let arguments = [
        "query",
        "--columns",
        "entry_id,details.score",
        "--sort",
        "-details.score",
        "--limit",
        "2",
        "log.jsonl",
        "",
    ];
    let (code, out, err) = run(&arguments);
    assert_eq!(
        (code, out.as_str()),
        (
            Some(0),
            "entry_id  details.score\ne3        10\ne2        2\n"
        )
    );
    assert_eq!(err, "2 of 3 matching entries\n");

    let (code, out, _) = run(&[
        "query",
        "log.jsonl",
        "--format",
        "jsonl",
        "verdict:unchecksummed",
    ]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("{\"entry_id\": \"e3\", ")
            && out.ends_with("\"verdict\": \"unchecksummed\"}\n"),
        "{out}"
    );

    let (code, out, _) = run(&[
        "query",
        "--format=csv",
        "--columns",
        "actor,details.group",
        "log.jsonl",
        "--",
        "-actor:zoe",
    ]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "actor,details.group\r\nZoë Müller,B\r\n")
    );

    let (code, out, _) = run(&["query", "--format", "json", "log.jsonl", "nobody"]);
    assert_eq!((code, out.as_str()), (Some(1), "[]\n"));
}

#[test]
fn what_is_wrong_is_shown_where_it_is() {
    let (code, out, err) = run(&["query", "log.jsonl", "é actr:zoe"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "auditglass: there is no field `actr`",
            "  é actr:zoe",
            "    ^^^^",
            "  did you mean: actor"
        ]
    );
    assert!(
        lines[4].starts_with("  expected: event_type, actor, "),
        "{err}"
    );
    let refused = |arguments: &[&str], what: &str| {
        let (code, _, err) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(err.contains(what), "{arguments:?}: {err}");
    };
    refused(
        &["query", "log.jsonl"],
        "needs a file and, last, an expression",
    );
    refused(
        &["query", "log.jsonl", "log.jsonl"],
        "the last argument is the expression",
    );
    refused(&["query", "actor", "zoe"], "actor: ");
    refused(&["query", "log.jsonl", "/(/"], "unclosed group");
    refused(
        &["query", "--sort", "nothing", "log.jsonl", ""],
        "nothing to sort by",
    );
    refused(
        &["query", "--format", "xml", "log.jsonl", ""],
        "table, jsonl, csv or json",
    );
    refused(&["facets", "log.jsonl"], "needs a field");
    refused(&["facets", "actor"], "needs a file");
    refused(&["facets", "log.jsonl", "actr"], "`actr` is none");
    for command in ["query", "facets"] {
        let (code, out, _) = run(&[command, "--help"]);
        assert_eq!(code, Some(0));
        assert!(out.contains("Exit code:"), "{out}");
    }
}

#[test]
fn values_are_counted() {
    let (code, out, err) = run(&["facets", "log.jsonl", "actor", "details.group"]);
    assert_eq!(code, Some(0), "{err}");
    let expected = "\
actor (2 values)
           2  zoe
           1  Zoë Müller

details.group (2 values)
           2  A
           1  B
";
    assert_eq!(out, expected);
    let arguments = [
        "facets",
        "log.jsonl",
        "--format",
        "json",
        "--filter",
        "verdict:verified details.score>0.9",
        "details.score",
    ];
    let (code, out, err) = run(&arguments);
    assert_eq!(code, Some(0), "{err}");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["schema"], "auditglass.facets/1");
    assert_eq!(report["matched"], 1);
    // The condition on the field itself does not narrow its values.
    assert_eq!(
        report["facets"][0]["values"][0]["term"],
        "details.score=0.5"
    );
    assert_eq!(report["facets"][0]["distinct"], 2);
    let (code, out, _) = run(&["facets", "log.jsonl", "--filter", "nobody", "action"]);
    assert_eq!((code, out.as_str()), (Some(1), "action (0 values)\n"));
}

#[test]
fn a_database_is_asked_in_sql() {
    const DATABASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tampered.db");
    let (code, out, err) = run(&[
        "query",
        DATABASE,
        "--sql",
        "SELECT actor AS who, count(*) AS n FROM audit_log GROUP BY actor ORDER BY actor LIMIT 1",
    ]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("who") && err == "1 row\n", "{out}{err}");
    let (code, out, err) = run(&[
        "query",
        DATABASE,
        "--limit=2",
        "--sql",
        "VALUES (1), (2), (3)",
    ]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (Some(0), "column1\n1\n2\n", "2 rows, and there are more\n")
    );
    let (code, out, _) = run(&[
        "query",
        "--format=csv",
        DATABASE,
        "--sql",
        "SELECT '=1+1' AS f, 1 AS n",
    ]);
    assert_eq!((code, out.as_str()), (Some(0), "f,n\r\n'=1+1,1\r\n"));
    let (code, out, err) = run(&[
        "query",
        DATABASE,
        "--sql",
        "SELECT 1,\n acter FROM audit_log",
    ]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (
            Some(2),
            "",
            "auditglass: no such column: acter\n   acter FROM audit_log\n   ^\n"
        )
    );
    for (arguments, what) in [
        (
            &["query", DATABASE, "--sql", "DELETE FROM audit_log"][..],
            "not authorized",
        ),
        (
            &["query", "log.jsonl", "--sql", "SELECT 1"],
            "SQLite database",
        ),
        (&["query", "--sql", "SELECT 1"], "needs a file"),
        (
            &["query", DATABASE, "--sort", "actor", "--sql", "SELECT 1"],
            "without --columns and --sort",
        ),
    ] {
        let (code, _, err) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(err.contains(what), "{arguments:?}: {err}");
    }
    let (code, _, _) = run(&["query", DATABASE, "--sql", "SELECT 1 WHERE 0"]);
    assert_eq!(code, Some(1));
}
