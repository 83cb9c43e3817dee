//! The page as a person meets it: what can be pressed and what can be read, by the names that it carries for tests.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::server;
use crate::webdriver::{Browser, Element, wait_for};

/// How the page came to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// `dist/` on a web server, under a sub-path.
    Hosted,
    /// `dist/auditglass.html`, opened from the disk.
    SingleFile,
}

/// Keeps hold of every worker that the page starts, so that a test can kill one.
const WATCH_WORKERS: &str = "
    const Real = window.Worker;
    window.startedWorkers = [];
    window.Worker = class extends Real {
        constructor(...given) { super(...given); window.startedWorkers.push(this); }
    };";

/// An open page in a browser of its own.
pub(crate) struct Page {
    pub(crate) browser: Browser,
    pub(crate) address: String,
}

impl Page {
    pub(crate) fn open(variant: Variant) -> Self {
        let dist = dist();
        let address = match variant {
            Variant::Hosted => server::serve(dist),
            Variant::SingleFile => format!("file://{}", dist.join("auditglass.html").display()),
        };
        let browser = Browser::start();
        browser.chromium(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": WATCH_WORKERS }),
        );
        browser.open(&address);
        let page = Self { browser, address };
        page.wait("open-input");
        page
    }

    fn all(&self, name: &str) -> Vec<Element> {
        self.browser.find(&format!("[data-testid=\"{name}\"]"))
    }

    /// The element with this name, if it is there now.
    pub(crate) fn now(&self, name: &str) -> Option<Element> {
        self.all(name).into_iter().next()
    }

    /// The element with this name, as soon as it is there.
    #[track_caller]
    pub(crate) fn wait(&self, name: &str) -> Element {
        wait_for(format!("`{name}`"), || self.now(name))
    }

    /// Presses it as soon as it is there. It may be replaced between the two; then the new one is pressed.
    #[track_caller]
    pub(crate) fn press(&self, name: &str) {
        let script = "const found = document.querySelector(arguments[0]); if (found) found.click(); return !!found;";
        let selector = json!([format!("[data-testid=\"{name}\"]")]);
        wait_for(format!("`{name}`"), || {
            self.browser.run(script, &selector).as_bool()?.then_some(())
        });
    }

    /// Types into the field with this name.
    #[track_caller]
    pub(crate) fn type_into(&self, name: &str, text: &str) {
        let field = self.wait(name);
        self.browser.type_into(&field, text);
    }

