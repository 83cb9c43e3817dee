//! Runs the plain-text cases in this folder: an input, then what must be found in it. README.md has the format.
//!
//! Each case goes through the library and through the command, which must say the same. `UPDATE_EXPECT=1` writes what
//! was found into the files.

mod asked;
mod case;
mod command;
mod entry;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use auditglass::{Case, Finding, OpenOptions, Verdict};
use auditglass_tests::{Judged, auditglass, file_input, judge_with, root};
use case::TextCase;
use serde::Deserialize;
use serde_json::value::RawValue;

#[test]
fn cases() {
    let folder = root().join("tests/suite");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of the suite")
        .map(|f| f.expect("a listed file").path())
        .filter(|p| p.extension().is_some_and(|e| e == "case"))
        .collect();
    files.sort();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let only = std::env::var("CASE").unwrap_or_default();
    let (mut count, mut failures) = (0, String::new());
    let mut codes = BTreeSet::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a case file is UTF-8");
        let mut cases = case::parse(&text);
        for case in cases.iter_mut().filter(|c| c.name.contains(&only)) {
            count += 1;
            let found = run(case).unwrap_or_else(|e| format!("{e}\n"));
            codes.extend(found.lines().filter_map(finding_code).map(str::to_owned));
            if found == case.expected {
                continue;
            }
            if !update {
                let file = file.file_name().unwrap_or_default().to_string_lossy();
                writeln!(
                    failures,
                    "=== {} ({file})\n--- expected\n{}--- found\n{found}",
                    case.name, case.expected
                )
                .expect("writing to a string");
            }
            case.expected = found;
        }
        if update {
            std::fs::write(file, case::print(&cases)).expect("the case file can be written");
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(count > 0, "no case was run");
    let documented = ["docs/checksums.md", "docs/formats.md"]
        .map(|name| std::fs::read_to_string(root().join(name)).expect("the documentation"))
        .concat();
    codes.retain(|code| !documented.contains(&format!("| `{code}` |")));
    assert!(
        codes.is_empty(),
        "findings that docs/checksums.md and docs/formats.md do not explain: {codes:?}"
    );
    println!("{count} cases");
}

/// The code in a line of an `expect` section that tells of a finding.
fn finding_code(line: &str) -> Option<&str> {
    let (severity, rest) = line.split_once(' ')?;
    matches!(severity, "info" | "warning" | "error" | "unexamined")
        .then(|| rest.split(' ').next())?
}

/// A line of `--format jsonl`. Values from the log stay as they are spelled: a lone surrogate has no Rust string.
#[derive(Deserialize)]
struct Line {
    source: String,
    locator: Box<RawValue>,
    entry_id: Box<RawValue>,
    claimed: Box<RawValue>,
    recomputed: Option<String>,
    verdict: String,
    reason: Option<String>,
}

/// Runs one case and tells what was found, in the words of the `expect` section.
fn run(case: &TextCase) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let made = case::make_files(case, folder.path())?;
    let arguments: Vec<String> = case.arguments.clone().unwrap_or_else(|| {
        made.iter()
            .filter(|n| !is_companion(n, &made))
            .cloned()
            .collect()
    });
    // The library opens what the command would: the files named that are there, those in folders, and their companions.
    let named = arguments.iter().filter(|n| made.contains(n));
    let mut names: Vec<(&str, Option<&str>)> = named.map(|n| (n.as_str(), None)).collect();
    for argument in &arguments {
        let inside = format!("{argument}/");
        let from = argument.rfind('/').map_or(0, |i| i + 1);
        let found = made.iter().filter(|n| n.starts_with(&inside));
        names.extend(found.map(|n| (n.as_str(), Some(&n[from..]))));
    }
    let companions = made
        .iter()
        .filter(|n| is_companion(n, &arguments) && !arguments.contains(n));
    names.extend(companions.map(|n| (n.as_str(), None)));
    let input = |(path, found): &(&str, Option<&str>)| {
        let mut input = file_input(&folder.path().join(path));
        if let Some(name) = found {
            input.name = (*name).to_owned();
            input.is_found = true;
        }
        input
    };
    let inputs = names.iter().map(input).collect();
    let options = OpenOptions {
        roll_back_journal: arguments.iter().any(|a| a == "--roll-back-journal"),
    };
    let (library, judged) = judge_with(inputs, options);
    every_byte_is_accounted_for(&library)?;
    let found = describe(&library, &judged);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let exit = command(folder.path(), &arguments, &library, &judged)?;
    Ok(format!("exit {exit}\n{found}"))
}

fn is_companion(name: &str, of: &[String]) -> bool {
    ["-wal", "-journal", "-shm"].iter().any(|suffix| {
        name.strip_suffix(suffix)
            .is_some_and(|base| of.iter().any(|n| n == base))
    })
}

/// The bytes examined and those left out add up to the files' lengths.
fn every_byte_is_accounted_for(case: &Case) -> Result<(), String> {
    for source in case.sources() {
        let companions: u64 = source.companions.iter().map(|c| c.bytes).sum();
        let total = source.bytes + companions;
        let accounting = source.accounting.ok_or("a source without its accounts")?;
        let is_whole = match accounting.packed {
            None => accounting.total() == total,
            Some(packed) => packed == source.bytes,
        };
        if !is_whole || accounting.unexamined.iter().any(|u| u.bytes == 0) {
            return Err(format!(
                "{}: {accounting:?} accounts for {} of {total} bytes",
                source.name,
                accounting.total()
            ));
        }
    }
    Ok(())
}

