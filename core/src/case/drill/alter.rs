//! The exercises: how each alters the entries of a copy.

use super::record::Record;
use crate::scheme::REFERENCE;

/// Entries that are cut off at most.
const MOST_CUT: usize = 10;
/// Who is put in the place of an entry's actor.
const OTHERS: [&str; 2] = ["somebody.else", "nobody"];

/// What is to be altered.
pub(super) struct Subject<'s> {
    pub(super) records: &'s [Record],
    /// The entry that is altered, by its place among the records.
    pub(super) target: usize,
    /// Whether the entries have rowids.
    pub(super) has_rowids: bool,
    /// Whether the newest entry is the first.
    pub(super) is_newest_first: bool,
    /// The instants of the records, `None` where one cannot be read.
    pub(super) times: &'s [Option<i64>],
    /// Names a record for people.
    pub(super) name: &'s dyn Fn(&Record) -> String,
}

/// What became of it.
pub(super) struct Altered {
    pub(super) records: Vec<Record>,
    /// Rows of the case that were altered.
    pub(super) rows: Vec<u32>,
    /// What was done, as one sentence.
    pub(super) done: String,
}

/// One way to falsify a log.
pub(super) struct Exercise {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    /// Whether it is tried at the log's newest end.
    pub(super) is_at_end: bool,
    /// The alteration; or why it cannot be made.
    pub(super) alter: fn(&Subject<'_>) -> Result<Altered, String>,
    /// Why the log alone does not tell it, where it does not.
    pub(super) blind: &'static str,
}

pub(super) const EXERCISES: [Exercise; 8] = [
    Exercise {
        code: "edit",
        title: "An entry edited",
        is_at_end: false,
        alter: |subject| edit(subject, false),
        blind: "",
    },
    Exercise {
        code: "edit-rehash",
        title: "An entry edited, its checksum computed anew",
        is_at_end: false,
        alter: |subject| edit(subject, true),
        blind: "The checksum has no key: whoever can edit an entry can compute it anew.",
    },
    Exercise {
        code: "delete",
        title: "An entry deleted in the middle",
        is_at_end: false,
        alter: delete,
        blind: "The checksums have no chain, and nothing in this log counts its entries without a gap.",
    },
    Exercise {
        code: "cut-tail",
        title: "The newest entries cut off",
        is_at_end: true,
        alter: cut_tail,
        blind: "Nothing in a log says how long it was.",
    },
    Exercise {
        code: "duplicate",
        title: "An entry written twice",
        is_at_end: false,
        alter: duplicate,
        blind: "",
    },
    Exercise {
        code: "swap",
        title: "Two entries swapped",
        is_at_end: false,
        alter: swap,
        blind: "No checksum covers the order of the entries.",
    },
    Exercise {
        code: "back-date",
        title: "An entry back-dated",
        is_at_end: false,
        alter: |subject| back_date(subject, false),
        blind: "",
    },
    Exercise {
        code: "back-date-rehash",
        title: "An entry back-dated, its checksum computed anew",
        is_at_end: false,
        alter: |subject| back_date(subject, true),
        blind: "The checksum has no key, and nothing else in this log says when the entry was written.",
    },
];

fn target<'s>(subject: &Subject<'s>) -> Result<&'s Record, String> {
    let target = subject.records.get(subject.target);
    target.ok_or_else(|| "There is no entry to alter.".to_owned())
}

/// The records with another one in the place of the target.
fn replaced(subject: &Subject<'_>, record: Record, done: String) -> Altered {
    let mut records = subject.records.to_vec();
    let rows = vec![record.row];
    if let Some(place) = records.get_mut(subject.target) {
        *place = record;
    }
    Altered {
        records,
        rows,
        done,
    }
}

fn rehashed(record: &mut Record) -> Result<&'static str, String> {
    if record.rehash() {
        Ok(", and its checksum was computed anew")
    } else {
        Err("Its checksum cannot be computed.".to_owned())
    }
}

fn edit(subject: &Subject<'_>, is_rehashed: bool) -> Result<Altered, String> {
    let mut record = target(subject)?.clone();
    let name = (subject.name)(&record);
    let is_other = |actor: &&&str| !record.has_text(REFERENCE.actor, actor);
    let actor = OTHERS.iter().find(is_other).unwrap_or(&OTHERS[0]);
    record.set_text(REFERENCE.actor, actor);
    let anew = match is_rehashed {
        true => rehashed(&mut record)?,
        false => "",
    };
    let done = format!("The actor of {name} was replaced by “{actor}”{anew}.");
    Ok(replaced(subject, record, done))
}

