//! The claimed and the recomputed checksum side by side, and the bytes behind the second.

use auditglass::{EntryView, Verdict};
use leptos::prelude::*;

use crate::format;
use crate::widgets::CopyButton;

/// Characters of the hashed bytes that are shown at once; *copy* takes all of them.
const SHOWN: usize = 64 * 1024;

/// Both checksums; where they differ, the part that does is marked.
pub(super) fn checksums(entry: &EntryView) -> impl IntoView + use<> {
    let claimed = entry.claimed_checksum.clone();
    let recomputed = entry.recomputed_checksum.clone();
    let same = match (&claimed, &recomputed) {
        (Some(a), Some(b)) => format::common_prefix(a, b),
        // One side alone: there is nothing to compare, so nothing is marked.
        (None, _) | (_, None) => usize::MAX,
    };
    view! {
        <dl class="checksums">
            <div>
                <dt>"claimed"</dt>
                <dd data-testid="claimed">{digits(claimed, same, "none")}</dd>
            </div>
            <div>
                <dt>"recomputed"</dt>
                <dd data-testid="recomputed">{digits(recomputed, same, "not possible")}</dd>
            </div>
        </dl>
    }
}

fn digits(text: Option<String>, same: usize, absent: &'static str) -> AnyView {
    let Some(text) = text else {
        return view! { <span class="dim">{absent}</span> }.into_any();
    };
    if text.is_empty() {
        return view! { <span class="dim">"empty text"</span> }.into_any();
    }
    let (head, tail) = text.split_at_checked(same).unwrap_or((&text, ""));
    let tail = (!tail.is_empty()).then(|| view! { <mark>{tail.to_owned()}</mark> });
    view! { <code>{head.to_owned()} {tail}</code> }.into_any()
}

/// The exact bytes that were hashed, and the whole digest over them.
pub(super) fn canonical(entry: &EntryView) -> impl IntoView + use<> {
    let Some(canonical) = entry.canonical.clone() else {
        return view! {
            <h3>"The exact bytes hashed"</h3>
            <p class="dim">
                "There are none: no canonical form can be made of this entry, for the reason above."
            </p>
        }
        .into_any();
    };
    let length = canonical.len() as u64;
    let shown: String = canonical.chars().take(SHOWN).collect();
    let cut = (shown.len() < canonical.len()).then(|| {
        let rest = format::count((canonical.len() - shown.len()) as u64);
        view! { <p class="dim">{format!("{rest} more bytes are not shown; copy takes all of them.")}</p> }
    });
    let sha256 = entry.sha256.clone().map(|hex| {
        let text = hex.clone();
        view! {
            <h3>
                "SHA-256 of these bytes"
                <CopyButton label="Copy the SHA-256" text=move || text.clone() />
            </h3>
            <code class="sha256" data-testid="entry-sha256">
                {hex}
            </code>
            <p class="fine">
                {(entry.verdict != Verdict::Unchecksummed)
                    .then_some("The checksum of an entry is the first 16 digits of this digest.")}
            </p>
        }
    });
    view! {
        <h3>
            {format!("The exact bytes hashed ({})", format::counted(length, "byte", "bytes"))}
            <CopyButton label="Copy the exact bytes hashed" text=move || canonical.clone() />
        </h3>
        <pre tabindex="0" data-testid="canonical">
            {shown}
        </pre>
        {cut}
        {sha256}
    }
    .into_any()
}
