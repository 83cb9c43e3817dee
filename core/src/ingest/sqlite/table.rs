//! One log table: what its columns are, and the statements that ask for its rows.

use std::rc::Rc;

use super::db::{Db, SqlError};
use crate::scheme::REFERENCE;

/// A table that is an audit log.
pub(super) struct LogTable {
    /// Its name, for people.
    pub(super) name: String,
    /// The names of its columns, in table order.
    pub(super) columns: Vec<String>,
    /// For each hashed field its column.
    pub(super) fields: [usize; 8],
    /// The column of the claimed checksum, if there is one.
    pub(super) checksum: Option<usize>,
    /// All other columns, in table order.
    pub(super) extras: Vec<usize>,
    /// Those of them that are stored in the file. The rest, virtual generated columns, is computed by expressions of
    /// the file's author, so a scan of all rows leaves them alone.
    pub(super) stored_extras: Vec<usize>,
    /// How its rows are told apart.
    pub(super) key: Key,
    /// The first page of its tree.
    pub(super) root: u32,
    /// Values that a record of it holds: columns that are not computed.
    pub(super) stored: usize,
    /// Which of them is the claimed checksum.
    pub(super) stored_checksum: Option<usize>,
    /// Where the record of a row has each column; `None` if not all that a scan asks for stands there as it is read.
    pub(super) in_record: Option<Vec<InRecord>>,
    /// How the values with which its records begin put them in order, if not the rowid does.
    pub(super) order: Vec<Collation>,
    /// Whether its records can be told from those of every index.
    pub(super) has_recognisable_pages: bool,
    /// `"name"` as SQL.
    quoted: Vec<u8>,
    /// `"a", "b"` as SQL.
    all_columns: Vec<u8>,
    /// The same with NULL for every column that a scan leaves alone.
    stored_columns: Vec<u8>,
    /// The same with NULL for every column but the details.
    details_column: Vec<u8>,
}

/// How the rows of a table are told apart and put in order.
pub(super) enum Key {
    /// By rowid, under this name, which no column has taken.
    Rowid(&'static str),
    /// By their place in the order of the primary key, whose index is this one (as SQL) if it has a name.
    Ordinal(Option<Vec<u8>>),
}

/// Where the record of a row has a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InRecord {
    /// It is this value.
    Value(usize),
    /// It is the rowid under another name: this value is NULL.
    Rowid(usize),
    /// It is computed from others.
    Nowhere,
}

/// How one column of a key is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collation {
    /// By its bytes.
    Binary { is_descending: bool },
    /// In a way that is not looked into.
    Other,
}

/// What the records of a table WITHOUT ROWID hold.
#[derive(Default)]
struct Layout {
    /// The column of each value: those of the key come first.
    columns: Vec<usize>,
    order: Vec<Collation>,
}

/// Which columns a statement asks for. The others are NULL in its rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// The hashed ones, the checksum, and what else is stored.
    Stored,
    /// All.
    All,
    /// The details.
    Details,
}

