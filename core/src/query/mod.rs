//! The query language of a filter, and what runs it.
//!
//! The language (`Filter` and what it is made of) has no heavy dependency and is there without the engine too: a page
//! cuts a filter into its conditions and adds or removes one with the same code that evaluates it. `docs/query.md` is
//! its reference.

#[cfg(feature = "engine")]
mod answers;
mod ast;
#[cfg(feature = "engine")]
mod complete;
mod condition;
mod cursor;
#[cfg(feature = "engine")]
mod details;
mod edit;
mod fields;
#[cfg(feature = "engine")]
mod matcher;
mod number;
mod parser;
#[cfg(feature = "engine")]
mod pass;
mod path;
#[cfg(feature = "engine")]
mod paths;
#[cfg(feature = "engine")]
mod piece;
#[cfg(feature = "engine")]
mod plan;
#[cfg(feature = "engine")]
mod reference;
#[cfg(feature = "engine")]
mod search;
#[cfg(feature = "engine")]
mod shares;
#[cfg(feature = "engine")]
mod survey;
mod term;
#[cfg(test)]
mod tests;
mod text;
#[cfg(feature = "engine")]
mod texts;
mod time;
mod value;
#[cfg(feature = "engine")]
mod values;

pub use ast::Filter;
pub use edit::{exclude, include, narrow, quote, within, without};
pub use path::{Step, details_path};
pub use term::{Standing, term_of_text};
#[cfg(feature = "engine")]
pub(crate) use {
    answers::Answers,
    complete::complete,
    condition::parse_path,
    details::{PathFinder, details_text},
    pass::Reader,
    path::Path,
    paths::PathColumns,
    search::{Context, Entries, Errand},
    survey::{Countable, facet, timeline},
    time::{EXPECTED as DATE_EXPECTED, is_date},
    time::{print as print_time, stretch},
};
#[cfg(feature = "engine")]
pub use {
    reference::ReferenceQuery,
    search::{Search, SearchState},
    survey::is_countable,
};
