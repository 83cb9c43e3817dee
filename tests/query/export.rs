//! Exports: complete, judged as the entries are when they are opened again, and no formula to a spreadsheet.

use auditglass::{Case, ExportFormat, ExportState, Selection, Sort, Verdict};
use auditglass_tests::{file_input, judge, memory_input};

use super::{entry, opened};

/// Everything that a filter selects, written out; a step at a time.
fn export(case: &Case, filter: &str, format: ExportFormat, columns: &[&str]) -> Vec<u8> {
    let selection = Selection {
        filter: filter.to_owned(),
        sort: None,
    };
    let mut search = case.select(&selection).expect("a filter");
    case.finish(&mut search).expect("the log can be read again");
    let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    let mut export = case.export(&search, format, &columns, None);
    let mut out = Vec::new();
    loop {
        match export
            .step(case, &search, &mut out)
            .expect("the log can be read again")
        {
            ExportState::More { .. } => {}
            ExportState::Done { written, unread } => {
                assert_eq!((written, unread), (search.matched(), 0));
                return out;
            }
        }
    }
}

fn text(case: &Case, filter: &str, format: ExportFormat, columns: &[&str]) -> String {
    String::from_utf8(export(case, filter, format, columns)).expect("an export is UTF-8")
}

const ODD: &str = r#"
@{good}
@{tampered|actor:="somebody else"}
@{none|-checksum}
@{null|checksum:=null}
@{number|checksum:=1234567890123456}
@{unreadable|details:="{'a': 1}"}
@{missing|-actor}
@{empty|details:=""}
@{object|details={"a": 1.0, "b": [1e-07, NaN], "c": "\ud83d\ude00"}}
@{surrogate|actor="\ud800 x"}
@{numbers|actor=1.5|resource_id=12345678901234567890}
@{nulls|action=null}
@{bool|action=true}
@{twice|actor:="x", "actor": "user_017"}
@{inside|details={"a": 1}|written_at:={"a": [1, {"b": null}]}}
@{long|details:={{600*[}}{{600*]}}}
@{bad|actor:="{{FF FE}}"}
@{broken|actor:=tru}
@{extra|verdict=false}
[1, 2]
"text"
{"a": 1}
"#;

#[test]
fn what_is_written_out_is_judged_alike_when_it_is_opened_again() {
    let lines = entry::expand(ODD.trim_start(), entry::Form::Json).expect("the macros");
    let (_, before) = judge(vec![memory_input("log", lines.clone())]);
    let case = opened(vec![memory_input("log", lines)]);
    assert_eq!(before.len(), 22);
    for format in [ExportFormat::Jsonl, ExportFormat::Json] {
        let (_, after) = judge(vec![memory_input("log", export(&case, "", format, &[]))]);
        let verdicts = |judged: &[auditglass_tests::Judged]| -> Vec<(Verdict, Option<String>)> {
            judged
                .iter()
                .map(|j| (j.verdict, j.recomputed.clone()))
                .collect()
        };
        assert_eq!(verdicts(&after), verdicts(&before), "{format:?}");
        assert!(
            Verdict::ALL
                .iter()
                .all(|v| before.iter().any(|j| j.verdict == *v))
        );
    }
}

#[test]
fn a_database_is_judged_alike_as_json() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("log.db");
    let database = rusqlite::Connection::open(&path).expect("a new database");
    let good = |id: &str| {
        let tuple = entry::expand(&format!("@{{{id}|details={{\"a\": 1}}}}"), entry::Form::Sql)
            .expect("the macros");
        String::from_utf8(tuple).expect("SQL is UTF-8")
    };
    // Columns without a type keep what is put into them.
    let columns = "entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum, written_at";
    let mut sql = format!("CREATE TABLE audit_log ({columns});");
    let odd = [
        ("actor", "NULL"),
        ("actor", "5"),
        ("actor", "1.5"),
        ("actor", "9e999"),
        ("actor", "x'ff00'"),
        ("actor", "CAST(x'ff00' AS TEXT)"),
        ("actor", "'a' || char(0) || 'b'"),
        ("details", "NULL"),
        ("details", "5"),
        ("details", "1.5"),
        ("details", "x'7b7d'"),
        ("details", "CAST('{\"a\": 1}' AS BLOB)"),
        ("details", "x'ff'"),
        ("details", "CAST(x'22ff22' AS TEXT)"),
        ("details", "'nope'"),
        ("checksum", "NULL"),
        ("checksum", "12"),
        ("checksum", "1e5"),
        ("checksum", "CAST(checksum AS BLOB)"),
        ("checksum", "CAST(x'ff' AS TEXT)"),
        ("written_at", "x'ff'"),
        ("written_at", "CAST(x'ff' AS TEXT)"),
    ];
    for i in 0..odd.len() + 20 {
        sql += &format!("INSERT INTO audit_log VALUES {};", good(&format!("e{i}")));
    }
    for (i, (column, value)) in odd.iter().enumerate() {
        sql += &format!("UPDATE audit_log SET {column} = {value} WHERE entry_id = 'e{i}';");
    }
    database.execute_batch(&sql).expect("statements");
    drop(database);
    let (_, before) = judge(vec![file_input(&path)]);
    let case = opened(vec![file_input(&path)]);
    for format in [ExportFormat::Jsonl, ExportFormat::Json] {
        let (_, after) = judge(vec![memory_input("log", export(&case, "", format, &[]))]);
        for (i, (b, a)) in before.iter().zip(&after).enumerate() {
            let what = odd.get(i);
            assert_eq!(
                (a.verdict, &a.recomputed),
                (b.verdict, &b.recomputed),
                "{what:?} {format:?}"
            );
        }
        assert_eq!(after.len(), before.len());
    }
}

