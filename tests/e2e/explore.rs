//! Finding entries on the real page: typing, clicking, dragging, sorting, exporting; and a log that fights back.

use std::path::Path;

use serde_json::json;

use crate::logs::Logs;
use crate::open_tampered;
use crate::page::{Page, Variant};
use crate::webdriver::wait_for;

fn first_row(page: &Page) -> Option<u64> {
    page.rows().first().map(|row| row.0)
}

#[test]
fn a_filter_is_typed_and_values_are_pressed() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    let all = logs.tampered.entries;
    page.wait_hits(all);

    page.type_filter("actor:nobody");
    page.wait_hits(1);
    assert_eq!(
        page.text("chip")
            .as_deref()
            .map(|t| t.contains("actor:nobody")),
        Some(true)
    );
    page.press("chip");
    page.wait_hits(all);

    // One in three entries is each actor's.
    let of_scoring = wait_for("the facets", || page.facet_count("actor", "svc-scoring"));
    page.press_value("actor", "svc-scoring", false);
    page.wait_hits(of_scoring);
    assert_eq!(page.filter(), "actor:svc-scoring");
    // The other values are counted under the other conditions, and a second one is wanted beside the first.
    let of_okafor = wait_for("the other actors", || {
        page.facet_count("actor", "dr.okafor")
    });
    page.press_value("actor", "dr.okafor", false);
    page.wait_hits(of_scoring + of_okafor);
    page.press_value("actor", "svc-scoring", false);
    page.wait_hits(of_okafor);
    page.press_value("actor", "dr.okafor", true);
    page.wait_hits(all - of_okafor);
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
}

#[test]
fn a_filter_that_cannot_be_understood_says_where_and_what_would_be_right() {
    let page = Page::open(Variant::SingleFile);
    let all = open_tampered(&page).tampered.entries;
    page.wait_hits(all);
    page.type_filter("actr:nobody \u{e00c}");
    page.wait_text("filter-error", |text| text.contains("actor"));
    assert_eq!(page.hits(), Some(all), "the last good filter still holds");
    page.press("nearest");
    page.wait_hits(1);
}

#[test]
fn a_part_of_the_timeline_is_dragged() {
    let page = Page::open(Variant::SingleFile);
    let all = open_tampered(&page).tampered.entries;
    page.wait_hits(all);
    wait_for("the timeline", || {
        let script = "const label = document.querySelector('[data-testid=\"timeline-area\"]')?.ariaLabel ?? '';
            return label.includes('2026-07-01');";
        page.browser
            .run(script, &json!([]))
            .as_bool()?
            .then_some(())
    });
    let script = "const r = document.querySelector('[data-testid=\"timeline-area\"]').getBoundingClientRect();
        return [r.left, r.top, r.width, r.height];";
    let place = page.browser.run(script, &json!([]));
    let at = |i: usize| place[i].as_f64().expect("a number");
    let y = at(1) + at(3) / 2.0;
    page.browser
        .drag((at(0) + at(2) * 0.25, y), (at(0) + at(2) * 0.5, y));
    let some = wait_for("fewer entries", || page.hits().filter(|n| *n < all));
    assert!((all / 8..all / 2).contains(&some), "{some} of {all}");
    let filter = page.filter();
    assert!(
        filter.contains("after:2026-07-01T") && filter.contains("before:2026-07-0"),
        "{filter}"
    );
    // The whole time, and all entries again.
    page.press("clear-filter");
    page.wait_hits(all);
}

#[test]
fn the_list_is_sorted_and_an_entry_leads_to_others() {
    let page = Page::open(Variant::SingleFile);
    let all = open_tampered(&page).tampered.entries;
    page.wait_hits(all);
    wait_for("source order", || (first_row(&page)? == 0).then_some(()));
    let time = "[data-testid=\"sort\"][data-column=\"timestamp\"]";
    for last_first in [false, true] {
        let head = page.browser.find(time).pop().expect("the time has a head");
        page.browser.click(&head);
        let first = if last_first { all as u64 - 1 } else { 0 };
        wait_for("the order", || (first_row(&page)? == first).then_some(()));
    }
    let row = page
        .browser
        .find("[data-testid=\"row\"]")
        .into_iter()
        .next()
        .expect("a row");
    page.browser.click(&row);
    page.wait_text("entry", |text| text.contains("entry-002999"));
    page.press("around");
    let found = wait_for("the same resource", || page.hits().filter(|n| *n < all));
    assert!(
        found > 0 && page.filter().contains("resource_id:"),
        "{}",
        page.filter()
    );
    // The entry is one of them, and stays open.
    assert!(
        page.text("entry")
            .is_some_and(|text| text.contains("entry-002999"))
    );
}

