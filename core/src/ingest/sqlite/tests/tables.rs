//! Whole databases of every shape that a log may have.

use super::*;

#[test]
fn every_page_size_and_encoding() {
    for page_size in [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536] {
        for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
            let database = Database::new();
            let connection = database.run(&format!(
                "PRAGMA page_size={page_size}; PRAGMA encoding='{encoding}'; {SCHEMA}"
            ));
            insert(&connection, "audit_log", 0, 120);
            drop(connection);
            let bytes = database.bytes();
            assert_eq!(bytes.len() % page_size, 0);
            let (rows, notes) = all(&bytes, None);
            assert_eq!(codes(&notes), [""; 0], "{page_size} {encoding}");
            assert_eq!(as_read(&rows), as_sqlite_sees(&database.path()).unwrap());
            assert_eq!(rows[3].checksum, text("0000000000000003"));
            assert_eq!(rows[3].field("actor"), &text("Zoë Müller"));
            assert_eq!(
                rows[3].extras,
                [("written_at".to_owned(), text("2026-03-02"))]
            );
        }
    }
}

#[test]
fn a_wal_mode_database_that_was_closed() {
    let database = Database::new();
    let connection = database.run(&format!("PRAGMA journal_mode=WAL; {SCHEMA}"));
    insert(&connection, "audit_log", 0, 10);
    drop(connection);
    let bytes = database.bytes();
    assert_eq!(bytes[18..20], [2, 2]);
    let (rows, notes) = all(&bytes, None);
    assert_eq!(rows.len(), 10);
    assert_eq!(codes(&notes), ["wal-missing"]);
    let (rows, notes) = all(&bytes, Some(b""));
    assert_eq!(rows.len(), 10);
    assert_eq!(codes(&notes), [""; 0]);
}

#[test]
fn values_are_given_as_they_are_stored() {
    let database = Database::new();
    database.run(
        "CREATE TABLE audit_log (entry_id, timestamp, event_type, actor, resource_type,
            resource_id, action, details, checksum);
         INSERT INTO audit_log VALUES
            (1, 1.5, NULL, x'00ff', x'', 'a' || char(0) || 'b', '', CAST(x'ff80' AS TEXT), NULL);
         INSERT INTO audit_log VALUES (-9223372036854775808, 9e999, '', '', '', '', '', '', 7);",
    );
    let (rows, _) = all(&database.bytes(), None);
    let row = &rows[0];
    assert_eq!(row.field("entry_id"), &Owned::Integer(1));
    assert_eq!(row.field("timestamp"), &Owned::Real(1.5));
    assert_eq!(row.field("event_type"), &Owned::Null);
    assert_eq!(row.field("actor"), &Owned::Blob(vec![0, 255]));
    assert_eq!(row.field("resource_type"), &Owned::Blob(vec![]));
    assert_eq!(row.field("resource_id"), &text("a\0b"));
    assert_eq!(row.field("action"), &text(""));
    assert_eq!(row.field("details"), &Owned::Text(vec![0xff, 0x80]));
    assert_eq!(row.checksum, Owned::Null);
    assert_eq!(rows[1].field("entry_id"), &Owned::Integer(i64::MIN));
    assert_eq!(rows[1].field("timestamp"), &Owned::Real(f64::INFINITY));
    assert_eq!(rows[1].checksum, Owned::Integer(7));
}

#[test]
fn rowids_of_every_size_in_order() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    for rowid in [5, i64::MAX, -3, i64::MIN, 0] {
        connection
            .execute(
                "INSERT INTO audit_log (rowid, entry_id, timestamp, event_type, actor,
                    resource_type, resource_id, action, details, checksum, written_at)
                 VALUES (?1, 'e' || ?1, '', '', '', '', '', '', '{}', '', '')",
                [rowid],
            )
            .unwrap();
    }
    drop(connection);
    let (rows, _) = all(&database.bytes(), None);
    let rowids: Vec<i64> = rows.iter().map(|r| r.place.key.cast_signed()).collect();
    assert_eq!(rowids, [i64::MIN, -3, 0, 5, i64::MAX]);
    let scan = open(&database.bytes(), None).unwrap();
    assert_eq!(
        scan.locator(0, rows[1].place).to_string(),
        "audit_log rowid -3"
    );
    let absent = Place { key: 77, line: 0 };
    assert!(reread(&scan, 0, absent).unwrap_err().is_unavailable());
    assert!(reread(&scan, 9, absent).is_err());
}

