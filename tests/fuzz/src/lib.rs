//! The simple models that the engine is held against.

pub mod model;
pub mod wal;
