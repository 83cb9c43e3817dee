//! Counting what was found: the facets and the timeline, each with one question on its way at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use auditglass::{
    ErrorView, Facet, FacetAsk, FacetOrder, Survey, SurveyAsk, Timeline, TimelineAsk,
};
use leptos::prelude::*;

use super::Viewer;
use super::explore::{Explore, Step};
use super::view::View;
use crate::protocol::Request;

/// Values of a facet shown at first.
pub(crate) const FEW_VALUES: u32 = 6;

/// How a facet is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FacetLook {
    /// Only values that contain this.
    pub(crate) search: String,
    /// Their order.
    pub(crate) order: FacetOrder,
    /// How many at most.
    pub(crate) limit: u32,
    /// Whether it is folded away.
    pub(crate) folded: bool,
}

impl Default for FacetLook {
    fn default() -> Self {
        Self {
            search: String::new(),
            order: FacetOrder::Count,
            limit: FEW_VALUES,
            folded: false,
        }
    }
}

/// A question that is counted, of which only the latest answer matters.
#[derive(Debug, Default)]
pub(super) struct Question {
    asked: Option<u32>,
    stale: bool,
}

impl Question {
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }
}

impl Viewer {
    /// What is counted follows what is looked at.
    pub(super) fn follow_view(self) {
        let facets = Memo::new(move |_| self.view.with(|v| v.facets.clone()));
        Effect::new(move || {
            // Reading computes it, which following alone would not.
            let _ = facets.get();
            self.ask_facets();
        });
        let time = Memo::new(move |_| {
            let buckets = self.timeline_buckets.get();
            self.view.with(|v| (v.window, v.stack.clone(), buckets))
        });
        Effect::new(move || {
            let _ = time.get();
            self.ask_timeline();
        });
    }

    /// Asks for the facets' counts, if they may have changed. One question at a time is on its way.
    pub(crate) fn ask_facets(self) {
        let Some(search) = self.found.with_untracked(|f| f.as_ref().map(|f| f.search)) else {
            return;
        };
        let facets = self.view.with_untracked(View::all_facets);
        let looks = self.facet_looks.get_untracked();
        let facets: Vec<_> = facets
            .into_iter()
            .filter_map(|field| {
                let look = looks.get(&field).cloned().unwrap_or_default();
                (!look.folded).then_some(FacetAsk {
                    field,
                    search: look.search,
                    order: look.order,
                    start: 0,
                    limit: look.limit,
                })
            })
            .collect();
        let ask = SurveyAsk {
            facets,
            timeline: None,
        };
        self.ask_survey(search, ask, |e| &mut e.facets);
    }

    /// Asks for the timeline, if it may have changed.
    pub(crate) fn ask_timeline(self) {
        let Some(search) = self.found.with_untracked(|f| f.as_ref().map(|f| f.search)) else {
            return;
        };
        let buckets = self.timeline_buckets.get_untracked();
        if buckets == 0 {
            return;
        }
        let timeline = self.view.with_untracked(|v| TimelineAsk {
            from: v.window.map(|w| w.0),
            to: v.window.map(|w| w.1),
            buckets,
            stack: v.stack.clone(),
        });
        let ask = SurveyAsk {
            facets: Vec::new(),
            timeline: Some(timeline),
        };
        self.ask_survey(search, ask, |e| &mut e.timeline);
    }

    fn ask_survey(self, search: u32, counts: SurveyAsk, which: fn(&mut Explore) -> &mut Question) {
        let question = self
            .explore
            .try_update_value(|e| {
                let number = e.question.wrapping_add(1);
                let question = which(e);
                if question.asked.is_some() {
                    question.stale = true;
                    return None;
                }
                question.asked = Some(number);
                e.question = number;
                Some(number)
            })
            .flatten();
        if let Some(question) = question {
            self.ask(|generation| Request::Survey {
                generation,
                search,
                question,
                counts,
            });
        }
    }

    pub(super) fn surveyed_came(
        self,
        search: u32,
        question: u32,
        survey: Survey,
        failures: Vec<(String, ErrorView)>,
    ) {
        let shown = self.found.with_untracked(|f| f.as_ref().map(|f| f.search));
        if shown != Some(search) {
            return;
        }
        let answered = |which: fn(&mut Explore) -> &mut Question| {
            self.explore
                .try_update_value(|e| {
                    let q = which(e);
                    if q.asked != Some(question) {
                        return None;
                    }
                    q.asked = None;
                    let stale = std::mem::take(&mut q.stale);
                    if e.is_counted() {
                        e.loading.answered();
                    }
                    Some(stale)
                })
                .flatten()
        };
        if let Some(stale) = answered(|e| &mut e.facets) {
            let facets = survey.facets.into_iter();
            let facets: BTreeMap<String, Arc<Facet>> =
                facets.map(|f| (f.field.clone(), Arc::new(f))).collect();
            // A facet that is folded away keeps what it showed.
            self.facets.update(|all| all.extend(facets));
            self.uncounted.set(failures.into_iter().collect());
            if stale {
                self.ask_facets();
            }
        } else if let Some(stale) = answered(|e| &mut e.timeline) {
            let timeline: Option<Timeline> = survey.timeline;
            self.timeline.set(timeline.map(Arc::new));
            if let Some((field, error)) = failures.into_iter().next() {
                self.notify(
                    format!(
                        "The timeline cannot be divided by {field}: {}.",
                        error.message
                    ),
                    false,
                );
                self.look(Step::Passing, |v| v.stack = View::default().stack);
            }
            if stale {
                self.ask_timeline();
            }
        }
    }

    /// Changes how a facet is looked at.
    pub(crate) fn look_at_facet(self, field: &str, change: impl FnOnce(&mut FacetLook)) {
        self.facet_looks
            .update(|looks| change(looks.entry(field.to_owned()).or_default()));
        self.ask_facets();
    }
}
