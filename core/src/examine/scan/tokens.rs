//! Tokens that are known by how they begin, what stands behind `Bearer`, and passwords that are assigned in a text.

use super::kind::Kind;
use super::text::Text;
use super::words::is_placeholder;

/// Goes over the runs of characters of which tokens and names are made.
pub(super) fn find(text: &mut Text<'_>) {
    let (mut at, mut word_before) = (0, (0, 0));
    while at < text.rest.len() {
        if !is_part(text.at(at)) {
            at += 1;
            continue;
        }
        let from = at;
        while is_part(text.at(at)) {
            at += 1;
        }
        let mut to = at;
        while to > from && matches!(text.before(to), b'.' | b'-') {
            to -= 1;
        }
        if let Some(end) = one(text, from, to, word_before) {
            at = at.max(end);
        }
        word_before = (from, to);
    }
}

/// Looks at one run; returns where what was claimed of it ends.
fn one(text: &mut Text<'_>, from: usize, to: usize, before: (usize, usize)) -> Option<usize> {
    let run = text.whole.get(from..to).unwrap_or_default();
    // `prefix.AKIA…` and `name-ghp_…` are not looked into: a token stands alone.
    if run.len() >= 16
        && let Some(kind) = known(run)
    {
        text.claim(kind, from, to);
        return Some(to);
    }
    if let Some(end) = bearer(text, from, before) {
        return Some(end);
    }
    assigned(text, from, to)
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// What a token is by its own form.
fn known(run: &[u8]) -> Option<Kind> {
    let behind = |prefix: &[u8]| run.strip_prefix(prefix);
    let is_alnum = |rest: &[u8]| rest.iter().all(u8::is_ascii_alphanumeric);
    let is_loose = |rest: &[u8]| {
        rest.iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    for prefix in [&b"AKIA"[..], b"ASIA", b"ABIA", b"ACCA"] {
        if let Some(rest) = behind(prefix) {
            let is_upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            return (rest.len() == 16 && rest.iter().all(is_upper)).then_some(Kind::AwsKey);
        }
    }
    for prefix in [&b"ghp_"[..], b"gho_", b"ghu_", b"ghs_", b"ghr_"] {
        if let Some(rest) = behind(prefix) {
            return (rest.len() >= 36 && is_alnum(rest)).then_some(Kind::GithubToken);
        }
    }
    if let Some(rest) = behind(b"github_pat_") {
        return (rest.len() >= 40 && is_loose(rest)).then_some(Kind::GithubToken);
    }
    if let Some(rest) = behind(b"xox") {
        let is_kind = matches!(
            rest.first(),
            Some(b'a' | b'b' | b'e' | b'o' | b'p' | b'r' | b's')
        );
        let is_long = rest.len() >= 20 && rest.contains(&b'-') && is_loose(rest);
        return (is_kind && is_long).then_some(Kind::SlackToken);
    }
    if run.starts_with(b"eyJ") && is_jwt(run) {
        return Some(Kind::Jwt);
    }
    const OTHERS: [(&[u8], usize); 20] = [
        (b"sk_live_", 16),
        (b"rk_live_", 16),
        (b"sk_test_", 16),
        (b"rk_test_", 16),
        (b"whsec_", 24),
        (b"AIza", 35),
        (b"sk-ant-", 24),
        (b"sk-proj-", 24),
        (b"sk-", 32),
        (b"hf_", 30),
        (b"npm_", 36),
        (b"glpat-", 20),
        (b"dop_v1_", 40),
        (b"pypi-", 40),
        (b"xapp-", 30),
        (b"shpat_", 24),
        (b"dckr_pat_", 20),
        (b"lin_api_", 24),
        (b"ya29.", 24),
        (b"nvapi-", 30),
    ];
    for (prefix, least) in OTHERS {
        if let Some(rest) = behind(prefix) {
            let has_digit = rest.iter().any(u8::is_ascii_digit);
            let has_case = rest.iter().any(u8::is_ascii_uppercase);
            let is_token = rest.len() >= least && is_loose(rest) && (has_digit || has_case);
            return is_token.then_some(Kind::ApiToken);
        }
    }
    if let Some(rest) = behind(b"SG.") {
        let parts: Vec<&[u8]> = rest.split(|b| *b == b'.').take(3).collect();
        let is_token = matches!(parts[..], [a, b] if a.len() >= 16 && b.len() >= 32);
        return is_token.then_some(Kind::ApiToken);
    }
    None
}

/// Three parts of base64url, the first two of which are JSON objects; the last one may be missing where there is no
/// signature.
fn is_jwt(run: &[u8]) -> bool {
    let parts: Vec<&[u8]> = run.split(|b| *b == b'.').take(4).collect();
    match parts[..] {
        [head, claims, signature] => {
            says_algorithm(head)
                && claims.starts_with(b"eyJ")
                && claims.len() >= 10
                && signature.len() >= 16
        }
        [head, claims] => says_algorithm(head) && claims.starts_with(b"eyJ") && claims.len() >= 16,
        _ => false,
    }
}

/// Whether base64url holds an object that names an algorithm, as every head of such a token does.
fn says_algorithm(head: &[u8]) -> bool {
    let (mut text, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in head.iter().take(1_024) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            text.push(u8::try_from(bits >> count & 0xFF).unwrap_or(0));
        }
    }
    memchr::memmem::find(&text, b"\"alg\"").is_some()
}

/// The token behind `Bearer` or, with its user and password, `Basic`.
fn bearer(text: &mut Text<'_>, from: usize, before: (usize, usize)) -> Option<usize> {
    let word = text.whole.get(before.0..before.1).unwrap_or_default();
    let is_bearer = word.eq_ignore_ascii_case(b"bearer");
    let is_basic = word.eq_ignore_ascii_case(b"basic");
    let is_named = (word.eq_ignore_ascii_case(b"token") || word.eq_ignore_ascii_case(b"apikey"))
        && text.is_said_before(before.0, &["authorization"]);
    if !is_bearer && !is_basic && !is_named {
        return None;
    }
    let between = text.whole.get(before.1..from).unwrap_or_default();
    if between.is_empty() || !between.iter().all(|b| matches!(b, b' ' | b':')) {
        return None;
    }
    let is_wide = |b: u8| is_part(b) || matches!(b, b'~' | b'+' | b'/' | b'=');
    let mut to = from;
    while is_wide(text.at(to)) {
        to += 1;
    }
    let token = text.whole.get(from..to).unwrap_or_default();
    let has = |test: fn(&u8) -> bool| token.iter().any(test);
    let is_random = has(u8::is_ascii_digit)
        && (!is_basic || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase));
    if token.len() < 16 || !is_random {
        return None;
    }
    text.claim(Kind::BearerToken, from, to);
    Some(to)
}

