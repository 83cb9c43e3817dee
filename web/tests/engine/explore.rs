//! Finding entries through the protocol: selections, counts, exports, and searches that are overtaken.

use auditglass::{ExportFormat, FacetAsk, RowIdx, Sort, SurveyAsk, TimelineAsk};
use auditglass_web::protocol::{Reply, Request};
use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::{Bench, SMALL, TAMPERED, file, select};

fn by(column: &str, descending: bool) -> Option<Sort> {
    Some(Sort {
        column: column.to_owned(),
        descending,
    })
}

#[wasm_bindgen_test]
async fn a_selection_has_its_rows_its_order_and_its_places() {
    let mut bench = Bench::new();
    let (opened, _) = bench.open(&[file("t.db", TAMPERED)]).await;
    assert_eq!(bench.select("", by("timestamp", true)).await, opened.totals);
    let newest = bench.rows(0, 3).await;
    bench.select("", by("timestamp", false)).await;
    let oldest_first = bench.rows(0, 240).await;
    assert_eq!(oldest_first.len(), 240);
    let mut last: Vec<_> = oldest_first[237..].to_vec();
    last.reverse();
    assert_eq!(newest, last);

    // Text anywhere in an entry is found step by step; each match is where it is said to be.
    let all = bench.select("predict", None).await.entries;
    assert!(all > 0 && all < 240);
    let rows = bench.cells(0, 240, &["action", "details.score"]).await;
    assert_eq!(rows.len() as u64, all);
    for (place, (row, _)) in rows.iter().enumerate().step_by(17) {
        let request = Request::Position {
            generation: 1,
            search: 1,
            row: RowIdx(*row),
        };
        let replies = bench.ask(&request, &[]).await;
        let [Reply::Position { position, .. }] = replies.as_slice() else {
            panic!("{replies:?}");
        };
        assert_eq!(*position, Some(place as u64));
    }
}

#[wasm_bindgen_test]
async fn a_selection_is_counted_under_its_other_conditions() {
    let mut bench = Bench::new();
    bench.open(&[file("t.db", TAMPERED)]).await;
    let facet = |field: &str| FacetAsk {
        field: field.to_owned(),
        limit: 100,
        ..FacetAsk::default()
    };
    let totals = bench
        .select("event_type:inference_response verdict:verified", None)
        .await;
    let request = Request::Survey {
        generation: 1,
        search: 1,
        question: 9,
        counts: SurveyAsk {
            facets: vec![
                facet("verdict"),
                facet("event_type"),
                facet("details.group"),
                facet("nonsense"),
            ],
            timeline: Some(TimelineAsk {
                buckets: 50,
                stack: "verdict".into(),
                ..TimelineAsk::default()
            }),
        },
    };
    let replies = bench.ask(&request, &[]).await;
    let [
        Reply::Surveyed {
            question: 9,
            survey,
            failures,
            ..
        },
    ] = replies.as_slice()
    else {
        panic!("one answer with counts, not {replies:?}");
    };
    assert_eq!(survey.totals, totals);
    let sum = |i: usize| survey.facets[i].values.iter().map(|v| v.count).sum::<u64>();
    // The verdicts of all responses; all types of the verified; the groups of the verified responses.
    assert!(sum(0) >= totals.entries && sum(1) > totals.entries);
    assert_eq!(sum(2) + survey.facets[2].missing, totals.entries);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0].0, "nonsense");
    let timeline = survey.timeline.as_ref().unwrap();
    let timed: u64 = timeline
        .series
        .iter()
        .flat_map(|s| &s.counts)
        .map(|n| u64::from(*n))
        .sum();
    assert_eq!(timed + timeline.untimed, totals.entries);
    // What a value's own condition selects is as many as it was counted.
    let value = survey.facets[1].values[0].clone();
    let found = bench
        .select(&format!("verdict:verified {}", value.term), None)
        .await;
    assert_eq!(found.entries, value.count);
}

