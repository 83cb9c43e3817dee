//! Real databases, written by SQLite through rusqlite, read here and compared with what SQLite itself shows.

mod account;
mod damage;
mod hostile;
mod indexes;
mod journal;
mod leaves;
mod log;
mod orphans;
mod tables;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::SqliteScan;
use crate::entry::{Place, RawEntry, RawValue};
use crate::error::Error;
use crate::ingest::{Note, Scan, Step};
use crate::scheme::REFERENCE;
use crate::source::{Cached, Memory};

/// The table as the reference implementation makes it.
pub(super) const SCHEMA: &str = "
    CREATE TABLE audit_log (
        entry_id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, event_type TEXT NOT NULL,
        actor TEXT NOT NULL, resource_type TEXT NOT NULL, resource_id TEXT NOT NULL,
        action TEXT NOT NULL, details TEXT NOT NULL, checksum TEXT NOT NULL,
        written_at TEXT NOT NULL);
    CREATE INDEX idx_audit_time ON audit_log(timestamp);
    CREATE INDEX idx_audit_resource ON audit_log(resource_type, resource_id);";

/// A database in a directory of its own.
pub(super) struct Database {
    dir: TempDir,
}

impl Database {
    pub(super) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("audit.db")
    }

    /// A connection after these statements.
    pub(super) fn run(&self, sql: &str) -> Connection {
        let connection = Connection::open(self.path()).unwrap();
        connection.execute_batch("PRAGMA synchronous=OFF").unwrap();
        connection.execute_batch(sql).unwrap();
        connection
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }

    pub(super) fn wal(&self) -> Vec<u8> {
        std::fs::read(self.dir.path().join("audit.db-wal")).unwrap()
    }

    /// A database of the given files.
    pub(super) fn of(main: &[u8], wal: Option<&[u8]>) -> Self {
        let database = Self::new();
        std::fs::write(database.path(), main).unwrap();
        if let Some(wal) = wal {
            std::fs::write(database.dir.path().join("audit.db-wal"), wal).unwrap();
        }
        database
    }
}

/// Inserts rows `from..to` into `table`, which has at least the reference's columns.
pub(super) fn insert(connection: &Connection, table: &str, from: u32, to: u32) {
    let sql = format!(
        "INSERT INTO {table} (entry_id, timestamp, event_type, actor, resource_type, resource_id, \
         action, details, checksum, written_at) VALUES (?,?,?,?,?,?,?,?,?,?)"
    );
    let mut stmt = connection.prepare(&sql).unwrap();
    for i in from..to {
        // Not in the order of the ids, now and then long enough for overflow pages.
        let id = format!("e{:05}", i.wrapping_mul(7919) % 100_000);
        let details = format!(
            "{{\"n\": {i}, \"text\": \"{}\"}}",
            "é".repeat((i % 50) as usize * 30)
        );
        stmt.execute((
            id,
            format!("2026-03-01T00:00:{i:05}"),
            "inference_request",
            "Zoë Müller",
            "model",
            format!("m{}", i % 7),
            "predict",
            details,
            format!("{i:016x}"),
            "2026-03-02",
        ))
        .unwrap();
    }
}

pub(super) fn cached(bytes: &[u8]) -> Rc<Cached> {
    Rc::new(Cached::new(Box::new(Memory::new(bytes))))
}

pub(super) fn open(main: &[u8], wal: Option<&[u8]>) -> Result<SqliteScan, Error> {
    SqliteScan::open("audit.db", cached(main), wal.map(cached), None, false)
}

/// A value that owns its bytes; TEXT as bytes, because it need not be UTF-8.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Owned {
    Missing,
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl From<RawValue<'_>> for Owned {
    fn from(value: RawValue<'_>) -> Self {
        match value {
            RawValue::Missing => Self::Missing,
            RawValue::Null => Self::Null,
            RawValue::Integer(n) => Self::Integer(n),
            RawValue::Real(x) => Self::Real(x),
            RawValue::Text(b) => Self::Text(b.to_vec()),
            RawValue::Blob(b) => Self::Blob(b.to_vec()),
            RawValue::Json(_) | RawValue::Blank | RawValue::Bare => {
                unreachable!("SQLite gives none")
            }
        }
    }
}

