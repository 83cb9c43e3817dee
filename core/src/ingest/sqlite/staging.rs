//! The log tables of a SQL dump, in memory: each row is inserted by SQLite as the dump has it, and read as a raw entry.
//!
//! A staging table has the columns of the dump's own table with their affinities, because those change values (`TEXT`
//! makes `'1'` of 1), and their literal defaults. It has no constraint and no key: a row that a restore would drop,
//! replace or refuse is in the dump, and so it is judged.

use std::fmt;
use std::rc::Rc;

use super::db::{Db, Rights, SqlError, Stmt};
use super::entry::{Row, with_entry};
use super::table::{Columns, LogTable, quote};
use crate::entry::{Place, RawEntry};
use crate::scheme::REFERENCE;

/// SQLite takes a NUL for the end and would run what stands before it.
fn holds_nul() -> Failure {
    Failure::Failed("it holds a NUL byte".to_owned())
}

/// Why SQLite did not run a statement.
pub(in crate::ingest) enum Failure {
    /// It does what is not allowed here: what, for people.
    Refused(String),
    /// SQLite's own words.
    Failed(String),
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        let text = error.to_string();
        // A function of the sqlite3 shell (`readfile`) or of an extension.
        let unknown = text.strip_prefix("no such function: ");
        match unknown {
            Some(name) => Self::Refused(format!("it calls the function {name}")),
            None if error.is_refusal() => Self::Refused(text),
            None => Self::Failed(text),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

/// A table as the dump defines it.
#[derive(PartialEq, Eq)]
pub(in crate::ingest) struct Definition {
    columns: Vec<Column>,
}

#[derive(PartialEq, Eq)]
struct Column {
    name: Vec<u8>,
    /// A declared type with the affinity that the column has.
    affinity: &'static str,
    default: Fallback,
    is_generated: bool,
}

/// What a row has in a column that it does not name.
#[derive(PartialEq, Eq)]
enum Fallback {
    Null,
    /// This literal.
    Literal(Vec<u8>),
    /// What an expression gives when the dump is restored.
    Computed,
}

impl Definition {
    /// The hashed columns that the table lacks; none if it is an audit log.
    pub(in crate::ingest) fn lacking(&self) -> Vec<&'static str> {
        let has = |wanted: &str| {
            let mut names = self.columns.iter().map(|c| &c.name);
            names.any(|n| n.eq_ignore_ascii_case(wanted.as_bytes()))
        };
        let hashed = REFERENCE.hashed_fields.iter();
        hashed.copied().filter(|wanted| !has(wanted)).collect()
    }

    /// The hashed columns whose value a restore computes: always (generated columns), or where a row leaves them out.
    pub(in crate::ingest) fn computed(&self) -> Vec<String> {
        let is_covered = |name: &[u8]| {
            let all = REFERENCE.hashed_fields.iter();
            let mut all = all.chain([&REFERENCE.checksum_field]);
            all.any(|f| name.eq_ignore_ascii_case(f.as_bytes()))
        };
        self.columns
            .iter()
            .filter(|c| c.is_generated || matches!(c.default, Fallback::Computed))
            .filter(|c| is_covered(&c.name))
            .map(|c| String::from_utf8_lossy(&c.name).into_owned())
            .collect()
    }

    fn create(&self, quoted: &[u8]) -> Vec<u8> {
        let columns: Vec<Vec<u8>> = self
            .columns
            .iter()
            .map(|c| {
                let mut sql = quote(&c.name);
                sql.push(b' ');
                sql.extend_from_slice(c.affinity.as_bytes());
                if let Fallback::Literal(text) = &c.default {
                    sql.extend_from_slice(b" DEFAULT ");
                    sql.extend_from_slice(text);
                }
                sql
            })
            .collect();
        [
            b"CREATE TABLE ",
            quoted,
            b" (",
            &columns.join(&b", "[..]),
            b")",
        ]
        .concat()
    }

    /// `("a", "b")`: the columns of a row that names none.
    fn row(&self) -> Vec<u8> {
        let given = self.columns.iter().filter(|c| !c.is_generated);
        let names: Vec<Vec<u8>> = given.map(|c| quote(&c.name)).collect();
        [b"(", &names.join(&b", "[..])[..], b")"].concat()
    }
}

/// A declared type of the same affinity, by SQLite's own rules (datatype3, section 3.1).
fn affinity(declared: &[u8], is_strict: bool) -> &'static str {
    let declared = declared.to_ascii_uppercase();
    let has = |part: &[u8]| memchr::memmem::find(&declared, part).is_some();
    if is_strict && declared == b"ANY" {
        "BLOB"
    } else if has(b"INT") {
        "INT"
    } else if has(b"CHAR") || has(b"CLOB") || has(b"TEXT") {
        "TEXT"
    } else if declared.is_empty() || has(b"BLOB") {
        "BLOB"
    } else if has(b"REAL") || has(b"FLOA") || has(b"DOUB") {
        "REAL"
    } else {
        "NUMERIC"
    }
}

/// A default that is a literal is taken over; any other would run an expression of the dump's author.
fn default(text: &[u8]) -> Fallback {
    let text = text.trim_ascii();
    let is_number = || {
        let digits = text
            .strip_prefix(b"-")
            .or(text.strip_prefix(b"+"))
            .unwrap_or(text);
        !digits.is_empty()
            && digits.iter().all(|b| b.is_ascii_digit() || *b == b'.')
            && digits[0] != b'.'
    };
    let is_text = || match text {
        [b'\'', inner @ .., b'\''] => {
            let doubled = memchr::memmem::find_iter(inner, b"''").count();
            inner.iter().filter(|b| **b == b'\'').count() == 2 * doubled
        }
        _ => false,
    };
    if text.is_empty() || text.eq_ignore_ascii_case(b"null") {
        Fallback::Null
    } else if is_number() || is_text() {
        Fallback::Literal(text.to_vec())
    } else {
        Fallback::Computed
    }
}