#[wasm_bindgen_test]
async fn a_filter_that_is_none_is_refused_with_its_place() {
    let mut bench = Bench::new();
    bench.open(&[file("t.db", TAMPERED)]).await;
    let replies = bench.ask(&select(1, "action:read actr:x", None), &[]).await;
    let [
        Reply::Refused {
            search: 1, error, ..
        },
    ] = replies.as_slice()
    else {
        panic!("{replies:?}");
    };
    assert_eq!((error.start, error.nearest.as_deref()), (12, Some("actor")));
}

#[wasm_bindgen_test]
async fn a_search_that_is_overtaken_says_no_more() {
    let mut bench = Bench::new();
    // Its details must be read, which takes more than a slice.
    let line = SMALL.lines().nth(1).unwrap().trim_end_matches(',');
    let text = format!("{line}\n").repeat(40_000);
    bench.open(&[file("long.jsonl", text.as_bytes())]).await;
    bench.begin(&select(1, "\"rows\" nothing-like-this", None), &[]);
    assert!(
        bench.worker.has_work() || bench.worker.is_waiting(),
        "it was done in one slice"
    );
    let replies = bench.ask(&select(2, "actor:Zoë", None), &[]).await;
    let ended: Vec<_> = replies
        .iter()
        .filter(|r| !matches!(r, Reply::Selecting { .. }))
        .collect();
    assert!(
        matches!(ended.as_slice(), [Reply::Selected { search: 2, .. }]),
        "{ended:?}"
    );
    // Rows of the one before are no longer there.
    let request = Request::Rows {
        generation: 1,
        search: 1,
        question: 1,
        start: 0,
        count: 1,
        columns: Vec::new(),
    };
    let replies = bench.ask(&request, &[]).await;
    assert!(matches!(
        replies.as_slice(),
        [Reply::Rows { rows: Err(_), .. }]
    ));
}

#[wasm_bindgen_test]
async fn an_export_comes_in_pieces_and_opens_again() {
    let mut bench = Bench::new();
    bench.open(&[file("t.db", TAMPERED)]).await;
    let totals = bench
        .select("event_type:inference_response OR verdict:mismatched", None)
        .await;
    let request = Request::Export {
        generation: 1,
        search: 1,
        export: 4,
        format: ExportFormat::Jsonl,
        columns: Vec::new(),
    };
    let replies = bench.ask(&request, &[]).await;
    let Some(Reply::Exported {
        export: 4,
        entries,
        unread: 0,
        done: true,
        ..
    }) = replies.last()
    else {
        panic!("{replies:?}");
    };
    assert_eq!(*entries, totals.entries);
    let parts: Array = bench.bytes.take().into_iter().collect();
    let whole = Blob::new_with_blob_sequence(&parts).unwrap();
    let buffer = JsFuture::from(whole.array_buffer()).await.unwrap();
    let bytes = Uint8Array::new(&buffer).to_vec();
    let mut again = Bench::new();
    let (opened, _) = again.open(&[file("export.jsonl", &bytes)]).await;
    assert_eq!(opened.totals, totals);
    // It can be stopped.
    bench.begin(&request, &[]);
    bench.begin(&Request::StopExport { generation: 1 }, &[]);
    assert!(!bench.worker.has_work());
}

#[wasm_bindgen_test]
async fn what_could_be_typed_next_is_offered() {
    let mut bench = Bench::new();
    bench.open(&[file("t.db", TAMPERED)]).await;
    let request = Request::Complete {
        generation: 1,
        filter: "event_type:inf".into(),
        cursor: 14,
    };
    let replies = bench.ask(&request, &[]).await;
    let [Reply::Completions { completions, .. }] = replies.as_slice() else {
        panic!("{replies:?}");
    };
    let texts: Vec<_> = completions.iter().map(|c| c.text.as_str()).collect();
    assert!(
        texts.iter().any(|t| t.contains("inference_request")),
        "{texts:?}"
    );
}
