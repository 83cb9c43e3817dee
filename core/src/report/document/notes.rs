//! What stands beside the engine's findings: an auditor's notes and signature, and the file of failing entries.

use super::Document;
use super::blocks::Block;
use crate::report::human::entries;

/// Notes about entries.
pub(super) fn blocks(document: &Document, out: &mut Vec<Block>) {
    if document.notes.is_empty() {
        return;
    }
    out.push(Block::Heading("Notes of the auditor".into()));
    let rows = document.notes.iter().map(|note| {
        let place = note.entry.as_ref().map_or_else(
            || "no entry with this id".to_owned(),
            |entry| format!("{}, {}", entry.source, entry.locator),
        );
        vec![
            note.entry_id.clone(),
            place,
            note.note.clone(),
            note.author.clone(),
        ]
    });
    out.push(Block::Table(
        vec!["id", "place", "note", "author"],
        rows.collect(),
    ));
}

/// The signature that was given, and lines for one by hand.
pub(super) fn sign_off(document: &Document, out: &mut Vec<Block>) {
    let Some(sign_off) = &document.sign_off else {
        out.push(Block::SignOff(vec![
            "Examined by",
            "Date",
            "Signature",
            "Remarks",
        ]));
        return;
    };
    out.push(Block::Heading("Sign-off".into()));
    let lines = [
        ("Examined by", &sign_off.name),
        ("Role", &sign_off.role),
        ("Date", &sign_off.date),
        ("Conclusion", &sign_off.text),
    ];
    let given = lines.iter().filter(|(_, text)| !text.is_empty());
    let rows = given.map(|(name, text)| vec![(*name).to_owned(), (*text).clone()]);
    out.push(Block::Table(vec!["", ""], rows.collect()));
    out.push(Block::SignOff(vec!["Signature"]));
}

/// Where the hashed bytes of the failing entries are.
pub(super) fn slice(document: &Document, out: &mut Vec<Block>) {
    let Some(slice) = &document.slice else {
        return;
    };
    out.push(Block::Text(format!(
        "The file {} holds {} with the exact bytes that were hashed, to be recomputed with any SHA-256 tool; its own SHA-256 is {}.",
        slice.name,
        entries(slice.entries),
        slice.sha256
    )));
}
