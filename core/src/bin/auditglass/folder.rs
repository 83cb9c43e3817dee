//! The files of a folder, whatever they are called and however deep they lie.
//!
//! Nothing is left out by its name: what hides behind a dot may be a log, too. Links are followed after everything else,
//! and what was met before is not met again: so a link that leads in a circle ends, and a link to the newest segment
//! does not give it twice.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use crate::inputs::Asked;

/// Adds the files in `folder`, sorted by name, the folder's own name in front of theirs.
pub(crate) fn walk(folder: &Path, out: &mut Vec<Asked>) {
    let own = folder.file_name().map(|n| n.to_string_lossy().into_owned());
    let mut walk = Walk {
        out,
        met: BTreeSet::new(),
        links: VecDeque::new(),
    };
    walk.folder(folder.to_path_buf(), own.unwrap_or_default());
    while let Some((path, name)) = walk.links.pop_front() {
        match std::fs::metadata(&path) {
            Ok(target) if target.is_dir() => walk.folder(path, name),
            Ok(_) => walk.file(path, name),
            Err(error) => walk.failed(path, name, error),
        }
    }
}

struct Walk<'o> {
    out: &'o mut Vec<Asked>,
    /// The files and folders met so far, by where they really lie.
    met: BTreeSet<PathBuf>,
    links: VecDeque<(PathBuf, String)>,
}

impl Walk<'_> {
    fn is_new(&mut self, path: &Path) -> bool {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        self.met.insert(real)
    }

    /// A folder with all folders in it, one after the other: a stack of our own cannot overflow.
    fn folder(&mut self, path: PathBuf, name: String) {
        let mut waiting = vec![(path, name)];
        while let Some((path, name)) = waiting.pop() {
            if !self.is_new(&path) {
                continue;
            }
            let listed = match list(&path) {
                Ok(listed) => listed,
                Err(error) => {
                    self.failed(path, name, error);
                    continue;
                }
            };
            let mut folders = Vec::new();
            for (path, kind) in listed {
                let own = path.file_name().unwrap_or_default().to_string_lossy();
                let name = if name.is_empty() {
                    own.into_owned()
                } else {
                    format!("{name}/{own}")
                };
                if kind.is_symlink() {
                    self.links.push_back((path, name));
                } else if kind.is_dir() {
                    folders.push((path, name));
                } else {
                    self.file(path, name);
                }
            }
            waiting.extend(folders.into_iter().rev());
        }
    }

    fn file(&mut self, path: PathBuf, name: String) {
        if self.is_new(&path) {
            self.add(path, name, None);
        }
    }

    fn failed(&mut self, path: PathBuf, name: String, error: io::Error) {
        self.add(path, name, Some(error));
    }

    fn add(&mut self, path: PathBuf, name: String, error: Option<io::Error>) {
        self.out.push(Asked {
            path,
            name,
            is_found: true,
            error,
        });
    }
}

/// What stands in a folder, sorted by name.
fn list(folder: &Path) -> io::Result<Vec<(PathBuf, std::fs::FileType)>> {
    let mut listed = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        listed.push((entry.path(), entry.file_type()?));
    }
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(listed)
}
