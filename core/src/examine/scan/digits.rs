//! Numbers of people: payment cards, US social security numbers, telephones. All are groups of digits with marks between.

use super::key::Role;
use super::kind::Kind;
use super::text::{Text, Trust, is_word};

/// Groups that are looked at together.
const MOST: usize = 8;

/// One run of digits.
#[derive(Clone, Copy, Default)]
struct Group {
    from: usize,
    to: usize,
    /// What stands between it and the group before: a mark, or `)` for `) `.
    mark: u8,
}

impl Group {
    fn len(&self) -> usize {
        self.to - self.from
    }
}

/// Up to [`MOST`] groups that follow one another with one mark between.
struct Groups {
    all: [Group; MOST],
    count: usize,
}

impl Groups {
    fn list(&self) -> &[Group] {
        self.all.get(..self.count).unwrap_or_default()
    }
}

pub(super) fn find(text: &mut Text<'_>) {
    let mut at = 0;
    while at < text.rest.len() {
        if !text.at(at).is_ascii_digit() {
            at += 1;
            continue;
        }
        let groups = groups(text, at);
        let end = groups.list().first().map_or(at + 1, |g| g.to);
        at = if is_word(text.before(at)) {
            end
        } else {
            one(text, groups.list()).unwrap_or(end)
        };
    }
}

/// Looks at what begins with these groups; returns where what was claimed ends.
fn one(text: &mut Text<'_>, groups: &[Group]) -> Option<usize> {
    card(text, groups)
        .or_else(|| ssn(text, groups))
        .or_else(|| phone(text, groups))
}

fn groups(text: &Text<'_>, from: usize) -> Groups {
    let mut found = Groups {
        all: [Group::default(); MOST],
        count: 0,
    };
    let (mut at, mut mark) = (from, 0);
    while let Some(slot) = found.all.get_mut(found.count) {
        let start = at;
        while text.at(at).is_ascii_digit() {
            at += 1;
        }
        *slot = Group {
            from: start,
            to: at,
            mark,
        };
        found.count += 1;
        if at - start > 19 {
            break;
        }
        mark = text.at(at);
        let next = text.at(at + 1);
        let step = match (mark, next) {
            (b' ' | b'-' | b'.' | b'/', b'0'..=b'9') => 1,
            (b')', b'0'..=b'9') => 1,
            (b')' | b' ', b' ' | b'(' | b'-') => 2,
            _ => break,
        };
        if !text.at(at + step).is_ascii_digit() {
            break;
        }
        at += step;
    }
    found
}

/// The digits of some groups, 19 at the most.
fn digits(text: &Text<'_>, groups: &[Group]) -> Vec<u8> {
    let bytes = groups
        .iter()
        .flat_map(|g| text.whole.get(g.from..g.to).unwrap_or_default());
    bytes.take(20).copied().collect()
}

/// Whether a number goes on neither before nor behind these groups.
fn is_alone(text: &Text<'_>, groups: &[Group]) -> bool {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
        return false;
    };
    let before = text.before(first.from);
    let (after, next) = (text.at(last.to), text.at(last.to + 1));
    let goes_on = matches!(before, b'.' | b'-' | b':' | b'/')
        && first.from >= 2
        && is_word(text.at(first.from - 2));
    let goes_on_behind =
        is_word(after) || (matches!(after, b'.' | b'-' | b':' | b'/') && is_word(next));
    !goes_on && !goes_on_behind
}

fn lengths(groups: &[Group]) -> Vec<usize> {
    groups.iter().map(Group::len).collect()
}

// ---- Payment cards ----

