//! Plain-text cases: a filter, then the ids that it selects or what is wrong with it.

use std::fmt::Write as _;
use std::path::Path;

use auditglass::{Case, FilterError};
use auditglass_tests::{file_input, root};

use super::{entry, ids, opened};

/// A file of cases: a log, then filters with what they must give.
struct Cases {
    head: String,
    log: String,
    filters: Vec<(String, String)>,
}

fn parse(text: &str) -> Cases {
    let (head, filters) = text
        .split_once("--- filters\n")
        .expect("a section of filters");
    let (_, log) = head
        .split_once("--- log\n")
        .expect("a section with the log");
    let mut cases = Cases {
        head: head.to_owned(),
        log: log.to_owned(),
        filters: Vec::new(),
    };
    for line in filters.lines() {
        if let Some(filter) = line.strip_prefix('>') {
            let filter = filter.strip_prefix(' ').unwrap_or(filter);
            cases.filters.push((filter.to_owned(), String::new()));
        } else if let Some((_, expected)) = cases.filters.last_mut() {
            expected.push_str(line);
            expected.push('\n');
        }
    }
    cases
}

fn print(cases: &Cases) -> String {
    let mut text = format!("{}--- filters\n", cases.head);
    for (filter, expected) in &cases.filters {
        let _ = write!(text, "> {filter}\n{expected}");
    }
    text
}

/// What a filter gives, as it stands in a file: the ids, or the place and the reason why it is refused.
fn found(case: &Case, filter: &str) -> String {
    match ids(case, filter) {
        Ok(ids) if ids.is_empty() => "  -\n".to_owned(),
        Ok(ids) => format!("  {}\n", ids.join(" ")),
        Err(error) => refused(filter, &error),
    }
}

fn refused(filter: &str, error: &FilterError) -> String {
    let (start, end) = (error.start as usize, error.end as usize);
    let before = filter[..start].chars().count();
    let under = filter[start..end].chars().count().max(1);
    let nearest = match &error.nearest {
        Some(nearest) => format!(" ({nearest}?)"),
        None => String::new(),
    };
    format!(
        "! {}{} {}{nearest}\n",
        " ".repeat(before),
        "^".repeat(under),
        error.message
    )
}

/// The log in every container that it can stand in.
fn containers(log: &str, folder: &Path) -> Vec<(&'static str, Case)> {
    let lines = entry::expand(log, entry::Form::Json).expect("the log's macros");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a temporary file");
        opened(vec![file_input(&path)])
    };
    let mut cases = vec![("json lines", file("log", &lines))];
    let text = String::from_utf8(lines).expect("the log is UTF-8");
    let array = format!("[{}]", text.trim().replace('\n', ",\n"));
    cases.push(("json array", file("log", array.as_bytes())));
    // What stands only in JSON has no place in a table.
    if log.lines().all(|line| line.starts_with("@{")) {
        let tuples = entry::expand(log, entry::Form::Sql).expect("the log's macros");
        let tuples = String::from_utf8(tuples).expect("SQL is UTF-8");
        let path = folder.join("log");
        std::fs::remove_file(&path).expect("the file just written");
        let database = rusqlite::Connection::open(&path).expect("a new database");
        let columns = "entry_id TEXT, timestamp TEXT, event_type TEXT, actor TEXT, resource_type TEXT, resource_id TEXT, action TEXT, details TEXT, checksum TEXT, written_at TEXT";
        database
            .execute_batch(&format!("CREATE TABLE audit_log ({columns})"))
            .expect("a table");
        for tuple in tuples.lines() {
            database
                .execute_batch(&format!("INSERT INTO audit_log VALUES {tuple}"))
                .expect("a row");
        }
        drop(database);
        cases.push(("sqlite", opened(vec![file_input(&path)])));
    }
    cases
}

#[test]
fn cases() {
    let folder = root().join("tests/query");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of the cases")
        .map(|f| f.expect("a listed file").path())
        .filter(|p| p.extension().is_some_and(|e| e == "case"))
        .collect();
    files.sort();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let (mut count, mut failures) = (0, String::new());
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a case file is UTF-8");
        let mut cases = parse(&text);
        let temporary = tempfile::tempdir().expect("a temporary folder");
        for (container, case) in containers(&cases.log, temporary.path()) {
            for (filter, expected) in &mut cases.filters {
                count += 1;
                // The second time, the paths that it names are columns.
                for round in ["first", "second"] {
                    let found = found(&case, filter);
                    if found == *expected {
                        continue;
                    }
                    if update && container == "json lines" && round == "first" {
                        *expected = found;
                    } else {
                        let _ = write!(
                            failures,
                            "{container}, {round} time\n> {filter}\n{expected}found\n{found}\n"
                        );
                    }
                }
            }
        }
        if update {
            std::fs::write(file, print(&cases)).expect("the case file can be written");
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(count >= 600, "only {count} filters were run");
}
