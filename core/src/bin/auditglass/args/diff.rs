//! The command line of `auditglass diff`.

use std::path::PathBuf;

use lexopt::prelude::*;

use super::Command;

/// `auditglass diff`.
pub(crate) struct DiffArgs {
    pub(crate) old: PathBuf,
    pub(crate) new: PathBuf,
    /// Whether as JSON.
    pub(crate) is_json: bool,
}

const USAGE: &str = "\
Compares an export of a log with an earlier one: which entries are gone, changed, or new.

Usage: auditglass diff [--format human|json] OLD NEW

OLD and NEW are each a file or a folder as for `auditglass verify`, in any container; the order of the entries does not
matter. Entries are matched by entry_id. Of the fields that no checksum covers (written_at), those are compared that both
have.

Options:
  --format human   for people (the default)
  --format json    one object, schema auditglass.diff/1
  -h, --help       this text

Exit code:
  0  append-only: every entry of OLD is in NEW, unchanged
  1  it is not
  2  one of them could not be read as a log or holds no entry, or the command line is wrong
";

/// Parses what stands behind `diff`.
pub(super) fn diff(parser: &mut lexopt::Parser) -> Result<Command, String> {
    let (mut files, mut is_json) = (Vec::new(), false);
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help(USAGE.into())),
            Long("format") => {
                let value = parser.value().map_err(|e| e.to_string())?;
                is_json = match value.to_str() {
                    Some("human") => false,
                    Some("json") => true,
                    _ => {
                        let value = value.to_string_lossy();
                        return Err(format!("--format is human or json, not `{value}`"));
                    }
                };
            }
            Value(file) => files.push(PathBuf::from(file)),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let [old, new] = <[PathBuf; 2]>::try_from(files)
        .map_err(|_| "diff needs two files, the earlier export and the later one")?;
    Ok(Command::Diff(DiffArgs { old, new, is_json }))
}
