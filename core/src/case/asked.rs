//! What of a case was asked about: a period, and an auditor's own counts per period and type.

use std::collections::BTreeSet;

use super::Case;
use crate::error::Error;
use crate::index::{Bits, decoded};
use crate::query::{DATE_EXPECTED, Search, is_date, quote};
use crate::units::RowIdx;
use crate::view::{ControlLine, ControlTotals, FilterError, Period, Selection};

/// Lines of control totals that are read.
const MOST_LINES: usize = 10_000;
/// Bytes of them.
const MOST_BYTES: usize = 4 << 20;

impl Case {
    /// The entries of a period: from the start of `from` to the end of `to`, each a date as in a filter, `2026-03` for
    /// the whole month. An entry whose time cannot be read is in none.
    ///
    /// # Errors
    ///
    /// If one of them is no date.
    pub fn period(&self, from: Option<&str>, to: Option<&str>) -> Result<Period, Error> {
        let mut conditions = Vec::new();
        for (end, date) in [("beginning", from), ("end", to)] {
            if let Some(date) = date.filter(|d| !is_date(d)) {
                return Err(Error::unsupported(format!(
                    "the {end} of the period is {}, not `{}`",
                    DATE_EXPECTED,
                    crate::finding::shown(date.as_bytes())
                )));
            }
        }
        conditions.extend(from.map(|from| format!("after:{}", quote(from))));
        conditions.extend(to.map(|to| {
            let to = quote(to);
            format!("(before:{to} OR on:{to})")
        }));
        let filter = conditions.join(" ");
        let search = self.search_of(&filter)?;
        let rows = search.ranked().bits();
        Ok(Period {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            totals: self.selected(&search),
            span: self.span_of(rows),
            filter,
        })
    }

    /// The least and the greatest timestamp of some rows, compared as text.
    fn span_of(&self, rows: &Bits) -> Option<(String, String)> {
        let mut span: Option<(String, String)> = None;
        let mut json = String::new();
        for row in rows.iter() {
            json.clear();
            self.judge.index.write_timestamp(RowIdx(row), &mut json);
            let time = String::from_utf8_lossy(&decoded(&json)).into_owned();
            match &mut span {
                None => span = Some((time.clone(), time)),
                Some((first, _)) if time < *first => *first = time,
                Some((_, last)) if time > *last => *last = time,
                Some(_) => {}
            }
        }
        span
    }

    /// An auditor's counts against those of the log. `csv` has a header with `period` (or `from`) and `count`, perhaps
    /// `event_type`; a period is a date as in a filter, or empty for all. `within`: the filter of what is asked about.
    ///
    /// # Errors
    ///
    /// If the text is no such table; which line is named.
    pub fn control_totals(&self, csv: &str, within: &str) -> Result<ControlTotals, Error> {
        let mut covered = Bits::none(self.judge.index.len());
        let mut lines = Vec::new();
        for counted in read(csv)? {
            let mut filter = match counted.period.as_str() {
                "" => String::new(),
                period => format!("on:{}", quote(period)),
            };
            if let Some(event_type) = &counted.event_type {
                // Quoted always, so that it is a text whatever it looks like.
                let text = event_type.replace('\\', "\\\\").replace('"', "\\\"");
                filter.push_str(&format!(" event_type:\"{text}\""));
            }
            let filter = filter.trim().to_owned();
            let rows = self.bits_of(&filter)?;
            covered.or(&rows);
            lines.push(ControlLine {
                period: counted.period,
                event_type: counted.event_type,
                expected: counted.count,
                found: u64::from(rows.count()),
                filter,
            });
        }
        let mut rest = self.bits_of(within)?;
        rest.and_not(&covered);
        Ok(ControlTotals {
            lines,
            uncovered: u64::from(rest.count()),
        })
    }

    pub(super) fn bits_of(&self, filter: &str) -> Result<Bits, Error> {
        Ok(self.search_of(filter)?.ranked().bits().clone())
    }

    fn search_of(&self, filter: &str) -> Result<Search, Error> {
        let selection = Selection {
            filter: filter.to_owned(),
            sort: None,
        };
        let wrong = |e: FilterError| Error::unsupported(e.message);
        let mut search = self.select(&selection).map_err(wrong)?;
        self.finish(&mut search)?;
        Ok(search)
    }
}

