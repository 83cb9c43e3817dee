//! What a statement of a dump is: its verb and the names in its head. Its rest stays unread.

use super::lexer::{Kind, Lexer, Token, unquoted};
use crate::error::Error;

/// A name, with the schema that may stand before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) schema: Option<Vec<u8>>,
    pub(super) name: Vec<u8>,
}

/// A statement, read up to where its rest begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// `INSERT INTO t [(…)] VALUES`: the rows follow. Or another kind of INSERT: what feeds it follows.
    Insert {
        table: Name,
        /// `INSERT OR REPLACE` or `REPLACE`.
        replaces: bool,
        /// The list of columns.
        columns: Option<Parenthesis>,
        has_rows: bool,
    },
    /// `CREATE TABLE`.
    Table(Name),
    /// `CREATE VIEW`.
    View(Name),
    /// `CREATE TRIGGER … ON t`: the table, and whether an INSERT fires it.
    Trigger { table: Name, on_insert: bool },
    /// `UPDATE`, `DELETE`, `DROP TABLE` or `ALTER TABLE`: what it is called, and its table.
    Change(&'static str, Name),
    /// `PRAGMA`: its name.
    Pragma(Vec<u8>),
    /// `BEGIN`.
    Begin,
    /// `COMMIT` or `END`.
    Commit,
    /// `ROLLBACK`, but not to a savepoint.
    Rollback,
    /// Something that changes no row of a table: an index, a savepoint, `ANALYZE`.
    Harmless,
    /// Something that could reach out or act: its words.
    Refused(String),
    /// A line of the sqlite3 shell's own language, with its first word.
    ShellCommand(String),
    /// No statement of SQLite's.
    Unknown,
}

/// How the rest of a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With its semicolon.
    Whole,
    /// With the text, before its semicolon.
    Unfinished,
    /// With the text, in something quoted.
    Open,
    /// Not yet: there is more to pass over.
    Later,
}

/// Words of a statement that is refused.
const VERBS: [&str; 9] = [
    "ATTACH", "DETACH", "VACUUM", "REINDEX", "SELECT", "VALUES", "WITH", "EXPLAIN", "CREATE",
];

/// Reads the head of the statement whose first token is `first`; everything from it on must be kept.
pub(super) fn head(lexer: &mut Lexer, first: Token) -> Result<Statement, Error> {
    if first.kind == Kind::Symbol(b'.') {
        let from = lexer.at();
        let to = lexer.pass_line()?;
        let line = lexer.text(from, to.min(from + 64));
        let word = line.split(u8::is_ascii_whitespace).next();
        let word = String::from_utf8_lossy(word.unwrap_or_default());
        return Ok(Statement::ShellCommand(format!(".{word}")));
    }
    if first.kind != Kind::Word {
        return Ok(Statement::Unknown);
    }
    let verb = lexer
        .text(first.from, first.to.min(first.from + 16))
        .to_ascii_uppercase();
    Ok(match &verb[..] {
        b"INSERT" => {
            let mut replaces = false;
            if accept(lexer, b"OR")? {
                replaces = accept(lexer, b"REPLACE")?;
                if !replaces {
                    plain_name(lexer)?;
                }
            }
            insert(lexer, replaces)?
        }
        b"REPLACE" => insert(lexer, true)?,
        b"CREATE" => create(lexer)?,
        b"UPDATE" => {
            if accept(lexer, b"OR")? {
                plain_name(lexer)?;
            }
            change(lexer, "UPDATE")?
        }
        b"DELETE" if accept(lexer, b"FROM")? => change(lexer, "DELETE")?,
        b"ALTER" if accept(lexer, b"TABLE")? => change(lexer, "ALTER TABLE")?,
        b"DROP" => {
            if accept(lexer, b"TABLE")? || accept(lexer, b"VIEW")? {
                if accept(lexer, b"IF")? {
                    accept(lexer, b"EXISTS")?;
                }
                change(lexer, "DROP TABLE")?
            } else if accept(lexer, b"INDEX")? || accept(lexer, b"TRIGGER")? {
                Statement::Harmless
            } else {
                Statement::Unknown
            }
        }
        b"PRAGMA" => match name(lexer)? {
            Some(name) => Statement::Pragma(name.name.to_ascii_lowercase()),
            None => Statement::Unknown,
        },
        b"BEGIN" => Statement::Begin,
        b"COMMIT" | b"END" => Statement::Commit,
        b"ROLLBACK" => {
            accept(lexer, b"TRANSACTION")?;
            if accept(lexer, b"TO")? {
                Statement::Refused("ROLLBACK TO".to_owned())
            } else {
                Statement::Rollback
            }
        }
        b"SAVEPOINT" | b"RELEASE" | b"ANALYZE" => Statement::Harmless,
        verb => match VERBS.iter().find(|v| v.as_bytes() == verb) {
            Some(verb) => Statement::Refused((*verb).to_owned()),
            None => Statement::Unknown,
        },
    })
}

