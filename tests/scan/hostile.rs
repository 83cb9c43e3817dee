//! Texts that a detector might go over again and again: the time is linear in their length.

use std::time::{Duration, Instant};

use serde_json::json;

const PARTS: [&str; 41] = [
    "@",
    "a@",
    "a.a@",
    "1 ",
    "1-",
    "+1 ",
    "(1",
    "4111 ",
    "111-11-",
    "://",
    "a://a:",
    "a:b@",
    ":/.",
    "\\\\a",
    "C:\\",
    "/home/",
    "Bearer ",
    "bearer:",
    "password=",
    "secret: ",
    "eyJ",
    "eyJ.",
    "AKIA",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "::",
    "1.",
    "1:2",
    "GB82",
    "DE ",
    "at \n ",
    "\n  at x(",
    "x",
    " ",
    "é",
    "\u{1}",
    "9",
    "a-",
    "SG.",
    ",",
    "#0 ",
];

#[test]
fn a_hostile_text_takes_linear_time() {
    for part in PARTS {
        let time = |length: usize| {
            let text = part.repeat(length / part.len());
            let line = json!({"details": {"v": text, "input_hash": text, "phone": text}, "fields": {"actor": text}});
            let before = Instant::now();
            super::scan(&line);
            before.elapsed()
        };
        time(20_000);
        let (small, large) = (time(20_000), time(500_000));
        // 25 times the text; 625 times the work if it were quadratic.
        assert!(
            large < small * 150 + Duration::from_millis(300),
            "{part:?}: {small:?}, {large:?}"
        );
    }
}
