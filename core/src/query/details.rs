//! Values inside the details of an entry that was read again: many paths in one pass, without a tree.

use std::borrow::Cow;

use super::path::{Path, Step};
use super::values::{ARRAY, OBJECT};
use crate::canon::{write_float, write_token};
use crate::entry::RawValue;
use crate::json::{Reader, Sink, Str, decode_bytes, decode_string, scan_string};

/// The JSON text that a details field holds; `None` if it can hold none.
pub(crate) fn details_text(value: RawValue<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        RawValue::Text(text) => Some(Cow::Borrowed(text)),
        RawValue::Blank => Some(Cow::Borrowed(b"")),
        RawValue::Blob(bytes) => decode_bytes(bytes).ok().map(Cow::Owned),
        RawValue::Json(token) if token.first() == Some(&b'"') => {
            let (string, _) = scan_string(token, 0).ok()?;
            if string.is_plain {
                return Some(Cow::Borrowed(string.raw));
            }
            let mut text = Vec::with_capacity(token.len());
            decode_string(string, &mut text);
            Some(Cow::Owned(text))
        }
        RawValue::Json(token) => Some(Cow::Borrowed(token)),
        RawValue::Missing
        | RawValue::Null
        | RawValue::Bare
        | RawValue::Integer(_)
        | RawValue::Real(_) => None,
    }
}

/// Finds the values at some paths.
pub(crate) struct PathFinder {
    reader: Reader,
    walk: Walk,
}

struct Walk {
    paths: Vec<Tracked>,
    stack: Vec<Frame>,
    /// The canonical JSON texts of what was found, end to end.
    arena: Vec<u8>,
    scratch: Vec<u8>,
}

struct Tracked {
    steps: Vec<Step>,
    /// How many open containers, from the outermost on, lie on the path.
    matched: usize,
    /// Whether the value that comes next does.
    is_next: bool,
    found: Vec<(usize, usize)>,
    /// For each open container on the path: how many values had been found when it began. A key that occurs again in it
    /// takes the place of the first.
    before: Vec<usize>,
}

struct Frame {
    is_object: bool,
    next: u64,
}

impl PathFinder {
    pub(crate) fn new(paths: &[Path]) -> Self {
        let tracked = |path: &Path| Tracked {
            steps: path.0.clone(),
            matched: 0,
            is_next: false,
            found: Vec::new(),
            before: vec![0; path.0.len()],
        };
        Self {
            reader: Reader::default(),
            walk: Walk {
                paths: paths.iter().map(tracked).collect(),
                stack: Vec::new(),
                arena: Vec::new(),
                scratch: Vec::new(),
            },
        }
    }

    /// Reads a details field. What is no JSON has no values.
    pub(crate) fn read(&mut self, details: RawValue<'_>) {
        self.clear();
        if let Some(text) = details_text(details)
            && self.reader.read(&text, &mut self.walk).is_err()
        {
            self.clear();
        }
    }

    /// Forgets what was found.
    pub(crate) fn clear(&mut self) {
        self.walk.stack.clear();
        self.walk.arena.clear();
        for path in &mut self.walk.paths {
            path.matched = 0;
            path.is_next = false;
            path.found.clear();
        }
    }

    /// The canonical JSON texts of the values at the path of this place; of objects and arrays only the brackets.
    pub(crate) fn values(&self, path: usize) -> impl Iterator<Item = &str> {
        let found = self.walk.paths.get(path).map_or(&[][..], |p| &p.found);
        found.iter().map(|(from, to)| {
            // Canonical is ASCII.
            std::str::from_utf8(&self.walk.arena[*from..*to]).unwrap_or("")
        })
    }
}

impl Walk {
    /// A value begins: tells whether it lies at the end of any path.
    fn begin(&mut self) -> bool {
        let depth = self.stack.len();
        if let Some(frame) = self.stack.last_mut()
            && !frame.is_object
        {
            let index = frame.next;
            frame.next += 1;
            for path in &mut self.paths {
                path.is_next = path.matched + 1 == depth
                    && match path.steps.get(depth - 1) {
                        Some(Step::Index(wanted)) => *wanted == index,
                        Some(Step::Each) => true,
                        _ => false,
                    };
            }
        }
        self.paths
            .iter()
            .any(|p| p.is_next && p.steps.len() == depth)
    }

    /// Notes the value that was just written to the arena for every path that ends here.
    fn end(&mut self, from: usize) {
        let (depth, to) = (self.stack.len(), self.arena.len());
        for path in &mut self.paths {
            if path.is_next && path.steps.len() == depth {
                path.found.push((from, to));
            }
        }
    }

    fn value(&mut self, json: &[u8]) {
        if self.begin() {
            let from = self.arena.len();
            self.arena.extend_from_slice(json);
            self.end(from);
        }
    }

    fn open(&mut self, is_object: bool) {
        self.value(if is_object { OBJECT } else { ARRAY }.as_bytes());
        let depth = self.stack.len();
        for path in &mut self.paths {
            if path.is_next {
                path.matched = depth;
            }
            path.is_next = false;
            if path.matched == depth
                && let Some(before) = path.before.get_mut(depth)
            {
                *before = path.found.len();
            }
        }
        self.stack.push(Frame { is_object, next: 0 });
    }

