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
        for suffix in ["-wal", "-journal"] {
            let mut beside = path.clone().into_os_string();
            beside.push(suffix);
            let beside = PathBuf::from(beside);
            if beside.is_file() && !is_given(&beside) {
                opened.push(open_one(base_name(&beside), || FileSource::open(&beside)));
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
