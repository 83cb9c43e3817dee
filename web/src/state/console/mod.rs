//! Queries in SQL on the databases of a case: run by a worker of their own, which is ended to end a query.

mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

use auditglass::{ExportFormat, SourceIdx, SqlCell, SqlError, SqlTable};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use web_sys::Blob;

use crate::engine::client::Client;
use crate::protocol::SqlEnd;

/// The tables of a database, or why they cannot be told.
pub(crate) type Tables = Result<Arc<[SqlTable]>, String>;

/// What is told of the queries.
#[derive(Clone, Copy)]
pub(crate) struct Console {
    /// Whether it is shown.
    pub(crate) is_open: RwSignal<bool>,
    /// The query as it is typed.
    pub(crate) text: RwSignal<String>,
    /// The database that is asked.
    pub(crate) source: RwSignal<SourceIdx>,
    /// The tables of each database, or why they cannot be told.
    pub(crate) tables: RwSignal<BTreeMap<u32, Tables>>,
    /// Rows that a query may yield.
    pub(crate) rows_limit: RwSignal<u64>,
    /// Seconds that it may take.
    pub(crate) seconds_limit: RwSignal<u32>,
    /// What became of the latest query.
    pub(crate) state: RwSignal<QueryState>,
    /// Milliseconds that the query under way has taken.
    pub(crate) taken: RwSignal<f64>,
    /// The names of the columns.
    pub(crate) columns: RwSignal<Arc<[String]>>,
    /// How many rows are here.
    pub(crate) count: RwSignal<u64>,
    /// Another number with each result.
    pub(crate) result: RwSignal<u32>,
    /// The row and the column of the cell that is chosen.
    pub(crate) chosen: RwSignal<Option<(u64, usize)>>,
    rows: StoredValue<Vec<Arc<[SqlCell]>>>,
    back: StoredValue<Back, LocalStorage>,
}

/// What became of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum QueryState {
    /// None was run.
    Idle,
    /// It runs; so many rows were written into a file, if it is an export.
    Running(Option<u64>),
    /// It ended; what it took.
    Done(SqlEnd, f64),
    /// It ended early.
    Failed(Failure),
    /// The reader ended it.
    Cancelled,
}

/// Why a query has failed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The query as it was run.
    pub(crate) query: String,
    /// What is wrong, and where.
    pub(crate) error: SqlError,
    /// What to try, where it is the console that ended it.
    pub(crate) hint: Option<&'static str>,
}

/// What is behind a console.
#[derive(Default)]
struct Back {
    worker: Option<Client>,
    /// The number of the latest query; answers that carry another one are late.
    query: u32,
    started: f64,
    /// The query whose rows are here, with its database.
    ran: Option<(SourceIdx, String)>,
    /// The latest last.
    history: Vec<String>,
    format: Option<ExportFormat>,
    pieces: Vec<Blob>,
    ticker: Option<IntervalHandle>,
    was_typed: bool,
}

impl Console {
    /// With nothing asked.
    pub(super) fn new() -> Self {
        Self {
            is_open: RwSignal::new(false),
            text: RwSignal::new(String::new()),
            source: RwSignal::new(SourceIdx(0)),
            tables: RwSignal::new(BTreeMap::new()),
            rows_limit: RwSignal::new(10_000),
            seconds_limit: RwSignal::new(30),
            state: RwSignal::new(QueryState::Idle),
            taken: RwSignal::new(0.0),
            columns: RwSignal::new(Arc::from([])),
            count: RwSignal::new(0),
            result: RwSignal::new(0),
            chosen: RwSignal::new(None),
            rows: StoredValue::new(Vec::new()),
            back: StoredValue::new_local(Back::default()),
        }
    }

    /// The row at this place.
    pub(crate) fn row(self, at: u64) -> Option<Arc<[SqlCell]>> {
        let at = usize::try_from(at).ok()?;
        self.rows.with_value(|rows| rows.get(at).cloned())
    }

    /// The first rows, by which the widths of columns are chosen.
    pub(crate) fn first_rows(self, n: usize) -> Vec<Arc<[SqlCell]>> {
        self.rows
            .with_value(|rows| rows.iter().take(n).cloned().collect())
    }

    /// Queries that were run, the latest first.
    pub(crate) fn history(self) -> Vec<String> {
        self.back
            .with_value(|b| b.history.iter().rev().cloned().collect())
    }

    /// The query was typed.
    pub(crate) fn type_query(self, text: String) {
        self.back.update_value(|b| b.was_typed = true);
        self.text.set(text);
    }

    /// Whether a query runs.
    pub(crate) fn is_running(self) -> bool {
        self.state.with(|s| matches!(s, QueryState::Running(_)))
    }

    /// Whether there is a result that can be written out.
    pub(crate) fn can_export(self) -> bool {
        !self.is_running() && self.columns.with(|c| !c.is_empty())
    }

    fn is_current(self, query: u32) -> bool {
        let latest = self.back.try_with_value(|b| b.query);
        latest == Some(query)
            && self
                .state
                .with_untracked(|s| matches!(s, QueryState::Running(_)))
    }

    /// Another query begins; its number.
    fn begin(self, export: Option<ExportFormat>) -> u32 {
        self.state.set(QueryState::Running(export.map(|_| 0)));
        self.taken.set(0.0);
        self.back
            .try_update_value(|b| {
                b.query = b.query.wrapping_add(1);
                b.started = now();
                b.format = export;
                b.pieces.clear();
                b.query
            })
            .unwrap_or_default()
    }

    /// A query has ended.
    fn end(self, state: QueryState) {
        self.back.update_value(|b| {
            b.pieces.clear();
            if let Some(ticker) = b.ticker.take() {
                ticker.clear();
            }
        });
        self.state.set(state);
    }

    fn fail(self, error: SqlError, hint: Option<&'static str>) {
        let ran = self.back.with_value(|b| b.ran.clone());
        self.end(QueryState::Failed(Failure {
            query: ran.map_or_else(String::new, |(_, text)| text),
            error,
            hint,
        }));
    }
}

fn now() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}