fn insert(lexer: &mut Lexer, replaces: bool) -> Result<Statement, Error> {
    if !accept(lexer, b"INTO")? {
        return Ok(Statement::Unknown);
    }
    let Some(table) = name(lexer)? else {
        return Ok(Statement::Unknown);
    };
    if accept(lexer, b"AS")? {
        plain_name(lexer)?;
    }
    let columns = parenthesis(lexer)?;
    let has_rows = accept(lexer, b"VALUES")?;
    Ok(Statement::Insert {
        table,
        replaces,
        columns,
        has_rows,
    })
}

fn create(lexer: &mut Lexer) -> Result<Statement, Error> {
    if accept(lexer, b"UNIQUE")? || accept(lexer, b"INDEX")? {
        return Ok(Statement::Harmless);
    }
    let is_temporary = accept(lexer, b"TEMP")? || accept(lexer, b"TEMPORARY")?;
    let what = lexer.next()?;
    let word = lexer
        .text(what.from, what.to.min(what.from + 16))
        .to_ascii_uppercase();
    if accept(lexer, b"IF")? {
        accept(lexer, b"NOT")?;
        accept(lexer, b"EXISTS")?;
    }
    match &word[..] {
        b"TABLE" if is_temporary => Ok(Statement::Refused("CREATE TEMPORARY TABLE".to_owned())),
        b"TABLE" => Ok(name(lexer)?.map_or(Statement::Unknown, Statement::Table)),
        b"VIEW" => Ok(name(lexer)?.map_or(Statement::Unknown, Statement::View)),
        b"VIRTUAL" => Ok(Statement::Refused("CREATE VIRTUAL TABLE".to_owned())),
        b"TRIGGER" => {
            // Its event may name columns; the table stands behind the first ON.
            if name(lexer)?.is_none() {
                return Ok(Statement::Unknown);
            }
            let mut on_insert = false;
            while !accept(lexer, b"ON")? {
                if accept(lexer, b"INSERT")? {
                    on_insert = true;
                    continue;
                }
                let token = lexer.next()?;
                if matches!(token.kind, Kind::End | Kind::Open | Kind::Symbol(b';')) {
                    lexer.go_to(token.from);
                    return Ok(Statement::Unknown);
                }
            }
            let table = name(lexer)?;
            Ok(
                table.map_or(Statement::Unknown, |table| Statement::Trigger {
                    table,
                    on_insert,
                }),
            )
        }
        _ => {
            lexer.go_to(what.from);
            Ok(Statement::Unknown)
        }
    }
}

fn change(lexer: &mut Lexer, what: &'static str) -> Result<Statement, Error> {
    Ok(name(lexer)?.map_or(Statement::Unknown, |name| Statement::Change(what, name)))
}

/// Passes over the next token if it is this keyword.
fn accept(lexer: &mut Lexer, word: &[u8]) -> Result<bool, Error> {
    let token = lexer.next()?;
    let is_it = is_word(lexer, token, word);
    if !is_it {
        lexer.go_to(token.from);
    }
    Ok(is_it)
}

/// `name` or `schema.name`, in any quotes.
fn name(lexer: &mut Lexer) -> Result<Option<Name>, Error> {
    let Some(first) = plain_name(lexer)? else {
        return Ok(None);
    };
    let point = lexer.next()?;
    if point.kind != Kind::Symbol(b'.') {
        lexer.go_to(point.from);
        return Ok(Some(Name {
            schema: None,
            name: first,
        }));
    }
    Ok(plain_name(lexer)?.map(|name| Name {
        schema: Some(first),
        name,
    }))
}

fn plain_name(lexer: &mut Lexer) -> Result<Option<Vec<u8>>, Error> {
    let token = lexer.next()?;
    if matches!(token.kind, Kind::Word | Kind::Quoted) && !lexer.is_too_long() {
        Ok(Some(unquoted(lexer.text(token.from, token.to))))
    } else {
        if token.kind != Kind::Open {
            lexer.go_to(token.from);
        }
        Ok(None)
    }
}

/// What stands in parentheses, these included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parenthesis {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) tokens: u64,
}

