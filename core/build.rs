//! Tells release builds which commit they are made from, for the report's last line. Other builds say none: they would be
//! built anew with every commit.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=AUDITGLASS_COMMIT");
    // A host that builds from an archive may say it itself.
    if std::env::var_os("AUDITGLASS_COMMIT").is_some()
        || std::env::var("PROFILE").as_deref() != Ok("release")
    {
        return;
    }
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return;
    };
    println!("cargo::rerun-if-changed=src");
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name])
            && Path::new(&path).exists()
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    // A report by an engine that was changed since must not name the commit as if it were that.
    let is_changed = git(&["status", "--porcelain", "--untracked-files=no", "--", "."]);
    let mark = match is_changed.as_deref() {
        Some("") => "",
        _ => " and changes",
    };
    println!("cargo::rustc-env=AUDITGLASS_COMMIT={commit}{mark}");
}

/// What git says of this folder; nothing where there is no git or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
