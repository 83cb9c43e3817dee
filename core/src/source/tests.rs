//! Every decoder behind [`Streamed`]: what is read in any order is what was packed, and damage is told where it is.

use std::rc::Rc;

use miniz_oxide::deflate::compress_to_vec;

use super::gzip::Gzip;
use super::zstd::Zstd;
use super::{ByteSource, Cached, Decoder, Encoding, Feed, Memory, Streamed, Unicode, member};

/// Lines that look like a log's, so that they compress as one does.
fn text(len: usize) -> Vec<u8> {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut text = Vec::with_capacity(len + 100);
    while text.len() < len {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let line = format!(
            "{{\"entry_id\": \"{random:x}\", \"actor\": \"Zoë 😀\", \"n\": {}}}\n",
            random % 97
        );
        text.extend(line.into_bytes());
    }
    text
}

fn cached(bytes: Vec<u8>) -> Rc<Cached> {
    Rc::new(Cached::new(Box::new(Memory::new(bytes))))
}

/// One member, as `gzip` writes it.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1F, 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 3];
    // An extra field, a name, a comment, and a check sum of the header.
    out.extend(b"\x04\0ABCDname\0comment\0\x12\x34");
    out.extend(compress_to_vec(bytes, 1));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

/// One frame.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Reads all of it in pieces of odd sizes, then anywhere, then again from the front while others read elsewhere.
fn check(name: &str, decoder: Box<dyn Decoder>, expected: &[u8]) {
    let stream = Rc::new(Streamed::new(decoder));
    let source = Cached::new(Box::new(Rc::clone(&stream)));
    let end = expected.len();
    let read = |source: &dyn ByteSource, at: usize, len: usize| {
        let mut buf = vec![0; len];
        let n = source.read_at(at as u64, &mut buf).unwrap();
        assert!(
            buf[..n] == expected[at.min(end)..(at + len).min(end)],
            "{name} at {at}, {len} bytes"
        );
    };
    assert_eq!(source.known_len(), None, "{name}");
    let (mut at, mut random) = (0, 7_u64);
    while at < end {
        read(&source, at, 77_777);
        at += 77_777;
        random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        // An old entry is read again, in the middle of it.
        read(&*stream, usize::try_from(random >> 33).unwrap() % at, 300);
    }
    assert_eq!(source.known_len(), Some(end as u64), "{name}");
    for _ in 0..40 {
        random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        let at = usize::try_from(random >> 33).unwrap() % (end + 1000);
        read(
            &*stream,
            at,
            usize::try_from(random >> 20).unwrap() % 30_000,
        );
    }
    assert_eq!(stream.take_faults(), [], "{name}");
    assert!(stream.advance(u64::MAX).unwrap());
}

#[test]
fn what_is_read_in_any_order_is_what_was_packed() {
    let text = text(5 << 20);
    let (first, second) = text.split_at(1 << 20);
    check("gzip", Box::new(Gzip::new(cached(gzip(&text)))), &text);
    let two = [gzip(first), gzip(b""), gzip(second)].concat();
    check(
        "gzip, three members",
        Box::new(Gzip::new(cached(two))),
        &text,
    );
    let pieces: Vec<Vec<u8>> = text.chunks(400_000).map(zstd).collect();
    check(
        "zstd, many frames",
        Box::new(Zstd::new(cached(pieces.concat()))),
        &text,
    );
    let short = &text[..1 << 20];
    check(
        "zstd, one frame",
        Box::new(Zstd::new(cached(zstd(short)))),
        short,
    );
    let told = member::Told {
        crc: crc32fast::hash(&text),
        size: text.len() as u64,
    };
    for method in [0, 8] {
        let packed = match method {
            0 => text.clone(),
            _ => compress_to_vec(&text, 1),
        };
        let len = packed.len() as u64;
        let archive = [vec![1; 100], packed, vec![2; 100]].concat();
        let feed = Feed::range(cached(archive), 100, len);
        check(
            "a member",
            member::decoder(method, feed, Some(told)).unwrap(),
            &text,
        );
    }
}

#[test]
fn text_in_any_encoding_is_the_same_text() {
    let text = text(1 << 20);
    let chars = || std::str::from_utf8(&text).unwrap().chars();
    let utf16 = || chars().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec());
    let utf32 = || chars().map(u32::from);
    let packed = [
        (
            Encoding::Utf16Le,
            utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        ),
        (
            Encoding::Utf16Be,
            utf16().flat_map(u16::to_be_bytes).collect(),
        ),
        (
            Encoding::Utf32Le,
            utf32().flat_map(u32::to_le_bytes).collect(),
        ),
        (
            Encoding::Utf32Be,
            utf32().flat_map(u32::to_be_bytes).collect(),
        ),
    ];
    for (encoding, bytes) in packed {
        assert_eq!(Encoding::recognise(&bytes[..16]), Some((encoding, 0)));
        let decoder = Unicode::new(cached(bytes), encoding, 0).unwrap();
        check(encoding.name(), Box::new(decoder), &text);
    }
}

