//! Databases that are cut off, overwritten, or flipped at random.

use super::*;

/// Whether a row is one of these, wherever it was found.
fn is_in(row: &Row, rows: &[Row]) -> bool {
    let said = |r: &Row| {
        (
            r.place.key,
            r.fields.clone(),
            r.checksum.clone(),
            r.extras.clone(),
        )
    };
    rows.iter().any(|other| said(other) == said(row))
}

pub(super) fn sample(page_size: u32, rows: u32) -> Vec<u8> {
    let database = Database::new();
    let connection = database.run(&format!("PRAGMA page_size={page_size}; {SCHEMA}"));
    insert(&connection, "audit_log", 0, rows);
    drop(connection);
    database.bytes()
}

#[test]
fn what_lies_before_the_cut_is_read() {
    let bytes = sample(4096, 2_000);
    let cut = bytes.len() / 2 / 4096 * 4096 + 1000;
    let (rows, notes) = all(&bytes[..cut], None);
    assert!(rows.len() > 300 && rows.len() < 2_000, "{}", rows.len());
    let mut told = codes(&notes);
    told.dedup();
    assert_eq!(
        told,
        [
            "database-truncated",
            "database-corrupt",
            "page-lost",
            "index-damaged",
            "row-lost",
            "index-differences-omitted"
        ]
    );
    // Every row read is a true one.
    let (whole, _) = all(&bytes, None);
    for row in rows.iter().filter(|r| r.readable) {
        assert!(is_in(row, &whole));
    }
}

#[test]
fn whole_rows_of_the_page_within_which_it_ends() {
    const PAGE: usize = 4096;
    let bytes = sample(4096, 600);
    let (whole, _) = all(&bytes, None);
    let is_leaf = |page: &usize| bytes[page * PAGE] == 0x0d;
    let leaves: Vec<usize> = (20..bytes.len() / PAGE)
        .filter(is_leaf)
        .step_by(12)
        .collect();
    let mut more = 0;
    for (page, there) in leaves
        .iter()
        .zip([2_000, 100, 3_000, 1_300, 4_000].into_iter().cycle())
    {
        let start = page * PAGE;
        let (without, _) = all(&bytes[..start], None);
        let mut scan = open(&bytes[..start + there], None).unwrap();
        let (rows, notes) = read(&mut scan);
        assert!(rows.iter().all(|row| is_in(row, &whole)));
        // Each row ends with this date, and none here is long enough for a page of its own.
        let fragment = &bytes[start..start + there];
        let expected = memchr::memmem::find_iter(fragment, "2026-03-02").count();
        assert_eq!(rows.len() - without.len(), expected, "page {page}, {there}");
        let is_told = notes.iter().any(|n| n.message.contains("only in part"));
        let account = scan.account();
        assert_eq!(account.total(), (start + there) as u64);
        let rest = account
            .unexamined
            .iter()
            .find(|u| u.code == "incomplete-page");
        let last = memchr::memmem::rfind(fragment, b"2026-03-02").map(|at| at + 10);
        match last {
            Some(last) => {
                assert_eq!(rest.map_or(0, |u| u.bytes), (there - last) as u64);
                let is_orphan = notes.iter().any(|n| n.code == "pages-orphaned");
                assert!(is_told || is_orphan, "{notes:?}");
            }
            None => assert_eq!(rest.map_or(0, |u| u.bytes), there as u64),
        }
        for row in rows.iter().rev().take(40) {
            let mut again = 0;
            let read = scan.reread(row.part, row.place, &mut |_| {
                again += 1;
                ControlFlow::Continue(())
            });
            assert!(read.is_ok() && again == 1, "{read:?}");
        }
        more += expected;
    }
    assert!(more > 0, "{more}");
}

