//! The rivals: SQLite and DuckDB as WebAssembly, each on a page of its own in the same browser, with the log's columns
//! prepared for it. Their programs come from the folder that `cargo xtask bench --explore` installs them into.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::figures::{Theirs, median, percentile_95};
use crate::page::{memory, number, wait, whole};
use crate::questions;
use crate::server;
use crate::webdriver::Browser;

/// What tells memory, as on our page.
const WATCH: &str = concat!(include_str!("memories.js"), include_str!("watch.js"));

/// A rival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rival {
    Sqlite,
    DuckDb,
}

impl Rival {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::DuckDb];

    /// Its name for people, the page's name for it, its package.
    pub(crate) fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Sqlite => ("SQLite wasm", "sqlite", "@sqlite.org/sqlite-wasm"),
            Self::DuckDb => ("DuckDB-Wasm", "duckdb", "@duckdb/duckdb-wasm"),
        }
    }

    /// What comes to the table before the first question.
    fn preparation(self) -> Vec<String> {
        if self == Self::Sqlite {
            return Vec::new();
        }
        let columns = COLUMNS.map(|(name, kind)| format!("'{name}': '{kind}'"));
        vec![
            // Extensions would come from the network, and there is none.
            "SET autoinstall_known_extensions = false".to_owned(),
            "SET autoload_known_extensions = false".to_owned(),
            format!(
                "CREATE TABLE log AS SELECT * FROM read_csv('log.csv', header = true, delim = ',', quote = '\"', \
                 escape = '\"', columns = {{{}}})",
                columns.join(", ")
            ),
        ]
    }

    /// Expressions for a score in the details, the best first.
    fn scores(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["json_extract(details, '$.score')"],
            Self::DuckDb => &[
                "CAST(json_extract(details, '$.score') AS DOUBLE)",
                "TRY_CAST(regexp_extract(details, '\"score\": ([0-9.eE+-]+)', 1) AS DOUBLE)",
            ],
        }
    }
}

/// The columns that a rival gets: those of the log, the time as a number, and what ours knows besides.
const COLUMNS: [(&str, &str); 11] = [
    ("timestamp", "VARCHAR"),
    ("micros", "BIGINT"),
    ("entry_id", "VARCHAR"),
    ("event_type", "VARCHAR"),
    ("actor", "VARCHAR"),
    ("resource_type", "VARCHAR"),
    ("resource_id", "VARCHAR"),
    ("action", "VARCHAR"),
    ("source", "VARCHAR"),
    ("verdict", "VARCHAR"),
    ("details", "VARCHAR"),
];

/// A table with an index for every column that is filtered or counted.
const PREPARE: &str = "
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    CREATE TABLE log AS SELECT
        timestamp,
        unixepoch(timestamp) * 1000000 + CAST(substr(timestamp, 21, 6) AS INTEGER) AS micros,
        entry_id, event_type, actor, resource_type, resource_id, action,
        'log.db' AS source, 'verified' AS verdict, details
        FROM made.audit_log ORDER BY made.audit_log.rowid;
    CREATE INDEX by_event_type ON log(event_type, actor);
    CREATE INDEX by_actor ON log(actor);
    CREATE INDEX by_resource_type ON log(resource_type);
    CREATE INDEX by_resource_id ON log(resource_id);
    CREATE INDEX by_action ON log(action);
    CREATE INDEX by_time ON log(micros);
    ANALYZE;";

/// Writes what each rival loads, once for a log.
pub(crate) fn prepare(log: &Path, rival: Rival) -> PathBuf {
    let database = log.with_extension("rival.db");
    if !database.is_file() {
        let connection = Connection::open(&database).expect("a database can be made");
        let name = log.to_str().expect("the name is text");
        connection
            .execute("ATTACH ? AS made", [name])
            .and_then(|_| connection.execute_batch(PREPARE))
            .expect("the columns can be prepared");
    }
    match rival {
        Rival::Sqlite => database,
        Rival::DuckDb => {
            let file = log.with_extension("rival.csv");
            if !file.is_file() {
                write_csv(&database, &file).expect("the columns can be written");
            }
            file
        }
    }
}

