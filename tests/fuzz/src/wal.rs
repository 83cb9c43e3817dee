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

/// Makes a log for `database` from any bytes: frames with right checksums whose pages are the database's own, a little
/// changed, and now and then something that is wrong.
pub fn build(database: &[u8], recipe: &[u8]) -> Vec<u8> {
    let page_size = usize::from(u16::from_be_bytes([database[16], database[17]]));
    let mut recipe = recipe.iter().copied();
    let mut next = || recipe.next();
    let options = next().unwrap_or(0);
    let big = options & 1 == 1;
    let mut wal = Vec::new();
    wal.extend((0x377F_0682_u32 | u32::from(big)).to_be_bytes());
    wal.extend(3_007_000_u32.to_be_bytes());
    wal.extend(u32::try_from(page_size).expect("a page").to_be_bytes());
    wal.extend(7_u32.to_be_bytes());
    wal.extend(*b"saltSALT");
    let mut state = sum((0, 0), &wal, big);
    wal.extend(state.0.to_be_bytes());
    wal.extend(state.1.to_be_bytes());
    let pages = database.len() / page_size;
    while let (Some(kind), Some(which)) = (next(), next()) {
        let number = match kind & 7 {
            0 => u32::from(which),
            _ => u32::from(which) % u32::try_from(pages).expect("few pages") + 1,
        };
        let source = (number as usize).clamp(1, pages) - 1;
        let mut page = database[source * page_size..(source + 1) * page_size].to_vec();
        for _ in 0..kind >> 6 {
            if let (Some(high), Some(low), Some(value)) = (next(), next(), next()) {
                let at = usize::from(u16::from_be_bytes([high, low])) % page_size;
                page[at] = value;
            }
        }
        let commit = match kind >> 3 & 3 {
            0 => 0,
            1 => u32::try_from(pages).expect("few pages"),
            2 => u32::from(next().unwrap_or(0)) % 64,
            _ => number.max(u32::try_from(pages).expect("few pages")),
        };
        let mut frame = Vec::new();
        frame.extend(number.to_be_bytes());
        frame.extend(commit.to_be_bytes());
        state = sum(sum(state, &frame, big), &page, big);
        frame.extend(*b"saltSALT");
        frame.extend(state.0.to_be_bytes());
        frame.extend(state.1.to_be_bytes());
        frame.extend(page);
        wal.extend(frame);
    }
    // Something wrong at the end of the recipe: a byte, the length, or the salts of what follows.
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
