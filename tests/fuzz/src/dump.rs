//! A simple splitter of SQL text into statements: the state machine of SQLite's `sqlite3_complete`, byte by byte.

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Semicolon,
    Blank,
    Other,
    Explain,
    Create,
    Temp,
    Trigger,
    End,
}

/// The next state by state and token, as SQLite's `complete.c` documents it; 1 is the state between statements.
const NEXT: [[u8; 8]; 8] = [
    [1, 0, 2, 3, 4, 2, 2, 2],
    [1, 1, 2, 3, 4, 2, 2, 2],
    [1, 2, 2, 2, 2, 2, 2, 2],
    [1, 3, 3, 2, 4, 2, 2, 2],
    [1, 4, 2, 2, 2, 4, 5, 2],
    [6, 5, 5, 5, 5, 5, 5, 5],
    [6, 6, 5, 5, 5, 5, 5, 7],
    [1, 7, 5, 5, 5, 5, 5, 5],
];

/// Where statements end, behind their semicolons. A semicolon alone is none; a line that begins with a point where a
/// statement could begin is the shell's own and is passed over.
pub fn statement_ends(text: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut at, mut state) = (0, 1_u8);
    while at < text.len() {
        if state == 1 && text[at] == b'.' {
            at += length(&text[at..], |b| b != b'\n');
            continue;
        }
        let (token, len) = token(&text[at..]);
        at += len;
        let was = state;
        state = NEXT[usize::from(state)][token as usize];
        if state == 1 && was != 1 {
            ends.push(at);
        }
    }
    ends
}

fn length(text: &[u8], is_in: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|b| is_in(**b)).count()
}

fn token(text: &[u8]) -> (Token, usize) {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80;
    let until = |from: usize, end: &[u8]| {
        let rest = text.get(from..).unwrap_or_default();
        rest.windows(end.len())
            .position(|w| w == end)
            .map_or(text.len(), |i| from + i + end.len())
    };
    match text {
        [b';', ..] => (Token::Semicolon, 1),
        [b' ' | b'\t' | b'\n' | b'\r' | 0x0C, ..] => (Token::Blank, 1),
        [b'/', b'*', ..] => (Token::Blank, until(2, b"*/")),
        [b'-', b'-', ..] => (Token::Blank, length(text, |b| b != b'\n')),
        [b'[', ..] => (Token::Other, until(1, b"]")),
        [quote @ (b'\'' | b'"' | b'`'), ..] => (Token::Other, until(1, &[*quote])),
        [first, ..] if is_word(*first) => {
            let len = length(text, is_word);
            let token = match &text[..len].to_ascii_lowercase()[..] {
                b"explain" => Token::Explain,
                b"create" => Token::Create,
                b"temp" | b"temporary" => Token::Temp,
                b"trigger" => Token::Trigger,
                b"end" => Token::End,
                _ => Token::Other,
            };
            (token, len)
        }
        _ => (Token::Other, 1),
    }
}
