//! The case beside an earlier export of the same log, and the drill: what can be found with and without one.

use std::sync::Arc;

use auditglass::{Comparison, Drill, ErrorView};
use leptos::prelude::*;
use web_sys::File;

use super::desk::describe;
use super::{Card, Viewer};
use crate::protocol::Request;
use crate::widgets;

/// How far a comparison is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Comparing {
    /// Tells comparisons apart: one that was stopped may still have said something.
    pub(super) number: u32,
    /// Whether the earlier export is still being verified; else the entries of both are matched.
    pub(crate) is_reading: bool,
    /// Bytes of it that were read, or entries of both.
    pub(crate) done: u64,
    /// Of how many.
    pub(crate) of: u64,
}

/// The drill on the open case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Drilled {
    /// It was not asked for.
    None,
    /// It is on its way.
    Waiting,
    /// What it found.
    Shown(Arc<Drill>),
    /// Why there is none.
    Failed(ErrorView),
}

/// What can lie over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// What differs from an earlier export.
    Comparison,
    /// The drill.
    Drill,
    /// What a report is asked, and what came of it.
    Report,
}

/// The title of the cards of this part.
const CARD: &str = "The log could not be compared with the earlier export";

impl Viewer {
    /// Lets the reader choose the files of an earlier export; only while a click or a key is being handled.
    pub(crate) fn pick_baseline(self) {
        widgets::pick(self.baseline_picker);
    }

    /// Compares the open case with an earlier export.
    pub(crate) fn compare_with(self, files: &[File]) {
        if files.is_empty() {
            return;
        }
        self.forget_baseline();
        let number = self.comparisons.get_value().wrapping_add(1);
        self.comparisons.set_value(number);
        self.comparing.set(Some(Comparing {
            number,
            is_reading: true,
            done: 0,
            of: 0,
        }));
        self.earlier
            .set(files.iter().map(|f| describe(f, None)).collect());
        self.ask_with(files, |generation| Request::Compare {
            generation,
            comparison: number,
        });
        self.hash_earlier(files);
    }

    /// Ends a comparison under way, or forgets the one that was made.
    pub(crate) fn stop_comparing(self) {
        self.forget_baseline();
        self.ask(|generation| Request::StopCompare { generation });
    }

    /// Forgets everything that rests on an earlier export.
    pub(super) fn forget_baseline(self) {
        self.comparison.set(None);
        self.comparing.set(None);
        self.earlier.set(Vec::new());
        self.drilled.set(Drilled::None);
        self.drop_report();
        self.sheet.set(None);
        self.cards.update(|all| all.retain(|c| c.title != CARD));
    }

    /// Whether an earlier export is compared with, or will be.
    pub(super) fn has_baseline(self) -> bool {
        self.comparison.with_untracked(Option::is_some)
            || self.comparing.with_untracked(Option::is_some)
    }

    /// Whether this comparison is waited for.
    fn awaits(self, number: u32) -> bool {
        self.comparing
            .with_untracked(|c| c.is_some_and(|c| c.number == number))
    }

    pub(super) fn compare_goes_on(self, comparing: Comparing) {
        if self.awaits(comparing.number) {
            self.comparing.set(Some(comparing));
        }
    }

    pub(super) fn compared_came(self, number: u32, found: Result<Box<Comparison>, ErrorView>) {
        if !self.awaits(number) {
            return;
        }
        self.comparing.set(None);
        match found {
            Ok(comparison) => {
                self.say("Compared with the earlier export");
                self.drop_report();
                // What was tried meanwhile knew of none.
                self.drilled.set(Drilled::None);
                if self.sheet.get_untracked() == Some(Sheet::Drill) {
                    self.drill();
                }
                self.comparison.set(Some(Arc::from(comparison)));
            }
            Err(error) => self.cards.update(|all| {
                all.push(Card {
                    title: CARD.into(),
                    place: None,
                    message: error.message,
                    hint: error.hint,
                    again: false,
                });
            }),
        }
    }

    /// Shows the drill, and carries it out if that was not done yet.
    pub(crate) fn drill(self) {
        self.sheet.set(Some(Sheet::Drill));
        let is_asked = self
            .drilled
            .with_untracked(|d| !matches!(d, Drilled::None | Drilled::Failed(_)));
        if !is_asked {
            self.drilled.set(Drilled::Waiting);
            self.ask(|generation| Request::Drill { generation });
        }
    }

    pub(super) fn drilled_came(self, drill: Result<Box<Drill>, ErrorView>) {
        // An earlier export may have come or gone since it was asked for.
        if self.drilled.with_untracked(|d| *d == Drilled::Waiting) {
            self.drilled.set(match drill {
                Ok(drill) => Drilled::Shown(Arc::from(drill)),
                Err(error) => Drilled::Failed(error),
            });
        }
    }
}
