//! Requests without a response, and responses without a request.
//!
//! They belong together by a value in their details: at a path that was given, or at one of the usual names if both have it.
//! A response may also name the id of the request's entry.

use std::collections::{BTreeMap, BTreeSet};

use super::{NAMED, Name, entries, filter, found};
use crate::digest::sha256;
use crate::entry::RawEntry;
use crate::index::{Field, Index, UNPLACED};
use crate::query::{Path, PathFinder, parse_path};
use crate::scheme::REFERENCE;
use crate::units::RowIdx;
use crate::view::{Evidence, Pairing, Strength};

/// Where an identity of a request is usually kept.
const USUAL: [&str; 8] = [
    "details.request_id",
    "details.requestId",
    "details.inference_id",
    "details.prediction_id",
    "details.correlation_id",
    "details.correlationId",
    "details.trace_id",
    "details.in_response_to",
];

/// What the entries of one sort hold at one path: a value, made short, and the row.
type Keys = Vec<(u64, u32)>;

/// Collects the identities of requests and responses.
pub(super) struct Collector {
    names: Vec<String>,
    finder: PathFinder,
    /// For each path those of requests, and those of responses.
    found: Vec<[Keys; 2]>,
    /// The ids of the requests' entries.
    ids: Keys,
    codes: [Option<u32>; 2],
    seen: [u64; 2],
}

impl Collector {
    /// `path`: where to look instead of the usual places.
    pub(super) fn new(index: &Index, path: Option<&str>) -> Self {
        let usual = USUAL.map(str::to_owned).to_vec();
        let names = path.map_or(usual, |p| vec![p.to_owned()]);
        let paths: Vec<Path> = names.iter().filter_map(|n| parse_path(n)).collect();
        let dictionary = index.column(Field::EventType).dictionary();
        Self {
            found: names.iter().map(|_| Default::default()).collect(),
            finder: PathFinder::new(&paths),
            names,
            ids: Vec::new(),
            codes: ["\"inference_request\"", "\"inference_response\""]
                .map(|text| dictionary.code_of(text)),
            seen: [0; 2],
        }
    }

    pub(super) fn take(&mut self, index: &Index, row: u32, entry: &RawEntry<'_>) {
        let code = index.column(Field::EventType).codes().get(row);
        let is = |which: &Option<u32>| which.is_some() && *which == code;
        let Some(side) = self.codes.iter().position(is) else {
            return;
        };
        self.seen[side] += 1;
        self.finder.read(entry.fields[REFERENCE.details]);
        for (i, found) in self.found.iter_mut().enumerate() {
            let value = self.finder.values(i).next();
            // Nothing, an object or an array identifies nothing.
            if let Some(value) = value.filter(|v| !matches!(*v, "null" | "\"\"" | "{}" | "[]")) {
                found[side].push((short(value), row));
            }
        }
        if side == 0 {
            let mut json = String::new();
            index.write_entry_id(RowIdx(row), &mut json);
            self.ids.push((short(&json), row));
        }
    }

    /// What pairs there are, and what speaks of missing ones; `None` if there are not both requests and responses.
    pub(super) fn told(self, index: &Index, name: &Name<'_>) -> Option<(Pairing, Vec<Evidence>)> {
        if self.seen.contains(&0) {
            return None;
        }
        let mut best: Option<Pairs> = None;
        for (path, [requests, responses]) in self.names.iter().zip(self.found) {
            if responses.is_empty() {
                continue;
            }
            for requests in [requests, self.ids.clone()] {
                let pairs = Pairs::new(path, requests, &responses);
                if pairs.common > best.as_ref().map_or(0, |b| b.common) {
                    best = Some(pairs);
                }
            }
        }
        let Some(pairs) = best else {
            return Some((
                Pairing {
                    path: None,
                    requests: self.seen[0],
                    responses: self.seen[1],
                    unanswered: 0,
                    unasked: 0,
                },
                Vec::new(),
            ));
        };
        Some(pairs.told(index, name))
    }
}