fn write_csv(database: &Path, file: &Path) -> io::Result<()> {
    let connection = Connection::open(database).map_err(io::Error::other)?;
    let names = COLUMNS.map(|(name, _)| name).join(",");
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "{names}")?;
    let texts = COLUMNS.map(|(name, _)| format!("CAST({name} AS TEXT)"));
    let mut statement = connection
        .prepare(&format!(
            "SELECT {} FROM log ORDER BY rowid",
            texts.join(", ")
        ))
        .map_err(io::Error::other)?;
    let mut rows = statement.query([]).map_err(io::Error::other)?;
    while let Some(row) = rows.next().map_err(io::Error::other)? {
        for i in 0..COLUMNS.len() {
            let cell: String = row.get(i).map_err(io::Error::other)?;
            let comma = if i == 0 { "" } else { "," };
            write!(out, "{comma}\"{}\"", cell.replace('"', "\"\""))?;
        }
        writeln!(out)?;
    }
    out.flush()
}

/// Asks a rival everything; why not, if it cannot be asked.
pub(crate) fn measure(rival: Rival, packages: &Path, log: &Path) -> Result<Theirs, String> {
    let (_, name, package) = rival.names();
    if !packages.join(package).is_dir() {
        return Err(format!("{package} is not installed"));
    }
    let file = prepare(log, rival);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/explore");
    let address = server::serve(vec![("rivals", here), ("packages", packages.to_owned())]);
    let browser = Browser::start();
    browser.chromium(
        "Page.addScriptToEvaluateOnNewDocument",
        &json!({ "source": WATCH }),
    );
    browser.open(&format!("{address}/rivals/rivals.html"));
    let page = Page { browser };
    let input = wait("the rivals' page", || {
        page.browser
            .run("return window.load !== undefined;", &json!([]))
            .as_bool()?
            .then(|| page.browser.find("#file").pop())?
    });
    let before = memory(&page.browser);
    page.browser.choose(&input, &[&file]);
    let call = "window.load(arguments[0], arguments[1]);";
    let loaded = page.call(call, &json!([name, rival.preparation()]))?;
    let mut theirs = Theirs {
        loaded: number(&loaded["ms"]),
        ..Theirs::default()
    };
    let held = memory(&page.browser);
    theirs.memory = before.zip(held).map(|(before, held)| held - before);
    page.questions(rival, &mut theirs)?;
    Ok(theirs)
}

/// Removes what was prepared for a log.
pub(crate) fn clean_up(log: &Path) {
    for ending in ["rival.db", "rival.csv"] {
        fs::remove_file(log.with_extension(ending)).ok();
    }
}

struct Page {
    browser: Browser,
}

impl Page {
    fn questions(&self, rival: Rival, theirs: &mut Theirs) -> Result<(), String> {
        let mut times = Vec::new();
        for pair in questions::pairs() {
            times.push(self.ask(&pair.sql(), Some(&mut theirs.found))?);
        }
        theirs.filter = percentile_95(&times);
        theirs.filter_median = median(&times);
        let (mut counted, mut rows) = (Vec::new(), Vec::new());
        for word in questions::WORDS {
            counted.push(self.ask(&questions::count_word(word), Some(&mut theirs.found))?);
            rows.push(self.ask(&questions::first_with_word(word), None)?);
        }
        theirs.text = median(&counted);
        theirs.text_rows = median(&rows);
        let probe = |score: &&&str| self.ask(&[format!("SELECT {score} FROM log LIMIT 1")], None);
        let score = rival.scores().iter().find(|score| probe(score).is_ok());
        let score = score.ok_or("it cannot read JSON")?;
        if rival.scores().first() != Some(score) {
            println!(
                "  {}: its JSON functions come from the network; a regular expression stands in for them",
                rival.names().0
            );
        }
        let mut times = Vec::new();
        for bound in questions::bounds() {
            let query = questions::count_scores(score, bound);
            times.push(self.ask(&query, Some(&mut theirs.found))?);
        }
        theirs.score_first = times.remove(0);
        theirs.score_again = median(&times);
        Ok(())
    }

    /// Milliseconds for these queries, one after the other; the first value of the first one is noted.
    fn ask(&self, queries: &[String], found: Option<&mut Vec<Option<u64>>>) -> Result<f64, String> {
        let answer = self.call("window.ask(arguments[0]);", &json!([queries]))?;
        if let Some(found) = found {
            found.push(whole(&answer["first"]));
        }
        Ok(number(&answer["ms"]))
    }

    fn call(&self, script: &str, arguments: &Value) -> Result<Value, String> {
        self.browser.run(script, arguments);
        let state = wait("a rival", || {
            let state = self.browser.run("return window.state;", &json!([]));
            (!state.is_null()).then_some(state)
        });
        match state["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(state),
        }
    }
}
