//! What the verdicts do not say: evidence about completeness. Everything here reads the index of entries that were judged
//! before; nothing changes a verdict.

pub(crate) mod completeness;
