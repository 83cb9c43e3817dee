//! The rollback journal of a SQLite database, read as SQLite's own recovery reads it (*Database File Format*, section 3).
//!
//! Before a transaction changes a page, the page as it was goes into the journal; when the transaction ends, the journal is
//! deleted, cut off, or its header cleared. A journal that is still there when the database is opened (a *hot* one) undoes
//! what the transaction had written. It is headers, each at the beginning of a sector, with page records behind each;
//! a record that fails its checksum ends it. Nothing here needs SQLite, and memory is bounded by the pages in it.

use std::collections::BTreeMap;
use std::io;

use super::btree::word;
use crate::source::ByteSource;

/// The first bytes of a header.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// Bytes of a header that mean something; the sector is padded.
const HEADER: usize = 28;
/// The byte of a database that is only ever locked, never written to; the page it lies on is in no record.
const PENDING_BYTE: u32 = 0x4000_0000;
/// The longest name of a super-journal that is shown.
const NAME_LIMIT: u32 = 4096;

/// What a hot journal undoes: for each page where its former content begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JournalIndex {
    /// Bytes of a page.
    pub(crate) page_size: u32,
    /// Pages of the database before the transaction began.
    pub(crate) database_pages: u32,
    /// The record, from 1, at which the journal ends before its time, and why SQLite would stop there.
    pub(crate) broken: Option<u64>,
    /// The journal of the transaction as a whole, where it went over several databases. SQLite rolls back only while that
    /// file exists.
    pub(crate) super_journal: Option<String>,
    /// Page and offset in the journal, sorted by page.
    pages: Vec<(u32, u64)>,
}

impl JournalIndex {
    /// Pages that it brings back.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// Where in the journal the former content of `page` begins.
    pub(crate) fn page_offset(&self, page: u32) -> Option<u64> {
        let at = self
            .pages
            .binary_search_by_key(&page, |&(page, _)| page)
            .ok()?;
        Some(self.pages[at].1)
    }
}

/// What a file beside a database is, by the name of its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    /// It holds nothing to roll back: it is empty, its header was cleared, or it has no records.
    Spent,
    /// It holds a transaction that did not end.
    Hot(JournalIndex),
    /// It is no journal.
    Other,
}

/// Reads the journal of a database with pages of `page_size` bytes, for a header that does not tell.
///
/// # Errors
///
/// Only where the host's bytes fail; whatever the bytes are is told.
pub(crate) fn parse_journal(journal: &dyn ByteSource, page_size: u32) -> io::Result<Journal> {
    let len = journal.len();
    let mut header = [0; HEADER];
    let n = journal.read_at(0, &mut header)?;
    if header[..n.min(8)].iter().all(|b| *b == 0) {
        return Ok(Journal::Spent);
    }
    if header[..8] != MAGIC {
        return Ok(Journal::Other);
    }
    let sector = u64::from(word(&header, 20));
    let page_size = match word(&header, 24) {
        0 => page_size,
        told => told,
    };
    let is_possible = (32..=65536).contains(&sector)
        && sector.is_power_of_two()
        && (512..=65536).contains(&page_size)
        && page_size.is_power_of_two();
    // SQLite rolls nothing back then.
    if n < HEADER || !is_possible || word(&header, 8) == 0 || sector > len {
        return Ok(Journal::Spent);
    }
    let mut index = JournalIndex {
        page_size,
        database_pages: word(&header, 16),
        super_journal: super_journal(journal)?,
        ..JournalIndex::default()
    };
    let record_len = u64::from(page_size) + 8;
    // At most 64 KB and 8 bytes, whatever the journal says.
    let mut record = vec![0; page_size as usize + 8];
    let mut pages = BTreeMap::new();
    let (mut at, mut number) = (0_u64, 0_u64);
    'headers: loop {
        at = at.next_multiple_of(sector);
        if at.saturating_add(sector) > len {
            break;
        }
        journal.read_at(at, &mut header)?;
        if header[..8] != MAGIC {
            break;
        }
        let nonce = word(&header, 12);
        at += sector;
        let fitting = (len - at) / record_len;
        let records = match word(&header, 8) {
            u32::MAX => fitting,
            told => u64::from(told),
        };
        for _ in 0..records {
            number += 1;
            if journal.read_at(at, &mut record)? < record.len() {
                index.broken = Some(number);
                break 'headers;
            }
            let page = word(&record, 0);
            let (content, sum) = record[4..].split_at(page_size as usize);
            if page == 0 || page == PENDING_BYTE / page_size + 1 {
                index.broken = Some(number);
                break 'headers;
            }
            // What lies behind the former end is cut off, whatever a record says.
            if page <= index.database_pages {
                if checksum(nonce, content) != word(sum, 0) {
                    index.broken = Some(number);
                    break 'headers;
                }
                pages.insert(page, at + 4);
            }
            at += record_len;
        }
    }
    index.pages = pages.into_iter().collect();
    Ok(Journal::Hot(index))
}

