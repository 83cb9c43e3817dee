//! In which order the keys of the details stand: a writer builds an object in one way, and a tool that sorts keys in another.

use std::collections::BTreeMap;
use std::ops::Range;

/// Orders that are told apart.
const MOST: usize = 4_096;
/// Keys of an object, and bytes of them, beyond which it is not looked at.
const MOST_KEYS: usize = 64;
pub(super) const MOST_BYTES: usize = 4_096;
/// Objects of the same keys that must stand in one order before another order stands out.
const FEWEST: usize = 20;
/// One in so many of the same keys may stand in another order to stand out.
const RARE: usize = 50;

/// An order of keys; 0 where there is none to speak of.
pub(in super::super) type OrderId = u16;

/// The orders that were seen, and which of them are of the same keys.
#[derive(Default)]
pub(in super::super) struct Orders {
    ids: BTreeMap<Vec<u8>, OrderId>,
    /// By sorted keys.
    sets: BTreeMap<Vec<u8>, u16>,
    /// The set of each order, from the first order on.
    set_of: Vec<u16>,
    keys: Vec<Range<usize>>,
    joined: Vec<u8>,
}

impl Orders {
    /// The order of the keys of an object, given as the reference writes it.
    pub(super) fn order(&mut self, reference: &[u8]) -> OrderId {
        find_keys(reference, &mut self.keys);
        let bytes: usize = self.keys.iter().map(|k| k.len() + 1).sum();
        if self.keys.len() < 2 || self.keys.len() > MOST_KEYS || bytes > MOST_BYTES {
            return 0;
        }
        join(reference, &self.keys, &mut self.joined);
        if let Some(id) = self.ids.get(&self.joined) {
            return *id;
        }
        if self.set_of.len() >= MOST {
            return 0;
        }
        let order = self.joined.clone();
        self.keys.sort_by_key(|key| &reference[key.clone()]);
        join(reference, &self.keys, &mut self.joined);
        // Neither has more than `MOST` of them.
        let next = u16::try_from(self.sets.len()).unwrap_or(0);
        let set = *self.sets.entry(self.joined.clone()).or_insert(next);
        self.set_of.push(set);
        let id = u16::try_from(self.set_of.len()).unwrap_or(0);
        self.ids.insert(order, id);
        id
    }

    /// For each order whether few objects stand in it while nearly all of the same keys stand in one other.
    pub(super) fn odd_ones(&self, used: impl Iterator<Item = OrderId>) -> Vec<bool> {
        let mut counts = vec![0_usize; self.set_of.len() + 1];
        for id in used {
            counts[usize::from(id)] += 1;
        }
        let mut most = vec![0_usize; self.sets.len()];
        let mut all = vec![0_usize; self.sets.len()];
        for (set, count) in self.set_of.iter().zip(&counts[1..]) {
            let set = usize::from(*set);
            most[set] = most[set].max(*count);
            all[set] += *count;
        }
        let is_odd = |id: usize| {
            let set = usize::from(self.set_of[id - 1]);
            let others = all[set] - most[set];
            let is_usual = counts[id] == most[set];
            !is_usual && most[set] >= FEWEST && others * RARE <= all[set]
        };
        let ids = 1..=self.set_of.len();
        std::iter::once(false).chain(ids.map(is_odd)).collect()
    }
}

fn join(text: &[u8], keys: &[Range<usize>], out: &mut Vec<u8>) {
    out.clear();
    for key in keys {
        out.extend_from_slice(&text[key.clone()]);
        out.push(0);
    }
}

/// The keys of the outermost object, quotes and all, of a text that is known to be JSON.
fn find_keys(text: &[u8], keys: &mut Vec<Range<usize>>) {
    keys.clear();
    if text.first() != Some(&b'{') {
        return;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = at + super::spelling::string_len(&text[at..]);
                if depth == 1 && text.get(end) == Some(&b':') {
                    keys.push(at..end);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::Keys;
    use super::*;
    use crate::json::Reader;

    #[test]
    fn keys_are_those_of_the_outermost_object() {
        let keys = |text: &str| {
            let mut found = Vec::new();
            let (mut shorter, mut reader) = (Vec::new(), Reader::default());
            let keys = Keys::of(text.as_bytes(), &mut reader);
            find_keys(keys.as_bytes(), &mut shorter);
            let shorter = shorter.into_iter().map(|k| &keys.as_bytes()[k]);
            find_keys(text.as_bytes(), &mut found);
            assert!(shorter.eq(found.iter().map(|k| text[k.clone()].as_bytes())));
            let texts = found.into_iter().map(|k| text[k].to_owned());
            texts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            keys(r#"{"a": {"b": 1}, "\"c": ["x", {"d": ":"}], "e": "f"}"#),
            r#""a" "\"c" "e""#
        );
        assert_eq!(keys(r#"[{"a": 1}]"#), "");
        assert_eq!(keys("{}"), "");
    }

    #[test]
    fn an_order_is_odd_where_nearly_all_have_another() {
        let mut orders = Orders::default();
        let usual = orders.order(br#"{"b": 1, "a": 2}"#);
        let sorted = orders.order(br#"{"a": 2, "b": 1}"#);
        let other = orders.order(br#"{"a": 2, "c": 1}"#);
        assert_eq!((usual, sorted, other), (1, 2, 3));
        assert_eq!(orders.order(br#"{"b": [{"z": 0}], "a": 0}"#), usual);
        assert_eq!(orders.order(br#"{"a": 2}"#), 0);
        let used = |counts: [usize; 3]| {
            let each = counts.into_iter().zip(1..);
            let ids: Vec<OrderId> = each.flat_map(|(n, id)| vec![id; n]).collect();
            orders.odd_ones(ids.into_iter())
        };
        assert_eq!(used([100, 1, 1]), [false, false, true, false]);
        assert_eq!(used([19, 0, 1]), [false; 4]);
        assert_eq!(used([100, 10, 1]), [false; 4]);
    }
}
