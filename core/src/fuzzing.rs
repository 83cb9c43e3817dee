//! Doors for the fuzzer; no part of the façade.

pub use crate::ingest::dump::statement_ends;

use std::ops::ControlFlow;
use std::rc::Rc;

use crate::canon::Canonicalizer;
use crate::ingest::sqlite::SqliteScan;
use crate::ingest::{Scan, Step};
use crate::source::{ByteSource, Cached, Memory};

/// `json.dumps(json.loads(text), sort_keys=True)`, or the exception.
///
/// # Errors
///
/// Where `json.loads` raises.
pub fn canonicalize_json(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    match Canonicalizer::default().write(text, &mut out) {
        Ok(_) => Ok(out),
        Err(e) => Err(e.explain(text)),
    }
}

/// Reads the log tables of a database where their rows lie, and by SQLite alone; how many rows it has.
///
/// # Panics
///
/// If the one way finds or tells anything else than the other.
#[must_use]
pub fn rows_either_way(database: &[u8]) -> usize {
    let read = |reads_leaves| {
        let main = Rc::new(Cached::new(Box::new(Memory::new(database))));
        let mut scan = SqliteScan::open("log.db", main, None, None, false).ok()?;
        scan.reads_leaves = reads_leaves;
        let (mut rows, mut notes) = (Vec::new(), scan.take_notes());
        let mut step = Step::More;
        while step == Step::More {
            let stepped = scan.step(&mut |part, entry| {
                rows.push(format!("{part} {entry:?}"));
                ControlFlow::Continue(())
            });
            step = stepped.expect("memory can be read");
            notes.extend(scan.take_notes());
        }
        Some((rows, format!("{notes:?} {:?}", scan.account())))
    };
    let (ours, theirs) = (read(true), read(false));
    assert_eq!(ours, theirs, "read where they lie, and by SQLite");
    ours.map_or(0, |(rows, _)| rows.len())
}

/// What comes out of a packed file, up to `limit` bytes; `None` if it is not packed. Reads it in another order as well, by
/// `seed`, and compares.
///
/// # Panics
///
/// If reading in another order gives something else.
#[must_use]
pub fn unpack(bytes: &[u8], limit: u64, seed: u64) -> Option<Vec<u8>> {
    let stream = crate::ingest::outermost_layer(bytes, limit)?;
    let read = |at: u64, len: usize| {
        let mut buf = vec![0; len];
        let n = stream.read_at(at, &mut buf).expect("memory can be read");
        buf.truncate(n);
        buf
    };
    let mut all = Vec::new();
    loop {
        let piece = read(all.len() as u64, 100_000);
        if piece.is_empty() {
            break;
        }
        all.extend(piece);
    }
    let mut random = seed | 1;
    for _ in 0..8 {
        random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).rotate_left(17);
        let at = usize::try_from(random >> 20).unwrap_or(0) % (all.len() + 1);
        let len = usize::try_from(random & 0xFFFF).unwrap_or(0);
        let end = (at + len).min(all.len());
        assert!(read(at as u64, len) == all[at..end], "at {at}, {len} bytes");
    }
    Some(all)
}
