//! Schemas that were made to trick the reader.

use super::*;

#[test]
fn a_view_is_told_and_not_read() {
    let database = Database::new();
    database.run(
        "CREATE TABLE real_log (entry_id, timestamp, event_type, actor, resource_type, resource_id,
            action, details, checksum);
         INSERT INTO real_log (entry_id) VALUES ('x');
         CREATE VIEW audit_log AS SELECT * FROM real_log;
         CREATE VIEW other AS SELECT entry_id, timestamp, event_type, actor, resource_type,
            resource_id, action, details FROM real_log;
         CREATE VIEW harmless AS SELECT count(*) FROM sqlite_schema;",
    );
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!(rows.len(), 1);
    assert_eq!(codes(&notes), ["view-not-read", "view-not-read"]);

    let database = Database::new();
    database.run("CREATE VIEW audit_log AS SELECT 1 AS entry_id");
    let error = open(&database.bytes(), None).err().unwrap();
    assert!(error.is_not_a_log());
    assert!(error.to_string().contains("audit_log (a view)"), "{error}");
    assert!(error.hint().unwrap().contains("view"));
}

#[test]
fn virtual_tables_are_told_and_not_read() {
    let database = Database::new();
    let columns =
        "entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details";
    database.run(&format!(
        "CREATE VIRTUAL TABLE audit_log USING fts5({columns});
         INSERT INTO audit_log (entry_id) VALUES ('x');
         CREATE VIRTUAL TABLE places USING rtree(id, x0, x1);
         CREATE TABLE plain ({columns});"
    ));
    let (rows, notes) = all(&database.bytes(), None);
    assert!(rows.is_empty());
    assert_eq!(codes(&notes), ["virtual-table-not-read"]);

    database.run("DROP TABLE plain");
    let error = open(&database.bytes(), None).err().unwrap();
    assert!(error.is_not_a_log());
    assert!(error.to_string().contains("audit_log (virtual)"), "{error}");
}

#[test]
fn a_virtual_table_of_an_unknown_module() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    insert(&connection, "audit_log", 0, 3);
    connection
        .execute_batch(
            "PRAGMA writable_schema=ON;
             INSERT INTO sqlite_schema VALUES ('table', 'evil', 'evil', 0,
                'CREATE VIRTUAL TABLE evil USING no_such_module(a, b)');",
        )
        .unwrap();
    drop(connection);
    let (rows, _) = all(&database.bytes(), None);
    assert_eq!(rows.len(), 3);
}

#[test]
fn views_that_explode_are_never_expanded() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    insert(&connection, "audit_log", 0, 3);
    connection
        .execute_batch("CREATE VIEW v0 AS SELECT * FROM audit_log")
        .unwrap();
    for i in 1..40 {
        let sql = format!("CREATE VIEW v{i} AS SELECT a.* FROM v{0} a, v{0} b", i - 1);
        connection.execute_batch(&sql).unwrap();
    }
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!(rows.len(), 3);
    assert_eq!(codes(&notes), ["view-not-read"]);
}

#[test]
fn triggers_and_checks_and_defaults_do_nothing() {
    let database = Database::new();
    let connection = database.run(SCHEMA);
    insert(&connection, "audit_log", 0, 3);
    connection
        .execute_batch(
            "CREATE TABLE more (entry_id, timestamp, event_type, actor DEFAULT (random()),
                resource_type, resource_id, action, details CHECK (length(details) < 10));
             INSERT INTO more (details) VALUES ('{}');
             CREATE TRIGGER t AFTER INSERT ON audit_log BEGIN DELETE FROM audit_log; END;
             CREATE INDEX partial ON audit_log(lower(actor)) WHERE actor LIKE '%x%';",
        )
        .unwrap();
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!((rows.len(), notes), (4, vec![]));
}

#[test]
fn an_unknown_collation_matters_only_where_it_orders_the_table() {
    let database = Database::new();
    let connection = database.run(
        "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp, event_type, actor,
            resource_type, resource_id, action, details, checksum, written_at) WITHOUT ROWID;
         CREATE TABLE plain (entry_id TEXT PRIMARY KEY, timestamp, event_type, actor,
            resource_type, resource_id, action, details, checksum, written_at);",
    );
    insert(&connection, "audit_log", 0, 3);
    insert(&connection, "plain", 0, 3);
    connection
        .execute_batch(
            "PRAGMA writable_schema=ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'TEXT PRIMARY', 'TEXT COLLATE klingon PRIMARY');",
        )
        .unwrap();
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!((rows.len(), codes(&notes)), (3, vec!["table-not-read"]));
}

