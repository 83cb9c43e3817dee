//! Noise, and JSON that is too long, too deep, cut off, or not UTF-8.

use super::{examine_one, example};

/// An entry whose checksum is wrong, with this JSON text as details and these further members.
fn entry(details: &str, more: &str) -> String {
    format!(
        r#"{{"entry_id":"e","timestamp":"t","event_type":"x","actor":"a","resource_type":"r","resource_id":"i","action":"c","details":{details},"checksum":"0000000000000000"{more}}}"#
    )
}

fn log(entry: &str) -> String {
    format!("[{entry}]")
}

#[test]
fn noise_is_no_log() {
    let mut random = super::mutate::Random::new(9);
    let bytes: Vec<u8> = (0..70_000).map(|_| random.byte()).collect();
    let noise: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("one byte", vec![0]),
        ("blanks", b" \n\t ".to_vec()),
        ("bom", b"\xEF\xBB\xBF".to_vec()),
        (
            "prose",
            b"Dear auditor,\nplease find the log attached.\n".to_vec(),
        ),
        ("csv", b"entry_id,timestamp\n1,2\n".to_vec()),
        (
            "html",
            b"<!DOCTYPE html><html><body>504</body></html>".to_vec(),
        ),
        ("png", png()),
        ("zeros", vec![0; 100_000]),
        ("random", bytes),
        ("zip", b"PK\x03\x04\x14\x00\x00\x00\x08\x00".repeat(20)),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
        ("utf-16", b"\xFF\xFE[\x00{\x00}\x00]\x00".to_vec()),
        ("sqlite header only", b"SQLite format 3\x00".to_vec()),
        (
            "sqlite header and noise",
            [
                b"SQLite format 3\x00".to_vec(),
                (0..5_000).map(|_| random.byte()).collect(),
            ]
            .concat(),
        ),
        ("wal header only", 0x377F_0682_u32.to_be_bytes().to_vec()),
        ("bracket", b"[".to_vec()),
        ("brace", b"{".to_vec()),
        ("quote", b"\"".to_vec()),
        ("numbers", b"[1,2,3]".to_vec()),
        ("object", b"{\"a\": 1}".to_vec()),
        ("string", b"\"text\"".to_vec()),
        ("null", b"null".to_vec()),
        ("other rows", b"[{\"id\": 1}, {\"id\": 2}]".to_vec()),
    ];
    for (name, bytes) in noise {
        let outcome = examine_one(name, bytes);
        assert_eq!(outcome.refused, 1, "{name} is no log");
        assert_eq!(outcome.entries, 0, "{name}");
        assert!(!outcome.is_consistent, "{name}");
    }
}

/// A real image: one grey pixel.
fn png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = u32::MAX;
        for &b in kind.iter().chain(data) {
            crc ^= u32::from(b);
            for _ in 0..8 {
                crc = if crc & 1 == 1 {
                    0xEDB8_8320 ^ (crc >> 1)
                } else {
                    crc >> 1
                };
            }
        }
        let len = u32::try_from(data.len())
            .expect("a short chunk")
            .to_be_bytes();
        [&len[..], kind, data, &(!crc).to_be_bytes()].concat()
    };
    // A zlib stream of one stored block: the filter byte and the pixel.
    let pixels = [
        0x78, 0x01, 0x01, 0x02, 0x00, 0xFD, 0xFF, 0x00, 0x80, 0x00, 0x82, 0x00, 0x81,
    ];
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"IDAT", &pixels),
        chunk(b"IEND", b""),
    ]
    .concat()
}

