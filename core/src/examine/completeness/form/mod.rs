//! How the text of `details` is spelled, against what the reference's `json.dumps` writes for the same value.
//!
//! The checksum covers the value, not its spelling: an entry that a tool has rewritten, and re-hashed, is often spelled
//! as that tool spells. Each feature is looked at by itself, and an entry counts only for those that it can show: `{}` has
//! no spacing, and a text without accents no escapes.

use super::again::Again;
use super::{NAMED, Name, Part, entries, filter, found};
use crate::canon::Canonicalizer;
use crate::entry::{RawEntry, RawValue};
use crate::index::{Field, Index};
use crate::json::Reader;
use crate::query::details_text;
use crate::scheme::REFERENCE;
use crate::view::{Evidence, Strength, Verdict};

mod keys;
mod order;
mod spelling;

use keys::Keys;

pub(super) use order::{OrderId, Orders};
use spelling::spelling;
pub(super) use spelling::{Feature, Trait};

/// Entries that must show a feature before one that differs in it stands out.
const FEWEST: usize = 20;

/// Reads forms, with buffers that serve for all entries.
#[derive(Default)]
pub(super) struct Former {
    reader: Reader,
    canon: Canonicalizer,
    orders: Orders,
}

impl Former {
    /// The orders of keys that were seen.
    pub(super) fn into_orders(self) -> Orders {
        self.orders
    }

    /// How the details of an entry are spelled, and in which order their keys stand; the former says nothing where the
    /// container holds no text of theirs.
    pub(super) fn form(&mut self, entry: &RawEntry<'_>) -> (Trait, OrderId) {
        let value = entry.fields[REFERENCE.details];
        let is_text = match value {
            RawValue::Text(_) => true,
            RawValue::Json(token) => token.first() == Some(&b'"'),
            _ => false,
        };
        let text = match (details_text(value), value) {
            (Some(text), _) => text,
            (None, RawValue::Json(token)) => token.into(),
            (None, _) => return (Trait::default(), 0),
        };
        if !is_text {
            let keys = Keys::of(&text, &mut self.reader);
            return (Trait::default(), self.orders.order(keys.as_bytes()));
        }
        match self.canon.in_order(&text) {
            Ok(reference) => (spelling(&text, reference), self.orders.order(reference)),
            Err(_) => (Trait::default(), 0),
        }
    }
}

/// Verified entries of a part whose details are spelled otherwise than those of the others, or than the reference would.
pub(super) fn odd_ones(
    index: &Index,
    part: &Part,
    again: &Again,
    name: &Name<'_>,
) -> Option<Evidence> {
    let verdicts = index.column(Field::Verdict);
    let verified = format!("\"{}\"", Verdict::Verified.as_str());
    let rows = part.rows.clone();
    let order = |row: u32| again.order_ids.get(row as usize).copied().unwrap_or(0);
    let forms: Vec<(u32, Trait)> = rows
        .filter(|row| verdicts.json(*row) == verified)
        .filter_map(|row| Some((row, *again.forms.get(row as usize)?)))
        .filter(|(row, form)| *form != Trait::default() || order(*row) != 0)
        .collect();
    let usual = usual(&forms);
    let odd_orders = again
        .orders
        .odd_ones(forms.iter().map(|(row, _)| order(*row)));
    let others: Vec<(u32, Vec<Feature>)> = (forms.iter())
        .map(|(row, form)| {
            let mut features = form.differing(usual);
            if odd_orders.get(usize::from(order(*row))) == Some(&true) {
                features.push(Feature::KeyOrder);
            }
            (*row, features)
        })
        .filter(|(_, features)| !features.is_empty())
        .collect();
    if others.is_empty() {
        return (!usual.is_reference()).then(|| of_another_writer(part, usual, forms.len()));
    }
    let is_explained = usual.differing(Trait::REFERENCE) != Vec::new()
        || forms.len() < FEWEST
        || others.len() * 10 > forms.len()
        || (others.iter()).all(|(_, f)| matches!(f[..], [Feature::Numbers | Feature::KeyOrder]))
        || is_split(&forms, &others, |row| {
            index.column(Field::EventType).json(row)
        })
        || is_split(&forms, &others, |row| index.column(Field::Actor).json(row))
        || is_one_run(&forms, &others);
    Some(told(index, part, usual, &others, is_explained, name))
}

