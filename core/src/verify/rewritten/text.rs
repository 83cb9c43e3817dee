//! Changes to texts, undone. Texts are canonical JSON here; what is none is left alone.

use crate::canon::write_string;
use crate::json::{decode_string, scan_string};

/// Line feeds, of which a conversion of line ends made carriage returns and line feeds.
pub(super) fn line_feeds(json: &[u8]) -> Option<Vec<u8>> {
    changed(json, |text| {
        let mut out = Vec::with_capacity(text.len());
        for (i, byte) in text.iter().enumerate() {
            if (byte, text.get(i + 1)) != (&b'\r', Some(&b'\n')) {
                out.push(*byte);
            }
        }
        Some(out)
    })
}

/// Control characters in caret notation: `^A` to `^_`.
pub(super) fn control_characters(json: &[u8]) -> Option<Vec<u8>> {
    changed(json, |text| {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((&first, after)) = rest.split_first() {
            match (first, after.first()) {
                (b'^', Some(letter @ b'A'..=b'_')) => {
                    out.push(letter - b'@');
                    rest = &after[1..];
                }
                _ => {
                    out.push(first);
                    rest = after;
                }
            }
        }
        Some(out)
    })
}

/// UTF-8 that was read as Windows-1252.
pub(super) fn utf8(json: &[u8]) -> Option<Vec<u8>> {
    changed(json, |text| {
        let text = std::str::from_utf8(text).ok()?;
        let bytes: Option<Vec<u8>> = text.chars().map(in_windows_1252).collect();
        bytes.filter(|bytes| std::str::from_utf8(bytes).is_ok())
    })
}

/// A JSON text after a change; `None` if it is another value or the change makes no difference.
fn changed(json: &[u8], change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    if json.first() != Some(&b'"') {
        return None;
    }
    let (string, _) = scan_string(json, 0).ok()?;
    let mut text = Vec::new();
    decode_string(string, &mut text);
    let changed = change(&text).filter(|changed| *changed != text)?;
    let mut out = Vec::new();
    write_string(&changed, &mut out);
    Some(out)
}

/// The byte of a character. The five bytes that Windows-1252 does not define are taken as browsers take them (WHATWG
/// Encoding, index windows-1252).
fn in_windows_1252(c: char) -> Option<u8> {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match c {
        '\0'..='\x7f' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        _ => {
            let place = FROM_80.iter().position(|known| *known == c)?;
            u8::try_from(0x80 + place).ok()
        }
    }
}
