//! One store per viewer. Everything that is shown is derived from it; features meet here and nowhere else.
//!
//! `desk` runs the engine: it opens, cancels, and replaces what has died; `hear` passes on what it says; `hasher` has the
//! files' digests computed; `report` has reports made, with what was noted in `notes`. `loading` shows entries while the
//! rest is still verified. `explore` finds entries, `survey` counts them, `browse` is what a reader does with those that
//! are shown, `compare` sets them beside an earlier export, `copy` and `export` take them elsewhere, `link` keeps the view
//! in the address. `console` runs queries in SQL. `view`, `rows` and `pace` are plain data.

mod browse;
mod compare;
mod console;
mod copy;
mod desk;
mod explore;
mod export;
mod hasher;
mod hear;
mod link;
mod loading;
mod notes;
mod pace;
mod report;
mod rows;
mod survey;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auditglass::{
    Answers, Comparison, EntryView, ErrorView, Facet, FindingView, Notes, Progress, RowIdx,
    SourceView, Timeline,
};
use leptos::html::{Div, Input, Section};
use leptos::prelude::*;
use web_sys::{Blob, FocusOptions};

pub(crate) use self::compare::{Comparing, Drilled, Sheet};
pub(crate) use self::console::{Console, Failure, QueryState};
pub(crate) use self::explore::{Completions, Found, Refusal, Searching, Step};
pub(crate) use self::export::Exporting;
pub(crate) use self::pace::Pace;
pub(crate) use self::report::{Form, Report, Reporting};
use self::rows::RowCache;
pub(crate) use self::survey::{FEW_VALUES, FacetLook};
pub(crate) use self::view::{Column, FACETS, MOST, View, WIDTHS};
use crate::engine::boot;
use crate::protocol::Opened;
use crate::widgets;

/// What the page is about at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing is open: the drop zone.
    Empty,
    /// Files are being verified.
    Working,
    /// A verified case.
    Shown,
}

/// A file as it was given, companions included.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FileInfo {
    /// Its base name.
    pub(crate) name: String,
    /// Its length.
    pub(crate) bytes: u64,
    /// Its digest.
    pub(crate) sha256: Digest,
}

/// A file's SHA-256, which takes its time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Digest {
    /// On its way; so many bytes are done.
    Pending(u64),
    /// 64 hex digits.
    Ready(String),
    /// Why there is none.
    Failed(String),
}

/// A verification under way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Work {
    /// How far it is.
    pub(crate) progress: Progress,
    /// Whether the files are still being opened, and that is how far.
    pub(crate) is_opening: bool,
    /// How fast it goes.
    pub(crate) pace: Pace,
    /// When the engine last reported, in the page's milliseconds.
    pub(crate) reported: f64,
    /// Seconds since then, if that is worth a word.
    pub(crate) silent_for: Option<u32>,
}

/// The panel for one entry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Panel {
    /// Not there.
    Closed,
    /// Open; the first entry is on its way.
    Waiting,
    /// An entry.
    Shown(Arc<EntryView>),
    /// The entry could not be read again.
    Failed(ErrorView),
}

/// Something that the reader is told in passing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// One or two sentences.
    pub(crate) text: String,
    /// Whether the files can be verified again from here.
    pub(crate) again: bool,
}

/// An error that the reader must act upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// What is wrong, in a few words.
    pub(crate) title: String,
    /// Where: a file's name.
    pub(crate) place: Option<String>,
    /// What is wrong, in a sentence.
    pub(crate) message: String,
    /// What to try.
    pub(crate) hint: Option<String>,
    /// Whether the files can be verified again from here.
    pub(crate) again: bool,
}

/// How the page is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system wishes.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What is seen at the side, and, where there is room for one pane only, in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    /// The table; at the side, the facets.
    Entries,
    /// The facets.
    Facets,
    /// The findings.
    Findings,
    /// The files.
    Files,
}

