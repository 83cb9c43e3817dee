//! Conditions that begin with a name: a field, `details.…`, `has`, `after`, `before`, `on`, `last`.

use super::ast::{Kind, Literal, Node, Order, Subject, Test, ValueTest};
use super::cursor::{Cursor, error, place};
use super::fields::{self, Field};
use super::number::Number;
use super::parser::node;
use super::path::{Path, Step, ends_key};
use super::text::{Form, Piece, Text};
use super::time;
use super::value::{self, Value};
use crate::view::{FilterError, Verdict};

/// Elements of a path.
const LONGEST_PATH: usize = 100;

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    /// `:`
    Is,
    /// `=`: the same, but that in the details a number is no text.
    Equals,
    Differs,
    Order(Order),
}

/// Reads the condition at the cursor; `None`, and the cursor stays, if what stands there is plain text.
///
/// `conditions` counts the values of a list.
pub(crate) fn read(
    cursor: &mut Cursor<'_>,
    conditions: &mut usize,
) -> Result<Option<Node>, FilterError> {
    let start = cursor.at;
    let name = cursor.name();
    let path = if name == "details" {
        path(cursor)?
    } else {
        None
    };
    let name_end = cursor.at;
    let Some(operator) = operator(cursor).filter(|_| !name.is_empty()) else {
        cursor.at = start;
        return Ok(None);
    };
    let head = Head {
        name: &cursor.text[start..name_end],
        start,
        end: name_end,
        operator,
    };
    if cursor.peek().is_none_or(char::is_whitespace) {
        let typed = &cursor.text[start..cursor.at];
        return Err(error(
            cursor.at,
            cursor.at,
            format!("a value is missing right behind `{typed}`"),
        )
        .expecting(&expected_value(name, path.is_some())));
    }
    if let Some(path) = path {
        return list_or_one(cursor, &head, conditions, &|v, head| {
            on_path(v, head, &path)
        })
        .map(Some);
    }
    let node = match name {
        "has" => head.only_is().and_then(|()| has(cursor, &head))?,
        "after" | "before" | "on" => head.only_is().and_then(|()| date(cursor, &head))?,
        "last" => head.only_is().and_then(|()| last(cursor, &head))?,
        "resource" => {
            head.only_is()?;
            list_or_one(cursor, &head, conditions, &resource)?
        }
        "details" => {
            head.only_is()?;
            list_or_one(cursor, &head, conditions, &|v, head| {
                if v.text.plain() == Some("") {
                    return Err(error(v.start, v.end, "nothing is searched for"));
                }
                Ok(head.is(Test::InDetails(v.text), v.start, v.end))
            })?
        }
        _ => match Field::named(name) {
            Some(field) => list_or_one(cursor, &head, conditions, &|v, head| {
                on_field(v, head, field)
            })?,
            None => return Err(unknown(&head)),
        },
    };
    Ok(Some(node))
}

/// What stands before a value.
struct Head<'t> {
    name: &'t str,
    start: usize,
    end: usize,
    operator: Operator,
}

impl Head<'_> {
    /// # Errors
    ///
    /// If the operator is another than `:` or `=`.
    fn only_is(&self) -> Result<(), FilterError> {
        if self.is_equality() {
            return Ok(());
        }
        Err(error(
            self.end,
            self.end + 1,
            format!("`{}` takes no comparison", self.name),
        )
        .expecting(&[":"]))
    }

    fn is_equality(&self) -> bool {
        matches!(self.operator, Operator::Is | Operator::Equals)
    }

    fn is(&self, test: Test, start: usize, end: usize) -> Node {
        self.named(node(Kind::Is(test), start, end))
    }

    /// With the name before its value.
    fn named(&self, node: Node) -> Node {
        let start = place(self.start);
        Node {
            start,
            head: start,
            ..node
        }
    }
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    let all = [
        (":", Operator::Is),
        ("!=", Operator::Differs),
        ("<=", Operator::Order(Order::AtMost)),
        (">=", Operator::Order(Order::AtLeast)),
        ("<", Operator::Order(Order::Less)),
        (">", Operator::Order(Order::Greater)),
        ("=", Operator::Equals),
    ];
    all.into_iter()
        .find(|(token, _)| cursor.eat(token))
        .map(|(_, operator)| operator)
}

