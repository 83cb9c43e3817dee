//! Notices a worker that has died without a word: a ping that stays unanswered while nothing is running.

/// How often [`Watchdog::tick`] is to be called, in milliseconds.
pub(crate) const INTERVAL_MS: u32 = 2_000;
/// How long a ping may stay unanswered, in milliseconds.
const PATIENCE_MS: f64 = 5_000.0;
/// A gap between ticks from which on the page itself is taken to have slept, in milliseconds.
const SLEPT_MS: f64 = 10_000.0;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Wait.
    Nothing,
    /// Send a ping.
    Ping,
    /// The worker is gone: replace it.
    Replace,
}

/// Times in milliseconds of any clock that does not run backwards.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watchdog {
    asked: Option<f64>,
    ticked: Option<f64>,
}

impl Watchdog {
    /// To be called regularly. `busy`: the engine is known to be at work and cannot answer.
    pub(crate) fn tick(&mut self, now: f64, busy: bool) -> Advice {
        let slept = self.ticked.is_some_and(|t| now - t > SLEPT_MS);
        self.ticked = Some(now);
        if busy {
            self.asked = None;
            return Advice::Nothing;
        }
        match self.asked {
            // After a sleep the answer may still lie in the queue: give it its time anew.
            Some(_) if slept => {
                self.asked = Some(now);
                Advice::Nothing
            }
            Some(asked) if now - asked > PATIENCE_MS => {
                self.asked = None;
                Advice::Replace
            }
            Some(_) => Advice::Nothing,
            None => {
                self.asked = Some(now);
                Advice::Ping
            }
        }
    }

    /// The worker said something, whatever it was; `answered`: it was the answer to the ping.
    pub(crate) fn heard(&mut self, now: f64, answered: bool) {
        self.asked = match self.asked {
            Some(_) if !answered => Some(now),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Advice, Watchdog};

    #[test]
    fn a_worker_that_answers_is_left_alone() {
        let mut w = Watchdog::default();
        for i in 0..100_u32 {
            let now = f64::from(i) * 2_000.0;
            assert_eq!(w.tick(now, false), Advice::Ping);
            w.heard(now + 5.0, true);
        }
    }

    #[test]
    fn silence_is_noticed_only_while_nothing_runs() {
        let mut w = Watchdog::default();
        assert_eq!(w.tick(0.0, false), Advice::Ping);
        assert_eq!(w.tick(2_000.0, false), Advice::Nothing);
        assert_eq!(w.tick(4_000.0, true), Advice::Nothing);
        assert_eq!(w.tick(6_000.0, false), Advice::Ping);
        assert_eq!(w.tick(8_000.0, false), Advice::Nothing);
        assert_eq!(w.tick(12_000.0, false), Advice::Replace);
    }

    #[test]
    fn another_answer_on_its_way_buys_time() {
        let mut w = Watchdog::default();
        assert_eq!(w.tick(0.0, false), Advice::Ping);
        w.heard(4_000.0, false);
        assert_eq!(w.tick(6_000.0, false), Advice::Nothing);
        assert_eq!(w.tick(10_000.0, false), Advice::Replace);
    }

    #[test]
    fn a_page_that_slept_asks_again_before_it_judges() {
        let mut w = Watchdog::default();
        assert_eq!(w.tick(0.0, false), Advice::Ping);
        assert_eq!(w.tick(60_000.0, false), Advice::Nothing);
        assert_eq!(w.tick(66_000.0, false), Advice::Replace);
    }
}
