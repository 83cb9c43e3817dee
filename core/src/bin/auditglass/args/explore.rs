//! The command lines of `auditglass query` and `auditglass facets`.

use std::ffi::OsString;
use std::path::PathBuf;

use auditglass::{FacetOrder, Sort};
use lexopt::prelude::*;

use super::Command;

/// `auditglass query`.
pub(crate) struct QueryOptions {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) filter: String,
    pub(crate) format: QueryFormat,
    /// Empty for the usual ones, or for whole entries.
    pub(crate) columns: Vec<String>,
    pub(crate) limit: Option<u64>,
    pub(crate) sort: Option<Sort>,
    /// A query in SQL, in place of an expression.
    pub(crate) sql: Option<String>,
}

/// How entries are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryFormat {
    Table,
    Jsonl,
    Csv,
    Json,
}

/// `auditglass facets`.
pub(crate) struct FacetsOptions {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) fields: Vec<String>,
    pub(crate) filter: String,
    pub(crate) format: FacetsFormat,
    pub(crate) limit: Option<u32>,
    pub(crate) order: FacetOrder,
}

/// How counts are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FacetsFormat {
    Table,
    Json,
}

const QUERY_USAGE: &str = "\
Prints the entries that an expression selects.

Usage: auditglass query [OPTIONS] FILE|FOLDER… EXPRESSION
       auditglass query [OPTIONS] DATABASE --sql QUERY

The last argument is the expression, always; '' selects every entry. Put it in single quotes, so that the shell leaves
it alone. One that begins with `-` comes behind `--`:
  auditglass query audit.db -- '-actor:zoe'
FILE and FOLDER are as for `auditglass verify`; several are one case.

An expression is one line, such as
  verdict:mismatched actor:\"Zoë Müller\" resource:model/credit-risk:2.* after:2026-03 details.score>0.9
Words search all texts, \"quoted phrases\" and /regular expressions/ too; side by side all must hold, OR, - and
parentheses do what they say. docs/query.md describes it.

Options:
  --format table   for people (the default)
  --format jsonl   whole entries and their verdicts, one JSON object a line
  --format json    the same as one array
  --format csv     the same as a table; cells that a spreadsheet would run as a formula begin with an apostrophe
  --columns A,B    only these: fields, `details.…` paths, verdict, source, finding, or fields that no checksum covers
  --sort COLUMN    by this column; `--sort -COLUMN` from the greatest to the least
  --limit N        the first N
  --sql QUERY      in place of an expression: a query in SQL on a log that is a SQLite database, its `-wal` applied. It
                   can change nothing. Its rows are printed as they are; nothing is judged
  -h, --help       this text

Exit code:
  0  an entry was selected, or a row was found
  1  none was
  2  the expression or the command line is wrong, or a file could not be read as a log; what the other files hold is
     printed all the same
";

const FACETS_USAGE: &str = "\
Counts the values of fields.

Usage: auditglass facets [OPTIONS] FILE|FOLDER… FIELD…

FIELD is verdict, event_type, actor, resource_type, resource_id, action, source, or a path into the details such as
details.group. Whatever stands last and is the name of a field is one; a file of such a name is given as ./actor.
FILE and FOLDER are as for `auditglass verify`; several are one case.

Options:
  --filter EXPRESSION   only entries that it selects (see `auditglass query --help`); its conditions on a field alone do
                        not narrow the values of that same field
  --limit N             so many values of each field; 20 in a table, all in JSON unless given
  --order count|name    the most frequent first (the default), or by name
  --format table        for people (the default)
  --format json         one object, schema auditglass.facets/1
  -h, --help            this text

Exit code:
  0  an entry was selected
  1  none was
  2  the command line is wrong, or a file could not be read as a log; the others are counted all the same
";

