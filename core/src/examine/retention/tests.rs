//! The calendar's corners, and what of a log a policy reaches.

use super::RetentionAsk;
use crate::case::Case;
use crate::host::Quiet;
use crate::query::print_time;
use crate::source::{Input, Memory};

/// The first day asked for; empty where the question is refused.
fn since(policy: &str, as_of: &str) -> String {
    let ask = RetentionAsk::new(policy, as_of).ok();
    ask.and_then(|ask| print_time(ask.since))
        .unwrap_or_default()
}

#[test]
fn months_and_years_count_by_the_calendar() {
    for (policy, as_of, expected) in [
        ("90d", "2026-11-24", "2026-08-26"),
        ("eu-ai-act", "2026-11-24", "2026-05-24"),
        ("eu-ai-act", "2026-08-31", "2026-02-28"),
        ("6m", "2024-08-31", "2024-02-29"),
        ("18m", "2026-01-15", "2024-07-15"),
        ("12m", "2026-12-31", "2025-12-31"),
        ("1m", "2026-03-31", "2026-02-28"),
        ("hipaa", "2024-02-29", "2018-02-28"),
        ("sec-17a-4-3y", "2026-11-24", "2023-11-24"),
        ("sec-17a-4-6y", "2026-11-24", "2020-11-24"),
        ("sox", "2026-11-24", "2019-11-24"),
        ("5y", "2028-02-29", "2023-02-28"),
        ("4y", "2028-02-29", "2024-02-29"),
        ("400d", "2026-02-05", "2025-01-01"),
        ("1d", "0001-01-02", "0001-01-01"),
        ("2y", "2000-01-01", "1998-01-01"),
    ] {
        assert_eq!(since(policy, as_of), expected, "{policy} before {as_of}");
    }
}

#[test]
fn what_is_no_policy_or_no_day_is_refused() {
    for (policy, as_of) in [
        ("", "2026-11-24"),
        ("d", "2026-11-24"),
        ("0d", "2026-11-24"),
        ("-5y", "2026-11-24"),
        ("5w", "2026-11-24"),
        ("99999999d", "2026-11-24"),
        ("gdpr", "2026-11-24"),
        ("5é", "2026-11-24"),
        ("90d", "2026-11"),
        ("90d", "2026-02-29"),
        ("90d", "today"),
        ("90d", "2026-11-24T10:00"),
        ("9999y", "2026-11-24"),
        ("2d", "0001-01-02"),
        ("9999999y", "2026-11-24"),
    ] {
        assert_eq!(since(policy, as_of), "", "{policy} before {as_of}");
    }
}

/// Older, within, later, undated; span, unreached and silent days.
#[track_caller]
fn check(times: &[&str], policy: &str, as_of: &str, expected: [u64; 7]) {
    let entries = times.iter().map(|time| {
        format!(
            r#"{{"timestamp": "{time}", "entry_id": "{time}", "event_type": "t", "actor": "a", "resource_type": "r", "resource_id": "d", "action": "a", "details": {{}}}}"#
        )
    });
    let log = format!("[{}]", entries.collect::<Vec<_>>().join(","));
    let mut case = Case::open(vec![Input {
        name: "log.json".into(),
        bytes: Box::new(Memory::new(log.into_bytes())),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody breaks off");
    let found = case.retention(&RetentionAsk::new(policy, as_of).expect("a policy and a day"));
    assert_eq!(
        [
            found.older,
            found.within,
            found.later,
            found.undated,
            found.span_days,
            found.unreached_days,
            found.silent_days
        ],
        expected
    );
    let least = times.iter().filter(|t| t.starts_with('2')).min();
    let oldest = found.oldest.map(|dated| dated.time);
    assert_eq!(oldest.as_deref(), least.copied());
}

#[test]
fn a_log_is_measured_from_the_first_day_to_the_last() {
    let day = "2026-11-24";
    // Exactly the first and the last microsecond that the policy asks for.
    check(
        &["2026-05-24T00:00:00", "2026-11-24T23:59:59.999999"],
        "eu-ai-act",
        day,
        [0, 2, 0, 0, 184, 0, 0],
    );
    check(
        &["2026-05-23T23:59:59.999999", "2026-11-25T00:00:00"],
        "eu-ai-act",
        day,
        [1, 0, 1, 0, 185, 0, 0],
    );
    check(
        &["2026-11-20T10:00:00", "2026-11-22T09:00:00", "yesterday"],
        "10d",
        day,
        [0, 2, 0, 1, 1, 6, 2],
    );
    // All of it before, or behind, what is asked for.
    check(
        &["2020-01-01T00:00:00", "2020-01-02T00:00:00"],
        "10d",
        day,
        [2, 0, 0, 0, 1, 0, 2518],
    );
    check(&["2027-01-01"], "10d", day, [0, 0, 1, 0, 0, 11, 0]);
    check(&[], "10d", day, [0, 0, 0, 0, 0, 11, 11]);
    check(&["never"], "10d", day, [0, 0, 0, 1, 0, 11, 11]);
}

#[test]
fn a_time_with_a_zone_counts_in_utc() {
    check(
        &["2026-11-25T01:00:00+02:00", "2026-11-14T23:00:00-02:00"],
        "9d",
        "2026-11-24",
        [0, 2, 0, 0, 9, 0, 0],
    );
}