#[test]
fn what_is_found_is_exported_and_opened_again() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    page.wait_hits(logs.tampered.entries);
    let folder = logs.file("exports");
    std::fs::create_dir_all(&folder).expect("a folder for the exports");
    let file = folder.join("tampered-entries.jsonl");
    std::fs::remove_file(&file).ok();
    page.browser.save_into(&folder);

    page.type_filter("actor:nobody OR resource_type:model");
    let found = wait_for("what is to be exported", || {
        page.hits().filter(|n| *n < logs.tampered.entries && *n > 1)
    });
    let mismatched = wait_for("the facets of what was found", || {
        let mismatched = page.facet_count("verdict", "mismatched")?;
        (page.facet_count("verdict", "verified")? + mismatched == found).then_some(mismatched)
    });
    page.press("export");
    let script = "const item = [...document.querySelectorAll('.menu-item')].find(i => i.innerText.includes('JSON Lines'));
        item?.click(); return !!item;";
    wait_for("the menu", || {
        page.browser
            .run(script, &json!([]))
            .as_bool()?
            .then_some(())
    });
    page.wait_text("said", |text| text.contains("exported"));
    wait_for("the file", || whole(&file, found));

    page.browser.open(&page.address);
    page.choose(&[&file]);
    page.wait("answers");
    page.wait_hits(found);
    wait_for("the verdicts", || {
        page.facet_count("verdict", "verified").filter(|n| *n > 0)
    });
    assert_eq!(page.facet_count("verdict", "mismatched"), Some(mismatched));
}

/// A file that was saved whole.
fn whole(file: &Path, lines: usize) -> Option<()> {
    let text = std::fs::read_to_string(file).ok()?;
    (text.lines().count() == lines && text.ends_with('\n')).then_some(())
}

#[test]
fn a_link_reproduces_the_view_and_back_undoes() {
    let page = Page::open(Variant::Hosted);
    let logs = open_tampered(&page);
    let all = logs.tampered.entries;
    page.wait_hits(all);
    let of_okafor = wait_for("the facets", || page.facet_count("actor", "dr.okafor"));
    page.press_value("actor", "dr.okafor", false);
    page.wait_hits(of_okafor);
    let address = wait_for("the address", || {
        let address = page.browser.run("return location.href", &json!([]));
        let address = address.as_str()?.to_owned();
        address
            .contains("#filter=actor:dr.okafor")
            .then_some(address)
    });
    page.browser.run("history.back()", &json!([]));
    page.wait_hits(all);

    let other = Page::open(Variant::Hosted);
    let fragment = address.split_once('#').expect("a fragment").1;
    other.browser.open(&format!("{}#{fragment}", other.address));
    other.browser.run("location.reload()", &json!([]));
    other.wait("open-input");
    open_tampered(&other);
    other.wait_hits(of_okafor);
    assert_eq!(other.filter(), "actor:dr.okafor");
}

#[test]
fn a_hostile_log_neither_runs_nor_breaks_the_page() {
    let page = Page::open(Variant::SingleFile);
    let hostile = &Logs::get().hostile;
    page.choose(&[&Logs::get().file("hostile.jsonl")]);
    page.wait("answers");
    page.wait_hits(hostile.entries);
    wait_for("every row to be read", || {
        (page.rows().len() > 10).then_some(())
    });
    // Every hostile text is shown: in the list, in the panel, as a column, in the facets, in the completions.
    let rows = page.browser.find("[data-testid=\"row\"]");
    for row in rows.iter().take(16) {
        page.browser.click(row);
    }
    page.wait("canonical");
    page.press("as-column");
    page.press("as-facet");
    page.press("include");
    page.wait_hits_below(hostile.entries);
    page.type_filter("actor:");
    page.wait("completion");
    page.type_filter("");
    page.wait_hits(hostile.entries);
    let script =
        "const actor = document.querySelector('[data-testid=\"facet\"][data-field=\"actor\"]');
        return actor?.querySelector('.facet-distinct')?.innerText ?? '';";
    wait_for("the actors", || {
        let text = page.browser.run(script, &json!([]));
        let digits: String = text
            .as_str()?
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        (digits.parse::<usize>().ok()? == hostile.actors).then_some(())
    });
    let pwned = page.browser.run("return window.pwned ?? null", &json!([]));
    assert!(pwned.is_null(), "{pwned}");
    let script = "return document.querySelectorAll('.auditglass :is(script, img, iframe, object, [onerror], [onload])').length;";
    assert_eq!(page.browser.run(script, &json!([])), json!(0));
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
}
