//! A list of any length of which only the rows in sight exist.

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
/// How long the reader must rest before the scroll bar is put right.
const REST: Duration = Duration::from_millis(160);

/// A scroll area with `count` rows of `row_height` pixels each.
///
/// `row` renders the row at a position. `look_at` hears which positions are in sight, so that the owner can fetch them.
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
    R: Fn(u64) -> V + Clone + Send + 'static,
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
    let offset = Memo::new(move |_| geometry.get().offset(position.get(), visible.get().start));

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
                    <For each=move || visible.get() key=|i| *i children=row />
                </div>
            </div>
        </div>
    }
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
