//! `auditglass report`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use auditglass::report::{Document, Files, Making};
use auditglass::{Answer, Attached, Case, Comparison, Error, ReportAsk};

use crate::args::ReportArgs;
use crate::explore::{judged_inputs, tell};
use crate::inputs::open_all;
use crate::verify::{hash_all, is_any_no_log};

/// Opens, judges, examines and compares, writes the report, and tells the exit code.
pub(crate) fn run(args: &ReportArgs) -> ExitCode {
    let (case, files) = judged(&args.files);
    let mut document = match made(&case, &files, args) {
        Ok(document) => document,
        Err(error) => {
            tell(&error);
            return ExitCode::from(2);
        }
    };
    let text = document.write(args.format);
    let written = match &args.output {
        Some(path) => fs::write(path, text),
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

/// Everything that is asked.
fn made(case: &Case, files: &Files, args: &ReportArgs) -> Result<Document, Error> {
    let (comparison, earlier) = if args.baseline.is_empty() {
        (None, Files::default())
    } else {
        let (comparison, earlier) = compared(case, &args.baseline)?;
        (Some(comparison), earlier)
    };
    let ask = ReportAsk {
        control_totals: attached(args.control_totals.as_deref())?,
        notes: attached(args.notes.as_deref())?,
        evidence_slice: args.evidence_slice.as_deref().map(base_name),
        ..args.ask.clone()
    };
    let mut making = Making::begin(case, ask)?;
    let mut slice = match &args.evidence_slice {
        Some(path) => Some((path, BufWriter::new(opened(path)?))),
        None => None,
    };
    let mut write = |line: &str| match &mut slice {
        Some((path, file)) => file.write_all(line.as_bytes()).map_err(|e| at(path, &e)),
        None => Ok(()),
    };
    while making.step(case, &mut write)? {}
    if let Some((path, mut file)) = slice {
        file.flush().map_err(|e| at(path, &e))?;
    }
    making.end(case, comparison.as_ref(), files, &earlier)
}

fn at(path: &Path, error: &io::Error) -> Error {
    Error::unavailable(format!("{}: {error}", path.display()))
}

fn opened(path: &Path) -> Result<File, Error> {
    File::create(path).map_err(|e| at(path, &e))
}

/// A file that says more about what is asked.
fn attached(path: Option<&Path>) -> Result<Option<Attached>, Error> {
    path.map(|path| {
        Ok(Attached {
            name: base_name(path),
            text: fs::read_to_string(path).map_err(|e| at(path, &e))?,
        })
    })
    .transpose()
}

/// A judged case, and its files by the names that they were given.
fn judged(paths: &[PathBuf]) -> (Case, Files) {
    let (inputs, handles): (Vec<_>, Vec<_>) = open_all(paths)
        .into_iter()
        .map(|f| (f.input, f.hashed))
        .unzip();
    std::thread::scope(|scope| {
        let hashing = scope.spawn(|| hash_all(&handles));
        let case = judged_inputs(inputs);
        let files = Files {
            names: paths.iter().map(|path| base_name(path)).collect(),
            hashes: hashing.join().unwrap_or_default(),
        };
        (case, files)
    })
}

/// What of the earlier export cannot be read is told; without it there is no comparison.
fn compared(case: &Case, baseline: &[PathBuf]) -> Result<(Comparison, Files), Error> {
    let (old, files) = judged(baseline);
    if is_any_no_log(&old, true) {
        return Err(Error::unavailable(
            "the earlier export could not be read whole",
        ));
    }
    Ok((case.compare(&old)?, files))
}

fn base_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
