//! How a case is looked at: everything that a link to a view reproduces. Pure.

use auditglass::Sort;

/// The columns of a table that nobody has arranged.
const COLUMNS: [&str; 6] = [
    "timestamp",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
];
/// The facets that are always there.
pub(crate) const FACETS: [&str; 7] = [
    "verdict",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "source",
];
/// More columns or facets than this make no view.
pub(crate) const MOST: usize = 24;
/// The narrowest and the widest column, in pixels.
pub(crate) const WIDTHS: (u32, u32) = (48, 1_200);

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// A field's name or a details path.
    pub(crate) name: String,
    /// Its width in pixels, where the reader has set one.
    pub(crate) width: Option<u32>,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            width: None,
        }
    }
}

/// How a case is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// The filter.
    pub(crate) filter: String,
    /// The order; source order if none.
    pub(crate) sort: Option<Sort>,
    /// The columns, from left to right.
    pub(crate) columns: Vec<Column>,
    /// Details paths that are facets beside the fixed ones.
    pub(crate) facets: Vec<String>,
    /// By what the timeline is stacked.
    pub(crate) stack: String,
    /// The part of time that is shown, in microseconds; all of it if none.
    pub(crate) window: Option<(i64, i64)>,
    /// The entry that is open, by its place in the case.
    pub(crate) entry: Option<u32>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            filter: String::new(),
            sort: None,
            columns: COLUMNS.map(Column::new).to_vec(),
            facets: Vec::new(),
            stack: "verdict".into(),
            window: None,
            entry: None,
        }
    }
}

impl View {
    /// The facets that are shown, in their order.
    pub(crate) fn all_facets(&self) -> Vec<String> {
        let fixed = FACETS.iter().map(|f| (*f).to_owned());
        fixed.chain(self.facets.iter().cloned()).collect()
    }

    /// The names of the columns.
    pub(crate) fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|c| c.name.clone()).collect()
    }

    /// The view as the fragment of an address, without the `#`; empty for the usual view.
    pub(crate) fn to_fragment(&self) -> String {
        let usual = Self::default();
        let mut out = Vec::new();
        let mut put = |key: &str, value: &str| out.push(format!("{key}={}", escape(value)));
        if !self.filter.is_empty() {
            put("filter", &self.filter);
        }
        if let Some(sort) = &self.sort {
            let sign = if sort.descending { "-" } else { "" };
            put("sort", &format!("{sign}{}", sort.column));
        }
        if self.columns != usual.columns {
            for c in &self.columns {
                match c.width {
                    Some(width) => put("column", &format!("{}~{width}", c.name)),
                    None => put("column", &c.name),
                }
            }
        }
        for facet in &self.facets {
            put("facet", facet);
        }
        if self.stack != usual.stack {
            put("stack", &self.stack);
        }
        if let Some((from, to)) = self.window {
            put("time", &format!("{from}~{to}"));
        }
        if let Some(entry) = self.entry {
            put("entry", &entry.to_string());
        }
        out.join("&")
    }

    /// The view that a fragment describes; what it does not say, or not well, is as usual.
    pub(crate) fn from_fragment(fragment: &str) -> Self {
        let mut view = Self::default();
        let mut columns = Vec::new();
        for (key, value) in fragment
            .trim_start_matches('#')
            .split('&')
            .filter_map(|pair| pair.split_once('='))
        {
            let Some(value) = unescape(value) else {
                continue;
            };
            match key {
                "filter" => view.filter = value,
                "sort" => {
                    let (descending, column) = match value.strip_prefix('-') {
                        Some(column) => (true, column.to_owned()),
                        None => (false, value),
                    };
                    view.sort = (!column.is_empty()).then_some(Sort { column, descending });
                }
                "column" if columns.len() < MOST && !value.is_empty() => {
                    let width = value
                        .rsplit_once('~')
                        .and_then(|(name, w)| Some((name.to_owned(), w.parse().ok()?)));
                    columns.push(match width {
                        Some((name, w)) => Column {
                            name,
                            width: Some(u32::clamp(w, WIDTHS.0, WIDTHS.1)),
                        },
                        None => Column::new(value),
                    });
                }
                "facet" if view.facets.len() < MOST && !value.is_empty() => view.facets.push(value),
                "stack" if !value.is_empty() => view.stack = value,
                "time" => {
                    view.window = value.split_once('~').and_then(|(from, to)| {
                        let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
                        (from < to).then_some((from, to))
                    });
                }
                "entry" => view.entry = value.parse().ok(),
                _ => {}
            }
        }
        if !columns.is_empty() {
            view.columns = columns;
        }
        view
    }
}

/// Percent-encodes what would mean something in a fragment; letters of any script stay legible.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_plain = c.is_ascii_alphanumeric() || ":-_.~*()<>!,;/@$'".contains(c);
        if is_plain || (!c.is_ascii() && c.is_alphanumeric()) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
            }
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_link_reproduces_the_view() {
        let view = View {
            filter: r#"actor:"Zoë Müller" details.score<0.5 #100% & more+"#.into(),
            sort: Some(Sort {
                column: "timestamp".into(),
                descending: true,
            }),
            columns: vec![
                Column::new("actor"),
                Column {
                    name: "details.a~b".into(),
                    width: Some(120),
                },
            ],
            facets: vec!["details.group".into()],
            stack: "actor".into(),
            window: Some((-5, 1_790_000_000_000_000)),
            entry: Some(88_141),
        };
        let fragment = view.to_fragment();
        assert!(!fragment.contains([' ', '"', '#']), "{fragment}");
        assert_eq!(View::from_fragment(&format!("#{fragment}")), view);
    }

    #[test]
    fn the_usual_view_needs_no_words() {
        assert_eq!(View::default().to_fragment(), "");
        assert_eq!(View::from_fragment(""), View::default());
    }

    #[test]
    fn a_link_that_was_damaged_gives_what_it_can() {
        let view = View::from_fragment("#filter=%zz&entry=x&time=9~3&column=&sort=-&nonsense&sort");
        assert_eq!(view.filter, "");
        assert_eq!(view.window, None);
        assert_eq!(view.sort, None);
        let many = "facet=a&".repeat(1_000);
        assert_eq!(View::from_fragment(&many).facets.len(), MOST);
    }
}
