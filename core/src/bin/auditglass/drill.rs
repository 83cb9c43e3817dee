//! `auditglass drill`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use auditglass::{Case, report};

use crate::args::{DrillArgs, DrillFormat};
use crate::explore::{judged, tell};
use crate::verify::is_any_no_log;

/// Opens, judges, carries out the drill, writes what it found, and tells the exit code.
pub(crate) fn run(args: &DrillArgs) -> ExitCode {
    let open = |files: &[PathBuf]| {
        let case = judged(files);
        (!is_any_no_log(&case, true)).then_some(case)
    };
    let Some(case) = open(&args.files) else {
        return ExitCode::from(2);
    };
    let baseline: Option<Case> = if args.baseline.is_empty() {
        None
    } else {
        let Some(baseline) = open(&args.baseline) else {
            return ExitCode::from(2);
        };
        Some(baseline)
    };
    let drill = match case.drill(baseline.as_ref()) {
        Ok(drill) => drill,
        Err(error) => {
            tell(&error);
            return ExitCode::from(if case.totals().verified == 0 { 1 } else { 2 });
        }
    };
    let text = match args.format {
        DrillFormat::Human => report::drill_human(&drill),
        DrillFormat::Json => report::drill_json(&drill),
        DrillFormat::Markdown => report::drill_markdown(&drill),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that went away (`| head`) is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("auditglass: standard output: {error}");
            ExitCode::from(2)
        }
    }
}
