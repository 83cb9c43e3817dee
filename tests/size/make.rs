//! Sources of any size, made on the fly: every entry in them carries the checksum that the reference writer would give it.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use auditglass_tests::checksum;
use rusqlite::{Connection, params};

/// Numbers in the details of an entry; about 2 KB of text, as a model's feature vector takes.
const FEATURES: u64 = 170;
/// Bytes of a page of the sparse database.
const PAGE: u64 = 65_536;
/// Entries of the sparse database; one half lies before the hole, the other behind it.
const SPARSE_ENTRIES: u64 = 200_000;

/// A container of the size test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lines,
    Array,
    Sqlite,
    Dump,
    Gzip,
    /// JSON Lines of ordinary entries around one of the given size.
    Single,
}

impl Kind {
    pub(crate) const ALL: [(&'static str, Self, u64); 6] = [
        ("lines", Self::Lines, 4 << 30),
        ("array", Self::Array, 4 << 30),
        ("sqlite", Self::Sqlite, 8 << 30),
        ("dump", Self::Dump, 2 << 30),
        ("gzip", Self::Gzip, 1 << 30),
        ("single", Self::Single, 256_000_000),
    ];
}

/// One entry: its fields as they are hashed and as they are written.
struct Entry {
    entry_id: String,
    timestamp: String,
    resource_id: String,
    details: String,
    checksum: String,
}

const EVENT_TYPE: &str = "inference_request";
const ACTOR: &str = "scoring-service";
const RESOURCE_TYPE: &str = "model";
const ACTION: &str = "predict";

/// A multiplicative generator is all the variety that is needed, and the same everywhere.
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state = state
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(0x1405_7B7E_F767_814F);
        state >> 33
    }
}

/// So many numbers, as Python writes a list of them.
fn features(seed: u64, count: u64) -> String {
    let mut next = numbers(seed);
    let mut text = String::new();
    for i in 0..count {
        if i > 0 {
            text.push_str(", ");
        }
        // As Python would write it: no small number with an exponent, and the last digit is never 0.
        let (head, last) = (10_000_000 + next() % 90_000_000, 1 + next() % 9);
        write!(text, "0.{head}{last}").expect("memory can be written to");
    }
    text
}

/// Makes entries; the feature vectors repeat, so that making them takes less time than judging them.
struct Maker {
    features: Vec<String>,
}

impl Maker {
    fn new() -> Self {
        Self {
            features: (0..256).map(|seed| features(seed, FEATURES)).collect(),
        }
    }

    /// The `n`-th entry.
    fn entry(&self, n: u64) -> Entry {
        let pool = self.features.len() as u64;
        let pick = usize::try_from(n % pool).expect("it is small");
        Entry::new(n, &self.features[pick])
    }
}

impl Entry {
    fn new(n: u64, features: &str) -> Self {
        let mut next = numbers(n);
        let details = format!("{{\"features\": [{features}], \"request_id\": \"req-{n:010}\"}}");
        let (second, micro) = (n / 4, n % 4 * 250_000 + 1);
        let day = second / 86_400;
        let timestamp = format!(
            "20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}.{micro:06}",
            20 + day / 336,
            1 + day / 28 % 12,
            1 + day % 28,
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
        );
        let entry_id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{n:012x}",
            next() & 0xffff_ffff,
            next() & 0xffff,
            next() & 0xfff,
            next() & 0xfff
        );
        let resource_id = format!("credit-risk:{}", n % 7);
        let canonical = format!(
            "{{\"action\": \"{ACTION}\", \"actor\": \"{ACTOR}\", \"details\": {details}, \"entry_id\": \"{entry_id}\", \
             \"event_type\": \"{EVENT_TYPE}\", \"resource_id\": \"{resource_id}\", \
             \"resource_type\": \"{RESOURCE_TYPE}\", \"timestamp\": \"{timestamp}\"}}"
        );
        Self {
            checksum: checksum(canonical.as_bytes()),
            entry_id,
            timestamp,
            resource_id,
            details,
        }
    }

    fn json(&self) -> String {
        let Self {
            entry_id,
            timestamp,
            resource_id,
            details,
            checksum,
        } = self;
        format!(
            "{{\"entry_id\": \"{entry_id}\", \"timestamp\": \"{timestamp}\", \"event_type\": \"{EVENT_TYPE}\", \
             \"actor\": \"{ACTOR}\", \"resource_type\": \"{RESOURCE_TYPE}\", \"resource_id\": \"{resource_id}\", \
             \"action\": \"{ACTION}\", \"details\": {details}, \"checksum\": \"{checksum}\"}}"
        )
    }

    fn insert(&self) -> String {
        let Self {
            entry_id,
            timestamp,
            resource_id,
            details,
            checksum,
        } = self;
        format!(
            "INSERT INTO audit_log VALUES('{entry_id}','{timestamp}','{EVENT_TYPE}','{ACTOR}','{RESOURCE_TYPE}',\
             '{resource_id}','{ACTION}','{details}','{checksum}','{timestamp}');\n"
        )
    }
}

