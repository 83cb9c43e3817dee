//! How a dump is split, slice by slice, and that nothing in it makes the reader stumble.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::rc::Rc;

use expect_test::{Expect, expect};

use super::lexer::{Kind, Lexer};
use super::statement::{self, Rest, Statement};
use super::{DumpScan, is_dump};
use crate::entry::RawValue;
use crate::ingest::{Scan, Step};
use crate::source::{Cached, Memory};

fn cached(text: impl Into<Vec<u8>>) -> Rc<Cached> {
    Rc::new(Cached::new(Box::new(Memory::new(text))))
}

/// Each statement on a line: what it is taken for, and its text.
fn split(text: &str) -> String {
    let mut lexer = Lexer::new(cached(text), 0);
    let mut out = String::new();
    loop {
        let start = lexer.keep_next().unwrap();
        let first = lexer.next().unwrap();
        match first.kind {
            Kind::End => return out,
            Kind::Symbol(b';') => continue,
            _ => {}
        }
        let is_trigger = statement::is_trigger(&mut lexer, first).unwrap();
        let statement = statement::head(&mut lexer, first).unwrap();
        let ending = match statement {
            Statement::ShellCommand(_) => statement::Ending::Whole,
            _ => statement::rest(&mut lexer, is_trigger, Rest::Keep).unwrap(),
        };
        let [from, to] = [start, lexer.at()].map(|at| usize::try_from(at).unwrap());
        let what = format!("{statement:?}");
        let what = what.split([' ', '(', '{']).next().unwrap();
        writeln!(out, "{what} {ending:?} {:?}", &text[from..to]).unwrap();
    }
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&split(text));
}

