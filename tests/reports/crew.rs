//! However many threads or workers help, and in whatever order they answer, a case comes out the same.

use std::cell::RefCell;
use std::collections::BTreeMap;

use auditglass::report::{self, Files, make};
use auditglass::{
    Advance, Alone, Case, Crew, Input, Memory, Quiet, ReportAsk, ReportFormat, hash_chunk,
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

/// Workers that see nothing but the bytes they are sent, and answer late and out of order.
struct Workers {
    count: usize,
    /// By ticket: what was sent, and how often it was asked for in vain.
    sent: RefCell<BTreeMap<u64, (Vec<u8>, u64)>>,
    answered: RefCell<Answered>,
}

#[derive(Default)]
struct Answered {
    hashed: usize,
    refused: usize,
}

impl Workers {
    fn new(count: usize) -> Self {
        Self {
            count,
            sent: RefCell::default(),
            answered: RefCell::default(),
        }
    }
}

impl Crew for Workers {
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync)) {
        Alone.join(here, helper);
    }

    fn is_free(&self) -> bool {
        self.sent.borrow().len() < self.count * 2
    }

    fn send(&self, ticket: u64, chunk: Vec<u8>) {
        self.sent.borrow_mut().insert(ticket, (chunk, 0));
    }

    fn receive(&self, ticket: u64) -> Option<Vec<u8>> {
        let mut sent = self.sent.borrow_mut();
        let (_, asked) = sent.get_mut(&ticket)?;
        *asked += 1;
        if *asked <= ticket * 7 % 5 {
            return None;
        }
        let answer = hash_chunk(&sent.remove(&ticket)?.0);
        let mut answered = self.answered.borrow_mut();
        if answer.is_empty() {
            answered.refused += 1;
        } else {
            answered.hashed += 1;
        }
        Some(answer)
    }
}

/// Entries of many chunks; from the 20,000th on, every 500th is odd in its own way.
fn log() -> String {
    let entry = |i: u32| {
        let odd = (i > 20_000 && i.is_multiple_of(500)).then_some(i / 500 % 8);
        let (id, actor, details) = match odd {
            Some(0) => (format!("{i}"), r#""a""#, r#""{\"broken""#),
            Some(1) => (format!("{i}.50"), "null", "{}"),
            Some(2) => ("null".into(), r#"{"b": 1, "a": 2, "a": 3}"#, "{}"),
            Some(3) => (r#""é""#.into(), "1e400", "[1.0, 2.50, -0.0, 1e22]"),
            _ => (
                format!("\"e{}\"", i % 9000),
                r#""a""#,
                r#"{"n": 1.5, "a": [2]}"#,
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
    let mut lines: Vec<_> = (0..40_000).map(entry).collect();
    lines[35_000].truncate(70);
    lines[37_000] = "[]".into();
    lines.join("\n")
}

fn open(log: &str) -> Case {
    Case::open(vec![Input {
        name: "log.jsonl".into(),
        bytes: Box::new(Memory::new(log.as_bytes())),
        is_found: false,
    }])
}

/// Everything that is told of a case: totals, findings, and what is counted from its columns.
fn told(case: &Case) -> String {
    let document = make(case, ReportAsk::default(), None, &Files::default());
    let mut document = document.expect("it can be read again");
    report::json(case, &[]) + &document.write(ReportFormat::Json)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let log = log();
    let judge = |crew: &dyn Crew| {
        let mut case = open(&log);
        case.verify_with(&mut Quiet, crew).expect("nobody cancels");
        told(&case)
    };
    let alone = judge(&Alone);
    assert!(alone.contains("\"duplicate-id\"") && alone.contains("\"entry-unreadable\""));
    for threads in [1, 2, 7] {
        assert!(
            judge(&Threads(threads)) == alone,
            "{threads} helpers change the report"
        );
    }
    let mut all_refused = 0;
    for count in [1, 2, 3, 7] {
        let workers = Workers::new(count);
        assert!(
            judge(&workers) == alone,
            "{count} workers change the report"
        );
        let Answered { hashed, refused } = workers.answered.into_inner();
        assert!(hashed > 1, "{count} workers hashed {hashed} chunks");
        all_refused += refused;
    }
    assert!(all_refused > 0, "an odd value comes back unhashed");
}

#[test]
fn whoever_waits_for_a_worker_is_told_so() {
    let log = log();
    let mut case = open(&log);
    let workers = Workers::new(2);
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
