//! What is kept of every entry: its fields in columns, its verdict, what was found about it, and where it lies.
//!
//! Built while the entries are judged, and only ever appended to: whoever asks about the first `n` rows gets the same
//! answer however many come later. Details are read again from the source when somebody looks.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::write_string;
use crate::entry::Place;
use crate::scheme::REFERENCE;
use crate::units::{RowIdx, SourceIdx};
use crate::view::Verdict;

mod bits;
mod codes;
mod column;
mod dictionary;
mod facet;
mod ids;
mod iso;
mod notes;
mod order;
mod timeline;
mod timestamps;
mod value;

pub(crate) use bits::{Bits, Ranked};
pub(crate) use codes::Codes;
pub(crate) use column::Column;
pub(crate) use dictionary::{Dictionary, MISSING};
pub(crate) use facet::{Counted, counts, facet};
pub(crate) use iso::{Layout, Stamp, UNPLACED, read as read_time};
pub(crate) use order::{Key, order};
pub(crate) use timeline::{Histogram, Share, timeline};
pub(crate) use timestamps::read_json as read_timestamp;
pub(crate) use value::decoded;

use ids::EntryIds;
use notes::Notes;
use timestamps::Timestamps;

/// A field of which every value is known with its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Verdict,
    EventType,
    Actor,
    ResourceType,
    ResourceId,
    Action,
    Source,
}

impl Field {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 7] = [
        Self::Verdict,
        Self::EventType,
        Self::Actor,
        Self::ResourceType,
        Self::ResourceId,
        Self::Action,
        Self::Source,
    ];

    /// Its name in the log and in the query language.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::EventType => "event_type",
            Self::Actor => "actor",
            Self::ResourceType => "resource_type",
            Self::ResourceId => "resource_id",
            Self::Action => "action",
            Self::Source => "source",
        }
    }

    /// The field of this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// A judged entry on its way into the index.
#[derive(Debug)]
pub(crate) struct NewRow<'a> {
    pub(crate) source: SourceIdx,
    pub(crate) part: usize,
    pub(crate) place: Place,
    pub(crate) verdict: Verdict,
    /// The canonical JSON text of every hashed field, in the scheme's order; empty where there is none. Details are not
    /// looked at.
    pub(crate) values: [&'a [u8]; 8],
    /// What its timestamp says.
    pub(crate) stamp: Stamp,
}

/// The entries of a case, in source order.
pub(crate) struct Index {
    /// In the order of [`Field::ALL`].
    columns: [Column; 7],
    timestamps: Timestamps,
    ids: EntryIds,
    notes: Notes,
    keys: Vec<u64>,
    lines: Vec<u32>,
    runs: Vec<Run>,
    /// The code of each source's name.
    sources: Vec<u32>,
}

/// Consecutive rows of one part.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u32,
    source: SourceIdx,
    part: usize,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) source: SourceIdx,
    pub(crate) part: usize,
    pub(crate) place: Place,
    pub(crate) verdict: Verdict,
}

/// How much memory an index takes, unused room in its vectors included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// For its rows: what a further row without a new value costs.
    pub(crate) rows: usize,
    /// For the different values of its fields, and for ids that are no UUIDs.
    pub(crate) dictionaries: usize,
}

impl Default for Index {
    fn default() -> Self {
        let mut index = Self {
            columns: Default::default(),
            timestamps: Timestamps::default(),
            ids: EntryIds::default(),
            notes: Notes::default(),
            keys: Vec::new(),
            lines: Vec::new(),
            runs: Vec::new(),
            sources: Vec::new(),
        };
        // So a verdict's code is its place in `Verdict::ALL`, behind `MISSING`.
        for verdict in Verdict::ALL {
            let json = format!("\"{}\"", verdict.as_str());
            index.columns[Field::Verdict as usize].intern(json.as_bytes());
        }
        index
    }
}

impl Index {
    /// Names the next source; its rows may come from now on.
    pub(crate) fn begin_source(&mut self, name: &str) {
        let mut json = Vec::new();
        write_string(name.as_bytes(), &mut json);
        let code = self.columns[Field::Source as usize].intern(&json);
        self.sources.push(code.unwrap_or(MISSING));
    }

