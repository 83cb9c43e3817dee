//! What `cargo xtask bench --explore` measures the page beside: packages of npm, which nothing else here uses.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::paths;
use crate::shell::{self, Result, announce, io_failure};

/// Packages with their versions.
const PACKAGES: [&str; 2] = [
    "@sqlite.org/sqlite-wasm@3.54.1-build1",
    "@duckdb/duckdb-wasm@1.32.0",
];
/// How long one may take to install.
const LIMIT: Duration = Duration::from_secs(300);

/// Installs the rivals under the target directory and returns where their packages are. One that cannot be installed is
/// said by name; the bench leaves it out.
pub(crate) fn install() -> Result<PathBuf> {
    let place = paths::target().join("rivals");
    fs::create_dir_all(&place).map_err(io_failure("create", &place))?;
    let packages = place.join("node_modules");
    for package in PACKAGES {
        let (name, version) = package.rsplit_once('@').unwrap_or((package, ""));
        let told = fs::read_to_string(packages.join(name).join("package.json"));
        if told.is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\""))) {
            continue;
        }
        announce(&format!("Installing {package} with npm (some seconds)"));
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(["--loglevel", "error", "--prefix"])
            .arg(&place)
            .arg(package);
        if let Err(failure) = shell::run_limited(&mut npm, LIMIT) {
            println!("    {package} is left out: {}", failure.message());
        }
    }
    Ok(packages)
}
