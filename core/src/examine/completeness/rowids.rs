//! Holes in the rowids of a SQLite table.
//!
//! A new row gets the greatest rowid there is plus one (SQLite's document *Autoincrement*), and an `INSERT OR IGNORE` that
//! is ignored uses none up, unless the table is AUTOINCREMENT: a log that is only appended to has none missing in between.

use super::{NAMED, Name, Part, filter, found, holes, listed};
use crate::index::Index;
use crate::units::RowIdx;
use crate::view::{Evidence, Strength};

pub(super) fn keys<'i>(index: &'i Index, part: &Part) -> impl Iterator<Item = i64> + use<'i> {
    let origins = part.rows.clone().map(|row| index.origin(RowIdx(row)));
    origins.flatten().map(|o| o.place.key.cast_signed())
}

pub(super) fn find(index: &Index, part: &Part, name: &Name<'_>) -> Option<Evidence> {
    if !part.has_rowids || part.rows.len() < 2 {
        return None;
    }
    let holes = holes(&mut keys(index, part).collect())?;
    let message = format!(
        "{} rowids between the first and the last of {} are missing, among them {}",
        holes.missing,
        part.source,
        listed(&holes.first, "")
    );
    let books = part.books.as_ref();
    let counts = books.is_some_and(|books| books.sequence.is_some());
    let (strength, first) = match (counts, books.is_some_and(|books| books.is_unique)) {
        (true, true) => (
            Strength::Weak,
            "The table is AUTOINCREMENT and refuses an id that it has: each row that INSERT OR IGNORE ignored has used one up.",
        ),
        (true, false) => (
            Strength::Moderate,
            "The table is AUTOINCREMENT: a row that INSERT OR IGNORE ignored because a value was missing has used one up.",
        ),
        (false, _) => (
            Strength::Moderate,
            "The table is not AUTOINCREMENT, so that a row which INSERT OR IGNORE ignored, or which was rolled back, explains none.",
        ),
    };
    let mut evidence = found(
        "rowid-holes",
        strength,
        message,
        &[
            first,
            "Entries may have been deleted in keeping with a rule, such as a retention policy by type.",
            "A database that was damaged may have lost them: see the findings.",
            "Rows that were copied with their rowids from another table keep the holes. VACUUM and a dump may close them, so that none is no proof.",
        ],
    );
    evidence.count = holes.missing;
    evidence.source = Some(part.source.clone());
    let is_before = |row: &u32| {
        let key = index
            .origin(RowIdx(*row))
            .map(|o| o.place.key.cast_signed());
        key.is_some_and(|key| holes.first.iter().any(|(before, _)| *before == key))
    };
    let rows = part.rows.clone().filter(is_before);
    let rows: Vec<u32> = rows.take(NAMED + 1).collect();
    evidence.entries = rows.iter().take(NAMED).map(|row| name(*row)).collect();
    // Ten holes may be the first of more, which the filter would leave out.
    if holes.first.len() < NAMED {
        evidence.filter = filter(index, &rows);
    }
    Some(evidence)
}