#[test]
fn cut_off_anywhere() {
    let bytes = sample(1024, 60);
    for len in (16..bytes.len()).step_by(97).chain([100, 511, 512, 1024]) {
        match open(&bytes[..len], None) {
            Ok(mut scan) => {
                let (_, notes) = read(&mut scan);
                assert_eq!(notes[0].code, "database-truncated", "{len}");
            }
            Err(error) => {
                assert!(
                    error.is_corrupt_input() || error.is_not_a_log(),
                    "{len}: {error}"
                );
                assert!(error.hint().is_some());
            }
        }
    }
}

#[test]
fn noise_after_the_magic() {
    let mut random = Xorshift(3);
    for len in [16, 17, 100, 512, 4096, 65536] {
        let mut bytes = b"SQLite format 3\0".to_vec();
        bytes.resize_with(len, || random.next().to_le_bytes()[0]);
        assert!(open(&bytes, None).err().unwrap().is_corrupt_input());
        assert!(open(&bytes, Some(&bytes)).err().unwrap().is_corrupt_input());
        bytes[16..].fill(0);
        assert!(open(&bytes, None).is_err());
        bytes[16..].fill(0xff);
        assert!(open(&bytes, None).is_err());
    }
    // An encrypted database that kept its plain header.
    let mut bytes = sample(4096, 50);
    bytes[100..].fill_with(|| random.next().to_le_bytes()[0]);
    let error = open(&bytes, None).err().unwrap();
    assert!(error.is_corrupt_input());
    assert!(error.hint().unwrap().contains("encrypted"));
}

#[test]
fn a_damaged_row_leaves_the_others_alone() {
    let bytes = sample(4096, 500);
    let (whole, _) = all(&bytes, None);
    let at = memchr::memmem::find(&bytes, b"{\"n\": 120, ").unwrap();
    let page = at / 4096 * 4096;
    // The row's list of types: lengths that are beyond its end.
    let mut damaged = bytes.clone();
    let id = format!("e{:05}", 120 * 7919 % 100_000);
    let start = memchr::memmem::find(&damaged[page..], id.as_bytes()).unwrap() + page;
    damaged[start - 6..start].fill(0xff);
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    let same = rows.iter().filter(|r| is_in(r, &whole)).count();
    assert_eq!((rows.len(), same), (500, 499));
    assert_eq!(codes(&notes), ["database-corrupt"]);
    assert_eq!(
        rows.iter()
            .filter(|r| !r.readable)
            .map(|r| r.place.key)
            .collect::<Vec<_>>(),
        [121]
    );
}

