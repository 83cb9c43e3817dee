//! Formats that are not read, told by their first bytes, and what to do about each.

use crate::error::Error;

/// Bytes of a file by which it is told.
pub(super) const PREFIX: usize = 512;

const UNPACK: &str = "Unpack it first and open what is inside.";
const UNTAR: &str = "Unpack it with `tar xf`, and open the files in it or their folder.";

/// Refuses what is certainly no text: a beginning of a file that no log in text can have.
///
/// # Errors
///
/// If `prefix`, the first [`PREFIX`] bytes of a file, belongs to a format that is not read.
pub(super) fn refuse(prefix: &[u8]) -> Result<(), Error> {
    match binary(prefix) {
        Some((what, hint)) => Err(Error::unsupported(format!(
            "it looks like {what}, which is not opened here"
        ))
        .with_hint(hint)),
        None => Ok(()),
    }
}

/// What a file is that may hold a log, and how to get at it.
fn binary(prefix: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match prefix {
        _ if is_tar(prefix) => ("a tar archive", UNTAR),
        [b'P', b'K', 3, 4, ..] => ("a zip archive", UNPACK),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => ("a bzip2 file", UNPACK),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => ("an xz file", UNPACK),
        [b'7', b'z', 0xBC, 0xAF, ..] => ("a 7-Zip archive", UNPACK),
        [0x04, 0x22, 0x4D, 0x18, ..] => ("an lz4 file", UNPACK),
        [0x1F, 0x9D, ..] => ("a file packed by compress", UNPACK),
        [0x5D, 0, 0, ..] => ("an LZMA file", UNPACK),
        [0x78, 0x01 | 0x9C | 0xDA, ..] => (
            "a zlib stream",
            "Unpack it first, with Python: zlib.decompress(open(\"FILE\", \"rb\").read()).",
        ),
        [b'P', b'A', b'R', b'1', 0..=0x1F, ..] => (
            "a Parquet file",
            "Export its rows as JSON Lines and open that, with pandas: \
             pandas.read_parquet(\"FILE\").to_json(\"log.jsonl\", orient=\"records\", lines=True).",
        ),
        [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] | [b'F', b'E', b'A', b'1', 0, ..] => (
            "an Arrow (Feather) file",
            "Export its rows as JSON Lines and open that, with pandas: \
             pandas.read_feather(\"FILE\").to_json(\"log.jsonl\", orient=\"records\", lines=True).",
        ),
        _ if prefix.get(8..12) == Some(b"DUCK") && prefix[12..].iter().take(8).any(|&b| b == 0) => {
            (
                "a DuckDB database",
                "Export the table as JSON Lines and open that: duckdb FILE -c \"COPY audit_log TO 'log.jsonl' (FORMAT json)\".",
            )
        }
        _ => return None,
    })
}

/// Whether a file begins with the header of a tar archive's member: its checksum says so, whatever wrote it.
fn is_tar(prefix: &[u8]) -> bool {
    let Some(header) = prefix.get(..512) else {
        return false;
    };
    let field = &header[148..156];
    let told = field
        .iter()
        .skip_while(|b| **b == b' ')
        .take_while(|b| matches!(b, b'0'..=b'7'))
        .fold(0_u32, |sum, b| sum * 8 + u32::from(b - b'0'));
    let blanks = 8 * u32::from(b' ');
    let sum = |bytes: &[u8]| bytes.iter().map(|b| u32::from(*b)).sum::<u32>();
    // A header without a name, or without its zeros, is none; so a text is never taken for one.
    header[0] != 0 && header.contains(&0) && told == sum(header) - sum(field) + blanks
}

/// Why a file is refused that no reader takes for its own, by how its text begins.
pub(super) fn unknown(text: &[u8]) -> Error {
    let looks_like = match text {
        [0x89, b'P', b'N', b'G', ..] => "a PNG image",
        [0xFF, 0xD8, 0xFF, ..] => "a JPEG image",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        _ if text.iter().take(4096).any(|&b| b == 0) => "binary data",
        _ => "text",
    };
    Error::not_a_log(format!(
        "this is no audit log: it looks like {looks_like}, not JSON, CSV, a SQLite database or a SQL dump"
    ))
    .with_hint(
        "Open a JSON array, a JSON Lines or CSV file, or a SQLite database (or a SQL dump of one) that holds the table `audit_log`.",
    )
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(prefix: &[u8], expected: &Expect) {
        let refused = refuse(prefix).map_or_else(
            |e| format!("{e}\ntry: {}", e.hint().unwrap_or_default()),
            |()| "not refused".into(),
        );
        expected.assert_eq(&refused);
    }

    /// A member's header as `tar` writes it, with this name and checksum.
    fn header(name: &str, sum: &str) -> Vec<u8> {
        let mut header = vec![0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[148..148 + sum.len()].copy_from_slice(sum.as_bytes());
        header
    }

    #[test]
    fn tar_by_the_checksum_of_its_header() {
        // "a.jsonl" adds up to 693, and the blanks in the checksum's place to 256.
        check(
            &header("a.jsonl", "001665\0 "),
            &expect![[r#"
            it looks like a tar archive, which is not opened here
            try: Unpack it with `tar xf`, and open the files in it or their folder."#]],
        );
        check(
            &header("a.jsonl", "   1665 "),
            &expect![[r#"
            it looks like a tar archive, which is not opened here
            try: Unpack it with `tar xf`, and open the files in it or their folder."#]],
        );
        check(&header("a.jsonl", "001666\0 "), &expect!["not refused"]);
        check(&[0; 512], &expect!["not refused"]);
        check(
            &header("a.jsonl", "001665\0 ")[..511],
            &expect!["not refused"],
        );
    }

    #[test]
    fn formats_that_may_hold_a_log() {
        check(
            b"PAR1\x15\x04\x15",
            &expect![[r#"
            it looks like a Parquet file, which is not opened here
            try: Export its rows as JSON Lines and open that, with pandas: pandas.read_parquet("FILE").to_json("log.jsonl", orient="records", lines=True)."#]],
        );
        check(b"PAR1-2026,2026-01-01", &expect!["not refused"]);
        check(
            b"ARROW1\0\0\xFF",
            &expect![[r#"
            it looks like an Arrow (Feather) file, which is not opened here
            try: Export its rows as JSON Lines and open that, with pandas: pandas.read_feather("FILE").to_json("log.jsonl", orient="records", lines=True)."#]],
        );
        check(
            b"\x01\x02\x03\x04\x05\x06\x07\x08DUCK\x40\0\0\0\0\0\0\0",
            &expect![[r#"
                it looks like a DuckDB database, which is not opened here
                try: Export the table as JSON Lines and open that: duckdb FILE -c "COPY audit_log TO 'log.jsonl' (FORMAT json)"."#]],
        );
        check(b"abcdefgh,DUCK-1,2026-01-01", &expect!["not refused"]);
        check(
            b"\x04\x22\x4D\x18d",
            &expect![[r#"
            it looks like an lz4 file, which is not opened here
            try: Unpack it first and open what is inside."#]],
        );
        check(
            b"\x78\x9C\xAD",
            &expect![[r#"
            it looks like a zlib stream, which is not opened here
            try: Unpack it first, with Python: zlib.decompress(open("FILE", "rb").read())."#]],
        );
        check(b"x^2,", &expect!["not refused"]);
    }
}
