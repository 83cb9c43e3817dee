//! Paints the histogram: bars on a baseline, signs over what must not be overlooked, an axis below.

use auditglass::{Timeline, Verdict};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};

use super::scale::Scale;
use crate::{civil, look};

/// Pixels below the bars, for the axis.
const AXIS: f64 = 19.0;
/// Pixels above them, for signs.
const HEAD: f64 = 11.0;
/// Pixels between two marks of the axis, at least.
const MARKS: f64 = 118.0;
/// What is there is seen, however little it is.
const LEAST: f64 = 1.5;

/// What is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Highlight {
    pub(super) hovered: Option<u32>,
    pub(super) range: Option<(u32, u32)>,
}

/// The name of the colour of a series.
pub(super) fn colour_name(index: usize, label: &str, by_verdict: bool) -> String {
    if by_verdict && let Some(verdict) = verdict_of(label) {
        return format!("--bar-{}", look::tone(verdict));
    }
    if label.is_empty() {
        return "--series-rest".into();
    }
    format!("--series-{}", index % 8 + 1)
}

pub(super) fn verdict_of(label: &str) -> Option<Verdict> {
    Verdict::ALL.into_iter().find(|v| v.as_str() == label)
}

/// Paints everything anew.
pub(super) fn draw(
    canvas: &HtmlCanvasElement,
    width: f64,
    height: f64,
    timeline: Option<&Timeline>,
    by_verdict: bool,
    highlight: Highlight,
) {
    let density = window().device_pixel_ratio().clamp(1.0, 4.0);
    let Some(pen) = pen(canvas, width, height, density) else {
        return;
    };
    let Ok(Some(style)) = window().get_computed_style(canvas) else {
        return;
    };
    let floor = (height - AXIS).max(1.0);
    let Some(t) = timeline.filter(|t| t.extent.is_some() && t.buckets > 0) else {
        pen.set_fill_style_str(&token(&style, "--line-strong"));
        pen.fill_rect(0.0, floor - 1.0, width, 1.0);
        return;
    };
    let scale = Scale::new(t, width);
    let painter = Painter {
        pen,
        style,
        floor,
        width,
        bar: width / f64::from(t.buckets),
    };
    painter.range(highlight);
    painter.bars(t, by_verdict);
    painter.axis(t, scale);
}

fn pen(
    canvas: &HtmlCanvasElement,
    width: f64,
    height: f64,
    density: f64,
) -> Option<CanvasRenderingContext2d> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of a screen"
    )]
    let pixels = |n: f64| (n * density).round().clamp(1.0, 16_000.0) as u32;
    canvas.set_width(pixels(width));
    canvas.set_height(pixels(height));
    let pen: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    pen.set_transform(density, 0.0, 0.0, density, 0.0, 0.0)
        .ok()?;
    Some(pen)
}

fn token(style: &CssStyleDeclaration, name: &str) -> String {
    let value = style.get_property_value(name).unwrap_or_default();
    value.trim().to_owned()
}

struct Painter {
    pen: CanvasRenderingContext2d,
    style: CssStyleDeclaration,
    floor: f64,
    width: f64,
    bar: f64,
}

impl Painter {
    fn fill(&self, colour: &str) {
        self.pen.set_fill_style_str(&token(&self.style, colour));
    }

    /// The buckets that are chosen, and the one under the pointer.
    fn range(&self, highlight: Highlight) {
        if let Some((first, last)) = highlight.range {
            self.fill("--accent-soft");
            let from = f64::from(first) * self.bar;
            let to = (f64::from(last) + 1.0) * self.bar;
            self.pen.fill_rect(from, 0.0, to - from, self.floor);
            self.fill("--accent");
            for x in [from, to - 1.0] {
                self.pen
                    .fill_rect(x.clamp(0.0, self.width - 1.0), 0.0, 1.0, self.floor);
            }
        } else if let Some(bucket) = highlight.hovered {
            self.fill("--none-soft");
            self.pen
                .fill_rect(f64::from(bucket) * self.bar, 0.0, self.bar, self.floor);
        }
    }

