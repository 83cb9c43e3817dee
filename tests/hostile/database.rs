//! Databases that are damaged, hostile, or change while they are read.

use std::cell::Cell;
use std::io;

use auditglass::{ByteSource, Input};
use rusqlite::Connection;

use super::{Outcome, examine, examine_files, examine_one, example, watched};

const COLUMNS: &str = "entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum, written_at";
const ROW: &str = "'e', 't', 'x', 'a', 'r', 'i', 'c', '{}', '0000000000000000', 'w'";

/// The bytes of a database that these statements made.
fn database(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("made.db");
    let connection = Connection::open(&path).expect("a new database");
    connection
        .execute_batch(sql)
        .unwrap_or_else(|e| panic!("{e}: {sql}"));
    connection.close().expect("a closed database");
    std::fs::read(&path).expect("the database")
}

#[test]
fn truncated_anywhere() {
    let whole = example("good.db");
    for len in
        (0..200)
            .chain((200..whole.len()).step_by(1_531))
            .chain([512, 4096, 8192, whole.len() - 1])
    {
        let outcome = examine_one("good.db", &whole[..len]);
        assert!(
            !outcome.is_consistent,
            "good.db cut to {len} bytes: {:?}",
            outcome.codes
        );
    }
    // What lies before the cut is still judged.
    let outcome = examine_one("good.db", &whole[..whole.len() / 2]);
    assert!(
        outcome.entries > 0 && outcome.has("database-truncated"),
        "{} {:?}",
        outcome.entries,
        outcome.codes
    );
}

#[test]
fn write_ahead_log_truncated_anywhere() {
    let (main, wal) = (example("wal.db"), example("wal.db-wal"));
    let pair = |len: usize| {
        vec![
            ("wal.db".to_owned(), main.clone()),
            ("wal.db-wal".to_owned(), wal[..len].to_vec()),
        ]
    };
    let all = examine_files("whole", 60, pair(wal.len())).entries;
    assert_eq!(all, 100);
    let mut before = 0;
    for len in (0..120).chain((120..wal.len()).step_by(701)) {
        let outcome = examine_files("wal", 60, pair(len));
        assert!(
            (60..=100).contains(&outcome.entries),
            "{} entries with {len} bytes",
            outcome.entries
        );
        assert!(
            outcome.entries >= before,
            "a longer log shows fewer entries"
        );
        before = outcome.entries;
    }
}

#[test]
fn a_write_ahead_log_of_noise() {
    let main = example("wal.db");
    let wal = example("wal.db-wal");
    let mut random = super::mutate::Random::new(4);
    for (name, noise) in [
        ("zeros", vec![0; 50_000]),
        ("random", (0..50_000).map(|_| random.byte()).collect()),
        ("text", b"not a log at all".repeat(100)),
        ("a database", main.clone()),
        (
            "page size zero",
            [&wal[..8], &[0, 0, 0, 0], &wal[12..]].concat(),
        ),
        (
            "page size huge",
            [&wal[..8], &[0xFF, 0xFF, 0xFF, 0xFF], &wal[12..]].concat(),
        ),
        (
            "other page size",
            [&wal[..8], &[0, 0, 2, 0], &wal[12..]].concat(),
        ),
        (
            "other version",
            [&wal[..4], &[0, 0, 0, 1], &wal[8..]].concat(),
        ),
    ] {
        let files = vec![
            ("wal.db".to_owned(), main.clone()),
            ("wal.db-wal".to_owned(), noise),
        ];
        let outcome = examine_files(name, 60, files);
        assert_eq!(outcome.entries, 60, "{name}: the main file is still judged");
        assert!(!outcome.codes.is_empty(), "{name} is told");
    }
}

