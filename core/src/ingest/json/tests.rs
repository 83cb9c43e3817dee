//! Which container a text is taken for, its entries, and what is told of it.

mod refusals;

use std::ops::ControlFlow;
use std::rc::Rc;

use expect_test::{Expect, expect};

use crate::entry::RawValue;
use crate::ingest::{Scan, Step};
use crate::scheme::REFERENCE;
use crate::source::{Cached, Memory};

/// An entry named `id`, with `more` behind its fields.
fn entry(id: &str, more: &str) -> String {
    format!(
        r#"{{"entry_id":"{id}","timestamp":"t","event_type":"x","actor":"a","resource_type":"r","resource_id":"i","action":"c","details":{{}}{more}}}"#
    )
}

/// The same on several lines.
fn long(id: &str) -> String {
    entry(id, "")
        .replace(",\"", ",\n  \"")
        .replace("{\"e", "{\n  \"e")
}

/// Puts entries in the places of `<id>`, and such of several lines in those of `<<id>>`.
fn fill(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        out.push_str(before);
        let (id, is_long) = match behind.strip_prefix('<') {
            Some(id) => (id, true),
            None => (behind, false),
        };
        let (id, behind) = id.split_once('>').expect("an entry ends");
        out.push_str(&if is_long { long(id) } else { entry(id, "") });
        rest = behind.strip_prefix('>').unwrap_or(behind);
    }
    out + rest
}

/// What is found in `text`: the kind, the parts, each entry by its id or why it is none, the findings, what was not examined.
fn check(text: &str, expected: &Expect) {
    let text = fill(text);
    let source = Rc::new(Cached::new(Box::new(Memory::new(text.as_str()))));
    let mut out = String::new();
    match super::open(source) {
        Ok(scan) => describe(scan, text.len() as u64, &mut out),
        Err(error) => {
            out.push_str(&format!("{error}\n"));
            if let Some(hint) = error.hint() {
                out.push_str(&format!("try: {hint}\n"));
            }
        }
    }
    expected.assert_eq(&out);
}

fn describe(mut scan: Box<dyn Scan>, len: u64, out: &mut String) {
    let mut found = Vec::new();
    loop {
        let step = scan.step(&mut |part, raw| {
            let id = match raw.fields[REFERENCE.entry_id] {
                RawValue::Json(token) => String::from_utf8_lossy(token).into_owned(),
                _ => "no id".into(),
            };
            let is_entry = raw.not_an_entry.is_none();
            found.push((
                part,
                raw.place,
                if is_entry { id } else { "no entry".into() },
            ));
            ControlFlow::Continue(())
        });
        if step.expect("memory can be read") == Step::End {
            break;
        }
    }
    let parts: Vec<&str> = scan.parts().iter().map(|p| p.name.as_str()).collect();
    out.push_str(&format!("{} {}\n", scan.kind(), parts.join(", ")));
    for (part, place, id) in &found {
        out.push_str(&format!("{part} {}:{} {id}\n", place.key, place.line));
        let mut again = String::new();
        let read = scan.reread(*part, *place, &mut |raw| {
            again = match (raw.not_an_entry, raw.fields[REFERENCE.entry_id]) {
                (Some(_), _) => "no entry".into(),
                (None, RawValue::Json(token)) => String::from_utf8_lossy(token).into_owned(),
                _ => "no id".into(),
            };
            ControlFlow::Continue(())
        });
        read.expect("it is still there");
        assert_eq!(again, *id, "read again");
    }
    for note in scan.take_notes() {
        let severity = format!("{:?}", note.severity).to_lowercase();
        out.push_str(&format!("{severity} {}: {}\n", note.code, note.message));
    }
    let accounts = scan.account();
    assert_eq!(accounts.total(), len, "every byte is accounted for");
    for left in &accounts.unexamined {
        out.push_str(&format!("unexamined {} {}\n", left.code, left.bytes));
    }
}

