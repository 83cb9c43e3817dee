//! The logs that the tests open, made once by `make_logs.py`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;

/// What `make_logs.py` tells of what it made.
#[derive(Debug, Deserialize)]
pub(crate) struct Logs {
    pub(crate) tampered: Tampered,
    pub(crate) large: Large,
    pub(crate) hostile: Hostile,
    pub(crate) hot: Hot,
    pub(crate) earlier: Earlier,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tampered {
    pub(crate) entries: usize,
    pub(crate) altered: Vec<Altered>,
    /// Of the database file, in hex.
    pub(crate) sha256: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Large {
    pub(crate) entries: usize,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hostile {
    pub(crate) entries: usize,
    /// Different actors.
    pub(crate) actors: usize,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hot {
    pub(crate) entries: usize,
}

/// An export of the altered log from before.
#[derive(Debug, Deserialize)]
pub(crate) struct Earlier {
    pub(crate) entries: usize,
    /// Of them, those that the altered log does not have.
    pub(crate) gone: usize,
    /// Entries that only the altered log has.
    pub(crate) added: usize,
}

/// An entry whose checksum no longer fits.
#[derive(Debug, Deserialize)]
pub(crate) struct Altered {
    pub(crate) entry_id: String,
    pub(crate) claimed: String,
    pub(crate) recomputed: String,
}

impl Logs {
    /// Makes them on the first call.
    pub(crate) fn get() -> &'static Self {
        static LOGS: OnceLock<Logs> = OnceLock::new();
        LOGS.get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e");
            std::fs::create_dir_all(&folder).expect("a folder for the logs");
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/make_logs.py");
            let output = Command::new("python3")
                .arg(script)
                .arg(&folder)
                .output()
                .expect("python3 runs");
            assert!(
                output.status.success(),
                "make_logs.py: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            let logs: Self =
                serde_json::from_slice(&output.stdout).expect("make_logs.py prints JSON");
            Self { folder, ..logs }
        })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A file that is no log, made here.
    pub(crate) fn noise(&self) -> PathBuf {
        let file = self.file("noise.bin");
        let bytes: Vec<u8> = (0..5000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        std::fs::write(&file, bytes).expect("the folder can be written");
        file
    }
}
