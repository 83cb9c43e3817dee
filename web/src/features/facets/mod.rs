//! The facets: for each field its values among the entries that match everything else, with exact counts.

use std::sync::Arc;

use auditglass::query::{self, Standing};
use auditglass::{Facet, FacetOrder, FacetValue, Verdict};
use leptos::html;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent};

use crate::state::{FACETS, FEW_VALUES, FacetLook, MOST, Step, View, Viewer};
use crate::widgets::{plain, prose};
use crate::{format, look};

/// How much longer a list becomes when the reader asks for more.
const MORE: u32 = 5;
/// The list is never longer than this; a search inside it reaches the rest.
const LONGEST: u32 = 2_000;

/// All facets, and a line to add one.
#[component]
pub(super) fn Facets() -> impl IntoView {
    let viewer = Viewer::here();
    let fields = Memo::new(move |_| viewer.view.with(View::all_facets));
    view! {
        <section class="facets" aria-label="Facets">
            <For each=move || fields.get() key=Clone::clone children=|field| view! { <OneFacet field=field /> } />
            <AddFacet />
        </section>
    }
}

#[component]
fn OneFacet(field: String) -> impl IntoView {
    let viewer = Viewer::here();
    let field: Arc<str> = field.into();
    let facet = {
        let field = Arc::clone(&field);
        Memo::new(move |_| viewer.facets.with(|all| all.get(&*field).cloned()))
    };
    let look = {
        let field = Arc::clone(&field);
        Memo::new(move |_| {
            viewer
                .facet_looks
                .with(|all| all.get(&*field).cloned().unwrap_or_default())
        })
    };
    let name = StoredValue::new(Arc::clone(&field));
    let change = move |change: &dyn Fn(&mut FacetLook)| {
        viewer.look_at_facet(&name.get_value(), |look| change(look));
    };
    let is_verdict = &*field == "verdict";
    let is_custom = !FACETS.contains(&&*field);
    let title = look::field_title(&field);
    let distinct = move || facet.with(|f| f.as_ref().map_or(0, |f| f.distinct));
    let is_open = Memo::new(move |_| look.with(|l| !l.folded));
    let is_searching = RwSignal::new(false);
    let has_many = Memo::new(move |_| {
        distinct() > u64::from(FEW_VALUES) || look.with(|l| !l.search.is_empty())
    });
    let most = Memo::new(move |_| {
        facet.with(|f| {
            let values = f.iter().flat_map(|f| &f.values);
            values.map(|v| v.count).max().unwrap_or(0)
        })
    });
    let terms = Memo::new(move |_| {
        facet.with(|f| match f {
            Some(f) if is_verdict => verdicts(f),
            Some(f) => f.values.iter().map(|v| v.term.clone()).collect(),
            None => Vec::new(),
        })
    });
    let rest = move || {
        let shown = terms.with(Vec::len) as u64;
        if is_verdict {
            0
        } else {
            distinct().saturating_sub(shown)
        }
    };
    let missing = move || facet.with(|f| f.as_ref().map_or(0, |f| f.missing));
    let failure = {
        let field = Arc::clone(&field);
        move || {
            viewer
                .uncounted
                .with(|all| all.get(&*field).map(|e| e.message.clone()))
        }
    };
    let search_box = NodeRef::<html::Input>::new();
    let toggle_search = move |_| {
        is_searching.update(|s| *s = !*s);
        if !is_searching.get_untracked() {
            change(&|l| l.search.clear());
        }
    };
    Effect::new(move || {
        if is_searching.get()
            && let Some(input) = search_box.get()
        {
            let _ = input.focus();
        }
    });
    let head = {
        let (field, title) = (Arc::clone(&field), title.clone());
        let by_name = move || look.with(|l| l.order == FacetOrder::Name);
        view! {
            <h3 class="facet-head">
                <button
                    type="button"
                    class="facet-fold"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| change(&|l| l.folded = !l.folded)
                >
                    <span class="tree-mark" class:open=move || is_open.get() aria-hidden="true">
                        "▸"
                    </span>
                    <span class="facet-title">{plain(title.clone())}</span>
                </button>
                <span class="facet-distinct">
                    {move || (!is_verdict && distinct() > 0).then(|| format::count(distinct()))}
                </span>
                <Show when=move || has_many.get() && is_open.get()>
                    <button
                        type="button"
                        class="quiet icon tiny"
                        aria-label=format!("Search in {title}")
                        title="Search in these values"
                        aria-pressed=move || is_searching.get().to_string()
                        on:click=toggle_search
                    >
                        <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">
                            <circle cx="7" cy="7" r="4.2" />
                            <path d="M10.2 10.2L14 14" />
                        </svg>
                    </button>
                    <button
                        type="button"
                        class="quiet icon tiny"
                        aria-label="Order by name"
                        title=move || if by_name() { "By name; press for by count" } else { "By count; press for by name" }
                        aria-pressed=move || by_name().to_string()
                        on:click=move |_| {
                            change(&|l| {
                                l.order = match l.order {
                                    FacetOrder::Count => FacetOrder::Name,
                                    FacetOrder::Name => FacetOrder::Count,
                                };
                            });
                        }
                    >
                        {move || if by_name() { "az" } else { "#" }}
                    </button>
                </Show>
                {is_custom
                    .then(|| {
                        let gone = field.to_string();
                        view! {
                            <button
                                type="button"
                                class="quiet icon tiny"
                                aria-label="Remove this facet"
                                title="Remove this facet"
                                on:click=move |_| {
                                    viewer.look(Step::Act, |v| v.facets.retain(|f| *f != gone));
                                }
                            >
                                "✕"
                            </button>
                        }
                    })}
            </h3>
        }
    };
    let test_field = field.to_string();
    view! {
        <section class="facet" aria-label=title data-testid="facet" data-field=test_field>
            {head}
            <Show when=move || is_open.get()>
                <Show when=move || is_searching.get()>
                    <input
                        type="search"
                        class="facet-search"
                        placeholder="Contains…"
                        aria-label="Only values that contain"
                        node_ref=search_box
                        prop:value=move || look.with(|l| l.search.clone())
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            change(&|l| l.search.clone_from(&text));
                        }
                    />
                </Show>
                <ul class="facet-values" class:long=move || terms.with(|t| t.len() > 40)>
                    <For
                        each=move || terms.get()
                        key=Clone::clone
                        children=move |term| value(viewer, &name.get_value(), facet, most, term)
                    />
                </ul>
                {
                    let failure = failure.clone();
                    move || failure().map(|why| view! { <p class="facet-missing">{prose(&format::sentence(&why))}</p> })
                }
                <Show when=move || { missing() > 0 && look.with(|l| l.search.is_empty()) }>
                    <p class="facet-missing">{move || format!("{} without it", format::count(missing()))}</p>
                </Show>
                <Show when=move || {
                    facet.with(|f| f.as_ref().is_some_and(|f| f.values.is_empty())) && !is_verdict
                }>
                    <p class="facet-missing">"No value"</p>
                </Show>
                <div class="facet-foot">
                    <Show when=move || { rest() > 0 && look.with(|l| l.limit < LONGEST) }>
                        <button
                            type="button"
                            class="quiet small"
                            on:click=move |_| {
                                change(&|l| l.limit = l.limit.saturating_mul(MORE).min(LONGEST));
                            }
                        >
                            {move || format!("{} more", format::count(rest()))}
                        </button>
                    </Show>
                    <Show when=move || { rest() > 0 && look.with(|l| l.limit >= LONGEST) }>
                        <p class="facet-missing">
                            {move || format!("{} more: search for them", format::count(rest()))}
                        </p>
                    </Show>
                    <Show when=move || look.with(|l| l.limit > FEW_VALUES)>
                        <button
                            type="button"
                            class="quiet small"
                            on:click=move |_| change(&|l| l.limit = FEW_VALUES)
                        >
                            "Fewer"
                        </button>
                    </Show>
                </div>
            </Show>
        </section>
    }
}

