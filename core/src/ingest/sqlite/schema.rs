//! Which tables of a database are audit logs.
//!
//! A log is an ordinary table that has all hashed columns, by name. Views and virtual tables are told, never run: what
//! they would show is computed, not stored. The schema is taken as data; no expression in it is compiled here.

use std::rc::Rc;

use super::db::{Db, SqlError};
use super::table::LogTable;
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::ingest::Note;
use crate::scheme::REFERENCE;

/// An entry of `sqlite_schema`.
struct Object {
    kind: Kind,
    name: Vec<u8>,
    /// The first page of its tree; 0 if it has none.
    root: u32,
    sql: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    Virtual,
    View,
}

impl Object {
    fn shown(&self) -> String {
        let name = String::from_utf8_lossy(&self.name);
        let mut shown: String = name.chars().take(64).collect();
        if shown.len() < name.len() {
            shown.push('…');
        }
        match self.kind {
            Kind::Table => shown,
            Kind::Virtual => shown + " (virtual)",
            Kind::View => shown + " (a view)",
        }
    }
}

/// What a database holds.
pub(super) struct Schema {
    /// The log tables, in the order in which they were created.
    pub(super) tables: Vec<LogTable>,
    /// The roots of all tables and indexes, that of the list of tables among them.
    pub(super) roots: Vec<u32>,
    pub(super) notes: Vec<Note>,
}

/// Finds the log tables.
///
/// # Errors
///
/// [`Error::is_not_a_log`] if there is none, with the tables that there are; a corrupt or unavailable file.
pub(super) fn log_tables(db: &Rc<Db>) -> Result<Schema, Error> {
    let mut notes = Vec::new();
    let objects = match objects(db) {
        Err(error) if error.is_corrupt() => {
            // One bad entry makes SQLite refuse all of them. What it can make of the others is still worth having.
            db.tolerate_damaged_schema()
                .map_err(|e| unreadable(db, &e))?;
            let objects = objects(db).map_err(|_| unreadable(db, &error))?;
            notes.push(Note {
                code: "schema-corrupt",
                severity: Severity::Error,
                locator: Locator::Whole {},
                message: format!("the list of tables is damaged ({error}); tables may be missing"),
                hint: Some("Compare with another copy of the file, or with a backup."),
            });
            objects
        }
        other => other.map_err(|e| unreadable(db, &e))?,
    };
    let mut tables = Vec::new();
    let mut nearest: Option<(usize, String)> = None;
    for object in objects.iter().filter(|o| o.kind == Kind::Table) {
        match LogTable::find(db, &object.name, object.root) {
            Ok(Ok(table)) => tables.push(table),
            Ok(Err(lacking)) => {
                if lacking.len() <= 4 && nearest.as_ref().is_none_or(|(n, _)| lacking.len() < *n) {
                    let text = format!("{} lacks {}", object.shown(), lacking.join(", "));
                    nearest = Some((lacking.len(), text));
                }
            }
            Err(error) => {
                if let Some(error) = db.host_error() {
                    return Err(error);
                }
                notes.push(Note {
                    code: "table-not-read",
                    severity: Severity::Error,
                    locator: Locator::Table {
                        table: object.shown(),
                    },
                    message: format!("the table cannot be read: {error}"),
                    hint: None,
                });
            }
        }
    }
    let logs: Vec<&str> = tables.iter().map(|t| t.name.as_str()).collect();
    for object in objects.iter().filter(|o| o.kind != Kind::Table) {
        if looks_like_a_log(object, &logs) {
            notes.push(not_read(object));
        }
    }
    if tables.is_empty() {
        return Err(no_log(&objects, nearest, &notes));
    }
    let roots = roots(db).map_err(|e| unreadable(db, &e))?;
    Ok(Schema {
        tables,
        roots,
        notes,
    })
}

/// The first pages of all trees.
fn roots(db: &Rc<Db>) -> Result<Vec<u32>, SqlError> {
    let mut stmt = db.prepare(b"SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")?;
    let mut roots = vec![1];
    while stmt.step()? {
        roots.extend(u32::try_from(stmt.integer(0)));
    }
    Ok(roots)
}

