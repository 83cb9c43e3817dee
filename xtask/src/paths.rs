//! Where things are: the clone, the target directories, what is kept between clones.

use std::env;
use std::path::{Path, PathBuf};

use crate::shell::{Failure, Result};

/// The root of the clone.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable when it runs us; the value baked in at compile time may be another clone's when
    // clones share a target directory.
    let manifest = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest
        .parent()
        .map_or(manifest.clone(), Path::to_path_buf)
}

/// Where native builds go.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => {
            std::path::absolute(&dir).unwrap_or_else(|_| PathBuf::from(dir))
        }
        _ => root().join("target"),
    }
}

/// Where WebAssembly builds go: apart, because another compiler may make them.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("wasm")
}

/// What a static host is given.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// What set-up keeps for all clones of this user.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from);
    base.or_else(|| home().map(|home| home.join(".cache")))
        .map(|base| base.join("auditglass"))
        .ok_or_else(|| Failure::new("neither HOME nor XDG_CACHE_HOME is set"))
}

/// Where `cargo install` puts programs.
pub(crate) fn cargo_bin() -> Option<PathBuf> {
    let cargo_home = env::var_os("CARGO_HOME")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from);
    cargo_home
        .or_else(|| home().map(|home| home.join(".cargo")))
        .map(|dir| dir.join("bin"))
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME")
        .or_else(|| env::var_os("USERPROFILE"))
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from)
}

/// The first directory of PATH that holds `program`, with the program's name.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path)
        .map(|dir| dir.join(&name))
        .find(|file| file.is_file())
}
