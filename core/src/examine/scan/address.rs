//! Addresses: e-mail and IP.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::key::Role;
use super::kind::Kind;
use super::text::{Text, is_word};

/// Endings of names that look like a domain and are none that mail goes to.
const NO_DOMAINS: [&str; 24] = [
    "local",
    "localdomain",
    "internal",
    "lan",
    "cluster",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "ico",
    "json",
    "yaml",
    "yml",
    "txt",
    "py",
    "js",
    "ts",
    "md",
    "csv",
    "html",
    "css",
    "git",
];

pub(super) fn email(text: &mut Text<'_>) {
    let mut at = 0;
    while let Some(sign) = memchr::memchr(b'@', text.rest.get(at..).unwrap_or_default()) {
        let sign = at + sign;
        at = sign + 1;
        let mut from = sign;
        while from > 0 && sign - from < 64 && is_local(text.before(from)) {
            from -= 1;
        }
        while from < sign && matches!(text.at(from), b'.' | b'\'' | b'-' | b'/') {
            from += 1;
        }
        let mut to = sign + 1;
        while to - sign < 254 && (is_word(text.at(to)) || matches!(text.at(to), b'.' | b'-')) {
            to += 1;
        }
        let next = text.at(to);
        while to > sign && matches!(text.before(to), b'.' | b'-' | b'_') {
            to -= 1;
        }
        if from == sign || to <= sign + 1 || text.before(sign) == b'.' {
            continue;
        }
        let domain = text.whole.get(sign + 1..to).unwrap_or_default();
        // `git@github.com:owner/name` names a place.
        let is_place =
            next == b':' && is_word(text.at(to + 1)) && !text.at(to + 1).is_ascii_digit();
        if is_domain(domain) && !is_place {
            text.claim(Kind::Email, from, to);
            at = to;
        }
    }
}

fn is_local(byte: u8) -> bool {
    is_word(byte)
        || matches!(
            byte,
            b'.' | b'+' | b'-' | b'%' | b'\'' | b'&' | b'!' | b'#' | b'~'
        )
}

fn is_domain(domain: &[u8]) -> bool {
    let domain = String::from_utf8_lossy(domain).to_lowercase();
    let labels: Vec<&str> = domain.split('.').take(12).collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains('_')
    };
    let Some(last) = labels.last() else {
        return false;
    };
    let is_top = last.chars().count() >= 2
        && (last.starts_with("xn--") || last.chars().all(char::is_alphabetic))
        && !NO_DOMAINS.contains(last);
    labels.len() >= 2
        && labels.iter().all(is_label)
        && is_top
        && !domain.ends_with("gserviceaccount.com")
}

/// Runs of digits, points and colons that are an address of the internet protocol.
pub(super) fn ip(text: &mut Text<'_>) {
    let is_part = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'.' | b':');
    let mut at = 0;
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
        while to > from
            && matches!(text.before(to), b'.' | b':')
            && !text.rest[..to].ends_with(b"::")
        {
            to -= 1;
        }
        // A word that ends in a letter from a to f, and a mark before the address.
        let mut from = from;
        while from < to
            && (text.at(from) == b'.' || (text.at(from) == b':' && text.at(from + 1) != b':'))
        {
            from += 1;
        }
        if to - from > 60 || to - from < 5 {
            continue;
        }
        if let Some(end) = is_v4(text, from, to).or_else(|| is_v6(text, from, to)) {
            text.claim(Kind::IpAddress, from, end);
        }
    }
}

const SAID: [&str; 9] = [
    "from",
    "ip",
    "ips",
    "host",
    "client",
    "connect",
    "connection",
    "address",
    "peer",
];
const VERSION: [&str; 8] = [
    "version",
    "v",
    "release",
    "build",
    "section",
    "chapter",
    "upgraded to",
    "driver",
];

/// Where the address ends, if it is one that a host has.
fn is_v4(text: &Text<'_>, from: usize, to: usize) -> Option<usize> {
    let run = std::str::from_utf8(text.whole.get(from..to)?).ok()?;
    let (host, port) = match run.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (run, None),
    };
    let address: Ipv4Addr = host.parse().ok()?;
    let has_port = port.is_some_and(|p| p.len() >= 2 && p.parse::<u16>().is_ok());
    if port.is_some() && !has_port {
        return None;
    }
    let octets = address.octets();
    if matches!(octets[0], 0 | 127 | 255) || octets == [169, 254, 169, 254] {
        return None;
    }
    let before = text.before(from);
    let after = text.at(to);
    let is_in_url = before == b'/' && from >= 2 && text.whole.get(from - 2) == Some(&b'/');
    let is_part_before = is_word(before) || before == b'-' || (before == b'/' && !is_in_url);
    let is_part_behind = is_word(after) || (after == b'-' && is_word(text.at(to + 1)));
    // `10.0.0.0/8` is a network.
    let is_network = after == b'/' && text.at(to + 1).is_ascii_digit();
    if is_part_before || is_part_behind || is_network {
        return None;
    }
    let is_known = text.key.role == Role::Ip;
    if !is_known && (text.key.is_version || text.is_said_before(from, &VERSION)) {
        return None;
    }
    // `credit-risk:10.6.12.17` is a version, whoever calls it by another name.
    let is_named = before == b':' && from >= 2 && is_word(text.at(from - 2));
    let is_said = is_in_url || has_port || text.is_said_before(from, &SAID);
    let is_local = address.is_private() || address.is_link_local();
    let is_large = octets.iter().filter(|o| **o >= 32).count() >= 2;
    (is_known || is_said || !is_named && (is_local || is_large)).then_some(from + host.len())
}

/// The same for the newer protocol. What has no digit, or two parts only, is more likely a name in a program.
fn is_v6(text: &Text<'_>, from: usize, to: usize) -> Option<usize> {
    let run = std::str::from_utf8(text.whole.get(from..to)?).ok()?;
    let address: Ipv6Addr = run.parse().ok()?;
    let parts = run.split(':').filter(|part| !part.is_empty()).count();
    let is_known = text.key.role == Role::Ip;
    let has_digit = run.bytes().any(|b| b.is_ascii_digit());
    let is_host = !address.is_loopback() && !address.is_unspecified();
    let is_alone =
        !is_word(text.before(from)) && !is_word(text.at(to)) && text.before(from) != b':';
    let is_two = parts == 2 && is_of_network(run, address);
    (is_host && is_alone && has_digit && (parts >= 3 || is_two || is_known)).then_some(to)
}

/// `fe80::1` and `::ffff:192.0.2.1`, which have two parts and are addresses all the same.
fn is_of_network(run: &str, address: Ipv6Addr) -> bool {
    let first = run.split(':').next().unwrap_or_default();
    let is_known = matches!(address.segments()[0], 0x2000..=0x3FFF | 0xFC00..=0xFDFF | 0xFE80..=0xFEBF | 0xFF00..);
    let is_number = first.len() == 4 && first.bytes().any(|b| b.is_ascii_digit());
    let inner = address.to_ipv4_mapped();
    (is_known && is_number) || inner.is_some_and(|v4| run.contains('.') && !v4.is_loopback())
}
