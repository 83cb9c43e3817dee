//! What was named on the command line, as the files of a case: folders walked, companions found.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use auditglass::{ByteSource, Input};

use crate::file::{FileSource, Pool};
use crate::folder;

/// A file as it was asked for; `hashed` is a second source of its bytes, for its SHA-256.
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

/// A file to be opened.
pub(crate) struct Asked {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    /// Whether it was found in a folder.
    pub(crate) is_found: bool,
    /// Why it cannot be, if that is known already.
    pub(crate) error: Option<io::Error>,
}

/// Opens what was asked for, with the companions that lie beside each database.
pub(crate) fn open_all(paths: &[PathBuf]) -> Vec<Opened> {
    let mut asked = Vec::new();
    for path in paths {
        if path.is_dir() {
            folder::walk(path, &mut asked);
        } else {
            asked.push(Asked {
                path: path.clone(),
                name: base_name(path),
                is_found: false,
                error: None,
            });
        }
    }
    let pool = Pool::default();
    let given: BTreeSet<PathBuf> = asked.iter().map(|a| a.path.clone()).collect();
    let mut opened = Vec::new();
    for asked in asked {
        let Asked {
            path,
            name,
            is_found,
            error,
        } = asked;
        if path.as_os_str() == "-" {
            let stdin = || FileSource::spool(io::stdin().lock());
            opened.push(open_one("standard input".into(), is_found, stdin));
            continue;
        }
        let open = || match (error, is_found) {
            (Some(error), _) => Err(error),
            (None, true) => FileSource::open_regular(&path, &pool),
            (None, false) => FileSource::open(&path, &pool),
        };
        opened.push(open_one(name.clone(), is_found, open));
        if auditglass::companion_of(&name).is_some() {
            continue;
        }
        // SQLite follows a link before it looks for companions.
        let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        for suffix in ["-wal", "-journal"] {
            let with_suffix = |path: &Path| {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                PathBuf::from(name)
            };
            let beside = with_suffix(&real);
            let is_there = beside.symlink_metadata().is_ok();
            if is_there && !given.contains(&beside) && !given.contains(&with_suffix(&path)) {
                // It goes by the name that was given, which is the one it is looked for by.
                let open = || FileSource::open_regular(&beside, &pool);
                opened.push(open_one(format!("{name}{suffix}"), is_found, open));
            }
        }
    }
    opened
}

fn open_one(name: String, is_found: bool, open: impl FnOnce() -> io::Result<FileSource>) -> Opened {
    let (bytes, hashed): (Box<dyn ByteSource>, _) = match open() {
        Ok(source) => (Box::new(source.clone()), Some(source)),
        Err(e) => (Box::new(Absent(e.kind(), e.to_string())), None),
    };
    Opened {
        input: Input {
            name,
            bytes,
            is_found,
        },
        hashed,
    }
}

fn base_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
