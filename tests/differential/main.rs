//! Random logs in every container, judged by the engine and by CPython (`oracle.py`): every verdict and every recomputed
//! checksum must be equal. 20,000 entries by default; a million, and a million random doubles, with the feature
//! `exhaustive` or with `AUDITGLASS_DIFFERENTIAL=1000000`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use auditglass::{Case, RowIdx};
use auditglass_tests::{Judged, auditglass, checksum, file_input, judge, python};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Entries made and judged at a time: the rest of a large run waits, so that memory and disk stay small.
const BATCH: usize = 20_000;

/// What the oracle says about one entry.
#[derive(Deserialize)]
struct Expected {
    file: String,
    part: String,
    place: BTreeMap<String, i64>,
    entry_id: Box<RawValue>,
    claimed: Box<RawValue>,
    recomputed: Option<String>,
    verdict: String,
}

#[derive(Deserialize)]
struct Made {
    file: PathBuf,
}

/// A line of `--format jsonl`.
#[derive(Deserialize)]
struct Line {
    source: String,
    locator: serde_json::Value,
    entry_id: Box<RawValue>,
    claimed: Box<RawValue>,
    recomputed: Option<String>,
    verdict: String,
    reason: Option<String>,
}

fn wanted() -> usize {
    match std::env::var("AUDITGLASS_DIFFERENTIAL") {
        Ok(n) => n
            .parse()
            .expect("AUDITGLASS_DIFFERENTIAL is a number of entries"),
        Err(_) if cfg!(feature = "exhaustive") => 1_000_000,
        Err(_) => 20_000,
    }
}

fn make(folder: &Path, arguments: &[&str]) -> Vec<PathBuf> {
    let folder = folder.to_str().expect("a plain path");
    let output = python("differential/gen.py", &[&[folder], arguments].concat());
    let output = String::from_utf8(output).expect("the generator prints ASCII");
    output
        .lines()
        .map(|l| {
            serde_json::from_str::<Made>(l)
                .expect("a line of JSON")
                .file
        })
        .collect()
}

/// The oracle's lines, by the name of the file.
fn expected(files: &[PathBuf]) -> BTreeMap<String, Vec<Expected>> {
    let files: Vec<&str> = files
        .iter()
        .map(|f| f.to_str().expect("a plain path"))
        .collect();
    let output = String::from_utf8(python("differential/oracle.py", &files))
        .expect("the oracle prints ASCII");
    let mut by_file: BTreeMap<String, Vec<Expected>> = BTreeMap::new();
    for line in output.lines() {
        let expected: Expected = serde_json::from_str(line).expect("a line of JSON");
        by_file
            .entry(expected.file.clone())
            .or_default()
            .push(expected);
    }
    by_file
}

/// What the oracle says of a file: of itself, or of the members of an archive, which are named in order.
fn of_file<'e>(expected: &'e BTreeMap<String, Vec<Expected>>, name: &str) -> Vec<&'e Expected> {
    let members = format!("{name}/");
    let is_of = |file: &str| file == name || file.starts_with(&members);
    let of_file = expected.iter().filter(|(file, _)| is_of(file));
    of_file.flat_map(|(_, entries)| entries).collect()
}

fn base_name(file: &Path) -> String {
    file.file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned()
}

/// The database or text with its write-ahead log, if there is one.
fn with_companions(file: &Path) -> Vec<PathBuf> {
    let wal = PathBuf::from(format!("{}-wal", file.display()));
    if wal.exists() {
        vec![file.to_path_buf(), wal]
    } else {
        vec![file.to_path_buf()]
    }
}

/// What a rowid, an ordinal or a line number says must agree; the oracle knows no byte offsets.
fn same_place(expected: &Expected, locator: &serde_json::Value) -> bool {
    expected.place.iter().all(|(kind, n)| locator[kind] == *n)
        && (!expected.place.contains_key("rowid") || locator["table"] == expected.part.as_str())
}

/// Compares one file's entries in order; appends at most a few differences to the report and counts all.
fn compare(file: &str, expected: &[&Expected], got: &[Judged], report: &mut String) -> usize {
    let mut wrong = 0;
    if expected.len() != got.len() {
        wrong += expected.len().abs_diff(got.len());
        writeln!(
            report,
            "{file}: CPython judged {} entries, the engine {}",
            expected.len(),
            got.len()
        )
        .expect("writing to a string");
    }
    for (i, (e, g)) in expected.iter().zip(got).enumerate() {
        let locator: serde_json::Value =
            serde_json::from_str(&g.locator).expect("a locator is JSON");
        if e.verdict == g.verdict.as_str()
            && e.recomputed == g.recomputed
            && e.file == g.source
            && same_place(e, &locator)
        {
            continue;
        }
        wrong += 1;
        if wrong <= 5 {
            writeln!(
                report,
                "{file} entry {i} {:?} id {}: CPython {} {:?}, engine {} {:?} at {}",
                e.place,
                e.entry_id,
                e.verdict,
                e.recomputed,
                g.verdict.as_str(),
                g.recomputed,
                g.locator
            )
            .expect("writing to a string");
        }
    }
    wrong
}