    fn bars(&self, t: &Timeline, by_verdict: bool) {
        let room = (self.floor - HEAD).max(1.0);
        let sum = |i: usize| -> u64 {
            let counts = t.series.iter().filter_map(|s| s.counts.get(i));
            counts.map(|n| u64::from(*n)).sum()
        };
        let most = (0..t.buckets as usize).map(sum).max().unwrap_or(0).max(1);
        let gap = if self.bar >= 4.0 { 1.0 } else { 0.0 };
        let mut tops = vec![self.floor; t.buckets as usize];
        for (index, series) in t.series.iter().enumerate() {
            let name = colour_name(index, &series.label, by_verdict);
            self.fill(&name);
            for (i, (count, top)) in series.counts.iter().zip(&mut tops).enumerate() {
                if *count == 0 {
                    continue;
                }
                #[expect(clippy::cast_precision_loss, reason = "the height of a bar")]
                let height = (f64::from(*count) / most as f64 * room).max(LEAST);
                #[expect(clippy::cast_precision_loss, reason = "a place on the screen")]
                let x = i as f64 * self.bar;
                *top = (*top - height).max(1.0);
                self.pen
                    .fill_rect(x, *top, (self.bar - gap).max(1.0), height);
            }
        }
        if by_verdict {
            self.signs(t, &tops);
        }
    }

    /// Over a bar with entries that are not verified stands their shape: three among a million are seen.
    fn signs(&self, t: &Timeline, tops: &[f64]) {
        for (verdict, size) in [(Verdict::Unreadable, 3.6), (Verdict::Mismatched, 3.8)] {
            let Some(series) = t.series.iter().find(|s| s.label == verdict.as_str()) else {
                continue;
            };
            self.fill(&format!("--{}", look::tone(verdict)));
            for (i, (_, top)) in series
                .counts
                .iter()
                .zip(tops)
                .enumerate()
                .filter(|(_, (n, _))| **n > 0)
            {
                #[expect(clippy::cast_precision_loss, reason = "a place on the screen")]
                let x = (i as f64 + 0.5) * self.bar;
                let y = (top - size - 1.5).max(size);
                self.pen.begin_path();
                self.pen.move_to(x, y - size);
                self.pen.line_to(
                    x + size,
                    if verdict == Verdict::Mismatched {
                        y
                    } else {
                        y + size * 0.8
                    },
                );
                if verdict == Verdict::Mismatched {
                    self.pen.line_to(x, y + size);
                    self.pen.line_to(x - size, y);
                } else {
                    self.pen.line_to(x - size, y + size * 0.8);
                }
                self.pen.fill();
            }
        }
    }

    fn axis(&self, t: &Timeline, scale: Scale) {
        self.fill("--line-strong");
        self.pen.fill_rect(0.0, self.floor, self.width, 1.0);
        let end = t
            .start
            .saturating_add_unsigned(t.step.saturating_mul(t.buckets.into()));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a handful"
        )]
        let most = (self.width / MARKS).floor().clamp(1.0, 40.0) as u32;
        let family = self
            .style
            .get_property_value("font-family")
            .unwrap_or_default();
        self.pen.set_font(&format!("11px {family}"));
        self.pen.set_text_baseline("top");
        let mut marks = civil::marks(t.start, end, most);
        // One mark at least says where and when one is.
        if marks.is_empty() {
            marks.push(civil::Mark {
                at: t.start,
                label: civil::readable(t.start),
            });
        }
        for mark in marks {
            let x = scale.x_of(mark.at).round();
            self.fill("--line-strong");
            self.pen
                .fill_rect(x.min(self.width - 1.0), self.floor, 1.0, 5.0);
            let length = self
                .pen
                .measure_text(&mark.label)
                .map_or(0.0, |m| m.width());
            if x + 4.0 + length <= self.width {
                self.fill("--ink-3");
                let _ = self.pen.fill_text(&mark.label, x + 4.0, self.floor + 5.0);
            }
        }
    }
}
