//! The engine in its worker, and the page's hold on it.
//!
//! `worker` and `blob` run inside a dedicated worker. `boot`, `client` and `watchdog` run on the page: they compile the
//! module once, start workers from it, and notice when one has died.

mod base64;
pub mod blob;
pub(crate) mod boot;
pub(crate) mod client;
pub(crate) mod watchdog;
pub mod worker;
