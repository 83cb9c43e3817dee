//! The rendering for people: what was asked, what was found, n/m verified, a line per problem with reason and place.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::case::Case;
use crate::finding::Severity;
use crate::view::{Accounting, SourceView, Verdict};

/// Findings listed per source before the rest is only counted; `--format json` lists all.
const LISTED: usize = 200;

/// Places left out that are named in a source's line; `--format json` lists more.
const NAMED: usize = 6;

/// The whole report as text with a final line break. `hashes` as in [`super::json`].
#[must_use]
pub fn human(case: &Case, hashes: &[Option<String>]) -> String {
    let mut out = String::new();
    let hash = |input: u32| hashes.get(input as usize).cloned().flatten();
    let sources = case.sources();
    let mut by_source = vec![Vec::new(); sources.len()];
    for finding in case.findings() {
        if let Some(of_source) = by_source.get_mut(finding.source.0 as usize) {
            of_source.push(finding);
        }
    }
    // Writing to a `String` cannot fail; the results are dropped for that reason only.
    for (i, source) in sources.iter().enumerate() {
        let _ = writeln!(out, "{}", printable(&source.name));
        if let Some(error) = &source.error {
            let what = if source.is_passed_over {
                "passed over"
            } else {
                "not read as a log"
            };
            let _ = writeln!(out, "  {what}: {}", printable(&error.message));
            if let (Some(hint), false) = (&error.hint, source.is_passed_over) {
                let _ = writeln!(out, "  try: {}", printable(hint));
            }
            let _ = writeln!(out, "  {} bytes\n", grouped(source.bytes));
            continue;
        }
        let _ = writeln!(out, "  {}, {} bytes", source.kind, grouped(source.bytes));
        if let Some(sha256) = hash(source.input) {
            let _ = writeln!(out, "  sha256 {sha256}");
        }
        for companion in &source.companions {
            let name = printable(&companion.name);
            let sha256 =
                hash(companion.input).map_or_else(String::new, |h| format!(", sha256 {h}"));
            let _ = writeln!(
                out,
                "  with {name}, {} bytes{sha256}",
                grouped(companion.bytes)
            );
        }
        if let Some(accounting) = &source.accounting {
            let _ = writeln!(out, "  {}", accounted(accounting));
        }
        for part in &source.parts {
            let _ = writeln!(
                out,
                "  {}: {}",
                printable(&part.name),
                entries(part.entries)
            );
        }
        let findings = &by_source[i];
        for f in findings.iter().take(LISTED) {
            let id = f
                .entry_id
                .as_deref()
                .map_or_else(String::new, |id| format!(" {}", printable(id)));
            let sign = match f.severity {
                Severity::Info => "·",
                Severity::Warning => "!",
                Severity::Error => "✗",
            };
            let _ = writeln!(
                out,
                "  {sign} {} [{}]{id}: {}",
                printable(&f.locator.to_string()),
                f.code,
                printable(&f.message)
            );
        }
        if findings.len() > LISTED {
            let _ = writeln!(
                out,
                "  … and {} more findings; --format json lists them",
                grouped((findings.len() - LISTED) as u64)
            );
        }
        out.push('\n');
    }
    summary(case, &mut out);
    out
}

fn summary(case: &Case, out: &mut String) {
    let totals = case.totals();
    let sources = case.sources();
    asked_and_found(case, &sources, out);
    let _ = writeln!(
        out,
        "{}/{} entries verified",
        grouped(totals.verified),
        grouped(totals.entries)
    );
    for verdict in &Verdict::ALL[1..] {
        if totals.of(*verdict) > 0 {
            let _ = writeln!(
                out,
                "{}/{} entries {}",
                grouped(totals.of(*verdict)),
                grouped(totals.entries),
                verdict.as_str()
            );
        }
        if (*verdict, case.rewritten() > 0) == (Verdict::Mismatched, true) {
            let _ = writeln!(
                out,
                "  {} of them as export tools rewrite values: see rewritten-on-export",
                grouped(case.rewritten())
            );
        }
    }
    let [_, warnings, errors] = case.finding_counts();
    let _ = writeln!(
        out,
        "findings: {}, {}",
        counted(errors, "error", "errors"),
        counted(warnings, "warning", "warnings")
    );
    let _ = writeln!(out, "\nconsistency   {}", consistency(case, &sources));
    let _ = writeln!(
        out,
        "completeness  not examined here: `auditglass report` looks for signs that entries are missing"
    );
    let _ = writeln!(
        out,
        "authenticity  not examined here: `auditglass diff` compares with an earlier export"
    );
}

