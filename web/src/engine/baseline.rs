//! Comparing with an earlier export: a second case, verified and matched with the first in slices, so that the worker
//! hears what comes meanwhile.

use std::ops::ControlFlow;

use auditglass::{
    Advance, Alone, Case, Comparing, Comparison, Error, ErrorView, Input, Observer, Progress,
};

use super::ahead::is_behind;
use super::explore::Sink;
use super::worker::{REPORT_EVERY_MS, error_view, now_ms};
use crate::protocol::Reply;

/// Milliseconds of a slice.
const SLICE_MS: f64 = 25.0;

/// An earlier export, as far as it is there.
#[derive(Default)]
pub(super) struct Baseline {
    under_way: Option<UnderWay>,
    done: Option<(Case, Comparison)>,
}

struct UnderWay {
    /// The page's number for it.
    number: u32,
    old: Case,
    /// There once the earlier export is verified.
    comparing: Option<Comparing>,
    seen: Seen,
    reported: f64,
}

/// How much of the earlier export was read.
#[derive(Default)]
struct Seen(Progress);

impl Observer for Seen {
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
        self.0 = *progress;
        ControlFlow::Continue(())
    }
}

impl Baseline {
    /// Opens these files as an earlier export.
    pub(super) fn begin(number: u32, inputs: Vec<Input>) -> Self {
        Self {
            under_way: Some(UnderWay {
                number,
                old: Case::open(inputs),
                comparing: None,
                seen: Seen::default(),
                reported: now_ms(),
            }),
            done: None,
        }
    }

    /// Whether a comparison is under way.
    pub(super) fn has_work(&self) -> bool {
        self.under_way.is_some()
    }

    /// The comparison, once it is there.
    pub(super) fn comparison(&self) -> Option<&Comparison> {
        self.done.as_ref().map(|(_, comparison)| comparison)
    }

    /// The earlier export, once it was compared with.
    pub(super) fn case(&self) -> Option<&Case> {
        self.done.as_ref().map(|(old, _)| old)
    }

    /// Goes on for a slice; whether it has come to its end, and the answers may be others.
    pub(super) fn carry_on(&mut self, case: &Case, generation: u32, sink: Sink<'_>) -> bool {
        let Some(mut under_way) = self.under_way.take() else {
            return false;
        };
        let started = now_ms();
        let found = loop {
            match under_way.step(case) {
                Ok(None) if now_ms() - started < SLICE_MS && !is_behind() => {}
                Ok(None) => {
                    under_way.report(generation, sink);
                    self.under_way = Some(under_way);
                    return false;
                }
                Ok(Some(comparison)) => break Ok(comparison),
                Err(error) => break Err(error),
            }
        };
        let told = found.as_ref().map(|c| Box::new(c.clone()));
        sink(
            &Reply::Compared {
                generation,
                comparison: under_way.number,
                found: told.map_err(Clone::clone),
            },
            None,
        );
        self.done = found.ok().map(|c| (under_way.old, c));
        true
    }
}

impl UnderWay {
    fn step(&mut self, case: &Case) -> Result<Option<Comparison>, ErrorView> {
        let told = |error: Error| error_view(&error);
        match &mut self.comparing {
            None if self.old.verify_step(&mut self.seen, &Alone).map_err(told)?
                != Advance::Done =>
            {
                Ok(None)
            }
            None => {
                if let Some(error) = unread(&self.old) {
                    return Err(error);
                }
                self.comparing = Some(case.begin_compare(&self.old).map_err(told)?);
                Ok(None)
            }
            Some(comparing) => case.compare_step(&self.old, comparing).map_err(told),
        }
    }

    fn report(&mut self, generation: u32, sink: Sink<'_>) {
        let now = now_ms();
        if now - self.reported < REPORT_EVERY_MS {
            return;
        }
        self.reported = now;
        let (done, of) = match &self.comparing {
            None => (self.seen.0.bytes_done, self.seen.0.bytes_total),
            Some(comparing) => comparing.read(),
        };
        sink(
            &Reply::Comparing {
                generation,
                comparison: self.number,
                is_reading: self.comparing.is_none(),
                done,
                of,
            },
            None,
        );
    }
}

/// Why a file of the earlier export is no log: without it there is no comparison.
fn unread(old: &Case) -> Option<ErrorView> {
    let sources = old.sources();
    let mut failed = sources.into_iter().filter(|s| !s.is_passed_over);
    failed.find_map(|source| {
        source.error.map(|error| ErrorView {
            message: format!("{}: {}", source.name, error.message),
            hint: error.hint,
        })
    })
}
