//! What the worker finds: the latest selection, the questions about it, an export. Each is carried on in slices, so that
//! the worker hears what comes meanwhile.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use auditglass::{
    Case, Crew, Error, ErrorView, Export, ExportFormat, ExportState, RowIdx, Search, SearchState,
    Selection, Survey, SurveyAsk,
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::ahead::is_behind;
use super::worker::{error_view, now_ms};
use crate::protocol::Reply;

/// Milliseconds after which messages are let in: what the page asks next, answers of helpers, pieces of the file.
const SLICE_MS: f64 = 4.0;
/// Milliseconds between two reports of a search.
const REPORT_EVERY_MS: f64 = 120.0;
/// Bytes of an export that travel together.
const PIECE: usize = 1 << 20;

/// The latest selection and what goes on about it.
#[derive(Default)]
pub(super) struct Explorer {
    latest: Option<Latest>,
    /// The one before it: the page shows it, and asks for its rows, until it has heard of the latest.
    before: Option<(u32, Rc<RefCell<Search>>)>,
    questions: VecDeque<Question>,
    writing: Option<Writing>,
}

struct Latest {
    number: u32,
    /// Shared with an export, which keeps it beside a newer one.
    search: Rc<RefCell<Search>>,
    is_told: bool,
    /// The page knows that it has found something.
    is_begun: bool,
    is_done: bool,
    /// Nothing can be done before a helper has answered.
    is_waiting: bool,
    reported: f64,
}

struct Question {
    number: u32,
    counts: SurveyAsk,
}

struct Writing {
    number: u32,
    export: Export,
    search: Rc<RefCell<Search>>,
    bytes: Vec<u8>,
}

/// Who hears the replies: the text, and the bytes behind it.
pub(super) type Sink<'a> = &'a dyn Fn(&Reply, Option<&JsValue>);

impl Explorer {
    /// Begins a search in place of the one before.
    pub(super) fn select(
        &mut self,
        case: &Case,
        generation: u32,
        number: u32,
        selection: &Selection,
        sink: Sink<'_>,
    ) {
        if let Some(told) = self.latest.take().filter(|l| l.is_told || l.is_begun) {
            self.before = Some((told.number, told.search));
        }
        self.questions.clear();
        match case.select(selection) {
            Ok(search) => {
                self.latest = Some(Latest {
                    number,
                    search: Rc::new(RefCell::new(search)),
                    is_told: false,
                    is_begun: false,
                    is_done: false,
                    is_waiting: false,
                    reported: now_ms(),
                });
            }
            Err(error) => sink(
                &Reply::Refused {
                    generation,
                    search: number,
                    error,
                },
                None,
            ),
        }
    }

    /// Notes what is to be counted; it is told when the search has come to its end.
    pub(super) fn survey(&mut self, case: &Case, search: u32, number: u32, counts: SurveyAsk) {
        if let Some(latest) = self.latest.as_mut().filter(|l| l.number == search) {
            case.prepare(&mut latest.search.borrow_mut(), &counts);
            latest.is_done = false;
            self.questions.push_back(Question { number, counts });
        }
    }

    /// The selection of this number, as far as it is.
    pub(super) fn found(&self, search: u32) -> Result<&RefCell<Search>, ErrorView> {
        let latest = self.latest.as_ref().filter(|l| l.number == search);
        match latest {
            Some(latest) => Ok(&latest.search),
            None => self.shared(search).map(Rc::as_ref),
        }
    }

    /// The same, once it is whole.
    fn shared(&self, search: u32) -> Result<&Rc<RefCell<Search>>, ErrorView> {
        let latest = self.latest.as_ref().filter(|l| l.is_told);
        let latest = latest.map(|l| (l.number, &l.search));
        let before = self
            .before
            .as_ref()
            .map(|(number, search)| (*number, search));
        [latest, before]
            .into_iter()
            .flatten()
            .find(|(number, _)| *number == search)
            .map(|(_, search)| search)
            .ok_or_else(|| ErrorView {
                message: "this selection is no longer there".into(),
                hint: None,
            })
    }

    /// Where an entry stands.
    pub(super) fn position(&self, case: &Case, search: u32, row: RowIdx) -> Option<u64> {
        case.position(&self.found(search).ok()?.borrow(), row)
    }

    /// Begins an export in place of the one before.
    pub(super) fn export(
        &mut self,
        case: &Case,
        search: u32,
        number: u32,
        format: ExportFormat,
        columns: &[String],
    ) -> Result<(), ErrorView> {
        self.writing = None;
        let search = Rc::clone(self.shared(search)?);
        let export = case.export(&search.borrow(), format, columns, None);
        self.writing = Some(Writing {
            number,
            export,
            search,
            bytes: Vec::new(),
        });
        Ok(())
    }

    /// Ends the export.
    pub(super) fn stop_export(&mut self) {
        self.writing = None;
    }

    /// Whether anything can be carried on.
    pub(super) fn has_work(&self) -> bool {
        self.writing.is_some() || self.can_search()
    }

    fn can_search(&self) -> bool {
        self.latest
            .as_ref()
            .is_some_and(|l| !l.is_done && !l.is_waiting)
    }