    fn close(&mut self) {
        self.stack.pop();
        let outer = self.stack.len().saturating_sub(1);
        for path in &mut self.paths {
            path.matched = path.matched.min(outer);
            path.is_next = false;
        }
    }
}

impl Sink for Walk {
    fn null(&mut self) {
        self.value(b"null");
    }

    fn boolean(&mut self, value: bool) {
        self.value(if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, token: &[u8]) {
        self.value(if token == b"-0" { b"0" } else { token });
    }

    fn float(&mut self, token: &[u8]) {
        if !self.begin() {
            return;
        }
        let from = self.arena.len();
        let value: f64 = std::str::from_utf8(token)
            .ok()
            .and_then(|t| t.parse().ok())
            .unwrap_or(f64::NAN);
        write_number(value, &mut self.arena);
        self.end(from);
    }

    fn constant(&mut self, token: &'static str) {
        self.value(token.as_bytes());
    }

    fn string(&mut self, string: Str<'_>) {
        if self.begin() {
            let from = self.arena.len();
            write_token(string, &mut self.arena);
            self.end(from);
        }
    }

    fn begin_array(&mut self) {
        self.open(false);
    }

    fn end_array(&mut self) {
        self.close();
    }

    fn begin_object(&mut self) {
        self.open(true);
    }

    fn key(&mut self, key: Str<'_>) {
        let depth = self.stack.len();
        let text = if key.is_plain {
            key.raw
        } else {
            self.scratch.clear();
            decode_string(key, &mut self.scratch);
            &self.scratch
        };
        for path in &mut self.paths {
            path.is_next = path.matched + 1 == depth
                && matches!(path.steps.get(depth - 1), Some(Step::Key(k)) if k.as_bytes() == text);
            if path.is_next {
                path.found.truncate(path.before[depth - 1]);
            }
        }
    }

    fn end_object(&mut self) {
        self.close();
    }
}

/// A float as it is counted and compared: a whole number as the integer that it equals.
fn write_number(value: f64, out: &mut Vec<u8>) {
    if value.fract() == 0.0 && value.abs() < 1e22 {
        // Adding zero makes one zero of the two.
        out.extend_from_slice(format!("{:.0}", value + 0.0).as_bytes());
    } else {
        write_float(value, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::condition::parse_path;

    fn check(details: &str, path: &str, expected: &[&str]) {
        let paths = [
            parse_path(path).expect("a path"),
            parse_path("details.other").expect("a path"),
        ];
        let mut finder = PathFinder::new(&paths);
        for _ in 0..2 {
            finder.read(RawValue::Text(details.as_bytes()));
            assert_eq!(
                finder.values(0).collect::<Vec<_>>(),
                expected,
                "{path} in {details}"
            );
        }
    }

    #[test]
    fn values_are_found_by_path() {
        let details =
            r#"{"a": {"b": [1, {"c": "x"}, [2, 3]], "a": 5}, "b": 0, "Zo\u00eb": true, "": null}"#;
        check(details, "details.a.b[0]", &["1"]);
        check(details, "details.a.b[1].c", &["\"x\""]);
        check(details, "details.a.b[2][1]", &["3"]);
        check(details, "details.a.b[*]", &["1", "{}", "[]"]);
        check(details, "details.a.b[*][*]", &["2", "3"]);
        check(details, "details.a.b[*].c", &["\"x\""]);
        check(details, "details.a", &["{}"]);
        check(details, "details.a.a", &["5"]);
        check(details, "details.b", &["0"]);
        check(details, "details.Zoë", &["true"]);
        check(details, "details.\"\"", &["null"]);
        check(details, "details.c", &[]);
        check(details, "details[0]", &[]);
        check(details, "details.a.b.c", &[]);
        check(r#"[[1, 2], {"k": 3}]"#, "details[0][1]", &["2"]);
        check(r#"[[1, 2], {"k": 3}]"#, "details[1].k", &["3"]);
        check("5", "details.a", &[]);
        check(r#"{"a": 1"#, "details.a", &[]);
    }

    #[test]
    fn of_equal_keys_the_last_one_counts_as_in_python() {
        check(r#"{"a": 1, "a": 2}"#, "details.a", &["2"]);
        check(r#"{"a": {"b": 1}, "a": {"c": 2}}"#, "details.a.b", &[]);
        check(r#"{"a": {"b": 1}, "a": 5}"#, "details.a.b", &[]);
        check(r#"{"a": [1, 2], "\u0061": [3]}"#, "details.a[*]", &["3"]);
        check(
            r#"[{"a": 1, "a": 2}, {"a": 3}]"#,
            "details[*].a",
            &["2", "3"],
        );
    }

    #[test]
    fn equal_numbers_have_one_text() {
        check(
            r#"{"a": [1, 1.0, 1e0, -0.0, 0, 1e15, 0.10, 1e400, NaN, 9007199254740993]}"#,
            "details.a[*]",
            &[
                "1",
                "1",
                "1",
                "0",
                "0",
                "1000000000000000",
                "0.1",
                "Infinity",
                "NaN",
                "9007199254740993",
            ],
        );
    }
}