fn describe(case: &Case, judged: &[Judged]) -> String {
    let mut out = String::new();
    for source in case.sources() {
        if let Some(error) = &source.error {
            let message = error.message.replace('\n', " ");
            let what = if source.is_passed_over {
                "passed over"
            } else {
                "not a log"
            };
            writeln!(out, "source {} {what}: {message}", source.name).expect("writing to a string");
            continue;
        }
        let parts: Vec<String> = source
            .parts
            .iter()
            .map(|p| format!("{} {}", p.name, p.entries))
            .collect();
        writeln!(
            out,
            "source {} {} {} ({})",
            source.name,
            source.kind,
            source.entries,
            parts.join(", ")
        )
        .expect("writing to a string");
        // The pages of a database that hold no entry are a matter of SQLite's own.
        let accounting = source.accounting.unwrap_or_default();
        for left_out in accounting
            .unexamined
            .iter()
            .filter(|_| source.kind != "sqlite")
        {
            let locator =
                serde_json::to_string(&left_out.locator).expect("a locator is plain data");
            writeln!(
                out,
                "unexamined {} {} {locator}",
                left_out.code, left_out.bytes
            )
            .expect("writing to a string");
        }
    }
    let t = case.totals();
    writeln!(
        out,
        "totals {}: {} verified, {} mismatched, {} unchecksummed, {} unreadable",
        t.entries, t.verified, t.mismatched, t.unchecksummed, t.unreadable
    )
    .expect("writing to a string");
    for entry in judged.iter().filter(|j| j.verdict != Verdict::Verified) {
        writeln!(
            out,
            "entry {} {} {} {}",
            entry.source,
            entry.locator,
            entry.entry_id,
            entry.verdict.as_str()
        )
        .expect("writing to a string");
    }
    for finding in case.findings() {
        out.push_str(&finding_line(case, finding));
    }
    out
}

fn finding_line(case: &Case, finding: &Finding) -> String {
    let view = case.finding_view(finding);
    let locator = serde_json::to_string(&view.locator).expect("a locator is plain data");
    let id = view.entry_id.map(|id| format!(" {id}")).unwrap_or_default();
    format!(
        "{} {} {} {locator}{id}\n",
        view.severity.as_str(),
        view.code,
        view.source
    )
}

/// Runs the command on the same files in all three formats and compares; its exit code.
fn command(
    folder: &Path,
    arguments: &[&str],
    case: &Case,
    judged: &[Judged],
) -> Result<i32, String> {
    let run = |format: &str| {
        auditglass(
            folder,
            &[&["verify", "--format", format], arguments].concat(),
        )
    };
    let json = run("json");
    let exit = json.status.code().ok_or("the command was killed")?;
    if arguments.is_empty() {
        return if json.stderr.is_empty() {
            Err("wrong usage, and not a word".into())
        } else {
            Ok(exit)
        };
    }
    let report: serde_json::Value = serde_json::from_slice(&json.stdout)
        .map_err(|e| format!("the command's report is no JSON: {e}"))?;
    if report["schema"] != "auditglass.verify/1" {
        return Err(format!(
            "the command's report has the schema {}",
            report["schema"]
        ));
    }
    let totals = case.totals();
    for (name, n) in [("entries", totals.entries)]
        .into_iter()
        .chain(Verdict::ALL.iter().map(|v| (v.as_str(), totals.of(*v))))
    {
        if report["totals"][name] != n {
            return Err(format!(
                "the command counts {} {name}, the library {n}",
                report["totals"][name]
            ));
        }
    }
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let by_command: Vec<String> = findings
        .iter()
        .map(|f| {
            format!(
                "{} {}",
                f["severity"].as_str().unwrap_or("?"),
                f["code"].as_str().unwrap_or("?")
            )
        })
        .collect();
    let by_library: Vec<String> = case
        .findings()
        .iter()
        .map(|f| format!("{} {}", f.severity.as_str(), f.code))
        .collect();
    if by_command != by_library {
        return Err(format!(
            "the command finds {by_command:?}, the library {by_library:?}"
        ));
    }
    let lines = run("jsonl");
    let text = String::from_utf8(lines.stdout).map_err(|_| "jsonl is no UTF-8")?;
    if text.lines().count() != judged.len() {
        return Err(format!(
            "the command prints {} lines for {} entries",
            text.lines().count(),
            judged.len()
        ));
    }
    for (line, entry) in text.lines().zip(judged) {
        let members: Line = serde_json::from_str(line)
            .map_err(|e| format!("a line of jsonl is no JSON: {e}: {line}"))?;
        let by_command = (
            members.source.as_str(),
            members.locator.get(),
            members.entry_id.get(),
            members.claimed.get(),
            members.recomputed.as_deref(),
            members.verdict.as_str(),
            members.reason.as_deref(),
        );
        let by_library = (
            entry.source.as_str(),
            entry.locator.as_str(),
            entry.entry_id.as_str(),
            entry.claimed.as_str(),
            entry.recomputed.as_deref(),
            entry.verdict.as_str(),
            entry.reason.as_deref(),
        );
        if by_command != by_library {
            return Err(format!(
                "the command prints {by_command:?}, the library judged {by_library:?}"
            ));
        }
    }
    let human = run("human");
    for (format, output) in [
        ("jsonl", lines.status.code()),
        ("human", human.status.code()),
    ] {
        if output != Some(exit) {
            return Err(format!("exit {exit} with json, {output:?} with {format}"));
        }
    }
    if human.stdout.is_empty() && human.stderr.is_empty() {
        return Err("the command says nothing to people".into());
    }
    Ok(exit)
}
