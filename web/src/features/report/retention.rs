//! How far a log reaches, as a picture: the time that a policy asks for, and what of it the log covers.

use auditglass::{Dated, Retention};
use leptos::prelude::*;

use super::found::show;
use crate::format;
use crate::state::Viewer;
use crate::widgets::plain;

const DAY_MS: f64 = 86_400_000.0;

pub(super) fn retention(viewer: Viewer, r: &Retention) -> impl IntoView + use<> {
    let asked = days(&r.since, &r.as_of);
    // A log that ended before the time asked for is silent about more than that time.
    let unreached = r.unreached_days.min(asked);
    let silent = match r.oldest {
        Some(_) => r.silent_days.min(asked - unreached),
        None => asked - unreached,
    };
    let covered = asked - unreached - silent;
    let share = |days: u64| {
        #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
        let share = days as f64 / asked as f64 * 100.0;
        share
    };
    let width = |days: u64| format!("{:.2}%", share(days));
    let end = |what: &'static str, dated: &Option<Dated>| {
        dated.clone().map(|dated| {
            let row = dated.entry.row;
            view! {
                <div>
                    <dt>{what}</dt>
                    <dd>
                        <button
                            type="button"
                            class="quiet small link"
                            title="Show the entry"
                            on:click=move |_| {
                                viewer.sheet.set(None);
                                viewer.open_row(row);
                            }
                        >
                            {plain(dated.time)}
                        </button>
                    </dd>
                </div>
            }
        })
    };
    let count = |what: &'static str, n: u64| {
        (n > 0).then(|| {
            view! {
                <div>
                    <dt>{what}</dt>
                    <dd>{format::count(n)}</dd>
                </div>
            }
        })
    };
    let older = (r.older > 0).then(|| {
        view! {
            <div>
                <dt>"older than asked for"</dt>
                <dd>
                    {show(
                        viewer,
                        r.older_filter.clone(),
                        format::counted(r.older, "entry", "entries"),
                    )}
                </dd>
            </div>
        }
    });
    let days_of = |n: u64| format::counted(n, "day", "days");
    let missing = [
        (unreached, "before its oldest entry"),
        (silent, "after its newest"),
    ];
    let missing: Vec<_> = (missing.into_iter())
        .filter(|(n, _)| *n > 0)
        .map(|(n, where_)| format!("{} {where_}", days_of(n)))
        .collect();
    let words = match (covered, missing.is_empty()) {
        (0, _) => format!("The log holds nothing of the {} asked for.", days_of(asked)),
        (_, true) => format!("The log reaches over all {} asked for.", days_of(asked)),
        (n, false) => format!(
            "The log reaches over {} of {}; it holds nothing of the {}.",
            format::count(n),
            days_of(asked),
            missing.join(" and the ")
        ),
    };
    view! {
        <h3>"Retention"</h3>
        <p>{r.asks.clone()} ", counted back from " {r.as_of.clone()} "."</p>
        <div class="reach" role="img" aria-label=words.clone() data-testid="found-retention">
            <span class="reach-none" style:width=width(unreached)></span>
            <span class="reach-log" style:width=width(covered)></span>
            <span class="reach-none" style:width=width(silent)></span>
        </div>
        <div class="reach-ends fine">
            <span>{r.since.clone()}</span>
            <span>{r.as_of.clone()}</span>
        </div>
        <p>{words}</p>
        <dl class="change-counts">
            {end("oldest entry", &r.oldest)} {end("newest entry", &r.newest)} {older}
            {count("within", r.within)} {count("later", r.later)}
            {count("of unreadable time", r.undated)}
        </dl>
    }
}

/// Days from the beginning of one to the end of the other.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first; what is no number becomes 0"
)]
fn days(from: &str, to: &str) -> u64 {
    let day = |text: &str| js_sys::Date::parse(text) / DAY_MS;
    (day(to) - day(from) + 1.0).clamp(1.0, 1e7) as u64
}
