//! What `json.dumps(json.loads(text), sort_keys=True)` does, written to be read: a tree, recursion, no care for speed.

use std::collections::BTreeMap;

/// A JSON value as Python holds it. Strings are code points, because a Python string may hold a lone surrogate.
enum Value {
    Word(&'static str),
    Integer(String),
    Float(f64),
    Text(Vec<u32>),
    List(Vec<Value>),
    /// The last of equal keys wins; keys are ordered by code point.
    Dict(BTreeMap<Vec<u32>, Value>),
}

/// A refusal: what Python says, and at which character.
type Refusal = (String, usize);

/// The canonical bytes, or the exception as `Class: message`.
pub fn canonicalize(text: &str) -> Result<Vec<u8>, String> {
    let text: Vec<u32> = text.chars().map(u32::from).collect();
    let reader = Model { text: &text };
    let value = reader.document().map_err(|(what, at)| {
        if what.starts_with("ValueError") {
            return what;
        }
        let before = &text[..at.min(text.len())];
        let newline = u32::from('\n');
        let line = before.iter().filter(|&&c| c == newline).count() + 1;
        let column = before.iter().rev().take_while(|&&c| c != newline).count() + 1;
        format!("JSONDecodeError: {what}: line {line} column {column} (char {at})")
    })?;
    let mut out = String::new();
    write(&value, &mut out);
    Ok(out.into_bytes())
}

struct Model<'t> {
    text: &'t [u32],
}

impl Model<'_> {
    fn at(&self, at: usize) -> Option<char> {
        // A surrogate cannot come from a `&str`.
        self.text.get(at).and_then(|&c| char::from_u32(c))
    }

    fn has(&self, at: usize, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(i, c)| self.at(at + i) == Some(c))
    }

    fn blanks(&self, mut at: usize) -> usize {
        while matches!(self.at(at), Some(' ' | '\t' | '\n' | '\r')) {
            at += 1;
        }
        at
    }

    fn document(&self) -> Result<Value, Refusal> {
        let (value, end) = self.value(self.blanks(0))?;
        let end = self.blanks(end);
        if end < self.text.len() {
            Err(("Extra data".into(), end))
        } else {
            Ok(value)
        }
    }

    fn value(&self, at: usize) -> Result<(Value, usize), Refusal> {
        for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] {
            if self.has(at, word) {
                return Ok((Value::Word(word), at + word.len()));
            }
        }
        match self.at(at) {
            Some('"') => self.string(at).map(|(text, end)| (Value::Text(text), end)),
            Some('[') => self.list(at + 1),
            Some('{') => self.dict(at + 1),
            _ => self.number(at),
        }
    }

    fn list(&self, at: usize) -> Result<(Value, usize), Refusal> {
        let mut items = Vec::new();
        let mut at = self.blanks(at);
        if self.at(at) == Some(']') {
            return Ok((Value::List(items), at + 1));
        }
        loop {
            let (item, end) = self.value(at)?;
            items.push(item);
            at = self.blanks(end);
            match self.at(at) {
                Some(']') => return Ok((Value::List(items), at + 1)),
                Some(',') => at = self.blanks(at + 1),
                _ => return Err(("Expecting ',' delimiter".into(), at)),
            }
        }
    }

    fn dict(&self, at: usize) -> Result<(Value, usize), Refusal> {
        let mut members = BTreeMap::new();
        let mut at = self.blanks(at);
        if self.at(at) == Some('}') {
            return Ok((Value::Dict(members), at + 1));
        }
        loop {
            if self.at(at) != Some('"') {
                return Err((
                    "Expecting property name enclosed in double quotes".into(),
                    at,
                ));
            }
            let (key, end) = self.string(at)?;
            at = self.blanks(end);
            if self.at(at) != Some(':') {
                return Err(("Expecting ':' delimiter".into(), at));
            }
            let (value, end) = self.value(self.blanks(at + 1))?;
            members.insert(key, value);
            at = self.blanks(end);
            match self.at(at) {
                Some('}') => return Ok((Value::Dict(members), at + 1)),
                Some(',') => at = self.blanks(at + 1),
                _ => return Err(("Expecting ',' delimiter".into(), at)),
            }
        }
    }

    /// The string whose quote stands at `start`.
    fn string(&self, start: usize) -> Result<(Vec<u32>, usize), Refusal> {
        let unterminated = || ("Unterminated string starting at".to_owned(), start);
        let mut text: Vec<u32> = Vec::new();
        // Where a high surrogate ended that came from an escape: a low one may join it right there.
        let mut joins_at = usize::MAX;
        let mut at = start + 1;
        loop {
            match self.at(at).ok_or_else(unterminated)? {
                '"' => return Ok((text, at + 1)),
                '\0'..='\x1F' => return Err(("Invalid control character at".into(), at)),
                '\\' => {
                    let simple = match self.at(at + 1).ok_or_else(unterminated)? {
                        '"' => '"',
                        '\\' => '\\',
                        '/' => '/',
                        'b' => '\x08',
                        'f' => '\x0C',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => {
                            let unit = self
                                .escape(at + 2)
                                .ok_or(("Invalid \\uXXXX escape".to_owned(), at + 1))?;
                            match text.last_mut() {
                                Some(high)
                                    if joins_at == at && (0xDC00..0xE000).contains(&unit) =>
                                {
                                    *high = 0x1_0000 + ((*high - 0xD800) << 10) + (unit - 0xDC00);
                                }
                                _ => {
                                    text.push(unit);
                                    if (0xD800..0xDC00).contains(&unit) {
                                        joins_at = at + 6;
                                    }
                                }
                            }
                            at += 6;
                            continue;
                        }
                        _ => return Err(("Invalid \\escape".into(), at)),
                    };
                    text.push(u32::from(simple));
                    at += 2;
                }
                other => {
                    text.push(u32::from(other));
                    at += 1;
                }
            }
        }
    }

    /// Four hex digits that are not the last characters of the text.
    fn escape(&self, at: usize) -> Option<u32> {
        self.at(at + 4)?;
        (0..4).try_fold(0, |n, i| Some(n * 16 + self.at(at + i)?.to_digit(16)?))
    }

    fn number(&self, start: usize) -> Result<(Value, usize), Refusal> {
        let digits = |at: usize| {
            (at..)
                .take_while(|&i| matches!(self.at(i), Some('0'..='9')))
                .count()
        };
        let whole = start + usize::from(self.at(start) == Some('-'));
        let mut end = match self.at(whole) {
            Some('0') => whole + 1,
            Some('1'..='9') => whole + digits(whole),
            _ => return Err(("Expecting value".into(), start)),
        };
        let integer_end = end;
        if self.at(end) == Some('.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if matches!(self.at(end), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.at(end + 1), Some('+' | '-')));
            if digits(end + 1 + sign) > 0 {
                end += 1 + sign + digits(end + 1 + sign);
            }
        }
        let token: String = (start..end).filter_map(|i| self.at(i)).collect();
        if end > integer_end {
            return Ok((Value::Float(token.parse().expect("a float's token")), end));
        }
        let n = integer_end - whole;
        if n > 4300 {
            let message = format!(
                "ValueError: Exceeds the limit (4300 digits) for integer string conversion: value has {n} digits; \
                 use sys.set_int_max_str_digits() to increase the limit"
            );
            return Err((message, start));
        }
        Ok((
            Value::Integer(if token == "-0" { "0".into() } else { token }),
            end,
        ))
    }
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Word(word) => out.push_str(word),
        Value::Integer(digits) => out.push_str(digits),
        Value::Float(x) => out.push_str(&repr(*x)),
        Value::Text(text) => write_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write(item, out);
            }
            out.push(']');
        }
        Value::Dict(members) => {
            out.push('{');
            for (i, (key, value)) in members.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write_text(key, out);
                out.push_str(": ");
                write(value, out);
            }
            out.push('}');
        }
    }
}

