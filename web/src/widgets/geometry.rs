//! Where the rows of a long list are, in a scroll area that browsers limit to some millions of pixels.
//!
//! A list that fits is scrolled as any other. One that does not is laid over a body of the greatest height: a jump of the
//! scroll bar maps in proportion, while a small movement (a wheel, a finger, an arrow key) moves the list by as many
//! pixels as it moves the body, so that every row can be reached. The two drift apart, and [`Geometry::settle`] brings
//! them together when the reader rests, when rows were added, and where the body ends before the list does. Near both
//! ends a pixel of the body is one of the list, so that the first and the last rows are not jumped over.

use std::ops::Range;

/// Safe in all browsers: Firefox ends at 17.8 million pixels, Chromium and WebKit at 33.5 million.
const MAX_BODY: f64 = 8_000_000.0;
/// The pixels at both ends of a scaled list's body that are not scaled.
const ENDS: f64 = 100_000.0;

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

    /// The greatest movement of the body that is not taken for a jump of the scroll bar. Dragged by a quarter of a pixel
    /// the bar moves the body farther, and a wheel or a finger hardly does in one frame.
    fn step(&self) -> f64 {
        (self.max_scroll() / self.viewport.max(1.0) / 4.0).max(self.viewport)
    }

    /// The position after the body was scrolled to `scroll`.
    pub(super) fn scrolled(&self, from: Position, scroll: f64) -> Position {
        let moved = scroll - from.scroll;
        let top = if self.is_scaled() && moved.abs() <= self.step() {
            (from.top + moved).clamp(0.0, self.max_top())
        } else {
            self.top_at(scroll)
        };
        Position { top, scroll }
    }

    /// Whether the body can be scrolled no farther although the list goes on.
    pub(super) fn is_stuck(&self, at: Position) -> bool {
        let at_start = at.scroll < 0.5 && at.top >= 0.5;
        let at_end = at.scroll > self.max_scroll() - 0.5 && at.top <= self.max_top() - 0.5;
        self.is_scaled() && (at_start || at_end)
    }

    /// Where the list stands whose body is at `scroll`, if the two are in proportion.
    fn top_at(&self, scroll: f64) -> f64 {
        if !self.is_scaled() {
            return scroll;
        }
        let (max_top, max_scroll) = (self.max_top(), self.max_scroll());
        let top = if scroll <= ENDS {
            scroll
        } else if scroll >= max_scroll - ENDS {
            max_top - (max_scroll - scroll)
        } else {
            ENDS + (scroll - ENDS) * (max_top - 2.0 * ENDS) / (max_scroll - 2.0 * ENDS)
        };
        top.clamp(0.0, max_top).round()
    }

    /// The position for a list that is to stand at `top`.
    pub(super) fn at(&self, top: f64) -> Position {
        let (max_top, max_scroll) = (self.max_top(), self.max_scroll());
        let top = top.clamp(0.0, max_top).round();
        let scroll = if !self.is_scaled() || top <= ENDS {
            top
        } else if top >= max_top - ENDS {
            max_scroll - (max_top - top)
        } else {
            ENDS + (top - ENDS) * (max_scroll - 2.0 * ENDS) / (max_top - 2.0 * ENDS)
        };
        Position { top, scroll }
    }

    /// The same rows with the body's place in proportion again; as far down as there are rows.
    pub(super) fn settle(&self, position: Position) -> Position {
        self.at(position.top)
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

    /// How many rows [`Geometry::visible`] tells at most, wherever the list stands.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative"
    )]
    pub(super) fn slots(&self, spare: u64) -> u64 {
        if self.viewport <= 0.0 || self.row <= 0.0 {
            return 0;
        }
        // One more than fit, where the first is seen in part.
        let window = (self.viewport / self.row).ceil() as u64 + 1;
        window
            .saturating_add(spare.saturating_mul(2))
            .min(self.count)
    }

    /// As many slots as before if they are enough and not far too many, else a few more than are needed: an area that grows or
    /// shrinks by some rows shall not hand every row to another element.
    pub(super) fn slots_like(&self, before: Option<u64>, spare: u64) -> u64 {
        const ROOM: u64 = 8;
        let least = self.slots(spare);
        match before {
            Some(before) if (least..=least + 2 * ROOM).contains(&before) => before,
            _ if least == 0 => 0,
            _ => least + ROOM,
        }
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
        assert_eq!(g.slots(5), 31);
        assert_eq!(g.visible(g.at(2_815.0), 5), 95..126);
        assert_eq!(g.offset(p, 100), 2_800.0);
        assert_eq!(g.settle(p), p);
    }

    #[test]
    fn an_area_that_changes_a_little_keeps_its_slots() {
        let of = |rows: f64| Geometry {
            viewport: 28.0 * rows,
            ..list(1_000)
        };
        assert_eq!(of(20.0).slots_like(None, 5), 39);
        for rows in [14.0, 25.0, 28.0] {
            assert_eq!(of(rows).slots_like(Some(39), 5), 39, "{rows} rows");
        }
        assert_eq!(of(29.0).slots_like(Some(39), 5), 48);
        assert_eq!(of(2.0).slots_like(Some(39), 5), 21);
        assert_eq!(list(0).slots_like(Some(39), 5), 0);
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
    fn rows_that_are_added_move_nothing() {
        for top in [0.0, 2_815.0, 99_999.0, 140_013.0, 4_200_007.0, 7_999_000.0] {
            let mut p = list(200_000).at(top);
            let before = p.top;
            for count in [285_714, 285_715, 300_000, 1_000_000, 50_000_000] {
                let g = list(count);
                let (row, first) = (g.visible(p, 0).start, g.offset(p, 0));
                let settled = g.settle(p);
                assert_eq!(settled.top, before.min(list(200_000).max_top()), "{count}");
                assert_eq!(g.visible(settled, 0).start, row);
                // The first row is as far from the window's upper edge.
                assert_eq!(g.offset(settled, 0) - settled.scroll, first - p.scroll);
                assert!(!g.is_stuck(settled));
                p = settled;
            }
        }
    }

    #[test]
    fn a_list_that_stood_at_its_end_goes_on_when_rows_are_added() {
        let end = list(300_000).scrolled(list(300_000).at(4_000_000.0), MAX_BODY - 560.0);
        assert_eq!(list(300_000).visible(end, 0).end, 300_000);
        let more = list(400_000);
        assert!(more.is_stuck(end));
        let p = more.settle(end);
        assert_eq!(p.top, end.top);
        let p = more.scrolled(p, p.scroll + 112.0);
        assert_eq!(more.visible(p, 0).end, 300_004);
    }

    #[test]
    fn the_ends_are_come_to_without_a_jump() {
        let g = list(10_000_000);
        let mut p = g.at(1_400_000.0);
        let mut steps = 0;
        while p.top > 0.0 {
            let next = g.scrolled(p, (p.scroll - 500.0).max(0.0));
            assert!(p.top - next.top <= 500.0, "{p:?} {next:?}");
            // Without a rest but where the body ends.
            p = if g.is_stuck(next) {
                g.settle(next)
            } else {
                next
            };
            steps += 1;
        }
        // Where the body ended a step was shorter.
        assert!(
            p.scroll == 0.0 && (2_800..2_850).contains(&steps),
            "{steps}"
        );
        let last = g.at(f64::MAX);
        assert_eq!(g.scrolled(g.at(last.top - 30.0), last.scroll), last);
    }

    #[test]
    fn a_wheel_moves_by_what_it_turns_and_the_bar_in_proportion() {
        for count in [285_715, 1_000_000, 100_000_000] {
            let g = list(count);
            let p = g.at(g.max_top() / 2.0);
            for turned in [100.0, -100.0, 1_500.0, -3_000.0] {
                assert_eq!(g.scrolled(p, p.scroll + turned).top, p.top + turned);
            }
            // Half a pixel of a bar that is as long as the window.
            let dragged = g.scrolled(p, p.scroll + MAX_BODY / g.viewport / 2.0);
            assert_eq!(g.settle(dragged).top, dragged.top);
            assert!((g.at(dragged.top).scroll - dragged.scroll).abs() < 0.5);
        }
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
