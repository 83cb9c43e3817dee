//! The paths that occur in a log, as a tree, with what their keys say. Bounded: what goes beyond is put together.

use std::collections::BTreeMap;

use super::key::{Key, LONGEST};
use crate::query::{Step, details_path};
use crate::view::{CELL_LIMIT, cut};

/// Paths that are told apart.
const MOST_PATHS: usize = 4_096;
/// Keys of one object that are told apart.
const MOST_KEYS: usize = 256;

/// A path, by its place in [`Paths`].
pub(super) type PathId = u32;

/// The path above all.
pub(super) const ROOT: PathId = 0;

struct Node {
    above: PathId,
    name: Name,
    key: Key,
    below: BTreeMap<Box<[u8]>, PathId>,
    each: Option<PathId>,
    data: Option<PathId>,
    other: Option<PathId>,
}

enum Name {
    Key(Box<[u8]>),
    /// Any index.
    Each,
    /// A key that is data itself.
    Data,
    /// Any of the keys beyond the bounds.
    Other,
}

pub(super) struct Paths {
    nodes: Vec<Node>,
    is_coarse: bool,
}

impl Default for Paths {
    fn default() -> Self {
        let root = Node::new(ROOT, Name::Other, Key::default());
        Self {
            nodes: vec![root],
            is_coarse: false,
        }
    }
}

impl Node {
    fn new(above: PathId, name: Name, key: Key) -> Self {
        Self {
            above,
            name,
            key,
            below: BTreeMap::new(),
            each: None,
            data: None,
            other: None,
        }
    }
}

impl Paths {
    /// Whether there were more paths than are told apart.
    pub(super) fn is_coarse(&self) -> bool {
        self.is_coarse
    }

    pub(super) fn key(&self, id: PathId) -> Key {
        self.nodes
            .get(id as usize)
            .map_or(Key::default(), |n| n.key)
    }

    /// The path of a key, if it is known as one that is a name.
    pub(super) fn known(&self, above: PathId, name: &[u8]) -> Option<PathId> {
        self.nodes.get(above as usize)?.below.get(name).copied()
    }

    /// The path of a key that was not known before and is a name.
    pub(super) fn of_name(&mut self, above: PathId, name: &[u8]) -> PathId {
        let is_full = self.nodes.len() >= MOST_PATHS || name.len() > LONGEST;
        let crowd = self.nodes.get(above as usize).map_or(0, |n| n.below.len());
        let key = self.key(above).below(name);
        if is_full || crowd >= MOST_KEYS {
            return self.of_other(above, key);
        }
        let id = self.add(Node::new(above, Name::Key(name.into()), key));
        if let Some(node) = self.nodes.get_mut(above as usize) {
            node.below.insert(name.into(), id);
        }
        id
    }

    /// The path of all keys below this one that are data.
    pub(super) fn of_data(&mut self, above: PathId) -> PathId {
        if let Some(id) = self.nodes.get(above as usize).and_then(|n| n.data) {
            return id;
        }
        if self.nodes.len() >= MOST_PATHS {
            return self.of_other(above, self.key(above));
        }
        let id = self.add(Node::new(above, Name::Data, self.key(above)));
        if let Some(node) = self.nodes.get_mut(above as usize) {
            node.data = Some(id);
        }
        id
    }

    /// The path of the elements of an array.
    pub(super) fn of_each(&mut self, above: PathId) -> PathId {
        if let Some(id) = self.nodes.get(above as usize).and_then(|n| n.each) {
            return id;
        }
        let key = self.key(above).each();
        if self.nodes.len() >= MOST_PATHS {
            return self.of_other(above, key);
        }
        let id = self.add(Node::new(above, Name::Each, key));
        if let Some(node) = self.nodes.get_mut(above as usize) {
            node.each = Some(id);
        }
        id
    }

    /// The path of all that is not told apart below this one. What its key says is what the first such key said, which only
    /// matters where a log has more keys than a person could read.
    fn of_other(&mut self, above: PathId, key: Key) -> PathId {
        self.is_coarse = true;
        let Some(node) = self.nodes.get(above as usize) else {
            return ROOT;
        };
        if let Some(id) = node.other {
            return id;
        }
        if matches!(node.name, Name::Other) && above != ROOT || self.nodes.len() >= MOST_PATHS * 2 {
            return above;
        }
        let id = self.add(Node::new(above, Name::Other, key));
        if let Some(node) = self.nodes.get_mut(above as usize) {
            node.other = Some(id);
        }
        id
    }

    fn add(&mut self, node: Node) -> PathId {
        let id = u32::try_from(self.nodes.len()).unwrap_or(ROOT);
        self.nodes.push(node);
        id
    }

    /// A path as it is shown.
    pub(super) fn text(&self, id: PathId) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        while at != ROOT {
            let Some(node) = self.nodes.get(at as usize) else {
                break;
            };
            steps.push(&node.name);
            at = node.above;
        }
        let mut out = String::new();
        for (i, step) in steps.iter().rev().enumerate() {
            let is_first = i == 0;
            match step {
                Name::Key(name) if is_first => out.push_str(&String::from_utf8_lossy(name)),
                Name::Key(name) => {
                    let name = String::from_utf8_lossy(name).into_owned();
                    let quoted = details_path([Step::Key(name)]);
                    out.push_str(quoted.strip_prefix("details").unwrap_or(&quoted));
                }
                Name::Each => out.push_str("[]"),
                Name::Data => out.push_str(".{key}"),
                Name::Other => out.push_str(".…"),
            }
            // As deep as an attacker likes.
            if out.len() > CELL_LIMIT * 4 {
                break;
            }
        }
        cut(&out, CELL_LIMIT)
    }
}
