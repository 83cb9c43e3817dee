//! How verdicts and severities look: told by shape and word as well as by colour.

use auditglass::{Severity, Verdict};

/// The shape.
pub(crate) const fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "●",
        Verdict::Mismatched => "◆",
        Verdict::Unchecksummed => "○",
        Verdict::Unreadable => "▲",
    }
}

/// The class that carries the colour.
pub(crate) const fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "ok",
        Verdict::Mismatched => "bad",
        Verdict::Unchecksummed => "none",
        Verdict::Unreadable => "warn",
    }
}

/// The word, as it begins a sentence.
pub(crate) const fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "Verified",
        Verdict::Mismatched => "Mismatched",
        Verdict::Unchecksummed => "Unchecksummed",
        Verdict::Unreadable => "Unreadable",
    }
}

/// What the verdict means, in one sentence.
pub(crate) const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "The recomputed checksum equals the one the entry claims.",
        Verdict::Mismatched => "The recomputed checksum differs from the one the entry claims.",
        Verdict::Unchecksummed => "The entry claims no checksum.",
        Verdict::Unreadable => "A field is missing or damaged, so no checksum can be computed.",
    }
}

/// The class that carries a severity's colour.
pub(crate) const fn severity_tone(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "none",
        Severity::Warning => "warn",
        Severity::Error => "bad",
    }
}

/// What a field or a details path is called where there is little room.
pub(crate) fn field_title(name: &str) -> String {
    match name {
        "timestamp" => "Time",
        "entry_id" => "Entry id",
        "event_type" => "Event type",
        "actor" => "Actor",
        "resource_type" => "Resource type",
        "resource_id" => "Resource id",
        "action" => "Action",
        "verdict" => "Verdict",
        "source" => "Source",
        other => other,
    }
    .to_owned()
}
