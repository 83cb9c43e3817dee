//! What a report is asked.

use auditglass::Attached;
use leptos::prelude::*;
use web_sys::File;

use crate::state::{Form, Viewer};
use crate::widgets::{FilePicker, pick, plain};

/// Policies with a name, as the command knows them.
const POLICIES: [(&str, &str); 7] = [
    ("", "no policy"),
    ("90d", "90 days"),
    ("eu-ai-act", "6 months: EU AI Act, Art. 19 and 26(6)"),
    ("sec-17a-4-3y", "3 years: SEC Rule 17a-4(b)"),
    ("hipaa", "6 years: HIPAA"),
    ("sec-17a-4-6y", "6 years: SEC Rule 17a-4(a)"),
    ("sox", "7 years: SOX"),
];

/// The fields.
#[component]
pub(super) fn Asked() -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <div class="report-form">
            <h3>"Period"</h3>
            <div class="report-field">
                {text(viewer, "from", "From", "2026-03", |f| &f.from, |f, t| f.from = t)}
                {text(viewer, "to", "To", "2026-05-31", |f| &f.to, |f, t| f.to = t)}
                <p class="fine">
                    "A year, a month, a day or a time. "<i>"To"</i>" takes in all of its date."
                </p>
            </div>
            <h3>"Counts from elsewhere"</h3>
            <div class="report-field">
                {text(
                    viewer,
                    "expect-count",
                    "Entries",
                    "12,000",
                    |f| &f.expect_count,
                    |f, t| f.expect_count = t,
                )}
                <Totals />
                <p class="fine">
                    "What somebody else counted is how completeness is established. A table has the columns "
                    <code>"period"</code>", "<code>"count"</code>" and, where you like, "
                    <code>"event_type"</code>"."
                </p>
            </div>
            <h3>"Retention"</h3>
            <div class="report-field">
                <Policy />
                {text(viewer, "as-of", "counted back from", "2026-11-24", |f| &f.as_of, |f, t| f.as_of = t)}
            </div>
            <h3>"Pairs"</h3>
            <div class="report-field">
                {text(
                    viewer,
                    "pair",
                    "Path",
                    "details.request_id",
                    |f| &f.pair,
                    |f, t| f.pair = t,
                )}
                <p class="fine">
                    "By which a request and its response belong together, where it is not one of the usual ones."
                </p>
            </div>
            <h3>"Contents"</h3>
            <div class="report-field">
                {tick(
                    viewer,
                    "scan",
                    "Look for personal data, secrets, proprietary detail and guessable hashes",
                    |f| f.scan,
                    |f, on| f.scan = on,
                )}
                {tick(
                    viewer,
                    "slice",
                    "Write an evidence slice: the failing entries with the exact bytes that were hashed",
                    |f| f.evidence_slice,
                    |f, on| f.evidence_slice = on,
                )}
            </div>
        </div>
    }
}

/// A field of one line.
fn text(
    viewer: Viewer,
    name: &'static str,
    label: &'static str,
    example: &'static str,
    get: impl Fn(&Form) -> &String + Send + Sync + 'static,
    set: impl Fn(&mut Form, String) + 'static,
) -> impl IntoView {
    let form = viewer.reporting.form;
    view! {
        <label>
            <span>{label}</span>
            <input
                type="text"
                placeholder=example
                spellcheck="false"
                autocomplete="off"
                data-testid=format!("report-{name}")
                prop:value=move || form.with(|f| get(f).clone())
                on:input=move |event| viewer.edit_report(|f| set(f, event_target_value(&event)))
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        viewer.make_report();
                    }
                }
            />
        </label>
    }
}

fn tick(
    viewer: Viewer,
    name: &'static str,
    label: &'static str,
    get: impl Fn(&Form) -> bool + Send + Sync + 'static,
    set: impl Fn(&mut Form, bool) + 'static,
) -> impl IntoView {
    let form = viewer.reporting.form;
    view! {
        <label class="tick">
            <input
                type="checkbox"
                data-testid=format!("report-{name}")
                prop:checked=move || form.with(&get)
                on:change=move |event| viewer.edit_report(|f| set(f, event_target_checked(&event)))
            />
            <span>{label}</span>
        </label>
    }
}

/// A policy with a name, or one of the reader's own.
#[component]
fn Policy() -> impl IntoView {
    let viewer = Viewer::here();
    let policy = move || viewer.reporting.form.with(|f| f.policy.clone());
    let is_known = |policy: &str| POLICIES.iter().any(|(code, _)| *code == policy);
    let is_own = RwSignal::new(!is_known(&policy()));
    let options: Vec<_> = POLICIES
        .into_iter()
        .map(|(code, words)| view! { <option value=code>{words}</option> })
        .collect();
    let chosen = move || match is_own.get() {
        true => "own".to_owned(),
        false => policy(),
    };
    let choose = move |event| {
        let code = event_target_value(&event);
        is_own.set(code == "own");
        viewer.edit_report(|f| {
            f.policy = if code == "own" {
                "400d".to_owned()
            } else {
                code
            }
        });
    };
    view! {
        <label>
            <span>"Policy"</span>
            <select data-testid="report-policy" prop:value=chosen on:change=choose>
                {options}
                <option value="own">"one of your own…"</option>
            </select>
        </label>
        <Show when=move || is_own.get()>
            {text(viewer, "own-policy", "that is", "400d, 18m, 5y", |f| &f.policy, |f, t| f.policy = t)}
        </Show>
    }
}

/// A table of counts per period and type.
#[component]
fn Totals() -> impl IntoView {
    let viewer = Viewer::here();
    let picker = NodeRef::new();
    let name = move || {
        let form = viewer.reporting.form;
        form.with(|f| f.control_totals.as_ref().map(|file| file.name.clone()))
    };
    let take = move |files: Vec<File>| {
        if let Some(file) = files.into_iter().next() {
            viewer.read_text(file, |viewer, name, text| {
                viewer.edit_report(|f| f.control_totals = Some(Attached { name, text }));
            });
        }
    };
    view! {
        <FilePicker input=picker name="report-totals-input" chosen=take />
        {move || match name() {
            None => {
                view! {
                    <button type="button" on:click=move |_| pick(picker)>
                        "A table of counts…"
                    </button>
                }
                    .into_any()
            }
            Some(name) => {
                view! {
                    <span class="attached" data-testid="report-totals">
                        {plain(name)}
                        <button
                            type="button"
                            class="quiet icon"
                            aria-label="Without the table"
                            on:click=move |_| viewer.edit_report(|f| f.control_totals = None)
                        >
                            "✕"
                        </button>
                    </span>
                }
                    .into_any()
            }
        }}
    }
}
