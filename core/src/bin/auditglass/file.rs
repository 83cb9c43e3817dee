//! Files and standard input as byte sources.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use auditglass::{ByteSource, Input};

/// A file read by position.
pub(crate) struct FileSource {
    file: File,
    len: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder",
            ));
        }
        Ok(Self {
            len: metadata.len(),
            modified: modified(&metadata),
            file,
        })
    }

    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() || metadata.is_dir() {
            return Self::new(file);
        }
        // A pipe, as of a shell's `<(…)`, can be read but once.
        spool(file)
    }

    /// Opens what must be a file: a pipe in the place of a companion would never end.
    fn open_regular(path: &Path) -> io::Result<Self> {
        if std::fs::metadata(path)?.is_file() {
            Self::new(File::open(path)?)
        } else {
            Err(io::Error::other("it is no regular file"))
        }
    }

    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            file: self.file.try_clone()?,
            len: self.len,
            modified: self.modified,
        })
    }
}

/// `None` on a file system that keeps no such time: then only the length can tell a change.
fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match read_once(&self.file, offset + filled as u64, &mut buf[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }

    fn has_changed(&self) -> bool {
        self.file.metadata().map_or(true, |m| {
            m.len() != self.len || modified(&m) != self.modified
        })
    }
}

#[cfg(unix)]
fn read_once(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(windows)]
fn read_once(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

/// Copies a stream to a nameless temporary file, since a log is read by position and more than once.
fn spool(mut stream: impl io::Read) -> io::Result<FileSource> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut stream, &mut file)?;
    FileSource::new(file)
}

/// A file as it was asked for; `hashed` is a second handle for its SHA-256.
pub(crate) struct Opened {
    pub(crate) input: Input,
    pub(crate) hashed: Option<FileSource>,
}

/// A file that could not be opened: it stands in the report with the reason.
struct Absent(io::ErrorKind, String);

impl ByteSource for Absent {
    fn len(&self) -> u64 {
        0
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(self.0, self.1.clone()))
    }
}

/// Opens what was asked for, with the companions that lie beside each database.
pub(crate) fn open_all(paths: &[PathBuf]) -> Vec<Opened> {
    let is_given = |path: &Path| paths.iter().any(|p| p == path);
    let mut opened = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            opened.push(open_one("standard input".into(), || {
                spool(io::stdin().lock())
            }));
            continue;
        }
        opened.push(open_one(base_name(path), || FileSource::open(path)));
        if auditglass::companion_of(&base_name(path)).is_some() {
            continue;
        }
        // SQLite follows a link before it looks for companions.
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        for suffix in ["-wal", "-journal"] {
            let with_suffix = |path: &Path| {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                PathBuf::from(name)
            };
            let beside = with_suffix(&real);
            let is_there = beside.symlink_metadata().is_ok();
            if is_there && !is_given(&beside) && !is_given(&with_suffix(path)) {
                // It goes by the name that was given, which is the one it is looked for by.
                let name = format!("{}{suffix}", base_name(path));
                opened.push(open_one(name, || FileSource::open_regular(&beside)));
            }
        }
    }
    opened
}

fn open_one(name: String, open: impl FnOnce() -> io::Result<FileSource>) -> Opened {
    match open().and_then(|source| Ok((source.try_clone()?, source))) {
        Ok((hashed, source)) => Opened {
            input: Input {
                name,
                bytes: Box::new(source),
            },
            hashed: Some(hashed),
        },
        Err(e) => {
            let bytes = Box::new(Absent(e.kind(), e.to_string()));
            Opened {
                input: Input { name, bytes },
                hashed: None,
            }
        }
    }
}

fn base_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
