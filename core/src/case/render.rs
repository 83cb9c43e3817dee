//! An entry that was read again, made fit to be shown.

use std::borrow::Cow;

use crate::canon::EntryCanonicalizer;
use crate::digest::{hex, sha256};
use crate::entry::{RawEntry, RawValue};
use crate::finding::Locator;
use crate::index::{Field, Index, decoded};
use crate::json::{Reader, Sink, Str, decode_bytes, decode_string, scan_string};
use crate::scheme::{REFERENCE, field_index};
use crate::units::{RowIdx, SourceIdx};
use crate::verify::{Claim, judge_claim, reason_of, settled};
use crate::view::{
    CELL_LIMIT, EntryView, FieldView, NODE_LIMIT, TEXT_LIMIT, TreeNode, ValueKind, cut,
};

/// The hashed fields but details, in the reference's column order.
const SHOWN: [&str; 7] = [
    "timestamp",
    "entry_id",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
];

/// The fields of a table row: timestamp, event type, actor, resource type, resource id, action.
pub(super) fn row_fields(raw: &RawEntry<'_>) -> [String; 6] {
    [
        "timestamp",
        "event_type",
        "actor",
        "resource_type",
        "resource_id",
        "action",
    ]
    .map(|name| shown(field(raw, name), CELL_LIMIT).1)
}

/// The same from the index, without the source; `None` where one of them is no text, which the index has only as Python
/// would write it.
pub(super) fn indexed_fields(index: &Index, row: RowIdx) -> Option<[String; 6]> {
    let shown = |json: &str| {
        json.starts_with('"')
            .then(|| lossy(&decoded(json), CELL_LIMIT))
    };
    let field = |field: Field| shown(index.column(field).json(row.0));
    let mut timestamp = String::new();
    index.write_timestamp(row, &mut timestamp);
    Some([
        shown(&timestamp)?,
        field(Field::EventType)?,
        field(Field::Actor)?,
        field(Field::ResourceType)?,
        field(Field::ResourceId)?,
        field(Field::Action)?,
    ])
}

fn field<'a>(raw: &RawEntry<'a>, name: &str) -> RawValue<'a> {
    field_index(name.as_bytes()).map_or(RawValue::Missing, |i| raw.fields[i])
}

/// A view of the entry; where it lies and its findings are filled in by the caller.
pub(super) fn entry(raw: &RawEntry<'_>) -> EntryView {
    let raw = &settled(raw);
    let mut message = Vec::new();
    let written = EntryCanonicalizer::default().write(raw, &mut message);
    let digest = written.is_ok().then(|| sha256(&message));
    let mut arena = Vec::new();
    let claim = Claim::read(raw.claimed_checksum, &mut arena);
    let claimed = matches!(claim, Claim::Text(..)).then_some(arena.as_slice());
    let verdict = judge_claim(claimed, claim == Claim::Absent, digest.as_ref());
    let unreadable = written.as_ref().err().map(|u| u.reason.as_str());
    let (details, details_omitted, details_raw) = details(raw.fields[REFERENCE.details]);
    let mut fields: Vec<_> = SHOWN
        .iter()
        .map(|name| field_view(name, field(raw, name), true))
        .collect();
    fields.extend(
        raw.extras
            .iter()
            .map(|(name, value)| field_view(name, *value, false)),
    );
    EntryView {
        row: RowIdx::default(),
        source: SourceIdx::default(),
        part: String::new(),
        locator: Locator::Whole {},
        verdict,
        reason: reason_of(verdict, unreadable, claim, claimed, digest.as_ref()),
        claimed_checksum: match claim {
            Claim::Absent => None,
            _ => Some(shown(raw.claimed_checksum, TEXT_LIMIT).1),
        },
        recomputed_checksum: digest.as_ref().map(|d| hex(d, REFERENCE.checksum_digits)),
        fields,
        details,
        details_omitted,
        details_raw,
        canonical: digest
            .is_some()
            .then(|| String::from_utf8_lossy(&message).into_owned()),
        sha256: digest.as_ref().map(|d| hex(d, 64)),
        findings: Vec::new(),
    }
}

fn field_view(name: &str, value: RawValue<'_>, hashed: bool) -> FieldView {
    let (kind, text) = shown(value, TEXT_LIMIT);
    FieldView {
        name: cut(name, CELL_LIMIT),
        kind,
        text,
        hashed,
    }
}

/// A value as text to be shown, cut to `limit` characters.
pub(super) fn shown(value: RawValue<'_>, limit: usize) -> (ValueKind, String) {
    match value {
        RawValue::Missing => (ValueKind::Missing, String::new()),
        RawValue::Null | RawValue::Bare => (ValueKind::Null, "NULL".into()),
        RawValue::Blank => (ValueKind::Text, String::new()),
        RawValue::Integer(i) => (ValueKind::Number, i.to_string()),
        RawValue::Real(r) => {
            let mut out = Vec::new();
            crate::canon::write_float(r, &mut out);
            (ValueKind::Number, lossy(&out, limit))
        }
        RawValue::Text(text) => (ValueKind::Text, lossy(text, limit)),
        RawValue::Blob(bytes) => {
            let digits: String = bytes
                .iter()
                .take(limit / 2)
                .map(|b| format!("{b:02x}"))
                .collect();
            let more = if bytes.len() > limit / 2 { "…" } else { "" };
            (ValueKind::Bytes, format!("{digits}{more}"))
        }
        RawValue::Json(token) => match (token.first(), scan_string(token, 0)) {
            (Some(b'"'), Ok((string, _))) => {
                let mut text = Vec::new();
                decode_string(string, &mut text);
                (ValueKind::Text, lossy(&text, limit))
            }
            (Some(b'{'), _) => (ValueKind::Object, lossy(token, limit)),
            (Some(b'['), _) => (ValueKind::Array, lossy(token, limit)),
            (Some(b't' | b'f'), _) => (ValueKind::Bool, lossy(token, limit)),
            (Some(b'n'), _) => (ValueKind::Null, "null".into()),
            _ => (ValueKind::Number, lossy(token, limit)),
        },
    }
}

