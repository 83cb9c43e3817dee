//! Files and standard input as byte sources.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use auditglass::ByteSource;

/// Files that are open at a time. A case may have ten thousand, and a process often no more than a thousand handles.
const LIMIT: usize = 64;

/// The open files of all sources, the one used last behind.
#[derive(Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Open>>>);

struct Open {
    path: PathBuf,
    file: Arc<File>,
}

impl Pool {
    /// The open file at `path`; one that was closed to make room is opened anew, if it still is what it was.
    fn file(&self, path: &Path, stamp: &Stamp) -> io::Result<Arc<File>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(i) = open.iter().rposition(|o| o.path == path) {
            let found = open.remove(i);
            let file = Arc::clone(&found.file);
            open.push(found);
            return Ok(file);
        }
        let file = File::open(path)?;
        if Stamp::of(&file.metadata()?) != *stamp {
            return Err(io::Error::other("it is another file than before"));
        }
        let file = Arc::new(file);
        if open.len() >= LIMIT {
            open.remove(0);
        }
        open.push(Open {
            path: path.to_path_buf(),
            file: Arc::clone(&file),
        });
        Ok(file)
    }
}

/// What tells that a file is still the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    /// `None` on a file system that keeps no such time: then only the rest can tell a change.
    modified: Option<SystemTime>,
    identity: Option<(u64, u64)>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(metadata),
        }
    }
}

/// Device and number of a file, where the system tells them.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// A file read by position.
#[derive(Clone)]
pub(crate) struct FileSource {
    handle: Handle,
    stamp: Stamp,
}

#[derive(Clone)]
enum Handle {
    /// A nameless temporary file.
    Kept(Arc<File>),
    Path(PathBuf, Pool),
}

impl FileSource {
    /// Opens a file; a pipe, as of a shell's `<(…)`, can be read but once and is copied.
    pub(crate) fn open(path: &Path, pool: &Pool) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder",
            ));
        }
        if metadata.is_file() {
            Ok(Self {
                handle: Handle::Path(path.to_path_buf(), pool.clone()),
                stamp: Stamp::of(&metadata),
            })
        } else {
            Self::spool(file)
        }
    }

    /// Opens what must be a file: a pipe in the place of a companion, or in a folder, would never end.
    pub(crate) fn open_regular(path: &Path, pool: &Pool) -> io::Result<Self> {
        if std::fs::metadata(path)?.is_file() {
            Self::open(path, pool)
        } else {
            Err(io::Error::other("it is no regular file"))
        }
    }

    /// Copies a stream to a nameless temporary file, since a log is read by position and more than once.
    pub(crate) fn spool(mut stream: impl io::Read) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        io::copy(&mut stream, &mut file)?;
        Ok(Self {
            stamp: Stamp::of(&file.metadata()?),
            handle: Handle::Kept(Arc::new(file)),
        })
    }

    fn file(&self) -> io::Result<Arc<File>> {
        match &self.handle {
            Handle::Kept(file) => Ok(Arc::clone(file)),
            Handle::Path(path, pool) => pool.file(path, &self.stamp),
        }
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.stamp.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let file = self.file()?;
        let mut filled = 0;
        while filled < buf.len() {
            match read_once(&file, offset + filled as u64, &mut buf[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }

    fn has_changed(&self) -> bool {
        self.file()
            .and_then(|file| file.metadata())
            .map_or(true, |metadata| Stamp::of(&metadata) != self.stamp)
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
