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
