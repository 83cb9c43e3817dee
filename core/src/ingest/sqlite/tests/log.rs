//! Databases with their write-ahead log, compared with SQLite's own recovery.

use super::*;
use crate::finding::Severity;

/// A WAL-mode database with an open connection: nothing is written back until told.
fn live() -> (Database, Connection) {
    let database = Database::new();
    let connection = database.run(&format!(
        "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; {SCHEMA}"
    ));
    (database, connection)
}

/// What is read here is what SQLite shows of a copy.
fn same_as_sqlite(main: &[u8], wal: &[u8]) -> (Vec<Row>, Vec<Note>) {
    let (rows, notes) = all(main, Some(wal));
    let copy = Database::of(main, Some(wal));
    assert_eq!(as_read(&rows), as_sqlite_sees(&copy.path()).unwrap());
    (rows, notes)
}

#[test]
fn committed_frames_are_applied() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 50);
    let (rows, notes) = same_as_sqlite(&database.bytes(), &database.wal());
    assert_eq!(rows.len(), 50);
    assert_eq!(codes(&notes), ["wal-applied"]);
    expect_test::expect![
        "audit.db-wal was applied: 342 page versions in 53 committed transactions"
    ]
    .assert_eq(&notes[0].message);
    // The file alone does not even have the table.
    assert!(open(&database.bytes(), None).err().unwrap().is_not_a_log());
}

#[test]
fn a_log_over_a_database_with_content() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 300);
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    assert!(database.wal().is_empty());
    let (rows, notes) = same_as_sqlite(&database.bytes(), &database.wal());
    assert_eq!(rows.len(), 300);
    assert!(notes.is_empty());

    connection
        .execute_batch(
            "UPDATE audit_log SET details = '{}' WHERE rowid % 3 = 0;
             DELETE FROM audit_log WHERE rowid > 250;",
        )
        .unwrap();
    let (rows, notes) = same_as_sqlite(&database.bytes(), &database.wal());
    assert_eq!(rows.len(), 250);
    assert_eq!(rows[2].field("details"), &text("{}"));
    assert_eq!(codes(&notes), ["wal-applied"]);

    // Smaller than the file by a vacuum, then larger again.
    connection
        .execute_batch("DELETE FROM audit_log WHERE rowid > 20; VACUUM;")
        .unwrap();
    let (rows, _) = same_as_sqlite(&database.bytes(), &database.wal());
    assert_eq!(rows.len(), 20);
    insert(&connection, "audit_log", 1000, 1500);
    let (rows, _) = same_as_sqlite(&database.bytes(), &database.wal());
    assert_eq!(rows.len(), 520);
}

#[test]
fn a_log_counts_whatever_mode_the_file_claims() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 100);
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    connection
        .execute_batch("UPDATE audit_log SET details = '{}' WHERE rowid = 3")
        .unwrap();
    let mut main = database.bytes();
    main[18..20].copy_from_slice(&[1, 1]);
    let (rows, notes) = same_as_sqlite(&main, &database.wal());
    assert_eq!(rows[2].field("details"), &text("{}"));
    assert_eq!(codes(&notes), ["wal-applied"]);
}

#[test]
fn uncommitted_frames_are_not_applied() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 30);
    // So little cache that pages of an open transaction are written to the log.
    connection
        .execute_batch("PRAGMA cache_size=5; BEGIN;")
        .unwrap();
    insert(&connection, "audit_log", 100, 400);
    let (rows, notes) = same_as_sqlite(&database.bytes(), &database.wal());
    assert_eq!(rows.len(), 30);
    assert_eq!(codes(&notes), ["wal-applied", "wal-ignored-frames"]);
    assert!(
        notes[1].message.contains("never committed"),
        "{}",
        notes[1].message
    );
    assert_eq!(notes[1].severity, Severity::Info);
}

#[test]
fn frames_from_before_a_restart_are_not_applied() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 100);
    let long = database.wal().len();
    connection
        .execute_batch("PRAGMA wal_checkpoint(RESTART)")
        .unwrap();
    insert(&connection, "audit_log", 100, 102);
    let wal = database.wal();
    assert_eq!(wal.len(), long);
    let (rows, notes) = same_as_sqlite(&database.bytes(), &wal);
    assert_eq!(rows.len(), 102);
    assert_eq!(codes(&notes), ["wal-applied", "wal-ignored-frames"]);
    assert!(
        notes[1].message.contains("left over"),
        "{}",
        notes[1].message
    );
}

#[test]
fn both_byte_orders_of_checksums() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 20);
    let (main, mut wal) = (database.bytes(), database.wal());
    let (rows, _) = same_as_sqlite(&main, &wal);
    // The same log with its checksums of the other order.
    wal[3] ^= 1;
    rechecksum(&mut wal);
    let (other, notes) = same_as_sqlite(&main, &wal);
    assert_eq!(other, rows);
    assert_eq!(codes(&notes), ["wal-applied"]);
}

/// Computes the checksums of a log with pages of 1024 bytes anew: a simple model of the format.
fn rechecksum(wal: &mut [u8]) {
    let big = wal[3] & 1 == 1;
    let (mut a, mut b) = (0_u32, 0_u32);
    let mut take = |bytes: &[u8]| {
        for pair in bytes.chunks(8) {
            let word = |i: usize| {
                let w = pair[i..i + 4].try_into().unwrap();
                if big {
                    u32::from_be_bytes(w)
                } else {
                    u32::from_le_bytes(w)
                }
            };
            a = a.wrapping_add(word(0)).wrapping_add(b);
            b = b.wrapping_add(word(4)).wrapping_add(a);
        }
        let mut sum = [0; 8];
        sum[..4].copy_from_slice(&a.to_be_bytes());
        sum[4..].copy_from_slice(&b.to_be_bytes());
        sum
    };
    let sum = take(&wal[..24]);
    wal[24..32].copy_from_slice(&sum);
    for frame in wal[32..].chunks_exact_mut(24 + 1024) {
        take(&frame[..8]);
        let sum = take(&frame[24..]);
        frame[16..24].copy_from_slice(&sum);
    }
}

