//! The drill: a copy of the log in memory is altered in all the ways in which a log is falsified, and judged again.
//!
//! Nothing is foretold. What an exercise found is what the engine reports on the altered copy and not on the unaltered
//! one: a finding, evidence, a difference from an earlier export. Of a large log a window is copied.

use std::collections::BTreeSet;

mod alter;
mod record;
#[cfg(test)]
mod tests;
mod trace;

use self::alter::{EXERCISES, Subject};
use self::record::{Record, records, window};
use self::trace::Told;
use super::Case;
use crate::error::Error;
use crate::examine::completeness::Part;
use crate::finding::Locator;
use crate::host::Quiet;
use crate::index::{Ranked, UNPLACED};
use crate::ingest::sqlite::copy;
use crate::scheme::REFERENCE;
use crate::source::{Input, Memory};
use crate::units::RowIdx;
use crate::view::{Drill, Exercise, Outcome, Verdict};

/// Entries that are copied.
const MOST: u32 = 2_000;
/// Entries of an earlier export that are compared with.
const MOST_EARLIER: usize = 4 * MOST as usize;
/// Entries that are named with an exercise.
const NAMED: usize = 10;

impl Case {
    /// Alters a copy of this verified case in eight ways and tells of each what notices it: the altered log alone, or only
    /// its comparison with an earlier export, or nothing. Without `baseline` the unaltered copy stands for one.
    ///
    /// # Errors
    ///
    /// If no entry is verified, so that there is nothing to falsify; if the entries can no longer be read, or are too
    /// large to be copied.
    pub fn drill(&self, baseline: Option<&Self>) -> Result<Drill, Error> {
        let parts = self.parts_with_rows();
        let target = self.target(baseline).ok_or_else(|| {
            Error::unsupported(
                "no entry is verified, so there is none whose falsification could be noticed",
            )
        })?;
        let holds = |part: &&Part, row: u32| part.rows.contains(&row);
        let newest = self.newest().unwrap_or(target);
        let (Some(middle), Some(end)) = (
            parts.iter().find(|p| holds(p, target)),
            parts.iter().find(|p| holds(p, newest)),
        ) else {
            return Err(Error::unavailable("the entries can no longer be read"));
        };
        let middle = Bench::new(self, middle, target, baseline)?;
        let end = Bench::at_end(self, end, baseline)?;
        let exercises = EXERCISES.iter().map(|exercise| {
            let bench = if exercise.is_at_end { &end } else { &middle };
            bench.try_out(self, exercise, baseline.is_some())
        });
        Ok(Drill {
            copy: told_copy(&middle, u64::from(self.judge.index.len())),
            baseline: baseline.map(|b| b.sources().into_iter().map(|s| s.name).collect()),
            exercises: exercises.collect::<Result<_, _>>()?,
        })
    }

    /// The verified entry in the middle: of all, or of those that are no newer than the earlier export.
    fn target(&self, baseline: Option<&Self>) -> Option<u32> {
        let index = &self.judge.index;
        let is_verified = |row: &u32| {
            let origin = index.origin(RowIdx(*row));
            origin.is_some_and(|o| o.verdict == Verdict::Verified)
        };
        let verified: Vec<u32> = (0..index.len()).filter(is_verified).collect();
        let latest = baseline.and_then(|b| b.judge.index.extent());
        if let Some((_, latest)) = latest {
            let is_older = |row: &&u32| {
                let time = index.micros().get(**row as usize);
                time.is_some_and(|t| *t != UNPLACED && *t <= latest)
            };
            let older: Vec<u32> = verified.iter().filter(is_older).copied().collect();
            if let Some(row) = older.get(older.len() / 2) {
                return Some(*row);
            }
        }
        verified.get(verified.len() / 2).copied()
    }

    /// The row with the latest time, the last of them.
    fn newest(&self) -> Option<u32> {
        let micros = self.judge.index.micros();
        let rows = (0..self.judge.index.len()).zip(micros);
        let placed = rows.filter(|(_, time)| **time != UNPLACED);
        placed.max_by_key(|(_, time)| **time).map(|(row, _)| row)
    }

    /// An entry as a sentence names it.
    fn named(&self, row: u32) -> String {
        let entry = self.entry_ref(RowIdx(row));
        match entry.entry_id.as_str() {
            "" => format!("the entry at {}", entry.locator),
            id => id.to_owned(),
        }
    }
}

/// A copy to be altered, and what the engine reports on it as it is.
struct Bench {
    records: Vec<Record>,
    target: usize,
    /// The table, if the entries have rowids.
    table: Option<TableLike>,
    source: String,
    times: Vec<Option<i64>>,
    is_newest_first: bool,
    /// The entries of the earlier export; the unaltered copy where there is none.
    earlier: Case,
    told: Told,
}

