//! The way round on a Debian machine where rustup's targets cannot be downloaded: Debian's second Rust toolchain,
//! whose library source is a package, so that the standard library for WebAssembly can be built here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Failure, Result, announce, io_failure};
use crate::{paths, toolchain};

/// The compiler of the package `rustc-web`.
pub(crate) const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
/// Where [`RUSTC`] looks for the standard library.
const LIBRARY: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";

/// The programs besides the compiler.
pub(crate) struct Tools {
    pub(crate) linker: PathBuf,
    pub(crate) clang: PathBuf,
    pub(crate) ar: PathBuf,
}

impl Tools {
    /// The newest of each, if all are there. A linker much older than the compiler's LLVM cannot read its objects.
    pub(crate) fn find() -> Option<Self> {
        let newest = |name: &str, oldest: u32| {
            (oldest..=24)
                .rev()
                .map(|version| PathBuf::from(format!("/usr/bin/{name}-{version}")))
                .find(|file| file.is_file())
        };
        if !Path::new(RUSTC).is_file() || !Path::new(CARGO).is_file() {
            return None;
        }
        Some(Self {
            linker: newest("wasm-ld", 19)?,
            clang: newest("clang", 14)?,
            ar: newest("llvm-ar", 14)?,
        })
    }
}

/// Whether this is a machine with apt.
pub(crate) fn is_here() -> bool {
    Path::new("/etc/debian_version").is_file() && paths::find_program("apt-get").is_some()
}

/// Installs packages; where we may not, tells the command that does.
pub(crate) fn install(packages: &[String], what: &str, time: &str) -> Result<()> {
    let line = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if !is_root() {
        return Err(
            Failure::new(format!("{what} must be installed, and only root may"))
                .or_try(format!("sudo apt-get update && sudo {line}")),
        );
    }
    announce(&format!("Installing {what} with apt ({time})"));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        command
    };
    // An update that fails (one mirror of several is down) need not stop an install that can do without.
    if let Err(failure) = shell::run(apt().arg("update")) {
        eprintln!("warning: {}", failure.message());
    }
    shell::run(
        apt()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
    .map_err(|failure| Failure::new(failure.message()).or_try(format!("apt-get update && {line}")))
}

/// Installs the second toolchain and builds its standard library for WebAssembly.
pub(crate) fn set_up() -> Result<()> {
    if Tools::find().is_none() || !library_source().is_some_and(|source| source.is_dir()) {
        // The source comes under the compiler's name; lld, clang and llvm carry their version in theirs.
        let mut packages: Vec<String> = ["rustc-web", "cargo-web", "rust-web-src"]
            .map(str::to_owned)
            .to_vec();
        packages.push(newest_package("lld", &[22, 21, 20, 19])?);
        packages.push(newest_package("clang", &[19, 16, 14])?);
        packages.push(newest_package("llvm", &[14, 19, 16])?);
        install(
            &packages,
            "a second Rust toolchain, lld and clang",
            "about 1 minute",
        )?;
    }
    build_library()
}

/// The linter of the second toolchain.
pub(crate) fn install_clippy() -> Result<()> {
    if Path::new("/usr/bin/clippy-driver").is_file() {
        return Ok(());
    }
    install(
        &["rust-web-clippy".to_owned()],
        "the second toolchain's clippy",
        "some seconds",
    )
}

/// The package of the first version in `versions` that this Debian has.
fn newest_package(name: &str, versions: &[u32]) -> Result<String> {
    let known = |package: &String| {
        shell::capture(Command::new("apt-cache").args(["show", "--no-all-versions", package]))
            .is_some_and(|text| !text.is_empty())
    };
    versions
        .iter()
        .map(|version| format!("{name}-{version}"))
        .find(known)
        .or_else(|| versions.first().map(|version| format!("{name}-{version}")))
        .ok_or_else(|| Failure::new(format!("no version of {name} is wanted")))
}

/// Where the compiler expects the source of its library.
fn library_source() -> Option<PathBuf> {
    let sysroot = shell::capture(Command::new(RUSTC).args(["--print", "sysroot"]))?;
    Some(Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library"))
}

/// Builds the library in a clean directory and puts it where the compiler looks. A second build in one directory
/// would leave each crate there twice, which the compiler refuses as ambiguous.
fn build_library() -> Result<()> {
    announce("Building the standard library for WebAssembly (about 2 minutes, once)");
    let place = paths::cache()?.join("std");
    fs::remove_dir_all(&place).ok();
    let source = place.join("src");
    fs::create_dir_all(&source).map_err(io_failure("create", &source))?;
    let manifest =
        "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n";
    for (file, text) in [
        (place.join("Cargo.toml"), manifest),
        (source.join("lib.rs"), ""),
    ] {
        fs::write(&file, text).map_err(io_failure("write", &file))?;
    }
    let target = place.join("target");
    let mut cargo = toolchain::native(CARGO);
    cargo
        .args([
            "build",
            "--release",
            "-Zbuild-std=std,panic_abort,test",
            "--target",
            toolchain::TARGET,
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(&place)
        // The switch is a nightly one, and Debian builds no nightly.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", RUSTC)
        // Without the bitcode a later `lto` has nothing to optimise.
        .env(
            "RUSTFLAGS",
            "-Cembed-bitcode=yes -Ctarget-feature=+simd128,+bulk-memory",
        )
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("LD_LIBRARY_PATH");
    shell::run(&mut cargo)?;
    let built = target.join(toolchain::TARGET).join("release/deps");
    let copied = copy_library(&built, Path::new(LIBRARY))?;
    println!("    {copied} libraries put into {LIBRARY}");
    // The result is what counts; what is left over only takes space.
    fs::remove_dir_all(&place).ok();
    Ok(())
}

fn copy_library(from: &Path, to: &Path) -> Result<usize> {
    let by_hand = || {
        format!(
            "sudo mkdir -p {LIBRARY} && sudo cp {}/lib[!n]*.rlib {LIBRARY}/",
            from.display()
        )
    };
    fs::create_dir_all(to).map_err(|error| io_failure("create", to)(error).or_try(by_hand()))?;
    for old in libraries(to)? {
        fs::remove_file(&old).map_err(io_failure("remove", &old))?;
    }
    let new = libraries(from)?;
    for file in &new {
        let Some(name) = file.file_name() else {
            continue;
        };
        let place = to.join(name);
        fs::copy(file, &place)
            .map_err(|error| io_failure("write", &place)(error).or_try(by_hand()))?;
    }
    Ok(new.len())
}

fn libraries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(io_failure("list", dir))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "rlib")
        })
        .filter(|file| {
            !file
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("libnothing-"))
        })
        .collect();
    found.sort();
    Ok(found)
}

fn is_root() -> bool {
    shell::capture(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_libraries_give_way_and_the_empty_crate_stays_behind() {
        let base = std::env::temp_dir().join(format!("auditglass-xtask-{}", std::process::id()));
        let (from, to) = (base.join("from"), base.join("to"));
        for dir in [&from, &to] {
            fs::create_dir_all(dir).unwrap();
        }
        for name in [
            "libstd-1.rlib",
            "libcore-1.rlib",
            "libnothing-1.rlib",
            "libstd-1.rmeta",
        ] {
            fs::write(from.join(name), "new").unwrap();
        }
        fs::write(to.join("libstd-0.rlib"), "old").unwrap();
        assert_eq!(copy_library(&from, &to).unwrap(), 2);
        let mut names: Vec<_> = fs::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["libcore-1.rlib", "libstd-1.rlib"]);
        fs::remove_dir_all(&base).unwrap();
    }
}
