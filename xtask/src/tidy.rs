//! `cargo xtask tidy`: the house rules that no compiler checks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{self, Failure, Result, io_failure};
use crate::{paths, stations, toolchain};

pub(crate) const HELP: &str = "\
Usage: cargo xtask tidy

Checks that every Rust file says what it is for and is one room, that the engine stays free
of browsers, clocks and threads, that `unsafe` stands only where it may, that the protocol's
version is documented, that links between documents lead somewhere, and that no file names
this machine or a package registry.
";

/// A Rust file that is longer is usually two rooms.
const LINE_LIMIT: usize = 600;
/// Directories that hold nothing of ours.
const SKIPPED: [&str; 8] = [
    "target",
    "dist",
    ".git",
    ".tools",
    "node_modules",
    "__pycache__",
    "corpus",
    "artifacts",
];
/// The files made for `unsafe`.
const UNSAFE_PLACES: [&str; 4] = [
    "core/src/ingest/sqlite/vfs",
    "core/src/ingest/sqlite/raw",
    "core/src/ingest/sqlite/db",
    "core/src/digest/",
];
/// What tells paths of people's machines apart, and the log made up to measure it: they must name some.
const PATHS_PLACES: [&str; 2] = ["core/src/examine/scan/", "tests/scan/"];
/// What the engine's host decides and the engine must not ask.
const HOST_ONLY: [&str; 7] = [
    "SystemTime",
    "Instant",
    "std::env",
    "std::thread",
    "std::net",
    "std::process",
    "std::fs",
];
/// Crates that only a browser has.
const BROWSER_CRATES: [&str; 5] = ["wasm-bindgen", "js-sys", "web-sys", "gloo", "leptos"];

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    check()?;
    println!("Tidy.");
    Ok(())
}

/// Checks everything and tells all complaints at once.
pub(crate) fn check() -> Result<()> {
    let mut complaints = Vec::new();
    for file in files(&paths::root())? {
        let name = relative(&file);
        // Pictures and databases have no text.
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let may_name_paths = PATHS_PLACES.iter().any(|place| name.starts_with(place));
        if !name.ends_with("Cargo.lock") && !may_name_paths {
            complaints.extend(forbidden_words(&name, &text));
        }
        if name.ends_with(".rs") {
            complaints.extend(rust_file(&name, &text));
            complaints.extend(stations::complaints(&name, &text));
        }
        if name.ends_with(".md") {
            complaints.extend(links(&name, &text, |target| {
                file.parent().is_some_and(|dir| dir.join(target).exists())
            }));
        }
    }
    complaints.extend(protocol()?);
    complaints.extend(dependencies()?);
    if complaints.is_empty() {
        return Ok(());
    }
    for complaint in &complaints {
        println!("    {complaint}");
    }
    Err(
        Failure::new(format!("{} house rules are broken", complaints.len()))
            .or_try("cargo xtask tidy"),
    )
}

fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(&dir)
            .map_err(io_failure("list", &dir))?
            .flatten()
        {
            let path = entry.path();
            if path.is_symlink() || SKIPPED.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn relative(file: &Path) -> String {
    file.strip_prefix(paths::root())
        .unwrap_or(file)
        .to_string_lossy()
        .replace('\\', "/")
}

/// In pieces, so that this file does not hold what it forbids.
fn forbidden() -> Vec<String> {
    let pieces = [
        ["crates", ".io"],
        ["npm", "js."],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["static.rust", "-lang.org"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["C:\\Us", "ers\\"],
    ];
    pieces.iter().map(|pair| pair.concat()).collect()
}

fn forbidden_words(name: &str, text: &str) -> Vec<String> {
    let words = forbidden();
    let mut complaints = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in words.iter().filter(|word| line.contains(word.as_str())) {
            complaints.push(format!("{name}:{}: names `{word}`", number + 1));
        }
    }
    complaints
}

fn rust_file(name: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if !text.starts_with("//! ") {
        complaints.push(format!(
            "{name}: does not open with `//!` and what it is for"
        ));
    }
    let lines = text.lines().count();
    if lines > LINE_LIMIT {
        complaints.push(format!(
            "{name}: {lines} lines are two rooms (limit {LINE_LIMIT})"
        ));
    }
    let is_engine = name.starts_with("core/src/")
        && !name.starts_with("core/src/bin/")
        && !name.ends_with("/tests.rs")
        && !name.contains("/tests/");
    let may_be_unsafe = UNSAFE_PLACES.iter().any(|place| name.starts_with(place));
    let mut in_tests = false;
    for (number, line) in text.lines().enumerate() {
        // A file's own tests stand at its end, and may do what they like.
        in_tests |= line.starts_with("#[cfg(test)]");
        let code = line.split("//").next().unwrap_or_default();
        if is_engine && !in_tests {
            for word in HOST_ONLY.iter().filter(|word| has_word(code, word)) {
                complaints.push(format!(
                    "{name}:{}: the engine must not use {word}; its host does",
                    number + 1
                ));
            }
        }
        if !may_be_unsafe && opens_unsafe(code) {
            complaints.push(format!(
                "{name}:{}: `unsafe` outside the files made for it",
                number + 1
            ));
        }
    }
    complaints
}

fn has_word(code: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(inside) && !code[at + word.len()..].starts_with(inside)
    })
}

