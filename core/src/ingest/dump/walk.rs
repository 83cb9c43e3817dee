//! Going through a dump statement by statement: definitions are read, and what is not a row of a log is told or passed
//! over.

use super::DumpScan;
use super::accounts::{BESIDE, NOT_RUN};
use super::lexer::{Kind, unquoted};
use super::peek;
use super::scan::Rows;
use super::statement::{self, Ending, Name, Rest, Statement};
use super::tables::{Known, shown};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::json::lost_tail;
use crate::ingest::sqlite::schema::view_not_read;
use crate::ingest::sqlite::staging::Failure;
use crate::ingest::{Note, PartInfo};

/// The longest definition, in bytes: SQLite's own default for a statement.
const DEFINITION: u64 = 1_000_000;
/// The most log tables.
const MOST_LOGS: usize = 10_000;

impl DumpScan {
    pub(super) fn note(
        &mut self,
        code: &'static str,
        severity: Severity,
        offset: u64,
        message: String,
    ) {
        const KEPT_OUT: [&str; 5] = [
            "statement-failed",
            "statement-refused",
            "log-changed",
            "table-not-defined",
            "too-many-logs",
        ];
        if KEPT_OUT.contains(&code) {
            self.accounts.fate = Some(NOT_RUN);
        }
        self.notes.push(Note {
            code,
            severity,
            locator: Locator::Offset { offset },
            message,
            hint: hint(code),
        });
    }

    /// Reads the next statement; of an INSERT into a log only its head. Ends early behind `stop`.
    pub(super) fn statement(&mut self, stop: u64) -> Result<(), Error> {
        if let Some(start) = self.passing.take() {
            return self.pass(start, false, stop);
        }
        let start = self.lexer.keep_next()?;
        if let Some((at, said)) = self.lexer.take_banner() {
            let message = format!("the program that wrote the dump says: {said}");
            self.note("dump-error", Severity::Error, at, message);
        }
        let first = self.lexer.next()?;
        match first.kind {
            Kind::End => {
                self.end();
                return Ok(());
            }
            Kind::Symbol(b';') => return Ok(()),
            _ => {}
        }
        let is_trigger = statement::is_trigger(&mut self.lexer, first)?;
        let statement = statement::head(&mut self.lexer, first)?;
        self.accounts.fate = match statement {
            Statement::Begin | Statement::Commit | Statement::Rollback | Statement::Pragma(_) => {
                None
            }
            _ => Some(BESIDE),
        };
        if self.lexer.is_too_long() {
            let message = "a statement whose head is too long was not read".to_owned();
            self.note("statement-failed", Severity::Error, start, message);
            return self.pass(start, is_trigger, stop);
        }
        match statement {
            Statement::Insert {
                table,
                replaces,
                columns,
                has_rows,
            } => {
                let columns = columns.map(|c| self.lexer.text(c.from, c.to).to_vec());
                let is_bare = columns.is_none() && has_rows && self.tables.is_empty();
                self.tables.is_reference_row = is_bare && peek::is_reference_row(&mut self.lexer)?;
                if !self.insert(start, &table, replaces, columns, has_rows) {
                    return self.pass(start, is_trigger, stop);
                }
                self.accounts.fate = None;
                self.accounts.close(start, start);
                Ok(())
            }
            Statement::Table(name) if self.is_table_of_counters(&name)? => {
                self.pass(start, is_trigger, stop)
            }
            Statement::Table(name) => self.table(start, &name, stop),
            Statement::View(name) => self.view(start, &name),
            Statement::Trigger { table, on_insert } => {
                if on_insert {
                    self.tables.add_trigger(&table);
                }
                self.pass(start, true, stop)
            }
            Statement::Change(what, table) => {
                self.change(start, what, &table);
                self.pass(start, is_trigger, stop)
            }
            Statement::Pragma(name) => {
                self.pragma(start, &name)?;
                self.pass(start, is_trigger, stop)
            }
            Statement::Begin => {
                self.in_transaction = true;
                self.pass(start, is_trigger, stop)
            }
            Statement::Commit => {
                self.in_transaction = false;
                self.pass_word(start)
            }
            Statement::Rollback => {
                self.in_transaction = false;
                let message = "the dump rolls back what it inserted: whoever restores it has nothing of it. The sqlite3 \
                               shell writes this when it could not read the whole database"
                    .to_owned();
                self.note("dump-rolled-back", Severity::Error, start, message);
                self.pass_word(start)
            }
            Statement::Harmless => self.pass(start, is_trigger, stop),
            Statement::Refused(what) => {
                let what = self.shown_refusal(start, &what)?;
                let mut matters = false;
                let tables = &self.tables;
                let ending = statement::rest(
                    &mut self.lexer,
                    is_trigger,
                    Rest::Show(&mut |word| matters |= tables.matters(unquoted(word))),
                )?;
                let severity = if matters {
                    Severity::Error
                } else {
                    Severity::Warning
                };
                self.note("statement-refused", severity, start, what);
                self.ended(start, ending);
                Ok(())
            }
            Statement::ShellCommand(what) => {
                self.refuse(start, &what, Severity::Warning);
                self.ended(start, Ending::Whole);
                Ok(())
            }
            Statement::Unknown => self.unknown(start, is_trigger),
        }
    }