    /// Appends a row; returns its place in the case and the first row that has the same id, if it is not this one.
    /// `None` where there is no room: beyond 2³² − 2 rows, or 2³¹ different values of a field.
    pub(crate) fn push(&mut self, new: &NewRow<'_>) -> Option<(RowIdx, Option<RowIdx>)> {
        let row = u32::try_from(self.keys.len())
            .ok()
            .filter(|r| *r < u32::MAX)?;
        if self
            .runs
            .last()
            .is_none_or(|r| (r.source, r.part) != (new.source, new.part))
        {
            self.runs.push(Run {
                first: row,
                source: new.source,
                part: new.part,
            });
        }
        let [
            verdict,
            event_type,
            actor,
            resource_type,
            resource_id,
            action,
            source,
        ] = &mut self.columns;
        let value = |field: usize| new.values[field];
        verdict.push_code(new.verdict as u32 + 1);
        event_type.push(value(REFERENCE.event_type))?;
        actor.push(value(REFERENCE.actor))?;
        resource_type.push(value(REFERENCE.resource_type))?;
        resource_id.push(value(REFERENCE.resource_id))?;
        action.push(value(REFERENCE.action))?;
        let name = self.sources.get(new.source.0 as usize);
        source.push_code(name.copied().unwrap_or(MISSING));
        self.timestamps
            .push(value(REFERENCE.timestamp), new.stamp)?;
        let first = self.ids.push(value(REFERENCE.entry_id), RowIdx(row))?;
        self.keys.push(new.place.key);
        self.lines
            .push(u32::try_from(new.place.line).unwrap_or(u32::MAX));
        Some((RowIdx(row), first))
    }

    /// Notes that the last row, or an earlier one that has been noted last, has a finding of this code.
    pub(crate) fn note(&mut self, row: RowIdx, code: &'static str) {
        self.notes.push(row.0, code);
    }

    /// Notes that a row, whichever it is, has a finding of this code; it is told when no more rows come.
    pub(crate) fn note_late(&mut self, row: RowIdx, code: &'static str) {
        self.notes.push_late(row.0, code);
    }

    /// The rows of one part that have these keys. A key that several rows have is left out: which is meant?
    pub(crate) fn rows_of_keys(
        &self,
        (source, part): (SourceIdx, usize),
        keys: &BTreeSet<u64>,
    ) -> BTreeMap<u64, RowIdx> {
        let mut found = BTreeMap::new();
        let ends = self.runs.iter().skip(1).map(|run| run.first);
        let ends = ends.chain([self.len()]);
        for (run, end) in self.runs.iter().zip(ends) {
            if (run.source, run.part) != (source, part) {
                continue;
            }
            for row in run.first..end {
                let key = self.keys[row as usize];
                if keys.contains(&key) {
                    found
                        .entry(key)
                        .and_modify(|row| *row = None)
                        .or_insert(Some(RowIdx(row)));
                }
            }
        }
        let one = |(key, row): (u64, Option<RowIdx>)| Some((key, row?));
        found.into_iter().filter_map(one).collect()
    }

    /// Makes room for so many more rows: vectors that double leave holes in a memory that only grows, as WebAssembly's does.
    pub(crate) fn reserve(&mut self, rows: usize) {
        for column in &mut self.columns {
            column.reserve(rows);
        }
        self.timestamps.reserve(rows);
        self.ids.reserve(rows);
        self.keys.reserve_exact(rows);
        self.lines.reserve_exact(rows);
    }

    /// No more rows will come: gives back the room for them.
    pub(crate) fn seal(&mut self) {
        for column in &mut self.columns {
            column.shrink();
        }
        self.timestamps.shrink();
        self.ids.seal();
        self.notes.settle();
        self.notes.shrink();
        self.keys.shrink_to_fit();
        self.lines.shrink_to_fit();
    }

