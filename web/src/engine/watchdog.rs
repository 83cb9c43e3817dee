//! Notices a worker that has died without a word: a ping that stays unanswered.
//!
//! It counts its own ticks and reads no clock: a page that slept, or was too busy to hear, has not ticked either.

/// How often [`Watchdog::tick`] is to be called, in milliseconds.
pub(crate) const INTERVAL_MS: u32 = 2_000;
/// Ticks for which a ping may stay unanswered.
const PATIENCE: u32 = 2;

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

/// Watches over one worker.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watchdog {
    /// Ticks since a ping was sent that is still unanswered.
    waited: Option<u32>,
}

impl Watchdog {
    /// To be called regularly. A worker that is at work cannot answer and is not asked; a ping that was sent before its
    /// work it has answered before it began.
    pub(crate) fn tick(&mut self, at_work: bool) -> Advice {
        match self.waited {
            Some(n) if n >= PATIENCE => {
                self.waited = None;
                Advice::Replace
            }
            Some(n) => {
                self.waited = Some(n + 1);
                Advice::Nothing
            }
            None if at_work => Advice::Nothing,
            None => {
                self.pinged();
                Advice::Ping
            }
        }
    }

    /// A ping was sent.
    pub(crate) fn pinged(&mut self) {
        self.waited = Some(0);
    }

    /// The worker said something; `answered`: it was the answer to a ping. Anything else buys it time.
    pub(crate) fn heard(&mut self, answered: bool) {
        self.waited = self.waited.filter(|_| !answered).map(|_| 0);
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Advice, Watchdog};

    #[test]
    fn a_worker_that_answers_is_left_alone() {
        let mut w = Watchdog::default();
        for _ in 0..100 {
            assert_eq!(w.tick(false), Advice::Ping);
            w.heard(true);
        }
    }

    #[test]
    fn a_worker_at_work_is_not_asked() {
        let mut w = Watchdog::default();
        assert!((0..100).all(|_| w.tick(true) == Advice::Nothing));
    }

    #[test]
    fn silence_is_noticed() {
        let mut w = Watchdog::default();
        let advice = [(); 4].map(|()| w.tick(false));
        let nothing = Advice::Nothing;
        assert_eq!(advice, [Advice::Ping, nothing, nothing, Advice::Replace]);
    }

    #[test]
    fn one_that_was_dead_before_its_work_began_is_noticed() {
        let mut w = Watchdog::default();
        w.pinged();
        let advice = [(); 3].map(|()| w.tick(true));
        assert_eq!(advice, [Advice::Nothing, Advice::Nothing, Advice::Replace]);
    }

    #[test]
    fn another_answer_on_its_way_buys_time() {
        let mut w = Watchdog::default();
        assert_eq!(w.tick(false), Advice::Ping);
        for _ in 0..10 {
            assert_eq!(w.tick(false), Advice::Nothing);
            w.heard(false);
        }
        w.heard(true);
        assert_eq!(w.tick(false), Advice::Ping);
    }
}
