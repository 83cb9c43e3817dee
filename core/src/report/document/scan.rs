//! What a log perhaps should not hold, as blocks and as lines of CSV. Examples are masked before they come here.

use super::LISTED;
use super::blocks::Block;
use crate::report::human::{entries, grouped};
use crate::view::{Scan, Sighting};

/// `is_of_period`: the entries of the period asked about alone were looked through.
pub(super) fn blocks(scan: &Scan, is_of_period: bool, out: &mut Vec<Block>) {
    out.push(Block::Heading("What a log should perhaps not hold".into()));
    let mut said = format!(
        "All fields of {}{} were looked through for personal data, secrets, proprietary detail and hashes that can be guessed.",
        entries(scan.entries),
        if is_of_period {
            " of the period asked about"
        } else {
            ""
        }
    );
    if scan.unparsed > 0 {
        said.push_str(&format!(
            " The details of {} are no JSON and were looked through as text.",
            entries(scan.unparsed)
        ));
    }
    if scan.sightings.is_empty() {
        said.push_str(" Nothing was seen.");
    }
    out.push(Block::Text(said));
    if !scan.sightings.is_empty() {
        let rows = scan.sightings.iter().take(LISTED).map(|s| {
            vec![
                s.group.clone(),
                s.kind.clone(),
                s.path.clone(),
                grouped(s.count),
                format!(
                    "{} ({})",
                    grouped(s.entries),
                    share(s.entries, scan.entries)
                ),
                s.examples.join("; "),
                first(s),
            ]
        });
        out.push(Block::Table(
            vec![
                "group",
                "kind",
                "field",
                "seen",
                "entries",
                "masked examples",
                "first in",
            ],
            rows.collect(),
        ));
        if scan.sightings.len() > LISTED {
            out.push(Block::Text(format!(
                "… and {} more, which the JSON and CSV forms list.",
                grouped((scan.sightings.len() - LISTED) as u64)
            )));
        }
    }
    let mut notes = Vec::new();
    if scan.sightings.iter().any(|s| s.kind == "guessable-hash") {
        notes.push("A guessable hash is a short one under a key for a hash of what a model was given, or of a person. Unless a secret salt went into it, whoever knows which few values are possible can try them all; the log does not say whether one did.".to_owned());
    }
    if scan.is_coarse {
        notes.push(
            "There are more different fields than are told apart; those beyond stand under “…”."
                .to_owned(),
        );
    }
    notes.push("This is a scan by form and by the names of fields. It overlooks some, and some of what it names is harmless: whether a field may be logged is for people to say. Values are masked: letters as x, digits as #.".to_owned());
    out.push(Block::List(notes));
}

/// A sighting in one sentence.
pub(super) fn sentence(s: &Sighting, of: u64) -> String {
    let times = match s.count {
        1 => "once".to_owned(),
        n => format!("{} times", grouped(n)),
    };
    let mut said = format!(
        "seen {times}, in {} ({} of the entries)",
        entries(s.entries),
        share(s.entries, of)
    );
    if !s.examples.is_empty() {
        said.push_str(&format!(", masked: {}", s.examples.join("; ")));
    }
    said
}

fn first(s: &Sighting) -> String {
    match s.first.entry_id.as_str() {
        "" => format!("{}, {}", s.first.source, s.first.locator),
        id => id.to_owned(),
    }
}

/// A part of a whole in percent, never rounded to none or to all of it.
fn share(part: u64, whole: u64) -> String {
    if part >= whole {
        return "100 %".into();
    }
    let per_mille = u128::from(part) * 1_000 / u128::from(whole);
    match per_mille {
        0 => "under 0.1 %".into(),
        n => format!("{}.{} %", n / 10, n % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        for (part, whole, expected) in [
            (1, 1, "100 %"),
            (1, 3, "33.3 %"),
            (999_999, 1_000_000, "99.9 %"),
            (1, 1_000_000, "under 0.1 %"),
            (1, 1_000, "0.1 %"),
            (u64::MAX - 1, u64::MAX, "99.9 %"),
        ] {
            assert_eq!(share(part, whole), expected);
        }
    }
}