    /// How many rows there are so far.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.keys.len()).unwrap_or(u32::MAX)
    }

    /// The rows' values of a field.
    pub(crate) fn column(&self, field: Field) -> &Column {
        &self.columns[field as usize]
    }

    /// The instant of every row, in microseconds since 1970-01-01T00:00:00 as written, or as meant where a zone is
    /// named; [`UNPLACED`] where the time cannot be read.
    pub(crate) fn micros(&self) -> &[i64] {
        self.timestamps.micros()
    }

    /// The first and the last instant.
    pub(crate) fn extent(&self) -> Option<(i64, i64)> {
        self.timestamps.extent()
    }

    /// How many rows have a time that cannot be read.
    pub(crate) fn unplaced(&self) -> u32 {
        self.timestamps.unplaced()
    }

    /// Appends a row's timestamp as canonical JSON text to `out`; nothing where there is none that can be read.
    pub(crate) fn write_timestamp(&self, row: RowIdx, out: &mut String) {
        self.timestamps.write(row.0, out);
    }

    /// Appends a row's id as canonical JSON text to `out`; nothing where there is none that can be read.
    pub(crate) fn write_entry_id(&self, row: RowIdx, out: &mut String) {
        self.ids.write(row.0, out);
    }

    /// The rows, of the first `len`, with this id, given as canonical JSON text.
    pub(crate) fn rows_of_id(&self, len: u32, id: &str) -> Bits {
        self.ids.rows_of(len, id)
    }

    /// The rows, of the first `len`, whose id, as canonical JSON text, satisfies `is_wanted`.
    pub(crate) fn rows_of_ids(&self, len: u32, is_wanted: impl FnMut(&str) -> bool) -> Bits {
        self.ids.rows(len, is_wanted)
    }

    /// The codes of the findings about a row.
    pub(crate) fn finding_codes(&self, row: RowIdx) -> impl Iterator<Item = &'static str> + '_ {
        self.notes.of(row.0)
    }

    /// The codes of all findings about rows.
    pub(crate) fn all_finding_codes(&self) -> &[&'static str] {
        self.notes.names()
    }

    /// The rows, of the first `len`, with a finding whose code is wanted.
    pub(crate) fn rows_of_findings(&self, len: u32, is_wanted: impl Fn(&str) -> bool) -> Bits {
        self.notes.rows(len, is_wanted)
    }

    /// Where a row comes from.
    pub(crate) fn origin(&self, row: RowIdx) -> Option<Origin> {
        let i = row.0 as usize;
        let run = self.runs[..self.runs.partition_point(|r| r.first <= row.0)].last()?;
        let verdict = self.column(Field::Verdict).codes().get(row.0)?;
        Some(Origin {
            source: run.source,
            part: run.part,
            place: Place {
                key: *self.keys.get(i)?,
                line: u64::from(*self.lines.get(i)?),
            },
            verdict: *Verdict::ALL.get(verdict.checked_sub(1)? as usize)?,
        })
    }

    /// Up to `count` rows with this verdict (or of all), from the `start`-th on.
    pub(crate) fn rows(&self, verdict: Option<Verdict>, start: u64, count: u32) -> Vec<RowIdx> {
        let Ok(start) = u32::try_from(start) else {
            return Vec::new();
        };
        let Some(verdict) = verdict else {
            let end = self.len().min(start.saturating_add(count));
            return (start..end).map(RowIdx).collect();
        };
        let mut wanted = [false; 5];
        wanted[verdict as usize + 1] = true;
        let rows = Bits::of_codes(self.column(Field::Verdict).codes(), &wanted);
        let rows = Ranked::new(rows);
        rows.iter_from(start)
            .take(count as usize)
            .map(RowIdx)
            .collect()
    }

    /// How much memory it takes.
    pub(crate) fn footprint(&self) -> Footprint {
        let lines = self.lines.capacity() * size_of::<u32>();
        let places = self.keys.capacity() * size_of::<u64>() + lines;
        let parts = self.columns.iter().map(Column::bytes);
        let all = parts.chain([
            self.timestamps.bytes(),
            self.ids.bytes(),
            (places + self.notes.bytes(), 0),
        ]);
        all.fold(Footprint::default(), |sum, (rows, dictionaries)| {
            Footprint {
                rows: sum.rows + rows,
                dictionaries: sum.dictionaries + dictionaries,
            }
        })
    }
}

#[cfg(test)]
mod tests;
