//! The engine through its protocol, in a dedicated worker of a real browser.
#![cfg(target_arch = "wasm32")]

mod explore;
mod sql;

use std::cell::RefCell;
use std::rc::Rc;

use auditglass::{
    Answer, Locator, OpenOptions, ReportAsk, ReportFormat, RowIdx, Selection, Sort, Totals, Verdict,
};
use auditglass_web::engine::worker::{Worker, write_reply};
use auditglass_web::protocol::{Opened, Reply, Request, WhichExport};
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, DedicatedWorkerGlobalScope, File};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Tampered on purpose: `examples/README.md` lists what was done to it.
const TAMPERED: &[u8] = include_bytes!("../../../examples/tampered.db");
const WITH_WAL: &[u8] = include_bytes!("../../../examples/wal.db");
const ITS_WAL: &[u8] = include_bytes!("../../../examples/wal.db-wal");
/// The same entry three times: as the reference writes it, with another actor, without a checksum.
const SMALL: &str = r#"[
{"timestamp":"2026-07-01T08:00:00","entry_id":"a","event_type":"data_access","actor":"Zoë","resource_type":"dataset","resource_id":"d@1","action":"read","details":"{\"rows\": 1.0}","checksum":"CHECKSUM","written_at":"2026-07-01T08:00:01"},
{"timestamp":"2026-07-01T08:00:00","entry_id":"a","event_type":"data_access","actor":"Zoe","resource_type":"dataset","resource_id":"d@1","action":"read","details":"{\"rows\": 1.0}","checksum":"CHECKSUM","written_at":"2026-07-01T08:00:01"},
{"timestamp":"2026-07-01T08:00:00","entry_id":"b","event_type":"data_access","actor":"Zoë","resource_type":"dataset","resource_id":"d@1","action":"read","details":{"rows":1.0},"written_at":"2026-07-01T08:00:01"}
]"#;
/// `hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]` of the first of them.
const SMALL_CHECKSUM: &str = "20b1430ef7e9515e";
const SMALL_CANONICAL: &str = r#"{"action": "read", "actor": "Zo\u00eb", "details": {"rows": 1.0}, "entry_id": "a", "event_type": "data_access", "resource_id": "d@1", "resource_type": "dataset", "timestamp": "2026-07-01T08:00:00"}"#;

type Sink = &'static dyn Fn(&Reply, Option<&JsValue>);

/// A worker, what it has said since it was last asked, and the bytes that came with it.
struct Bench {
    worker: Worker<Sink>,
    said: Rc<RefCell<Vec<Reply>>>,
    bytes: Rc<RefCell<Vec<Blob>>>,
}

/// Lets the browser do what is due.
async fn a_turn() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let turn = Promise::new(&mut |resolve, _| {
        scope.set_timeout_with_callback(&resolve).unwrap();
    });
    JsFuture::from(turn).await.unwrap();
}

