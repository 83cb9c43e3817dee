//! Bank accounts: IBAN (ISO 13616), by country, length and check digits.

use super::kind::Kind;
use super::text::{Text, is_word};

/// Countries and how long their numbers are.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20";

/// Countries whose numbers are digits behind the first four characters; others have letters too.
const DIGITS: &str = "AE AT BA BE CZ DE DK EE ES FI HR HU IL IS LT ME NO PL PT RS SE SI SK XK";

pub(super) fn find(text: &mut Text<'_>) {
    let mut at = 0;
    while at + 15 <= text.rest.len() {
        if is_word(text.before(at)) {
            at += 1;
            continue;
        }
        match one(text, at) {
            Some(to) => {
                text.claim(Kind::Iban, at, to);
                at = to;
            }
            None => at += 1,
        }
    }
}

/// Where the number that begins here ends.
fn one(text: &Text<'_>, from: usize) -> Option<usize> {
    let country = [
        text.at(from).to_ascii_uppercase(),
        text.at(from + 1).to_ascii_uppercase(),
    ];
    let is_digit = |i: usize| text.at(from + i).is_ascii_digit();
    if !country.iter().all(u8::is_ascii_uppercase) || !is_digit(2) || !is_digit(3) {
        return None;
    }
    let length = length_of(country)?;
    let mut number = Vec::with_capacity(length);
    let (mut at, mut blanks) = (from, 0);
    while number.len() < length {
        let byte = text.at(at);
        if byte.is_ascii_alphanumeric() {
            number.push(byte.to_ascii_uppercase());
            blanks = 0;
        } else if byte == b' '
            && !number.is_empty()
            && number.len().is_multiple_of(4)
            && blanks == 0
        {
            blanks = 1;
        } else {
            return None;
        }
        at += 1;
    }
    let is_digits = number.iter().skip(2).all(u8::is_ascii_digit);
    let country = std::str::from_utf8(&country).unwrap_or_default();
    // What hexadecimal digits may look like too.
    if !is_digits && DIGITS.contains(country) {
        return None;
    }
    let goes_on = is_word(text.at(at)) || (text.at(at) == b'-' && is_word(text.at(at + 1)));
    (!goes_on && text.before(from) != b'-' && remainder(&number) == 1).then_some(at)
}

fn length_of(country: [u8; 2]) -> Option<usize> {
    let entry = LENGTHS
        .split(' ')
        .find(|e| e.as_bytes().starts_with(&country))?;
    entry.get(2..)?.parse().ok()
}

/// The number with its first four characters behind the others, letters as 10 to 35, modulo 97.
fn remainder(number: &[u8]) -> u32 {
    let (head, tail) = number.split_at(number.len().min(4));
    tail.iter().chain(head).fold(0, |n, byte| match byte {
        b'0'..=b'9' => (n * 10 + u32::from(byte - b'0')) % 97,
        _ => (n * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    })
}
