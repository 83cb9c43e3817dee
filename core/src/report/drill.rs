//! A drill, written out: what was done to a copy of the log, what noticed it, and what did not.

use std::fmt::Write as _;

use serde::Serialize;

use super::document::{Block, write_markdown};
use super::human::printable;
use crate::view::{Drill, Exercise, Outcome, Trace};

#[derive(Serialize)]
struct Out<'d> {
    schema: &'static str,
    #[serde(flatten)]
    drill: &'d Drill,
}

/// As one JSON object with a final line break, schema `auditglass.drill/1`.
#[must_use]
pub fn drill_json(drill: &Drill) -> String {
    let out = Out {
        schema: "auditglass.drill/1",
        drill,
    };
    let mut text = serde_json::to_string_pretty(&out).unwrap_or_default();
    text.push('\n');
    text
}

/// As text for people.
#[must_use]
pub fn drill_human(drill: &Drill) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail; the results are dropped for that reason only.
    let _ = writeln!(
        out,
        "{}\n{}\n",
        printable(&drill.copy),
        printable(&against(drill))
    );
    for exercise in &drill.exercises {
        let sign = match exercise.outcome {
            Outcome::Alone => "✓",
            Outcome::Compared => "!",
            Outcome::Nowhere => "✗",
            Outcome::NotTried => "·",
        };
        let _ = writeln!(
            out,
            "{sign} {}: {}\n    {}",
            exercise.title,
            exercise.outcome.as_str(),
            printable(&exercise.done)
        );
        for trace in exercise.alone.iter().chain(&exercise.compared) {
            let _ = writeln!(out, "    {}", printable(&told(trace)));
        }
        for remark in &exercise.remarks {
            let _ = writeln!(out, "    {}", printable(remark));
        }
    }
    let _ = writeln!(out, "\n{}", summary(drill));
    out
}

/// As Markdown.
#[must_use]
pub fn drill_markdown(drill: &Drill) -> String {
    let rows = drill.exercises.iter().map(|exercise| {
        let list = |traces: &[Trace]| match traces {
            [] => "nothing".to_owned(),
            all => all.iter().map(told).collect::<Vec<_>>().join("; "),
        };
        let is_tried = exercise.outcome != Outcome::NotTried;
        vec![
            exercise.title.clone(),
            exercise.done.clone(),
            exercise.outcome.as_str().to_owned(),
            if is_tried {
                list(&exercise.alone)
            } else {
                String::new()
            },
            if is_tried {
                list(&exercise.compared)
            } else {
                String::new()
            },
            exercise.remarks.join(" "),
        ]
    });
    let names = vec![
        "exercise",
        "what was done",
        "outcome",
        "told by the log alone",
        "told by the comparison",
        "why not",
    ];
    write_markdown(&[
        Block::Title("Drill on an audit log".into()),
        Block::Text(drill.copy.clone()),
        Block::Text(against(drill)),
        Block::Table(names, rows.collect()),
        Block::Text(summary(drill)),
    ])
}

/// What the altered copies are compared with.
fn against(drill: &Drill) -> String {
    match &drill.baseline {
        Some(names) => format!(
            "Each altered copy is compared with the earlier export, {}.",
            names.join(", ")
        ),
        None => "No earlier export is given: what one would tell that was taken just before is found with the unaltered copy in its place.".to_owned(),
    }
}

/// What was told, and by what.
fn told(trace: &Trace) -> String {
    let weight = match trace.weight.as_str() {
        "" => String::new(),
        weight => format!(", {weight}"),
    };
    format!("{} {}{weight}: {}", trace.by, trace.code, trace.message)
}

fn summary(drill: &Drill) -> String {
    let count = |outcome: Outcome| {
        let all = drill.exercises.iter();
        all.filter(|e: &&Exercise| e.outcome == outcome).count()
    };
    let mut parts = vec![
        format!("{} found in the log alone", count(Outcome::Alone)),
        format!("{} only with an earlier export", count(Outcome::Compared)),
        format!("{} not found", count(Outcome::Nowhere)),
    ];
    match count(Outcome::NotTried) {
        0 => {}
        n => parts.push(format!("{n} not possible")),
    }
    format!(
        "Of {} exercises: {}.",
        drill.exercises.len(),
        parts.join(", ")
    )
}
