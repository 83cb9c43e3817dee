//! `cargo xtask test`: every check and every test, in an order in which the cheap ones fail first.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::setup::{self, Browser, Need};
use crate::shell::{self, Failure, Result, io_failure, spoken};
use crate::toolchain::{self, WasmEnv, native};
use crate::{bundle, paths, tidy};

pub(crate) const HELP: &str = "\
Usage: cargo xtask test [--quick]

Runs format, house rules, clippy (native and WebAssembly, warnings denied), the native tests
with the differential test against CPython, the single file's build, the page's tests in
headless Chromium and the end-to-end tests. Stops at the first failure and prints the
command that repeats or repairs it.

Options:
  --quick    no browser, and nothing is installed: what is missing is skipped, and said
";

/// The packages that run natively.
const NATIVE: [&str; 6] = ["-p", "auditglass", "-p", "auditglass-tests", "-p", "xtask"];
const DENY: [&str; 3] = ["--", "-D", "warnings"];

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    let mut quick = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("quick") => quick = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let start = Instant::now();
    let tally = Tally::default();
    let result = if quick {
        run_quick(&tally)
    } else {
        run_all(&tally)
    };
    println!("\nAfter {}:", spoken(start.elapsed()));
    println!("{}", tally.line());
    result
}

fn run_quick(tally: &Tally) -> Result<()> {
    checks()?;
    match toolchain::ordinary().or_else(toolchain::debian) {
        Some(env) => clippy_wasm(&env)?,
        None => println!("\nskipped: clippy for WebAssembly, which needs `cargo xtask setup`"),
    }
    native_tests(tally)
}

fn run_all(tally: &Tally) -> Result<()> {
    let env = setup::ensure(Need::Tests)?;
    checks()?;
    clippy_wasm(&env)?;
    native_tests(tally)?;
    step("single file", || bundle::bundle(&env))?;
    let browser = Browser::find()
        .ok_or_else(|| Failure::new("Chromium is gone").or_try("cargo xtask setup --tests"))?;
    let capabilities = capabilities(&browser)?;
    step("page in headless Chromium", || {
        let mut wasm_pack = env.command("wasm-pack");
        wasm_pack
            .args(["test", "--headless", "--chrome", "--chromedriver"])
            .arg(&browser.driver)
            .arg("web");
        wasm_pack.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
        // Twice the default: the engine compiles SQLite in the browser first.
        wasm_pack.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        tally.run(&mut wasm_pack)
    })?;
    step("end to end", || {
        let mut cargo = native("cargo");
        cargo.args([
            "test",
            "--package",
            "auditglass-tests",
            "--features",
            "e2e",
            "--test",
            "e2e",
        ]);
        cargo.args(["--", "--test-threads", "1"]);
        cargo
            .env("CHROMEDRIVER", &browser.driver)
            .env("CHROMIUM", &browser.chromium);
        tally.run(&mut cargo)
    })
}

/// What needs no test to run.
fn checks() -> Result<()> {
    step("format", || {
        let check = shell::run(native("cargo").args(["fmt", "--all", "--check"]));
        check.map_err(|failure| Failure::new(failure.message()).or_try("cargo fmt --all"))
    })?;
    step("house rules", tidy::check)?;
    step("clippy", || {
        let mut cargo = native("cargo");
        cargo.arg("clippy").args(NATIVE).arg("--all-targets");
        shell::run(
            cargo
                .args(["--features", "auditglass/cli,auditglass-tests/e2e"])
                .args(DENY),
        )
    })
}

fn clippy_wasm(env: &WasmEnv) -> Result<()> {
    step("clippy for WebAssembly", || {
        // The page's module is built without the engine: what is left then must be clean, too.
        for part in [
            &["--all-targets"][..],
            &["--lib", "--bin", "app", "--no-default-features"],
        ] {
            let mut cargo = env.command("cargo");
            cargo.args([
                "clippy",
                "-p",
                "auditglass-web",
                "--target",
                toolchain::TARGET,
            ]);
            shell::run(cargo.args(part).args(DENY))?;
        }
        Ok(())
    })
}

fn native_tests(tally: &Tally) -> Result<()> {
    setup::python()?;
    let has_nextest = shell::capture(native("cargo").args(["nextest", "--version"])).is_some();
    step("native tests", || {
        let mut cargo = native("cargo");
        if has_nextest {
            cargo.args(["nextest", "run"])
        } else {
            cargo.args(["test", "--all-targets"])
        };
        tally.run(cargo.args(NATIVE).args(["--features", "auditglass/cli"]))
    })?;
    step("examples in the documentation", || {
        tally.run(native("cargo").args(["test", "--doc", "-p", "auditglass"]))
    })
}

/// The browser's switches stand in a file that any WebDriver client can read; where the browser lies is this machine's.
fn capabilities(browser: &Browser) -> Result<PathBuf> {
    let file = paths::root().join("tests/browser/webdriver.json");
    let text = fs::read_to_string(&file).map_err(io_failure("read", &file))?;
    let mut json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    json["goog:chromeOptions"]["binary"] = browser.chromium.to_string_lossy().into();
    let place = paths::wasm_target().join("webdriver.json");
    fs::create_dir_all(paths::wasm_target())
        .map_err(io_failure("create", &paths::wasm_target()))?;
    fs::write(&place, json.to_string()).map_err(io_failure("write", &place))?;
    Ok(place)
}

/// Runs one step between its name and its time.
fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!();
    shell::announce(name);
    let start = Instant::now();
    let result = work();
    let verdict = if result.is_ok() { "ok" } else { "FAILED" };
    println!("    {name}: {verdict} ({})", spoken(start.elapsed()));
    result
}

/// How many tests there were, as the runners' own closing lines tell.
#[derive(Default)]
struct Tally {
    passed: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    fn run(&self, command: &mut std::process::Command) -> Result<()> {
        shell::run_watched(command, &|line| self.watch(line))
    }

    /// `test result: ok. 3 passed; 0 failed; …` or nextest's `Summary [ 1.2s] 4 tests run: 3 passed, 1 failed, …`.
    fn watch(&self, line: &str) {
        if line.contains("test result:") || line.trim_start().starts_with("Summary [") {
            self.passed
                .fetch_add(number_before(line, " passed"), Ordering::Relaxed);
            self.failed
                .fetch_add(number_before(line, " failed"), Ordering::Relaxed);
        }
    }

    fn line(&self) -> String {
        format!(
            "{} passed, {} failed",
            self.passed.load(Ordering::Relaxed),
            self.failed.load(Ordering::Relaxed)
        )
    }
}

fn number_before(line: &str, word: &str) -> u64 {
    let Some(end) = line.find(word) else { return 0 };
    let digits = line[..end]
        .bytes()
        .rev()
        .take_while(u8::is_ascii_digit)
        .count();
    line[end - digits..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_lines_are_summed() {
        let tally = Tally::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored",
            "     Summary [   1.204s] 41 tests run: 40 passed (1 slow), 1 failed, 2 skipped",
            "test the_result_passed ... ok",
        ] {
            tally.watch(line);
        }
        assert_eq!(tally.line(), "55 passed, 3 failed");
    }
}
