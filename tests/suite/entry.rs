//! The macros of the case files: `@{…}` is an entry with the right checksum, `{{…}}` bytes or a repetition.

use auditglass_tests::{HASHED, checksum};
use sha2::{Digest, Sha256};

/// The columns in the order in which the log's own query returns them.
const COLUMNS: [&str; 10] = [
    "entry_id",
    "timestamp",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "details",
    "checksum",
    "written_at",
];

/// What an entry becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON object.
    Json,
    /// A tuple of SQL literals.
    Sql,
    /// The fields of a CSV record, without a line break.
    Csv(Writer),
}

/// Who writes a CSV record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Python's `csv` with its default dialect.
    Excel,
    /// Python's `csv` with the dialect `unix`: everything is quoted.
    Unix,
    /// The sqlite3 shell's `.mode csv`.
    Shell,
    /// The sqlite3 shell's `.mode tabs`: nothing is quoted.
    Tabs,
    /// PostgreSQL's `COPY … TO` in its text format: tabs, backslash escapes, `\N` for NULL.
    Copy,
}

/// Expands all macros.
///
/// Repetitions come first, so that they can stand in an entry; bytes come last, because they need not be text.
pub(crate) fn expand(text: &str, form: Form) -> Result<Vec<u8>, String> {
    let repeated = doubled(text, |inner, out| {
        let Some((times, what)) = inner.split_once('*') else {
            return Ok(false);
        };
        let times = times
            .parse()
            .map_err(|_| format!("not a number: {times}"))?;
        out.extend(what.repeat(times).bytes());
        Ok(true)
    })?;
    let repeated = String::from_utf8(repeated).map_err(|e| e.to_string())?;
    let mut entries = String::new();
    let mut rest = repeated.as_str();
    while let Some((before, from)) = rest.split_once("@{") {
        entries.push_str(before);
        let end = closing(from).ok_or_else(|| format!("@{{ without its }}: {from}"))?;
        entries.push_str(&entry(&from[..end], form)?);
        rest = &from[end + 1..];
    }
    entries.push_str(rest);
    doubled(&entries, |inner, out| {
        let is_hex = !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_hexdigit() || b == b' ');
        if is_hex {
            out.extend(auditglass_tests::unhex(&inner.replace(' ', "")));
        }
        Ok(is_hex)
    })
}

/// Replaces what stands in `{{…}}` by what `replace` writes; where it does not, the text stays as it is.
fn doubled(
    text: &str,
    replace: impl Fn(&str, &mut Vec<u8>) -> Result<bool, String>,
) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("{{") {
        out.extend_from_slice(before.as_bytes());
        rest = match from.split_once("}}") {
            Some((inner, behind)) if replace(inner, &mut out)? => behind,
            _ => {
                out.extend_from_slice(b"{{");
                from
            }
        };
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

/// Where the brace that belongs to an opened one stands.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(i, c)| match c {
        '{' => {
            depth += 1;
            None
        }
        '}' if depth == 0 => Some(i),
        '}' => {
            depth -= 1;
            None
        }
        _ => None,
    })
}

