//! Numbers of which something else was made, and the other way round.

use super::Other;

/// Whole numbers of which each may or may not have had a fraction; where there are more, all are taken alike.
const SUBSETS_OF: usize = 6;
/// Digits up to which JavaScript and Python write the same whole numbers.
const SAME_DIGITS: usize = 15;

/// Digits that tell any floating-point number from the next.
const KEPT_DIGITS: usize = 17;

/// A number as the text that it looks like.
pub(super) fn as_text(json: &[u8]) -> Option<Vec<u8>> {
    is_number(json).then(|| quoted(json))
}

/// A floating-point number as the text of the whole number that it is.
pub(super) fn as_whole_text(json: &[u8]) -> Option<Vec<u8>> {
    let whole = json.strip_suffix(b".0").filter(|_| is_number(json));
    whole.map(quoted)
}

fn is_number(json: &[u8]) -> bool {
    matches!(json.first(), Some(b'0'..=b'9' | b'-'))
}

fn quoted(text: &[u8]) -> Vec<u8> {
    [b"\"", text, b"\""].concat()
}

/// What the details may have been, given as canonical JSON.
pub(super) fn others(json: &[u8]) -> Vec<Other> {
    let numbers = numbers(json);
    let whole: Vec<_> = numbers
        .iter()
        .filter(|(from, to)| {
            let digits = &json[*from..*to];
            digits.len() <= SAME_DIGITS && digits.iter().all(|b| b.is_ascii_digit() || *b == b'-')
        })
        .collect();
    let mut others = Vec::new();
    let mut with_fractions = |is_one: &dyn Fn(usize) -> bool| {
        let ends = whole.iter().enumerate().filter(|(i, _)| is_one(*i));
        let ends: Vec<usize> = ends.map(|(_, (_, to))| *to).collect();
        let mut out = Vec::with_capacity(json.len() + 2 * ends.len());
        let mut done = 0;
        for end in ends {
            out.extend_from_slice(&json[done..end]);
            out.extend_from_slice(b".0");
            done = end;
        }
        out.extend_from_slice(&json[done..]);
        others.push(Other {
            json: out,
            what: "some numbers of `details` end with .0 (JavaScript and jq leave that out)"
                .to_owned(),
        });
    };
    match whole.len() {
        0 => {}
        n if n <= SUBSETS_OF => {
            (1..1_usize << n).for_each(|subset| with_fractions(&|i| subset & 1 << i != 0));
        }
        _ => with_fractions(&|_| true),
    }
    let is_made_float = |(from, to): &&(usize, usize)| json[*from..*to].ends_with(b".0");
    let mut out = Vec::new();
    let mut done = 0;
    for (_, end) in numbers.iter().filter(is_made_float) {
        out.extend_from_slice(&json[done..end - 2]);
        done = *end;
    }
    if done > 0 {
        out.extend_from_slice(&json[done..]);
        others.push(Other {
            json: out,
            what: "the numbers of `details` that end with .0 are whole (some tools make floating-point numbers of all)".to_owned(),
        });
    }
    others
}

/// A whole number of the details that nothing but zeros follow behind the digits that a floating-point number keeps.
pub(super) fn rounded(json: &[u8]) -> Option<&str> {
    let texts = numbers(json).into_iter();
    let mut texts = texts.filter_map(|(from, to)| std::str::from_utf8(&json[from..to]).ok());
    texts.find(|text| {
        let digits = text.trim_start_matches('-');
        digits.len() > KEPT_DIGITS
            && digits.bytes().all(|b| b.is_ascii_digit())
            && digits.trim_end_matches('0').len() <= KEPT_DIGITS
    })
}

/// Where the numbers of a canonical JSON text stand.
fn numbers(json: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut at, mut is_in_string) = (0, false);
    while let Some(byte) = json.get(at) {
        match byte {
            b'\\' if is_in_string => at += 1,
            b'"' => is_in_string = !is_in_string,
            b'0'..=b'9' | b'-' if !is_in_string => {
                let rest = &json[at..];
                let is_part = |b: &u8| !matches!(b, b',' | b']' | b'}' | b' ');
                let len = rest.iter().take_while(|b| is_part(b)).count();
                found.push((at, at + len));
                at += len;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}
