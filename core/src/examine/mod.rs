//! What the verdicts do not say: evidence about completeness, differences from an earlier export, what should not have
//! been logged. Everything here reads entries that were judged before, and the index; nothing changes a verdict.
