//! The simple models that the engine is held against, and what the targets share.

pub mod database;
pub mod dump;
pub mod journal;
pub mod judged;
pub mod log;
pub mod model;
pub mod wal;