#[test]
fn columns_go_by_name() {
    let database = Database::new();
    database.run(
        r#"CREATE TABLE "odd ""name""" (note TEXT, CheckSum, "DETAILS" TEXT, action, actor, rowid TEXT,
            resource_id, resource_type, event_type, timestamp, entry_id, more, a1, a2, a3, a4, a5, a6, a7);
         INSERT INTO "odd ""name""" VALUES ('n','c','{}','ac','ar','r','ri','rt','ev','ts','id',NULL,
            1,2,3,4,5,6,7);"#,
    );
    let (rows, _) = all(&database.bytes(), None);
    let row = &rows[0];
    for (name, value) in [
        ("action", "ac"),
        ("actor", "ar"),
        ("details", "{}"),
        ("timestamp", "ts"),
    ] {
        assert_eq!(row.field(name), &text(value));
    }
    assert_eq!(row.checksum, text("c"));
    let names: Vec<&str> = row.extras.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(
        names,
        [
            "note", "rowid", "more", "a1", "a2", "a3", "a4", "a5", "a6", "a7"
        ]
    );
    assert_eq!(row.extra("a7"), &Owned::Integer(7));
    assert_eq!(row.place, Place { key: 1, line: 0 });
    assert_eq!(
        open(&database.bytes(), None).unwrap().parts()[0].name,
        "odd \"name\""
    );
}

#[test]
fn a_table_whose_columns_hide_the_rowid() {
    let database = Database::new();
    database.run(
        "CREATE TABLE t (rowid, _rowid_, oid, details, action, actor, resource_id, resource_type,
            event_type, timestamp, entry_id);
         INSERT INTO t (entry_id) VALUES ('b'), ('a');",
    );
    let (rows, _) = all(&database.bytes(), None);
    assert_eq!(rows[0].field("entry_id"), &text("b"));
    assert_eq!(rows[1].field("entry_id"), &text("a"));
    assert_eq!(rows[1].checksum, Owned::Missing);
    let scan = open(&database.bytes(), None).unwrap();
    assert_eq!(scan.locator(0, rows[1].place).to_string(), "t row 2");
}

#[test]
fn without_rowid_in_key_order() {
    let database = Database::new();
    let connection = database.run(
        "CREATE TABLE audit_log (entry_id TEXT, timestamp TEXT NOT NULL, event_type TEXT,
            actor TEXT, resource_type TEXT, resource_id TEXT, action TEXT, details TEXT,
            checksum TEXT, written_at TEXT, PRIMARY KEY (entry_id DESC)) WITHOUT ROWID;
         CREATE INDEX all_of_it ON audit_log (timestamp, entry_id, event_type, actor,
            resource_type, resource_id, action, details, checksum, written_at);",
    );
    insert(&connection, "audit_log", 0, 1_500);
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!(codes(&notes), [""; 0]);
    assert_eq!(rows.len(), 1_500);
    let id = |r: &Row| match r.field("entry_id") {
        Owned::Text(id) => id.clone(),
        other => panic!("{other:?}"),
    };
    assert!(rows.windows(2).all(|w| id(&w[0]) > id(&w[1])));
    assert!(
        rows.iter()
            .enumerate()
            .all(|(i, r)| r.place.key == i as u64)
    );
    let scan = open(&database.bytes(), None).unwrap();
    // Forwards within a run, backwards, far ahead.
    for i in [0, 1, 2, 100, 50, 1_499, 1_000, 1_001] {
        assert_eq!(reread(&scan, 0, rows[i].place).unwrap(), rows[i]);
    }
    assert!(
        reread(
            &scan,
            0,
            Place {
                key: 1_500,
                line: 0
            }
        )
        .unwrap_err()
        .is_unavailable()
    );
}

#[test]
fn several_tables_are_parts_in_the_order_in_which_they_were_made() {
    let database = Database::new();
    let connection = database.run(&format!(
        "{SCHEMA}
         CREATE TABLE users (id, name);
         CREATE TABLE archive AS SELECT * FROM audit_log;
         CREATE TABLE \"2025\" (entry_id, timestamp, event_type, actor, resource_type, resource_id,
            action, details, checksum, written_at, PRIMARY KEY (entry_id)) WITHOUT ROWID;
         CREATE TABLE almost (entry_id, timestamp, event_type, actor, resource_type, resource_id,
            action, checksum);"
    ));
    insert(&connection, "audit_log", 0, 4_500);
    insert(&connection, "archive", 3, 4);
    insert(&connection, "\"2025\"", 4, 6);
    drop(connection);
    let (rows, _) = all(&database.bytes(), None);
    let scan = open(&database.bytes(), None).unwrap();
    let names: Vec<&str> = scan.parts().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["audit_log", "archive", "2025"]);
    let of = |part| rows.iter().filter(|r| r.part == part).count();
    assert_eq!([of(0), of(1), of(2)], [4_500, 1, 2]);
    assert!(rows.is_sorted_by_key(|r| r.part));
}

