//! The three answers, an earlier export, the drill, and the report that is saved: the same figures everywhere.

use std::path::{Path, PathBuf};

use auditglass_tests::auditglass;
use serde_json::json;

use crate::logs::Logs;
use crate::open_tampered;
use crate::page::{Page, Variant};
use crate::webdriver::wait_for;

/// The number that an element carries for tests.
fn counted(page: &Page, name: &str) -> usize {
    let script = "return document.querySelector(arguments[0])?.dataset.count ?? null;";
    let selector = json!([format!("[data-testid=\"{name}\"]")]);
    wait_for(format!("the count of `{name}`"), || {
        let count = page.browser.run(script, &selector);
        count.as_str()?.parse().ok()
    })
}

/// What became of an exercise.
fn outcome(page: &Page, code: &str) -> String {
    let script = "return document.querySelector(arguments[0])?.dataset.outcome ?? null;";
    let selector = json!([format!("[data-testid=\"exercise\"][data-code=\"{code}\"]")]);
    wait_for(format!("the exercise {code}"), || {
        let outcome = page.browser.run(script, &selector);
        outcome.as_str().map(str::to_owned)
    })
}

fn compare_with_earlier(page: &Page, logs: &Logs) {
    let input = page.wait("baseline-input");
    page.browser.choose(&input, &[&logs.file("earlier.jsonl")]);
    page.wait("compared");
}

/// A file that the browser has saved whole.
fn saved(folder: &Path, kind: &str, end: &str) -> PathBuf {
    wait_for(format!("a saved file of the kind {kind}"), || {
        let files = std::fs::read_dir(folder).ok()?;
        let mut paths = files.flatten().map(|f| f.path());
        let file = paths.find(|p| p.extension().is_some_and(|e| e == kind))?;
        let text = std::fs::read_to_string(&file).ok()?;
        text.trim_end().ends_with(end).then_some(file)
    })
}

/// The page and the command write the same bytes.
fn is_what_the_command_writes(logs: &Logs, report: &Path, slice: &Path) {
    let folder = logs.file("");
    let slice_name = slice.file_name().unwrap_or_default().to_string_lossy();
    let earlier = "earlier.jsonl";
    let arguments = [
        "report",
        "--baseline",
        earlier,
        "--to",
        "2099",
        "--expect-count",
        "3000",
        "--scan",
        "--evidence-slice",
        &slice_name,
        "tampered.db",
    ];
    let ran = auditglass(&folder, &arguments);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    let read = |path: &Path| std::fs::read_to_string(path).expect("it was saved");
    assert_eq!(read(slice), read(&folder.join(&*slice_name)));
    // A release names its commit, and a command built for tests does not.
    let of_page = without_commit(&read(report));
    let of_command = without_commit(&String::from_utf8_lossy(&ran.stdout));
    let differing = of_page
        .lines()
        .zip(of_command.lines())
        .find(|(a, b)| a != b);
    assert!(of_page == of_command, "they differ at {differing:?}");
}

fn without_commit(report: &str) -> String {
    match report.split_once(", commit ") {
        Some((before, rest)) => {
            let rest = rest.split_once(". The same files").map_or(rest, |(_, r)| r);
            format!("{before}. The same files{rest}")
        }
        None => report.to_owned(),
    }
}

fn close_sheet(page: &Page) {
    let script = "document.querySelector('dialog[open] header button')?.click(); return !document.querySelector('dialog[open]');";
    wait_for("no sheet", || {
        page.browser
            .run(script, &json!([]))
            .as_bool()?
            .then_some(())
    });
}

