//! The worker side: one loop over the requests of `protocol`, one case at a time; what takes long goes on in slices.

use std::cell::RefCell;
use std::rc::Rc;

use auditglass::{
    Alone, Case, Crew, Error, ErrorView, Examining, FindingView, OpenOptions, report,
};
use js_sys::{Array, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, MessagePort};

use crate::engine::ahead;
use crate::engine::baseline::Baseline;
use crate::engine::blob::{input, inputs};
use crate::engine::crew::{self, Helpers};
use crate::engine::explore::Explorer;
use crate::engine::hasher;
use crate::engine::reporting::Reporter;
use crate::engine::sql::Console;
use crate::engine::turns::turns;
use crate::engine::verifying::{self, Verifying, opening};
use crate::protocol::{Reply, Request, VERSION};

/// Milliseconds between two reports of progress.
pub(super) const REPORT_EVERY_MS: f64 = 80.0;

/// Milliseconds of gathering after which messages are let in.
const EXAMINE_SLICE_MS: f64 = 20.0;

/// What a worker keeps between requests.
pub struct Worker<S> {
    sink: S,
    case: Option<(u32, Case)>,
    explorer: Explorer,
    baseline: Baseline,
    reporter: Reporter,
    console: Console,
    helpers: Rc<Helpers>,
    verifying: Option<Verifying>,
    /// What the answers rest on, while it is gathered.
    examining: Option<Examining>,
}

