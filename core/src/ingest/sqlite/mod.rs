//! SQLite databases, read by SQLite itself through a VFS of ours that only reads, with the write-ahead log laid over
//! the pages by us; the rows of a sound table are read where they lie.
//!
//! `journal`, `wal` and `image` make of the files the database that SQLite shall see; `vfs` shows it; `db` is the connection;
//! `schema` finds the log tables, each a `table`; `scan` reads their rows, by `leaves` or by SQLite, `reread` one of them
//! again. `staging` runs the rows of a SQL dump in memory. Only `vfs` and `db` touch SQLite's C interface.

mod books;
mod btree;
pub(crate) mod console;
pub(crate) mod copy;
mod db;
mod differences;
mod entry;
mod fingerprint;
mod image;
pub(crate) mod journal;
mod leaves;
mod orphans;
mod others;
mod record;
mod reread;
mod salvage;
mod scan;
pub(super) mod schema;
pub(super) mod staging;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod vfs;
pub(crate) mod wal;

use std::rc::Rc;

use self::db::{Db, SqlError};
use self::differences::Comparison;
use self::fingerprint::LogIndex;
use self::image::Image;
use self::journal::{Journal, JournalIndex, parse_journal};
use self::orphans::Taken;
use self::others::Other;
use self::record::Encoding;
use self::reread::Rereads;
use self::salvage::Run;
use self::scan::Cursor;
use self::schema::Schema;
use self::table::LogTable;
use self::vfs::Vfs;
use self::wal::{Rejected, WalIndex};
use super::{Note, PartInfo};
use crate::error::Error;
use crate::finding::{Locator, Severity, shown};
use crate::source::{ByteSource, Cached};

/// What to do about damage while a transaction is under way.
const UNFINISHED: &str = "The unfinished transaction of the -journal may be the reason: SQLite had not written all of it. Roll it back (`--roll-back-journal`) and compare.";

/// An opened database with at least one log table; each is a part.
pub(crate) struct SqliteScan {
    // The order matters on drop only in so far as every statement keeps its connection alive.
    cursor: Option<Cursor>,
    rereads: Rereads,
    db: Rc<Db>,
    tables: Vec<LogTable>,
    parts: Vec<PartInfo>,
    /// The table that is being read; past the last one at the end.
    current: usize,
    notes: Vec<Note>,
    /// More rows than this cannot lie in the file.
    most_rows: u64,
    /// For each table the indexes that are compared with it.
    indexes: Vec<Vec<LogIndex>>,
    /// For each table where the rows lie that were found by their pages.
    runs: Vec<Vec<Run>>,
    /// Pages that belong to no table's lost leaves.
    taken: Taken,
    /// For each table whether damage was met in it.
    damaged: Vec<bool>,
    /// The table that is being compared with its indexes, after all were read.
    compared: usize,
    /// For each table, once it is begun.
    comparisons: Vec<Option<Comparison>>,
    /// Bytes of a page that the file format uses, and how it writes texts.
    usable: usize,
    encoding: Encoding,
    /// Bytes of the rollback journal, which is not rolled back.
    journal_len: u64,
    /// A transaction was under way, and is not rolled back.
    is_unfinished: bool,
    /// Whether rows are read where they lie; if not, SQLite reads them all.
    pub(crate) reads_leaves: bool,
    /// Tables and indexes that hold no entry.
    others: Vec<Other>,
}

/// Whether a file that begins like this is a SQLite database. 16 bytes are enough.
pub(crate) fn is_sqlite(prefix: &[u8]) -> bool {
    prefix.starts_with(image::MAGIC)
}

/// The version of SQLite inside, such as `3.50.1`.
pub(crate) fn sqlite_version() -> &'static str {
    db::version()
}

