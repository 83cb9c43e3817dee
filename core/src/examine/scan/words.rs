//! Texts that hold a word instead of a value, and texts that are prose.

/// Whether a text only stands where a value was: it is masked, refers to it, or says that there is none.
pub(super) fn is_placeholder(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let Some(first) = text.first() else {
        return true;
    };
    if text.iter().all(|b| b == first) || text.len() > 512 {
        return text.len() <= 512;
    }
    let lower = text.to_ascii_lowercase();
    let has = |part: &[u8]| memchr::memmem::find(&lower, part).is_some();
    if has(b"***") || has(b"redacted") || has(b"xxxx") || has(b"${") || has(b"{{") || has(b"%s") {
        return true;
    }
    let wrapped = [(b'<', b'>'), (b'[', b']'), (b'(', b')'), (b'{', b'}')];
    if wrapped.contains(&(*first, *text.last().unwrap_or(first))) && !text.contains(&b'"') {
        return true;
    }
    const REFERENCES: [&[u8]; 17] = [
        b"vault:",
        b"env:",
        b"arn:",
        b"ref:",
        b"secret:",
        b"projects/",
        b"ssm:",
        b"kms:",
        b"file:",
        b"$",
        // Of a program.
        b"this.",
        b"self.",
        b"request.",
        b"process.",
        b"os.environ",
        b"config.",
        b"settings.",
    ];
    if REFERENCES.iter().any(|r| lower.starts_with(r)) {
        return true;
    }
    const WORDS: [&[u8]; 20] = [
        b"none",
        b"null",
        b"n/a",
        b"na",
        b"unknown",
        b"hidden",
        b"masked",
        b"filtered",
        b"removed",
        b"pending",
        b"unset",
        b"empty",
        b"not set",
        b"not given",
        b"not available",
        b"undefined",
        b"unavailable",
        b"verified",
        b"true",
        b"false",
    ];
    WORDS.contains(&&lower[..])
}

/// How many words a text has, `most` at the most; in scripts without blanks every four characters are one.
pub(super) fn count(text: &[u8], most: usize) -> usize {
    let (mut words, mut wide, mut is_in) = (0, 0, false);
    for byte in text {
        let is_letter = byte.is_ascii_alphabetic() || *byte >= 0xC0;
        if *byte >= 0xE3 {
            wide += 1;
        }
        if byte.is_ascii_whitespace() {
            is_in = false;
        } else if is_letter && !is_in {
            is_in = true;
            words += 1;
        }
        if words.max(wide / 4) >= most {
            return most;
        }
    }
    words.max(wide / 4)
}
