//! The language: what is refused and where, how a filter is cut into terms, what a click makes of it.

use super::*;

/// The filter, a line of carets under the place, and what is said about it.
#[track_caller]
fn refused(filter: &str, expected: &str) {
    let error = Filter::parse(filter).expect_err("it is refused");
    let (start, end) = (error.start as usize, error.end as usize);
    let before = filter[..start].chars().count();
    let under = filter[start..end].chars().count().max(1);
    let nearest = error.nearest.map_or(String::new(), |n| format!(" ({n}?)"));
    let found = format!(
        "{}{} {}{nearest}",
        " ".repeat(before),
        "^".repeat(under),
        error.message
    );
    assert_eq!(found, expected, "{filter}");
}

#[test]
fn errors_say_where_and_what() {
    refused("actr:zoe", "^^^^ there is no field `actr` (actor?)");
    refused(
        "foo verdikt:verified",
        "    ^^^^^^^ there is no field `verdikt` (verdict?)",
    );
    refused(
        "score>0.9",
        "^^^^^ there is no field `score` (details.score?)",
    );
    refused(
        "verdict:mismatch",
        "        ^^^^^^^^ there is no verdict `mismatch` (mismatched?)",
    );
    refused("actor:", "      ^ a value is missing right behind `actor:`");
    refused(
        "actor: zoe",
        "      ^ a value is missing right behind `actor:`",
    );
    refused("actor:\"zoe", "      ^^^^ this quote is not closed");
    refused(
        "(actor:a",
        "        ^ the parenthesis that opens at the beginning is not closed",
    );
    refused(
        "a (b OR c",
        "         ^ the parenthesis that opens after 2 bytes is not closed",
    );
    refused("actor:a)", "       ^ this parenthesis closes nothing");
    refused("OR a", "^^ `OR` stands between two conditions");
    refused("a OR", "    ^ something is missing here");
    refused("a AND OR b", "      ^^ `OR` stands between two conditions");
    refused("NOT", "   ^ something is missing here");
    refused("a - b", "  ^ `-` denies what stands right behind it");
    refused("()", " ^ something is missing before this parenthesis");
    refused("after:gestern", "      ^^^^^^^ this is no date");
    refused("on:2026-02-30", "   ^^^^^^^^^^ this is no date");
    refused("last:90", "     ^^ this is no length of time");
    refused("last:1.5h", "     ^^^^ this is no length of time");
    refused("after>2026", "     ^ `after` takes no comparison");
    refused("verdict>verified", "       ^ `verdict` has no order");
    refused(
        "actor>a*",
        "      ^^ what is compared in order is one text, without wildcards, `~` or a regular expression",
    );
    refused(
        "details.score>high",
        "              ^^^^ `high` is no number (\"high\"?)",
    );
    refused("details.a[x]:1", "         ^^ this is no index");
    refused(
        "details.a.:1",
        "         ^ a key is missing behind this point",
    );
    refused("has:actr", "    ^^^^ there is no field `actr` (actor?)");
    refused(
        "has:score",
        "    ^^^^^ there is no field `score` (details.score?)",
    );
    refused(
        "resource:model",
        "         ^^^^^ `resource` takes a type, a slash and an id",
    );
    refused("/a", "^^ this regular expression is not closed");
    refused(
        "resource_id:/data/x",
        "            ^^^^^^ something stands right behind this regular expression",
    );
    refused(
        "actor:(a b)",
        "         ^ the values of a list are joined by `OR`",
    );
    refused(
        "actor:(a OR)",
        "           ^ a value is missing in this list",
    );
    refused(
        "actor!=(a OR b)",
        "       ^ a list of values stands only behind `:`",
    );
    refused("\"\"", "^^ nothing is searched for");
    refused("é ß actr:x", "    ^^^^ there is no field `actr` (actor?)");
    refused(
        "a\"\\n\"",
        "  ^^ in quotes, a backslash stands only before \" or another backslash",
    );
}

#[test]
fn what_is_long_or_deep_is_refused() {
    assert!(Filter::parse(&"x ".repeat(9_000)).is_err());
    assert!(Filter::parse(&"x ".repeat(1_001)).is_err());
    assert!(Filter::parse(&"x ".repeat(1_000)).is_ok());
    assert!(Filter::parse(&"(".repeat(16_000)).is_err());
    assert!(Filter::parse(&"-".repeat(16_000)).is_err());
    assert!(Filter::parse(&format!("{}x{}", "(".repeat(90), ")".repeat(90))).is_ok());
    assert!(Filter::parse(&"é".repeat(10_000)).is_err());
    assert!(Filter::parse(&format!("actor:{}", "x".repeat(2_000))).is_err());
}

