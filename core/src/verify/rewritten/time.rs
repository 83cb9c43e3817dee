//! Times as Python's `isoformat` writes them, of which other tools make their own forms.

use super::Other;

/// What the timestamp may have been, given as canonical JSON.
pub(super) fn others(json: &[u8]) -> Vec<Other> {
    let text = std::str::from_utf8(json).unwrap_or_default();
    let Some(text) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) else {
        return Vec::new();
    };
    let mut others: Vec<Other> = Vec::new();
    for form in forms(text).unwrap_or_default() {
        let json = format!("\"{form}\"").into_bytes();
        if form != text && others.iter().all(|other| other.json != json) {
            let what = format!(
                "`timestamp` is {form} (pandas, DuckDB, PostgreSQL and spreadsheets write times anew)"
            );
            others.push(Other { json, what });
        }
    }
    others
}

/// The forms that the same time has, and those without the zone UTC.
fn forms(text: &str) -> Option<Vec<String>> {
    let (date, rest) = text.split_at_checked(10)?;
    let is_date = date.bytes().enumerate().all(|(i, b)| match i {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    });
    let rest = rest.strip_prefix(['T', ' ']).filter(|_| is_date)?;
    let end = rest.find(['Z', '+', '-', ' ']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let is_clock = clock.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let is_fraction = fraction.bytes().all(|b| b.is_ascii_digit());
    if !is_clock || !is_fraction {
        return None;
    }
    let mut clocks = vec![clock.to_owned()];
    if clock.len() == 5 {
        clocks.push(format!("{clock}:00"));
    }
    // Python writes six digits or, of a whole second, none.
    let digits = fraction.trim_end_matches('0');
    let mut fractions = vec![match fraction {
        "" => String::new(),
        _ => format!(".{fraction}"),
    }];
    match digits.len() {
        0 => fractions.extend([String::new(), ".000000".to_owned()]),
        1..=6 => fractions.push(format!(".{digits:0<6}")),
        _ => {}
    }
    let mut zones = vec![zone];
    if ["Z", "+00:00", "+00", "+0000", " UTC", " +00:00"].contains(&zone) {
        zones.extend(["", "Z", "+00:00"]);
    } else if zone.is_empty() {
        zones.extend(["+00:00", "Z"]);
    }
    let mut forms = Vec::new();
    for clock in &clocks {
        for fraction in &fractions {
            forms.extend(zones.iter().map(|z| format!("{date}T{clock}{fraction}{z}")));
        }
    }
    Some(forms)
}