fn expected_value(name: &str, is_path: bool) -> Vec<&'static str> {
    match name {
        _ if is_path => vec!["a text", "a number", "true, false or null"],
        "after" | "before" | "on" => vec![time::EXPECTED],
        "last" => vec!["a number and a unit, such as 90d (s, m, h, d, w)"],
        "has" => vec!["a field or a details path"],
        "resource" => vec!["type/id, such as model/credit-risk:2.1"],
        "verdict" => Verdict::ALL.map(Verdict::as_str).to_vec(),
        _ => vec!["a text", "\"a quoted text\"", "/a regular expression/"],
    }
}

fn unknown(head: &Head<'_>) -> FilterError {
    let nearest = fields::nearest(head.name, fields::names());
    let error = error(
        head.start,
        head.end,
        format!("there is no field `{}`", head.name),
    );
    let as_detail = format!("details.{}", head.name);
    let names: Vec<&str> = fields::names().collect();
    let is_compared = matches!(head.operator, Operator::Order(_));
    let nearest = if is_compared || nearest.is_none() {
        nearest.filter(|_| !is_compared).unwrap_or(&as_detail)
    } else {
        nearest.unwrap_or_default()
    };
    let mut expected = names;
    expected.push("\"quotes\" around it to search for the text itself");
    error.expecting(&expected).or_rather(Some(nearest))
}

