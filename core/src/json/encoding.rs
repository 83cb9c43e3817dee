//! From bytes to text: what `json.loads(bytes)` does before it reads, for details stored as a BLOB.
//!
//! CPython 3.11 `Lib/json/__init__.py`: `detect_encoding`, then `decode(…, 'surrogatepass')`.

use super::string::encode_code_point;

/// Why bytes are not text, with the position of the first bad byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotText {
    pub(crate) encoding: &'static str,
    pub(crate) at: usize,
}

/// Decodes `bytes` to generalised UTF-8 as `json.loads(bytes)` would.
pub(crate) fn decode_bytes(bytes: &[u8]) -> Result<Vec<u8>, NotText> {
    let (encoding, skip) = detect(bytes);
    let body = &bytes[skip..];
    let result = match encoding {
        "utf-16-le" => decode_utf16(body, u16::from_le_bytes),
        "utf-16-be" => decode_utf16(body, u16::from_be_bytes),
        "utf-32-le" => decode_utf32(body, u32::from_le_bytes),
        "utf-32-be" => decode_utf32(body, u32::from_be_bytes),
        _ => check_generalized(body).map(|()| body.to_vec()),
    };
    result.map_err(|at| NotText {
        encoding,
        at: skip + at,
    })
}

fn detect(b: &[u8]) -> (&'static str, usize) {
    match b {
        [0x00, 0x00, 0xFE, 0xFF, ..] => ("utf-32-be", 4),
        [0xFF, 0xFE, 0x00, 0x00, ..] => ("utf-32-le", 4),
        [0xFE, 0xFF, ..] => ("utf-16-be", 2),
        [0xFF, 0xFE, ..] => ("utf-16-le", 2),
        [0xEF, 0xBB, 0xBF, ..] => ("utf-8", 3),
        [0, 0, _, _, ..] => ("utf-32-be", 0),
        [0, _, _, _, ..] | [0, _] => ("utf-16-be", 0),
        [_, 0, 0, 0, ..] => ("utf-32-le", 0),
        [_, 0, _, _, ..] | [_, 0] => ("utf-16-le", 0),
        _ => ("utf-8", 0),
    }
}

/// Whether `bytes` are UTF-8 in which surrogates may stand as three bytes; the error is the first bad position.
pub(crate) fn check_generalized(bytes: &[u8]) -> Result<(), usize> {
    let mut at = 0;
    loop {
        match std::str::from_utf8(&bytes[at..]) {
            Ok(_) => return Ok(()),
            Err(e) => {
                at += e.valid_up_to();
                match bytes.get(at..at + 3) {
                    Some([0xED, 0xA0..=0xBF, 0x80..=0xBF]) => at += 3,
                    _ => return Err(at),
                }
            }
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, usize> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(bytes.len() - rest.len());
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut units = pairs.iter().map(|&p| u32::from(unit(p))).peekable();
    while let Some(u) = units.next() {
        let code = match (u, units.peek()) {
            (0xD800..=0xDBFF, Some(&low @ 0xDC00..=0xDFFF)) => {
                units.next();
                0x1_0000 + ((u - 0xD800) << 10) + (low - 0xDC00)
            }
            _ => u,
        };
        encode_code_point(code, &mut out);
    }
    Ok(out)
}

fn decode_utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<Vec<u8>, usize> {
    let (quads, rest) = bytes.as_chunks::<4>();
    let mut out = Vec::with_capacity(bytes.len());
    for (i, &q) in quads.iter().enumerate() {
        let code = unit(q);
        if code > 0x10_FFFF {
            return Err(i * 4);
        }
        encode_code_point(code, &mut out);
    }
    if rest.is_empty() {
        Ok(out)
    } else {
        Err(bytes.len() - rest.len())
    }
}
