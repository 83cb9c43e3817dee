//! How fast verification goes and how long it will take, from reports of progress.

use auditglass::Progress;

/// The weight of what is new, per second of time passed: old reports fade within a few seconds.
const FADE_PER_MS: f64 = 1.0 / 3_000.0;

/// How long a rate is measured before it is told: the first reports are much slower than what follows.
const TOLD_AFTER_MS: f64 = 700.0;

/// Rates, smoothed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pace {
    /// When the first report came.
    first: Option<f64>,
    last: Option<(f64, Progress)>,
    /// Bytes and entries per millisecond.
    rates: Option<(f64, f64)>,
}

impl Pace {
    /// Takes in a report that came at `now`, in milliseconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "rates are shown with few digits"
    )]
    pub(crate) fn report(&mut self, now: f64, progress: Progress) {
        if let Some((then, before)) = self.last {
            let ms = now - then;
            if ms < 1.0 {
                return;
            }
            let bytes = progress.bytes_done.saturating_sub(before.bytes_done) as f64 / ms;
            let entries = progress
                .totals
                .entries
                .saturating_sub(before.totals.entries) as f64
                / ms;
            let weight = (ms * FADE_PER_MS).min(1.0);
            let mix = |old: f64, new: f64| old + (new - old) * weight;
            self.rates = Some(match self.rates {
                Some((b, e)) => (mix(b, bytes), mix(e, entries)),
                None => (bytes, entries),
            });
        }
        self.first.get_or_insert(now);
        self.last = Some((now, progress));
    }

    /// The rates, once they were measured for a while.
    fn known(&self) -> Option<(f64, f64)> {
        let measured = self.last?.0 - self.first?;
        self.rates.filter(|_| measured >= TOLD_AFTER_MS)
    }

    /// Bytes per second and entries per second, once known.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative"
    )]
    pub(crate) fn per_second(&self) -> Option<(u64, u64)> {
        self.known()
            .map(|(b, e)| ((b * 1_000.0) as u64, (e * 1_000.0) as u64))
    }

    /// Milliseconds left, once known.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn ms_left(&self) -> Option<f64> {
        let ((_, progress), (bytes_per_ms, _)) = (self.last?, self.known()?);
        let left = progress.bytes_total.saturating_sub(progress.bytes_done) as f64;
        (bytes_per_ms > 0.0).then(|| left / bytes_per_ms)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use auditglass::Totals;

    use super::*;

    fn at(bytes_done: u64, entries: u64) -> Progress {
        Progress {
            bytes_done,
            bytes_total: 1_000_000,
            totals: Totals {
                entries,
                verified: entries,
                ..Totals::default()
            },
        }
    }

    #[test]
    fn nothing_is_claimed_from_one_report() {
        let mut pace = Pace::default();
        pace.report(0.0, at(0, 0));
        assert_eq!((pace.per_second(), pace.ms_left()), (None, None));
    }

    #[test]
    fn nothing_is_claimed_from_the_slow_beginning() {
        let mut pace = Pace::default();
        pace.report(0.0, at(0, 0));
        pace.report(100.0, at(10, 0));
        assert_eq!((pace.per_second(), pace.ms_left()), (None, None));
        pace.report(700.0, at(500_000, 0));
        assert!(pace.ms_left().is_some());
    }

    #[test]
    fn a_steady_pace_is_told_as_it_is() {
        let mut pace = Pace::default();
        for i in 0..10_u32 {
            pace.report(
                f64::from(i) * 100.0,
                at(u64::from(i) * 50_000, u64::from(i) * 100),
            );
        }
        let (bytes, entries) = pace.per_second().unwrap();
        assert!(
            bytes.abs_diff(500_000) <= 1 && entries.abs_diff(1_000) <= 1,
            "{bytes} {entries}"
        );
        assert!((pace.ms_left().unwrap() - 1_100.0).abs() < 1.0);
    }

    #[test]
    fn a_standstill_has_no_time_left_to_tell() {
        let mut pace = Pace::default();
        pace.report(0.0, at(10, 0));
        pace.report(1_000.0, at(10, 0));
        assert_eq!(pace.ms_left(), None);
    }
}