/// Reads one value, or several in parentheses joined by `OR`.
fn list_or_one(
    cursor: &mut Cursor<'_>,
    head: &Head<'_>,
    conditions: &mut usize,
    make: &dyn Fn(Value, &Head<'_>) -> Result<Node, FilterError>,
) -> Result<Node, FilterError> {
    let open = cursor.at;
    if !cursor.eat("(") {
        return make(value::read(cursor)?, head);
    }
    if !head.is_equality() {
        return Err(
            error(open, open + 1, "a list of values stands only behind `:`")
                .expecting(&["one value"]),
        );
    }
    let mut nodes = Vec::new();
    loop {
        cursor.skip_blanks();
        if cursor.is_at_word("OR") || matches!(cursor.peek(), None | Some('(' | ')')) {
            let end = cursor.at + usize::from(cursor.peek().is_some());
            return Err(error(cursor.at, end, "a value is missing in this list")
                .expecting(&["a value", "\"OR\" for the word itself"]));
        }
        let value = value::read(cursor)?;
        let (start, end) = (value.start, value.end);
        let mut made = make(value, head)?;
        made.start = place(start);
        made.head = made.start;
        made.value = (made.start, place(end));
        nodes.push(made);
        *conditions += 1;
        cursor.skip_blanks();
        if cursor.eat(")") {
            break;
        }
        if !cursor.eat_word("OR") {
            let at = cursor.at;
            let end = at + cursor.peek().map_or(0, char::len_utf8);
            return Err(
                error(at, end, "the values of a list are joined by `OR`").expecting(&["OR", ")"])
            );
        }
    }
    Ok(head.named(node(Kind::Or(nodes), open, cursor.at)))
}

fn on_field(value: Value, head: &Head<'_>, field: Field) -> Result<Node, FilterError> {
    let (start, end) = (value.start, value.end);
    if field == Field::Verdict {
        check_verdict(&value)?;
    }
    let test = match head.operator {
        Operator::Order(_) if matches!(field, Field::Verdict | Field::Finding) => {
            return Err(
                error(head.end, start, format!("`{}` has no order", field.name()))
                    .expecting(&[":", "!="]),
            );
        }
        Operator::Order(order) => match value.exact() {
            Some(text) => ValueTest::Text(order, text.to_owned()),
            None => return Err(not_one_text(start, end)),
        },
        _ => equality(value, head),
    };
    let test = Test::Field(field, test);
    Ok(head.is(test, start, end))
}

/// Whether a value is the one typed: behind `=` and `!=`, what JSON would not take for text is no text.
fn equality(value: Value, head: &Head<'_>) -> ValueTest {
    let literal = value.bare.as_deref().and_then(literal);
    let is_text = literal.is_none() || head.operator == Operator::Is;
    let text = is_text.then_some(value.text);
    match head.operator {
        Operator::Differs => ValueTest::Differs(text, literal),
        _ => ValueTest::Equals(text, literal),
    }
}

/// What JSON takes for anything but text.
pub(crate) fn literal(bare: &str) -> Option<Literal> {
    match bare {
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        "null" => Some(Literal::Null),
        "NaN" => Some(Literal::NaN),
        token => Number::parse(token).map(Literal::Number),
    }
}

fn not_one_text(start: usize, end: usize) -> FilterError {
    error(
        start,
        end,
        "what is compared in order is one text, without wildcards, `~` or a regular expression",
    )
    .expecting(&["a text", "\"a quoted text\""])
}

fn check_verdict(value: &Value) -> Result<(), FilterError> {
    let Some(word) = value.exact() else {
        return Ok(());
    };
    let words = Verdict::ALL.map(Verdict::as_str);
    if words.contains(&word) {
        return Ok(());
    }
    Err(error(
        value.start,
        value.end,
        format!("there is no verdict `{word}`"),
    )
    .expecting(&words)
    .or_rather(fields::nearest(word, words.into_iter())))
}

/// `resource:type/id`: two conditions that stand in the same place.
fn resource(value: Value, head: &Head<'_>) -> Result<Node, FilterError> {
    let (start, end) = (value.start, value.end);
    let wrong = || {
        error(start, end, "`resource` takes a type, a slash and an id").expecting(&[
            "type/id, such as model/credit-risk:2.1",
            "resource_type:… or resource_id:… for one of the two",
        ])
    };
    let Form::Pattern(pieces) = value.text.form else {
        return Err(wrong());
    };
    let is_cut = |p: &Piece| matches!(p, Piece::Text(t) if t.contains('/'));
    let cut = pieces.iter().position(is_cut).ok_or_else(wrong)?;
    let mut kind = pieces[..cut].to_vec();
    let mut id = Vec::new();
    if let Piece::Text(text) = &pieces[cut] {
        let (before, behind) = text.split_once('/').unwrap_or((text, ""));
        if !before.is_empty() {
            kind.push(Piece::Text(before.to_owned()));
        }
        if !behind.is_empty() {
            id.push(Piece::Text(behind.to_owned()));
        }
    }
    id.extend_from_slice(&pieces[cut + 1..]);
    if kind.is_empty() || id.is_empty() {
        return Err(wrong());
    }
    let half = |field, pieces| {
        let text = Text {
            form: Form::Pattern(pieces),
            any_case: value.text.any_case,
        };
        let test = ValueTest::Equals(Some(text), None);
        head.is(Test::Field(field, test), start, end)
    };
    let halves = vec![half(Field::ResourceType, kind), half(Field::ResourceId, id)];
    Ok(head.named(node(Kind::And(halves), start, end)))
}

fn on_path(value: Value, head: &Head<'_>, path: &Path) -> Result<Node, FilterError> {
    let (start, end) = (value.start, value.end);
    let Operator::Order(order) = head.operator else {
        let test = Test::Path(path.clone(), equality(value, head));
        return Ok(head.is(test, start, end));
    };
    let bare = value.bare.as_deref();
    let test = match (bare.and_then(Number::parse), bare, value.exact()) {
        (Some(number), ..) => ValueTest::Number(order, number),
        (None, Some(word), _) => {
            return Err(error(start, end, format!("`{word}` is no number"))
                .expecting(&[
                    "a number, such as 0.9, -3 or 1e6",
                    "\"…\" to compare as text, by code point",
                ])
                .or_rather(Some(&super::edit::quote_always(word))));
        }
        (None, None, Some(text)) => ValueTest::Text(order, text.to_owned()),
        (None, None, None) => return Err(not_one_text(start, end)),
    };
    Ok(head.is(Test::Path(path.clone(), test), start, end))
}

fn has(cursor: &mut Cursor<'_>, head: &Head<'_>) -> Result<Node, FilterError> {
    let start = cursor.at;
    let name = cursor.name();
    let subject = if name == "details" {
        match path(cursor)? {
            Some(path) => Some(Subject::Path(path)),
            None => Some(Subject::Details),
        }
    } else {
        Field::named(name).map(Subject::Field)
    };
    let rest = cursor.at;
    while cursor.peek().is_some_and(|c| !value::ends_value(c)) {
        cursor.bump();
    }
    match subject {
        Some(subject) if rest == cursor.at => Ok(head.is(Test::Has(subject), start, cursor.at)),
        _ => {
            let typed = &cursor.text[start..cursor.at];
            let known = || Field::ALL.iter().map(|f| f.name());
            let as_detail = format!("details.{typed}");
            let nearest = fields::nearest(typed, known()).unwrap_or(&as_detail);
            let expected: Vec<&str> = known().chain(["details.…"]).collect();
            Err(
                error(start, cursor.at, format!("there is no field `{typed}`"))
                    .expecting(&expected)
                    .or_rather(Some(nearest)),
            )
        }
    }
}

fn date(cursor: &mut Cursor<'_>, head: &Head<'_>) -> Result<Node, FilterError> {
    let value = value::read(cursor)?;
    let stretch = value.exact().and_then(time::stretch);
    let Some((from, to)) = stretch else {
        return Err(error(value.start, value.end, "this is no date").expecting(&[time::EXPECTED]));
    };
    let test = match head.name {
        "after" => (Some(from), None),
        "before" => (None, Some(from)),
        _ => (Some(from), Some(to)),
    };
    let test = Test::Time {
        from: test.0,
        to: test.1,
    };
    Ok(head.is(test, value.start, value.end))
}

fn last(cursor: &mut Cursor<'_>, head: &Head<'_>) -> Result<Node, FilterError> {
    let value = value::read(cursor)?;
    match value.exact().and_then(time::span) {
        Some(span) => Ok(head.is(Test::Last(span), value.start, value.end)),
        None => Err(error(value.start, value.end, "this is no length of time")
            .expecting(&["a whole number and a unit: 30s, 15m (minutes), 6h, 90d or 12w"])),
    }
}

/// Reads the rest of a details path behind `details`; `None` if there is none.
pub(crate) fn path(cursor: &mut Cursor<'_>) -> Result<Option<Path>, FilterError> {
    let start = cursor.at;
    let mut steps = Vec::new();
    loop {
        let at = cursor.at;
        if cursor.eat("[") {
            steps.push(index(cursor, at)?);
        } else if cursor.eat(".") {
            let key = key(cursor)?;
            match key {
                Some(key) => steps.push(Step::Key(key)),
                // `details.` at the end of a sentence is plain text.
                None if steps.is_empty() => {
                    cursor.at = start;
                    return Ok(None);
                }
                None => {
                    return Err(error(at, cursor.at, "a key is missing behind this point")
                        .expecting(&["a key", "\"a quoted key\""]));
                }
            }
        } else {
            break;
        }
        if steps.len() > LONGEST_PATH {
            let message = format!("this path has more than {LONGEST_PATH} elements");
            return Err(error(start, cursor.at, message));
        }
    }
    Ok((!steps.is_empty()).then_some(Path(steps)))
}

fn index(cursor: &mut Cursor<'_>, start: usize) -> Result<Step, FilterError> {
    let rest = &cursor.text[cursor.at..];
    let len = rest.find(']').unwrap_or(rest.len());
    let step = match &rest[..len] {
        "*" => Some(Step::Each),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().map(Step::Index)
        }
        _ => None,
    };
    match step {
        Some(step) if len < rest.len() => {
            cursor.at += len + 1;
            Ok(step)
        }
        _ => {
            let end = cursor.at + rest.find([' ', ']', ':']).map_or(rest.len(), |i| i);
            Err(error(start, end, "this is no index")
                .expecting(&["[0] for the first element", "[*] for any element"]))
        }
    }
}

fn key(cursor: &mut Cursor<'_>) -> Result<Option<String>, FilterError> {
    let mut key = String::new();
    if cursor.peek() == Some('"') {
        value::quoted(cursor, &mut key)?;
        return Ok(Some(key));
    }
    while let Some(c) = cursor.peek().filter(|c| !ends_key(*c)) {
        cursor.bump();
        match c {
            '\\' => key.extend(cursor.bump()),
            _ => key.push(c),
        }
    }
    Ok((!key.is_empty()).then_some(key))
}

/// Reads a details path that stands by itself, as in a column's name.
pub(crate) fn parse_path(typed: &str) -> Option<Path> {
    let mut cursor = Cursor { text: typed, at: 0 };
    if cursor.name() != "details" {
        return None;
    }
    let path = path(&mut cursor).ok()??;
    (cursor.at == typed.len()).then_some(path)
}

/// Whether a value is taken as it stands, so that it need not be quoted.
pub(crate) fn is_plain(typed: &str) -> bool {
    let mut cursor = Cursor { text: typed, at: 0 };
    value::read(&mut cursor).is_ok_and(|v| v.end == typed.len() && v.bare.is_some())
}
