//! Each change as real tools make it, against the checksum of what was written.

use super::*;
use crate::digest::hex;

/// The fields of an entry as it was written, with the named ones in another form.
fn fields<'a>(changes: &[(usize, &'a str)]) -> [&'a [u8]; 8] {
    let mut fields = [
        r#""act""#,
        r#""Zo\u00eb""#,
        r#"{"n": 1.0, "top": [0.5, 3]}"#,
        r#""e1""#,
        r#""x\ny""#,
        r#""1000""#,
        r#""r""#,
        r#""2026-03-12T08:00:00""#,
    ];
    for (field, json) in changes {
        fields[*field] = json;
    }
    fields.map(str::as_bytes)
}

/// What is said of an entry that was written as `before`, and now stands as `after`.
fn check(before: &[(usize, &str)], after: &[(usize, &str)], expected: Option<&str>) {
    let mut message = Vec::new();
    for (name, value) in REFERENCE.before_value.iter().zip(fields(before)) {
        message.extend_from_slice(name.as_bytes());
        message.extend_from_slice(value);
    }
    message.push(b'}');
    let claimed = hex(&sha256(&message), REFERENCE.checksum_digits);
    let said = explain(fields(after), claimed.as_bytes(), &mut Budget::default());
    let said = said.map(|s| s.replace("the checksum holds if ", ""));
    match (said.as_deref(), expected) {
        (Some(said), Some(expected)) => assert!(said.starts_with(expected), "{said}"),
        (said, expected) => assert_eq!(said, expected, "{after:?}"),
    }
}

const TIME: usize = REFERENCE.timestamp;
const DETAILS: usize = REFERENCE.details;

#[test]
fn times_that_were_written_anew() {
    let whole = Some("`timestamp` is 2026-03-12T08:00:00 (");
    for now in [
        r#""2026-03-12 08:00:00""#,
        r#""2026-03-12 08:00""#,
        r#""2026-03-12T08:00:00.000""#,
        r#""2026-03-12T08:00:00.000000Z""#,
        r#""2026-03-12 08:00:00+00""#,
        r#""2026-03-12 08:00:00 UTC""#,
    ] {
        check(&[], &[(TIME, now)], whole);
    }
    let before = [(TIME, r#""2026-03-12T08:00:00.120000+00:00""#)];
    let precise = Some("`timestamp` is 2026-03-12T08:00:00.120000+00:00 (");
    for now in [
        r#""2026-03-12 08:00:00.12""#,
        r#""2026-03-12 08:00:00.120+00""#,
        r#""2026-03-12T08:00:00.12Z""#,
        r#""2026-03-12T08:00:00.120000000""#,
    ] {
        check(&before, &[(TIME, now)], precise);
    }
}

#[test]
fn texts_that_were_changed() {
    let rs = REFERENCE.event_type;
    check(
        &[],
        &[(rs, r#""x\r\ny""#)],
        Some("`event_type` has line feeds alone"),
    );
    check(
        &[],
        &[(rs, r#""x^Jy""#)],
        Some("`event_type` has control characters"),
    );
    check(
        &[],
        &[(REFERENCE.resource_id, "1000")],
        Some("`resource_id` is the text of its number ("),
    );
    check(
        &[],
        &[(REFERENCE.resource_id, "1000.0")],
        Some("`resource_id` is the text of its number without the fraction"),
    );
    check(
        &[],
        &[(REFERENCE.actor, r#""Zo\u00c3\u00ab""#)],
        Some("`actor` is decoded as UTF-8"),
    );
}

#[test]
fn numbers_of_the_details_that_were_changed() {
    let fraction = Some("some numbers of `details` end with .0");
    check(&[], &[(DETAILS, r#"{"n": 1, "top": [0.5, 3]}"#)], fraction);
    let many = r#"{"n": [1, 2, 3, 4, 5, 6, 7]}"#;
    let many_before = r#"{"n": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]}"#;
    check(&[(DETAILS, many_before)], &[(DETAILS, many)], fraction);
    let whole = Some("the numbers of `details` that end with .0 are whole");
    check(&[(DETAILS, many)], &[(DETAILS, many_before)], whole);
}

#[test]
fn numbers_that_look_rounded() {
    let rounded = Some(
        "a whole number of `details` looks rounded (JavaScript, jq and pandas keep 15 to 17 digits): 221560202943390970000",
    );
    let before = [(DETAILS, r#"{"n": 221560202943390989018}"#)];
    check(
        &before,
        &[(DETAILS, r#"{"n": 221560202943390970000}"#)],
        rounded,
    );
    check(
        &before,
        &[(DETAILS, r#"{"n": 221560202943390989019}"#)],
        None,
    );
    check(
        &before,
        &[(DETAILS, r#"{"n": "221560202943390970000"}"#)],
        None,
    );
}

#[test]
fn several_changes_at_once() {
    check(
        &[],
        &[
            (TIME, r#""2026-03-12 08:00:00""#),
            (REFERENCE.resource_id, "1000"),
        ],
        Some(
            "`resource_id` is the text of its number (tools that guess types make numbers of such texts) and `timestamp` is 2026-03-12T08:00:00 (",
        ),
    );
}

#[test]
fn what_somebody_changed_is_not_explained() {
    for (field, now) in [
        (REFERENCE.actor, r#""Zoe""#),
        (TIME, r#""2026-03-12T08:00:01""#),
        (TIME, r#""2026-03-13 08:00:00""#),
        (REFERENCE.resource_id, "1001"),
        (DETAILS, r#"{"n": 2, "top": [0.5, 3]}"#),
        (DETAILS, r#"{"n": "1", "top": [0.5, 3]}"#),
        (TIME, r#""\u00e9\u00e9\u00e9\u00e9\u00e9""#),
        (TIME, r#""2026-03-1é 08:00:00""#),
        (TIME, "null"),
    ] {
        check(&[], &[(field, now)], None);
    }
}

#[test]
fn it_costs_little() {
    let mut budget = Budget::default();
    let traces = [
        (REFERENCE.actor, r#""^A\r\n\u00c3\u00ab""#),
        (REFERENCE.resource_id, "1.0"),
        (DETAILS, "[1, 2, 3, 4, 5, 6.0]"),
        (TIME, r#""2026-03-12 08:00:00.100""#),
    ];
    let explain = |budget: &mut Budget| explain(fields(&traces), b"0123456789abcdef", budget);
    assert_eq!(explain(&mut budget), None);
    let one = ALL - budget.0;
    assert!(EACH / 2 < one && one <= EACH, "{one}");
    while budget.0 > EACH {
        explain(&mut budget);
    }
    for _ in 0..9 {
        explain(&mut budget);
    }
    let rounded = [(DETAILS, "[221560202943390970000]")];
    let said = super::explain(fields(&rounded), b"0123456789abcdef", &mut budget);
    assert!(said.is_some_and(|said| said.contains("rounded")));
}
