//! Between pixels and instants. Pure.

use auditglass::Timeline;

/// The shortest part of time that is shown, in microseconds.
const SHORTEST: f64 = 20.0;
/// How far beyond the entries one can go, as a share of what is shown.
const BEYOND: f64 = 0.25;

/// Where the buckets of a timeline are on a line of `width` pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    start: i64,
    step: u64,
    buckets: u32,
    extent: Option<(i64, i64)>,
    width: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels of a screen, and instants to within one of them"
)]
impl Scale {
    pub(super) fn new(t: &Timeline, width: f64) -> Self {
        Self {
            start: t.start,
            step: t.step,
            buckets: t.buckets,
            extent: t.extent,
            width,
        }
    }

    pub(super) const fn buckets(&self) -> u32 {
        self.buckets
    }

    fn span(&self) -> f64 {
        self.step as f64 * f64::from(self.buckets)
    }

    pub(super) fn bucket_at(&self, x: f64) -> Option<u32> {
        if self.buckets == 0 || self.width <= 0.0 {
            return None;
        }
        let share = (x / self.width).clamp(0.0, 1.0);
        Some(((share * f64::from(self.buckets)) as u32).min(self.buckets - 1))
    }

    /// The middle of a bucket, in pixels.
    pub(super) fn middle_of(&self, bucket: u32) -> f64 {
        (f64::from(bucket) + 0.5) / f64::from(self.buckets.max(1)) * self.width
    }

    /// Where an instant is, in pixels.
    pub(super) fn x_of(&self, instant: i64) -> f64 {
        let from_start = (i128::from(instant) - i128::from(self.start)) as f64;
        from_start / self.span().max(1.0) * self.width
    }

    /// The first instant of a row of buckets, and the first one behind it.
    pub(super) fn instants(&self, (first, last): (u32, u32)) -> Option<(i64, i64)> {
        let edge = |n: u32| {
            let steps = i128::from(self.step) * i128::from(n);
            i64::try_from(i128::from(self.start) + steps).ok()
        };
        if first > last || last >= self.buckets {
            return None;
        }
        Some((edge(first)?, edge(last + 1)?))
    }

    /// The window of `factor` times the length that keeps the instant under `x` where it is; `None` for all of it.
    pub(super) fn zoomed(&self, x: f64, factor: f64) -> Option<(i64, i64)> {
        let share = (x / self.width.max(1.0)).clamp(0.0, 1.0);
        let span = (self.span() * factor).max(SHORTEST);
        self.window(share * (self.span() - span), span)
    }

    /// The window so many pixels later; `None` for all of it.
    pub(super) fn moved(&self, pixels: f64) -> Option<(i64, i64)> {
        self.window(pixels / self.width.max(1.0) * self.span(), self.span())
    }

    /// The window that begins `offset` microseconds behind this one, kept near the entries.
    fn window(&self, offset: f64, span: f64) -> Option<(i64, i64)> {
        let (first, last) = self.extent?;
        let whole = (i128::from(last) - i128::from(first)) as f64;
        if span >= whole * (1.0 + BEYOND) {
            return None;
        }
        let begin = (i128::from(self.start) - i128::from(first)) as f64 + offset;
        let spare = span * BEYOND;
        let begin = begin.clamp(-spare, (whole + spare - span).max(-spare));
        let from = i64::try_from(i128::from(first) + begin as i128).ok()?;
        let to = i64::try_from(i128::from(from) + span as i128).ok()?;
        (from < to).then_some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn scale() -> Scale {
        Scale {
            start: 1_000,
            step: 10,
            buckets: 100,
            extent: Some((1_005, 1_990)),
            width: 500.0,
        }
    }

    #[test]
    fn pixels_and_buckets() {
        let s = scale();
        assert_eq!(s.bucket_at(0.0), Some(0));
        assert_eq!(s.bucket_at(7.0), Some(1));
        assert_eq!(s.bucket_at(9_999.0), Some(99));
        assert_eq!(s.instants((1, 2)), Some((1_010, 1_030)));
        assert_eq!(s.instants((99, 99)), Some((1_990, 2_000)));
        assert_eq!(s.instants((99, 100)), None);
        assert_eq!(s.x_of(1_500), 250.0);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let s = scale();
        assert_eq!(s.zoomed(250.0, 0.5), Some((1_250, 1_750)));
        assert_eq!(s.zoomed(0.0, 0.5), Some((1_000, 1_500)));
        assert_eq!(s.zoomed(250.0, 2.0), None);
        // There is an end to it.
        assert_eq!(s.zoomed(250.0, 1e-9), Some((1_490, 1_510)));
    }

    #[test]
    fn one_cannot_get_lost() {
        let s = Scale {
            buckets: 10,
            ..scale()
        };
        let (from, to) = s.moved(1e9).unwrap();
        assert!(
            to - from == 100 && from < 1_990 && to > 1_990,
            "{from} {to}"
        );
        let (from, to) = s.moved(-1e9).unwrap();
        assert!(
            to - from == 100 && from < 1_005 && to > 1_005,
            "{from} {to}"
        );
    }
}