impl LogTable {
    /// The table `name` as a log, or the columns that it lacks to be one.
    pub(super) fn find(
        db: &Rc<Db>,
        name: &[u8],
        root: u32,
    ) -> Result<Result<Self, Vec<&'static str>>, SqlError> {
        let quoted = quote(name);
        let mut names: Vec<Vec<u8>> = Vec::new();
        let (mut is_virtual, mut is_real, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut stmt = db.prepare(&[b"PRAGMA table_xinfo(", &quoted[..], b")"].concat())?;
        while stmt.step()? {
            // 1 is a hidden column of a virtual table; 2 and 3 are generated columns, virtual and stored.
            let hidden = stmt.integer(6);
            if hidden != 1 {
                if stmt.integer(5) > 0 {
                    keys.push((names.len(), stmt.text(2).eq_ignore_ascii_case(b"INTEGER")));
                }
                names.push(stmt.text(1).to_vec());
                is_virtual.push(hidden == 2);
                is_real.push(may_be_real(stmt.text(2)));
            }
        }
        drop(stmt);
        let mut fields = [0; 8];
        let mut lacking = Vec::new();
        for (field, wanted) in fields.iter_mut().zip(REFERENCE.hashed_fields) {
            match position(&names, wanted) {
                Some(column) => *field = column,
                None => lacking.push(wanted),
            }
        }
        if !lacking.is_empty() {
            return Ok(Err(lacking));
        }
        let checksum = position(&names, REFERENCE.checksum_field);
        let is_extra = |c: &usize| !fields.contains(c) && checksum != Some(*c);
        let extras: Vec<usize> = (0..names.len()).filter(is_extra).collect();
        let (computed, stored_extras): (Vec<usize>, Vec<usize>) =
            extras.iter().partition(|&&c| is_virtual[c]);
        let mut as_sql: Vec<Vec<u8>> = names.iter().map(|n| quote(n)).collect();
        let all_columns = as_sql.join(&b", "[..]);
        for column in computed {
            as_sql[column] = b"NULL".to_vec();
        }
        let key = Key::find(db, &quoted, &names)?;
        let layout = match &key {
            Key::Rowid(_) => Layout {
                columns: (0..names.len()).filter(|&c| !is_virtual[c]).collect(),
                order: Vec::new(),
            },
            Key::Ordinal(index) => Layout::find(db, index.as_deref().unwrap_or(&quoted))?,
        };
        let stored = layout.columns.len();
        let is_read = |c: usize| fields.contains(&c) || checksum == Some(c) || !is_virtual[c];
        let in_record = match (&key, &keys[..]) {
            (Key::Ordinal(_), _) => None,
            // Whole numbers are kept as such in a column of reals, and made reals when they are read.
            _ if (0..names.len()).any(|c| is_read(c) && (is_virtual[c] || is_real[c])) => None,
            (_, []) => Some(None),
            // A primary key has an index of its own, but for one that is the rowid.
            _ if has_primary_index(db, &quoted)? => Some(None),
            (_, [(column, true)]) => Some(Some(*column)),
            _ => None,
        };
        let in_record = in_record.map(|rowid| {
            let place = |column| layout.columns.binary_search(&column).ok();
            let column = |column| match place(column) {
                Some(at) if rowid == Some(column) => InRecord::Rowid(at),
                Some(at) => InRecord::Value(at),
                None => InRecord::Nowhere,
            };
            (0..names.len()).map(column).collect()
        });
        let has_recognisable_pages = match &key {
            Key::Rowid(_) => true,
            Key::Ordinal(_) => stored > 0 && !has_index_of(db, stored)?,
        };
        Ok(Ok(Self {
            name: as_string(name),
            columns: names.iter().map(|n| as_string(n)).collect(),
            fields,
            checksum,
            extras,
            stored_extras,
            key,
            root,
            stored,
            stored_checksum: layout.columns.iter().position(|c| checksum == Some(*c)),
            in_record,
            order: layout.order,
            has_recognisable_pages,
            quoted,
            all_columns,
            details_column: (0..names.len())
                .map(|column| match column == fields[REFERENCE.details] {
                    true => &as_sql[column][..],
                    false => b"NULL",
                })
                .collect::<Vec<_>>()
                .join(&b", "[..]),
            stored_columns: as_sql.join(&b", "[..]),
        }))
    }

    /// The rows from a first rowid (the parameter) on, or, without rowids, from a number of rows on. The rowid, if
    /// there is one, is the first column.
    pub(super) fn select_from(&self, columns: Columns) -> Vec<u8> {
        match &self.key {
            Key::Rowid(rowid) => {
                let clause = format!("WHERE {rowid} >= ?1 ORDER BY {rowid}");
                self.select(columns, &clause)
            }
            Key::Ordinal(_) => self.select(columns, "LIMIT -1 OFFSET ?1"),
        }
    }

    /// The parameter with which `select_from` begins at the first row.
    pub(super) fn first(&self) -> i64 {
        match self.key {
            Key::Rowid(_) => i64::MIN,
            Key::Ordinal(_) => 0,
        }
    }

    /// The row with one rowid, or after a number of rows (the parameter).
    pub(super) fn select_one(&self, columns: Columns) -> Vec<u8> {
        match &self.key {
            Key::Rowid(rowid) => self.select(columns, &format!("WHERE {rowid} = ?1")),
            Key::Ordinal(_) => self.select(columns, "LIMIT 1 OFFSET ?1"),
        }
    }

    /// All rows in the order of the pages, whatever their rowids are.
    pub(super) fn select_all(&self, columns: Columns) -> Vec<u8> {
        self.select(columns, "")
    }

    /// The name as SQL.
    pub(super) fn quoted(&self) -> &[u8] {
        &self.quoted
    }

    /// How many columns of a result come before the table's own.
    pub(super) fn leading(&self) -> usize {
        usize::from(matches!(self.key, Key::Rowid(_)))
    }

    /// The extras that a statement with these columns gives.
    pub(super) fn extras(&self, columns: Columns) -> &[usize] {
        match columns {
            Columns::Stored => &self.stored_extras,
            Columns::All => &self.extras,
            Columns::Details => &[],
        }
    }

