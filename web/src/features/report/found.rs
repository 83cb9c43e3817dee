//! What was found of what was asked, as the document says it too.

use auditglass::{
    Answer, Answered, ControlTotals, Pairing, Period, ReportFound, Scan, Sighting, Slice,
};
use leptos::html::Div;
use leptos::prelude::*;

use super::retention::retention;
use crate::format;
use crate::state::Viewer;
use crate::widgets::plain;

/// Sightings that are listed; the document lists more.
const LISTED: usize = 100;

pub(super) fn found(viewer: Viewer, found: &ReportFound) -> impl IntoView + use<> {
    let answers = &found.answers;
    let place = NodeRef::<Div>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            place.scroll_into_view();
        }
    });
    view! {
        <div class="report-found" data-testid="report-found" node_ref=place>
            <ul class="report-answers">
                {answer("Consistency", &answers.consistency)}
                {answer("Completeness", &answers.completeness)}
                {answer("Authenticity", &answers.authenticity)}
            </ul>
            {found.period.as_ref().map(|p| period(viewer, p))}
            {found.control_totals.as_ref().map(|c| control_totals(viewer, c))}
            {found.pairing.as_ref().map(pairing)}
            {found.retention.as_ref().map(|r| retention(viewer, r))}
            {found.scan.as_ref().map(|s| scan(viewer, s))}
            {found.slice.as_ref().map(slice)}
            {unmatched(found)}
        </div>
    }
}

fn answer(question: &'static str, answered: &Answered) -> impl IntoView + use<> {
    let (class, words) = match answered.answer {
        Answer::Confirmed => ("pill ok", "confirmed"),
        Answer::NotConfirmed => ("pill bad", "not confirmed"),
        Answer::CannotBeKnown => ("pill", "cannot be known"),
    };
    view! {
        <li>
            <b>{question}</b>
            <span class=class>{words}</span>
            <span>{plain(answered.sentence.clone())}</span>
        </li>
    }
}

/// Leads to the entries that an expression selects.
pub(super) fn show(viewer: Viewer, filter: String, words: String) -> impl IntoView {
    view! {
        <button
            type="button"
            class="quiet small link"
            title=format!("Show these entries: {filter}")
            on:click=move |_| {
                viewer.sheet.set(None);
                viewer.set_filter(filter.clone());
            }
        >
            {words}
        </button>
    }
}

fn period(viewer: Viewer, period: &Period) -> impl IntoView + use<> {
    let span = match &period.span {
        Some((first, last)) => format!("from {first} to {last}"),
        None => "none".to_owned(),
    };
    let totals = period.totals;
    view! {
        <h3>"The period"</h3>
        <p data-testid="found-period">
            {show(
                viewer,
                period.filter.clone(),
                format::counted(totals.entries, "entry", "entries"),
            )}
            {plain(format!(" {span}, {} verified.", format::count(totals.verified)))}
        </p>
    }
}

fn control_totals(viewer: Viewer, control: &ControlTotals) -> impl IntoView + use<> {
    let all = |text: &str| if text.is_empty() { "all" } else { text }.to_owned();
    let rows: Vec<_> = control
        .lines
        .iter()
        .take(LISTED)
        .map(|line| {
            let is_met = line.expected == line.found;
            let event_type = line.event_type.clone().unwrap_or_default();
            view! {
                <tr class:bad=!is_met>
                    <td>{plain(all(&line.period))}</td>
                    <td>{plain(all(&event_type))}</td>
                    <td class="number">{format::count(line.expected)}</td>
                    <td class="number">
                        {show(viewer, line.filter.clone(), format::count(line.found))}
                    </td>
                    <td>{if is_met { "met" } else { "not met" }}</td>
                </tr>
            }
        })
        .collect();
    let rest = control.lines.len().saturating_sub(LISTED) as u64;
    view! {
        <h3>"Counts from elsewhere"</h3>
        <div class="report-table">
            <table data-testid="found-totals">
                <thead>
                    <tr>
                        <th>"period"</th>
                        <th>"event type"</th>
                        <th class="number">"expected"</th>
                        <th class="number">"found"</th>
                        <th></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(rest > 0).then(|| view! { <p class="fine">{format!("{} more in the document.", format::count(rest))}</p> })}
        {(control.uncovered > 0)
            .then(|| {
                view! {
                    <p class="fine">
                        {format!(
                            "{} in none of these counts.",
                            format::counted(control.uncovered, "entry is", "entries are"),
                        )}
                    </p>
                }
            })}
    }
}

