//! Small databases of verified entries, written as the reference writes them, for the tests beside this one.

use rusqlite::Connection;

use super::{at, judged, judged_inputs, random};
use crate::canon::EntryCanonicalizer;
use crate::case::Case;
use crate::digest::{hex, sha256};
use crate::entry::{Place, RawEntry, RawValue};
use crate::scheme::REFERENCE;
use crate::source::{Input, Memory};

/// The table of the reference; `first` is a column in front of its own.
pub(super) fn table(first: &str) -> String {
    format!(
        "CREATE TABLE audit_log ({first} entry_id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, event_type TEXT NOT NULL, actor TEXT NOT NULL, resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, action TEXT NOT NULL, details TEXT NOT NULL, checksum TEXT NOT NULL, written_at TEXT NOT NULL)"
    )
}

/// The table with AUTOINCREMENT, refusing an id that it has or not.
pub(super) fn counted(is_unique: bool) -> String {
    let table = table("n INTEGER PRIMARY KEY AUTOINCREMENT,");
    let unique = if is_unique { "TEXT UNIQUE" } else { "TEXT" };
    table.replace("TEXT PRIMARY KEY", unique)
}

/// An entry that matches its checksum.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) time: String,
    pub(super) written: String,
    pub(super) event: &'static str,
    pub(super) actor: &'static str,
    pub(super) details: String,
}

/// One a minute, written when it says.
pub(super) fn entries(count: usize) -> Vec<Entry> {
    let one = |i: usize| Entry {
        id: random(i),
        time: at(i * 60),
        written: at(i * 60 + 1),
        event: ["inference_request", "data_access"][i % 2],
        actor: ["ada", "zoe"][i / 2 % 2],
        details: format!(r#"{{"rows": {i}, "by": "Zo\u00eb", "score": 0.5}}"#),
    };
    (0..count).map(one).collect()
}

impl Entry {
    pub(super) fn checksum(&self) -> String {
        let mut fields = [RawValue::Text(b"r"); 8];
        for (field, name) in fields.iter_mut().zip(REFERENCE.hashed_fields) {
            let text = match name {
                "entry_id" => &self.id,
                "timestamp" => &self.time,
                "event_type" => self.event,
                "actor" => self.actor,
                "details" => &self.details,
                _ => continue,
            };
            *field = RawValue::Text(text.as_bytes());
        }
        let entry = RawEntry {
            fields,
            claimed_checksum: RawValue::Missing,
            extras: &[],
            place: Place { key: 0, line: 0 },
            not_an_entry: None,
            duplicate_key: None,
        };
        let mut message = Vec::new();
        let written = EntryCanonicalizer::default().write(&entry, &mut message);
        written.expect("it has a canonical form");
        hex(&sha256(&message), 16)
    }
}

/// Files as a case, judged.
pub(super) fn opened(files: Vec<(&str, Vec<u8>)>) -> Case {
    let inputs = files.into_iter().map(|(name, bytes)| Input {
        name: name.into(),
        bytes: Box::new(Memory::new(bytes)),
        is_found: false,
    });
    judged_inputs(inputs.collect())
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

/// An entry as a JSON object, its details as an object or as the text that the database holds.
fn object(e: &Entry, is_text: bool) -> String {
    let details = if is_text {
        quoted(&e.details)
    } else {
        e.details.clone()
    };
    format!(
        r#"{{"entry_id": "{}", "timestamp": "{}", "event_type": "{}", "actor": "{}", "resource_type": "r", "resource_id": "r", "action": "r", "details": {details}, "checksum": "{}", "written_at": "{}"}}"#,
        e.id,
        e.time,
        e.event,
        e.actor,
        e.checksum(),
        e.written
    )
}

pub(super) fn json_lines(entries: &[Entry]) -> Vec<u8> {
    let lines = entries.iter().map(|e| object(e, true) + "\n");
    lines.collect::<String>().into_bytes()
}

pub(super) fn json_array(entries: &[Entry]) -> Vec<u8> {
    let all: Vec<_> = entries.iter().map(|e| object(e, false)).collect();
    format!("[{}]", all.join(", ")).into_bytes()
}

fn cells(e: &Entry) -> [String; 10] {
    let r = || "r".to_owned();
    [
        e.id.clone(),
        e.time.clone(),
        e.event.to_owned(),
        e.actor.to_owned(),
        r(),
        r(),
        r(),
        e.details.clone(),
        e.checksum(),
        e.written.clone(),
    ]
}

/// As Python's `csv` writes it.
pub(super) fn csv(entries: &[Entry]) -> Vec<u8> {
    let mut text = String::from(
        "entry_id,timestamp,event_type,actor,resource_type,resource_id,action,details,checksum,written_at\r\n",
    );
    for entry in entries {
        let cells = cells(entry).map(|c| match c.contains([',', '"']) {
            true => format!("\"{}\"", c.replace('"', "\"\"")),
            false => c,
        });
        text.push_str(&(cells.join(",") + "\r\n"));
    }
    text.into_bytes()
}

/// As the sqlite3 shell dumps it.
pub(super) fn dump(entries: &[Entry]) -> Vec<u8> {
    let mut text = format!(
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{};\n",
        table("")
    );
    for entry in entries {
        let cells = cells(entry).map(|c| format!("'{}'", c.replace('\'', "''")));
        text.push_str(&format!(
            "INSERT INTO audit_log VALUES({});\n",
            cells.join(",")
        ));
    }
    (text + "COMMIT;\n").into_bytes()
}

/// A database of this table and these entries, changed by some SQL behind it.
pub(super) fn kept(table: &str, entries: &[Entry], then: &str) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA synchronous = OFF; BEGIN").unwrap();
    db.execute_batch(table).unwrap();
    for e in entries {
        db.execute(
            "INSERT OR IGNORE INTO audit_log (entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum, written_at) VALUES (?1, ?2, ?3, ?4, 'r', 'r', 'r', ?5, ?6, ?7)",
            [&e.id, &e.time, e.event, e.actor, &e.details, &e.checksum(), &e.written],
        )
        .unwrap();
    }
    db.execute_batch(then).unwrap();
    db.execute_batch("COMMIT").unwrap();
    drop(db);
    let case = judged("log.db", std::fs::read(path).unwrap());
    let totals = case.totals();
    assert_eq!(totals.verified, totals.entries);
    case
}