/// The store of one viewer. Copies are handles of the same store.
#[derive(Clone, Copy)]
pub(crate) struct Viewer {
    /// What the page is about.
    pub(crate) stage: RwSignal<Stage>,
    /// The files, in the order in which they were given.
    pub(crate) files: RwSignal<Vec<FileInfo>>,
    /// The verification under way.
    pub(crate) work: RwSignal<Work>,
    /// The verified case.
    pub(crate) opened: RwSignal<Option<Arc<Opened>>>,
    /// The three answers to it, once they are known.
    pub(crate) answers: RwSignal<Option<Arc<Answers>>>,
    /// The report.
    pub(crate) reporting: Reporting,
    /// The auditor's notes.
    pub(crate) notes: RwSignal<Arc<Notes>>,
    /// The files of the earlier export that is compared with.
    pub(crate) earlier: RwSignal<Vec<FileInfo>>,
    /// What differs from an earlier export, once one was compared with.
    pub(crate) comparison: RwSignal<Option<Arc<Comparison>>>,
    /// A comparison under way.
    pub(crate) comparing: RwSignal<Option<Comparing>>,
    /// The drill.
    pub(crate) drilled: RwSignal<Drilled>,
    /// The sheet that lies over the page.
    pub(crate) sheet: RwSignal<Option<Sheet>>,
    /// How the case is looked at.
    pub(crate) view: RwSignal<View>,
    /// The filter as it is typed.
    pub(crate) draft: RwSignal<String>,
    /// The entries that are listed.
    pub(crate) found: RwSignal<Option<Arc<Found>>>,
    /// A search that takes its time.
    pub(crate) searching: RwSignal<Option<Searching>>,
    /// Why the latest filter cannot be understood.
    pub(crate) refused: RwSignal<Option<Refusal>>,
    /// The facets' counts, by field.
    pub(crate) facets: RwSignal<BTreeMap<String, Arc<Facet>>>,
    /// Facets that cannot be counted, and why.
    pub(crate) uncounted: RwSignal<BTreeMap<String, ErrorView>>,
    /// How the facets are looked at, where it is not as usual.
    pub(crate) facet_looks: RwSignal<BTreeMap<String, FacetLook>>,
    /// The timeline.
    pub(crate) timeline: RwSignal<Option<Arc<Timeline>>>,
    /// How many buckets the timeline has room for.
    pub(crate) timeline_buckets: RwSignal<u32>,
    /// What could be typed next.
    pub(crate) completions: RwSignal<Completions>,
    /// The two ends of what is picked out of the list, the first one first.
    pub(crate) picked: RwSignal<Option<(u64, u64)>>,
    /// The export under way.
    pub(crate) exporting: RwSignal<Option<Exporting>>,
    /// What was just done, in a few words; gone after a moment.
    pub(crate) said: RwSignal<Option<String>>,
    /// Queries in SQL.
    pub(crate) console: Console,
    /// Whether the help is shown.
    pub(crate) help: RwSignal<bool>,
    /// The position in the list that keys act upon.
    pub(crate) cursor: RwSignal<Option<u64>>,
    /// The panel for one entry.
    pub(crate) panel: RwSignal<Panel>,
    /// The findings loaded so far, in the engine's order.
    pub(crate) findings: RwSignal<Vec<FindingView>>,
    /// What the reader is told.
    pub(crate) notices: RwSignal<Vec<Notice>>,
    /// Errors of the page itself; those of sources are in `opened`.
    pub(crate) cards: RwSignal<Vec<Card>>,
    /// The pane seen on a narrow screen.
    pub(crate) pane: RwSignal<Pane>,
    /// The colours.
    pub(crate) theme: RwSignal<Theme>,
    /// The version of the SQLite inside the engine, once it runs.
    pub(crate) sqlite: RwSignal<Option<String>>,
    /// Whether files hover over the page.
    pub(crate) hovered: RwSignal<bool>,
    /// How many rows a page of the table has.
    pub(crate) page_rows: RwSignal<u64>,
    /// The viewer's own element.
    pub(crate) root: NodeRef<Div>,
    /// The hidden file input behind every *Open* button.
    pub(crate) picker: NodeRef<Input>,
    /// The same for a folder.
    pub(crate) folder_picker: NodeRef<Input>,
    /// The same for an earlier export.
    pub(crate) baseline_picker: NodeRef<Input>,
    /// The table, to which the focus goes when there is one.
    pub(crate) grid: NodeRef<Section>,
    /// The filter bar.
    pub(crate) bar: NodeRef<Input>,
    /// Tells the viewers of one page apart, in the ids of their elements.
    pub(crate) id: u32,
    /// Whether this page carries everything inside itself.
    pub(crate) single_file: bool,
    /// Raised when rows have come.
    rows_version: RwSignal<u32>,
    rows: StoredValue<RowCache>,
    wanted_entry: StoredValue<Option<RowIdx>>,
    findings_asked: StoredValue<bool>,
    copying: StoredValue<Option<u32>>,
    comparisons: StoredValue<u32>,
    are_notes_saved: StoredValue<bool>,
    pieces: StoredValue<Vec<Blob>, LocalStorage>,
    explore: StoredValue<explore::Explore, LocalStorage>,
    desk: StoredValue<desk::Desk, LocalStorage>,
}

