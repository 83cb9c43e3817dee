//! Values as they look when nobody can read them: their shape.

use super::kind::Kind;

/// Characters of a masked example.
const LONGEST: usize = 48;
/// Characters below which neither the first nor the last one is shown.
const SHORT: usize = 8;

/// Letters become `x`, digits `#`, and at most the first and the last character stay. Of a secret nothing stays, and its
/// marks become `x` as well.
pub(super) fn masked(value: &[u8], kind: Kind) -> String {
    // A character takes four bytes at most; of a longer value its end is not needed.
    let part = value.get(..LONGEST * 4).unwrap_or(value);
    let text = String::from_utf8_lossy(part);
    let count = text.chars().count();
    let is_cut = part.len() < value.len() || count > LONGEST;
    let shows_ends = !kind.is_secret() && count >= SHORT;
    let mut out = String::new();
    for (i, c) in text.chars().take(LONGEST).enumerate() {
        let is_end = i == 0 || (i + 1 == count && !is_cut);
        out.push(match c {
            c if shows_ends && is_end && c.is_ascii_alphanumeric() => c,
            c if c.is_numeric() => '#',
            c if c.is_alphabetic() => 'x',
            c if c.is_whitespace() => ' ',
            c if c.is_ascii_punctuation() && !kind.is_secret() => c,
            _ => 'x',
        });
    }
    if is_cut {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Kind, masked};

    #[test]
    fn a_masked_value_keeps_its_shape_only() {
        for (value, kind, expected) in [
            ("jane.doe@example.com", Kind::Email, "jxxx.xxx@xxxxxxx.xxm"),
            (
                "4111-1111-1111-1111",
                Kind::PaymentCard,
                "4###-####-####-###1",
            ),
            ("Zoë Ünal", Kind::TextForHash, "Zxx xxxl"),
            ("+4915112", Kind::Phone, "+######2"),
            ("relu", Kind::Architecture, "xxxx"),
            ("hunter2!pass", Kind::Password, "xxxxxx#xxxxx"),
            ("", Kind::Password, ""),
            ("山田太郎は東京に住む", Kind::Prompt, "xxxxxxxxxx"),
        ] {
            assert_eq!(masked(value.as_bytes(), kind), expected);
        }
        let long = masked(&[b'a'; 1_000_000], Kind::Prompt);
        assert_eq!(long, format!("a{}…", "x".repeat(47)));
        assert_eq!(
            masked(b"\xff\xfe12345678", Kind::Email),
            "xx########".replacen("########", "#######8", 1)
        );
    }
}
