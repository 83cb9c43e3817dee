//! From a hashed batch to verdicts and findings.

use std::ops::ControlFlow;

use super::batch::{Batch, Pending};
use super::blanks;
use super::claim::{Claim, oddity};
use super::rewritten::{self, Budget};
use super::{Collector, Times};
use crate::digest::{Sha256Digest, hex, is_hex_of};
use crate::finding::{Finding, Locator, Severity, shown};
use crate::host::{JudgedEntry, Observer};
use crate::index::{Index, NewRow};
use crate::ingest::Scan;
use crate::scheme::REFERENCE;
use crate::units::{RowIdx, SourceIdx};
use crate::view::{Totals, Verdict};

/// Depth of nested containers above which CPython 3.11 may raise `RecursionError` in the reference's verifier
/// (`dataclasses.asdict` takes two frames a level; the exact figure depends on the caller's stack).
const RECURSION_DEPTH: usize = 450;

/// The verdict on a claim, given the digest recomputed; the precedence is: unreadable, unchecksummed, verified, mismatched.
pub(crate) fn judge_claim(
    claimed: Option<&[u8]>,
    is_absent: bool,
    digest: Option<&Sha256Digest>,
) -> Verdict {
    match (digest, is_absent) {
        (None, _) => Verdict::Unreadable,
        (Some(_), true) => Verdict::Unchecksummed,
        (Some(d), false) => {
            let equal = claimed.is_some_and(|c| is_hex_of(d, REFERENCE.checksum_digits, c));
            if equal {
                Verdict::Verified
            } else {
                Verdict::Mismatched
            }
        }
    }
}

/// What grows with every judged entry of a case.
#[derive(Default)]
pub(crate) struct Judge {
    pub(crate) index: Index,
    pub(crate) findings: Collector,
    pub(crate) totals: Totals,
    explaining: Budget,
}

