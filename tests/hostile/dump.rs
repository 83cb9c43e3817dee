//! SQL dumps that are too long, too deep, cut off, or out to do more than insert rows.

use super::mutate::Random;
use super::{Outcome, examine_one};

const TABLE: &str = "CREATE TABLE audit_log (entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum, written_at);\n";

/// A row with this expression for the actor.
fn row(actor: &str) -> String {
    format!("('e','t','x',{actor},'r','i','c','{{}}','0000000000000000','w')")
}

/// A log with a row before and one behind the statements between.
fn around(statements: &str) -> String {
    let plain = row("'a'");
    format!(
        "{TABLE}INSERT INTO audit_log VALUES{plain};\n{statements}\nINSERT INTO audit_log VALUES{plain};\n"
    )
}

fn examine_around(name: &str, statements: &str) -> Outcome {
    let outcome = examine_one(name, around(statements));
    assert!(!outcome.is_consistent, "{name}");
    outcome
}

fn with_actor(name: &str, actor: &str) -> Outcome {
    examine_around(
        name,
        &format!("INSERT INTO audit_log VALUES{};", row(actor)),
    )
}

#[test]
fn rows_of_every_excess() {
    const LONG: usize = 2 << 20;
    const DEEP: usize = 100_000;
    // As deep as a row of 100,000 tokens can be.
    const STILL: usize = 49_000;
    let a = "a".repeat(LONG);
    // Whether the row can be run, where that is certain.
    let actors: Vec<(&str, String, Option<bool>)> = vec![
        ("a long text", format!("'{}'", a.repeat(5)), Some(true)),
        (
            "a long blob",
            format!("x'{}'", "00".repeat(LONG / 2)),
            Some(true),
        ),
        (
            "an odd blob",
            format!("x'{}'", "0".repeat(LONG + 1)),
            Some(false),
        ),
        ("a long name", a.clone(), Some(false)),
        ("digits", "7".repeat(LONG), None),
        (
            "doubled quotes",
            format!("'{}'", "''".repeat(LONG / 2)),
            Some(true),
        ),
        ("a comment", format!("/*{a}*/ 'a' --{a}\n"), Some(true)),
        (
            "parentheses",
            format!("{}1{}", "(".repeat(DEEP), ")".repeat(DEEP)),
            Some(false),
        ),
        ("open parentheses", "(".repeat(DEEP), Some(false)),
        (
            "a long sum",
            format!("{}1", "1+".repeat(LONG / 2)),
            Some(false),
        ),
        (
            "a long text in pieces",
            format!("{}''", "'a'||".repeat(LONG / 5)),
            Some(false),
        ),
        (
            "minus signs",
            format!("{}1", "- ".repeat(LONG / 2)),
            Some(false),
        ),
        (
            "not not",
            format!("{}1", "NOT ".repeat(LONG / 4)),
            Some(false),
        ),
        (
            "cases",
            format!(
                "{}1{}",
                "CASE 1 WHEN ".repeat(DEEP),
                " THEN 1 END".repeat(DEEP)
            ),
            Some(false),
        ),
        (
            "many values",
            format!("{}1", "1,".repeat(LONG / 2)),
            Some(false),
        ),
        (
            "fewer parentheses",
            format!("{}1{}", "(".repeat(STILL), ")".repeat(STILL)),
            None,
        ),
        ("a sum", format!("{}1", "1+".repeat(STILL)), Some(false)),
        (
            "pieces",
            format!("{}''", "'a'||".repeat(STILL / 2)),
            Some(false),
        ),
        (
            "more minus signs",
            format!("{}1", "- ".repeat(STILL)),
            Some(false),
        ),
        ("nots", format!("{}1", "NOT ".repeat(STILL)), Some(false)),
        (
            "fewer cases",
            format!(
                "{}1{}",
                "CASE 1 WHEN ".repeat(STILL / 4),
                " THEN 1 END".repeat(STILL / 4)
            ),
            Some(false),
        ),
        ("values", format!("{}1", "1,".repeat(STILL)), Some(false)),
        ("a list", format!("1 IN ({}1)", "1,".repeat(STILL)), None),
        (
            "a long list",
            format!("1 IN ({}1)", "1,".repeat(LONG / 2)),
            Some(false),
        ),
        (
            "many arguments",
            format!("char({}65)", "65,".repeat(LONG / 3)),
            Some(false),
        ),
        (
            "a slow replace",
            format!("replace('{a}','{}b','c')", "a".repeat(LONG / 2)),
            Some(true),
        ),
        (
            "a replace that blows up",
            format!(
                "replace('{}','a','{}')",
                "a".repeat(10_000),
                "b".repeat(30_000)
            ),
            Some(false),
        ),
        (
            "replace in replace",
            format!("{}'a'{}", "replace(".repeat(90), ",'a','aaaa')".repeat(90)),
            Some(false),
        ),
        (
            "escapes",
            format!("unistr('{}')", "\\u0061".repeat(LONG / 6)),
            Some(true),
        ),
        (
            "bad escapes",
            format!("unistr('{}')", "\\".repeat(LONG | 1)),
            Some(false),
        ),
        (
            "a query without end",
            "(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i FROM n) SELECT max(i) FROM n)"
                .to_owned(),
            Some(false),
        ),
        (
            "a product of queries",
            format!(
                "(WITH v AS (VALUES {}(1)) SELECT count(*) FROM v, v a, v b, v c)",
                "(1),".repeat(1_000)
            ),
            Some(false),
        ),
        (
            "a pattern",
            format!("'{a}' LIKE '{}b'", "%a".repeat(1_000)),
            Some(false),
        ),
        ("zeros", "zeroblob(300000000)".to_owned(), Some(false)),
        (
            "a huge format",
            "printf('%299999999d', 1)".to_owned(),
            Some(false),
        ),
        ("parameters", "?1 || :a || @b || $c".to_owned(), None),
    ];
    for (name, actor, is_run) in actors {
        let outcome = with_actor(name, &actor);
        if let Some(is_run) = is_run {
            assert_eq!(
                outcome.entries,
                2 + u64::from(is_run),
                "{name}: {:?}",
                outcome.codes
            );
        }
        assert_eq!(
            outcome.entries == 2,
            outcome.has("statement-failed") || outcome.has("statement-refused"),
            "{name}: {:?}",
            outcome.codes
        );
    }
}

