//! Rows read where they lie, against the same rows read by SQLite: what is found and told must be the same.

use super::super::scan::Met;
use super::*;

/// Reads a database in both ways and asserts that it makes no difference; the rows, and how many SQLite was not needed for.
fn check(main: &[u8], context: &str) -> usize {
    let read_by = |reads_leaves| {
        let mut scan = open(main, None).ok()?;
        scan.reads_leaves = reads_leaves;
        let (rows, notes) = read(&mut scan);
        let account = format!("{:?}", scan.account());
        Some((rows, notes, account))
    };
    let (ours, theirs) = (read_by(true), read_by(false));
    let Some((rows, notes, _)) = ours else {
        assert!(theirs.is_none(), "{context}");
        return 0;
    };
    let (their_rows, their_notes, _) = theirs.unwrap();
    let first = rows.iter().zip(&their_rows).position(|(a, b)| a != b);
    let places = first.map(|i| (rows[i].place, their_rows[i].place));
    assert_eq!(first, None, "{context}: {places:?}");
    assert_eq!(rows.len(), their_rows.len(), "{context}");
    let told = |notes: &[Note]| -> Vec<String> {
        notes
            .iter()
            .map(|n| format!("{} {:?} {}", n.code, n.locator, n.message))
            .collect()
    };
    assert_eq!(told(&notes), told(&their_notes), "{context}");
    rows.len()
}

/// A table of these columns with values of every kind.
fn table(page_size: u32, columns: &str, sql: &str) -> Vec<u8> {
    let database = Database::new();
    let connection = database.run(&format!(
        "PRAGMA page_size={page_size}; CREATE TABLE audit_log ({columns});
         CREATE INDEX by_time ON audit_log(timestamp);"
    ));
    let mut random = Xorshift(0x1234_5678_9abc_def1);
    for i in 0..400_i64 {
        let mut value = || match random.below(12) {
            0 => Value::Null,
            1 => {
                Value::Integer(i64::from_be_bytes(random.next().to_be_bytes()) >> random.below(64))
            }
            2 => Value::Real(f64::from_bits(random.next())),
            3 => Value::Real(random.below(100) as f64),
            4 => Value::Blob(vec![7; random.below(300)]),
            5 => Value::Text("é".repeat(random.below(3_000))),
            _ => Value::Text("x".repeat(random.below(40))),
        };
        let values: Vec<Value> = (0..9).map(|_| value()).collect();
        let insert = "INSERT OR IGNORE INTO audit_log (timestamp, event_type, actor, resource_type,
            resource_id, action, details, checksum, entry_id) VALUES (?,?,?,?,?,?,?,?,?)";
        let mut insert = connection.prepare(insert).unwrap();
        let inserted = insert.execute(rusqlite::params_from_iter(values));
        assert!(inserted.is_ok() || columns.contains("STRICT"), "{i}");
    }
    connection.execute_batch(sql).unwrap();
    drop(connection);
    database.bytes()
}

const PLAIN: &str =
    "entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum";