#[test]
fn ten_megabytes_in_one_piece() {
    const LONG: usize = 10 << 20;
    let a = "a".repeat(LONG);
    let pieces: Vec<(&str, String, u64)> = vec![
        ("a string", format!("\"{a}\""), 0),
        ("a string in an array", format!("[\"{a}\"]"), 0),
        ("an open string", format!("[{{\"entry_id\":\"{a}"), 0),
        ("digits", format!("[{}]", "7".repeat(LONG)), 0),
        ("brackets", "[".repeat(LONG), 0),
        ("braces", "{\"a\":".repeat(LONG / 5), 0),
        ("blanks", format!("{}[]", " ".repeat(LONG)), 0),
        ("only blanks", "\n".repeat(LONG), 0),
        ("a line", a.clone(), 0),
        ("a key", format!("{{\"{a}\":[]}}"), 0),
        ("zeros", format!("[{}0]", "0,".repeat(LONG / 2)), 0),
        (
            "empty objects",
            format!("[{}{{}}]", "{},".repeat(LONG / 3)),
            0,
        ),
        (
            "backslashes",
            format!("[\"{}\"]", "\\\\".repeat(LONG / 2)),
            0,
        ),
        (
            "text details",
            log(&entry(&format!("\"\\\"{a}\\\"\""), "")),
            1,
        ),
        (
            "value details",
            log(&entry(&format!("{{\"k\":\"{a}\"}}"), "")),
            1,
        ),
        (
            "escaped details",
            log(&entry(
                &format!("\"[\\\"{}\\\"]\"", "\\\\u0041".repeat(LONG / 7)),
                "",
            )),
            1,
        ),
        (
            "a float",
            log(&entry(&format!("0.{}", "3".repeat(LONG)), "")),
            1,
        ),
        ("an integer", log(&entry(&"3".repeat(LONG), "")), 1),
        (
            "an actor",
            log(&entry("{}", &format!(",\"actor\":\"{a}\""))),
            1,
        ),
        (
            "a checksum",
            log(&entry("{}", &format!(",\"checksum\":\"{a}\""))),
            1,
        ),
        (
            "an extra field",
            log(&entry("{}", &format!(",\"x\":\"{a}\",\"{a}\":1"))),
            1,
        ),
        (
            "blanks inside",
            log(&entry(&format!("{{{}}}", " ".repeat(LONG)), "")),
            1,
        ),
        (
            "numbers in details",
            log(&entry(&format!("[{}0]", "1.5,".repeat(LONG / 4)), "")),
            1,
        ),
    ];
    for (name, text, entries) in pieces {
        let outcome = examine_one(name, text);
        assert_eq!(outcome.entries, entries, "{name}");
        assert!(!outcome.is_consistent, "{name}");
    }
}

#[test]
fn a_hundred_thousand_deep() {
    const DEEP: usize = 100_000;
    let arrays = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
    // Each object is out of order, so that all of them must be re-arranged.
    let unsorted = format!("{}1{}", "{\"b\":2,\"a\":".repeat(DEEP), "}".repeat(DEEP));
    let crossed = format!(
        "{}{}",
        "[{\"b\":[],\"a\":".repeat(DEEP / 2) + "1",
        "}]".repeat(DEEP / 2)
    );
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
    for (name, value) in [
        ("arrays", &arrays),
        ("objects", &objects),
        ("unsorted", &unsorted),
        ("crossed", &crossed),
    ] {
        let outcome = examine_one(name, value.as_str());
        assert_eq!(outcome.entries, 0, "{name} as the document");
        for (how, details) in [("value", value.clone()), ("text", quoted(value))] {
            let outcome = examine_one(name, log(&entry(&details, "")));
            assert_eq!(outcome.entries, 1, "{name} as {how}");
            assert!(
                outcome.has("deep-nesting"),
                "{name} as {how}: {:?}",
                outcome.codes
            );
            assert!(
                outcome.judged[0].recomputed.is_some(),
                "{name} as {how} is computed all the same"
            );
        }
        let outcome = examine_one(name, log(&entry("{}", &format!(",\"x\":{value}"))));
        assert_eq!(outcome.entries, 1, "{name} in a field that is not hashed");
        let outcome = examine_one(name, log(&entry(&quoted(&value[..DEEP]), "")));
        assert!(outcome.judged[0].recomputed.is_none(), "{name} cut off");
        let outcome = examine_one(name, format!("{}\n{}\n", entry(value, ""), entry("{}", "")));
        assert_eq!(outcome.entries, 2, "{name} in lines");
        let outcome = examine_one(
            name,
            format!("{{\"wrapped\":{value},\"entries\":[{}]}}", entry("{}", "")),
        );
        assert!(outcome.entries <= 1, "{name} before the log");
    }
}

#[test]
fn many_keys_in_one_object() {
    let same = format!("{{{}\"k\":0}}", "\"k\":1,".repeat(200_000));
    let falling: String = (0..200_000)
        .rev()
        .map(|i| format!("\"{i:06}\":1,"))
        .collect();
    let falling = format!("{{{falling}\"z\":0}}");
    let nested: String = (0..2_000)
        .rev()
        .map(|i| format!("\"{i:06}\":{{\"b\":1,\"a\":[{{\"d\":1,\"c\":2}}]}},"))
        .collect();
    let nested = format!("{{{nested}\"z\":0}}");
    for (name, value) in [
        ("the same key", same),
        ("falling keys", falling),
        ("nested", nested),
    ] {
        let outcome = examine_one(name, log(&entry(&value, "")));
        assert!(outcome.judged[0].recomputed.is_some(), "{name}");
        let members = &value[1..value.len() - 1];
        let outcome = examine_one(name, log(&entry("{}", &format!(",{members}"))));
        assert_eq!(outcome.entries, 1, "{name} in the entry itself");
    }
}