#[test]
fn many_rows_in_one_statement() {
    let plain = row("'a'");
    let many = format!(
        "INSERT INTO audit_log VALUES{};",
        vec![plain.as_str(); 20_000].join(",")
    );
    assert_eq!(examine_around("many rows", &many).entries, 20_002);
    let empty = format!("INSERT INTO audit_log VALUES{};", ["()"; 5_000].join(","));
    let outcome = examine_around("many empty rows", &empty);
    assert_eq!(
        (
            outcome.entries,
            outcome
                .codes
                .iter()
                .filter(|c| **c == "statement-failed")
                .count()
        ),
        (2, 5_000)
    );
    let others = format!("INSERT INTO other VALUES{}(1);", "(1),".repeat(3 << 20));
    assert_eq!(
        examine_around("many rows of another table", &others).entries,
        2
    );
}

#[test]
fn schemas_of_every_excess() {
    let list = |n: usize, column: &str| {
        (0..n)
            .map(|i| format!("{column}{i}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    let fields =
        "entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details";
    for (name, sql) in [
        ("many columns", format!("CREATE TABLE b ({fields}, {});", list(1_900, "c"))),
        ("too many columns", format!("CREATE TABLE b ({fields}, {});", list(40_000, "c"))),
        ("a long definition", format!("CREATE TABLE b ({fields}, \"{}\");", "c".repeat(10 << 20))),
        ("a deep check", format!("CREATE TABLE b ({fields}, CHECK ({}1{}));", "(".repeat(100_000), ")".repeat(100_000))),
        ("a deep default", format!("CREATE TABLE b ({fields}, x DEFAULT ({}1));", "- ".repeat(100_000))),
        ("slow functions", format!("CREATE TABLE b ({fields}, x AS (replace(hex(zeroblob(100000000)), 'a', 'b')) STORED);")),
        ("a default that acts", format!("CREATE TABLE b ({fields}, x DEFAULT (load_extension('x')));")),
        ("many tables", (0..3_000).map(|i| format!("CREATE TABLE t{i}(a);")).collect()),
        ("many logs", (0..300).map(|i| format!("CREATE TABLE t{i}({fields});INSERT INTO t{i} VALUES(1,2,3,4,5,6,7,8);")).collect()),
        ("many triggers", (0..20_000).map(|i| format!("CREATE TRIGGER t{i} AFTER INSERT ON t{i} BEGIN SELECT 1; END;INSERT INTO t{i} VALUES (1);")).collect()),
        ("many semicolons", ";".repeat(3 << 20)),
        ("many transactions", "BEGIN;COMMIT;".repeat(100_000)),
        ("many refusals", "ATTACH 'x' AS y;".repeat(100_000)),
        ("many views", (0..20_000).map(|i| format!("CREATE VIEW v{i} AS SELECT * FROM audit_log;")).collect()),
        ("staging by name", "CREATE TABLE \"auditglass staging 0\" (a);DROP TABLE \"auditglass staging 0\";".to_owned()),
        ("a hostile name", format!("CREATE TABLE \"a\"\"); DROP TABLE x; --\" ({fields});INSERT INTO \"a\"\"); DROP TABLE x; --\" VALUES (1,2,3,4,5,6,7,8);")),
        ("a hostile column", format!("CREATE TABLE b ({fields}, \"x\"\"); --\");INSERT INTO b VALUES (1,2,3,4,5,6,7,8,9);")),
    ] {
        let outcome = examine_around(name, &sql);
        assert!(outcome.entries >= 2, "{name}: {:?}", outcome.codes);
        let is_legal = matches!(name, "a hostile name" | "a hostile column");
        assert_eq!(outcome.entries == 3, is_legal, "{name}: {:?}", outcome.codes);
    }
}

#[test]
fn quotes_and_comments_that_do_not_end() {
    for end in [
        "'",
        "\"",
        "`",
        "[",
        "/*",
        "x'",
        "(",
        "CREATE TRIGGER t AFTER INSERT ON audit_log BEGIN SELECT 1;",
        "INSERT",
        "INSERT INTO",
        "INSERT INTO \"",
        ".",
        ".shell",
        "\0",
        "--",
    ] {
        let text = format!("{}{end}{}", around(""), "y;".repeat(1 << 12));
        assert_eq!(examine_one(&format!("{end:?} at the end"), text).entries, 2);
        let text = format!("{}{end}", around(""));
        assert_eq!(
            examine_one(&format!("nothing behind {end:?}"), text).entries,
            2
        );
        examine_one(&format!("only {end:?}"), format!("{TABLE}{end}"));
    }
}

/// A dump as the shell writes it, with something of everything.
fn whole() -> Vec<u8> {
    let mut text = format!("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{TABLE}");
    for i in 0..40 {
        let actor = match i % 4 {
            0 => "'a''b'",
            1 => "replace('a\\nb','\\n',char(10))",
            2 => "unistr('a\\u000ab')",
            _ => "X'00ff'",
        };
        text += &format!(
            "INSERT INTO \"audit_log\" VALUES{},{};\n",
            row(actor),
            row("NULL")
        );
    }
    text += "CREATE TABLE other(a);\nINSERT INTO other VALUES('x;y');\nCREATE INDEX i ON audit_log(timestamp);\n";
    text += "CREATE TRIGGER t AFTER UPDATE ON other BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END;\n/* end */ COMMIT;\n";
    text.into_bytes()
}

#[test]
fn cut_off_anywhere() {
    let whole = whole();
    let all = examine_one("whole", whole.clone());
    assert_eq!(
        (all.entries, all.has("lost-tail")),
        (80, false),
        "{:?}",
        all.codes
    );
    for len in (200..whole.len() - 2)
        .step_by(131)
        .chain(whole.len() - 200..whole.len() - 2)
    {
        let outcome = examine_one(&format!("cut to {len} bytes"), &whole[..len]);
        assert!(
            outcome.has("lost-tail") || outcome.has("trailing-data"),
            "cut to {len}: {:?}",
            outcome.codes
        );
    }
}

#[test]
fn damaged_anywhere() {
    let whole = whole();
    for round in 0..400 {
        let mut random = Random::new(round);
        let mut bytes = whole.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.byte(),
                1 => bytes[at] = b"'\"`[](),;-/*\0\n."[random.below(15)],
                2 => {
                    let len = random.below(80).min(bytes.len() - at);
                    bytes.drain(at..at + len);
                }
                _ => {
                    let len = random.below(80).min(bytes.len() - at);
                    let slice = bytes[at..at + len].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, slice);
                }
            }
        }
        examine_one(&format!("round {round}"), bytes);
    }
}