impl<S: Fn(&Reply, Option<&JsValue>) + Clone + 'static> Worker<S> {
    /// A worker that answers into `sink`: a reply, and the bytes behind it.
    pub fn new(sink: S) -> Self {
        Self {
            sink,
            case: None,
            explorer: Explorer::default(),
            baseline: Baseline::default(),
            reporter: Reporter::default(),
            console: Console::default(),
            helpers: Rc::default(),
            verifying: None,
            examining: None,
        }
    }

    /// Carries out one message: an array of a request's JSON text and the files that it speaks of. What takes long is
    /// begun with a first slice; see [`Worker::has_work`].
    pub fn handle(&mut self, message: &JsValue) {
        match read_message(message) {
            Ok((request, things)) => self.carry_out(request, things),
            Err(message) => self.tell(&Reply::Fatal { message }),
        }
    }

    /// Whether something is to be carried on.
    pub fn has_work(&self) -> bool {
        let verifies = self.verifying.as_ref().is_some_and(Verifying::has_work);
        let has_other = self.explorer.has_work()
            || self.baseline.has_work()
            || self.reporter.has_work()
            || self.examining.is_some();
        !self.is_waiting() && (verifies || self.case.is_some() && has_other)
    }

    /// Whether what is to be read next is still on its way; there is no work meanwhile.
    pub fn is_waiting(&self) -> bool {
        ahead::is_behind()
    }

    /// A helper has answered.
    fn wake(&mut self) {
        if let Some(verifying) = &mut self.verifying {
            verifying.wake();
        }
        self.explorer.wake();
    }

    /// Carries on for a slice, unless what is to be read next is still on its way.
    pub fn carry_on(&mut self) {
        if ahead::is_behind() {
            return;
        }
        self.verify();
        if let Some((generation, case)) = &self.case {
            let crew: &dyn Crew = match self.verifying {
                Some(_) => &Alone,
                None => &*self.helpers,
            };
            self.explorer.carry_on(case, crew, *generation, &self.sink);
            let is_compared = self.baseline.carry_on(case, *generation, &self.sink);
            // While it is still gathered what the answers rest on, they are told at its end.
            if is_compared && self.examining.is_none() {
                self.answer(*generation);
            }
            // A report rests on what the answers rest on.
            if self.examining.is_none() && !self.baseline.has_work() {
                let comparison = self.baseline.comparison();
                self.reporter
                    .carry_on(case, comparison, *generation, &self.sink);
            }
            if !self.explorer.has_work() {
                self.examine();
            }
        }
    }

    /// Goes on gathering what the answers rest on, for a slice.
    fn examine(&mut self) {
        let (Some((generation, case)), Some(mut examining)) = (&self.case, self.examining.take())
        else {
            return;
        };
        let began = now_ms();
        while case.examine_step(&mut examining) {
            if now_ms() - began >= EXAMINE_SLICE_MS || ahead::is_behind() {
                self.examining = Some(examining);
                return;
            }
        }
        case.end_examination(examining);
        self.answer(*generation);
    }

    fn tell(&self, reply: &Reply) {
        (self.sink)(reply, None);
    }

    fn carry_out(&mut self, request: Request, things: Things) {
        let Things { files, ports } = things;
        match request {
            Request::Open {
                generation,
                paths,
                options,
            } => self.open(generation, files, &paths, options),
            Request::Select {
                generation,
                search,
                selection,
            } => {
                if let Some(case) = open_case(&self.case, generation) {
                    if self.verifying.is_none() {
                        self.helpers.forget();
                    }
                    self.explorer
                        .select(case, generation, search, &selection, &self.sink);
                    self.carry_on();
                }
            }
            Request::Survey {
                generation,
                search,
                question,
                counts,
            } => {
                if let Some(case) = open_case(&self.case, generation) {
                    self.explorer.survey(case, search, question, counts);
                    self.carry_on();
                }
            }
            Request::Rows {
                generation,
                search,
                question,
                start,
                count,
                columns,
            } => {
                let rows = self.case(generation).and_then(|case| {
                    let found = self.explorer.found(search)?;
                    case.selected_rows(&found.borrow(), start, count, &columns)
                        .map_err(|e| error_view(&e))
                });
                self.tell(&Reply::Rows {
                    generation,
                    search,
                    question,
                    start,
                    rows,
                });
            }
            Request::Position {
                generation,
                search,
                row,
            } => {
                let case = open_case(&self.case, generation);
                let position = case.and_then(|case| self.explorer.position(case, search, row));
                self.tell(&Reply::Position {
                    generation,
                    search,
                    row,
                    position,
                });
            }
            Request::Complete {
                generation,
                filter,
                cursor,
            } => {
                let case = open_case(&self.case, generation);
                let completions = case.map_or_else(Vec::new, |c| c.complete(&filter, cursor));
                self.tell(&Reply::Completions {
                    generation,
                    filter,
                    cursor,
                    completions,
                });
            }
            Request::Export {
                generation,
                search,
                export,
                format,
                columns,
            } => {
                let begun = match open_case(&self.case, generation) {
                    Some(case) => self.explorer.export(case, search, export, format, &columns),
                    None => Err(not_open()),
                };
                if let Err(error) = begun {
                    self.tell(&Reply::ExportFailed {
                        generation,
                        export,
                        error,
                    });
                }
            }
            Request::StopExport { .. } => self.explorer.stop_export(),
            Request::Entry { generation, row } => {
                let entry = self
                    .case(generation)
                    .and_then(|case| case.entry(row).map(Box::new).map_err(|e| error_view(&e)));
                self.tell(&Reply::Entry {
                    generation,
                    row,
                    entry,
                });
            }
            Request::Findings {
                generation,
                start,
                count,
            } => {
                let findings = self.findings(generation, start, count);
                self.tell(&Reply::Findings {
                    generation,
                    start,
                    findings,
                });
            }
            Request::Answer { generation } => {
                let case = open_case(&self.case, generation);
                if case.is_some_and(|case| case.is_examined(None)) {
                    self.answer(generation);
                } else {
                    self.examining = case.map(|case| case.begin_examination(None));
                }
            }
            Request::Compare {
                generation,
                comparison,
            } => self.compare(generation, comparison, files),
            Request::StopCompare { generation } => {
                self.baseline = Baseline::default();
                self.answer(generation);
            }
            Request::Drill { generation } => {
                let drill = self.case(generation).and_then(|case| {
                    let drill = case.drill(self.baseline.case());
                    drill.map(Box::new).map_err(|e| error_view(&e))
                });
                self.tell(&Reply::Drilled { generation, drill });
            }
            Request::Report {
                generation,
                report,
                asked,
                hashes,
                earlier_hashes,
            } => {
                if open_case(&self.case, generation).is_some() {
                    self.reporter.begin(report, *asked, hashes, earlier_hashes);
                    self.carry_on();
                }
            }
            Request::StopReport { .. } => self.reporter.stop(),
            Request::WriteReport { generation, format } => {
                if let Some(text) = self.reporter.write(format) {
                    self.tell(&Reply::ReportWritten {
                        generation,
                        format,
                        text,
                    });
                }
            }
            Request::Hash { generation, of } => {
                hasher::hash(generation, of, files, self.sink.clone());
            }
            Request::SqlOpen {
                generation,
                paths,
                options,
            } => match inputs(files, &paths) {
                Ok(inputs) => self.console.open(generation, inputs, options, &self.sink),
                Err(message) => self.tell(&Reply::Fatal { message }),
            },
            Request::Sql {
                generation,
                query,
                source,
                text,
                limits,
            } => self
                .console
                .run(generation, query, (source, &text, limits), &self.sink),
            Request::SqlExport {
                generation,
                query,
                source,
                text,
                format,
                limits,
            } => self.console.export(
                generation,
                query,
                (source, &text, limits),
                format,
                &self.sink,
            ),
            Request::Crew => self.helpers.take_on(ports),
            Request::Help => ports.iter().for_each(crew::help),
            Request::WarmUp { budget_ms } => verifying::warm_up(files, f64::from(budget_ms)),
            Request::Ping { generation } => self.tell(&Reply::Pong { generation }),
        }
    }

    fn open(
        &mut self,
        generation: u32,
        files: Vec<File>,
        paths: &[Option<String>],
        options: OpenOptions,
    ) {
        // The old case goes first: its memory serves the new one.
        self.explorer = Explorer::default();
        self.baseline = Baseline::default();
        self.reporter = Reporter::default();
        self.case = None;
        self.verifying = None;
        self.examining = None;
        let started = now_ms();
        self.helpers.begin(&files, paths, options);
        let inputs = match inputs(files, paths) {
            Ok(inputs) => inputs,
            Err(message) => return self.tell(&Reply::Fatal { message }),
        };
        let seen = opening(self.sink.clone(), generation, started);
        self.case = Some((generation, Case::open_watched(inputs, options, seen)));
        self.verifying = Some(Verifying::begun(started));
        self.verify();
    }

    /// Goes on with the verification for a slice, if there is one.
    fn verify(&mut self) {
        let (Some((generation, case)), Some(verifying)) = (&mut self.case, &mut self.verifying)
        else {
            return;
        };
        let outcome = verifying.carry_on(case, *generation, &self.helpers, &self.sink);
        if let Some(reply) = outcome {
            self.verifying = None;
            self.tell(&reply);
        }
    }

    /// Tells the three answers.
    fn answer(&self, generation: u32) {
        if let Some(case) = open_case(&self.case, generation) {
            let comparison = self.baseline.comparison();
            let answers = report::answers(case, case.completeness(), comparison, None);
            self.tell(&Reply::Answered {
                generation,
                answers,
            });
        }
    }

    /// Begins to compare with these files.
    fn compare(&mut self, generation: u32, comparison: u32, files: Vec<File>) {
        if open_case(&self.case, generation).is_none() {
            return;
        }
        let inputs = files.into_iter().map(|file| input(file, None));
        match inputs.collect::<Result<Vec<_>, _>>() {
            Ok(inputs) => {
                self.baseline = Baseline::begin(comparison, inputs);
                self.carry_on();
            }
            Err(message) => self.tell(&Reply::Compared {
                generation,
                comparison,
                found: Err(ErrorView {
                    message,
                    hint: None,
                }),
            }),
        }
    }

    /// The open case, if it is the one that is meant.
    fn case(&self, generation: u32) -> Result<&Case, ErrorView> {
        open_case(&self.case, generation).ok_or_else(not_open)
    }

    fn findings(&self, generation: u32, start: u64, count: u32) -> Vec<FindingView> {
        let Ok(case) = self.case(generation) else {
            return Vec::new();
        };
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let page = case.findings().iter().skip(start).take(count as usize);
        page.map(|f| case.finding_view(f)).collect()
    }
}