fn delete(subject: &Subject<'_>) -> Result<Altered, String> {
    let record = target(subject)?;
    let done = format!("{} was taken out.", (subject.name)(record));
    let rows = vec![record.row];
    let mut records = subject.records.to_vec();
    records.remove(subject.target);
    Ok(Altered {
        records,
        rows,
        done,
    })
}

fn cut_tail(subject: &Subject<'_>) -> Result<Altered, String> {
    let mut records = subject.records.to_vec();
    let count = (records.len() / 10).clamp(1, MOST_CUT);
    let cut: Vec<Record> = if subject.is_newest_first {
        records.drain(..count.min(records.len())).collect()
    } else {
        records.split_off(records.len().saturating_sub(count))
    };
    let done = match &cut[..] {
        [] => return Err("There is no entry to cut off.".to_owned()),
        [one] => format!("{}, the newest one, was cut off.", (subject.name)(one)),
        [first, .., last] => format!(
            "The newest {} entries, from {} to {}, were cut off.",
            cut.len(),
            (subject.name)(first),
            (subject.name)(last)
        ),
    };
    let rows = cut.iter().map(|r| r.row).collect();
    Ok(Altered {
        records,
        rows,
        done,
    })
}

fn duplicate(subject: &Subject<'_>) -> Result<Altered, String> {
    let mut record = target(subject)?.clone();
    let name = (subject.name)(&record);
    let rows = vec![record.row];
    let mut records = subject.records.to_vec();
    let done = if subject.has_rowids {
        let highest = records.iter().map(|r| r.key).max().unwrap_or(0);
        let next = highest.checked_add(1);
        record.key = next.ok_or("There is no rowid left for another entry.")?;
        records.push(record);
        format!("{name} was inserted a second time, at the table's end.")
    } else {
        records.insert(subject.target, record);
        format!("{name} was written a second time, right behind the first.")
    };
    Ok(Altered {
        records,
        rows,
        done,
    })
}

fn swap(subject: &Subject<'_>) -> Result<Altered, String> {
    let len = subject.records.len();
    let far = (len / 10).max(1);
    let other = match subject.target.checked_sub(far) {
        Some(before) => before,
        None => subject.target + far,
    };
    let (Some(a), Some(b)) = (
        subject.records.get(subject.target),
        subject.records.get(other),
    ) else {
        return Err("There is no second entry to swap with.".to_owned());
    };
    let done = format!(
        "{} and {} each took the place of the other.",
        (subject.name)(a),
        (subject.name)(b)
    );
    let rows = vec![a.row, b.row];
    let mut records = subject.records.to_vec();
    let (at, bt) = (a.key, b.key);
    records.swap(subject.target, other);
    // The place of a row is its rowid.
    if let Some(record) = records.get_mut(subject.target) {
        record.key = at;
    }
    if let Some(record) = records.get_mut(other) {
        record.key = bt;
    }
    Ok(Altered {
        records,
        rows,
        done,
    })
}

fn back_date(subject: &Subject<'_>, is_rehashed: bool) -> Result<Altered, String> {
    let mut record = target(subject)?.clone();
    let time = subject.times.get(subject.target).copied().flatten();
    let all = subject.times.iter().zip(subject.records);
    let placed = all.filter_map(|(time, record)| Some(((*time)?, record)));
    let earliest = placed.min_by_key(|(time, record)| (*time, record.row));
    let (Some(time), Some((before, earlier))) = (time, earliest) else {
        return Err("No time of an entry can be read.".to_owned());
    };
    if before >= time {
        return Err("No entry near it names an earlier time that it could be given.".to_owned());
    }
    let (name, theirs) = ((subject.name)(&record), (subject.name)(earlier));
    record.take(REFERENCE.timestamp, earlier);
    let anew = match is_rehashed {
        true => rehashed(&mut record)?,
        false => "",
    };
    let done = format!("{name} was given the earlier timestamp of {theirs}{anew}.");
    Ok(replaced(subject, record, done))
}
