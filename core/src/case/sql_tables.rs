//! What there is to ask a database about in SQL: its tables, and their columns.

use super::Case;
use super::render::lossy;
use crate::units::SourceIdx;
use crate::view::{CELL_LIMIT, SqlCell, SqlColumn, SqlError, SqlLimits, SqlTable};

/// Tables that are told of.
const MOST_TABLES: u64 = 200;
/// Columns that are told of each.
const MOST_COLUMNS: u64 = 200;
/// Bytes of a name that is offered as a term.
const LONGEST_TERM: usize = 1_024;

/// What SQLite would not take for a name if it stood without quotes.
const KEYWORDS: &str = " ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT \
    DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTERSECT INTO IS \
    ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO \
    TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE CROSS FULL INNER LEFT NATURAL OUTER RIGHT CURRENT_DATE \
    CURRENT_TIME CURRENT_TIMESTAMP ";

impl Case {
    /// The tables and views of a database by name, the first 200, with their columns.
    ///
    /// # Errors
    ///
    /// If the source is no database, or its schema cannot be read.
    pub fn sql_tables(&self, source: SourceIdx) -> Result<Vec<SqlTable>, SqlError> {
        const TABLES: &str =
            "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name";
        let mut tables = Vec::new();
        for row in self.few_rows(source, TABLES, MOST_TABLES)? {
            let (Some(name), Some(kind)) = (row.first(), row.get(1)) else {
                continue;
            };
            // A view over what is no longer there has no columns to tell of.
            let columns = self
                .few_rows(
                    source,
                    &format!("PRAGMA table_info({})", quoted(&name.text)),
                    MOST_COLUMNS,
                )
                .unwrap_or_default();
            tables.push(SqlTable {
                term: term(&name.text),
                name: cell(&name.text),
                is_view: kind.text == "view",
                columns: columns.iter().filter_map(|row| column(row)).collect(),
            });
        }
        Ok(tables)
    }

    fn few_rows(
        &self,
        source: SourceIdx,
        query: &str,
        most: u64,
    ) -> Result<Vec<Vec<SqlCell>>, SqlError> {
        let limits = SqlLimits {
            rows: most,
            ..SqlLimits::default()
        };
        let mut rows = self.sql(source, query, limits)?;
        Ok(rows.page(u32::try_from(most).unwrap_or(u32::MAX))?.rows)
    }
}

fn column(row: &[SqlCell]) -> Option<SqlColumn> {
    Some(SqlColumn {
        name: cell(&row.get(1)?.text),
        term: term(&row.get(1)?.text),
        declared: cell(&row.get(2)?.text),
    })
}

fn cell(text: &str) -> String {
    lossy(text.as_bytes(), CELL_LIMIT)
}

/// A name as it would be typed in a query.
fn term(name: &str) -> String {
    if name.len() > LONGEST_TERM {
        return String::new();
    }
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_keyword = KEYWORDS.contains(&format!(" {} ", name.to_ascii_uppercase()));
    if is_word && !is_keyword {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::sql::tests::opened_with;

    #[test]
    fn tables_are_told_of_with_names_that_can_be_typed() {
        let case = opened_with(
            "CREATE TABLE \"my \"\"own\"\" table\" (\"order\", a_b INTEGER, \"zoë\" TEXT);
             CREATE VIEW broken AS SELECT * FROM nowhere;",
        );
        let tables = case.sql_tables(SourceIdx(0)).unwrap();
        let text: Vec<String> = tables
            .iter()
            .map(|t| {
                let columns: Vec<String> = t
                    .columns
                    .iter()
                    .map(|c| format!("{}:{}", c.term, c.declared))
                    .collect();
                let kind = if t.is_view { "view" } else { "table" };
                format!("{kind} {} ({})", t.term, columns.join(", "))
            })
            .collect();
        assert_eq!(
            text,
            [
                "table audit_log (entry_id:, timestamp:, event_type:, actor:, resource_type:, resource_id:, action:, details:, checksum:)",
                "view broken ()",
                "view ids (entry_id:BLOB)",
                "table \"my \"\"own\"\" table\" (\"order\":, a_b:INTEGER, \"zoë\":TEXT)",
            ]
        );
        for table in tables.iter().filter(|t| t.name != "broken") {
            let columns: Vec<&str> = table.columns.iter().map(|c| c.term.as_str()).collect();
            let query = format!("SELECT {} FROM {}", columns.join(", "), table.term);
            assert!(case.sql(SourceIdx(0), &query, SqlLimits::default()).is_ok());
        }
    }

    #[test]
    fn what_is_no_database_has_none() {
        let case = opened_with("");
        assert!(case.sql_tables(SourceIdx(1)).is_err());
    }
}
