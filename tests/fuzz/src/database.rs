//! A database that SQLite made, and where in it each row stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rusqlite::Connection;

use crate::judged::judge_one;

/// Bytes of a page.
pub const PAGE: usize = 1024;

/// Rows of each log.
const ROWS: u32 = 48;
/// Rows of the log WITHOUT ROWID: enough for a tree of three levels.
const KEYED_ROWS: u32 = 110;

const COLUMNS: &str = "timestamp TEXT, event_type TEXT, actor TEXT, resource_type TEXT, resource_id TEXT, action TEXT, \
     details TEXT, checksum TEXT, written_at TEXT";

/// A database with a log, a log WITHOUT ROWID, another table, and free pages.
pub struct Sample {
    pub bytes: Vec<u8>,
    /// For each page that is a leaf of the log the ids on it, as JSON.
    pub leaves: BTreeMap<u32, BTreeSet<String>>,
}

/// A database with a log WITHOUT ROWID that has pages between its root and its leaves, of which entries were deleted.
pub struct Keyed {
    pub bytes: Vec<u8>,
    /// For each page of the log the ids on it, as JSON.
    pub pages: BTreeMap<u32, BTreeSet<String>>,
    /// Those of the pages that are leaves.
    pub leaves: BTreeSet<u32>,
    /// Pages of another table.
    pub others: BTreeSet<u32>,
    /// The ids of deleted entries, as JSON; they still stand on free pages.
    pub deleted: BTreeSet<String>,
}

/// The sample; made once.
pub fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| make().expect("a database"))
}

/// A database of these statements, rows, and statements, in which every checksum is right.
fn write(
    name: &str,
    before: &str,
    tables: &[(&str, &str, u32)],
    after: &str,
) -> rusqlite::Result<Vec<u8>> {
    let file = format!("auditglass-fuzz-{name}-{}.db", std::process::id());
    let path = std::env::temp_dir().join(file);
    let _ = std::fs::remove_file(&path);
    let connection = Connection::open(&path)?;
    connection.execute_batch(&format!(
        "PRAGMA page_size={PAGE}; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {before} BEGIN;"
    ))?;
    for (table, prefix, rows) in tables {
        for i in 0..*rows {
            connection.execute(
                &format!(
                    "INSERT INTO {table} VALUES (?, ?, 'data_access', 'ada', 'model', 'm1', 'read', ?, '0123456789abcdef', 'now')"
                ),
                (
                    id(prefix, i),
                    format!("2026-03-01T00:00:{:02}", i % 60),
                    details(i),
                ),
            )?;
        }
    }
    for i in 0..ROWS {
        connection.execute("INSERT INTO other VALUES ('something', ?)", [details(i)])?;
    }
    connection.execute_batch(&format!("COMMIT; {after}"))?;
    let read = || std::fs::read(&path).expect("the file that was just written");
    for entry in judge_one("log.db", &read()).entries {
        let id = entry.id.trim_matches('"');
        for (table, ..) in tables {
            connection.execute(
                &format!("UPDATE {table} SET checksum = ? WHERE entry_id = ?"),
                (&entry.recomputed, id),
            )?;
        }
    }
    drop(connection);
    let bytes = read();
    let _ = std::fs::remove_file(&path);
    Ok(bytes)
}

fn id(prefix: &str, i: u32) -> String {
    format!("{prefix}{:05}", i * 7919 % 100_000)
}

fn details(i: u32) -> String {
    let text = "x".repeat(i as usize * 7 % 61);
    format!("{{\"n\": {i}, \"text\": \"{text}\"}}")
}

fn make() -> rusqlite::Result<Sample> {
    let bytes = write(
        "sample",
        &format!(
            "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, {COLUMNS});
             CREATE INDEX idx_audit_time ON audit_log(timestamp);
             CREATE TABLE second (entry_id TEXT PRIMARY KEY, {COLUMNS}) WITHOUT ROWID;
             CREATE TABLE other (name TEXT, value);"
        ),
        &[("audit_log", "a", ROWS), ("second", "s", ROWS)],
        "DELETE FROM other WHERE rowid BETWEEN 10 AND 40;",
    )?;
    let pages = ids_by_page(&bytes, &[0x0d], "a", ROWS);
    Ok(Sample {
        leaves: pages
            .into_iter()
            .map(|(page, (_, ids))| (page, ids))
            .collect(),
        bytes,
    })
}