impl SqliteScan {
    /// Opens the database `main`, called `name`, with its write-ahead log and its rollback journal where there are any.
    /// `roll_back`: undoes first what the transaction of a hot journal had written.
    ///
    /// # Errors
    ///
    /// If no table is an audit log, if SQLite cannot read the file at all, or if the host's bytes fail.
    pub(crate) fn open(
        name: &str,
        main: Rc<Cached>,
        wal: Option<Rc<Cached>>,
        journal: Option<Rc<Cached>>,
        roll_back: bool,
    ) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let mut journal_len = 0;
        let journal = match journal {
            Some(file) => {
                journal_len = file.len();
                hot(name, file, roll_back, &mut notes)?
            }
            None => None,
        };
        if journal.is_some() {
            journal_len = 0;
        }
        let is_unfinished = notes.iter().any(|n| n.code == "hot-journal");
        let image = Image::new(main, wal, journal)?;
        notes.splice(0..0, notes_on_files(name, &image));
        let most_rows = image.size() / 8;
        let vfs = Vfs::register(Rc::new(image), false).map_err(|e| failed_to_open(&e))?;
        let db = Db::open(vfs).map_err(|e| failed_to_open(&e))?;
        let Schema {
            tables,
            roots,
            notes: schema_notes,
        } = schema::log_tables(&db)?;
        notes.extend(schema_notes);
        let parts = tables
            .iter()
            .map(|t| PartInfo {
                name: t.name.clone(),
            })
            .collect();
        // An index that SQLite cannot describe is left out; the table is what is judged.
        let indexes = tables
            .iter()
            .map(|table| LogIndex::all_of(&db, table).unwrap_or_default())
            .collect();
        let header = db.vfs().image().header()?;
        let others = others::others(&db, &tables);
        Ok(Self {
            others,
            cursor: None,
            rereads: Rereads::default(),
            damaged: vec![false; tables.len()],
            indexes,
            runs: vec![Vec::new(); tables.len()],
            taken: Taken::new(roots),
            compared: 0,
            comparisons: tables.iter().map(|_| None).collect(),
            usable: db.vfs().image().usable(&header),
            encoding: Encoding::of(&header),
            db,
            tables,
            parts,
            current: 0,
            notes,
            most_rows,
            journal_len,
            is_unfinished,
            reads_leaves: false,
        })
    }
}

fn failed_to_open(error: &SqlError) -> Error {
    Error::corrupt(format!("SQLite cannot open the file: {error}"))
}

/// Tells what there is to say about a journal, and hands it back if the database is to be rolled back by it.
fn hot(
    name: &str,
    file: Rc<Cached>,
    roll_back: bool,
    notes: &mut Vec<Note>,
) -> Result<Option<(Rc<Cached>, JournalIndex)>, Error> {
    let index = match parse_journal(&*file, 4096)? {
        Journal::Spent => return Ok(None),
        Journal::Other => {
            notes.push(whole(
                "companion-not-read",
                Severity::Error,
                format!("{name}-journal is no rollback journal, whatever its name says, and was not read"),
                Some("Give it another name to have it judged as a file of its own."),
            ));
            return Ok(None);
        }
        Journal::Hot(index) => index,
    };
    let pages = count(index.len() as u64, "page", "pages");
    if !roll_back {
        notes.push(whole(
            "hot-journal",
            Severity::Warning,
            format!(
                "{name}-journal holds an unfinished transaction. It was not rolled back: the \
                 database was read as it stands, with what that transaction had written so far. \
                 The journal would bring back {pages}."
            ),
            Some(
                "SQLite would roll it back when it opens the database. `--roll-back-journal` shows the log as it was before \
                 that transaction.",
            ),
        ));
        return Ok(None);
    }
    notes.push(whole(
        "journal-rolled-back",
        Severity::Warning,
        format!(
            "the unfinished transaction of {name}-journal was rolled back: {pages} brought back, the \
             database has {}",
            count(u64::from(index.database_pages), "page", "pages")
        ),
        Some("What that transaction had written can be seen by opening the files without rolling back."),
    ));
    if let Some(record) = index.broken {
        notes.push(whole(
            "journal-damaged",
            Severity::Error,
            format!(
                "{name}-journal is damaged at its record {record}: what follows was not rolled back, nor would SQLite have done it"
            ),
            Some("The pages of one transaction may be mixed with those before it. Look for another copy."),
        ));
    }
    if let Some(other) = &index.super_journal {
        notes.push(whole(
            "journal-of-several",
            Severity::Warning,
            format!(
                "the transaction went over several databases; SQLite rolls it back only while the file {} exists",
                shown(other.as_bytes())
            ),
            Some("If that file is gone, the transaction had ended: open the database without rolling back."),
        ));
    }
    Ok(Some((file, index)))
}

