//! Queries in SQL on the real page: rows, an error with its place, an endless query that is cancelled, an export.

use serde_json::json;

use crate::open_tampered;
use crate::page::{Page, Variant};
use crate::webdriver::wait_for;

/// Types a query in place of the one that is there, and runs it: keys of WebDriver for Control and A, and for Control and Enter.
fn run(page: &Page, query: &str) {
    let editor = page.wait("sql-query");
    page.browser.type_into(
        &editor,
        &format!("\u{e009}a\u{e000}\u{e003}{query}\u{e009}\u{e007}\u{e000}"),
    );
}

/// The rows that are in the table now, their cells between bars.
fn rows(page: &Page) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-testid=\"sql-row\"]')]
        .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
        .map(row => [...row.querySelectorAll('[role=gridcell]')].map(cell => cell.innerText).join('|'));";
    let rows = page.browser.run(script, &json!([]));
    let rows = rows.as_array().cloned().unwrap_or_default();
    let texts = rows.iter().filter_map(|row| row.as_str());
    texts.map(str::to_owned).collect()
}

#[track_caller]
fn wait_rows(page: &Page, expected: &[&str]) {
    wait_for(format!("the rows {expected:?}"), || {
        (rows(page) == expected).then_some(())
    });
}

#[test]
fn a_database_is_asked() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    page.wait_hits(logs.tampered.entries);
    // The key, and the first query that is offered.
    let table = page.wait("table");
    page.browser.type_into(&table, "s");
    wait_for("a first query", || {
        let script = "return document.querySelector('[data-testid=\"sql-query\"]')?.value ?? '';";
        let text = page.browser.run(script, &json!([]));
        (text.as_str()? == "SELECT * FROM audit_log LIMIT 100").then_some(())
    });
    page.press("sql-run");
    page.wait_attribute("sql-rows", "data-count", "100");

    // The write-ahead log is applied, and nothing of a cell becomes markup.
    run(
        &page,
        "SELECT count(*) AS n, '<b onclick=\"x()\">b</b>' AS html, NULL AS absent FROM audit_log",
    );
    let row = format!("{}|<b onclick=\"x()\">b</b>|NULL", logs.tampered.entries);
    wait_rows(&page, &[&row]);
    page.wait_text("sql-status", |text| text.starts_with("1 row in "));

    // Many rows: only those in sight exist.
    run(
        &page,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT i FROM n",
    );
    page.wait_text("sql-status", |text| {
        text.starts_with("The first 10,000 rows in ") && text.contains("there are more")
    });
    page.wait_attribute("sql-rows", "data-count", "10000");
    let seen = rows(&page).len();
    assert!((1..200).contains(&seen), "{seen} rows exist");
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
}

#[test]
fn an_error_says_what_where_and_what_to_try() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    page.wait_hits(logs.tampered.entries);
    page.press("sql");
    page.wait("sql-name");
    run(&page, "SELECT acter FROM audit_log");
    page.wait_text("sql-error", |text| {
        text.contains("No such column: acter") && text.contains("Did you mean actor?")
    });
    page.wait_text("sql-place", |text| text.contains("SELECT acter FROM"));
    run(&page, "DELETE FROM audit_log");
    page.wait_text("sql-error", |text| text.contains("reads and never writes"));
    // The next query that is right takes the error away.
    run(&page, "SELECT count(*) FROM audit_log");
    wait_rows(&page, &[&logs.tampered.entries.to_string()]);
    assert!(page.now("sql-error").is_none());
}

#[test]
fn an_endless_query_is_cancelled_and_the_case_stays() {
    let page = Page::open(Variant::Hosted);
    let logs = open_tampered(&page);
    page.wait_hits(logs.tampered.entries);
    page.press("sql");
    page.wait("sql-name");
    run(
        &page,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    );
    page.wait_text("sql-status", |text| text.starts_with("Running for "));
    page.press("sql-cancel");
    page.wait_text("sql-status", |text| text.starts_with("Cancelled"));
    // Another worker answers at once, and the case was never closed.
    run(&page, "SELECT 6 * 7");
    wait_rows(&page, &["42"]);
    assert_eq!(page.hits(), Some(logs.tampered.entries));
    // One that is not cancelled is ended when its time is up.
    let script = "const limit = document.querySelector('[data-testid=\"sql-time-limit\"]');
        limit.value = '5'; limit.dispatchEvent(new Event('change', { bubbles: true }));";
    page.browser.run(script, &json!([]));
    run(
        &page,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    );
    page.wait_text("sql-error", |text| {
        text.contains("longer than 5 seconds") && text.contains("LIMIT")
    });
    assert_eq!(page.browser.console_errors(), Vec::<String>::new());
}

#[test]
fn what_a_query_yields_is_exported() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    page.wait_hits(logs.tampered.entries);
    let folder = logs.file("queries");
    std::fs::create_dir_all(&folder).expect("a folder for the exports");
    let file = folder.join("tampered-query.csv");
    std::fs::remove_file(&file).ok();
    page.browser.save_into(&folder);
    page.press("sql");
    page.wait("sql-name");
    run(&page, "SELECT '=1+1' AS formula, 'Zoë' AS name");
    wait_rows(&page, &["=1+1|Zoë"]);
    page.press("sql-export");
    let script = "const item = [...document.querySelectorAll('.console .menu-item')].find(i => i.innerText.includes('CSV'));
        item?.click(); return !!item;";
    wait_for("the menu", || {
        page.browser
            .run(script, &json!([]))
            .as_bool()?
            .then_some(())
    });
    wait_for("the file", || {
        let text = std::fs::read_to_string(&file).ok()?;
        (text == "formula,name\r\n'=1+1,Zoë\r\n").then_some(())
    });
}