fn card(text: &mut Text<'_>, groups: &[Group]) -> Option<usize> {
    let (first, rest) = groups.split_first()?;
    let is_grouped = first.len() == 4;
    let count = if !is_grouped {
        1
    } else {
        let mark = rest.first()?.mark;
        let same = rest.iter().take(3).take_while(|g| g.mark == mark).count();
        let lens = lengths(groups.get(..=same)?);
        match lens[..] {
            [4, 4, 4, 4] if matches!(mark, b' ' | b'-') => 4,
            [4, 6, 5 | 4, ..] if matches!(mark, b' ' | b'-') => 3,
            _ => return None,
        }
    };
    let mine = groups.get(..count)?;
    let number = digits(text, mine);
    let (from, to) = (first.from, mine.last()?.to);
    let is_known = text.key.role == Role::Card
        || text.is_said_before(
            from,
            &[
                "card",
                "pan",
                "karte",
                "credit",
                "visa",
                "mastercard",
                "amex",
                "charged to",
            ],
        );
    // Issuers whose numbers begin otherwise are believed where a card is spoken of.
    let is_like_one = is_brand(&number) || (is_known && (12..=19).contains(&number.len()));
    if !is_like_one || !is_alone(text, mine) {
        return None;
    }
    if !is_grouped && !is_known && (text.key.is_technical || text.key.is_id) {
        return None;
    }
    let trust = match (luhn(&number), is_grouped || is_known) {
        (true, true) => Trust::Sure,
        (true, false) => Trust::Chance,
        (false, false) => Trust::Failed,
        (false, true) => return None,
    };
    text.claim_as(Kind::PaymentCard, from, to, trust);
    (trust != Trust::Failed).then_some(to)
}

/// Whether a number begins, and is as long, as those of an issuer.
pub(super) fn is_brand(number: &[u8]) -> bool {
    let head = |n: usize| {
        number
            .iter()
            .take(n)
            .fold(0_u32, |sum, d| sum * 10 + u32::from(d.saturating_sub(b'0')))
    };
    let (two, three, four) = (head(2), head(3), head(4));
    match number.len() {
        13 => head(1) == 4,
        14 => matches!(two, 36 | 38 | 39) || (300..=305).contains(&three),
        15 => matches!(two, 34 | 37),
        16 => {
            head(1) == 4
                || matches!(two, 51..=55 | 62 | 65)
                || (2221..=2720).contains(&four)
                || four == 6011
                || (644..=649).contains(&three)
                || (3528..=3589).contains(&four)
                || matches!(four, 5018..=5020 | 5038 | 6304 | 6759 | 6761..=6763)
        }
        17 | 18 => two == 62,
        19 => head(1) == 4 || two == 62,
        _ => false,
    }
}

