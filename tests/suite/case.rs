//! The format of the case files: reading, writing, and making the files that a case describes.

use std::path::Path;

use auditglass_tests::pack::{self, ZipMember};
use rusqlite::Connection;

use crate::entry::{self, Form, Writer};

/// One case.
pub(crate) struct TextCase {
    /// What it is about.
    pub(crate) name: String,
    /// Everything between the name and the `expect` section, as it stands in the file.
    body: String,
    /// The files and steps.
    steps: Vec<(Vec<String>, String)>,
    /// The command's arguments behind `verify`, if the case names them.
    pub(crate) arguments: Option<Vec<String>>,
    /// What must be found.
    pub(crate) expected: String,
}

/// Reads a file of cases. Text before the first `===` is kept as part of a nameless head.
pub(crate) fn parse(text: &str) -> Vec<TextCase> {
    let mut cases: Vec<TextCase> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(TextCase {
                name: name.to_owned(),
                body: String::new(),
                steps: Vec::new(),
                arguments: None,
                expected: String::new(),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            assert!(line.trim().is_empty(), "text before the first case: {line}");
            continue;
        };
        let in_expect = case
            .steps
            .last()
            .is_some_and(|(words, _)| words[0] == "expect");
        if let Some(header) = line.strip_prefix("--- ") {
            let words: Vec<String> = header.split_whitespace().map(str::to_owned).collect();
            if words[0] == "args" {
                case.arguments = Some(words[1..].to_vec());
            }
            if words[0] != "expect" {
                case.body.push_str(line);
                case.body.push('\n');
            }
            case.steps.push((words, String::new()));
        } else if in_expect {
            if !line.is_empty() {
                case.expected.push_str(line);
                case.expected.push('\n');
            }
        } else {
            case.body.push_str(line);
            case.body.push('\n');
            if let Some((_, content)) = case.steps.last_mut() {
                content.push_str(line);
                content.push('\n');
            }
        }
    }
    cases
}

/// The text of the cases, with what they expect now.
pub(crate) fn print(cases: &[TextCase]) -> String {
    let texts: Vec<String> = cases
        .iter()
        .map(|c| format!("=== {}\n{}--- expect\n{}", c.name, c.body, c.expected))
        .collect();
    texts.join("\n")
}

/// Makes the files of a case in `folder`; their names in order.
pub(crate) fn make_files(case: &TextCase, folder: &Path) -> Result<Vec<String>, String> {
    let mut made: Vec<String> = Vec::new();
    let io = |e: std::io::Error| e.to_string();
    for (words, content) in &case.steps {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = words.get(1).copied().unwrap_or_default();
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(io)?;
        }
        match words[..] {
            ["folder", _] => {
                std::fs::create_dir_all(&path).map_err(io)?;
                continue;
            }
            #[cfg(unix)]
            ["link", _, target] => {
                std::os::unix::fs::symlink(target, &path).map_err(io)?;
                continue;
            }
            ["file", _, ref options @ ..] => {
                let form = if options.contains(&"sql") {
                    Form::Sql
                } else {
                    Form::Json
                };
                let mut bytes = entry::expand(content, form)?;
                if options.contains(&"no-newline") {
                    bytes.pop();
                }
                std::fs::write(&path, bytes).map_err(io)?;
            }
            ["csv", _, writer, ref options @ ..] => {
                let writer = match writer {
                    "excel" => Writer::Excel,
                    "unix" => Writer::Unix,
                    "shell" => Writer::Shell,
                    "tabs" => Writer::Tabs,
                    "copy" => Writer::Copy,
                    other => return Err(format!("no writer of CSV: {other}")),
                };
                let mut text = content.clone();
                if options.contains(&"crlf") {
                    text = text.replace('\n', "\r\n");
                }
                let mut bytes = entry::expand(&text, Form::Csv(writer))?;
                if options.contains(&"no-newline") {
                    bytes.pop();
                }
                std::fs::write(&path, bytes).map_err(io)?;
            }
            ["sqlite", _, ref options @ ..] => {
                let sql = String::from_utf8(entry::expand(content, Form::Sql)?)
                    .map_err(|e| e.to_string())?;
                made.extend(database(folder, name, &sql, options.contains(&"open"))?);
                continue;
            }
            ["example", _] => {
                let from = auditglass_tests::root().join("examples").join(name);
                std::fs::copy(from, &path).map_err(io)?;
            }
            ["truncate", _, len] => {
                let mut bytes = std::fs::read(&path).map_err(io)?;
                bytes.truncate(place(len, &bytes)?);
                std::fs::write(&path, bytes).map_err(io)?;
                continue;
            }
            ["poke", _, at, hex] => {
                let mut bytes = std::fs::read(&path).map_err(io)?;
                let at = place(at, &bytes)?;
                let new = auditglass_tests::unhex(hex);
                let old = bytes
                    .get_mut(at..at + new.len())
                    .ok_or("poke: behind the end")?;
                old.copy_from_slice(&new);
                std::fs::write(&path, bytes).map_err(io)?;
                continue;
            }
            [how @ ("gzip" | "zstd"), _, into] => {
                let bytes = std::fs::read(&path).map_err(io)?;
                let bytes = if how == "gzip" {
                    pack::gzip(&bytes)
                } else {
                    pack::zstd(&bytes)
                };
                replace(folder, &mut made, name, into, &bytes)?;
                continue;
            }
            ["encode", _, encoding, into] => {
                let bytes = pack::encode(&std::fs::read(&path).map_err(io)?, encoding);
                replace(folder, &mut made, name, into, &bytes)?;
                continue;
            }
            ["zip", _, ref members @ ..] => {
                let bytes = pack::zip(&zip_members(folder, &mut made, members)?);
                std::fs::write(&path, bytes).map_err(io)?;
            }
            ["join", _, other] => {
                let mut bytes = std::fs::read(&path).map_err(io)?;
                bytes.extend(std::fs::read(folder.join(other)).map_err(io)?);
                std::fs::write(&path, bytes).map_err(io)?;
                std::fs::remove_file(folder.join(other)).map_err(io)?;
                made.retain(|n| n != other);
                continue;
            }
            ["remove", _] => {
                std::fs::remove_file(&path).map_err(io)?;
                made.retain(|n| n != name);
                continue;
            }
            ["args", ..] | ["expect"] => continue,
            _ => return Err(format!("unknown section: --- {}", words.join(" "))),
        }
        made.push(name.to_owned());
    }
    Ok(made)
}

