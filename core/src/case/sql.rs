//! Queries in SQL on a database that was opened, read only and within limits.

use super::{Case, render};
use crate::entry::RawValue;
use crate::ingest::sqlite::console::{ConsoleError, Rows};
use crate::units::SourceIdx;
use crate::view::{SqlCell, SqlError, SqlLimits, SqlPage, TEXT_LIMIT};

/// A query that is running. Its rows are taken page by page.
pub struct SqlRows {
    rows: Rows,
    /// Rows that may still be handed out.
    left: u64,
    is_done: bool,
}

/// What comes next of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A row.
    Row,
    /// One that is beyond the limit.
    Cut,
    /// Nothing.
    End,
}

impl Case {
    /// Starts one query on the source itself, with its write-ahead log applied.
    ///
    /// It may read all tables and views, describe them by pragma and call every function but `load_extension`; it can
    /// change nothing and open nothing else. Virtual tables (`json_each` among them) are not there.
    ///
    /// # Errors
    ///
    /// If the source is no database, or SQLite does not understand or not allow the query.
    pub fn sql(
        &self,
        source: SourceIdx,
        query: &str,
        limits: SqlLimits,
    ) -> Result<SqlRows, SqlError> {
        let refused = |message: String| SqlError {
            message,
            offset: None,
        };
        let source = self
            .sources
            .get(source.0 as usize)
            .ok_or_else(|| refused("there is no such source".to_owned()))?;
        let scan = source.scan().map_err(|error| refused(error.to_string()))?;
        let console = scan
            .console()
            .ok_or_else(|| refused(format!("{} is no SQLite database", source.name)))?;
        let rows = console
            .and_then(|console| console.run(query, limits.kilo_operations.saturating_mul(1_000)))?;
        Ok(SqlRows {
            rows,
            left: limits.rows,
            is_done: false,
        })
    }
}

impl SqlRows {
    /// The names of the columns; none if it yields no rows.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.rows.columns()
    }

    /// Up to `count` more rows. After an error or [`SqlPage::is_done`] there are no more.
    ///
    /// # Errors
    ///
    /// If a row cannot be computed or read, or the limits are used up.
    pub fn page(&mut self, count: u32) -> Result<SqlPage, SqlError> {
        let mut page = SqlPage::default();
        while !self.is_done && page.rows.len() < count as usize {
            let mut cells = Vec::with_capacity(self.rows.columns().len());
            match self.next(|value| {
                let (kind, text) = render::shown(value, TEXT_LIMIT);
                cells.push(SqlCell { kind, text });
            })? {
                Next::Row => page.rows.push(cells),
                Next::Cut => page.is_cut = true,
                Next::End => {}
            }
        }
        page.is_done = self.is_done;
        Ok(page)
    }

    /// The next row, each of its values handed to `see`; only with [`Next::Row`] they are to be kept.
    pub(super) fn next(&mut self, see: impl FnMut(RawValue<'_>)) -> Result<Next, SqlError> {
        let is_there = self.rows.next(see);
        self.is_done = !matches!(is_there, Ok(true)) || self.left == 0;
        Ok(match (is_there?, self.left) {
            (false, _) => Next::End,
            (true, 0) => Next::Cut,
            (true, _) => {
                self.left -= 1;
                Next::Row
            }
        })
    }
}

impl From<ConsoleError> for SqlError {
    fn from(error: ConsoleError) -> Self {
        let ConsoleError { message, offset } = error;
        Self { message, offset }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::source::{Input, Memory};

    const SCHEMA: &str = "CREATE TABLE audit_log (entry_id, timestamp, event_type, actor, resource_type, resource_id, action, details, checksum);
        INSERT INTO audit_log VALUES ('e1', 't', 'x', 'a', 'r', 'i', 'c', '{\"score\": 0.5}', 's'), ('e2', NULL, 7, 1.0, x'00ff', 'i', 'c', '{}', 's');
        CREATE INDEX by_actor ON audit_log(actor);
        CREATE VIEW ids AS SELECT entry_id FROM audit_log;";

    fn opened() -> Case {
        opened_with("")
    }

    /// A case with a database, which has `more` in it, and something else.
    pub(in crate::case) fn opened_with(more: &str) -> Case {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.db");
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection.execute_batch(more).unwrap();
        drop(connection);
        let database = Memory::new(std::fs::read(&file).unwrap());
        let inputs = [("log.db", database), ("log.json", Memory::new(*b"[]"))];
        let inputs = inputs.map(|(name, bytes)| Input {
            name: name.to_owned(),
            bytes: Box::new(bytes),
            is_found: false,
        });
        Case::open(inputs.into())
    }

    /// All cells of all rows, with the columns before them.
    fn run(case: &Case, query: &str) -> Result<String, SqlError> {
        let mut rows = case.sql(SourceIdx(0), query, SqlLimits::default())?;
        let mut out = rows.columns().join("|");
        loop {
            let page = rows.page(2)?;
            for row in &page.rows {
                let cells: Vec<&str> = row.iter().map(|c| c.text.as_str()).collect();
                out = format!("{out}\n{}", cells.join("|"));
            }
            if page.is_done {
                return Ok(out);
            }
        }
    }

    #[test]
    fn queries_run() {
        let case = opened();
        for (query, expected) in [
            (
                "SELECT entry_id, timestamp, event_type, actor, resource_type FROM audit_log",
                "entry_id|timestamp|event_type|actor|resource_type\ne1|t|x|a|r\ne2|NULL|7|1.0|00ff",
            ),
            (
                "select count(*) AS n from ids -- how many\n; /* done */",
                "n\n2",
            ),
            (
                "SELECT details ->> 'score' AS s FROM audit_log WHERE actor LIKE 'A'",
                "s\n0.5",
            ),
            (
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) AS s FROM n",
                "s\n15",
            ),
            ("VALUES (1), (2), (3)", "column1\n1\n2\n3"),
            ("PRAGMA page_count", "page_count\n3"),
            ("SELECT 1 AS a WHERE 0", "a"),
        ] {
            assert_eq!(run(&case, query).as_deref(), Ok(expected), "{query}");
        }
        assert!(
            run(&case, "PRAGMA table_info(audit_log)")
                .unwrap()
                .contains("0|entry_id|")
        );
        assert!(
            run(&case, "EXPLAIN QUERY PLAN SELECT * FROM audit_log")
                .unwrap()
                .contains("SCAN")
        );
    }

