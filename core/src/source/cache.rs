//! A block cache with read-ahead: a few large reads of the host in place of many small ones.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

use super::ByteSource;

/// The least that is asked of the host at once.
const BLOCK: u64 = 256 * 1024;
/// The most blocks that one host read brings in.
const MAX_RUN: u64 = 4;
/// Bytes kept in all.
///
/// Enough for the pages that a table's scan comes back to; fresh memory costs a page fault each 4 KB, so more would make a
/// scan slower.
const CAPACITY: usize = 4 * 1024 * 1024;
/// Bytes that are fetched ahead by themselves at a time, and the most of one place.
const MOST_ALONE: usize = 4 * 1024 * 1024;
const LONGEST_ALONE: usize = 64 * 1024;

/// A [`ByteSource`] with its recently used parts in memory.
///
/// Reads that follow one another are recognised and read ahead, up to 1 MB for each read of the host. Single threaded;
/// shared by `Rc` where several readers look at one file.
pub(crate) struct Cached {
    source: Box<dyn ByteSource>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    runs: Vec<Run>,
    /// The run that served the last read: most reads find theirs there.
    recent: usize,
    bytes: usize,
    clock: u64,
    /// The sequential reader that was served last, and what may become another: any number of lone reads in between leave
    /// the first one alone.
    readers: [Reader; 2],
    /// Places that the host fetches by themselves: to be read as they are, without what lies around them.
    alone: BTreeMap<u64, usize>,
}

/// A sequential reader.
#[derive(Clone, Copy, Default)]
struct Reader {
    /// The block that it would miss next.
    expected: u64,
    /// How many blocks were fetched last.
    ahead: u64,
}

impl Reader {
    /// Whether a miss at `block` is one of its own: the next one, or for one that has been reading for a while also one
    /// of the next few, since who follows a tree through a file looks a little ahead and comes back.
    fn owns(&self, block: u64) -> bool {
        let reach = if self.ahead == MAX_RUN { 2 } else { 0 };
        self.expected > 0 && (self.expected..=self.expected + reach).contains(&block)
    }
}

/// Blocks that follow one another and came in with one host read.
struct Run {
    start: u64,
    data: Vec<u8>,
    used: u64,
}

impl Run {
    fn end(&self) -> u64 {
        self.start + self.data.len() as u64
    }

    fn contains(&self, offset: u64) -> bool {
        self.start <= offset && offset < self.end()
    }
}

impl Cached {
    /// Puts a cache over `source`. Nothing is read yet.
    pub(crate) fn new(source: Box<dyn ByteSource>) -> Self {
        Self {
            source,
            state: RefCell::default(),
        }
    }

    /// The length, unless it is unpacked as it is read and its end was not met yet.
    pub(crate) fn known_len(&self) -> Option<u64> {
        Some(self.len()).filter(|len| *len < u64::MAX)
    }

    /// Gives back the memory.
    pub(crate) fn clear(&self) {
        *self.state.borrow_mut() = State::default();
    }
}

impl State {
    /// The index of the run that holds `offset`.
    fn find(&mut self, offset: u64) -> Option<usize> {
        let index = match self.runs.get(self.recent) {
            Some(run) if run.contains(offset) => self.recent,
            _ => self.runs.iter().position(|run| run.contains(offset))?,
        };
        self.clock += 1;
        self.recent = index;
        self.runs[index].used = self.clock;
        Some(index)
    }

    /// Fetches the blocks from the one that holds `offset` on, and returns the index of the new run; `None` if the source
    /// turns out to end before `offset`.
    fn fetch(&mut self, source: &dyn ByteSource, offset: u64) -> io::Result<Option<usize>> {
        let len = source.len();
        let block = offset / BLOCK;
        let owner = self.readers.iter().position(|r| r.owns(block));
        let (first, ahead) = match owner {
            Some(i) => (self.readers[i].expected, self.readers[i].ahead * 2),
            None => (block, 1),
        };
        let ahead = ahead.clamp(1, MAX_RUN);
        let start = first * BLOCK;
        let mut end = start.saturating_add(ahead * BLOCK).min(len);
        // What is there already is not fetched again.
        for run in &self.runs {
            if run.start > offset && run.start < end {
                end = run.start;
            }
        }
        let wanted = usize::try_from(end - start).map_err(io::Error::other)?;
        let mut data = self.make_room(wanted);
        if data.capacity() == 0 {
            // Fresh memory comes cleared from the system.
            data = vec![0; wanted];
        }
        // A recycled buffer keeps its old bytes until they are read over, and need not be cleared first.
        data.resize(wanted, 0);
        let n = source.read_at(start, &mut data)?;
        if n < wanted && source.len() == start + n as u64 {
            // A stream met its end.
            data.truncate(n);
            end = start + n as u64;
            if n == 0 {
                return Ok(None);
            }
        } else if n < wanted {
            return Err(became_shorter());
        }
        self.readers[owner.unwrap_or(1)] = Reader {
            expected: end.div_ceil(BLOCK),
            ahead,
        };
        if owner == Some(1) {
            self.readers.swap(0, 1);
        }
        self.bytes += data.len();
        self.clock += 1;
        self.runs.push(Run {
            start,
            data,
            used: self.clock,
        });
        self.recent = self.runs.len() - 1;
        Ok(Some(self.recent).filter(|_| offset < end))
    }

