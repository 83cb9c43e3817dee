//! How far a JSON value extends, by its brackets and quotes alone; what is inside is judged later.

/// The end of a value, or why it was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// It ends before this position.
    Complete(usize),
    /// The text ends inside it.
    Open,
    /// No value begins here, or a raw line break stands inside one of its strings (a quote is missing).
    Broken(usize),
}

/// Finds the end of the value that begins at `start`, in one pass and without a stack.
pub(super) fn value(text: &[u8], start: usize) -> Extent {
    let mut at = start;
    match text.get(start) {
        None => return Extent::Open,
        Some(b'"') => return string(text, start),
        Some(b'{' | b'[') => {}
        Some(b',' | b':' | b']' | b'}') => return Extent::Broken(start),
        Some(_) => return scalar(text, start),
    }
    let mut depth = 0_usize;
    while let Some(&b) = text.get(at) {
        match b {
            b'"' => match string(text, at) {
                Extent::Complete(end) => at = end,
                other => return other,
            },
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Extent::Complete(at);
                }
            }
            _ => at += 1,
        }
    }
    Extent::Open
}

/// Finds the end of the string whose opening quote is at `start`.
pub(super) fn string(text: &[u8], start: usize) -> Extent {
    let mut at = start + 1;
    loop {
        match memchr::memchr3(b'"', b'\\', b'\n', text.get(at..).unwrap_or(&[])) {
            None => return Extent::Open,
            Some(i) => match text[at + i] {
                b'"' => return Extent::Complete(at + i + 1),
                b'\\' => at += i + 2,
                _ => return Extent::Broken(at + i),
            },
        }
    }
}

/// A number or a word: up to whatever can follow a value.
fn scalar(text: &[u8], start: usize) -> Extent {
    let is_end = |b: &u8| matches!(b, b',' | b':' | b']' | b'}' | b'[' | b'{' | b'"' | 0..=b' ');
    match text[start..].iter().position(is_end) {
        Some(0) => Extent::Broken(start),
        Some(n) => Extent::Complete(start + n),
        None => Extent::Open,
    }
}
