//! An auditor's notes: read from a file, and put beside the entries that they are about.

use serde::Deserialize;

use super::Case;
use crate::canon::write_string;
use crate::error::Error;
use crate::units::RowIdx;
use crate::view::{Note, Notes, SignOff};

/// Notes that are read; each is looked for in the log.
const MOST_NOTES: usize = 1_000;
/// Bytes of one of their texts.
const MOST_TEXT: usize = 64 * 1024;

/// What a file of notes says; a report says more, which is of no concern here.
#[derive(Deserialize)]
struct File {
    notes: Option<Vec<Note>>,
    sign_off: Option<SignOff>,
}

impl Case {
    /// Reads notes and a signature from a file of their own or from the JSON form of a report, and finds the entries.
    ///
    /// # Errors
    ///
    /// If it is neither, or holds more than 1,000 notes or a text of more than 64 KB.
    pub fn notes(&self, json: &str) -> Result<Notes, Error> {
        let wrong = |what: String| {
            Error::unsupported(format!("the notes cannot be read: {what}")).with_hint(
                "They are an object with `notes`, a list of objects with `entry_id`, `note` and `author`, and perhaps `sign_off`.",
            )
        };
        let file: File = serde_json::from_str(json).map_err(|e| wrong(e.to_string()))?;
        let mut notes = match file {
            File {
                notes: None,
                sign_off: None,
            } => return Err(wrong("there are neither notes nor a sign-off".into())),
            File { notes, sign_off } => Notes {
                notes: notes.unwrap_or_default(),
                sign_off,
            },
        };
        if notes.notes.len() > MOST_NOTES {
            return Err(wrong("there are more than 1,000".into()));
        }
        let signed = notes.sign_off.iter();
        let signed = signed.flat_map(|s| [&s.name, &s.role, &s.date, &s.text]);
        let written = notes
            .notes
            .iter()
            .flat_map(|n| [&n.entry_id, &n.note, &n.author]);
        if signed.chain(written).any(|text| text.len() > MOST_TEXT) {
            return Err(wrong("a text has more than 64 KB".into()));
        }
        let index = &self.judge.index;
        for note in &mut notes.notes {
            let mut id = Vec::new();
            write_string(note.entry_id.as_bytes(), &mut id);
            let id = String::from_utf8_lossy(&id).into_owned();
            let row = index.rows_of_id(index.len(), &id).iter().next();
            note.entry = row.map(|row| self.entry_ref(RowIdx(row)));
        }
        Ok(notes)
    }
}
