//! Indexes beside their tables: silent where SQLite wrote both, and every difference named where something else did.

use std::cell::Cell;

use super::*;
use crate::finding::{Locator, Severity};
use crate::source::ByteSource;

/// What is told about a table's indexes: code, rowid (0 for the table as a whole) and message.
fn told(bytes: &[u8]) -> Vec<(&'static str, i64, String)> {
    let mut scan = open(bytes, None).unwrap();
    let (_, notes) = read(&mut scan);
    notes
        .into_iter()
        .map(|n| {
            let rowid = match n.locator {
                Locator::Row { rowid, .. } => rowid,
                _ => 0,
            };
            (n.code, rowid, n.message)
        })
        .collect()
}

/// What SQLite's own check says.
fn integrity(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut stmt = connection.prepare("PRAGMA integrity_check").unwrap();
    stmt.query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn made(page_size: u32, encoding: &str, rows: u32) -> (Database, Connection) {
    let database = Database::new();
    let connection = database.run(&format!(
        "PRAGMA page_size={page_size}; PRAGMA encoding='{encoding}'; {SCHEMA}"
    ));
    insert(&connection, "audit_log", 0, rows);
    (database, connection)
}

#[test]
fn nothing_is_told_of_what_sqlite_wrote() {
    for page_size in [512, 4096, 65536] {
        for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
            let (database, connection) = made(page_size, encoding, 300);
            connection
                .execute_batch(
                    "UPDATE audit_log SET timestamp = 'x' || timestamp WHERE rowid % 7 = 0;
                     UPDATE audit_log SET resource_id = '😀' || resource_id WHERE rowid % 5 = 0;
                     UPDATE audit_log SET rowid = rowid + 1000 WHERE rowid % 11 = 0;
                     DELETE FROM audit_log WHERE rowid % 13 = 0;
                     CREATE INDEX long ON audit_log(details, actor);",
                )
                .unwrap();
            drop(connection);
            let (_, notes) = all(&database.bytes(), None);
            assert_eq!(codes(&notes), [""; 0], "{page_size} {encoding}");
        }
    }
}

#[test]
fn nothing_is_told_of_unusual_indexes() {
    let database = Database::new();
    let connection = database.run(
        "CREATE TABLE audit_log (n INTEGER PRIMARY KEY, entry_id, timestamp REAL, event_type TEXT COLLATE NOCASE,
            actor NUMERIC, resource_type INTEGER, resource_id BLOB, action DATETIME, details TEXT, checksum,
            year AS (substr(timestamp, 1, 4)), month AS (substr(timestamp, 6, 2)) STORED, real REAL,
            UNIQUE (entry_id, n));
         CREATE INDEX a ON audit_log(timestamp DESC, n);
         CREATE INDEX b ON audit_log(event_type, actor COLLATE RTRIM);
         CREATE INDEX c ON audit_log(resource_type) WHERE resource_type > 3;
         CREATE INDEX d ON audit_log(lower(event_type), actor);
         CREATE INDEX e ON audit_log(resource_id, action, details, checksum);
         CREATE INDEX f ON audit_log(year, month);
         CREATE INDEX g ON audit_log(month, real);
         CREATE INDEX \"odd \"\"name\" ON audit_log(n DESC);",
    );
    let values = [
        "NULL",
        "0",
        "1",
        "-1",
        "255",
        "65536",
        "1e3",
        "1.5",
        "-0.0",
        "9e999",
        "-9e999",
        "1e18",
        "1e19",
        "9223372036854775807",
        "-9223372036854775808",
        "9007199254740993",
        "'9007199254740993'",
        "''",
        "'a'",
        "'A  '",
        "x''",
        "x'00ff'",
        "'12'",
        "' 12 '",
        "'1e5'",
        "1e-320",
        "0.1 + 0.2",
        "4611686018427387904.0",
    ];
    for (i, v) in values.iter().enumerate() {
        let w = values[(i * 7 + 3) % values.len()];
        connection
            .execute_batch(&format!(
                "INSERT INTO audit_log (n, entry_id, timestamp, event_type, actor, resource_type, resource_id, action,
                    details, checksum, real) VALUES ({}, {v}, {v}, {v}, {v}, {v}, {v}, {v}, {w}, {w}, {w})",
                [-5, 1 << 40, 7][i % 3] + i64::try_from(i).unwrap()
            ))
            .unwrap();
    }
    connection
        .execute_batch("ALTER TABLE audit_log ADD COLUMN later TEXT DEFAULT 'soon'; CREATE INDEX h ON audit_log(later);")
        .unwrap();
    drop(connection);
    assert_eq!(integrity(&database.path()), ["ok"]);
    let (rows, notes) = read(&mut open(&database.bytes(), None).unwrap());
    assert_eq!((rows.len(), codes(&notes)), (values.len(), vec![]));
    // They were compared, but for the partial one, the one with an expression, and the one over a computed column.
    let scan = open(&database.bytes(), None).unwrap();
    let names: Vec<&str> = scan.indexes[0].iter().map(|i| i.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "a",
            "b",
            "e",
            "g",
            "h",
            "odd \"name",
            "sqlite_autoindex_audit_log_1"
        ]
    );
}