const SCHEMA: &str = "CREATE TABLE audit_log (entry_id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, \
    event_type TEXT NOT NULL, actor TEXT NOT NULL, resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, \
    action TEXT NOT NULL, details TEXT NOT NULL, checksum TEXT NOT NULL, written_at TEXT NOT NULL);";

/// Writes a source of about `bytes` bytes to `file` and returns how many entries it holds.
pub(crate) fn make(kind: Kind, bytes: u64, file: &Path) -> io::Result<u64> {
    let maker = Maker::new();
    match kind {
        Kind::Sqlite => sparse(&maker, bytes, file),
        Kind::Gzip => gzip(&maker, bytes, file),
        Kind::Lines => lines(&maker, bytes, &mut BufWriter::new(File::create(file)?)),
        Kind::Single => {
            let mut out = BufWriter::new(File::create(file)?);
            for n in 0..3 {
                let count = if n == 1 { bytes / 13 } else { FEATURES };
                writeln!(out, "{}", Entry::new(n, &features(n, count)).json())?;
            }
            out.flush()?;
            Ok(3)
        }
        Kind::Array => {
            let mut out = BufWriter::new(File::create(file)?);
            let (mut written, mut n) = (0, 0);
            while written < bytes {
                let entry = maker.entry(n).json();
                written += entry.len() as u64 + 3;
                write!(out, "{}{entry}", if n == 0 { "[\n" } else { ",\n" })?;
                n += 1;
            }
            out.write_all(b"\n]\n")?;
            out.flush()?;
            Ok(n)
        }
        Kind::Dump => {
            let mut out = BufWriter::new(File::create(file)?);
            writeln!(
                out,
                "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{SCHEMA}"
            )?;
            let (mut written, mut n) = (0, 0);
            while written < bytes {
                let insert = maker.entry(n).insert();
                written += insert.len() as u64;
                out.write_all(insert.as_bytes())?;
                n += 1;
            }
            out.write_all(b"COMMIT;\n")?;
            out.flush()?;
            Ok(n)
        }
    }
}

fn lines(maker: &Maker, bytes: u64, out: &mut dyn Write) -> io::Result<u64> {
    let (mut written, mut n) = (0, 0);
    while written < bytes {
        let entry = maker.entry(n).json();
        written += entry.len() as u64 + 1;
        writeln!(out, "{entry}")?;
        n += 1;
    }
    out.flush()?;
    Ok(n)
}

/// JSON Lines through `gzip -1` until the compressed file has the size asked for.
fn gzip(maker: &Maker, bytes: u64, file: &Path) -> io::Result<u64> {
    let mut child = Command::new("gzip")
        .arg("-1")
        .stdin(Stdio::piped())
        .stdout(File::create(file)?)
        .spawn()?;
    let mut out = BufWriter::new(child.stdin.take().expect("its input is piped"));
    let mut n = 0;
    while n % 1000 != 0 || std::fs::metadata(file)?.len() < bytes {
        writeln!(out, "{}", maker.entry(n).json())?;
        n += 1;
    }
    out.flush()?;
    drop(out);
    let status = child.wait()?;
    assert!(status.success(), "gzip: {status}");
    Ok(n)
}

/// A database most of which is a hole: half of the entries, then pages that were never written, then the other half.
fn sparse(maker: &Maker, bytes: u64, file: &Path) -> io::Result<u64> {
    std::fs::remove_file(file).or_else(|e| match e.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(e),
    })?;
    let fill = |from: u64, to: u64| -> rusqlite::Result<()> {
        let connection = Connection::open(file)?;
        if from == 0 {
            connection.execute_batch(&format!("PRAGMA page_size={PAGE};{SCHEMA}"))?;
        }
        connection.execute_batch("BEGIN")?;
        let mut insert = connection.prepare("INSERT INTO audit_log VALUES(?,?,?,?,?,?,?,?,?,?)")?;
        for n in from..to {
            let e = maker.entry(n);
            let id = &e.entry_id;
            insert.execute(params![
                id,
                e.timestamp,
                EVENT_TYPE,
                ACTOR,
                RESOURCE_TYPE,
                e.resource_id,
                ACTION,
                e.details,
                e.checksum,
                e.timestamp
            ])?;
        }
        drop(insert);
        connection.execute_batch("COMMIT")
    };
    fill(0, SPARSE_ENTRIES / 2).map_err(io::Error::other)?;
    // The header's size in pages (file format 1.3.7) is raised: SQLite adds new pages behind it.
    let pages = bytes / PAGE;
    let mut database = OpenOptions::new().write(true).open(file)?;
    database.set_len(pages * PAGE)?;
    database.seek(SeekFrom::Start(28))?;
    database.write_all(
        &u32::try_from(pages)
            .map_err(io::Error::other)?
            .to_be_bytes(),
    )?;
    drop(database);
    fill(SPARSE_ENTRIES / 2, SPARSE_ENTRIES).map_err(io::Error::other)?;
    Ok(SPARSE_ENTRIES)
}
