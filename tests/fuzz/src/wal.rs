//! Write-ahead logs, simply: making them from a recipe of bytes, and laying one over its database page by page.

use std::collections::BTreeMap;

/// Bytes before the first frame, and before each page.
const HEADER: usize = 32;
const FRAME: usize = 24;

fn word(bytes: &[u8], at: usize, big: bool) -> u32 {
    let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    if big {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    }
}

/// The format's checksum over whole pairs of words, continued from `state`.
fn sum(state: (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    bytes.chunks_exact(8).fold(state, |(a, b), pair| {
        let a = a.wrapping_add(word(pair, 0, big)).wrapping_add(b);
        (a, b.wrapping_add(word(pair, 4, big)).wrapping_add(a))
    })
}

/// The database as it is after the last commit in the log, in one piece and no longer in log mode; `None` if the log
/// says nothing about it.
pub fn apply(database: &[u8], wal: &[u8]) -> Option<Vec<u8>> {
    if wal.len() < HEADER {
        return None;
    }
    let big = match word(wal, 0, true) {
        0x377F_0682 => false,
        0x377F_0683 => true,
        _ => return None,
    };
    let page_size = word(wal, 8, true) as usize;
    // A log of pages of another size belongs to another database.
    let of_database = usize::from(u16::from_be_bytes([database[16], database[17]]));
    if page_size != of_database
        || word(wal, 4, true) != 3_007_000
        || !page_size.is_power_of_two()
        || !(512..=65_536).contains(&page_size)
    {
        return None;
    }
    let mut state = sum((0, 0), &wal[..24], big);
    if state != (word(wal, 24, true), word(wal, 28, true)) {
        return None;
    }
    let mut pages: BTreeMap<u32, &[u8]> = BTreeMap::new();
    let mut committed = None;
    for frame in wal[HEADER..].chunks_exact(FRAME + page_size) {
        state = sum(sum(state, &frame[..8], big), &frame[FRAME..], big);
        let number = word(frame, 0, true);
        if frame[8..16] != wal[16..24]
            || state != (word(frame, 16, true), word(frame, 20, true))
            || number == 0
        {
            break;
        }
        pages.insert(number, &frame[FRAME..]);
        let size = word(frame, 4, true);
        if size != 0 {
            committed = Some((size, pages.clone()));
        }
    }
    let (size, pages) = committed?;
    let mut out = database.to_vec();
    out.resize(size as usize * page_size, 0);
    for (number, page) in pages.range(1..=size) {
        let at = (*number as usize - 1) * page_size;
        out[at..at + page_size].copy_from_slice(page);
    }
    out[18] = 1;
    out[19] = 1;
    Some(out)
}

/// A log in the making: every frame's checksum continues the one before.
struct Builder {
    big: bool,
    state: (u32, u32),
    wal: Vec<u8>,
}

impl Builder {
    fn new(page_size: usize, big: bool) -> Self {
        let mut wal = Vec::new();
        wal.extend((0x377F_0682_u32 | u32::from(big)).to_be_bytes());
        wal.extend(3_007_000_u32.to_be_bytes());
        wal.extend(u32::try_from(page_size).expect("a page").to_be_bytes());
        wal.extend(7_u32.to_be_bytes());
        wal.extend(*b"saltSALT");
        let state = sum((0, 0), &wal, big);
        wal.extend(state.0.to_be_bytes());
        wal.extend(state.1.to_be_bytes());
        Self { big, state, wal }
    }

    /// Appends a frame; `size` in pages if it commits, else 0.
    fn frame(&mut self, number: u32, size: u32, page: &[u8]) {
        let head = [number.to_be_bytes(), size.to_be_bytes()].concat();
        self.state = sum(sum(self.state, &head, self.big), page, self.big);
        self.wal.extend(head);
        self.wal.extend(*b"saltSALT");
        self.wal.extend(self.state.0.to_be_bytes());
        self.wal.extend(self.state.1.to_be_bytes());
        self.wal.extend(page);
    }
}

/// Makes a log for `database` from any bytes: frames with right checksums whose pages are the database's own, a little
/// changed, and at the end perhaps something that is wrong.
///
/// As in every log that SQLite writes, the page count in page 1 is the size that the commit tells.
pub fn build(database: &[u8], recipe: &[u8]) -> Vec<u8> {
    let page_size = usize::from(u16::from_be_bytes([database[16], database[17]]));
    let mut recipe = recipe.iter().copied();
    let mut next = || recipe.next();
    let options = next().unwrap_or(0);
    let mut log = Builder::new(page_size, options & 1 == 1);
    let count = u32::try_from(database.len() / page_size).expect("few pages");
    let mut pages: BTreeMap<u32, Vec<u8>> = (1..)
        .zip(database.chunks_exact(page_size))
        .map(|(number, page)| (number, page.to_vec()))
        .collect();
    while let (Some(kind), Some(which)) = (next(), next()) {
        let number = match kind & 7 {
            0 => u32::from(which).max(1),
            _ => u32::from(which) % count + 1,
        };
        let like = pages[&(number.min(count))].clone();
        let page = pages.entry(number).or_insert(like);
        for _ in 0..kind >> 6 {
            if let (Some(high), Some(low), Some(value)) = (next(), next(), next()) {
                let at = usize::from(u16::from_be_bytes([high, low])) % page_size;
                // The database's own header says what a page is: it stays.
                if number > 1 || at >= 100 {
                    page[at] = value;
                }
            }
        }
        let page = page.clone();
        let size = match kind >> 3 & 3 {
            0 => 0,
            1 => count,
            2 => u32::from(next().unwrap_or(0)) % 64 + 1,
            _ => number.max(count),
        };
        let first = pages.get_mut(&1).expect("page 1");
        if size != 0 && first[28..32] != size.to_be_bytes() {
            first[28..32].copy_from_slice(&size.to_be_bytes());
            if number > 1 {
                log.frame(1, 0, first);
            }
        }
        log.frame(number, size, if number == 1 { first } else { &page });
    }
    let mut wal = log.wal;
    let len = wal.len();
    match options >> 1 & 7 {
        1 => wal[usize::from(options) * 37 % len] ^= 1,
        2 => wal.truncate(len - usize::from(options) % len),
        3 => wal.extend(vec![options; page_size * 2]),
        4 => wal.extend(wal[HEADER..].to_vec()),
        _ => {}
    }
    wal
}
