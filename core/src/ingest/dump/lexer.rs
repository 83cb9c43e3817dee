//! The tokens of a SQL dump, slice by slice, as SQLite tells them apart.
//!
//! Only what separates statements and rows is told apart: quoted things, words, and single characters. Comments and blanks
//! are passed over. Memory is needed for what the reader wants to keep (a row, a definition) and for one slice.

use std::rc::Rc;

use crate::error::Error;
use crate::ingest::json::window::{ENTRY_LIMIT, Window};
use crate::source::Cached;

/// Bytes of a comment that are looked at.
const BANNER: usize = 200;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a name, or the digits of a number.
    Word,
    /// `'…'`, `"…"`, `` `…` `` or `[…]`, with its quotes.
    Quoted,
    /// Something quoted that does not end.
    Open,
    /// Any other character.
    Symbol(u8),
    /// There is nothing more.
    End,
}

/// A token and the bytes it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) from: u64,
    pub(super) to: u64,
}

/// Reads tokens from a place on.
pub(super) struct Lexer {
    window: Window,
    /// Where the next token is looked for.
    at: u64,
    /// Bytes from here on stay in memory.
    kept: Option<u64>,
    /// More was to be kept than is allowed, and is gone.
    is_too_long: bool,
    /// The last comment that begins as those with which the sqlite3 shell tells of errors, and where it stands.
    banner: Option<(u64, String)>,
}

impl Lexer {
    pub(super) fn new(source: Rc<Cached>, at: u64) -> Self {
        Self::over(Window::new(source), at)
    }

    /// For a single row.
    pub(super) fn narrow(source: Rc<Cached>, at: u64) -> Self {
        Self::over(Window::narrow(source, at), at)
    }

    fn over(window: Window, at: u64) -> Self {
        Self {
            window,
            at,
            kept: None,
            is_too_long: false,
            banner: None,
        }
    }

    /// Where the next token is looked for.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Goes to a place that is kept, or anywhere if nothing is.
    pub(super) fn go_to(&mut self, at: u64) {
        self.window.release(self.kept.unwrap_or(at));
        self.at = at;
    }

    /// Keeps the bytes from the next token on, up to the limit of an entry; what was kept before may go. Where it begins.
    pub(super) fn keep_next(&mut self) -> Result<u64, Error> {
        self.kept = None;
        self.is_too_long = false;
        self.skip_blanks()?;
        self.kept = Some(self.at);
        Ok(self.at)
    }

    /// Keeps nothing but the token that is being read.
    pub(super) fn let_go(&mut self) {
        self.kept = None;
    }

    /// Whether what was to be kept is longer than is allowed. It is gone then.
    pub(super) fn is_too_long(&self) -> bool {
        self.is_too_long
    }

    /// Bytes that are kept; none if there were too many of them.
    pub(super) fn text(&self, from: u64, to: u64) -> &[u8] {
        if self.is_too_long {
            return &[];
        }
        let bytes = self.window.bytes(from);
        let len = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        bytes.get(..len).unwrap_or(bytes)
    }

    /// As many bytes from `from` on, which are kept, or as there are.
    pub(super) fn first_bytes(&mut self, from: u64, count: u64) -> Result<&[u8], Error> {
        self.window.byte(from + count - 1)?;
        Ok(self.text(from, from + count))
    }