/// A row that owns its values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) part: usize,
    pub(super) place: Place,
    pub(super) fields: Vec<Owned>,
    pub(super) checksum: Owned,
    pub(super) extras: Vec<(String, Owned)>,
    pub(super) readable: bool,
}

impl Row {
    fn new(part: usize, entry: &RawEntry<'_>) -> Self {
        Self {
            part,
            place: entry.place,
            fields: entry.fields.iter().map(|v| Owned::from(*v)).collect(),
            checksum: entry.claimed_checksum.into(),
            extras: entry
                .extras
                .iter()
                .map(|(n, v)| ((*n).to_owned(), Owned::from(*v)))
                .collect(),
            readable: entry.not_an_entry.is_none(),
        }
    }

    pub(super) fn field(&self, name: &str) -> &Owned {
        &self.fields[REFERENCE
            .hashed_fields
            .iter()
            .position(|f| *f == name)
            .unwrap()]
    }

    pub(super) fn extra(&self, name: &str) -> &Owned {
        &self.extras.iter().find(|(n, _)| n == name).unwrap().1
    }
}

pub(super) fn text(s: &str) -> Owned {
    Owned::Text(s.as_bytes().to_vec())
}

/// All rows and notes of a scan.
pub(super) fn read(scan: &mut SqliteScan) -> (Vec<Row>, Vec<Note>) {
    let mut rows = Vec::new();
    let mut steps = 0;
    loop {
        let step = scan
            .step(&mut |part, entry| {
                rows.push(Row::new(part, &entry));
                ControlFlow::Continue(())
            })
            .unwrap();
        assert!(scan.bytes_done() <= scan.bytes_total());
        steps += 1;
        assert!(steps < 10_000, "the scan does not end");
        if step == Step::End {
            break;
        }
    }
    assert_eq!(scan.bytes_done(), scan.bytes_total());
    (rows, scan.take_notes())
}

/// Reads a row again.
pub(super) fn reread(scan: &SqliteScan, part: usize, place: Place) -> Result<Row, Error> {
    let mut row = None;
    scan.reread(part, place, &mut |entry| {
        row = Some(Row::new(part, &entry));
        ControlFlow::Continue(())
    })?;
    Ok(row.unwrap())
}

/// Opens, reads all, reads every row again, and asserts that it is the same.
pub(super) fn all(main: &[u8], wal: Option<&[u8]>) -> (Vec<Row>, Vec<Note>) {
    let mut scan = open(main, wal).unwrap();
    let (rows, notes) = read(&mut scan);
    for row in rows.iter().rev().step_by(7).chain(&rows) {
        assert_eq!(&reread(&scan, row.part, row.place).unwrap(), row);
    }
    (rows, notes)
}

pub(super) fn codes(notes: &[Note]) -> Vec<&'static str> {
    notes.iter().map(|n| n.code).collect()
}

/// Rowid, entry_id and details of `audit_log` as SQLite itself shows them, or its error.
pub(super) fn as_sqlite_sees(path: &Path) -> rusqlite::Result<Vec<(i64, Value, Value)>> {
    let connection = Connection::open(path)?;
    // Nothing here is worth waiting for a disk.
    connection.execute_batch("PRAGMA synchronous=OFF")?;
    let mut stmt = connection
        .prepare("SELECT rowid, entry_id, details FROM audit_log NOT INDEXED ORDER BY rowid")?;
    stmt.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
        .collect()
}

/// The same of rows that were read here.
pub(super) fn as_read(rows: &[Row]) -> Vec<(i64, Value, Value)> {
    let value = |v: &Owned| match v {
        Owned::Text(b) => Value::Text(String::from_utf8(b.clone()).unwrap()),
        Owned::Integer(n) => Value::Integer(*n),
        Owned::Real(x) => Value::Real(*x),
        Owned::Blob(b) => Value::Blob(b.clone()),
        Owned::Null | Owned::Missing => Value::Null,
    };
    rows.iter()
        .map(|r| {
            (
                r.place.key.cast_signed(),
                value(r.field("entry_id")),
                value(r.field("details")),
            )
        })
        .collect()
}

/// A small generator, so that the tests are the same everywhere.
pub(super) struct Xorshift(pub(super) u64);

impl Xorshift {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }
}
