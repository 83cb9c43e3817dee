//! Entries that are shown while the log is still being verified: marked as a part, growing, and never moving.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::logs::Logs;
use crate::page::{Page, Variant};
use crate::webdriver::wait_for;

/// Enough for the page to be asked several times while they are verified.
const ENTRIES: usize = 900_000;
/// The same after they are more than `UNSCALED`.
const MANY_ENTRIES: usize = 2_000_000;
/// Bytes in each entry that make the verification last.
const PADDING: usize = 600;
/// As many entries as a list shows without scaling its height.
const UNSCALED: usize = 285_714;
/// The height of a row.
const ROW: i64 = 28;

/// A log without checksums, made here.
fn long_log() -> PathBuf {
    log_of(ENTRIES, PADDING)
}

fn log_of(entries: usize, padding: usize) -> PathBuf {
    let file = Logs::get().file("long.jsonl");
    let mut text = String::new();
    let padding = "x".repeat(padding);
    for i in 0..entries {
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
            .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
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

    // Somewhere in the middle, but near enough to the start that no length scales it, an entry is opened.
    // The first part may be shorter than that.
    let scroll = "document.querySelector('.vlist').scrollTop = 28 * 3000;";
    wait_for("rows in the middle", || {
        page.browser.run(scroll, &json!([]));
        let seen = seen(&page);
        (seen[1] == "3000").then_some(())
    });
    let script = "const area = document.querySelector('.vlist');
        const rows = [...document.querySelectorAll('[data-testid=\"row\"]')]
            .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex);
        const top = rows.find(row => row.getBoundingClientRect().top >= area.getBoundingClientRect().top);
        area.marked = true; top.marked = true; top.click();";
    page.browser.run(script, &json!([]));
    page.wait("entry");
    wait_for("the open entry", || {
        (seen(&page)[2] == "3000").then_some(())
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

/// The list's pixel at the upper edge of its window, and the place of the last row that is wholly in it.
fn window(page: &Page) -> (i64, i64) {
    let script = "const area = document.querySelector('.vlist').getBoundingClientRect();
        const rows = [...document.querySelectorAll('[data-testid=\"row\"]')]
            .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
            .map(row => [Number(row.id.split('-').pop()), row.getBoundingClientRect()]);
        const seen = rows.filter(([, box]) => box.bottom > area.top && box.top < area.bottom);
        const whole = seen.filter(([, box]) => box.bottom <= area.bottom + 1);
        if (!whole.length) return null;
        return [Math.round(seen[0][0] * 28 + area.top - seen[0][1].top), whole.at(-1)[0]];";
    wait_for("rows in the window", || {
        let seen = page.browser.run(script, &json!([]));
        Some((seen[0].as_i64()?, seen[1].as_i64()?))
    })
}

fn more(page: &Page) -> usize {
    let before = page.hits();
    wait_for("more entries", || page.hits().filter(|n| Some(*n) > before))
}

#[test]
fn a_list_that_is_scaled_keeps_its_place_while_it_grows() {
    let page = Page::open(Variant::Hosted);
    let log = log_of(MANY_ENTRIES, 120);
    page.choose(&[&log]);
    wait_for("a list that is scaled", || {
        page.hits().filter(|n| *n > UNSCALED)
    });
    page.wait_text("progress", |text| {
        text.contains(" MB of ") && text.contains(" entries/s") && text.contains(" left")
    });
    let scroll = |to: &str| {
        let script =
            format!("const list = document.querySelector('.vlist'); list.scrollTop = {to};");
        page.browser.run(&script, &json!([]));
    };
    let turn = |down: i64| page.browser.wheel((400, 600), down);

    let wait_window = |what: &str, is_it: &dyn Fn((i64, i64)) -> bool| {
        wait_for(what, || is_it(window(&page)).then_some(()));
    };

    scroll("list.scrollHeight / 2 + 11");
    wait_window("rows in the middle", &|(top, _)| top / ROW > 100_000);
    let middle = window(&page);
    more(&page);
    assert_eq!(window(&page), middle, "nothing moves when more come");
    turn(4 * ROW);
    wait_window("four rows on", &|(top, _)| top == middle.0 + 4 * ROW);

    // At the end there is more to scroll to as soon as more has come.
    let before = page.hits().and_then(|n| i64::try_from(n).ok());
    scroll("list.scrollHeight");
    wait_window("the end", &|(_, last)| Some(last + 1) >= before);
    let end = window(&page);
    more(&page);
    assert_eq!(window(&page), end, "nothing moves when more come");
    turn(10 * ROW);
    wait_window("ten rows on", &|(top, _)| top == end.0 + 10 * ROW);
    scroll("list.scrollHeight / 3");
    wait_window("rows far from the end", &|(top, _)| {
        top < end.0 - 1_000 * ROW
    });
    let place = window(&page);
    assert!(page.now("progress").is_some(), "it was over too soon");

    page.wait_hits(MANY_ENTRIES);
    page.wait("answers");
    assert_eq!(window(&page).0, place.0, "nothing moves when all are there");

    // Keys lead to both ends, and from there the wheel leads on.
    let last = i64::try_from(MANY_ENTRIES).expect("few") - 1;
    page.type_into("table", "\u{e010}");
    wait_window("the last row", &|(_, row)| row == last);
    let end = window(&page).0;
    turn(-10 * ROW);
    wait_window("ten rows up", &|(top, _)| top == end - 10 * ROW);
    page.type_into("table", "\u{e011}");
    wait_window("the first row", &|(top, _)| top == 0);
    turn(10 * ROW);
    wait_window("ten rows down", &|(top, _)| top == 10 * ROW);
    turn(-20 * ROW);
    wait_window("the first row again", &|(top, _)| top == 0);
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