fn whole(
    code: &'static str,
    severity: Severity,
    message: String,
    hint: Option<&'static str>,
) -> Note {
    Note {
        code,
        severity,
        locator: Locator::Whole {},
        message,
        hint,
    }
}

/// `1 frame`, `2 frames`.
fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}

/// What there is to say about the files before SQLite has seen them.
fn notes_on_files(name: &str, image: &Image) -> Vec<Note> {
    let mut notes = Vec::new();
    match image.wal_index() {
        Some(index) => notes_on_wal(name, index, &mut notes),
        None if image.main_header.wal_mode => notes.push(whole(
            "wal-missing",
            Severity::Info,
            if name == "standard input" {
                "the database is in WAL mode, and standard input brings no write-ahead log along. A \
                 database that was closed cleanly has none."
                    .to_owned()
            } else {
                format!(
                    "the database is in WAL mode and no {name}-wal was given. A database that was \
                     closed cleanly has none."
                )
            },
            Some(
                "If it was copied while in use, its newest entries are in the -wal file: open both.",
            ),
        )),
        None => {}
    }
    if let Some((committed, told)) = image.contradiction {
        notes.push(whole(
            "database-size-disputed",
            Severity::Error,
            format!(
                "the last commit of {name}-wal says that the database has {committed} pages, the database's header says \
                 {told}. All of them were read."
            ),
            Some("SQLite never writes this and calls it malformed: something else wrote one of the two."),
        ));
    }
    if let Some(missing) = image.missing {
        notes.push(Note {
            code: "database-truncated",
            severity: Severity::Error,
            locator: Locator::Page {
                page: missing.first,
            },
            message: format!(
                "{} of {} missing, the first is page {}. What lies in the others was read.",
                count(missing.pages, "page", "pages"),
                if missing.pages == 1 {
                    format!("{} is", missing.of)
                } else {
                    format!("{} are", missing.of)
                },
                missing.first
            ),
            hint: Some("The copy or download was probably cut off. Copy the file again."),
        });
    }
    notes
}

fn notes_on_wal(name: &str, index: &WalIndex, notes: &mut Vec<Note>) {
    if let Some(why) = index.rejected {
        let why = match why {
            Rejected::BadHeader => "its header is damaged, or it is no write-ahead log".to_owned(),
            Rejected::Version(version) => format!("its format has the unknown version {version}"),
            Rejected::PageSize { wal, database } => {
                format!("its pages have {wal} bytes, those of the database {database}")
            }
        };
        notes.push(whole(
            "wal-mismatch",
            Severity::Error,
            format!("{name}-wal was not applied: {why}"),
            Some("Is it the log of this database, copied at the same time?"),
        ));
        return;
    }
    if index.is_applied() {
        notes.push(whole(
            "wal-applied",
            Severity::Info,
            format!(
                "{name}-wal was applied: {} in {}",
                count(index.frames, "page version", "page versions"),
                count(
                    index.commits,
                    "committed transaction",
                    "committed transactions"
                ),
            ),
            None,
        ));
    }
    let rest = index.rest;
    if let Some(frame) = rest.damaged
        && (rest.damaged_is_commit || rest.commits_lost > 0)
    {
        let lost = rest.commits_lost + u64::from(rest.damaged_is_commit);
        notes.push(whole(
            "wal-damaged",
            // The last transaction of a log may be torn by a crash; an earlier one may not.
            if rest.commits_lost > 0 {
                Severity::Error
            } else {
                Severity::Warning
            },
            format!(
                "{name}-wal fails its checksum at frame {frame}: {} from there on could not be \
                 read, and SQLite would leave them out as silently as if they were not there",
                count(lost, "transaction", "transactions"),
            ),
            Some("Compare with another copy of the log, or a backup."),
        ));
    } else if rest.frames > 0 {
        notes.push(whole(
            "wal-ignored-frames",
            Severity::Info,
            if rest.uncommitted > 0 {
                format!(
                    "{name}-wal has {} after its last commit, {} of a transaction that was never \
                     committed. They were not applied.",
                    count(rest.frames, "frame", "frames"),
                    rest.uncommitted
                )
            } else {
                format!(
                    "{name}-wal has {} left over from before it was last started anew. They were \
                     not applied.",
                    count(rest.frames, "frame", "frames"),
                )
            },
            None,
        ));
    }
}
