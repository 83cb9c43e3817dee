//! The engine's JSON reader and canonical writer against the recursive model: the same bytes or the same exception.
#![no_main]

use auditglass_fuzz::model;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // The model recurses.
    let opened = data.iter().filter(|b| matches!(b, b'[' | b'{')).count();
    if opened > 2_000 {
        return;
    }
    let expected = model::canonicalize(text);
    let got = auditglass::fuzzing::canonicalize_json(data);
    assert_eq!(
        got.as_deref().map(String::from_utf8_lossy),
        expected.as_deref().map(String::from_utf8_lossy),
        "{text:?}"
    );
});