/// The four verdicts stand always, in the same order: that there is none of a kind is an answer, too.
fn verdicts(facet: &Facet) -> Vec<String> {
    let term = |v: Verdict| {
        let known = facet.values.iter().find(|f| f.value == v.as_str());
        known.map_or_else(|| format!("verdict:{}", v.as_str()), |f| f.term.clone())
    };
    Verdict::ALL.map(term).to_vec()
}

fn value(
    viewer: Viewer,
    field: &str,
    facet: Memo<Option<Arc<Facet>>>,
    most: Memo<u64>,
    term: String,
) -> impl IntoView + use<> {
    let term: Arc<str> = term.into();
    let found = {
        let term = Arc::clone(&term);
        Memo::new(move |_| {
            facet.with(|f| {
                let values = &f.as_ref()?.values;
                values.iter().find(|v| v.term == *term).cloned()
            })
        })
    };
    let stance = {
        let term = Arc::clone(&term);
        Memo::new(move |_| {
            viewer.found.with(|found| match found {
                Some(found) => found.filter.standing(&term),
                None => Standing::Open,
            })
        })
    };
    let verdict = (field == "verdict")
        .then(|| {
            Verdict::ALL
                .into_iter()
                .find(|v| term.ends_with(v.as_str()))
        })
        .flatten();
    let label = found
        .with_untracked(|f: &Option<FacetValue>| f.as_ref().map(|f| f.value.clone()))
        .or(verdict.map(|v| v.as_str().to_owned()))
        .unwrap_or_default();
    let count = Memo::new(move |_| found.with(|f| f.as_ref().map_or(0, |f| f.count)));
    let share = move || {
        #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
        let share = count.get() as f64 / most.get().max(1) as f64;
        // Few are not none: what is there is seen.
        let floor = if count.get() > 0 { 1.5 } else { 0.0 };
        format!("{:.2}%", (share * 100.0).max(floor))
    };
    let include = {
        let term = Arc::clone(&term);
        move || viewer.edit_filter(|f| query::include(f, &term))
    };
    let exclude = {
        let term = Arc::clone(&term);
        move || viewer.edit_filter(|f| query::exclude(f, &term))
    };
    let on_click = {
        let exclude = exclude.clone();
        move |event: MouseEvent| {
            if event.alt_key() {
                exclude();
            } else {
                include();
            }
        }
    };
    let on_key = {
        let exclude = exclude.clone();
        move |event: KeyboardEvent| {
            if event.alt_key() && event.key() == "Enter" || event.key() == "Delete" {
                event.prevent_default();
                event.stop_propagation();
                exclude();
            }
        }
    };
    let shown = if label.is_empty() {
        view! { <span class="absent">"empty text"</span> }.into_any()
    } else {
        plain(label.clone()).into_any()
    };
    let title = match verdict {
        Some(v) => look::meaning(v).to_owned(),
        None => format!("{label}\nClick: only these. Alt and click: not these."),
    };
    view! {
        <li
            class="facet-value"
            class:included=move || stance.get() == Standing::Included
            class:excluded=move || stance.get() == Standing::Excluded
            class:none=move || count.get() == 0
        >
            <button
                type="button"
                class=verdict.map_or("count".to_owned(), |v| format!("count {}", look::tone(v)))
                data-testid="facet-value"
                data-field=field.to_string()
                data-value=label.clone()
                data-count=move || count.get().to_string()
                aria-pressed=move || match stance.get() {
                    Standing::Included => "true",
                    Standing::Open => "false",
                    Standing::Excluded => "mixed",
                }
                title=title
                on:click=on_click
                on:keydown=on_key
            >
                <span class="count-bar" style:width=share aria-hidden="true"></span>
                {verdict
                    .map(|v| view! { <span class="v" aria-hidden="true">{look::glyph(v)}</span> })}
                <span class="count-word">
                    <span class="offscreen">
                        {move || (stance.get() == Standing::Excluded).then_some("not ")}
                    </span>
                    {shown}
                </span>
                <span class="count-n">{move || format::count(count.get())}</span>
            </button>
            <button
                type="button"
                class="quiet icon tiny facet-not"
                aria-label=format!("Not {label}")
                title="Not these (Alt and click)"
                tabindex="-1"
                on:click=move |_| exclude()
            >
                "≠"
            </button>
        </li>
    }
}

/// A line in which a details path is typed.
#[component]
fn AddFacet() -> impl IntoView {
    let viewer = Viewer::here();
    let path = RwSignal::new(String::new());
    // Whatever one can ask for is a path.
    let is_path = move || {
        path.with(|p| {
            let name = p.trim();
            name.starts_with("details") && query::Filter::parse(&format!("has:{name}")).is_ok()
        })
    };
    let add = move || {
        let name = path.get_untracked().trim().to_owned();
        if !untrack(is_path) {
            return;
        }
        viewer.look(Step::Act, |v| {
            if v.facets.len() < MOST && !v.all_facets().contains(&name) {
                v.facets.push(name);
            }
        });
        path.set(String::new());
    };
    view! {
        <form
            class="facet-add"
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <input
                type="text"
                placeholder="details.score"
                aria-label="A details path to count the values of"
                autocomplete="off"
                spellcheck="false"
                data-testid="add-facet"
                prop:value=move || path.get()
                on:input=move |event| path.set(event_target_value(&event))
            />
            <button type="submit" class="small" disabled=move || !is_path()>
                "Add facet"
            </button>
        </form>
    }
}