/// The nonce and every 200th byte from the page's end on, but for the first of the page.
fn checksum(nonce: u32, page: &[u8]) -> u32 {
    let bytes = page.iter().rev().skip(199).step_by(200);
    // The byte at offset 0 is left out.
    let counted = (page.len() - 1) / 200;
    bytes
        .take(counted)
        .fold(nonce, |sum, b| sum.wrapping_add(u32::from(*b)))
}

/// The name at the end of a journal that is one of several: name, its length, the sum of its bytes, and the magic again.
fn super_journal(journal: &dyn ByteSource) -> io::Result<Option<String>> {
    let mut tail = [0; 16];
    let Some(at) = journal.len().checked_sub(16) else {
        return Ok(None);
    };
    journal.read_at(at, &mut tail)?;
    let len = word(&tail, 0);
    if tail[8..] != MAGIC || len == 0 || len > NAME_LIMIT || u64::from(len) > at {
        return Ok(None);
    }
    let mut name = vec![0; len as usize];
    journal.read_at(at - u64::from(len), &mut name)?;
    let sum = name.iter().fold(0_u32, |sum, b| {
        sum.wrapping_add(i32::from(b.cast_signed()).cast_unsigned())
    });
    let is_whole = sum == word(&tail, 4);
    Ok(is_whole.then(|| String::from_utf8_lossy(&name).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn the_checksum_takes_every_200th_byte_from_the_end() {
        // As SQLite computes it: from the page's size less 200 down, while above 0.
        let plainly = |nonce: u32, page: &[u8]| {
            let (mut sum, mut i) = (nonce, page.len() - 200);
            while i > 0 {
                sum = sum.wrapping_add(u32::from(page[i]));
                i = i.saturating_sub(200);
            }
            sum
        };
        for size in [512_usize, 1000, 1024, 4096, 65536] {
            let page: Vec<u8> = (0..size).map(|i| (i * 31 % 251).to_le_bytes()[0]).collect();
            assert_eq!(checksum(7, &page), plainly(7, &page), "{size}");
        }
    }

    #[test]
    fn what_is_no_hot_journal() {
        let parse = |bytes: &[u8]| parse_journal(&Memory::new(bytes), 4096).unwrap();
        assert_eq!(parse(b""), Journal::Spent);
        assert_eq!(parse(&[0; 600]), Journal::Spent);
        assert_eq!(parse(&MAGIC), Journal::Spent);
        assert_eq!(parse(b"something else altogether"), Journal::Other);
        let header = |records: u32, sector: u32, page: u32| {
            let words = [records, 1, 5, sector, page].map(u32::to_be_bytes).concat();
            [&MAGIC[..], &words[..], &[0; 484]].concat()
        };
        assert_eq!(parse(&header(0, 512, 4096)), Journal::Spent);
        assert_eq!(parse(&header(3, 0, 4096)), Journal::Spent);
        assert_eq!(parse(&header(3, 512, 4095)), Journal::Spent);
        assert_eq!(parse(&header(3, 1024, 4096)), Journal::Spent);
        let Journal::Hot(index) = parse(&header(3, 512, 0)) else {
            panic!("it is hot");
        };
        assert_eq!((index.page_size, index.database_pages), (4096, 5));
        assert_eq!((index.broken, index.len()), (Some(1), 0));
    }
}
