//! The growth as a chart: a panel a piece of work, both axes logarithmic, a line a contestant.
#![expect(
    clippy::disallowed_methods,
    reason = "a logarithm's last digit is no matter in a drawing"
)]

use std::fmt::Write as _;

use crate::figures::Row;
use crate::rivals::Rival;

/// The lines of the table that are drawn.
const DRAWN: [usize; 6] = [0, 3, 4, 5, 6, 9];
const COLUMNS: usize = 3;
const PANEL: (f64, f64) = (300.0, 220.0);
const PLOT: (f64, f64, f64, f64) = (52.0, 36.0, 214.0, 140.0);
const COLOURS: [&str; 3] = ["#1f5fbf", "#8a6d00", "#b0413e"];

/// An SVG of all logs' figures.
pub(crate) fn svg(all: &[(u64, Vec<Row>)]) -> String {
    let lines = DRAWN.len().div_ceil(COLUMNS);
    #[expect(clippy::cast_precision_loss, reason = "a handful of panels")]
    let (width, height) = (PANEL.0 * COLUMNS as f64, PANEL.1 * lines as f64 + 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <title>Growth with the number of entries</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let names = [
        "Auditglass",
        Rival::ALL[0].names().0,
        Rival::ALL[1].names().0,
    ];
    for (i, (name, colour)) in names.iter().zip(COLOURS).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "three names")]
        let x = 20.0 + 130.0 * i as f64;
        let _ = writeln!(
            svg,
            "<path d=\"M{x} 15h18\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{}\" y=\"19\">{name}</text>",
            x + 24.0
        );
    }
    for (i, line) in DRAWN.into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of panels")]
        let (x, y) = ((i % COLUMNS) as f64, (i / COLUMNS) as f64);
        let _ = writeln!(
            svg,
            "<g transform=\"translate({} {})\">{}</g>",
            x * PANEL.0,
            y * PANEL.1 + 30.0,
            panel(all, line)
        );
    }
    svg + "</svg>\n"
}

fn panel(all: &[(u64, Vec<Row>)], line: usize) -> String {
    let rows: Vec<_> = all
        .iter()
        .filter_map(|(n, rows)| Some((*n, rows.get(line)?)))
        .collect();
    let Some((_, first)) = rows.first() else {
        return String::new();
    };
    let scale = if first.is_bytes { 1e6 } else { 1.0 };
    // The contestants' points: entries and figure.
    #[expect(clippy::cast_precision_loss, reason = "drawn with few digits")]
    let series: Vec<Vec<(f64, f64)>> = (0..=first.theirs.len())
        .map(|who| {
            let value = |row: &Row| match who.checked_sub(1) {
                None => Some(row.ours),
                Some(rival) => row.theirs.get(rival).copied().flatten(),
            };
            rows.iter()
                .filter_map(|(n, row)| Some(((*n as f64).log10(), value(row)? / scale)))
                .filter(|(_, v)| *v > 0.0)
                .map(|(x, v)| (x, v.log10()))
                .collect()
        })
        .collect();
    let points = || series.iter().flatten();
    let least = |at: fn(&(f64, f64)) -> f64| points().map(at).fold(f64::INFINITY, f64::min);
    let most = |at: fn(&(f64, f64)) -> f64| points().map(at).fold(f64::NEG_INFINITY, f64::max);
    let (x0, x1) = (least(|p| p.0), most(|p| p.0).max(least(|p| p.0) + 0.1));
    let (y0, y1) = (least(|p| p.1).floor(), most(|p| p.1).ceil());
    let y1 = y1.max(y0 + 1.0);
    let (left, top, width, height) = PLOT;
    let across = |x: f64| left + (x - x0) / (x1 - x0) * width;
    let down = |y: f64| top + height - (y - y0) / (y1 - y0) * height;
    let unit = if first.is_bytes { "MB" } else { "ms" };
    let mut svg = format!(
        "<text x=\"{left}\" y=\"22\" font-weight=\"bold\">{}, {unit}</text>",
        first
            .what
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    );
    let mut power = y0;
    while power <= y1 {
        let y = down(power);
        let _ = write!(
            svg,
            "<path d=\"M{left} {y:.1}h{width}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 6.0,
            y + 4.0,
            10f64.powf(power)
        );
        power += 1.0;
    }
    for (n, _) in &rows {
        #[expect(clippy::cast_precision_loss, reason = "drawn with few digits")]
        let x = across((*n as f64).log10());
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{n}</text>",
            top + height + 16.0
        );
    }
    for (line, colour) in series.iter().zip(COLOURS) {
        let path: Vec<_> = line
            .iter()
            .map(|(x, y)| format!("{:.1} {:.1}", across(*x), down(*y)))
            .collect();
        if !path.is_empty() {
            let _ = write!(
                svg,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                path.join("L")
            );
        }
    }
    svg
}
