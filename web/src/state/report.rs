//! What is said of a case beyond its verdicts: the three answers, and the report that is saved.

use std::sync::Arc;

use auditglass::{Answers, ErrorView};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::export::{export_name, save};
use super::{Digest, Viewer};
use crate::protocol::Request;

impl Viewer {
    /// Asks for the three answers.
    pub(super) fn ask_answers(self) {
        self.answers.set(None);
        self.reporting.set(false);
        self.ask(|generation| Request::Answer { generation });
    }

    pub(super) fn answers_came(self, answers: Answers) {
        self.answers.set(Some(Arc::new(answers)));
    }

    /// Has the report written, and saves it when it is there.
    pub(crate) fn report(self) {
        if self.reporting.get_untracked() {
            return;
        }
        let known = |digest: &Digest| match digest {
            Digest::Ready(hex) => Some(hex.clone()),
            Digest::Pending(_) | Digest::Failed(_) => None,
        };
        let hashes: Vec<_> = self
            .files
            .with_untracked(|files| files.iter().map(|f| known(&f.sha256)).collect());
        self.reporting.set(true);
        self.ask(|generation| Request::Report { generation, hashes });
    }

    pub(super) fn report_came(self, html: Result<String, ErrorView>) {
        self.reporting.set(false);
        let html = match html {
            Ok(html) => html,
            Err(error) => {
                let text = format!("The report could not be written: {}.", error.message);
                return self.notify(text, true);
            }
        };
        let first = self
            .files
            .with_untracked(|files| files.first().map(|f| f.name.clone()));
        let name = export_name(&first.unwrap_or_default(), "report.html");
        let parts = Array::of1(&JsValue::from_str(&html));
        match save(&parts, "text/html;charset=utf-8", &name) {
            Ok(()) => self.say(format!("Report saved as {name}")),
            Err(()) => self.notify("The browser did not save the report.", false),
        }
    }
}
