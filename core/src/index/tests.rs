//! The index as a whole.

use super::*;

fn new_row<'a>(source: u32, key: u64, verdict: Verdict, values: [&'a [u8]; 8]) -> NewRow<'a> {
    NewRow {
        source: SourceIdx(source),
        part: 0,
        place: Place { key, line: 0 },
        verdict,
        values,
        stamp: read_timestamp(values[REFERENCE.timestamp]),
    }
}

#[test]
fn rows_of_a_verdict_are_found_from_any_start() {
    let mut index = Index::default();
    let mut expected = Vec::new();
    for i in 0..20_000_u32 {
        let verdict = if i % 7 == 3 || (9000..9500).contains(&i) {
            expected.push(i);
            Verdict::Mismatched
        } else {
            Verdict::Verified
        };
        let row = new_row(i / 15_000, u64::from(i), verdict, [b""; 8]);
        assert_eq!(index.push(&row), Some((RowIdx(i), None)));
    }
    let rows = |verdict, start, count| -> Vec<u32> {
        let rows = index.rows(verdict, start, count);
        rows.into_iter().map(|row| row.0).collect()
    };
    let end = u64::try_from(expected.len()).expect("it is small");
    for start in [0, 1, 584, 585, 586, 1300, 1900, end - 1, end, 1 << 40] {
        let from = expected.len().min(usize::try_from(start).expect("it fits"));
        let all = rows(Some(Verdict::Mismatched), start, u32::MAX);
        assert_eq!(all, expected[from..]);
        let some = rows(Some(Verdict::Mismatched), start, 3);
        assert_eq!(some, expected[from..expected.len().min(from + 3)]);
    }
    assert_eq!(rows(None, 19_998, 10), [19_998, 19_999]);
    assert!(rows(None, 30_000, 10).is_empty());
    let source = |row| index.origin(RowIdx(row)).map(|o| o.source);
    assert_eq!(source(15_000), Some(SourceIdx(1)));
    assert_eq!(source(14_999), Some(SourceIdx(0)));
    assert_eq!(source(20_000), None);
}

#[test]
fn every_field_is_kept_as_it_was() {
    let mut index = Index::default();
    index.begin_source("a.json");
    index.begin_source("Zoë.db");
    let rows: [[&str; 8]; 3] = [
        [
            "\"read\"",
            "\"Zo\\u00eb\"",
            "",
            "\"e1\"",
            "\"data_access\"",
            "42",
            "\"model\"",
            "\"2026-08-14T09:21:07.118402\"",
        ],
        [
            "null",
            "\"\\ud800\"",
            "",
            "\"0b5ad0f0-6e1c-4d86-b2a3-5d3f4a1b9c0e\"",
            "\"42\"",
            "\"42\"",
            "1.0",
            "\"yesterday\"",
        ],
        ["", "{\"a\": [1, 2]}", "", "\"e1\"", "", "", "", "null"],
    ];
    for (values, i) in rows.iter().zip(0..) {
        let values = values.map(str::as_bytes);
        let row = new_row(i / 2, 0, Verdict::ALL[i as usize], values);
        let first = (i == 2).then_some(RowIdx(0));
        assert_eq!(index.push(&row), Some((RowIdx(i), first)));
    }
    let fields = [
        (Field::Action, REFERENCE.action),
        (Field::Actor, REFERENCE.actor),
        (Field::EventType, REFERENCE.event_type),
        (Field::ResourceId, REFERENCE.resource_id),
        (Field::ResourceType, REFERENCE.resource_type),
    ];
    for (values, row) in rows.iter().zip(0..) {
        for (field, place) in fields {
            assert_eq!(index.column(field).json(row), values[place]);
            assert_eq!(Field::of_name(REFERENCE.hashed_fields[place]), Some(field));
        }
        let (mut id, mut timestamp) = (String::new(), String::new());
        index.write_entry_id(RowIdx(row), &mut id);
        index.write_timestamp(RowIdx(row), &mut timestamp);
        assert_eq!(id, values[REFERENCE.entry_id]);
        assert_eq!(timestamp, values[REFERENCE.timestamp]);
    }
    let json = |field, row| index.column(field).json(row);
    assert_eq!(json(Field::Source, 1), "\"a.json\"");
    assert_eq!(json(Field::Source, 2), "\"Zo\\u00eb.db\"");
    assert_eq!(json(Field::Verdict, 2), "\"unchecksummed\"");
    assert_eq!(index.unplaced(), 2);
    assert_eq!(index.extent(), Some((index.micros()[0], index.micros()[0])));
    assert_eq!(index.micros()[1], UNPLACED);
}

/// An index of `len` rows whose times lie within `spread` microseconds, pseudo-random in every field.
pub(super) fn index_of_times(len: u32, spread: i64) -> Index {
    let mut index = Index::default();
    index.begin_source("a.json");
    index.begin_source("b.json");
    let mut state = 7_u64;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let some_text = |n: u64| match n {
        0 => String::new(),
        1 => "null".to_owned(),
        2..5 => n.to_string(),
        n => format!("\"Name {n}\""),
    };
    for row in 0..len {
        let spread = u64::try_from(spread).expect("it is positive");
        let micros = i64::try_from(below(spread)).expect("it was positive");
        let mut timestamp = "\"".to_owned();
        iso::write(micros, iso::tests::MICROSECONDS, &mut timestamp);
        timestamp.push('"');
        match below(40) {
            0 => timestamp = some_text(below(9)),
            1 => timestamp.truncate(timestamp.len() - 4),
            _ => {}
        }
        let id = match below(4) {
            0 => some_text(below(u64::from(len))),
            _ => format!(
                "\"{:08x}-6e1c-4d86-b2a3-{:012x}\"",
                below(9) * 0x1000_0000,
                below(1000)
            ),
        };
        let (actor, resource, action) = (
            some_text(below(12)),
            some_text(below(2000)),
            some_text(below(300) * below(300)),
        );
        let values = [
            &action,
            &actor,
            "",
            &id,
            "\"type\"",
            &resource,
            "\"model\"",
            &timestamp,
        ];
        let verdict = Verdict::ALL[usize::try_from(below(4)).expect("it is small")];
        let source = u32::from(row >= len / 3);
        index
            .push(&new_row(source, 0, verdict, values.map(str::as_bytes)))
            .expect("there is room");
    }
    index
}