/// Staging tables on one connection. Rows are in it one at a time, and only while they are looked at.
pub(in crate::ingest) struct Staging {
    // Before the connection, which they keep alive anyway.
    tables: Vec<Staged>,
    db: Rc<Db>,
    sql: Vec<u8>,
}

struct Staged {
    log: LogTable,
    /// `INSERT INTO "…" `
    insert: Vec<u8>,
    /// `("a", "b")`
    row: Vec<u8>,
    select: Stmt,
    clear: Stmt,
}

impl Staging {
    pub(in crate::ingest) fn open() -> Result<Self, Failure> {
        Ok(Self {
            tables: Vec::new(),
            db: Db::staging()?,
            sql: Vec::new(),
        })
    }

    /// Has SQLite read a `CREATE TABLE` and tells what it defines. The table itself is dropped again.
    pub(in crate::ingest) fn define(
        &mut self,
        create: &[u8],
        name: &[u8],
    ) -> Result<Definition, Failure> {
        if create.contains(&0) {
            return Err(holds_nul());
        }
        self.db.run(create, Rights::Define)?;
        let quoted = quote(name);
        let definition = self.describe(&quoted);
        let dropped = self
            .db
            .prepare(&[b"DROP TABLE ", &quoted[..]].concat())
            .and_then(|mut stmt| stmt.step());
        let definition = definition?;
        dropped?;
        Ok(definition)
    }

    /// The same of a table whose columns were listed, in parentheses; nothing is known of their types.
    pub(in crate::ingest) fn define_by(
        &mut self,
        name: &[u8],
        columns: &[u8],
    ) -> Result<Definition, Failure> {
        let create = [b"CREATE TABLE ", &quote(name)[..], columns].concat();
        self.define(&create, name)
    }

    fn describe(&self, quoted: &[u8]) -> Result<Definition, SqlError> {
        let mut stmt = self
            .db
            .prepare(&[b"PRAGMA table_list(", quoted, b")"].concat())?;
        let is_strict = stmt.step()? && stmt.integer(5) != 0;
        let mut stmt = self
            .db
            .prepare(&[b"PRAGMA table_xinfo(", quoted, b")"].concat())?;
        let mut columns = Vec::new();
        while stmt.step()? {
            columns.push(Column {
                name: stmt.text(1).to_vec(),
                affinity: affinity(stmt.text(2), is_strict),
                default: default(stmt.text(4)),
                is_generated: stmt.integer(6) != 0,
            });
        }
        Ok(Definition { columns })
    }

    /// Makes the staging table of a log; its index is the number of those made before.
    pub(in crate::ingest) fn add(&mut self, definition: &Definition) -> Result<(), Failure> {
        let name = format!("auditglass staging {}", self.tables.len()).into_bytes();
        let quoted = quote(&name);
        self.db.prepare(&definition.create(&quoted))?.step()?;
        let log = LogTable::find(&self.db, &name, 0)?
            .map_err(|lacking| Failure::Failed(format!("it lacks {}", lacking.join(", "))))?;
        let select = self.db.prepare(&log.select_from(Columns::All))?;
        let clear = self.db.prepare(&[b"DELETE FROM ", &quoted[..]].concat())?;
        self.tables.push(Staged {
            log,
            insert: [b"INSERT INTO ", &quoted[..], b" "].concat(),
            row: definition.row(),
            select,
            clear,
        });
        Ok(())
    }

    /// How many staging tables there are.
    pub(in crate::ingest) fn len(&self) -> usize {
        self.tables.len()
    }

    /// Inserts the row that `values` (in parentheses) gives for `columns` (in parentheses, or all of them), and hands
    /// over its entry with the bytes of its hashed fields.
    pub(in crate::ingest) fn run<R>(
        &mut self,
        table: usize,
        columns: Option<&[u8]>,
        values: &[u8],
        place: Place,
        f: impl FnOnce(RawEntry<'_>, usize) -> R,
    ) -> Result<R, Failure> {
        let Some(table) = self.tables.get_mut(table) else {
            return Err(Failure::Failed("its table is not there".to_owned()));
        };
        let columns = columns.unwrap_or(&table.row);
        if memchr::memchr(0, values).is_some() || columns.contains(&0) {
            return Err(holds_nul());
        }
        self.sql.clear();
        for part in [&table.insert[..], columns, b" VALUES ", values] {
            self.sql.extend_from_slice(part);
        }
        let ran = self.db.run(&self.sql, Rights::Insert);
        if self.sql.capacity() > 16 << 20 {
            self.sql = Vec::new();
        }
        ran?;
        let result = table.read(place, f);
        table.select.reset();
        let cleared = table.clear.step();
        table.clear.reset();
        cleared?;
        result
    }
}

impl Staged {
    fn read<R>(
        &mut self,
        place: Place,
        f: impl FnOnce(RawEntry<'_>, usize) -> R,
    ) -> Result<R, Failure> {
        self.select.restart_with(self.log.first())?;
        if !self.select.step()? {
            return Err(Failure::Failed("it inserts nothing".to_owned()));
        }
        with_entry(
            &self.log,
            Columns::All,
            Row::Of(&self.select),
            place,
            |entry, n| {
                // Values that could not be had must not be judged.
                if self.select.is_out_of_memory() {
                    let why = "there is not enough memory for a row".to_owned();
                    return Err(Failure::Failed(why));
                }
                Ok(f(entry, n))
            },
        )
    }
}
