//! The canonical-form vectors, each through the whole engine: as a TEXT and a BLOB cell of a database, as a string and as
//! a value in JSON. What CPython accepted must give the same bytes, what it refused must be unreadable, in its words.

use std::fmt::Write as _;

use auditglass::{Case, EntryView, RowIdx, Verdict};
use auditglass_tests::{checksum, file_input, judge, memory_input, root, unhex};
use rusqlite::{Connection, params};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    group: String,
    input: String,
    canonical: Option<String>,
    checksum: Option<String>,
    error: Option<String>,
    message: Option<String>,
}

/// Around the details stand the other seven fields, each of them `-`.
const BEFORE: &str = r#"{"action": "-", "actor": "-", "details": "#;
const AFTER: &str = r#", "entry_id": "-", "event_type": "-", "resource_id": "-", "resource_type": "-", "timestamp": "-"}"#;

fn read(name: &str, at_least: usize) -> Vec<Vector> {
    let path = root().join("tests/vectors").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    assert!(
        header.contains(r#""python": "CPython 3.11."#),
        "made by another Python: {header}"
    );
    let vectors: Vec<Vector> = lines
        .map(|l| serde_json::from_str(l).expect("a vector is JSON"))
        .collect();
    assert!(
        vectors.len() >= at_least,
        "{name}: only {} vectors",
        vectors.len()
    );
    vectors
}

/// Compares entry `row` of the case with the vector; a sentence on what differs.
fn difference(case: &Case, row: usize, vector: &Vector) -> Option<String> {
    let view: EntryView = match case.entry(RowIdx(u32::try_from(row).expect("few vectors"))) {
        Ok(view) => view,
        Err(e) => return Some(format!("cannot be read again: {e}")),
    };
    if let Some(expected) = &vector.canonical {
        let expected = unhex(expected);
        let whole = [BEFORE.as_bytes(), &expected, AFTER.as_bytes()].concat();
        let got = view.canonical.as_deref().unwrap_or("none");
        if got.as_bytes() != whole {
            let reason = view.reason.as_deref().unwrap_or("no reason");
            return Some(format!(
                "expected {}\n     got {got} ({reason})",
                String::from_utf8_lossy(&whole)
            ));
        }
        if view.recomputed_checksum.as_deref() != Some(&checksum(&whole)) {
            return Some(format!(
                "checksum {:?} of the right bytes",
                view.recomputed_checksum
            ));
        }
        return None;
    }
    let reason = view.reason.as_deref().unwrap_or_default();
    let class = vector.error.as_deref().unwrap_or_default();
    let message = vector.message.as_deref().unwrap_or_default();
    if view.verdict != Verdict::Unreadable
        || view.canonical.is_some()
        || view.recomputed_checksum.is_some()
    {
        return Some(format!(
            "expected {class}: {message}\n     got {:?} {:?}",
            view.verdict, view.canonical
        ));
    }
    // For bytes that are no text the class is enough: where decoding stopped is told in other words.
    let expected = match class {
        "UnicodeDecodeError" => class.to_owned(),
        _ => format!("{class}: {message}"),
    };
    (!reason.contains(&expected)).then(|| format!("expected {expected}\n     got {reason}"))
}

fn compare(name: &str, case: &Case, vectors: &[&Vector]) {
    let entries = usize::try_from(case.totals().entries).expect("few vectors");
    assert_eq!(entries, vectors.len(), "{name}: every vector is one entry");
    let mut report = String::new();
    let mut wrong = 0;
    for (row, vector) in vectors.iter().enumerate() {
        if let Some(what) = difference(case, row, vector) {
            wrong += 1;
            if wrong <= 20 {
                let input = unhex(&vector.input);
                let shown = String::from_utf8_lossy(&input[..input.len().min(300)]).into_owned();
                writeln!(report, "[{}] {shown:?}\n{what}", vector.group)
                    .expect("writing to a string");
            }
        }
    }
    assert!(
        wrong == 0,
        "{name}: {wrong} of {} vectors differ\n{report}",
        vectors.len()
    );
}

fn database(cells: &[Vec<u8>], blob: bool) -> (tempfile::TempDir, Case) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("vectors.db");
    let mut connection = Connection::open(&path).expect("a new database");
    connection
        .execute_batch(
            "CREATE TABLE audit_log (entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum)",
        )
        .expect("a table");
    let transaction = connection.transaction().expect("a transaction");
    let cell = if blob { "?1" } else { "CAST(?1 AS TEXT)" };
    for bytes in cells {
        transaction
            .execute(
                &format!(
                    "INSERT INTO audit_log VALUES ('-', '-', '-', '-', '-', '-', '-', {cell}, '')"
                ),
                params![bytes],
            )
            .expect("a row");
    }
    transaction.commit().expect("a commit");
    connection.close().expect("a closed database");
    let (case, _) = judge(vec![file_input(&path)]);
    (folder, case)
}