impl Viewer {
    /// A store with nothing open. The engine is started at once, so that it is ready when files come.
    pub(crate) fn new() -> Self {
        let viewer = Self {
            stage: RwSignal::new(Stage::Empty),
            files: RwSignal::new(Vec::new()),
            work: RwSignal::new(Work::default()),
            opened: RwSignal::new(None),
            answers: RwSignal::new(None),
            reporting: Reporting::new(),
            notes: RwSignal::new(Arc::default()),
            earlier: RwSignal::new(Vec::new()),
            comparison: RwSignal::new(None),
            comparing: RwSignal::new(None),
            drilled: RwSignal::new(Drilled::None),
            sheet: RwSignal::new(None),
            view: RwSignal::new(View::default()),
            draft: RwSignal::new(String::new()),
            found: RwSignal::new(None),
            searching: RwSignal::new(None),
            refused: RwSignal::new(None),
            facets: RwSignal::new(BTreeMap::new()),
            uncounted: RwSignal::new(BTreeMap::new()),
            facet_looks: RwSignal::new(BTreeMap::new()),
            timeline: RwSignal::new(None),
            timeline_buckets: RwSignal::new(0),
            completions: RwSignal::new(Completions::default()),
            picked: RwSignal::new(None),
            exporting: RwSignal::new(None),
            said: RwSignal::new(None),
            console: Console::new(),
            help: RwSignal::new(false),
            cursor: RwSignal::new(None),
            panel: RwSignal::new(Panel::Closed),
            findings: RwSignal::new(Vec::new()),
            notices: RwSignal::new(Vec::new()),
            cards: RwSignal::new(Vec::new()),
            pane: RwSignal::new(Pane::Entries),
            theme: RwSignal::new(Theme::Auto),
            sqlite: RwSignal::new(None),
            hovered: RwSignal::new(false),
            page_rows: RwSignal::new(1),
            root: NodeRef::new(),
            picker: NodeRef::new(),
            folder_picker: NodeRef::new(),
            baseline_picker: NodeRef::new(),
            grid: NodeRef::new(),
            bar: NodeRef::new(),
            id: document()
                .query_selector_all(".auditglass")
                .map_or(0, |all| all.length()),
            single_file: boot::is_single_file(),
            rows_version: RwSignal::new(0),
            rows: StoredValue::new(RowCache::default()),
            wanted_entry: StoredValue::new(None),
            findings_asked: StoredValue::new(false),
            copying: StoredValue::new(None),
            comparisons: StoredValue::new(0),
            are_notes_saved: StoredValue::new(true),
            pieces: StoredValue::new_local(Vec::new()),
            explore: StoredValue::new_local(explore::Explore::default()),
            desk: StoredValue::new_local(desk::Desk::default()),
        };
        viewer.start();
        viewer.follow_cursor();
        viewer.follow_view();
        viewer.follow_address();
        viewer.guard_notes();
        viewer
    }

    /// The viewer that this part of the page belongs to.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Whether there is a case with at least one source that is a log.
    pub(crate) fn has_log(&self) -> bool {
        self.opened
            .with(|o| o.as_ref().is_some_and(|o| o.sources.iter().any(is_log)))
    }

    /// The errors to show: the page's own, then those of sources that are no log.
    pub(crate) fn all_cards(&self) -> Vec<Card> {
        let mut cards = self.cards.get();
        self.opened.with(|opened| {
            let sources = opened.iter().flat_map(|o| &o.sources);
            cards.extend(sources.filter_map(|s| {
                let error = s.error.as_ref().filter(|_| !s.is_passed_over)?;
                Some(Card {
                    title: "This file could not be read as an audit log".into(),
                    place: Some(s.name.clone()),
                    message: error.message.clone(),
                    hint: error.hint.clone(),
                    again: false,
                })
            }));
            let is_nothing = |o: &Opened| o.sources.iter().all(|s| s.is_passed_over);
            if opened.as_ref().is_some_and(|o| is_nothing(o)) {
                cards.push(Card {
                    title: "There is no audit log in this folder".into(),
                    place: None,
                    message: "Every file in it was looked at, and none is a log.".into(),
                    hint: None,
                    again: false,
                });
            }
        });
        cards
    }

    /// Lets the reader choose files; only while a click or a key is being handled.
    pub(crate) fn pick_files(&self) {
        widgets::pick(self.picker);
    }

    /// Lets the reader choose a folder; only while a click or a key is being handled.
    pub(crate) fn pick_folder(&self) {
        widgets::pick(self.folder_picker);
    }

    /// Puts the focus on the table, so that keys walk the list.
    pub(crate) fn focus_grid(&self) {
        if let Some(grid) = self.grid.get_untracked() {
            let still = FocusOptions::new();
            still.set_prevent_scroll(true);
            // It fails for no element that is there.
            let _ = grid.focus_with_options(&still);
        }
    }

    /// Says what was just done.
    pub(crate) fn say(self, text: impl Into<String>) {
        let text = text.into();
        self.said.set(Some(text.clone()));
        set_timeout(
            move || {
                self.said.try_update(|said| {
                    if said.as_ref() == Some(&text) {
                        *said = None;
                    }
                });
            },
            Duration::from_secs(4),
        );
    }

    /// Tells the reader something in passing.
    pub(crate) fn notify(&self, text: impl Into<String>, again: bool) {
        let notice = Notice {
            text: text.into(),
            again,
        };
        self.notices.update(|all| {
            all.retain(|n| *n != notice);
            all.push(notice);
        });
    }
}

fn is_log(source: &SourceView) -> bool {
    source.error.is_none()
}
