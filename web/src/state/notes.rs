//! An auditor's notes about entries, and the signature under the report.

use std::sync::Arc;

use auditglass::{Note, Notes, SignOff};
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::Viewer;
use crate::engine::size_of;

/// Notes that a report takes (as `Case::notes` does).
const MOST_NOTES: usize = 1_000;
/// Bytes of a file that is read whole.
const MOST_BYTES: u64 = 64 << 20;

impl Viewer {
    /// What is noted about an entry.
    pub(crate) fn note_of(self, entry_id: &str) -> Option<Note> {
        self.notes
            .with(|n| n.notes.iter().find(|n| n.entry_id == entry_id).cloned())
    }

    /// Notes something about an entry, in place of what was noted before; nothing forgets it.
    pub(crate) fn note(self, entry_id: &str, text: &str) {
        self.edit_notes(|all| {
            let author = author(all);
            let notes = &mut all.notes;
            match notes.iter().position(|n| n.entry_id == entry_id) {
                Some(at) if text.trim().is_empty() => {
                    notes.remove(at);
                }
                Some(at) => text.clone_into(&mut notes[at].note),
                None if text.trim().is_empty() || notes.len() >= MOST_NOTES => {}
                None => notes.push(Note {
                    entry_id: entry_id.to_owned(),
                    note: text.to_owned(),
                    author,
                    entry: None,
                }),
            }
        });
    }

    /// Changes the signature.
    pub(crate) fn sign(self, edit: impl FnOnce(&mut SignOff)) {
        self.edit_notes(|all| {
            let sign_off = all.sign_off.get_or_insert_default();
            edit(sign_off);
            if *sign_off == SignOff::default() {
                all.sign_off = None;
            }
        });
    }

    fn edit_notes(self, edit: impl FnOnce(&mut Notes)) {
        // What was made says what was noted then.
        self.drop_report();
        self.notes.update(|all| edit(Arc::make_mut(all)));
        self.are_notes_saved.set_value(false);
    }

    pub(super) fn forget_notes(self) {
        self.notes.set(Arc::default());
        self.are_notes_saved.set_value(true);
    }

    /// The notes as a file holds them; `None` if there are none.
    pub(super) fn notes_text(self) -> Option<String> {
        let notes = self.notes.get_untracked();
        if notes.notes.is_empty() && notes.sign_off.is_none() {
            return None;
        }
        // A structure of texts can always be written.
        let mut text = serde_json::to_string_pretty(&*notes).ok()?;
        text.push('\n');
        Some(text)
    }

    /// Saves the notes under the name by which the report's command speaks of them.
    pub(crate) fn save_notes(self) {
        if let Some(text) = self.notes_text() {
            let name = self.report_name("notes.json");
            let parts = Array::of1(&JsValue::from_str(&text));
            self.save_as(&parts, "application/json", &name);
            self.are_notes_saved.set_value(true);
        }
    }

    /// Takes the notes of a file, which may be a report in JSON, in place of those that are here.
    pub(crate) fn load_notes(self, file: File) {
        self.read_text(file, move |viewer, name, text| {
            match serde_json::from_str::<Notes>(&text) {
                Ok(mut notes) if !notes.notes.is_empty() || notes.sign_off.is_some() => {
                    for note in &mut notes.notes {
                        // Of another case, perhaps.
                        note.entry = None;
                    }
                    notes.notes.truncate(MOST_NOTES);
                    viewer.drop_report();
                    viewer.notes.set(Arc::new(notes));
                    viewer.are_notes_saved.set_value(true);
                }
                Ok(_) => {
                    viewer.notify(format!("{name} holds neither notes nor a sign-off."), false);
                }
                Err(error) => viewer.notify(
                    format!("The notes in {name} cannot be read: {error}."),
                    false,
                ),
            }
        });
    }

    /// Reads a small file whole, and hands on its base name and its text.
    pub(crate) fn read_text(self, file: File, then: impl FnOnce(Self, String, String) + 'static) {
        let name = file.name();
        if size_of(&file) > MOST_BYTES {
            return self.notify(format!("{name} is too long to be such a file."), false);
        }
        spawn_local(async move {
            match JsFuture::from(file.text()).await.map(|t| t.as_string()) {
                Ok(Some(text)) => then(self, name, text),
                Ok(None) | Err(_) => self.notify(format!("{name} could not be read."), false),
            }
        });
    }

    /// Has the browser ask before it closes a page with notes that were not saved.
    pub(super) fn guard_notes(self) {
        let handle = window_event_listener_untyped("beforeunload", move |event| {
            if self.are_notes_saved.try_get_value() == Some(false) {
                event.prevent_default();
            }
        });
        // It lives as long as the page does.
        drop(handle);
    }
}

/// Whoever signs is who notes.
fn author(notes: &Notes) -> String {
    notes
        .sign_off
        .as_ref()
        .map_or_else(String::new, |s| s.name.clone())
}
