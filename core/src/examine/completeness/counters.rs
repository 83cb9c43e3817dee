//! What a SQLite database notes beside the rows of a log: its counter of rowids, and pages that nothing uses.

use super::rowids::keys;
use super::{Name, Part, found};
use crate::index::Index;
use crate::view::{Evidence, Strength};

/// The counter of an AUTOINCREMENT table against its highest rowid.
pub(super) fn ahead(index: &Index, part: &Part, name: &Name<'_>) -> Option<Evidence> {
    let books = part.books.as_ref().filter(|_| part.has_rowids)?;
    let sequence = books.sequence?;
    let (last, row) = keys(index, part).zip(part.rows.clone()).max()?;
    if sequence <= last {
        return None;
    }
    let missing = sequence.abs_diff(last);
    // A table that refuses ids which it has uses a rowid up for each that was ignored; one that has done so shows holes.
    let strength = match (books.is_unique, has_holes(index, part)) {
        (false, _) => Strength::Strong,
        (true, false) => Strength::Moderate,
        (true, true) => Strength::Weak,
    };
    let ignored = if books.is_unique {
        "The table refuses an id that it has: INSERT OR IGNORE of one uses a rowid up, so that a writer which sent its last entries twice leaves the same trace."
    } else {
        "A row that INSERT OR IGNORE ignored because a value was missing uses a rowid up."
    };
    let message = format!(
        "{} has given out rowids up to {sequence} and its last row is {last}: {missing} behind it are gone, or were never kept",
        part.source
    );
    let mut evidence = found(
        "sequence-ahead",
        strength,
        message,
        &[
            ignored,
            "The counter is a row of the table sqlite_sequence, which can be set by hand. A database that was damaged may have lost its last rows: see the findings.",
        ],
    );
    evidence.count = missing;
    evidence.source = Some(part.source.clone());
    evidence.entries = vec![name(row)];
    Some(evidence)
}

fn has_holes(index: &Index, part: &Part) -> bool {
    let mut keys: Vec<i64> = keys(index, part).collect();
    keys.sort_unstable();
    keys.windows(2).any(|w| w[1] - w[0] > 1)
}

/// Pages that were used once: rows were deleted, here or in another table.
pub(super) fn free_pages(part: &Part, entries: u64) -> Option<Evidence> {
    let books = part.books.as_ref()?;
    let used = books.pages.saturating_sub(books.free_pages);
    if books.free_pages == 0 || used == 0 {
        return None;
    }
    let room = u128::from(books.free_pages) * u128::from(entries) / u128::from(used);
    let pages = match books.free_pages {
        1 => "1 page".to_owned(),
        n => format!("{n} pages"),
    };
    let message = format!(
        "{pages} of the {} of {} are free, room for some {room} entries like those that are there: something was deleted",
        books.pages, part.source
    );
    let mut evidence = found(
        "free-pages",
        Strength::Weak,
        message,
        &[
            "An index or another table may have been dropped or emptied, or entries deleted in keeping with a rule.",
            "Free pages are filled again by later entries, and VACUUM removes them: none is no proof.",
        ],
    );
    evidence.count = books.free_pages;
    evidence.source = Some(part.source.clone());
    Some(evidence)
}
