//! Rollback journals, simply: making them from a recipe of bytes, and undoing with one what a transaction had written.

/// The first bytes of a header.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// The byte that is never written to; the page it lies on is in no record.
const PENDING_BYTE: usize = 0x4000_0000;

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The nonce and every 200th byte of a page, counted from its end.
fn sum(nonce: u32, page: &[u8]) -> u32 {
    let mut sum = nonce;
    let mut at = page.len() as isize - 200;
    while at > 0 {
        sum = sum.wrapping_add(u32::from(page[at as usize]));
        at -= 200;
    }
    sum
}

/// Whether a journal tells a database of more than 16 MB, which is too much to be made again and again.
pub fn is_large(journal: &[u8]) -> bool {
    journal.len() >= 28
        && u64::from(word(journal, 16)) * u64::from(word(journal, 24).max(4096)) > 1 << 24
}

/// The database as SQLite leaves it when it opens it beside this journal, as `pager_playback` does it; `None` if it
/// rolls nothing back.
pub fn apply(database: &[u8], journal: &[u8]) -> Option<Vec<u8>> {
    if journal.len() < 28 || journal[..8] != MAGIC || word(journal, 8) == 0 {
        return None;
    }
    let (pages, sector) = (word(journal, 16) as usize, word(journal, 20) as usize);
    let size = match word(journal, 24) as usize {
        0 => 4096,
        told => told,
    };
    let is_possible = (32..=65_536).contains(&sector)
        && sector.is_power_of_two()
        && (512..=65_536).contains(&size)
        && size.is_power_of_two();
    if !is_possible || sector > journal.len() {
        return None;
    }
    let mut out = database.to_vec();
    out.resize(pages * size, 0);
    let mut at = 0_usize;
    loop {
        at = at.next_multiple_of(sector);
        if at + sector > journal.len() || journal.get(at..at + 8) != Some(&MAGIC[..]) {
            return Some(out);
        }
        if at + 28 > journal.len() {
            return Some(out);
        }
        let nonce = word(journal, at + 12);
        let count = match word(journal, at + 8) {
            u32::MAX => (journal.len() - at - sector) / (size + 8),
            told => told as usize,
        };
        at += sector;
        for _ in 0..count {
            let Some(record) = journal.get(at..at + size + 8) else {
                return Some(out);
            };
            let number = word(record, 0) as usize;
            if number == 0 || number == PENDING_BYTE / size + 1 {
                return Some(out);
            }
            let page = &record[4..4 + size];
            if number <= pages {
                if sum(nonce, page) != word(record, 4 + size) {
                    return Some(out);
                }
                out[(number - 1) * size..number * size].copy_from_slice(page);
            }
            at += size + 8;
        }
    }
}

/// Makes a journal for `database` from any bytes: headers and records with the right checksums whose pages are the
/// database's own, a little changed, and at the end perhaps something that is wrong.
pub fn build(database: &[u8], page_size: usize, recipe: &[u8]) -> Vec<u8> {
    let mut recipe = recipe.iter().copied();
    let mut next = || recipe.next();
    let options = next().unwrap_or(0);
    let sector = [512, 32, 1024, 4096][usize::from(options & 3)];
    let pages = database.len() / page_size;
    let told = match options >> 2 & 3 {
        0 => pages - usize::from(next().unwrap_or(0)) % pages,
        1 => pages + usize::from(next().unwrap_or(0)) % 8,
        _ => pages,
    };
    let mut out: Vec<u8> = Vec::new();
    let mut first = 0;
    let mut count = 0_u32;
    let nonce = 0x0102_0304_u32;
    let finish = |out: &mut Vec<u8>, header: usize, count: u32| {
        out[header + 8..header + 12].copy_from_slice(&count.to_be_bytes());
    };
    let begin = |out: &mut Vec<u8>| {
        out.resize(out.len().next_multiple_of(sector), 0);
        let header = out.len();
        out.extend(MAGIC);
        let words = [0, nonce, told as u32, sector as u32, page_size as u32];
        out.extend(words.map(u32::to_be_bytes).concat());
        out.resize(header + sector, 0);
        header
    };
    begin(&mut out);
    while let (Some(kind), Some(which)) = (next(), next()) {
        if kind & 15 == 15 {
            finish(&mut out, first, count);
            first = begin(&mut out);
            count = 0;
            continue;
        }
        let number = usize::from(which) % (pages + 2);
        let like = number.clamp(1, pages) - 1;
        let mut page = database[like * page_size..][..page_size].to_vec();
        for _ in 0..kind >> 6 {
            if let (Some(high), Some(low), Some(value)) = (next(), next(), next()) {
                let at = usize::from(u16::from_be_bytes([high, low])) % page_size;
                // The database's own header says what a page is: it stays.
                if number > 1 || at >= 100 {
                    page[at] = value;
                }
            }
        }
        if number == 1 {
            page[28..32].copy_from_slice(&(told as u32).to_be_bytes());
        }
        out.extend((number as u32).to_be_bytes());
        out.extend(&page);
        out.extend(sum(nonce, &page).to_be_bytes());
        count += 1;
    }
    let count = if options & 64 == 64 { u32::MAX } else { count };
    finish(&mut out, first, count);
    let len = out.len();
    match options >> 4 & 3 {
        1 => out[usize::from(options) * 37 % len] ^= 1,
        2 => out.truncate(len - usize::from(next().unwrap_or(options)) * 5 % len),
        _ => {}
    }
    out
}