fn opens_unsafe(code: &str) -> bool {
    let word = ["un", "safe"].concat();
    code.match_indices(&word).any(|(at, _)| {
        let after = code[at + word.len()..].trim_start();
        !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_`\"".contains(c))
            && ["{", "fn ", "impl", "extern", "trait"]
                .iter()
                .any(|next| after.starts_with(next))
    })
}

/// Links in a document that lead to a file of ours which is not there.
fn links(name: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ', '#']).next());
    targets
        .filter(|target| {
            !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")
        })
        .filter(|target| !exists(target))
        .map(|target| format!("{name}: links to {target}, which is not there"))
        .collect()
}

/// A change of the protocol's version must be told in its document.
fn protocol() -> Result<Vec<String>> {
    let read = |name: &str| {
        let file = paths::root().join(name);
        fs::read_to_string(&file).map_err(io_failure("read", &file))
    };
    let source = read("web/src/protocol.rs")?;
    let document = read("docs/protocol.md")?;
    let version = source
        .lines()
        .find_map(|line| {
            line.trim()
                .strip_prefix("pub const VERSION: u32 = ")?
                .strip_suffix(';')
        })
        .ok_or_else(|| Failure::new("web/src/protocol.rs names no VERSION"))?;
    let named = format!("version {version}");
    let is_named = document
        .to_ascii_lowercase()
        .match_indices(&named)
        .any(|(at, _)| !document[at + named.len()..].starts_with(|c: char| c.is_ascii_digit()));
    Ok(if is_named {
        vec![]
    } else {
        vec![format!(
            "docs/protocol.md: does not speak of {named} of the protocol"
        )]
    })
}

/// The engine runs anywhere: in what it is built from there is no browser.
fn dependencies() -> Result<Vec<String>> {
    let mut cargo = toolchain::native("cargo");
    cargo.args([
        "tree",
        "-p",
        "auditglass",
        "--target",
        toolchain::TARGET,
        "-e",
        "normal",
        "--prefix",
        "none",
    ]);
    let tree = shell::capture(&mut cargo)
        .ok_or_else(|| Failure::new("`cargo tree` failed").or_try(shell::shown(&cargo)))?;
    let mut complaints: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| {
            BROWSER_CRATES
                .iter()
                .any(|browser| name.starts_with(browser))
        })
        .map(|name| {
            format!("core/Cargo.toml: the engine depends on {name}, which only a browser has")
        })
        .collect();
    complaints.dedup();
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_its_breach() {
        let has = |name: &str, text: &str, word: &str| {
            let complaints = rust_file(name, text);
            assert!(
                complaints.iter().any(|complaint| complaint.contains(word)),
                "{name}: {complaints:?}"
            );
        };
        has("web/src/a.rs", "fn main() {}", "open");
        has(
            "web/src/a.rs",
            &format!("//! A.\n{}", "\n".repeat(LINE_LIMIT)),
            "two rooms",
        );
        has(
            "core/src/a.rs",
            "//! A.\nuse std::time::Instant;\n",
            "Instant",
        );
        has(
            "core/src/a.rs",
            &format!(
                "//! A.\nfn f() {{ {} {{ g() }} }}\n",
                ["un", "safe"].concat()
            ),
            "made for it",
        );
    }

    #[test]
    fn what_is_allowed_passes() {
        let marked = ["un", "safe"].concat();
        for (name, text) in [
            (
                "core/src/ingest/sqlite/vfs.rs",
                format!("//! A.\nfn f() {{ {marked} {{ g() }} }}\n"),
            ),
            (
                "core/src/bin/auditglass/main.rs",
                "//! A.\nuse std::env;\n".to_owned(),
            ),
            (
                "core/src/a.rs",
                "//! A.\n// No Instant here.\nfn instantiate() {}\n#[cfg(test)]\nuse std::env;\n"
                    .to_owned(),
            ),
            (
                "web/src/a.rs",
                format!("//! A.\n#![forbid({marked}_code)]\n"),
            ),
        ] {
            assert_eq!(rust_file(name, &text), Vec::<String>::new());
        }
    }

    #[test]
    fn forbidden_words_and_dead_links_are_found() {
        let text = format!("a\nsee {}\n", ["https://crates", ".io/x"].concat());
        assert_eq!(forbidden_words("a.md", &text).len(), 1);
        let text = "[a](here.md) [b](gone.md#part) [c](https://example.org/x) [d](#part)";
        assert_eq!(
            links("a.md", text, |target| target == "here.md"),
            ["a.md: links to gone.md, which is not there"]
        );
    }
}
