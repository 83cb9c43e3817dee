//! What the shipped page takes, in Chromium: found, counted, painted, scrolled, held in memory.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::figures::{Ours, median, percentile_95};
use crate::questions;
use crate::server;
use crate::webdriver::{Browser, Element};

const WATCH: &str = concat!(include_str!("memories.js"), include_str!("watch.js"));
/// How long the longest piece of work may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// Frames from the first row to the last one.
const SCROLL_STEPS: u32 = 600;
/// What a screen shows of 30 frames a second, in milliseconds.
const SLOW_FRAME: f64 = 33.4;

pub(crate) fn measure(dist: PathBuf, log: &Path, entries: u64) -> Ours {
    let page = Page::open(dist);
    let mut ours = Ours::default();
    let before = page.memory();
    ours.opened = page.verify(log, entries);
    let held = page.memory();
    ours.memory = before.zip(held).map(|(before, held)| held - before);

    let (mut answered, mut painted) = (Vec::new(), Vec::new());
    for pair in questions::pairs() {
        let found = page.type_filter(&pair.filter());
        ours.found.push(whole(&found["matched"]));
        answered.push(number(&found["all"]));
        painted.push(number(&found["painted"]));
    }
    ours.filter = percentile_95(&answered);
    ours.filter_median = median(&answered);
    ours.painted = percentile_95(&painted);

    let (mut counted, mut rows) = (Vec::new(), Vec::new());
    for word in questions::WORDS {
        let found = page.paste_filter(&format!("details:{word}"));
        ours.found.push(whole(&found["matched"]));
        counted.push(number(&found["count"]));
        rows.push(number(&found["rows"]));
    }
    ours.text = median(&counted);
    ours.text_rows = median(&rows);

    let mut scores = Vec::new();
    for bound in questions::bounds() {
        let found = page.paste_filter(&format!("details.score>{bound}"));
        ours.found.push(whole(&found["matched"]));
        scores.push(number(&found["count"]));
    }
    ours.score_first = scores.remove(0);
    ours.score_again = median(&scores);

    page.paste_filter("");
    page.scroll(&mut ours);
    ours.memory_after = page.memory();
    ours
}

struct Page {
    browser: Browser,
}

impl Page {
    fn open(dist: PathBuf) -> Self {
        let browser = Browser::start();
        browser.chromium(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": WATCH }),
        );
        browser.open(&format!("{}/page/", server::serve(vec![("page", dist)])));
        let page = Self { browser };
        page.element("open-input");
        // The engine loads while a person looks for a file.
        std::thread::sleep(Duration::from_secs(2));
        page
    }

    fn element(&self, name: &str) -> Element {
        let selector = format!("[data-testid=\"{name}\"]");
        wait(name, || self.browser.find(&selector).pop())
    }

    fn run(&self, script: &str) -> Value {
        self.browser.run(script, &json!([]))
    }

    /// Milliseconds from the file's choice to the engine's word that it is verified.
    fn verify(&self, log: &Path, entries: u64) -> f64 {
        let input = self.element("open-input");
        self.browser.choose(&input, &[log]);
        let selector = format!("[data-testid=\"hits\"][data-count=\"{entries}\"]");
        wait("the log to be verified", || {
            self.browser.find(&selector).pop()
        });
        // What is gathered for the answers beside the table is no part of a search.
        wait("the answers", || {
            let script = "return document.querySelector('[data-testid=\"answers\"]') !== null;";
            self.run(script).as_bool()?.then_some(())
        });
        std::thread::sleep(Duration::from_secs(2));
        number(&self.run("return window.openedAt - window.chosenAt;"))
    }

    /// Types a filter, with the last key after a pause, and waits for everything that it asks for.
    fn type_filter(&self, text: &str) -> Value {
        let bar = self.element("filter");
        let last = text.char_indices().last().map_or(0, |(at, _)| at);
        // Control and A, then the text over it: keys of WebDriver.
        let all = "\u{e009}a\u{e000}";
        self.browser
            .type_into(&bar, &format!("{all}\u{e003}{}", &text[..last]));
        std::thread::sleep(Duration::from_millis(400));
        self.run("window.begin();");
        self.browser.type_into(&bar, &text[last..]);
        self.measured()
    }

    /// Puts a filter in place of the one that is there, and waits for everything that it asks for.
    fn paste_filter(&self, text: &str) -> Value {
        std::thread::sleep(Duration::from_millis(300));
        let script = "window.begin(); window.paste(arguments[0]);";
        self.browser.run(script, &json!([text]));
        self.measured()
    }

    fn measured(&self) -> Value {
        wait("an answer", || {
            let found = self.run("return window.measured();");
            (!found.is_null()).then_some(found)
        })
    }

    fn scroll(&self, ours: &mut Ours) {
        self.run(&format!("window.scroll_all({SCROLL_STEPS});"));
        let scrolled = wait("the last row", || {
            let script = "return window.scrolled?.settled === undefined ? null : window.scrolled;";
            let scrolled = self.run(script);
            (!scrolled.is_null()).then_some(scrolled)
        });
        let times = scrolled["times"].as_array().cloned().unwrap_or_default();
        let times: Vec<f64> = times.iter().map(number).collect();
        ours.frames = times.len();
        ours.slow_frames = times.iter().filter(|ms| **ms > SLOW_FRAME).count();
        ours.longest_frame = times.into_iter().fold(0.0, f64::max);
        ours.settled = number(&scrolled["settled"]);
    }

    fn memory(&self) -> Option<f64> {
        memory(&self.browser)
    }
}

/// Bytes that the page and its workers hold, as the browser tells them; it may first tidy up for some seconds.
pub(crate) fn memory(browser: &Browser) -> Option<f64> {
    let run = |script: &str| browser.run(script, &json!([]));
    run("window.ask_memory();");
    let bytes = wait("the memory to be counted", || {
        run("return window.memory;").as_f64()
    });
    (bytes >= 0.0).then_some(bytes)
}

/// Asks again and again until there is an answer.
pub(crate) fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

pub(crate) fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of entries"
    )]
    (number >= 0.0).then_some(number as u64)
}
