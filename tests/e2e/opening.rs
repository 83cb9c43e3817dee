//! A file that takes its time to be opened: how far it is can be seen, cancelling leads back, and another one is opened.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use crate::logs::Logs;
use crate::page::{Page, Variant, first_number};
use crate::webdriver::wait_for;

/// Rows of a table before the log's, of nearly 1 KB each.
const OTHERS: usize = 450_000;
const ENTRIES: usize = 300;

/// A SQL dump, which is read up to its first log before it is open.
fn long_dump() -> PathBuf {
    let file = Logs::get().file("long.sql");
    let mut text = "BEGIN TRANSACTION;\nCREATE TABLE other (id INTEGER, text TEXT);\n".to_owned();
    let filler = "nothing of a log ".repeat(55);
    for i in 0..OTHERS {
        let _ = writeln!(text, "INSERT INTO other VALUES({i},'{filler}');");
    }
    text.push_str(
        "CREATE TABLE audit_log (entry_id TEXT, timestamp TEXT, event_type TEXT, actor TEXT, resource_type TEXT, \
         resource_id TEXT, action TEXT, details TEXT, checksum TEXT, written_at TEXT);\n",
    );
    for i in 0..ENTRIES {
        let _ = writeln!(
            text,
            "INSERT INTO audit_log VALUES('e{i}','2026-03-01T00:00:{:02}','data_access','ada','model','m','read','{{}}',NULL,'');",
            i % 60
        );
    }
    text.push_str("COMMIT;\n");
    std::fs::write(&file, text).expect("the folder can be written");
    file
}

/// Waits until it is partly read; returns the percent.
fn opening(page: &Page) -> usize {
    wait_for("a part that was read", || {
        let text = page.text("progress")?;
        assert!(!text.contains("Verifying"), "it was opened at once: {text}");
        let percent = text.lines().find(|line| line.ends_with('%'))?;
        let percent = first_number(percent)?;
        (text.contains("read to open it") && (1..100).contains(&percent)).then_some(percent)
    })
}

#[test]
fn opening_is_seen_and_can_be_cancelled_and_another_file_opened() {
    let page = Page::open(Variant::Hosted);
    let dump = long_dump();
    page.choose(&[&dump]);
    let first = opening(&page);
    wait_for("more that was read", || {
        (opening(&page) > first).then_some(())
    });
    page.press("cancel");
    page.wait("sample");
    assert!(page.now("progress").is_none());
    let told = page.wait_text("notice", |_| true);
    assert!(told.contains("Cancelled before the first entry."), "{told}");

    // The same by a key; and it is opened to its end when it is wanted after all.
    page.choose(&[&dump]);
    opening(&page);
    page.browser.press_key("Escape");
    page.wait("sample");
    let again = "[...document.querySelectorAll('.notice button')].find(b => b.innerText === 'Verify again').click();";
    page.browser.run(again, &json!([]));
    opening(&page);
    page.wait_hits(ENTRIES);
    page.wait("answers");

    // Another one while it is opened.
    page.choose(&[&dump]);
    opening(&page);
    let logs = Logs::get();
    page.choose(&[&logs.file("tampered.db"), &logs.file("tampered.db-wal")]);
    page.wait_hits(logs.tampered.entries);
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
    std::fs::remove_file(&dump).ok();
}
