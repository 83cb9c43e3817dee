//! Newtypes for the numbers that must not be mixed up.

use serde::{Deserialize, Serialize};

/// The place of an entry in a case: 0 is the first entry of the first source, in source order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowIdx(pub u32);

/// The place of a source in a case, in the order that the case gave them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceIdx(pub u32);