/// The check digit of ISO/IEC 7812-1.
pub(super) fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d.saturating_sub(b'0'));
            match i % 2 {
                0 => d,
                _ => d * 2 / 10 + d * 2 % 10,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

// ---- US social security numbers ----

fn ssn(text: &mut Text<'_>, groups: &[Group]) -> Option<usize> {
    let is_known = text.key.role == Role::Ssn;
    let mine = match groups {
        [a, b, c, ..] if [a.len(), b.len(), c.len()] == [3, 2, 4] && b.mark == c.mark => {
            groups.get(..3)?
        }
        [a, ..] if a.len() == 9 && is_known => groups.get(..1)?,
        _ => return None,
    };
    let from = mine.first()?.from;
    let is_said = is_known || text.is_said_before(from, &["ssn", "social security"]);
    let mark = mine.get(1).map_or(b'-', |g| g.mark);
    let is_written_so = mark == b'-' || (matches!(mark, b' ' | b'.') && is_said);
    let number = digits(text, mine);
    if !is_written_so
        || !is_issued(&number)
        || !is_alone(text, mine)
        || (text.key.is_technical && !is_said)
    {
        return None;
    }
    let to = mine.last()?.to;
    text.claim(Kind::UsSsn, from, to);
    Some(to)
}

/// Numbers with these parts were given to somebody.
pub(super) fn is_issued(number: &[u8]) -> bool {
    let part = |range: std::ops::Range<usize>| {
        let digits = number.get(range).unwrap_or_default();
        digits
            .iter()
            .fold(0_u32, |n, d| n * 10 + u32::from(d.saturating_sub(b'0')))
    };
    let area = part(0..3);
    number.len() == 9
        && area != 0
        && area != 666
        && area < 900
        && part(3..5) != 0
        && part(5..9) != 0
}

// ---- Telephones ----

fn phone(text: &mut Text<'_>, groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    let mut from = first.from;
    let has_bracket = text.before(from) == b'(';
    if has_bracket {
        from -= 1;
    }
    let has_plus = text.before(from) == b'+';
    if has_plus {
        from -= 1;
        if is_word(text.before(from)) {
            return None;
        }
    }
    let is_known = text.key.role == Role::Phone
        || text.is_said_before(
            from,
            &[
                "phone",
                "telephone",
                "tel",
                "mobile",
                "mobil",
                "call",
                "called back on",
                "fax",
                "cell",
                "whatsapp",
                "sms",
                "reached at",
                "dial",
            ],
        );
    let count = if has_plus {
        international(text, groups)?
    } else {
        match american(
            groups,
            text.key.is_technical || text.key.is_id,
            is_known,
            has_bracket,
        ) {
            Some(count) => count,
            None if is_known => national(groups)?,
            None => return None,
        }
    };
    let mine = groups.get(..count)?;
    if has_plus && text.key.is_technical && count < 3 && !is_known {
        return None;
    }
    let before = text.before(from);
    let is_part = is_word(before)
        || (!has_plus && !has_bracket && matches!(before, b'-' | b'.' | b'/' | b'+'));
    let to = mine.last()?.to;
    let (after, next) = (text.at(to), text.at(to + 1));
    let has_extension = after == b'x' && next.is_ascii_digit();
    let goes_on = is_word(after) && !has_extension
        || (matches!(after, b'-' | b'.' | b':' | b'/') && next.is_ascii_digit());
    if is_part || goes_on {
        return None;
    }
    text.claim(Kind::Phone, from, to);
    Some(to)
}

/// `+49 30 1234567`: how many groups are one number.
fn international(text: &Text<'_>, groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    if text.at(first.from) == b'0' {
        return None;
    }
    let (mut sum, mut count) = (0, 0);
    for group in groups {
        if sum + group.len() > 15 {
            break;
        }
        sum += group.len();
        count += 1;
    }
    // A decimal number with a sign.
    let is_decimal = count == 2 && groups.get(1).is_some_and(|g| g.mark == b'.');
    (sum >= 8 && first.len() <= 15 && !is_decimal).then_some(count)
}

/// `(212) 555-0123`, `212-555-0123`, `1-212-555-0123`; with blanks or points only where more speaks for it.
fn american(
    groups: &[Group],
    is_technical: bool,
    is_known: bool,
    has_bracket: bool,
) -> Option<usize> {
    let skip = usize::from(
        matches!(groups, [one, ..] if one.len() == 1 || one.len() == 3 && groups.len() >= 4 && is_known && one.len() + groups[1].len() == 6),
    );
    let [a, b, c] = groups.get(skip..skip + 3)? else {
        return None;
    };
    if [a.len(), b.len(), c.len()] != [3, 3, 4] || is_technical && !is_known {
        return None;
    }
    let is_written_so = match (b.mark, c.mark) {
        (b')', b'-' | b' ' | b'.') => true,
        (b'-', b'-') | (b'.', b'.') => true,
        (b' ', b'-') => has_bracket || is_known,
        (b' ', b' ') => is_known,
        _ => false,
    };
    is_written_so.then_some(skip + 3)
}

/// Any number of 7 to 15 digits, where a telephone is asked for or spoken of.
fn national(groups: &[Group]) -> Option<usize> {
    let (mut sum, mut count) = (0, 0);
    for group in groups {
        if sum + group.len() > 15 {
            break;
        }
        sum += group.len();
        count += 1;
    }
    (sum >= 7).then_some(count)
}
