//! The timeline: the matching entries over time, stacked by the values of a field; drag to choose a part, scroll to zoom.

mod controls;
mod draw;
mod scale;

use auditglass::Timeline as Counts;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent, ResizeObserver, WheelEvent};

pub(super) use self::controls::Controls;
use self::scale::Scale;
use crate::state::{Step, Viewer};
use crate::{civil, format};

/// Pixels of a bucket, about.
const BUCKET: f64 = 6.0;
/// Pixels that the pointer must move before it draws a range.
const DRAG: f64 = 4.0;
/// How much one step of the keyboard zooms.
const ZOOM: f64 = 0.5;

/// Buckets that are chosen, with the one that moves last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    anchor: u32,
    head: u32,
}

impl Range {
    fn ends(self) -> (u32, u32) {
        (self.anchor.min(self.head), self.anchor.max(self.head))
    }
}

/// The histogram.
#[component]
pub(super) fn Timeline() -> impl IntoView {
    let viewer = Viewer::here();
    let (area, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let size = RwSignal::new((0.0_f64, 0.0_f64));
    let hovered = RwSignal::new(None::<u32>);
    let range = RwSignal::new(None::<Range>);
    let pressed = RwSignal::new(None::<(u32, f64)>);
    let colours = RwSignal::new(0_u32);
    let counts = viewer.timeline;
    let scale = move || {
        let (width, _) = size.get();
        counts.with(|c| c.as_ref().map(|c| Scale::new(c, width)))
    };
    let scale_now = move || untrack(scale);

    observe(area, size);
    watch_colours(colours);
    Effect::new(move || {
        let (width, _) = size.get();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        let buckets = (width / BUCKET).floor().clamp(0.0, 1_000.0) as u32;
        if viewer.timeline_buckets.get_untracked() != buckets {
            viewer.timeline_buckets.set(buckets);
        }
    });
    // Other counts have other buckets.
    let place =
        Memo::new(move |_| counts.with(|c| c.as_ref().map(|c| (c.start, c.step, c.buckets))));
    Effect::new(move || {
        let _ = place.get();
        range.set(None);
    });
    Effect::new(move || {
        colours.track();
        viewer.theme.track();
        let (Some(canvas), (width, height)) = (canvas.get(), size.get()) else {
            return;
        };
        let shown = counts.get();
        let marks = draw::Highlight {
            hovered: hovered.get(),
            range: range.get().map(Range::ends),
        };
        let by_verdict = viewer.view.with(|v| v.stack == "verdict");
        draw::draw(&canvas, width, height, shown.as_deref(), by_verdict, marks);
    });

    let bucket_at = move |x: f64| scale_now().and_then(|s| s.bucket_at(x));
    let x_of = move |event: &PointerEvent| {
        area.get_untracked().map_or(0.0, |area| {
            let area: &HtmlElement = &area;
            f64::from(event.client_x()) - area.get_bounding_client_rect().left()
        })
    };
    let choose = move |range: Range| {
        if let Some((from, to)) = scale_now().and_then(|s| s.instants(range.ends())) {
            viewer.select_time(from, to);
        }
    };
    let zoom = move |around: f64, factor: f64| {
        let Some(scale) = scale_now() else { return };
        viewer.look(Step::Passing, |v| v.window = scale.zoomed(around, factor));
    };
    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let x = x_of(&event);
        if let Some(bucket) = bucket_at(x) {
            pressed.set(Some((bucket, x)));
            range.set(None);
            if let Some(target) = event
                .current_target()
                .and_then(|t| t.dyn_into::<HtmlElement>().ok())
            {
                let _ = target.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let on_move = move |event: PointerEvent| {
        let x = x_of(&event);
        let now = bucket_at(x);
        if hovered.get_untracked() != now {
            hovered.set(now);
        }
        if let (Some((anchor, start)), Some(head)) = (pressed.get_untracked(), now)
            && ((x - start).abs() >= DRAG || range.get_untracked().is_some())
        {
            range.set(Some(Range { anchor, head }));
        }
    };
    let on_up = move |_| {
        if pressed.get_untracked().is_some()
            && let Some(chosen) = range.get_untracked()
        {
            choose(chosen);
        }
        pressed.set(None);
    };
    let on_wheel = move |event: WheelEvent| {
        let Some(scale) = scale_now() else { return };
        event.prevent_default();
        let rect = area.get_untracked().map(|a| a.get_bounding_client_rect());
        let x = f64::from(event.client_x()) - rect.map_or(0.0, |r| r.left());
        let (dx, dy) = (event.delta_x(), event.delta_y());
        if event.shift_key() || dx.abs() > dy.abs() {
            let by = if dx == 0.0 { dy } else { dx };
            viewer.look(Step::Passing, |v| {
                v.window = scale.moved(by.clamp(-200.0, 200.0));
            });
        } else if dy != 0.0 {
            zoom(x, (1.0 + dy / 400.0).clamp(0.5, 2.0));
        }
    };
    let reset = move || {
        range.set(None);
        viewer.look(Step::Act, |v| v.window = None);
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let Some(scale) = scale_now() else { return };
        let last = scale.buckets().saturating_sub(1);
        let now = range.get_untracked();
        let head = now.map_or(last / 2, |r| r.head);
        let go = |to: u32| {
            let anchor = match now {
                Some(r) if event.shift_key() => r.anchor,
                None if event.shift_key() => head,
                _ => to,
            };
            range.set(Some(Range { anchor, head: to }));
        };
        match event.key().as_str() {
            "ArrowLeft" => go(now.map_or(head, |_| head.saturating_sub(1))),
            "ArrowRight" => go(now.map_or(head, |_| (head + 1).min(last))),
            "Home" => go(0),
            "End" => go(last),
            "+" | "=" => zoom(scale.middle_of(head), ZOOM),
            "-" => zoom(scale.middle_of(head), 1.0 / ZOOM),
            "0" => reset(),
            "Enter" => match now {
                Some(range) => choose(range),
                None => return,
            },
            "Escape" if now.is_some() => range.set(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let told = move || {
        let (first, last) = match (range.get(), hovered.get()) {
            (Some(r), _) => r.ends(),
            (None, Some(bucket)) => (bucket, bucket),
            (None, None) => return None,
        };
        counts.with(|c| {
            let c = c.as_ref()?;
            let scale = scale()?;
            let (from, to) = scale.instants((first, last))?;
            let left = scale.middle_of(first.midpoint(last));
            Some(Told {
                from,
                to,
                left,
                total: total(c, first, last),
                parts: parts(c, first, last),
            })
        })
    };
    let tip = move || told().map(|told| tip(told, size.get_untracked().0, viewer));
    let announced = move || {
        let range = range.get()?;
        let (first, last) = range.ends();
        counts.with(|c| {
            let c = c.as_ref()?;
            let (from, to) = scale_now()?.instants((first, last))?;
            Some(format!(
                "{} to {}: {}",
                civil::readable(from),
                civil::readable(to),
                format::counted(total(c, first, last), "entry", "entries")
            ))
        })
    };
    let label = move || {
        counts.with(|c| match c {
            Some(c) if c.extent.is_some() => {
                let to = c.start.saturating_add_unsigned(c.step.saturating_mul(c.buckets.into()));
                format!(
                    "Timeline from {} to {}, {} a bar. Arrows move, Shift extends, plus and minus zoom, Enter selects, 0 shows all.",
                    civil::readable(c.start),
                    civil::readable(to),
                    civil::length(c.step)
                )
            }
            _ => "Timeline: no time can be read".to_owned(),
        })
    };
    let is_blank = move || counts.with(|c| c.as_ref().is_some_and(|c| c.extent.is_none()));
    view! {
        <section class="timeline" data-testid="timeline">
            <div
                class="timeline-area"
                class:dragged=move || pressed.with(Option::is_some)
                node_ref=area
                role="application"
                tabindex="0"
                aria-label=label
                data-testid="timeline-area"
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=move |_| {
                    pressed.set(None);
                    range.set(None);
                }
                on:pointerleave=move |_| hovered.set(None)
                on:dblclick=move |_| reset()
                on:wheel=on_wheel
                on:keydown=on_key
                on:blur=move |_| range.set(None)
            >
                <canvas node_ref=canvas aria-hidden="true"></canvas>
                {tip}
                <Show when=is_blank>
                    <p class="timeline-blank">"No entry here has a time that can be read."</p>
                </Show>
            </div>
            <p class="offscreen" role="status">
                {announced}
            </p>
        </section>
    }
}

/// What is told of some buckets.
struct Told {
    from: i64,
    to: i64,
    left: f64,
    total: u64,
    parts: Vec<(usize, String, u64)>,
}

fn sum(counts: &[u32], first: u32, last: u32) -> u64 {
    counts
        .get(first as usize..=last as usize)
        .unwrap_or_default()
        .iter()
        .map(|n| u64::from(*n))
        .sum()
}

fn total(counts: &Counts, first: u32, last: u32) -> u64 {
    counts
        .series
        .iter()
        .map(|s| sum(&s.counts, first, last))
        .sum()
}

fn parts(counts: &Counts, first: u32, last: u32) -> Vec<(usize, String, u64)> {
    let all = counts.series.iter().enumerate().map(|(i, s)| {
        let label = controls::label_of(s);
        (i, label, sum(&s.counts, first, last))
    });
    all.filter(|(_, _, n)| *n > 0).collect()
}

fn tip(told: Told, width: f64, viewer: Viewer) -> impl IntoView {
    let by_verdict = viewer.view.with_untracked(|v| v.stack == "verdict");
    let parts: Vec<_> = told
        .parts
        .into_iter()
        .map(|(i, label, n)| {
            view! {
                <li>
                    {controls::swatch(i, &label, by_verdict)}
                    <span class="tip-label">{crate::widgets::plain(label)}</span>
                    <span class="tip-n">{format::count(n)}</span>
                </li>
            }
        })
        .collect();
    // It keeps clear of both ends.
    let left = told.left.clamp(120.0, (width - 120.0).max(120.0));
    let span = u64::try_from(told.to.saturating_sub(told.from)).unwrap_or(0);
    view! {
        <div class="timeline-tip" style:left=format!("{left}px") aria-hidden="true">
            <p class="tip-time">
                {civil::readable(told.from)} " to " {civil::readable(told.to)}
            </p>
            <p class="tip-total">
                <b>{format::counted(told.total, "entry", "entries")}</b>
                {format!(" in {}", civil::length(span))}
            </p>
            <ul>{parts}</ul>
        </div>
    }
}

/// Keeps `size` at what the area measures.
fn observe(area: NodeRef<Div>, size: RwSignal<(f64, f64)>) {
    let kept = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn Fn()>)>);
    Effect::new(move |_| {
        let Some(element) = area.get() else { return };
        let element: HtmlElement = element.unchecked_into();
        let watched = element.clone();
        let measure = move || {
            let now = (
                f64::from(watched.client_width()),
                f64::from(watched.client_height()),
            );
            if size.get_untracked() != now {
                size.set(now);
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

/// Counts up when the system changes between light and dark.
fn watch_colours(colours: RwSignal<u32>) {
    let query = window().match_media("(prefers-color-scheme: dark)");
    let Ok(Some(query)) = query else { return };
    let callback = Closure::<dyn Fn()>::new(move || {
        colours.try_update(|n| *n = n.wrapping_add(1));
    });
    query.set_onchange(Some(callback.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local(Some((query, callback)));
    on_cleanup(move || {
        if let Some((query, _)) = kept.try_update_value(Option::take).flatten() {
            query.set_onchange(None);
        }
    });
}
