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
    let share = |days: u64| {
        #[expect(clippy::cast_precision_loss, reason = "the width of a bar")]
        let share = days as f64 / asked * 100.0;
        share.clamp(0.0, 100.0)
    };
    let (unreached, silent) = match r.oldest {
        Some(_) => (share(r.unreached_days), share(r.silent_days)),
        None => (100.0, 0.0),
    };
    let covered = (100.0 - unreached - silent).max(0.0);
    let width = |share: f64| format!("{share:.2}%");
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
    let words = format!(
        "Of {} asked for, the log reaches back to all but {}{}",
        format::counted(whole(asked), "day", "days"),
        format::counted(r.unreached_days, "day", "days"),
        match r.silent_days {
            0 => ".".to_owned(),
            n => format!(
                ", and says nothing of the last {}.",
                format::counted(n, "day", "days")
            ),
        }
    );
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
fn days(from: &str, to: &str) -> f64 {
    let day = |text: &str| js_sys::Date::parse(text) / DAY_MS;
    (day(to) - day(from) + 1.0).max(1.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of days"
)]
fn whole(days: f64) -> u64 {
    if days.is_finite() { days as u64 } else { 0 }
}
