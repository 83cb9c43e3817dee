//! Which arrays of a document are logs.
//!
//! An array is a log if more than half of the objects in it have all hashed fields. That is known when it closes, or as
//! soon as [`PROBE`] of its objects were seen and most of them are entries, so that a large log starts at once. Of nested
//! candidates the outermost counts, and none inside the `details` of an entry, which are its own content. Objects that look
//! like entries and lie in no log are counted: nothing hides beside one.

use super::element::{ALL_FIELDS, field_bit};
use super::refusal::{STEPS, Step, is_columns, is_table, near_bit};
use super::walk::{Found, Frame, LIKE_AN_ENTRY, LOG_LIMIT, State, Walker};
use crate::json::scan_string;
use crate::scheme::{REFERENCE, field_index};

/// Objects of an array after which it may be decided.
const PROBE: u32 = 1024;

/// Members whose empty array is an empty log.
const LOG_NAMES: [&str; 10] = [
    "entries",
    "audit_log",
    "rows",
    "records",
    "events",
    "log",
    "logs",
    "data",
    "items",
    "results",
];

impl Walker {
    pub(super) fn push(&mut self, is_object: bool) {
        let parent = self.frames.last();
        let in_details = parent
            .is_some_and(|f| f.in_details || f.is_object && self.keys[f.key..] == *b"details");
        if let Some(parent) = self.frames.last_mut().filter(|f| f.is_object) {
            parent.containers |= field_index(&self.keys[parent.key..]).map_or(0, |i| 1 << i);
        }
        self.open_arrays += usize::from(!is_object);
        self.frames.push(Frame {
            open: self.at,
            is_object,
            in_details,
            mask: 0,
            containers: 0,
            renamed: 0,
            has_checksum: false,
            lists: 0,
            objects: 0,
            entries: 0,
            elements: 0,
            key: self.keys.len(),
            candidates: self.candidates.len(),
            strays: self.strays,
            not_strict: self.not_strict,
        });
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.open_arrays -= usize::from(!frame.is_object);
        self.keys.truncate(frame.key);
        Some(frame)
    }

    pub(super) fn enter_member(&mut self, token: &[u8]) -> bool {
        let Ok((key, _)) = scan_string(token, 0) else {
            return false;
        };
        let Some(frame) = self.frames.last_mut() else {
            return false;
        };
        let bit = field_bit(key);
        frame.mask |= bit;
        if bit == 0 {
            frame.has_checksum |= key.raw == REFERENCE.checksum_field.as_bytes();
            let renamed = near_bit(key.raw);
            frame.renamed |= renamed;
            if renamed != 0 && self.near.name.is_none() {
                self.near.name = Some(String::from_utf8_lossy(key.raw).into_owned());
            }
        }
        self.keys.truncate(frame.key);
        self.keys
            .extend_from_slice(&key.raw[..key.raw.len().min(64)]);
        true
    }

    fn add_stray(&mut self, open: u64) {
        if self.strays == 0 {
            self.first_stray = open;
        }
        self.strays += 1;
    }

    /// Counts an element of the array on top; an object with the fields that it has.
    pub(super) fn count_element(&mut self, object: Option<u8>) {
        let Some(array) = self.frames.last_mut().filter(|f| !f.is_object) else {
            return;
        };
        array.elements = array.elements.saturating_add(1);
        if let Some(mask) = object {
            array.objects = array.objects.saturating_add(1);
            array.entries = array.entries.saturating_add(u32::from(mask == ALL_FIELDS));
            let fields = mask.count_ones();
            if fields > self.nearest.as_ref().map_or(0, |(m, _)| m.count_ones()) {
                self.nearest = Some((mask, self.path()));
            }
        }
    }

    /// Closes the container on top; returns a log that is decided by it.
    pub(super) fn close(&mut self) -> Option<Found> {
        let frame = *self.frames.last()?;
        let is_log = !frame.is_object && frame.entries * 2 > frame.objects;
        let is_empty = !frame.is_object && frame.elements == 0 && self.empty_log.is_none();
        let path = if is_log || is_empty {
            self.path()
        } else {
            String::new()
        };
        let is_columns = frame.is_object && is_columns(frame.mask, frame.containers);
        self.note_near(&frame, is_columns);
        self.pop();
        self.state = State::AfterValue;
        if frame.is_object {
            if frame.mask.count_ones() >= LIKE_AN_ENTRY {
                // What lies inside it is its own content.
                self.candidates.truncate(frame.candidates);
                self.strays = frame.strays;
                self.add_stray(frame.open);
            }
            self.count_element(Some(if is_columns { 0 } else { frame.mask }));
            if self.frames.is_empty() {
                self.root_is_entry = frame.mask == ALL_FIELDS && !is_columns;
                self.root_is_like_one = frame.has_checksum
                    && !is_table(frame.mask, frame.containers)
                    && frame.mask.count_ones() >= LIKE_AN_ENTRY
                    && frame.mask | frame.renamed != ALL_FIELDS;
            }
        } else {
            self.count_element(None);
            if is_log {
                self.candidates.truncate(frame.candidates);
                self.strays = frame.strays;
                self.not_strict = frame.not_strict;
                self.candidates.push(Found {
                    open: frame.open,
                    path,
                    is_open: false,
                });
            } else if is_empty {
                let name = self.frames.last().map(|f| &self.keys[f.key..]);
                if name.is_none_or(|n| LOG_NAMES.iter().any(|l| l.as_bytes() == n)) {
                    self.empty_log = Some(Found {
                        open: frame.open,
                        path,
                        is_open: false,
                    });
                }
            }
        }
        if self.candidates.len() > LOG_LIMIT {
            self.candidates.truncate(LOG_LIMIT);
            self.has_too_many = true;
        }
        self.decide_early().or_else(|| self.next_candidate())
    }

