//! What the scan sees, and what it does not. Tokens are put together from parts, so that nobody takes this file for a leak.

use super::Scanner;
use crate::entry::{Place, RawEntry, RawValue};

/// An entry with these details.
fn entry(details: &[u8]) -> RawEntry<'_> {
    let mut fields = [RawValue::Text(b"a"); 8];
    fields[2] = RawValue::Text(details);
    RawEntry {
        fields,
        claimed_checksum: RawValue::Missing,
        extras: &[],
        place: Place { key: 0, line: 0 },
        not_an_entry: None,
        duplicate_key: None,
    }
}

/// `kind path count/entries` of all that is seen in these details, an entry each.
fn seen(details: &[&[u8]]) -> Vec<String> {
    let mut scanner = Scanner::default();
    for (row, details) in (0..).zip(details) {
        scanner.entry(row, &entry(details));
    }
    let seen = scanner.finish().seen.into_iter();
    seen.map(|s| format!("{} {} {}/{}", s.kind, s.path, s.count, s.entries))
        .collect()
}

#[track_caller]
fn check(details: &str, expected: &[&str]) {
    assert_eq!(seen(&[details.as_bytes()]), expected, "{details}");
}

#[test]
fn what_is_seen_is_told_by_kind_and_path() {
    check(
        r#"{"to": ["a@example.com", "b@example.com"], "user": {"e-mail": "c@example.com"}}"#,
        &["email details.to[] 2/1", "email details.user.e-mail 1/1"],
    );
    check(r#""mail c@example.com""#, &["email details 1/1"]);
    check(
        r#"[{"n": "c@example.com"}, [["d@example.com"]]]"#,
        &["email details[].n 1/1", "email details[][][] 1/1"],
    );
    assert_eq!(
        seen(&[
            br#"{"m": "c@example.com"}"#,
            br#"{"m": "nobody"}"#,
            br#"{"m": "c@example.com, d@example.com"}"#,
        ]),
        ["email details.m 3/2"]
    );
}

#[test]
fn a_key_that_is_data_is_not_shown() {
    check(
        r#"{"votes": {"a@example.com": 1, "b@example.com": "c@example.com"}}"#,
        &["email details.votes.{key} 3/1"],
    );
}

#[test]
fn nothing_counts_twice() {
    let token = ["gh", "p_", "abcdefghijklmnopqrstuvwxyz0123456789"].concat();
    check(
        &format!(r#"{{"m": "GITHUB_TOKEN={token}"}}"#),
        &["github-token details.m 1/1"],
    );
    check(
        r#"{"dsn": "postgres://app:hunter22@db.example.com/audit"}"#,
        &["url-password details.dsn 1/1"],
    );
    let key = "-----BEGIN PRIVATE".to_owned()
        + " KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n-----END PRIVATE KEY-----";
    check(
        &format!(r#"{{"secret": "{key}"}}"#),
        &["private-key details.secret 1/1"],
    );
}

#[test]
fn check_digits_are_checked() {
    check(
        r#"{"v": "4111 1111 1111 1111"}"#,
        &["payment-card details.v 1/1"],
    );
    check(r#"{"v": "4111 1111 1111 1112"}"#, &[]);
    check(
        r#"{"v": "GB82 WEST 1234 5698 7654 32"}"#,
        &["iban details.v 1/1"],
    );
    check(r#"{"v": "GB83 WEST 1234 5698 7654 32"}"#, &[]);
    check(r#"{"v": "078-05-1120"}"#, &["us-ssn details.v 1/1"]);
    check(r#"{"v": "666-05-1120"}"#, &[]);
    // 0.4111111111111111, an id, and a time in nanoseconds.
    check(
        r#"{"v": "0.4111111111111111", "id": "4111111111111111", "ns": "4111111111111111"}"#,
        &[],
    );
}

#[test]
fn a_uuid_is_no_bank_account() {
    check(
        r#"{"a": "be123456-7890-4123-8123-123456789012", "b": "be68539007547034", "c": "BE68 5390 0754 7034", "d": "be6853900754703a"}"#,
        &["iban details.b 1/1", "iban details.c 1/1"],
    );
}

#[test]
fn a_person_is_told_by_the_key() {
    check(
        r#"{"first_name": "Zoë", "dob": "1980-02-29", "model_name": "credit", "last_model_name": "m", "schema": {"dob": "date"}}"#,
        &[
            "personal-field details.dob 1/1",
            "personal-field details.first_name 1/1",
        ],
    );
    check(
        r#"{"national_id": "078-05-1123", "surname": "<redacted>"}"#,
        &["us-ssn details.national_id 1/1"],
    );
}

#[test]
fn numbers_taken_at_random_are_no_cards() {
    // One in ten of them passes the check.
    let random: Vec<String> = (0..100)
        .map(|i| format!(r#"{{"v": "41{:014}"}}"#, i * 7_919_333_u64))
        .collect();
    let random: Vec<&[u8]> = random.iter().map(String::as_bytes).collect();
    assert_eq!(seen(&random), [""; 0]);
    let cards = [&br#"{"v": "4111111111111111"}"#[..]; 20];
    assert_eq!(seen(&cards), ["payment-card details.v 20/20"]);
}

#[test]
fn raw_features_and_hashes_are_told_by_their_keys() {
    check(
        r#"{"features": [0.1, 2, 3, 4.5, 5, 6], "features_count": 6}"#,
        &["feature-vector details.features 1/1"],
    );
    check(
        r#"{"features": 30, "input": [1, 3, 224, 224], "loss_history": [1, 2, 3, 4, 5, 6]}"#,
        &[],
    );
    check(
        r#"{"inputs": {"age": 41, "income": 52000, "late": true}}"#,
        &["feature-vector details.inputs 1/1"],
    );
    check(
        r#"{"instances": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]}"#,
        &["feature-vector details.instances[] 2/1"],
    );
    check(
        r#"{"input_hash": "cbf22a08ccfe793e"}"#,
        &["guessable-hash details.input_hash 1/1"],
    );
    check(r#"{"model_hash": "cbf22a08ccfe793e"}"#, &[]);
    check(
        r#"{"input_hash": "Zoe, aged 41, asked for a loan"}"#,
        &["text-for-hash details.input_hash 1/1"],
    );
    check(r#"{"input_hash": "hash not available"}"#, &[]);
}

#[test]
fn details_that_are_no_json_are_looked_at_as_text() {
    let mut scanner = Scanner::default();
    scanner.entry(0, &entry(br#"{"a": "x@example.com", oops "b@example.com"#));
    let outcome = scanner.finish();
    assert_eq!((outcome.entries, outcome.unparsed), (1, 1));
    let seen: Vec<_> = outcome
        .seen
        .iter()
        .map(|s| (s.path.as_str(), s.count))
        .collect();
    assert_eq!(seen, [("details", 1), ("details.a", 1)]);
}

#[test]
fn all_fields_are_looked_at() {
    let mut scanner = Scanner::default();
    let mut raw = entry(b"{}");
    raw.fields[1] = RawValue::Json(br#""zo\u00eb@example.com""#);
    raw.fields[3] = RawValue::Blob(b"a@example.com");
    let extras = [("written_by", RawValue::Text(b"b@example.com"))];
    raw.extras = &extras;
    scanner.entry(0, &raw);
    let paths: Vec<_> = scanner.finish().seen.into_iter().map(|s| s.path).collect();
    assert_eq!(paths, ["actor", "entry_id", "written_by"]);
}

#[test]
fn paths_are_bounded() {
    let mut scanner = Scanner::default();
    for row in 0..200 {
        let keys = (0..100).map(|i| format!(r#""k{}": "a@example.com""#, row * 100 + i));
        let details = format!("{{{}}}", keys.collect::<Vec<_>>().join(","));
        scanner.entry(row, &entry(details.as_bytes()));
    }
    let deep = format!(
        "{}\"a@example.com\"{}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    scanner.entry(200, &entry(deep.as_bytes()));
    let outcome = scanner.finish();
    assert!(outcome.is_coarse && outcome.seen.len() < 300);
    assert_eq!(outcome.seen.iter().map(|s| s.count).sum::<u64>(), 20_001);
    assert!(outcome.seen.iter().all(|s| s.path.chars().count() <= 257));
}
