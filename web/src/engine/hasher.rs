//! The SHA-256 of whole files, in a worker of its own.
//!
//! A file is streamed into one buffer: read by slices, a large one left hundreds of megabytes to be collected.

use auditglass::{ByteSource, Error, ErrorView, Hashing};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::ahead::Pieces;
use super::blob::BlobSource;
use super::worker::{REPORT_EVERY_MS, describe, error_view, now_ms};
use crate::protocol::{Reply, WhichExport};

/// Bytes read at once where there is no stream.
const SLICE: usize = 1 << 20;

/// Tells the SHA-256 of each file, one after the other.
pub(super) fn hash(
    generation: u32,
    of: WhichExport,
    files: Vec<File>,
    sink: impl Fn(&Reply, Option<&JsValue>) + 'static,
) {
    spawn_local(async move {
        for (file, index) in files.into_iter().zip(0_u32..) {
            let mut reported = now_ms();
            let tell = |bytes_done: u64| {
                let now = now_ms();
                if now - reported >= REPORT_EVERY_MS * 4.0 {
                    reported = now;
                    let report = Reply::Hashing {
                        generation,
                        of,
                        file: index,
                        bytes_done,
                    };
                    sink(&report, None);
                }
            };
            let sha256 = hash_one(file, tell).await;
            let hashed = Reply::Hashed {
                generation,
                of,
                file: index,
                sha256,
            };
            sink(&hashed, None);
        }
    });
}

async fn hash_one(file: File, mut tell: impl FnMut(u64)) -> Result<String, ErrorView> {
    let cannot = |message: String| ErrorView {
        message,
        hint: None,
    };
    let mut pieces = Pieces::of(&file);
    let source = BlobSource::new(file).map_err(|e| cannot(describe(&e)))?;
    let read = |at: u64, bytes: &mut [u8]| {
        source
            .read_at(at, bytes)
            .map_err(|e| error_view(&Error::from(e)))
    };
    let (mut hashing, mut bytes, mut at) = (Hashing::default(), Vec::new(), 0);
    loop {
        match pieces.next().await {
            Some(piece) => {
                bytes.resize(piece.length() as usize, 0);
                piece.copy_to(&mut bytes);
            }
            // What a stream does not bring is read, so that an error has its place.
            None => {
                bytes.resize(SLICE, 0);
                let n = read(at, &mut bytes)?;
                bytes.truncate(n);
            }
        }
        if bytes.is_empty() {
            break;
        }
        hashing.update(&bytes);
        at += bytes.len() as u64;
        tell(at);
    }
    // A browser refuses to read a file that has changed since it was chosen.
    if let Some(last) = at.checked_sub(1) {
        read(last, &mut [0])?;
    }
    if source.has_changed() {
        return Err(cannot("the file changed while it was read".into()));
    }
    Ok(hashing.hex())
}