    /// Prepares for the rows of an INSERT; false if they are not to be run.
    fn insert(
        &mut self,
        start: u64,
        table: &Name,
        replaces: bool,
        columns: Option<Vec<u8>>,
        has_rows: bool,
    ) -> bool {
        let known = self.tables.find(table);
        self.note_trigger(start, table, known);
        let name = shown(&table.name);
        let part = match known {
            Known::Log(part) => part,
            Known::Schema | Known::Elsewhere => {
                let is_log = self.tables.matters(table.name.clone()) && known == Known::Elsewhere;
                let severity = if is_log {
                    Severity::Error
                } else {
                    Severity::Warning
                };
                self.refuse(start, &format!("INSERT INTO {name}"), severity);
                return false;
            }
            Known::No if self.tables.is_undefined_log(table, columns.as_deref()) => {
                match self.assume(start, table, columns.as_deref()) {
                    Some(part) => part,
                    None => return false,
                }
            }
            Known::Other | Known::Internal | Known::No => return false,
        };
        if !has_rows {
            let what = format!("INSERT INTO {name} of other than VALUES");
            self.refuse(start, &what, Severity::Error);
            return false;
        }
        let log = &mut self.tables.logs[part];
        log.is_replaced |= replaces;
        log.is_inserted |= !replaces;
        if replaces && log.is_inserted && !log.is_told {
            log.is_told = true;
            let message = format!(
                "REPLACE INTO {name} follows other rows of it and may replace some of them: all were judged"
            );
            self.note("log-changed", Severity::Error, start, message);
        }
        self.rows = Some(Rows {
            part,
            statement: start,
            columns,
            is_first: true,
        });
        true
    }

    /// Takes the columns of a log that the dump does not define to be those that its first row names, or those of the
    /// reference's table.
    fn assume(&mut self, start: u64, table: &Name, columns: Option<&[u8]>) -> Option<usize> {
        let name = shown(&table.name);
        let is_data_only = self.tables.is_empty();
        let reference = b"(entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum, written_at)";
        let listed = columns.unwrap_or(reference);
        let definition = self.staging.define_by(&table.name, listed).ok();
        let definition = definition
            .filter(|d| d.lacking().is_empty() && self.parts.len() < MOST_LOGS)
            .filter(|d| self.staging.add(d).is_ok());
        let Some(definition) = definition else {
            let message = format!(
                "rows are inserted into {name}, which the dump does not define. They were not judged"
            );
            self.note("table-not-defined", Severity::Error, start, message);
            return None;
        };
        let whose = match columns {
            Some(_) => "as its first row names them",
            None => "to be those of the reference's table, in their order",
        };
        let message = format!("the dump does not define {name}; its columns were taken {whose}");
        if is_data_only {
            self.note("columns-assumed", Severity::Info, start, message);
        } else {
            self.note("table-not-defined", Severity::Error, start, message);
        }
        let part = self.tables.add_log(table, definition);
        self.parts.push(PartInfo { name });
        Some(part)
    }

