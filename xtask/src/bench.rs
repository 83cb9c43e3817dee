//! `cargo xtask bench`: speed as ratios against rivals in the same run.

use crate::bundle;
use crate::paths;
use crate::setup::{self, Browser, Need};
use crate::shell::{self, Failure, Result, announce};
use crate::toolchain::native;

pub(crate) const HELP: &str = "\
Usage: cargo xtask bench [--size [KIND…]]

Builds the command and the page as they are shipped and measures both beside the Python
oracle: the same log, the same run, taking turns. Prints medians and ratios; then what the
engine keeps of a million entries, and how fast it counts and sorts them. It is no test:
nothing fails when a machine is slow.

Options:
  --size  judge sources of 1 to 8 GB instead (lines, array, sqlite, dump, gzip, single; all
          if none is named) and print times and memory; needs 9 GB in the temporary folder
";

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    let mut size = false;
    let mut kinds = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("size") => size = true,
            lexopt::Arg::Value(kind) if size => kinds.push(kind),
            other => return Err(other.unexpected().into()),
        }
    }
    let env = setup::ensure(Need::Tests)?;
    setup::python()?;
    let browser = Browser::find()
        .ok_or_else(|| Failure::new("Chromium is gone").or_try("cargo xtask setup --tests"))?;
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
    shell::run(native("cargo").args(release))?;
    bundle::bundle(&env)?;
    announce("Measuring");
    let mut bench = native("cargo");
    bench.args([
        "run",
        "--quiet",
        "-p",
        "auditglass-tests",
        "--features",
        "e2e",
        "--bin",
        if size { "size" } else { "bench" },
        "--",
    ]);
    if size {
        bench
            .arg("run")
            .arg(std::env::temp_dir().join("auditglass-size"));
    }
    bench.arg(paths::target().join("release").join("auditglass"));
    bench.args(kinds);
    bench
        .env("CHROMEDRIVER", &browser.driver)
        .env("CHROMIUM", &browser.chromium);
    shell::run(&mut bench)?;
    if size {
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
