//! A list of any length of which only the rows in sight exist.
//!
//! Their elements go round: a row that leaves the window gives its element to one that comes into it, so that scrolling
//! makes none and changes the texts of those only that are new.

use std::ops::Range;
use std::time::Duration;

use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};

use super::geometry::{Geometry, Position};

/// Rows kept ready above and below the window.
const SPARE: u64 = 12;
/// Rows that are counted from the same one.
const STRETCH: u64 = 256;
/// How long the reader must rest before the scroll bar is put right.
const REST: Duration = Duration::from_millis(160);

/// A scroll area with `count` rows of `row_height` pixels each.
///
/// `row` renders the row at a position, which may become another one. `look_at` hears which positions are in sight, so that the owner can fetch them.
/// `reveal` is a position to be scrolled into sight whenever it changes. When `list` changes, another list is shown, from
/// its start. `page` is set to the rows of one page, `scrolled` to the pixels by which the rows are moved to the side.
#[component]
pub(crate) fn VirtualList<R, V>(
    #[prop(into)] count: Signal<u64>,
    row_height: f64,
    #[prop(into)] reveal: Signal<Option<u64>>,
    #[prop(into)] list: Signal<u32>,
    look_at: impl Fn(Range<u64>) + 'static,
    page: RwSignal<u64>,
    scrolled: RwSignal<f64>,
    row: R,
) -> impl IntoView
where
    R: Fn(Signal<u64>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let (area, body) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let viewport = RwSignal::new(0.0_f64);
    let position = RwSignal::new(Position::default());
    let geometry = Memo::new(move |_| Geometry {
        count: count.get(),
        row: row_height,
        viewport: viewport.get(),
    });
    let visible = Memo::new(move |_| geometry.get().visible(position.get(), SPARE));
    let slots = Memo::new(move |before| geometry.get().slots_like(before.copied(), SPARE));
    // Where the rows are counted from: it changes seldom, so that a row keeps its place in the body while others come.
    let base = Memo::new(move |_| visible.get().start / STRETCH * STRETCH);
    let offset = Memo::new(move |_| geometry.get().offset(position.get(), base.get()));
    let slot = move |slot: u64| {
        let here = Memo::new(move |_| at(&visible.get(), slots.get(), slot));
        // The last one while there is none, for it is not shown then.
        let position = Memo::new(move |before| here.get().or(before.copied()).unwrap_or_default());
        let is_there = Memo::new(move |_| here.get().is_some());
        let top = Memo::new(move |_| pixels(position.get().saturating_sub(base.get()), row_height));
        let row = row.clone();
        view! {
            <Show when=move || is_there.get()>
                <div
                    class="vlist-row"
                    role="presentation"
                    style:transform=move || format!("translateY({}px)", top.get())
                >
                    {row(position.into())}
                </div>
            </Show>
        }
    };

    // Puts the list somewhere by program. The body must have its height first, or the browser would not scroll so far;
    // its own place is read back, since browsers round it.
    let put = move |to: Position| {
        let (Some(area), Some(body)) = (area.get_untracked(), body.get_untracked()) else {
            return;
        };
        let height = format!("{}px", geometry.get_untracked().body());
        // It fails for no value that is a length.
        let _ = HtmlElement::style(&body).set_property("height", &height);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most the height of the body"
        )]
        area.set_scroll_top(to.scroll.round() as i32);
        position.set(Position {
            scroll: f64::from(area.scroll_top()),
            ..to
        });
    };

    // While the reader scrolls, the scroll bar is theirs.
    let rest = StoredValue::new(None::<TimeoutHandle>);
    let settle = move || {
        let from = position.get_untracked();
        let to = geometry.get_untracked().settle(from);
        if (to.top - from.top).abs() >= 0.5 || (to.scroll - from.scroll).abs() >= 1.0 {
            put(to);
        }
    };
    let on_scroll = move |_| {
        let Some(element) = area.get_untracked() else {
            return;
        };
        let aside = f64::from(element.scroll_left());
        if (scrolled.get_untracked() - aside).abs() >= 0.5 {
            scrolled.set(aside);
        }
        let scroll = f64::from(element.scroll_top());
        let from = position.get_untracked();
        if (scroll - from.scroll).abs() < 0.5 {
            return;
        }
        let g = geometry.get_untracked();
        position.set(g.scrolled(from, scroll));
        if g.is_stuck(position.get_untracked()) {
            settle();
        }
        let come_to_rest = move || {
            rest.set_value(None);
            settle();
        };
        let timeout = set_timeout_with_handle(come_to_rest, REST).ok();
        if let Some(handle) = rest
            .try_update_value(|r| std::mem::replace(r, timeout))
            .flatten()
        {
            handle.clear();
        }
    };
    on_cleanup(move || {
        if let Some(handle) = rest.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    });

    observe_height(area, viewport);

    Effect::new(move |_| page.set(geometry.get().page()));
    Effect::new(move |_| look_at(visible.get()));
    // Rows that are added or taken away move none of those in sight, as long as there are any.
    Effect::new(move |_| {
        let g = geometry.get();
        let from = position.get_untracked();
        let is_beyond = g.settle(from).top < from.top;
        // Not while it is being scrolled, or was and the event is still to come: it settles afterwards.
        let is_resting = || {
            let area = area.get_untracked();
            let scroll = area.map_or(from.scroll, |area| f64::from(area.scroll_top()));
            rest.with_value(Option::is_none) && (scroll - from.scroll).abs() < 0.5
        };
        if g.viewport > 0.0 && (is_beyond || is_resting()) {
            settle();
        }
    });
    // Another list starts at its start, unless a row of it is to be seen: one effect, so that the second wins.
    let is_seen = Memo::new(move |_| viewport.get() > 0.0);
    Effect::new(move |before: Option<(u32, Option<u64>, bool)>| {
        let now = (list.get(), reveal.get(), is_seen.get());
        let g = geometry.get_untracked();
        let from = position.get_untracked();
        let mut to = from;
        if before.is_some_and(|(list, ..)| list != now.0) {
            to = Position::default();
        }
        if let Some(row) = now.1
            && before != Some(now)
            && now.2
        {
            to = g.reveal(to, row);
        }
        if to != from {
            put(to);
        }
        now
    });

    view! {
        <div class="vlist" node_ref=area on:scroll=on_scroll role="presentation" tabindex="-1">
            <div
                class="vlist-body"
                node_ref=body
                role="presentation"
                style:height=move || format!("{}px", geometry.get().body())
            >
                <div
                    class="vlist-rows"
                    role="presentation"
                    style:transform=move || format!("translateY({}px)", offset.get())
                >
                    <For each=move || 0..slots.get() key=|slot| *slot children=slot />
                </div>
            </div>
        </div>
    }
}

