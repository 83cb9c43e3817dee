//! A SQL dump is split where SQLite's shell would split it, and what is judged in it is read again as it was.
#![no_main]

use std::ops::ControlFlow;

use auditglass::{Case, Input, JudgedEntry, Memory, Observer, Progress, Quiet, RowIdx};
use auditglass_fuzz::dump;
use libfuzzer_sys::fuzz_target;

const TABLE: &[u8] = b"CREATE TABLE t(entry_id TEXT,timestamp,event_type,actor,resource_type,resource_id,action,details);";

#[derive(Default)]
struct Verdicts(Vec<String>);

impl Observer for Verdicts {
    fn progress(&mut self, p: &Progress) -> ControlFlow<()> {
        Quiet.progress(p)
    }

    fn wants_entries(&self) -> bool {
        true
    }

    fn judged(&mut self, e: &JudgedEntry<'_>) -> ControlFlow<()> {
        self.0
            .push(format!("{:?} {:?}", e.verdict, e.recomputed_checksum));
        ControlFlow::Continue(())
    }
}

fuzz_target!(|data: &[u8]| {
    assert_eq!(
        auditglass::fuzzing::statement_ends(data),
        dump::statement_ends(data),
        "{:?}",
        String::from_utf8_lossy(data)
    );
    let bytes = Memory::new([TABLE, data].concat());
    let mut case = Case::open(vec![Input {
        name: "log.sql".to_owned(),
        bytes: Box::new(bytes),
        is_found: false,
    }]);
    let mut verdicts = Verdicts::default();
    case.verify(&mut verdicts).expect("nobody cancels");
    for (row, verdict) in (0..).zip(&verdicts.0) {
        let view = case.entry(RowIdx(row)).expect("a row that was judged");
        let again = view.recomputed_checksum.as_deref();
        assert_eq!(*verdict, format!("{:?} {again:?}", view.verdict));
    }
});