/// `password=…`, `api_key: …`.
fn assigned(text: &mut Text<'_>, from: usize, to: usize) -> Option<usize> {
    let name = text.whole.get(from..to).unwrap_or_default();
    // The mark comes first: few words have one.
    let mut at = to;
    while matches!(text.at(at), b'"' | b'\'' | b' ') && at < to + 3 {
        at += 1;
    }
    let mark = text.at(at);
    if !matches!(mark, b'=' | b':') || !is_secret_name(name, mark) {
        return None;
    }
    // `arn:…:secret:name` says where a secret is kept.
    if text.before(from) == b':' {
        return None;
    }
    at += 1;
    let quotes_from = at;
    while matches!(text.at(at), b' ' | b'"' | b'\'') && at < quotes_from + 3 {
        at += 1;
    }
    let from = at;
    while !is_end(text.at(at)) && at < from + 256 {
        at += 1;
    }
    let value = text.whole.get(from..at).unwrap_or_default();
    // A word of lower case is more likely to be said of a password than to be one.
    let has_odd = value.iter().any(|b| !b.is_ascii_lowercase());
    // What is known by its own form is told as that.
    let run = value
        .iter()
        .position(|b| !is_part(*b))
        .unwrap_or(value.len());
    if value.get(..run).is_some_and(|run| known(run).is_some()) {
        return None;
    }
    let is_call =
        value.contains(&b'(') && text.at(at) == b')' || matches!(value.last(), Some(b'(' | b'['));
    if is_call || value.eq_ignore_ascii_case(name) {
        return None;
    }
    if value.len() < 6 || is_placeholder(value) || !has_odd {
        return None;
    }
    text.claim(Kind::Password, from, at);
    Some(at)
}

fn is_end(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b';' | b',' | b'&' | b')' | b'}' | b'<')
}

fn is_secret_name(name: &[u8], mark: u8) -> bool {
    let tail = name.get(name.len().saturating_sub(24)..).unwrap_or(name);
    let tail: Vec<u8> = tail
        .iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect();
    const NAMES: [&[u8]; 12] = [
        b"password",
        b"passwd",
        b"pwd",
        b"passphrase",
        b"clientsecret",
        b"apikey",
        b"secretkey",
        b"accesskey",
        b"accesstoken",
        b"authtoken",
        b"secretaccesskey",
        b"secret",
    ];
    NAMES.iter().any(|n| tail.ends_with(n)) || mark == b'=' && tail.ends_with(b"token")
}