#[test]
fn an_edit_of_a_row_leaves_the_old_value_in_the_index() {
    for encoding in ["UTF-8", "UTF-16le"] {
        let (database, connection) = made(4096, encoding, 400);
        connection
            .execute_batch(
                "UPDATE audit_log SET timestamp = 'once', resource_id = 'this' WHERE rowid = 211",
            )
            .unwrap();
        drop(connection);
        let mut bytes = database.bytes();
        let wide = |text: &str| -> Vec<u8> {
            match encoding {
                "UTF-8" => text.as_bytes().to_vec(),
                _ => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            }
        };
        // In the table the timestamp stands before the type of the event; in the index the rowid follows.
        let (from, to) = (wide("once"), wide("ONCE"));
        let table = memchr::memmem::find_iter(&bytes, &from)
            .find(|&at| bytes[at + from.len()..].starts_with(&wide("inference")))
            .unwrap();
        bytes[table..table + to.len()].copy_from_slice(&to);
        assert_eq!(
            told(&bytes),
            [(
                "index-disagrees",
                211,
                "timestamp: the index idx_audit_time still holds \"once\", the row says \"ONCE\""
                    .to_owned()
            )],
            "{encoding}"
        );
    }
}

/// Lets `sql` run while SQLite knows nothing of these indexes.
fn behind_the_back_of(database: &Database, indexes: &str, sql: &str) {
    let edit = |sql: &str| {
        let connection = Connection::open(database.path()).unwrap();
        connection
            .execute_batch(&format!("PRAGMA writable_schema=ON; {sql}"))
            .unwrap();
    };
    edit(&format!(
        "CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name IN ({indexes});
         DELETE FROM sqlite_schema WHERE name IN ({indexes});"
    ));
    edit(sql);
    edit("INSERT INTO sqlite_schema SELECT * FROM kept; DROP TABLE kept;");
}

const BOTH: &str = "'idx_audit_time', 'idx_audit_resource'";

#[test]
fn a_row_that_was_cut_out_is_named_by_what_the_indexes_hold() {
    let (database, connection) = made(1024, "UTF-8", 500);
    connection
        .execute_batch(
            "UPDATE audit_log SET timestamp = 'then', resource_id = 'it' WHERE rowid = 77",
        )
        .unwrap();
    drop(connection);
    behind_the_back_of(&database, BOTH, "DELETE FROM audit_log WHERE rowid = 77");
    let told = told(&database.bytes());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].0, told[0].1), ("index-row-gone", 77));
    assert!(
        told[0]
            .2
            .contains("hold: resource_type \"model\", resource_id \"it\", timestamp \"then\""),
        "{told:?}"
    );
}

#[test]
fn a_row_that_was_put_in_is_in_no_index() {
    let (database, connection) = made(1024, "UTF-8", 500);
    drop(connection);
    behind_the_back_of(
        &database,
        BOTH,
        "INSERT INTO audit_log SELECT 'new', timestamp, event_type, actor, resource_type, resource_id, action, details,
            checksum, written_at FROM audit_log WHERE rowid = 9",
    );
    assert_eq!(
        told(&database.bytes()),
        [(
            "index-lacks-row",
            501,
            "this row is not in the index idx_audit_resource, nor in idx_audit_time".to_owned()
        )]
    );
}