    /// The last comment of the sqlite3 shell about an error since the last call.
    pub(super) fn take_banner(&mut self) -> Option<(u64, String)> {
        self.banner.take()
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token, Error> {
        self.skip_blanks()?;
        let from = self.at;
        let Some(first) = self.window.byte(from)? else {
            let (kind, to) = (Kind::End, from);
            return Ok(Token { kind, from, to });
        };
        let kind = match first {
            b'\'' | b'"' | b'`' => self.pass_quoted(first)?,
            b'[' => {
                let (at, is_closed) = self.seek(from + 1, |bytes| memchr::memchr(b']', bytes))?;
                self.at = at + u64::from(is_closed);
                if is_closed { Kind::Quoted } else { Kind::Open }
            }
            b if is_word(b) => {
                let find = |bytes: &[u8]| bytes.iter().position(|b| !is_word(*b));
                self.at = self.seek(from + 1, find)?.0;
                Kind::Word
            }
            b => {
                self.at += 1;
                Kind::Symbol(b)
            }
        };
        let to = self.at;
        Ok(Token { kind, from, to })
    }

    /// The end of the line at `at`.
    pub(super) fn pass_line(&mut self) -> Result<u64, Error> {
        self.at = self.seek(self.at, |bytes| memchr::memchr(b'\n', bytes))?.0;
        Ok(self.at)
    }

    fn pass_quoted(&mut self, quote: u8) -> Result<Kind, Error> {
        let mut at = self.at + 1;
        loop {
            let (end, is_closed) = self.seek(at, |bytes| memchr::memchr(quote, bytes))?;
            if !is_closed {
                self.at = end;
                return Ok(Kind::Open);
            }
            // A doubled quote stands for one.
            if self.window.byte(end + 1)? == Some(quote) {
                at = end + 2;
            } else {
                self.at = end + 1;
                return Ok(Kind::Quoted);
            }
        }
    }

    fn skip_blanks(&mut self) -> Result<(), Error> {
        loop {
            let find = |bytes: &[u8]| bytes.iter().position(|b| !is_blank(*b));
            self.at = self.seek(self.at, find)?.0;
            match self.window.byte(self.at)? {
                Some(b'-') if self.window.byte(self.at + 1)? == Some(b'-') => {
                    self.pass_line()?;
                }
                Some(b'/') if self.window.byte(self.at + 1)? == Some(b'*') => {
                    self.pass_comment()?;
                }
                _ => return Ok(()),
            }
        }
    }

    /// A comment that does not end goes to the end of the text, as SQLite has it.
    fn pass_comment(&mut self) -> Result<(), Error> {
        let from = self.at;
        // Enough of it to see what it says.
        while self.window.bytes(from).len() < BANNER && self.window.grow()? {}
        let bytes = self.window.bytes(from);
        let start = &bytes[..bytes.len().min(BANNER)];
        if start.starts_with(b"/****") {
            let end = memchr::memmem::find(start, b"*/").unwrap_or(start.len());
            let said = String::from_utf8_lossy(&start[..end]);
            let said = said.trim_matches(['/', '*', ' ']);
            let lower = said.to_ascii_lowercase();
            if ["error", "malformed", "corrupt"]
                .iter()
                .any(|word| lower.contains(word))
            {
                self.banner = Some((from, said.to_owned()));
            }
        }
        let mut at = from + 2;
        loop {
            let (star, is_there) = self.seek(at, |bytes| memchr::memchr(b'*', bytes))?;
            if !is_there {
                self.at = star;
                return Ok(());
            }
            at = star + 1;
            if self.window.byte(at)? == Some(b'/') {
                self.at = at + 1;
                return Ok(());
            }
        }
    }

    /// The first place from `at` on that `find` finds and true, or the end of the source and false.
    fn seek(
        &mut self,
        mut at: u64,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<(u64, bool), Error> {
        loop {
            let bytes = self.window.bytes(at);
            if let Some(i) = find(bytes) {
                return Ok((at + i as u64, true));
            }
            at += bytes.len() as u64;
            let from = self.kept.unwrap_or(at);
            if at - from.min(at) > ENTRY_LIMIT as u64 {
                self.kept = None;
                self.is_too_long = true;
            }
            self.window.release(self.kept.unwrap_or(at));
            if !self.window.grow()? {
                return Ok((at, false));
            }
        }
    }
}

/// What SQLite takes for a blank.
fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

/// What SQLite lets a name or a number consist of, the point of a number left out.
fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || b >= 0x80
}

/// What stands in a quoted name or text.
pub(super) fn unquoted(text: &[u8]) -> Vec<u8> {
    let [quote @ (b'\'' | b'"' | b'`' | b'['), inner @ .., _] = text else {
        return text.to_vec();
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter();
    while let Some(&b) = rest.next() {
        if b == *quote && b != b'[' {
            rest.next();
        }
        bytes.push(b);
    }
    bytes
}
