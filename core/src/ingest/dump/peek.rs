//! What comes next in a dump, looked at and not passed over.

use super::lexer::{Kind, Lexer};
use super::tables::shown;
use crate::error::Error;

/// Bytes of a statement that a finding shows.
const SHOWN: u64 = 64;
/// Values in a row of the reference's table.
const VALUES: usize = 10;
/// The place of the checksum among them.
const CHECKSUM: usize = 8;

/// The first line of the statement at `start`, cut; for people.
pub(super) fn beginning(lexer: &mut Lexer, start: u64) -> Result<String, Error> {
    let text = lexer.first_bytes(start, SHOWN + 1)?;
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.trim_ascii_end();
    Ok(shown(line.strip_suffix(b";").unwrap_or(line)))
}

/// Whether `=ON;` comes next and then the table of counters, as newer sqlite3 shells write it for a database with
/// an AUTOINCREMENT table: the pragma allows a definition that otherwise only SQLite itself may make.
pub(super) fn is_on_for_counters(lexer: &mut Lexer) -> Result<bool, Error> {
    const TOKENS: [&[u8]; 15] = [
        b"=",
        b"ON",
        b";",
        b"CREATE",
        b"TABLE",
        b"IF",
        b"NOT",
        b"EXISTS",
        b"sqlite_sequence",
        b"(",
        b"name",
        b",",
        b"seq",
        b")",
        b";",
    ];
    follow(lexer, &TOKENS)
}

/// Whether `=OFF;` comes next.
pub(super) fn is_off(lexer: &mut Lexer) -> Result<bool, Error> {
    follow(lexer, &[b"=", b"OFF", b";"])
}

/// Whether `(name,seq);` comes next, the columns of SQLite's table of counters.
pub(super) fn is_counters(lexer: &mut Lexer) -> Result<bool, Error> {
    follow(lexer, &[b"(", b"name", b",", b"seq", b")", b";"])
}

fn follow(lexer: &mut Lexer, tokens: &[&[u8]]) -> Result<bool, Error> {
    let at = lexer.at();
    let mut all = true;
    for wanted in tokens {
        let token = lexer.next()?;
        let is_it = matches!(token.kind, Kind::Word | Kind::Symbol(_))
            && token.to - token.from == wanted.len() as u64
            && lexer
                .text(token.from, token.to)
                .eq_ignore_ascii_case(wanted);
        if !is_it {
            all = false;
            break;
        }
    }
    lexer.go_to(at);
    Ok(all)
}

/// Whether the row that comes next has the shape of the reference's table: ten values, 16 hexadecimal digits the ninth.
pub(super) fn is_reference_row(lexer: &mut Lexer) -> Result<bool, Error> {
    let at = lexer.at();
    let (mut depth, mut values, mut has_checksum) = (0_u64, 1, false);
    let fits = loop {
        let token = lexer.next()?;
        match token.kind {
            Kind::Symbol(b'(') => depth += 1,
            Kind::Symbol(b')') if depth <= 1 => break depth == 1 && values == VALUES,
            Kind::Symbol(b')') => depth -= 1,
            Kind::Symbol(b',') if depth == 1 => values += 1,
            Kind::Symbol(b';') | Kind::End | Kind::Open => break false,
            Kind::Quoted if depth == 1 && values == CHECKSUM + 1 => {
                let text = lexer.text(token.from, token.to);
                let digits = text.strip_prefix(b"'").and_then(|t| t.strip_suffix(b"'"));
                has_checksum =
                    digits.is_some_and(|d| d.len() == 16 && d.iter().all(u8::is_ascii_hexdigit));
            }
            _ => {}
        }
        if values > VALUES {
            break false;
        }
    };
    lexer.go_to(at);
    Ok(fits && has_checksum)
}
