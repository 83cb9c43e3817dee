//! JSON as CPython's `json.loads` reads it: lossless, iterative, with byte positions.
//!
//! The text is *generalised UTF-8*: UTF-8 in which a surrogate code point may stand as three bytes, because a Python
//! `str` can hold one and `json.loads` then accepts it. Whoever calls decides whether such bytes are allowed (a file:
//! never; a string decoded from JSON, or a BLOB: as CPython does). Comparing generalised UTF-8 byte by byte is comparing
//! by code point, which is how Python orders strings.
//!
//! There is no tree: [`Reader::read`] tells a [`Sink`] what it meets, in document order.

mod encoding;
mod error;
mod reader;
mod string;

pub(crate) use encoding::decode_bytes;
pub(crate) use error::{JsonError, Refusal};
pub(crate) use reader::{Ignore, Reader, Sink};
pub(crate) use string::{Str, decode_string, scan_string, skip_plain};