    #[test]
    fn what_is_no_query_is_refused() {
        let case = opened();
        for query in [
            "DELETE FROM audit_log",
            "INSERT INTO audit_log DEFAULT VALUES",
            "UPDATE audit_log SET actor = 'x' RETURNING *",
            "CREATE TABLE t (a)",
            "CREATE TEMP TABLE t (a)",
            "DROP TABLE audit_log",
            "ATTACH 'x' AS y",
            "DETACH main",
            "VACUUM",
            "VACUUM INTO 'x'",
            "REINDEX",
            "ANALYZE",
            "BEGIN",
            "COMMIT",
            "SAVEPOINT x",
            "PRAGMA writable_schema = ON",
            "PRAGMA query_only = OFF",
            "PRAGMA user_version = 7",
            "PRAGMA temp_store_directory = '/'",
            "SELECT load_extension('x')",
            "SELECT * FROM json_each('[1]')",
            "SELECT * FROM pragma_table_info('audit_log')",
            "SELECT 1; SELECT 2",
            "SELECT 1;;",
            "SELECT \"no such column\" FROM audit_log",
            "",
            " -- nothing",
            "SELECT 'a\0b'",
        ] {
            assert!(run(&case, query).is_err(), "{query}");
        }
        let after: Result<String, SqlError> = run(&case, "SELECT count(*) AS n FROM audit_log");
        assert_eq!(after.as_deref(), Ok("n\n2"), "nothing was changed");
        let not_a_database = case.sql(SourceIdx(1), "SELECT 1", SqlLimits::default());
        assert!(not_a_database.is_err_and(|e| e.message.contains("no SQLite database")));
        assert!(
            case.sql(SourceIdx(9), "SELECT 1", SqlLimits::default())
                .is_err()
        );
    }

    #[test]
    fn an_error_tells_where() {
        let case = opened();
        let error = run(&case, "SELECT entry_id, nowhere FROM audit_log").unwrap_err();
        assert_eq!(
            (error.offset, error.message.as_str()),
            (Some(17), "no such column: nowhere")
        );
        let error = run(&case, "SELECT 1; SELECT 2").unwrap_err();
        assert_eq!(error.offset, Some(9));
    }

    #[test]
    fn limits_hold() {
        let case = opened();
        const ENDLESS: &str = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) ";
        let limits = SqlLimits {
            rows: 5,
            kilo_operations: 1_000,
        };
        let mut rows = case
            .sql(SourceIdx(0), &format!("{ENDLESS} SELECT i FROM n"), limits)
            .unwrap();
        let first = rows.page(3).unwrap();
        assert_eq!(
            (first.rows.len(), first.is_done, first.is_cut),
            (3, false, false)
        );
        let second = rows.page(3).unwrap();
        assert_eq!(
            (second.rows.len(), second.is_done, second.is_cut),
            (2, true, true)
        );
        assert_eq!(rows.page(3).unwrap().rows.len(), 0);
        let mut rows = case
            .sql(
                SourceIdx(0),
                &format!("{ENDLESS} SELECT max(i) FROM n"),
                limits,
            )
            .unwrap();
        let error = rows.page(1).unwrap_err();
        assert!(error.message.contains("longer than it may"), "{error:?}");
        assert_eq!(
            rows.page(1),
            Ok(SqlPage {
                is_done: true,
                ..SqlPage::default()
            })
        );
        let exactly = SqlLimits { rows: 2, ..limits };
        let mut rows = case
            .sql(SourceIdx(0), "SELECT * FROM ids", exactly)
            .unwrap();
        let page = rows.page(10).unwrap();
        assert_eq!(
            (page.rows.len(), page.is_done, page.is_cut),
            (2, true, false)
        );
    }
}