/// For each feature how most entries show it.
fn usual(forms: &[(u32, Trait)]) -> Trait {
    let mut usual = Trait::default();
    for feature in Feature::ALL {
        let mut counts = [0usize; Trait::VALUES];
        for (_, form) in forms {
            counts[form.get(feature)] += 1;
        }
        // Of those that are as frequent the reference's own, which is the first.
        let shown = 1..counts.len();
        let most = shown.rev().max_by_key(|value| counts[*value]).unwrap_or(0);
        usual.set(feature, if counts[most] == 0 { 0 } else { most });
    }
    usual
}

/// Whether no value of a field occurs with both spellings: then whoever writes those entries is another program.
fn is_split<'i>(
    forms: &[(u32, Trait)],
    others: &[(u32, Vec<Feature>)],
    value: impl Fn(u32) -> &'i str,
) -> bool {
    let is_other = |row: u32| others.binary_search_by_key(&row, |(r, _)| *r).is_ok();
    let of_others: std::collections::BTreeSet<&str> =
        others.iter().map(|(row, _)| value(*row)).collect();
    let mut rest = forms.iter().filter(|(row, _)| !is_other(*row));
    rest.all(|(row, _)| !of_others.contains(value(*row)))
}

/// Whether they stand together at the beginning or at the end: the writer was changed.
fn is_one_run(forms: &[(u32, Trait)], others: &[(u32, Vec<Feature>)]) -> bool {
    let n = others.len();
    let is_run =
        |run: &[(u32, Trait)]| run.iter().map(|(r, _)| r).eq(others.iter().map(|(r, _)| r));
    n >= FEWEST && (is_run(&forms[..n]) || is_run(&forms[forms.len() - n..]))
}

fn told(
    index: &Index,
    part: &Part,
    usual: Trait,
    others: &[(u32, Vec<Feature>)],
    is_explained: bool,
    name: &Name<'_>,
) -> Evidence {
    let mut groups: std::collections::BTreeMap<&[Feature], u64> = std::collections::BTreeMap::new();
    for (_, features) in others {
        *groups.entry(features).or_default() += 1;
    }
    let groups = groups.iter().map(|(features, n)| {
        let words: Vec<_> = features.iter().map(|f| f.as_str()).collect();
        format!("{n} in {}", words.join(" and "))
    });
    let as_what = if usual.is_reference() {
        "as the reference's writer spells"
    } else {
        "as the others are"
    };
    let message = format!(
        "the details of {} in {} are not spelled {as_what}, though the checksums hold: {}",
        entries(others.len()),
        part.source,
        groups.collect::<Vec<_>>().join(", ")
    );
    let strength = if is_explained {
        Strength::Weak
    } else {
        Strength::Moderate
    };
    let mut evidence = found(
        "stored-form",
        strength,
        message,
        &[
            "Another program, or another version of it, may write some of the entries.",
            "A tool that changes entries, such as SQLite's own JSON functions, spells them in its own way; so does one that copies them.",
        ],
    );
    evidence.count = others.len() as u64;
    evidence.source = Some(part.source.clone());
    let rows: Vec<u32> = others.iter().map(|(row, _)| *row).take(NAMED + 1).collect();
    evidence.entries = rows.iter().take(NAMED).map(|row| name(*row)).collect();
    evidence.filter = filter(index, &rows);
    evidence
}

fn of_another_writer(part: &Part, usual: Trait, count: usize) -> Evidence {
    let features = usual.differing(Trait::REFERENCE);
    let words: Vec<_> = features.iter().map(|f| f.as_str()).collect();
    let message = format!(
        "the details in {} are all spelled alike, but not as the reference's writer spells: they differ in {}",
        part.source,
        words.join(" and ")
    );
    let mut evidence = found(
        "other-writer",
        Strength::Weak,
        message,
        &["The log may be kept, or was copied, by another program than the reference."],
    );
    evidence.count = count as u64;
    evidence.source = Some(part.source.clone());
    evidence
}
