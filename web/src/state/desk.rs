//! Runs the engine for a viewer: opens files, cancels by ending the worker, and replaces one that has died.

use auditglass::{OpenOptions, Progress};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use web_sys::{File, console};

use super::hasher::cores;
use super::{Card, Digest, FileInfo, Pane, Panel, Stage, View, Viewer, Work};
use crate::engine::boot::{self, Program};
use crate::engine::client::{Client, Signal};
use crate::engine::size_of;
use crate::engine::watchdog::{Advice, INTERVAL_MS, Watchdog};
use crate::format;
use crate::protocol::{Opened, Reply, Request, VERSION};
use crate::sample;

/// Engines that may die before any file is open, until the page gives up.
const IDLE_DEATHS: u32 = 2;
/// Silence during a verification that is worth a word, in milliseconds.
const SILENCE_MS: f64 = 8_000.0;
/// How long a new engine runs on the sample before anybody waits for it, in milliseconds. Longer makes nothing faster, and
/// a file that is dropped meanwhile waits that long.
const WARM_UP_MS: u32 = 150;

/// Workers at most, the engine's own included.
const WORKERS: f64 = 8.0;

/// What is behind a viewer: programs, workers and the files themselves.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) program: Option<Program>,
    /// The program is on its way.
    loading: bool,
    engine: Option<Client>,
    pub(super) hasher: Option<Client>,
    /// The same for an earlier export.
    pub(super) earlier_hasher: Option<Client>,
    /// The engine answered that it is ready.
    ready: bool,
    /// The files of the case, companions included.
    pub(super) files: Vec<File>,
    /// The paths of those that were found in a folder.
    paths: Vec<Option<String>>,
    /// How they shall be read.
    options: OpenOptions,
    /// Counts cases; answers that carry another number are late.
    pub(super) generation: u32,
    /// A case is being verified.
    pub(super) running: bool,
    /// The case has been sent to the engine.
    sent: bool,
    /// A case has been shown on this page.
    shown: bool,
    /// Engines that died on these files.
    deaths: u32,
    watchdog: Watchdog,
    ticker: Option<IntervalHandle>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(ticker) = self.ticker.take() {
            ticker.clear();
        }
    }
}

impl Desk {
    /// What has a worker open the case for queries in SQL.
    pub(super) fn sql_open(&self) -> (Request, Vec<File>) {
        let open = Request::SqlOpen {
            generation: self.generation,
            paths: self.paths.clone(),
            options: self.options,
        };
        (open, self.files.clone())
    }
}

impl Viewer {
    /// Loads the program, starts an engine, and looks after it from then on.
    pub(super) fn start(self) {
        self.load();
        let ticker = set_interval_with_handle(
            move || self.tick(),
            Duration::from_millis(INTERVAL_MS.into()),
        );
        self.desk.update_value(|d| d.ticker = ticker.ok());
    }

    fn load(self) {
        self.desk.update_value(|d| d.loading = true);
        spawn_local(async move {
            let loaded = boot::load().await;
            self.desk.try_update_value(|d| d.loading = false);
            match loaded {
                Ok(program) => {
                    self.desk.try_update_value(|d| d.program = Some(program));
                    self.start_engine();
                    self.start_hasher();
                }
                Err(message) => self.give_up(Card {
                    title: "The engine could not be loaded".into(),
                    place: None,
                    message,
                    hint: Some(if self.single_file {
                        "This copy of the page seems to be damaged. Fetch it again.".into()
                    } else {
                        "The page needs its files from a web server. Reload it, or use the single-file edition, \
                         which opens without one."
                            .into()
                    }),
                    again: false,
                }),
            }
        });
    }

    /// Opens files as one case, whatever was open before.
    pub(crate) fn open(self, files: Vec<File>) {
        self.open_found(files.into_iter().map(|file| (file, None)).collect());
    }

    /// The same; with each file that was found in a folder its path, from the folder's own name on.
    pub(crate) fn open_found(self, files: Vec<(File, Option<String>)>) {
        if files.is_empty() {
            return;
        }
        self.desk.update_value(|d| {
            (d.files, d.paths) = files.into_iter().unzip();
            d.options = OpenOptions::default();
            d.deaths = 0;
        });
        self.forget_report();
        self.notices.set(Vec::new());
        self.verify();
    }

    /// Verifies the same files again.
    pub(crate) fn open_again(self) {
        self.desk.update_value(|d| d.deaths = 0);
        self.notices.set(Vec::new());
        self.verify();
    }

    /// Verifies the same files again, rolled back by their rollback journals or as they stand.
    pub(crate) fn roll_back_journal(self, roll_back_journal: bool) {
        self.desk
            .update_value(|d| d.options = OpenOptions { roll_back_journal });
        self.open_again();
    }

    /// Stops a verification. The engine cannot be interrupted, so it is ended and another one started.
    pub(crate) fn cancel(self) {
        if self.stage.get_untracked() != Stage::Working {
            return;
        }
        let entries = self.work.with_untracked(|w| w.progress.totals.entries);
        self.reset();
        self.start_engine();
        let after = match entries {
            0 => "before the first entry".to_owned(),
            n => format!("after {}", format::counted(n, "entry", "entries")),
        };
        self.notify(format!("Cancelled {after}."), true);
    }

