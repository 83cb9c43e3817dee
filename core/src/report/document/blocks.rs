//! The report as a sequence of blocks, which Markdown and HTML write each in its way: so both say the same.

use super::{Document, LISTED, asked, notes, sign};
use crate::report::human::{entries, grouped};
use crate::view::{Answer, Answered, CHECKSUM_LIMITS, Comparison, FindingView};

/// A part of the document. All texts are plain; whoever writes them escapes them.
pub(in crate::report) enum Block {
    Title(String),
    Heading(String),
    Text(String),
    /// An answer: its question, itself, why.
    Answer(&'static str, Answer, String),
    List(Vec<String>),
    /// Column names, then rows.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// Text to be copied.
    Code(String),
    /// Lines for signatures.
    SignOff(Vec<&'static str>),
}

pub(super) fn blocks(document: &Document) -> Vec<Block> {
    let mut out = vec![Block::Title("Integrity report of an audit log".into())];
    let answers = &document.answers;
    for (question, answered) in [
        ("Consistency", &answers.consistency),
        ("Completeness", &answers.completeness),
        ("Authenticity", &answers.authenticity),
    ] {
        out.push(Block::Answer(
            question,
            answered.answer,
            answered.sentence.clone(),
        ));
    }
    files(document, &mut out);
    verdicts(document, &mut out);
    asked::period(document, &mut out);
    evidence(&answers.completeness, &mut out);
    asked::counts(document, &mut out);
    if let Some(comparison) = &document.comparison {
        compared(document, comparison, &mut out);
    }
    if let Some(retention) = &document.retention {
        super::retention::blocks(retention, &mut out);
    }
    if let Some(scan) = &document.scan {
        super::scan::blocks(scan, document.period.is_some(), &mut out);
    }
    findings(document, &mut out);
    notes::blocks(document, &mut out);
    out.push(Block::Heading("What a checksum says".into()));
    out.push(Block::Text(format!("A checksum is {}.", document.scheme)));
    out.push(Block::List(CHECKSUM_LIMITS.map(str::to_owned).to_vec()));
    out.push(Block::Heading("How to repeat it".into()));
    out.push(Block::Code(document.command.clone()));
    let commit = document
        .commit
        .map_or_else(String::new, |c| format!(", commit {c}"));
    out.push(Block::Text(format!(
        "Made with Auditglass {}{commit}. The same files and options give the same report, byte for byte.",
        document.version
    )));
    notes::sign_off(document, &mut out);
    out
}

fn files(document: &Document, out: &mut Vec<Block>) {
    out.push(Block::Heading("Files".into()));
    let rows = document.sources.iter().map(|s| {
        vec![
            s.name.clone(),
            s.kind.clone().unwrap_or_else(|| "no log".into()),
            grouped(s.bytes),
            grouped(s.entries),
            s.sha256.clone().unwrap_or_else(|| "not known".into()),
        ]
    });
    out.push(Block::Table(
        vec!["name", "kind", "bytes", "entries", "SHA-256"],
        rows.collect(),
    ));
}

fn verdicts(document: &Document, out: &mut Vec<Block>) {
    let totals = document.totals;
    out.push(Block::Heading("Entries".into()));
    let row = |name: &str, n: u64| vec![name.to_owned(), grouped(n)];
    let rows = vec![
        row("verified", totals.verified),
        row("mismatched", totals.mismatched),
        row("unchecksummed", totals.unchecksummed),
        row("unreadable", totals.unreadable),
        row("in all", totals.entries),
    ];
    out.push(Block::Table(vec!["verdict", "entries"], rows));
    if let Some((first, last)) = &document.span {
        out.push(Block::Text(format!("Time covered: {first} to {last}.")));
    }
    let is_rewritten = |f: &&FindingView| f.code == "rewritten-on-export";
    let rewritten = document.findings.iter().filter(is_rewritten).count();
    if rewritten > 0 {
        out.push(Block::Text(format!(
            "Mismatched entries that look as if an export tool had rewritten their values: {}. The findings say how.",
            grouped(rewritten as u64)
        )));
    }
    if document.failing.is_empty() {
        return;
    }
    out.push(Block::Heading("Entries that are not verified".into()));
    let rows = document.failing.iter().map(|f| {
        vec![
            f.verdict.as_str().to_owned(),
            f.entry.entry_id.clone(),
            f.entry.source.clone(),
            f.entry.locator.to_string(),
            f.claimed.clone().unwrap_or_else(|| "none".into()),
            f.recomputed.clone().unwrap_or_else(|| "none".into()),
            f.reason.clone(),
        ]
    });
    out.push(Block::Table(
        vec![
            "verdict",
            "id",
            "source",
            "place",
            "claimed",
            "recomputed",
            "reason",
        ],
        rows.collect(),
    ));
    notes::slice(document, out);
    let failed = totals.entries - totals.verified;
    let listed = document.failing.len() as u64;
    if failed > listed {
        out.push(Block::Text(format!(
            "… and {} more; `auditglass verify --format jsonl` lists every entry.",
            grouped(failed - listed)
        )));
    }
}

fn evidence(completeness: &Answered, out: &mut Vec<Block>) {
    out.push(Block::Heading("Evidence about completeness".into()));
    if completeness.evidence.is_empty() {
        out.push(Block::Text("None was found.".into()));
        return;
    }
    let rows = completeness.evidence.iter().map(|e| {
        let examples = e.entries.iter().map(|x| match x.entry_id.as_str() {
            "" => x.locator.to_string(),
            id => id.to_owned(),
        });
        vec![
            e.strength.as_str().to_owned(),
            e.code.clone(),
            e.message.clone(),
            e.explanations.join(" "),
            examples.collect::<Vec<_>>().join(", "),
        ]
    });
    out.push(Block::Table(
        vec![
            "strength",
            "code",
            "what was found",
            "what else explains it",
            "for example",
        ],
        rows.collect(),
    ));
}

fn compared(document: &Document, c: &Comparison, out: &mut Vec<Block>) {
    out.push(Block::Heading("Compared with an earlier export".into()));
    let rows = document.earlier.iter().map(|f| {
        vec![
            f.name.clone(),
            grouped(f.bytes),
            grouped(f.entries),
            f.sha256.clone().unwrap_or_else(|| "not known".into()),
        ]
    });
    out.push(Block::Table(
        vec!["name", "bytes", "entries", "SHA-256"],
        rows.collect(),
    ));
    out.push(Block::Text(format!(
        "Of its {}, {} unchanged, {} removed, {} changed, {} with another value in a field that no checksum covers; {} added since. Append-only: {}.",
        entries(c.old_totals.entries),
        grouped(c.unchanged),
        grouped(c.removed),
        grouped(c.changed),
        grouped(c.uncovered),
        grouped(c.added),
        if c.is_append_only { "yes" } else { "no" },
    )));
    let changes = c.changes.iter().filter(|change| change.what != "added");
    let rows: Vec<_> = changes
        .take(LISTED)
        .map(|change| {
            let fields = change.fields.iter().map(|f| {
                let shown = |v: &Option<String>| v.clone().unwrap_or_else(|| "nothing".into());
                format!("{}: {} → {}", f.path, shown(&f.before), shown(&f.after))
            });
            let what = match change.is_rehashed {
                true => format!("{}, checksum computed anew", change.what),
                false => change.what.clone(),
            };
            let fields = fields.collect::<Vec<_>>().join("; ");
            vec![what, change.entry_id.clone(), fields]
        })
        .collect();
    if !rows.is_empty() {
        out.push(Block::Table(vec!["what", "id", "fields"], rows));
    }
}

fn findings(document: &Document, out: &mut Vec<Block>) {
    let count = document.findings.len();
    if count == 0 {
        return;
    }
    out.push(Block::Heading("Findings".into()));
    let rows = document.findings.iter().take(LISTED).map(|f| {
        vec![
            format!("{} {}", sign(f.severity), f.severity.as_str()),
            f.code.clone(),
            f.source.clone(),
            f.locator.to_string(),
            f.message.clone(),
        ]
    });
    out.push(Block::Table(
        vec!["severity", "code", "source", "place", "what was found"],
        rows.collect(),
    ));
    if count > LISTED {
        out.push(Block::Text(format!(
            "… and {} more, which the JSON and CSV forms list.",
            grouped((count - LISTED) as u64)
        )));
    }
}