/// The members of an archive, written as `FILE`, `FILE=PATH`, `FILE:93+descriptor`: a file made before, which goes into it.
fn zip_members(
    folder: &Path,
    made: &mut Vec<String>,
    words: &[&str],
) -> Result<Vec<ZipMember>, String> {
    let mut members = Vec::new();
    for word in words {
        let (name, how) = word.split_once(':').unwrap_or((word, "8"));
        let (file, path) = name.split_once('=').unwrap_or((name, name));
        let mut how = how.split('+');
        let method = how.next().and_then(|m| m.parse().ok());
        let mut member = ZipMember {
            name: path.to_owned(),
            bytes: std::fs::read(folder.join(file)).map_err(|e| e.to_string())?,
            method: method.ok_or("zip: no method")?,
            ..ZipMember::default()
        };
        for option in how {
            match option {
                "descriptor" => member.has_descriptor = true,
                "encrypted" => member.is_encrypted = true,
                "wide" => member.is_wide = true,
                _ => return Err(format!("zip: {option}")),
            }
        }
        members.push(member);
        made.retain(|n| n != file);
    }
    Ok(members)
}

/// Puts a file in the place of the one that it was made of.
fn replace(
    folder: &Path,
    made: &mut Vec<String>,
    name: &str,
    into: &str,
    bytes: &[u8],
) -> Result<(), String> {
    std::fs::remove_file(folder.join(name)).map_err(|e| e.to_string())?;
    std::fs::write(folder.join(into), bytes).map_err(|e| e.to_string())?;
    made.retain(|n| n != name);
    made.push(into.to_owned());
    Ok(())
}

/// An offset; `-8` counts from the end.
fn place(text: &str, bytes: &[u8]) -> Result<usize, String> {
    match text.strip_prefix('-') {
        Some(back) => {
            let place = bytes.len().checked_sub(number(back)?);
            place.ok_or_else(|| format!("before the beginning: {text}"))
        }
        None => number(text),
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("not a number: {text}"))
}

/// Runs the statements on a new database and copies it to the folder: after closing it, or with its companions while the
/// writer still has it open.
fn database(folder: &Path, name: &str, sql: &str, open: bool) -> Result<Vec<String>, String> {
    let sqlite = |e: rusqlite::Error| e.to_string();
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = work.path().join(name);
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).map_err(|e| e.to_string())?;
    }
    let connection = Connection::open(file).map_err(sqlite)?;
    connection.execute_batch(sql).map_err(sqlite)?;
    let connection = if open {
        Some(connection)
    } else {
        connection.close().map_err(|(_, e)| e.to_string())?;
        None
    };
    let mut made = Vec::new();
    for file in ["", "-wal", "-journal"].map(|suffix| format!("{name}{suffix}")) {
        if work.path().join(&file).exists() {
            std::fs::copy(work.path().join(&file), folder.join(&file))
                .map_err(|e| e.to_string())?;
            made.push(file);
        }
    }
    drop(connection);
    Ok(made)
}
