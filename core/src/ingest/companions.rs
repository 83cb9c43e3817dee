//! Which files belong together: `X-wal`, `X-journal` and `X-shm` are companions of `X`, never sources of their own.

use std::rc::Rc;

use crate::error::Error;
use crate::source::{ByteSource, Cached, Decoder, Input};
use crate::view::OpenOptions;

/// One file.
pub(crate) struct Member {
    pub(crate) name: String,
    /// Which of the files given it is.
    pub(crate) input: usize,
    pub(crate) bytes: Rc<Cached>,
    /// Whether it was found in a folder and not named.
    pub(crate) is_found: bool,
    /// Why there are no bytes, where the host could not open it.
    pub(crate) unavailable: Option<Error>,
    /// What it is within an archive, if it is a member of one.
    pub(crate) packed: Option<Packed>,
}

/// A member of an archive.
pub(crate) struct Packed {
    /// What unpacks it, at its beginning. The member's bytes are those of the archive.
    pub(crate) start: Box<dyn Decoder>,
    /// Where it begins in the archive, and how many bytes it takes there.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

impl Packed {
    /// A decoder that stands at its beginning.
    pub(super) fn decoder(&self) -> Result<Box<dyn Decoder>, Error> {
        let fork = self.start.fork();
        fork.ok_or_else(|| Error::unavailable("the member cannot be opened again"))
    }
}

impl Member {
    /// Bytes that it takes, on the disk or in its archive.
    pub(crate) fn len(&self) -> u64 {
        self.packed
            .as_ref()
            .map_or_else(|| self.bytes.len(), |p| p.bytes)
    }
}

/// A file with its companions.
pub(crate) struct Group {
    pub(crate) main: Member,
    pub(crate) wal: Option<Member>,
    pub(crate) journal: Option<Member>,
    /// The shared-memory index: never read (it holds nothing that the WAL does not), only listed.
    pub(crate) shm: Option<Member>,
    /// Whether a hot rollback journal is to be rolled back.
    pub(crate) roll_back: bool,
    /// Why it cannot be read: the host could not open it, or it is a companion whose own file was not given.
    pub(crate) error: Option<Error>,
}

impl Group {
    fn new(mut main: Member) -> Self {
        let error = main.unavailable.take();
        Self {
            main,
            wal: None,
            journal: None,
            shm: None,
            roll_back: false,
            error,
        }
    }

    fn slot(&mut self, suffix: &str) -> &mut Option<Member> {
        match suffix {
            "-wal" => &mut self.wal,
            "-journal" => &mut self.journal,
            _ => &mut self.shm,
        }
    }

    /// The file itself and its companions.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.main).chain(self.companions())
    }

    /// Gives back the memory of what was read.
    pub(crate) fn clear(&self) {
        for member in self.members() {
            member.bytes.clear();
        }
    }

    pub(crate) fn companions(&self) -> impl Iterator<Item = &Member> {
        [&self.wal, &self.journal, &self.shm].into_iter().flatten()
    }
}

/// Groups files by name. A companion goes to the nearest file of its name before it, or else after it, that has none yet.
pub(crate) fn group(inputs: Vec<Input>, options: OpenOptions) -> Vec<Group> {
    let member = |(i, input): (usize, Input)| {
        // A file that could not be opened has no length; only reading from it tells it from an empty one.
        let unavailable = match input.bytes.is_empty() {
            true => input.bytes.read_at(0, &mut [0]).err().map(Error::from),
            false => None,
        };
        Member {
            name: input.name,
            input: i,
            bytes: Rc::new(Cached::new(input.bytes)),
            is_found: input.is_found,
            unavailable,
            packed: None,
        }
    };
    let mut groups = group_members(inputs.into_iter().enumerate().map(member).collect());
    for group in &mut groups {
        group.roll_back = options.roll_back_journal;
    }
    groups
}

/// The same of what is open already.
pub(super) fn group_members(members: Vec<Member>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut companions = Vec::new();
    for member in members {
        let split = split(&member.name).map(|(base, suffix)| (base.to_owned(), suffix));
        match split {
            Some((base, suffix)) => companions.push((groups.len(), base, suffix, member)),
            None => groups.push(Group::new(member)),
        }
    }
    let mut orphans = Vec::new();
    for (before, base, suffix, member) in companions {
        let (earlier, later) = groups.split_at_mut(before);
        let home = earlier
            .iter_mut()
            .rev()
            .chain(later)
            .filter(|g| g.main.name == base)
            .map(|g| g.slot(suffix))
            .find(|slot| slot.is_none());
        match home {
            Some(slot) => *slot = Some(member),
            None => orphans.push((base, suffix, member)),
        }
    }
    for (base, suffix, member) in orphans {
        let what = match suffix {
            "-wal" => "write-ahead log",
            "-journal" => "rollback journal",
            _ => "shared-memory file",
        };
        let mut group = Group::new(member);
        group.error = Some(
            Error::not_a_log(format!(
                "this is the {what} of the database `{base}`, which was not given"
            ))
            .with_hint(format!("Open `{base}` together with it.")),
        );
        groups.push(group);
    }
    groups
}

/// Splits `X-wal` into `X` and `-wal`.
fn split(name: &str) -> Option<(&str, &'static str)> {
    ["-wal", "-journal", "-shm"]
        .into_iter()
        .find_map(|suffix| Some((name.strip_suffix(suffix)?, suffix)))
        .filter(|(base, _)| !base.is_empty())
}

/// The base name of a companion's database, if `name` is a companion's name.
#[must_use]
pub fn companion_of(name: &str) -> Option<&str> {
    split(name).map(|(base, _)| base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    fn grouped(names: &[&str]) -> Vec<String> {
        let input = |n: &&str| Input {
            name: (*n).to_owned(),
            bytes: Box::new(Memory::new("x")),
            is_found: false,
        };
        let name = |g: &Group| {
            let with: Vec<_> = g.companions().map(|c| c.name.as_str()).collect();
            format!(
                "{}[{}]{}",
                g.main.name,
                with.join(" "),
                if g.error.is_some() { "!" } else { "" }
            )
        };
        group(names.iter().map(input).collect(), OpenOptions::default())
            .iter()
            .map(name)
            .collect()
    }

    #[test]
    fn companions_find_their_file() {
        assert_eq!(
            grouped(&["a.db-wal", "a.db", "b.json"]),
            ["a.db[a.db-wal]", "b.json[]"]
        );
        assert_eq!(
            grouped(&["a.db", "a.db", "a.db-wal"]),
            ["a.db[]", "a.db[a.db-wal]"]
        );
        assert_eq!(
            grouped(&["a.db", "a.db-shm", "a.db-wal", "a.db", "a.db-wal"]),
            ["a.db[a.db-wal a.db-shm]", "a.db[a.db-wal]"]
        );
        assert_eq!(grouped(&["c.db-wal"]), ["c.db-wal[]!"]);
    }
}