#[test]
fn a_row_that_begins_at_the_end_of_its_page() {
    let mut bytes = sample(4096, 500);
    let (whole, _) = all(&bytes, None);
    let at = memchr::memmem::find(&bytes, b"{\"n\": 120, ").unwrap();
    let page = at / 4096 * 4096;
    // The pointers to its second and third cell lead to its last byte, and what begins there goes on behind it.
    bytes[page + 10..page + 14].copy_from_slice(&[0x0f, 0xff, 0x0f, 0xff]);
    bytes[page + 4095] = 0x77;
    let mut scan = open(&bytes, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert_eq!(rows.len(), 498);
    assert!(rows.iter().filter(|row| is_in(row, &whole)).count() >= 497);
    let lost = |n: &&Note| n.message.contains("does not begin within the page");
    assert_eq!(notes.iter().filter(lost).count(), 2, "{notes:?}");
}

#[test]
fn an_overflow_page_that_is_gone() {
    let bytes = sample(1024, 200);
    let (whole, _) = all(&bytes, None);
    // An overflow page begins with the number of the next one; beyond the file is nowhere.
    let page = (1..bytes.len() / 1024)
        .map(|n| n * 1024)
        .find(|&at| {
            bytes[at..at + 4] != [0; 4] && bytes[at + 5..].starts_with("é".repeat(400).as_bytes())
        })
        .unwrap();
    let mut damaged = bytes.clone();
    damaged[page..page + 4].copy_from_slice(&[0x7f, 0, 0, 0]);
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert_eq!(rows.len(), 200);
    let bad: Vec<&Row> = rows.iter().filter(|r| !r.readable).collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(codes(&notes), ["database-corrupt"]);
    for (row, true_row) in rows.iter().zip(&whole) {
        assert_eq!(row.place.key, true_row.place.key);
        assert!(row.fields == true_row.fields || !row.readable);
        assert_eq!(&reread(&scan, 0, row.place).unwrap(), row);
    }
}

#[test]
fn a_page_that_is_gone_hides_only_its_own_rows() {
    let bytes = sample(4096, 2_000);
    let (whole, _) = all(&bytes, None);
    let at = memchr::memmem::find(&bytes, b"{\"n\": 1001, ").unwrap();
    let mut damaged = bytes.clone();
    damaged[at / 4096 * 4096..][..4096].fill(0);
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert!(rows.len() > 1_950 && rows.len() < 2_000, "{}", rows.len());
    assert!(rows.iter().all(|r| is_in(r, &whole)));
    // The indexes know which.
    assert_eq!(
        codes(&notes).len(),
        2 + 2_000 - rows.len(),
        "{:?}",
        codes(&notes)
    );
    assert!(notes[2..].iter().all(|n| n.code == "row-lost"));
    let page = at / 4096 + 1;
    assert!(
        notes[1].message.contains(&format!("page {page} is lost")),
        "{}",
        notes[1].message
    );
}

#[test]
fn a_tree_that_leads_back_comes_to_an_end() {
    let bytes = sample(512, 400);
    let (whole, _) = all(&bytes, None);
    // The pages of the table's tree just above its leaves have type 5. Let all their pointers lead to one leaf.
    let mut damaged = bytes.clone();
    for page in 1..bytes.len() / 512 {
        let page = &mut damaged[page * 512..][..512];
        let cells = u16::from_be_bytes([page[3], page[4]]);
        if page[0] != 5 || cells < 8 {
            continue;
        }
        let first = usize::from(u16::from_be_bytes([page[12], page[13]]));
        let child: [u8; 4] = page[first..first + 4].try_into().unwrap();
        for cell in 1..usize::from(cells) {
            let at = usize::from(u16::from_be_bytes([
                page[12 + 2 * cell],
                page[13 + 2 * cell],
            ]));
            page[at..at + 4].copy_from_slice(&child);
        }
    }
    assert!(damaged != bytes);
    let (rows, notes) = read(&mut open(&damaged, None).unwrap());
    assert!(rows.len() <= 400, "{}", rows.len());
    assert!(rows.iter().all(|r| !r.readable || is_in(r, &whole)));
    assert!(codes(&notes).contains(&"database-corrupt"));
}

#[test]
fn flipped_bytes_never_panic_nor_hang() {
    let mut random = Xorshift(1234);
    let with_rowid = sample(512, 40);
    let without = {
        let database = Database::new();
        let connection = database.run(
            "PRAGMA page_size=512;
             CREATE TABLE a (entry_id PRIMARY KEY, timestamp, event_type, actor, resource_type,
                resource_id, action, details, checksum, written_at) WITHOUT ROWID;",
        );
        insert(&connection, "a", 0, 40);
        drop(connection);
        database.bytes()
    };
    let (mut opened, mut whole) = (0, 0);
    for round in 0..800 {
        let mut bytes = if round % 2 == 0 {
            with_rowid.clone()
        } else {
            without.clone()
        };
        for _ in 0..=random.below(6) {
            let at = match random.below(3) {
                // Headers of the file and of pages: there damage does most.
                0 => random.below(100),
                1 => random.below(bytes.len() / 512) * 512 + random.below(24),
                _ => random.below(bytes.len()),
            };
            bytes[at] = random.next().to_le_bytes()[0];
        }
        let Ok(mut scan) = open(&bytes, None) else {
            continue;
        };
        opened += 1;
        let (rows, _) = read(&mut scan);
        whole += usize::from(rows.len() == 40);
        assert!(rows.len() < bytes.len() / 8);
        for row in rows.iter().take(60) {
            let _ = reread(&scan, row.part, row.place);
        }
    }
    assert!(
        opened > 100 && whole > 50 && whole < opened,
        "{whole} of {opened}"
    );
}

/// What a plain scan by SQLite shows until it ends or fails, as CPython's cursor does: rowid, id, details.
fn shown_by_sqlite(bytes: &[u8]) -> Vec<(i64, Value, Value)> {
    let database = Database::of(bytes, None);
    let Ok(connection) = Connection::open(database.path()) else {
        return Vec::new();
    };
    let sql = "SELECT rowid, entry_id, CAST(details AS BLOB) FROM audit_log NOT INDEXED";
    let Ok(mut stmt) = connection.prepare(sql) else {
        return Vec::new();
    };
    let blob = |value: Value| match value {
        Value::Text(text) => Value::Blob(text.into_bytes()),
        other => other,
    };
    let rows = stmt.query_map([], |r| {
        let id = match r.get_ref(1)? {
            rusqlite::types::ValueRef::Text(t) => Value::Blob(t.to_vec()),
            rusqlite::types::ValueRef::Integer(n) => Value::Integer(n),
            rusqlite::types::ValueRef::Real(x) => Value::Real(x),
            rusqlite::types::ValueRef::Blob(b) => Value::Blob(b.to_vec()),
            rusqlite::types::ValueRef::Null => Value::Null,
        };
        Ok((r.get(0)?, id, blob(r.get(2)?)))
    });
    // A damaged tree may lead it round in circles.
    rows.unwrap()
        .map_while(Result::ok)
        .take(bytes.len() / 8)
        .collect()
}

#[test]
fn every_row_that_a_plain_scan_shows_is_read() {
    let mut random = Xorshift(4711);
    let clean = [sample(512, 60), sample(1024, 150)];
    let (mut partial, mut complete, mut more) = (0, 0, 0);
    for round in 0..1_500 {
        let page_size = [512, 1024][round % 2];
        let mut bytes = clean[round % 2].clone();
        let pages = bytes.len() / page_size;
        for _ in 0..=random.below(4) {
            let page = 2 + random.below(pages - 2);
            let at = page * page_size
                + match random.below(3) {
                    0 => random.below(12),
                    1 => random.below(60),
                    _ => random.below(page_size),
                };
            bytes[at] = random.next().to_le_bytes()[0];
        }
        let theirs = shown_by_sqlite(&bytes);
        let Ok(mut scan) = open(&bytes, None) else {
            assert!(theirs.is_empty(), "{round}");
            continue;
        };
        let (rows, notes) = read(&mut scan);
        let value = |v: &Owned| match v {
            Owned::Text(b) | Owned::Blob(b) => Value::Blob(b.clone()),
            Owned::Integer(n) => Value::Integer(*n),
            Owned::Real(x) => Value::Real(*x),
            Owned::Null | Owned::Missing => Value::Null,
        };
        let is_same = |row: &Row, (rowid, id, details): &(i64, Value, Value)| {
            let is_blob = matches!(details, Value::Blob(_) | Value::Null);
            row.place.key.cast_signed() == *rowid
                && (!row.readable
                    || (value(row.field("entry_id")) == *id
                        && (!is_blob || value(row.field("details")) == *details)))
        };
        for row in &theirs {
            assert!(
                rows.iter().any(|r| is_same(r, row)),
                "{round}: {row:?} {:?}",
                codes(&notes)
            );
        }
        for row in rows.iter().step_by(5) {
            let again = reread(&scan, row.part, row.place).unwrap();
            assert_eq!(again.place, row.place);
        }
        match rows.len() {
            60 | 150 => complete += 1,
            _ => partial += 1,
        }
        more += usize::from(rows.len() > theirs.len());
    }
    assert!(
        complete > 300 && partial > 50 && more > 100,
        "{complete} {partial} {more}"
    );
}

#[test]
fn rows_whose_rowids_are_out_of_order_are_read() {
    let bytes = sample(4096, 300);
    let (whole, _) = all(&bytes, None);
    // A cell begins with its length and its rowid; 77 becomes 127, and so comes before 78.
    let id = memchr::memmem::find(&bytes, b"{\"n\": 76, ").unwrap();
    let record = bytes[..id]
        .windows(2)
        .rposition(|w| w == [77, 11] || w == [77, 12])
        .expect("the rowid before the header's length");
    let mut damaged = bytes.clone();
    damaged[record] = 127;
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert_eq!(rows.len(), 300);
    assert_eq!(rows.iter().filter(|r| r.place.key == 127).count(), 2);
    let fields = |rows: &[Row]| rows.iter().map(|r| r.fields.clone()).collect::<Vec<_>>();
    assert_eq!(fields(&rows), fields(&whole));
    assert_eq!(notes[0].code, "database-corrupt");
    assert!(notes[0].message.contains("out of order"), "{notes:?}");
    // Of two rows with one rowid, the one that was met before the damage is not told from the other.
    for row in rows.iter().filter(|r| r.place.key != 127) {
        assert_eq!(&reread(&scan, 0, row.place).unwrap(), row);
    }
}

#[test]
fn a_table_without_rowids_goes_on_behind_a_lost_page() {
    let database = Database::new();
    let connection = database.run(
        "PRAGMA page_size=512;
         CREATE TABLE a (entry_id PRIMARY KEY, timestamp, event_type, actor, resource_type,
            resource_id, action, details, checksum, written_at) WITHOUT ROWID;",
    );
    insert(&connection, "a", 0, 200);
    drop(connection);
    let bytes = database.bytes();
    let (whole, _) = all(&bytes, None);
    let at = memchr::memmem::find(&bytes, b"{\"n\": 120, ").unwrap() / 512 * 512;
    assert!(bytes[at] == 10 || bytes[at] == 2 || bytes[at] == 0);
    let leaf = (1..bytes.len() / 512)
        .map(|p| p * 512)
        .filter(|&at| bytes[at] == 10)
        .nth(20);
    let mut damaged = bytes.clone();
    damaged[leaf.unwrap()..][..512].fill(0);
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert!(rows.len() < 200 && rows.len() > 190, "{}", rows.len());
    assert!(codes(&notes).contains(&"page-lost"));
    for row in &rows {
        assert!(whole.iter().any(|w| w.fields == row.fields));
        assert_eq!(&reread(&scan, 0, row.place).unwrap(), row);
    }
}

#[test]
fn a_damaged_entry_of_the_schema_leaves_the_others_alone() {
    let bytes = sample(4096, 30);
    let mut damaged = bytes.clone();
    let at = memchr::memmem::find(&damaged, b"CREATE INDEX idx_audit_time").unwrap();
    damaged[at..at + 6].copy_from_slice(b"CREAXE");
    let mut scan = open(&damaged, None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert_eq!(rows.len(), 30);
    assert_eq!(codes(&notes), ["schema-corrupt"]);
}

#[test]
fn a_host_that_fails_is_an_error_of_the_host() {
    struct Failing(Vec<u8>, u64);
    impl crate::source::ByteSource for Failing {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
            if offset + buf.len() as u64 > self.1 {
                return Err(std::io::Error::other("the disk was pulled out"));
            }
            Memory::new(&self.0[..]).read_at(offset, buf)
        }
    }
    let bytes = sample(4096, 5_000);
    let good = 3 * 256 * 1024;
    assert!(bytes.len() as u64 > good);
    let main = Rc::new(Cached::new(Box::new(Failing(bytes.clone(), good))));
    let mut scan = SqliteScan::open("a.db", main, None, None, false).unwrap();
    let error = loop {
        match scan.step(&mut |_, _| ControlFlow::Continue(())) {
            Ok(Step::More) => {}
            Ok(Step::End) => panic!("it read what cannot be read"),
            Err(error) => break error,
        }
    };
    assert!(error.is_unavailable());
    assert!(error.to_string().contains("pulled out"), "{error}");
    let main = Rc::new(Cached::new(Box::new(Failing(bytes, 0))));
    let error = SqliteScan::open("a.db", main, None, None, false)
        .err()
        .unwrap();
    assert!(error.is_unavailable());
}
