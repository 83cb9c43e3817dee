//! What `auditglass query` and `auditglass facets` share: opening, selecting, telling what went wrong, exit codes.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use auditglass::{
    Case, Error, FilterError, Input, Observer, OpenOptions, Progress, Search, Selection, report,
};

use crate::inputs::open_all;
use crate::verify::{Bar, Cores, is_any_no_log, open};

/// Why nothing more could be written.
pub(crate) enum Failure {
    Output(io::Error),
    Engine(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

/// Opens and judges the files, and finds what the selection selects.
///
/// # Errors
///
/// The exit code, when everything was told.
pub(crate) fn begin(files: &[PathBuf], selection: &Selection) -> Result<(Case, Search), ExitCode> {
    // A filter that cannot be understood is told before the files are read.
    if let Err(error) = auditglass::query::Filter::parse(&selection.filter) {
        eprint!("{}", explain(&selection.filter, &error));
        return Err(ExitCode::from(2));
    }
    let case = judged(files);
    let mut search = case.select(selection).map_err(|error| {
        eprint!("{}", explain(&selection.filter, &error));
        ExitCode::from(2)
    })?;
    match case.finish(&mut search) {
        Ok(()) => Ok((case, search)),
        Err(error) => {
            tell(&error);
            Err(ExitCode::from(2))
        }
    }
}

/// A case of these files, judged.
pub(crate) fn judged(files: &[PathBuf]) -> Case {
    judged_inputs(open_all(files).into_iter().map(|f| f.input).collect())
}

/// The same of files that were opened before.
pub(crate) fn judged_inputs(inputs: Vec<Input>) -> Case {
    let mut case = open(inputs, OpenOptions::default());
    let mut watcher = Watcher(Bar::on_a_terminal());
    // Nobody breaks off.
    let _ = case.verify_with(&mut watcher, &Cores::new());
    if let Some(bar) = &watcher.0 {
        bar.clear();
    }
    case
}

/// The exit code of grep: 0 if something matched, 1 if nothing did, 2 if something went wrong.
pub(crate) fn exit_code(case: &Case, written: Result<(), Failure>, has_matched: bool) -> ExitCode {
    match written {
        Ok(()) => {}
        // A reader that went away (`| head`) is no failure of ours.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(Failure::Output(error)) => {
            eprintln!("auditglass: standard output: {error}");
            return ExitCode::from(2);
        }
        Err(Failure::Engine(error)) => {
            tell(&error);
            return ExitCode::from(2);
        }
    }
    ExitCode::from(match (is_any_no_log(case, true), has_matched) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 1,
    })
}

/// Says on standard error what went wrong, and what to try.
pub(crate) fn tell(error: &Error) {
    let hint = error.hint().map_or_else(String::new, |h| format!(" {h}"));
    eprintln!(
        "auditglass: {}.{hint}",
        report::printable(&error.to_string())
    );
}

/// What is wrong with an expression, under the expression.
pub(crate) fn explain(filter: &str, error: &FilterError) -> String {
    let (start, end) = (error.start as usize, error.end as usize);
    let count = |range: std::ops::Range<usize>| filter.get(range).unwrap_or("").chars().count();
    let before = count(0..start);
    let under = count(start..end).max(1);
    let mut text = format!(
        "auditglass: {}\n  {}\n  {}{}\n",
        report::printable(&error.message),
        report::printable(filter),
        " ".repeat(before),
        "^".repeat(under)
    );
    if let Some(nearest) = &error.nearest {
        text.push_str(&format!("  did you mean: {}\n", report::printable(nearest)));
    }
    if !error.expected.is_empty() {
        text.push_str(&format!("  expected: {}\n", error.expected.join(", ")));
    }
    text
}

struct Watcher(Option<Bar>);

impl Observer for Watcher {
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
        if let Some(bar) = &mut self.0 {
            bar.update(progress);
        }
        ControlFlow::Continue(())
    }
}
