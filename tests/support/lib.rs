//! What the tests share: opening files as a case, collecting what was judged, finding Python and the command.

pub mod pack;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

use auditglass::{
    ByteSource, Case, Input, JudgedEntry, Memory, Observer, OpenOptions, Progress, Verdict,
};
use sha2::{Digest, Sha256};

/// The hashed fields, sorted as they are hashed.
pub const HASHED: [&str; 8] = [
    "action",
    "actor",
    "details",
    "entry_id",
    "event_type",
    "resource_id",
    "resource_type",
    "timestamp",
];

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the root")
        .to_path_buf()
}

/// A file on the disk, read in place.
struct OnDisk {
    file: Mutex<File>,
    len: u64,
}

impl ByteSource for OnDisk {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().map_err(|_| io::Error::other("poisoned"))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut done = 0;
        while done < buf.len() {
            match file.read(&mut buf[done..])? {
                0 => break,
                n => done += n,
            }
        }
        Ok(done)
    }
}

/// A file on the disk as an input; its name is the base name.
#[must_use]
pub fn file_input(path: &Path) -> Input {
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let len = file.metadata().expect("an open file has metadata").len();
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Input {
        name,
        bytes: Box::new(OnDisk {
            file: Mutex::new(file),
            len,
        }),
        is_found: false,
    }
}

/// Bytes as an input.
#[must_use]
pub fn memory_input(name: &str, bytes: impl Into<Vec<u8>>) -> Input {
    Input {
        name: name.to_owned(),
        bytes: Box::new(Memory::new(bytes)),
        is_found: false,
    }
}

/// What was judged about one entry, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The name of its source.
    pub source: String,
    /// Where it lies, as JSON.
    pub locator: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// The entry's id, as JSON.
    pub entry_id: String,
    /// The claimed checksum, as JSON.
    pub claimed: String,
    /// The recomputed checksum.
    pub recomputed: Option<String>,
    /// Why it is not verified.
    pub reason: Option<String>,
}

#[derive(Default)]
struct Collector {
    judged: Vec<Judged>,
}

impl Observer for Collector {
    fn progress(&mut self, _: &Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_entries(&self) -> bool {
        true
    }

    fn judged(&mut self, entry: &JudgedEntry<'_>) -> ControlFlow<()> {
        self.judged.push(Judged {
            source: entry.source.to_owned(),
            locator: serde_json::to_string(&entry.locator).expect("a locator is plain data"),
            verdict: entry.verdict,
            entry_id: entry.entry_id.to_owned(),
            claimed: entry.claimed_checksum.to_owned(),
            recomputed: entry.recomputed_checksum.map(ToOwned::to_owned),
            reason: entry.reason.map(ToOwned::to_owned),
        });
        ControlFlow::Continue(())
    }
}

/// Opens and verifies; the verdicts in source order.
#[must_use]
pub fn judge(inputs: Vec<Input>) -> (Case, Vec<Judged>) {
    judge_with(inputs, OpenOptions::default())
}

/// The same, with what can be chosen.
#[must_use]
pub fn judge_with(inputs: Vec<Input>, options: OpenOptions) -> (Case, Vec<Judged>) {
    let mut case = Case::open_with(inputs, options);
    let mut collector = Collector::default();
    case.verify(&mut collector).expect("nobody cancels");
    (case, collector.judged)
}

/// The first 16 hex digits of the SHA-256.
#[must_use]
pub fn checksum(canonical: &[u8]) -> String {
    Sha256::digest(canonical)
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// Bytes written as hex digits.
#[must_use]
pub fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "an odd number of hex digits");
    let digit = |b: u8| char::from(b).to_digit(16).expect("a hex digit");
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            u8::try_from(digit(pair[0]) << 4 | digit(pair[1])).expect("two digits are a byte")
        })
        .collect()
}

/// Runs a script of this package with Python; its standard output.
///
/// # Panics
///
/// If Python is not there or the script fails: without CPython as the judge there is no test.
#[must_use]
pub fn python(script: &str, arguments: &[&str]) -> Vec<u8> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new("python3")
        .arg("-B")
        .arg(&script)
        .args(arguments)
        .output()
        .expect("python3 (CPython 3.11) is needed as the judge");
    assert!(
        output.status.success(),
        "{}: {}",
        script.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The `auditglass` command, built once.
///
/// # Panics
///
/// If it does not build.
#[must_use]
pub fn command() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // A test's own executable lies in `<target>/<profile>/deps`.
        let test = std::env::current_exe().expect("a running test has a path");
        let profile = test
            .parent()
            .and_then(Path::parent)
            .expect("target/<profile>/deps");
        let target = profile.parent().expect("target/<profile>");
        let mut build = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        build
            .current_dir(root())
            .args([
                "build",
                "--quiet",
                "-p",
                "auditglass",
                "--features",
                "cli",
                "--bin",
                "auditglass",
            ])
            .arg("--target-dir")
            .arg(target);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().expect("cargo runs");
        assert!(status.success(), "the command does not build");
        profile.join(format!("auditglass{}", std::env::consts::EXE_SUFFIX))
    })
}

/// Runs `auditglass` in `folder`.
///
/// # Panics
///
/// If it cannot be started.
#[must_use]
pub fn auditglass(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(command())
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the command starts")
}