    /// Drops the runs used least recently until `wanted` more bytes fit; hands out a buffer to fill.
    fn make_room(&mut self, wanted: usize) -> Vec<u8> {
        let mut buffer = Vec::new();
        while self.bytes + wanted > CAPACITY {
            let oldest = (0..self.runs.len()).min_by_key(|&i| self.runs[i].used);
            let Some(oldest) = oldest else { break };
            let run = self.runs.swap_remove(oldest);
            self.bytes -= run.data.len();
            if run.data.capacity() > buffer.capacity() {
                buffer = run.data;
            }
        }
        // A recycled buffer is kept only where it is about the size needed, so that `bytes` stays honest.
        if buffer.capacity() > wanted * 2 {
            buffer = Vec::new();
        }
        buffer
    }
}

impl ByteSource for Cached {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        if !state.alone.is_empty() && state.alone.get(&offset) == Some(&buf.len()) {
            state.alone.remove(&offset);
            let n = self.source.read_at(offset, buf)?;
            return match n == buf.len() {
                true => Ok(n),
                false => Err(became_shorter()),
            };
        }
        let mut done = 0;
        while done < buf.len() {
            let at = offset.saturating_add(done as u64);
            if at >= self.len() {
                break;
            }
            let found = match state.find(at) {
                Some(index) => Some(index),
                None => state.fetch(&*self.source, at)?,
            };
            let Some(index) = found else { break };
            let run = &state.runs[index];
            // Within the run, so within memory.
            #[expect(clippy::cast_possible_truncation)]
            let from = &run.data[(at - run.start) as usize..];
            let n = from.len().min(buf.len() - done);
            buf[done..done + n].copy_from_slice(&from[..n]);
            done += n;
        }
        Ok(done)
    }

    fn has_changed(&self) -> bool {
        self.source.has_changed()
    }

    fn fetch_ahead(&self, places: &[(u64, usize)]) -> bool {
        let state = &mut *self.state.borrow_mut();
        let mut room = MOST_ALONE.saturating_sub(state.alone.values().sum());
        let is_wanted = |&&(offset, len): &&(u64, usize)| {
            let is_here = state.runs.iter().any(|run| run.contains(offset));
            let end = offset.checked_add(len as u64);
            len <= LONGEST_ALONE && !is_here && end.is_some_and(|end| end <= self.source.len())
        };
        let mut fits = |&&(_, len): &&(u64, usize)| {
            let rest = room.checked_sub(len);
            room = rest.unwrap_or(room);
            rest.is_some()
        };
        let wanted = places.iter().filter(is_wanted);
        let places: Vec<_> = wanted.take_while(&mut fits).copied().collect();
        let is_fetched = !places.is_empty() && self.source.fetch_ahead(&places);
        if is_fetched {
            state.alone.extend(places);
        }
        is_fetched
    }

    fn is_fetching(&self) -> bool {
        self.source.is_fetching()
    }
}