/// A line as it was read.
#[derive(Debug, PartialEq, Eq)]
struct Counted {
    period: String,
    event_type: Option<String>,
    count: u64,
}

fn read(csv: &str) -> Result<Vec<Counted>, Error> {
    let wrong = |line: usize, what: &str| {
        Error::unsupported(format!("control totals, line {line}: {what}"))
    };
    if csv.len() > MOST_BYTES {
        return Err(wrong(1, "the file is longer than 4 MB"));
    }
    let mut records = records(csv.trim_start_matches('\u{FEFF}'));
    let header = records.next().unwrap_or_default();
    let place = |names: &[&str]| {
        let is_named = |cell: &String| names.contains(&cell.trim().to_ascii_lowercase().as_str());
        header.iter().position(is_named)
    };
    let (Some(period), Some(count)) = (place(&["period", "from"]), place(&["count"])) else {
        return Err(wrong(
            1,
            "the first line names the columns `period` and `count`, and `event_type` where there is one",
        ));
    };
    let event_type = place(&["event_type", "type"]);
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, record) in records.enumerate() {
        let line = i + 2;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if all.len() >= MOST_LINES {
            return Err(wrong(line, "more than 10,000 lines"));
        }
        let cell = |at: usize| record.get(at).map_or("", |c| c.trim());
        let date = cell(period);
        if !date.is_empty() && !is_date(date) {
            return Err(wrong(line, &format!("the period is {DATE_EXPECTED}")));
        }
        let event_type = event_type.map(|at| cell(at).to_owned());
        let event_type = event_type.filter(|t| !t.is_empty());
        if event_type.as_ref().is_some_and(|t| t.len() > 500) {
            return Err(wrong(line, "the event type is longer than 500 bytes"));
        }
        let number = cell(count).parse();
        let number = number.map_err(|_| wrong(line, "the count is a number of entries"))?;
        if !seen.insert((date.to_owned(), event_type.clone())) {
            return Err(wrong(line, "this period and type were counted before"));
        }
        all.push(Counted {
            period: date.to_owned(),
            event_type,
            count: number,
        });
    }
    if all.is_empty() {
        return Err(wrong(2, "no period is counted"));
    }
    Ok(all)
}

/// The records of a CSV as RFC 4180 says, with commas or semicolons: whichever the first line has.
fn records(csv: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    let first = csv.lines().next().unwrap_or("");
    let comma = if first.contains(';') && !first.contains(',') {
        ';'
    } else {
        ','
    };
    let mut rest = csv.chars().peekable();
    std::iter::from_fn(move || {
        rest.peek()?;
        let mut record = vec![String::new()];
        let mut is_quoted = false;
        while let Some(c) = rest.next() {
            let cell = record.last_mut()?;
            match c {
                '"' if is_quoted && rest.peek() == Some(&'"') => {
                    cell.push('"');
                    rest.next();
                }
                '"' if is_quoted || cell.is_empty() => is_quoted = !is_quoted,
                '\n' if !is_quoted => break,
                '\r' if !is_quoted => {}
                c if c == comma && !is_quoted => record.push(String::new()),
                c => cell.push(c),
            }
        }
        Some(record)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(csv: &str) -> String {
        match read(csv) {
            Ok(lines) => lines
                .iter()
                .map(|l| {
                    format!(
                        "{}/{}/{} ",
                        l.period,
                        l.event_type.as_deref().unwrap_or("*"),
                        l.count
                    )
                })
                .collect(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn counts_are_read_with_the_names_of_their_columns() {
        assert_eq!(
            told("period,count\n2026-03,12\n\n2026-04,0\n"),
            "2026-03/*/12 2026-04/*/0 "
        );
        assert_eq!(
            told("\u{FEFF}Count;Event_Type;Period\r\n3;\"a \"\"b\"\"\";2026-03-12\r\n4;;2026"),
            "2026-03-12/a \"b\"/3 2026/*/4 "
        );
        assert_eq!(told("from,count\n,7"), "/*/7 ");
        for (csv, error) in [
            ("", "line 1: the first line names"),
            ("period,count\n", "line 2: no period"),
            ("period,count\nMarch,2", "line 2: the period is a date"),
            ("period,count\n2026,many", "line 2: the count is a number"),
            (
                "period,count\n2026,1\n2026,2",
                "line 3: this period and type",
            ),
        ] {
            assert!(told(csv).contains(error), "{csv:?}: {}", told(csv));
        }
    }
}
