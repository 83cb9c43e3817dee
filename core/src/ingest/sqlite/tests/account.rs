//! What became of a database's bytes, by the tables and indexes that they belong to.

use super::*;

/// The pages that were not examined, by code and message.
fn unexamined(main: &[u8], wal: Option<&[u8]>) -> Vec<(String, u64, String)> {
    let mut scan = open(main, wal).unwrap();
    read(&mut scan);
    let account = scan.account();
    let total = (main.len() + wal.map_or(0, <[u8]>::len)) as u64;
    assert_eq!(account.total(), total, "{account:?}");
    // Asked again it is the same.
    assert_eq!(scan.account(), account);
    let told = account.unexamined.into_iter();
    told.map(|u| (u.code, u.bytes, u.message)).collect()
}

#[test]
fn pages_are_told_by_table() {
    let database = Database::new();
    let connection = database.run(&format!(
        "PRAGMA page_size=512; {SCHEMA}
         CREATE TABLE users (name TEXT, note TEXT);
         CREATE INDEX users_by_name ON users (name);
         CREATE TABLE pairs (a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID;
         CREATE TABLE empty (a);"
    ));
    insert(&connection, "audit_log", 0, 40);
    connection
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO users SELECT printf('%020d', i), 'note' FROM n;
             INSERT INTO users VALUES ('long', hex(zeroblob(3000)));
             INSERT INTO pairs SELECT name, hex(zeroblob(400)) FROM users WHERE rowid <= 60;",
        )
        .unwrap();
    let pages = |name: &str| -> u32 {
        connection
            .query_row(
                "SELECT count(*) FROM dbstat WHERE name = ?",
                [name],
                |row| row.get(0),
            )
            .unwrap_or(0)
    };
    let expected = ["users", "users_by_name", "pairs", "empty"].map(pages);
    drop(connection);
    let told = unexamined(&database.bytes(), None);
    let messages: Vec<&str> = told.iter().map(|(_, _, m)| m.as_str()).collect();
    let text = format!("{told:?}");
    assert_eq!(told.len(), 4, "{text}");
    assert!(
        told.iter().all(|(code, ..)| code == "other-table"),
        "{text}"
    );
    assert!(messages[0].ends_with(" pages of the table users"), "{text}");
    assert!(
        messages[1].ends_with(" pages of the index users_by_name of the table users"),
        "{text}"
    );
    assert!(messages[2].ends_with(" pages of the table pairs"), "{text}");
    assert_eq!(messages[3], "1 page of the table empty");
    // Where SQLite was built to tell.
    if expected[0] > 0 {
        let bytes: Vec<u64> = told.iter().map(|(_, bytes, _)| bytes / 512).collect();
        let expected = expected.map(u64::from);
        assert_eq!(bytes, expected);
    }
}

#[test]
fn pages_of_which_there_is_a_newer_version() {
    let database = Database::new();
    let connection = database.run(&format!("PRAGMA journal_mode=WAL; {SCHEMA}"));
    insert(&connection, "audit_log", 0, 30);
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    insert(&connection, "audit_log", 30, 31);
    let told = unexamined(&database.bytes(), Some(&database.wal()));
    let [(code, bytes, message)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(code, "superseded-pages");
    assert!(*bytes > 0 && bytes % 4096 == 0);
    assert!(
        message.ends_with(" of which the write-ahead log has a newer version"),
        "{message}"
    );
}

#[test]
fn free_pages_and_pages_that_nothing_leads_to() {
    let database = Database::new();
    let connection = database.run(&format!("{SCHEMA} CREATE TABLE gone (a);"));
    insert(&connection, "audit_log", 0, 10);
    connection
        .execute_batch("INSERT INTO gone VALUES (zeroblob(30000)); DELETE FROM gone;")
        .unwrap();
    drop(connection);
    let mut bytes = database.bytes();
    let told = unexamined(&bytes, None);
    let codes: Vec<&str> = told.iter().map(|(code, ..)| code.as_str()).collect();
    assert_eq!(codes, ["free-pages", "other-table"], "{told:?}");
    // The list of free pages is forgotten.
    bytes[32..40].fill(0);
    let told = unexamined(&bytes, None);
    let codes: Vec<&str> = told.iter().map(|(code, ..)| code.as_str()).collect();
    assert_eq!(codes, ["other-table", "other-pages"], "{told:?}");
    assert!(told[1].2.ends_with("that nothing was found to lead to"));
}

#[test]
fn lost_pages_are_not_examined() {
    let database = Database::new();
    let connection = database.run(&format!("PRAGMA page_size=512; {SCHEMA}"));
    insert(&connection, "audit_log", 0, 200);
    let leaf = |name: &str| {
        let sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' LIMIT 1 OFFSET 3";
        let page: i64 = connection.query_row(sql, [name], |row| row.get(0)).unwrap();
        usize::try_from(page).unwrap()
    };
    let lost = ["audit_log", "idx_audit_time"].map(leaf);
    drop(connection);
    let mut bytes = database.bytes();
    for page in lost {
        bytes[(page - 1) * 512..page * 512].fill(0);
    }
    let mut told = unexamined(&bytes, None);
    told.sort();
    let mut expected = lost.map(|page| {
        let message = format!("page {page}, which is no page of the tree that leads to it");
        ("damaged-page".to_owned(), 512, message)
    });
    expected.sort();
    assert_eq!(told, expected);
}