impl Bench {
    fn new() -> Self {
        let said = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&said);
        let bytes = Rc::new(RefCell::new(Vec::new()));
        let blobs = Rc::clone(&bytes);
        // Replies go through the form in which they travel, so that it is tested, too.
        let sink = move |reply: &Reply, bytes: Option<&JsValue>| {
            let message: Array = write_reply(reply, bytes).dyn_into().unwrap();
            let text = message.get(0).as_string().unwrap();
            if let Ok(blob) = message.get(1).dyn_into::<Blob>() {
                blobs.borrow_mut().push(blob);
            }
            heard
                .borrow_mut()
                .push(serde_json::from_str(&text).unwrap());
        };
        Self {
            worker: Worker::new(Box::leak(Box::new(sink))),
            said,
            bytes,
        }
    }

    /// Asks, has everything carried on to its end, and returns what was said.
    async fn ask(&mut self, request: &Request, files: &[File]) -> Vec<Reply> {
        self.begin(request, files);
        loop {
            while self.worker.has_work() {
                self.worker.carry_on();
            }
            if !self.worker.is_waiting() {
                return self.said.take();
            }
            a_turn().await;
        }
    }

    /// Asks; what takes long is begun.
    fn begin(&mut self, request: &Request, files: &[File]) {
        let message = Array::of1(&JsValue::from_str(&serde_json::to_string(request).unwrap()));
        files.iter().for_each(|f| {
            message.push(f);
        });
        self.worker.handle(&message);
    }

    /// Opens files as case 1 and returns what was opened and how often progress was reported.
    async fn open(&mut self, files: &[File]) -> (Opened, usize) {
        let mut replies = self
            .ask(
                &Request::Open {
                    generation: 1,
                    paths: Vec::new(),
                    options: OpenOptions::default(),
                },
                files,
            )
            .await;
        let Some(Reply::Opened {
            generation: 1,
            opened,
        }) = replies.pop()
        else {
            panic!("the last reply must be `opened`");
        };
        assert!(replies.iter().all(|r| matches!(
            r,
            Reply::Opening { generation: 1, .. } | Reply::Progress { generation: 1, .. }
        )));
        (opened, replies.len())
    }

    /// Selects as search 1.
    async fn select(&mut self, filter: &str, sort: Option<Sort>) -> Totals {
        let replies = self.ask(&select(1, filter, sort), &[]).await;
        match replies.last() {
            Some(Reply::Selected {
                generation: 1,
                search: 1,
                totals,
            }) => *totals,
            _ => panic!("the last reply must be `selected`: {replies:?}"),
        }
    }

    /// The places of the rows from `start` on.
    async fn rows(&mut self, start: u64, count: u32) -> Vec<u32> {
        let rows = self.cells(start, count, &["actor"]).await;
        rows.into_iter().map(|(row, _)| row).collect()
    }

    async fn cells(&mut self, start: u64, count: u32, columns: &[&str]) -> Vec<(u32, Vec<String>)> {
        let request = Request::Rows {
            generation: 1,
            search: 1,
            question: 5,
            start,
            count,
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        let replies = self.ask(&request, &[]).await;
        let [
            Reply::Rows {
                generation: 1,
                search: 1,
                question: 5,
                rows: Ok(rows),
                ..
            },
        ] = replies.as_slice()
        else {
            panic!("one answer with rows, not {replies:?}");
        };
        rows.iter().map(|r| (r.row.0, r.cells.clone())).collect()
    }

    async fn with_verdict(&mut self, verdict: Verdict) -> Vec<u32> {
        self.select(&format!("verdict:{}", verdict.as_str()), None)
            .await;
        self.rows(0, 100).await
    }
}

fn select(search: u32, filter: &str, sort: Option<Sort>) -> Request {
    Request::Select {
        generation: 1,
        search,
        selection: Selection {
            filter: filter.to_owned(),
            sort,
        },
    }
}

fn file(name: &str, bytes: &[u8]) -> File {
    File::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)), name).unwrap()
}

fn totals(verified: u64, mismatched: u64, unchecksummed: u64, unreadable: u64) -> Totals {
    let entries = verified + mismatched + unchecksummed + unreadable;
    Totals {
        entries,
        verified,
        mismatched,
        unchecksummed,
        unreadable,
    }
}

#[wasm_bindgen_test]
async fn a_small_json_log_is_judged_entry_by_entry() {
    let mut bench = Bench::new();
    let text = SMALL.replace("CHECKSUM", SMALL_CHECKSUM);
    let (opened, _) = bench.open(&[file("small.txt", text.as_bytes())]).await;
    assert_eq!(opened.totals, totals(1, 1, 1, 0));
    assert!(!opened.consistent);
    assert_eq!(opened.sources[0].kind, "json-array");
    assert_eq!(bench.select("", None).await, opened.totals);
    assert_eq!(bench.rows(0, 10).await, [0, 1, 2]);
    assert_eq!(bench.rows(1, 1).await, [1]);
    assert_eq!(bench.with_verdict(Verdict::Unchecksummed).await, [2]);

    let replies = bench
        .ask(
            &Request::Entry {
                generation: 1,
                row: RowIdx(0),
            },
            &[],
        )
        .await;
    let [
        Reply::Entry {
            generation: 1,
            row: RowIdx(0),
            entry: Ok(entry),
        },
    ] = replies.as_slice()
    else {
        panic!("one answer with the entry, not {replies:?}");
    };
    assert_eq!(entry.verdict, Verdict::Verified);
    assert_eq!(entry.claimed_checksum.as_deref(), Some(SMALL_CHECKSUM));
    assert_eq!(entry.recomputed_checksum.as_deref(), Some(SMALL_CHECKSUM));
    assert_eq!(entry.canonical.as_deref(), Some(SMALL_CANONICAL));
    assert!(
        entry
            .sha256
            .as_deref()
            .is_some_and(|s| s.len() == 64 && s.starts_with(SMALL_CHECKSUM))
    );
    let written = entry
        .fields
        .iter()
        .find(|f| f.name == "written_at")
        .unwrap();
    assert!(!written.hashed);
    assert_eq!(
        (
            entry.details[0].key.as_str(),
            entry.details[0].text.as_str()
        ),
        ("rows", "1.0")
    );

    // The id occurs twice: a finding says so.
    let replies = bench
        .ask(
            &Request::Findings {
                generation: 1,
                start: 0,
                count: 100,
            },
            &[],
        )
        .await;
    let [Reply::Findings { findings, .. }] = replies.as_slice() else {
        panic!("one answer with findings, not {replies:?}");
    };
    assert_eq!(findings.len() as u64, opened.findings.iter().sum::<u64>());
    assert!(
        findings.iter().any(|f| f.code == "duplicate-id"),
        "{findings:?}"
    );
}

