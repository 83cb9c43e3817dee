//! The command line of `auditglass report`.

use std::path::PathBuf;

use auditglass::{ReportAsk, ReportFormat, RetentionAsk, RetentionPolicy};
use lexopt::prelude::*;

use super::Command;

/// `auditglass report`.
#[derive(Default)]
pub(crate) struct ReportArgs {
    pub(crate) files: Vec<PathBuf>,
    /// Files of an earlier export.
    pub(crate) baseline: Vec<PathBuf>,
    /// What is asked, but for what stands in files.
    pub(crate) ask: ReportAsk,
    /// A file of counts per period and type.
    pub(crate) control_totals: Option<PathBuf>,
    /// A file of an auditor's notes.
    pub(crate) notes: Option<PathBuf>,
    /// Where the failing entries go with their hashed bytes.
    pub(crate) evidence_slice: Option<PathBuf>,
    pub(crate) format: ReportFormat,
    /// Where to; standard output if absent.
    pub(crate) output: Option<PathBuf>,
}

const USAGE: &str = "\
Writes a report that a second auditor can check: three answers, what they rest on, and how to repeat it.

Usage: auditglass report [OPTIONS] FILE|FOLDER…

  consistency    do the entries match their own checksums?
  completeness   is there a sign that entries are missing?
  authenticity   is it the log as it was written? Only something from outside the file can say

FILE and FOLDER are as for `auditglass verify`.

Options:
  --baseline FILE      an earlier export of the same log, in any container, to compare with; may be repeated
  --expect-count N     how many entries there should be, by a count from elsewhere; of the period, if one
                       is asked about
  --from DATE          asks about entries from the start of this date on: 2026, 2026-03, 2026-03-12, 2026-03-12T09:30
  --to DATE            asks about entries to the end of this date; --to 2026-03 takes in all of March
  --control-totals F   your own counts as CSV, with the columns period, count and, where you like, event_type
  --pair PATH          the path in the details by which requests and responses belong together
  --retention POLICY   how far the log reaches, measured by 90d, eu-ai-act (6 months), hipaa (6 years), sec-17a-4-3y,
                       sec-17a-4-6y, sox (7 years), or days, months or years of your own: 400d, 18m, 5y
  --as-of DATE         the day from which --retention counts back, such as 2026-11-24
  --scan               look for personal data, secrets, proprietary detail and guessable hashes in all fields; values are
                       masked
  --notes FILE         notes about entries and a sign-off, as JSON; a report in JSON keeps them and is such a file too
  --evidence-slice F   writes the entries that are not verified with their exact hashed bytes to F, a line of JSON each
  --format html        one page with everything inside, to be read and printed (the default)
  --format json        one object, schema auditglass.report/1
  --format md          Markdown
  --format csv         findings, failing entries and evidence, a line each
  -o, --output FILE    write there and not to standard output
  -h, --help           this text

Exit code:
  0  no answer is `not confirmed`
  1  one is
  2  a file could not be read as a log, or the command line is wrong
";

/// Parses what stands behind `report`.
pub(super) fn report(parser: &mut lexopt::Parser) -> Result<Command, String> {
    let mut args = ReportArgs::default();
    let (mut policy, mut as_of) = (None, None);
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    let value = |parser: &mut lexopt::Parser| parser.value().map_err(|e| e.to_string());
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help(USAGE.into())),
            Long("baseline") => args.baseline.push(value(parser)?.into()),
            Long("expect-count") => {
                let text = value(parser)?.to_string_lossy().into_owned();
                let count = text.parse();
                let wrong = |_| format!("--expect-count is a number of entries, not `{text}`");
                args.ask.expect_count = Some(count.map_err(wrong)?);
            }
            Long("control-totals") => args.control_totals = Some(value(parser)?.into()),
            Long("from") => args.ask.from = Some(text(value(parser)?)),
            Long("to") => args.ask.to = Some(text(value(parser)?)),
            Long("pair") => args.ask.pair = Some(text(value(parser)?)),
            Long("notes") => args.notes = Some(value(parser)?.into()),
            Long("evidence-slice") => args.evidence_slice = Some(value(parser)?.into()),
            Long("retention") => policy = Some(value(parser)?.to_string_lossy().into_owned()),
            Long("scan") => args.ask.scan = true,
            Long("as-of") => as_of = Some(value(parser)?.to_string_lossy().into_owned()),
            Long("format") => {
                let text = value(parser)?.to_string_lossy().into_owned();
                let mut all = ReportFormat::ALL.into_iter();
                let format = all.find(|format| format.as_str() == text);
                let wrong = || format!("--format is html, json, md or csv, not `{text}`");
                args.format = format.ok_or_else(wrong)?;
            }
            Short('o') | Long("output") => args.output = Some(value(parser)?.into()),
            Value(file) => args.files.push(file.into()),
            other => return Err(other.unexpected().to_string()),
        }
    }
    args.ask.retention = retention(policy, as_of)?;
    if args.files.is_empty() {
        return Err("report needs a file or a folder, or `-` for standard input".into());
    }
    Ok(Command::Report(Box::new(args)))
}

/// No clock is read, so that the same command gives the same report: the day has to be named.
fn retention(
    policy: Option<String>,
    as_of: Option<String>,
) -> Result<Option<RetentionPolicy>, String> {
    let (policy, as_of) = match (policy, as_of) {
        (None, None) => return Ok(None),
        (Some(policy), Some(as_of)) => (policy, as_of),
        (Some(_), None) => {
            return Err("--retention needs --as-of DATE, the day from which it counts back, such as --as-of 2026-11-24".into());
        }
        (None, Some(_)) => return Err("--as-of is the day for --retention; give both".into()),
    };
    // What is wrong with it is told before the files are read.
    RetentionAsk::new(&policy, &as_of).map_err(|error| match error.hint() {
        Some(hint) => format!("{error}. {hint}"),
        None => error.to_string(),
    })?;
    Ok(Some(RetentionPolicy { policy, as_of }))
}
