//! Packs bytes as other programs do: gzip, zstd, zip, UTF-16 and UTF-32.

use miniz_oxide::deflate::compress_to_vec;

/// What becomes a member of a zip archive.
#[derive(Clone, Debug, Default)]
pub struct ZipMember {
    /// Its path.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// 0 (stored), 8 (deflate), 93 (zstd), or any other, which is then stored under a wrong name.
    pub method: u16,
    /// Its sizes stand behind it, and not in its own header.
    pub has_descriptor: bool,
    /// It is marked as encrypted.
    pub is_encrypted: bool,
    /// Its sizes are written as 64-bit fields.
    pub is_wide: bool,
}

/// A zip archive of these members.
///
/// # Panics
///
/// If it would need zip64 as a whole.
#[must_use]
pub fn zip(members: &[ZipMember]) -> Vec<u8> {
    let u32_of = |n: usize| u32::try_from(n).expect("a small archive");
    let u16_of = |n: usize| u16::try_from(n).expect("a small archive");
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let packed = match member.method {
            8 => compress_to_vec(&member.bytes, 6),
            93 => zstd(&member.bytes),
            _ => member.bytes.clone(),
        };
        let header = u32_of(out.len());
        let flags =
            u16::from(member.is_encrypted) | u16::from(member.has_descriptor) << 3 | 1 << 11;
        let crc = crc32fast::hash(&member.bytes).to_le_bytes();
        let (size, packed_size) = (u32_of(member.bytes.len()), u32_of(packed.len()));
        let mut extra = Vec::new();
        if member.is_wide {
            extra.extend([1, 0, 16, 0]);
            extra.extend(u64::from(size).to_le_bytes());
            extra.extend(u64::from(packed_size).to_le_bytes());
        }
        let told = match member.is_wide {
            true => [[0xFF; 4]; 2],
            false => [packed_size.to_le_bytes(), size.to_le_bytes()],
        };
        // What both headers have in common: version, flags, method, time, check sum, sizes, lengths.
        let common = |is_known: bool| {
            let mut common = vec![45, 0];
            common.extend(flags.to_le_bytes());
            common.extend(member.method.to_le_bytes());
            common.extend([0; 4]);
            common.extend(if is_known { crc } else { [0; 4] });
            common.extend(if is_known { told } else { [[0; 4]; 2] }.concat());
            common.extend(u16_of(member.name.len()).to_le_bytes());
            common.extend(u16_of(extra.len()).to_le_bytes());
            common
        };
        out.extend(b"PK\x03\x04");
        out.extend(common(!member.has_descriptor));
        out.extend(member.name.bytes());
        out.extend(&extra);
        out.extend(&packed);
        if member.has_descriptor {
            out.extend(b"PK\x07\x08");
            out.extend(crc);
            out.extend(packed_size.to_le_bytes());
            out.extend(size.to_le_bytes());
        }
        directory.extend(b"PK\x01\x02\x2D\x03");
        directory.extend(common(true));
        directory.extend([0; 10]);
        directory.extend(header.to_le_bytes());
        directory.extend(member.name.bytes());
        directory.extend(&extra);
    }
    let (start, len) = (u32_of(out.len()), u32_of(directory.len()));
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend(
            u16::try_from(members.len() % 65_536)
                .expect("16 bits")
                .to_le_bytes(),
        );
    }
    out.extend(len.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

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
