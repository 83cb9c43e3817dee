//! What is said of a case beyond its verdicts: the three answers, and the report that is made, looked at and saved.

use std::sync::Arc;

use auditglass::{
    Answers, Attached, ErrorView, ReportAsk, ReportFormat, ReportFound, RetentionPolicy,
};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::export::{export_name, save};
use super::{Digest, FileInfo, Sheet, Viewer};
use crate::protocol::Request;

/// What a report is to say, as it is typed and chosen; an empty field asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) expect_count: String,
    pub(crate) control_totals: Option<Attached>,
    pub(crate) pair: String,
    /// A policy, as the command knows it.
    pub(crate) policy: String,
    pub(crate) as_of: String,
    pub(crate) scan: bool,
    pub(crate) evidence_slice: bool,
}

/// How far a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Making {
    /// Tells reports apart: one that was stopped may still have said something.
    number: u32,
    /// Entries read.
    pub(crate) done: u64,
    /// Of how many; 0 while that is not known.
    pub(crate) of: u64,
}

/// The latest report.
#[derive(Clone, Debug)]
pub(crate) enum Report {
    /// None was asked for, or what it rested on has changed since.
    None,
    /// It is being made.
    Making(Making),
    /// It is there, made from what was asked.
    Made(Arc<ReportFound>),
    /// Why there is none.
    Failed(ErrorView),
}

/// Everything about reports.
#[derive(Clone, Copy)]
pub(crate) struct Reporting {
    /// What is asked.
    pub(crate) form: RwSignal<Form>,
    /// What came of it.
    pub(crate) report: RwSignal<Report>,
    /// Whether a form of it is being written.
    pub(crate) is_writing: RwSignal<bool>,
    /// Whether the files' SHA-256, which it names, are waited for.
    pub(crate) is_waiting: RwSignal<bool>,
    number: StoredValue<u32>,
    slice: StoredValue<Option<Blob>, LocalStorage>,
}

impl Reporting {
    pub(super) fn new() -> Self {
        Self {
            form: RwSignal::new(Form::default()),
            report: RwSignal::new(Report::None),
            is_writing: RwSignal::new(false),
            is_waiting: RwSignal::new(false),
            number: StoredValue::new(0),
            slice: StoredValue::new_local(None),
        }
    }
}

impl Viewer {
    /// Asks for the three answers.
    pub(super) fn ask_answers(self) {
        self.answers.set(None);
        self.ask(|generation| Request::Answer { generation });
    }

    pub(super) fn answers_came(self, answers: Answers) {
        self.answers.set(Some(Arc::new(answers)));
    }

    /// Shows what a report can be asked.
    pub(crate) fn open_report(self) {
        self.reporting.form.update(|form| {
            if form.as_of.is_empty() {
                form.as_of = today();
            }
        });
        self.sheet.set(Some(Sheet::Report));
    }

    /// Changes what is asked: a report that was made of something else is none any more.
    pub(crate) fn edit_report(self, edit: impl FnOnce(&mut Form)) {
        self.drop_report();
        self.reporting.form.update(edit);
    }

    /// Forgets the report, and ends one that is being made. What is asked stays.
    pub(crate) fn drop_report(self) {
        let was = self
            .reporting
            .report
            .with_untracked(|r| matches!(r, Report::Making(_)));
        if was {
            self.ask(|generation| Request::StopReport { generation });
        }
        self.reporting.slice.set_value(None);
        self.reporting.is_writing.set(false);
        self.reporting.is_waiting.set(false);
        let is_none = self
            .reporting
            .report
            .with_untracked(|r| matches!(r, Report::None));
        if !is_none {
            self.reporting.report.set(Report::None);
        }
    }

    /// The same, with what was asked.
    pub(super) fn forget_report(self) {
        self.drop_report();
        self.reporting.form.set(Form::default());
        self.forget_notes();
    }

    /// Has the report made, once the files' SHA-256 are known.
    pub(crate) fn make_report(self) {
        self.drop_report();
        if let Err(message) = self.report_ask() {
            let error = ErrorView {
                message,
                hint: None,
            };
            return self.reporting.report.set(Report::Failed(error));
        }
        let number = self.reporting.number.get_value().wrapping_add(1);
        self.reporting.number.set_value(number);
        self.reporting.report.set(Report::Making(Making {
            number,
            done: 0,
            of: 0,
        }));
        self.reporting.is_waiting.set(true);
        self.digest_came();
    }

