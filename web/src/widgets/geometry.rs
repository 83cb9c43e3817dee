//! Where the rows of a long list are, in a scroll area that browsers limit to some millions of pixels.
//!
//! A list that fits is scrolled as any other. One that does not is laid over a body of the greatest height: a jump of the
//! scroll bar maps in proportion, while a small movement (a wheel, a finger, an arrow key) moves the list by as many
//! pixels as it moves the body, so that every row can be reached. The two drift apart by little, and [`Geometry::settle`]
//! brings them together when the reader rests.

use std::ops::Range;

/// Safe in all browsers: Firefox ends at 17.8 million pixels, Chromium and WebKit at 33.5 million.
const MAX_BODY: f64 = 8_000_000.0;

/// A list and the window through which it is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Geometry {
    /// Rows.
    pub(super) count: u64,
    /// The height of one, in pixels.
    pub(super) row: f64,
    /// The height of the window, in pixels.
    pub(super) viewport: f64,
}

/// Where the list stands: `top` in the list's own pixels, `scroll` in the body's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Position {
    pub(super) top: f64,
    pub(super) scroll: f64,
}

impl Geometry {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has fewer than 2^53 rows"
    )]
    fn total(&self) -> f64 {
        self.count as f64 * self.row
    }

    /// The height of the body that is scrolled.
    pub(super) fn body(&self) -> f64 {
        self.total().min(MAX_BODY)
    }

    fn is_scaled(&self) -> bool {
        self.total() > MAX_BODY
    }

    fn max_top(&self) -> f64 {
        (self.total() - self.viewport).max(0.0)
    }

    fn max_scroll(&self) -> f64 {
        (self.body() - self.viewport).max(0.0)
    }

    /// The position after the body was scrolled to `scroll`.
    pub(super) fn scrolled(&self, from: Position, scroll: f64) -> Position {
        if !self.is_scaled() {
            return Position {
                top: scroll,
                scroll,
            };
        }
        let moved = scroll - from.scroll;
        let top = if scroll <= 0.0 {
            0.0
        } else if scroll >= self.max_scroll() - 0.5 {
            self.max_top()
        } else if moved.abs() <= self.viewport {
            (from.top + moved).clamp(0.0, self.max_top())
        } else {
            scroll / self.max_scroll() * self.max_top()
        };
        Position { top, scroll }
    }

    /// The position for a list that is to stand at `top`.
    pub(super) fn at(&self, top: f64) -> Position {
        let top = top.clamp(0.0, self.max_top()).round();
        let max = self.max_top();
        let share = if max > 0.0 { top / max } else { 0.0 };
        Position {
            top,
            scroll: if self.is_scaled() {
                share * self.max_scroll()
            } else {
                top
            },
        }
    }

    /// The same rows with the body's place in proportion again.
    pub(super) fn settle(&self, position: Position) -> Position {
        if self.is_scaled() {
            self.at(position.top)
        } else {
            position
        }
    }

    /// The position that shows `row` whole: unchanged if it does already, by the least movement if the row is near, in
    /// the middle if it is far.
    pub(super) fn reveal(&self, position: Position, row: u64) -> Position {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a list has fewer than 2^53 rows"
        )]
        let start = row as f64 * self.row;
        let end = start + self.row;
        if start >= position.top && end <= position.top + self.viewport {
            return position;
        }
        if start < position.top - self.viewport || end > position.top + self.viewport * 2.0 {
            return self.at(start - (self.viewport - self.row) / 2.0);
        }
        self.at(if start < position.top {
            start
        } else {
            end - self.viewport
        })
    }

    /// The rows that are in the window, and `spare` more on either side.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative"
    )]
    pub(super) fn visible(&self, position: Position, spare: u64) -> Range<u64> {
        if self.viewport <= 0.0 || self.row <= 0.0 {
            return 0..0;
        }
        let first = (position.top / self.row).floor() as u64;
        let last = ((position.top + self.viewport) / self.row).ceil() as u64;
        let end = last.saturating_add(spare).min(self.count);
        first.saturating_sub(spare).min(end)..end
    }

    /// The rows of a page, for the keys that turn one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative"
    )]
    pub(super) fn page(&self) -> u64 {
        ((self.viewport / self.row.max(1.0)).floor() as u64)
            .saturating_sub(1)
            .max(1)
    }

    /// Where `row` begins, in the body's pixels, while the list stands at `position`.
    pub(super) fn offset(&self, position: Position, row: u64) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a list has fewer than 2^53 rows"
        )]
        let start = row as f64 * self.row;
        position.scroll - position.top + start
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn list(count: u64) -> Geometry {
        Geometry {
            count,
            row: 28.0,
            viewport: 560.0,
        }
    }

    #[test]
    fn a_list_that_fits_is_scrolled_as_any_other() {
        let g = list(1_000);
        assert_eq!(g.body(), 28_000.0);
        let p = g.scrolled(Position::default(), 2_800.0);
        assert_eq!(g.visible(p, 0), 100..120);
        assert_eq!(g.visible(p, 5), 95..125);
        assert_eq!(g.offset(p, 100), 2_800.0);
        assert_eq!(g.settle(p), p);
    }

    #[test]
    fn both_ends_of_a_list_of_millions_are_reached() {
        let g = list(10_000_000);
        assert_eq!(g.body(), MAX_BODY);
        let start = g.at(0.0);
        assert_eq!(g.visible(start, 0), 0..20);
        let end = g.scrolled(start, MAX_BODY - 560.0);
        assert_eq!(g.visible(end, 0), 9_999_980..10_000_000);
        // Its last row ends where the body ends.
        assert_eq!(g.offset(end, 10_000_000), MAX_BODY);
    }

    #[test]
    fn small_movements_pass_no_row_by() {
        let g = list(10_000_000);
        let mut p = g.scrolled(g.at(0.0), 4_000_000.0);
        let before = g.visible(p, 0).start;
        for _ in 0..10 {
            p = g.settle(g.scrolled(p, p.scroll + 100.0));
        }
        let after = g.visible(p, 0).start;
        assert!((35..=36).contains(&(after - before)), "{before} {after}");
    }

    #[test]
    fn every_row_can_be_shown() {
        let g = list(10_000_000);
        for row in [0, 1, 19, 20, 123_456, 5_000_001, 9_999_999] {
            let p = g.reveal(g.at(0.0), row);
            assert!(g.visible(p, 0).contains(&row), "{row}");
            assert!(p.scroll <= MAX_BODY - g.viewport);
        }
        let p = g.at(2_800.0);
        assert_eq!(g.reveal(p, 100), p);
        assert_eq!(g.reveal(p, 99).top, 2_772.0);
        assert_eq!(g.reveal(p, 120).top, 2_828.0);
    }

    #[test]
    fn nothing_is_shown_of_an_empty_list_or_through_a_closed_window() {
        assert_eq!(list(0).visible(Position::default(), 5), 0..0);
        let closed = Geometry {
            viewport: 0.0,
            ..list(10)
        };
        assert_eq!(closed.visible(Position::default(), 5), 0..0);
        // A list that has become shorter than where it stood.
        assert_eq!(
            list(3).visible(
                Position {
                    top: 9_000.0,
                    scroll: 9_000.0
                },
                2
            ),
            3..3
        );
    }
}