fn became_shorter() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "it became shorter while it was read",
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::source::Memory;

    struct Counting {
        inner: Memory,
        reads: Rc<Cell<u32>>,
        largest: Rc<Cell<usize>>,
    }

    impl ByteSource for Counting {
        fn len(&self) -> u64 {
            self.inner.len()
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            self.reads.set(self.reads.get() + 1);
            self.largest.set(self.largest.get().max(buf.len()));
            self.inner.read_at(offset, buf)
        }
    }

    /// A small generator, so that the test is the same everywhere.
    struct Xorshift(u64);

    impl Xorshift {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }
    }

    fn noise(len: usize) -> Vec<u8> {
        let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
        (0..len).map(|_| random.next().to_le_bytes()[0]).collect()
    }

    fn counted(bytes: Vec<u8>) -> (Cached, Rc<Cell<u32>>, Rc<Cell<usize>>) {
        let reads = Rc::new(Cell::new(0));
        let largest = Rc::new(Cell::new(0));
        let source = Counting {
            inner: Memory::new(bytes),
            reads: reads.clone(),
            largest: largest.clone(),
        };
        (Cached::new(Box::new(source)), reads, largest)
    }

    #[test]
    fn random_reads_equal_the_source() {
        let bytes = noise(20 * 1024 * 1024 + 12_345);
        let plain = Memory::new(bytes.clone());
        let (cached, _, _) = counted(bytes);
        let mut random = Xorshift(7);
        for _ in 0..3_000 {
            let offset = random.next() % (plain.len() + 1000);
            let len = usize::try_from(random.next() % 700_000).unwrap() >> (random.next() % 16);
            let (mut a, mut b) = (vec![0; len], vec![0; len]);
            let n = plain.read_at(offset, &mut a).unwrap();
            assert_eq!(
                cached.read_at(offset, &mut b).unwrap(),
                n,
                "at {offset}, {len} bytes"
            );
            assert!(a == b, "at {offset}, {len} bytes");
        }
        assert!(cached.state.borrow().bytes <= CAPACITY);
        let kept: usize = cached
            .state
            .borrow()
            .runs
            .iter()
            .map(|r| r.data.len())
            .sum();
        assert_eq!(kept, cached.state.borrow().bytes);
    }

    #[test]
    fn a_sequential_scan_reads_ahead() {
        let len = 20 * 1024 * 1024;
        let (cached, reads, largest) = counted(vec![7; len]);
        let mut page = [0; 4096];
        for offset in (0..len as u64).step_by(page.len()) {
            assert_eq!(cached.read_at(offset, &mut page).unwrap(), page.len());
        }
        // 256 KB, 512 KB, then 1 MB each.
        assert_eq!(reads.get(), 22);
        assert_eq!(largest.get(), 1024 * 1024);
    }

    #[test]
    fn a_lone_read_costs_one_block() {
        let (cached, reads, largest) = counted(vec![7; 20 * 1024 * 1024]);
        let mut page = [0; 4096];
        for offset in [9_000_000, 3_000_000, 15_000_000, 9_000_100, 3_000_100] {
            cached.read_at(offset, &mut page).unwrap();
        }
        assert_eq!(reads.get(), 3);
        assert_eq!(largest.get(), 256 * 1024);
    }

    #[test]
    fn places_that_are_fetched_ahead_are_read_by_themselves() {
        struct Fetching(Counting, Rc<Cell<usize>>);
        impl ByteSource for Fetching {
            fn len(&self) -> u64 {
                self.0.len()
            }
            fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
                self.0.read_at(offset, buf)
            }
            fn fetch_ahead(&self, places: &[(u64, usize)]) -> bool {
                self.1.set(self.1.get() + places.len());
                true
            }
        }
        let bytes = noise(5 * 1024 * 1024);
        let (reads, largest) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let fetched = Rc::new(Cell::new(0));
        let counting = Counting {
            inner: Memory::new(bytes.clone()),
            reads: Rc::clone(&reads),
            largest: Rc::clone(&largest),
        };
        let cached = Cached::new(Box::new(Fetching(counting, Rc::clone(&fetched))));
        let places: Vec<(u64, usize)> = (1..40).map(|i| (i * 100_000, 4096)).collect();
        assert!(cached.fetch_ahead(&places));
        assert!(!cached.fetch_ahead(&[(5 * 1024 * 1024 - 4095, 4096), (0, 1 << 20)]));
        let mut buf = vec![0; 4096];
        for &(offset, len) in &places {
            assert_eq!(cached.read_at(offset, &mut buf).unwrap(), len);
            let from = usize::try_from(offset).unwrap();
            assert_eq!(buf, bytes[from..from + len]);
        }
        assert_eq!((fetched.get(), reads.get(), largest.get()), (39, 39, 4096));
        // No more than so many bytes, of which these are the first.
        let all: Vec<(u64, usize)> = (0..79).map(|i| (i * 64 * 1024, 64 * 1024)).collect();
        assert!(cached.fetch_ahead(&all));
        assert_eq!(fetched.get(), 39 + 64);
        assert!(!cached.fetch_ahead(&[(4_200_000, 1)]));
        cached.clear();
        // Once only; and what is there already is not fetched.
        cached.read_at(100_000, &mut buf).unwrap();
        assert_eq!(largest.get(), 256 * 1024);
        assert!(!cached.fetch_ahead(&[(101_000, 4096)]));
    }

    #[test]
    fn a_source_that_shrank_is_an_error() {
        struct Shrunk;
        impl ByteSource for Shrunk {
            fn len(&self) -> u64 {
                1000
            }
            fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
                Ok(10)
            }
        }
        let cached = Cached::new(Box::new(Shrunk));
        assert!(cached.read_at(0, &mut [0; 100]).is_err());
        assert_eq!(cached.read_at(1000, &mut [0; 100]).unwrap(), 0);
    }
}
