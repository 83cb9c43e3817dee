//! The worker side: one loop over the requests of `protocol`, one case at a time.

use std::cell::RefCell;
use std::ops::ControlFlow;

use auditglass::{
    ByteSource, Case, Error, ErrorView, FindingView, Input, Observer, Progress, Quiet,
};
use js_sys::{Array, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use crate::engine::blob::BlobSource;
use crate::protocol::{Opened, Reply, Request, VERSION};

/// Milliseconds between two reports of progress.
const REPORT_EVERY_MS: f64 = 80.0;

/// What a worker keeps between requests.
pub struct Worker<S> {
    sink: S,
    case: Option<(u32, Case)>,
}

impl<S: Fn(&Reply)> Worker<S> {
    /// A worker that answers into `sink`.
    pub fn new(sink: S) -> Self {
        Self { sink, case: None }
    }

    /// Carries out one message: an array of a request's JSON text and the files that it speaks of.
    pub fn handle(&mut self, message: &JsValue) {
        match read_message(message) {
            Ok((request, files)) => self.carry_out(&request, files),
            Err(message) => (self.sink)(&Reply::Fatal { message }),
        }
    }

    fn carry_out(&mut self, request: &Request, files: Vec<File>) {
        match *request {
            Request::Open { generation } => self.open(generation, files),
            Request::Rows {
                generation,
                verdict,
                start,
                count,
            } => {
                let rows = self
                    .case(generation)
                    .and_then(|case| case.rows(verdict, start, count).map_err(|e| error_view(&e)));
                (self.sink)(&Reply::Rows {
                    generation,
                    verdict,
                    start,
                    rows,
                });
            }
            Request::Entry { generation, row } => {
                let entry = self
                    .case(generation)
                    .and_then(|case| case.entry(row).map(Box::new).map_err(|e| error_view(&e)));
                (self.sink)(&Reply::Entry {
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
                (self.sink)(&Reply::Findings {
                    generation,
                    start,
                    findings,
                });
            }
            Request::Hash { generation } => self.hash(generation, files),
            Request::WarmUp { budget_ms } => warm_up(files, f64::from(budget_ms)),
            Request::Ping { generation } => (self.sink)(&Reply::Pong { generation }),
        }
    }

    fn open(&mut self, generation: u32, files: Vec<File>) {
        // The old case goes first: its memory serves the new one.
        self.case = None;
        let started = now_ms();
        let mut inputs = Vec::with_capacity(files.len());
        for file in files {
            match input(file) {
                Ok(input) => inputs.push(input),
                Err(message) => return (self.sink)(&Reply::Fatal { message }),
            }
        }
        let mut case = Case::open(inputs);
        let mut reporter = Reporter {
            sink: &self.sink,
            generation,
            reported: started,
        };
        if let Err(e) = case.verify(&mut reporter) {
            return (self.sink)(&Reply::Fatal {
                message: e.to_string(),
            });
        }
        let opened = Opened {
            sources: case.sources(),
            totals: case.totals(),
            findings: case.finding_counts(),
            span: case.span(),
            consistent: case.is_consistent(),
            elapsed_ms: now_ms() - started,
        };
        self.case = Some((generation, case));
        (self.sink)(&Reply::Opened { generation, opened });
    }

    /// The open case, if it is the one that is meant.
    fn case(&self, generation: u32) -> Result<&Case, ErrorView> {
        match &self.case {
            Some((open, case)) if *open == generation => Ok(case),
            _ => Err(ErrorView {
                message: "this case is no longer open".into(),
                hint: None,
            }),
        }
    }

    fn findings(&self, generation: u32, start: u64, count: u32) -> Vec<FindingView> {
        let Ok(case) = self.case(generation) else {
            return Vec::new();
        };
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let page = case.findings().iter().skip(start).take(count as usize);
        page.map(|f| case.finding_view(f)).collect()
    }

    fn hash(&self, generation: u32, files: Vec<File>) {
        for (file, index) in files.into_iter().zip(0_u32..) {
            let sha256 = self.hash_one(generation, index, file);
            (self.sink)(&Reply::Hashed {
                generation,
                file: index,
                sha256,
            });
        }
    }

    fn hash_one(&self, generation: u32, index: u32, file: File) -> Result<String, ErrorView> {
        let cannot = |message: String| ErrorView {
            message,
            hint: None,
        };
        let source = BlobSource::new(file).map_err(|e| cannot(describe(&e)))?;
        let mut reported = now_ms();
        let mut progress = |bytes_done: u64| {
            let now = now_ms();
            if now - reported >= REPORT_EVERY_MS * 4.0 {
                reported = now;
                (self.sink)(&Reply::Hashing {
                    generation,
                    file: index,
                    bytes_done,
                });
            }
            ControlFlow::Continue(())
        };
        let digest = auditglass::sha256_hex(&source, &mut progress)
            .map_err(|e| error_view(&Error::from(e)))?;
        let digest = digest.ok_or_else(|| cannot("the file was not read to its end".into()))?;
        if source.has_changed() {
            return Err(cannot("the file changed while it was read".into()));
        }
        Ok(digest)
    }
}

/// Passes progress on, at a rate that a page can show.
struct Reporter<'a, S> {
    sink: &'a S,
    generation: u32,
    reported: f64,
}

impl<S: Fn(&Reply)> Observer for Reporter<'_, S> {
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
        let now = now_ms();
        if now - self.reported >= REPORT_EVERY_MS {
            self.reported = now;
            (self.sink)(&Reply::Progress {
                generation: self.generation,
                progress: *progress,
            });
        }
        ControlFlow::Continue(())
    }
}