#[test]
fn text_cells() {
    let vectors = read("canonical.jsonl", 1_000);
    let cells: Vec<Vec<u8>> = vectors.iter().map(|v| unhex(&v.input)).collect();
    let (_folder, case) = database(&cells, false);
    compare(
        "canonical.jsonl as TEXT",
        &case,
        &vectors.iter().collect::<Vec<_>>(),
    );
}

#[test]
fn blob_cells() {
    let vectors = read("bytes.jsonl", 300);
    let cells: Vec<Vec<u8>> = vectors.iter().map(|v| unhex(&v.input)).collect();
    let (_folder, case) = database(&cells, true);
    compare(
        "bytes.jsonl as BLOB",
        &case,
        &vectors.iter().collect::<Vec<_>>(),
    );
}

/// An array of entries whose details stand as these JSON texts.
fn array(details: impl Iterator<Item = Vec<u8>>) -> Case {
    let mut text = b"[".to_vec();
    for (i, details) in details.enumerate() {
        text.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        text.extend_from_slice(br#"{"actor":"-","action":"-","timestamp":"-","entry_id":"-","event_type":"-","resource_id":"-","resource_type":"-","checksum":"","details":"#);
        text.extend_from_slice(&details);
        text.push(b'}');
    }
    text.extend_from_slice(b"\n]\n");
    judge(vec![memory_input("vectors.json", text)]).0
}

#[test]
fn strings_in_json() {
    let vectors = read("canonical.jsonl", 1_000);
    let case = array(vectors.iter().map(|v| {
        let text = String::from_utf8(unhex(&v.input)).expect("text vectors are UTF-8");
        serde_json::to_vec(&text).expect("a string is JSON")
    }));
    compare(
        "canonical.jsonl as strings",
        &case,
        &vectors.iter().collect::<Vec<_>>(),
    );
}

#[test]
fn values_in_json() {
    let vectors = read("canonical.jsonl", 1_000);
    // A string would be parsed once more, and a text that is refused would end the array.
    let taken: Vec<&Vector> = vectors
        .iter()
        .filter(|v| v.canonical.as_ref().is_some_and(|c| !c.starts_with("22")))
        .collect();
    let case = array(taken.iter().map(|v| unhex(&v.input)));
    compare("canonical.jsonl as values", &case, &taken);
}

#[test]
fn whole_entries() {
    let vectors = read("entries.jsonl", 300);
    let mut text = b"[".to_vec();
    for (i, vector) in vectors.iter().enumerate() {
        text.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        text.extend_from_slice(&unhex(&vector.input));
    }
    text.extend_from_slice(b"]");
    let (case, judged) = judge(vec![memory_input("entries.json", text)]);
    assert_eq!(judged.len(), vectors.len());
    for (row, (vector, judged)) in vectors.iter().zip(&judged).enumerate() {
        let view = case
            .entry(RowIdx(u32::try_from(row).expect("few vectors")))
            .expect("it was read before");
        assert_eq!(judged.recomputed, vector.checksum, "entry {row}");
        assert_eq!(view.recomputed_checksum, vector.checksum, "entry {row}");
        assert_eq!(
            view.canonical.map(String::into_bytes),
            vector.canonical.as_deref().map(unhex),
            "entry {row}"
        );
        let expected = if vector.error.is_some() {
            Verdict::Unreadable
        } else {
            Verdict::Unchecksummed
        };
        assert_eq!(judged.verdict, expected, "entry {row}");
        if let Some(message) = &vector.message {
            let reason = view.reason.unwrap_or_default();
            assert!(
                reason.contains(message),
                "entry {row}: {reason} lacks {message}"
            );
        }
    }
}
