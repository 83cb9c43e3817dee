//! Any bytes, as a file: nothing panics, what is unpacked is the same in whatever order it is read, and a packed log is judged
//! as the log itself.
#![no_main]

use std::ops::ControlFlow;

use auditglass::{Case, Input, JudgedEntry, Memory, Observer, Progress};
use libfuzzer_sys::fuzz_target;

/// The first bytes of every kind, chosen by the first byte of the input, so that few inputs are wasted.
const MAGICS: [&[u8]; 7] = [
    b"",
    b"\x1F\x8B\x08\x00\0\0\0\0\0\xFF",
    b"\x28\xB5\x2F\xFD",
    b"PK\x03\x04",
    b"\xFF\xFE",
    b"\xFE\xFF",
    b"\x00\x00\xFE\xFF",
];

/// What comes out is looked at no further than this.
const LIMIT: u64 = 4 << 20;

#[derive(Default)]
struct Verdicts(Vec<String>);

impl Observer for Verdicts {
    fn progress(&mut self, _: &Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_entries(&self) -> bool {
        true
    }

    fn judged(&mut self, entry: &JudgedEntry<'_>) -> ControlFlow<()> {
        self.0.push(format!(
            "{:?} {} {:?}",
            entry.verdict, entry.entry_id, entry.recomputed_checksum
        ));
        ControlFlow::Continue(())
    }
}

/// The verdicts of a file, and how many of its sources are logs.
fn verdicts(bytes: &[u8]) -> Vec<String> {
    let mut case = Case::open(vec![Input {
        name: "log".to_owned(),
        bytes: Box::new(Memory::new(bytes)),
        is_found: false,
    }]);
    let mut found = Verdicts::default();
    case.verify(&mut found).expect("nobody cancels");
    found.0
}

fuzz_target!(|data: &[u8]| {
    let Some((&kind, rest)) = data.split_first() else {
        return;
    };
    let bytes = [MAGICS[usize::from(kind) % MAGICS.len()], rest].concat();
    let Some(text) = auditglass::fuzzing::unpack(&bytes, LIMIT, u64::from(kind)) else {
        // No layer to take off: an archive, or a plain file.
        verdicts(&bytes);
        return;
    };
    // An archive is opened only where nothing is around it.
    if (text.len() as u64) < LIMIT && !text.starts_with(b"PK") {
        assert_eq!(verdicts(&bytes), verdicts(&text));
    }
});
