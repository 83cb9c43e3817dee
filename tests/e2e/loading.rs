//! Entries that are shown while the log is still being verified: marked as a part, growing, and never moving.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::logs::Logs;
use crate::page::{Page, Variant};
use crate::webdriver::wait_for;

/// Enough for the page to be asked several times while they are verified.
/// As many as a list shows without scaling its height, which would move with each part.
const ENTRIES: usize = 280_000;
/// Bytes in each entry that make the verification last.
const PADDING: usize = 1_500;

/// A log without checksums, made here.
fn long_log() -> PathBuf {
    let file = Logs::get().file("long.jsonl");
    let mut text = String::new();
    let padding = "x".repeat(PADDING);
    for i in 0..ENTRIES {
        let (actor, kind) = (
            i % 7,
            if i % 3 == 0 {
                "data_access"
            } else {
                "prediction"
            },
        );
        let _ = writeln!(
            text,
            "{{\"entry_id\": \"e{i}\", \"timestamp\": \"2026-03-{:02}T{:02}:{:02}:{:02}\", \"event_type\": \"{kind}\", \
             \"actor\": \"user_{actor}\", \"resource_type\": \"model\", \"resource_id\": \"m:{actor}\", \"action\": \"read\", \
             \"details\": {{\"number\": {i}, \"text\": \"{padding}\"}}, \"checksum\": null}}",
            i / 86_400 + 1,
            i / 3_600 % 24,
            i / 60 % 60,
            i % 60
        );
    }
    std::fs::write(&file, text).expect("the folder can be written");
    file
}

/// What must stay as it is: how far the list is scrolled, the row at the top, the open entry, and the very elements.
fn seen(page: &Page) -> Value {
    let script = "const area = document.querySelector('.vlist');
        const top = [...document.querySelectorAll('[data-testid=\"row\"]')]
            .find(row => row.getBoundingClientRect().top >= area.getBoundingClientRect().top);
        return [area.scrollTop, top?.dataset.row ?? null, document.querySelector('.entry-body')?.dataset.row ?? null,
            area.marked === true, top?.marked === true, document.querySelector('.tr.current')?.dataset.row ?? null];";
    page.browser.run(script, &json!([]))
}

#[test]
fn a_part_is_shown_while_the_rest_is_verified_and_nothing_moves() {
    let page = Page::open(Variant::Hosted);
    let log = long_log();
    page.choose(&[&log]);
    let first = wait_for("a part", || page.hits().filter(|n| *n > 0));
    assert!(first < ENTRIES, "all were there at once");
    assert!(page.now("progress").is_some() && page.now("answers").is_none());
    page.wait("row");
    let facet = wait_for("the facets", || {
        page.facet_count("verdict", "unchecksummed")
    });
    assert!((first..ENTRIES).contains(&facet), "{facet}");

    // Somewhere in the middle, an entry is opened.
    // The first part may be shorter than that.
    let scroll = "document.querySelector('.vlist').scrollTop = 28 * 5000;";
    wait_for("rows in the middle", || {
        page.browser.run(scroll, &json!([]));
        let seen = seen(&page);
        (seen[1] == "5000").then_some(())
    });
    let script = "const area = document.querySelector('.vlist');
        const rows = [...document.querySelectorAll('[data-testid=\"row\"]')];
        const top = rows.find(row => row.getBoundingClientRect().top >= area.getBoundingClientRect().top);
        area.marked = true; top.marked = true; top.click();";
    page.browser.run(script, &json!([]));
    page.wait("entry");
    wait_for("the open entry", || {
        (seen(&page)[2] == "5000").then_some(())
    });
    let before = (page.hits(), seen(&page));
    wait_for("more entries", || {
        page.hits().filter(|n| Some(*n) > before.0)
    });
    assert_eq!(seen(&page), before.1, "nothing moves when more come");
    assert!(page.now("progress").is_some(), "it was over too soon");

    page.wait_hits(ENTRIES);
    page.wait("answers");
    assert!(page.now("progress").is_none());
    assert_eq!(seen(&page), before.1, "nothing moves when all are there");
    wait_for("the last counts", || {
        (page.facet_count("verdict", "unchecksummed") == Some(ENTRIES)).then_some(())
    });
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
    std::fs::remove_file(&log).ok();
}

#[test]
fn a_filter_holds_for_what_comes_later() {
    let page = Page::open(Variant::Hosted);
    let log = long_log();
    page.choose(&[&log]);
    let first = wait_for("a part", || page.hits().filter(|n| *n > 0));
    page.type_filter("event_type:data_access actor:user_0");
    let some = wait_for("fewer", || page.hits().filter(|n| *n < first && *n > 0));
    wait_for("more of them", || page.hits().filter(|n| *n > some));
    page.wait_hits(ENTRIES.div_ceil(21));
    page.wait("answers");
    std::fs::remove_file(&log).ok();
}