#[test]
fn many_differences_are_bounded() {
    let (database, connection) = made(4096, "UTF-8", 3_000);
    drop(connection);
    behind_the_back_of(
        &database,
        BOTH,
        "UPDATE audit_log SET timestamp = timestamp || 'x'",
    );
    let told = told(&database.bytes());
    assert_eq!(told.len(), 1_001);
    assert!(told[..1_000].iter().all(|t| t.0 == "index-disagrees"));
    assert_eq!(told[1_000].0, "index-differences-omitted");
}

#[test]
fn as_many_differences_as_sqlite_finds() {
    let mut random = Xorshift(77);
    let mut differing = 0;
    for round in 0..40 {
        let (database, connection) = made([512, 1024, 4096][round % 3], "UTF-8", 200);
        drop(connection);
        let row = 1 + random.below(200);
        let other = 1 + random.below(200);
        let sql = [
            format!(
                "UPDATE audit_log SET timestamp = 'T' || timestamp WHERE rowid IN ({row}, {other})"
            ),
            format!(
                "UPDATE audit_log SET resource_id = NULL, resource_type = 7 WHERE rowid = {row}"
            ),
            format!("UPDATE audit_log SET rowid = rowid + 1000 WHERE rowid = {row}"),
            format!("DELETE FROM audit_log WHERE rowid IN ({row}, {other})"),
            format!("UPDATE audit_log SET actor = 'unindexed' WHERE rowid = {row}"),
        ];
        let connection = Connection::open(database.path()).unwrap();
        connection
            .execute_batch("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
            .unwrap();
        drop(connection);
        behind_the_back_of(&database, BOTH, &sql[round % sql.len()]);
        let told = told(&database.bytes());
        assert_eq!(
            told.is_empty(),
            integrity(&database.path()) == ["ok"],
            "{round}: {told:?}"
        );
        differing += usize::from(!told.is_empty());
    }
    assert_eq!(differing, 32);
}

#[test]
fn a_damaged_index_is_told_and_costs_no_entry() {
    let (database, connection) = made(1024, "UTF-8", 500);
    let root: u32 = connection
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'idx_audit_time'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    drop(connection);
    let mut bytes = database.bytes();
    let (whole, _) = all(&bytes, None);
    // A page below the root.
    let at = (root as usize - 1) * 1024;
    let child = usize::from(bytes[at + 11]) | usize::from(bytes[at + 10]) << 8;
    bytes[(child - 1) * 1024..][..8].fill(0xff);
    let mut scan = open(&bytes, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert_eq!(rows, whole);
    assert_eq!(codes(&notes), ["index-damaged"]);
    assert_eq!(notes[0].severity, Severity::Warning);
    assert!(
        notes[0].message.contains(&format!("page {child}")),
        "{}",
        notes[0].message
    );
}

#[test]
fn indexes_are_read_beside_their_table() {
    /// Counts the bytes that it hands out.
    struct Counting(Memory, Rc<Cell<u64>>);
    impl ByteSource for Counting {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
            self.1.set(self.1.get() + buf.len() as u64);
            self.0.read_at(offset, buf)
        }
    }
    // Small pages, so that there are some levels above the leaves.
    let (database, connection) = made(1024, "UTF-8", 0);
    connection.execute_batch("BEGIN").unwrap();
    insert(&connection, "audit_log", 0, 12_000);
    connection.execute_batch("COMMIT").unwrap();
    drop(connection);
    let bytes = database.bytes();
    let (len, read) = (bytes.len() as u64, Rc::new(Cell::new(0)));
    assert!(len > 16 << 20);
    let counting = Counting(Memory::new(bytes), Rc::clone(&read));
    let main = Rc::new(Cached::new(Box::new(counting)));
    let mut scan = SqliteScan::open("a.db", main, None, None, false).unwrap();
    while let Step::More = scan.step(&mut |_, _| ControlFlow::Continue(())).unwrap() {}
    // Once, but for what lies around the pages above the leaves.
    assert!(read.get() < len * 3 / 2, "{} of {len}", read.get());
}
