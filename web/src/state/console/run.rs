//! Runs queries in SQL for a viewer: starts the worker, asks, listens, ends it by the clock or at the reader's wish.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auditglass::{ExportFormat, SourceIdx, SqlError, SqlLimits};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{QueryState, now};
use crate::engine::client::{Client, Signal};
use crate::format;
use crate::protocol::{Reply, Request, SqlDatabase, SqlEnd};
use crate::state::Viewer;
use crate::state::desk::Desk;
use crate::state::export::save_export;

/// Queries remembered.
const HISTORY: usize = 50;
/// Rows that an export holds at most.
const MOST_EXPORTED: u64 = 1_000_000;
/// How often the time of a query is looked at.
const TICK: Duration = Duration::from_millis(200);

impl Viewer {
    /// The sources that can be asked in SQL, with their names.
    pub(crate) fn databases(self) -> Vec<(SourceIdx, String)> {
        self.opened.with(|opened| {
            let sources = opened.iter().flat_map(|o| &o.sources).zip(0..);
            sources
                .filter(|(s, _)| s.kind == "sqlite" && s.error.is_none())
                .map(|(s, i)| (SourceIdx(i), s.name.clone()))
                .collect()
        })
    }

    /// Shows the console, if there is a database.
    pub(crate) fn open_console(self) {
        let databases = untrack(|| self.databases());
        let Some((first, _)) = databases.first() else {
            return;
        };
        let console = self.console;
        let source = console.source.get_untracked();
        if !databases.iter().any(|(s, _)| *s == source) {
            console.source.set(*first);
        }
        console.is_open.set(true);
        self.start_console();
    }

    /// Another database is asked.
    pub(crate) fn choose_database(self, source: SourceIdx) {
        self.console.source.set(source);
        self.suggest_query();
    }

    /// Runs what is typed.
    pub(crate) fn run_query(self) {
        let console = self.console;
        let text = console.text.get_untracked();
        if untrack(|| console.is_running()) || text.trim().is_empty() {
            return;
        }
        let source = console.source.get_untracked();
        let query = console.begin(None);
        console.columns.set(Arc::from([]));
        console.rows.set_value(Vec::new());
        console.count.set(0);
        console.chosen.set(None);
        console.result.update(|n| *n = n.wrapping_add(1));
        console.back.update_value(|b| {
            b.ran = Some((source, text.clone()));
            b.history.retain(|q| *q != text);
            b.history.push(text.clone());
            if b.history.len() > HISTORY {
                b.history.remove(0);
            }
        });
        let rows = console.rows_limit.get_untracked();
        self.watch_query();
        self.ask_console(|generation| Request::Sql {
            generation,
            query,
            source,
            text,
            limits: by_clock(rows),
        });
    }

    /// Writes all that the latest query yields into a file: it is run once more, to its end.
    pub(crate) fn export_query(self, format: ExportFormat) {
        let console = self.console;
        let ran = console.back.with_value(|b| b.ran.clone());
        let Some((source, text)) = ran.filter(|_| untrack(|| console.can_export())) else {
            return;
        };
        let query = console.begin(Some(format));
        self.watch_query();
        self.ask_console(|generation| Request::SqlExport {
            generation,
            query,
            source,
            text,
            format,
            limits: by_clock(MOST_EXPORTED),
        });
    }

    /// Ends the query under way, with its worker. The rows that have come stay.
    pub(crate) fn cancel_query(self) {
        if untrack(|| self.console.is_running()) {
            self.console.end(QueryState::Cancelled);
            self.restart_console();
        }
    }

    /// Nothing of a case that was open before stays.
    pub(in crate::state) fn forget_console(self) {
        let console = self.console;
        console.is_open.set(false);
        console.end(QueryState::Idle);
        console.back.update_value(|b| {
            b.worker = None;
            b.ran = None;
            b.was_typed = false;
        });
        console.rows.set_value(Vec::new());
        console.tables.set(BTreeMap::new());
        console.text.set(String::new());
        console.columns.set(Arc::from([]));
        console.count.set(0);
        console.chosen.set(None);
    }

    fn restart_console(self) {
        self.console.back.update_value(|b| b.worker = None);
        self.start_console();
    }

    /// Starts the worker and has it open the files, if it does not run.
    fn start_console(self) {
        let console = self.console;
        if console.back.with_value(|b| b.worker.is_some()) {
            return;
        }
        let Some(program) = self.desk.with_value(|d| d.program.clone()) else {
            return;
        };
        let started = Client::start(&program, move |signal| self.hear_console(signal));
        let sent = started.and_then(|worker| {
            let (open, files) = self.desk.with_value(Desk::sql_open);
            worker.send(&open, &files)?;
            console.back.update_value(|b| b.worker = Some(worker));
            Ok(())
        });
        if let Err(message) = sent {
            console.fail(gone(&message), Some("Reload the page."));
        }
    }

    fn ask_console(self, request: impl FnOnce(u32) -> Request) {
        self.start_console();
        let request = request(self.desk.with_value(|d| d.generation));
        let sent = self.console.back.with_value(|b| {
            let worker = b.worker.as_ref().ok_or("it could not be started")?;
            worker.send(&request, &[])
        });
        if let Err(message) = sent {
            self.console.fail(gone(&message), Some("Reload the page."));
        }
    }

