//! Random logs with the right checksums.

use std::ops::Range;

use auditglass_tests::checksum;

/// A small generator of its own (SplitMix64), so that a failure can be made again anywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).expect("below a usize")
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Details as Python writes them, among them what can be taken for structure or for an entry.
const DETAILS: [&str; 9] = [
    r#"{"score": 0.5}"#,
    r#"{}"#,
    r#"{"note": "a {brace}, a [bracket] and \"quotes\""}"#,
    r#"{"q": "{\"", "z": [1, 2, {"k": "}, {"}]}"#,
    r#"{"list": [[1], [{"a": null}], "]"], "path": "C:\\"}"#,
    r#"{"features": [[0.1, 0.2, 0.3], [{"name": "x", "values": [1, 2, 3]}]]}"#,
    r#"{"tail": "\\\", {", "text": ", "}"#,
    r#"{"entry": {"action": "a", "actor": "b", "details": {}, "entry_id": "n", "event_type": "t", "resource_id": "r", "resource_type": "s", "timestamp": "2026"}}"#,
    r#"{"a": {"b": {"c": {"d": [true, false, null, "\u00e9"]}}}}"#,
];

/// How the entries stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Array,
    /// An element a line.
    ArrayOfLines,
    Indented,
    Wrapped,
    Lines,
    /// Values of several lines, one after the other.
    Sequence,
}

/// A log and where its entries stand in it.
pub(crate) struct Log {
    pub(crate) form: Form,
    pub(crate) bytes: Vec<u8>,
    pub(crate) entries: Vec<Range<usize>>,
}

impl Log {
    pub(crate) fn new(random: &mut Random) -> Self {
        let forms = [
            Form::Array,
            Form::ArrayOfLines,
            Form::Indented,
            Form::Wrapped,
            Form::Lines,
        ];
        let form = forms[random.below(forms.len())];
        Self::of_form(random, form)
    }

    pub(crate) fn of_form(random: &mut Random, form: Form) -> Self {
        let count = 4 + random.below(24);
        Self::of_length(random, form, count)
    }

    pub(crate) fn of_length(random: &mut Random, form: Form, count: usize) -> Self {
        let (before, between, after) = match form {
            Form::Array => ("[", ", ", "]"),
            Form::ArrayOfLines => ("[\n", ",\n", "\n]\n"),
            Form::Indented => ("[\n  ", ",\n  ", "\n]\n"),
            Form::Wrapped => (
                r#"{"meta": {"made": "2026"}, "data": {"rows": ["#,
                ", ",
                r#"], "n": 3}}"#,
            ),
            Form::Lines | Form::Sequence => ("", "\n", "\n"),
        };
        let (mut bytes, mut entries) = (before.as_bytes().to_vec(), Vec::new());
        for i in 0..count {
            if i > 0 {
                bytes.extend(between.bytes());
            }
            let start = bytes.len();
            bytes.extend(entry(random, i, matches!(form, Form::Indented | Form::Sequence)).bytes());
            entries.push(start..bytes.len());
        }
        bytes.extend(after.bytes());
        Self {
            form,
            bytes,
            entries,
        }
    }
}

fn entry(random: &mut Random, number: usize, is_indented: bool) -> String {
    let details = DETAILS[random.below(DETAILS.len())];
    let id = format!("{number:04}-{:08x}", random.next() >> 32);
    let time = format!(
        "2026-03-01T12:{:02}:{:02}.000001",
        number / 60 % 60,
        number % 60
    );
    let canonical = format!(
        r#"{{"action": "predict", "actor": "user_017", "details": {details}, "entry_id": "{id}", "event_type": "inference_response", "resource_id": "fraud:5.1.2", "resource_type": "model", "timestamp": "{time}"}}"#
    );
    let sum = checksum(canonical.as_bytes());
    let details = match random.below(2) {
        0 => details.to_owned(),
        _ => serde_json::to_string(details).expect("a text is JSON"),
    };
    let mut members = [
        format!(r#""entry_id": "{id}""#),
        format!(r#""timestamp": "{time}""#),
        r#""event_type": "inference_response""#.to_owned(),
        r#""actor": "user_017""#.to_owned(),
        r#""resource_type": "model""#.to_owned(),
        r#""resource_id": "fraud:5.1.2""#.to_owned(),
        r#""action": "predict""#.to_owned(),
        format!(r#""details": {details}"#),
        format!(r#""checksum": "{sum}""#),
        format!(r#""written_at": "{time}""#),
    ];
    if random.below(4) == 0 {
        let turn = random.below(members.len());
        members.rotate_left(turn);
    }
    match is_indented {
        false => format!("{{{}}}", members.join(", ")),
        true => format!("{{\n    {}\n  }}", members.join(",\n    ")),
    }
}
