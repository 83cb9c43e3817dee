//! A case against an earlier export of the same log.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use super::render;
use crate::canon::EntryCanonicalizer;
use crate::digest::sha256;
use crate::entry::{Fields, RawEntry, RawValue};
use crate::error::Error;
use crate::examine::difference::{Differences, Print, differences};
use crate::query::Entries;
use crate::scheme::REFERENCE;
use crate::units::RowIdx;
use crate::verify::settled;
use crate::view::{
    CELL_LIMIT, Comparison, EntryChange, EntryView, FieldChange, ValueKind, Verdict, cut,
};

/// Differences of one sort that are shown.
const SHOWN: usize = 1_000;
/// Entries read at a time.
const RUN: u32 = 2_048;
/// Entries from which the names of the fields are taken that no checksum covers.
const NAMED_BY: u32 = 256;
/// Fields of one entry that are told.
const MOST_FIELDS: usize = 50;

impl Case {
    /// Compares with an earlier export of the same log, which was verified too: which of its entries are gone or changed,
    /// and which are new. Neither container nor order matters. Of the fields that no checksum covers, those are compared
    /// that both exports have.
    ///
    /// # Errors
    ///
    /// If the entries of either can no longer be read, or the earlier export holds none.
    pub fn compare(&self, old: &Self) -> Result<Comparison, Error> {
        let mut comparing = self.begin_compare(old)?;
        loop {
            if let Some(comparison) = self.compare_step(old, &mut comparing)? {
                return Ok(comparison);
            }
        }
    }

    /// Begins the same, to be carried on by [`Case::compare_step`].
    ///
    /// # Errors
    ///
    /// As [`Case::compare`].
    pub fn begin_compare(&self, old: &Self) -> Result<Comparing, Error> {
        if old.totals().entries == 0 {
            return Err(Error::unsupported(
                "the earlier export holds no entry, so there is nothing to compare with",
            ));
        }
        let (ours, theirs) = (self.uncovered_names()?, old.uncovered_names()?);
        Ok(Comparing {
            names: ours.intersection(&theirs).cloned().collect(),
            ours,
            theirs,
            of: old.judge.index.len().saturating_add(self.judge.index.len()),
            printer: Printer::default(),
            old: Vec::new(),
            new: Vec::new(),
        })
    }

    /// Goes on by some thousand entries; the comparison when it is there. `old` is the case that it was begun with.
    ///
    /// # Errors
    ///
    /// If the entries of either can no longer be read.
    pub fn compare_step(
        &self,
        old: &Self,
        comparing: &mut Comparing,
    ) -> Result<Option<Comparison>, Error> {
        let c = comparing;
        let is_more = old.print_some(&mut c.printer, &c.names, &mut c.old)?
            || self.print_some(&mut c.printer, &c.names, &mut c.new)?;
        if is_more {
            return Ok(None);
        }
        let found = differences(std::mem::take(&mut c.old), std::mem::take(&mut c.new));
        self.compared(old, c, &found).map(Some)
    }

    /// What is told of the differences.
    fn compared(
        &self,
        old: &Self,
        Comparing { ours, theirs, .. }: &Comparing,
        found: &Differences,
    ) -> Result<Comparison, Error> {
        let mut changes = Vec::new();
        for row in found.removed.iter().take(SHOWN) {
            changes.push(change("removed", Some((old, *row)), None)?);
        }
        let pairs = [&found.changed, &found.uncovered];
        for (a, b) in pairs.into_iter().flat_map(|list| list.iter().take(SHOWN)) {
            let mut pair = change("changed", Some((old, *a)), Some((self, *b)))?;
            // A field that only one of the exports has at all is no change of this entry.
            pair.fields
                .retain(|f| ours.contains(&f.path) == theirs.contains(&f.path));
            changes.push(pair);
        }
        for row in found.added.iter().take(SHOWN) {
            changes.push(change("added", None, Some((self, *row)))?);
        }
        let gone = [
            found.removed.len(),
            found.changed.len(),
            found.uncovered.len(),
        ];
        Ok(Comparison {
            old: old.sources(),
            old_totals: old.totals(),
            unchanged: found.unchanged,
            removed: found.removed.len() as u64,
            added: found.added.len() as u64,
            changed: found.changed.len() as u64,
            uncovered: found.uncovered.len() as u64,
            is_append_only: gone == [0; 3],
            changes,
        })
    }

    /// The names of the fields that no checksum covers, in the first entries.
    fn uncovered_names(&self) -> Result<BTreeSet<String>, Error> {
        let rows: Vec<u32> = (0..self.judge.index.len().min(NAMED_BY)).collect();
        let mut names = BTreeSet::new();
        self.read_again(&rows, Fields::All, &mut |_, entry| {
            for (name, _) in entry.map_or(&[][..], |e| e.extras) {
                names.insert((*name).to_owned());
            }
        })?;
        Ok(names)
    }

    /// Prints some more entries behind those that are printed already; false if there are none.
    fn print_some(
        &self,
        printer: &mut Printer,
        names: &[String],
        prints: &mut Vec<Print>,
    ) -> Result<bool, Error> {
        let len = self.judge.index.len();
        let start = u32::try_from(prints.len()).unwrap_or(len);
        if start >= len {
            return Ok(false);
        }
        if start == 0 {
            prints.reserve_exact(len as usize);
        }
        let rows: Vec<u32> = (start..len.min(start.saturating_add(RUN))).collect();
        let mut is_whole = true;
        self.read_again(&rows, Fields::All, &mut |row, entry| match entry {
            Some(entry) => prints.push(printer.print(row, entry, names)),
            None => is_whole = false,
        })?;
        if is_whole {
            return Ok(true);
        }
        Err(Error::unavailable("an entry can no longer be read")
            .with_hint("The file may have been moved or changed while it was open. Open it again."))
    }
}