fn open_case(case: &Option<(u32, Case)>, generation: u32) -> Option<&Case> {
    case.as_ref()
        .filter(|(open, _)| *open == generation)
        .map(|(_, case)| case)
}

fn not_open() -> ErrorView {
    ErrorView {
        message: "this case is no longer open".into(),
        hint: None,
    }
}

/// Makes this worker an engine: answers every message, reports its own panic, says that it is ready.
pub fn run() {
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string();
        post(&Reply::Fatal { message }, None);
    }));
    let scope = scope();
    let worker = Rc::new(RefCell::new(Worker::new(post)));
    let again = turns({
        let worker = Rc::clone(&worker);
        move || {
            let mut worker = worker.borrow_mut();
            worker.carry_on();
            worker.has_work()
        }
    });
    let wake = {
        let (worker, again) = (Rc::clone(&worker), Rc::clone(&again));
        move || {
            worker.borrow_mut().wake();
            again();
        }
    };
    worker.borrow().helpers.wake_by(Rc::new(wake));
    ahead::wake_by(Rc::clone(&again));
    let handler = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let mut worker = worker.borrow_mut();
        worker.handle(&event.data());
        if worker.has_work() {
            again();
        }
    });
    scope.set_onmessage(Some(handler.as_ref().unchecked_ref()));
    // The worker lives as long as its handler does.
    handler.forget();
    let ready = Reply::Ready {
        version: VERSION,
        sqlite: auditglass::sqlite_version().to_owned(),
    };
    post(&ready, None);
}