/// What was asked for, and what was found of it.
fn asked_and_found(case: &Case, sources: &[SourceView], out: &mut String) {
    let inputs: BTreeSet<u32> = sources.iter().map(|s| s.input).collect();
    let logs = sources
        .iter()
        .filter(|s| s.error.is_none() && s.kind != "zip");
    let _ = write!(
        out,
        "asked for: {}\nfound: {}, {}",
        counted(inputs.len() as u64, "file", "files"),
        counted(logs.count() as u64, "log", "logs"),
        entries(case.totals().entries)
    );
    let _ = match case.span() {
        Some((first, last)) => writeln!(out, ", {} to {}", printable(&first), printable(&last)),
        None => writeln!(out),
    };
}

/// The first answer, with what speaks against it.
fn consistency(case: &Case, sources: &[SourceView]) -> String {
    let totals = case.totals();
    if case.is_consistent() {
        return "confirmed: every entry matches its own checksum".into();
    }
    let mut reasons = Vec::new();
    let failing = totals.entries - totals.verified;
    match (totals.entries, failing) {
        (0, _) => reasons.push("there is no entry".to_owned()),
        (_, 0) => {}
        (all, _) => reasons.push(format!(
            "{} of {} not verified",
            grouped(failing),
            entries(all)
        )),
    }
    let no_logs = sources
        .iter()
        .filter(|s| s.error.is_some() && !s.is_passed_over)
        .count();
    if no_logs > 0 {
        let files = counted(no_logs as u64, "file", "files");
        reasons.push(format!("{files} not read as a log"));
    }
    if reasons.is_empty() {
        reasons.push("a part is known to be lost, or could not be read".into());
    }
    format!("not confirmed: {}", reasons.join(", "))
}

/// What became of a source's bytes, in a line.
fn accounted(accounting: &Accounting) -> String {
    let total = grouped(accounting.total());
    let unpacked = if accounting.packed.is_some() {
        " unpacked"
    } else {
        ""
    };
    let mut line = match accounting.unexamined() {
        0 => format!("{total} bytes{unpacked}: all examined"),
        n => format!(
            "{total} bytes{unpacked}: {} examined, {} not",
            grouped(accounting.examined),
            grouped(n)
        ),
    };
    if accounting.unexamined.is_empty() {
        return line;
    }
    let (nothing, packed) = (accounting.packed_unexamined(), accounting.packed);
    if nothing > 0 {
        let _ = write!(
            line,
            "; of {} bytes packed {} not",
            grouped(packed.unwrap_or(nothing)),
            grouped(nothing)
        );
    }
    line.push(':');
    for (i, left_out) in accounting.unexamined.iter().take(NAMED).enumerate() {
        let _ = write!(
            line,
            "{} {} ({})",
            if i == 0 { "" } else { "," },
            printable(&left_out.message),
            grouped(left_out.bytes)
        );
    }
    let further = accounting.unexamined.get(NAMED..).unwrap_or_default();
    if !further.is_empty() {
        let bytes = further.iter().map(|u| u.bytes).sum();
        let _ = write!(line, " and more ({})", grouped(bytes));
    }
    line
}

pub(super) fn entries(n: u64) -> String {
    counted(n, "entry", "entries")
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// Digits in groups of three.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// Text from a log, made safe for a terminal: no control characters (so no escape sequences), no change of direction.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                '\u{FFFD}'
            }
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect()
}