#[test]
fn virtual_columns_are_not_run_by_a_scan() {
    let database = Database::new();
    let connection = database.run(
        "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp, event_type, actor,
            resource_type, resource_id, action, details, checksum, written_at,
            twice TEXT GENERATED ALWAYS AS (entry_id || entry_id),
            bomb TEXT GENERATED ALWAYS AS (hex(zeroblob(iif(entry_id = 'e07919', 900000, 1)))));",
    );
    insert(&connection, "audit_log", 0, 3);
    drop(connection);
    let mut scan = open(&database.bytes(), None).unwrap();
    let (rows, notes) = read(&mut scan);
    assert_eq!((rows.len(), codes(&notes)), (3, vec![]));
    assert_eq!(rows[0].extras.len(), 1);
    // A single row shows them, if they can be had.
    let row = reread(&scan, 0, rows[0].place).unwrap();
    assert_eq!(row.extra("twice"), &text("e00000e00000"));
    assert_eq!(row.extra("bomb"), &text("00"));
    assert_eq!(reread(&scan, 0, rows[1].place).unwrap(), rows[1]);
}

#[test]
fn a_hashed_column_that_generates_too_much() {
    let database = Database::new();
    let connection = database.run(
        "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp, event_type, actor,
            resource_type, resource_id, details, checksum,
            action TEXT AS (hex(zeroblob(iif(entry_id = 'b', 900000, 1)))));
         INSERT INTO audit_log (entry_id) VALUES ('a'), ('b'), ('c');",
    );
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!(
        rows.iter().map(|r| r.readable).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(codes(&notes), ["row-not-read"]);
}

#[test]
fn a_hashed_column_that_takes_for_ever() {
    let database = Database::new();
    database.run(
        "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp, event_type, actor,
            resource_type, resource_id, details CHECK (details LIKE '{%'), checksum, fast, n,
            action TEXT AS (iif(fast, replace('x', 'y', 'z'), hex(zeroblob(n)) GLOB
                '*0*0*0*0*0*0*0*0*0*0*0*0*0*0*1')));
         CREATE INDEX i ON audit_log (actor) WHERE details LIKE '%x%';
         INSERT INTO audit_log (entry_id, n) VALUES ('a', 0), ('b', 0);
         PRAGMA writable_schema=ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'zeroblob(n)', 'zeroblob(9000)');",
    );
    let (rows, notes) = all(&database.bytes(), None);
    assert!(rows.len() == 2 && rows.iter().all(|r| !r.readable));
    assert_eq!(codes(&notes), ["row-not-read"]);
    assert!(
        notes[0].message.contains("not run here"),
        "{}",
        notes[0].message
    );
}

#[test]
fn text_functions_of_checks_and_indexes_do_no_harm() {
    let database = Database::new();
    let connection = database.run(&SCHEMA.replace(
        "action TEXT NOT NULL",
        "action TEXT NOT NULL CHECK (action LIKE 'p%' AND instr(action, 'x') = 0)
            DEFAULT (replace(lower(hex(randomblob(4))), 'a', 'b'))",
    ));
    insert(&connection, "audit_log", 0, 3);
    connection
        .execute_batch("CREATE INDEX partial ON audit_log (trim(actor, 'x')) WHERE actor GLOB 'Z*'")
        .unwrap();
    drop(connection);
    let (rows, notes) = all(&database.bytes(), None);
    assert_eq!((rows.len(), notes), (3, vec![]));
}

#[test]
fn many_columns_and_many_tables() {
    let database = Database::new();
    let extra: Vec<String> = (0..1_900).map(|i| format!("c{i}")).collect();
    let connection = database.run(&format!(
        "CREATE TABLE wide (entry_id, timestamp, event_type, actor, resource_type, resource_id,
            action, details, {});
         INSERT INTO wide (c1899) VALUES (7);",
        extra.join(", ")
    ));
    for i in 0..300 {
        connection
            .execute_batch(&format!("CREATE TABLE t{i} (a)"))
            .unwrap();
    }
    drop(connection);
    let (rows, _) = all(&database.bytes(), None);
    assert_eq!(rows[0].extra("c1899"), &Owned::Integer(7));

    let database = Database::new();
    let connection = database.run("");
    for i in 0..25 {
        connection
            .execute_batch(&format!("CREATE TABLE t{i} (a)"))
            .unwrap();
    }
    drop(connection);
    let error = open(&database.bytes(), None).err().unwrap();
    assert!(error.to_string().ends_with("t19 and 5 more"), "{error}");
}