#[test]
fn an_export_is_complete_and_in_order() {
    let log: String = (0..1_700)
        .map(|i| format!("@{{e{i}|actor=\"{}\"}}\n", i % 7))
        .collect();
    let lines = entry::expand(&log, entry::Form::Json).expect("the macros");
    let case = opened(vec![memory_input("log", lines)]);
    let out = text(&case, "actor:3", ExportFormat::Jsonl, &[]);
    let ids: Vec<_> = out
        .lines()
        .map(|l| l.split('"').nth(3).unwrap_or("").to_owned())
        .collect();
    let expected: Vec<_> = (0..1_700)
        .filter(|i| i % 7 == 3)
        .map(|i| format!("e{i}"))
        .collect();
    assert_eq!(ids, expected);
    let selection = Selection {
        filter: String::new(),
        sort: Some(Sort {
            column: "actor".into(),
            descending: true,
        }),
    };
    let mut search = case.select(&selection).expect("a filter");
    case.finish(&mut search).expect("the log can be read again");
    let mut export = case.export(
        &search,
        ExportFormat::Csv,
        &["actor".into(), "entry_id".into()],
        Some(1_000),
    );
    let mut out = Vec::new();
    while let ExportState::More { .. } = export.step(&case, &search, &mut out).expect("readable") {}
    let out = String::from_utf8(out).expect("UTF-8");
    let lines: Vec<&str> = out.split("\r\n").collect();
    assert_eq!(lines[..3], ["actor,entry_id", "6,e6", "6,e13"]);
    assert_eq!(lines.len(), 1_002);
    let mut sorted = (0..1_700).map(|i| (6 - i % 7, i)).collect::<Vec<_>>();
    sorted.sort_unstable();
    let expected: Vec<_> = sorted
        .iter()
        .take(1_000)
        .map(|(a, i)| format!("{},e{i}", 6 - a))
        .collect();
    assert_eq!(lines[1..1_001], expected);
}

#[test]
fn no_cell_is_a_formula() {
    let log = r#"
@{a|actor="=1+1"|action="+1"|resource_id="-1"|details={"x": "@SUM(A1)", "n": -5}}
@{b|actor="\t=1"|action="\r=1"|resource_id="\uff1d1"|details={"x": "\uff0b", "n": "-5"}}
@{c|actor="a,b"|action="say \"x\""|resource_id=""|details={"x": "line\nbreak", "n": null}}
@{d|actor="a=b"|action=null|resource_id=-5|details={"x": {"y": 1}, "n": [1]}}
"#;
    let lines = entry::expand(log.trim_start(), entry::Form::Json).expect("the macros");
    let case = opened(vec![memory_input("log", lines)]);
    let columns = [
        "actor",
        "action",
        "resource_id",
        "details.x",
        "details.n",
        "=name",
    ];
    let out = text(&case, "", ExportFormat::Csv, &columns);
    let expected = [
        "actor,action,resource_id,details.x,details.n,'=name",
        "'=1+1,'+1,'-1,'@SUM(A1),-5,",
        "\"'\t=1\",\"'\r=1\",'\u{FF1D}1,'\u{FF0B},'-5,",
        "\"a,b\",\"say \"\"x\"\"\",\"\",\"line\nbreak\",,",
        "a=b,,-5,{…},[…],",
        "",
    ];
    assert_eq!(out, expected.join("\r\n"));
}

#[test]
fn a_table_has_a_column_for_each_field() {
    let lines = entry::expand(
        "@{a|details={\"x\": 1}}\n@{b|checksum:=null}\n",
        entry::Form::Json,
    )
    .expect("the macros");
    let case = opened(vec![memory_input("log", lines)]);
    let out = text(&case, "", ExportFormat::Csv, &[]);
    let mut lines = out.split("\r\n");
    assert_eq!(
        lines.next(),
        Some(
            "entry_id,timestamp,event_type,actor,resource_type,resource_id,action,details,checksum,written_at,verdict"
        )
    );
    let first = lines.next().expect("a line");
    assert!(
        first.contains("\"{\"\"x\"\": 1}\"") && first.ends_with(",verified"),
        "{first}"
    );
    assert!(lines.next().expect("a line").ends_with(",unchecksummed"));
    let json = text(
        &case,
        "id:a",
        ExportFormat::Json,
        &["actor", "details.x", "details.y", "verdict"],
    );
    assert_eq!(
        json,
        "[\n{\"actor\": \"user_017\", \"details.x\": 1, \"verdict\": \"verified\"}\n]\n"
    );
    assert_eq!(text(&case, "id:nobody", ExportFormat::Json, &[]), "[]\n");
    assert_eq!(text(&case, "id:nobody", ExportFormat::Jsonl, &[]), "");
}
