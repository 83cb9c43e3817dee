//! Files that were chosen.

use web_sys::{File, FileList};

/// The files of an input or of a drop.
pub(crate) fn listed(files: Option<FileList>) -> Vec<File> {
    let Some(files) = files else {
        return Vec::new();
    };
    (0..files.length()).filter_map(|i| files.item(i)).collect()
}
