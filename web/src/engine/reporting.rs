//! A report, found out in slices so that the worker hears what comes meanwhile, and kept to be written in any form.

use std::fmt::Write;

use auditglass::report::{Document, Files, Making};
use auditglass::{Case, Comparison, Error, ErrorView, ReportAsk, ReportFormat};
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::ahead::is_behind;
use super::explore::Sink;
use super::worker::{REPORT_EVERY_MS, error_view, now_ms};
use crate::protocol::Reply;

/// Milliseconds of a slice.
const SLICE_MS: f64 = 25.0;
/// Bytes of the evidence slice that are handed to the browser at a time.
const PIECE: usize = 1 << 20;

/// The latest report, as far as it is there.
#[derive(Default)]
pub(super) struct Reporter {
    asked: Option<Asked>,
    document: Option<Document>,
}

struct Asked {
    /// The page's number for it.
    number: u32,
    ask: ReportAsk,
    hashes: Vec<Option<String>>,
    earlier_hashes: Vec<Option<String>>,
    making: Option<Making>,
    slice: Pieces,
    reported: f64,
}

/// Text on its way into a `Blob`, so that it leaves the module's memory.
#[derive(Default)]
struct Pieces {
    text: String,
    blobs: Array,
}

impl Reporter {
    /// Begins with what is asked; what was made before is forgotten.
    pub(super) fn begin(
        &mut self,
        number: u32,
        ask: ReportAsk,
        hashes: Vec<Option<String>>,
        earlier_hashes: Vec<Option<String>>,
    ) {
        self.document = None;
        self.asked = Some(Asked {
            number,
            ask,
            hashes,
            earlier_hashes,
            making: None,
            slice: Pieces::default(),
            reported: now_ms(),
        });
    }

    /// Ends what is under way.
    pub(super) fn stop(&mut self) {
        self.asked = None;
    }

    /// Whether a report is being made.
    pub(super) fn has_work(&self) -> bool {
        self.asked.is_some()
    }

    /// Writes the report that was made last.
    pub(super) fn write(&mut self, format: ReportFormat) -> Option<String> {
        self.document
            .as_mut()
            .map(|document| document.write(format))
    }

    /// Goes on for a slice.
    pub(super) fn carry_on(
        &mut self,
        case: &Case,
        comparison: Option<&Comparison>,
        generation: u32,
        sink: Sink<'_>,
    ) {
        let Some(mut asked) = self.asked.take() else {
            return;
        };
        let started = now_ms();
        let made = loop {
            match asked.step(case, comparison) {
                Ok(None) if now_ms() - started < SLICE_MS && !is_behind() => {}
                Ok(None) => {
                    asked.report(generation, sink);
                    self.asked = Some(asked);
                    return;
                }
                Ok(Some(document)) => break Ok(document),
                Err(error) => break Err(error_view(&error)),
            }
        };
        let report = asked.number;
        let (found, slice) = match made {
            Ok(document) => {
                let found = document.found();
                self.document = Some(document);
                let slice = found.slice.is_some().then(|| asked.slice.into_blob());
                match slice.flatten() {
                    None if found.slice.is_some() => (Err(unwritten()), None),
                    blob => (Ok(Box::new(found)), blob),
                }
            }
            Err(error) => (Err(error), None),
        };
        let reply = Reply::Reported {
            generation,
            report,
            found,
        };
        sink(&reply, slice.as_ref());
    }
}

fn unwritten() -> ErrorView {
    ErrorView {
        message: "the browser took no more of the evidence slice".into(),
        hint: Some("Close other tabs to free memory, or make the report without the slice.".into()),
    }
}

impl Asked {
    fn step(
        &mut self,
        case: &Case,
        comparison: Option<&Comparison>,
    ) -> Result<Option<Document>, Error> {
        let Some(mut making) = self.making.take() else {
            self.making = Some(Making::begin(case, self.ask.clone())?);
            return Ok(None);
        };
        let slice = &mut self.slice;
        if making.step(case, &mut |line| slice.push(line))? {
            self.making = Some(making);
            return Ok(None);
        }
        let files = Files::behind(&case.sources(), std::mem::take(&mut self.hashes));
        let old = comparison.map_or(&[][..], |c| &c.old);
        let earlier = Files::behind(old, std::mem::take(&mut self.earlier_hashes));
        making.end(case, comparison, &files, &earlier).map(Some)
    }

    fn report(&mut self, generation: u32, sink: Sink<'_>) {
        let now = now_ms();
        if now - self.reported < REPORT_EVERY_MS {
            return;
        }
        self.reported = now;
        let (done, of) = self.making.as_ref().map_or((0, 0), Making::read);
        sink(
            &Reply::Reporting {
                generation,
                report: self.number,
                done,
                of,
            },
            None,
        );
    }
}

impl Pieces {
    fn push(&mut self, line: &str) -> Result<(), Error> {
        // A text takes it always.
        let _ = self.text.write_str(line);
        if self.text.len() >= PIECE && !self.flush() {
            return Err(Error::unavailable(unwritten().message));
        }
        Ok(())
    }

    fn flush(&mut self) -> bool {
        let text = JsValue::from_str(&self.text);
        self.text.clear();
        let blob = Blob::new_with_str_sequence(&Array::of1(&text));
        blob.is_ok_and(|blob| self.blobs.push(&blob) > 0)
    }

    fn into_blob(mut self) -> Option<JsValue> {
        if !self.flush() {
            return None;
        }
        Blob::new_with_blob_sequence(&self.blobs)
            .ok()
            .map(JsValue::from)
    }
}
