//! Values that are what they are because of the key above them: passwords, prose where a hash belongs, prompts.

use super::key::Role;
use super::kind::Kind;
use super::text::Text;
use super::words;

/// Words below which a text is a name and no prompt.
const PROMPT: usize = 4;
/// Words that are more than a hash.
const PROSE: usize = 2;

pub(super) fn find(text: &mut Text<'_>) {
    let value = text.whole.trim_ascii();
    if text.key.is_schema || value.is_empty() {
        return;
    }
    if text.key.is_tuning && !words::is_placeholder(value) {
        return text.say(Kind::HyperParameter, value);
    }
    match text.key.role {
        Role::Secret if text.secrets == 0 && is_secret(value) => text.say(Kind::Password, value),
        Role::Hash => hash(text, value),
        Role::Person if text.claims == 0 && is_personal(value) => {
            text.say(Kind::PersonalField, value);
        }
        Role::Prompt | Role::Content if words::count(value, PROMPT) >= PROMPT => {
            text.say(Kind::Prompt, value);
        }
        Role::HyperParameter if !words::is_placeholder(value) => {
            text.say(Kind::HyperParameter, value);
        }
        Role::Architecture if !words::is_placeholder(value) && !is_processor(value) => {
            text.say(Kind::Architecture, value);
        }
        _ if is_prompt(value) => text.say(Kind::Prompt, value),
        _ => {}
    }
}

fn is_secret(value: &[u8]) -> bool {
    value.len() >= 6 && !words::is_placeholder(value) && words::count(value, 3) < 3
}

/// Neither a word nor a hash that stands in for a value.
fn is_personal(value: &[u8]) -> bool {
    let is_digest = value.len() >= 16 && value.iter().all(u8::is_ascii_hexdigit);
    value.len() >= 2 && !words::is_placeholder(value) && !is_digest
}

/// A processor's architecture is no model's.
fn is_processor(value: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"arm64", b"aarch64", b"x86_64", b"amd64", b"x86", b"i386", b"armv7l", b"ppc64le",
        b"riscv64",
    ];
    NAMES.contains(&value)
}

/// What is given to a language model looks like this under any key.
fn is_prompt(value: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 3] = [b"You are a ", b"You are an ", b"You are the "];
    let begins = BEGINNINGS.iter().any(|b| value.starts_with(b)) && words::count(value, 9) >= 9;
    const MARKS: [&[u8]; 4] = [
        b"### Instruction",
        b"<|im_start|>",
        b"[INST]",
        b"<|system|>",
    ];
    begins
        || value.len() >= 10
            && MARKS
                .iter()
                .any(|m| memchr::memmem::find(value, m).is_some())
}

/// A hash is checked for being one, and for being so short that the few possible inputs could be tried.
fn hash(text: &mut Text<'_>, value: &[u8]) {
    let named = [&b"sha256:"[..], b"sha1:", b"md5:", b"0x"];
    let digits = named
        .iter()
        .find_map(|n| value.strip_prefix(*n))
        .unwrap_or(value);
    if digits.len() >= 8 && digits.iter().all(u8::is_ascii_hexdigit) {
        if digits.len() <= 32 {
            text.say(Kind::GuessableHash, value);
        }
        return;
    }
    let is_list = value.iter().filter(|b| **b == b',').count() >= 3;
    let is_json = matches!(value, [b'{', .., b'}'] | [b'[', .., b']']) && value.len() > 12;
    // A number or a date in clear.
    let is_number = value.len() <= 12
        && value.iter().any(u8::is_ascii_digit)
        && value
            .iter()
            .all(|b| b.is_ascii_digit() || b.is_ascii_punctuation());
    let is_prose = words::count(value, PROSE) >= PROSE || !value.is_ascii();
    if (is_prose && !is_remark(value)) || is_list || is_json || is_number {
        text.say(Kind::TextForHash, value);
    }
}

/// `hash not available`, `not yet computed`.
fn is_remark(value: &[u8]) -> bool {
    let lower = value.get(..64).unwrap_or(value).to_ascii_lowercase();
    let says = |part: &[u8]| memchr::memmem::find(&lower, part).is_some();
    value.len() < 48
        && (words::is_placeholder(value)
            || says(b"not ")
            || says(b"no ")
            || says(b"missing")
            || lower.starts_with(b"see "))
}
