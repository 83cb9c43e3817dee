//! What the verdicts do not say: evidence about completeness, differences from an earlier export, how far a log reaches, what
//! it should not hold. Everything here reads entries that were judged before; nothing changes a verdict.

pub(crate) mod completeness;
pub(crate) mod difference;
pub(crate) mod retention;
pub(crate) mod scan;