/// Makes this worker an engine: answers every message, reports its own panic, says that it is ready.
pub fn run() {
    std::panic::set_hook(Box::new(|info| {
        post(&Reply::Fatal {
            message: info.to_string(),
        });
    }));
    let scope = scope();
    let worker = RefCell::new(Worker::new(post));
    let handler = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        worker.borrow_mut().handle(&event.data());
    });
    scope.set_onmessage(Some(handler.as_ref().unchecked_ref()));
    // The worker lives as long as its handler does.
    handler.forget();
    post(&Reply::Ready {
        version: VERSION,
        sqlite: auditglass::sqlite_version().to_owned(),
    });
}

/// A reply as it travels.
#[must_use]
pub fn write_reply(reply: &Reply) -> JsValue {
    let text = serde_json::to_string(reply).unwrap_or_else(|e| {
        // Only a map with keys that are no text could fail, and a reply holds none.
        format!(r#"{{"answer":"fatal","message":"a reply could not be written: {e}"}}"#)
    });
    Array::of1(&JsValue::from_str(&text)).into()
}

fn post(reply: &Reply) {
    // It fails only if the page is gone, and then nobody listens.
    let _ = scope().post_message(&write_reply(reply));
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn read_message(message: &JsValue) -> Result<(Request, Vec<File>), String> {
    let Some(parts) = message.dyn_ref::<Array>() else {
        return Err("a message to the engine was not an array".into());
    };
    let text = parts
        .get(0)
        .as_string()
        .ok_or("a message to the engine held no text")?;
    let request = serde_json::from_str(&text)
        .map_err(|e| format!("a message to the engine could not be read: {e}"))?;
    let files = parts
        .iter()
        .skip(1)
        .filter_map(|f| f.dyn_into::<File>().ok())
        .collect();
    Ok((request, files))
}

fn input(file: File) -> Result<Input, String> {
    let name = file.name();
    let bytes = BlobSource::new(file).map_err(|e| describe(&e))?;
    Ok(Input {
        name,
        bytes: Box::new(bytes),
        is_found: false,
    })
}

fn describe(error: &JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}

fn error_view(error: &Error) -> ErrorView {
    ErrorView {
        message: error.to_string(),
        hint: error.hint().map(str::to_owned),
    }
}

/// Judges the first file until the time is up. Whatever is wrong with it is of no interest here.
fn warm_up(files: Vec<File>, budget_ms: f64) {
    let Some(file) = files.into_iter().next() else {
        return;
    };
    let started = now_ms();
    while now_ms() - started < budget_ms {
        let Ok(input) = input(file.clone()) else {
            return;
        };
        let _ = Case::open(vec![input]).verify(&mut Quiet);
    }
}

/// The engine itself reads no clock; its host does, for progress and for the time it took.
fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |p| p.now())
}