/// Passes over what stands in parentheses, if the next token opens one. `None` also where they do not end before the
/// statement; then the reader stands there.
pub(super) fn parenthesis(lexer: &mut Lexer) -> Result<Option<Parenthesis>, Error> {
    let open = lexer.next()?;
    if open.kind != Kind::Symbol(b'(') {
        if open.kind != Kind::Open {
            lexer.go_to(open.from);
        }
        return Ok(None);
    }
    let (mut depth, mut tokens) = (1_u64, 1);
    loop {
        let token = lexer.next()?;
        tokens += 1;
        match token.kind {
            Kind::Symbol(b'(') => depth += 1,
            Kind::Symbol(b')') => depth -= 1,
            Kind::Symbol(b';') | Kind::End => {
                lexer.go_to(token.from);
                return Ok(None);
            }
            Kind::Open => return Ok(None),
            _ => {}
        }
        if depth == 0 {
            return Ok(Some(Parenthesis {
                from: open.from,
                to: token.to,
                tokens,
            }));
        }
    }
}

/// What becomes of the bytes of a statement's rest.
pub(super) enum Rest<'s> {
    /// They are kept, along with what was kept before.
    Keep,
    /// They are passed over, up to this place or a little further.
    Pass(u64),
    /// Each word and name among them is shown.
    Show(&'s mut dyn FnMut(&[u8])),
}

/// Passes over the rest of a statement. A trigger's own statements are part of it, up to `; END;`, as SQLite's shell
/// has it (`sqlite3_complete`).
pub(super) fn rest(
    lexer: &mut Lexer,
    is_trigger: bool,
    mut what: Rest<'_>,
) -> Result<Ending, Error> {
    #[derive(PartialEq)]
    enum State {
        Inside,
        Semicolon,
        End,
    }
    let mut state = State::Inside;
    loop {
        match what {
            Rest::Keep => {}
            Rest::Pass(stop) if !is_trigger => {
                lexer.let_go();
                if lexer.at() >= stop {
                    return Ok(Ending::Later);
                }
            }
            _ => {
                lexer.keep_next()?;
            }
        }
        let token = lexer.next()?;
        if let (Rest::Show(see), Kind::Word | Kind::Quoted) = (&mut what, token.kind) {
            see(lexer.text(token.from, token.to));
        }
        state = match token.kind {
            Kind::End => return Ok(Ending::Unfinished),
            Kind::Open => return Ok(Ending::Open),
            Kind::Symbol(b';') if !is_trigger || state == State::End => return Ok(Ending::Whole),
            Kind::Symbol(b';') => State::Semicolon,
            Kind::Word
                if state == State::Semicolon
                    && lexer
                        .text(token.from, token.to)
                        .eq_ignore_ascii_case(b"END") =>
            {
                State::End
            }
            _ => State::Inside,
        };
    }
}

/// Whether the statement whose first token is `first` is a trigger or explains one. Nothing is passed over.
pub(super) fn is_trigger(lexer: &mut Lexer, first: Token) -> Result<bool, Error> {
    const OTHERS: [&[u8]; 5] = [b"EXPLAIN", b"TEMP", b"TEMPORARY", b"TRIGGER", b"END"];
    let at = lexer.at();
    let mut token = first;
    if is_word(lexer, token, b"EXPLAIN") {
        loop {
            token = lexer.next()?;
            let is_end = matches!(token.kind, Kind::End | Kind::Open | Kind::Symbol(b';'));
            let is_other = |word: &&[u8]| is_word(lexer, token, word);
            if is_end || is_word(lexer, token, b"CREATE") || OTHERS.iter().any(is_other) {
                break;
            }
        }
    }
    let mut found = false;
    if is_word(lexer, token, b"CREATE") {
        while accept(lexer, b"TEMP")? || accept(lexer, b"TEMPORARY")? {}
        found = accept(lexer, b"TRIGGER")?;
    }
    lexer.go_to(at);
    Ok(found)
}

fn is_word(lexer: &Lexer, token: Token, word: &[u8]) -> bool {
    token.kind == Kind::Word
        && token.to - token.from == word.len() as u64
        && lexer.text(token.from, token.to).eq_ignore_ascii_case(word)
}

/// Passes over the next statement: how it ended; `None` at the end of the text.
#[cfg(feature = "fuzzing")]
pub(super) fn next(lexer: &mut Lexer) -> Result<Option<Ending>, Error> {
    lexer.keep_next()?;
    let first = lexer.next()?;
    match first.kind {
        Kind::End => return Ok(None),
        // No statement, and no ending of one.
        Kind::Symbol(b';') => return Ok(Some(Ending::Later)),
        _ => {}
    }
    let is_trigger = is_trigger(lexer, first)?;
    if let Statement::ShellCommand(_) = head(lexer, first)? {
        return Ok(Some(Ending::Unfinished));
    }
    rest(lexer, is_trigger, Rest::Keep).map(Some)
}