    fn table(&mut self, start: u64, name: &Name, stop: u64) -> Result<(), Error> {
        if self.tables.find(name) == Known::Elsewhere {
            self.refuse(start, "CREATE TABLE in another database", Severity::Warning);
            return self.pass(start, false, stop);
        }
        let ending = statement::rest(&mut self.lexer, false, Rest::Keep)?;
        if ending == Ending::Whole {
            self.define(start, self.lexer.at(), name);
        }
        self.ended(start, ending);
        Ok(())
    }

    /// Has SQLite read a definition; a log gets a staging table and becomes a part.
    fn define(&mut self, start: u64, end: u64, name: &Name) {
        let title = shown(&name.name);
        if self.lexer.is_too_long() || end - start > DEFINITION {
            let message = format!("the definition of {title} is too long and was not read");
            self.note("statement-failed", Severity::Error, start, message);
            return;
        }
        let create = self.lexer.text(start, end);
        let definition = match self.staging.define(create, &name.name) {
            Ok(definition) => definition,
            Err(failure) => {
                let message = format!("the table {title} is not defined: {failure}");
                self.note(code(&failure), Severity::Error, start, message);
                return;
            }
        };
        if let Known::Log(part) = self.tables.find(name) {
            if self.tables.logs[part].definition != definition {
                let message = format!("the table {title} is defined a second time, in another way");
                self.note("statement-failed", Severity::Error, start, message);
            }
            return;
        }
        let lacking = definition.lacking();
        if !lacking.is_empty() {
            self.tables.add_other(name, &lacking);
            return;
        }
        if self.parts.len() == MOST_LOGS {
            let message = format!("{title} is one audit log too many: {MOST_LOGS} were read");
            self.note("too-many-logs", Severity::Error, start, message);
            self.tables.add_other(name, &[]);
            return;
        }
        if let Err(failure) = self.staging.add(&definition) {
            let message = format!("the table {title} cannot be staged: {failure}");
            self.note(code(&failure), Severity::Error, start, message);
            return;
        }
        let computed = definition.computed().join(", ");
        if !computed.is_empty() {
            let message = format!(
                "SQLite computes {computed} of {title} when the dump is restored, at least where a row has no value for \
                 it. Such values are not in the dump; they were taken for NULL"
            );
            self.note("column-computed", Severity::Warning, start, message);
        }
        self.tables.add_log(name, definition);
        self.parts.push(PartInfo { name: title });
        self.accounts.fate = None;
    }

    fn view(&mut self, start: u64, name: &Name) -> Result<(), Error> {
        let ending = statement::rest(&mut self.lexer, false, Rest::Keep)?;
        let text = self
            .lexer
            .text(start, self.lexer.at().min(start + DEFINITION));
        let logs: Vec<&str> = self.parts.iter().map(|p| p.name.as_str()).collect();
        if let Some(mut note) = view_not_read(&name.name, text, &logs) {
            note.locator = Locator::Offset { offset: start };
            self.notes.push(note);
        }
        self.ended(start, ending);
        Ok(())
    }

    /// A statement that changes or drops what is there.
    fn change(&mut self, start: u64, what: &'static str, table: &Name) {
        let known = self.tables.find(table);
        let name = shown(&table.name);
        let what_shown = format!("{what} {name}");
        match known {
            Known::Log(part) => {
                let log = &self.tables.logs[part];
                if log.is_inserted || log.is_replaced || what == "ALTER TABLE" {
                    let message = format!(
                        "{what_shown} follows rows of it: what is restored differs from the rows that were judged"
                    );
                    self.note("log-changed", Severity::Error, start, message);
                }
            }
            Known::Schema => self.refuse(start, &what_shown, Severity::Error),
            Known::Elsewhere => self.refuse(start, &what_shown, Severity::Warning),
            Known::Other | Known::No if what == "ALTER TABLE" => {
                self.refuse(start, &what_shown, Severity::Warning);
            }
            Known::Other | Known::Internal | Known::No => {}
        }
        if what == "DROP TABLE" && known != Known::Elsewhere {
            self.tables.forget(table);
        }
    }