/// The tables and views, in the order in which they were created.
///
/// SQLite compares a type without regard to case and a name whatever its storage class, so this does too: a table that
/// SQLite reads must not hide behind how it is listed. Its own tables are no logs because they lack the columns, not
/// because of their names.
fn objects(db: &Rc<Db>) -> Result<Vec<Object>, SqlError> {
    let mut stmt = db.prepare(
        b"SELECT lower(type), CAST(name AS TEXT), rootpage, sql FROM sqlite_schema \
          WHERE lower(type) IN ('table', 'view') ORDER BY rowid",
    )?;
    let mut objects = Vec::new();
    while stmt.step()? {
        let name = stmt.text(1);
        let kind = match (stmt.text(0), stmt.integer(2)) {
            (b"view", _) => Kind::View,
            // Only what lies in the file has a root page.
            (_, 0) => Kind::Virtual,
            _ => Kind::Table,
        };
        let sql = if kind == Kind::Table {
            Vec::new()
        } else {
            stmt.text(3).to_vec()
        };
        objects.push(Object {
            kind,
            name: name.to_vec(),
            root: u32::try_from(stmt.integer(2)).unwrap_or(0),
            sql,
        });
    }
    Ok(objects)
}

/// Whether a view or virtual table seems to show an audit log, by its text alone: it names all hashed columns, has the
/// usual name, or shows all columns of a table that is a log.
fn looks_like_a_log(object: &Object, logs: &[&str]) -> bool {
    let names: Vec<&[u8]> = object
        .sql
        .split(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |wanted: &[u8]| names.iter().any(|n| n.eq_ignore_ascii_case(wanted));
    REFERENCE.hashed_fields.iter().all(|f| has(f.as_bytes()))
        || object.name.eq_ignore_ascii_case(b"audit_log")
        || (object.kind == Kind::View
            && object.sql.contains(&b'*')
            && logs.iter().any(|log| has(log.as_bytes())))
}

/// Tells of a view that seems to show an audit log; `logs` are the tables that are some.
pub(in crate::ingest) fn view_not_read(name: &[u8], sql: &[u8], logs: &[&str]) -> Option<Note> {
    let object = Object {
        kind: Kind::View,
        name: name.to_vec(),
        sql: sql.to_vec(),
        root: 0,
    };
    looks_like_a_log(&object, logs).then(|| not_read(&object))
}

fn not_read(object: &Object) -> Note {
    let (code, what) = match object.kind {
        Kind::View => (
            "view-not-read",
            "a view: what it shows is computed from other tables",
        ),
        Kind::Virtual | Kind::Table => (
            "virtual-table-not-read",
            "a virtual table: what it shows is computed by an extension",
        ),
    };
    let name = String::from_utf8_lossy(&object.name).into_owned();
    Note {
        code,
        severity: Severity::Warning,
        message: format!("{name} looks like an audit log but is {what}. It was not read."),
        locator: Locator::Table { table: name },
        hint: Some("Only tables that are stored in the file are judged."),
    }
}

fn unreadable(db: &Rc<Db>, error: &SqlError) -> Error {
    if let Some(error) = db.host_error() {
        return error;
    }
    let message = format!("it begins as a SQLite database, but SQLite cannot read it: {error}");
    let hint = match db.vfs().image().missing {
        Some(missing) => format!(
            "The file was probably cut off: {} of its {} pages are missing. Copy it again.",
            missing.pages, missing.of
        ),
        None => "It may be damaged or encrypted. Try another copy of the file.".to_owned(),
    };
    Error::corrupt(message).with_hint(hint)
}

/// Names are listed up to this many.
const LISTED: usize = 20;

fn no_log(objects: &[Object], nearest: Option<(usize, String)>, notes: &[Note]) -> Error {
    if objects.is_empty() {
        return Error::not_a_log("the database has no tables").with_hint(
            "If it was copied while it was in use, its content may still be in the file of the \
             same name with -wal at the end: open both together.",
        );
    }
    let own = |o: &&Object| {
        o.name
            .get(..7)
            .is_some_and(|n| n.eq_ignore_ascii_case(b"sqlite_"))
    };
    let objects: Vec<_> = objects.iter().filter(|o| !own(o)).collect();
    let mut list = objects
        .iter()
        .copied()
        .take(LISTED)
        .map(Object::shown)
        .collect::<Vec<_>>()
        .join(", ");
    if objects.len() > LISTED {
        list.push_str(&format!(" and {} more", objects.len() - LISTED));
    }
    let error = Error::not_a_log(format!(
        "no table of the database is an audit log. The tables there are: {list}"
    ));
    if let Some(note) = notes.first() {
        return error.with_hint(note.message.clone());
    }
    match nearest {
        Some((_, text)) => error.with_hint(format!("The nearest: {text}.")),
        None => error.with_hint(format!(
            "An audit log is a table with the columns {}.",
            REFERENCE.hashed_fields.join(", ")
        )),
    }
}
