//! Queries in SQL through the protocol: tables, rows, errors with their place, limits, exports.

use auditglass::{ExportFormat, OpenOptions, SourceIdx, SqlLimits};
use auditglass_web::protocol::{Reply, Request, SqlEnd};
use js_sys::Array;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::{Bench, SMALL, TAMPERED, file};

const FEW: SqlLimits = SqlLimits {
    rows: 500,
    kilo_operations: 10_000,
};

/// A console with a database and a log that is none, and the database's place.
async fn opened() -> (Bench, SourceIdx) {
    let mut bench = Bench::new();
    let request = Request::SqlOpen {
        generation: 1,
        paths: Vec::new(),
        options: OpenOptions::default(),
    };
    let files = [file("t.db", TAMPERED), file("s.json", SMALL.as_bytes())];
    let replies = bench.ask(&request, &files).await;
    let [
        Reply::SqlReady {
            generation: 1,
            databases,
        },
    ] = replies.as_slice()
    else {
        panic!("{replies:?}");
    };
    let [database] = databases.as_slice() else {
        panic!("one of the two is a database: {databases:?}");
    };
    let tables = database.tables.as_ref().unwrap();
    assert!(tables.iter().any(|t| t.term == "audit_log"), "{tables:?}");
    let source = database.source;
    (bench, source)
}

async fn ask(bench: &mut Bench, source: SourceIdx, text: &str) -> Vec<Reply> {
    let request = Request::Sql {
        generation: 1,
        query: 7,
        source,
        text: text.to_owned(),
        limits: FEW,
    };
    bench.ask(&request, &[]).await
}

#[wasm_bindgen_test]
async fn rows_come_in_bundles_and_an_end() {
    let (mut bench, source) = opened().await;
    let replies = ask(
        &mut bench,
        source,
        "SELECT rowid AS n, actor FROM audit_log",
    )
    .await;
    let (last, before) = replies.split_last().unwrap();
    let mut count = 0;
    for reply in before {
        let Reply::SqlRows {
            query: 7,
            columns,
            rows,
            ..
        } = reply
        else {
            panic!("{reply:?}");
        };
        assert_eq!(columns, &["n", "actor"]);
        assert!(rows.len() <= 200);
        count += rows.len();
    }
    assert_eq!(count, 240);
    let whole = Ok(SqlEnd::Whole);
    assert!(matches!(last, Reply::SqlDone { query: 7, outcome, .. } if *outcome == whole));
}

#[wasm_bindgen_test]
async fn a_query_ends_at_its_limits_and_says_so() {
    const ENDLESS: &str =
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT";
    let (mut bench, source) = opened().await;
    let replies = ask(&mut bench, source, &format!("{ENDLESS} i FROM n")).await;
    let rows: usize = replies
        .iter()
        .map(|r| match r {
            Reply::SqlRows { rows, .. } => rows.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(rows, 500);
    let cut = Ok(SqlEnd::Cut);
    assert!(matches!(replies.last(), Some(Reply::SqlDone { outcome, .. }) if *outcome == cut));
    let replies = ask(&mut bench, source, &format!("{ENDLESS} max(i) FROM n")).await;
    let Some(Reply::SqlDone {
        outcome: Err(error),
        ..
    }) = replies.last()
    else {
        panic!("{replies:?}");
    };
    assert!(error.message.contains("longer than"), "{error:?}");
}

#[wasm_bindgen_test]
async fn an_error_has_its_place() {
    let (mut bench, source) = opened().await;
    let replies = ask(&mut bench, source, "SELECT acter FROM audit_log").await;
    let [
        Reply::SqlDone {
            outcome: Err(error),
            ..
        },
    ] = replies.as_slice()
    else {
        panic!("{replies:?}");
    };
    assert_eq!(
        (error.message.as_str(), error.offset),
        ("no such column: acter", Some(7))
    );
}

#[wasm_bindgen_test]
async fn what_a_query_yields_is_written() {
    let (mut bench, source) = opened().await;
    let request = Request::SqlExport {
        generation: 1,
        query: 8,
        source,
        text: "SELECT 1 AS n, '=1+1' AS f".into(),
        format: ExportFormat::Csv,
        limits: FEW,
    };
    let replies = bench.ask(&request, &[]).await;
    let whole = Some(Ok(SqlEnd::Whole));
    assert!(
        matches!(replies.as_slice(), [Reply::SqlExported { query: 8, rows: 1, outcome, .. }] if *outcome == whole),
        "{replies:?}"
    );
    let pieces: Array = bench.bytes.borrow().iter().collect();
    let blob = Blob::new_with_blob_sequence(&pieces).unwrap();
    let text = JsFuture::from(blob.text()).await.unwrap();
    assert_eq!(text.as_string().unwrap(), "n,f\r\n1,'=1+1\r\n");
}
