//! Pages of a table to which no page leads any more.

use super::damage::sample;
use super::*;

#[test]
fn leaves_below_a_lost_page_are_found_by_their_content() {
    let bytes = sample(512, 400);
    let (whole, _) = all(&bytes, None);
    // The pages above the table's leaves, but for its root, which is page 2.
    let interior: Vec<usize> = (2..bytes.len() / 512)
        .map(|page| page * 512)
        .filter(|&at| bytes[at] == 5)
        .collect();
    assert!(interior.len() > 1);
    let mut damaged = bytes.clone();
    damaged[interior[0]..][..512].fill(0xaa);
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    let told = codes(&notes);
    assert!(
        told.contains(&"page-lost") && told.contains(&"pages-orphaned"),
        "{told:?}"
    );
    assert!(notes.iter().any(|n| n.locator
        == crate::finding::Locator::Page {
            page: u32::try_from(interior[0] / 512 + 1).unwrap()
        }));
    let mut ids: Vec<u64> = rows.iter().map(|r| r.place.key).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=400).collect::<Vec<u64>>());
    for row in &rows {
        assert_eq!(&reread(&scan, 0, row.place).unwrap(), row);
        assert!(whole.iter().any(|w| w.fields == row.fields));
    }
    // Without its root as well: nothing leads anywhere.
    damaged[512..1024].fill(0);
    let (rows, _) = read(&mut open(&damaged, None).unwrap());
    assert_eq!(rows.len(), 400);
}

const WITHOUT_ROWID: &str = "PRAGMA page_size=512;
    CREATE TABLE a (timestamp, event_type, entry_id PRIMARY KEY, actor, resource_type,
        resource_id, action, details, checksum, written_at) WITHOUT ROWID;";

/// Pages above the leaves of an index's tree, but for page 2, in the order of the file.
fn interior_of_index(bytes: &[u8]) -> Vec<usize> {
    let pages = (2..bytes.len() / 512).map(|page| page * 512);
    pages.filter(|&at| bytes[at] == 2).collect()
}

#[test]
fn orphans_of_a_table_without_rowids_are_found_by_their_content() {
    let database = Database::new();
    let connection = database.run(WITHOUT_ROWID);
    connection
        .execute_batch("CREATE INDEX i ON a (timestamp); CREATE INDEX j ON a (checksum, actor)")
        .unwrap();
    insert(&connection, "a", 0, 600);
    drop(connection);
    let bytes = database.bytes();
    let (whole, _) = all(&bytes, None);
    let interior = interior_of_index(&bytes);
    assert!(interior.len() > 10, "{}", interior.len());
    for at in interior {
        let cells = usize::from(u16::from_be_bytes([bytes[at + 3], bytes[at + 4]]));
        let mut damaged = bytes.clone();
        damaged[at..][..512].fill(0xaa);
        let mut scan = open(&damaged, None).unwrap();
        let (rows, notes) = read(&mut scan);
        if !codes(&notes).contains(&"page-lost") {
            assert_eq!(rows.len(), 600, "an index's page");
            continue;
        }
        assert!(codes(&notes).contains(&"pages-orphaned"), "{notes:?}");
        // What stood on the page itself is lost, and nothing else.
        assert_eq!(rows.len(), 600 - cells);
        let mut found: Vec<&Owned> = rows.iter().map(|r| r.field("entry_id")).collect();
        found.sort_by_key(|id| format!("{id:?}"));
        found.dedup();
        assert_eq!(found.len(), rows.len());
        for row in &rows {
            assert!(whole.iter().any(|w| w.fields == row.fields));
            assert_eq!(&reread(&scan, 0, row.place).unwrap(), row);
        }
    }
    // Without the root nothing leads anywhere, not even to the pages above the leaves, on which rows lie too.
    let cells = usize::from(u16::from_be_bytes([bytes[512 + 3], bytes[512 + 4]]));
    let mut damaged = bytes.clone();
    damaged[512..1024].fill(0);
    let (rows, _) = read(&mut open(&damaged, None).unwrap());
    assert_eq!(rows.len(), 600 - cells);
}

#[test]
fn what_was_deleted_from_a_table_without_rowids_is_no_orphan() {
    let database = Database::new();
    let connection = database.run(WITHOUT_ROWID);
    insert(&connection, "a", 0, 600);
    connection
        .execute_batch("DELETE FROM a WHERE entry_id > 'e4'")
        .unwrap();
    drop(connection);
    let bytes = database.bytes();
    let (whole, _) = all(&bytes, None);
    let mut damaged = bytes.clone();
    damaged[512..1024].fill(0);
    let (rows, notes) = read(&mut open(&damaged, None).unwrap());
    assert!(rows.len() > whole.len() - 10 && rows.len() < whole.len());
    assert!(
        rows.iter()
            .all(|r| whole.iter().any(|w| w.fields == r.fields))
    );
    assert!(codes(&notes).contains(&"pages-orphaned"));
}

#[test]
fn an_index_that_looks_like_its_table_is_not_taken_for_it() {
    let database = Database::new();
    let connection = database.run(WITHOUT_ROWID);
    // Its records have as many values as those of the table, and the checksum in the same place.
    connection
        .execute_batch(
            "CREATE INDEX i ON a (timestamp, actor, event_type, resource_type, resource_id,
                action, details, entry_id, checksum, written_at)",
        )
        .unwrap();
    insert(&connection, "a", 0, 300);
    drop(connection);
    let bytes = database.bytes();
    let (whole, _) = all(&bytes, None);
    for at in interior_of_index(&bytes).into_iter().chain([1024]) {
        let mut damaged = bytes.clone();
        damaged[512..1024].fill(0);
        damaged[at..][..512].fill(0);
        let (rows, _) = read(&mut open(&damaged, None).unwrap());
        assert!(
            rows.iter()
                .all(|r| whole.iter().any(|w| w.fields == r.fields))
        );
    }
}
