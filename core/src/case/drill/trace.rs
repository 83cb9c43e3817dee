//! What an altered copy tells beyond what the unaltered one tells: differences of what the engine reports, nothing else.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::error::Error;
use crate::finding::Severity;
use crate::view::{Comparison, EntryChange, Evidence, Strength, Trace};

/// What the engine reports on a copy.
pub(super) struct Told {
    /// By code: how many, the greatest weight, and every message.
    findings: BTreeMap<&'static str, (u64, Severity, Vec<String>)>,
    evidence: Vec<Evidence>,
    /// Why the copy is no log, if it is none.
    error: Option<String>,
    compared: Compared,
}

/// What a comparison counts, or why there is none.
enum Compared {
    Counted(Comparison),
    Impossible(String),
}

impl Told {
    /// Of a verified copy, and of its comparison with an earlier export.
    ///
    /// # Errors
    ///
    /// If the entries of the copy cannot be read again.
    pub(super) fn of(copy: &Case, earlier: &Case) -> Result<Self, Error> {
        let mut findings = BTreeMap::new();
        for finding in copy.findings() {
            // What is only worth knowing is no alarm.
            if finding.severity == Severity::Info {
                continue;
            }
            let of_code = findings.entry(finding.code);
            let (count, weight, messages) = of_code.or_insert((0, finding.severity, Vec::new()));
            *count += 1;
            *weight = finding.severity.max(*weight);
            messages.push(finding.message.clone());
        }
        let sources = copy.sources();
        let errors = sources.iter().filter_map(|s| s.error.as_ref());
        let compared = match copy.compare(earlier) {
            Ok(comparison) => Compared::Counted(comparison),
            Err(error) if error.is_unsupported() => Compared::Impossible(error.to_string()),
            Err(error) => return Err(error),
        };
        Ok(Self {
            findings,
            evidence: copy.completeness(),
            error: errors.map(|e| e.message.clone()).next(),
            compared,
        })
    }

    /// What this copy alone tells that `before` does not.
    pub(super) fn beyond(&self, before: &Self) -> Vec<Trace> {
        let mut traces = Vec::new();
        if let (Some(message), None) = (&self.error, &before.error) {
            traces.push(trace(
                "finding",
                "not-a-log",
                Severity::Error.as_str(),
                message,
            ));
        }
        for (code, (count, weight, messages)) in &self.findings {
            let known = before.findings.get(code);
            if *count <= known.map_or(0, |(n, ..)| *n) {
                continue;
            }
            let is_new = |m: &&String| known.is_none_or(|(.., all)| !all.contains(m));
            let message = messages.iter().find(is_new).or(messages.first());
            let message = message.map_or("", String::as_str);
            traces.push(trace("finding", code, weight.as_str(), message));
        }
        for evidence in &self.evidence {
            let known = before.evidence.iter().filter(|e| e.code == evidence.code);
            let (count, strength) = known.fold((0, None), |(count, strength), e| {
                (count + e.count, strength.max(Some(e.strength)))
            });
            if evidence.count > count || Some(evidence.strength) > strength {
                traces.push(trace(
                    "evidence",
                    &evidence.code,
                    Strength::as_str(evidence.strength),
                    &evidence.message,
                ));
            }
        }
        traces
    }

    /// What its comparison with the earlier export tells that the one of `before` does not. What was added is no sign:
    /// every log grows.
    pub(super) fn compared_beyond(&self, before: &Self) -> Vec<Trace> {
        let Compared::Counted(now) = &self.compared else {
            return Vec::new();
        };
        let known = match &before.compared {
            Compared::Counted(c) => [c.removed, c.changed, c.uncovered],
            Compared::Impossible(_) => [0; 3],
        };
        let counts = [
            ("removed", now.removed),
            ("changed", now.changed),
            ("uncovered", now.uncovered),
        ];
        let more = counts.iter().zip(known).filter(|((_, n), known)| n > known);
        let traces = more.map(|((code, n), known)| {
            let change = new_change(code, now, before);
            trace("comparison", code, "", &told(code, n - known, change))
        });
        traces.collect()
    }

    /// Why there is no comparison, if there is none.
    pub(super) fn no_comparison(&self) -> Option<&str> {
        match &self.compared {
            Compared::Counted(_) => None,
            Compared::Impossible(why) => Some(why),
        }
    }
}

fn trace(by: &str, code: &str, weight: &str, message: &str) -> Trace {
    Trace {
        by: by.to_owned(),
        code: code.to_owned(),
        weight: weight.to_owned(),
        message: message.to_owned(),
    }
}

/// The first changed entry that the comparison before did not list.
fn new_change<'c>(code: &str, now: &'c Comparison, before: &Told) -> Option<&'c EntryChange> {
    let known: &[EntryChange] = match &before.compared {
        Compared::Counted(c) => &c.changes,
        Compared::Impossible(_) => &[],
    };
    let is_known = |change: &EntryChange| {
        let mut all = known.iter();
        all.any(|k| k.entry_id == change.entry_id && k.fields == change.fields)
    };
    let mut changes = now.changes.iter().filter(|c| c.what == "changed");
    changes.find(|c| code != "removed" && !is_known(c))
}

fn told(code: &str, count: u64, change: Option<&EntryChange>) -> String {
    let (entries, are) = match count {
        1 => ("1 entry".to_owned(), "is"),
        n => (format!("{n} entries"), "are"),
    };
    if code == "removed" {
        return format!("{entries} of the earlier export {are} gone");
    }
    let fields = change.map_or_else(String::new, |change| {
        let paths: Vec<_> = change.fields.iter().map(|f| f.path.as_str()).collect();
        let anew = match change.is_rehashed {
            true => ", and its checksum was computed anew",
            false => "",
        };
        format!(": {}{anew}", paths.join(", "))
    });
    format!("{entries} {are} not what the earlier export has{fields}")
}