fn short(value: &str) -> u64 {
    let digest = sha256(value.as_bytes());
    digest[..8]
        .iter()
        .fold(0, |n, byte| n << 8 | u64::from(*byte))
}

/// Requests and responses by what they hold at one path.
struct Pairs {
    path: String,
    requests: Keys,
    responses: Keys,
    /// Values that both have.
    common: usize,
}

impl Pairs {
    fn new(path: &str, requests: Keys, responses: &Keys) -> Self {
        let of_requests: BTreeSet<u64> = requests.iter().map(|(key, _)| *key).collect();
        let of_responses: BTreeSet<u64> = responses.iter().map(|(key, _)| *key).collect();
        Self {
            path: path.to_owned(),
            common: of_requests.intersection(&of_responses).count(),
            requests,
            responses: responses.clone(),
        }
    }

    fn told(&self, index: &Index, name: &Name<'_>) -> (Pairing, Vec<Evidence>) {
        let asked: BTreeMap<u64, u32> = self.requests.iter().copied().collect();
        let answered: BTreeSet<u64> = self.responses.iter().map(|(key, _)| *key).collect();
        let time = |row: u32| index.micros().get(row as usize).copied();
        // What is under way at either end of the log is cut off with it.
        let longest = self.responses.iter().filter_map(|(key, row)| {
            let (asked, answered) = (time(*asked.get(key)?)?, time(*row)?);
            (asked != UNPLACED && answered != UNPLACED).then(|| answered.saturating_sub(asked))
        });
        let longest = longest.max().unwrap_or(0).max(0);
        let (first, last) = index.extent().unwrap_or((i64::MIN, i64::MAX));
        let is_inside = |row: u32| {
            time(row).is_some_and(|t| {
                t == UNPLACED
                    || (t.saturating_sub(first) > longest && last.saturating_sub(t) > longest)
            })
        };
        let without = |keys: &Keys, is_paired: &dyn Fn(u64) -> bool| -> Vec<u32> {
            let alone = keys.iter().filter(|(key, _)| !is_paired(*key));
            alone
                .map(|(_, row)| *row)
                .filter(|row| is_inside(*row))
                .collect()
        };
        let unasked = without(&self.responses, &|key| asked.contains_key(&key));
        let unanswered = without(&self.requests, &|key| answered.contains(&key));
        let pairing = Pairing {
            path: Some(self.path.clone()),
            requests: self.requests.len() as u64,
            responses: self.responses.len() as u64,
            unanswered: unanswered.len() as u64,
            unasked: unasked.len() as u64,
        };
        let mut evidence = Vec::new();
        if !unasked.is_empty() {
            // Where it is usual the two are kept in different places.
            let is_rare = unasked.len() * 10 <= self.responses.len();
            let message = format!(
                "by {} there is no request to the response of {}",
                self.path,
                entries(unasked.len())
            );
            let strength = if is_rare {
                Strength::Moderate
            } else {
                Strength::Weak
            };
            let mut told = found(
                "response-without-request",
                strength,
                message,
                &[
                    "Requests may be kept in another log, or only some of them.",
                    "The export may be of a selection, or a segment of a rotated log may not be open here.",
                ],
            );
            name_rows(&mut told, &unasked, index, name);
            evidence.push(told);
        }
        if !unanswered.is_empty() {
            let message = format!(
                "by {} there is no response to the request of {}",
                self.path,
                entries(unanswered.len())
            );
            let mut told = found(
                "request-without-response",
                Strength::Weak,
                message,
                &[
                    "A request that failed or was broken off has none.",
                    "Responses may be kept in another log, or only some of them.",
                ],
            );
            name_rows(&mut told, &unanswered, index, name);
            evidence.push(told);
        }
        (pairing, evidence)
    }
}

fn name_rows(evidence: &mut Evidence, rows: &[u32], index: &Index, name: &Name<'_>) {
    evidence.count = rows.len() as u64;
    evidence.entries = rows.iter().take(NAMED).map(|row| name(*row)).collect();
    evidence.filter = filter(index, rows);
}
