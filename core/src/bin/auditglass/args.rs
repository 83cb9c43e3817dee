//! What was asked on the command line.

use std::path::PathBuf;

mod diff;
mod drill;
mod explore;
mod report;

pub(crate) use diff::DiffArgs;
pub(crate) use drill::{DrillArgs, DrillFormat};
pub(crate) use explore::{FacetsFormat, FacetsOptions, QueryFormat, QueryOptions};
pub(crate) use report::ReportArgs;

use auditglass::OpenOptions;
use lexopt::prelude::*;

/// One parsed command line.
pub(crate) enum Command {
    /// Print this and stop.
    Help(String),
    Verify(VerifyOptions),
    Query(QueryOptions),
    Facets(FacetsOptions),
    Report(Box<ReportArgs>),
    Diff(DiffArgs),
    Drill(DrillArgs),
}

/// `auditglass verify`.
pub(crate) struct VerifyOptions {
    pub(crate) format: Format,
    pub(crate) open: OpenOptions,
    pub(crate) files: Vec<PathBuf>,
}

/// How a verification is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Human,
    Json,
    JsonLines,
}

const USAGE: &str = "\
Auditglass opens an exported machine-learning audit log and tells what in it can be trusted.

Usage: auditglass verify [--format human|json|jsonl] FILE|FOLDER…
       auditglass query [OPTIONS] FILE|FOLDER… EXPRESSION
       auditglass facets [OPTIONS] FILE|FOLDER… FIELD…
       auditglass report [OPTIONS] FILE|FOLDER…
       auditglass diff OLD NEW
       auditglass drill [OPTIONS] FILE|FOLDER…
       auditglass --help | --version

Commands:
  verify   recompute the checksum of every entry and say which hold
  query    print the entries that an expression selects
  facets   count the values of fields
  report   write a report: three answers, and what they rest on
  diff     compare with an earlier export of the same log
  drill    alter a copy in memory in eight ways, and tell what notices it

`auditglass COMMAND --help` says more.
";

const VERIFY_USAGE: &str = "\
Recomputes the checksum of every entry and says which hold.

Usage: auditglass verify [--format human|json|jsonl] FILE|FOLDER…

FILE is a SQLite database, a JSON array, a JSON document with an array of entries in it, JSON Lines, CSV or a SQL dump,
each as it is or packed (gzip, Zstandard, zip), recognised by its content; `-` is standard input. Beside a database, its
`-wal` and `-journal` are found and read with it. Several files are judged together, in the order of their timestamps, so
that an id in two of them is found.

FOLDER is searched for logs with all folders in it, hidden ones too; files in it that are no logs are listed and passed
over.

Options:
  --format human   for people (the default)
  --format json    one object, schema auditglass.verify/1: sources, totals, findings
  --format jsonl   one line per entry, in source order, and nothing else on standard output
  --roll-back-journal
                   undo the unfinished transaction of a database's hot rollback journal, as SQLite would; otherwise
                   the database is read as it stands. The files are not changed
  -h, --help       this text

Exit code:
  0  there is at least one entry, all are verified, and nothing is known to be lost
  1  something was judged and the above does not hold; an empty log too
  2  a file could not be read as a log, a folder holds none, or the command line is wrong; other files are judged and printed all the same
";

/// Parses the process's arguments.
pub(crate) fn parse() -> Result<Command, String> {
    let mut parser = lexopt::Parser::from_env();
    match parser.next().map_err(|e| e.to_string())? {
        Some(Short('h') | Long("help")) => Ok(Command::Help(USAGE.into())),
        // No pipeline may take a command that got lost for a log that is in order.
        None => Err("which command?".into()),
        Some(Short('V') | Long("version")) => Ok(Command::Help(format!(
            "auditglass {} (SQLite {})\n",
            env!("CARGO_PKG_VERSION"),
            auditglass::sqlite_version()
        ))),
        Some(Value(command)) if command == "verify" => parse_verify(&mut parser),
        Some(Value(command)) if command == "query" => explore::query(&mut parser),
        Some(Value(command)) if command == "facets" => explore::facets(&mut parser),
        Some(Value(command)) if command == "report" => report::report(&mut parser),
        Some(Value(command)) if command == "diff" => diff::diff(&mut parser),
        Some(Value(command)) if command == "drill" => drill::drill(&mut parser),
        Some(Value(command)) => Err(format!(
            "there is no command `{}`",
            command.to_string_lossy()
        )),
        Some(other) => Err(other.unexpected().to_string()),
    }
}

fn parse_verify(parser: &mut lexopt::Parser) -> Result<Command, String> {
    let mut options = VerifyOptions {
        format: Format::Human,
        open: OpenOptions::default(),
        files: Vec::new(),
    };
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help(VERIFY_USAGE.into())),
            Long("format") => {
                let value = parser.value().map_err(|e| e.to_string())?;
                options.format = match value.to_str() {
                    Some("human") => Format::Human,
                    Some("json") => Format::Json,
                    Some("jsonl") => Format::JsonLines,
                    _ => {
                        let value = value.to_string_lossy();
                        return Err(format!("--format is human, json or jsonl, not `{value}`"));
                    }
                };
            }
            Long("roll-back-journal") => options.open.roll_back_journal = true,
            Value(file) => options.files.push(file.into()),
            other => return Err(other.unexpected().to_string()),
        }
    }
    if options.files.is_empty() {
        return Err("verify needs a file or a folder, or `-` for standard input".into());
    }
    Ok(Command::Verify(options))
}
