//! Hot rollback journals, written by SQLite and rolled back by it and by us.

use super::*;

/// A database in the middle of a transaction that has changed much of it, and its journal.
fn in_the_middle(page_size: u32, sync: &str) -> (Vec<u8>, Vec<u8>) {
    let database = Database::new();
    let connection = database.run(&format!("PRAGMA page_size={page_size}; {SCHEMA}"));
    insert(&connection, "audit_log", 0, 150);
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous={sync}; PRAGMA cache_size=2; PRAGMA cache_spill=1; BEGIN;
             UPDATE audit_log SET actor = 'changed' WHERE rowid % 3 = 0;
             DELETE FROM audit_log WHERE rowid > 140;"
        ))
        .unwrap();
    insert(&connection, "audit_log", 1_000, 1_100);
    let files = (
        database.bytes(),
        std::fs::read(database.dir.path().join("audit.db-journal")).unwrap(),
    );
    connection.execute_batch("ROLLBACK").unwrap();
    files
}

/// The database after SQLite opened it beside its journal.
fn recovered_by_sqlite(main: &[u8], journal: &[u8]) -> Vec<u8> {
    let database = Database::of(main, None);
    std::fs::write(database.dir.path().join("audit.db-journal"), journal).unwrap();
    let connection = Connection::open(database.path()).unwrap();
    // Recovery comes before the first read, whatever that finds.
    let _ = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| {
        r.get::<_, i64>(0)
    });
    drop(connection);
    database.bytes()
}

fn opened(main: &[u8], journal: &[u8], roll_back: bool) -> Result<SqliteScan, Error> {
    SqliteScan::open("a.db", cached(main), None, Some(cached(journal)), roll_back)
}

/// All bytes that SQLite is shown.
fn image(scan: &SqliteScan) -> Vec<u8> {
    let image = scan.db.vfs().image();
    let mut bytes = vec![0; usize::try_from(image.size()).unwrap()];
    image.read_at(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn rolled_back_as_sqlite_does() {
    for page_size in [512, 1024, 4096] {
        for sync in ["OFF", "FULL"] {
            let (main, journal) = in_the_middle(page_size, sync);
            let theirs = recovered_by_sqlite(&main, &journal);
            assert_ne!(main, theirs);
            let mut scan = opened(&main, &journal, true).unwrap();
            assert!(image(&scan) == theirs, "{page_size} {sync}");
            let (rows, notes) = read(&mut scan);
            assert_eq!(codes(&notes), ["journal-rolled-back"]);
            let (whole, _) = all(&theirs, None);
            assert_eq!(rows, whole);
            assert_eq!(rows.len(), 150);
            // As it stands, what the transaction had written is there.
            let mut scan = opened(&main, &journal, false).unwrap();
            let (rows, notes) = read(&mut scan);
            assert_eq!(notes[0].code, "hot-journal");
            assert!(rows.iter().any(|r| r.field("actor") == &text("changed")));
        }
    }
}

#[test]
fn a_journal_that_is_cut_or_damaged_goes_as_far_as_sqlite_goes() {
    let mut random = Xorshift(5);
    let (main, journal) = in_the_middle(512, "FULL");
    let (mut less, mut damaged) = (0, 0);
    for round in 0..120 {
        let mut journal = journal.clone();
        if round % 2 == 0 {
            journal.truncate(600 + random.below(journal.len() - 600));
        } else {
            let at = 512 + random.below(journal.len() - 512);
            journal[at] ^= 1 << random.below(8);
        }
        let theirs = recovered_by_sqlite(&main, &journal);
        let Ok(mut scan) = opened(&main, &journal, true) else {
            continue;
        };
        assert!(image(&scan) == theirs, "{round}");
        let notes = scan.take_notes();
        damaged += usize::from(codes(&notes).contains(&"journal-damaged"));
        less += usize::from(scan.step(&mut |_, _| ControlFlow::Continue(())).is_ok());
    }
    assert!(less > 60 && damaged > 20, "{less} {damaged}");
}
