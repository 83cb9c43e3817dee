//! A verification under way, in slices.

use std::ops::ControlFlow;

use auditglass::{Advance, Case, Observer, Progress, Quiet};

use wasm_bindgen::JsValue;
use web_sys::File;

use super::ahead::is_behind;
use super::blob::input;
use super::crew::Helpers;
use super::explore::Sink;
use super::worker::{REPORT_EVERY_MS, now_ms};
use crate::protocol::{Opened, Reply};

/// Milliseconds after which messages are let in: chunks of the helpers, pieces of the file.
const SLICE_MS: f64 = 3.0;

/// How far it is.
pub(super) struct Verifying {
    started: f64,
    /// When progress was last told.
    reported: f64,
    /// Nothing can be done before a helper has answered.
    is_waiting: bool,
}

impl Verifying {
    /// One of a case that was opened from `started` on.
    pub(super) fn begun(started: f64) -> Self {
        Self {
            started,
            reported: started,
            is_waiting: false,
        }
    }

    /// Whether it can go on.
    pub(super) fn has_work(&self) -> bool {
        !self.is_waiting
    }

    /// A helper has answered.
    pub(super) fn wake(&mut self) {
        self.is_waiting = false;
    }

    /// Goes on for a slice; what to tell once it is over.
    pub(super) fn carry_on(
        &mut self,
        case: &mut Case,
        generation: u32,
        helpers: &Helpers,
        sink: Sink<'_>,
    ) -> Option<Reply> {
        let mut reporter = Reporter {
            sink,
            generation,
            reported: self.reported,
        };
        let began = now_ms();
        let advance = loop {
            match case.verify_step(&mut reporter, helpers) {
                Ok(Advance::More) if now_ms() - began < SLICE_MS && !is_behind() => {}
                ended => break ended,
            }
        };
        self.reported = reporter.reported;
        match advance {
            Ok(Advance::More) => None,
            Ok(Advance::Waiting) => {
                self.is_waiting = true;
                None
            }
            Ok(Advance::Done) => Some(Reply::Opened {
                generation,
                opened: Opened {
                    sources: case.sources(),
                    totals: case.totals(),
                    findings: case.finding_counts(),
                    rewritten: case.rewritten(),
                    span: case.span(),
                    zones: case.zones(),
                    consistent: case.is_consistent(),
                    elapsed_ms: now_ms() - self.started,
                },
            }),
            Err(error) => Some(Reply::Fatal {
                message: error.to_string(),
            }),
        }
    }
}

/// Passes on how far the files are opened that were begun to be at `told`, at the same rate as what follows.
pub(super) fn opening(
    sink: impl Fn(&Reply, Option<&JsValue>),
    generation: u32,
    mut told: f64,
) -> impl FnMut(&Progress) {
    move |progress| {
        let now = now_ms();
        if now - told >= REPORT_EVERY_MS {
            told = now;
            let report = Reply::Opening {
                generation,
                progress: *progress,
            };
            sink(&report, None);
        }
    }
}

/// Passes progress on, at a rate that a page can show.
struct Reporter<'a> {
    sink: Sink<'a>,
    generation: u32,
    reported: f64,
}

impl Observer for Reporter<'_> {
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
        let now = now_ms();
        if now - self.reported >= REPORT_EVERY_MS {
            self.reported = now;
            let report = Reply::Progress {
                generation: self.generation,
                progress: *progress,
            };
            (self.sink)(&report, None);
        }
        ControlFlow::Continue(())
    }
}

/// Judges the first file until the time is up. Whatever is wrong with it is of no interest here.
pub(super) fn warm_up(files: Vec<File>, budget_ms: f64) {
    let Some(file) = files.into_iter().next() else {
        return;
    };
    let started = now_ms();
    while now_ms() - started < budget_ms
        && let Ok(input) = input(file.clone(), None)
    {
        let _ = Case::open(vec![input]).verify(&mut Quiet);
    }
}