fn pairing(pairing: &Pairing) -> impl IntoView + use<> {
    let text = match &pairing.path {
        None => format!(
            "{} requests and {} responses were not paired: no value in their details is known to be in both. A path can be named above.",
            format::count(pairing.requests),
            format::count(pairing.responses)
        ),
        Some(path) => format!(
            "By {path}, of {} requests {} have no response, and of {} responses {} have no request.",
            format::count(pairing.requests),
            format::count(pairing.unanswered),
            format::count(pairing.responses),
            format::count(pairing.unasked)
        ),
    };
    view! {
        <h3>"Requests and responses"</h3>
        <p data-testid="found-pairing">{plain(text)}</p>
    }
}

fn scan(viewer: Viewer, scan: &Scan) -> impl IntoView + use<> {
    let rows: Vec<_> = scan
        .sightings
        .iter()
        .take(LISTED)
        .map(|s| sighting(viewer, s))
        .collect();
    let rest = scan.sightings.len().saturating_sub(LISTED) as u64;
    let lead = format!(
        "All fields of {} were looked through{}",
        format::counted(scan.entries, "entry", "entries"),
        if rows.is_empty() {
            ". Nothing was seen."
        } else {
            ", by form and by key. Values are masked."
        }
    );
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="report-table">
                <table data-testid="found-scan">
                    <thead>
                        <tr>
                            <th>"what"</th>
                            <th>"where"</th>
                            <th class="number">"entries"</th>
                            <th>"for example"</th>
                            <th></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <h3>"What a log should perhaps not hold"</h3>
        <p>{lead}</p>
        {table}
        {(rest > 0).then(|| view! { <p class="fine">{format!("{} more in the document.", format::count(rest))}</p> })}
    }
}

fn sighting(viewer: Viewer, sighting: &Sighting) -> impl IntoView + use<> {
    let class = match sighting.group.as_str() {
        "secret" => "pill bad",
        "personal" => "pill warn",
        _ => "pill",
    };
    let row = sighting.first.row;
    view! {
        <tr>
            <td>
                <span class=class>{sighting.kind.clone()}</span>
            </td>
            <td>
                <code>{plain(sighting.path.clone())}</code>
            </td>
            <td class="number">{format::count(sighting.entries)}</td>
            <td>
                <code>{plain(sighting.examples.join("; "))}</code>
            </td>
            <td>
                <button
                    type="button"
                    class="quiet small link"
                    title="Show the first entry"
                    on:click=move |_| {
                        viewer.sheet.set(None);
                        viewer.open_row(row);
                    }
                >
                    "first"
                </button>
            </td>
        </tr>
    }
}

fn slice(slice: &Slice) -> impl IntoView + use<> {
    view! {
        <p class="fine" data-testid="found-slice">
            {format!(
                "The evidence slice holds {}; its SHA-256 is ",
                format::counted(slice.entries, "entry", "entries"),
            )}
            <code>{slice.sha256.clone()}</code>
            "."
        </p>
    }
}

/// Notes about entries that are not there.
fn unmatched(found: &ReportFound) -> Option<impl IntoView + use<>> {
    let gone = found.notes.iter().filter(|n| n.entry.is_none()).count() as u64;
    (gone > 0).then(|| {
        view! {
            <p class="fine">
                {format!(
                    "{} not in this log.",
                    format::counted(gone, "note is about an entry that is", "notes are about entries that are"),
                )}
            </p>
        }
    })
}
