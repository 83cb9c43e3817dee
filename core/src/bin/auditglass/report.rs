//! `auditglass report`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use auditglass::report::{self, Document, ReportOptions};
use auditglass::{Answer, Case, Comparison, Error};

use crate::args::{ReportArgs, ReportFormat};
use crate::explore::{judged as judged_only, judged_inputs, tell};
use crate::inputs::open_all;
use crate::verify::{hash_all, is_any_no_log};

/// Opens, judges, examines and compares, writes the report, and tells the exit code.
pub(crate) fn run(args: &ReportArgs) -> ExitCode {
    let (case, hashes) = judged(&args.files);
    let comparison = if args.baseline.is_empty() {
        Ok(None)
    } else {
        compared(&case, &args.baseline).map(Some)
    };
    let scan = match args.scan.then(|| case.scan()).transpose() {
        Ok(scan) => scan,
        Err(error) => {
            tell(&error);
            return ExitCode::from(2);
        }
    };
    let options = ReportOptions {
        expect_count: args.expect_count,
        retention: args.retention.as_ref().map(|r| case.retention(&r.ask)),
        scan,
        command: command(args),
        hashes,
    };
    let document = comparison.and_then(|comparison| {
        Document::new(&case, case.completeness(), comparison.as_ref(), &options)
    });
    let document = match document {
        Ok(document) => document,
        Err(error) => {
            tell(&error);
            return ExitCode::from(2);
        }
    };
    let text = match args.format {
        ReportFormat::Html => document.html(),
        ReportFormat::Json => document.json(),
        ReportFormat::Markdown => document.markdown(),
        ReportFormat::Csv => document.csv(),
    };
    let written = match &args.output {
        Some(path) => std::fs::write(path, text),
        None => io::stdout().lock().write_all(text.as_bytes()),
    };
    match written {
        Ok(()) => {}
        // A reader that went away (`| head`) is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe && args.output.is_none() => {}
        Err(error) => {
            let place = args
                .output
                .as_deref()
                .unwrap_or(Path::new("standard output"));
            eprintln!("auditglass: {}: {error}", place.display());
            return ExitCode::from(2);
        }
    }
    let answers = document.answers();
    let all = [
        &answers.consistency,
        &answers.completeness,
        &answers.authenticity,
    ];
    let is_any_not = all.iter().any(|a| a.answer == Answer::NotConfirmed);
    let is_any_no_log = is_any_no_log(&case, true);
    // The process ends here: the system takes its memory back faster than every buffer would be freed.
    std::mem::forget(case);
    ExitCode::from(match (is_any_no_log, is_any_not) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    })
}

/// A judged case, and the SHA-256 of its files.
fn judged(files: &[PathBuf]) -> (Case, Vec<Option<String>>) {
    let (inputs, handles): (Vec<_>, Vec<_>) = open_all(files)
        .into_iter()
        .map(|f| (f.input, f.hashed))
        .unzip();
    std::thread::scope(|scope| {
        let hashing = scope.spawn(|| hash_all(&handles));
        let case = judged_inputs(inputs);
        (case, hashing.join().unwrap_or_default())
    })
}

/// What of the earlier export cannot be read is told; without it there is no comparison.
fn compared(case: &Case, baseline: &[PathBuf]) -> Result<Comparison, Error> {
    let old = judged_only(baseline);
    if is_any_no_log(&old, true) {
        return Err(Error::unavailable(
            "the earlier export could not be read whole",
        ));
    }
    case.compare(&old)
}

/// The command that makes the same report again: files by their base names, so that the report does not depend on where
/// they lay.
fn command(args: &ReportArgs) -> String {
    let mut words = vec!["auditglass".to_owned(), "report".to_owned()];
    for file in &args.baseline {
        words.push("--baseline".into());
        words.push(base_name(file));
    }
    if let Some(count) = args.expect_count {
        words.push(format!("--expect-count {count}"));
    }
    if let Some(r) = &args.retention {
        words.push(format!("--retention {} --as-of {}", r.policy, r.as_of));
    }
    if args.scan {
        words.push("--scan".into());
    }
    if args.format != ReportFormat::Html {
        words.push(format!("--format {}", args.format.as_str()));
    }
    words.extend(args.files.iter().map(|f| base_name(f)));
    words.join(" ")
}

/// A file's base name as a shell takes it.
fn base_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    report::quoted(&name.to_string_lossy())
}
