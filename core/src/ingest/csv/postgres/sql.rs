//! PostgreSQL's SQL as far as a dump needs it: where statements end, names, lists of columns, literals.

use memchr::{memchr, memchr2, memmem};

/// What stands at a place of a dump, outside the rows of a COPY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Its end is not to be seen yet.
    Unfinished,
    /// A statement, from its first word to behind its semicolon.
    Statement(usize, usize),
    /// A command of psql's own, to the end of its line.
    Meta(usize, usize),
    /// Nothing but blanks and comments.
    End,
}

/// The piece at the start of `bytes`; `is_standard`: a backslash in a plain string is a character like others.
pub(super) fn piece(bytes: &[u8], is_standard: bool) -> Piece {
    let Some(from) = skip_blank(bytes, 0) else {
        return Piece::Unfinished;
    };
    match bytes.get(from) {
        None => Piece::End,
        Some(b'\\') => match memchr(b'\n', &bytes[from..]) {
            Some(i) => Piece::Meta(from, from + i + 1),
            None => Piece::Unfinished,
        },
        Some(_) => match statement_end(bytes, from, is_standard) {
            Some(to) => Piece::Statement(from, to),
            None => Piece::Unfinished,
        },
    }
}

/// The first byte from `at` on that is no blank and in no comment; `None` if a comment does not end.
fn skip_blank(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at..).unwrap_or_default() {
            [b, ..] if b.is_ascii_whitespace() || *b == 0x0B => at += 1,
            [b'-', b'-', rest @ ..] => at += 2 + memchr(b'\n', rest)?,
            [b'/', b'*', ..] => at = comment_end(bytes, at)?,
            _ => return Some(at),
        }
    }
}

/// Behind the comment at `at`; in PostgreSQL such comments nest.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut at, mut depth) = (at + 2, 1_u32);
    while depth > 0 {
        at += memchr2(b'*', b'/', bytes.get(at..)?)?;
        match (bytes[at], bytes.get(at + 1)?) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    Some(at)
}

/// Behind the semicolon that ends the statement at `at`.
fn statement_end(bytes: &[u8], mut at: usize, is_standard: bool) -> Option<usize> {
    loop {
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        match bytes.get(at..)? {
            [] => return None,
            [b';', ..] => return Some(at + 1),
            [b'\'', ..] => {
                let is_escaped = !is_standard || is_escape_prefix(&bytes[..at]);
                at = string_end(bytes, at, is_escaped)?;
            }
            [b'"', rest @ ..] => at += 2 + memchr(b'"', rest)?,
            [b'-', b'-', rest @ ..] => at += 2 + memchr(b'\n', rest)?,
            [b'/', b'*', ..] => at = comment_end(bytes, at)?,
            [b'$', rest @ ..] if !before.copied().is_some_and(is_word) => {
                at = match dollar_tag(rest) {
                    Some(n) => {
                        let tag = &bytes[at..at + n + 2];
                        at + tag.len() + memmem::find(&bytes[at + tag.len()..], tag)? + tag.len()
                    }
                    None => at + 1,
                };
            }
            _ => at += 1,
        }
    }
}

/// The length of the tag of a dollar quote, up to its second `$`.
fn dollar_tag(rest: &[u8]) -> Option<usize> {
    let n = rest.iter().position(|b| *b == b'$')?;
    let is_tag = rest[..n]
        .iter()
        .enumerate()
        .all(|(i, b)| is_word(*b) && (i > 0 || !b.is_ascii_digit()));
    (is_tag && n < 64).then_some(n)
}

/// Whether an `E` stands alone at the end: what follows is a string with backslash escapes.
fn is_escape_prefix(before: &[u8]) -> bool {
    match before {
        [rest @ .., b'e' | b'E'] => !rest.last().copied().is_some_and(is_word),
        _ => false,
    }
}

