//! What is hashed and how, as data. There is one scheme so far: the one of the reference implementation.

/// A checksum scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scheme {
    /// Its name in reports.
    pub(crate) name: &'static str,
    /// The hashed fields, sorted by code point as `json.dumps(sort_keys=True)` writes them.
    pub(crate) hashed_fields: [&'static str; 8],
    /// What stands before each value in the canonical text: separator and quoted name.
    pub(crate) before_value: [&'static str; 8],
    /// The one field that holds JSON rather than text (its index in `hashed_fields`).
    pub(crate) details: usize,
    /// The index of the entry's id.
    pub(crate) entry_id: usize,
    /// The index of its timestamp.
    pub(crate) timestamp: usize,
    /// And of the fields that are looked for.
    pub(crate) event_type: usize,
    pub(crate) actor: usize,
    pub(crate) resource_type: usize,
    pub(crate) resource_id: usize,
    pub(crate) action: usize,
    /// The field that holds the claimed checksum.
    pub(crate) checksum_field: &'static str,
    /// Lower-case hex digits of SHA-256 that are kept.
    pub(crate) checksum_digits: usize,
}

/// The first 16 hex digits of SHA-256 over the eight fields as CPython's `json.dumps(entry, sort_keys=True)` writes them.
pub(crate) const REFERENCE: Scheme = Scheme {
    name: "sha256-16/python-json",
    hashed_fields: [
        "action",
        "actor",
        "details",
        "entry_id",
        "event_type",
        "resource_id",
        "resource_type",
        "timestamp",
    ],
    before_value: [
        "{\"action\": ",
        ", \"actor\": ",
        ", \"details\": ",
        ", \"entry_id\": ",
        ", \"event_type\": ",
        ", \"resource_id\": ",
        ", \"resource_type\": ",
        ", \"timestamp\": ",
    ],
    details: 2,
    entry_id: 3,
    timestamp: 7,
    event_type: 4,
    actor: 1,
    resource_type: 6,
    resource_id: 5,
    action: 0,
    checksum_field: "checksum",
    checksum_digits: 16,
};

/// The index of the hashed field of this name.
pub(crate) fn field_index(name: &[u8]) -> Option<usize> {
    REFERENCE
        .hashed_fields
        .iter()
        .position(|f| f.as_bytes() == name)
}
