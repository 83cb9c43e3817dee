//! The tables, as they are printed.

use std::fmt::Write as _;

use crate::figures::{Ours, Row};
use crate::rivals::Rival;

/// A figure with its unit; nothing known is a dash.
fn figure(value: f64, is_bytes: bool) -> String {
    match value {
        v if v.is_nan() => "–".to_owned(),
        v if is_bytes => format!("{:.1} MB", v / 1e6),
        v if v >= 10_000.0 => format!("{:.1} s", v / 1e3),
        v if v >= 100.0 => format!("{v:.0} ms"),
        v => format!("{v:.1} ms"),
    }
}

/// How many times as much a rival takes.
fn ratio(ours: f64, theirs: f64) -> String {
    match theirs / ours {
        r if !r.is_finite() => String::new(),
        r if r >= 9.95 => format!("{r:.0} ×"),
        r => format!("{r:.2} ×"),
    }
}

/// Ours, theirs and the ratio, for one log.
pub(crate) fn print_table(rows: &[Row]) {
    let mut head = format!("  {:<42}{:>10}{:>10}", "", "aim", "ours");
    for rival in Rival::ALL {
        let _ = write!(head, "{:>14}{:>9}", rival.names().0, "ratio");
    }
    println!("{head}");
    for row in rows {
        let aim = row
            .aim
            .map_or(String::new(), |aim| figure(aim, row.is_bytes));
        let ours = figure(row.ours, row.is_bytes);
        let mut line = format!("  {:<42}{aim:>10}{ours:>10}", row.what);
        for theirs in &row.theirs {
            let theirs = theirs.unwrap_or(f64::NAN);
            let _ = write!(
                line,
                "{:>14}{:>9}",
                figure(theirs, row.is_bytes),
                ratio(row.ours, theirs)
            );
        }
        println!("{line}");
    }
}

/// What has no rival.
pub(crate) fn print_own(ours: &Ours, entries: u64) {
    println!(
        "  scrolled from the first row to the last one in {} frames: {} over 33 ms; its rows were there {} later",
        ours.frames,
        ours.slow_frames,
        figure(ours.settled, false)
    );
    if let Some(bytes) = ours.memory {
        #[expect(clippy::cast_precision_loss, reason = "printed with few digits")]
        let (each, aim) = (bytes / entries as f64, entries as f64 * 64.0 + 64e6);
        println!(
            "  {each:.0} bytes an entry of program and JavaScript memory beyond the empty page (aim: {} and dictionaries); {} in all after the questions",
            figure(aim, true),
            figure(ours.memory_after.unwrap_or(f64::NAN), true)
        );
    }
}

/// The growth from the least log to the greatest.
pub(crate) fn print_growth(all: &[(u64, Vec<Row>)]) {
    println!(
        "Growth, ours | {} | {}",
        Rival::ALL[0].names().0,
        Rival::ALL[1].names().0
    );
    let mut head = format!("  {:<42}", "");
    for (entries, _) in all {
        let _ = write!(head, "{:>34}", format!("{entries} entries"));
    }
    println!("{head}");
    let count = all.first().map_or(0, |(_, rows)| rows.len());
    for i in 0..count {
        let mut line = String::new();
        for (_, rows) in all {
            let Some(row) = rows.get(i) else { continue };
            if line.is_empty() {
                line = format!("  {:<42}", row.what);
            }
            let mut cell = figure(row.ours, row.is_bytes);
            for theirs in &row.theirs {
                let _ = write!(
                    cell,
                    " | {}",
                    figure(theirs.unwrap_or(f64::NAN), row.is_bytes)
                );
            }
            let _ = write!(line, "{cell:>34}");
        }
        println!("{line}");
    }
}

/// Says where a rival found another number of entries.
pub(crate) fn print_differences(name: &str, ours: &[Option<u64>], theirs: &[Option<u64>]) {
    let pairs = ours.iter().zip(theirs);
    let other: Vec<_> = pairs.filter(|(a, b)| a != b).collect();
    if !other.is_empty() {
        println!(
            "  {name} found another number of entries {} times, for one {:?}",
            other.len(),
            other[0]
        );
    }
}
