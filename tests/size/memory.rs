//! How much memory a process and all that it started hold, as Linux tells it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Looks at a process from beside it, ten times a second.
pub(crate) struct Watch {
    done: Arc<AtomicBool>,
    peak: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Watches the processes and their descendants.
    pub(crate) fn of(processes: Vec<u32>) -> Self {
        let (done, peak) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let thread = {
            let (done, peak) = (Arc::clone(&done), Arc::clone(&peak));
            thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    // First it waits, so as not to be in the way of the first verdicts.
                    thread::sleep(Duration::from_millis(100));
                    peak.fetch_max(held_by_all(&processes), Ordering::Relaxed);
                }
            })
        };
        Self { done, peak, thread }
    }

    /// The most bytes that were held at one moment.
    pub(crate) fn peak(self) -> u64 {
        self.done.store(true, Ordering::Relaxed);
        self.thread.join().ok();
        self.peak.load(Ordering::Relaxed)
    }
}

/// The proportional set size of some processes and their descendants: memory that several of them share is counted once.
fn held_by_all(roots: &[u32]) -> u64 {
    // Who started whom is asked of all that there are: the list of children that each thread has can lack those of a
    // thread that has ended.
    let parents = parents();
    let mut all = roots.to_vec();
    let mut at = 0;
    while let Some(parent) = all.get(at).copied() {
        for (child, of) in &parents {
            if *of == parent && !all.contains(child) {
                all.push(*child);
            }
        }
        at += 1;
    }
    all.into_iter().map(held_by).sum()
}

fn held_by(process: u32) -> u64 {
    let own = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        .unwrap_or(0);
    own * 1024
}

/// Every process, with the one that started it.
fn parents() -> Vec<(u32, u32)> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|p| p.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // Behind the name, which is in parentheses and may hold anything, stand the state and the parent.
        let (_, rest) = text.rsplit_once(')')?;
        Some((id, rest.split_whitespace().nth(1)?.parse().ok()?))
    })
    .collect()
}