    /// The text of an element as one reads it; `None` while it is not there.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null;";
        let found = self
            .browser
            .run(script, &json!([format!("[data-testid=\"{name}\"]")]));
        found.as_str().map(|text| text.trim().to_owned())
    }

    /// The text, once it satisfies `is_it`.
    #[track_caller]
    pub(crate) fn wait_text(&self, name: &str, is_it: impl Fn(&str) -> bool) -> String {
        wait_for(format!("the text of `{name}`"), || {
            self.text(name).filter(|text| is_it(text))
        })
    }

    /// Waits until an element with this name has an attribute with this value.
    #[track_caller]
    pub(crate) fn wait_attribute(&self, name: &str, attribute: &str, value: &str) {
        let selector = format!("[data-testid=\"{name}\"][{attribute}=\"{value}\"]");
        wait_for(&selector, || self.browser.find(&selector).pop());
    }

    /// The first number in an element's text, whatever separates its thousands.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        first_number(&self.text(name)?)
    }

    /// How many entries have this value, by the facet of this field.
    pub(crate) fn facet_count(&self, field: &str, value: &str) -> Option<usize> {
        let script = "return document.querySelector(arguments[0])?.dataset.count ?? null;";
        let found = self
            .browser
            .run(script, &json!([facet_value(field, value)]));
        found.as_str()?.parse().ok()
    }

    /// Presses a value of a facet; with `other`, as with the Alt key held.
    #[track_caller]
    pub(crate) fn press_value(&self, field: &str, value: &str, other: bool) {
        let script = "const found = document.querySelector(arguments[0]);
            found?.dispatchEvent(new MouseEvent('click', { bubbles: true, altKey: arguments[1] })); return !!found;";
        let arguments = json!([facet_value(field, value), other]);
        wait_for(format!("{value} of {field}"), || {
            self.browser
                .run(script, &arguments)
                .as_bool()?
                .then_some(())
        });
    }

    /// How many entries match, once it is this many.
    #[track_caller]
    pub(crate) fn wait_hits(&self, count: usize) {
        self.wait_attribute("hits", "data-count", &count.to_string());
    }

    /// Waits until fewer entries match.
    #[track_caller]
    pub(crate) fn wait_hits_below(&self, count: usize) {
        wait_for("fewer entries", || self.hits().filter(|n| *n < count));
    }

    /// How many entries match.
    pub(crate) fn hits(&self) -> Option<usize> {
        let script =
            "return document.querySelector('[data-testid=\"hits\"]')?.dataset.count ?? null;";
        self.browser.run(script, &json!([])).as_str()?.parse().ok()
    }

    /// What stands in the filter bar.
    pub(crate) fn filter(&self) -> String {
        let script = "return document.querySelector('[data-testid=\"filter\"]')?.value ?? '';";
        let text = self.browser.run(script, &json!([]));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Types a filter in place of the one that is there.
    #[track_caller]
    pub(crate) fn type_filter(&self, text: &str) {
        let bar = self.wait("filter");
        // Control and A, then the text over it: keys of WebDriver.
        self.browser
            .type_into(&bar, &format!("\u{e009}a\u{e000}\u{e003}{text}"));
    }

    /// Chooses files, as in the dialogue that *Open* shows.
    pub(crate) fn choose(&self, files: &[&Path]) {
        let input = self.wait("open-input");
        self.browser.choose(&input, files);
    }

    /// Drops files on the page. The events are made up: no driver can drag from outside the browser.
    pub(crate) fn drop_files(&self, files: &[&Path]) {
        let carry = "const input = document.createElement('input');
            input.type = 'file'; input.multiple = true; input.dataset.testid = 'carried';
            document.body.append(input);";
        self.browser.run(carry, &json!([]));
        let carried = self.wait("carried");
        self.browser.choose(&carried, files);
        let drop = "const input = document.querySelector('[data-testid=\"carried\"]');
            const dataTransfer = new DataTransfer();
            for (const file of input.files) dataTransfer.items.add(file);
            input.remove();
            for (const kind of ['dragenter', 'dragover', 'drop'])
                document.querySelector('.auditglass').dispatchEvent(
                    new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));";
        self.browser.run(drop, &json!([]));
    }

    /// The rows in the table now: their place and verdict. Their elements go round, and are not in the order of the list.
    pub(crate) fn rows(&self) -> Vec<(u64, String)> {
        let script = "return [...document.querySelectorAll('[data-testid=\"row\"]')]
            .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
            .map(row => [Number(row.dataset.row), row.dataset.verdict]);";
        let rows = self.browser.run(script, &json!([]));
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.iter()
            .filter_map(|row| Some((row[0].as_u64()?, row[1].as_str()?.to_owned())))
            .collect()
    }

    /// Ends every worker of the page, as a crash of its process would: without a word to the page.
    pub(crate) fn kill_workers(&self) -> u64 {
        let script = "const all = window.startedWorkers; all.forEach(worker => worker.terminate()); return all.length;";
        self.browser
            .run(script, &json!([]))
            .as_u64()
            .unwrap_or_default()
    }
}

fn facet_value(field: &str, value: &str) -> String {
    format!("[data-testid=\"facet-value\"][data-field=\"{field}\"][data-value=\"{value}\"]")
}

/// Where the built page lies.
fn dist() -> PathBuf {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("dist");
    assert!(
        dist.join("auditglass.html").is_file(),
        "no built page in {}: cargo xtask bundle",
        dist.display()
    );
    dist
}

/// `3,000 entries` gives 3000. Thousands may be parted by commas, points, apostrophes or any space.
pub(crate) fn first_number(text: &str) -> Option<usize> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let number: String = text[start..]
        .chars()
        .take_while(|c| c.is_ascii_digit() || ",.'’\u{a0}\u{202f}\u{2009}".contains(*c))
        .filter(char::is_ascii_digit)
        .collect();
    number.parse().ok()
}