#[wasm_bindgen_test]
async fn three_answers_and_the_report_come_when_asked_for() {
    let mut bench = Bench::new();
    bench.open(&[file("tampered.db", TAMPERED)]).await;
    let replies = bench.ask(&Request::Answer { generation: 1 }, &[]).await;
    let [Reply::Answered { answers, .. }] = replies.as_slice() else {
        panic!("one answer, not {replies:?}");
    };
    assert_eq!(answers.consistency.answer, Answer::NotConfirmed);
    assert_eq!(answers.authenticity.answer, Answer::CannotBeKnown);
    let request = |asked: ReportAsk| Request::Report {
        generation: 1,
        report: 7,
        asked: Box::new(asked),
        hashes: vec![Some("ab".repeat(32))],
        earlier_hashes: Vec::new(),
    };
    let asked = ReportAsk {
        scan: true,
        evidence_slice: Some("tampered-evidence.jsonl".into()),
        ..ReportAsk::default()
    };
    let replies = bench.ask(&request(asked), &[]).await;
    let Some(Reply::Reported {
        found: Ok(found), ..
    }) = replies.last()
    else {
        panic!("a report, not {replies:?}");
    };
    assert_eq!(found.answers, *answers);
    assert_eq!(found.scan.as_ref().map(|s| s.entries), Some(240));
    assert_eq!(found.slice.as_ref().map(|s| s.entries), Some(4));
    assert_eq!(bench.bytes.borrow().len(), 1, "the slice comes with it");
    let written = Request::WriteReport {
        generation: 1,
        format: ReportFormat::Html,
    };
    let replies = bench.ask(&written, &[]).await;
    let [Reply::ReportWritten { text: html, .. }] = replies.as_slice() else {
        panic!("one text, not {replies:?}");
    };
    for part in [
        "auditglass report --evidence-slice tampered-evidence.jsonl --scan tampered.db",
        &answers.consistency.sentence,
        &"ab".repeat(32),
        "Entries that are not verified",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let asked = ReportAsk {
        from: Some("March".into()),
        ..ReportAsk::default()
    };
    let replies = bench.ask(&request(asked), &[]).await;
    let Some(Reply::Reported {
        found: Err(error), ..
    }) = replies.last()
    else {
        panic!("an error, not {replies:?}");
    };
    assert!(error.message.contains("March"), "{}", error.message);
    // What was made before is gone.
    assert_eq!(bench.ask(&written, &[]).await, []);
}

#[wasm_bindgen_test]
async fn the_tampered_sample_gives_itself_away() {
    let mut bench = Bench::new();
    let (opened, _) = bench.open(&[file("tampered.db", TAMPERED)]).await;
    assert_eq!(opened.totals, totals(236, 3, 0, 1));
    assert_eq!(opened.sources[0].kind, "sqlite");
    assert!(opened.span.is_some() && opened.elapsed_ms >= 0.0);
    let mismatched = bench.with_verdict(Verdict::Mismatched).await;
    let mut rowids = Vec::new();
    for row in mismatched {
        let replies = bench
            .ask(
                &Request::Entry {
                    generation: 1,
                    row: RowIdx(row),
                },
                &[],
            )
            .await;
        let [
            Reply::Entry {
                entry: Ok(entry), ..
            },
        ] = replies.as_slice()
        else {
            panic!("one answer with the entry, not {replies:?}");
        };
        assert_ne!(entry.claimed_checksum, entry.recomputed_checksum);
        let Locator::Row { rowid, .. } = entry.locator else {
            panic!("{:?}", entry.locator)
        };
        rowids.push(rowid);
    }
    assert_eq!(rowids, [18, 61, 135]);
}

#[wasm_bindgen_test]
async fn a_wal_dropped_along_belongs_to_its_database() {
    let mut bench = Bench::new();
    let (opened, _) = bench
        .open(&[file("wal.db-wal", ITS_WAL), file("wal.db", WITH_WAL)])
        .await;
    assert_eq!(opened.totals, totals(99, 1, 0, 0));
    assert_eq!(opened.sources.len(), 1);
    assert_eq!(opened.sources[0].companions[0].name, "wal.db-wal");
    let (opened, _) = bench.open(&[file("wal.db", WITH_WAL)]).await;
    assert_eq!(opened.totals, totals(60, 0, 0, 0));
}

#[wasm_bindgen_test]
async fn what_is_no_log_is_told_beside_what_is_one() {
    let mut bench = Bench::new();
    let files = [
        file("cat.png", b"\x89PNG\r\n\x1a\nrest"),
        file("t.db", TAMPERED),
        file("e.json", b""),
    ];
    let (opened, _) = bench.open(&files).await;
    let failed: Vec<_> = opened
        .sources
        .iter()
        .map(|s| (s.name.as_str(), s.error.is_some()))
        .collect();
    // What is no log comes behind what is one.
    assert_eq!(
        failed,
        [("t.db", false), ("cat.png", true), ("e.json", true)]
    );
    assert_eq!(opened.totals.entries, 240);
    assert!(!opened.consistent);
}

#[wasm_bindgen_test]
async fn progress_is_reported_and_adds_up() {
    let mut bench = Bench::new();
    // Long enough for several reports, whatever the machine.
    let line = SMALL.lines().nth(1).unwrap().trim_end_matches(',');
    let text = format!("{line}\n").repeat(60_000);
    let replies = bench
        .ask(
            &Request::Open {
                generation: 7,
                paths: Vec::new(),
                options: OpenOptions::default(),
            },
            &[file("long.jsonl", text.as_bytes())],
        )
        .await;
    let mut seen = 0;
    let mut reports = 0;
    for reply in &replies {
        match reply {
            Reply::Progress {
                generation: 7,
                progress,
            } => {
                assert!(progress.bytes_done <= progress.bytes_total);
                assert!(progress.bytes_done >= seen);
                seen = progress.bytes_done;
                reports += 1;
            }
            Reply::Opened {
                generation: 7,
                opened,
            } => {
                assert_eq!(opened.totals, totals(0, 60_000, 0, 0));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(reports > 0, "no progress in {} replies", replies.len());
}

#[wasm_bindgen_test]
async fn a_file_has_its_digest() {
    let mut bench = Bench::new();
    // It comes in three pieces.
    let long: Vec<u8> = (0..2_500_000_u32).map(|i| i.to_le_bytes()[1]).collect();
    let files = [file("abc", b"abc"), file("empty", b""), file("long", &long)];
    let nobody = &mut |_| std::ops::ControlFlow::Continue(());
    let of_long = auditglass::sha256_hex(&auditglass::Memory::new(long), nobody);
    let of_long = of_long.unwrap().unwrap();
    let hash = Request::Hash {
        generation: 3,
        of: WhichExport::Open,
    };
    bench.begin(&hash, &files);
    // It hashes while messages are heard.
    for _ in 0..1_000 {
        if bench.said.borrow().len() == files.len() {
            break;
        }
        JsFuture::from(files[0].array_buffer()).await.unwrap();
    }
    let replies = bench.said.take();
    let digests: Vec<_> = replies
        .iter()
        .filter_map(|r| match r {
            Reply::Hashed {
                generation: 3,
                file,
                sha256: Ok(hex),
                ..
            } => Some((*file, hex.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(
        digests,
        [
            (
                0,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
            (
                1,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            (2, of_long.as_str()),
        ]
    );
}

#[wasm_bindgen_test]
async fn questions_about_another_case_are_answered_as_such() {
    let mut bench = Bench::new();
    bench.open(&[file("t.db", TAMPERED)]).await;
    let replies = bench
        .ask(
            &Request::Entry {
                generation: 2,
                row: RowIdx(0),
            },
            &[],
        )
        .await;
    assert!(matches!(
        replies.as_slice(),
        [Reply::Entry {
            generation: 2,
            entry: Err(_),
            ..
        }]
    ));
    // A row that is not there is an error, not the end.
    let replies = bench
        .ask(
            &Request::Entry {
                generation: 1,
                row: RowIdx(240),
            },
            &[],
        )
        .await;
    assert!(matches!(
        replies.as_slice(),
        [Reply::Entry { entry: Err(_), .. }]
    ));
    let replies = bench.ask(&Request::Ping { generation: 1 }, &[]).await;
    assert_eq!(replies, [Reply::Pong { generation: 1 }]);
}

#[wasm_bindgen_test]
async fn a_message_that_is_none_is_fatal_and_says_why() {
    let mut bench = Bench::new();
    bench
        .worker
        .handle(&Array::of1(&JsValue::from_str(r#"{"ask":"tea"}"#)));
    assert!(matches!(
        bench.said.take().as_slice(),
        [Reply::Fatal { .. }]
    ));
}
