//! Records and dialects on small texts.

use std::rc::Rc;

use expect_test::{Expect, expect};

use super::dialect::{Recognised, recognise};
use super::next::{Next, next};
use super::record::{Form, Record, Style};
use crate::ingest::json::Window;
use crate::source::{Cached, Memory};

const COMMAS: Style = Style {
    delimiter: b',',
    quotes: true,
    escapes: false,
};

/// Every record of `text` of three columns, with its fields; `"` marks a quoted one.
fn check(text: &str, style: Style, expected: &Expect) {
    let source = Rc::new(Cached::new(Box::new(Memory::new(text))));
    let mut window = Window::new(source);
    let mut record = Record::new(3);
    let (mut at, mut out) = (0, String::new());
    loop {
        let found = next(&mut window, at, (style, 3), &mut record).expect("memory can be read");
        let (len, what) = match found {
            Next::End => break,
            Next::Blank(len) => (len, "blank".to_owned()),
            Next::Broken(len, why) => (len, format!("broken: {why}")),
            Next::Cut(len) => (len, "cut".to_owned()),
            Next::TooLong => panic!("nothing is too long here"),
            Next::Record(len) => {
                let bytes = &window.bytes(at)[..len];
                let fields: Vec<String> = record
                    .fields(bytes)
                    .map(|(text, form)| {
                        let sign = match form {
                            Form::Bare => "",
                            Form::Quoted => "\"",
                            Form::Null => "NULL",
                        };
                        format!("{sign}{}", String::from_utf8_lossy(text).escape_debug())
                    })
                    .collect();
                (len, fields.join("|"))
            }
        };
        out.push_str(&format!("{at}+{len} {what}\n"));
        at += len as u64;
    }
    assert_eq!(at, text.len() as u64, "every byte belongs to something");
    expected.assert_eq(&out);
}

#[test]
fn records() {
    check(
        "a,b,c\r\n\"a\",\"\",\n\r\n\n\"a\"\"b\",\"l1\r\nl2\",\"\"\"\"\na,b,c",
        COMMAS,
        &expect![[r#"
            0+7 a|b|c
            7+8 "a|"|
            15+2 blank
            17+1 blank
            18+21 "a\"b|"l1\r\nl2|"\"
            39+5 a|b|c
        "#]],
    );
}

#[test]
fn what_is_broken_costs_one_record() {
    check(
        "a,b\na,b,c,d\na,\"b,c\na,\"b\",c\n\"a\"x,b\"c,d\na,\"l1\nl2\"\na,b,\"\nx\n",
        COMMAS,
        &expect![[r#"
            0+4 broken: a record with too few fields
            4+8 broken: a record with too many fields
            12+7 broken: a record with a quote that is not closed
            19+8 a|"b|c
            27+11 "ax|b\"c|d
            38+10 broken: a record with too few fields
            48+8 cut
        "#]],
    );
}

#[test]
fn a_carriage_return_alone_ends_nothing() {
    check(
        "a\rb,c,d\r\r\n\"a\"\rb,c,d\n\"a\",b,\"c\"\r",
        COMMAS,
        &expect![[r#"
            0+10 a\rb|c|d\r
            10+10 "a\rb|c|d
            20+10 "a|b|"c
        "#]],
    );
}

#[test]
fn without_quotes() {
    let style = Style {
        delimiter: b'\t',
        quotes: false,
        escapes: false,
    };
    check(
        "{\"a\": 1}\t\"\tb\"\n\"a\"\t\t\n",
        style,
        &expect![[r#"
            0+14 {\"a\": 1}|\"|b\"
            14+6 \"a\"||
        "#]],
    );
}

#[test]
fn with_escapes() {
    let style = Style {
        delimiter: b'\t',
        quotes: false,
        escapes: true,
    };
    check(
        "a\\tb\t\\N\t\"\n\\\\N\t\tc\\r\r\na\tb\t\\x\na\tb\\\tc\n",
        style,
        &expect![[r#"
            0+10 a\tb|NULL|\"
            10+10 \\N||c\r
            20+7 broken: a record with a backslash that begins no escape
            27+7 broken: a record with a backslash that begins no escape
        "#]],
    );
}

/// Whether a file with these records tells NULL from empty text.
fn tells_null(records: &str) -> bool {
    let names = "entry_id,timestamp,event_type,actor,resource_type,resource_id,action,details";
    let header = if records.starts_with('"') {
        format!("\"{}\"", names.replace(',', "\",\""))
    } else {
        names.to_owned()
    };
    match recognise(format!("{header}\n{records}").as_bytes(), true) {
        Recognised::Log(dialect) => dialect.tells_null,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_tells_null_from_empty_text() {
    let cases = [
        // The sqlite3 shell.
        ("e,t,,a,\"\",i,c,{}\n", true),
        ("e,t,x,\"Zoë\",,i,c,{}\n", true),
        ("e,t,x,\"sp ace\",,i,c,\"{\"\"a\"\": 1}\"\n", true),
        ("e,t,x,a,,i,c,\"{\"\"a\"\": 1}\"\n", false),
        // Python: QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NOTNULL.
        ("e,t,x,Zoë,,i,c,\"{\"\"a\"\": 1}\"\n", false),
        ("\"e\",\"t\",\"x\",\"\",\"\",\"i\",\"c\",\"{}\"\n", false),
        ("\"e\",\"t\",\"x\",,\"r\",\"i\",\"c\",\"{}\"\n", true),
    ];
    for (records, expected) in cases {
        assert_eq!(tells_null(records), expected, "{records}");
    }
}
