//! How a dump of PostgreSQL's is split, and what its rows are.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::rc::Rc;

use expect_test::{Expect, expect};

use super::sql::{Piece, Reading, piece};
use super::{PostgresScan, is_dump};
use crate::entry::RawEntry;
use crate::ingest::{Scan, Step};
use crate::source::{Cached, Memory};

fn cached(text: &str) -> Rc<Cached> {
    Rc::new(Cached::new(Box::new(Memory::new(text))))
}

#[track_caller]
fn check_pieces(text: &str, expected: &Expect) {
    let (mut rest, mut out) = (text.as_bytes(), String::new());
    loop {
        let (from, to) = match piece(rest, true) {
            Piece::Statement(from, to) | Piece::Meta(from, to) => (from, to),
            end => {
                writeln!(out, "{end:?}").unwrap();
                break;
            }
        };
        writeln!(out, "{:?}", String::from_utf8_lossy(&rest[from..to])).unwrap();
        rest = &rest[to..];
    }
    expected.assert_eq(&out);
}

#[test]
fn pieces() {
    check_pieces(
        "-- a; b\n\\restrict x;y\nSET a = 'x;''y\\'; /* ; /* ; */ ; */ SELECT E'\\';', \"a;\"\"b\" -- ;\n;\n-- end\n",
        &expect![[r#"
            "\\restrict x;y\n"
            "SET a = 'x;''y\\';"
            "SELECT E'\\';', \"a;\"\"b\" -- ;\n;"
            End
        "#]],
    );
    check_pieces(
        "CREATE FUNCTION f() AS $_$ COPY t FROM stdin; $$ $_$; SELECT a$1, $1;COPY t",
        &expect![[r#"
            "CREATE FUNCTION f() AS $_$ COPY t FROM stdin; $$ $_$;"
            "SELECT a$1, $1;"
            Unfinished
        "#]],
    );
}

#[test]
fn rows() {
    let check = |text: &str, expected: &str| {
        let mut texts = Vec::new();
        let mut reading = Reading::new(text.as_bytes(), 0);
        let row = reading.row(&mut texts);
        let rest = &text[reading.at..];
        let found = format!("{row:?} {:?} {rest:?}", String::from_utf8_lossy(&texts));
        assert_eq!(found, expected, "{text}");
    };
    check(
        r"('a''b\n', NULL, -5, 1.5, true, E'\\\n''') ,",
        r#"Some([Text(0, 5), Null, Integer(-5), Real(1.5), Boolean(true), Text(5, 8)]) "a'b\\n\\\n'" " ,""#,
    );
    check("('{}'::jsonb, 1)x", "None \"{}\" \"x\"");
    check("(now(), ')')x", "None \")\" \"x\"");
    check("(1, 2", "None \"\" \"\"");
}

/// The entries of a dump with where they lie, read once and again, and what was noticed.
#[track_caller]
fn check(text: &str, expected: &Expect) {
    let mut scan = PostgresScan::open(cached(text)).unwrap();
    let mut out = String::new();
    let mut places = Vec::new();
    loop {
        let step = scan.step(&mut |part, entry| {
            places.push((part, entry.place));
            writeln!(out, "{part} {}", shown(&entry)).unwrap();
            ControlFlow::Continue(())
        });
        if step.unwrap() == Step::End {
            break;
        }
    }
    for note in scan.take_notes() {
        writeln!(out, "{} {:?}", note.code, note.message).unwrap();
    }
    let fresh = PostgresScan::open(cached(text)).unwrap();
    let mut again = String::new();
    for (part, place) in places {
        fresh
            .reread(part, place, &mut |entry| {
                writeln!(again, "{part} {}", shown(&entry)).unwrap();
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    assert!(out.starts_with(&again), "{out}{again}");
    let accounts = scan.account();
    writeln!(out, "{accounts:?}").unwrap();
    expected.assert_eq(&out);
}

fn shown(entry: &RawEntry<'_>) -> String {
    if let Some(why) = entry.not_an_entry {
        return format!("{:?} {why:?}", entry.place);
    }
    let values = entry.fields.iter().chain([&entry.claimed_checksum]);
    let values: Vec<String> = values
        .map(|v| match v {
            crate::entry::RawValue::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    format!("{:?} {}", entry.place, values.join("|"))
}

const COLUMNS: &str = "action, actor, details, entry_id, event_type, resource_id, resource_type, \"timestamp\", checksum";

#[test]
fn copies_and_inserts() {
    let text = format!(
        "--\n-- PostgreSQL database dump\n--\n\nSET x = 1;\nCREATE TABLE public.t (\n    a integer DEFAULT nextval('x,y'::regclass),\n    CONSTRAINT c CHECK ((a > 0))\n);\n\
         COPY public.t (a) FROM stdin;\n1\nCOPY public.audit_log\n\\.\n\
         COPY public.audit_log ({COLUMNS}) FROM stdin;\nact\t\\N\t{{\"a\": \"\\\\u00e9\"}}\te1\t\tr\tt\t2026\tc1\nact\tx\\y\t{{}}\te2\te\tr\tt\t2026\tc2\nshort\n\\.\n\n\
         INSERT INTO s.audit_log VALUES ('e3', '2026', 'e', 'a''b', 't', 'r', 'act', '{{\"a\": \"\\u00e9\"}}', 'c3', NULL),\n\t(now());\n\
         INSERT INTO t VALUES (1);\nUPDATE public.audit_log SET actor = 'x';\n\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n"
    );
    assert!(is_dump(&cached(&text)).unwrap());
    check(
        &text,
        &expect![[r#"
        0 Place { key: 343, line: 15 } act|Null|{"a": "\u00e9"}|e1||r|t|2026|c1
        0 Place { key: 383, line: 16 } Damaged("a record with a backslash that begins no escape")
        0 Place { key: 411, line: 17 } Damaged("a record with too few fields")
        1 Place { key: 452, line: 0 } act|a'b|{"a": "\u00e9"}|e3|e|r|t|2026|c3
        1 Place { key: 530, line: 0 } Damaged("a row with a value that is no literal")
        columns-assumed "the dump does not define s.audit_log; its columns were taken to be those of the reference's table, in their order"
        statement-refused "UPDATE was not run"
        Accounting { examined: 327, unexamined: [Unexamined { code: "beside-the-log", bytes: 211, locator: Range { offset: 0, length: 211 }, message: "tables that are no logs, indexes, views and triggers" }, Unexamined { code: "beside-the-log", bytes: 26, locator: Range { offset: 538, length: 26 }, message: "tables that are no logs, indexes, views and triggers" }, Unexamined { code: "statement-not-run", bytes: 41, locator: Range { offset: 564, length: 41 }, message: "statements that were not run" }, Unexamined { code: "beside-the-log", bytes: 57, locator: Range { offset: 605, length: 57 }, message: "tables that are no logs, indexes, views and triggers" }], packed: None }
    "#]],
    );
}

#[test]
fn cut_off() {
    let head = format!("COPY a ({COLUMNS}) FROM stdin;\n");
    assert!(is_dump(&cached(&head)).unwrap());
    check(
        &head,
        &expect![[r#"
        lost-tail "the dump is cut off in the statement or row that begins here"
        Accounting { examined: 117, unexamined: [], packed: None }
    "#]],
    );
    check(
        &format!("{head}act\tx"),
        &expect![[r#"
        lost-tail "the dump is cut off in the statement or row that begins here"
        Accounting { examined: 117, unexamined: [Unexamined { code: "lost-tail", bytes: 5, locator: Range { offset: 117, length: 5 }, message: "a statement that is cut off" }], packed: None }
    "#]],
    );
    check(
        &format!("-- PostgreSQL database dump\n{head}\\.\n"),
        &expect![[r#"
            lost-tail "the dump does not end with PostgreSQL's line that it is complete: the end of it is missing"
            Accounting { examined: 148, unexamined: [], packed: None }
        "#]],
    );
    check(
        &format!("{head}\\.\nSELECT 'x"),
        &expect![[r#"
        lost-tail "the dump is cut off in the statement or row that begins here"
        Accounting { examined: 120, unexamined: [Unexamined { code: "lost-tail", bytes: 9, locator: Range { offset: 120, length: 9 }, message: "a statement that is cut off" }], packed: None }
    "#]],
    );
}
