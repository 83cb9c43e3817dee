//! What is counted of a search, in a form that travels.

use super::path::Path;
use super::term::term;
use crate::index::{self, Column, Counted, Histogram, Index, MISSING, Share, decoded};
use crate::view::{CELL_LIMIT, Facet, FacetAsk, FacetValue, Series, Timeline, cut};

/// What has values that can be counted.
pub(crate) enum Countable {
    Field(index::Field),
    Path(Path),
}

impl Countable {
    /// By the name of a field or a details path that leads to one value; nothing is `verdict`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::Field(index::Field::Verdict));
        }
        match index::Field::of_name(name) {
            Some(field) => Some(Self::Field(field)),
            None => super::condition::parse_path(name)
                .filter(|path| !path.is_many())
                .map(Self::Path),
        }
    }
}

/// Whether the values of a field of this name, or at this details path, can be counted.
#[must_use]
pub fn is_countable(name: &str) -> bool {
    !name.is_empty() && Countable::named(name).is_some()
}

/// A facet as it is shown.
pub(crate) fn facet(column: &Column, counted: &Counted, ask: &FacetAsk) -> Facet {
    let dictionary = column.dictionary();
    let value = |(code, count): &(u32, u64)| FacetValue {
        value: shown(dictionary.text(*code)),
        term: term(&ask.field, dictionary.text(*code)),
        count: *count,
    };
    Facet {
        field: ask.field.clone(),
        values: counted.values.iter().map(value).collect(),
        distinct: counted.distinct,
        missing: counted.missing,
    }
}

/// A timeline as it is shown; `field` is the one that its buckets are divided by.
pub(crate) fn timeline(
    index: &Index,
    histogram: Histogram,
    column: &Column,
    field: &str,
) -> Timeline {
    let series = |(share, counts): (Share, Vec<u32>)| {
        let (label, term) = match share {
            Share::Code(MISSING) => ("no value".to_owned(), format!("-has:{field}")),
            Share::Code(code) => {
                let json = column.dictionary().text(code);
                (shown(json), term(field, json))
            }
            Share::Rest => (String::new(), String::new()),
        };
        Series {
            label,
            term,
            counts,
        }
    };
    Timeline {
        start: histogram.start,
        step: u64::try_from(histogram.step).unwrap_or(1),
        buckets: histogram.buckets,
        extent: index.extent(),
        series: histogram.series.into_iter().map(series).collect(),
        untimed: histogram.untimed,
    }
}

fn shown(json: &str) -> String {
    cut(&String::from_utf8_lossy(&decoded(json)), CELL_LIMIT)
}
