//! Queries of whoever looks at a database: read only, row by row, within a budget.

use std::rc::Rc;

use super::db::{Db, OPERATIONS, SqlError, Stmt};
use crate::entry::RawValue;
use crate::error::Error;

/// A connection for queries.
pub(crate) struct Console {
    db: Rc<Db>,
}

/// Why a query was not run or not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConsoleError {
    pub(crate) message: String,
    /// The byte of the query at which it lies, if it lies at one.
    pub(crate) offset: Option<u32>,
}

impl From<&Error> for ConsoleError {
    fn from(error: &Error) -> Self {
        Self {
            message: error.to_string(),
            offset: None,
        }
    }
}

/// A query that is running.
pub(crate) struct Rows {
    stmt: Stmt,
    db: Rc<Db>,
    columns: Vec<String>,
}

impl Console {
    pub(super) fn open(db: &Rc<Db>) -> Result<Self, ConsoleError> {
        match db.console() {
            Ok(db) => Ok(Self { db }),
            Err(error) => Err(ConsoleError {
                message: error.to_string(),
                offset: None,
            }),
        }
    }

    /// Starts one query. It ends with an error once it has taken about so many operations of SQLite's virtual machine.
    pub(crate) fn run(&self, sql: &str, operations: u64) -> Result<Rows, ConsoleError> {
        let at = |message: &str, offset: usize| ConsoleError {
            message: message.to_owned(),
            offset: u32::try_from(offset).ok(),
        };
        if let Some(offset) = memchr::memchr(0, sql.as_bytes()) {
            return Err(at("the query holds a NUL", offset));
        }
        if sql.trim().is_empty() {
            return Err(at("the query is empty", 0));
        }
        let (stmt, len) = self
            .db
            .query(sql.as_bytes())
            .map_err(|error| ConsoleError {
                message: error.to_string(),
                offset: self.db.error_offset(),
            })?;
        let rest = sql.get(len..).unwrap_or_default();
        if !is_comment(rest) {
            return Err(at("one query at a time", len));
        }
        self.db.set_budget(operations / OPERATIONS);
        Ok(Rows {
            columns: stmt.column_names(),
            stmt,
            db: Rc::clone(&self.db),
        })
    }
}

/// Whether a text is nothing but blanks and comments.
fn is_comment(text: &str) -> bool {
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        rest = if let Some(line) = rest.strip_prefix("--") {
            line.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(block) = rest.strip_prefix("/*") {
            block.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return false;
        };
        rest = rest.trim_start();
    }
    true
}

impl Rows {
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The next row, each of its values handed to `see`; false if there is none.
    pub(crate) fn next(&mut self, mut see: impl FnMut(RawValue<'_>)) -> Result<bool, ConsoleError> {
        let failed = |message: String| ConsoleError {
            message,
            offset: None,
        };
        match self.stmt.step_within() {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(error) => {
                let why = match self.db.below_host_error() {
                    Some(error) => error.to_string(),
                    None => explain(&error),
                };
                return Err(failed(why));
            }
        }
        for column in 0..self.columns.len() {
            see(self.stmt.value(column));
        }
        if self.stmt.is_out_of_memory() {
            return Err(failed("there is not enough memory for a row".to_owned()));
        }
        Ok(true)
    }
}

fn explain(error: &SqlError) -> String {
    if error.is_interrupted() {
        "the query took longer than it may and was ended".to_owned()
    } else {
        error.to_string()
    }
}