/// The sample WITHOUT ROWID; made once.
pub fn keyed() -> &'static Keyed {
    static KEYED: OnceLock<Keyed> = OnceLock::new();
    KEYED.get_or_init(|| make_keyed().expect("a database"))
}

fn make_keyed() -> rusqlite::Result<Keyed> {
    let bytes = write(
        "keyed",
        &format!(
            "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, {COLUMNS}) WITHOUT ROWID;
             CREATE TABLE other (name TEXT, value);"
        ),
        &[("audit_log", "k", KEYED_ROWS)],
        "DELETE FROM audit_log WHERE entry_id BETWEEN 'k30000' AND 'k50000'; DELETE FROM other WHERE rowid > 8;",
    )?;
    let found = ids_by_page(&bytes, &[0x0a, 0x02], "k", KEYED_ROWS);
    let count = u32::try_from(bytes.len() / PAGE).expect("few pages");
    let is_live = |id: &String| !("\"k30000\""..="\"k50000\"").contains(&id.as_str());
    let all: BTreeSet<String> = (0..KEYED_ROWS)
        .map(|i| format!("\"{}\"", id("k", i)))
        .collect();
    let (live, deleted): (BTreeSet<_>, BTreeSet<_>) = all.into_iter().partition(is_live);
    let free = free_pages(&bytes);
    let of_log = found.iter().filter(|(page, _)| !free.contains(page));
    let leaves = of_log.clone().filter(|(_, (kind, _))| *kind == 0x0a);
    let leaves: BTreeSet<u32> = leaves.map(|(page, _)| *page).collect();
    let pages: BTreeMap<_, _> = of_log
        .map(|(page, (_, ids))| (*page, ids.clone()))
        .collect();
    let others = (2..=count).filter(|p| start_of(&bytes, *p)[0] == 0x0d && !free.contains(p));
    let sample = Keyed {
        others: others.collect(),
        bytes: bytes.clone(),
        leaves,
        pages,
        deleted,
    };
    let interior = sample.pages.len() - sample.leaves.len();
    assert!(interior >= 3, "a root and pages below it");
    assert_eq!(
        sample.pages.values().flatten().collect::<BTreeSet<_>>(),
        live.iter().collect()
    );
    assert!(
        found.len() > sample.pages.len(),
        "deleted entries stand on free pages"
    );
    Ok(sample)
}

/// The pages on the list of free ones.
fn free_pages(bytes: &[u8]) -> BTreeSet<u32> {
    let word =
        |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let mut free = BTreeSet::new();
    let mut trunk = word(32);
    while trunk != 0 {
        let at = (trunk as usize - 1) * PAGE;
        free.insert(trunk);
        free.extend((0..word(at + 4) as usize).map(|i| word(at + 8 + 4 * i)));
        trunk = word(at);
    }
    free
}

fn start_of(bytes: &[u8], page: u32) -> &[u8] {
    &bytes[(page as usize - 1) * PAGE..]
}

/// The pages of these types that have cells with ids of a log: their types, and the ids as JSON.
fn ids_by_page(
    bytes: &[u8],
    types: &[u8],
    prefix: &str,
    rows: u32,
) -> BTreeMap<u32, (u8, BTreeSet<String>)> {
    let ids: Vec<String> = (0..rows).map(|i| id(prefix, i)).collect();
    let mut pages = BTreeMap::new();
    for (number, page) in (1..).zip(bytes.chunks_exact(PAGE)) {
        let kind = page[0];
        if !types.contains(&kind) {
            continue;
        }
        let cells = usize::from(u16::from_be_bytes([page[3], page[4]]));
        let pointers = if kind < 0x08 { 12 } else { 8 };
        let mut on_page = BTreeSet::new();
        for cell in 0..cells {
            let at = pointers + 2 * cell;
            let start = usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
            // The id is the first value behind the record's header.
            let head = &page[start..PAGE.min(start + 32)];
            let found = ids
                .iter()
                .find(|id| head.windows(id.len()).any(|w| w == id.as_bytes()));
            on_page.extend(found.map(|id| format!("\"{id}\"")));
        }
        if !on_page.is_empty() {
            pages.insert(number, (kind, on_page));
        }
    }
    pages
}
