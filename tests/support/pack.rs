//! Packs bytes as other programs do: gzip, zstd, zip, UTF-16 and UTF-32.

use miniz_oxide::deflate::compress_to_vec;

/// One gzip member.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).expect("less than 4 GB");
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    out.extend(compress_to_vec(bytes, 6));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend(size.to_le_bytes());
    out
}

/// One zstd frame, with a checksum.
#[must_use]
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// UTF-8 text in another encoding, by Python's name for it. Bytes that are no UTF-8 become lone surrogates.
///
/// # Panics
///
/// If there is no such encoding.
#[must_use]
pub fn encode(text: &[u8], encoding: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut units = [0; 2];
            match encoding {
                "utf-16-le" => out.extend(
                    c.encode_utf16(&mut units)
                        .iter()
                        .flat_map(|u| u.to_le_bytes()),
                ),
                "utf-16-be" => out.extend(
                    c.encode_utf16(&mut units)
                        .iter()
                        .flat_map(|u| u.to_be_bytes()),
                ),
                "utf-32-le" => out.extend(u32::from(c).to_le_bytes()),
                "utf-32-be" => out.extend(u32::from(c).to_be_bytes()),
                _ => panic!("no such encoding: {encoding}"),
            }
        }
        for byte in chunk.invalid() {
            let surrogate = 0xDC00 + u16::from(*byte);
            match encoding {
                "utf-16-le" => out.extend(surrogate.to_le_bytes()),
                "utf-16-be" => out.extend(surrogate.to_be_bytes()),
                "utf-32-le" => out.extend(u32::from(surrogate).to_le_bytes()),
                _ => out.extend(u32::from(surrogate).to_be_bytes()),
            }
        }
    }
    out
}