/// `float.__repr__`: the shortest digits that read back as the same double; of those the nearest, and of two equally near
/// the even one (the standard library's `{:e}` may take the odd one).
fn repr(x: f64) -> String {
    if x.is_infinite() {
        return if x > 0.0 {
            "Infinity".into()
        } else {
            "-Infinity".into()
        };
    }
    let shortest = format!("{x:e}");
    let mantissa = shortest.split('e').next().expect("a mantissa");
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let nearest = format!("{x:.*e}", digits - 1);
    let scientific = if nearest.parse() == Ok(x) {
        nearest
    } else {
        shortest
    };
    let (mantissa, exponent) = scientific.split_once('e').expect("an exponent");
    let exponent: i32 = exponent.parse().expect("a number");
    if !(-4..16).contains(&exponent) && x != 0.0 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    }
    let point = exponent.unsigned_abs() as usize + 1;
    if digits.len() <= point {
        format!("{sign}{digits}{}.0", "0".repeat(point - digits.len()))
    } else {
        format!("{sign}{}.{}", &digits[..point], &digits[point..])
    }
}

fn write_text(text: &[u32], out: &mut String) {
    out.push('"');
    for &code in text {
        match code {
            0x22 => out.push_str("\\\""),
            0x5C => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            0x0C => out.push_str("\\f"),
            0x0A => out.push_str("\\n"),
            0x0D => out.push_str("\\r"),
            0x09 => out.push_str("\\t"),
            0x20..=0x7E => out.push(char::from_u32(code).expect("ASCII")),
            0x1_0000.. => {
                let above = code - 0x1_0000;
                out.push_str(&format!(
                    "\\u{:04x}\\u{:04x}",
                    0xD800 + (above >> 10),
                    0xDC00 + (above & 0x3FF)
                ));
            }
            _ => out.push_str(&format!("\\u{code:04x}")),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::canonicalize;

    /// CPython's answers, from the vectors: the model must give them before anything is held against it.
    #[test]
    fn the_model_is_cpython() {
        let field = |line: &str, name: &str| {
            let (_, rest) = line.split_once(&format!("\"{name}\": \""))?;
            Some(rest.split('"').next().unwrap_or_default().to_owned())
        };
        let unhex = |text: &str| -> Vec<u8> {
            text.as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect()
        };
        let mut count = 0;
        for line in include_str!("../../vectors/canonical.jsonl")
            .lines()
            .skip(1)
        {
            let input = String::from_utf8(unhex(&field(line, "input").unwrap())).unwrap();
            let got = canonicalize(&input);
            match field(line, "canonical") {
                Some(hex) => assert_eq!(got, Ok(unhex(&hex)), "{input:?}"),
                None => {
                    let class = field(line, "error").unwrap();
                    let refusal = got.unwrap_err();
                    assert!(refusal.starts_with(&class), "{input:?}: {refusal}");
                    // The message's own quotes and backslashes are escaped in the line; its place is not.
                    let place = line
                        .rsplit(": line ")
                        .next()
                        .unwrap()
                        .trim_end_matches("\"}");
                    assert!(
                        class == "ValueError" || refusal.ends_with(place),
                        "{input:?}: {refusal}"
                    );
                }
            }
            count += 1;
        }
        assert!(count > 3_000);
    }
}
