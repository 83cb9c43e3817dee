//! `auditglass verify`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use auditglass::{
    Case, Crew, Input, JudgedEntry, Observer, OpenOptions, Progress, report, sha256_hex,
};

use crate::args::{Format, VerifyOptions};
use crate::file::FileSource;
use crate::inputs::open_all;

/// Judges the files, writes what was asked for, and tells the exit code.
pub(crate) fn run(options: &VerifyOptions) -> ExitCode {
    let (inputs, handles): (Vec<_>, Vec<_>) = open_all(&options.files)
        .into_iter()
        .map(|f| (f.input, f.hashed))
        .unzip();
    // The SHA-256 of whole files is serial; a thread of its own hides it behind the verdicts.
    let (case, hashes, written) = std::thread::scope(|scope| {
        let wants_hashes = options.format != Format::JsonLines;
        let hashing = wants_hashes.then(|| scope.spawn(|| hash_all(&handles)));
        let mut case = open(inputs, options.open);
        let written = verify(&mut case, options.format);
        let hashes = hashing.and_then(|h| h.join().ok()).unwrap_or_default();
        (case, hashes, written)
    });
    let is_whole = !matches!(written, Err(Unwritten::BrokenOff(_)));
    let written = written
        .map_err(Unwritten::into)
        .and_then(|()| match options.format {
            Format::Human => print(&report::human(&case, &hashes)),
            Format::Json => print(&report::json(&case, &hashes)),
            Format::JsonLines => Ok(()),
        });
    match written {
        Ok(()) => {}
        // A reader that went away (`| head`) is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("auditglass: standard output: {error}");
            return ExitCode::from(2);
        }
    }
    let code = exit_code(&case, options.format, is_whole);
    // The process ends here: the system takes its memory back faster than every buffer would be freed.
    std::mem::forget(case);
    code
}

/// Opens files, with a bar on a terminal where that takes its time.
pub(crate) fn open(inputs: Vec<Input>, options: OpenOptions) -> Case {
    let Some(mut bar) = Bar::on_a_terminal() else {
        return Case::open_with(inputs, options);
    };
    let case = Case::open_watched(inputs, options, move |progress| bar.opening(progress));
    Bar::clear_line();
    case
}

fn exit_code(case: &Case, format: Format, is_whole: bool) -> ExitCode {
    let is_any_no_log = is_any_no_log(case, format == Format::JsonLines);
    ExitCode::from(match (is_any_no_log, is_whole && case.is_consistent()) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 1,
    })
}

/// Whether a file that was named is no log, or none of them is; on standard error, which and why, if that is to be told.
pub(crate) fn is_any_no_log(case: &Case, is_told: bool) -> bool {
    let sources = case.sources();
    let mut is_any_no_log = sources.iter().all(|s| s.error.is_some());
    if sources.is_empty() {
        eprintln!("auditglass: there is no file in this folder");
    }
    for source in sources {
        let Some(error) = source.error else { continue };
        is_any_no_log |= !source.is_passed_over;
        if is_told {
            let hint = error.hint.map_or_else(String::new, |h| format!(" {h}"));
            let line = format!("{}: {}.{hint}", source.name, error.message);
            eprintln!("auditglass: {}", report::printable(&line));
        }
    }
    is_any_no_log
}

