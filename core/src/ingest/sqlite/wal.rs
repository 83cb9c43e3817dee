//! The write-ahead log of a SQLite database, read as SQLite's own recovery reads it.
//!
//! A log is a header and then frames, each the new content of one page. A running checksum goes through the header and
//! all frames, and each frame repeats the header's salts: where either fails, the log ends. Frames count once a frame
//! with a commit mark follows them. Nothing here needs SQLite, and memory is bounded by the number of distinct pages.

use std::collections::BTreeMap;
use std::io;

use crate::source::ByteSource;

/// Bytes of the log's header.
pub(super) const HEADER: u64 = 32;
/// Bytes of a frame's header; the page follows.
const FRAME_HEADER_LEN: usize = 24;
const FRAME_HEADER: u64 = FRAME_HEADER_LEN as u64;
/// The magic number but for its lowest bit, which tells the byte order of the checksums.
const MAGIC: u32 = 0x377f_0682;
/// The only version of the format there has been since it was released.
const VERSION: u32 = 3_007_000;

/// What a log holds: for each page its newest committed frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WalIndex {
    /// Why the log as a whole is not applied, if it is not.
    pub(crate) rejected: Option<Rejected>,
    /// Bytes of a page; 0 if the log is rejected or empty.
    pub(crate) page_size: u32,
    /// Frames up to and including the last commit.
    pub(crate) frames: u64,
    /// Commits among them.
    pub(crate) commits: u64,
    /// Pages of the database after the last commit.
    pub(crate) database_pages: u32,
    /// What lies after the last commit.
    pub(crate) rest: Rest,
    /// Page and frame (from 1), sorted by page.
    pages: Vec<(u32, u64)>,
}

/// Why a log is not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// The header is cut, has another magic number, an impossible page size, or fails its checksum.
    BadHeader,
    /// The header is whole but of another version of the format.
    Version(u32),
    /// The pages have another size than the database's.
    PageSize {
        /// In the log.
        wal: u32,
        /// In the database.
        database: u32,
    },
}

/// What lies after the last commit of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Whole frames after the last commit, whatever they are.
    pub(crate) frames: u64,
    /// Those of them that are in order but were never committed.
    pub(crate) uncommitted: u64,
    /// The first frame (from 1) that carries this log's salts and yet fails its checksum.
    pub(crate) damaged: Option<u64>,
    /// Whether that frame has a commit mark.
    pub(crate) damaged_is_commit: bool,
    /// Frames after that one with this log's salts and a commit mark: transactions that are lost.
    pub(crate) commits_lost: u64,
}

impl WalIndex {
    /// Whether there is anything to lay over the database.
    pub(crate) fn is_applied(&self) -> bool {
        self.frames > 0
    }

    /// Where in the log the newest committed content of `page` begins.
    pub(crate) fn page_offset(&self, page: u32) -> Option<u64> {
        let at = self
            .pages
            .binary_search_by_key(&page, |&(page, _)| page)
            .ok()?;
        Some(frame_offset(self.pages[at].1, self.page_size) + FRAME_HEADER)
    }

    /// Bytes from the log's beginning to the end of its last commit.
    pub(crate) fn applied_len(&self) -> u64 {
        match self.frames {
            0 => 0,
            n => frame_offset(n + 1, self.page_size),
        }
    }

    /// The greatest page in the log; 0 if there is none.
    pub(crate) fn last_page(&self) -> u32 {
        self.pages.last().map_or(0, |&(page, _)| page)
    }

    /// How many pages with numbers beyond `page`, up to the end of the database, are in the log.
    pub(crate) fn pages_beyond(&self, page: u32) -> u64 {
        let from = self.pages.partition_point(|&(p, _)| p <= page);
        let to = self
            .pages
            .partition_point(|&(p, _)| p <= self.database_pages);
        to.saturating_sub(from) as u64
    }

    /// The first page beyond `page` that is not in the log.
    pub(crate) fn first_gap_beyond(&self, page: u32) -> u32 {
        let mut next = page.saturating_add(1);
        for &(p, _) in &self.pages[self.pages.partition_point(|&(p, _)| p <= page)..] {
            if p != next {
                break;
            }
            next = next.saturating_add(1);
        }
        next
    }

    fn rejected(why: Rejected) -> Self {
        Self {
            rejected: Some(why),
            ..Self::default()
        }
    }
}

fn frame_offset(frame: u64, page_size: u32) -> u64 {
    HEADER + (frame - 1) * (FRAME_HEADER + u64::from(page_size))
}

/// The running checksum: two sums that feed each other, over pairs of 32-bit words.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Checksum {
    big_endian: bool,
    a: u32,
    b: u32,
}

