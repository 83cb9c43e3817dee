//! A database that SQLite made, and where in it each row stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rusqlite::Connection;

use crate::judged::judge_one;

/// Bytes of a page.
pub const PAGE: usize = 1024;

/// Rows of each log.
const ROWS: u32 = 48;

const COLUMNS: &str = "timestamp TEXT, event_type TEXT, actor TEXT, resource_type TEXT, resource_id TEXT, action TEXT, \
     details TEXT, checksum TEXT, written_at TEXT";

/// A database with a log, a log WITHOUT ROWID, another table, and free pages.
pub struct Sample {
    pub bytes: Vec<u8>,
    /// For each page that is a leaf of the log the ids on it, as JSON.
    pub leaves: BTreeMap<u32, BTreeSet<String>>,
}

/// The sample; made once.
pub fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| make().expect("a database"))
}

fn make() -> rusqlite::Result<Sample> {
    let path = std::env::temp_dir().join(format!("auditglass-fuzz-{}.db", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let connection = Connection::open(&path)?;
    connection.execute_batch(&format!(
        "PRAGMA page_size={PAGE}; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
         CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, {COLUMNS});
         CREATE INDEX idx_audit_time ON audit_log(timestamp);
         CREATE TABLE second (entry_id TEXT PRIMARY KEY, {COLUMNS}) WITHOUT ROWID;
         CREATE TABLE other (name TEXT, value);
         BEGIN;"
    ))?;
    for i in 0..ROWS {
        let details = format!(
            "{{\"n\": {i}, \"text\": \"{}\"}}",
            "x".repeat(i as usize * 7 % 61)
        );
        for (table, prefix) in [("audit_log", "a"), ("second", "s")] {
            connection.execute(
                &format!(
                    "INSERT INTO {table} VALUES (?, ?, 'data_access', 'ada', 'model', 'm1', 'read', ?, '0123456789abcdef', 'now')"
                ),
                (
                    format!("{prefix}{:05}", i * 7919 % 100_000),
                    format!("2026-03-01T00:00:{:02}", i % 60),
                    &details,
                ),
            )?;
        }
        connection.execute("INSERT INTO other VALUES ('something', ?)", [&details])?;
    }
    connection.execute_batch("COMMIT; DELETE FROM other WHERE rowid BETWEEN 10 AND 40;")?;
    let read = || std::fs::read(&path).expect("the file that was just written");
    for entry in judge_one("log.db", &read()).entries {
        let id = entry.id.trim_matches('"');
        for table in ["audit_log", "second"] {
            connection.execute(
                &format!("UPDATE {table} SET checksum = ? WHERE entry_id = ?"),
                (&entry.recomputed, id),
            )?;
        }
    }
    drop(connection);
    let bytes = read();
    let _ = std::fs::remove_file(&path);
    let mut leaves: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for i in 0..ROWS {
        let id = format!("a{:05}", i * 7919 % 100_000);
        for (number, page) in (1..).zip(bytes.chunks_exact(PAGE)) {
            let has_id = page.windows(id.len()).any(|w| w == id.as_bytes());
            if page[0] == 0x0d && has_id {
                leaves
                    .entry(number)
                    .or_default()
                    .insert(format!("\"{id}\""));
            }
        }
    }
    Ok(Sample { bytes, leaves })
}
