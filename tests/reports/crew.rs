//! However many threads or workers help, and in whatever order they answer, a case comes out the same.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use auditglass::report::{self, Files, make};
use auditglass::{
    Advance, Alone, Case, Crew, ExportFormat, ExportState, FacetAsk, Helper, Input, Memory,
    OpenOptions, Quiet, ReportAsk, ReportFormat, SearchState, Selection, Sort, SurveyAsk,
    TimelineAsk,
};

/// Some threads that help, whatever the machine has.
struct Threads(usize);

impl Crew for Threads {
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            for _ in 0..self.0 {
                scope.spawn(helper);
            }
            here();
        });
    }
}

/// Workers that see nothing but the bytes they are sent, and the files; they answer late and out of order.
struct Workers {
    workers: RefCell<Vec<Helper>>,
    /// By ticket.
    sent: RefCell<BTreeMap<u64, Sent>>,
    tickets: Cell<u64>,
    answered: Cell<usize>,
    refused: Cell<usize>,
}

struct Sent {
    to: usize,
    task: Vec<u8>,
    /// How often its answer was asked for in vain.
    asked: u64,
}

impl Workers {
    fn new(count: usize, log: &[u8]) -> Self {
        let options = OpenOptions::default;
        let worker = |_| Helper::with_files(inputs(log), options());
        Self {
            workers: RefCell::new((0..count).map(worker).collect()),
            sent: RefCell::default(),
            tickets: Cell::default(),
            answered: Cell::default(),
            refused: Cell::default(),
        }
    }
}

impl Crew for Workers {
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync)) {
        Alone.join(here, helper);
    }

    fn workers(&self) -> usize {
        self.workers.borrow().len()
    }

    fn is_free(&self, worker: usize) -> bool {
        let sent = self.sent.borrow();
        sent.values().filter(|sent| sent.to == worker).count() < 2
    }

    fn send(&self, worker: usize, task: Vec<u8>) -> u64 {
        self.tickets.set(self.tickets.get() + 1);
        let mut sent = self.sent.borrow_mut();
        let sent_now = Sent {
            to: worker,
            task,
            asked: 0,
        };
        sent.insert(self.tickets.get(), sent_now);
        self.tickets.get()
    }

    fn receive(&self, ticket: u64) -> Option<Vec<u8>> {
        let mut sent = self.sent.borrow_mut();
        let Sent { to, task, asked } = sent.get_mut(&ticket)?;
        *asked += 1;
        if *asked <= ticket * 7 % 5 {
            return None;
        }
        let answer = self.workers.borrow_mut()[*to].work(task);
        sent.remove(&ticket);
        let count = match answer.is_empty() {
            true => &self.refused,
            false => &self.answered,
        };
        count.set(count.get() + 1);
        Some(answer)
    }
}