#[test]
fn text_that_only_looks_like_a_condition_is_text() {
    for filter in [
        "credit-risk:2.1",
        "12:30",
        "details",
        "details.",
        "details.score",
        "a.b",
        "user@host",
        "-5",
        "or",
        "and",
        "NOTE",
        "ORder",
        "~x",
        "a\"b c\"d",
        "\\(x\\)",
        "\"actr:x\"",
        "日本語:x",
        "*",
        "_",
        "a/b/c",
        "#tag",
    ] {
        let parsed = Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e:?}"));
        let conditions = parsed.conditions();
        assert_eq!(conditions.len(), 1, "{filter}");
        assert_eq!(conditions[0].field, "", "{filter}");
    }
}

/// What stands where, what it is about, and its alternatives.
#[track_caller]
fn conditions(filter: &str, expected: &[(&str, &str, &[&str])]) {
    let parsed = Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e:?}"));
    let conditions = parsed.conditions();
    let found: Vec<_> = conditions
        .iter()
        .map(|c| {
            let terms: Vec<&str> = c.terms.iter().map(String::as_str).collect();
            (
                &filter[c.start as usize..c.end as usize],
                c.field.as_str(),
                terms,
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(t, f, a)| (*t, *f, a.to_vec()))
        .collect();
    assert_eq!(found, expected, "{filter}");
}

#[test]
fn a_filter_falls_into_conditions() {
    conditions("", &[]);
    conditions("  ", &[]);
    conditions(
        "actor:a  type:b AND foo -id:x",
        &[
            ("actor:a", "actor", &["actor:a"]),
            ("type:b", "event_type", &["event_type:b"]),
            ("foo", "", &["foo"]),
            ("-id:x", "entry_id", &["entry_id:x"]),
        ],
    );
    conditions(
        "actor:a OR actor:b",
        &[("actor:a OR actor:b", "actor", &["actor:a", "actor:b"])],
    );
    conditions(
        "actor:(a OR \"b c\" OR x*) on:2026",
        &[
            (
                "actor:(a OR \"b c\" OR x*)",
                "actor",
                &["actor:a", "actor:\"b c\"", "actor:x*"],
            ),
            ("on:2026", "time", &["on:2026"]),
        ],
    );
    conditions(
        "(actor:a OR verdict:verified) x",
        &[
            (
                "(actor:a OR verdict:verified)",
                "",
                &["(actor:a OR verdict:verified)"],
            ),
            ("x", "", &["x"]),
        ],
    );
    conditions(
        "resource:model/m NOT foo",
        &[
            ("resource:model/m", "", &["resource:model/m"]),
            ("NOT foo", "", &["foo"]),
        ],
    );
    conditions(
        "details.a.\"b c\"[0]>1 details.v=(1 OR \"1\")",
        &[
            (
                "details.a.\"b c\"[0]>1",
                "details.a.\"b c\"[0]",
                &["details.a.\"b c\"[0]>1"],
            ),
            (
                "details.v=(1 OR \"1\")",
                "details.v",
                &["details.v=1", "details.v:\"1\""],
            ),
        ],
    );
    conditions(
        "has:details.x",
        &[("has:details.x", "details.x", &["has:details.x"])],
    );
    conditions(
        "details:(a OR \"b c\")",
        &[(
            "details:(a OR \"b c\")",
            "details",
            &["details:a", "details:\"b c\""],
        )],
    );
    conditions("(actor:a)", &[("(actor:a)", "actor", &["actor:a"])]);
    conditions(
        "-actor:(\"5\" OR 5)",
        &[("-actor:(\"5\" OR 5)", "actor", &["actor:\"5\"", "actor:5"])],
    );
}

#[test]
fn conditions_on_one_field_are_left_out() {
    let left = |filter: &str, field: &str| {
        let parsed = Filter::parse(filter).expect("a filter").without(field);
        let place = |c: &crate::Condition| filter[c.start as usize..c.end as usize].to_owned();
        let kept: Vec<_> = parsed.conditions().iter().map(place).collect();
        kept.join(" | ")
    };
    assert_eq!(left("actor:a -actor:b type:c", "actor"), "type:c");
    assert_eq!(
        left("actor:(a OR b) (actor:a OR type:c)", "actor"),
        "(actor:a OR type:c)"
    );
    assert_eq!(left("actor:a OR actor:b", "actor"), "");
    assert_eq!(
        left("resource:model/m x", "resource_id"),
        "resource:model/m | x"
    );
    assert_eq!(left("details.a:1 details.b:2", "details.a"), "details.b:2");
    assert!(
        Filter::parse("resource:model/m")
            .expect("a filter")
            .concerns("resource_id")
    );
}

#[test]
fn clicks_change_a_filter() {
    let include = |f: &str, t: &str| include(f, t).expect("both are understood");
    let exclude = |f: &str, t: &str| exclude(f, t).expect("both are understood");
    assert_eq!(include("", "actor:a"), "actor:a");
    assert_eq!(include("x", "actor:a"), "x actor:a");
    assert_eq!(include("x OR y", "actor:a"), "(x OR y) actor:a");
    assert_eq!(
        include("actor:a x", "actor:\"b c\""),
        "actor:(a OR \"b c\") x"
    );
    assert_eq!(
        include("actor:(a OR b) x", "actor:c"),
        "actor:(a OR b OR c) x"
    );
    assert_eq!(include("actor:(a OR b) x", "actor:b"), "actor:a x");
    assert_eq!(include("(actor:(a OR b)) x", "actor:b"), "actor:a x");
    assert_eq!(
        include("(actor:a OR actor:b OR actor:c)", "actor:b"),
        "actor:(a OR c)"
    );
    assert_eq!(include("actor:a x", "actor:a"), "x");
    assert_eq!(include("x AND actor:a", "actor:a"), "x");
    assert_eq!(include("actor:a AND x", "actor:a"), "x");
    assert_eq!(include("(actor:a)", "actor:a"), "");
    assert_eq!(without("x ((resource:a/b)) y", 4, 16), "x y");
    // An escaped parenthesis is a letter like others.
    assert_eq!(without(r"x $\( a y", 6, 7), r"x $\( y");
    assert_eq!(include("-actor:a x", "actor:a"), "x actor:a");
    assert_eq!(
        include("type:a", "event_type:b"),
        "(type:a OR event_type:b)"
    );
    assert_eq!(
        include("details.v:1", "details.v=2"),
        "(details.v:1 OR details.v=2)"
    );
    assert_eq!(include("actor:a* x", "actor:b"), "actor:(a* OR b) x");
    assert_eq!(exclude("x", "actor:a"), "x -actor:a");
    assert_eq!(exclude("x -actor:a", "actor:a"), "x");
    assert_eq!(exclude("actor:(a OR b)", "actor:a"), "actor:b -actor:a");
    assert_eq!(exclude("x OR y", "actor:a"), "(x OR y) -actor:a");
    assert_eq!(narrow("x", "x").expect("a filter"), "x");
    assert_eq!(narrow("x", "a OR b").expect("a filter"), "x (a OR b)");
    let day = 86_400_000_000;
    assert_eq!(
        within("x on:2026 y", Some(0), Some(day)).expect("a filter"),
        "x y after:1970-01-01 before:1970-01-02"
    );
    assert_eq!(within("last:3d", None, None).expect("a filter"), "");
    let standing = |f: &str, t: &str| Filter::parse(f).expect("a filter").standing(t);
    assert_eq!(standing("actor:(a OR b)", "actor:b"), Standing::Included);
    assert_eq!(
        standing("actor:(a OR b)", "actor:\"b\""),
        Standing::Included
    );
    assert_eq!(standing("NOT actor:b", "actor:b"), Standing::Excluded);
    assert_eq!(standing("actor:b OR x", "actor:b"), Standing::Open);
}

#[test]
fn quoted_values_are_taken_as_they_stand() {
    for value in [
        "a",
        "Zoë Müller",
        "*",
        "a?b",
        "\"",
        "\\",
        "/x/",
        "~x",
        "OR",
        "a(b",
        "",
        "credit-risk:2.1",
        "-x",
        "a\tb",
    ] {
        let typed = format!("actor:({} OR z)", quote(value));
        let parsed = Filter::parse(&typed).unwrap_or_else(|e| panic!("{typed}: {e:?}"));
        let ast::Kind::Or(nodes) = &parsed.root.kind else {
            panic!("{typed} is a list")
        };
        let ast::Kind::Is(ast::Test::Field(_, ast::ValueTest::Equals(Some(text), _))) =
            &nodes[0].kind
        else {
            panic!("{typed}")
        };
        assert_eq!(
            (text.plain(), text.any_case),
            (Some(value), false),
            "{typed}"
        );
    }
}

#[cfg(feature = "engine")]
#[test]
fn a_value_has_one_term() {
    let check = |field: &str, json: &str, expected: &str| {
        let term = term::term(field, json);
        assert_eq!(term, expected);
        let parsed = Filter::parse(&term).unwrap_or_else(|e| panic!("{term}: {e:?}"));
        assert_eq!(
            parsed.conditions()[0].terms,
            std::slice::from_ref(&term),
            "{json}"
        );
        assert_eq!(parsed.conditions()[0].field, field, "{json}");
    };
    check("actor", "\"zoe\"", "actor:zoe");
    check(
        "actor",
        "\"Zo\\u00eb M\\u00fcller\"",
        "actor:\"Zoë Müller\"",
    );
    check("actor", "\"a*\"", "actor:\"a*\"");
    check("actor", "\"\"", "actor:\"\"");
    check("actor", "\"5\"", "actor:\"5\"");
    check("actor", "5", "actor=5");
    check("actor", "null", "actor=null");
    check("details.x", "1.5", "details.x=1.5");
    check("details.x", "true", "details.x=true");
    check("details.x", "\"true\"", "details.x:\"true\"");
    check("details.x", "NaN", "details.x=NaN");
    check("details.\"a b\"[0]", "\"x\"", "details.\"a b\"[0]:x");
    check(
        "resource_id",
        "\"credit-risk:2.1\"",
        "resource_id:credit-risk:2.1",
    );
    check("verdict", "\"verified\"", "verdict:verified");
}

/// Bits of filters, put side by side at random: whatever comes of them, errors speak of places in the text, and whatever is
/// understood can be cut, clicked on and read again.
#[test]
fn no_text_breaks_the_language() {
    let bits = [
        "actor:",
        "details.a",
        "details",
        "[0]",
        "[*]",
        "has:",
        "after:",
        "last:",
        "resource:",
        "verdict:",
        "id=",
        "a",
        "é",
        "日",
        "\"",
        "\"x y\"",
        "\\",
        "/",
        "/x/",
        "~",
        "*",
        "?",
        "(",
        ")",
        "-",
        " ",
        " ",
        " ",
        "OR",
        "AND",
        "NOT",
        ":",
        "=",
        "!=",
        "<",
        ">=",
        "1",
        "0.5",
        "2026-03",
        "90d",
        "a/b",
        ".",
        "verified",
        "\u{3000}",
    ];
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % n
    };
    let mut understood = 0;
    for _ in 0..60_000 {
        let count = 1 + below(9);
        let text: String = (0..count).map(|_| bits[below(bits.len())]).collect();
        let filter = match Filter::parse(&text) {
            Ok(filter) => filter,
            Err(error) => {
                let place = error.start as usize..error.end as usize;
                assert!(
                    text.get(place).is_some() && !error.message.is_empty(),
                    "{text:?}: {error:?}"
                );
                continue;
            }
        };
        understood += 1;
        for condition in filter.conditions() {
            let rest = without(&text, condition.start, condition.end);
            assert!(
                Filter::parse(&rest).is_ok(),
                "{text:?} without {condition:?} is {rest:?}"
            );
            for term in &condition.terms {
                assert!(
                    Filter::parse(term).is_ok(),
                    "{text:?} has the term {term:?}"
                );
            }
        }
        for click in [include, exclude, narrow] {
            let clicked = click(&text, "actor:\"a b\"").expect("both are understood");
            let again = Filter::parse(&clicked);
            assert!(again.is_ok(), "{text:?} becomes {clicked:?}: {again:?}");
        }
        let placed = within(&text, Some(0), Some(86_400_000_000)).expect("it is understood");
        assert!(
            Filter::parse(&placed).is_ok(),
            "{text:?} becomes {placed:?}"
        );
    }
    assert!(understood > 5_000, "{understood}");
}
