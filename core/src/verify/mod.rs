//! The only place that gives verdicts: what an entry claims against what its bytes hash to.

mod batch;
mod batches;
mod blanks;
mod claim;
mod collected;
mod collector;
mod judge;
mod long;
mod rewritten;
mod times;
mod wire;

pub(crate) use batches::{Batches, hash_packed};
pub(crate) use blanks::settled;
pub(crate) use claim::Claim;
pub(crate) use collected::Collected;
pub(crate) use collector::Collector;
pub(crate) use judge::{Judge, judge_claim, reason_of};
pub(crate) use times::Times;
