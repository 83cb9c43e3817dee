//! The files' digests, from a worker of their own: a file's SHA-256 is serial and must not hold up anything else.

use auditglass::ErrorView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Digest, FileInfo, Viewer};
use crate::engine::client::{Client, Signal};
use crate::protocol::{Reply, Request};

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
        let hasher = Client::start(&program, move |signal| self.hear_hasher(signal));
        match hasher {
            Ok(hasher) => self.desk.update_value(|d| {
                let request = Request::Hash {
                    generation: d.generation,
                };
                // Sent at once: it waits in the worker's queue behind the module.
                if hasher.send(&request, &d.files).is_ok() {
                    d.hasher = Some(hasher);
                }
            }),
            Err(message) => self.no_digests(&message),
        }
    }

    fn hear_hasher(self, signal: Signal) {
        let generation = self.desk.try_with_value(|d| d.generation);
        let set = |file: u32, digest: Digest| {
            self.files.update(|files| {
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
                },
                _,
            ) if generation == Some(g) => {
                set(
                    file,
                    sha256.map_or_else(|e| Digest::Failed(told(e)), Digest::Ready),
                );
                let pending = |f: &FileInfo| matches!(f.sha256, Digest::Pending(_));
                if !self.files.with_untracked(|files| files.iter().any(pending)) {
                    self.dismiss_hasher();
                }
            }
            Signal::Reply(..) => {}
            Signal::Died(message) => {
                self.no_digests(&message);
                self.dismiss_hasher();
            }
        }
    }

    /// Ends the hasher and frees its memory; not from inside its own handler.
    fn dismiss_hasher(self) {
        let generation = self.desk.try_with_value(|d| d.generation);
        spawn_local(async move {
            self.desk.try_update_value(|d| {
                if Some(d.generation) == generation {
                    d.hasher = None;
                }
            });
        });
    }

    fn no_digests(self, message: &str) {
        self.files.update(|files| {
            for f in files
                .iter_mut()
                .filter(|f| matches!(f.sha256, Digest::Pending(_)))
            {
                f.sha256 = Digest::Failed(message.to_owned());
            }
        });
    }
}

fn told(error: ErrorView) -> String {
    error.message
}

/// What the browser tells of the machine's cores.
pub(super) fn cores() -> f64 {
    window().navigator().hardware_concurrency()
}