#[test]
fn a_hostile_schema() {
    let table =
        format!("CREATE TABLE audit_log ({COLUMNS}); INSERT INTO audit_log VALUES ({ROW});");
    let only = |sql: &str| examine_one("schema", database(sql));

    let outcome = only(&format!(
        "CREATE VIEW audit_log ({COLUMNS}) AS SELECT {ROW};"
    ));
    assert_eq!(
        (outcome.refused, outcome.entries),
        (1, 0),
        "a view is not read"
    );

    let outcome = only(&format!(
        "{table} CREATE VIEW other ({COLUMNS}) AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n;",
        ["i"; 10].join(", ")
    ));
    assert_eq!(
        outcome.entries, 1,
        "an endless view beside the table is not run"
    );
    assert!(outcome.has("view-not-read"), "{:?}", outcome.codes);

    let outcome = only(&format!(
        "CREATE VIRTUAL TABLE audit_log USING fts5({COLUMNS}); INSERT INTO audit_log VALUES ({ROW});"
    ));
    assert_eq!(
        outcome
            .judged
            .iter()
            .filter(|j| j.locator.contains("\"audit_log\""))
            .count(),
        0,
        "a virtual table is not read"
    );

    let outcome = only(&format!(
        "{table} CREATE VIRTUAL TABLE copy USING fts5({COLUMNS});"
    ));
    assert_eq!(outcome.entries, 1);
    assert!(outcome.has("virtual-table-not-read"), "{:?}", outcome.codes);

    let outcome = only(&format!(
        "{table} CREATE TRIGGER t AFTER INSERT ON audit_log BEGIN DELETE FROM audit_log; END; CREATE TABLE x (y); CREATE INDEX i ON audit_log (abs(actor));"
    ));
    assert_eq!(outcome.entries, 1);

    // Columns that compute what they show: an endless or costly expression must not hang the reader.
    let generated = COLUMNS.replace("details", "details AS (printf('{\"n\": %d}', rowid))");
    let outcome = only(&format!(
        "CREATE TABLE audit_log ({}); INSERT INTO audit_log (entry_id, timestamp, event_type, actor, resource_type, resource_id, action, checksum) VALUES ('e', 't', 'x', 'a', 'r', 'i', 'c', '0');",
        generated.replace("rowid", "length(entry_id)")
    ));
    assert!(
        outcome.entries <= 1,
        "a generated column is read or refused"
    );

    let costly = COLUMNS.replace("details", "details AS (hex(zeroblob(400000000)))");
    let _ = only(&format!(
        "CREATE TABLE audit_log ({costly}); INSERT INTO audit_log (entry_id, timestamp, event_type, actor, resource_type, resource_id, action, checksum) VALUES ('e', 't', 'x', 'a', 'r', 'i', 'c', '0');"
    ));
}

#[test]
fn a_schema_that_was_edited() {
    let table =
        format!("CREATE TABLE audit_log ({COLUMNS}); INSERT INTO audit_log VALUES ({ROW});");
    let edits = [
        "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET rootpage = 0 WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET rootpage = 99999999 WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET rootpage = -7 WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE audit_log (x' WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET sql = x'00ff00' WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET sql = NULL WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET name = NULL WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET type = 'view' WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET sql = 'DROP TABLE audit_log' WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET sql = replace(sql, 'details', 'details AS (zeroblob(999999999))') WHERE name = 'audit_log'",
        "UPDATE sqlite_schema SET sql = sql || ' WITHOUT ROWID' WHERE name = 'audit_log'",
        "INSERT INTO sqlite_schema SELECT 'table', 'more', 'more', rootpage, replace(sql, 'audit_log', 'more') FROM sqlite_schema",
        "INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema",
        "INSERT INTO sqlite_schema VALUES ('trigger', 't', 'audit_log', 0, 'CREATE TRIGGER t AFTER DELETE ON audit_log BEGIN SELECT load_extension(''x''); END')",
        "INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING nosuchmodule(a)')",
    ];
    for edit in edits {
        let bytes = database(&format!("{table} PRAGMA writable_schema = ON; {edit};"));
        let outcome = examine_one(edit, bytes);
        assert!(!outcome.is_consistent, "{edit}");
    }
    let wide: String = (0..1_900).map(|i| format!(", c{i}")).collect();
    let outcome = examine_one(
        "wide",
        database(&format!(
            "CREATE TABLE audit_log ({COLUMNS}{wide}); INSERT INTO audit_log ({COLUMNS}) VALUES ({ROW});"
        )),
    );
    assert_eq!(outcome.entries, 1, "1,910 columns");
    let name = "x".repeat(100_000);
    let outcome = examine_one(
        "long name",
        database(&format!(
            "CREATE TABLE \"{name}\" ({COLUMNS}); INSERT INTO \"{name}\" VALUES ({ROW});"
        )),
    );
    assert_eq!(outcome.entries, 1, "a table with a very long name");
    let many: String = (0..500)
        .map(|i| format!("CREATE TABLE t{i} ({COLUMNS}); INSERT INTO t{i} VALUES ({ROW});"))
        .collect();
    let outcome = examine_one("many", database(&many));
    assert_eq!(outcome.entries, 500, "500 tables, each of them a log");
}

