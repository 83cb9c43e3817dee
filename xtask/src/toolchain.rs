//! Which compiler makes WebAssembly here, and the environment that it needs: computed once, used by every command.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{debian, paths, shell};

/// The triple of everything that runs in a browser.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The variables through which the cargo that runs us would reach into the builds that we start.
const INHERITED: [&str; 6] = [
    "CARGO",
    "CARGO_BIN_NAME",
    "RUSTC",
    "RUSTDOC",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
];

/// How programs that make WebAssembly are started.
#[derive(Clone, Debug)]
pub(crate) struct WasmEnv {
    set: Vec<(&'static str, OsString)>,
    unset: &'static [&'static str],
}

impl WasmEnv {
    /// A command that sees this environment, started in the root of the clone.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = native(program);
        for name in self.unset {
            command.env_remove(name);
        }
        command.envs(self.set.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A command for native work, started in the root of the clone.
pub(crate) fn native(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    for name in INHERITED {
        command.env_remove(name);
    }
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

/// The compiler on PATH, if it can make WebAssembly, and a C compiler that can.
pub(crate) fn ordinary() -> Option<WasmEnv> {
    let clang = wasm_clang()?;
    can_compile(&mut native("rustc")).then(|| {
        let mut set = common(&clang);
        set.extend(llvm_ar().map(|ar| ("AR_wasm32_unknown_unknown", ar.into_os_string())));
        WasmEnv { set, unset: &[] }
    })
}

/// Whether the compiler on PATH can make WebAssembly, whatever the C compiler can.
pub(crate) fn rustc_on_path_can() -> bool {
    can_compile(&mut native("rustc"))
}

/// Debian's second toolchain, if it is there and can make WebAssembly.
pub(crate) fn debian() -> Option<WasmEnv> {
    let tools = debian::Tools::find()?;
    let mut set = common(&tools.clang);
    set.push(("AR_wasm32_unknown_unknown", tools.ar.into_os_string()));
    set.push((
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
        tools.linker.into_os_string(),
    ));
    let inherited = env::var_os("PATH").unwrap_or_default();
    let path = [PathBuf::from("/usr/bin")]
        .into_iter()
        .chain(env::split_paths(&inherited))
        .chain(paths::cargo_bin());
    set.push(("PATH", env::join_paths(path).ok()?));
    let env = WasmEnv {
        set,
        unset: &["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"],
    };
    can_compile(&mut env.command(debian::RUSTC)).then_some(env)
}

fn common(clang: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        ("CARGO_TARGET_DIR", paths::wasm_target().into_os_string()),
        ("CC_wasm32_unknown_unknown", clang.as_os_str().to_owned()),
    ]
}

/// Asks the compiler itself: a library that is missing, made by another version or there twice fails here.
fn can_compile(rustc: &mut Command) -> bool {
    rustc
        .args([
            "--crate-name",
            "probe",
            "--crate-type",
            "lib",
            "--emit",
            "metadata=-",
            "--target",
            TARGET,
            "-",
        ])
        .current_dir(env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = rustc.spawn() else {
        return false;
    };
    if let Some(mut stdin) = child.stdin.take() {
        use std::io::Write as _;
        // A compiler that does not read is one that cannot compile, which its status tells.
        stdin
            .write_all(b"pub fn probe() -> String { String::new() }")
            .ok();
    }
    child.wait().is_ok_and(|status| status.success())
}

/// A clang for SQLite's C: one named in the environment, or the newest on PATH that knows the target.
pub(crate) fn wasm_clang() -> Option<PathBuf> {
    let named = env::var_os("CC_wasm32_unknown_unknown").map(PathBuf::from);
    named.or_else(|| {
        let versioned = (14..=24).rev().map(|version| format!("clang-{version}"));
        std::iter::once("clang".to_owned())
            .chain(versioned)
            .filter_map(|name| paths::find_program(&name))
            .find(|clang| {
                shell::capture(Command::new(clang).arg("--print-targets"))
                    .is_some_and(|targets| targets.contains("wasm32"))
            })
    })
}

fn llvm_ar() -> Option<PathBuf> {
    let named = env::var_os("AR_wasm32_unknown_unknown").map(PathBuf::from);
    let versioned = (14..=24).rev().map(|version| format!("llvm-ar-{version}"));
    named.or_else(|| {
        std::iter::once("llvm-ar".to_owned())
            .chain(versioned)
            .find_map(|name| paths::find_program(&name))
    })
}
