//! The command line of `auditglass drill`.

use std::path::PathBuf;

use lexopt::prelude::*;

use super::Command;

/// `auditglass drill`.
pub(crate) struct DrillArgs {
    pub(crate) files: Vec<PathBuf>,
    /// Files of an earlier export.
    pub(crate) baseline: Vec<PathBuf>,
    pub(crate) format: DrillFormat,
}

/// How a drill is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrillFormat {
    Human,
    Json,
    Markdown,
}

const USAGE: &str = "\
Alters a copy of a log in memory in all the ways in which a log is falsified, judges the copy, and tells of each what
notices it: the altered log alone, only its comparison with an earlier export, or nothing. The files are not touched.

Usage: auditglass drill [OPTIONS] FILE|FOLDER…

FILE and FOLDER are as for `auditglass verify`. The entry that is altered is the verified one in the middle; of a large log
2,000 entries around it are copied, and as many of the newest.

Options:
  --baseline FILE   an earlier export of the same log, in any container; may be repeated. The entry that is altered is then
                    one that is no newer. Without it the unaltered copy stands for an export taken just before
  --format human    for people (the default)
  --format json     one object, schema auditglass.drill/1
  --format md       Markdown
  -h, --help        this text

Exit code:
  0  the drill was carried out, whatever it found
  1  no entry is verified, so there is none whose falsification could be noticed
  2  a file could not be read as a log, or the command line is wrong
";

/// Parses what stands behind `drill`.
pub(super) fn drill(parser: &mut lexopt::Parser) -> Result<Command, String> {
    let mut args = DrillArgs {
        files: Vec::new(),
        baseline: Vec::new(),
        format: DrillFormat::Human,
    };
    let value = |parser: &mut lexopt::Parser| parser.value().map_err(|e| e.to_string());
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help(USAGE.into())),
            Long("baseline") => args.baseline.push(value(parser)?.into()),
            Long("format") => {
                let text = value(parser)?.to_string_lossy().into_owned();
                args.format = match text.as_str() {
                    "human" => DrillFormat::Human,
                    "json" => DrillFormat::Json,
                    "md" => DrillFormat::Markdown,
                    _ => return Err(format!("--format is human, json or md, not `{text}`")),
                };
            }
            Value(file) => args.files.push(file.into()),
            other => return Err(other.unexpected().to_string()),
        }
    }
    if args.files.is_empty() {
        return Err("drill needs a file or a folder, or `-` for standard input".into());
    }
    Ok(Command::Drill(args))
}
