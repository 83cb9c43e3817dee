//! The engine in its worker, and the page's hold on it.
//!
//! `worker`, `explore`, `baseline`, `reporting`, `sql`, `crew`, `blob`, `ahead` and `litter` run inside a dedicated worker. `boot`, `client` and `watchdog` run on the page: they compile the
//! module once, start workers from it, and notice when one has died.

#[cfg(feature = "engine")]
mod ahead;
mod base64;
#[cfg(feature = "engine")]
mod baseline;
#[cfg(feature = "engine")]
pub mod blob;
pub(crate) mod boot;
pub(crate) mod client;
#[cfg(feature = "engine")]
mod crew;
#[cfg(feature = "engine")]
mod explore;
#[cfg(feature = "engine")]
mod fetched;
#[cfg(feature = "engine")]
mod hasher;
mod lifeline;
#[cfg(feature = "engine")]
mod litter;
#[cfg(feature = "engine")]
mod reporting;
#[cfg(feature = "engine")]
mod sql;
#[cfg(feature = "engine")]
mod turns;
#[cfg(feature = "engine")]
mod verifying;
pub(crate) mod watchdog;
#[cfg(feature = "engine")]
pub mod worker;

/// A file's length in bytes: never negative, never beyond 2^53.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first"
)]
pub(crate) fn size_of(file: &web_sys::File) -> u64 {
    file.size().clamp(0.0, 9_007_199_254_740_992.0) as u64
}
