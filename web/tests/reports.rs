//! The engine in a browser writes the same bytes as the native one: both are compared with one committed file.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

#[path = "../../tests/reports/render.rs"]
mod render;

// The feature of `sqlite-wasm-rs` that supplies SQLite's host functions comes with the library.
use auditglass_web as _;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[track_caller]
fn check(rendered: &str, expected: &str) {
    let line = rendered
        .lines()
        .zip(expected.lines())
        .find(|(now, then)| now != then);
    assert!(rendered == expected, "differs at {line:?}");
}

#[wasm_bindgen_test]
fn the_renderings_are_the_committed_ones() {
    let expected = include_str!("../../tests/reports/expected.txt");
    check(&render::render(), expected);
}

#[wasm_bindgen_test]
fn the_drills_are_the_committed_ones() {
    let expected = include_str!("../../tests/reports/drills.txt");
    check(&render::drills(), expected);
}

#[wasm_bindgen_test]
fn one_sqlite_everywhere() {
    assert_eq!(
        auditglass::sqlite_version(),
        include_str!("../../tests/reports/sqlite-version.txt").trim()
    );
}