    /// Tells what a query has taken, and ends it when its time is up. An export has no limit of time.
    fn watch_query(self) {
        let console = self.console;
        let tick = move || {
            let Some(started) = console.back.try_with_value(|b| b.started) else {
                return;
            };
            let taken = now() - started;
            console.taken.set(taken);
            let is_query = console
                .state
                .with_untracked(|s| *s == QueryState::Running(None));
            let seconds = console.seconds_limit.get_untracked();
            if is_query && taken > f64::from(seconds) * 1_000.0 {
                let message = format!("it took longer than {seconds} seconds and was ended");
                let error = SqlError {
                    message,
                    offset: None,
                };
                console.fail(
                    error,
                    Some("Narrow it with WHERE or LIMIT, or give it more time."),
                );
                self.restart_console();
            }
        };
        let ticker = set_interval_with_handle(tick, TICK).ok();
        console.back.update_value(|b| {
            if let Some(old) = std::mem::replace(&mut b.ticker, ticker) {
                old.clear();
            }
        });
    }

    fn hear_console(self, signal: Signal) {
        let generation = self.desk.try_with_value(|d| d.generation);
        let current = |g: u32| generation == Some(g);
        let console = self.console;
        match signal {
            Signal::Reply(
                Reply::SqlReady {
                    generation,
                    databases,
                },
                _,
            ) if current(generation) => self.tables_came(databases),
            Signal::Reply(
                Reply::SqlRows {
                    generation,
                    query,
                    columns,
                    rows,
                },
                _,
            ) if current(generation) && console.is_current(query) => {
                let count = console.rows.try_update_value(|all| {
                    all.extend(rows.into_iter().map(Arc::from));
                    all.len() as u64
                });
                if console.columns.with_untracked(|c| c.len() != columns.len()) {
                    console.columns.set(columns.into());
                }
                console.count.set(count.unwrap_or_default());
            }
            Signal::Reply(
                Reply::SqlDone {
                    generation,
                    query,
                    outcome,
                    elapsed_ms,
                },
                _,
            ) if current(generation) && console.is_current(query) => match outcome {
                Ok(end) => console.end(QueryState::Done(end, elapsed_ms)),
                Err(error) => console.fail(error, None),
            },
            Signal::Reply(
                Reply::SqlExported {
                    generation,
                    query,
                    rows,
                    outcome,
                },
                piece,
            ) if current(generation) && console.is_current(query) => {
                console.back.update_value(|b| b.pieces.extend(piece));
                match outcome {
                    None => console.state.set(QueryState::Running(Some(rows))),
                    Some(Ok(end)) => self.save_query(rows, end),
                    Some(Err(error)) => console.fail(error, Some("Nothing was saved.")),
                }
            }
            Signal::Reply(..) => {}
            // Not from inside the dying worker's own handler.
            Signal::Died(message) => spawn_local(async move {
                if untrack(|| console.is_running()) {
                    console.fail(
                        gone(&message),
                        Some("It may need less memory with fewer columns, or without ORDER BY."),
                    );
                }
                console.back.try_update_value(|b| b.worker = None);
            }),
        }
    }

    fn tables_came(self, databases: Vec<SqlDatabase>) {
        let tables = databases.into_iter().map(|d| {
            let tables = d.tables.map(Arc::from).map_err(|error| error.message);
            (d.source.0, tables)
        });
        self.console.tables.set(tables.collect());
        self.suggest_query();
    }

    /// Puts a first query where nothing was typed: the entries of the log's table.
    fn suggest_query(self) {
        let console = self.console;
        let source = console.source.get_untracked();
        if console.back.with_value(|b| b.was_typed) {
            return;
        }
        let parts = self.opened.with_untracked(|o| {
            let opened = o.as_ref()?;
            let source = opened.sources.get(source.0 as usize)?;
            source.parts.first().map(|p| p.name.clone())
        });
        let term = console.tables.with_untracked(|all| {
            let tables = all.get(&source.0)?.as_ref().ok()?;
            let log = tables.iter().find(|t| Some(&t.name) == parts.as_ref());
            log.or(tables.first()).map(|t| t.term.clone())
        });
        if let Some(term) = term {
            console.text.set(format!("SELECT * FROM {term} LIMIT 100"));
        }
    }

    /// Hands what was written to the browser as one file.
    fn save_query(self, rows: u64, end: SqlEnd) {
        let console = self.console;
        let source = console.back.with_value(|b| b.ran.clone()).map(|(s, _)| s);
        let name = self.opened.with_untracked(|o| {
            let opened = o.as_ref()?;
            let source = opened.sources.get(source?.0 as usize)?;
            Some(source.name.clone())
        });
        let saved = console.back.with_value(|b| {
            save_export(
                &name.unwrap_or_default(),
                "query",
                b.format.unwrap_or(ExportFormat::Csv),
                b.pieces.iter(),
            )
        });
        let taken = console.back.with_value(|b| now() - b.started);
        console.end(QueryState::Done(end, taken));
        let rows = format::counted(rows, "row", "rows");
        match (saved, end) {
            (Ok(name), SqlEnd::Whole) => self.say(format!("{rows} exported to {name}")),
            (Ok(name), SqlEnd::Cut | SqlEnd::Full) => self.notify(
                format!("{name} holds the first {rows} of the query and no more."),
                false,
            ),
            (Err(()), _) => self.notify("The browser did not save the export.", false),
        }
    }
}

/// The page ends a query by the clock: by its operations it may go on for long.
fn by_clock(rows: u64) -> SqlLimits {
    SqlLimits {
        rows,
        kilo_operations: 1_000_000_000,
    }
}

fn gone(message: &str) -> SqlError {
    SqlError {
        message: format!("the console's engine stopped: {message}"),
        offset: None,
    }
}
