//! How far the log reaches, measured by a retention policy, as blocks and as a line of CSV.

use super::blocks::Block;
use crate::report::human::{entries, grouped};
use crate::view::{Dated, Retention};

pub(super) fn blocks(retention: &Retention, out: &mut Vec<Block>) {
    out.push(Block::Heading("Retention".into()));
    out.push(Block::Text(format!(
        "Policy {}: {}. Counted back from {}, it asks for every entry from {} on. Times without a zone count as written, those with one in UTC.",
        retention.policy, retention.asks, retention.as_of, retention.since
    )));
    let end = |dated: &Option<Dated>| {
        dated
            .as_ref()
            .map_or("none can be read".to_owned(), |d| match &d.entry.entry_id {
                id if id.is_empty() => d.time.clone(),
                id => format!("{} ({id})", d.time),
            })
    };
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("oldest entry", end(&retention.oldest)),
        row("newest entry", end(&retention.newest)),
        row(
            "from the one to the other",
            match retention.span_days {
                0 => "less than a day".into(),
                n => days(n),
            },
        ),
        row("older than the policy asks", grouped(retention.older)),
        row("within the time it asks for", grouped(retention.within)),
    ];
    for (name, count) in [
        ("dated later than its last day", retention.later),
        ("with a time that cannot be read", retention.undated),
    ] {
        if count > 0 {
            rows.push(row(name, grouped(count)));
        }
    }
    out.push(Block::Table(vec!["what", "how much"], rows));
    out.push(Block::List(sentences(retention)));
}

/// What the figures say, and what they do not.
pub(super) fn sentences(retention: &Retention) -> Vec<String> {
    let r = retention;
    let mut said = Vec::new();
    if r.oldest.is_none() {
        said.push("No entry has a time that can be read, so that none is known to be of the time asked for.".into());
    } else if r.within == 0 {
        said.push("No entry is of the time that the policy asks for.".into());
    } else if r.unreached_days > 0 {
        said.push(format!(
            "The log does not reach the first {} that the policy asks for. A system that began later, a segment that was rotated away, or an export of a part explain it as well as deletion does.",
            days(r.unreached_days)
        ));
    } else {
        said.push("The log reaches back to the first day that the policy asks for. Whether all entries since are there is another question.".into());
    }
    if r.older > 0 {
        said.push(format!(
            "{} than the policy asks to keep ({}). It names the least; whether they may be kept longer is for other rules to say.",
            if r.older == 1 {
                "1 entry is older".to_owned()
            } else {
                format!("{} are older", entries(r.older))
            },
            r.older_filter
        ));
    }
    if r.oldest.is_some() && r.silent_days > 0 {
        said.push(format!(
            "The newest entry was written {} before {}.",
            days(r.silent_days),
            r.as_of
        ));
    }
    if r.later > 0 {
        said.push(format!(
            "{} dated later than {}.",
            if r.later == 1 {
                "1 entry is".to_owned()
            } else {
                format!("{} are", entries(r.later))
            },
            r.as_of
        ));
    }
    said
}

fn days(n: u64) -> String {
    match n {
        1 => "1 day".into(),
        n => format!("{} days", grouped(n)),
    }
}
