//! `auditglass report`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use auditglass::report::{self, Document, ReportOptions};
use auditglass::{
    Answer, Case, Comparison, ControlTotals, Error, Evidence, Notes, Pairing, Period, Scan, Slice,
};

use sha2::{Digest, Sha256};

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
    let asked = Asked::of(&case, args);
    let (asked, comparison) = match (asked, comparison) {
        (Ok(asked), Ok(comparison)) => (asked, comparison),
        (Err(error), _) | (_, Err(error)) => {
            tell(&error);
            return ExitCode::from(2);
        }
    };
    let options = ReportOptions {
        expect_count: args.expect_count,
        period: asked.period,
        control_totals: asked.control_totals,
        pairing: asked.pairing,
        notes: asked.notes,
        slice: asked.slice,
        retention: args.retention.as_ref().map(|r| case.retention(&r.ask)),
        scan: asked.scan,
        command: command(args),
        hashes,
    };
    let document = Document::new(&case, asked.evidence, comparison.as_ref(), &options);
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

/// What the command line asks of a judged case.
struct Asked {
    period: Option<Period>,
    control_totals: Option<ControlTotals>,
    evidence: Vec<Evidence>,
    pairing: Option<Pairing>,
    notes: Notes,
    slice: Option<Slice>,
    scan: Option<Scan>,
}

impl Asked {
    fn of(case: &Case, args: &ReportArgs) -> Result<Self, Error> {
        let (from, to) = (args.from.as_deref(), args.to.as_deref());
        let has_period = from.is_some() || to.is_some();
        let period = has_period.then(|| case.period(from, to)).transpose()?;
        let within = period.as_ref().map_or("", |p| &p.filter);
        let control_totals = match &args.control_totals {
            Some(path) => Some(case.control_totals(&read_text(path)?, within)?),
            None => None,
        };
        let (evidence, pairing) = case.completeness_with(args.pair.as_deref())?;
        let notes = match &args.notes {
            Some(path) => case.notes(&read_text(path)?)?,
            None => Notes::default(),
        };
        let slice = args.evidence_slice.as_deref();
        let slice = slice.map(|path| write_slice(case, path)).transpose()?;
        let scan = args.scan.then(|| case.scan()).transpose()?;
        Ok(Self {
            scan,
            notes,
            slice,
            period,
            control_totals,
            evidence,
            pairing,
        })
    }
}

/// Writes the entries that are not verified with their hashed bytes, a line each.
fn write_slice(case: &Case, path: &Path) -> Result<Slice, Error> {
    let failed = |e: io::Error| Error::unavailable(format!("{}: {e}", path.display()));
    let mut file = io::BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    let mut digest = Sha256::new();
    let entries = case.evidence_slice(&mut |line| {
        digest.update(line.as_bytes());
        file.write_all(line.as_bytes()).map_err(failed)
    })?;
    file.flush().map_err(failed)?;
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect();
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Slice {
        name: name.to_string_lossy().into_owned(),
        entries,
        sha256: hex(&digest.finalize()),
    })
}

fn read_text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path)
        .map_err(|e| Error::unavailable(format!("{}: {e}", path.display())))
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
    let texts = [
        ("--from", &args.from),
        ("--to", &args.to),
        ("--pair", &args.pair),
    ];
    for (option, text) in texts {
        if let Some(text) = text {
            words.push(format!("{option} {}", report::quoted(text)));
        }
    }
    let files = [
        ("--control-totals", &args.control_totals),
        ("--notes", &args.notes),
        ("--evidence-slice", &args.evidence_slice),
    ];
    for (option, path) in files {
        if let Some(path) = path {
            words.push(format!("{option} {}", base_name(path)));
        }
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