impl Judge {
    /// Judges a hashed batch of one source.
    ///
    /// `scan` tells locators; `sources` the names of the sources. Breaks if the observer does.
    pub(crate) fn judge(
        &mut self,
        batch: &Batch,
        source: SourceIdx,
        (scan, name): (&dyn Scan, &str),
        (totals, times): (&mut Totals, &mut Times),
        observer: &mut dyn Observer,
    ) -> ControlFlow<()> {
        let mut digests = batch.digests.iter();
        for pending in &batch.pending {
            let digest = pending.message.is_some().then(|| digests.next()).flatten();
            let claimed = match pending.claim {
                Claim::Text(from, to) => Some(batch.text((from, to))),
                Claim::Absent | Claim::NotText(_) => None,
            };
            let verdict = judge_claim(claimed, pending.claim == Claim::Absent, digest);
            let pushed = self.index.push(&NewRow {
                source,
                part: pending.part,
                place: pending.place,
                verdict,
                values: pending.values.map(|span| batch.text(span)),
                stamp: pending.stamp,
            });
            let Some((row, first)) = pushed else {
                return ControlFlow::Break(());
            };
            self.totals.add(verdict);
            totals.add(verdict);
            times.add(
                batch.text(pending.values[REFERENCE.timestamp]),
                pending.stamp,
            );
            let mut noted = Noted {
                judge: self,
                batch,
                pending,
                scan,
                source,
                row,
            };
            noted.verdict(verdict, claimed, digest);
            noted.blanks(verdict);
            noted.others(first);
            if batch.wants_claims {
                let recomputed = digest.map(|d| hex(d, REFERENCE.checksum_digits));
                let reason = pending.reason(verdict, claimed, digest);
                let locator = scan.locator(pending.part, pending.place);
                observer.judged(&JudgedEntry {
                    row,
                    source: name,
                    locator: &locator,
                    entry_id: as_text(batch.text(pending.id)),
                    claimed_checksum: as_text(batch.text(pending.claimed_json)),
                    recomputed_checksum: recomputed.as_deref(),
                    verdict,
                    reason: reason.as_deref(),
                })?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// What to do about an entry that cannot be read, by the reason.
fn unreadable_hint(reason: &str) -> &'static str {
    if reason.contains("is not valid UTF-8") {
        "If many entries are so, the file may be in Windows-1252 or Latin-1: export it once more as UTF-8. Every other entry was still judged."
    } else if reason.contains("a record with too few fields") {
        "A text with a line break is cut in two where nothing quotes it, as in the sqlite3 shell's `list` and `tabs`: export it once more with `.mode csv`. Every other record was still judged."
    } else {
        "The reference verifier raises here and reports nothing for the whole log; every other entry was still judged."
    }
}

/// Canonical JSON is ASCII; what is not canonical was written from a `String`.
fn as_text(json: &[u8]) -> &str {
    std::str::from_utf8(json).unwrap_or("null")
}

/// Why an entry is not verified, as one sentence.
pub(crate) fn reason_of(
    verdict: Verdict,
    unreadable: Option<&str>,
    claim: Claim,
    claimed: Option<&[u8]>,
    digest: Option<&Sha256Digest>,
) -> Option<String> {
    match verdict {
        Verdict::Verified => None,
        Verdict::Unreadable => unreadable.map(str::to_owned),
        Verdict::Unchecksummed => Some("no checksum is claimed".into()),
        Verdict::Mismatched => Some(match (claim, claimed) {
            (Claim::NotText(what), _) => format!("the checksum is {what}, not text"),
            (_, Some(text)) => match oddity(text, digest) {
                Some((_, message)) => message,
                None => "the entry does not match its checksum".into(),
            },
            _ => "the entry does not match its checksum".into(),
        }),
    }
}

impl Pending {
    fn reason(
        &self,
        verdict: Verdict,
        claimed: Option<&[u8]>,
        digest: Option<&Sha256Digest>,
    ) -> Option<String> {
        let unreadable = self.odd.as_ref().and_then(|odd| odd.unreadable.as_ref());
        let unreadable = unreadable.map(|u| u.reason.as_str());
        reason_of(verdict, unreadable, self.claim, claimed, digest)
    }
}

/// Makes the findings of one entry.
struct Noted<'j> {
    judge: &'j mut Judge,
    batch: &'j Batch,
    pending: &'j Pending,
    scan: &'j dyn Scan,
    source: SourceIdx,
    row: RowIdx,
}

impl Noted<'_> {
    fn push(
        &mut self,
        code: &'static str,
        severity: Severity,
        message: String,
        hint: Option<&'static str>,
    ) {
        let id = as_text(self.batch.text(self.pending.id));
        self.judge.index.note(self.row, code);
        self.judge.findings.push(Finding {
            code,
            severity,
            source: self.source,
            locator: self.locator(),
            row: Some(self.row),
            entry_id: self.pending.has_id.then(|| id.to_owned()),
            message,
            hint,
        });
    }

    fn locator(&self) -> Locator {
        self.scan.locator(self.pending.part, self.pending.place)
    }

    fn verdict(&mut self, verdict: Verdict, claimed: Option<&[u8]>, digest: Option<&Sha256Digest>) {
        match verdict {
            Verdict::Verified => {}
            Verdict::Unreadable => {
                let reason = self
                    .pending
                    .reason(verdict, claimed, digest)
                    .unwrap_or_default();
                let hint = unreadable_hint(&reason);
                self.push("entry-unreadable", Severity::Error, reason, Some(hint));
            }
            Verdict::Unchecksummed => {
                self.push(
                    "checksum-missing",
                    Severity::Warning,
                    "no checksum is claimed".into(),
                    None,
                );
            }
            Verdict::Mismatched => {
                let recomputed = digest
                    .map(|d| hex(d, REFERENCE.checksum_digits))
                    .unwrap_or_default();
                let claims = match (&self.pending.claim, claimed) {
                    (Claim::NotText(what), _) => format!("claims {what}"),
                    (_, Some(text)) => format!("claims {}", shown(text)),
                    _ => "claims nothing".into(),
                };
                self.push("checksum-mismatch", Severity::Error, format!("the entry {claims} and hashes to {recomputed}"), Some(
                    "A hashed field or the checksum was changed after the entry was written, or something re-wrote its values on export.",
                ));
                if let Some(message) = self.rewritten(claimed) {
                    self.push("rewritten-on-export", Severity::Info, message, Some(
                        "The values are not those that were hashed, but programs change them in this way, too. Export again with one that keeps texts as they are, or compare with another export (auditglass diff).",
                    ));
                }
                if let Claim::NotText(what) = self.pending.claim {
                    let message = format!("the checksum is {what}, not text");
                    self.push("checksum-not-text", Severity::Warning, message, None);
                } else if let Some((code, message)) = claimed.and_then(|c| oddity(c, digest)) {
                    self.push(code, Severity::Warning, message, None);
                }
            }
        }
    }

    /// What a mismatched entry's checksum would hold with, if export tools change that. Looked for only where the mismatch
    /// is listed.
    fn rewritten(&mut self, claimed: Option<&[u8]>) -> Option<String> {
        let is_listed = self.judge.findings.lists(self.source, "checksum-mismatch");
        let fields = self.pending.values.map(|span| self.batch.text(span));
        rewritten::explain(
            fields,
            claimed.filter(|_| is_listed)?,
            &mut self.judge.explaining,
        )
    }

    /// Says how empty fields were read that may be NULL as well.
    fn blanks(&mut self, verdict: Verdict) {
        let odd = self.pending.odd.as_deref();
        let Some(blanks) = odd.and_then(|odd| odd.blanks.as_ref()) else {
            return;
        };
        let message = match (verdict, blanks.fields, blanks.nulls) {
            (Verdict::Unreadable, ..) => return,
            (Verdict::Verified, fields, nulls) if blanks.bare != 0 && nulls != blanks.bare => format!(
                "the file seems to write NULL without quotes and empty text with them; the checksum holds with {} as empty text",
                blanks::names(fields & !nulls)
            ),
            (Verdict::Mismatched, fields, _) if blanks.bare != 0 => format!(
                "the file seems to write NULL without quotes and empty text with them; the checksum holds with {} neither as the \
                 one nor as the other",
                blanks::names(fields)
            ),
            // It is as it seems, and `null-field` says it.
            _ if blanks.bare != 0 => return,
            (Verdict::Unchecksummed, ..) if blanks.checksum => {
                "`checksum` is empty, and the file does not tell NULL from empty text; it claims nothing that can be compared".into()
            }
            (_, 0, _) => return,
            (Verdict::Verified, fields, 0) => format!(
                "the file does not tell NULL from empty text; the checksum holds with {} as empty text",
                blanks::names(fields)
            ),
            (Verdict::Verified, _, nulls) => format!(
                "the file does not tell NULL from empty text; the checksum holds with {} as NULL",
                blanks::names(nulls)
            ),
            (Verdict::Mismatched, fields, _) => format!(
                "the file does not tell NULL from empty text; the checksum holds with {} neither as the one nor as the other",
                blanks::names(fields)
            ),
            (Verdict::Unchecksummed, fields, _) => format!(
                "the file does not tell NULL from empty text; {} was taken as empty text",
                blanks::names(fields)
            ),
        };
        self.push("empty-or-null", Severity::Info, message, None);
    }

    fn others(&mut self, first: Option<RowIdx>) {
        let pending = self.pending;
        for (i, name) in REFERENCE.hashed_fields.iter().enumerate() {
            if pending.null_fields & 1 << i != 0 {
                self.push("null-field", Severity::Warning, format!("`{name}` is null"), Some(
                    "The reference's table forbids NULL here, and its INSERT OR IGNORE drops such an entry silently: something else wrote this one.",
                ));
            }
        }
        let odd = pending.odd.as_deref();
        if let Some(key) = odd.and_then(|odd| odd.duplicate_key.as_ref()) {
            self.push("duplicate-key", Severity::Warning, format!("the key `{}` occurs more than once in one object", shown(key.as_bytes())), Some(
                "Python keeps the last one, and so does the checksum; other readers may keep the first.",
            ));
        }
        if pending.depth > RECURSION_DEPTH {
            self.push("deep-nesting", Severity::Warning, format!("the values are nested {} deep", pending.depth), Some(
                "The checksum was computed all the same; Python 3.11 may raise RecursionError here.",
            ));
        }
        if let Some(name) = odd.and_then(|odd| odd.bad_extra.as_ref()) {
            // Broken JSON is broken as a whole to every other reader; a cell is not.
            let is_cell = self.scan.kind() == "sqlite";
            let severity = if is_cell {
                Severity::Warning
            } else {
                Severity::Error
            };
            self.push(
                "uncovered-field-unreadable",
                severity,
                format!(
                    "`{}`, which no checksum covers, cannot be read",
                    shown(name.as_bytes())
                ),
                None,
            );
        }
        if let Some(first) = first {
            let id = shown(self.batch.text(pending.id));
            self.push("duplicate-id", Severity::Warning, format!("the id {id} was seen before, in entry {} of this case", u64::from(first.0) + 1), Some(
                "The reference's INSERT OR IGNORE would have dropped the second entry silently.",
            ));
        }
    }
}
