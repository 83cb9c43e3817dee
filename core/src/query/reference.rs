//! The reference implementation's own query: what it returns, in the order in which it returns it.

use crate::index::{Bits, Field, Index, decoded};
use crate::units::RowIdx;

/// The arguments of the reference's `query`. What is empty or `None` filters nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceQuery {
    /// `resource_type` is this text.
    pub resource_type: Option<String>,
    /// `resource_id` is this text.
    pub resource_id: Option<String>,
    /// `event_type` is this text.
    pub event_type: Option<String>,
    /// `timestamp` is this text or a greater one, compared by code point.
    pub start_time: Option<String>,
    /// `timestamp` is this text or a less one.
    pub end_time: Option<String>,
    /// At most so many; negative for all.
    pub limit: i64,
}

impl Default for ReferenceQuery {
    fn default() -> Self {
        Self {
            resource_type: None,
            resource_id: None,
            event_type: None,
            start_time: None,
            end_time: None,
            limit: 1_000,
        }
    }
}

impl ReferenceQuery {
    /// The rows, those with the greatest timestamp first. Of equal timestamps the later row comes first; the reference
    /// leaves that to the plan that SQLite makes.
    pub(crate) fn run(&self, index: &Index) -> Vec<RowIdx> {
        let mut rows = Bits::all(index.len());
        let fields = [
            (Field::ResourceType, &self.resource_type),
            (Field::ResourceId, &self.resource_id),
            (Field::EventType, &self.event_type),
        ];
        for (field, wanted) in fields {
            if let Some(wanted) = given(wanted) {
                let column = index.column(field);
                let mut json = Vec::new();
                crate::canon::write_string(wanted.as_bytes(), &mut json);
                let code = std::str::from_utf8(&json)
                    .ok()
                    .and_then(|json| column.dictionary().code_of(json));
                let mut codes = vec![false; code.map_or(0, |c| c as usize + 1)];
                codes.last_mut().into_iter().for_each(|c| *c = true);
                rows.and(&Bits::of_codes(column.codes(), &codes));
            }
        }
        let (start, end) = (given(&self.start_time), given(&self.end_time));
        let mut found: Vec<(Option<Vec<u8>>, u32)> = Vec::new();
        let mut json = String::new();
        for row in rows.iter() {
            json.clear();
            index.write_timestamp(RowIdx(row), &mut json);
            // What is no text is less than every text, and compares with none.
            let text = json.starts_with('"').then(|| decoded(&json).into_owned());
            let is_inside = match &text {
                Some(text) => {
                    start.is_none_or(|s| text.as_slice() >= s.as_bytes())
                        && end.is_none_or(|e| text.as_slice() <= e.as_bytes())
                }
                None => start.is_none() && end.is_none(),
            };
            if is_inside {
                found.push((text, row));
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        found.truncate(limit);
        found.into_iter().map(|(_, row)| RowIdx(row)).collect()
    }
}

/// The reference asks `if value:`.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|v| !v.is_empty())
}
