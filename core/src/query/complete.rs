//! What could be typed next: fields, their values with counts, keywords, and details paths that occur.

use std::collections::{BTreeMap, BTreeSet};

use super::cursor::place;
use super::details::details_text;
use super::fields::Field;
use super::path::{Path, Step};
use super::plan::column;
use super::search::Context;
use super::term::term;
use super::value::ends_value;
use crate::entry::Fields;
use crate::index::{self, Column, decoded};
use crate::json::{Reader, Sink, Str, decode_string};
use crate::scheme::REFERENCE;
use crate::view::{Completion, Verdict};

/// Completions of one kind.
const MOST: usize = 50;
/// Entries whose details are looked at for paths, spread over the case.
const SAMPLE: u32 = 200;
/// Paths that are kept of them, and how deep they go.
const MOST_PATHS: usize = 2_000;
const DEEPEST: usize = 6;

/// What could stand at `cursor`.
pub(crate) fn complete(context: &Context<'_>, filter: &str, cursor: u32) -> Vec<Completion> {
    let mut cursor = (cursor as usize).min(filter.len());
    while !filter.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let spot = Spot::find(filter, cursor);
    let (head, typed) = match &spot.list_head {
        Some(head) => (head.as_str(), &filter[spot.start..cursor]),
        None => split_head(&filter[spot.start..cursor]),
    };
    let value_start = cursor - typed.len();
    let field = head.trim_end_matches([':', '=', '<', '>', '!']);
    let mut made = Vec::new();
    let mut offer = |start: usize, text: String, kind: &str, count: Option<u64>| {
        made.push(Completion {
            start: place(start),
            end: place(spot.end),
            text,
            kind: kind.to_owned(),
            count,
        });
    };
    match field {
        "" => {
            let start = spot.start;
            for name in names() {
                if name.starts_with(typed) {
                    offer(start, format!("{name}:"), "field", None);
                }
            }
            if typed.starts_with("details") {
                for (path, count) in paths(context, typed) {
                    offer(start, path, "field", count);
                }
            }
            for word in ["OR", "NOT", "AND"] {
                if !typed.is_empty() && word.starts_with(typed) {
                    offer(start, word.to_owned(), "keyword", None);
                }
            }
        }
        "has" => {
            for field in Field::ALL {
                if field.name().starts_with(typed) {
                    offer(value_start, field.name().to_owned(), "field", None);
                }
            }
            for (path, count) in paths(context, typed) {
                offer(value_start, path, "field", count);
            }
        }
        "after" | "before" | "on" => {
            if let Some((first, last)) = context.index.extent() {
                for micros in [last, first] {
                    let day =
                        super::time::print(micros).map(|t| t.chars().take(10).collect::<String>());
                    if let Some(day) = day.filter(|d| d.starts_with(typed)) {
                        offer(value_start, day, "value", None);
                    }
                }
            }
        }
        "last" => {
            for span in ["24h", "7d", "30d", "90d", "52w"] {
                if span.starts_with(typed) {
                    offer(value_start, span.to_owned(), "value", None);
                }
            }
        }
        _ => {
            for (value, count) in values(context, field, typed) {
                offer(value_start, value, "value", Some(count));
            }
        }
    }
    made
}

/// Names that a condition may begin with; short forms last.
fn names() -> impl Iterator<Item = &'static str> {
    let words = [
        "has", "after", "before", "on", "last", "resource", "details", "type", "id",
    ];
    Field::ALL.iter().map(|f| f.name()).chain(words)
}

/// The condition that stands at the cursor.
struct Spot {
    start: usize,
    end: usize,
    /// In a list of values: what stands before the list.
    list_head: Option<String>,
}

impl Spot {
    fn find(filter: &str, cursor: usize) -> Self {
        let mut start = 0;
        let mut is_quoted = false;
        let mut heads: Vec<Option<String>> = Vec::new();
        let mut chars = filter.char_indices();
        let mut end = filter.len();
        while let Some((i, c)) = chars.next() {
            if i >= cursor && !is_quoted && ends_value(c) {
                end = i;
                break;
            }
            match c {
                '\\' => {
                    chars.next();
                }
                '"' => is_quoted = !is_quoted,
                _ if is_quoted => {}
                '(' => {
                    let head = &filter[start..i];
                    let is_list = head.ends_with([':', '=']);
                    heads.push(is_list.then(|| head.trim_start_matches('-').to_owned()));
                    start = i + 1;
                }
                ')' => {
                    heads.pop();
                    start = i + 1;
                }
                '-' if i == start => start = i + 1,
                c if c.is_whitespace() => start = i + c.len_utf8(),
                _ => {}
            }
        }
        Self {
            start: start.min(cursor),
            end: end.max(cursor),
            list_head: heads.pop().flatten(),
        }
    }
}

/// `actor:` and what is typed behind it; nothing and all of it if there is no operator yet.
fn split_head(typed: &str) -> (&str, &str) {
    let mut is_quoted = false;
    let operators = |c: char| matches!(c, ':' | '=' | '<' | '>' | '!');
    for (i, c) in typed.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if !is_quoted && operators(c) => {
                let behind = typed[i..].trim_start_matches(operators);
                return typed.split_at(typed.len() - behind.len());
            }
            _ => {}
        }
    }
    ("", typed)
}

