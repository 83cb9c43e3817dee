//! A comparison of two exports, written out.

use std::fmt::Write as _;

use serde::Serialize;

use super::human::{entries, grouped, printable};
use crate::view::{Comparison, EntryChange};

/// Differences listed for people; JSON lists more.
const LISTED: usize = 200;

#[derive(Serialize)]
struct Out<'c> {
    schema: &'static str,
    #[serde(flatten)]
    comparison: &'c Comparison,
}

/// As one JSON object with a final line break, schema `auditglass.diff/1`.
#[must_use]
pub fn diff_json(comparison: &Comparison) -> String {
    let out = Out {
        schema: "auditglass.diff/1",
        comparison,
    };
    let mut text = serde_json::to_string_pretty(&out).unwrap_or_default();
    text.push('\n');
    text
}

/// As text for people.
#[must_use]
pub fn diff_human(comparison: &Comparison) -> String {
    let c = comparison;
    let mut out = String::new();
    // Writing to a `String` cannot fail; the results are dropped for that reason only.
    for change in c.changes.iter().take(LISTED) {
        line(change, &mut out);
    }
    let all = c.removed + c.changed + c.uncovered + c.added;
    let listed = c.changes.len().min(LISTED) as u64;
    if all > listed {
        let more = grouped(all - listed);
        let _ = writeln!(
            out,
            "… and {more} more; --format json lists 1,000 of each sort"
        );
    }
    if all > 0 {
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "{} in the earlier export",
        entries(c.old_totals.entries)
    );
    for (count, what) in [
        (c.unchanged, "unchanged"),
        (c.removed, "removed"),
        (c.changed, "changed"),
        (
            c.uncovered,
            "with another value in a field that no checksum covers",
        ),
        (c.added, "added since"),
    ] {
        let _ = writeln!(out, "  {} {what}", grouped(count));
    }
    let answer = if c.is_append_only { "yes" } else { "no" };
    let _ = writeln!(out, "append-only: {answer}");
    out
}

fn line(change: &EntryChange, out: &mut String) {
    let sign = match change.what.as_str() {
        "removed" => "-",
        "added" => "+",
        _ => "~",
    };
    let at = change.new.as_ref().or(change.old.as_ref());
    let place = at.map_or_else(String::new, |at| format!("{}, {}", at.source, at.locator));
    let anew = if change.is_rehashed {
        ", and its checksum was computed anew"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "{sign} {} ({}): {}{anew}",
        printable(&change.entry_id),
        printable(&place),
        change.what
    );
    for field in &change.fields {
        let shown = |value: &Option<String>| match value {
            Some(text) => printable(text),
            None => "(nothing)".to_owned(),
        };
        let _ = writeln!(
            out,
            "    {}: {} → {}",
            printable(&field.path),
            shown(&field.before),
            shown(&field.after)
        );
    }
}