    /// A file's SHA-256 has come, or there is none: a report may have waited for it.
    pub(super) fn digest_came(self) {
        let are_known =
            |files: &Vec<FileInfo>| !files.iter().any(|f| matches!(f.sha256, Digest::Pending(_)));
        let is_due = self.reporting.is_waiting.get_untracked()
            && self.files.with_untracked(are_known)
            && self.earlier.with_untracked(are_known);
        // It was understood when it was asked for, and nothing has changed since.
        let ask = if is_due { self.report_ask().ok() } else { None };
        let Some(ask) = ask else { return };
        self.reporting.is_waiting.set(false);
        let number = self.reporting.number.get_value();
        let hashes = self.files.with_untracked(|files| known(files));
        let earlier_hashes = self.earlier.with_untracked(|files| known(files));
        self.ask(|generation| Request::Report {
            generation,
            report: number,
            asked: Box::new(ask),
            hashes,
            earlier_hashes,
        });
    }

    fn report_ask(self) -> Result<ReportAsk, String> {
        let form = self.reporting.form.get_untracked();
        let typed = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let count = typed(&form.expect_count).map(|text| {
            let digits = text.replace([',', ' ', '\u{a0}', '_'], "");
            digits
                .parse()
                .map_err(|_| format!("The expected entries are a number, not {text}"))
        });
        let notes = self.notes_text();
        Ok(ReportAsk {
            from: typed(&form.from),
            to: typed(&form.to),
            expect_count: count.transpose()?,
            control_totals: form.control_totals,
            pair: typed(&form.pair),
            retention: typed(&form.policy).map(|policy| RetentionPolicy {
                policy,
                as_of: form.as_of.trim().to_owned(),
            }),
            scan: form.scan,
            notes: notes.map(|text| Attached {
                name: self.report_name("notes.json"),
                text,
            }),
            evidence_slice: form
                .evidence_slice
                .then(|| self.report_name("evidence.jsonl")),
        })
    }

    /// `audit.db` gives `audit-report.html`.
    pub(super) fn report_name(self, ending: &str) -> String {
        let first = self
            .files
            .with_untracked(|files| files.first().map(|f| f.name.clone()));
        export_name(&first.unwrap_or_default(), ending)
    }

    fn awaits_report(self, number: u32) -> bool {
        self.reporting
            .report
            .with_untracked(|r| matches!(r, Report::Making(m) if m.number == number))
    }

    pub(super) fn report_goes_on(self, number: u32, done: u64, of: u64) {
        if self.awaits_report(number) {
            let making = Making { number, done, of };
            self.reporting.report.set(Report::Making(making));
        }
    }

    pub(super) fn reported_came(
        self,
        number: u32,
        found: Result<Box<ReportFound>, ErrorView>,
        slice: Option<Blob>,
    ) {
        if !self.awaits_report(number) {
            return;
        }
        self.reporting.slice.set_value(slice);
        self.reporting.report.set(match found {
            Ok(found) => Report::Made(Arc::from(found)),
            Err(error) => Report::Failed(error),
        });
    }

    /// Has the report written in this form, and saves it when it is there.
    pub(crate) fn save_report(self, format: ReportFormat) {
        self.reporting.is_writing.set(true);
        self.ask(|generation| Request::WriteReport { generation, format });
    }

    pub(super) fn report_written(self, format: ReportFormat, text: &str) {
        if !self.reporting.is_writing.get_untracked() {
            return;
        }
        self.reporting.is_writing.set(false);
        let kind = match format {
            ReportFormat::Html => "text/html;charset=utf-8",
            ReportFormat::Json => "application/json",
            ReportFormat::Markdown => "text/markdown;charset=utf-8",
            ReportFormat::Csv => "text/csv;charset=utf-8",
        };
        let name = self.report_name(&format!("report.{}", format.as_str()));
        self.save_as(&Array::of1(&JsValue::from_str(text)), kind, &name);
    }

    /// Saves the failing entries with their hashed bytes, as they were written with the report.
    pub(crate) fn save_slice(self) {
        if let Some(slice) = self.reporting.slice.get_value() {
            let name = self.report_name("evidence.jsonl");
            self.save_as(&Array::of1(&slice), "application/x-ndjson", &name);
        }
    }

    pub(super) fn save_as(self, parts: &Array, kind: &str, name: &str) {
        match save(parts, kind, name) {
            Ok(()) => self.say(format!("Saved as {name}")),
            Err(()) => self.notify(format!("The browser did not save {name}."), false),
        }
    }
}

/// The digests that are there.
fn known(files: &[FileInfo]) -> Vec<Option<String>> {
    let known = |file: &FileInfo| match &file.sha256 {
        Digest::Ready(hex) => Some(hex.clone()),
        Digest::Pending(_) | Digest::Failed(_) => None,
    };
    files.iter().map(known).collect()
}

/// The day as the reader's own calendar names it.
fn today() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "{:04}-{:02}-{:02}",
        now.get_full_year(),
        now.get_month() + 1,
        now.get_date()
    )
}