#[test]
fn cut_off_anywhere() {
    let whole = example("export.json");
    for len in (0..400)
        .chain((400..whole.len()).step_by(1_709))
        .chain(whole.len() - 300..whole.len())
    {
        let outcome = examine_one("export.json", &whole[..len]);
        assert!(!outcome.is_consistent, "export.json cut to {len} bytes");
    }
    let whole = example("export.jsonl");
    for len in (0..600).chain((600..whole.len()).step_by(997)) {
        let outcome = examine_one("export.jsonl", &whole[..len]);
        let is_whole_lines = len > 0 && (whole[len - 1] == b'\n' || whole[len] == b'\n');
        assert_eq!(
            outcome.is_consistent, is_whole_lines,
            "export.jsonl cut to {len} bytes: {:?}",
            outcome.codes
        );
    }
    let whole = sequence();
    for len in (0..600).chain((600..whole.len()).step_by(997)) {
        let outcome = examine_one("sequence.json", &whole[..len]);
        let is_between = whole[..len].ends_with(b"}\n") || whole[..len].ends_with(b"}");
        let is_whole = is_between && (whole.get(len) == Some(&b'\n') || whole[len] == b'{');
        assert_eq!(
            outcome.is_consistent, is_whole,
            "sequence.json cut to {len} bytes: {:?}",
            outcome.codes
        );
    }
    let whole = example("wrapped.json");
    for len in (0..400).chain((400..whole.len() - 3).step_by(1_201)) {
        assert!(
            !examine_one("wrapped.json", &whole[..len]).is_consistent,
            "wrapped.json cut to {len} bytes"
        );
    }
}

/// The entries of the example of lines, each on several lines.
pub(super) fn sequence() -> Vec<u8> {
    let text = String::from_utf8(example("export.jsonl")).expect("the example is text");
    let members = ["timestamp", "event_type", "actor", "details", "checksum"];
    let long = members.iter().fold(text, |text, name| {
        text.replace(&format!(" \"{name}\": "), &format!("\n  \"{name}\": "))
    });
    long.into_bytes()
}

#[test]
fn bad_bytes_anywhere() {
    let good = br#"[{"entry_id": "e1", "timestamp": "t", "event_type": "x", "actor": "a", "resource_type": "r", "resource_id": "i", "action": "c", "details": "{\"\u00e9\": 1.0}", "checksum": "0000000000000000", "written_at": "w"}, {"entry_id": "e2", "timestamp": "t", "event_type": "x", "actor": "a", "resource_type": "r", "resource_id": "i", "action": "c", "details": {"k": [1, null]}, "checksum": null}]"#;
    for at in 0..good.len() {
        for bad in [0xFF, 0x80, 0xC3, 0xED, 0x00, 0x22, 0x5C, 0x7B] {
            let mut bytes = good.to_vec();
            bytes[at] = bad;
            let outcome = examine_one("bad byte", bytes);
            assert!(!outcome.is_consistent);
            assert!(
                outcome.entries <= 8,
                "byte {at}: {} entries",
                outcome.entries
            );
        }
    }
}

/// Files are read in slices of 256 KiB: wherever a slice ends, the verdicts are the same.
#[test]
fn slices_may_end_anywhere() {
    const SLICE: usize = 256 << 10;
    let first = entry(r#"{"a\u00e9": [1.50, -0, null, {}], "é": "\\\" 😀"}"#, "");
    let second = entry(r#""{\"n\": 1e2}""#, r#", "written_at": {"x": []}"#);
    let array = format!("[{first}, {second}, {first}]");
    let wrapped = format!(r#"{{"n": [1, [], {{}}], "data": {{"rows": {array}, "k": true}}}}"#);
    let lines = format!("{first}\n{second}\n{first}");
    let sequence = lines.replace(",\"timestamp\"", ",\n\"timestamp\"");
    for text in [array, wrapped, lines, sequence] {
        let expected: Vec<_> = verdicts(&examine_one("slices", text.as_str()));
        assert_eq!(expected.len(), 3);
        // Blanks go where blanks may be: before everything, or behind a bracket, a comma or a colon.
        let places: Vec<usize> = [0, 1]
            .into_iter()
            .chain(
                ["{", "[", ",", ":"]
                    .iter()
                    .filter_map(|c| text.find(c).map(|i| i + 1)),
            )
            .chain(text.find(r#""details":"#).map(|i| i + 10))
            .chain(text.rfind(r#""details":"#).map(|i| i + 10))
            .filter(|&at| text.starts_with(['[', '{']) && (at == 0 || !text[..at].ends_with('"')))
            .collect();
        for (n, &place) in places.iter().enumerate() {
            for shift in (n..text.len() + 8).step_by(37) {
                let blanks = " ".repeat(SLICE - shift.min(SLICE));
                let padded = [&text[..place], &blanks, &text[place..]].concat();
                let found = verdicts(&examine_one("slices", padded));
                assert_eq!(
                    found, expected,
                    "blanks at {place}, shifted by {shift}: {text}"
                );
            }
        }
    }
}

fn verdicts(outcome: &super::Outcome) -> Vec<(auditglass::Verdict, Option<String>)> {
    outcome
        .judged
        .iter()
        .map(|j| (j.verdict, j.recomputed.clone()))
        .collect()
}
