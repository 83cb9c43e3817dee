//! `auditglass diff`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use auditglass::{Case, report};

use crate::args::DiffArgs;
use crate::explore::{judged, tell};
use crate::verify::is_any_no_log;

/// Opens both, compares, writes what differs, and tells the exit code.
pub(crate) fn run(args: &DiffArgs) -> ExitCode {
    let open = |path: &PathBuf| {
        let case = judged(std::slice::from_ref(path));
        (!is_any_no_log(&case, true)).then_some(case)
    };
    let (old, new): (Option<Case>, Option<Case>) = (open(&args.old), open(&args.new));
    let (Some(old), Some(new)) = (old, new) else {
        return ExitCode::from(2);
    };
    let comparison = match new.compare(&old) {
        Ok(comparison) => comparison,
        Err(error) => {
            tell(&error);
            return ExitCode::from(2);
        }
    };
    let text = if args.is_json {
        report::diff_json(&comparison)
    } else {
        report::diff_human(&comparison)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => {}
        // A reader that went away (`| head`) is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("auditglass: standard output: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::from(u8::from(!comparison.is_append_only))
}