#[test]
fn generated_columns_are_read_as_they_are() {
    let database = Database::new();
    let connection = database.run(
        "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp, event_type, actor,
            resource_type, resource_id, details, checksum, written_at,
            action TEXT GENERATED ALWAYS AS (event_type || '!') VIRTUAL,
            kept TEXT GENERATED ALWAYS AS (upper(actor)) STORED)",
    );
    connection
        .execute_batch("INSERT INTO audit_log (entry_id, event_type, actor) VALUES ('e', 'x', 'a')")
        .unwrap();
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!(notes, []);
    assert_eq!(rows[0].field("action"), &text("x!"));
    assert_eq!(rows[0].extra("kept"), &text("A"));
}

#[test]
fn an_empty_table_is_a_log_without_entries() {
    let database = Database::new();
    database.run(SCHEMA);
    let (rows, notes) = all(&database.bytes(), None);
    assert!(rows.is_empty() && notes.is_empty());
}

#[test]
fn no_log_among_the_tables() {
    let database = Database::new();
    database.run(
        "CREATE TABLE users (id, name);
         CREATE TABLE audit_log (entry_id, timestamp, event_type, actor, resource_type, action);
         CREATE VIEW v AS SELECT 1;",
    );
    let error = open(&database.bytes(), None).err().unwrap();
    assert!(error.is_not_a_log());
    expect_test::expect![[r#"
        no table of the database is an audit log. The tables there are: users, audit_log, v (a view)
        The nearest: audit_log lacks details, resource_id."#]]
    .assert_eq(&format!("{error}\n{}", error.hint().unwrap()));

    let database = Database::new();
    database.run("CREATE TABLE t (a); DROP TABLE t;");
    let error = open(&database.bytes(), None).err().unwrap();
    assert!(error.is_not_a_log());
    assert_eq!(error.to_string(), "the database has no tables");
}

#[test]
fn a_scan_can_be_broken_off() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    insert(&connection, "audit_log", 0, 20);
    drop(connection);
    let mut scan = open(&database.bytes(), None).unwrap();
    let mut seen = 0;
    scan.step(&mut |_, _| {
        seen += 1;
        if seen == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert_eq!(seen, 3);
}

#[test]
fn rows_can_be_read_again_in_the_middle_of_a_scan_and_of_a_reread() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    insert(&connection, "audit_log", 0, 4_500);
    drop(connection);
    let mut scan = open(&database.bytes(), None).unwrap();
    let mut places = Vec::new();
    let step = scan.step(&mut |_, entry| {
        places.push(entry.place);
        ControlFlow::Continue(())
    });
    assert_eq!(step.unwrap(), Step::More);
    let inner = &scan;
    let mut nested = None;
    scan.reread(0, places[5], &mut |entry| {
        nested = Some(reread(inner, 0, places[6]).unwrap());
        assert_eq!(Row::new(0, &entry), reread(inner, 0, places[5]).unwrap());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(nested.unwrap().place, places[6]);
    let (rest, _) = read(&mut scan);
    assert_eq!(places.len() + rest.len(), 4_500);
}

#[test]
fn two_databases_at_once() {
    let make = |n| {
        let database = Database::new();
        let connection = database.run(SCHEMA);
        insert(&connection, "audit_log", 0, n);
        drop(connection);
        open(&database.bytes(), None).unwrap()
    };
    let (mut a, mut b) = (make(3), make(4));
    assert_eq!(read(&mut b).0.len(), 4);
    drop(b);
    assert_eq!(read(&mut a).0.len(), 3);
}

#[test]
fn rowids_tell_how_many_rows_to_expect() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    insert(&connection, "audit_log", 0, 120);
    let bytes = database.bytes();
    assert_eq!(open(&bytes, None).unwrap().rows_expected(), Some(120));
    // Rowids as far apart as they can be, in two tables.
    connection
        .execute_batch(
            "UPDATE audit_log SET rowid = -9223372036854775808 WHERE rowid = 1;
             UPDATE audit_log SET rowid = 9223372036854775807 WHERE rowid = 2;
             CREATE TABLE other AS SELECT * FROM audit_log;
             UPDATE other SET rowid = -9223372036854775808 WHERE rowid = 1;
             UPDATE other SET rowid = 9223372036854775807 WHERE rowid = 2;",
        )
        .unwrap();
    drop(connection);
    let scan = open(&database.bytes(), None).unwrap();
    assert_eq!(scan.parts().len(), 2);
    assert_eq!(scan.rows_expected(), Some(u64::MAX));
}
