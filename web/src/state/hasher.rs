//! The files' digests, from a worker of their own: a file's SHA-256 is serial and must not hold up anything else.

use auditglass::ErrorView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use web_sys::File;

use super::{Digest, FileInfo, Viewer};
use crate::engine::boot::Program;
use crate::engine::client::{Client, Signal};
use crate::protocol::{Reply, Request, WhichExport};

/// So many cores are busy with the page, the engine and the browser's own reading.
const FEW_CORES: f64 = 2.0;

impl Viewer {
    /// Begins the files' digests: at once where the machine has cores to spare, else after the verdicts, which people wait
    /// for.
    pub(super) fn start_hasher(self) {
        let wanted = self.desk.with_value(|d| {
            let may_begin = !d.running || cores() > FEW_CORES;
            let idle = d.hasher.is_none() && !d.files.is_empty() && may_begin;
            d.program.clone().filter(|_| idle)
        });
        let Some(program) = wanted else { return };
        let files = self.desk.with_value(|d| d.files.clone());
        let hasher = self.hash_files(&program, WhichExport::Open, &files);
        self.desk.update_value(|d| d.hasher = hasher);
    }

    /// Begins the digests of an earlier export's files.
    pub(super) fn hash_earlier(self, files: &[File]) {
        let program = self.desk.with_value(|d| d.program.clone());
        if let Some(program) = program {
            let hasher = self.hash_files(&program, WhichExport::Earlier, files);
            self.desk.update_value(|d| d.earlier_hasher = hasher);
        }
    }

    fn hash_files(self, program: &Program, of: WhichExport, files: &[File]) -> Option<Client> {
        let generation = self.desk.with_value(|d| d.generation);
        let started = Client::start(program, move |signal| self.hear_hasher(of, signal));
        // Sent at once: it waits in the worker's queue behind the module.
        let sent = started.and_then(|hasher| {
            hasher.send(&Request::Hash { generation, of }, files)?;
            Ok(hasher)
        });
        if let Err(message) = &sent {
            self.no_digests(of, message);
        }
        sent.ok()
    }

    fn digests(self, of: WhichExport) -> RwSignal<Vec<FileInfo>> {
        match of {
            WhichExport::Open => self.files,
            WhichExport::Earlier => self.earlier,
        }
    }

    fn hear_hasher(self, of: WhichExport, signal: Signal) {
        let generation = self.desk.try_with_value(|d| d.generation);
        let files = self.digests(of);
        let set = |file: u32, digest: Digest| {
            files.update(|files| {
                if let Some(f) = files.get_mut(file as usize) {
                    f.sha256 = digest;
                }
            });
        };
        match signal {
            Signal::Reply(
                Reply::Hashing {
                    generation: g,
                    file,
                    bytes_done,
                    ..
                },
                _,
            ) if generation == Some(g) => {
                set(file, Digest::Pending(bytes_done));
            }
            Signal::Reply(
                Reply::Hashed {
                    generation: g,
                    file,
                    sha256,
                    ..
                },
                _,
            ) if generation == Some(g) => {
                set(
                    file,
                    sha256.map_or_else(|e| Digest::Failed(told(e)), Digest::Ready),
                );
                self.digest_came();
                self.dismiss_hasher(of);
            }
            Signal::Reply(..) => {}
            Signal::Died(message) => {
                self.no_digests(of, &message);
                self.dismiss_hasher(of);
            }
        }
    }

    /// Ends a hasher that has nothing more to do and frees its memory; not from inside its own handler.
    fn dismiss_hasher(self, of: WhichExport) {
        let generation = self.desk.try_with_value(|d| d.generation);
        spawn_local(async move {
            let pending = |f: &FileInfo| matches!(f.sha256, Digest::Pending(_));
            let is_needed = self
                .digests(of)
                .try_with_untracked(|f| f.iter().any(pending));
            self.desk.try_update_value(|d| {
                if Some(d.generation) == generation && is_needed == Some(false) {
                    match of {
                        WhichExport::Open => d.hasher = None,
                        WhichExport::Earlier => d.earlier_hasher = None,
                    }
                }
            });
        });
    }

    fn no_digests(self, of: WhichExport, message: &str) {
        self.digests(of).update(|files| {
            for f in files
                .iter_mut()
                .filter(|f| matches!(f.sha256, Digest::Pending(_)))
            {
                f.sha256 = Digest::Failed(message.to_owned());
            }
        });
        self.digest_came();
    }
}

fn told(error: ErrorView) -> String {
    error.message
}

/// What the browser tells of the machine's cores.
pub(super) fn cores() -> f64 {
    window().navigator().hardware_concurrency()
}
