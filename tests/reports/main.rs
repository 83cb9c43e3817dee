//! The same files give the same bytes: here natively, in `web/tests/reports.rs` in a browser, against one file.

mod crew;
mod render;

use std::path::Path;

use auditglass::{Case, Input, Memory, Quiet};

/// With `UPDATE_EXPECT=1` the file is written anew.
#[track_caller]
fn check(rendered: &str, name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, rendered).expect("tests/reports can be written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let line = rendered
        .lines()
        .zip(expected.lines())
        .find(|(now, then)| now != then);
    assert!(
        rendered == expected,
        "differs at {line:?}; if that is meant: UPDATE_EXPECT=1 cargo test -p auditglass-tests --test reports"
    );
}

#[test]
fn the_renderings_are_the_committed_ones() {
    check(&render::render(), "expected.txt");
}

#[test]
fn the_drills_are_the_committed_ones() {
    check(&render::drills(), "drills.txt");
}

#[test]
fn one_sqlite_everywhere() {
    assert_eq!(
        auditglass::sqlite_version(),
        include_str!("sqlite-version.txt").trim()
    );
}

/// A reader of the evidence slice recomputes every checksum in it with a SHA-256 tool and nothing of ours.
#[test]
fn the_evidence_slice_is_recomputed_by_other_tools() {
    let log = r#"{"timestamp": "2026-01-01T00:00:00", "entry_id": "e1", "event_type": "t", "actor": "Zoë", "resource_type": "r", "resource_id": "d", "action": "read", "details": {"b": 1e-7, "a": [1.0]}, "checksum": "00"}
{"timestamp": "2026-01-01T00:00:01", "entry_id": "e2", "event_type": "t", "actor": "a", "resource_type": "r", "resource_id": "d", "action": "read", "details": "no JSON", "checksum": "00"}
"#;
    let mut case = Case::open(vec![Input {
        name: "log.jsonl".into(),
        bytes: Box::new(Memory::new(log.as_bytes())),
        is_found: false,
    }]);
    case.verify(&mut Quiet).expect("nobody cancels");
    let mut slice = String::new();
    let mut slicing = case.begin_slice().expect("the columns tell");
    let mut write = |line: &str| {
        slice.push_str(line);
        Ok(())
    };
    while case
        .slice_step(&mut slicing, &mut write)
        .expect("it is still there")
    {}
    assert_eq!(slicing.end("slice.jsonl".into()).entries, 2);
    let folder = std::env::temp_dir().join(format!("auditglass-slice-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("slice.jsonl");
    std::fs::write(&file, &slice).expect("it can be written");
    let script = "
import hashlib, json, sys
for line in open(sys.argv[1], encoding='utf-8'):
    entry = json.loads(line)
    if entry['hashed_hex'] is None:
        print(entry['entry_id'], 'unreadable')
        continue
    digest = hashlib.sha256(bytes.fromhex(entry['hashed_hex'])).hexdigest()
    assert digest == hashlib.sha256(entry['hashed_text'].encode()).hexdigest()
    print(entry['entry_id'], digest == entry['sha256'] and digest[:16] == entry['recomputed'])
";
    let python = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(&file)
        .output()
        .expect("python3 is needed as the judge");
    std::fs::remove_dir_all(&folder).ok();
    let said = String::from_utf8_lossy(&python.stdout);
    let error = String::from_utf8_lossy(&python.stderr);
    assert_eq!(said, "e1 True\ne2 unreadable\n", "{error}");
}