    fn select(&self, columns: Columns, clause: &str) -> Vec<u8> {
        let mut sql = b"SELECT ".to_vec();
        if let Key::Rowid(rowid) = &self.key {
            sql.extend_from_slice(rowid.as_bytes());
            sql.extend_from_slice(b", ");
        }
        sql.extend_from_slice(match columns {
            Columns::Stored => &self.stored_columns,
            Columns::All => &self.all_columns,
            Columns::Details => &self.details_column,
        });
        sql.extend_from_slice(b" FROM ");
        sql.extend_from_slice(&self.quoted);
        // An index may hold what the table does not; the table itself is what is judged.
        match &self.key {
            Key::Rowid(_) | Key::Ordinal(None) => sql.extend_from_slice(b" NOT INDEXED "),
            Key::Ordinal(Some(index)) => {
                sql.extend_from_slice(b" INDEXED BY ");
                sql.extend_from_slice(index);
                sql.push(b' ');
            }
        }
        sql.extend_from_slice(clause.as_bytes());
        sql
    }
}

impl Key {
    /// Finds out whether the table has rowids that can be asked for.
    fn find(db: &Rc<Db>, quoted: &[u8], columns: &[Vec<u8>]) -> Result<Self, SqlError> {
        for alias in ["rowid", "_rowid_", "oid"] {
            if position(columns, alias).is_some() {
                continue;
            }
            let parts = [
                b"SELECT ",
                alias.as_bytes(),
                b" FROM ",
                quoted,
                b" NOT INDEXED",
            ];
            if db.prepare(&parts.concat()).is_ok() {
                return Ok(Self::Rowid(alias));
            }
        }
        // WITHOUT ROWID: the primary key's index is the table. It is named, lest another index be taken for it.
        let mut stmt = db.prepare(&[b"PRAGMA index_list(", quoted, b")"].concat())?;
        while stmt.step()? {
            if stmt.text(3) == b"pk" {
                let index = quote(stmt.text(1));
                let parts = [b"SELECT 1 FROM ", quoted, b" INDEXED BY ", &index];
                if db.prepare(&parts.concat()).is_ok() {
                    return Ok(Self::Ordinal(Some(index)));
                }
            }
        }
        Ok(Self::Ordinal(None))
    }
}

impl Layout {
    /// Of the table whose primary key is this index (as SQL), or of the table of this name.
    fn find(db: &Rc<Db>, index: &[u8]) -> Result<Self, SqlError> {
        let mut layout = Self::default();
        let mut stmt = db.prepare(&[b"PRAGMA index_xinfo(", index, b")"].concat())?;
        while stmt.step()? {
            layout
                .columns
                .push(usize::try_from(stmt.integer(1)).unwrap_or(usize::MAX));
            let is_key = stmt.integer(5) == 1;
            if is_key {
                layout.order.push(match stmt.text(4) {
                    b"BINARY" => Collation::Binary {
                        is_descending: stmt.integer(3) == 1,
                    },
                    _ => Collation::Other,
                });
            }
        }
        Ok(layout)
    }
}

/// Whether a column of this declared type may have the affinity REAL (*Datatypes in SQLite*, section 3.1).
fn may_be_real(declared: &[u8]) -> bool {
    let mut words = declared.windows(4);
    words.any(|word| {
        [b"REAL", b"FLOA", b"DOUB"]
            .iter()
            .any(|real| word.eq_ignore_ascii_case(*real))
    })
}

/// Whether the table's primary key has an index.
fn has_primary_index(db: &Rc<Db>, quoted: &[u8]) -> Result<bool, SqlError> {
    let mut stmt = db.prepare(&[b"PRAGMA index_list(", quoted, b")"].concat())?;
    while stmt.step()? {
        if stmt.text(3) == b"pk" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an index of the database has records of so many values.
fn has_index_of(db: &Rc<Db>, values: usize) -> Result<bool, SqlError> {
    let mut names = Vec::new();
    let mut stmt =
        db.prepare(b"SELECT CAST(name AS TEXT) FROM sqlite_schema WHERE lower(type) = 'index'")?;
    while stmt.step()? {
        names.push(quote(stmt.text(0)));
    }
    for name in names {
        let mut stmt = db.prepare(&[b"PRAGMA index_xinfo(", &name[..], b")"].concat())?;
        let mut count = 0;
        while stmt.step()? {
            count += 1;
        }
        if count == values {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The column of this name; SQLite takes no notice of the case of ASCII letters, and neither does this.
fn position(columns: &[Vec<u8>], name: &str) -> Option<usize> {
    columns
        .iter()
        .position(|c| c.eq_ignore_ascii_case(name.as_bytes()))
}

/// A name for people.
pub(super) fn as_string(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// A name as SQL.
pub(super) fn quote(name: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(name.len() + 2);
    quoted.push(b'"');
    for &byte in name {
        if byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}
