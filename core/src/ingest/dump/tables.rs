//! The tables that a dump defines, by name.

use std::collections::BTreeMap;

use super::statement::Name;
use crate::error::Error;
use crate::ingest::Note;
use crate::ingest::sqlite::staging::Definition;
use crate::scheme::REFERENCE;

/// Names of other tables that are remembered.
const REMEMBERED: usize = 10_000;
/// Names that an error lists.
const LISTED: usize = 20;

/// A log table.
pub(super) struct Log {
    pub(super) name: String,
    pub(super) definition: Definition,
    /// Rows were inserted, by other than REPLACE.
    pub(super) is_inserted: bool,
    /// Rows were inserted by REPLACE.
    pub(super) is_replaced: bool,
    /// It was told that these may replace those.
    pub(super) is_told: bool,
}

/// What is known of a dump's tables. Names are compared as SQLite does, without regard to the case of ASCII letters.
#[derive(Default)]
pub(super) struct Tables {
    /// By part.
    pub(super) logs: Vec<Log>,
    /// The part of a log; none of any other table.
    by_name: BTreeMap<Vec<u8>, Option<usize>>,
    /// Tables on which an INSERT fires a trigger, and whether it was told that it was not run.
    triggers: BTreeMap<Vec<u8>, bool>,
    /// The first other tables, for people, and how many there are.
    others: (Vec<String>, u64),
    /// The table that lacks the fewest columns: how many, and a sentence.
    nearest: Option<(usize, String)>,
    /// The first table whose rows are inserted without a definition and a list of columns, for people.
    bare: Option<String>,
    /// The row that is to be inserted has the shape of the reference's table, and no table was defined so far.
    pub(super) is_reference_row: bool,
    /// Tables whose definition is missing, as was told.
    undefined: BTreeMap<Vec<u8>, ()>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Log(usize),
    /// A table that is no log.
    Other,
    /// SQLite's own list of tables.
    Schema,
    /// Another of SQLite's own tables.
    Internal,
    /// In another database than the one restored.
    Elsewhere,
    /// It was not defined.
    No,
}

impl Tables {
    pub(super) fn find(&self, name: &Name) -> Known {
        let key = name.name.to_ascii_lowercase();
        match &name.schema {
            Some(schema) if !schema.eq_ignore_ascii_case(b"main") => return Known::Elsewhere,
            _ => {}
        }
        match (self.by_name.get(&key), &key[..]) {
            (Some(Some(part)), _) => Known::Log(*part),
            (_, b"sqlite_master" | b"sqlite_schema") => Known::Schema,
            (_, [b's', b'q', b'l', b'i', b't', b'e', b'_', ..]) => Known::Internal,
            (Some(None), _) => Known::Other,
            (None, _) => Known::No,
        }
    }

    /// Whether a word or a quoted name is that of a log, or of SQLite's list of tables.
    pub(super) fn matters(&self, name: Vec<u8>) -> bool {
        let known = self.find(&Name { schema: None, name });
        matches!(known, Known::Log(_) | Known::Schema)
    }

    pub(super) fn add_log(&mut self, name: &Name, definition: Definition) -> usize {
        let part = self.logs.len();
        self.by_name
            .insert(name.name.to_ascii_lowercase(), Some(part));
        self.logs.push(Log {
            name: shown(&name.name),
            definition,
            is_inserted: false,
            is_replaced: false,
            is_told: false,
        });
        part
    }

    pub(super) fn add_other(&mut self, name: &Name, lacking: &[&'static str]) {
        let shown = shown(&name.name);
        if lacking.len() <= 4
            && self
                .nearest
                .as_ref()
                .is_none_or(|(n, _)| lacking.len() < *n)
        {
            let text = format!("{shown} lacks {}", lacking.join(", "));
            self.nearest = Some((lacking.len(), text));
        }
        if self.others.0.len() < LISTED {
            self.others.0.push(shown);
        }
        self.others.1 += 1;
        if self.by_name.len() < REMEMBERED {
            self.by_name.insert(name.name.to_ascii_lowercase(), None);
        }
    }

    /// A table is dropped.
    pub(super) fn forget(&mut self, name: &Name) {
        self.by_name.remove(&name.name.to_ascii_lowercase());
    }

    pub(super) fn add_trigger(&mut self, table: &Name) {
        if self.triggers.len() < REMEMBERED {
            self.triggers.insert(table.name.to_ascii_lowercase(), false);
        }
    }

    /// Whether an INSERT into this table would run a trigger, and it was not told yet.
    pub(super) fn would_fire(&mut self, table: &Name) -> bool {
        if self.triggers.is_empty() {
            return false;
        }
        let told = self.triggers.get_mut(&table.name.to_ascii_lowercase());
        told.is_some_and(|told| !std::mem::replace(told, true))
    }

    /// Whether rows of a table that was not defined look like a log's, and it was not told yet.
    pub(super) fn is_undefined_log(&mut self, table: &Name, columns: Option<&[u8]>) -> bool {
        let names_all = |columns: &[u8]| {
            let columns = columns.to_ascii_lowercase();
            let mut fields = REFERENCE.hashed_fields.iter();
            fields.all(|f| memchr::memmem::find(&columns, f.as_bytes()).is_some())
        };
        let key = table.name.to_ascii_lowercase();
        // The sqlite3 shell's `.mode insert` says `table` or `tab` if it is not told a name.
        let is_usual = columns.is_none() && matches!(&key[..], b"audit_log" | b"table" | b"tab");
        let is_bare = columns.is_none() && !is_usual;
        if is_bare && !self.is_reference_row && self.undefined.len() < REMEMBERED {
            self.bare.get_or_insert_with(|| shown(&table.name));
            // Rows of it were passed over: later ones would be half a log.
            self.undefined.insert(key, ());
            return false;
        }
        (is_usual || is_bare || columns.is_some_and(names_all))
            && self.undefined.len() < REMEMBERED
            && self.undefined.insert(key, ()).is_none()
    }

    /// Whether no table was defined so far.
    pub(super) fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.others.1 == 0
    }

    /// Why there is no log.
    pub(super) fn no_log(&self, notes: &[Note]) -> Error {
        let (listed, count) = &self.others;
        let more = count - listed.len() as u64;
        let error = if let (true, Some(name)) = (listed.is_empty(), &self.bare) {
            return Error::not_a_log(format!(
                "this is a SQL dump with rows of {name}, but it does not define that table"
            ))
            .with_hint(
                "Export the whole table with .dump, or its rows with their columns: .headers on, and then .mode insert.",
            );
        } else if listed.is_empty() {
            Error::not_a_log("this is a SQL dump, but it defines no table")
        } else {
            let more = match more {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            let list = listed.join(", ");
            Error::not_a_log(format!(
                "no table of the SQL dump is an audit log. The tables there are: {list}{more}"
            ))
        };
        if let Some(note) = notes.iter().find(|n| n.code != "statement-refused") {
            return error.with_hint(note.message.clone());
        }
        match &self.nearest {
            Some((_, text)) => error.with_hint(format!("The nearest: {text}.")),
            None => error.with_hint(format!(
                "An audit log is a table with the columns {}.",
                REFERENCE.hashed_fields.join(", ")
            )),
        }
    }
}

/// A name for people, cut.
pub(super) fn shown(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let mut shown: String = name.chars().take(64).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}