#[test]
fn an_earlier_export_the_drill_and_the_report_tell_the_same() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    let earlier = &logs.earlier;
    page.wait_text("answers", |text| text.contains("Not confirmed"));
    page.wait_text("answer-authenticity", |text| {
        text.contains("Cannot be known")
    });

    // Without an earlier export a re-hashed edit is found by none; the drill says what one would tell.
    page.press("drill");
    assert_eq!(outcome(&page, "edit"), "alone");
    assert_eq!(outcome(&page, "edit-rehash"), "compared");
    assert_eq!(outcome(&page, "delete"), "alone");
    assert_eq!(outcome(&page, "cut-tail"), "compared");
    close_sheet(&page);

    compare_with_earlier(&page, logs);
    let gone = format!("{} entries removed", earlier.gone);
    page.wait_text("answer-authenticity", |text| {
        text.contains("Not confirmed") && text.contains(&gone)
    });
    page.press("compared");
    page.wait("comparison");
    // Two of the three altered entries are in the earlier export; the third one was written later.
    let changed = logs.tampered.altered.len() - 1;
    assert_eq!(counted(&page, "removed"), earlier.gone);
    assert_eq!(counted(&page, "changed"), changed);
    assert_eq!(counted(&page, "uncovered"), 0);
    assert_eq!(counted(&page, "added"), earlier.added);
    assert_eq!(
        counted(&page, "unchanged"),
        earlier.entries - earlier.gone - changed
    );
    page.wait_text("append-only", |text| text.contains("no"));
    let first = &logs.tampered.altered[0];
    page.wait_text("comparison", |text| {
        text.contains(&first.entry_id) && text.contains("nobody")
    });
    let script =
        "const found = [...document.querySelectorAll('[data-testid=\"change\"][data-row]')]
        .find(e => e.innerText.includes(arguments[0])); found?.click(); return !!found;";
    wait_for("the changed entry", || {
        let pressed = page.browser.run(script, &json!([first.entry_id]));
        pressed.as_bool()?.then_some(())
    });
    page.wait_text("entry", |text| text.contains(&first.entry_id));

    // What is newer than the earlier export can be cut off unnoticed.
    page.press("drill");
    assert_eq!(outcome(&page, "edit-rehash"), "compared");
    assert_eq!(outcome(&page, "cut-tail"), "nowhere");
    close_sheet(&page);

    page.press("report");
    page.type_into("report-to", "2099");
    page.type_into("report-expect-count", "3,000");
    page.press("report-scan");
    page.press("report-slice");
    page.press("make-report");
    page.wait("report-made");
    let folder = logs.file("report");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the report");
    page.browser.save_into(&folder);
    page.press("save-html");
    let file = saved(&folder, "html", "</html>");
    page.press("save-slice");
    let slice = saved(&folder, "jsonl", "}");
    is_what_the_command_writes(logs, &file, &slice);
    page.browser.requests();
    page.browser.open(&format!("file://{}", file.display()));
    let text = page
        .browser
        .run("return document.body.innerText;", &json!([]));
    let text = text.as_str().unwrap_or_default();
    for figure in [
        gone.as_str(),
        &format!("{changed} entries changed"),
        "--baseline earlier.jsonl",
        &first.entry_id,
        "Append-only: no",
        "--to 2099",
        "3,000",
    ] {
        assert!(
            text.contains(figure),
            "`{figure}` is not in the report: {text}"
        );
    }
    let asked = page.browser.requests();
    assert_eq!(asked.len(), 1, "the report asks for something: {asked:?}");
}

#[test]
fn what_is_no_earlier_export_gets_a_card_and_can_be_forgotten() {
    let page = Page::open(Variant::SingleFile);
    let logs = open_tampered(&page);
    let input = page.wait("baseline-input");
    page.browser.choose(&input, &[&logs.noise()]);
    page.wait_text("error-card", |text| text.contains("noise.bin"));
    page.wait_text("answer-authenticity", |text| {
        text.contains("Cannot be known")
    });
    compare_with_earlier(&page, logs);
    wait_for("no card", || page.now("error-card").is_none().then_some(()));
    page.press("compare-forget");
    page.wait_text("answer-authenticity", |text| {
        text.contains("Cannot be known")
    });
    wait_for("the first button", || {
        page.now("compared").is_none().then_some(())
    });
}