impl Bench {
    /// Copies the entries around `target`.
    fn new(case: &Case, part: &Part, target: u32, baseline: Option<&Case>) -> Result<Self, Error> {
        let records = window(case, &part.rows, target, MOST)?;
        let table = TableLike::of(case, part, &records);
        let micros = case.judge.index.micros();
        let time = |r: &Record| {
            micros
                .get(r.row as usize)
                .copied()
                .filter(|t| *t != UNPLACED)
        };
        let times: Vec<Option<i64>> = records.iter().map(time).collect();
        let mut placed = times.iter().flatten();
        let is_newest_first = match (placed.next(), placed.next_back()) {
            (Some(first), Some(last)) => first > last,
            _ => false,
        };
        let unaltered = copied(case, &records, table.as_ref(), &part.source)?;
        let earlier = match baseline {
            Some(baseline) => known_of(case, &records, baseline)?,
            None => copied(case, &records, table.as_ref(), &part.source)?,
        };
        let mut target = records.iter().position(|r| r.row == target).unwrap_or(0);
        if baseline.is_some() {
            target = known_near(case, &records, target, &earlier).unwrap_or(target);
        }
        Ok(Self {
            target,
            told: Told::of(&unaltered, &earlier)?,
            records,
            table,
            source: part.source.clone(),
            times,
            is_newest_first,
            earlier,
        })
    }

    /// Copies the newest entries of a part.
    fn at_end(case: &Case, part: &Part, baseline: Option<&Case>) -> Result<Self, Error> {
        let micros = case.judge.index.micros();
        let mut placed = part.rows.clone().filter_map(|row| {
            let time = micros.get(row as usize)?;
            (*time != UNPLACED).then_some(*time)
        });
        let is_newest_first = match (placed.next(), placed.next_back()) {
            (Some(first), Some(last)) => first > last,
            _ => false,
        };
        let around = match is_newest_first {
            true => part.rows.start,
            false => part.rows.end.saturating_sub(1),
        };
        let mut bench = Self::new(case, part, around, baseline)?;
        bench.is_newest_first = is_newest_first;
        Ok(bench)
    }

    fn try_out(
        &self,
        case: &Case,
        exercise: &alter::Exercise,
        has_baseline: bool,
    ) -> Result<Exercise, Error> {
        let subject = Subject {
            records: &self.records,
            target: self.target,
            has_rowids: self.table.is_some(),
            is_newest_first: self.is_newest_first,
            times: &self.times,
            name: &|record| case.named(record.row),
        };
        let mut out = Exercise {
            code: exercise.code.to_owned(),
            title: exercise.title.to_owned(),
            done: String::new(),
            entries: Vec::new(),
            outcome: Outcome::NotTried,
            alone: Vec::new(),
            compared: Vec::new(),
            remarks: Vec::new(),
        };
        let altered = match (exercise.alter)(&subject) {
            Ok(altered) => altered,
            Err(why) => {
                out.done = why;
                return Ok(out);
            }
        };
        let copy = match copied(case, &altered.records, self.table.as_ref(), &self.source) {
            // The table itself refuses it.
            Err(error) if error.is_unsupported() => {
                out.done = format!("{error}.");
                return Ok(out);
            }
            copy => copy?,
        };
        let told = Told::of(&copy, &self.earlier)?;
        out.done = altered.done;
        let rows = altered.rows.iter().take(NAMED);
        out.entries = rows.map(|row| case.entry_ref(RowIdx(*row))).collect();
        out.alone = told.beyond(&self.told);
        out.compared = told.compared_beyond(&self.told);
        out.outcome = match (out.alone.is_empty(), out.compared.is_empty()) {
            (false, _) => Outcome::Alone,
            (true, false) => Outcome::Compared,
            (true, true) => Outcome::Nowhere,
        };
        if out.alone.is_empty() && !exercise.blind.is_empty() {
            out.remarks.push(exercise.blind.to_owned());
        }
        if out.compared.is_empty() {
            let is_known = self.knows(case, &altered.rows);
            let why = match (told.no_comparison(), is_known) {
                (_, false) if has_baseline => Some("The earlier export does not hold what was altered: what is newer has nothing to be compared with.".to_owned()),
                (Some(why), _) => Some(format!("There was no comparison: {why}.")),
                (None, _) if out.outcome == Outcome::Nowhere => Some(
                    "A comparison looks at what entries say, not at their order.".to_owned(),
                ),
                (None, _) => None,
            };
            out.remarks.extend(why);
        }
        Ok(out)
    }

    /// Whether the earlier export holds one of these entries.
    fn knows(&self, case: &Case, rows: &[u32]) -> bool {
        let ids = ids(case, rows.iter().copied());
        let index = &self.earlier.judge.index;
        let found = index.rows_of_ids(index.len(), |id| ids.contains(id));
        Ranked::new(found).iter_from(0).next().is_some()
    }
}

/// The ids of rows that have one, as canonical JSON.
fn ids(case: &Case, rows: impl Iterator<Item = u32>) -> BTreeSet<String> {
    let ids = rows.map(|row| {
        let mut json = String::new();
        case.judge.index.write_entry_id(RowIdx(row), &mut json);
        json
    });
    ids.filter(|json| !json.is_empty()).collect()
}