/// Behind the closing quote of the string whose opening one stands at `at`.
fn string_end(bytes: &[u8], at: usize, is_escaped: bool) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += if is_escaped {
            memchr2(b'\'', b'\\', bytes.get(at..)?)?
        } else {
            memchr(b'\'', bytes.get(at..)?)?
        };
        if bytes[at] == b'\\' || bytes.get(at + 1) == Some(&b'\'') {
            at += 2;
        } else {
            return Some(at + 1);
        }
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// A value in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    /// A range of the texts that were read.
    Text(usize, usize),
}

/// Reads a statement from left to right.
pub(super) struct Reading<'a> {
    text: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at }
    }

    fn rest(&mut self) -> &'a [u8] {
        self.at = skip_blank(self.text, self.at).unwrap_or(self.text.len());
        self.text.get(self.at..).unwrap_or_default()
    }

    fn word_here(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let n = rest
            .iter()
            .position(|b| !is_word(*b) && *b != b'$')
            .unwrap_or(rest.len());
        &rest[..n]
    }

    /// Passes over the next word; empty if something else follows.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let word = self.word_here();
        self.at += word.len();
        word
    }

    /// Passes over the next word if it is this one.
    pub(super) fn accept(&mut self, word: &[u8]) -> bool {
        let is_it = self.word_here().eq_ignore_ascii_case(word);
        if is_it {
            self.at += word.len();
        }
        is_it
    }

    /// Passes over the next character if it is this one.
    pub(super) fn symbol(&mut self, symbol: u8) -> bool {
        let is_it = self.rest().first() == Some(&symbol);
        self.at += usize::from(is_it);
        is_it
    }

    /// A name without its schema.
    pub(super) fn identifier(&mut self) -> Option<String> {
        if let [b'"', rest @ ..] = self.rest() {
            let mut name = Vec::new();
            let mut rest = rest;
            loop {
                let n = memchr(b'"', rest)?;
                name.extend_from_slice(&rest[..n]);
                rest = &rest[n + 1..];
                self.at = self.text.len() - rest.len();
                if rest.first() != Some(&b'"') {
                    return Some(String::from_utf8_lossy(&name).into_owned());
                }
                name.push(b'"');
                rest = &rest[1..];
            }
        }
        // What is not quoted is folded.
        let word = self.word().to_ascii_lowercase();
        (!word.is_empty()).then(|| String::from_utf8_lossy(&word).into_owned())
    }

    /// The name of a table, with its schema unless that is `public`.
    pub(super) fn table(&mut self) -> Option<String> {
        let first = self.identifier()?;
        if !self.symbol(b'.') {
            return Some(first);
        }
        let second = self.identifier()?;
        Some(if first == "public" {
            second
        } else {
            format!("{first}.{second}")
        })
    }

    /// Names in parentheses.
    pub(super) fn columns(&mut self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if !self.symbol(b'(') {
            return None;
        }
        loop {
            names.push(self.identifier()?);
            if self.symbol(b')') {
                return Some(names);
            }
            if !self.symbol(b',') || names.len() > super::super::layout::COLUMN_LIMIT {
                return None;
            }
        }
    }

    /// The names in a definition of columns: the first of each, without those of constraints.
    pub(super) fn definition(&mut self) -> Option<Vec<String>> {
        const OTHERS: [&[u8]; 7] = [
            b"CONSTRAINT",
            b"PRIMARY",
            b"UNIQUE",
            b"CHECK",
            b"FOREIGN",
            b"EXCLUDE",
            b"LIKE",
        ];
        let mut names = Vec::new();
        if !self.symbol(b'(') {
            return None;
        }
        loop {
            let word = self.word_here();
            let is_other = OTHERS.iter().any(|o| word.eq_ignore_ascii_case(o));
            let name = self.identifier()?;
            if !is_other {
                names.push(name);
            }
            // The type and what follows it, up to the next comma outside parentheses.
            let mut depth = 0_u32;
            loop {
                match self.rest().first()? {
                    b'(' => depth += 1,
                    b')' if depth == 0 => return Some(names),
                    b')' => depth -= 1,
                    b',' if depth == 0 => break,
                    b'\'' => {
                        let is_escaped = is_escape_prefix(&self.text[..self.at]);
                        self.at = string_end(self.text, self.at, is_escaped)? - 1;
                    }
                    b'"' => self.at += 1 + memchr(b'"', &self.text[self.at + 1..])?,
                    _ => {}
                }
                self.at += 1;
            }
            self.at += 1;
            if names.len() > super::super::layout::COLUMN_LIMIT {
                return None;
            }
        }
    }

    /// The row in parentheses that begins here, its texts appended to `texts`. `None` if it holds anything but literals;
    /// then the reader stands behind it all the same, if it ends.
    pub(super) fn row(&mut self, texts: &mut Vec<u8>) -> Option<Vec<Literal>> {
        let mut row = Some(Vec::new());
        if !self.symbol(b'(') {
            return None;
        }
        loop {
            match (self.literal(texts), &mut row) {
                (Some(literal), Some(row)) if row.len() <= super::super::layout::COLUMN_LIMIT => {
                    row.push(literal);
                }
                _ => row = None,
            }
            // What is no literal is passed over.
            let mut depth = 0_u32;
            while depth > 0 || !matches!(self.rest().first(), None | Some(b',' | b')')) {
                row = None;
                match self.rest().first()? {
                    b'(' => depth += 1,
                    b')' => depth = depth.saturating_sub(1),
                    b'\'' => {
                        let is_escaped = is_escape_prefix(&self.text[..self.at]);
                        self.at = string_end(self.text, self.at, is_escaped)? - 1;
                    }
                    _ => {}
                }
                self.at += 1;
            }
            if self.symbol(b')') {
                return row;
            }
            if !self.symbol(b',') {
                return None;
            }
        }
    }

    fn literal(&mut self, texts: &mut Vec<u8>) -> Option<Literal> {
        let rest = self.rest();
        match rest {
            [b'\'', ..] => {
                let end = string_end(rest, 0, false)?;
                self.at += end;
                let from = texts.len();
                undouble(&rest[1..end - 1], texts);
                Some(Literal::Text(from, texts.len()))
            }
            [b'e' | b'E', b'\'', ..] => {
                let end = string_end(rest, 1, true)?;
                let from = texts.len();
                self.at += end;
                unescape(&rest[2..end - 1], texts)?;
                Some(Literal::Text(from, texts.len()))
            }
            [b'-' | b'0'..=b'9', ..] => {
                let n = rest[1..]
                    .iter()
                    .position(|b| !matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))?;
                let number = std::str::from_utf8(&rest[..=n]).ok()?;
                let literal = match number.parse() {
                    Ok(i) => Literal::Integer(i),
                    Err(_) => Literal::Real(number.parse().ok().filter(|r: &f64| r.is_finite())?),
                };
                self.at += n + 1;
                Some(literal)
            }
            _ if self.accept(b"NULL") => Some(Literal::Null),
            _ if self.accept(b"true") => Some(Literal::Boolean(true)),
            _ if self.accept(b"false") => Some(Literal::Boolean(false)),
            _ => None,
        }
    }
}

/// The text of a plain string, whose quotes are doubled.
fn undouble(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(i) = memchr(b'\'', rest) {
        out.extend_from_slice(&rest[..=i]);
        rest = rest.get(i + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// The text of a string with backslash escapes, as far as a dump writes them.
fn unescape(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some(i) = memchr2(b'\'', b'\\', rest) {
        out.extend_from_slice(&rest[..i]);
        out.push(match (rest[i], *rest.get(i + 1)?) {
            (b'\'', _) => b'\'',
            (_, b @ (b'\\' | b'\'')) => b,
            (_, b'n') => b'\n',
            (_, b't') => b'\t',
            (_, b'r') => b'\r',
            (_, b'b') => 0x08,
            (_, b'f') => 0x0C,
            _ => return None,
        });
        rest = &rest[i + 2..];
    }
    out.extend_from_slice(rest);
    Some(())
}
