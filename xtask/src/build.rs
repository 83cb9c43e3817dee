//! `cargo xtask build`: the hosted page, in `dist/`.

use std::fs;
use std::path::PathBuf;

use crate::paths;
use crate::setup::{self, Need};
use crate::shell::{self, Failure, Result, announce, io_failure};
use crate::toolchain::{self, WasmEnv};
use crate::wasm;

pub(crate) const HELP: &str = "\
Usage: cargo xtask build

Builds the page as it is shipped and leaves it in dist/. All addresses in it are relative,
so that any static host serves it under any path. Takes about 4 minutes the first time.
";

/// The cargo profile of what is shipped.
const PROFILE: &str = "wasm-release";

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let env = setup::ensure(Need::Page)?;
    build(&env)?;
    let mut total = 0;
    for (name, bytes) in contents()? {
        println!("{bytes:>10}  dist/{name}");
        total += bytes;
    }
    println!("{total:>10}  in all");
    Ok(())
}

/// Builds `dist/`.
pub(crate) fn build(env: &WasmEnv) -> Result<()> {
    announce("Building the page (about 4 minutes the first time, then seconds)");
    // Trunk would build the two modules at the same time and each would wait for the other's lock; one after the other
    // they show their progress, and Trunk then finds them done. The page is built without the engine, so that its module
    // carries no SQLite.
    for module in [
        &["--bin", "app", "--no-default-features"][..],
        &["--bin", "engine"],
    ] {
        let mut cargo = env.command("cargo");
        cargo.args(["build", "--package", "auditglass-web", "--profile", PROFILE]);
        cargo.args(["--target", toolchain::TARGET]).args(module);
        shell::run(&mut cargo)?;
    }
    let mut trunk = env.command("trunk");
    trunk.args([
        "--skip-version-check",
        "--log",
        "warn",
        "build",
        "--release",
    ]);
    // Trunk reads the variable as a switch that wants `true` or `false` and refuses the usual `1`.
    trunk.env_remove("NO_COLOR");
    shell::run(&mut trunk).map_err(|failure| failure.or_try("cargo xtask build"))?;
    complete()?;
    for module in ["app_bg.wasm", "engine_bg.wasm"] {
        wasm::strip_names(&paths::dist().join(module))?;
    }
    Ok(())
}

/// Trunk reports success for a page that lacks a file which nothing in it names.
fn complete() -> Result<()> {
    let wanted = [
        "index.html",
        "start.js",
        "app.js",
        "app_bg.wasm",
        "engine.js",
        "engine_bg.wasm",
        "engine_worker.js",
    ];
    let missing: Vec<_> = wanted
        .into_iter()
        .filter(|name| !paths::dist().join(name).is_file())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("dist/ lacks {}", missing.join(", ")))
        .or_try("cargo xtask build, after a look at index.html"))
}

/// The files of `dist/` and their sizes.
fn contents() -> Result<Vec<(String, u64)>> {
    let mut files = Vec::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(dir) = pending.pop() {
        let full = paths::dist().join(&dir);
        for entry in fs::read_dir(&full)
            .map_err(io_failure("list", &full))?
            .flatten()
        {
            let path = dir.join(entry.file_name());
            let meta = entry
                .metadata()
                .map_err(io_failure("read", &entry.path()))?;
            if meta.is_dir() {
                pending.push(path);
            } else {
                files.push((path.to_string_lossy().into_owned(), meta.len()));
            }
        }
    }
    files.sort();
    Ok(files)
}
