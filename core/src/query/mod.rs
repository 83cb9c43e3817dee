//! The query language of a filter, and what runs it.
//!
//! The language (`Filter` and what it is made of) has no heavy dependency and is there without the engine too: a page
//! cuts a filter into its conditions and adds or removes one with the same code that evaluates it. `docs/query.md` is
//! its reference.

mod ast;
mod condition;
mod cursor;
mod edit;
mod fields;
mod number;
mod parser;
mod path;
mod term;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod value;

pub use ast::Filter;
pub use edit::{exclude, include, narrow, quote, within, without};
pub use path::{Step, details_path};
#[cfg(feature = "engine")]
#[allow(
    unused_imports,
    reason = "what counts values writes their conditions with it"
)]
pub(crate) use term::term;
pub use term::{Standing, term_of_text};