impl Checksum {
    /// Takes in `bytes`, whose length is a multiple of 8.
    fn update(&mut self, bytes: &[u8]) {
        let (mut a, mut b) = (self.a, self.b);
        let (pairs, _) = bytes.as_chunks::<8>();
        if self.big_endian {
            for p in pairs {
                a = a
                    .wrapping_add(u32::from_be_bytes([p[0], p[1], p[2], p[3]]))
                    .wrapping_add(b);
                b = b
                    .wrapping_add(u32::from_be_bytes([p[4], p[5], p[6], p[7]]))
                    .wrapping_add(a);
            }
        } else {
            for p in pairs {
                a = a
                    .wrapping_add(u32::from_le_bytes([p[0], p[1], p[2], p[3]]))
                    .wrapping_add(b);
                b = b
                    .wrapping_add(u32::from_le_bytes([p[4], p[5], p[6], p[7]]))
                    .wrapping_add(a);
            }
        }
        (self.a, self.b) = (a, b);
    }

    /// Whether it stands as written at `at` in `bytes`.
    fn matches(self, bytes: &[u8], at: usize) -> bool {
        self.a == word(bytes, at) && self.b == word(bytes, at + 4)
    }
}

/// The big-endian word at `at`; 0 where there is none.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

/// Reads the log `wal` of a database with pages of `page_size` bytes (`None` if that is not known).
///
/// An empty log, or one with a header and no frame, is in order and holds nothing.
///
/// # Errors
///
/// Only where the host's bytes fail; whatever the bytes are is told in the index.
pub(crate) fn parse_wal(wal: &dyn ByteSource, page_size: Option<u32>) -> io::Result<WalIndex> {
    let len = wal.len();
    // So a log is left that was emptied; one that holds anything begins with a whole header.
    if len == 0 {
        return Ok(WalIndex::default());
    }
    let mut header = [0; 32];
    let n = wal.read_at(0, &mut header)?;
    let magic = word(&header, 0);
    let wal_page_size = word(&header, 8);
    let mut sum = Checksum {
        big_endian: magic & 1 == 1,
        a: 0,
        b: 0,
    };
    sum.update(&header[..24]);
    if n < header.len()
        || magic & !1 != MAGIC
        || !wal_page_size.is_power_of_two()
        || !(512..=65536).contains(&wal_page_size)
        || !sum.matches(&header, 24)
    {
        return Ok(WalIndex::rejected(Rejected::BadHeader));
    }
    if word(&header, 4) != VERSION {
        return Ok(WalIndex::rejected(Rejected::Version(word(&header, 4))));
    }
    if let Some(database) = page_size
        && database != wal_page_size
    {
        return Ok(WalIndex::rejected(Rejected::PageSize {
            wal: wal_page_size,
            database,
        }));
    }
    let salts = [word(&header, 16), word(&header, 20)];
    let frame_len = FRAME_HEADER + u64::from(wal_page_size);
    let total = len.saturating_sub(HEADER) / frame_len;

    let mut index = WalIndex {
        page_size: wal_page_size,
        ..WalIndex::default()
    };
    let mut pages = BTreeMap::new();
    let mut pending = BTreeMap::new();
    // At most 64 KB and a frame header, whatever the log says.
    let mut frame = vec![0; FRAME_HEADER_LEN + wal_page_size as usize];
    let mut good = 0;
    for number in 1..=total {
        wal.read_at(frame_offset(number, wal_page_size), &mut frame)?;
        let page = word(&frame, 0);
        let commit = word(&frame, 4);
        if [word(&frame, 8), word(&frame, 12)] != salts {
            break;
        }
        sum.update(&frame[..8]);
        sum.update(&frame[FRAME_HEADER_LEN..]);
        if page == 0 || !sum.matches(&frame, 16) {
            index.rest.damaged = Some(number);
            index.rest.damaged_is_commit = commit != 0;
            break;
        }
        good = number;
        pending.insert(page, number);
        if commit != 0 {
            pages.append(&mut pending);
            index.frames = number;
            index.commits += 1;
            index.database_pages = commit;
        }
    }
    index.rest.frames = total - index.frames;
    index.rest.uncommitted = good - index.frames;
    if let Some(damaged) = index.rest.damaged {
        index.rest.commits_lost = commits_after(wal, damaged, total, wal_page_size, salts)?;
    }
    index.pages = pages.into_iter().collect();
    Ok(index)
}

/// Counts the frames after `damaged` that carry `salts` and a commit mark.
fn commits_after(
    wal: &dyn ByteSource,
    damaged: u64,
    total: u64,
    page_size: u32,
    salts: [u32; 2],
) -> io::Result<u64> {
    let mut commits = 0;
    let mut header = [0; 24];
    for number in damaged + 1..=total {
        wal.read_at(frame_offset(number, page_size), &mut header)?;
        if [word(&header, 8), word(&header, 12)] != salts {
            break;
        }
        commits += u64::from(word(&header, 4) != 0);
    }
    Ok(commits)
}