/// Text of whatever bytes, cut; a character takes at most four bytes, so no more of them are looked at.
pub(super) fn lossy(bytes: &[u8], limit: usize) -> String {
    let part = &bytes[..bytes.len().min(limit.saturating_add(1).saturating_mul(4))];
    cut(&String::from_utf8_lossy(part), limit)
}

/// The details as a flat tree, how many nodes were left out, and the raw text where it is no JSON.
fn details(value: RawValue<'_>) -> (Vec<TreeNode>, u64, Option<String>) {
    let raw = || Some(shown(value, TEXT_LIMIT).1);
    let text: Cow<'_, [u8]> = match value {
        RawValue::Missing => return (Vec::new(), 0, None),
        RawValue::Text(text) => Cow::Borrowed(text),
        RawValue::Blob(bytes) => match decode_bytes(bytes) {
            Ok(text) => Cow::Owned(text),
            Err(_) => return (Vec::new(), 0, raw()),
        },
        RawValue::Json(token) if token.first() == Some(&b'"') => match scan_string(token, 0) {
            Ok((string, _)) => {
                let mut text = Vec::new();
                decode_string(string, &mut text);
                Cow::Owned(text)
            }
            Err(_) => return (Vec::new(), 0, raw()),
        },
        RawValue::Json(token) => Cow::Borrowed(token),
        RawValue::Null
        | RawValue::Blank
        | RawValue::Bare
        | RawValue::Integer(_)
        | RawValue::Real(_) => {
            return (Vec::new(), 0, raw());
        }
    };
    let mut tree = Tree::default();
    match Reader::default().read(&text, &mut tree) {
        Ok(_) => (tree.nodes, tree.omitted, None),
        Err(_) => (Vec::new(), 0, raw()),
    }
}

/// Collects nodes. The details value itself is the root and no node, unless it is a scalar.
#[derive(Default)]
struct Tree {
    nodes: Vec<TreeNode>,
    omitted: u64,
    /// Open containers: the node (if it was kept) and the number of children so far.
    open: Vec<Open>,
    key: String,
}

struct Open {
    node: Option<usize>,
    is_object: bool,
    children: u32,
}

impl Tree {
    fn node(&mut self, kind: ValueKind, text: String) -> Option<usize> {
        let key = match self.open.last_mut() {
            None => String::new(),
            Some(parent) => {
                let index = parent.children;
                parent.children = parent.children.saturating_add(1);
                if parent.is_object {
                    std::mem::take(&mut self.key)
                } else {
                    format!("[{index}]")
                }
            }
        };
        if self.nodes.len() >= NODE_LIMIT {
            self.omitted += 1;
            return None;
        }
        let depth = u32::try_from(self.open.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.nodes.push(TreeNode {
            depth,
            key,
            kind,
            text,
            children: 0,
        });
        Some(self.nodes.len() - 1)
    }

    fn begin(&mut self, kind: ValueKind) {
        let is_root = self.open.is_empty();
        let node = if is_root {
            None
        } else {
            self.node(kind, String::new())
        };
        self.open.push(Open {
            node,
            is_object: kind == ValueKind::Object,
            children: 0,
        });
    }

    fn end(&mut self) {
        if let Some(Open {
            node: Some(node),
            children,
            ..
        }) = self.open.pop()
        {
            self.nodes[node].children = children;
        }
    }

    fn scalar(&mut self, kind: ValueKind, text: &[u8]) {
        self.node(kind, lossy(text, TEXT_LIMIT / 16));
    }
}

impl Sink for Tree {
    fn null(&mut self) {
        self.scalar(ValueKind::Null, b"null");
    }

    fn boolean(&mut self, value: bool) {
        self.scalar(ValueKind::Bool, if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, token: &[u8]) {
        self.scalar(ValueKind::Number, token);
    }

    fn float(&mut self, token: &[u8]) {
        self.scalar(ValueKind::Number, token);
    }

    fn constant(&mut self, token: &'static str) {
        self.scalar(ValueKind::Number, token.as_bytes());
    }

    fn string(&mut self, string: Str<'_>) {
        let mut text = Vec::new();
        decode_string(string, &mut text);
        self.scalar(ValueKind::Text, &text);
    }

    fn begin_array(&mut self) {
        self.begin(ValueKind::Array);
    }

    fn end_array(&mut self) {
        self.end();
    }

    fn begin_object(&mut self) {
        self.begin(ValueKind::Object);
    }

    fn key(&mut self, key: Str<'_>) {
        let mut text = Vec::new();
        decode_string(key, &mut text);
        self.key = lossy(&text, CELL_LIMIT);
    }

    fn end_object(&mut self) {
        self.end();
    }
}
