//! The real page in a real browser, once from a web server and once as a single file from the disk.
//!
//! Needs `dist/` (made by `cargo xtask bundle`), Chromium and chromedriver; `cargo xtask test` sees to all three.

mod compare;
mod explore;
mod loading;
mod logs;
mod opening;
mod page;
mod server;
mod sql;
mod webdriver;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use logs::Logs;
use page::{Page, Variant};
use webdriver::wait_for;

/// Opens the altered log and its `-wal` file and waits until it is judged.
fn open_tampered(page: &Page) -> &'static Logs {
    let logs = Logs::get();
    page.choose(&[&logs.file("tampered.db"), &logs.file("tampered.db-wal")]);
    page.wait("answers");
    wait_for("all entries", || {
        (page.number("entries-total") == Some(logs.tampered.entries)).then_some(())
    });
    logs
}

fn finds_exactly_what_was_altered(variant: Variant) {
    let page = Page::open(variant);
    let logs = open_tampered(&page);
    let expected = &logs.tampered;
    let count = |verdict| {
        wait_for(format!("the count of {verdict}"), || {
            page.facet_count("verdict", verdict)
        })
    };
    wait_for("the counts", || {
        (page.facet_count("verdict", "verified")? > 0).then_some(())
    });
    assert_eq!(count("mismatched"), expected.altered.len());
    assert_eq!(count("verified"), expected.entries - expected.altered.len());
    assert_eq!(count("unchecksummed"), 0);
    assert_eq!(count("unreadable"), 0);

    page.press_value("verdict", "mismatched", false);
    let rows = wait_for("the altered entries alone", || {
        let rows = page.rows();
        let all_differ = rows.iter().all(|(_, verdict)| verdict == "mismatched");
        (rows.len() == expected.altered.len() && all_differ).then_some(rows)
    });
    let mut found = BTreeMap::new();
    for (place, _) in rows {
        let row = wait_for("the row", || {
            page.browser
                .find(&format!("[data-testid=\"row\"][data-row=\"{place}\"]"))
                .pop()
        });
        page.browser.click(&row);
        let id = wait_for("the entry's panel", || {
            let text = page.text("entry")?;
            expected
                .altered
                .iter()
                .map(|entry| &entry.entry_id)
                .find(|id| text.contains(*id) && !found.contains_key(*id))
        });
        let checksums = (
            page.text("claimed").unwrap_or_default(),
            page.text("recomputed").unwrap_or_default(),
        );
        let hashed = page.text("canonical").unwrap_or_default();
        assert!(
            hashed.contains(&format!("\"entry_id\": \"{id}\"")),
            "the bytes hashed are not those of {id}: {hashed}"
        );
        found.insert(id.clone(), checksums);
    }
    for entry in &expected.altered {
        let (claimed, recomputed) = &found[&entry.entry_id];
        assert!(
            claimed.contains(&entry.claimed),
            "{}: claims {claimed:?}",
            entry.entry_id
        );
        assert!(
            recomputed.contains(&entry.recomputed),
            "{}: recomputed {recomputed:?}",
            entry.entry_id
        );
    }
    page.wait_attribute("file-sha256", "data-sha256", &expected.sha256);
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
    check_requests(&page, variant);
}

/// The hosted page asks for its own files, the single file for nothing at all.
fn check_requests(page: &Page, variant: Variant) {
    let requests = page.browser.requests();
    assert!(
        requests.contains(&page.address),
        "the log of requests lacks the page itself: {requests:?}"
    );
    let foreign: Vec<_> = match variant {
        Variant::Hosted => requests
            .iter()
            .filter(|address| !address.starts_with(&page.address))
            .collect(),
        // A worker's script in memory is no request; Chromium logs its start like one.
        Variant::SingleFile => requests
            .iter()
            .filter(|address| **address != page.address && !address.starts_with("blob:"))
            .collect(),
    };
    assert!(foreign.is_empty(), "asked for {foreign:?}");
}

#[test]
fn hosted_finds_exactly_what_was_altered() {
    finds_exactly_what_was_altered(Variant::Hosted);
}

#[test]
fn single_file_finds_exactly_what_was_altered_and_makes_no_request() {
    finds_exactly_what_was_altered(Variant::SingleFile);
}

fn cancels_and_goes_on(variant: Variant) {
    let page = Page::open(variant);
    page.choose(&[&Logs::get().file("large.db")]);
    page.wait("progress");
    page.press("cancel");
    wait_for("the end of the work", || {
        page.now("progress").is_none().then_some(())
    });
    assert_ne!(
        page.number("entries-total"),
        Some(Logs::get().large.entries),
        "it was done before it was cancelled"
    );
    open_tampered(&page);
}

#[test]
fn hosted_cancels_and_goes_on() {
    cancels_and_goes_on(Variant::Hosted);
}

#[test]
fn single_file_cancels_and_goes_on() {
    cancels_and_goes_on(Variant::SingleFile);
}

