//! What became of a query: how many rows in what time, or what is wrong, where, and what to try.

use leptos::prelude::*;

use crate::format;
use crate::protocol::SqlEnd;
use crate::state::{Console, Failure, QueryState, Viewer};
use crate::widgets::prose;

/// Characters of a query before and behind the place of an error.
const AROUND: usize = 60;

/// The line below the editor, and the card of an error.
#[component]
pub(super) fn Outcome() -> impl IntoView {
    let console = Viewer::here().console;
    let failure = Memo::new(move |_| match console.state.get() {
        QueryState::Failed(failure) => Some(failure),
        _ => None,
    });
    view! {
        <p class="console-status" role="status" data-testid="sql-status">
            {move || status(console)}
        </p>
        {move || failure.get().map(|failure| card(console, &failure))}
    }
}

fn status(console: Console) -> String {
    let rows = || format::counted(console.count.get(), "row", "rows");
    match console.state.get() {
        QueryState::Idle => String::new(),
        QueryState::Running(Some(written)) => {
            format!(
                "Writing: {} so far",
                format::counted(written, "row", "rows")
            )
        }
        QueryState::Running(None) => format!(
            "Running for {}, {} so far; it is ended after {}.",
            format::duration(console.taken.get()),
            rows(),
            limit(console.seconds_limit.get())
        ),
        QueryState::Done(SqlEnd::Whole, ms) => format!("{} in {}", rows(), format::duration(ms)),
        QueryState::Done(SqlEnd::Cut, ms) => format!(
            "The first {} in {}; there are more. An export holds them, up to 1,000,000.",
            rows(),
            format::duration(ms)
        ),
        QueryState::Done(SqlEnd::Full, ms) => format!(
            "The first {} in {}: the page has no room for more. An export holds them, up to 1,000,000.",
            rows(),
            format::duration(ms)
        ),
        QueryState::Cancelled if console.count.get() == 0 => "Cancelled.".to_owned(),
        QueryState::Cancelled => format!("Cancelled; {} had come.", rows()),
        QueryState::Failed(_) if console.count.get() > 0 => {
            format!("{} had come before the error.", rows())
        }
        QueryState::Failed(_) => String::new(),
    }
}

/// A limit of time.
pub(super) fn limit(seconds: u32) -> String {
    match seconds {
        60.. => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

fn card(console: Console, failure: &Failure) -> impl IntoView + use<> {
    let place = failure
        .error
        .offset
        .and_then(|at| place(&failure.query, at as usize));
    let nearest = nearest(console, &failure.error.message);
    let hint = match (failure.hint, nearest) {
        (Some(hint), _) => hint.to_owned(),
        (None, Some(nearest)) => format!("Did you mean `{nearest}`?"),
        (None, None) => advice(&failure.error.message).to_owned(),
    };
    view! {
        <article class="card console-error" role="alert" data-testid="sql-error">
            <span class="disc bad" aria-hidden="true">
                "✗"
            </span>
            <div>
                <h2>"The query could not be carried through"</h2>
                <p>{prose(&format::sentence(&failure.error.message))}</p>
                {place
                    .map(|place| {
                        view! {
                            <pre class="console-place mono" data-testid="sql-place">
                                <span class="fine">{format!("line {}  ", place.line)}</span>
                                <bdi>{place.before} <mark>{place.at}</mark> {place.behind}</bdi>
                            </pre>
                        }
                    })}
                <p class="card-hint">{prose(&hint)}</p>
            </div>
        </article>
    }
}

/// Where in a query an error lies.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// From 1.
    line: usize,
    before: String,
    at: String,
    behind: String,
}

fn place(query: &str, offset: usize) -> Option<Place> {
    let (head, tail) = (query.get(..offset)?, query.get(offset..)?);
    let before = head.rsplit('\n').next().unwrap_or_default();
    let rest = tail.lines().next().unwrap_or_default();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let (at, behind) = rest.split_at(word.max(first));
    let skipped = before.chars().count().saturating_sub(AROUND);
    Some(Place {
        line: head.matches('\n').count() + 1,
        before: before.chars().skip(skipped).collect(),
        at: if at.is_empty() {
            "⏎".into()
        } else {
            at.into()
        },
        behind: behind.chars().take(AROUND).collect(),
    })
}

/// What to try, by SQLite's words.
fn advice(message: &str) -> &'static str {
    const ADVICE: [(&str, &str); 10] = [
        (
            "no such table",
            "The tables are listed at the side. Table-valued functions such as `json_each` are not there; `details ->> '$.path'` reads a value.",
        ),
        (
            "no such column",
            "The columns are listed at the side; a text is in 'single quotes'.",
        ),
        (
            "no such function",
            "The functions that SQLite itself has are there, and no others.",
        ),
        ("not authorized", READ_ONLY),
        ("prohibited", READ_ONLY),
        ("readonly", READ_ONLY),
        (
            "one query",
            "Run what stands behind the semicolon on its own.",
        ),
        (
            "longer than",
            "Narrow it with WHERE or LIMIT, or give it more time.",
        ),
        (
            "incomplete",
            "Something is missing at the end, such as a closing parenthesis or quote.",
        ),
        (
            "unrecognized token",
            "A quote may lack its other half; a text is in 'single quotes', a name in \"double quotes\".",
        ),
    ];
    let found = ADVICE.iter().find(|(words, _)| message.contains(words));
    found.map_or(
        "Look at what stands before the mark: a comma, a parenthesis or a quote may be missing.",
        |(_, advice)| advice,
    )
}

const READ_ONLY: &str =
    "The console reads and never writes: SELECT, WITH, VALUES, EXPLAIN, and pragmas that describe.";

/// The table or column that looks most like the one that is not there.
fn nearest(console: Console, message: &str) -> Option<String> {
    let (kind, name) = message.split_once(": ")?;
    let source = console.source.get_untracked().0;
    let names: Vec<String> = console.tables.with_untracked(|all| {
        let tables = all.get(&source)?.as_ref().ok()?;
        Some(match kind {
            "no such table" => tables.iter().map(|t| t.term.clone()).collect(),
            "no such column" => {
                let columns = tables.iter().flat_map(|t| &t.columns);
                columns.map(|c| c.term.clone()).collect()
            }
            _ => Vec::new(),
        })
    })?;
    let name = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let scored = names
        .into_iter()
        .map(|n| (distance(&name, &n.to_lowercase()), n));
    scored
        .filter(|(d, n)| !n.is_empty() && *d <= 2.max(name.chars().count() / 3))
        .min()
        .map(|(_, n)| n)
}

/// Characters to be changed, added or taken away to make `b` of `a`; only of their first 64.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, c) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, d) in b.iter().enumerate() {
            let changed = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_error_is_shown_in_its_line() {
        let query = "SELECT a,\n  nowhere FROM t";
        let place = place(query, 12).unwrap();
        assert_eq!(
            (place.line, &*place.before, &*place.at, &*place.behind),
            (2, "  ", "nowhere", " FROM t")
        );
        assert_eq!(super::place("é", 1), None);
        assert_eq!(super::place("SELECT", 6).unwrap().at, "⏎");
        assert_eq!(super::place("a ==é= b", 4).unwrap().at, "é");
    }

    #[test]
    fn what_looks_alike_is_near() {
        assert_eq!(distance("acter", "actor"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