/// A reply as it travels.
#[must_use]
pub fn write_reply(reply: &Reply, bytes: Option<&JsValue>) -> JsValue {
    let text = serde_json::to_string(reply).unwrap_or_else(|e| {
        // Only a map with keys that are no text could fail, and a reply holds none.
        format!(r#"{{"answer":"fatal","message":"a reply could not be written: {e}"}}"#)
    });
    let message = Array::of1(&JsValue::from_str(&text));
    if let Some(bytes) = bytes {
        message.push(bytes);
    }
    message.into()
}

fn post(reply: &Reply, bytes: Option<&JsValue>) {
    // It fails only if the page is gone, and then nobody listens.
    let _ = scope().post_message(&write_reply(reply, bytes));
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// What travels with a request.
struct Things {
    files: Vec<File>,
    ports: Vec<MessagePort>,
}

fn read_message(message: &JsValue) -> Result<(Request, Things), String> {
    let Some(parts) = message.dyn_ref::<Array>() else {
        return Err("a message to the engine was not an array".into());
    };
    let text = parts
        .get(0)
        .as_string()
        .ok_or("a message to the engine held no text")?;
    let request = serde_json::from_str(&text)
        .map_err(|e| format!("a message to the engine could not be read: {e}"))?;
    let files = parts.iter().filter_map(|f| f.dyn_into().ok()).collect();
    let ports = parts.iter().filter_map(|p| p.dyn_into().ok()).collect();
    Ok((request, Things { files, ports }))
}

pub(super) fn describe(error: &JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}

pub(super) fn error_view(error: &Error) -> ErrorView {
    ErrorView {
        message: error.to_string(),
        hint: error.hint().map(str::to_owned),
    }
}

/// The engine itself reads no clock; its host does, for progress and for the time it took.
pub(super) fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |p| p.now())
}