/// An entry: its id, then changes separated by `|`.
///
/// `name=JSON` sets a field to a canonical JSON text before the checksum is taken, `name:=TEXT` puts any text in its place
/// afterwards (in SQL: a literal; in CSV: the field as it stands), `-name` leaves it out. In both, `$sum`, `$SUM` and `$full` stand for the right checksum,
/// the same in upper case, and the whole SHA-256.
fn entry(recipe: &str, form: Form) -> Result<String, String> {
    let mut changes = recipe.split('|');
    let id = changes.next().unwrap_or_default();
    let mut fields: Vec<(String, String)> = COLUMNS
        .iter()
        .map(|c| ((*c).to_owned(), plain(c, id)))
        .collect();
    let mut canonical_details = r#"{"score": 0.5}"#.to_owned();
    let set = |fields: &mut Vec<(String, String)>, name: &str, value: &str| match fields
        .iter_mut()
        .find(|(n, _)| n == name)
    {
        Some(field) => field.1 = value.to_owned(),
        None => fields.push((name.to_owned(), value.to_owned())),
    };
    let mut later = Vec::new();
    for change in changes {
        match (
            change.split_once(":="),
            change.split_once('='),
            change.strip_prefix('-'),
        ) {
            (Some((name, value)), ..) if !name.contains('=') => later.push((name, Some(value))),
            (_, Some((name, value)), _) => {
                if name == "details" {
                    canonical_details = value.to_owned();
                }
                set(&mut fields, name, value);
            }
            (.., Some(name)) => later.push((name, None)),
            _ => return Err(format!("not a change: {change}")),
        }
    }
    let value = |name: &str| {
        fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
            .unwrap_or_default()
    };
    let members: Vec<String> = HASHED
        .iter()
        .map(|name| {
            let text = if *name == "details" {
                canonical_details.clone()
            } else {
                value(name)
            };
            format!("\"{name}\": {text}")
        })
        .collect();
    let canonical = format!("{{{}}}", members.join(", "));
    let sum = checksum(canonical.as_bytes());
    let full: String = Sha256::digest(&canonical)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    set(&mut fields, "checksum", &format!("\"{sum}\""));
    let sqls: Vec<(String, String)> = fields
        .iter()
        .map(|(n, v)| {
            let value = match form {
                Form::Json => v.clone(),
                Form::Sql => literal(v),
                Form::Csv(writer) => field(writer, v),
            };
            (n.clone(), value)
        })
        .collect();
    let mut fields = sqls;
    for (name, value) in later {
        match value {
            Some(value) => {
                let value = value
                    .replace("$sum", &sum)
                    .replace("$SUM", &sum.to_uppercase())
                    .replace("$full", &full);
                set(&mut fields, name, &value);
            }
            None => fields.retain(|(n, _)| n != name),
        }
    }
    let parts: Vec<String> = fields
        .iter()
        .map(|(n, v)| match form {
            Form::Json => format!("\"{n}\": {v}"),
            Form::Sql | Form::Csv(_) => v.clone(),
        })
        .collect();
    Ok(match form {
        Form::Json => format!("{{{}}}", parts.join(", ")),
        Form::Sql => format!("({})", parts.join(", ")),
        Form::Csv(Writer::Tabs | Writer::Copy) => parts.join("\t"),
        Form::Csv(_) => parts.join(","),
    })
}

/// A JSON text as a CSV field: null as an empty one, a plain string without its quotes and escapes, everything else as the
/// text it is.
fn field(writer: Writer, json: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    if json == "null" {
        return match writer {
            Writer::Unix => quoted(""),
            Writer::Copy => "\\N".to_owned(),
            _ => String::new(),
        };
    }
    let text = serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned());
    if writer == Writer::Copy {
        let escapes = [("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")];
        return escapes
            .iter()
            .fold(text, |text, (from, to)| text.replace(from, to));
    }
    let is_special = |c: char| match writer {
        Writer::Excel => matches!(c, ',' | '"' | '\r' | '\n'),
        Writer::Unix => true,
        Writer::Shell => matches!(c, '\0'..=' ' | '"' | '\'' | ',' | '\u{7F}'..),
        Writer::Tabs | Writer::Copy => false,
    };
    let is_quoted = match writer {
        Writer::Unix => true,
        Writer::Shell if text.is_empty() => true,
        _ => text.contains(is_special),
    };
    if is_quoted { quoted(&text) } else { text }
}

fn plain(column: &str, id: &str) -> String {
    match column {
        "entry_id" => format!("\"{id}\""),
        "timestamp" | "written_at" => "\"2024-03-04T18:00:45.227073\"".to_owned(),
        "event_type" => "\"inference_response\"".to_owned(),
        "actor" => "\"user_017\"".to_owned(),
        "resource_type" => "\"model\"".to_owned(),
        "resource_id" => "\"fraud:5.1.2\"".to_owned(),
        "action" => "\"predict\"".to_owned(),
        // As the log's own query returns it: JSON text inside a string.
        "details" => r#""{\"score\": 0.5}""#.to_owned(),
        _ => "\"\"".to_owned(),
    }
}

/// A JSON text as a SQL literal: a plain string without its quotes and escapes, everything else as the text it is.
fn literal(json: &str) -> String {
    let text = serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned());
    format!("'{}'", text.replace('\'', "''"))
}
