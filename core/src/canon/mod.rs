//! The exact bytes that are hashed: what CPython's `json.dumps(…, sort_keys=True)` writes.
//!
//! Nothing here has heard of a file format or a hash.

mod entry;
mod float;
mod order;
mod text;
mod value;

pub(crate) use entry::{EntryCanonicalizer, Unreadable};
pub(crate) use float::write_float;
pub(crate) use text::{write_string, write_token};
pub(crate) use value::Canonicalizer;