/// The position in `visible` that the element numbered `slot` of `slots` shows: a position keeps its element while it is in
/// sight.
fn at(visible: &Range<u64>, slots: u64, slot: u64) -> Option<u64> {
    let into = visible.start.checked_rem(slots)?;
    let position = visible.start + (slot + slots - into) % slots;
    visible.contains(&position).then_some(position)
}

/// So many rows in pixels.
#[expect(
    clippy::cast_precision_loss,
    reason = "fewer rows than a window has, and a stretch"
)]
fn pixels(rows: u64, row_height: f64) -> f64 {
    rows as f64 * row_height
}

/// Keeps `height` at what the area shows.
fn observe_height(area: NodeRef<Div>, height: RwSignal<f64>) {
    let kept = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn Fn()>)>);
    Effect::new(move |_| {
        let Some(element) = area.get() else { return };
        let element: HtmlElement = element.unchecked_into();
        let watched = element.clone();
        let measure = move || {
            let now = f64::from(watched.client_height());
            if (height.get_untracked() - now).abs() >= 0.5 {
                height.set(now);
            }
        };
        measure();
        let callback = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            kept.set_value(Some((observer, callback)));
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn each_row_in_sight_has_one_element_and_keeps_it() {
        const SLOTS: u64 = 45;
        let shown = |visible: Range<u64>| {
            (0..SLOTS)
                .map(move |slot| at(&visible, SLOTS, slot))
                .collect::<Vec<_>>()
        };
        for start in [0, 1, 44, 45, 46, 1_000_003] {
            for rows in [0, 1, 44, 45] {
                let before = shown(start..start + rows);
                let mut positions: Vec<_> = before.iter().flatten().copied().collect();
                positions.sort_unstable();
                assert_eq!(positions, (start..start + rows).collect::<Vec<_>>());
                let after = shown(start + 3..start + 3 + rows);
                for (before, after) in before.into_iter().zip(after) {
                    assert!(
                        before == after || before.is_none_or(|p| p < start + 3),
                        "{before:?} {after:?}"
                    );
                }
            }
        }
        assert_eq!(at(&(0..0), 0, 0), None);
    }
}