pub(crate) fn query(parser: &mut lexopt::Parser) -> Result<Command, String> {
    let mut values: Vec<OsString> = Vec::new();
    let mut options = QueryOptions {
        files: Vec::new(),
        filter: String::new(),
        format: QueryFormat::Table,
        columns: Vec::new(),
        limit: None,
        sort: None,
        sql: None,
    };
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help(QUERY_USAGE.into())),
            Long("format") => {
                let value = text(parser)?;
                options.format = match value.as_str() {
                    "table" => QueryFormat::Table,
                    "jsonl" => QueryFormat::Jsonl,
                    "csv" => QueryFormat::Csv,
                    "json" => QueryFormat::Json,
                    _ => {
                        return Err(format!(
                            "--format is table, jsonl, csv or json, not `{value}`"
                        ));
                    }
                };
            }
            Long("columns") => options.columns = split(&text(parser)?),
            Long("limit") => options.limit = Some(number(&text(parser)?)?),
            Long("sort") => {
                let value = text(parser)?;
                options.sort = Some(match value.strip_prefix('-') {
                    Some(column) => sort(column, true),
                    None => sort(&value, false),
                });
            }
            Long("sql") => options.sql = Some(text(parser)?),
            Value(value) => values.push(value),
            other => return Err(other.unexpected().to_string()),
        }
    }
    if options.sql.is_some() {
        return sql(options, values);
    }
    let filter = values.pop();
    if values.is_empty() {
        return Err("query needs a file and, last, an expression; '' selects every entry".into());
    }
    let filter = filter.unwrap_or_default().into_string();
    options.filter = filter.map_err(|_| "the expression is not UTF-8".to_owned())?;
    let is_file =
        options.filter.contains(['.', '/']) && std::path::Path::new(&options.filter).exists();
    if is_file {
        return Err(format!(
            "the last argument is the expression, and `{}` is a file; give '' behind it to select every entry",
            options.filter
        ));
    }
    options.files = values.into_iter().map(PathBuf::from).collect();
    Ok(Command::Query(options))
}

/// With `--sql` every argument is a file, and the query itself says which columns and in which order.
fn sql(mut options: QueryOptions, values: Vec<OsString>) -> Result<Command, String> {
    if values.is_empty() {
        return Err("query --sql needs a file".into());
    }
    if !options.columns.is_empty() || options.sort.is_some() {
        return Err(
            "--sql names its columns and its order itself, without --columns and --sort".into(),
        );
    }
    options.files = values.into_iter().map(PathBuf::from).collect();
    Ok(Command::Query(options))
}

pub(crate) fn facets(parser: &mut lexopt::Parser) -> Result<Command, String> {
    let mut values: Vec<OsString> = Vec::new();
    let mut options = FacetsOptions {
        files: Vec::new(),
        fields: Vec::new(),
        filter: String::new(),
        format: FacetsFormat::Table,
        limit: None,
        order: FacetOrder::Count,
    };
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help(FACETS_USAGE.into())),
            Long("filter") => options.filter = text(parser)?,
            Long("limit") => {
                let limit = number(&text(parser)?)?;
                options.limit = Some(u32::try_from(limit).unwrap_or(u32::MAX));
            }
            Long("order") => {
                let value = text(parser)?;
                options.order = match value.as_str() {
                    "count" => FacetOrder::Count,
                    "name" => FacetOrder::Name,
                    _ => return Err(format!("--order is count or name, not `{value}`")),
                };
            }
            Long("format") => {
                let value = text(parser)?;
                options.format = match value.as_str() {
                    "table" => FacetsFormat::Table,
                    "json" => FacetsFormat::Json,
                    _ => return Err(format!("--format is table or json, not `{value}`")),
                };
            }
            Value(value) => values.push(value),
            other => return Err(other.unexpected().to_string()),
        }
    }
    while let Some(field) = values.last().and_then(|v| v.to_str())
        && auditglass::query::is_countable(field)
    {
        options.fields.insert(0, field.to_owned());
        values.pop();
    }
    if options.fields.is_empty() {
        let last = values
            .last()
            .map_or_else(String::new, |v| v.to_string_lossy().into_owned());
        return Err(format!(
            "facets needs a field, last: `{last}` is none (see `auditglass facets --help`)"
        ));
    }
    if values.is_empty() {
        return Err("facets needs a file before the fields".into());
    }
    options.files = values.into_iter().map(PathBuf::from).collect();
    Ok(Command::Facets(options))
}

fn text(parser: &mut lexopt::Parser) -> Result<String, String> {
    let value = parser.value().map_err(|e| e.to_string())?;
    value
        .into_string()
        .map_err(|value| format!("`{}` is not UTF-8", value.to_string_lossy()))
}

fn number(value: &str) -> Result<u64, String> {
    value
        .parse()
        .map_err(|_| format!("--limit is a number, not `{value}`"))
}

fn sort(column: &str, descending: bool) -> Sort {
    Sort {
        column: column.to_owned(),
        descending,
    }
}

/// Names between commas; in quotes a comma is a part of the name.
fn split(names: &str) -> Vec<String> {
    let mut is_quoted = false;
    let parts = names.split(|c| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    });
    parts
        .map(|n| n.trim().to_owned())
        .filter(|n| !n.is_empty())
        .collect()
}