    /// Closes the case and goes back to the drop zone.
    fn reset(self) {
        self.desk.update_value(|d| {
            d.engine = None;
            d.hasher = None;
            d.ready = false;
            d.running = false;
            d.generation += 1;
        });
        self.forget_console();
        self.opened.set(None);
        self.panel.set(Panel::Closed);
        self.stage.set(Stage::Empty);
    }

    fn verify(self) {
        let files = self.desk.with_value(|d| d.files.clone());
        if files.is_empty() {
            return;
        }
        let must_end = self.desk.with_value(|d| d.running);
        self.desk.update_value(|d| {
            d.generation += 1;
            d.running = true;
            d.sent = false;
            d.hasher = None;
            if must_end {
                // It is busy with what nobody wants any more.
                d.engine = None;
                d.ready = false;
            }
        });
        let total = files.iter().map(size_of).sum();
        let paths = self.desk.with_value(|d| d.paths.clone());
        let described = files.iter().zip(paths).map(|(f, path)| describe(f, path));
        self.files.set(described.collect());
        self.cards.set(Vec::new());
        self.opened.set(None);
        self.forget_rows();
        self.forget_found();
        self.forget_export();
        self.forget_baseline();
        self.forget_console();
        self.help.set(false);
        self.cursor.set(None);
        self.panel.set(Panel::Closed);
        self.findings.set(Vec::new());
        self.pane.set(Pane::Entries);
        self.work.set(Work {
            progress: Progress {
                bytes_total: total,
                ..Progress::default()
            },
            is_opening: true,
            reported: now(),
            ..Work::default()
        });
        self.stage.set(Stage::Working);
        if self.desk.with_value(|d| d.program.is_none() && !d.loading) {
            self.load();
        } else if self.desk.with_value(|d| d.engine.is_none()) {
            self.start_engine();
        }
        self.send_case();
        self.start_hasher();
    }

    /// Sends the case to the engine, once both are there.
    fn send_case(self) {
        let sent = self.desk.try_update_value(|d| {
            if !d.ready || !d.running || d.sent {
                return Ok(());
            }
            d.sent = true;
            let Some(engine) = &d.engine else {
                return Ok(());
            };
            // It answers the ping before it begins: one that has died in the meantime is found out.
            let generation = d.generation;
            d.watchdog.pinged();
            engine.send(&Request::Ping { generation }, &[])?;
            let open = Request::Open {
                generation,
                paths: d.paths.clone(),
                options: d.options,
            };
            engine.send(&open, &d.files)
        });
        self.work.update(|w| w.reported = now());
        if let Some(Err(message)) = sent {
            self.engine_died(&message);
        }
    }

    /// Asks the engine something about the open case.
    pub(super) fn ask(self, request: impl FnOnce(u32) -> Request) {
        self.ask_with(&[], request);
    }

    /// The same about files that travel with it.
    pub(super) fn ask_with(self, files: &[File], request: impl FnOnce(u32) -> Request) {
        let asked = self.desk.try_update_value(|d| {
            let request = request(d.generation);
            d.engine
                .as_ref()
                .map_or(Ok(()), |engine| engine.send(&request, files))
        });
        if let Some(Err(message)) = asked {
            self.engine_died(&message);
        }
    }

    fn start_engine(self) {
        let Some(program) = self.desk.with_value(|d| d.program.clone()) else {
            return;
        };
        let died = move |message: String| self.hear_engine(Signal::Died(message));
        let started = Client::start(&program, move |signal| self.hear_engine(signal)).and_then(
            |mut engine| {
                engine.hire(&program, helpers(), died)?;
                Ok(engine)
            },
        );
        match started {
            Ok(engine) => self.desk.update_value(|d| {
                d.engine = Some(engine);
                d.ready = false;
                d.watchdog = Watchdog::default();
            }),
            Err(message) => self.give_up(Card {
                title: "The engine could not be started".into(),
                place: None,
                message,
                hint: Some("Reload the page. A browser of the last three years is needed.".into()),
                again: false,
            }),
        }
    }

    fn hear_engine(self, signal: Signal) {
        let (reply, piece) = match signal {
            Signal::Reply(reply, piece) => (reply, piece),
            // Not from inside the dying worker's own handler.
            Signal::Died(message) => {
                return spawn_local(async move { self.engine_died(&message) });
            }
        };
        let generation = self.desk.try_update_value(|d| {
            d.watchdog.heard(matches!(reply, Reply::Pong { .. }));
            d.generation
        });
        self.hear_reply(reply, piece, generation);
    }

