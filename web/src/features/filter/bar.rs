//! The bar: a line of text over its own coloured mirror, a list of what could be typed next, and what is wrong.

use auditglass::{Completion, FilterError};
use leptos::html::{Div, Span};
use leptos::prelude::*;
use web_sys::{HtmlInputElement, KeyboardEvent};

use super::colour;
use crate::format;
use crate::state::{Refusal, Step, Viewer};
use crate::widgets::{plain, prose};

/// The room that a list below the bar needs to its right, in pixels.
const LIST_ROOM: i32 = 330;

/// Where the reader types.
#[component]
pub(crate) fn Bar() -> impl IntoView {
    let viewer = Viewer::here();
    let (mirror, ruler) = (NodeRef::<Div>::new(), NodeRef::<Span>::new());
    let is_open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    // How far back in the earlier filters the reader is.
    let back = RwSignal::new(0_usize);
    let input = move || viewer.bar.get_untracked();

    let items = Memo::new(move |_| {
        if !is_open.get() {
            return Vec::new();
        }
        let mut list = viewer.completions.with(|c| c.list.clone());
        if viewer.draft.with(|d| d.trim().is_empty()) {
            let earlier = viewer.filter_history().into_iter().rev().take(5);
            list.splice(0..0, earlier.map(recent));
        }
        list
    });
    let shows_list = Memo::new(move |_| items.with(|i| !i.is_empty()));
    let refusal = Memo::new(move |_| {
        let draft = viewer.draft.get();
        viewer
            .refused
            .with(|r| r.clone().filter(|r| r.filter == draft))
    });

    // The text is the element's own; it follows the store where they differ.
    Effect::new(move || {
        let draft = viewer.draft.get();
        if let Some(input) = viewer.bar.get()
            && input.value() != draft
        {
            input.set_value(&draft);
        }
    });
    let follow_scroll = move || {
        if let (Some(input), Some(mirror)) = (input(), mirror.get_untracked()) {
            mirror.set_scroll_left(input.scroll_left());
        }
    };
    // Lists stand under the place that they speak of.
    let left_of = move |byte: u32| {
        let (Some(ruler), Some(input)) = (ruler.get_untracked(), input()) else {
            return 0;
        };
        let draft = viewer.draft.get_untracked();
        let head = draft.get(..byte as usize).unwrap_or(&draft);
        ruler.set_text_content(Some(head));
        let left = ruler.offset_width() - input.scroll_left();
        left.clamp(0, (input.offset_width() - LIST_ROOM).max(0))
    };
    let list_left = Memo::new(move |_| {
        let start = items.with(|i| i.last().map_or(0, |c| c.start));
        left_of(start)
    });
    let error_left =
        Memo::new(move |_| refusal.with(|r| r.as_ref().map_or(0, |r| left_of(r.error.start))));

    let ask = move || {
        if let Some(input) = input() {
            let text = input.value();
            let cursor = cursor_of(&input, &text);
            viewer.complete(text, cursor);
        }
    };
    let take = move |completion: &Completion| {
        let draft = viewer.draft.get_untracked();
        let (start, end) = (completion.start as usize, completion.end as usize);
        let (Some(head), Some(tail)) = (draft.get(..start), draft.get(end..)) else {
            return;
        };
        let text = format!("{head}{}{tail}", completion.text);
        let cursor = head.encode_utf16().count() + completion.text.encode_utf16().count();
        if let Some(input) = input() {
            input.set_value(&text);
            let cursor = u32::try_from(cursor).unwrap_or(u32::MAX);
            let _ = input.set_selection_range(cursor, cursor);
            let _ = input.focus();
        }
        active.set(None);
        // After a field comes its value; after a value nothing is waited for.
        is_open.set(completion.kind == "field");
        viewer.type_filter(text);
        ask();
    };
    let recall = move |steps: usize| {
        let history = viewer.filter_history();
        let text = match steps {
            0 => String::new(),
            n => match history.len().checked_sub(n) {
                Some(i) => history[i].clone(),
                None => return,
            },
        };
        back.set(steps);
        is_open.set(false);
        viewer.type_filter(text);
    };
    let on_key = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let count = items.with_untracked(Vec::len);
        let plain_key = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        match event.key().as_str() {
            "ArrowDown" if plain_key => {
                if back.get_untracked() > 0 {
                    recall(back.get_untracked() - 1);
                } else if count == 0 {
                    is_open.set(true);
                    ask();
                } else {
                    active.update(|a| *a = Some(a.map_or(0, |i| (i + 1).min(count - 1))));
                }
            }
            "ArrowUp" if plain_key => match active.get_untracked() {
                Some(0) => active.set(None),
                Some(i) => active.set(Some(i - 1)),
                None => recall(back.get_untracked() + 1),
            },
            " " if event.ctrl_key() => {
                is_open.set(true);
                ask();
            }
            "Tab" | "Enter" if plain_key && !event.shift_key() && count > 0 => {
                let index = match (event.key().as_str(), active.get_untracked()) {
                    (_, Some(i)) => Some(i),
                    ("Tab", None) if !viewer.draft.with_untracked(String::is_empty) => Some(0),
                    _ => None,
                };
                let chosen = index.and_then(|i| items.with_untracked(|all| all.get(i).cloned()));
                match chosen {
                    Some(completion) => take(&completion),
                    None if event.key() == "Enter" => {
                        is_open.set(false);
                        viewer.apply_draft(Step::Act);
                        viewer.remember_filter();
                    }
                    None => return,
                }
            }
            "Enter" if plain_key => {
                viewer.apply_draft(Step::Act);
                viewer.remember_filter();
            }
            "Escape" if shows_list.get_untracked() => {
                is_open.set(false);
                active.set(None);
            }
            "Escape" => viewer.focus_grid(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_input = move |_| {
        if let Some(input) = input() {
            back.set(0);
            active.set(None);
            is_open.set(true);
            viewer.type_filter(input.value());
            ask();
            follow_scroll();
        }
    };
    let option_id = move |i: usize| format!("auditglass-{}-completion-{i}", viewer.id);
    let list_id = format!("auditglass-{}-completions", viewer.id);
    let options = move || {
        items
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, completion)| {
                let chosen = completion.clone();
                let is_active = move || active.get() == Some(i);
                view! {
                    <li
                        class="completion"
                        class:active=is_active
                        role="option"
                        id=option_id(i)
                        aria-selected=move || is_active().to_string()
                        data-testid="completion"
                        // The focus stays in the bar.
                        on:mousedown=move |event| {
                            event.prevent_default();
                            take(&chosen);
                        }
                    >
                        <span class="completion-text">{plain(completion.text)}</span>
                        <span class="completion-kind">{completion.kind}</span>
                        <span class="completion-count">{completion.count.map(format::count)}</span>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    let written = move || {
        let draft = viewer.draft.get();
        let error = refusal.with(|r| r.as_ref().map(|r| (r.error.start, r.error.end)));
        inked(&draft, error)
    };
    let wrong = move || {
        let refusal = refusal.get()?;
        (!shows_list.get()).then(|| told(viewer, refusal))
    };
    view! {
        <div class="filter-bar" role="search">
            <div class="bar-box" class:wrong=move || refusal.with(Option::is_some)>
                <div class="bar-mirror" aria-hidden="true" node_ref=mirror>
                    {written}
                </div>
                <span class="bar-ruler" aria-hidden="true" node_ref=ruler></span>
                <input
                    type="text"
                    class="bar-input"
                    node_ref=viewer.bar
                    data-testid="filter"
                    placeholder="Filter: words, actor:…, details.score>0.9, after:2026-03-01"
                    aria-label="Filter"
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || shows_list.get().to_string()
                    aria-controls=list_id.clone()
                    aria-activedescendant=move || active.get().map(option_id)
                    aria-invalid=move || refusal.with(Option::is_some).to_string()
                    aria-keyshortcuts="/"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    on:input=on_input
                    on:keydown=on_key
                    on:scroll=move |_| follow_scroll()
                    on:focus=move |_| {
                        if viewer.draft.with_untracked(String::is_empty) {
                            ask();
                        }
                    }
                    on:click=move |_| is_open.set(true)
                    on:blur=move |_| is_open.set(false)
                />
                <kbd class="bar-key" aria-hidden="true">
                    "/"
                </kbd>
            </div>
            <Show when=move || shows_list.get()>
                <ul
                    class="completions"
                    id=list_id.clone()
                    role="listbox"
                    aria-label="What could be typed next"
                    style:left=move || format!("{}px", list_left.get())
                >
                    {options}
                </ul>
            </Show>
            <div class="bar-error" role="alert" style:left=move || format!("{}px", error_left.get())>
                {wrong}
            </div>
        </div>
    }
}

/// An earlier filter, to be taken whole.
fn recent(text: String) -> Completion {
    Completion {
        start: 0,
        end: 0,
        text,
        kind: "earlier".into(),
        count: None,
    }
}

/// Bytes of the text before the cursor; the element counts UTF-16.
fn cursor_of(input: &HtmlInputElement, text: &str) -> u32 {
    let units = input.selection_end().ok().flatten().unwrap_or(u32::MAX);
    let mut seen = 0;
    let at = text
        .char_indices()
        .find(|(_, c)| {
            let is_there = seen >= units;
            seen += u32::try_from(c.len_utf16()).unwrap_or(2);
            is_there
        })
        .map_or(text.len(), |(i, _)| i);
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The text in its colours, with the place of an error marked.
fn inked(text: &str, error: Option<(u32, u32)>) -> Vec<AnyView> {
    let (start, end) = error.map_or((usize::MAX, usize::MAX), |(a, b)| (a as usize, b as usize));
    let mut out = Vec::new();
    let mut at = 0;
    for (ink, part) in colour::parts(text) {
        let cut = |i: usize| i.clamp(at, at + part.len()) - at;
        let (a, b) = (cut(start), cut(end.max(start)));
        let (Some(head), Some(middle), Some(tail)) = (part.get(..a), part.get(a..b), part.get(b..))
        else {
            out.push(view! { <span class=ink.class()>{part.to_owned()}</span> }.into_any());
            at += part.len();
            continue;
        };
        for (piece, is_wrong) in [(head, false), (middle, true), (tail, false)] {
            if !piece.is_empty() {
                let piece = piece.to_owned();
                out.push(
                    view! { <span class=ink.class() class:wrong=is_wrong>{piece}</span> }
                        .into_any(),
                );
            }
        }
        at += part.len();
    }
    // Something is missing at the end: the mark stands where it would be.
    if start >= text.len() && start != usize::MAX {
        out.push(view! { <span class="wrong">"\u{a0}\u{a0}"</span> }.into_any());
    }
    out
}

/// What is wrong, what was expected, and what would be right.
fn told(viewer: Viewer, refusal: Refusal) -> impl IntoView {
    let Refusal { filter, error } = refusal;
    let FilterError {
        start,
        end,
        message,
        expected,
        nearest,
    } = error;
    let fix = nearest.map(|nearest| {
        let (start, end) = (start as usize, end as usize);
        let fixed = format!(
            "{}{nearest}{}",
            filter.get(..start).unwrap_or(&filter),
            filter.get(end..).unwrap_or_default()
        );
        view! {
            <p>
                "Did you mean "
                <button
                    type="button"
                    class="quiet small nearest"
                    data-testid="nearest"
                    on:click=move |_| {
                        viewer.set_filter(fixed.clone());
                        if let Some(bar) = viewer.bar.get_untracked() {
                            let _ = bar.focus();
                        }
                    }
                >
                    {plain(nearest)}
                </button>
                "?"
            </p>
        }
    });
    // Where it is known what was meant, the rest of what could stand there is of no interest.
    let expected = (fix.is_none() && !expected.is_empty()).then(|| {
        view! {
            <p class="dim">
                "Expected: "
                {prose(&expected.join(", "))}
            </p>
        }
    });
    view! {
        <div class="bar-told" data-testid="filter-error">
            <p class="bar-message">{prose(&format::sentence(&message))}</p>
            {fix}
            {expected}
        </div>
    }
}
