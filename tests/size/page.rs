//! The same on the hosted page in Chromium.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::webdriver::{Browser, wait_for};
use crate::{Measured, memory, server};

/// How long a source may take.
const PATIENCE: Duration = Duration::from_secs(1200);

/// Notes when a file is chosen, when the first verdicts are on the screen, and when all are.
const WATCH: &str = "
    window.first = null; window.all = null;
    let chosen = null;
    document.addEventListener('change', () => { chosen ??= performance.now(); }, true);
    const wanted = arguments[0];
    const digits = (e) => e ? e.innerText.replace(/\\D/g, '') : '';
    const look = () => {
        if (chosen !== null) {
            const now = performance.now() - chosen;
            const counted = digits(document.querySelector('[data-testid=\"progress\"] .counts dd'));
            const facet = document.querySelector('[data-testid=\"facet-value\"][data-value=\"verified\"]');
            const total = facet ? facet.dataset.count : '';
            if (window.first === null && (counted > 0 || total > 0)) window.first = now;
            if (window.all === null && total === wanted) window.all = now;
        }
        requestAnimationFrame(look);
    };
    look();";

/// What comes behind the verdicts: every entry is read once more for the answers, and the file for its SHA-256.
const IS_ANSWERED: &str = "
    return ['[data-testid=\"answer-completeness\"]', '[data-testid=\"file-sha256\"][data-sha256]']
        .every((wanted) => document.querySelector(wanted));";

pub(crate) fn measure(dist: &Path, file: &Path, entries: u64) -> Measured {
    let browser = Browser::start();
    browser.open(&server::serve(dist.to_owned()));
    let input = wait_for("the file input", || {
        browser.find("[data-testid=\"open-input\"]").pop()
    });
    // The engine loads while a person looks for a file.
    std::thread::sleep(Duration::from_millis(2000));
    browser.run(WATCH, &json!([entries.to_string()]));
    let watch = memory::Watch::of(browser.processes());
    let start = Instant::now();
    browser.choose(&input, &[file]);
    let read = |what: &str| {
        let value = browser.run(&format!("return window.{what};"), &json!([]));
        value.as_f64().map(|ms| Duration::from_secs_f64(ms / 1e3))
    };
    let all = loop {
        match read("all") {
            Some(all) => break all,
            None if start.elapsed() > PATIENCE => panic!("{}: waited in vain", file.display()),
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    let peak = watch.peak();
    let watch = memory::Watch::of(browser.processes());
    while browser.run(IS_ANSWERED, &json!([])) != true {
        assert!(start.elapsed() < PATIENCE, "{}: no answer", file.display());
        std::thread::sleep(Duration::from_millis(100));
    }
    Measured {
        first: read("first").unwrap_or(all),
        all,
        peak,
        then: Some((start.elapsed(), watch.peak())),
    }
}