    /// A helper has answered.
    pub(super) fn wake(&mut self) {
        if let Some(latest) = &mut self.latest {
            latest.is_waiting = false;
        }
    }

    /// Carries on for a slice: the search first, then the questions about it, then the export.
    pub(super) fn carry_on(
        &mut self,
        case: &Case,
        crew: &dyn Crew,
        generation: u32,
        sink: Sink<'_>,
    ) {
        let until = now_ms() + SLICE_MS;
        while now_ms() < until && !is_behind() && self.has_work() {
            if self.can_search() {
                self.search_on(case, crew, generation, sink);
            } else {
                self.write_on(case, generation, sink);
            }
        }
    }

    fn search_on(&mut self, case: &Case, crew: &dyn Crew, generation: u32, sink: Sink<'_>) {
        let Some(latest) = &mut self.latest else {
            return;
        };
        let search = latest.number;
        let state = case.step(&mut latest.search.borrow_mut(), crew);
        match state {
            Ok(SearchState::Searching { read, of, matched }) => {
                let now = now_ms();
                // What is found first is told at once.
                let is_first = matched > 0 && !latest.is_begun;
                if !latest.is_told && (is_first || now - latest.reported >= REPORT_EVERY_MS) {
                    latest.reported = now;
                    latest.is_begun |= is_first;
                    let report = Reply::Selecting {
                        generation,
                        search,
                        read,
                        of,
                        matched,
                    };
                    sink(&report, None);
                }
            }
            Ok(SearchState::Waiting) => latest.is_waiting = true,
            Ok(SearchState::Matched { .. }) => latest.tell(case, generation, sink),
            Ok(SearchState::Done) => {
                latest.tell(case, generation, sink);
                latest.is_done = true;
                self.answer(case, generation, sink);
            }
            Err(error) => {
                self.latest = None;
                self.questions.clear();
                let report = Reply::Unselected {
                    generation,
                    search,
                    error: error_view(&error),
                };
                sink(&report, None);
            }
        }
    }

    /// Answers what was asked about the search.
    fn answer(&mut self, case: &Case, generation: u32, sink: Sink<'_>) {
        let Some(latest) = &self.latest else { return };
        let mut search = latest.search.borrow_mut();
        for Question { number, counts } in self.questions.drain(..) {
            let (survey, failures) = count(case, &mut search, counts);
            let report = Reply::Surveyed {
                generation,
                search: latest.number,
                question: number,
                survey,
                failures,
            };
            sink(&report, None);
        }
    }

    fn write_on(&mut self, case: &Case, generation: u32, sink: Sink<'_>) {
        let Some(writing) = &mut self.writing else {
            return;
        };
        let export = writing.number;
        let step = writing
            .export
            .step(case, &writing.search.borrow(), &mut writing.bytes);
        let outcome = step.map_err(|e| error_view(&e)).and_then(|state| {
            let (entries, unread, done) = match state {
                ExportState::More { written } => (written, 0, false),
                ExportState::Done { written, unread } => (written, unread, true),
            };
            if done || writing.bytes.len() >= PIECE {
                let piece = blob(&writing.bytes)?;
                writing.bytes.clear();
                let report = Reply::Exported {
                    generation,
                    export,
                    entries,
                    unread,
                    done,
                };
                sink(&report, Some(&piece));
            }
            Ok(done)
        });
        match outcome {
            Ok(false) => {}
            Ok(true) => self.writing = None,
            Err(error) => {
                self.writing = None;
                let report = Reply::ExportFailed {
                    generation,
                    export,
                    error,
                };
                sink(&report, None);
            }
        }
    }
}

impl Latest {
    fn tell(&mut self, case: &Case, generation: u32, sink: Sink<'_>) {
        if !std::mem::replace(&mut self.is_told, true) {
            let report = Reply::Selected {
                generation,
                search: self.number,
                totals: case.selected(&self.search.borrow()),
            };
            sink(&report, None);
        }
    }
}

/// Counts one thing after the other, so that one that cannot be counted does not take the others along.
fn count(
    case: &Case,
    search: &mut Search,
    counts: SurveyAsk,
) -> (Survey, Vec<(String, ErrorView)>) {
    let mut survey = Survey {
        totals: case.selected(search),
        ..Survey::default()
    };
    let mut failures = Vec::new();
    for facet in counts.facets {
        let field = facet.field.clone();
        let ask = SurveyAsk {
            facets: vec![facet],
            timeline: None,
        };
        match case.survey(search, &ask) {
            Ok(one) => survey.facets.extend(one.facets),
            Err(error) => failures.push((field, error_view(&error))),
        }
    }
    if let Some(timeline) = counts.timeline {
        let stack = timeline.stack.clone();
        let ask = SurveyAsk {
            facets: Vec::new(),
            timeline: Some(timeline),
        };
        match case.survey(search, &ask) {
            Ok(one) => survey.timeline = one.timeline,
            Err(error) => failures.push((stack, error_view(&error))),
        }
    }
    (survey, failures)
}

/// Bytes that the browser keeps for the page, outside of any program's memory.
pub(super) fn blob(bytes: &[u8]) -> Result<JsValue, ErrorView> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts)
        .map(Into::into)
        .map_err(|_| {
            error_view(&Error::unavailable(
                "the browser has no room for the export",
            ))
        })
}
