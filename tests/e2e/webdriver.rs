//! A small WebDriver client: starts chromedriver, drives one browser window, ends both.
#![allow(
    dead_code,
    reason = "the bench shares this file and needs less of it than the tests"
)]

use std::env;
use std::fmt::Display;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long anything on a page may take before the test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// A running chromedriver; ended when dropped.
struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let program = env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let lines = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        let (send, receive) = mpsc::channel();
        // Goes on reading after the port is known: a full pipe would stop the driver.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("successfully on port ") {
                    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                    // Only the first line with a port is waited for.
                    send.send(port).ok();
                }
            }
        });
        let port = receive
            .recv_timeout(Duration::from_secs(30))
            .expect("chromedriver names its port");
        Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// One browser window; closed when dropped.
pub(crate) struct Browser {
    agent: ureq::Agent,
    base: String,
    driver: Driver,
    /// The number of the browser's process, where the driver tells it.
    process: Option<u32>,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub(crate) struct Element(String);

impl Browser {
    /// A fresh browser with a profile of its own, which keeps a log of the network.
    pub(crate) fn start() -> Self {
        let driver = Driver::start();
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.timeout_global(Some(PATIENCE * 2)).build().into();
        let mut wanted = capabilities();
        wanted["goog:loggingPrefs"] = json!({ "performance": "ALL", "browser": "ALL" });
        let mut browser = Self {
            agent,
            base: format!("{}/session", driver.address),
            driver,
            process: None,
        };
        let answer = browser.post("", json!({ "capabilities": { "alwaysMatch": wanted } }));
        let id = answer["sessionId"].as_str().expect("a session has an id");
        browser.base = format!("{}/{id}", browser.base);
        let process = answer["capabilities"]["goog:processID"].as_u64();
        browser.process = process.and_then(|id| u32::try_from(id).ok());
        browser
    }

    /// The numbers of the driver's process and of the browser's, which need not be its child any more; the others are
    /// their descendants.
    pub(crate) fn processes(&self) -> Vec<u32> {
        let driver = self.driver.process.id();
        [driver].into_iter().chain(self.process).collect()
    }

    pub(crate) fn open(&self, address: &str) {
        self.post("/url", json!({ "url": address }));
    }

    /// Runs the body of a function on the page and returns what it returns.
    pub(crate) fn run(&self, body: &str, arguments: &Value) -> Value {
        self.post(
            "/execute/sync",
            json!({ "script": body, "args": arguments }),
        )
    }

    /// The elements that a CSS selector finds now.
    pub(crate) fn find(&self, selector: &str) -> Vec<Element> {
        let found = self.post(
            "/elements",
            json!({ "using": "css selector", "value": selector }),
        );
        let found = found.as_array().expect("elements come as an array");
        found
            .iter()
            .map(|element| Element(element[ELEMENT].as_str().expect("an id").to_owned()))
            .collect()
    }

    pub(crate) fn click(&self, element: &Element) {
        self.post(&format!("/element/{}/click", element.0), json!({}));
    }

    /// Types into an element, as a person does.
    pub(crate) fn type_into(&self, element: &Element, text: &str) {
        self.post(
            &format!("/element/{}/value", element.0),
            json!({ "text": text }),
        );
    }

    /// Presses the left button of the mouse at one place and lets go at another, in pixels of the window.
    pub(crate) fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        let go = |(x, y): (f64, f64)| json!({ "type": "pointerMove", "duration": 60, "x": x.round(), "y": y.round() });
        let between = (from.0.midpoint(to.0), from.1.midpoint(to.1));
        let steps = [
            go(from),
            json!({ "type": "pointerDown", "button": 0 }),
            go(between),
            go(to),
            json!({ "type": "pointerUp", "button": 0 }),
        ];
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": steps
        });
        self.post("/actions", json!({ "actions": [mouse] }));
    }

    /// Presses a key, by the name that it has in a document, wherever the focus is.
    pub(crate) fn press_key(&self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.chromium(
                "Input.dispatchKeyEvent",
                &json!({ "type": kind, "key": key }),
            );
        }
    }

    /// Turns the mouse wheel over a place by so many pixels, in pixels of the window.
    pub(crate) fn wheel(&self, at: (i64, i64), down: i64) {
        let turn = json!({
            "type": "scroll", "duration": 0, "x": at.0, "y": at.1, "deltaX": 0, "deltaY": down
        });
        let wheel = json!({ "type": "wheel", "id": "wheel", "actions": [turn] });
        self.post("/actions", json!({ "actions": [wheel] }));
    }

    /// Files that the page hands out are saved in this folder.
    pub(crate) fn save_into(&self, folder: &Path) {
        let way = json!({ "behavior": "allow", "downloadPath": folder });
        self.chromium("Browser.setDownloadBehavior", &way);
    }

    /// Chooses files in an `<input type="file">`, as a person does in its dialogue.
    pub(crate) fn choose(&self, input: &Element, files: &[&Path]) {
        let names: Vec<_> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        self.post(
            &format!("/element/{}/value", input.0),
            json!({ "text": names.join("\n") }),
        );
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn chromium(&self, command: &str, parameters: &Value) -> Value {
        self.post(
            "/goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        )
    }

    /// A picture of the window, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let text = self.get("/screenshot");
        BASE64
            .decode(text.as_str().expect("a picture is text"))
            .expect("of base64")
    }

    /// Every address that was asked for since the last call, the document itself included.
    pub(crate) fn requests(&self) -> Vec<String> {
        let entries = self.log("performance");
        let messages = entries.iter().map(|entry| {
            let text = entry["message"].as_str().expect("an entry has a message");
            serde_json::from_str::<Value>(text).expect("of JSON")["message"].clone()
        });
        messages
            .filter(|message| message["method"] == "Network.requestWillBeSent")
            .map(|message| {
                message["params"]["request"]["url"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    /// What the page wrote to its console as errors since the last call: panics, refused requests.
    pub(crate) fn console_errors(&self) -> Vec<String> {
        let entries = self.log("browser");
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        severe
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.post("/se/log", json!({ "type": kind }));
        entries.as_array().cloned().unwrap_or_default()
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.agent.get(format!("{}{path}", self.base)).call();
        Self::value(path, answer)
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the body in place"
    )]
    fn post(&self, path: &str, body: Value) -> Value {
        let answer = self
            .agent
            .post(format!("{}{path}", self.base))
            .send_json(&body);
        Self::value(path, answer)
    }

    fn value(path: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
        let mut answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        let is_good = answer.status().is_success();
        let reader = answer.body_mut().with_config().limit(256 << 20);
        let mut body: Value = reader
            .read_json()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(is_good, "{path}: {}", body["value"]["message"]);
        body["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closes the window; the driver, dropped next, would leave it open.
        self.agent.delete(&self.base).call().ok();
    }
}

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn wait_for<T>(what: impl Display, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "waited {} s in vain for {what}",
            PATIENCE.as_secs()
        );
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// The browser's switches, from the file that all browser tests share.
fn capabilities() -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("browser/webdriver.json");
    let text = std::fs::read_to_string(&file).expect("tests/browser/webdriver.json can be read");
    let mut wanted: Value =
        serde_json::from_str(&text).expect("tests/browser/webdriver.json is JSON");
    if let Ok(chromium) = env::var("CHROMIUM") {
        wanted["goog:chromeOptions"]["binary"] = chromium.into();
    }
    wanted
}