#[test]
fn values_of_every_kind() {
    let typed = PLAIN.replace(',', " TEXT,");
    for page_size in [512, 1024, 4096, 65536] {
        for (columns, sql) in [
            (PLAIN.to_owned(), ""),
            (typed.clone(), ""),
            (format!("id INTEGER PRIMARY KEY, {PLAIN}"), ""),
            (format!("{PLAIN}, id INTEGER PRIMARY KEY DESC"), "UPDATE audit_log SET id = 7 * rowid"),
            (format!("{PLAIN}, id INT PRIMARY KEY"), "UPDATE audit_log SET id = -rowid"),
            (format!("{PLAIN}, id INTEGER, n, PRIMARY KEY (id, n)"), "UPDATE audit_log SET id = -rowid"),
            (typed.replace("actor TEXT", "actor REAL"), ""),
            (typed.replace("details TEXT", "details DOUBLE PRECISION"), ""),
            (typed.replace("action TEXT", "action NUMERIC"), ""),
            (format!("half AS (length(timestamp)), {PLAIN}, twice AS (timestamp || actor) STORED, n"), "UPDATE audit_log SET n = rowid"),
            (PLAIN.to_owned(), "ALTER TABLE audit_log ADD COLUMN later TEXT DEFAULT 'never';
                INSERT INTO audit_log (entry_id, later) VALUES ('new', 'now'), ('newer', NULL)"),
            (PLAIN.to_owned(), "DELETE FROM audit_log WHERE rowid % 3 = 0"),
            (PLAIN.to_owned(), "DELETE FROM audit_log"),
            // Tables that were declared otherwise after their rows were written.
            (format!("id INTEGER, {PLAIN}"), "UPDATE audit_log SET id = rowid + 5; PRAGMA writable_schema=ON;
                UPDATE sqlite_schema SET sql = replace(sql, 'id INTEGER', 'id INTEGER PRIMARY KEY') WHERE name = 'audit_log'"),
            (format!("id INTEGER PRIMARY KEY, {PLAIN}"), "PRAGMA writable_schema=ON;
                UPDATE sqlite_schema SET sql = replace(sql, ' PRIMARY KEY', '') WHERE name = 'audit_log'"),
            (PLAIN.to_owned(), "PRAGMA writable_schema=ON;
                UPDATE sqlite_schema SET sql = replace(sql, 'actor', 'actor REAL') WHERE name = 'audit_log'"),
            (PLAIN.to_owned(), "PRAGMA writable_schema=ON;
                UPDATE sqlite_schema SET sql = replace(sql, 'actor', 'actor AS (upper(action))') WHERE name = 'audit_log'"),
            (PLAIN.to_owned(), "PRAGMA writable_schema=ON;
                UPDATE sqlite_schema SET sql = replace(sql, 'checksum', 'checksum, later DEFAULT 5') WHERE name = 'audit_log'"),
            (PLAIN.to_owned(), "ALTER TABLE audit_log DROP COLUMN checksum"),
            (PLAIN.to_owned(), "INSERT INTO audit_log (rowid, entry_id) VALUES (-9223372036854775807, 'a'), (9223372036854775807, 'z');
                INSERT INTO audit_log (entry_id, details) VALUES ('long', zeroblob(1200000)), ('after', 1)"),
        ] {
            check(&table(page_size, &columns, sql), &format!("{page_size} {columns} {sql}"));
        }
    }
}

#[test]
fn texts_are_in_the_encoding_that_sqlite_takes() {
    for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
        let database = Database::new();
        let connection = database.run(&format!("PRAGMA encoding='{encoding}'; {SCHEMA}"));
        insert(&connection, "audit_log", 0, 100);
        drop(connection);
        let bytes = database.bytes();
        // Of the number in the header all but two bits are ignored.
        for number in [[0, 0, 0, 0], [0, 0, 0, 4], [0x80, 1, 0, 0xfc], [0, 0, 0, 1]] {
            let mut bytes = bytes.clone();
            for (byte, more) in bytes[56..60].iter_mut().zip(number) {
                *byte |= more;
            }
            let rows = check(&bytes, &format!("{encoding} {number:?}"));
            assert!(rows == 100 || number[3] == 1, "{encoding} {number:?}");
        }
    }
}

#[test]
fn the_rows_of_a_clean_table_are_read_where_they_lie() {
    let bytes = damage::sample(4096, 2_000);
    let mut scan = open(&bytes, None).unwrap();
    scan.reads_leaves = true;
    let mut cursor = scan.start(0).unwrap().unwrap();
    let mut rows = 0;
    while let Met::Row(_) = scan.advance(0, &mut cursor).unwrap() {
        assert!(matches!(
            cursor.row(),
            Some(super::super::entry::Row::On(_))
        ));
        rows += 1;
    }
    assert_eq!(rows, 2_000);
    assert_eq!(check(&bytes, "clean"), 2_000);
}

#[test]
fn damage_is_what_it_is_to_sqlite() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    for (page_size, rows) in [(512, 150), (1024, 300), (4096, 500)] {
        let bytes = damage::sample(page_size, rows);
        let pages = bytes.len() / page_size as usize;
        for round in 0..300 {
            let mut bytes = bytes.clone();
            for _ in 0..=random.below(3) {
                let page = (2 + random.below(pages - 2)) * page_size as usize;
                let kind = bytes[page];
                if kind != 0x0d && kind != 0x05 && random.below(4) > 0 {
                    continue;
                }
                // Mostly where a page says what it is and where its cells lie.
                let at = match random.below(3) {
                    0 => random.below(8),
                    1 => 8 + random.below(60),
                    _ => random.below(page_size as usize),
                };
                bytes[page + at] = match random.below(3) {
                    0 => bytes[page + at] ^ 1 << random.below(8),
                    1 => 0,
                    _ => random.next().to_le_bytes()[0],
                };
            }
            check(&bytes, &format!("{page_size}, round {round}"));
        }
    }
}
