//! Takes the names of functions out of a module: a third of its bytes, of use to a debugger only.
//!
//! The compiler's own way (`strip = "symbols"`) also takes the list of features that wasm-bindgen reads, so it is done
//! afterwards and here. WebAssembly core specification, 5.5: a module is a header and sections, each with a number, a
//! length and its contents; section 0 is custom and begins with its name.

use std::fs;
use std::path::Path;

use crate::shell::{Failure, Result, io_failure};

const HEADER: usize = 8;

/// Rewrites the module at `path` without its `name` section.
pub(crate) fn strip_names(path: &Path) -> Result<()> {
    let module = fs::read(path).map_err(io_failure("read", path))?;
    let stripped = without_names(&module)
        .ok_or_else(|| Failure::new(format!("{} is no WebAssembly module", path.display())))?;
    fs::write(path, stripped).map_err(io_failure("write", path))
}

fn without_names(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER)?;
    if !header.starts_with(b"\0asm") {
        return None;
    }
    let mut kept = header.to_vec();
    while let Some((&number, after)) = rest.split_first() {
        let (length, contents) = read_length(after)?;
        let (contents, next) = contents.split_at_checked(length)?;
        let is_names = number == 0 && {
            let (name_length, name) = read_length(contents)?;
            name.get(..name_length)? == b"name"
        };
        if !is_names {
            kept.extend_from_slice(&rest[..rest.len() - next.len()]);
        }
        rest = next;
    }
    Some(kept)
}

/// An unsigned LEB128 number of at most 32 bits, and what follows it.
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (i, &byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_names;

    #[test]
    fn only_names_go() {
        let section = |number: u8, contents: &[u8]| {
            let mut section = vec![number, u8::try_from(contents.len()).expect("short")];
            section.extend_from_slice(contents);
            section
        };
        let header = b"\0asm\x01\0\0\0".to_vec();
        let types = section(1, &[0]);
        let names = section(0, b"\x04name\x01\x02");
        let features = section(0, b"\x0ftarget_features");
        let module = [header.clone(), types.clone(), names, features.clone()].concat();
        assert_eq!(
            without_names(&module),
            Some([header, types, features].concat())
        );
        assert_eq!(without_names(&module[..module.len() - 1]), None);
        assert_eq!(without_names(b"<!DOCTYPE html>"), None);
    }
}