/// The SHA-256 of every file in order; a file that cannot be read to its end has none.
pub(crate) fn hash_all(files: &[Option<FileSource>]) -> Vec<Option<String>> {
    let hash = |f: &FileSource| {
        sha256_hex(f, &mut |_| ControlFlow::Continue(()))
            .ok()
            .flatten()
    };
    files.iter().map(|f| f.as_ref().and_then(hash)).collect()
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// What could not be written while entries were judged.
enum Unwritten {
    /// A line among others: the entries behind it were not judged.
    BrokenOff(io::Error),
    /// The last lines.
    Rest(io::Error),
}

impl From<Unwritten> for io::Error {
    fn from(unwritten: Unwritten) -> Self {
        let (Unwritten::BrokenOff(error) | Unwritten::Rest(error)) = unwritten;
        error
    }
}

fn verify(case: &mut Case, format: Format) -> Result<(), Unwritten> {
    let mut terminal = Terminal {
        bar: Bar::on_a_terminal(),
        lines: (format == Format::JsonLines).then(|| BufWriter::new(io::stdout().lock())),
        failed: None,
    };
    // Only a failed write breaks off, and that is told below.
    let _ = case.verify_with(&mut terminal, &Cores::new());
    if let Some(bar) = &terminal.bar {
        bar.clear();
    }
    if let Some(lines) = &mut terminal.lines
        && terminal.failed.is_none()
    {
        lines.flush().map_err(Unwritten::Rest)?;
    }
    terminal
        .failed
        .map_or(Ok(()), |error| Err(Unwritten::BrokenOff(error)))
}

/// The machine's other cores, as a pool of threads that wait between chunks.
pub(crate) struct Cores {
    pool: Option<rayon_core::ThreadPool>,
    helpers: usize,
}

impl Cores {
    /// Reading is serial, so beyond a few threads there is nothing left for them to do.
    const ENOUGH: usize = 5;

    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let helpers = (cores - 1).min(Self::ENOUGH);
        let builder = rayon_core::ThreadPoolBuilder::new().num_threads(helpers.max(1));
        // Without threads, as in a sandbox that forbids them, this one does it all.
        Self {
            pool: builder.build().ok(),
            helpers,
        }
    }
}

impl Crew for Cores {
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync)) {
        match &self.pool {
            Some(pool) => pool.in_place_scope(|scope| {
                for _ in 0..self.helpers {
                    scope.spawn(|_| helper());
                }
                here();
            }),
            None => here(),
        }
    }
}

/// The command's observer: entries to standard output, a progress bar on a terminal.
struct Terminal<W> {
    bar: Option<Bar>,
    lines: Option<W>,
    failed: Option<io::Error>,
}

impl<W: Write> Observer for Terminal<W> {
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
        if let Some(bar) = &mut self.bar {
            bar.update(progress);
        }
        ControlFlow::Continue(())
    }

    fn wants_entries(&self) -> bool {
        self.lines.is_some()
    }

    fn judged(&mut self, entry: &JudgedEntry<'_>) -> ControlFlow<()> {
        let Some(lines) = &mut self.lines else {
            return ControlFlow::Continue(());
        };
        match lines.write_all(report::json_line(entry).as_bytes()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// A line on the terminal that is written over, ten times a second.
pub(crate) struct Bar {
    started: Instant,
    drawn: Instant,
}

impl Bar {
    /// None where standard error is no terminal.
    pub(crate) fn on_a_terminal() -> Option<Self> {
        io::stderr().is_terminal().then(Self::new)
    }

    fn new() -> Self {
        let now = Instant::now();
        Self {
            started: now,
            drawn: now,
        }
    }

    pub(crate) fn update(&mut self, progress: &Progress) {
        const WIDTH: u64 = 30;
        if self.drawn.elapsed() < Duration::from_millis(100) {
            return;
        }
        self.drawn = Instant::now();
        let total = progress.bytes_total.max(1);
        let done = progress.bytes_done.min(total);
        let filled = (done / (total / WIDTH).max(1)).min(WIDTH);
        let bar: String = (0..WIDTH)
            .map(|i| if i < filled { '█' } else { '░' })
            .collect();
        let elapsed = self.started.elapsed().as_secs_f64();
        let left = elapsed * (total - done) as f64 / done.max(1) as f64;
        eprint!(
            "\r\x1b[K{bar} {} entries, {:.1} of {:.1} MB, {left:.0} s left",
            progress.totals.entries,
            done as f64 / 1e6,
            total as f64 / 1e6,
        );
    }

    /// The same of files that are being opened.
    fn opening(&mut self, progress: &Progress) {
        if self.drawn.elapsed() < Duration::from_millis(100) {
            return;
        }
        self.drawn = Instant::now();
        eprint!(
            "\r\x1b[Kopening, {:.1} of {:.1} MB read",
            progress.bytes_done as f64 / 1e6,
            progress.bytes_total as f64 / 1e6,
        );
    }

    pub(crate) fn clear(&self) {
        Self::clear_line();
    }

    fn clear_line() {
        eprint!("\r\x1b[K");
    }
}
