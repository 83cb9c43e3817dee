//! `cargo xtask bench`: speed as ratios against rivals in the same run.

use std::process::Command;

use crate::bundle;
use crate::paths;
use crate::rivals;
use crate::setup::{self, Browser, Need};
use crate::shell::{self, Failure, Result, announce};
use crate::toolchain::native;

pub(crate) const HELP: &str = "\
Usage: cargo xtask bench [--size [KIND…] | --explore [ENTRIES…]]

Builds the command and the page as they are shipped and measures both beside the Python
oracle: the same log, the same run, taking turns. Prints medians and ratios; then what the
engine keeps of a million entries, and how fast it counts and sorts them. It is no test:
nothing fails when a machine is slow.

Options:
  --explore
          find, count and scroll entries on the page instead, in logs of so many entries (10000,
          100000 and 1000000 if no number is given), beside SQLite and DuckDB as WebAssembly,
          which npm installs into target/rivals; draws target/explore.svg; 20 minutes
  --size  judge sources of 1 to 8 GB instead (lines, array, sqlite, dump, gzip, single; all
          if none is named) and print times and memory; needs 9 GB in the temporary folder
";

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Speed,
    Size,
    Explore,
}

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    let mut what = What::Speed;
    let mut values = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("size") if what == What::Speed => what = What::Size,
            lexopt::Arg::Long("explore") if what == What::Speed => what = What::Explore,
            lexopt::Arg::Value(value) if what != What::Speed => values.push(value),
            other => return Err(other.unexpected().into()),
        }
    }
    let env = setup::ensure(Need::Tests)?;
    setup::python()?;
    let browser = Browser::find()
        .ok_or_else(|| Failure::new("Chromium is gone").or_try("cargo xtask setup --tests"))?;
    if what != What::Explore {
        build_command()?;
    }
    bundle::bundle(&env)?;
    let mut bench = match what {
        What::Speed => program("bench"),
        What::Size => program("size"),
        What::Explore => program("explore"),
    };
    let command = paths::target().join("release").join("auditglass");
    match what {
        What::Speed => bench.arg(command),
        What::Size => bench
            .arg("run")
            .arg(std::env::temp_dir().join("auditglass-size"))
            .arg(command),
        What::Explore => bench
            .arg(paths::dist())
            .arg(rivals::install()?)
            .arg(std::env::temp_dir().join("auditglass-bench"))
            .arg(paths::target().join("explore.svg")),
    };
    announce("Measuring");
    bench
        .args(values)
        .env("CHROMEDRIVER", &browser.driver)
        .env("CHROMIUM", &browser.chromium);
    shell::run(&mut bench)?;
    if what != What::Speed {
        return Ok(());
    }
    announce("Measuring the index, natively (a few minutes to build)");
    let columns = [
        "run",
        "--quiet",
        "--release",
        "-p",
        "auditglass-tests",
        "--bin",
        "bench-columns",
    ];
    shell::run(native("cargo").args(columns))
}

fn build_command() -> Result<()> {
    announce("Building the command (about 3 minutes the first time)");
    let release = [
        "build",
        "--release",
        "-p",
        "auditglass",
        "--features",
        "cli",
        "--bin",
        "auditglass",
    ];
    shell::run(native("cargo").args(release))
}

/// A program of the tests, to be given its arguments.
fn program(name: &str) -> Command {
    let mut program = native("cargo");
    program.args(["run", "--quiet", "-p", "auditglass-tests"]);
    program.args(["--features", "e2e", "--bin", name, "--"]);
    program
}