    /// Keeps the container on top, which closes, in mind for an explanation.
    fn note_near(&mut self, frame: &Frame, is_columns: bool) {
        let in_array = self.frames.len() > 1
            && self
                .frames
                .get(self.frames.len() - 2)
                .is_some_and(|f| !f.is_object);
        if frame.is_object {
            if is_columns {
                let path = self.path();
                self.near.columns.get_or_insert(path);
            } else if frame.mask == ALL_FIELDS && !in_array {
                if self.near.deeper.len() < 2 {
                    let steps = self.steps();
                    self.near.deeper.push(steps);
                }
            } else if frame.renamed != 0
                && frame.mask | frame.renamed == ALL_FIELDS
                && self.near.renamed.is_none()
            {
                self.near.renamed = Some(self.path());
            }
            return;
        }
        if frame.mask == ALL_FIELDS && self.near.names.is_none() {
            self.near.names = Some(self.path());
        }
        if frame.lists * 2 > frame.elements && self.near.lists.is_none() {
            self.near.lists = Some(self.path());
        }
        if in_array && frame.elements >= ALL_FIELDS.count_ones() {
            let outer = self.frames.len() - 2;
            if let Some(outer) = self.frames.get_mut(outer) {
                outer.lists = outer.lists.saturating_add(1);
            }
        }
    }

    /// The path of the container on top, step by step.
    fn steps(&self) -> Vec<Step> {
        let outer = self.frames.len().saturating_sub(1).min(STEPS);
        let mut steps = Vec::new();
        for (i, frame) in self.frames.iter().enumerate().take(outer) {
            steps.push(match frame.is_object {
                true => {
                    let end = self.frames.get(i + 1).map_or(self.keys.len(), |n| n.key);
                    let key = &self.keys[frame.key..end];
                    Step::Member(String::from_utf8_lossy(key).into_owned())
                }
                false => Step::Element,
            });
        }
        steps
    }

    /// The array on top, if enough of it was seen and no array around it could still claim it.
    fn decide_early(&mut self) -> Option<Found> {
        let array = self
            .frames
            .last()
            .copied()
            .filter(|f| !f.is_object && !f.in_details)?;
        let is_decided =
            array.objects >= PROBE && array.entries * 2 > array.objects && self.open_arrays == 1;
        if !is_decided {
            return None;
        }
        self.candidates.truncate(array.candidates);
        self.strays = array.strays;
        self.not_strict = array.not_strict;
        Some(Found {
            open: array.open,
            path: self.path(),
            is_open: true,
        })
    }

    /// The first log of a document that breaks off here: the complete ones, then the outermost open array that is one by
    /// what was seen of it. Behind it the walk cannot go on.
    pub(super) fn conclude(&mut self) -> Option<Found> {
        let is_log = |i: usize| {
            let f = self.frames[i];
            // The element that is being walked counts too, as far as it is known.
            let open = self.frames.get(i + 1).filter(|e| e.is_object);
            let open = open.map_or(0, |e| u32::from(e.mask.count_ones() >= LIKE_AN_ENTRY));
            !f.is_object && !f.in_details && (f.entries + open) * 2 > f.objects + open
        };
        if let Some(i) = (0..self.frames.len()).find(|&i| is_log(i)) {
            let array = self.frames[i];
            self.frames.truncate(i + 1);
            self.keys.truncate(array.key);
            let path = self.path();
            self.candidates.truncate(array.candidates);
            self.candidates.push(Found {
                open: array.open,
                path,
                is_open: false,
            });
            self.strays = array.strays;
            self.not_strict = array.not_strict;
        }
        self.frames.clear();
        self.open_arrays = 0;
        self.next_candidate()
    }

    /// The next candidate that no open array can claim any more.
    pub(super) fn next_candidate(&mut self) -> Option<Found> {
        let in_details = self
            .frames
            .last()
            .is_some_and(|f| f.in_details || f.is_object && self.keys[f.key..] == *b"details");
        if self.open_arrays > 0 || in_details || self.candidates.is_empty() {
            return None;
        }
        // In document order: the ones found while an array was open were pushed in that order.
        Some(self.candidates.remove(0))
    }

    /// The path of the container on top.
    fn path(&self) -> String {
        let mut path = String::from("$");
        for (i, frame) in self
            .frames
            .iter()
            .enumerate()
            .take(self.frames.len().saturating_sub(1))
        {
            if i == 32 {
                path.push('…');
                break;
            }
            if frame.is_object {
                let end = self
                    .frames
                    .get(i + 1)
                    .map_or(self.keys.len(), |next| next.key);
                path.push('.');
                path.push_str(&String::from_utf8_lossy(&self.keys[frame.key..end]));
            } else {
                path.push_str(&format!("[{}]", frame.elements));
            }
        }
        path
    }
}
