//! The sample log that the page carries with it.

use js_sys::{Array, Uint8Array};
use web_sys::File;

/// A small log with four entries that somebody has tampered with.
const SAMPLE: &[u8] = include_bytes!("../../examples/tampered.db");
const SAMPLE_NAME: &str = "tampered.db";

/// The sample as a file, as if it had been chosen.
pub(crate) fn file() -> Option<File> {
    let parts = Array::of1(&Uint8Array::from(SAMPLE));
    File::new_with_u8_array_sequence(&parts, SAMPLE_NAME).ok()
}