/// The verified record nearest to one, of those that an earlier export holds.
fn known_near(case: &Case, records: &[Record], near: usize, earlier: &Case) -> Option<usize> {
    let index = &earlier.judge.index;
    let mut known = BTreeSet::new();
    // Nothing is wanted: every id is looked at, and there are no more of them than may be compared with.
    index.rows_of_ids(index.len(), |id| {
        known.insert(id.to_owned());
        false
    });
    let is_known = |place: &usize| {
        let record = records.get(*place)?;
        let origin = case.judge.index.origin(RowIdx(record.row))?;
        let mut id = String::new();
        case.judge.index.write_entry_id(RowIdx(record.row), &mut id);
        (origin.verdict == Verdict::Verified && known.contains(&id)).then_some(())
    };
    let places = (0..records.len()).filter(|place| is_known(place).is_some());
    places.min_by_key(|place| place.abs_diff(near))
}

/// The entries of an earlier export that have the ids of these.
fn known_of(case: &Case, of: &[Record], baseline: &Case) -> Result<Case, Error> {
    let wanted = ids(case, of.iter().map(|r| r.row));
    let index = &baseline.judge.index;
    let found = Ranked::new(index.rows_of_ids(index.len(), |id| wanted.contains(id)));
    let rows: Vec<u32> = found.iter_from(0).take(MOST_EARLIER).collect();
    let known = records(baseline, &rows)?.ok_or_else(|| {
        Error::unsupported("the entries of the earlier export are too large to be copied in memory")
    })?;
    copied(baseline, &known, None, "the earlier export")
}

/// A verified case of a copy: a table with the same rowids where there are some, else JSON Lines.
fn copied(
    case: &Case,
    records: &[Record],
    table: Option<&TableLike>,
    source: &str,
) -> Result<Case, Error> {
    let bytes = match table {
        Some(table) => table.of_records(records)?,
        None => {
            let mut out = Vec::new();
            for record in records {
                record.write_line(case, &mut out);
            }
            out
        }
    };
    let mut copy = Case::open(vec![Input {
        name: source.to_owned(),
        bytes: Box::new(Memory::new(bytes)),
        is_found: false,
    }]);
    copy.verify(&mut Quiet)?;
    Ok(copy)
}

/// What of a table is kept in its copy.
struct TableLike {
    name: String,
    columns: Vec<String>,
    /// The columns behind the hashed ones and the checksum.
    others: Vec<String>,
    is_unique: bool,
    counted: Option<(usize, i64)>,
}

impl TableLike {
    fn of(case: &Case, part: &Part, records: &[Record]) -> Option<Self> {
        let name = match case.entry_ref(RowIdx(part.rows.start)).locator {
            Locator::Row { table, .. } if part.has_rowids => table,
            _ => return None,
        };
        let others: BTreeSet<&str> = records.iter().flat_map(Record::extra_names).collect();
        let others: Vec<String> = others.into_iter().map(str::to_owned).collect();
        let mut columns: Vec<String> = REFERENCE.hashed_fields.map(str::to_owned).to_vec();
        columns.push(REFERENCE.checksum_field.to_owned());
        let first = columns.len();
        columns.extend(others.iter().cloned());
        let books = part.books.as_ref();
        let is_key = |name: &&String| records.iter().all(|r| r.is_key(name));
        let key = others.iter().position(|name| is_key(&name));
        let mut table = Self {
            name,
            columns,
            is_unique: books.is_some_and(|b| b.is_unique),
            counted: key
                .zip(books.and_then(|b| b.sequence))
                .map(|(i, n)| (first + i, n)),
            others,
        };
        // What is unique in it may be another column, or another collation's.
        table.is_unique = table.is_unique && table.of_records(records).is_ok();
        Some(table)
    }

    fn of_records(&self, records: &[Record]) -> Result<Vec<u8>, Error> {
        let table = copy::Table {
            name: &self.name,
            columns: &self.columns,
            unique: self.is_unique.then_some(REFERENCE.entry_id),
            counted: self.counted,
        };
        let rows = records.iter().map(|r| (r.key, r.cells(&self.others)));
        let refused = |why| Error::unsupported(format!("The table refuses it: {why}"));
        table.database(rows).map_err(refused)
    }
}

fn told_copy(bench: &Bench, of: u64) -> String {
    let count = bench.records.len() as u64;
    let how = match bench.table {
        Some(_) => "as a table with the same rowids",
        None => "as JSON Lines, each value as it is stored",
    };
    if count == of {
        return format!(
            "All {} entries were copied in memory, {how}; the files are not touched.",
            grouped(count)
        );
    }
    format!(
        "{} of {} entries were copied in memory, {how}: those around the entry that is altered, and as many at the newest end for what is cut off there; the files are not touched.",
        grouped(count),
        grouped(of)
    )
}

/// Digits in groups of three.
fn grouped(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        _ => format!("{},{:03}", grouped(n / 1_000), n % 1_000),
    }
}
