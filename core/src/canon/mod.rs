//! The exact bytes that are hashed: what CPython's `json.dumps(…, sort_keys=True)` writes.
//!
//! Nothing here has heard of a file format or a hash.

mod entry;
mod float;
mod order;
mod pass;
mod text;
mod value;

pub(crate) use entry::{Canonical, EntryCanonicalizer, Unreadable};
pub(crate) use float::write_float;
pub(crate) use pass::Absorb;
pub(crate) use text::{write_string, write_token};
pub(crate) use value::Canonicalizer;
