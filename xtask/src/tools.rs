//! The programs that `cargo install` brings: which version, whether it is there, how to get it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::shell::{self, Failure, Result, announce, io_failure};
use crate::{paths, toolchain};

/// One program from a package.
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    /// How long the build takes on two cores.
    time: &'static str,
}

impl Tool {
    /// Trunk puts the page together. A later one wants a newer compiler than Debian has.
    pub(crate) fn trunk() -> Self {
        Self {
            package: "trunk",
            program: "trunk",
            version: "0.21.14".into(),
            time: "about 15 minutes",
        }
    }

    /// wasm-pack runs the library's tests in a browser.
    pub(crate) fn wasm_pack() -> Self {
        Self {
            package: "wasm-pack",
            program: "wasm-pack",
            version: "0.15.1".into(),
            time: "about 3 minutes",
        }
    }

    /// wasm-bindgen makes the JavaScript around a module, in exactly the version of the library in the lock file.
    pub(crate) fn wasm_bindgen() -> Result<Self> {
        let lock = paths::root().join("Cargo.lock");
        let text = fs::read_to_string(&lock).map_err(io_failure("read", &lock))?;
        let version = locked_version(&text, "wasm-bindgen").ok_or_else(|| {
            Failure::new("Cargo.lock names no wasm-bindgen")
                .or_try("cargo metadata --format-version 1")
        })?;
        Ok(Self {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version,
            time: "about 4 minutes",
        })
    }

    /// Whether the program that builds would find has the wanted version. Other programs look it up by PATH, too.
    fn is_here(&self) -> bool {
        shell::capture(Command::new(self.program).arg("--version"))
            .is_some_and(|text| text.split_whitespace().nth(1) == Some(&self.version))
    }

    /// Installs the program unless it is there.
    pub(crate) fn ensure(&self) -> Result<()> {
        if self.is_here() {
            return Ok(());
        }
        announce(&format!(
            "Compiling {} {} ({}, once)",
            self.package, self.version, self.time
        ));
        let target = build_dir()?;
        let install = |locked: bool| {
            let mut cargo = toolchain::native("cargo");
            cargo.args([
                "install",
                self.package,
                "--version",
                &self.version,
                "--force",
            ]);
            if locked {
                cargo.arg("--locked");
            }
            // Cargo would otherwise take the clone's settings with it.
            cargo
                .current_dir(std::env::temp_dir())
                .env("CARGO_TARGET_DIR", &target);
            cargo
        };
        // A version that its own lock file names may have been withdrawn; then a compatible one serves.
        if shell::run(&mut install(true)).is_err() {
            println!("    The versions in its lock file do not serve; trying compatible ones");
            shell::run(&mut install(false))?;
        }
        if self.is_here() {
            return Ok(());
        }
        let place = paths::cargo_bin()
            .map(|dir| dir.display().to_string())
            .unwrap_or_default();
        Err(Failure::new(format!(
            "{} {} is installed, but PATH finds another or none; is {place} on it, and first?",
            self.program, self.version
        ))
        .or_try(format!("PATH={place}:$PATH cargo xtask setup")))
    }
}

/// Where the tools are compiled: one place for all, since they share many dependencies.
fn build_dir() -> Result<PathBuf> {
    Ok(paths::cache()?.join("tools"))
}

/// Gives back the space of the tools' builds, which is no longer wanted once all are installed.
pub(crate) fn clean_up() -> Result<()> {
    fs::remove_dir_all(build_dir()?).ok();
    Ok(())
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines();
    lines.find(|line| {
        line.strip_prefix("name = \"")
            .and_then(|name| name.strip_suffix('"'))
            == Some(package)
    })?;
    let version = lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