/// Reads some entries again, as the panel does: the verdict must be the same, and the bytes shown as hashed must hash to
/// the checksum shown.
fn read_again(file: &str, case: &Case, got: &[Judged], report: &mut String) -> usize {
    let mut wrong = 0;
    for (i, judged) in got.iter().enumerate().step_by(7) {
        let row = RowIdx(u32::try_from(i).expect("few entries"));
        let what = match case.entry(row) {
            Err(error) => format!("cannot be read again: {error}"),
            Ok(view)
                if (view.verdict, &view.recomputed_checksum)
                    != (judged.verdict, &judged.recomputed) =>
            {
                format!(
                    "judged {judged:?}, shown {:?} {:?}",
                    view.verdict, view.recomputed_checksum
                )
            }
            Ok(view)
                if view.canonical.as_ref().map(|c| checksum(c.as_bytes())) != judged.recomputed =>
            {
                "the bytes shown are not the bytes hashed".to_owned()
            }
            Ok(_) => continue,
        };
        wrong += 1;
        if wrong <= 5 {
            writeln!(report, "{file} entry {i}: {what}").expect("writing to a string");
        }
    }
    wrong
}

fn check(files: &[PathBuf]) -> usize {
    let expected = expected(files);
    let mut report = String::new();
    let (mut wrong, mut entries) = (0, 0);
    for file in files {
        let name = base_name(file);
        let inputs = with_companions(file)
            .iter()
            .map(|f| file_input(f))
            .collect();
        let (case, got) = judge(inputs);
        if let Some(error) = case.sources().iter().find_map(|s| s.error.clone()) {
            writeln!(report, "{name}: not opened: {}", error.message).expect("writing to a string");
            wrong += 1;
        }
        let of_file = of_file(&expected, &name);
        assert!(!of_file.is_empty(), "{name}: the oracle found no entry");
        entries += of_file.len();
        wrong += compare(&name, &of_file, &got, &mut report);
        wrong += read_again(&name, &case, &got, &mut report);
    }
    assert!(
        wrong == 0,
        "{wrong} differences in {entries} entries\n{report}"
    );
    entries
}

#[test]
fn every_container() {
    let wanted = wanted();
    let (mut done, mut seed) = (0, 1);
    while done < wanted {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let batch = BATCH.min(wanted.max(1_000)).to_string();
        let files = make(
            folder.path(),
            &["--seed", &seed.to_string(), "--entries", &batch],
        );
        assert!(files.len() >= 55, "only {} containers", files.len());
        done += check(&files);
        seed += 1;
        if wanted > BATCH {
            println!("{done} entries equal");
        }
    }
    println!("{done} entries equal in {} runs of the generator", seed - 1);
}

#[test]
fn random_doubles() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = if wanted() >= 1_000_000 {
        1_000_000
    } else {
        50_000
    };
    let files = make(
        folder.path(),
        &["--seed", "77", "--doubles", &count.to_string()],
    );
    check(&files);
    println!("{count} random doubles equal");
}

#[test]
fn the_command_prints_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = make(folder.path(), &["--seed", "5", "--entries", "3000"]);
    let expected = expected(&files);
    let mut compared = 0;
    for file in &files {
        let name = base_name(file);
        // A companion is found beside its database.
        let output = auditglass(folder.path(), &["verify", "--format", "jsonl", &name]);
        let text = String::from_utf8(output.stdout).expect("jsonl is UTF-8");
        let lines: Vec<Line> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{name}: {e}: {l}")))
            .collect();
        let of_file = of_file(&expected, &name);
        assert_eq!(of_file.len(), lines.len(), "{name}");
        let is_good = of_file.iter().all(|e| e.verdict == "verified");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(i32::from(!is_good)),
            "{name}: {messages}"
        );
        for (e, line) in of_file.iter().zip(&lines) {
            let at = format!("{name} {:?}", e.place);
            assert_eq!(line.source, e.file, "{at}");
            assert_eq!(line.verdict, e.verdict, "{at}");
            assert_eq!(line.recomputed, e.recomputed, "{at}");
            assert!(same_place(e, &line.locator), "{at}: {}", line.locator);
            assert_eq!(
                line.reason.is_none(),
                e.verdict == "verified",
                "{at}: {:?}",
                line.reason
            );
            same_text(&at, &e.entry_id, &line.entry_id);
            same_text(&at, &e.claimed, &line.claimed);
            compared += 1;
        }
    }
    assert!(compared >= 2_500, "only {compared} lines");
}

/// Where the oracle saw text, the command must print the same text. Lone surrogates are compared as they are spelled.
fn same_text(at: &str, expected: &RawValue, got: &RawValue) {
    if expected.get() == "null" {
        return;
    }
    let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get());
    match (text(expected), text(got)) {
        (Ok(e), Ok(g)) => assert_eq!(e, g, "{at}"),
        _ => assert_eq!(
            expected.get().to_lowercase(),
            got.get().to_lowercase(),
            "{at}"
        ),
    }
}