/// Values of a field that begin with what is typed, or else contain it; the most frequent first.
fn values(context: &Context<'_>, name: &str, typed: &str) -> Vec<(String, u64)> {
    let wanted = typed
        .trim_start_matches(['"', '~'])
        .trim_end_matches('"')
        .to_lowercase();
    let index = context.index;
    match Field::named(name) {
        Some(Field::Finding) => {
            let count = |code: &str| {
                let rows = index.rows_of_findings(index.len(), |c| c == code);
                u64::from(rows.count())
            };
            let codes = index
                .all_finding_codes()
                .iter()
                .filter(|c| c.contains(&wanted));
            let mut codes: Vec<_> = codes.map(|c| ((*c).to_owned(), count(c))).collect();
            codes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            codes
        }
        Some(field) => match column(field) {
            Some(index::Field::Verdict) => {
                let all = of_column(field.name(), index.column(index::Field::Verdict), &wanted);
                let count = |word: &str| all.iter().find(|v| v.0 == word).map_or(0, |v| v.1);
                let words = Verdict::ALL.map(Verdict::as_str);
                let words = words.into_iter().filter(|w| w.contains(&wanted));
                words.map(|w| (w.to_owned(), count(w))).collect()
            }
            Some(column) => of_column(field.name(), index.column(column), &wanted),
            None => Vec::new(),
        },
        None => {
            let path = super::condition::parse_path(name);
            let known = path.and_then(|p| context.paths.borrow_mut().get(&p, 0));
            known.map_or_else(Vec::new, |known| of_column(name, &known.column, &wanted))
        }
    }
}

fn of_column(field: &str, column: &Column, wanted: &str) -> Vec<(String, u64)> {
    let dictionary = column.dictionary();
    let mut fitting: Vec<(bool, u32, u32)> = Vec::new();
    for (code, count) in (0..dictionary.len()).zip(column.totals()) {
        let json = dictionary.text(code);
        if json.is_empty() || *count == 0 {
            continue;
        }
        let text = decoded(json);
        let text = String::from_utf8_lossy(&text).to_lowercase();
        if text.contains(wanted) {
            fitting.push((!text.starts_with(wanted), *count, code));
        }
    }
    fitting.sort_by(|a, b| (a.0, b.1, a.2).cmp(&(b.0, a.1, b.2)));
    let value = |(_, count, code): (bool, u32, u32)| {
        let term = term(field, dictionary.text(code));
        let value = term.get(field.len() + 1..).unwrap_or("").to_owned();
        (value, u64::from(count))
    };
    fitting.into_iter().take(MOST).map(value).collect()
}

/// Details paths that occur in a sample and begin with what is typed, the most frequent first; with counts if the sample is
/// the whole case.
fn paths(context: &Context<'_>, typed: &str) -> Vec<(String, Option<u64>)> {
    let len = context.index.len();
    let step = len.div_ceil(SAMPLE).max(1);
    let rows: Vec<u32> = (0..len).step_by(step as usize).collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut reader = Reader::default();
    let read = context
        .entries
        .read_again(&rows, Fields::Details, &mut |_, entry| {
            let mut leaves = Leaves::default();
            if let Some(text) = entry.and_then(|e| details_text(e.fields[REFERENCE.details]))
                && reader.read(&text, &mut leaves).is_ok()
            {
                for path in leaves.found {
                    if counts.len() < MOST_PATHS || counts.contains_key(&path) {
                        *counts.entry(path).or_default() += 1;
                    }
                }
            }
        });
    if read.is_err() {
        return Vec::new();
    }
    let mut found: Vec<(String, u64)> = counts.into_iter().collect();
    found.retain(|(path, _)| path.starts_with(typed) && path != typed);
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(MOST);
    // A sample's count is no count of the case.
    let is_all = step == 1;
    let told = |(path, count)| (path, is_all.then_some(count));
    found.into_iter().map(told).collect()
}

/// The paths of an entry's scalars, each once.
#[derive(Default)]
struct Leaves {
    /// Where the value that comes next lies; for each open container its step.
    steps: Vec<Step>,
    found: BTreeSet<String>,
}

impl Leaves {
    fn scalar(&mut self) {
        if !self.steps.is_empty() && self.steps.len() <= DEEPEST && self.found.len() < MOST_PATHS {
            self.found.insert(Path(self.steps.clone()).to_string());
        }
    }
}

impl Sink for Leaves {
    fn null(&mut self) {
        self.scalar();
    }

    fn boolean(&mut self, _: bool) {
        self.scalar();
    }

    fn integer(&mut self, _: &[u8]) {
        self.scalar();
    }

    fn float(&mut self, _: &[u8]) {
        self.scalar();
    }

    fn constant(&mut self, _: &'static str) {
        self.scalar();
    }

    fn string(&mut self, _: Str<'_>) {
        self.scalar();
    }

    fn begin_array(&mut self) {
        self.steps.push(Step::Each);
    }

    fn end_array(&mut self) {
        self.steps.pop();
    }

    fn begin_object(&mut self) {
        self.steps.push(Step::Key(String::new()));
    }

    fn key(&mut self, key: Str<'_>) {
        let mut text = Vec::new();
        decode_string(key, &mut text);
        if let Some(step) = self.steps.last_mut() {
            *step = Step::Key(String::from_utf8_lossy(&text).into_owned());
        }
    }

    fn end_object(&mut self) {
        self.steps.pop();
    }
}