#[test]
fn one_entry_is_a_document_whatever_its_lines() {
    check(
        "<<a>>\n",
        &expect![[r#"
        json-object $
        0 0:0 "a"
    "#]],
    );
    check(
        "<a>",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
    "#]],
    );
    // What looks like an entry in its details is its own content.
    check(
        "{\n\"list\": [<b>, <c>],\n\"entry_id\":\"a\",\"timestamp\":\"t\",\"event_type\":\"x\",\"actor\":\"a\",\"resource_type\":\"r\",\"resource_id\":\"i\",\"action\":\"c\",\"details\":NaNN}",
        &expect![[r#"
            json-object $.list, $
            0 11:0 "b"
            0 138:0 "c"
            1 0:0 "a"
            info log-found-at: the entries are the array at $.list
        "#]],
    );
}

#[test]
fn values_of_several_lines_are_a_sequence() {
    check(
        "<<a>>\n<<b>>\r\n <<c>><<d>>",
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 150:0 "b"
        0 302:0 "c"
        0 451:0 "d"
    "#]],
    );
    check(
        "<a>\n<<b>>\n",
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 126:0 "b"
    "#]],
    );
    check(
        "<a>\n<b>\n<c>\n<<d>>\n<e>\n<f>\n<g>\n<h>\n<i>\n<j>\n<k>\n<l>\n<m>\n",
        &expect![[r#"
            json-sequence $
            0 0:0 "a"
            0 126:0 "b"
            0 252:0 "c"
            0 378:0 "d"
            0 528:0 "e"
            0 654:0 "f"
            0 780:0 "g"
            0 906:0 "h"
            0 1032:0 "i"
            0 1158:0 "j"
            0 1284:0 "k"
            0 1410:0 "l"
            0 1536:0 "m"
        "#]],
    );
    check(
        "{\"exported\":\n1}\n<<a>>\n<<b>>\n[1, {\"b\": 2}]\n",
        &expect![[r#"
            json-sequence $
            0 0:0 no id
            0 16:0 "a"
            0 166:0 "b"
            error json-gap: the JSON is broken at byte 316: 14 bytes could not be read as entries
            unexamined json-gap 14
        "#]],
    );
}

/// The sample holds no whole entry, but its lines.
#[test]
fn a_sequence_of_long_entries() {
    let long = |id: &str| entry(id, &format!(",\n\"pad\":\"{}\"", "x".repeat(super::SAMPLE)));
    check(
        &format!("{}\n{}\n", long("a"), long("b")),
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 1048712:0 "b"
    "#]],
    );
    let line = |id: &str| entry(id, &format!(",\"pad\":\"{}\"", "x".repeat(super::SAMPLE)));
    check(
        &format!("{}\n{}\n", line("a"), line("b")),
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 1048711:2 "b"
    "#]],
    );
}

#[test]
fn values_in_one_line_are_a_sequence() {
    check(
        "<a><b><c>",
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 125:0 "b"
        0 250:0 "c"
    "#]],
    );
    check(
        "<a> <b>\n",
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 126:0 "b"
    "#]],
    );
    check(
        "<a>,<b>\n",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 126:1 "b"
        error json-broken: the JSON is broken at byte 125, between two entries
    "#]],
    );
    check(
        "<a><b>\n<c>\n<d>\n",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 125:1 "b"
        0 251:2 "c"
        0 377:3 "d"
        error json-broken: the JSON is broken at byte 125, between two entries
    "#]],
    );
}

#[test]
fn an_entry_that_lacks_a_field_is_one_where_it_stands_alone() {
    let lacks = |more: &str| entry("a", more).replace("\"actor\":\"a\",", "");
    check(
        &lacks(",\"checksum\":\"0\""),
        &expect![[r#"
        json-object $
        0 0:0 "a"
    "#]],
    );
    check(
        &lacks(",\n\"checksum\":\"0\""),
        &expect![[r#"
        json-object $
        0 0:0 "a"
    "#]],
    );
    check(
        &lacks(""),
        &expect![[r#"
        no array of audit entries was found in this JSON document
        try: An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.
    "#]],
    );
    check(
        &format!("{}\n<b>\n", lacks(",\"checksum\":\"0\"")),
        &expect![[r#"
            these are JSON Lines, of which no more than half are audit entries (1 of the first 2)
            try: Take the entries out and open them: grep '"entry_id"' FILE > log.jsonl.
        "#]],
    );
    check(
        &format!("{}\n[<b>]\n", lacks(",\"checksum\":\"0\"")),
        &expect![[r#"
            json-object $ (2)
            0 130:0 "b"
            error entries-beside-the-log: objects that look like entries stand outside every log and were not judged: 1, the first at byte 0
            error trailing-data: 128 bytes follow the end of the JSON document
            unexamined beside-the-log 128
        "#]],
    );
}

#[test]
fn text_sequences() {
    check(
        "\u{1E}<a>\n\u{1E}<b>\n\u{1E}\u{1E}<c>\n",
        &expect![[r#"
        json-lines $
        0 1:1 "a"
        0 127:2 "b"
        0 254:3 "c"
    "#]],
    );
    check(
        "\u{1E}<<a>>\n\u{1E}<<b>>\n",
        &expect![[r#"
        json-sequence $
        0 1:0 "a"
        0 152:0 "b"
    "#]],
    );
    check(
        "\u{1E}<<a>>\n",
        &expect![[r#"
        json-object $
        0 1:0 "a"
    "#]],
    );
    check(
        "\u{1E}[\n<<a>>,\n<<b>>\n]\n",
        &expect![[r#"
        json-array $
        0 3:0 "a"
        0 154:0 "b"
    "#]],
    );
    // As RFC 7464 has it, a text that is cut off costs itself.
    check(
        "\u{1E}<<a>>\n\u{1E}{\"entry_id\": \"b\n\u{1E}<<c>>\n",
        &expect![[r#"
            json-sequence $
            0 1:0 "a"
            0 169:0 "c"
            error json-gap: the JSON is broken at byte 152: 17 bytes could not be read as entries
            unexamined json-gap 17
        "#]],
    );
}

#[test]
fn damage_in_a_sequence_costs_what_it_touches() {
    check(
        "<<a>>\n{\n \"entry_id\": \"b\",\n \"details\": {\n<<c>>\n<<d>>\n",
        &expect![[r#"
            json-sequence $
            0 0:0 "a"
            0 184:0 "c"
            0 334:0 "d"
            error json-gap: the JSON is broken at byte 150: 34 bytes could not be read as entries
            unexamined json-gap 34
        "#]],
    );
    check(
        "{\n \"entry_id\": \"a\",\n \"details\": {\n<<b>>\n<<c>>\n",
        &expect![[r#"
            json-sequence $
            0 34:0 "b"
            0 184:0 "c"
            error json-gap: the JSON is broken at byte 0: 34 bytes could not be read as entries
            unexamined json-gap 34
        "#]],
    );
    check(
        " \"x\",\n \"details\": {}\n}\n<<b>>\n<<c>>\n",
        &expect![[r#"
        json-sequence $
        0 23:0 "b"
        0 173:0 "c"
        error json-gap: the JSON is broken at byte 0: 23 bytes could not be read as entries
        unexamined json-gap 23
    "#]],
    );
    check(
        "<<a>>\nhello world\n<<b>>\n\0\0\0\n<<c>>\n{\n \"entry_id\"",
        &expect![[r#"
            json-sequence $
            0 0:0 "a"
            0 162:0 "b"
            0 316:0 "c"
            error json-gap: the JSON is broken at byte 150: 12 bytes could not be read as entries
            error json-gap: the JSON is broken at byte 312: 4 bytes could not be read as entries
            error lost-tail: the document is cut off: it ends inside the value that begins at byte 466
            unexamined json-gap 12
            unexamined json-gap 4
            unexamined lost-tail 13
        "#]],
    );
    check(
        "<<a>>,\n<<b>>,\n<<c>>\n",
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 151:0 "b"
        0 302:0 "c"
        error json-broken: commas stand between the entries, outside an array: 2, the first at byte 149
    "#]],
    );
    check(
        "<<a>>\n<<b>>\n]\n",
        &expect![[r#"
        json-sequence $
        0 0:0 "a"
        0 150:0 "b"
        error json-broken: the JSON is broken at byte 300, between two entries
    "#]],
    );
}

#[test]
fn lines_that_are_no_json_as_they_stand() {
    check(
        "<a>\n<b>,\n<c>,,\n,<d>\n<e>\n",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 126:2 "b"
        0 253:3 "c"
        0 382:4 "d"
        0 508:5 "e"
        error json-broken: 3 lines are no JSON as they stand, the first is line 2: a comma or a bracket is too many
    "#]],
    );
    check(
        "<a>\n<b>]\n",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 126:2 "b"
        error json-broken: line 2 is no JSON as it stands: a comma or a bracket is too many
    "#]],
    );
    check(
        "<a>\n[<b>]\n",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 127:2 "b"
    "#]],
    );
    check(
        "<a>\n<b><c>,\n",
        &expect![[r#"
        json-lines $
        0 0:1 "a"
        0 126:2 "b"
        0 251:2 "c"
        error json-broken: the JSON is broken at byte 251, between two entries
    "#]],
    );
}

#[test]
fn files_that_were_joined() {
    check(
        "\u{FEFF}<a>\n<b>\n\u{FEFF}<c>\n<d>\n",
        &expect![[r#"
        json-lines $
        0 3:1 "a"
        0 129:2 "b"
        0 255:3 "c"
        0 384:4 "d"
        info byte-order-mark: the file begins with a UTF-8 byte order mark
        warning byte-order-mark: a UTF-8 byte order mark stands between two entries, at byte 255
    "#]],
    );
    check(
        "\u{FEFF}<<a>>\n<<b>>\n\u{FEFF}<<c>>\n",
        &expect![[r#"
        json-sequence $
        0 3:0 "a"
        0 153:0 "b"
        0 306:0 "c"
        info byte-order-mark: the file begins with a UTF-8 byte order mark
        warning byte-order-mark: a UTF-8 byte order mark stands between two entries, at byte 303
    "#]],
    );
    check(
        "\u{FEFF}[<a>]\n\u{FEFF}[<b>]\n",
        &expect![[r#"
        json-array $, $ (2)
        0 4:0 "a"
        1 135:0 "b"
        info byte-order-mark: the file begins with a UTF-8 byte order mark
        warning byte-order-mark: a UTF-8 byte order mark stands between two entries, at byte 131
        error trailing-data: 128 bytes follow the end of the JSON document
    "#]],
    );
}