    pub(super) fn engine_ready(self, version: u32, sqlite: String) {
        if version != VERSION {
            return self.give_up(Card {
                title: "The page and its engine do not belong together".into(),
                place: None,
                message: format!(
                    "The page speaks version {VERSION}, the engine version {version}."
                ),
                hint: Some("Reload the page without its cache.".into()),
                again: false,
            });
        }
        self.desk.update_value(|d| d.ready = true);
        self.sqlite.set(Some(sqlite));
        self.send_case();
        self.warm_up();
    }

    /// Lets the engine run for a moment while nobody waits for it.
    fn warm_up(self) {
        let sent = self
            .desk
            .try_update_value(|d| match (&d.engine, d.running) {
                (Some(engine), false) => sample::file().map_or(Ok(()), |file| {
                    engine.send(
                        &Request::WarmUp {
                            budget_ms: WARM_UP_MS,
                        },
                        &[file],
                    )
                }),
                _ => Ok(()),
            });
        if let Some(Err(message)) = sent {
            self.engine_died(&message);
        }
    }

    pub(super) fn show(self, opened: Opened) {
        self.desk.update_value(|d| d.running = false);
        self.opened.set(Some(Arc::new(opened)));
        self.stage.set(if self.has_log_untracked() {
            Stage::Shown
        } else {
            Stage::Empty
        });
        if self.has_log_untracked() {
            let view = self.first_view();
            self.desk.update_value(|d| d.shown = true);
            self.fill_up(view);
        }
        self.more_findings();
        self.ask_answers();
        self.start_hasher();
    }

    /// How a case is looked at in the beginning. What the address says holds for the first case; a later one is looked at
    /// afresh, under the same arrangement.
    pub(super) fn first_view(self) -> View {
        if self.desk.with_value(|d| d.shown) {
            self.view.with_untracked(|v| View {
                columns: v.columns.clone(),
                facets: v.facets.clone(),
                stack: v.stack.clone(),
                ..View::default()
            })
        } else {
            self.linked_view()
        }
    }

    fn has_log_untracked(self) -> bool {
        untrack(|| self.has_log())
    }

    /// The engine is gone. The case is verified again, once; the second time the files are to blame.
    fn engine_died(self, message: &str) {
        console::warn_1(&format!("Auditglass: an engine stopped: {message}").into());
        let state = self.desk.try_update_value(|d| {
            d.engine = None;
            d.ready = false;
            d.running = false;
            d.deaths += 1;
            (
                d.deaths,
                !d.files.is_empty() && self.stage.get_untracked() != Stage::Empty,
            )
        });
        let Some((deaths, open)) = state else { return };
        let limit = if open { 1 } else { IDLE_DEATHS };
        if deaths <= limit {
            self.notices.set(Vec::new());
            let text = match self.has_baseline() {
                false => "The engine stopped and was started again.",
                true => {
                    "The engine stopped and was started again; the earlier export must be chosen anew."
                }
            };
            self.notify(text, false);
            if open {
                self.verify();
            } else {
                self.start_engine();
            }
            return;
        }
        let names = self.files.with_untracked(|files| {
            files
                .iter()
                .map(|f| f.name.clone())
                .collect::<Vec<_>>()
                .join(", ")
        });
        self.reset();
        self.notices.set(Vec::new());
        self.cards.set(vec![Card {
            title: if open {
                "The engine stopped twice on these files".into()
            } else {
                "The engine stops as soon as it starts".into()
            },
            place: (open && !names.is_empty()).then_some(names),
            message: message.to_owned(),
            hint: Some(if open {
                "Open the files one by one to find the one that is to blame, close other tabs to free memory, or use the \
                 auditglass command, which has more memory to work with."
                    .into()
            } else {
                "Reload the page. A browser of the last three years is needed.".into()
            }),
            again: open,
        }]);
        if open {
            self.start_engine();
        }
    }

    fn give_up(self, card: Card) {
        self.reset();
        self.cards.set(vec![card]);
    }

    fn tick(self) {
        let advice = self.desk.try_update_value(|d| {
            let busy = d.running || !d.ready;
            (d.watchdog.tick(busy), d.running)
        });
        match advice {
            Some((Advice::Ping, _)) => self.ask(|generation| Request::Ping { generation }),
            Some((Advice::Replace, _)) => {
                self.engine_died("It gave no answer for several seconds.");
            }
            Some((Advice::Nothing, true)) => self.note_silence(),
            Some((Advice::Nothing, false)) | None => {}
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped"
    )]
    fn note_silence(self) {
        let silent = now() - self.work.with_untracked(|w| w.reported);
        if silent > SILENCE_MS {
            let seconds = (silent / 1_000.0).clamp(0.0, 1e9) as u32;
            self.work.update(|w| w.silent_for = Some(seconds));
        }
    }
}

pub(super) fn describe(file: &File, path: Option<String>) -> FileInfo {
    FileInfo {
        name: path.unwrap_or_else(|| file.name()),
        bytes: size_of(file),
        sha256: Digest::Pending(0),
    }
}

pub(super) fn now() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// Workers beside the engine's: one for each further core.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first"
)]
fn helpers() -> usize {
    (cores().clamp(1.0, WORKERS) - 1.0) as usize
}
