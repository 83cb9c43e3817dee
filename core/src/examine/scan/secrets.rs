//! Private keys, and passwords in addresses.

use super::kind::Kind;
use super::text::Text;
use super::words::is_placeholder;

/// `-----BEGIN … PRIVATE KEY-----` to its end. Certificates and public keys are nobody's secret and are passed over.
pub(super) fn pem(text: &mut Text<'_>) {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const END: &[u8] = b"-----END ";
    let mut at = 0;
    while let Some(found) = find(text.whole, at, BEGIN) {
        let label_from = found + BEGIN.len();
        let label = text
            .whole
            .get(label_from..text.whole.len().min(label_from + 48));
        let label = label.unwrap_or_default();
        let Some(len) = memchr::memmem::find(label, b"-----") else {
            at = label_from;
            continue;
        };
        let body = label_from + len + 5;
        let to = match find(text.whole, body, END) {
            None => text.whole.len(),
            Some(end) => {
                let tail = text.whole.get(end + END.len()..).unwrap_or_default();
                let tail = tail.get(..53).unwrap_or(tail);
                end + END.len() + memchr::memmem::find(tail, b"-----").map_or(0, |i| i + 5)
            }
        };
        let label = label.get(..len).unwrap_or_default();
        if memchr::memmem::find(label, b"PRIVATE KEY").is_some() {
            text.claim(Kind::PrivateKey, found, to);
        } else {
            text.blank(found, to);
        }
        at = to;
    }
}

/// `scheme://user:password@host`: the password.
pub(super) fn url(text: &mut Text<'_>) {
    let mut at = 0;
    while let Some(found) = find(text.whole, at, b"://") {
        let from = found + 3;
        let has_scheme = text.before(found).is_ascii_alphanumeric();
        // No name and password are longer.
        let rest = text.whole.get(from..text.whole.len().min(from + 600));
        let rest = rest.unwrap_or_default();
        let end = rest.iter().position(|b| {
            b.is_ascii_whitespace()
                || matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>')
                    && !is_inside_mark(rest, *b)
        });
        let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        at = from + authority.len();
        let Some(sign) = memchr::memrchr(b'@', authority).filter(|_| has_scheme) else {
            continue;
        };
        let user = authority.get(..sign).unwrap_or_default();
        let password = memchr::memchr(b':', user).map(|i| i + 1);
        match password.and_then(|i| user.get(i..).map(|p| (i, p))) {
            Some((i, password)) if !password.is_empty() && !is_placeholder(password) => {
                text.claim(Kind::UrlPassword, from + i, from + sign);
            }
            _ => {}
        }
        // What is left of it is no e-mail address.
        text.blank(from, at);
    }
}

/// A placeholder such as `<password>` does not end an address.
fn is_inside_mark(rest: &[u8], mark: u8) -> bool {
    mark == b'<' && memchr::memchr(b'>', rest.get(..64).unwrap_or(rest)).is_some()
        || mark == b'>' && memchr::memchr(b'<', rest.get(..64).unwrap_or(rest)).is_some()
}

fn find(text: &[u8], from: usize, part: &[u8]) -> Option<usize> {
    let found = memchr::memmem::find(text.get(from..)?, part)?;
    Some(from + found)
}