fn survives_a_killed_worker(variant: Variant) {
    let page = Page::open(variant);
    // While it rests: the page finds out by itself, says so, and has another one ready.
    open_tampered(&page);
    assert!(page.kill_workers() > 0, "no worker was running");
    page.wait("notice");
    open_tampered(&page);
    // While it works: it is replaced, the page says so, and the verification is carried through all the same.
    page.choose(&[&Logs::get().file("large.db")]);
    page.wait("progress");
    assert!(page.kill_workers() > 0, "no worker was running");
    page.wait("notice");
    wait_for("all entries after all", || {
        (page.number("entries-total") == Some(Logs::get().large.entries)).then_some(())
    });
}

#[test]
fn hosted_survives_a_killed_worker() {
    survives_a_killed_worker(Variant::Hosted);
}

#[test]
fn single_file_survives_a_killed_worker() {
    survives_a_killed_worker(Variant::SingleFile);
}

#[test]
fn a_file_that_is_no_log_gets_a_card_and_the_sample_opens() {
    let page = Page::open(Variant::SingleFile);
    page.choose(&[&Logs::get().noise()]);
    page.wait_text("error-card", |text| text.contains("noise.bin"));
    page.browser.open(&page.address);
    page.press("sample");
    page.wait("answers");
    assert!(page.number("entries-total") > Some(0));
}

#[test]
fn files_are_dropped_together_and_the_hashed_bytes_copied() {
    let page = Page::open(Variant::SingleFile);
    let logs = Logs::get();
    // A companion goes to its database, and what is no log does not keep the others back.
    page.drop_files(&[
        &logs.noise(),
        &logs.file("tampered.db-wal"),
        &logs.file("tampered.db"),
    ]);
    page.wait_text("error-card", |text| text.contains("noise.bin"));
    wait_for("all entries", || {
        (page.number("entries-total") == Some(logs.tampered.entries)).then_some(())
    });
    page.press_value("verdict", "mismatched", false);
    page.wait_hits(logs.tampered.altered.len());
    page.press("row");
    let recomputed = page.wait_text("recomputed", |text| text.trim().len() == 16);

    let granted = json!({"permissions": ["clipboardReadWrite"]});
    page.browser.chromium("Browser.grantPermissions", &granted);
    let copy = page
        .browser
        .find("[aria-label=\"Copy the exact bytes hashed\"]");
    page.browser.click(&copy[0]);
    let read =
        "window.read = null; navigator.clipboard.readText().then(text => { window.read = text; });";
    page.browser.run(read, &json!([]));
    let copied = wait_for("what was copied", || {
        let text = page.browser.run("return window.read;", &json!([]));
        text.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
    });
    assert_eq!(
        auditglass_tests::checksum(copied.as_bytes()),
        recomputed.trim()
    );
}

#[test]
fn a_hot_journal_is_rolled_back_when_that_is_asked_for() {
    let page = Page::open(Variant::SingleFile);
    let logs = Logs::get();
    page.choose(&[&logs.file("hot.db"), &logs.file("hot.db-journal")]);
    wait_for("entries of the unfinished transaction", || {
        (page.facet_count("verdict", "mismatched")? > 0).then_some(())
    });
    page.press("roll-back");
    wait_for("the log as it was before", || {
        let verified = page.facet_count("verdict", "verified")?;
        (verified == logs.hot.entries).then_some(())
    });
    page.press("roll-back");
    wait_for("the log as it stands", || {
        (page.facet_count("verdict", "mismatched")? > 0).then_some(())
    });
}

/// Shows the page with an altered entry open. The picture lies in the target directory; with `UPDATE_PICTURE=1` it is
/// also put into the documentation.
#[test]
fn the_page_has_its_picture_taken() {
    let page = Page::open(Variant::Hosted);
    let light = json!({ "features": [{ "name": "prefers-color-scheme", "value": "light" }] });
    page.browser.chromium("Emulation.setEmulatedMedia", &light);
    let size = json!({ "width": 1440, "height": 860, "deviceScaleFactor": 1, "mobile": false });
    page.browser
        .chromium("Emulation.setDeviceMetricsOverride", &size);
    let logs = open_tampered(&page);
    page.wait_attribute("file-sha256", "data-sha256", &logs.tampered.sha256);
    let row = wait_for("an altered row in sight", || {
        page.browser
            .find("[data-testid=\"row\"][data-verdict=\"mismatched\"]")
            .into_iter()
            .next()
    });
    page.browser.click(&row);
    page.wait("canonical");
    let picture = page.browser.picture();
    // Width and height stand at fixed places of a PNG.
    assert_eq!(picture[16..24], [0, 0, 0x05, 0xa0, 0, 0, 0x03, 0x5c]);
    let file = logs.file("page.png");
    std::fs::write(&file, &picture).expect("the folder can be written");
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        let place = Path::new(env!("CARGO_MANIFEST_DIR"))
            .with_file_name("docs")
            .join("page.png");
        std::fs::write(place, picture).expect("docs/ can be written");
    }
}
