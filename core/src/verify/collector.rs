//! Findings as they come, bounded per code, so that a hostile log cannot fill the memory with them.

use crate::finding::{Finding, Locator, Severity};
use crate::units::SourceIdx;

/// Findings kept of each code and source; the others are counted.
pub(crate) const LIMIT_PER_CODE: u64 = 10_000;

/// Characters of an entry's id that a finding keeps.
const ID_LIMIT: usize = 256;

/// Findings in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    findings: Vec<Finding>,
    counts: Vec<(SourceIdx, &'static str, Severity, u64)>,
    has_loss: bool,
}

impl Collector {
    /// Takes a finding in, or only counts it.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        self.has_loss |= finding.severity == Severity::Error;
        let key = (finding.source, finding.code);
        let count = match self.counts.iter_mut().rev().find(|c| (c.0, c.1) == key) {
            Some(count) => count,
            None => {
                self.counts.push((key.0, key.1, finding.severity, 0));
                let last = self.counts.len() - 1;
                &mut self.counts[last]
            }
        };
        count.3 += 1;
        if count.3 <= LIMIT_PER_CODE {
            if let Some(id) = &mut finding.entry_id
                && id.chars().count() > ID_LIMIT
            {
                *id = id.chars().take(ID_LIMIT).chain(['…']).collect();
            }
            self.findings.push(finding);
        }
    }

    /// Whether the last finding of a source with this code was listed.
    pub(crate) fn lists(&self, source: SourceIdx, code: &str) -> bool {
        let counted = self
            .counts
            .iter()
            .rev()
            .find(|c| (c.0, c.1) == (source, code));
        counted.is_none_or(|c| c.3 <= LIMIT_PER_CODE)
    }

    /// Says how many findings of a source were only counted.
    pub(crate) fn close_source(&mut self, source: SourceIdx) {
        let omitted: Vec<_> = self
            .counts
            .iter()
            .filter(|c| c.0 == source && c.3 > LIMIT_PER_CODE)
            .map(|c| (c.1, c.3 - LIMIT_PER_CODE))
            .collect();
        for (code, n) in omitted {
            self.push(Finding {
                code: "findings-omitted",
                severity: Severity::Info,
                source,
                locator: Locator::Whole {},
                row: None,
                entry_id: None,
                message: format!("{n} more findings of the code {code} are counted but not listed"),
                hint: Some(
                    "The totals are exact, and --format jsonl tells the verdict of every entry.",
                ),
            });
        }
    }

    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings of this code were made.
    pub(crate) fn count_of(&self, code: &str) -> u64 {
        let of_code = self.counts.iter().filter(|c| c.1 == code);
        of_code.map(|c| c.3).sum()
    }

    /// How many findings were made, listed or not: info, warning, error.
    pub(crate) fn counts(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for (_, _, severity, n) in &self.counts {
            counts[*severity as usize] += n;
        }
        counts
    }

    /// Whether any finding is an error: something failed, or is known to be lost.
    pub(crate) fn has_error(&self) -> bool {
        self.has_loss
    }
}