#[test]
fn a_tree_that_leads_back_to_itself() {
    let rows: String = (0..400)
        .map(|_| format!("INSERT INTO audit_log VALUES ({ROW});"))
        .collect();
    let bytes = database(&format!(
        "PRAGMA page_size = 512; CREATE TABLE audit_log ({COLUMNS}); {rows}"
    ));
    let root = 2;
    let page = |n: usize| (n - 1) * 512;
    assert_eq!(bytes[page(root)], 5, "the root is an interior page");
    for target in [1_u32, 2, 3, 0, 1_000_000] {
        // The right-most child, and the left child of the first cell.
        let first_cell = usize::from(u16::from_be_bytes([
            bytes[page(root) + 12],
            bytes[page(root) + 13],
        ]));
        for at in [page(root) + 8, page(root) + first_cell] {
            let mut bytes = bytes.clone();
            bytes[at..at + 4].copy_from_slice(&target.to_be_bytes());
            let outcome = examine_one("loop", bytes);
            assert!(!outcome.is_consistent);
            assert!(
                outcome.entries < 100_000,
                "child {target}: {} entries",
                outcome.entries
            );
        }
    }
}

/// A file that is not the same for long.
struct Changing {
    bytes: Vec<u8>,
    later: Vec<u8>,
    reads: Cell<usize>,
    after: usize,
    fails: bool,
    tells: bool,
}

impl Changing {
    fn has_turned(&self) -> bool {
        self.reads.get() > self.after
    }
}

impl ByteSource for Changing {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.reads.set(self.reads.get() + 1);
        let bytes = if self.has_turned() {
            &self.later
        } else {
            &self.bytes
        };
        if self.has_turned() && self.fails {
            return Err(io::Error::other("the device is gone"));
        }
        let from = usize::try_from(offset).map_or(bytes.len(), |o| o.min(bytes.len()));
        let n = buf.len().min(bytes.len() - from);
        buf[..n].copy_from_slice(&bytes[from..from + n]);
        Ok(n)
    }

    fn has_changed(&self) -> bool {
        self.tells && self.has_turned()
    }
}

fn changing(
    name: &'static str,
    bytes: Vec<u8>,
    later: Vec<u8>,
    after: usize,
    fails: bool,
    tells: bool,
) -> Outcome {
    watched(name, 60, move || {
        let source = Changing {
            bytes,
            later,
            reads: Cell::new(0),
            after,
            fails,
            tells,
        };
        examine(
            vec![Input {
                name: name.to_owned(),
                bytes: Box::new(source),
                is_found: false,
            }],
            false,
        )
    })
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    for name in ["good.db", "export.json", "export.jsonl", "wrapped.json"] {
        let whole = example(name);
        // Several copies behind each other, so that it takes more than one read.
        let bytes = if name == "export.jsonl" {
            whole.repeat(40)
        } else {
            whole
        };
        let mut reversed = bytes.clone();
        reversed.reverse();
        for after in [0, 1, 2, 3, 5, 8] {
            for later in [
                Vec::new(),
                bytes[..bytes.len() / 2].to_vec(),
                reversed.clone(),
                vec![0xFF; bytes.len()],
            ] {
                let silent = changing(name, bytes.clone(), later.clone(), after, false, false);
                let told = changing(name, bytes.clone(), later, after, false, true);
                assert_eq!(silent.entries, told.entries, "{name}");
            }
            let failed = changing(name, bytes.clone(), Vec::new(), after, true, false);
            if after == 0 {
                assert!(!failed.is_consistent, "{name} that cannot be read");
            }
        }
    }
    let lines = example("export.jsonl").repeat(200);
    let outcome = changing(
        "log.jsonl",
        lines.clone(),
        vec![b'x'; lines.len()],
        3,
        false,
        true,
    );
    assert!(outcome.has("source-changed"), "{:?}", outcome.codes);
    assert!(!outcome.is_consistent);
    let outcome = changing("log.jsonl", lines, Vec::new(), 3, true, false);
    assert!(outcome.has("source-unreadable"), "{:?}", outcome.codes);
    assert!(!outcome.is_consistent);
}
