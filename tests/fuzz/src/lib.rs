//! The simple models that the engine is held against.

pub mod dump;
pub mod model;
pub mod wal;