    fn note_trigger(&mut self, start: u64, table: &Name, known: Known) {
        if !self.tables.would_fire(table) {
            return;
        }
        let name = shown(&table.name);
        let message = format!(
            "rows are inserted into {name} after a trigger was made for that: a restore runs it with each of them, which was \
             not done here"
        );
        let severity = match known {
            Known::Log(_) => Severity::Error,
            _ => Severity::Warning,
        };
        self.note("trigger-not-run", severity, start, message);
    }

    pub(super) fn refuse(&mut self, start: u64, what: &str, severity: Severity) {
        let message = format!("{what} was not run");
        self.note("statement-refused", severity, start, message);
    }

    /// Something that is no statement.
    fn unknown(&mut self, start: u64, is_trigger: bool) -> Result<(), Error> {
        let from = self.lexer.text(start, start + 64);
        let from = shown(from.split(|b| *b == b'\n').next().unwrap_or_default());
        match statement::rest(&mut self.lexer, is_trigger, Rest::Pass(u64::MAX))? {
            Ending::Whole | Ending::Later => {
                let message = format!("this is no statement of SQLite's: {from:?}");
                self.note("statement-failed", Severity::Error, start, message);
                self.ended(start, Ending::Whole);
            }
            Ending::Unfinished | Ending::Open => {
                let message =
                    format!("the dump ends with something that is no statement: {from:?}");
                self.note("trailing-data", Severity::Error, start, message);
                self.accounts
                    .leave_out("trailing-data", start, self.lexer.at());
                self.end();
            }
        }
        Ok(())
    }

    /// Passes over the rest of a statement, or of a part of it that ends behind `stop`.
    pub(super) fn pass(&mut self, start: u64, is_trigger: bool, stop: u64) -> Result<(), Error> {
        match statement::rest(&mut self.lexer, is_trigger, Rest::Pass(stop))? {
            Ending::Later => self.passing = Some(start),
            ending => self.ended(start, ending),
        }
        Ok(())
    }

    /// Passes over the rest of a statement of one word, which is run at the end of the text even without its semicolon.
    fn pass_word(&mut self, start: u64) -> Result<(), Error> {
        match statement::rest(&mut self.lexer, false, Rest::Pass(u64::MAX))? {
            Ending::Unfinished => self.end(),
            ending => self.ended(start, ending),
        }
        Ok(())
    }

    /// A statement was read, or does not end.
    fn ended(&mut self, start: u64, ending: Ending) {
        match ending {
            Ending::Whole => self.accounts.close(start, self.lexer.at()),
            Ending::Unfinished | Ending::Open => self.cut(start, start),
            Ending::Later => {}
        }
    }

    /// Tells of a statement that does not end; what stands from `from` on was not read.
    pub(super) fn cut(&mut self, start: u64, from: u64) {
        let message = "the dump is cut off in the statement that begins here".to_owned();
        self.notes.push(lost_tail(start, message));
        self.accounts.leave_out("lost-tail", from, self.lexer.at());
        self.in_transaction = false;
        self.is_done = true;
    }

    /// The end of the text.
    fn end(&mut self) {
        self.is_done = true;
        if self.in_transaction {
            let message = "the dump ends without COMMIT: the end of it is missing".to_owned();
            self.notes.push(lost_tail(self.lexer.at(), message));
        }
    }
}

/// The code of a finding about a statement or row that was not run.
pub(super) fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(_) => "statement-refused",
        Failure::Failed(_) => "statement-failed",
    }
}

fn hint(code: &str) -> Option<&'static str> {
    match code {
        "statement-refused" => Some("A dump holds tables and rows. Ask who wrote this, and why."),
        "columns-assumed" => Some("If the columns are others, no entry can match its checksum."),
        "statement-failed" | "table-not-defined" => {
            Some("Entries may be lost. Compare with the database, or with another dump.")
        }
        "log-changed" | "trigger-not-run" => {
            Some("A dump inserts rows and does not change them. Ask who edited it.")
        }
        "dump-rolled-back" | "dump-error" => {
            Some("The database was damaged when it was dumped. Open the database itself.")
        }
        _ => None,
    }
}
