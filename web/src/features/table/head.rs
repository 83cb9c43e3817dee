//! The head of the table: press to sort, drag a head to another place, drag its edge to another width.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlElement, KeyboardEvent, PointerEvent};

use crate::look;
use crate::state::{Column, Step, Viewer, WIDTHS};

/// How far a key moves an edge, in pixels.
const KEY_STEP: u32 = 16;

/// The columns of the grid: those that nobody has sized share the room.
pub(super) fn template(columns: &[Column]) -> String {
    let mut out = String::from("26px");
    for column in columns {
        let (least, share) = usual(&column.name);
        out.push_str(&match column.width {
            Some(width) => format!(" {width}px"),
            None => format!(" minmax({least}px, {share}fr)"),
        });
    }
    out
}

/// The width that the columns need at least, in pixels, the ends of a row included.
pub(super) fn least_width(columns: &[Column]) -> u32 {
    let widths = columns.iter().map(|c| c.width.unwrap_or(usual(&c.name).0));
    widths.fold(26 + 24, u32::saturating_add)
}

/// The least width of a column in pixels, and its share of the room.
fn usual(name: &str) -> (u32, u32) {
    match name {
        "timestamp" => (204, 12),
        "entry_id" => (130, 14),
        "event_type" => (150, 10),
        "actor" => (80, 9),
        "resource_type" => (66, 6),
        "resource_id" => (96, 11),
        "action" => (58, 6),
        "verdict" => (92, 6),
        _ => (96, 8),
    }
}

/// The head.
#[component]
pub(super) fn Head(
    columns: Memo<Vec<Column>>,
    /// How far the rows are scrolled to the side.
    scrolled: RwSignal<f64>,
) -> impl IntoView {
    let viewer = Viewer::here();
    let dragged = StoredValue::new(None::<usize>);
    view! {
        <div class="th-clip">
            <div
                class="tr th"
                role="row"
                aria-rowindex="1"
                style:transform=move || format!("translateX({}px)", -scrolled.get())
            >
                <span role="columnheader">
                    <span class="offscreen">"verdict"</span>
                </span>
                {move || {
                    columns
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(i, column)| head(viewer, i, column, dragged))
                        .collect::<Vec<_>>()
                }}
            </div>
        </div>
    }
}

fn head(
    viewer: Viewer,
    index: usize,
    column: Column,
    dragged: StoredValue<Option<usize>>,
) -> impl IntoView {
    let name = column.name;
    let title = look::field_title(&name);
    let direction = {
        let name = name.clone();
        Memo::new(move |_| {
            viewer.view.with(|v| {
                let sort = v.sort.as_ref().filter(|s| s.column == name)?;
                Some(sort.descending)
            })
        })
    };
    let sorted = move || match direction.get() {
        None => "none",
        Some(false) => "ascending",
        Some(true) => "descending",
    };
    let move_to = move |to: usize| {
        viewer.look(Step::Act, |v| {
            if index < v.columns.len() && to < v.columns.len() && index != to {
                let column = v.columns.remove(index);
                v.columns.insert(to, column);
            }
        });
    };
    let widen = move |width: u32| {
        viewer.look(Step::Passing, |v| {
            if let Some(column) = v.columns.get_mut(index) {
                column.width = Some(width.clamp(WIDTHS.0, WIDTHS.1));
            }
        });
    };
    let on_key = move |event: KeyboardEvent| {
        let width = event
            .current_target()
            .and_then(|t| t.dyn_into::<HtmlElement>().ok())
            .and_then(|t| t.parent_element())
            .and_then(|t| t.dyn_into::<HtmlElement>().ok())
            .map_or(100, |t| u32::try_from(t.offset_width()).unwrap_or(100));
        match (event.key().as_str(), event.alt_key(), event.shift_key()) {
            ("ArrowLeft", true, _) => move_to(index.saturating_sub(1)),
            ("ArrowRight", true, _) => move_to(index + 1),
            ("ArrowLeft", false, true) => widen(width.saturating_sub(KEY_STEP)),
            ("ArrowRight", false, true) => widen(width + KEY_STEP),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let start = StoredValue::new(None::<(f64, f64)>);
    let on_down = move |event: PointerEvent| {
        event.prevent_default();
        event.stop_propagation();
        let Some(edge) = event
            .current_target()
            .and_then(|t| t.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        let _ = edge.set_pointer_capture(event.pointer_id());
        let width = edge
            .parent_element()
            .map_or(100.0, |head| head.get_bounding_client_rect().width());
        start.set_value(Some((f64::from(event.client_x()), width)));
    };
    let on_move = move |event: PointerEvent| {
        if let Some((x, width)) = start.get_value() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "pixels, clamped"
            )]
            let width = (width + f64::from(event.client_x()) - x).clamp(1.0, 4_000.0) as u32;
            widen(width);
        }
    };
    let sort_name = name.clone();
    view! {
        <span
            role="columnheader"
            class="th-cell"
            aria-sort=sorted
            data-testid="column"
            data-column=name.clone()
            draggable="true"
            on:dragstart=move |event: DragEvent| {
                dragged.set_value(Some(index));
                if let Some(data) = event.data_transfer() {
                    data.set_effect_allowed("move");
                    let _ = data.set_data("text/plain", "");
                }
            }
            on:dragover=move |event: DragEvent| {
                if dragged.get_value().is_some() {
                    event.prevent_default();
                }
            }
            on:drop=move |event: DragEvent| {
                if let Some(from) = dragged.try_update_value(Option::take).flatten() {
                    event.prevent_default();
                    event.stop_propagation();
                    viewer
                        .look(
                            Step::Act,
                            |v| {
                                if from < v.columns.len() && index < v.columns.len() {
                                    let column = v.columns.remove(from);
                                    v.columns.insert(index, column);
                                }
                            },
                        );
                }
            }
            on:dragend=move |_| dragged.set_value(None)
        >
            <button
                type="button"
                class="th-sort"
                title=format!("{name}: press to sort. Alt and arrows move, Shift and arrows size the column.")
                data-testid="sort"
                data-column=name.clone()
                on:click=move |_| viewer.sort_by(&sort_name)
                on:keydown=on_key
            >
                <span class="th-title">{title.to_lowercase()}</span>
                <span class="th-mark" aria-hidden="true">
                    {move || match direction.get() {
                        None => "",
                        Some(false) => "↑",
                        Some(true) => "↓",
                    }}
                </span>
            </button>
            <span
                class="th-edge"
                aria-hidden="true"
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=move |_| start.set_value(None)
                on:pointercancel=move |_| start.set_value(None)
                on:dblclick=move |_| {
                    viewer
                        .look(
                            Step::Passing,
                            |v| {
                                if let Some(column) = v.columns.get_mut(index) {
                                    column.width = None;
                                }
                            },
                        );
                }
            ></span>
        </span>
    }
}