#[test]
fn encodings_are_recognised_by_content() {
    let check =
        |bytes: &[u8], expected| assert_eq!(Encoding::recognise(bytes), expected, "{bytes:?}");
    check(b"\xFF\xFE[\0", Some((Encoding::Utf16Le, 2)));
    check(b"\xFE\xFF\0[", Some((Encoding::Utf16Be, 2)));
    check(b"\xFF\xFE\0\0[\0\0\0", Some((Encoding::Utf32Le, 4)));
    check(b"\0\0\xFE\xFF\0\0\0[", Some((Encoding::Utf32Be, 4)));
    check(b"[\0]\0", Some((Encoding::Utf16Le, 0)));
    check(b"\0\0\0[\0\0\0]", Some((Encoding::Utf32Be, 0)));
    for plain in [
        &b""[..],
        b"[]",
        b"[",
        b"[\0",
        b"{\"a\": 1}",
        b"\0\0\0\0",
        b"a\0\0\0b",
        b"SQLite format 3\0",
        b"\xEF\xBB\xBF[]",
    ] {
        check(plain, None);
    }
}

/// The codes of what is wrong with `bytes`, and what comes out of them.
fn damaged(decoder: impl Decoder + 'static) -> (Vec<u8>, Vec<&'static str>) {
    let stream = Streamed::new(Box::new(decoder));
    assert!(stream.advance(u64::MAX).unwrap());
    let mut out = vec![0; usize::try_from(stream.len()).unwrap()];
    stream.read_at(0, &mut out).unwrap();
    // However it is read, the same came before a damage.
    for (i, piece) in out.chunks(701).enumerate().rev() {
        let mut again = vec![0; piece.len()];
        stream.read_at(i as u64 * 701, &mut again).unwrap();
        assert!(again == piece, "piece {i}");
    }
    (out, stream.take_faults().iter().map(|f| f.code).collect())
}

#[test]
fn damage_costs_its_own_member() {
    let packed = [gzip(b"one\n"), gzip(b"two\n"), gzip(b"three\n")];
    let mut bytes = packed.concat();
    let second = packed[0].len() + 35;
    bytes[second..second + 4].fill(0xFF);
    let (out, codes) = damaged(Gzip::new(cached(bytes)));
    assert!(out.starts_with(b"one\ntwo") && out.ends_with(b"\nthree\n"));
    assert_eq!(codes, ["compressed-checksum"]);

    let frames = [zstd(b"one\n"), zstd(b"two\n"), zstd(b"three\n")];
    let mut bytes = frames.concat();
    // A block of the type that does not exist.
    let header = frames[0].len() + frames[1].windows(3).position(|w| w == b"two").unwrap() - 3;
    bytes[header] |= 6;
    let (out, codes) = damaged(Zstd::new(cached(bytes)));
    assert_eq!(out, b"one\n\nthree\n");
    assert_eq!(codes, ["compressed-damaged"]);

    let mut bytes = gzip(&text(300_000));
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40].fill(0xFF);
    let (out, codes) = damaged(Gzip::new(cached(bytes)));
    assert!(out.len() > 100_000, "{}", out.len());
    assert_eq!(codes.len(), 1, "{codes:?}");
    // Five literals in the fixed code, and then none.
    let bytes = b"\x1F\x8B\x08\0\0\0\0\0\0\xFF222\x81=";
    let (_, codes) = damaged(Gzip::new(cached(bytes.to_vec())));
    assert_eq!(codes, ["compressed-damaged"]);

    let between = [gzip(b"one\n"), b"lost".to_vec(), gzip(b"two\n"), vec![0; 9]].concat();
    let (out, codes) = damaged(Gzip::new(cached(between)));
    assert_eq!(out, b"one\n\ntwo\n");
    assert_eq!(codes, ["compressed-trailing-data", "compressed-padding"]);
}

#[test]
fn what_is_no_character_is_no_utf8() {
    let units = [0x61, 0xD800, 0x62, 0xDC00, 0xD83D, 0xDE00, 0xDBFF_u16];
    let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
    let (out, codes) = damaged(Unicode::new(cached(bytes), Encoding::Utf16Le, 0).unwrap());
    assert_eq!(out, b"a\xFFb\xFF\xF0\x9F\x98\x80\xFF");
    assert_eq!(codes, ["text-not-decoded"; 3]);
    let units = [0x61, 0xD800, 0x0011_0000, u32::MAX, 0x0010_FFFF];
    let mut bytes: Vec<u8> = units.into_iter().flat_map(u32::to_be_bytes).collect();
    bytes.push(0);
    let (out, codes) = damaged(Unicode::new(cached(bytes), Encoding::Utf32Be, 0).unwrap());
    assert_eq!(out, b"a\xFF\xFF\xFF\xF4\x8F\xBF\xBF");
    assert_eq!(codes, ["text-not-decoded"; 4]);
}
