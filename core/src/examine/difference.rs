//! Two exports of one log against each other: which entries are gone, new, or not what they were.
//!
//! An entry is known by its id; several of one id by what they say. The order of either export does not matter. Each side
//! is sorted, and then both are gone through once, so that no id, however often it occurs, costs more than its share.

/// What an entry is compared by: 64 bytes, whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Print {
    /// Of its id; `None` where it has none, and then only the same content matches.
    pub(crate) id: Option<u128>,
    /// Of what its checksum covers, and of the claimed checksum.
    pub(crate) covered: u128,
    /// Of the fields that no checksum covers and both exports have.
    pub(crate) uncovered: u128,
    pub(crate) row: u32,
}

/// What became of entries. Pairs are the row before and the row now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    pub(crate) unchanged: u64,
    pub(crate) removed: Vec<u32>,
    pub(crate) added: Vec<u32>,
    pub(crate) changed: Vec<(u32, u32)>,
    /// Only fields that no checksum covers differ.
    pub(crate) uncovered: Vec<(u32, u32)>,
}

/// Compares two exports, each as the prints of its entries in any order.
pub(crate) fn differences(mut old: Vec<Print>, mut new: Vec<Print>) -> Differences {
    old.sort_unstable();
    new.sort_unstable();
    let mut out = Differences::default();
    let by_id = |list: &[Print]| {
        list.chunk_by(|a, b| a.id == b.id)
            .map(<[_]>::to_vec)
            .collect()
    };
    let (olds, news): (Vec<Vec<Print>>, Vec<Vec<Print>>) = (by_id(&old), by_id(&new));
    let id = |group: &[Print]| group.first().and_then(|p| p.id);
    merge(
        olds,
        news,
        |group| id(group),
        |old, new| match (old, new) {
            (Some(old), None) => out.removed.extend(old.iter().map(|p| p.row)),
            (None, Some(new)) => out.added.extend(new.iter().map(|p| p.row)),
            (Some(old), Some(new)) => of_one_id(old, new, &mut out),
            (None, None) => {}
        },
    );
    out.removed.sort_unstable();
    out.added.sort_unstable();
    out.changed.sort_unstable();
    out.uncovered.sort_unstable();
    out
}

/// The entries of one id: those that are the same in both first, then those that the same checksum covers, then the rest.
fn of_one_id(old: Vec<Print>, new: Vec<Print>, out: &mut Differences) {
    let has_id = old.first().is_some_and(|p| p.id.is_some());
    let (old, new, same) = paired(old, new, |p| (p.covered, p.uncovered));
    out.unchanged += same.len() as u64;
    let (old, new, uncovered) = paired(old, new, |p| (p.covered, 0));
    out.uncovered.extend(uncovered);
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    if has_id {
        let pairs = old.len().min(new.len());
        let both = old.by_ref().take(pairs).zip(new.by_ref().take(pairs));
        out.changed.extend(both.map(|(a, b)| (a.row, b.row)));
    }
    out.removed.extend(old.map(|p| p.row));
    out.added.extend(new.map(|p| p.row));
}

/// What is left of either side, and the rows of those that have an equal one on the other.
type Paired = (Vec<Print>, Vec<Print>, Vec<(u32, u32)>);

/// Pairs off entries of equal key; both sides are in the order of their keys.
fn paired(old: Vec<Print>, new: Vec<Print>, key: impl Fn(&Print) -> (u128, u128)) -> Paired {
    let (mut only_old, mut only_new, mut both) = (Vec::new(), Vec::new(), Vec::new());
    merge(
        old,
        new,
        |p| key(p),
        |old, new| match (old, new) {
            (Some(old), Some(new)) => both.push((old.row, new.row)),
            (old, new) => {
                only_old.extend(old);
                only_new.extend(new);
            }
        },
    );
    (only_old, only_new, both)
}

/// Goes through two sorted lists together; what has an equal key is handed on as a pair, one to one.
fn merge<T, K: Ord>(
    old: Vec<T>,
    new: Vec<T>,
    key: impl Fn(&T) -> K,
    mut then: impl FnMut(Option<T>, Option<T>),
) {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => key(a).cmp(&key(b)),
        };
        let a = if order.is_le() { old.next() } else { None };
        let b = if order.is_ge() { new.next() } else { None };
        then(a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(id: u128, covered: u128, uncovered: u128, row: u32) -> Print {
        Print {
            id: (id > 0).then_some(id),
            covered,
            uncovered,
            row,
        }
    }

    #[test]
    fn entries_are_known_by_their_id_and_then_by_what_they_say() {
        let old = vec![
            print(1, 10, 0, 0),
            print(2, 20, 0, 1),
            print(3, 30, 0, 2),
            print(4, 40, 1, 3),
            print(5, 50, 0, 4),
            print(5, 51, 0, 5),
            print(0, 60, 0, 6),
            print(0, 61, 0, 7),
        ];
        let new = vec![
            print(0, 60, 0, 0),
            print(5, 51, 0, 1),
            print(5, 52, 0, 2),
            print(4, 40, 2, 3),
            print(3, 31, 0, 4),
            print(1, 10, 0, 5),
            print(6, 70, 0, 6),
        ];
        let found = differences(old, new);
        assert_eq!(
            found,
            Differences {
                unchanged: 3,
                removed: vec![1, 7],
                added: vec![6],
                changed: vec![(2, 4), (4, 2)],
                uncovered: vec![(3, 3)],
            }
        );
    }

    /// A small generator of random numbers, the same at every run.
    fn next(state: &mut u64) -> u64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *state >> 33
    }

    #[test]
    fn random_pairs_compare_as_a_naive_count_does() {
        let mut state = 7;
        for _ in 0..500 {
            let side = |state: &mut u64| {
                let len = next(state) % 20;
                let one = |row: u64| {
                    let (id, covered) = (next(state) % 6, next(state) % 3);
                    print(
                        u128::from(id),
                        u128::from(covered),
                        u128::from(next(state) % 2),
                        u32::try_from(row).unwrap(),
                    )
                };
                (0..len).map(one).collect::<Vec<_>>()
            };
            let (old, new) = (side(&mut state), side(&mut state));
            let mut rest = new.clone();
            let unchanged = old.iter().filter(|o| {
                let same =
                    |n: &Print| (n.id, n.covered, n.uncovered) == (o.id, o.covered, o.uncovered);
                rest.iter()
                    .position(same)
                    .map(|at| rest.remove(at))
                    .is_some()
            });
            let unchanged = unchanged.count() as u64;
            let found = differences(old.clone(), new.clone());
            assert_eq!(found.unchanged, unchanged);
            let pairs = unchanged + (found.changed.len() + found.uncovered.len()) as u64;
            assert_eq!(pairs + found.removed.len() as u64, old.len() as u64);
            assert_eq!(pairs + found.added.len() as u64, new.len() as u64);
            // Of an id that both have no entry is both gone and new.
            for gone in &found.removed {
                let id = old[*gone as usize].id;
                assert!(id.is_none() || found.added.iter().all(|n| new[*n as usize].id != id));
            }
        }
    }
}