#[test]
fn statements_end_at_their_semicolons() {
    check(
        "PRAGMA foreign_keys=OFF;BEGIN TRANSACTION;\n;; COMMIT;end;",
        &expect![[r#"
            Pragma Whole "PRAGMA foreign_keys=OFF;"
            Begin Whole "BEGIN TRANSACTION;"
            Commit Whole "COMMIT;"
            Commit Whole "end;"
        "#]],
    );
    check(
        "INSERT INTO t VALUES('a;b''c;',\";\"\";\",`;``;`,[;[;],x'3b',-- ;\n 1/* ; */-2);SELECT 1",
        &expect![[r#"
            Insert Whole "INSERT INTO t VALUES('a;b''c;',\";\"\";\",`;``;`,[;[;],x'3b',-- ;\n 1/* ; */-2);"
            Refused Unfinished "SELECT 1"
        "#]],
    );
    check("/* never ends ; 'a'; ", &expect![""]);
    check(
        "DELETE FROM t WHERE a = 'never ends;",
        &expect![[r#"
            Change Open "DELETE FROM t WHERE a = 'never ends;"
        "#]],
    );
    check(
        ".read other.sql; still the same\nINSERT INTO [t;]VALUES(1);",
        &expect![[r#"
            ShellCommand Whole ".read other.sql; still the same"
            Insert Whole "INSERT INTO [t;]VALUES(1);"
        "#]],
    );
}

#[test]
fn a_trigger_ends_with_its_end() {
    check(
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; COMMIT;",
        &expect![[r#"
            Trigger Whole "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END;"
            Commit Whole "COMMIT;"
        "#]],
    );
    check(
        "create temp trigger if not exists main.a instead of update of b, on_ on t begin select case 1 when 1 then 2 end; \
         insert into u values ('; END;'); ; /* ; */ end /* x */ ; COMMIT;",
        &expect![[r#"
            Trigger Whole "create temp trigger if not exists main.a instead of update of b, on_ on t begin select case 1 when 1 then 2 end; insert into u values ('; END;'); ; /* ; */ end /* x */ ;"
            Commit Whole "COMMIT;"
        "#]],
    );
    check(
        "EXPLAIN QUERY PLAN CREATE TRIGGER a DELETE ON t BEGIN SELECT 1; SELECT 2; END; END;",
        &expect![[r#"
            Refused Whole "EXPLAIN QUERY PLAN CREATE TRIGGER a DELETE ON t BEGIN SELECT 1; SELECT 2; END;"
            Commit Whole "END;"
        "#]],
    );
    // A table of that name is no trigger.
    check(
        "CREATE TABLE trigger(a);COMMIT;",
        &expect![[r#"
            Table Whole "CREATE TABLE trigger(a);"
            Commit Whole "COMMIT;"
        "#]],
    );
}

#[test]
fn names_are_read_in_any_quotes() {
    let name = |text: &str| {
        let mut lexer = Lexer::new(cached(text), 0);
        lexer.keep_next().unwrap();
        let first = lexer.next().unwrap();
        match statement::head(&mut lexer, first).unwrap() {
            Statement::Table(name) => {
                let schema = name.schema.map(|s| String::from_utf8(s).unwrap());
                (schema, String::from_utf8(name.name).unwrap())
            }
            other => panic!("{text}: {other:?}"),
        }
    };
    let plain = |name: &str| (None, name.to_owned());
    assert_eq!(name("CREATE TABLE a"), plain("a"));
    assert_eq!(name("CREATE TABLE IF NOT EXISTS 'a''b' (c)"), plain("a'b"));
    assert_eq!(name("CREATE TABLE \"a\"\"b\"(c)"), plain("a\"b"));
    assert_eq!(name("CREATE TABLE `a``b`(c)"), plain("a`b"));
    assert_eq!(name("CREATE TABLE [a[b](c)"), plain("a[b"));
    assert_eq!(
        name("CREATE/**/TABLE\n\"main\" . [журнал](c)"),
        (Some("main".to_owned()), "журнал".to_owned())
    );
}

#[test]
fn what_is_a_dump() {
    for text in [
        "PRAGMA foreign_keys=OFF;",
        "\u{FEFF}BEGIN TRANSACTION;\nCREATE TABLE t(a);",
        "begin;",
        "-- made by hand\n/* and again */\n\n  CREATE TABLE [a] (b)",
        "INSERT INTO \"audit_log\" VALUES(1)",
        "REPLACE INTO a VALUES (1)",
        "DROP TABLE IF EXISTS audit_log;",
        "ATTACH 'a' AS b;",
        ".mode list\n.headers on\nCREATE TABLE t(a);",
        "CREATE TABLE t AS SELECT 1;",
    ] {
        assert_eq!(is_dump(&cached(text)), Ok(true), "{text}");
    }
    for text in [
        "",
        "-- only a comment",
        "/*",
        "{\"a\": 1}",
        "[1]",
        "-1",
        "/ 1",
        ".",
        "insert,into,values\n1,2,3\n",
        "entry_id,timestamp\n1,2\n",
        "Create a table.",
        "Create table reservations here.",
        "Begin with the log.",
        "Update the log.",
        "Attach the file.",
        "commit abc\nAuthor: x\n",
        "SELECT * FROM audit_log;",
        "\0\0\0\0",
    ] {
        assert_eq!(is_dump(&cached(text)), Ok(false), "{text}");
    }
}

const TABLE: &str = "CREATE TABLE audit_log (entry_id TEXT, timestamp, event_type, actor, resource_type, resource_id, action, details);\n";

/// All rows: the first column and the locator, then what was noted.
fn rows(text: impl Into<Vec<u8>>) -> (Vec<(String, u64)>, Vec<&'static str>) {
    let mut scan = DumpScan::open(cached(text)).unwrap();
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    loop {
        let step = scan.step(&mut |part, entry| {
            let id = entry.fields.iter().find_map(|f| match f {
                RawValue::Text(text) if text.starts_with(b"id") => {
                    Some(String::from_utf8_lossy(text).into_owned())
                }
                _ => None,
            });
            rows.push((id.unwrap_or_default(), entry.place.key));
            places.push((part, entry.place, format!("{:?}", entry.fields)));
            ControlFlow::Continue(())
        });
        if step == Ok(Step::End) {
            break;
        }
    }
    for (part, place, fields) in places {
        let mut again = String::new();
        scan.reread(part, place, &mut |entry| {
            again = format!("{:?}", entry.fields);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(again, fields, "{place:?} read again");
    }
    let notes = scan.take_notes().into_iter();
    (rows, notes.map(|n| n.code).collect())
}

#[test]
fn every_border_of_a_slice_is_crossed() {
    let row = |i: usize| {
        format!(
            "('id{i}','it''s; \"x\"',replace('a\\nb','\\n',char(10)),/* ) */x'00',NULL,1.5,\"[a]\",'{{}}')"
        )
    };
    for shift in 0..64 {
        // The window takes 256 KB at a time.
        let mut text = format!(
            "{TABLE}--{}\n",
            "-".repeat((256 << 10) - TABLE.len() - 160 + shift)
        );
        let mut expected = Vec::new();
        for i in 0..4 {
            expected.push((format!("id{}", 2 * i), text.len() as u64));
            write!(text, "INSERT INTO \"audit_log\" VALUES{} , ", row(2 * i)).unwrap();
            expected.push((format!("id{}", 2 * i + 1), text.len() as u64));
            writeln!(text, "{};", row(2 * i + 1)).unwrap();
        }
        let (rows, notes) = rows(text);
        assert_eq!(notes, [""; 0]);
        assert_eq!(rows, expected, "shifted by {shift}");
    }
}

#[test]
fn other_tables_need_no_memory_and_end_steps() {
    let text = format!(
        "CREATE TABLE other(a);INSERT INTO other VALUES {}(0);{TABLE}INSERT INTO other VALUES {}('{}');INSERT INTO audit_log VALUES ('id',1,2,3,4,5,6,7);",
        "(1),".repeat(10),
        "('a'),".repeat(1 << 20),
        "b".repeat(2 << 20),
    );
    let mut scan = DumpScan::open(cached(text)).unwrap();
    let (mut steps, mut rows) = (1, 0);
    while scan.step(&mut |_, _| {
        rows += 1;
        ControlFlow::Continue(())
    }) == Ok(Step::More)
    {
        steps += 1;
    }
    assert_eq!((rows, scan.take_notes().len()), (1, 0));
    assert!(steps >= 6, "{steps} steps");
}

#[test]
fn a_row_is_read_again_by_a_scan_that_has_read_nothing() {
    let other = TABLE.replace("audit_log", "archive");
    let row = |table: &str, id: &str| {
        format!("INSERT INTO {table} VALUES ('{id}',1,2,3,4,5,6,7),('{id}b',1,2,3,4,5,6,7);\n")
    };
    let text = [
        TABLE,
        &row("audit_log", "id1"),
        &other,
        &row("archive", "id2"),
    ]
    .concat();
    let mut scan = DumpScan::open(cached(text.clone())).unwrap();
    let mut places = Vec::new();
    while scan.step(&mut |part, entry| {
        places.push((part, entry.place, format!("{:?}", entry.fields)));
        ControlFlow::Continue(())
    }) == Ok(Step::More)
    {}
    assert_eq!(places.iter().map(|p| p.0).collect::<Vec<_>>(), [0, 0, 1, 1]);
    let fresh = DumpScan::open(cached(text)).unwrap();
    for (part, place, fields) in places.into_iter().rev() {
        let mut again = String::new();
        fresh
            .reread(part, place, &mut |entry| {
                again = format!("{:?}", entry.fields);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(again, fields);
    }
    let nowhere = crate::entry::Place { key: 0, line: 0 };
    assert!(
        fresh
            .reread(7, nowhere, &mut |_| ControlFlow::Continue(()))
            .is_err()
    );
}
