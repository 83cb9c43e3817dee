//! Some numbers in a row, each with its name and mark.

use leptos::prelude::*;

use crate::format;

/// A number that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    /// What is counted.
    pub(crate) name: &'static str,
    /// Its sign, and the class that colours it.
    pub(crate) mark: Option<(&'static str, &'static str)>,
    /// How many there are.
    pub(crate) number: Memo<u64>,
    /// Whether it is left out as long as there are none.
    pub(crate) only_some: bool,
}

/// The numbers.
#[component]
pub(crate) fn Counts(counts: Vec<Count>) -> impl IntoView {
    view! { <dl class="counts">{counts.into_iter().map(count).collect::<Vec<_>>()}</dl> }
}

fn count(count: Count) -> impl IntoView {
    let Count {
        name,
        mark,
        number,
        only_some,
    } = count;
    let mark = move || {
        mark.map(|(sign, tone)| {
            view! {
                <span class=format!("v {tone}") aria-hidden="true">
                    {sign}
                </span>
                " "
            }
        })
    };
    view! {
        <Show when=move || !only_some || (number.get() > 0)>
            <div>
                <dt>{mark()} {name}</dt>
                <dd>{move || format::count(number.get())}</dd>
            </div>
        </Show>
    }
}
