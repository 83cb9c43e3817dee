//! The SHA-256 of whole files, in a worker of its own.

use std::ops::ControlFlow;

use auditglass::{ByteSource, Error, ErrorView};
use web_sys::File;

use super::blob::BlobSource;
use super::explore::Sink;
use super::worker::{REPORT_EVERY_MS, describe, error_view, now_ms};
use crate::protocol::{Reply, WhichExport};

/// Tells the SHA-256 of each file.
pub(super) fn hash(generation: u32, of: WhichExport, files: Vec<File>, sink: Sink<'_>) {
    for (file, index) in files.into_iter().zip(0_u32..) {
        let sha256 = hash_one(generation, (of, index), file, sink);
        sink(
            &Reply::Hashed {
                generation,
                of,
                file: index,
                sha256,
            },
            None,
        );
    }
}

fn hash_one(
    generation: u32,
    (of, index): (WhichExport, u32),
    file: File,
    sink: Sink<'_>,
) -> Result<String, ErrorView> {
    let cannot = |message: String| ErrorView {
        message,
        hint: None,
    };
    let source = BlobSource::new(file).map_err(|e| cannot(describe(&e)))?;
    let mut reported = now_ms();
    let mut progress = |bytes_done: u64| {
        let now = now_ms();
        if now - reported >= REPORT_EVERY_MS * 4.0 {
            reported = now;
            sink(
                &Reply::Hashing {
                    generation,
                    of,
                    file: index,
                    bytes_done,
                },
                None,
            );
        }
        ControlFlow::Continue(())
    };
    let digest =
        auditglass::sha256_hex(&source, &mut progress).map_err(|e| error_view(&Error::from(e)))?;
    let digest = digest.ok_or_else(|| cannot("the file was not read to its end".into()))?;
    if source.has_changed() {
        return Err(cannot("the file changed while it was read".into()));
    }
    Ok(digest)
}
