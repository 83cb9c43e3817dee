//! `cargo xtask setup`: whatever a build needs and the machine lacks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::shell::{self, Failure, Result, announce};
use crate::toolchain::{self, WasmEnv};
use crate::tools::{self, Tool};
use crate::{debian, paths};

pub(crate) const HELP: &str = "\
Usage: cargo xtask setup [--tests]

Installs what `serve`, `build` and `bundle` need, and says nothing where it is there:
the WebAssembly target (with rustup; where that cannot download, on Debian, a second
toolchain from apt whose standard library is built here), clang for SQLite's C,
wasm-bindgen and Trunk. Compiling these two takes about 20 minutes, once.

Options:
  --tests    also what `test` needs: wasm-pack, Chromium and chromedriver
";

/// What a command is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Build the page.
    Page,
    /// Build it, check it and run it in a browser.
    Tests,
}

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    let mut need = Need::Page;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("tests") => need = Need::Tests,
            other => return Err(other.unexpected().into()),
        }
    }
    ensure(need)?;
    println!("Everything is there.");
    Ok(())
}

/// Installs what is missing and returns the environment for WebAssembly builds.
pub(crate) fn ensure(need: Need) -> Result<WasmEnv> {
    let env = compiler()?;
    let mut wanted = vec![Tool::wasm_bindgen()?, Tool::trunk()];
    if need == Need::Tests {
        wanted.push(Tool::wasm_pack());
    }
    for tool in &wanted {
        tool.ensure()?;
    }
    tools::clean_up()?;
    if need == Need::Tests {
        browser()?;
    }
    Ok(env)
}

/// The environment in which WebAssembly can be made, once everything for it is there.
fn compiler() -> Result<WasmEnv> {
    if let Some(env) = toolchain::ordinary().or_else(toolchain::debian) {
        return Ok(env);
    }
    if !toolchain::rustc_on_path_can() {
        add_target();
    }
    if toolchain::rustc_on_path_can() {
        clang()?;
    } else if debian::is_here() {
        debian::set_up()?;
    } else {
        return Err(Failure::new(format!(
            "the Rust compiler has no standard library for {}",
            toolchain::TARGET
        ))
        .or_try(format!("rustup target add {}", toolchain::TARGET)));
    }
    toolchain::ordinary()
        .or_else(toolchain::debian)
        .ok_or_else(|| {
            Failure::new("everything is installed, and still no compiler here makes WebAssembly")
                .or_try(format!(
                    "echo | rustc --target {} --crate-type lib -",
                    toolchain::TARGET
                ))
        })
}

/// The ordinary way. Where it fails there is another, so that a failure is told and no more.
fn add_target() {
    if paths::find_program("rustup").is_none() {
        return;
    }
    announce("Adding the WebAssembly target with rustup (about 1 minute, once)");
    let mut rustup = toolchain::native("rustup");
    rustup.args(["target", "add", toolchain::TARGET]);
    if let Err(failure) = shell::run_limited(&mut rustup, Duration::from_secs(180)) {
        println!("    {}", failure.message());
    }
}

/// A clang that knows WebAssembly: SQLite is written in C.
fn clang() -> Result<()> {
    if toolchain::wasm_clang().is_some() {
        return Ok(());
    }
    if debian::is_here() {
        return debian::install(
            &["clang".to_owned(), "llvm".to_owned()],
            "clang for SQLite's C",
            "about 1 minute",
        );
    }
    Err(Failure::new("no clang here can make WebAssembly, which SQLite's C needs")
        .or_try("install LLVM's clang (on macOS: brew install llvm, then put its bin directory first on PATH)"))
}

/// The browser's program and its driver's.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

impl Browser {
    /// What is there. `CHROMIUM` and `CHROMEDRIVER` name others than PATH would find.
    pub(crate) fn find() -> Option<Self> {
        let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let names = [
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
        ];
        Some(Self {
            chromium: named("CHROMIUM")
                .or_else(|| names.into_iter().find_map(paths::find_program))?,
            driver: named("CHROMEDRIVER").or_else(|| paths::find_program("chromedriver"))?,
        })
    }
}

fn browser() -> Result<()> {
    if toolchain::ordinary().is_none() {
        debian::install_clippy()?;
    }
    // The picture of the page must show other scripts than Latin, too.
    let fonts = Path::new("/usr/share/fonts/truetype/noto").is_dir() || !debian::is_here();
    if Browser::find().is_none() || !fonts {
        if !debian::is_here() {
            return Err(Failure::new(
                "the browser tests need Chromium and its chromedriver on PATH",
            )
            .or_try("cargo xtask test --quick, which runs everything else"));
        }
        let packages = [
            "chromium",
            "chromium-driver",
            "fonts-noto-core",
            "fonts-noto-cjk",
            "fonts-dejavu-core",
        ];
        debian::install(
            &packages.map(str::to_owned),
            "Chromium, its driver and fonts",
            "about 2 minutes",
        )?;
    }
    python()
}

/// The differential test compares with a live CPython.
pub(crate) fn python() -> Result<()> {
    let script = "import json, sqlite3, sys; sys.exit(sys.version_info < (3, 11))";
    match shell::capture(Command::new("python3").args(["-c", script])) {
        Some(_) => Ok(()),
        None => Err(Failure::new("the differential test needs Python 3.11 or later, with its sqlite3 module, as `python3`")
            .or_try("apt-get install -y python3, or any other way to get CPython")),
    }
}