/// A comparison under way ([`Case::begin_compare`]).
pub struct Comparing {
    /// The names of the fields that no checksum covers, here, there, and in both.
    ours: BTreeSet<String>,
    theirs: BTreeSet<String>,
    names: Vec<String>,
    of: u32,
    printer: Printer,
    old: Vec<Print>,
    new: Vec<Print>,
}

impl Comparing {
    /// Entries read again so far, of how many.
    #[must_use]
    pub fn read(&self) -> (u64, u64) {
        let read = self.old.len() + self.new.len();
        (read as u64, u64::from(self.of))
    }
}

/// Makes prints, with buffers that serve for all of them.
#[derive(Default)]
struct Printer {
    canon: EntryCanonicalizer,
    message: Vec<u8>,
}

impl Printer {
    fn print(&mut self, row: u32, entry: &RawEntry<'_>, names: &[String]) -> Print {
        let entry = &settled(entry);
        let id = said(entry.fields[REFERENCE.entry_id]);
        let id = (!id.is_empty()).then(|| first_16(id.as_bytes()));
        self.message.clear();
        if self.canon.write(entry, &mut self.message).is_err() {
            // No canonical form: as it stands in its container, field by field.
            self.message.clear();
            for field in entry.fields {
                part(&mut self.message, &render::shown(field, usize::MAX).1);
            }
        }
        part(&mut self.message, &said(entry.claimed_checksum));
        let covered = first_16(&self.message);
        self.message.clear();
        for name in names {
            let value = entry.extras.iter().rev().find(|(n, _)| n == name);
            let text = value.map_or_else(String::new, |(_, v)| said(*v));
            part(&mut self.message, &text);
        }
        let uncovered = first_16(&self.message);
        Print {
            id,
            covered,
            uncovered,
            row,
        }
    }
}

/// A value as text. Nothing is nothing, whether a container says so with NULL, `null`, an empty field or none at all.
fn said(value: RawValue<'_>) -> String {
    match render::shown(value, usize::MAX) {
        (ValueKind::Null | ValueKind::Missing, _) => String::new(),
        (_, text) => text,
    }
}

/// Appends a text with its length, so that two of them cannot be taken for two others.
fn part(message: &mut Vec<u8>, text: &str) {
    message.extend_from_slice(&(text.len() as u64).to_le_bytes());
    message.extend_from_slice(text.as_bytes());
}

fn first_16(message: &[u8]) -> u128 {
    let digest = sha256(message);
    digest[..16]
        .iter()
        .fold(0, |n, byte| n << 8 | u128::from(*byte))
}

fn change(
    what: &str,
    old: Option<(&Case, u32)>,
    new: Option<(&Case, u32)>,
) -> Result<EntryChange, Error> {
    let refer = |side: Option<(&Case, u32)>| side.map(|(case, row)| case.entry_ref(RowIdx(row)));
    let (old_ref, new_ref) = (refer(old), refer(new));
    let id = new_ref.as_ref().or(old_ref.as_ref());
    let id = id.map_or_else(String::new, |r| r.entry_id.clone());
    let (mut fields, mut is_rehashed) = (Vec::new(), false);
    if let (Some((old, a)), Some((new, b))) = (old, new) {
        let (a, b) = (old.entry(RowIdx(a))?, new.entry(RowIdx(b))?);
        is_rehashed = b.verdict == Verdict::Verified && a.canonical != b.canonical;
        fields = changed_fields(&a, &b);
    }
    Ok(EntryChange {
        what: what.to_owned(),
        entry_id: id,
        old: old_ref,
        new: new_ref,
        fields,
        is_rehashed,
    })
}

fn changed_fields(old: &EntryView, new: &EntryView) -> Vec<FieldChange> {
    let (before, after) = (flat(old), flat(new));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = paths
        .into_iter()
        .filter(|p| before.get(*p) != after.get(*p));
    let shown = |text: Option<&String>| text.map(|t| cut(t, CELL_LIMIT));
    let changes = differs.map(|path| FieldChange {
        path: path.clone(),
        before: shown(before.get(path)),
        after: shown(after.get(path)),
    });
    changes.take(MOST_FIELDS).collect()
}

/// The fields of an entry by their paths.
fn flat(view: &EntryView) -> BTreeMap<String, String> {
    let fields = view.fields.iter().map(|f| (f.name.clone(), f.text.clone()));
    let mut all: BTreeMap<String, String> = fields.collect();
    if let Some(checksum) = &view.claimed_checksum {
        all.insert("checksum".into(), checksum.clone());
    }
    if let Some(raw) = &view.details_raw {
        all.insert("details".into(), raw.clone());
    }
    let mut above: Vec<String> = Vec::new();
    for node in &view.details {
        above.truncate(node.depth as usize);
        let before = above.last().map_or("details", String::as_str);
        let path = match node.key.starts_with('[') {
            true => format!("{before}{}", node.key),
            false => format!("{before}.{}", node.key),
        };
        // A path as long as the details themselves, at every depth, would be more than they are.
        let path = cut(&path, CELL_LIMIT);
        if node.children == 0 {
            all.insert(path.clone(), node.text.clone());
        }
        above.push(path);
    }
    all
}

#[cfg(test)]
mod tests;
