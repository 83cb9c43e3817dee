//! What the sqlite3 shell writes around tables and rows: settings, and SQLite's own table of counters.

use super::DumpScan;
use super::peek;
use super::statement::Name;
use super::tables::{Known, shown};
use crate::error::Error;
use crate::finding::Severity;

impl DumpScan {
    /// A setting: those that every dump has pass in silence.
    pub(super) fn pragma(&mut self, start: u64, name: &[u8]) -> Result<(), Error> {
        if name == b"foreign_keys" {
            return Ok(());
        }
        let is_schema = name == b"writable_schema";
        if is_schema && peek::is_on_for_counters(&mut self.lexer)? {
            self.is_open_for_counters = true;
            return Ok(());
        }
        if is_schema && self.is_open_for_counters && peek::is_off(&mut self.lexer)? {
            self.is_open_for_counters = false;
            return Ok(());
        }
        let message = self.shown_refusal(start, &format!("PRAGMA {}", shown(name)))?;
        self.note("statement-refused", Severity::Warning, start, message);
        if let Some(note) = self.notes.last_mut() {
            note.hint = Some(if is_schema {
                "The sqlite3 shell writes it around virtual tables and in .recover. Otherwise ask who wrote this, and why."
            } else {
                "A setting, no row; .recover of the sqlite3 shell writes some. No row was judged by it."
            });
        }
        Ok(())
    }

    /// Whether this defines SQLite's own table of counters, as newer sqlite3 shells write it out.
    pub(super) fn is_table_of_counters(&mut self, name: &Name) -> Result<bool, Error> {
        Ok(self.tables.find(name) == Known::Internal
            && name.name.eq_ignore_ascii_case(b"sqlite_sequence")
            && peek::is_counters(&mut self.lexer)?)
    }

    /// What was not run, and how it begins in the dump.
    pub(super) fn shown_refusal(&mut self, start: u64, what: &str) -> Result<String, Error> {
        let beginning = peek::beginning(&mut self.lexer, start)?;
        Ok(format!("{what} was not run: {beginning:?}"))
    }
}