#[test]
fn a_damaged_frame_ends_the_log_and_is_told() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 60);
    let (main, mut wal) = (database.bytes(), database.wal());
    let frame = 24 + 1024;
    let middle = 32 + (wal.len() - 32) / frame / 2 * frame;
    wal[middle + 500] ^= 0x40;
    let (rows, notes) = same_as_sqlite(&main, &wal);
    assert!(rows.len() < 60 && rows.len() > 5, "{}", rows.len());
    assert_eq!(codes(&notes), ["wal-applied", "wal-damaged"]);
    assert_eq!(notes[1].severity, Severity::Error);

    // The very last frame: a crash can do that, so it weighs less.
    let mut wal = database.wal();
    let last = wal.len() - 3;
    wal[last] ^= 1;
    let (rows, notes) = same_as_sqlite(&main, &wal);
    assert_eq!(rows.len(), 59);
    assert_eq!(codes(&notes), ["wal-applied", "wal-damaged"]);
    assert_eq!(notes[1].severity, Severity::Warning);
}

#[test]
fn a_log_that_was_cut_off() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 40);
    let (main, wal) = (database.bytes(), database.wal());
    for len in [
        0,
        1,
        31,
        32,
        33,
        56,
        1079,
        1080,
        wal.len() / 2,
        wal.len() - 1,
    ] {
        let copy = Database::of(&main, Some(&wal[..len]));
        match open(&main, Some(&wal[..len])) {
            Ok(mut scan) => {
                let (rows, _) = read(&mut scan);
                assert_eq!(
                    as_read(&rows),
                    as_sqlite_sees(&copy.path()).unwrap(),
                    "{len}"
                );
            }
            Err(error) => {
                assert!(error.is_not_a_log(), "{len}: {error}");
                assert!(as_sqlite_sees(&copy.path()).is_err());
            }
        }
    }
}

#[test]
fn a_log_of_another_database() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 10);
    let wal = database.wal();
    let other = Database::new();
    let connection = other.run(SCHEMA);
    insert(&connection, "audit_log", 0, 10);
    drop(connection);
    let (rows, notes) = all(&other.bytes(), Some(&wal));
    assert_eq!(rows.len(), 10);
    assert_eq!(codes(&notes), ["wal-mismatch"]);
    assert!(notes[0].message.contains("1024"), "{}", notes[0].message);
    let (rows, notes) = all(&other.bytes(), Some(&[b'x'; 5000]));
    assert_eq!(rows.len(), 10);
    assert_eq!(codes(&notes), ["wal-mismatch"]);
}

#[test]
fn a_log_that_ends_within_its_header_is_told() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 10);
    connection
        .execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
        .unwrap();
    let (main, wal) = (database.bytes(), database.wal());
    let codes_of = |wal: &[u8]| codes(&all(&main, Some(wal)).1);
    assert_eq!(codes_of(&[]), Vec::<&str>::new());
    assert_eq!(codes_of(&wal[..1]), ["wal-mismatch"]);
    assert_eq!(codes_of(&wal[..31]), ["wal-mismatch"]);
    // SQLite leaves a header alone where it starts a log anew.
    assert_eq!(codes_of(&wal[..32]), Vec::<&str>::new());
    assert_eq!(codes_of(&[b'x'; 32]), ["wal-mismatch"]);
}

#[test]
fn any_damage_to_the_log_shows_what_sqlite_shows() {
    let (database, connection) = live();
    insert(&connection, "audit_log", 0, 20);
    connection
        .execute_batch("PRAGMA wal_checkpoint(RESTART)")
        .unwrap();
    insert(&connection, "audit_log", 20, 26);
    let (main, wal) = (database.bytes(), database.wal());
    let mut random = Xorshift(41);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..200 {
        let mut wal = wal.clone();
        for _ in 0..=random.below(2) {
            // Half of them in headers, where it matters more.
            let frame = random.below((wal.len() - 32) / 1048);
            let at = match random.below(4) {
                0 => random.below(32),
                1 => 32 + frame * 1048 + random.below(24),
                _ => random.below(wal.len()),
            };
            wal[at] ^= 1 << random.below(8);
        }
        let copy = Database::of(&main, Some(&wal));
        let expected = as_sqlite_sees(&copy.path());
        let rows = read(&mut open(&main, Some(&wal)).unwrap()).0;
        seen.insert(rows.len());
        assert_eq!(as_read(&rows), expected.unwrap(), "round {round}");
    }
    assert!(seen.len() > 3, "the damage shows: {seen:?}");
}

#[test]
fn a_hot_journal_is_told() {
    let database = Database::new();
    let connection = database.run(&format!("PRAGMA cache_size=5; {SCHEMA}"));
    insert(&connection, "audit_log", 0, 50);
    connection.execute_batch("BEGIN").unwrap();
    insert(&connection, "audit_log", 50, 900);
    let main = database.bytes();
    let journal = std::fs::read(database.path().with_extension("db-journal")).unwrap();
    let notes = |journal: &[u8]| {
        let scan = SqliteScan::open("a.db", cached(&main), None, Some(cached(journal)), false);
        codes(&scan.unwrap().take_notes())
    };
    assert!(notes(&journal).contains(&"hot-journal"));
    assert!(!notes(&[0; 4096]).contains(&"hot-journal"));
    assert!(!notes(b"").contains(&"hot-journal"));
}