/// Entries of many chunks; from the 10,000th on, every 500th is odd in its own way.
fn log(entries: u32) -> String {
    let entry = |i: u32| {
        let odd = (i > 10_000 && i.is_multiple_of(500)).then_some(i / 500 % 8);
        let (id, actor, details) = match odd {
            Some(0) => (format!("{i}"), r#""a""#, r#""{\"broken""#),
            Some(1) => (format!("{i}.50"), "null", "{}"),
            Some(2) => ("null".into(), r#"{"b": 1, "a": 2, "a": 3}"#, "{}"),
            Some(3) => (r#""é""#.into(), "1e400", "[1.0, 2.50, -0.0, 1e22]"),
            _ => (
                format!("\"e{}\"", i % 9000),
                r#""a""#,
                r#"{"n": 1.5, "a": [2, 221560202943390970000]}"#,
            ),
        };
        let checksum = match odd {
            Some(4) => "17".to_owned(),
            Some(5) => r#""ABCDEF""#.into(),
            Some(6) => "null".into(),
            _ => format!("\"{:016x}\"", i % 3),
        };
        let zone = if odd == Some(7) { "+02:00" } else { "" };
        format!(
            r#"{{"timestamp": "2026-01-01T00:00:{:02}{zone}", "entry_id": {id}, "event_type": "data_access", "actor": {actor}, "resource_type": "dataset", "resource_id": "d", "action": "read", "details": {details}, "checksum": {checksum}}}"#,
            i % 60,
        )
    };
    let mut lines: Vec<_> = (0..entries).map(entry).collect();
    let last = lines.len() - 1;
    lines[last - 5_000].truncate(70);
    lines[last - 3_000] = "[]".into();
    lines.join("\n")
}

fn inputs(log: &[u8]) -> Vec<Input> {
    vec![Input {
        name: "log".into(),
        bytes: Box::new(Memory::new(log)),
        is_found: false,
    }]
}

fn open(log: &str) -> Case {
    Case::open(inputs(log.as_bytes()))
}

/// Everything that is told of a case: totals, findings, and what is counted from its columns.
fn told(case: &Case) -> String {
    let document = make(case, ReportAsk::default(), None, &Files::default());
    let mut document = document.expect("it can be read again");
    report::json(case, &[]) + &document.write(ReportFormat::Json)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let log = log(40_000);
    let judge = |crew: &dyn Crew| {
        let mut case = open(&log);
        case.verify_with(&mut Quiet, crew).expect("nobody cancels");
        told(&case)
    };
    let alone = judge(&Alone);
    for code in ["duplicate-id", "entry-unreadable", "rewritten-on-export"] {
        assert!(alone.contains(code), "{code}");
    }
    for threads in [1, 2, 7] {
        assert!(
            judge(&Threads(threads)) == alone,
            "{threads} helpers change the report"
        );
    }
    let mut all_refused = 0;
    for count in [1, 2, 3, 7] {
        let workers = Workers::new(count, b"");
        assert!(
            judge(&workers) == alone,
            "{count} workers change the report"
        );
        let hashed = workers.answered.get();
        assert!(hashed > 1, "{count} workers hashed {hashed} chunks");
        all_refused += workers.refused.get();
    }
    assert!(all_refused > 0, "an odd value comes back unhashed");
}

#[test]
fn whoever_waits_for_a_worker_is_told_so() {
    let log = log(40_000);
    let mut case = open(&log);
    let workers = Workers::new(2, b"");
    let mut waited = 0;
    loop {
        match case.verify_step(&mut Quiet, &workers) {
            Ok(Advance::More) => {}
            Ok(Advance::Waiting) => waited += 1,
            Ok(Advance::Done) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(case.totals().entries, 40_000);
    assert!(waited > 0);
}

/// Everything that a search finds, in its order, and what is counted of it.
fn found(case: &Case, crew: &dyn Crew, filter: &str, sort: Option<&str>) -> String {
    let selection = Selection {
        filter: filter.into(),
        sort: sort.map(|column| Sort {
            column: column.into(),
            descending: true,
        }),
    };
    let facet = |field: &str| FacetAsk {
        field: field.into(),
        limit: 50,
        ..FacetAsk::default()
    };
    let ask = SurveyAsk {
        facets: vec![facet("actor"), facet("details.n"), facet("details.a[0]")],
        timeline: Some(TimelineAsk {
            buckets: 20,
            stack: "details.n".into(),
            ..TimelineAsk::default()
        }),
    };
    let mut search = case.select(&selection).expect("a filter");
    case.prepare(&mut search, &ask);
    while case.step(&mut search, crew).expect("it can be read") != SearchState::Done {}
    let survey = case.survey(&mut search, &ask).expect("it can be counted");
    let mut written = Vec::new();
    let mut export = case.export(&search, ExportFormat::Jsonl, &[], None);
    while let ExportState::More { .. } = export.step(case, &search, &mut written).expect("written")
    {
    }
    format!("{survey:?}\n{}", String::from_utf8_lossy(&written))
}

/// The same entries as rows of a database.
fn database(entries: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let db = rusqlite::Connection::open(&path).expect("a database");
    let fields = "timestamp, entry_id, event_type, actor, resource_type, resource_id, action, details, checksum";
    db.execute_batch(&format!("CREATE TABLE audit_log ({fields}); BEGIN"))
        .expect("a table");
    for i in 0..entries {
        let details = match i % 7 {
            0 => "{".to_owned(),
            1 => format!(r#"{{"n": {}.5, "word": "sought {i}"}}"#, i % 90),
            2 => format!(r#"{{"n": "Zo\u00eb {}", "a": [{i}]}}"#, i % 11),
            _ => format!(r#"{{"n": {}}}"#, i % 300),
        };
        // Holes between the rowids.
        let values = (
            i64::from(i) * 3 + i64::from(i / 9000),
            format!("2026-01-01T00:{:02}:{:02}", i / 60 % 60, i % 60),
            format!("e{i}"),
            format!("actor {}", i % 40),
            details,
        );
        db.execute(
            &format!("INSERT INTO audit_log (rowid, {fields}) VALUES (?1, ?2, ?3, 't', ?4, 'r', 'i', 'a', ?5, '0')"),
            values,
        )
        .expect("a row");
    }
    db.execute_batch("COMMIT").expect("written");
    drop(db);
    std::fs::read(path).expect("the file just written")
}

#[test]
fn the_number_of_workers_changes_nothing_that_a_search_finds() {
    let questions = [
        ("sought", None),
        ("details.n>40", Some("details.n")),
        (
            "-details:sought (actor:\"actor 7\" OR details.n<=3)",
            Some("actor"),
        ),
        ("has:details.a OR /Zoë [0-4]$/", Some("details.a[0]")),
        ("details.n:*ë* actor:a*", None),
    ];
    for log in [log(20_000).into_bytes(), database(20_000)] {
        let case = || {
            let mut case = Case::open(inputs(&log));
            case.verify(&mut Quiet).expect("nobody cancels");
            case
        };
        for (filter, sort) in questions {
            // What one search has read, the next need not: each has a case of its own.
            let alone = found(&case(), &Alone, filter, sort);
            for count in [1, 2, 3, 7] {
                let workers = Workers::new(count, &log);
                assert!(
                    found(&case(), &workers, filter, sort) == alone,
                    "{count} workers find something else by {filter}"
                );
                assert!(workers.answered.get() > 1, "{count} workers, {filter}");
                assert_eq!(workers.refused.get(), 0, "{count} workers, {filter}");
            }
        }
    }
}

#[test]
fn what_a_worker_cannot_read_is_read_here() {
    let log = log(20_000);
    let verified = |log: &str| {
        let mut case = open(log);
        case.verify(&mut Quiet).expect("nobody cancels");
        case
    };
    let alone = found(&verified(&log), &Alone, "details.n>1", None);
    let mut case = verified(&log);
    // They were given other files: the half of it, and nothing.
    for (given, all_refuse) in [(&log.as_bytes()[..log.len() / 2], false), (b"", true)] {
        let workers = Workers::new(3, given);
        assert!(found(&case, &workers, "details.n>1", None) == alone);
        assert_eq!(workers.answered.get() == 0, all_refuse);
        case = verified(&log);
    }
}
