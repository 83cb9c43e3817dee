//! What is no log, and what is said of it.

use expect_test::expect;

use super::{check, entry};

#[test]
fn columns_are_no_entry() {
    let columns = |open: &str, value: &str, close: &str| {
        let names = [
            "entry_id",
            "timestamp",
            "event_type",
            "actor",
            "resource_type",
            "resource_id",
            "action",
            "details",
        ];
        let members: Vec<String> = names.iter().map(|n| format!("\"{n}\":{value}")).collect();
        format!(
            "{open}{{\"checksum\":{value},{}}}{close}\n",
            members.join(",")
        )
    };
    check(
        &columns("", "{\"0\":\"a\"}", ""),
        &expect![[r#"
        this JSON holds columns rather than rows: the fields at $ are lists of all entries' values
        try: Export rows: with pandas, df.to_json("log.json", orient="records") or json.dumps(df.to_dict("records")).
    "#]],
    );
    check(
        &columns("", "[\"a\",\n\"b\"]", ""),
        &expect![[r#"
        this JSON holds columns rather than rows: the fields at $ are lists of all entries' values
        try: Export rows: with pandas, df.to_json("log.json", orient="records") or json.dumps(df.to_dict("records")).
    "#]],
    );
    check(
        &columns("{\"data\": ", "[]", "}"),
        &expect![[r#"
        this JSON holds columns rather than rows: the fields at $.data are lists of all entries' values
        try: Export rows: with pandas, df.to_json("log.json", orient="records") or json.dumps(df.to_dict("records")).
    "#]],
    );
    check(
        &columns("[", "[1]", "]"),
        &expect![[r#"
        this JSON holds columns rather than rows: the fields at $[0] are lists of all entries' values
        try: Export rows: with pandas, df.to_json("log.json", orient="records") or json.dumps(df.to_dict("records")).
    "#]],
    );
    check(
        &columns("", "[1]", "").repeat(3),
        &expect![[r#"
        this JSON holds columns rather than rows: the fields at $ are lists of all entries' values
        try: Export rows: with pandas, df.to_json("log.json", orient="records") or json.dumps(df.to_dict("records")).
    "#]],
    );
    check(
        &columns("", "[\n1]", "").repeat(3),
        &expect![[r#"
        this JSON holds columns rather than rows: the fields at $ are lists of all entries' values
        try: Export rows: with pandas, df.to_json("log.json", orient="records") or json.dumps(df.to_dict("records")).
    "#]],
    );
    // One field that is no container is enough for an entry.
    check(
        &columns("", "[1]", "").replace("\"actor\":[1]", "\"actor\":1"),
        &expect![[r#"
            json-lines $
            0 0:1 [1]
        "#]],
    );
    // In a log it is an entry like any other.
    check(
        &format!("<a>\n<b>\n{}", columns("", "[1]", "")),
        &expect![[r#"
            json-lines $
            0 0:1 "a"
            0 126:2 "b"
            0 252:3 [1]
        "#]],
    );
}

#[test]
fn rows_as_lists_are_explained() {
    check(
        r#"{"columns": ["entry_id","timestamp","event_type","actor","resource_type","resource_id","action","details"], "data": [[1,2,3,4,5,6,7,8],[1,2,3,4,5,6,7,8]]}"#,
        &expect![[r#"
            the rows at $.data are lists of values, not objects with names ($.columns names their columns)
            try: Export objects: datasette's .json?_shape=array, pandas with orient="records", sqlite-utils without --arrays, Python's [dict(row) for row in rows].
        "#]],
    );
    check(
        "[[1,2,3,4,5,6,7,8]]",
        &expect![[r#"
        the rows at $ are lists of values, not objects with names
        try: Export objects: datasette's .json?_shape=array, pandas with orient="records", sqlite-utils without --arrays, Python's [dict(row) for row in rows].
    "#]],
    );
}

#[test]
fn entries_that_lie_deeper_are_explained() {
    check(
        "{\"a\": <a>,\n\"b\": <b>}",
        &expect![[r#"
        no array of audit entries was found in this JSON: they lie deeper, at .[]
        try: Lift the entries out: jq -c '.[]' FILE > log.jsonl. Where details are objects and not text, use Python instead: jq writes their numbers in its own way.
    "#]],
    );
    check(
        "{\"hits\": {\"hits\": [{\"_source\": <a>}, {\"_source\": <b>}]}}",
        &expect![[r#"
            no array of audit entries was found in this JSON: they lie deeper, at .hits.hits[]._source
            try: Lift the entries out: jq -c '.hits.hits[]._source' FILE > log.jsonl. Where details are objects and not text, use Python instead: jq writes their numbers in its own way.
        "#]],
    );
    check(
        "{\"entry\": <a>}\n{\"entry\": <b>}\n",
        &expect![[r#"
        no array of audit entries was found in this JSON: they lie deeper, at .entry
        try: Lift the entries out: jq -c '.entry' FILE > log.jsonl. Where details are objects and not text, use Python instead: jq writes their numbers in its own way.
    "#]],
    );
    check(
        "{\"entry\": <a>}",
        &expect![[r#"
        no array of audit entries was found in this JSON: they lie deeper, at .entry
        try: Lift the entries out: jq -c '.entry' FILE > log.jsonl. Where details are objects and not text, use Python instead: jq writes their numbers in its own way.
    "#]],
    );
    check(
        "{\"odd key'\": <a>}",
        &expect![[r#"
        no array of audit entries was found in this JSON: they lie deeper
        try: An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.
    "#]],
    );
    check(
        "{\"items\": [<a>, <b>]}\n{\"items\": [<c>]}\n",
        &expect![[r#"
            these are JSON Lines, each with a list of entries at $.items
            try: Lift the entries out: jq -c '.items[]' FILE > log.jsonl. Where details are objects and not text, use Python instead: jq writes their numbers in its own way.
        "#]],
    );
    check(
        "{\"index\": {}}\n<a>\n{\"index\": {}}\n<b>\n",
        &expect![[r#"
            these are JSON Lines, of which no more than half are audit entries (2 of the first 4)
            try: Take the entries out and open them: grep '"entry_id"' FILE > log.jsonl.
        "#]],
    );
}

#[test]
fn names_that_are_written_otherwise_are_explained() {
    let renamed = |id: &str| {
        entry(id, "")
            .replace("entry_id", "ENTRY_ID")
            .replace("timestamp", "timeStamp")
    };
    check(
        &format!("[{}, {}]", renamed("a"), renamed("b")),
        &expect![[r#"
            the objects at $[0] are no audit entries: their fields have other names, such as `ENTRY_ID`
            try: The names count, upper and lower case included. Export again without renaming anything. An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.
        "#]],
    );
    check(
        &format!("{}\n{}", renamed("a"), renamed("b")),
        &expect![[r#"
        the objects at $ are no audit entries: their fields have other names, such as `ENTRY_ID`
        try: The names count, upper and lower case included. Export again without renaming anything. An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.
    "#]],
    );
    check(
        &renamed("a"),
        &expect![[r#"
        the objects at $ are no audit entries: their fields have other names, such as `ENTRY_ID`
        try: The names count, upper and lower case included. Export again without renaming anything. An entry has the fields action, actor, details, entry_id, event_type, resource_id, resource_type and timestamp.
    "#]],
    );
}

#[test]
fn what_python_prints_is_explained() {
    check(
        "[{'entry_id': 'a', 'actor': None}]",
        &expect![[r#"
        this is what Python prints of a list, with single quotes, and not JSON
        try: Write it with json.dumps instead of str, repr or print.
    "#]],
    );
    check(
        "[('a', 'b'), ('c', 'd')]",
        &expect![[r#"
        this is what Python prints of a list, with single quotes, and not JSON
        try: Write it with json.dumps instead of str, repr or print.
    "#]],
    );
}
